//! The keyring that a signature is checked with: named, or the distribution's.

use std::path::{Path, PathBuf};

use omg_pgp::{Anchors, Keyring, KeyringError, TrustModel, voa};
use omg_sbom::inventory::OsRelease;

use super::query::{SignatureQuery, TrustChoice};
use crate::session::context::Context;
use crate::session::failure::Failure;
use crate::session::files::read_small;

/// The longest list of trusted or revoked keys.
const MAX_LIST: u64 = 1 << 20;

/// Keyrings of distributions, the first that is there.
const KEYRINGS: [(&str, TrustChoice); 3] = [
    ("usr/share/pacman/keyrings/archlinux.gpg", TrustChoice::Arch),
    ("usr/share/keyrings/archlinux.gpg", TrustChoice::Arch),
    (
        "usr/share/keyrings/debian-archive-keyring.gpg",
        TrustChoice::Plain,
    ),
];

/// Whether a keyring was named, or a distribution's is here.
pub fn is_there(context: &Context, query: &SignatureQuery) -> bool {
    let root = &context.common.root;
    let is_there = |(path, _): &(&str, TrustChoice)| root.join(path).is_file();
    !query.keyrings.is_empty()
        || query.trust == Some(TrustChoice::Voa)
        || KEYRINGS.iter().any(is_there)
}

/// The keyring, its trust model, and the files that it was read from.
pub fn load(
    context: &Context,
    query: &SignatureQuery,
) -> Result<(Keyring, TrustModel, Vec<PathBuf>), Failure> {
    let root = &context.common.root;
    if query.trust == Some(TrustChoice::Voa) && query.keyrings.is_empty() {
        let os = os(root);
        let found = voa(root, &os, "packages", "default");
        let (keyring, trust) = found.map_err(|error| unusable(&error))?;
        return Ok((keyring, trust, vec![root.join("usr/share/voa").join(os)]));
    }
    let (paths, default) = match query.keyrings.as_slice() {
        [] => {
            let found = KEYRINGS.iter().find(|(path, _)| root.join(path).is_file());
            let (path, trust) = found.ok_or_else(|| {
                Failure::config("there is no keyring of a distribution here")
                    .try_this("--keyring FILE")
            })?;
            (vec![root.join(path)], *trust)
        }
        named => (named.to_vec(), TrustChoice::Plain),
    };
    let mut keyring = Keyring::default();
    for path in &paths {
        keyring.add_path(path).map_err(|error| unusable(&error))?;
    }
    let trust = match query.trust.unwrap_or(default) {
        TrustChoice::Plain => TrustModel::Plain,
        TrustChoice::Arch => TrustModel::Anchored(anchors(query, &paths)?),
        TrustChoice::Voa => {
            return Err(Failure::usage("--trust voa finds its certificates itself")
                .try_this("leave --keyring out"));
        }
    };
    Ok((keyring, trust, paths))
}

fn os(root: &Path) -> String {
    let read = |path: &str| std::fs::read(root.join(path)).ok();
    let bytes = read("etc/os-release").or_else(|| read("usr/lib/os-release"));
    let os = bytes.and_then(|bytes| OsRelease::parse(&bytes).ok());
    os.map_or_else(|| "linux".to_owned(), |os| os.id)
}

fn anchors(query: &SignatureQuery, keyrings: &[PathBuf]) -> Result<Anchors, Failure> {
    let beside = |ending: &str| {
        let keyring = keyrings.first()?;
        let mut name = keyring.with_extension("").into_os_string();
        name.push(ending);
        Some(PathBuf::from(name))
    };
    let list = |named: &Option<PathBuf>, ending: &str| -> Result<String, Failure> {
        let Some(path) = named.clone().or_else(|| beside(ending)) else {
            return Ok(String::new());
        };
        read_small(&path, MAX_LIST).map_err(|error| {
            Failure::config(format!("cannot read the list of keys {}", path.display()))
                .because(&error)
        })
    };
    let trusted = list(&query.trusted, "-trusted")?;
    let revoked = list(&query.revoked, "-revoked")?;
    Anchors::parse(&trusted, &revoked).map_err(|error| unusable(&error))
}

fn unusable(error: &KeyringError) -> Failure {
    Failure::config("the keyring cannot be used").because(error)
}
