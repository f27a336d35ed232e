//! One thing wrong in an otherwise good bundle, and the reason that must be told.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing
)] // A test may fail anywhere.

#[path = "../forge/mod.rs"]
mod forge;

mod bundles;
mod logs;
mod signers;

use forge::log::{Head, Log, Promise};
use forge::pki::{self, Sct};
use forge::tsa::Token;
use forge::{Forge, SIGNED, V01, V02, YEAR, base64, rekor1, rekor2, sha256};
use omg_slsa::Rejection;
use serde_json::{Value, json};

type Change = fn(&mut Value);
type Defect = (&'static str, Forge, Rejection);

fn check(defects: Vec<Defect>) {
    let mut wrong = Vec::new();
    for (name, forge, expected) in defects {
        let (found, detail) = match forge.make().verify() {
            Ok(_) => (None, "accepted".to_owned()),
            Err(error) => (error.rejection(), error.to_string()),
        };
        if found != Some(expected) {
            wrong.push(format!(
                "{name}: {expected:?} is expected, and it is {found:?}: {detail}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn statement(forge: Forge) -> Forge {
    Forge {
        statement: true,
        ..forge
    }
}

fn managed(forge: Forge) -> Forge {
    Forge {
        managed: true,
        ..forge
    }
}

fn chained(forge: Forge) -> Forge {
    Forge {
        media_type: V01,
        ..forge
    }
}

fn material(bundle: &mut Value) -> &mut Value {
    &mut bundle["verificationMaterial"]
}

fn entry(bundle: &mut Value) -> &mut Value {
    &mut material(bundle)["tlogEntries"][0]
}

/// Another digest in place of this one.
fn another(value: &mut Value) {
    *value = base64(&sha256(b"another")).into();
}

fn own_root(bundle: &mut Value) {
    let root = forge::World::new().chain[1].clone();
    let chain = &mut material(bundle)["x509CertificateChain"]["certificates"];
    chain
        .as_array_mut()
        .unwrap()
        .push(json!({ "rawBytes": base64(&root) }));
}
