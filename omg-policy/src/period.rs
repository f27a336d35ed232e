//! Lengths of time and moments, as policies write them.

use chrono::{DateTime, Duration, NaiveDate, NaiveTime, Utc};

/// Reads `30d`; units are `m`inutes, `h`ours, `d`ays and `w`eeks. At most a hundred years.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let fail = || format!("{text:?} is no length of time, write for example \"7d\" or \"12h\"");
    let unit = text.chars().last().ok_or_else(fail)?;
    let digits = &text[..text.len() - unit.len_utf8()];
    let number: i64 = match digits.bytes().all(|byte| byte.is_ascii_digit()) {
        true => digits.parse().map_err(|_| fail())?,
        false => return Err(fail()),
    };
    let minutes = match unit {
        'm' => 1,
        'h' => 60,
        'd' => 24 * 60,
        'w' => 7 * 24 * 60,
        _ => return Err(fail()),
    };
    let minutes = number.checked_mul(minutes).ok_or_else(fail)?;
    match Duration::try_minutes(minutes) {
        Some(time) if time <= Duration::days(36_525) => Ok(time),
        _ => Err(format!("{text:?} is over a hundred years")),
    }
}

/// The shortest way to write a length of time.
pub(crate) fn show(time: Duration) -> String {
    let minutes = time.num_minutes();
    match minutes {
        m if m % (24 * 60) == 0 => format!("{}d", m / (24 * 60)),
        m if m % 60 == 0 => format!("{}h", m / 60),
        m => format!("{m}m"),
    }
}

/// Reads a moment: TOML's own dates or text. A date is the beginning of its day, UTC; a time
/// without an offset is refused, because nobody knows when it is.
pub(crate) fn moment(value: &toml::Value) -> Result<DateTime<Utc>, String> {
    let text = match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Datetime(time) => time.to_string(),
        other => other.type_str().to_owned(),
    };
    let date = || {
        Some(
            text.parse::<NaiveDate>()
                .ok()?
                .and_time(NaiveTime::MIN)
                .and_utc(),
        )
    };
    DateTime::parse_from_rfc3339(&text)
        .ok()
        .map(|time| time.with_timezone(&Utc))
        .or_else(date)
        .ok_or_else(|| format!("{text:?} is no date, write for example 2027-01-31"))
}

/// A moment in the way all output writes it.
pub(crate) fn show_moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}
