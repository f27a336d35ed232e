//! Digests of package files in pacman's cache: of those, and only those, that are the installed.
#![cfg(all(feature = "cyclonedx", feature = "fs"))]
#![allow(clippy::unwrap_used)] // A test may fail anywhere.

mod common;

use std::{
    fs,
    num::NonZeroUsize,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::{Path, PathBuf},
    process::Command,
};

use common::{have, is_root, makepkg, run, write};
use omg_sbom::{
    Sbom, Serial,
    check::{self, Framework},
    cyclonedx::{self, Version},
    inventory::{Detail, Machine, Package},
};
use tempfile::TempDir;

const MTREE: &[u8] = b"\x1f\x8b the list that pacman keeps as it is";
const CACHE: &str = "var/cache/pacman/pkg";
const FILE: &str = "a-1-1-any.pkg.tar";

/// A system on which `a` 1-1 is installed.
fn system() -> TempDir {
    let root = TempDir::new().unwrap();
    let entry = root.path().join("var/lib/pacman/local/a-1-1");
    write(
        &entry.join("desc"),
        "%NAME%\na\n\n%VERSION%\n1-1\n\n%ARCH%\nany\n\n",
    );
    write(&entry.join("mtree"), MTREE);
    write(&root.path().join("etc/os-release"), "ID=arch\n");
    root
}

fn package_file(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (path, content) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        archive.append_data(&mut header, path, *content).unwrap();
    }
    archive.into_inner().unwrap()
}

fn installed_from() -> Vec<u8> {
    package_file(&[(".BUILDINFO", b"x"), (".MTREE", MTREE), ("usr/bin/a", b"a")])
}

fn machine(root: &Path, threads: usize) -> Machine {
    let mut machine = Machine::read_root(root, Detail::Full).unwrap();
    machine.read_cache(root, NonZeroUsize::new(threads).unwrap());
    machine
}

fn package(root: &Path) -> Package {
    machine(root, 1).inventories[0].packages()[0].clone()
}

fn is_taken(root: &Path) -> bool {
    let package = package(root);
    assert_eq!(
        package.archive_sha256.is_some(),
        package.archive_sha512.is_some()
    );
    package.archive_sha512.is_some()
}

#[test]
fn the_file_that_was_installed_is_known_by_its_list() {
    let root = system();
    let at = root.path().join(CACHE).join(FILE);
    assert!(!is_taken(root.path()), "there is no cache");
    write(&at, installed_from());
    assert!(is_taken(root.path()));
    let other = [MTREE, b"x"].concat();
    for (what, members) in [
        ("another list", &[(".MTREE", b"another".as_slice())][..]),
        ("a longer list", &[(".MTREE", &other)]),
        ("a shorter list", &[(".MTREE", &MTREE[1..])]),
        ("no list", &[(".PKGINFO", b"x")]),
        (
            "a list after the files",
            &[("usr/bin/a", b"a"), (".MTREE", MTREE)],
        ),
    ] {
        write(&at, package_file(members));
        assert!(!is_taken(root.path()), "{what}");
    }
    write(&at, "no archive");
    assert!(!is_taken(root.path()));
    fs::remove_file(&at).unwrap();
    write(
        &root.path().join(CACHE).join("a-1-2-any.pkg.tar"),
        installed_from(),
    );
    assert!(!is_taken(root.path()), "another release");
}

#[test]
fn the_cache_is_where_the_configuration_says_and_below_the_root() {
    let root = system();
    let elsewhere = TempDir::new().unwrap();
    write(&elsewhere.path().join(FILE), installed_from());
    write(
        &root.path().join("etc/pacman.conf"),
        "[options]\nCacheDir = /one /two/\n",
    );
    fs::create_dir_all(root.path().join("two")).unwrap();
    let link = root.path().join("two").join(FILE);
    symlink(elsewhere.path().join(FILE), &link).unwrap();
    assert!(!is_taken(root.path()), "out of the root");
    fs::remove_file(&link).unwrap();
    write(&root.path().join(CACHE).join(FILE), installed_from());
    assert!(!is_taken(root.path()), "not where the configuration says");
    write(&link, installed_from());
    assert!(is_taken(root.path()));
}

