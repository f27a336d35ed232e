//! Package files that nobody builds by accident.
#![cfg(feature = "archive")]
#![allow(clippy::unwrap_used)] // A test may fail anywhere.

mod made;

use made::{CONTROL, INFO, Tar, ar, deb, gzip, read_deb};
use omg_sbom::archive::{self, ArchiveError, FindingKind};

/// The findings as `subject: kind`.
fn findings(tar: Tar) -> Vec<(String, FindingKind)> {
    let read = tar.read().unwrap();
    let found = read.findings.into_iter();
    found
        .map(|finding| (finding.subject, finding.kind))
        .collect()
}

fn is_malformed(tar: Tar, word: &str) {
    let read = tar.read();
    assert!(
        matches!(&read, Err(ArchiveError::Malformed { detail, .. }) if detail.contains(word)),
        "{word}: {read:?}"
    );
}

#[test]
fn what_the_other_tests_are_made_of_is_accepted() {
    assert_eq!(findings(Tar::package().file("usr/a", "abc")), []);
    let read = read_deb(&deb()).unwrap();
    assert_eq!((read.package.name.as_str(), read.members.len()), ("a", 1));
    assert_eq!(read.findings, []);
}

#[test]
fn paths_that_leave_the_root_are_found() {
    use FindingKind::{AbsolutePath, Ignored, Traversal, UnusualName};
    let cases = [
        ("/etc/passwd", vec![AbsolutePath]),
        ("usr/../../etc/passwd", vec![Traversal]),
        ("..", vec![Traversal, Ignored]),
        ("./usr/a", vec![Ignored]),
        (".config/a", vec![Ignored]),
        ("usr/a\u{1b}[2J", vec![UnusualName]),
    ];
    for (path, expected) in cases {
        let found = findings(Tar::package().file(path, ""));
        let kinds: Vec<_> = found.iter().map(|(_, kind)| *kind).collect();
        assert_eq!(kinds, expected, "{path:?}");
        assert!(found.iter().all(|(subject, _)| !subject.contains('\u{1b}')));
    }
    let not_utf8 = Tar::package().raw(b"usr/\xff", b'0', "", b"", 0);
    assert_eq!(findings(not_utf8), [("usr/\u{fffd}".into(), UnusualName)]);
}

#[test]
fn links_that_lead_elsewhere_are_found() {
    use FindingKind::{BeneathLink, LinkOutside};
    let links = [
        (b'2', "usr/a", "../b", false),
        (b'2', "usr/a", "../../etc/shadow", true),
        (b'2', "usr/a", "/etc/b", false),
        (b'2', "usr/a", "/../b", true),
        (b'2', "usr/a", "b/../../c", false),
        (b'2', "usr/a", "b/../../../c", true),
        (b'1', "usr/a", "usr/known", false),
        (b'1', "usr/a", "/usr/known", true),
        (b'1', "usr/a", "usr/later", true),
        (b'1', "usr/a", "etc/shadow", true),
        (b'1', "usr/a", "usr/dir", true),
    ];
    for (kind, path, target, is_outside) in links {
        let tar = Tar::package()
            .file("usr/known", "")
            .link("usr/dir", b'5', "");
        let found = findings(tar.link(path, kind, target).file("usr/later", ""));
        let expected = Vec::from_iter(is_outside.then(|| (path.to_owned(), LinkOutside)));
        assert_eq!(found, expected, "{target}");
    }
    let tar = Tar::package()
        .link("usr/etc", b'2', "/etc")
        .file("usr/etc.d/b", "");
    assert_eq!(findings(tar.clone()), []);
    let found = findings(tar.file("usr/etc/x/passwd", ""));
    assert_eq!(found, [("usr/etc/x/passwd".into(), BeneathLink)]);
    // Also where the link comes later.
    let tar = Tar::package()
        .file("opt/x/a", "")
        .link("opt/x", b'2', "/etc");
    assert_eq!(findings(tar), [("opt/x/a".into(), BeneathLink)]);
}

