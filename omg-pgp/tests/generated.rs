//! The cases of shared data: a keyring, a signature, data and a verdict each.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use std::fs;
use std::path::{Path, PathBuf};

use omg_pgp::{Error, Keyring, Policy, TrustModel, Verifier};

fn data() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let root = std::env::var_os("OMG_TEST_DATA").map_or(beside, PathBuf::from);
    let dir = root.join("pgp");
    if dir.is_dir() {
        return Some(dir);
    }
    println!("skipped: no test data; set OMG_TEST_DATA");
    None
}

#[test]
fn generated() {
    let Some(dir) = data() else { return };
    let dir = dir.join("generated");
    let table = fs::read_to_string(dir.join("expected.tsv")).unwrap();
    for line in table.lines().skip(1) {
        let fields: Vec<&str> = line.split('\t').collect();
        let keyring = Keyring::from_bytes(fields[1], &fs::read(dir.join(fields[1])).unwrap());
        let keyring = match keyring {
            Ok(keyring) => keyring,
            Err(error) => {
                println!("{:18} {:16} KEYRING {error}", fields[0], fields[4]);
                continue;
            }
        };
        let policy = Policy::at("2026-11-24T00:00:00Z".parse().unwrap());
        let verifier = Verifier::new(&keyring, TrustModel::Plain, policy);
        let data = fs::read(dir.join(fields[3])).unwrap();
        let sig = fs::read(dir.join(fields[2])).unwrap();
        match verifier.verify_detached(&data[..], &sig) {
            Ok(v) => println!(
                "{:18} {:16} OK {} {}",
                fields[0],
                fields[4],
                v.signers().len(),
                v.rejected().len()
            ),
            Err(Error::Rejected(r)) => println!(
                "{:18} {:16} {:?} {:?} | {}",
                fields[0],
                fields[4],
                r.kind,
                r.rejected
                    .iter()
                    .map(|r| (r.reason, &r.detail))
                    .collect::<Vec<_>>(),
                fields[5]
            ),
            Err(error) => println!("{:18} {:16} ERR {error:?}", fields[0], fields[4]),
        }
    }
}
