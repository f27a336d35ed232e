//! Reading a directory tree: what is followed, what is refused, and what is reported.
#![cfg(feature = "fs")]
// clippy.toml allows these within `#[test]` functions only.
#![allow(clippy::panic, clippy::print_stderr, clippy::unwrap_used)]

mod common;

use std::{
    fs,
    os::unix::{fs::PermissionsExt, fs::symlink, net::UnixListener},
    path::Path,
    process::Command,
};

use omg_sbom::{
    ReadError,
    inventory::{Detail, Inventory, Machine, Origin, ProblemKind, Source, limits, pacman},
};
use tempfile::TempDir;

const DPKG: &str = "Package: a\nStatus: install ok installed\nVersion: 1\n";
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
fn every_database_is_an_inventory() {
    let root = tree(&[
        ("etc/os-release", "ID=debian\n"),
        ("var/lib/pacman/local/bash-5.2-1/desc", BASH),
        ("var/lib/pacman/local/ALPM_DB_VERSION", "9\n"),
        ("var/lib/pacman/local/stray", ""),
        ("var/lib/dpkg/status", DPKG),
        ("var/lib/dpkg/status.d/b", "Package: b\nVersion: 1\n"),
        ("var/lib/dpkg/status.d/b.md5sums", "0  x\n"),
        ("lib/apk/db/installed", "P:c\nV:1\n"),
    ]);
    let machine = read(&root);
    assert!(machine.is_complete(), "{machine:?}");
    assert_eq!(machine.os_release.unwrap().id, "debian");
    let found: Vec<_> = machine
        .inventories
        .iter()
        .map(|i| (i.source(), i.packages().len()))
        .collect();
    assert_eq!(
        found,
        [(Source::Pacman, 1), (Source::Dpkg, 2), (Source::Apk, 1)]
    );
    // Without any sync database nothing is foreign.
    assert_eq!(machine.inventories[0].packages()[0].origin, Origin::Unknown);
}

#[test]
fn an_empty_database_is_an_inventory_and_none_is_an_error() {
    let root = tree(&[("var/lib/pacman/local/ALPM_DB_VERSION", "9\n")]);
    assert_eq!(read(&root).inventories[0].packages().len(), 0);
    for root in [
        tree(&[]),
        tree(&[
            ("var/lib/pacman", "a file"),
            ("etc/os-release", "ID=arch\n"),
        ]),
    ] {
        let error = Machine::read_root(root.path(), Detail::Full).unwrap_err();
        assert!(matches!(error, ReadError::NoDatabase { .. }), "{error}");
    }
    assert!(Machine::read_root(Path::new("/nonexistent"), Detail::Names).is_err());
}

#[test]
fn apk_has_two_places() {
    let root = tree(&[("usr/lib/apk/db/installed", "P:c\nV:1\n")]);
    assert_eq!(read(&root).inventories[0].packages().len(), 1);
}

#[test]
fn links_are_followed_within_the_root() {
    let root = tree(&[
        ("usr/lib/os-release", "ID=arch\n"),
        ("srv/pacman/local/bash-5.2-1/desc", BASH),
        ("srv/other/real-desc", "%NAME%\nzsh\n\n%VERSION%\n5.9-1\n\n"),
        ("etc/pacman.conf", "[options]\nDBPath = /db/\n"),
    ]);
    let at = |path: &str| root.path().join(path);
    symlink("../../../../../usr/lib/os-release", at("etc/os-release")).unwrap();
    symlink("/srv/pacman", at("db")).unwrap();
    symlink("/srv/other", at("srv/pacman/local/zsh-5.9-1")).unwrap();
    symlink("./real-desc", at("srv/other/desc")).unwrap();
    symlink("/etc/pacman.conf", at("srv/pacman/local/file-1-1")).unwrap();
    let machine = read(&root);
    assert!(machine.is_complete(), "{machine:?}");
    assert_eq!(machine.os_release.unwrap().id, "arch");
    let names: Vec<_> = machine.inventories[0]
        .packages()
        .iter()
        .map(|p| &*p.name)
        .collect();
    assert_eq!(names, ["bash", "zsh"]);
}

