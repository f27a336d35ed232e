//! When to try again, and after how long.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::DateTime;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

/// Exponential backoff with full jitter: the pause before retry n is a random time
/// between zero and `base * 2^n`, but at most `cap`.
pub(super) struct Backoff {
    pub(super) base: Duration,
    pub(super) cap: Duration,
    jitter: AtomicU64,
}

impl Backoff {
    pub(super) fn new(base: Duration, cap: Duration, seed: u64) -> Self {
        // A day, lest the arithmetic below leave the range of `Duration`.
        let cap = cap.min(Duration::from_secs(24 * 3600));
        Self {
            base,
            cap,
            jitter: AtomicU64::new(seed),
        }
    }

    /// The pause before a retry, of which the first has number 0.
    pub(super) fn pause(&self, retry: u32) -> Duration {
        let most = self
            .base
            .saturating_mul(2_u32.saturating_pow(retry))
            .min(self.cap);
        // 2^32 steps are finer than any clock that matters here.
        let step = u32::try_from(self.random() >> 32).unwrap_or(u32::MAX);
        most.mul_f64(f64::from(step) / f64::from(u32::MAX))
    }

    /// SplitMix64 (Steele, Lea, Flood 2014): one addition per number, so it can be shared.
    fn random(&self) -> u64 {
        const GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;
        let state = self
            .jitter
            .fetch_add(GAMMA, Ordering::Relaxed)
            .wrapping_add(GAMMA);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

/// What a failed attempt says about another one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Retry {
    /// It would fail in the same way.
    Never,
    /// It may succeed after a pause.
    Backoff,
    /// The server asks for at least this pause.
    After(Duration),
}

impl Retry {
    /// Reads a refusal: too many requests, time-outs and faults of servers may pass.
    pub(super) fn from_status(status: u16, headers: &HeaderMap) -> Self {
        match status {
            408 | 429 | 500 | 502 | 503 | 504 => {
                retry_after(headers).map_or(Self::Backoff, Self::After)
            }
            _ => Self::Never,
        }
    }
}

/// `Retry-After`, RFC 9110 section 10.2.3: seconds, or a date.
///
/// A date is measured against the server's own `Date`, since no clock is read here.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok();
    let value = text(&RETRY_AFTER)?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = |text| DateTime::parse_from_rfc2822(text).ok();
    let pause = date(value)?.signed_duration_since(date(text(&DATE)?)?);
    Some(pause.to_std().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn headers(entries: &[(&'static str, &'static str)]) -> HeaderMap {
        entries
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn pauses_double_up_to_the_cap_and_follow_from_the_seed() {
        let (base, cap) = (Duration::from_millis(100), Duration::from_secs(1));
        let pauses = |seed| {
            let backoff = Backoff::new(base, cap, seed);
            (0..40)
                .map(|retry| backoff.pause(retry))
                .collect::<Vec<_>>()
        };
        assert_eq!(pauses(7), pauses(7));
        assert_ne!(pauses(7), pauses(8));
        for (retry, pause) in (0..).zip(pauses(7)) {
            assert!(
                pause <= base * 2_u32.pow(retry.min(4)) && pause <= cap,
                "{retry}: {pause:?}"
            );
        }
        // Full jitter spreads over the whole range.
        assert!(pauses(7)[5..].iter().any(|pause| *pause < cap / 4));
        assert!(pauses(7)[5..].iter().any(|pause| *pause > cap / 4 * 3));
    }

    #[test]
    fn no_pause_is_longer_than_a_day() {
        let backoff = Backoff::new(Duration::MAX, Duration::MAX, 7);
        for retry in [0, 1, u32::MAX] {
            assert!(backoff.pause(retry) <= Duration::from_secs(24 * 3600));
        }
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        for status in [408, 429, 500, 502, 503, 504] {
            assert_eq!(
                Retry::from_status(status, &HeaderMap::new()),
                Retry::Backoff,
                "{status}"
            );
        }
        for status in [301, 304, 400, 401, 403, 404, 410, 501] {
            assert_eq!(
                Retry::from_status(status, &HeaderMap::new()),
                Retry::Never,
                "{status}"
            );
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let wait = |entries| Retry::from_status(429, &headers(entries));
        assert_eq!(
            wait(&[("retry-after", "7")]),
            Retry::After(Duration::from_secs(7))
        );
        let date = [
            ("date", "Sun, 06 Nov 1994 08:49:37 GMT"),
            ("retry-after", "Sun, 06 Nov 1994 08:50:07 GMT"),
        ];
        assert_eq!(wait(&date), Retry::After(Duration::from_secs(30)));
        let past = [
            ("date", "Sun, 06 Nov 1994 08:49:37 GMT"),
            ("retry-after", "Sun, 06 Nov 1994 08:49:00 GMT"),
        ];
        assert_eq!(wait(&past), Retry::After(Duration::ZERO));
        // Without the server's clock a date says nothing.
        assert_eq!(wait(&date[1..]), Retry::Backoff);
        assert_eq!(wait(&[("retry-after", "soon")]), Retry::Backoff);
        assert_eq!(wait(&[("retry-after", "-1")]), Retry::Backoff);
    }
}
