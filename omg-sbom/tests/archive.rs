//! Package files that makepkg and dpkg-deb build.
#![cfg(feature = "archive")]
#![allow(clippy::unwrap_used)] // A test may fail anywhere.

mod common;

use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::Path,
    process::Command,
};

use common::{have, makepkg, run};
use omg_sbom::archive::{self, ArchiveError, Format, Member, MemberKind, PackageFile};

const PKGBUILD: &str = r#"
pkgname=omg-made
pkgbase=omg-base
pkgver=1.2
pkgrel=3
epoch=2
pkgdesc="made = for a test"
url="https://omg.example/"
license=('MIT' 'GPL-2.0-or-later')
arch=(any)
depends=('glibc>=2.38')
optdepends=('python: for more')
provides=('made=1')
backup=('etc/omg.conf')
install=omg.install
package() {
    install -Dm4755 /dev/stdin "$pkgdir/usr/bin/omg-made" <<<'#!/bin/sh'
    install -Dm644 /dev/stdin "$pkgdir/etc/omg.conf" <<<'a=b'
    ln -s omg-made "$pkgdir/usr/bin/omg-link"
    ln "$pkgdir/usr/bin/omg-made" "$pkgdir/usr/bin/omg-hard"
    local long="$pkgdir/usr/share/$(printf 'd%.0s' {1..120})"
    install -Dm644 /dev/stdin "$long/$(printf 'f%.0s' {1..120})" <<<'long'
}
"#;

fn member<'a>(read: &'a PackageFile, path: &str) -> &'a Member {
    let mut members = read.members.iter();
    members
        .find(|member| member.path == path.as_bytes())
        .unwrap()
}

/// No beginning of a file passes for all of it. A plain tar archive may lack some of the zeros at
/// its end, and a `.deb` the last byte, which only makes its length even.
fn assert_cuts_are_refused(bytes: &[u8]) {
    let last = bytes.iter().rposition(|byte| *byte != 0).unwrap();
    for cut in (0..last).step_by(last / 97 + 1).chain([last - 1, last]) {
        let read = archive::read(&bytes[..cut]);
        let is_padding = cut == last && bytes.starts_with(b"!<arch>") && bytes[last] == b'\n';
        assert!(
            read.is_err() || is_padding,
            "cut at {cut} of {}",
            bytes.len()
        );
    }
}

