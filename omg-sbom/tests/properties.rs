//! No input makes a parser panic, and what comes out keeps the promises of `Inventory`.
// clippy.toml allows these within `#[test]` functions only.
#![allow(clippy::panic, clippy::print_stderr, clippy::unwrap_used)]

mod common;

use std::fmt::Write as _;

use omg_sbom::{
    ParseError,
    inventory::{
        Detail, Distribution, Inventory, OsRelease, Package, apk, dpkg, lockfile,
        pacman::{Config, LocalDatabase, split_directory_name},
        sbom,
    },
};
use proptest::{prelude::*, sample::Index};

const DESC: &str = "%NAME%\nbash\n\n%VERSION%\n5.2-1\n\n%BASE%\nbash\n\n%BUILDDATE%\n1726655953\n\n\
    %SIZE%\n1\n\n%REASON%\n1\n\n%LICENSE%\nGPL\nMIT\n\n%SHA256SUM%\n00\n\n%PGPSIG%\naGk=\n\n\
    %VALIDATION%\npgp\n\n%DEPENDS%\nglibc\n\n%INSTALLED_DB%\nextra\n\n";
const STATUS: &str = "Package: a\nStatus: install ok installed\nArchitecture: amd64\n\
    Source: b (1)\nVersion: 1\nDepends: c,\n d\nDescription: e\n f\n .\n\nPackage: g\n\
    Status: hold reinstreq half-installed\nVersion: 2\n\n";
const INSTALLED: &str = "C:Q1\nP:a\nV:1\nA:x\no:b\nt:1\nD:c !d\n\nP:e\nV:2\nF:x\nR:y\n\n";
const OS: &str = "ID=\"debian\"\nID_LIKE='a b'\nVERSION_ID=\"1\\\"2\"\nUBUNTU_CODENAME=jammy\n";
const CARGO: &str = "version = 4\n[[package]]\nname = \"a\"\nversion = \"1\"\n\
    source = \"registry+https://example.org\"\nchecksum = \"00\"\ndependencies = [\"b\"]\n";
const NPM: &str = r#"{"lockfileVersion":3,"packages":{"":{},"node_modules/@a/b":{"version":"1",
    "resolved":"https://example.org/@a/b/-/b.tgz","dev":true,"dependencies":{"c":"^1"}}}}"#;
const NPM_1: &str = r#"{"lockfileVersion":1,"dependencies":{"a":{"version":"npm:b@1",
    "dependencies":{"c":{"version":"2","requires":{"d":"1"}}}}}}"#;
const PIP: &str =
    "a[x]==1 ; python_version<'3' \\\n --hash=sha256:0 # c\n-r b\nc>=1\nd @ https://e\n";
const POETRY: &str = "[[package]]\nname = \"a\"\nversion = \"1\"\noptional = false\n\
    groups = [\"main\"]\n[package.source]\ntype = \"git\"\nurl = \"u\"\n[metadata]\n\
    lock-version = \"2.1\"\n";
const PIPFILE: &str =
    r#"{"_meta":{"pipfile-spec":6},"default":{"a":{"version":"==1","index":"b"}}}"#;
const UV: &str = "version = 1\n[[package]]\nname = \"a\"\nversion = \"1\"\n\
    source = { registry = \"r\" }\ndependencies = [{ name = \"b\" }]\n";
const CYCLONEDX: &str = r#"{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{
    "type":"library","purl":"pkg:deb/debian/a@1?arch=b&distro=c&upstream=d%401","components":[]}]}"#;
const SPDX: &str = r#"{"spdxVersion":"SPDX-2.3","packages":[{"SPDXID":"x","externalRefs":[
    {"referenceType":"purl","referenceLocator":"pkg:npm/%40a/b@1"}]}]}"#;
const CONF: &str = "[options]\nDBPath = /x\n[core]\nInclude = /y\n";

type Reader = fn(&[u8]) -> Result<Inventory, ParseError>;

