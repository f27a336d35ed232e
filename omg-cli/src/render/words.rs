//! Wording shared by the forms for people.

use chrono::{DateTime, Utc};
use omg_vuln::SourceStatus;

/// `1 package`, `2 packages`.
pub fn plural(count: usize, singular: &str) -> String {
    match count {
        1 => format!("1 {singular}"),
        _ => format!("{} {singular}s", thousands(count)),
    }
}

/// `1,482`.
pub fn thousands(count: usize) -> String {
    let digits = count.to_string();
    let mut out = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `47 min old`.
pub fn age(then: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let age = now.signed_duration_since(then);
    match age.num_minutes() {
        ..0 => "from the future".to_owned(),
        0 => "fresh".to_owned(),
        minutes @ 1..=119 => format!("{minutes} min old"),
        minutes @ 120..=2_879 => format!("{} h old", minutes / 60),
        minutes => format!("{} days old", minutes / 1_440),
    }
}

/// Text of a feed or a package database, which somebody else wrote, made safe to print:
/// control characters, terminal escapes and marks that reorder text become U+FFFD.
pub fn clean(text: &str) -> String {
    let unsafe_char = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    text.chars()
        .map(|c| if unsafe_char(c) { '\u{fffd}' } else { c })
        .collect()
}

pub fn source_status(status: SourceStatus) -> &'static str {
    match status {
        SourceStatus::Complete => "complete",
        SourceStatus::Partial => "partial",
        SourceStatus::Stale => "stale",
        SourceStatus::Unreachable => "unreachable",
        SourceStatus::Missing => "missing",
        _ => "unreadable",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_ages_read_well() {
        assert_eq!(plural(1, "package"), "1 package");
        assert_eq!(plural(1_234_567, "package"), "1,234,567 packages");
        assert_eq!(thousands(999), "999");
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let now = at("2026-11-24T12:00:00Z");
        assert_eq!(age(at("2026-11-24T11:13:00Z"), now), "47 min old");
        assert_eq!(age(at("2026-11-22T12:00:00Z"), now), "2 days old");
        assert_eq!(age(at("2026-11-25T12:00:00Z"), now), "from the future");
    }

    #[test]
    fn escapes_do_not_reach_a_terminal() {
        assert_eq!(
            clean("a\x1b[31mb\u{202e}c\n"),
            "a\u{fffd}[31mb\u{fffd}c\u{fffd}"
        );
    }
}
