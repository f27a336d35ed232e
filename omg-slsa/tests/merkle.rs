//! The vectors of transparency-dev/merkle for RFC 6962.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod common;

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::shared;
use omg_slsa::merkle::{Consistency, Hash, Inclusion};
use serde_json::Value;

fn files(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files(&path, found),
            false => found.push(path),
        }
    }
}

/// `None` if it is not of 32 bytes, which this interface cannot even be given.
fn hash(value: &Value) -> Option<Hash> {
    STANDARD.decode(value.as_str()?).ok()?.try_into().ok()
}

/// The vectors' roots of empty trees are words and not hashes: what counts is whether they differ.
fn short(value: &Value) -> Option<Hash> {
    let mut bytes = STANDARD.decode(value.as_str()?).ok()?;
    bytes.resize(32, 0);
    bytes.try_into().ok()
}

fn proof(value: &Value) -> Option<Vec<Hash>> {
    let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter().map(hash).collect()
}

fn inclusion(case: &Value) -> Option<bool> {
    let (index, size) = (case["leafIdx"].as_u64()?, case["treeSize"].as_u64()?);
    let (leaf, root) = (hash(&case["leafHash"])?, hash(&case["root"])?);
    let result = Inclusion::verify(&leaf, index, size, &proof(&case["proof"])?, &root);
    Some(result.is_ok_and(|found| found.proved() == (index, size, &root)))
}

fn consistency(case: &Value) -> Option<bool> {
    let (old, new) = (case["size1"].as_u64()?, case["size2"].as_u64()?);
    let (one, other) = match new {
        0 => (short(&case["root1"])?, short(&case["root2"])?),
        _ => (hash(&case["root1"])?, hash(&case["root2"])?),
    };
    let proof = proof(&case["proof"])?;
    let result = Consistency::verify((old, &one), (new, &other), &proof);
    Some(result.is_ok_and(|found| found.proved() == ((old, &one), (new, &other))))
}

#[test]
fn vectors() {
    let Some(dir) = shared("merkle") else { return };
    let mut seen = 0;
    for (folder, check) in [
        ("inclusion", inclusion as fn(&Value) -> Option<bool>),
        ("consistency", consistency),
    ] {
        let mut found = Vec::new();
        files(&dir.join(folder), &mut found);
        for path in found {
            let case: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
            let good = check(&case).unwrap_or(false);
            assert_eq!(good, case["wantErr"] == false, "{}", path.display());
            seen += 1;
        }
    }
    assert!(seen >= 98, "{seen}");
}