/// Every reader, with an input that it accepts.
fn readers() -> Vec<(&'static str, Reader)> {
    let local = |bytes: &[u8]| {
        let mut database = LocalDatabase::new(Detail::Full);
        database.add(b"bash-5.2-1", Some(bytes))?;
        database.add(bytes, None)?;
        Ok(database.finish())
    };
    vec![
        (DESC, local),
        (STATUS, dpkg::parse_status),
        (STATUS, |bytes| dpkg::parse_status_d([("x", bytes)])),
        (INSTALLED, apk::parse_installed),
        (CARGO, |bytes| lockfile::parse("Cargo.lock", bytes)),
        (NPM, |bytes| lockfile::parse("package-lock.json", bytes)),
        (NPM_1, |bytes| lockfile::parse("package-lock.json", bytes)),
        (PIP, |bytes| lockfile::parse("requirements.txt", bytes)),
        (POETRY, |bytes| lockfile::parse("poetry.lock", bytes)),
        (PIPFILE, |bytes| lockfile::parse("Pipfile.lock", bytes)),
        (UV, |bytes| lockfile::parse("uv.lock", bytes)),
        (NPM, |bytes| lockfile::parse("unknown", bytes)),
        (CYCLONEDX, sbom::parse),
        (SPDX, sbom::parse),
    ]
}

/// What holds for every inventory, whatever it was made of.
fn check(inventory: &Inventory) {
    let key = |p: &Package| {
        (
            p.kind.clone(),
            p.name.clone(),
            p.version.clone(),
            p.architecture.clone(),
        )
    };
    assert!(inventory.packages().is_sorted_by_key(key));
    assert!(inventory.problems().is_sorted());
    assert_eq!(inventory.is_complete(), inventory.problems().is_empty());
    for package in inventory.packages() {
        for text in [
            &package.name,
            package.source_name(),
            package.source_version(),
        ] {
            assert!(
                !text.is_empty() && !text.contains(char::is_control),
                "{text:?}"
            );
        }
        let _ = package.purl(None);
        let os = OsRelease::parse(OS.as_bytes()).unwrap();
        let _ = package.purl(Some(&os));
    }
    for problem in inventory.problems() {
        assert!(!problem.subject.is_empty() && !problem.subject.contains(char::is_control));
    }
}

#[derive(Clone, Debug)]
enum Mutation {
    Set(Index, u8),
    Insert(Index, Vec<u8>),
    Cut(Index, usize),
    Repeat(Index, usize),
    End(Index),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let byte = prop_oneof![
        any::<u8>(),
        prop::sample::select(b"\n\r \t:%=\"'\\{}[],\0".to_vec())
    ];
    prop_oneof![
        (any::<Index>(), byte.clone()).prop_map(|(at, byte)| Mutation::Set(at, byte)),
        (any::<Index>(), prop::collection::vec(byte, 1..8))
            .prop_map(|(at, b)| Mutation::Insert(at, b)),
        (any::<Index>(), 1..20_usize).prop_map(|(at, length)| Mutation::Cut(at, length)),
        (any::<Index>(), 1..60_usize).prop_map(|(at, length)| Mutation::Repeat(at, length)),
        any::<Index>().prop_map(Mutation::End),
    ]
}

fn mutated(text: &str, mutations: &[Mutation]) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for mutation in mutations {
        if bytes.is_empty() {
            break;
        }
        let length = bytes.len();
        match mutation {
            Mutation::Set(at, byte) => bytes[at.index(length)] = *byte,
            Mutation::Insert(at, new) => {
                drop(bytes.splice(at.index(length)..at.index(length), new.clone()));
            }
            Mutation::Cut(at, count) => {
                let at = at.index(length);
                bytes.drain(at..(at + count).min(length));
            }
            Mutation::Repeat(at, count) => {
                let at = at.index(length);
                bytes.extend_from_within(at..(at + count).min(length));
            }
            Mutation::End(at) => bytes.truncate(at.index(length)),
        }
    }
    bytes
}