#[test]
fn links_do_not_lead_out_of_the_root() {
    let outside = tree(&[("status", DPKG), ("os-release", "ID=outside\n")]);
    let root = tree(&[
        ("var/lib/dpkg/x", ""),
        ("lib/apk/db/installed", ""),
        ("etc/x", ""),
    ]);
    let target = outside.path().join("status");
    symlink(&target, root.path().join("var/lib/dpkg/status")).unwrap();
    symlink(
        outside.path().join("os-release"),
        root.path().join("etc/os-release"),
    )
    .unwrap();
    let machine = read(&root);
    assert!(machine.os_release.is_none());
    assert_eq!(machine.inventories.len(), 1);

    // The same path within the root is meant, even if it exists outside, too.
    common::write(&outside.path().join("desc"), BASH);
    let twin = root.path().join(outside.path().strip_prefix("/").unwrap());
    fs::create_dir_all(&twin).unwrap();
    let package = root.path().join("var/lib/pacman/local/bash-5.2-1");
    common::write(&package.with_file_name("zsh-1-1/x"), "");
    symlink(outside.path(), &package).unwrap();
    symlink(
        outside.path().join("desc"),
        package.with_file_name("zsh-1-1/desc"),
    )
    .unwrap();
    symlink("loop-1-1", package.with_file_name("loop-1-1")).unwrap();
    symlink("/nowhere", package.with_file_name("nowhere-1-1")).unwrap();
    let machine = read(&root);
    assert_eq!(
        subjects(&machine.inventories[0]),
        [
            ("bash-5.2-1/desc", ProblemKind::Unreadable),
            ("loop-1-1/desc", ProblemKind::Unreadable),
            ("nowhere-1-1/desc", ProblemKind::Unreadable),
            ("zsh-1-1/desc", ProblemKind::Unreadable),
        ]
    );
    assert_eq!(machine.inventories[0].packages().len(), 4);

    // Links in a circle end, and are no absence.
    fs::remove_file(root.path().join("var/lib/dpkg/status")).unwrap();
    symlink("status", root.path().join("var/lib/dpkg/status")).unwrap();
    let machine = read(&root);
    assert!(!machine.is_complete());
    assert_eq!(machine.problems[0].subject, "var/lib/dpkg/status");
}

#[test]
fn what_is_no_regular_file_is_reported_and_not_waited_for() {
    if !common::have(&["mkfifo"]) {
        return;
    }
    let root = tree(&[
        ("var/lib/pacman/local/bash-5.2-1/desc", BASH),
        ("var/lib/pacman/local/dir-1-1/desc/x", ""),
        ("var/lib/pacman/local/fifo-1-1/x", ""),
        ("var/lib/pacman/local/none-1-1/x", ""),
        ("var/lib/pacman/local/socket-1-1/x", ""),
        ("var/lib/pacman/sync/core.db", "not an archive"),
        ("var/lib/dpkg/x", ""),
        ("etc/x", ""),
    ]);
    let at = |path: &str| root.path().join(path);
    for path in [
        "var/lib/pacman/local/fifo-1-1/desc",
        "var/lib/dpkg/status",
        "etc/os-release",
    ] {
        common::run(Command::new("mkfifo").arg(at(path)));
    }
    let _socket = UnixListener::bind(at("var/lib/pacman/local/socket-1-1/desc")).unwrap();
    let machine = read(&root);
    let [inventory] = machine.inventories.as_slice() else {
        panic!("{machine:?}")
    };
    assert_eq!(inventory.packages().len(), 5);
    assert_eq!(
        subjects(inventory),
        [
            ("dir-1-1/desc", ProblemKind::Unreadable),
            ("fifo-1-1/desc", ProblemKind::Unreadable),
            ("none-1-1/desc", ProblemKind::Unreadable),
            ("socket-1-1/desc", ProblemKind::Unreadable),
            ("sync/core.db", ProblemKind::Malformed),
        ]
    );
    let outside: Vec<_> = machine
        .problems
        .iter()
        .map(|p| p.subject.as_str())
        .collect();
    assert_eq!(outside, ["etc/os-release", "var/lib/dpkg/status"]);
}

