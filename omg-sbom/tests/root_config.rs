//! Roots whose `pacman.conf` says where things are, or cannot be read.
#![cfg(feature = "fs")]
// clippy.toml allows these within `#[test]` functions only.
#![allow(clippy::panic, clippy::print_stderr, clippy::unwrap_used)]

mod common;

use std::fs;

use omg_sbom::inventory::{Detail, Inventory, Machine, Origin, ProblemKind, limits, pacman};
use tempfile::TempDir;

const BASH: &str = "%NAME%\nbash\n\n%VERSION%\n5.2-1\n\n";

fn tree(files: &[(&str, &str)]) -> TempDir {
    let root = TempDir::new().unwrap();
    for (path, content) in files {
        common::write(&root.path().join(path), content);
    }
    root
}

fn read(root: &TempDir) -> Machine {
    Machine::read_root(root.path(), Detail::Full).unwrap()
}

fn subjects(inventory: &Inventory) -> Vec<(&str, ProblemKind)> {
    inventory
        .problems()
        .iter()
        .map(|p| (p.subject.as_str(), p.kind))
        .collect()
}

#[test]
fn repositories_of_included_files_count() {
    let root = tree(&[
        (
            "etc/pacman.conf",
            "[options]\nInclude = /etc/pacman.d/*.conf\nInclude = /etc/none\n",
        ),
        (
            "etc/pacman.d/own.conf",
            "[own]\nServer = x\nInclude = /etc/pacman.conf\n",
        ),
        ("etc/pacman.d/list", "[not-included]\n"),
        ("var/lib/pacman/local/bash-5.2-1/desc", BASH),
        ("var/lib/pacman/sync/left-over.db", "not an archive"),
    ]);
    // `own` was never synchronised: bash may be in it.
    let machine = read(&root);
    assert!(machine.is_complete(), "{machine:?}");
    assert_eq!(machine.inventories[0].packages()[0].origin, Origin::Unknown);

    let empty_archive = vec![0; 1024];
    common::write(
        &root.path().join("var/lib/pacman/sync/own.db"),
        &empty_archive,
    );
    let machine = read(&root);
    assert!(machine.is_complete(), "{machine:?}");
    assert_eq!(machine.inventories[0].packages()[0].origin, Origin::Foreign);
}

#[test]
fn a_configuration_that_cannot_be_read_leaves_origins_open() {
    let many: String = (0..=limits::MAX_SYNC_DATABASES)
        .map(|n| format!("[r{n}]\n"))
        .collect();
    let includes: String = (0..limits::MAX_INCLUDES)
        .map(|n| format!("Include = /etc/{n}\n"))
        .collect();
    let repeated = "Include = /etc/0\n".repeat(limits::MAX_INCLUDES + 1);
    for (conf, subject, kind) in [
        ("Include = /etc/*/x\n", "/etc/*/x", ProblemKind::Unreadable),
        ("Include = /etc/[a\n", "/etc/[a", ProblemKind::Unreadable),
        ("Include = /etc\n", "/etc", ProblemKind::Unreadable),
        (&many, "/etc/pacman.conf", ProblemKind::LimitExceeded),
        (&includes, "/etc/255", ProblemKind::LimitExceeded),
        (&repeated, "/etc/pacman.conf", ProblemKind::LimitExceeded),
    ] {
        let root = tree(&[
            ("etc/pacman.conf", &format!("[own]\n{conf}")),
            ("var/lib/pacman/local/bash-5.2-1/desc", BASH),
        ]);
        for number in 0..limits::MAX_SYNC_DATABASES {
            let path = format!("var/lib/pacman/sync/r{number}.db");
            common::write(&root.path().join(path), vec![0; 1024]);
        }
        common::write(
            &root.path().join("var/lib/pacman/sync/own.db"),
            vec![0; 1024],
        );
        let machine = read(&root);
        assert_eq!(
            subjects(&machine.inventories[0]),
            [(subject, kind)],
            "{conf}"
        );
        assert_eq!(
            machine.inventories[0].packages()[0].origin,
            Origin::Unknown,
            "{conf}"
        );
    }
}

#[test]
fn too_many_databases_are_reported() {
    let root = tree(&[("local/bash-5.2-1/desc", BASH)]);
    for number in 0..=limits::MAX_SYNC_DATABASES {
        common::write(
            &root.path().join(format!("sync/r{number}.db")),
            vec![0; 1024],
        );
    }
    let inventory = pacman::read_local(root.path(), Detail::Full).unwrap();
    assert_eq!(subjects(&inventory), [("sync", ProblemKind::LimitExceeded)]);
    assert_eq!(inventory.packages()[0].origin, Origin::Unknown);
    fs::remove_file(root.path().join("sync/r0.db")).unwrap();
    let inventory = pacman::read_local(root.path(), Detail::Full).unwrap();
    assert_eq!(inventory.packages()[0].origin, Origin::Foreign);
}