/// A sync database that offers `a` 1-1 with this digest.
fn offer(root: &Path, sha256: &str) {
    let desc = format!(
        "%FILENAME%\n{FILE}.zst\n\n%NAME%\na\n\n%VERSION%\n1-1\n\n%SHA256SUM%\n{sha256}\n\n"
    );
    let database = package_file(&[("a-1-1/desc", desc.as_bytes())]);
    write(&root.join("var/lib/pacman/sync/core.db"), database);
}

#[test]
fn the_digest_of_a_repository_stands() {
    let root = system();
    write(&root.path().join(CACHE).join(FILE), installed_from());
    let own = package(root.path()).archive_sha256.unwrap().to_string();
    let other = "0".repeat(64);
    offer(root.path(), &other);
    let package_of = |root| package(root);
    let found = package_of(root.path());
    assert_eq!(found.archive_sha256.unwrap().to_string(), other);
    assert_eq!(found.archive_sha512, None, "it is of another file");
    offer(root.path(), &own);
    let found = package_of(root.path());
    assert_eq!(found.archive_sha256.unwrap().to_string(), own);
    assert!(found.archive_sha512.is_some());
    assert_eq!(found.archive_name.unwrap(), format!("{FILE}.zst"));
}

#[test]
fn it_is_in_the_document_and_closes_a_gap() {
    let root = system();
    write(&root.path().join(CACHE).join(FILE), installed_from());
    assert_eq!(machine(root.path(), 1), machine(root.path(), 4));
    let sbom = Sbom::builder(chrono::DateTime::UNIX_EPOCH, Serial::FromContent)
        .machine(machine(root.path(), 1))
        .build(&common::order);
    let mut json = Vec::new();
    cyclonedx::write_json(&sbom, Version::V1_6, &mut json).unwrap();
    let document: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let hashes = document["components"][0]["hashes"].as_array().unwrap();
    let kinds: Vec<_> = hashes
        .iter()
        .map(|hash| hash["alg"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["SHA-256", "SHA-512"]);
    let elements = check::elements(&sbom, Framework::Bsi, Version::V1_6);
    for name in ["SHA-512 of the deployable component", "file name"] {
        let element = elements.iter().find(|element| element.name == name);
        assert!(element.unwrap().is_met(), "{name}");
    }
}

/// What makepkg and pacman make of a package with one file.
fn build(work: &Path, content: &str) -> PathBuf {
    let folder = work.join(content);
    let recipe = format!(
        "pkgname=omg-cache\npkgver=1\npkgrel=1\narch=(any)\n\
         package() {{ install -Dm644 /dev/stdin \"$pkgdir/usr/share/x\" <<<'{content}'; }}\n"
    );
    write(&folder.join("PKGBUILD"), recipe);
    makepkg(&folder, ".pkg.tar.zst")
}

fn install(root: &Path, file: &Path) {
    let mut command = Command::new("fakeroot");
    if is_root() {
        command = Command::new("env");
    }
    command.args(["pacman", "--noconfirm", "-U"]).arg(file);
    let database = root.join("var/lib/pacman");
    fs::create_dir_all(&database).unwrap();
    let config = root.join("empty.conf");
    fs::write(&config, "[options]\nSigLevel = Never\n").unwrap();
    command.arg("--root").arg(root).arg("--config").arg(config);
    command.arg("--dbpath").arg(database);
    for option in ["--gpgdir", "--hookdir", "--cachedir"] {
        command.arg(option).arg(root);
    }
    run(command.arg("--logfile").arg(root.join("log")));
}

#[test]
fn real_packages() {
    if !have(&["makepkg", "setpriv", "bsdtar", "fakeroot", "pacman", "zstd"]) {
        return;
    }
    let work = TempDir::new().unwrap();
    fs::set_permissions(work.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let (one, other) = (build(work.path(), "one"), build(work.path(), "other"));
    let root = work.path().join("root");
    fs::create_dir(&root).unwrap();
    install(&root, &one);
    let cached = root.join(CACHE).join(one.file_name().unwrap());
    write(&cached, fs::read(&other).unwrap());
    assert_eq!(
        package(&root).archive_sha256,
        None,
        "another build of the same version"
    );
    write(&cached, fs::read(&one).unwrap());
    let found = package(&root);
    for (tool, digest) in [
        ("sha256sum", found.archive_sha256.unwrap().to_string()),
        ("sha512sum", found.archive_sha512.unwrap().to_string()),
    ] {
        let said = String::from_utf8(run(Command::new(tool).arg(&cached))).unwrap();
        assert_eq!(said.split(' ').next(), Some(&*digest), "{tool}");
    }
}
