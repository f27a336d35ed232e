//! Lines: what is read as an entry is written back byte for byte, goes through every export, and
//! no other line gives it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use omg_auditlog::{Entry, Filter, Hash, Severity, export};

fuzz_target!(|data: &[u8]| {
    let line = data.strip_suffix(b"\n").unwrap_or(data);
    let Ok(entry) = Entry::from_line(line) else {
        // Most lines fail at the hash: put the right one in and try again.
        with_its_hash(line);
        return;
    };
    check(&entry, line);
});

fn with_its_hash(line: &[u8]) {
    let key = b"\"hash\":\"";
    let Some(at) = line.windows(key.len()).position(|window| window == key) else {
        return;
    };
    let Some(rest) = line.get(at + key.len() + 66..) else {
        return;
    };
    let hash = Hash::leaf(&[&line[..at], rest].concat()).to_string();
    let line = [&line[..at], key, hash.as_bytes(), b"\",", rest].concat();
    if let Ok(entry) = Entry::from_line(&line) {
        check(&entry, &line);
    }
}

fn check(entry: &Entry, line: &[u8]) {
    assert_eq!(entry.line().as_bytes(), line);
    assert_eq!(entry.hash(), Hash::leaf(&entry.leaf_bytes()));
    for text in [
        export::ocsf(entry),
        export::otlp(entry),
        export::rfc5424(entry),
    ] {
        assert!(!text.contains('\n'));
    }
    let _ = Filter::new()
        .severity(Severity::Info)
        .text("x")
        .matches(entry);
}
