//! Arch Linux's trust, from its own keyring of November 2023, against GnuPG's computation.
#![cfg(feature = "fs")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod common;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use omg_pgp::{Anchors, Keyring, Standing, Trust, TrustModel};

/// A packager whose RSA key of 8,192 bits the pure Rust backend cannot use without the feature
/// `aws-lc`; it expired in October 2025.
const TOO_LARGE: &str = "5134EF9EAF65F95B6BB1608E50FB9B273A9D0BB5";

fn arch(dir: &Path) -> (Keyring, TrustModel) {
    let keyring = Keyring::open(&dir.join("archlinux.gpg")).unwrap();
    assert!(keyring.skipped().is_empty());
    let read = |name: &str| std::fs::read_to_string(dir.join(name)).unwrap();
    let anchors = Anchors::parse(&read("archlinux-trusted"), &read("archlinux-revoked"));
    (keyring, TrustModel::Anchored(anchors.unwrap()))
}

fn trusted(standings: &[Standing]) -> BTreeSet<String> {
    standings
        .iter()
        .filter(|s| s.is_valid && s.trust.is_trusted())
        .map(|s| s.certificate.clone())
        .collect()
}

#[test]
fn seventy_nine_of_a_hundred_and_sixty_four() {
    let Some(dir) = common::shared_data("pgp/arch-keyring") else {
        return;
    };
    let (keyring, model) = arch(&dir);
    let standings = model.standings(&keyring, "2023-12-09T00:00:00Z".parse().unwrap());
    assert_eq!(standings.len(), 164);
    let count = |wanted: &dyn Fn(&Standing) -> bool| standings.iter().filter(|s| wanted(s)).count();
    assert_eq!(count(&|s| s.is_valid && s.trust == Trust::Anchor), 6);
    let certified = |s: &Standing| s.is_valid && matches!(s.trust, Trust::Certified { .. });
    let large_keys = cfg!(feature = "aws-lc");
    assert_eq!(count(&certified), 72 + usize::from(large_keys));
    let too_large = standings.iter().find(|s| s.certificate == TOO_LARGE);
    assert_eq!(too_large.unwrap().is_valid, large_keys);
    assert_eq!(count(&|s| s.trust == Trust::Disabled), 41);
}

/// A refusal says how many certifications there are, and what is wrong with the others.
#[test]
fn refusals_are_explained() {
    let Some(dir) = common::shared_data("pgp/arch-keyring") else {
        return;
    };
    let (keyring, model) = arch(&dir);
    let standings = model.standings(&keyring, "2023-12-09T00:00:00Z".parse().unwrap());
    let untrusted = standings.iter().filter_map(|s| match &s.trust {
        Trust::Untrusted {
            have,
            needed,
            not_counted,
        } => Some((*have, *needed, not_counted.len())),
        _ => None,
    });
    let untrusted: Vec<_> = untrusted.collect();
    assert!(
        untrusted
            .iter()
            .all(|(have, needed, _)| have < needed && *needed == 3)
    );
    assert!(untrusted.iter().any(|(have, ..)| *have == 2));
}

/// The same certificates as GnuPG finds fully valid, less the revoked list, at twelve dates.
#[test]
fn as_gnupg_computes_it() {
    let Some(dir) = common::shared_data("pgp/arch-keyring") else {
        return;
    };
    let Some(gpg) = common::tool("gpg") else {
        return;
    };
    let (keyring, model) = arch(&dir);
    let revoked = std::fs::read_to_string(dir.join("archlinux-revoked")).unwrap();
    for day in [
        "2023-12-20",
        "2024-02-01",
        "2024-04-15",
        "2024-07-01",
        "2024-09-30",
        "2024-12-31",
        "2025-03-01",
        "2025-06-15",
        "2025-10-01",
        "2026-01-01",
        "2026-06-01",
        "2026-11-24",
    ] {
        let mut theirs = gnupg(&gpg, &dir, day);
        theirs.retain(|fingerprint| !revoked.contains(fingerprint.as_str()));
        if cfg!(not(feature = "aws-lc")) {
            theirs.remove(TOO_LARGE);
        }
        let at = format!("{day}T00:00:00Z").parse().unwrap();
        assert_eq!(trusted(&model.standings(&keyring, at)), theirs, "{day}");
    }
}

/// What `pacman-key --populate` does, and what `gpg` then says is fully valid.
fn gnupg(gpg: &Path, dir: &Path, day: &str) -> BTreeSet<String> {
    let home = tempfile::tempdir().unwrap();
    let run = |args: &[&str], input: &str| {
        use std::io::Write as _;
        use std::os::unix::fs::PermissionsExt as _;
        let owner_only = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(home.path(), owner_only).unwrap();
        let time = format!("{}T000000!", day.replace('-', ""));
        let mut child = Command::new(gpg)
            .arg("--homedir")
            .arg(home.path())
            .args(["--batch", "--no-tty", "--quiet", "--no-auto-check-trustdb"])
            .args(["--passphrase", "", "--pinentry-mode", "loopback"])
            .args(["--faked-system-time", &time])
            .args(args)
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(input.as_bytes())
            .unwrap();
        String::from_utf8_lossy(&child.wait_with_output().unwrap().stdout).into_owned()
    };
    run(
        &["--import", dir.join("archlinux.gpg").to_str().unwrap()],
        "",
    );
    run(
        &[
            "--quick-generate-key",
            "master <master@localhost>",
            "ed25519",
            "cert",
            "never",
        ],
        "",
    );
    let list = run(&["--list-keys", "--with-colons", "master@localhost"], "");
    let fingerprint = |line: &str| line.split(':').nth(9).unwrap().to_owned();
    let master = fingerprint(list.lines().find(|l| l.starts_with("fpr:")).unwrap());
    let trusted = std::fs::read_to_string(dir.join("archlinux-trusted")).unwrap();
    for line in trusted.lines() {
        let main = line.split(':').next().unwrap();
        run(
            &["--yes", "--default-key", &master, "--quick-lsign-key", main],
            "",
        );
    }
    run(&["--import-ownertrust"], &format!("{master}:6:\n{trusted}"));
    run(&["--check-trustdb"], "");
    let list = run(&["--list-keys", "--with-colons"], "");
    let mut valid = BTreeSet::new();
    let mut is_full = false;
    let mut primary = false;
    for line in list.lines() {
        let fields: Vec<&str> = line.split(':').collect();
        match fields[0] {
            "pub" => (is_full, primary) = (fields[1] == "f", true),
            "sub" => primary = false,
            "fpr" if primary && is_full => {
                valid.insert(fields[9].to_owned());
                primary = false;
            }
            _ => {}
        }
    }
    valid
}