#[test]
fn members_that_are_there_twice_are_found() {
    use FindingKind::{Duplicate, Metadata};
    let twice = Tar::package()
        .file("usr/a", "1")
        .file("usr/b", "")
        .file("usr//a", "2");
    assert_eq!(findings(twice), [("usr//a".into(), Duplicate)]);
    let directories = Tar::package().link("usr/", b'5', "").link("usr", b'5', "");
    assert_eq!(findings(directories), []);
    let again = INFO.replace("pkgname = a", "pkgname = b");
    let read = Tar::package().file(".PKGINFO", &again).read().unwrap();
    assert_eq!(read.package.name, "a");
    assert_eq!(read.findings.len(), 1);
    assert_eq!(read.findings[0].kind, Metadata);
    let link = Tar::package().link(".INSTALL", b'2', "/tmp/x");
    assert_eq!(findings(link.clone()), [(".INSTALL".into(), Metadata)]);
    assert_eq!(link.read().unwrap().scripts().count(), 0);
}

#[test]
fn devices_and_pipes_are_found() {
    for kind in *b"346" {
        let found = findings(Tar::package().link("dev/x", kind, ""));
        assert_eq!(found, [("dev/x".into(), FindingKind::SpecialFile)]);
    }
}

#[test]
fn contradictions_and_wrong_values_are_found() {
    let build = "pkgname = b\npkgver = 1-1\npkgarch = any\n";
    let found = findings(Tar::package().file(".BUILDINFO", build));
    assert_eq!(found, [(".BUILDINFO".into(), FindingKind::Inconsistent)]);
    let info = INFO.replace("size = 3", "size = x\njunk\nempty =");
    let read = Tar::default().file(".PKGINFO", &info).read().unwrap();
    assert!(
        read.findings
            .iter()
            .all(|finding| finding.kind == FindingKind::Value)
    );
    assert_eq!(read.findings.len(), 3);
}

#[test]
fn what_names_no_package_is_refused() {
    let no_info = Tar::default().file("usr/a", "").read();
    assert!(
        matches!(no_info, Err(ArchiveError::NotAPackage { .. })),
        "{no_info:?}"
    );
    for bytes in [&b""[..], b"#!/bin/sh\n", &[0x7f; 4096], &[b'x'; 4096]] {
        let read = archive::read(bytes);
        let is_refused = matches!(
            read,
            Err(ArchiveError::NotAPackage { .. } | ArchiveError::Truncated { .. })
        );
        assert!(is_refused, "{read:?}");
    }
    for (from, to) in [
        ("pkgname = a", ""),
        ("pkgver = 1-1", ""),
        ("pkgname = a", "pkgname = a b"),
        ("pkgname = a", "pkgname = a\npkgname = b"),
    ] {
        let info = INFO.replace(from, to);
        is_malformed(Tar::default().file(".PKGINFO", &info), "pkg");
    }
}

#[test]
fn what_programs_read_differently_is_refused() {
    let long = "x".repeat(4097);
    let sized = |size| {
        Tar::package()
            .pax(b'x', &[("size", size)])
            .file("usr/a", "abc")
    };
    assert!(sized("3").read().is_ok());
    is_malformed(sized("2"), "two sizes");
    is_malformed(sized("+3"), "number");
    let named = Tar::package().pax(b'x', &[("path", "usr/b"), ("SCHILY.xattr.user.x", "1")]);
    let read = named.clone().file("usr/a", "").read().unwrap();
    assert_eq!(read.members[0].path_text(), "usr/b");
    assert_eq!(read.members[0].attributes, ["user.x"]);
    let gnu = named.clone().raw(b"long", b'L', "", b"usr/c\0", 6);
    is_malformed(gnu.file("usr/a", ""), "two names");
    is_malformed(named.clone(), "without the member");
    is_malformed(
        named.pax(b'x', &[("path", "c")]).file("usr/a", ""),
        "contradicting",
    );
    is_malformed(
        Tar::package().pax(b'x', &[("path", "a"), ("path", "b")]),
        "twice",
    );
    is_malformed(
        Tar::package().pax(b'x', &[("path", "a\0b")]),
        "cannot be one",
    );
    is_malformed(Tar::package().pax(b'x', &[("path", "")]), "cannot be one");
    is_malformed(Tar::package().pax(b'g', &[("path", "a")]), "contradicting");
    assert!(Tar::package().pax(b'g', &[("comment", "a")]).read().is_ok());
    is_malformed(
        Tar::package().raw(b"p", b'x', "", b"8 path=a\n", 9),
        "cannot be read",
    );
    is_malformed(
        Tar::package()
            .raw(b"l", b'L', "", long.as_bytes(), 4097)
            .file("a", ""),
        "path",
    );
    is_malformed(Tar::package().raw(b"a", b'2', "b", b"abc", 3), "content");
    is_malformed(Tar::package().raw(b"a", b'S', "", b"", 0), "type");
    let sparse = Tar::package()
        .pax(b'x', &[("GNU.sparse.major", "1")])
        .file("a", "")
        .read();
    assert!(
        matches!(sparse, Err(ArchiveError::Unsupported { .. })),
        "{sparse:?}"
    );
    let mut damaged = Tar::package();
    damaged.0[0] ^= 1;
    assert!(damaged.file("a", "").read().is_err());
}

