//! Installed files against what pacman and dpkg themselves say of them.
#![cfg(feature = "fs")]
#![allow(clippy::unwrap_used)] // A test may fail anywhere.

mod common;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    num::NonZeroUsize,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::{Path, PathBuf},
    process::Command,
};

use common::{have, is_root, makepkg, output, run};
use omg_sbom::{
    files::{Change, Report},
    inventory::{Detail, Machine},
};

const PKGBUILD: &str = r#"
pkgname=omg-files
pkgver=1
pkgrel=1
arch=(any)
backup=(etc/omg.conf)
package() {
    local name
    for name in same size content mode gone kind; do
        install -Dm755 /dev/stdin "$pkgdir/usr/bin/$name" <<<"the $name"
    done
    install -Dm644 /dev/stdin "$pkgdir/etc/omg.conf" <<<'a=b'
    install -Dm644 /dev/stdin "$pkgdir/usr/share/a b/ä" <<<'x'
    ln -s same "$pkgdir/usr/bin/link"
    ln -s same "$pkgdir/usr/bin/moved"
    ln "$pkgdir/usr/bin/same" "$pkgdir/usr/bin/hard"
}
"#;

fn check(root: &Path, threads: usize) -> Report {
    let machine = Machine::read_root(root, Detail::Full).unwrap();
    machine.check_files(root, NonZeroUsize::new(threads).unwrap())
}

/// What an intruder, an administrator and an accident do.
fn meddle(root: &Path) {
    let at = |name: &str| root.join("usr/bin").join(name);
    fs::write(at("size"), "another length").unwrap();
    fs::write(at("content"), "THE CONTENT\n").unwrap();
    fs::set_permissions(at("mode"), fs::Permissions::from_mode(0o4755)).unwrap();
    fs::remove_file(at("gone")).unwrap();
    fs::remove_file(at("kind")).unwrap();
    symlink("same", at("kind")).unwrap();
    fs::remove_file(at("moved")).unwrap();
    symlink("content", at("moved")).unwrap();
    fs::write(root.join("etc/omg.conf"), "a=c\n").unwrap();
    fs::write(at("extra"), "x").unwrap();
    fs::create_dir_all(root.join("usr/share/new/deep")).unwrap();
    fs::create_dir_all(root.join("usr/local/bin")).unwrap();
}

fn changes(report: &Report) -> BTreeMap<String, BTreeSet<Change>> {
    let files = report.packages.iter().flat_map(|package| &package.changed);
    let changes = files.map(|file| {
        let changes = file.changes.iter().copied();
        // Without root's rights nothing belongs to root.
        let changes = changes.filter(|change| is_root() || *change != Change::Owner);
        (file.path.clone(), changes.collect::<BTreeSet<_>>())
    });
    changes.filter(|(_, changes)| !changes.is_empty()).collect()
}

fn pacman(root: &Path, arguments: &[&str]) -> Command {
    let mut command = match is_root() {
        true => Command::new("pacman"),
        false => {
            let mut command = Command::new("fakeroot");
            command.arg("pacman");
            command
        }
    };
    command.arg("--noconfirm").args(arguments);
    let database = root.join("var/lib/pacman");
    fs::create_dir_all(&database).unwrap();
    let config = root.join("empty.conf");
    fs::write(&config, "[options]\nSigLevel = Never\n").unwrap();
    for (option, path) in [
        ("--root", root),
        ("--dbpath", &database),
        ("--config", &config),
        ("--gpgdir", root),
        ("--cachedir", root),
        ("--hookdir", root),
        ("--logfile", &root.join("log")),
    ] {
        command.arg(option).arg(path);
    }
    command
}

/// The verdict of `pacman -Qkk`, in our words.
fn pacmans(root: &Path) -> BTreeMap<String, BTreeSet<Change>> {
    let said = output(&mut pacman(root, &["-Qkk"]));
    let said = String::from_utf8([said.stdout, said.stderr].concat()).unwrap();
    assert!(said.contains("total files"), "{said}");
    let mut all: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for line in said.lines() {
        let Some((start, reason)) = line.strip_suffix(')').and_then(|l| l.rsplit_once(" (")) else {
            continue;
        };
        let change = match reason {
            "No such file or directory" => Change::Missing,
            "File type mismatch" => Change::Kind,
            "Symlink path mismatch" => Change::Link,
            "Size mismatch" => Change::Size,
            "SHA256 checksum mismatch" => Change::Content,
            "Permissions mismatch" => Change::Mode,
            "UID mismatch" | "GID mismatch" if is_root() => Change::Owner,
            _ => continue,
        };
        let path = start.split_once(&format!("{}/", root.display())).unwrap().1;
        all.entry(path.to_owned()).or_default().insert(change);
    }
    // A file of another size has another digest, and pacman says both.
    for changes in all.values_mut() {
        if changes.contains(&Change::Size) {
            changes.remove(&Change::Content);
        }
    }
    all
}