#[test]
fn the_inputs_that_are_mutated_are_accepted() {
    for (text, read) in readers() {
        let inventory = read(text.as_bytes()).unwrap();
        assert!(!inventory.packages().is_empty(), "{text}");
        check(&inventory);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        for (_, read) in readers() {
            if let Ok(inventory) = read(&bytes) {
                check(&inventory);
            }
        }
        let _ = OsRelease::parse(&bytes).unwrap().distribution();
        let _ = Config::parse(&bytes).unwrap();
    }

    #[test]
    fn mutated_files(mutations in prop::collection::vec(mutation(), 1..8)) {
        for (text, read) in readers() {
            if let Ok(inventory) = read(&mutated(text, &mutations)) {
                check(&inventory);
            }
        }
        let _ = OsRelease::parse(&mutated(OS, &mutations)).unwrap().distribution();
        let _ = Config::parse(&mutated(CONF, &mutations)).unwrap();
    }

    #[test]
    fn directory_names_are_split_without_loss(name in "\\PC{0,40}") {
        if let Some((package, version)) = split_directory_name(&name) {
            prop_assert_eq!(&format!("{package}-{version}"), &name);
            prop_assert_eq!(version.matches('-').count(), 1);
        }
    }

    #[test]
    fn package_urls_come_back(
        name in "[a-z0-9][a-z0-9+.-]{0,12}",
        version in "[0-9][0-9A-Za-z.+~:-]{0,12}",
        architecture in "[a-z0-9_]{1,8}",
    ) {
        let os = OsRelease::parse(b"ID=debian\nVERSION_ID=12\n").unwrap();
        let mut text = String::new();
        let _ = write!(text, "Package: {name}\nVersion: {version}\nArchitecture: {architecture}\n");
        text.push_str("Status: install ok installed\n");
        let read = dpkg::parse_status(text.as_bytes()).unwrap();
        let purl = read.packages()[0].purl(Some(&os)).unwrap();
        let document = serde_json::json!({"bomFormat": "CycloneDX", "specVersion": "1.5",
            "components": [{"type": "library", "purl": purl}]});
        let again = sbom::parse(document.to_string().as_bytes()).unwrap();
        let package = &again.packages()[0];
        prop_assert_eq!(&package.name, &name);
        prop_assert_eq!(&package.version, &version);
        prop_assert_eq!(package.architecture.as_deref(), Some(architecture.as_str()));
        let distribution = Distribution::from_purl(
            package.namespace.as_deref().unwrap(), package.distro.as_deref());
        prop_assert_eq!(distribution, os.distribution());
    }
}

#[cfg(feature = "sync")]
mod sync {
    use std::io::Write as _;

    use flate2::{Compression, write::GzEncoder};
    use omg_sbom::inventory::pacman::SyncDatabase;

    use super::*;

    fn database() -> Vec<u8> {
        let mut archive = tar::Builder::new(Vec::new());
        for number in 0..3 {
            let text = DESC.replace("bash", &format!("bash{number}"));
            let mut header = tar::Header::new_gnu();
            header.set_size(text.len() as u64);
            archive
                .append_data(
                    &mut header,
                    format!("bash{number}-5.2-1/desc"),
                    text.as_bytes(),
                )
                .unwrap();
        }
        archive.into_inner().unwrap()
    }

    fn mutated_bytes(mut bytes: Vec<u8>, mutations: &[(Index, u8)]) -> Vec<u8> {
        for (at, byte) in mutations {
            let at = at.index(bytes.len());
            bytes[at] = *byte;
        }
        bytes
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_archive(
            start in prop::sample::select(vec![
                &b""[..], b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"\xfd7zXZ\0", b"\x50\x2a\x4d\x18",
            ]),
            bytes in prop::collection::vec(any::<u8>(), 0..2000),
        ) {
            let _ = SyncDatabase::parse("x", &[start, &bytes].concat());
        }

        #[test]
        fn mutated_archives(mutations in prop::collection::vec(any::<(Index, u8)>(), 1..6)) {
            let _ = SyncDatabase::parse("x", &mutated_bytes(database(), &mutations));
            let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
            gzip.write_all(&database()).unwrap();
            let _ = SyncDatabase::parse("x", &mutated_bytes(gzip.finish().unwrap(), &mutations));
        }
    }

    #[test]
    fn the_archive_that_is_mutated_is_accepted() {
        assert_eq!(SyncDatabase::parse("x", &database()).unwrap().len(), 3);
    }
}