#[test]
fn bytes_after_the_end_are_found() {
    let mut bytes = Tar::package().end();
    bytes.extend(Tar::default().file("etc/shadow", "").end());
    let read = archive::read(bytes.as_slice()).unwrap();
    assert_eq!(read.findings[0].kind, FindingKind::Surplus);
    // Zeros are how tar fills its records.
    let mut bytes = Tar::package().end();
    bytes.extend([0; 10240]);
    assert_eq!(archive::read(bytes.as_slice()).unwrap().findings, []);
}

#[test]
fn a_deb_is_its_two_archives_in_order() {
    let [version, control, data] = <[_; 3]>::try_from(deb()).unwrap();
    let good = [version.clone(), control.clone(), data.clone()];
    for order in [
        vec![control.clone(), version.clone(), data.clone()],
        vec![version.clone(), data.clone(), control.clone()],
        vec![version.clone(), control.clone()],
        vec![version.clone(), data.clone()],
        vec![
            version.clone(),
            control.clone(),
            control.clone(),
            data.clone(),
        ],
        [&good[..], std::slice::from_ref(&data)].concat(),
    ] {
        let names: Vec<_> = order.iter().map(|(name, _)| *name).collect();
        assert!(read_deb(&order).is_err(), "{names:?}");
    }
    let extra = [&good[..2], &[("_gpgorigin", vec![1]), data.clone()]].concat();
    let read = read_deb(&extra).unwrap();
    assert_eq!(read.findings[0].kind, FindingKind::Surplus);
    let newer = [
        ("debian-binary", b"3.0\n".to_vec()),
        control.clone(),
        data.clone(),
    ];
    assert!(matches!(
        read_deb(&newer),
        Err(ArchiveError::Unsupported { .. })
    ));
    let long = [
        ("debian-binary", [&b"2.0\n"[..], &[b'x'; 2000]].concat()),
        control,
        data,
    ];
    assert!(read_deb(&long).is_err());
    let many = [&good[..], &vec![("x", Vec::new()); 14]].concat();
    assert!(matches!(
        read_deb(&many),
        Err(ArchiveError::Malformed { .. })
    ));
    let mut broken = ar(&[("debian-binary", b"2.0\n")]);
    broken[8 + 48] = b'-';
    assert!(matches!(
        archive::read(broken.as_slice()),
        Err(ArchiveError::Malformed { .. })
    ));
}

#[test]
fn a_control_file_is_one_package() {
    for control in [
        "",
        "Package: a\n",
        &format!("{CONTROL}\n{CONTROL}"),
        "junk\n",
    ] {
        let mut members = deb();
        members[1].1 = Tar::default().file("control", control).end();
        let read = read_deb(&members);
        assert!(read.is_err(), "{control:?}");
    }
    let mut members = deb();
    members[1].1 = Tar::default().file("postinst", "").end();
    assert!(matches!(
        read_deb(&members),
        Err(ArchiveError::NotAPackage { .. })
    ));
}

#[test]
fn the_digest_is_that_of_every_byte_of_the_input() {
    use sha2::Digest as _;
    let digest = |bytes: &[u8]| <[u8; 32]>::from(sha2::Sha256::digest(bytes));
    let package = Tar::package().file("usr/a", "abc").end();
    // Zeros after the end of a tar archive are read by no member.
    let padded = [package.as_slice(), &[0; 20_000]].concat();
    let debian = ar(&deb()
        .iter()
        .map(|(n, b)| (*n, b.as_slice()))
        .collect::<Vec<_>>());
    for bytes in [&package, &gzip(&package), &padded, &debian] {
        let read = archive::read(bytes.as_slice()).unwrap();
        assert_eq!(read.sha256().as_bytes(), &digest(bytes));
        // However the bytes come.
        let slow = std::io::BufReader::with_capacity(7, bytes.as_slice());
        assert_eq!(archive::read(slow).unwrap().sha256(), read.sha256());
    }
}