#[test]
fn packages_of_makepkg_are_read_in_every_compression() {
    if !have(&["makepkg", "setpriv", "zstd", "xz", "bsdtar", "fakeroot"]) {
        return;
    }
    let work = tempfile::tempdir().unwrap();
    fs::set_permissions(work.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let build = work.path().join("build");
    fs::create_dir(&build).unwrap();
    fs::write(build.join("PKGBUILD"), PKGBUILD).unwrap();
    fs::write(build.join("omg.install"), "post_install() {\n  true\n}\n").unwrap();
    for extension in [".pkg.tar.zst", ".pkg.tar.xz", ".pkg.tar.gz", ".pkg.tar"] {
        let path = makepkg(&build, extension);
        let bytes = fs::read(&path).unwrap();
        let read = archive::read(bytes.as_slice()).unwrap();
        is_what_makepkg_made(&read, &path);
        assert_eq!(read.package.archive_size, Some(bytes.len() as u64));
        assert_cuts_are_refused(&bytes);
    }
}

fn is_what_makepkg_made(read: &PackageFile, path: &Path) {
    assert_eq!(
        (read.format, read.findings.as_slice()),
        (Format::Pacman, &[][..])
    );
    let package = &read.package;
    assert_eq!(
        (package.name.as_str(), package.version.as_str()),
        ("omg-made", "2:1.2-3")
    );
    assert_eq!(package.base.as_deref(), Some("omg-base"));
    assert_eq!(package.description.as_deref(), Some("made = for a test"));
    assert_eq!(
        package.maintainer.as_deref(),
        Some("Jane Doe <jane@omg.example>")
    );
    assert_eq!(package.licences, ["MIT", "GPL-2.0-or-later"]);
    assert_eq!(package.depends, ["glibc>=2.38"]);
    assert_eq!(package.optional_depends, ["python: for more"]);
    assert_eq!(package.provides, ["made=1"]);
    assert!(package.built_at.is_some() && package.installed_size.is_some());
    assert_eq!(read.configuration, ["etc/omg.conf"]);
    let names: Vec<_> = read.metadata.keys().map(String::as_str).collect();
    assert_eq!(names, [".BUILDINFO", ".INSTALL", ".MTREE", ".PKGINFO"]);
    let scripts: Vec<_> = read.scripts().collect();
    assert_eq!(
        scripts,
        [(".INSTALL", &b"post_install() {\n  true\n}\n"[..])]
    );
    assert!(
        read.build_info()
            .any(|line| line == ("pkgname".into(), "omg-made".into()))
    );
    assert!(read.metadata[".MTREE"].starts_with(&[0x1f, 0x8b]));

    // libarchive's own list of the same file.
    let listed = run(Command::new("bsdtar").arg("-tf").arg(path));
    let listed = String::from_utf8(listed).unwrap();
    let listed = listed.lines().map(|line| line.trim_end_matches('/'));
    let listed: Vec<_> = listed.filter(|line| !line.starts_with('.')).collect();
    let read_paths: Vec<_> = read.members.iter().map(Member::path_text).collect();
    assert_eq!(read_paths, listed);

    let program = member(read, "usr/bin/omg-made");
    let other = member(read, "usr/bin/omg-hard");
    // Which of the two comes first is bsdtar's choice.
    let (file, hard) = match program.kind {
        MemberKind::File => (program, other),
        _ => (other, program),
    };
    assert_eq!(
        (file.kind, file.mode, file.size),
        (MemberKind::File, 0o4755, 10)
    );
    assert_eq!((file.uid, file.gid), (0, 0));
    assert!(file.is_setuid() && !file.is_setgid() && !file.is_world_writable());
    assert_eq!((hard.kind, hard.size), (MemberKind::HardLink, 0));
    assert_eq!(hard.link.as_deref(), Some(&*file.path));
    let link = member(read, "usr/bin/omg-link");
    assert_eq!(
        (link.kind, link.link.as_deref()),
        (MemberKind::Symlink, Some(&b"omg-made"[..]))
    );
    assert_eq!(member(read, "usr/bin").kind, MemberKind::Directory);
}

#[test]
fn packages_of_dpkg_deb_are_read_in_every_compression() {
    if !have(&["dpkg-deb", "xz"]) {
        return;
    }
    let work = tempfile::tempdir().unwrap();
    let tree = work.path().join("tree");
    let put = |path: &str, mode: u32, content: &str| {
        let path = tree.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    };
    let control = "Package: omg-made\nVersion: 2:1.2-3\nArchitecture: all\n\
        Maintainer: Jane Doe <jane@omg.example>\nDepends: libc6 (>= 2.36), a | b\n\
        Description: made for a test\n and more\n";
    put("DEBIAN/control", 0o644, control);
    put("DEBIAN/conffiles", 0o644, "/etc/omg.conf\n");
    put("DEBIAN/postinst", 0o755, "#!/bin/sh\ntrue\n");
    put("DEBIAN/prerm", 0o755, "#!/bin/sh\n");
    put("DEBIAN/triggers", 0o644, "activate-noawait ldconfig\n");
    put(
        "DEBIAN/md5sums",
        0o644,
        "d41d8cd98f00b204e9800998ecf8427e  usr/bin/omg\n",
    );
    put("etc/omg.conf", 0o644, "a=b\n");
    put("usr/bin/omg", 0o755, "#!/bin/sh\n");
    fs::set_permissions(tree.join("usr/bin/omg"), fs::Permissions::from_mode(0o6755)).unwrap();
    put(
        &format!("usr/share/{}/{}", "d".repeat(120), "f".repeat(120)),
        0o644,
        "long",
    );
    symlink("omg", tree.join("usr/bin/link")).unwrap();
    for compression in ["zstd", "xz", "gzip", "none"] {
        let path = work.path().join("made.deb");
        let mut build = Command::new("dpkg-deb");
        build.arg(format!("-Z{compression}"));
        build
            .args(["--root-owner-group", "--build"])
            .arg(&tree)
            .arg(&path);
        run(&mut build);
        let bytes = fs::read(&path).unwrap();
        let read = archive::read(bytes.as_slice()).unwrap();
        is_what_dpkg_made(&read, &path);
        assert_cuts_are_refused(&bytes);
    }
}

fn is_what_dpkg_made(read: &PackageFile, path: &Path) {
    assert_eq!(
        (read.format, read.findings.as_slice()),
        (Format::Deb, &[][..])
    );
    let package = &read.package;
    assert_eq!(
        (package.name.as_str(), package.version.as_str()),
        ("omg-made", "2:1.2-3")
    );
    assert_eq!(package.architecture.as_deref(), Some("all"));
    assert_eq!(package.depends, ["libc6 (>= 2.36)", "a | b"]);
    assert_eq!(read.configuration, ["/etc/omg.conf"]);
    let names: Vec<_> = read.metadata.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "conffiles",
            "control",
            "md5sums",
            "postinst",
            "prerm",
            "triggers"
        ]
    );
    let scripts: Vec<_> = read.scripts().map(|(name, _)| name).collect();
    assert_eq!(scripts, ["postinst", "prerm"]);
    // dpkg's own list of the same file.
    let tar = run(Command::new("dpkg-deb").arg("--fsys-tarfile").arg(path));
    let mut tar = tar::Archive::new(tar.as_slice());
    let listed = tar.entries().unwrap().map(|entry| {
        let path = entry.unwrap().path_bytes().into_owned();
        let text = String::from_utf8(path).unwrap();
        let text = text.trim_start_matches("./").trim_end_matches('/');
        if text.is_empty() {
            ".".to_owned()
        } else {
            text.to_owned()
        }
    });
    let read_paths: Vec<_> = read.members.iter().map(Member::path_text).collect();
    assert_eq!(read_paths, listed.collect::<Vec<_>>());
    let program = member(read, "usr/bin/omg");
    assert!(program.is_setuid() && program.is_setgid());
    let link = member(read, "usr/bin/link");
    assert_eq!(link.link.as_deref(), Some(&b"omg"[..]));
}

#[test]
fn compressions_that_are_not_read_are_named() {
    if !have(&["dpkg-deb", "ar", "bzip2"]) {
        return;
    }
    let work = tempfile::tempdir().unwrap();
    let at = |name: &str| work.path().join(name);
    fs::write(at("debian-binary"), "2.0\n").unwrap();
    fs::write(at("x"), "x").unwrap();
    run(Command::new("bzip2").arg(at("x")));
    fs::rename(at("x.bz2"), at("control.tar.bz2")).unwrap();
    let mut ar = Command::new("ar");
    ar.args(["qc", "x.deb", "debian-binary", "control.tar.bz2"]);
    run(ar.current_dir(work.path()));
    let read = archive::read(fs::File::open(at("x.deb")).unwrap());
    assert!(
        matches!(&read, Err(ArchiveError::Unsupported { part: "control.tar", detail }) if detail.contains("bzip2")),
        "{read:?}"
    );
}
