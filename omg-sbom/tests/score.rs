//! The score of sbomqs, derived again from its source, of a generated Arch system. What it comes
//! to is printed; what it has to come to is what can be had without inventing a value.
#![cfg(all(feature = "fs", feature = "sign"))]
#![allow(clippy::unwrap_used, clippy::print_stdout)] // A test may fail anywhere.

mod common;

use std::{fs, path::Path, process::Command};

use chrono::DateTime;
use common::{data, have, run};
use omg_sbom::{
    Conclusions, Contact, Sbom, Serial,
    cyclonedx::{self, Version},
    inventory::{Detail, Machine},
    signature::{SigningKey, sign},
};

/// A scalar that everybody can guess.
const KEY: &str = "-----BEGIN EC PRIVATE KEY-----\n\
    MDECAQEEIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAHoAoGCCqGSM49\n\
    AwEH\n-----END EC PRIVATE KEY-----\n";

/// A sync database that offers what is installed, as that of an up-to-date system does.
fn make_repository(root: &Path) {
    let local = root.join("var/lib/pacman/local");
    let mut archive = tar::Builder::new(Vec::new());
    for (number, entry) in local.read_dir().unwrap().enumerate() {
        let path = entry.unwrap().path();
        let Ok(desc) = fs::read_to_string(path.join("desc")) else {
            continue;
        };
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text =
            format!("{desc}%FILENAME%\n{name}-any.pkg.tar.zst\n\n%SHA256SUM%\n{number:064x}\n");
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        let path = format!("{name}/desc");
        archive
            .append_data(&mut header, path, text.as_bytes())
            .unwrap();
    }
    let sync = root.join("var/lib/pacman/sync/core.db");
    fs::write(sync, archive.into_inner().unwrap()).unwrap();
}

fn score(generator: &Path, document: &Path) -> f64 {
    let script = generator.join("score_rederived.py");
    let said = run(Command::new("python3").arg(script).arg(document));
    let said = String::from_utf8(said).unwrap();
    let last = said.lines().last().unwrap().strip_suffix("/10").unwrap();
    println!("{said}");
    last.rsplit(' ').next().unwrap().parse().unwrap()
}

fn document(root: &Path, conclusions: Conclusions) -> Sbom {
    let machine = Machine::read_root(root, Detail::Full).unwrap();
    Sbom::builder(DateTime::UNIX_EPOCH, Serial::FromContent)
        .tool("omg", "0.1.0")
        .author(Contact::parse("Jane Doe <jane@example.org>").unwrap())
        .data_licence("CC0-1.0")
        .conclusions(conclusions)
        .machine(machine)
        .build(&common::order)
}

/// The version, who concludes licences, and the least score without and with a signature.
type Case = (Version, Conclusions, f64, f64);

fn check(generator: &Path, root: &Path, (version, conclusions, unsigned, signed): Case) {
    let key = SigningKey::from_pem(KEY).unwrap();
    let mut plain = Vec::new();
    cyclonedx::write_json(&document(root, conclusions), version, &mut plain).unwrap();
    for (bytes, least) in [
        (plain.clone(), unsigned),
        (sign(&plain, &key).unwrap(), signed),
    ] {
        let path = root.join("document.json");
        fs::write(&path, bytes).unwrap();
        println!("{version:?}, licences concluded by: {conclusions:?}, at least {least}");
        let score = score(generator, &path);
        assert!(score >= least, "{version:?} {conclusions:?}: {score}");
    }
}

#[test]
fn the_score_is_what_can_be_had_honestly() {
    let Some(generator) = data("sbom/generator") else {
        return;
    };
    if !have(&["python3", "dpkg-query"]) {
        return;
    }
    let work = tempfile::tempdir().unwrap();
    let root = work.path().join("root");
    let script = generator.join("mkarch.py");
    // The names are those of this machine; no more of them are asked for than a small one has.
    let mut make = Command::new("python3");
    run(make.arg(script).arg("400").arg(&root));
    // Nobody recorded a hash yet, and where the recipes are.
    check(
        &generator,
        &root,
        (Version::V1_5, Conclusions::Nobodys, 7.4, 7.6),
    );
    make_repository(&root);
    for case in [
        (Version::V1_5, Conclusions::Nobodys, 9.3, 9.5),
        (Version::V1_7, Conclusions::Nobodys, 8.2, 8.4),
        (Version::V1_7, Conclusions::Authors, 9.5, 9.7),
    ] {
        check(&generator, &root, case);
    }
}
