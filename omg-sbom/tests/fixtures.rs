//! Files of other projects' test suites, every one that is there.
// clippy.toml allows these within `#[test]` functions only.
#![allow(clippy::panic, clippy::print_stderr, clippy::unwrap_used)]

mod common;

use std::fs;

use omg_sbom::inventory::{
    Detail, Inventory, Origin, ProblemKind, dpkg, lockfile, pacman::LocalDatabase, sbom,
};

fn one(directory: &str, desc: &[u8]) -> Inventory {
    let mut database = LocalDatabase::new(Detail::Full);
    database.add(directory.as_bytes(), Some(desc)).unwrap();
    database.finish()
}

#[test]
fn pacman_desc_files_of_osv_scalibr() {
    let Some(data) = common::data("vuln/pacman-localdb") else {
        return;
    };
    let files = common::files(&data);
    assert!(files.len() >= 5, "{}", files.len());
    for file in files {
        let content = fs::read(&file).unwrap();
        let directory = match file.file_name().unwrap().to_str().unwrap() {
            "valid_no_dep" => "libxml2-2.13.5-1",
            "valid_one_dep" => "filesystem-2024.11.21-1",
            _ => "gawk-5.3.1-1",
        };
        let inventory = one(directory, &content);
        let is_broken = file.ends_with("invalid_value_eof");
        assert_eq!(inventory.is_complete(), !is_broken, "{}", file.display());
        // A version that the file lacks is still known from the directory.
        let package = &inventory.packages()[0];
        assert_eq!(format!("{}-{}", package.name, package.version), directory);
        if file.ends_with("eof_after_dependencies") {
            assert_eq!(package.depends, ["sh", "glibc", "mpfr"]);
        }
        if file.ends_with("valid_no_dep") {
            assert_eq!(package.optional_depends, ["python: Python bindings"]);
        }
    }
}

#[test]
fn pacman_desc_files_of_syft_and_msys2() {
    let Some(data) = common::data("sbom/pacman-local") else {
        return;
    };
    let mut count = 0;
    for file in common::files(&data) {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let directory = match name.strip_suffix(".desc") {
            Some(stem) => stem.to_owned(),
            None if name == "desc" => file
                .parent()
                .unwrap()
                .file_name()
                .unwrap()
                .to_string_lossy()
                .into_owned(),
            None => continue,
        };
        let inventory = one(&directory, &fs::read(&file).unwrap());
        let package = &inventory.packages()[0];
        assert_eq!(format!("{}-{}", package.name, package.version), directory);
        assert!(
            inventory.is_complete(),
            "{directory}: {:?}",
            inventory.problems()
        );
        if directory.starts_with("asciidoc") {
            assert!(
                package
                    .maintainer
                    .as_ref()
                    .unwrap()
                    .starts_with("CI (msys2/")
            );
        }
        count += 1;
    }
    assert!(count >= 4, "{count}");
}

#[test]
fn dpkg_status_files_of_syft() {
    let Some(data) = common::data("sbom/dpkg/syft-fixtures/var/lib/dpkg/status.d") else {
        return;
    };
    let files = common::files(&data);
    assert!(files.len() >= 8, "{}", files.len());
    for file in files {
        let name = file.file_name().unwrap().to_str().unwrap();
        let content = fs::read(&file).unwrap();
        let inventory = dpkg::parse_status_d([(name, content.as_slice())]).unwrap();
        let names: Vec<_> = inventory
            .packages()
            .iter()
            .map(|p| p.name.as_str())
            .collect();
        // Stanzas without version, which their tests have for relations, are problems here.
        let (expected, problems): (&[&str], usize) = match name {
            "single" | "installed-size-4KB" => (&["apt"], 0),
            "deinstall" => (&["linux-image-6.14.0-1012-aws"], 0),
            "multiple" => (&["tzdata", "util-linux"], 2),
            "coreutils-relationships" => (&COREUTILS, 0),
            "libpam-runtime" => (&["libpam-runtime"], 5),
            "corrupt" => (&[], 2),
            "empty" => (&[], 1),
            _ => panic!("{name}: a file that this test does not know"),
        };
        assert_eq!(
            (names.as_slice(), inventory.problems().len()),
            (expected, problems),
            "{name}"
        );
    }
}

const COREUTILS: [&str; 9] = [
    "coreutils",
    "gcc-12-base",
    "libacl1",
    "libattr1",
    "libc6",
    "libgcc-s1",
    "libgmp10",
    "libpcre2-8-0",
    "libselinux1",
];

#[test]
fn the_lock_file_of_this_workspace() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.lock");
    let Ok(content) = fs::read(&path) else {
        return common::skip("not within the workspace");
    };
    let count = String::from_utf8_lossy(&content)
        .matches("[[package]]")
        .count();
    let inventory = lockfile::parse("Cargo.lock", &content).unwrap();
    assert!(inventory.is_complete(), "{:?}", inventory.problems());
    assert_eq!(inventory.packages().len(), count);
    for package in inventory.packages() {
        let is_own = package.name.starts_with("omg-");
        assert_eq!(package.origin == Origin::Local, is_own, "{}", package.name);
        assert_eq!(
            package.archive_sha256.is_some(),
            !is_own,
            "{}",
            package.name
        );
    }
}

#[test]
fn cyclonedx_documents_of_the_specification() {
    let mut count = 0;
    for version in ["1.5", "1.6", "1.7"] {
        let Some(data) = common::data(&format!("sbom/cdx-{version}")) else {
            return;
        };
        for file in common::files(&data) {
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            let content = fs::read(&file).unwrap();
            let result = sbom::parse(&content);
            if name.starts_with("valid-") {
                let inventory = result.unwrap_or_else(|error| panic!("{name}: {error}"));
                let broken = |kind| inventory.problems().iter().any(|p| p.kind == kind);
                assert!(!broken(ProblemKind::LimitExceeded), "{name}");
            }
            count += 1;
        }
    }
    assert!(count >= 137, "{count}");
}
