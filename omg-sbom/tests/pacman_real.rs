//! Real packages: built by makepkg, offered by repo-add, installed by pacman.
#![cfg(feature = "fs")]
// clippy.toml allows these within `#[test]` functions only.
#![allow(clippy::panic, clippy::print_stderr, clippy::unwrap_used)]

mod common;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use omg_sbom::inventory::{Detail, Machine, Origin};
use tempfile::TempDir;

/// A package that makepkg builds, offered by repo-add's databases in every compression and
/// installed by pacman.
#[test]
fn real_packages_and_databases_are_read() {
    if !common::have(&[
        "pacman",
        "makepkg",
        "fakeroot",
        "repo-add",
        "bsdtar",
        "sha256sum",
    ]) {
        return;
    }
    let work = TempDir::new().unwrap();
    let Some(archive) = make_package(work.path()) else {
        return;
    };
    let digest = common::run(Command::new("sha256sum").arg("-b").arg(&archive));
    let digest = String::from_utf8_lossy(&digest)
        .split(' ')
        .next()
        .unwrap()
        .to_owned();

    let root = work.path().join("root");
    let database = root.join("var/lib/pacman");
    fs::create_dir_all(database.join("sync")).unwrap();
    common::write(
        &root.join("etc/pacman.conf"),
        "[options]\nSigLevel = Never\nLocalFileSigLevel = Never\n[test]\n",
    );
    let mut install = Command::new("fakeroot");
    install
        .args(["pacman", "--noconfirm", "--noscriptlet", "-U"])
        .arg(&archive);
    install
        .arg("--root")
        .arg(&root)
        .arg("--dbpath")
        .arg(&database);
    install.arg("--config").arg(root.join("etc/pacman.conf"));
    install
        .arg("--cachedir")
        .arg(work.path())
        .arg("--hookdir")
        .arg(work.path());
    install.arg("--logfile").arg(work.path().join("log"));
    common::run(&mut install);

    // Any bytes that are not armoured will do for a signature: it is stored, not verified.
    let signature = PathBuf::from(format!("{}.sig", archive.display()));
    fs::write(&signature, b"\x88\x01signature").unwrap();
    let mut compressed = 0;
    for extension in ["", ".gz", ".zst", ".xz"] {
        let file = work.path().join(format!("test.db.tar{extension}"));
        common::run(
            Command::new("repo-add")
                .arg("--quiet")
                .arg(&file)
                .arg(&archive),
        );
        let content = fs::read(&file).unwrap();
        compressed += usize::from(!content.len().is_multiple_of(512));
        fs::write(database.join("sync/test.db"), content).unwrap();
        let machine = Machine::read_root(&root, Detail::Full).unwrap();
        let [package] = machine.inventories[0].packages() else {
            panic!("{machine:?}")
        };
        assert!(machine.is_complete(), "{machine:?}");
        assert_eq!(
            (package.name.as_str(), package.version.as_str()),
            ("odd-one", "1:2.0+x-3")
        );
        assert_eq!(package.origin, Origin::Repository("test".to_owned()));
        assert_eq!(package.archive_sha256.unwrap().to_string(), digest);
        assert_eq!(
            package.archive_size,
            Some(fs::metadata(&archive).unwrap().len())
        );
        assert_eq!(
            package.archive_name.as_deref(),
            archive.file_name().unwrap().to_str()
        );
        assert_eq!(package.licences, ["MIT", "custom:X"]);
        assert_eq!(
            package.maintainer.as_deref(),
            Some("Jane Doe <jane@omg.example>")
        );
        let signed = package.archive_signature.as_deref();
        assert!(
            signed.is_none_or(|bytes| bytes == b"\x88\x01signature"),
            "{signed:?}"
        );
    }
    assert_eq!(compressed, 3);
}

fn make_package(work: &Path) -> Option<PathBuf> {
    let build = work.join("build");
    common::write(
        &build.join("PKGBUILD"),
        "pkgname=odd-one\nepoch=1\npkgver=2.0+x\npkgrel=3\npkgdesc='An odd one'\narch=(any)\n\
         license=('MIT' 'custom:X')\npackage() { install -Dm644 /dev/null \"$pkgdir/usr/odd\"; }\n",
    );
    if !common::have(&["setpriv", "chown", "chmod"]) {
        return None;
    }
    common::run(Command::new("chmod").arg("755").arg(work));
    Some(common::makepkg(&build, ".pkg.tar.gz"))
}
