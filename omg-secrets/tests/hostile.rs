//! Bytes of any kind: no panic, spans within the input. That the work is linear is
//! counted beside the code (`scanner::inspect`).

#![allow(clippy::unwrap_used)] // Helpers of tests.

use std::sync::LazyLock;

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
