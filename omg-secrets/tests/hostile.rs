//! Bytes of any kind: no panic, no more than linear time, spans within the input.

#![allow(clippy::unwrap_used)] // Helpers of tests.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use omg_secrets::{Group, GroupState, Scanner, builtin_rules};
use proptest::prelude::*;

fn scanner() -> &'static Scanner {
    static SCANNER: LazyLock<Scanner> = LazyLock::new(|| {
        let builder = Scanner::builder().group(Group::Identifier, GroupState::On);
        builder.build().unwrap()
    });
    &SCANNER
}

fn check(bytes: &[u8]) {
    let mut last = 0;
    for finding in scanner().scan_all(bytes) {
        assert!(finding.span.start < finding.span.end && finding.span.end <= bytes.len());
        assert!(
            finding.span.start >= last,
            "findings overlap or are not sorted"
        );
        last = finding.span.start;
        assert!(finding.line >= 1 && finding.column >= 1);
        let printed = format!("{finding:?}").replace(finding.rule.id(), "");
        let secret = finding.secret().expose();
        if secret.len() >= 8 {
            assert!(!printed.contains(&*String::from_utf8_lossy(secret)));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        check(&bytes);
    }

    #[test]
    fn pieces_of_credentials_in_any_order(pieces in proptest::collection::vec(prop_oneof![
        Just("password"), Just(" = "), Just("\""), Just("'"), Just("\\"), Just("\n"), Just("://"), Just("user:"), Just("@"),
        Just("-----BEGIN "), Just("PRIVATE KEY-----"), Just("ghp_"), Just("eyJ"), Just("."), Just("AKIA"), Just("kind: Secret"),
        Just("data:"), Just("machine "), Just("login "), Just("Basic "), Just("k2J9sLq0ZtVbN4xWcR7u"), Just("\"auth\""), Just(":"),
        Just("${"), Just("{{"), Just("}}"), Just("\u{e9}"), Just("xoxb-"), Just("omg:allow"), Just("(api_key) =="), Just(";Password="),
    ], 0..60)) {
        check(pieces.concat().as_bytes());
    }
}

#[test]
fn every_cut_of_every_example() {
    for rule in builtin_rules() {
        for text in rule.examples(5).iter().take(1) {
            let step = (text.len() / 12).max(1);
            for cut in (0..text.len()).step_by(step) {
                check(&text.as_bytes()[..cut]);
                check(&text.as_bytes()[cut..]);
            }
        }
    }
}

fn time(bytes: &[u8]) -> Duration {
    let scanner = scanner();
    let start = Instant::now();
    let _ = scanner.scan(bytes).count();
    start.elapsed()
}

/// Four times the input may take at most twelve times as long: far below the sixteen times
/// of quadratic work, far over the noise of a loaded machine.
#[test]
fn time_is_linear_in_long_lines() {
    let patterns: [&[u8]; 17] = [
        b"a",
        b"\0",
        b"eyJ",
        b"password=",
        b"\"",
        b"://a:",
        b"-----BEGIN PRIVATE KEY-----",
        b"machine a login b ",
        b"kind: Secret data: ",
        b"ghp_",
        b"AAAAAAAAAAAAAAAA.",
        b"k2J9sLq0ZtVbN4xWcR7u ",
        b"use the following password ",
        b"; password=",
        b"           pass",
        b"xoxb-1-",
        b"MTIzNDU2Nzg5MDEyMzQ1Njc4.",
    ];
    for pattern in patterns {
        let small = pattern.repeat(6_000 / pattern.len());
        let large = pattern.repeat(24_000 / pattern.len());
        let fastest = |bytes: &[u8]| (0..3).map(|_| time(bytes)).min().unwrap_or_default();
        let (one, four) = (fastest(&small), fastest(&large));
        let bound = one * 12 + Duration::from_millis(200);
        assert!(
            four <= bound,
            "{:?}: {one:?} and {four:?}",
            String::from_utf8_lossy(pattern)
        );
    }
}

#[test]
fn utf16_is_scanned_and_its_spans_are_those_of_the_bytes() {
    let text = "first line\npassword = \"k2J9sLq0Zt!\"\n";
    let wide: Vec<u8> = [0xFF, 0xFE]
        .into_iter()
        .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    let found: Vec<_> = scanner().scan(&wide).collect();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].line, found[0].column), (2, 13));
    assert_eq!(found[0].secret().expose(), b"k2J9sLq0Zt!");
    let units: Vec<u16> = wide[found[0].span.clone()]
        .chunks(2)
        .map(|u| u16::from_le_bytes([u[0], u[1]]))
        .collect();
    assert_eq!(String::from_utf16(&units).unwrap(), "k2J9sLq0Zt!");
}

#[test]
fn lines_and_columns_count_characters() {
    let text = "\u{e9}\u{e9} x\n\u{e9} password = \"k2J9sLq0Zt!\"";
    let found: Vec<_> = scanner().scan(text.as_bytes()).collect();
    assert_eq!((found[0].line, found[0].column), (2, 15));
}
