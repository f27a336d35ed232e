//! Any bytes: spans within them, and nothing of the secret in what is printed.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use omg_secrets::{Group, GroupState, Scanner};

static SCANNER: LazyLock<Scanner> = LazyLock::new(|| {
    let builder = Scanner::builder().group(Group::Identifier, GroupState::On);
    builder.build().expect("the rules are built in")
});

fuzz_target!(|bytes: &[u8]| {
    for finding in SCANNER.scan_all(bytes) {
        assert!(finding.span.start < finding.span.end && finding.span.end <= bytes.len());
        assert!(finding.redacted().len() <= 12);
    }
});
