//! The "File Hierarchy for the Verification of OS Artifacts" (UAPI group), as a source of
//! certificates: `<os>/<purpose>/<context>/openpgp/<fingerprint>.openpgp` below four folders.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::error::KeyringError;
use crate::keyring::Keyring;
use crate::trust::{Anchors, TrustModel};

/// Where the hierarchy lies, the strongest first: a file hides those of the same name in weaker
/// folders.
const FOLDERS: [&str; 4] = ["etc/voa", "run/voa", "usr/local/share/voa", "usr/share/voa"];

/// Certificates of a purpose, such as `packages`, and who vouches for them.
///
/// The certificates in `<purpose>` may sign. Where there is also a `trust-anchor-<purpose>`, only
/// those count that three of the anchors there certified.
///
/// # Errors
///
/// [`KeyringError::Empty`] if there is none, and those of [`Keyring::open`].
pub fn voa(
    root: &Path,
    os: &str,
    purpose: &str,
    context: &str,
) -> Result<(Keyring, TrustModel), KeyringError> {
    let mut keyring = Keyring::default();
    let files = files(root, os, purpose, context)?;
    if files.is_empty() {
        return Err(KeyringError::Empty {
            name: format!("the hierarchy of voa for {os}/{purpose}/{context}"),
        });
    }
    for file in &files {
        keyring.add_path(file)?;
    }
    let anchors = self::files(root, os, &format!("trust-anchor-{purpose}"), context)?;
    if anchors.is_empty() {
        return Ok((keyring, TrustModel::Plain));
    }
    let mut anchor_ring = Keyring::default();
    for file in &anchors {
        anchor_ring.add_path(file)?;
        keyring.add_path(file)?;
    }
    let anchors = Anchors::new(anchor_ring.fingerprints());
    Ok((keyring, TrustModel::Anchored(anchors)))
}

fn files(
    root: &Path,
    os: &str,
    purpose: &str,
    context: &str,
) -> Result<Vec<PathBuf>, KeyringError> {
    let mut found = BTreeMap::new();
    for folder in FOLDERS {
        let folder = root.join(folder).join(os).join(purpose).join(context);
        let folder = folder.join("openpgp");
        let io = |source| KeyringError::Io {
            path: folder.display().to_string(),
            source,
        };
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(io(error)),
        };
        for entry in entries {
            let path = entry.map_err(io)?.path();
            if path.extension().is_some_and(|e| e == "openpgp") {
                let name = path.file_name().map(std::ffi::OsStr::to_owned);
                found.entry(name).or_insert(path);
            }
        }
    }
    // A link to /dev/null takes a certificate away, as in other such hierarchies.
    Ok(found.into_values().filter(|path| path.is_file()).collect())
}
