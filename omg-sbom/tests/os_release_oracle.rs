//! `os-release` against the shell, whose assignments the format is made of.
// clippy.toml allows these within `#[test]` functions only.
#![allow(clippy::panic, clippy::print_stderr, clippy::unwrap_used)]

mod common;

use std::process::Command;

use omg_sbom::inventory::OsRelease;
use tempfile::TempDir;

#[test]
fn values_are_those_that_a_shell_sees() {
    if !common::have(&["sh"]) {
        return;
    }
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("os-release");
    let values = [
        "plain",
        "\"double quoted\"",
        "'single quoted'",
        r#""a \"b\" \$c \`d\` \\e \f""#,
        r"'a \b $c `d` \\'",
        r"bare\ word",
        r"\a\b\\c",
        "a#b",
        "\"a#b 'c'\"",
        "'a \"b\"'",
        "\"\"",
        "1.2-3_4~5",
        "\"\u{e9}toile\"",
        "https://example.org/?a:b",
        r#""ends in \\""#,
    ];
    for value in values {
        common::write(&file, format!("# comment\n\nPRETTY_NAME={value}\nID=x\n"));
        let script = ". \"$0\"; printf %s \"$PRETTY_NAME\"";
        let seen = common::run(Command::new("sh").arg("-c").arg(script).arg(&file));
        let os = OsRelease::parse(&std::fs::read(&file).unwrap()).unwrap();
        let read = os.pretty_name.unwrap_or_default();
        assert_eq!(read, String::from_utf8(seen).unwrap(), "{value}");
    }
}