#[test]
fn files_that_are_too_large_are_reported() {
    let root = tree(&[
        ("var/lib/pacman/local/bash-5.2-1/desc", ""),
        ("var/lib/pacman/sync/core.db", ""),
        ("etc/os-release", ""),
    ]);
    let grow = |path: &str, size: usize| {
        let file = fs::OpenOptions::new()
            .write(true)
            .open(root.path().join(path))
            .unwrap();
        file.set_len(size as u64).unwrap();
    };
    grow(
        "var/lib/pacman/local/bash-5.2-1/desc",
        limits::MAX_DESC_BYTES + 1,
    );
    grow("var/lib/pacman/sync/core.db", limits::MAX_SYNC_BYTES + 1);
    grow("etc/os-release", limits::MAX_CONFIG_BYTES + 1);
    let machine = read(&root);
    assert_eq!(
        subjects(&machine.inventories[0]),
        [
            ("bash-5.2-1/desc", ProblemKind::LimitExceeded),
            ("sync/core.db", ProblemKind::LimitExceeded),
        ]
    );
    assert_eq!(machine.problems[0].kind, ProblemKind::LimitExceeded);
}

#[test]
fn a_database_without_permission_is_no_absence() {
    let root = tree(&[("var/lib/dpkg/status", DPKG)]);
    let status = root.path().join("var/lib/dpkg/status");
    fs::set_permissions(&status, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read(&status).is_ok() {
        // Root reads everything; the case is left to other users.
        return eprintln!("skipped: permissions do not bind this user");
    }
    let error = Machine::read_root(root.path(), Detail::Full).unwrap_err();
    assert!(matches!(error, ReadError::Io { .. }), "{error}");
}

#[test]
fn an_interrupted_dpkg_is_reported() {
    let root = tree(&[
        ("var/lib/dpkg/status", DPKG),
        ("var/lib/dpkg/updates/0001", DPKG),
        ("var/lib/dpkg/updates/tmp.i", ""),
    ]);
    let machine = read(&root);
    assert_eq!(
        subjects(&machine.inventories[0]),
        [("updates/0001", ProblemKind::Inconsistent)]
    );
}

#[test]
fn names_alone_are_what_the_directories_are_called() {
    let root = tree(&[
        ("var/lib/pacman/local/bash-5.2-1/desc", "not a desc at all"),
        ("var/lib/pacman/local/gone-1-1/files", ""),
        ("var/lib/pacman/local/odd/x", ""),
    ]);
    let database = root.path().join("var/lib/pacman");
    let names = pacman::read_local(&database, Detail::Names).unwrap();
    let seen: Vec<&str> = names.packages().iter().map(|p| p.name.as_str()).collect();
    assert_eq!(seen, ["bash", "gone"]);
    assert_eq!(subjects(&names), [("odd", ProblemKind::Malformed)]);
    let (machine, apart) = Machine::read_names(root.path()).unwrap();
    let apart = apart.unwrap();
    assert!(machine.inventories.is_empty());
    assert_eq!(
        apart.iter().collect::<Vec<_>>(),
        [("bash", "5.2-1"), ("gone", "1-1")]
    );
    assert_eq!(apart.problems(), names.problems());
    let full = pacman::read_local(&database, Detail::Full).unwrap();
    assert_eq!(full.packages(), names.packages());
    assert!(full.problems().len() > names.problems().len());
    assert!(pacman::read_local(root.path(), Detail::Names).is_err());
}

#[test]
fn single_files_are_read() {
    let root = tree(&[
        (
            "Cargo.lock",
            "version = 4\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n",
        ),
        (
            "bom.json",
            "{\"bomFormat\": \"CycloneDX\", \"specVersion\": \"1.6\"}",
        ),
        ("sub/x", ""),
    ]);
    let at = |path: &str| root.path().join(path);
    symlink("../Cargo.lock", at("sub/Cargo.lock")).unwrap();
    assert_eq!(
        Inventory::read_lockfile(&at("sub/Cargo.lock"))
            .unwrap()
            .packages()
            .len(),
        1
    );
    assert!(
        Inventory::read_sbom(&at("bom.json"))
            .unwrap()
            .packages()
            .is_empty()
    );
    let error = Inventory::read_lockfile(&at("bom.json")).unwrap_err();
    assert!(matches!(error, ReadError::Parse { .. }), "{error}");
    for path in ["none", "sub"] {
        let error = Inventory::read_sbom(&at(path)).unwrap_err();
        assert!(matches!(error, ReadError::Io { .. }), "{error}");
    }
}

/// A second database that is plainly there, and cannot be read, is not passed over.
#[test]
fn a_database_that_cannot_be_read_is_named_beside_another() {
    let pacman = [
        ("var/lib/pacman/local/bash-5.2-1/desc", BASH),
        ("var/lib/pacman/local/ALPM_DB_VERSION", "9\n"),
    ];
    assert!(read(&tree(&pacman)).is_complete());
    for rpm in [
        "var/lib/rpm/rpmdb.sqlite",
        "var/lib/rpm/Packages",
        "usr/lib/sysimage/rpm/rpmdb.sqlite",
    ] {
        let root = tree(&pacman);
        common::write(&root.path().join(rpm), "rpm");
        let machine = read(&root);
        assert_eq!(machine.problems[0].subject, rpm);
        assert!(machine.problems[0].detail.contains("RPM"), "{machine:?}");
        let alone = tree(&[(rpm, "rpm")]);
        let error = Machine::read_root(alone.path(), Detail::Full).unwrap_err();
        assert!(error.to_string().contains("RPM"), "{error}");
    }
    for (link, parent) in [
        ("var/lib/dpkg/status", "var/lib/dpkg"),
        ("var/lib/dpkg", "var/lib"),
        ("lib/apk/db/installed", "lib/apk/db"),
    ] {
        let root = tree(&pacman);
        fs::create_dir_all(root.path().join(parent)).unwrap();
        symlink("/mnt/missing", root.path().join(link)).unwrap();
        assert!(!read(&root).is_complete(), "{link}");
    }
    // A link that leads somewhere, and has no database behind it, is none.
    let root = tree(&pacman);
    fs::create_dir_all(root.path().join("usr/lib")).unwrap();
    symlink("usr/lib", root.path().join("lib")).unwrap();
    assert!(read(&root).is_complete());
}

/// Debian's records say nothing about another vendor's package of the same name.
#[test]
fn packages_of_other_vendors_are_told_apart_by_their_lists() {
    let stanza = |name: &str, version: &str, maintainer: &str| {
        format!(
            "Package: {name}\nStatus: install ok installed\nVersion: {version}\nMaintainer: {maintainer}\n\n"
        )
    };
    let (own, other) = ("D <d@packages.debian.org>", "V <v@vendor.example>");
    let status = [
        stanza("bash", "5.2-1", own),
        stanza("node", "20-1vendor1", other),
        stanza("old", "1-1vendor1", other),
        stanza("both", "1-1", own),
        stanza("local", "1-1", other),
    ];
    let offer = |name: &str, version: &str| {
        format!("Package: {name}\nVersion: {version}\nArchitecture: amd64\n\n")
    };
    let lists = "var/lib/apt/lists";
    let (debian, vendor) = (
        format!("{lists}/deb.example_dists_x_"),
        format!("{lists}/v.example_dists_x_"),
    );
    let theirs = [
        offer("node", "20-1vendor1"),
        offer("old", "2-1vendor1"),
        offer("both", "2-1vendor1"),
    ];
    let root = tree(&[
        ("var/lib/dpkg/status", &status.concat()),
        (&format!("{debian}Release"), "Origin: Debian\n"),
        (
            &format!("{debian}main_binary-amd64_Packages"),
            &offer("bash", "5.2-1"),
        ),
        (
            &format!("{vendor}InRelease"),
            "-----BEGIN PGP SIGNED MESSAGE-----\n\nOrigin: Vendor\n",
        ),
        (
            &format!("{vendor}main_binary-amd64_Packages"),
            &theirs.concat(),
        ),
    ]);
    let machine = read(&root);
    let of_vendor = |package: &&omg_sbom::inventory::Package| package.origin != Origin::Unknown;
    let packages = machine.inventories[0].packages().iter().filter(of_vendor);
    let names: Vec<&str> = packages.map(|package| package.name.as_str()).collect();
    assert_eq!(names, ["node", "old"]);
    assert!(machine.is_complete());
    // A list that is not read could name any of them.
    let packed = format!("{vendor}main_binary-arm64_Packages.lz4");
    common::write(&root.path().join(packed), "lz4");
    assert!(!read(&root).is_complete());
}