#[test]
fn pacman_says_the_same_of_installed_files() {
    if !have(&["makepkg", "setpriv", "bsdtar", "fakeroot", "pacman"]) {
        return;
    }
    let work = tempfile::tempdir().unwrap();
    fs::set_permissions(work.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let (build, root) = (work.path().join("build"), work.path().join("root"));
    fs::create_dir(&build).unwrap();
    fs::create_dir(&root).unwrap();
    fs::write(build.join("PKGBUILD"), PKGBUILD).unwrap();
    let package = makepkg(&build, ".pkg.tar.gz");
    run(&mut pacman(
        &root,
        &["--noscriptlet", "-U", package.to_str().unwrap()],
    ));

    let clean = check(&root, 1);
    assert_eq!(
        (changes(&clean), pacmans(&root)),
        (BTreeMap::new(), BTreeMap::new())
    );
    assert_eq!(clean.extra, [""; 0]);
    assert!(clean.is_complete() && clean.checked() >= 14, "{clean:?}");

    meddle(&root);
    let report = check(&root, 1);
    let found = changes(&report);
    // Each of them once by name, so that equal mistakes on both sides are noticed.
    let one = |path: &str, change| (path.to_owned(), BTreeSet::from([change]));
    let expected = BTreeMap::from([
        one("etc/omg.conf", Change::Content),
        one("usr/bin/content", Change::Content),
        one("usr/bin/gone", Change::Missing),
        one("usr/bin/kind", Change::Kind),
        one("usr/bin/mode", Change::Mode),
        one("usr/bin/moved", Change::Link),
        one("usr/bin/size", Change::Size),
    ]);
    assert_eq!(found, expected);
    assert_eq!(found, pacmans(&root));
    assert_eq!(report.extra, ["usr/bin/extra", "usr/share/new/"]);
    if is_root() {
        assert_eq!(report.counts(), [1, 5, 1]);
    }
    assert_eq!(check(&root, 3), report, "threads change nothing");
}

fn dpkg(root: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("dpkg");
    command.arg(format!("--root={}", root.display()));
    command.arg("--force-not-root").args(arguments);
    command
}

fn make_deb(work: &Path) -> PathBuf {
    let tree = work.join("tree");
    let put = |path: &str, content: &str| {
        let path = tree.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    };
    let control = "Package: omg-files\nVersion: 1\nArchitecture: all\n\
        Maintainer: Jane Doe <jane@omg.example>\nDescription: x\n";
    put("DEBIAN/control", control);
    put("DEBIAN/conffiles", "/etc/omg.conf\n");
    put("etc/omg.conf", "a=b\n");
    let mut sums = Vec::new();
    for name in ["same", "size", "content", "mode", "gone", "kind"] {
        put(&format!("usr/bin/{name}"), &format!("the {name}\n"));
        let path = format!("usr/bin/{name}");
        sums.extend(run(Command::new("md5sum").arg(path).current_dir(&tree)));
    }
    fs::write(tree.join("DEBIAN/md5sums"), sums).unwrap();
    symlink("same", tree.join("usr/bin/moved")).unwrap();
    let path = work.join("omg-files.deb");
    let mut build = Command::new("dpkg-deb");
    build.args(["--root-owner-group", "--build"]);
    run(build.arg(&tree).arg(&path));
    path
}

#[test]
fn dpkg_says_the_same_of_installed_files() {
    if !have(&["dpkg", "dpkg-deb", "md5sum"]) || !is_root() {
        return;
    }
    let work = tempfile::tempdir().unwrap();
    let root = work.path().join("root");
    for directory in ["info", "updates", "triggers"] {
        fs::create_dir_all(root.join("var/lib/dpkg").join(directory)).unwrap();
    }
    fs::write(root.join("var/lib/dpkg/status"), "").unwrap();
    let package = make_deb(work.path());
    run(&mut dpkg(&root, &["-i", package.to_str().unwrap()]));
    let clean = check(&root, 1);
    assert_eq!(changes(&clean), BTreeMap::new());
    assert_eq!(clean.extra, [""; 0]);
    meddle(&root);
    let report = check(&root, 2);
    let found = changes(&report);
    let said = output(&mut dpkg(&root, &["--verify"]));
    let said = String::from_utf8(said.stdout).unwrap();
    // dpkg looks at digests only, and through links: modes and targets are not recorded.
    let paths = said
        .lines()
        .map(|line| line.rsplit_once(" /").unwrap().1.to_owned());
    let dpkgs: BTreeSet<_> = paths.collect();
    let ours: BTreeSet<_> = found.keys().cloned().collect();
    assert_eq!(ours, dpkgs, "{said}");
    let expected = [
        "etc/omg.conf",
        "usr/bin/content",
        "usr/bin/gone",
        "usr/bin/kind",
        "usr/bin/size",
    ];
    assert_eq!(ours.iter().collect::<Vec<_>>(), expected);
    assert_eq!(report.extra, ["usr/bin/extra", "usr/share/"]);
    assert_eq!(report.counts(), [1, 3, 1]);
}
