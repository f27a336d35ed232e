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
    let empty = |purpose: &str| KeyringError::Empty {
        name: format!("the hierarchy of voa for {os}/{purpose}/{context}"),
    };
    let (_, signers) = files(root, os, purpose, context)?;
    if signers.is_empty() {
        return Err(empty(purpose));
    }
    for file in &signers {
        keyring.add_path(file)?;
    }
    let anchor_purpose = format!("trust-anchor-{purpose}");
    let (listed, anchors) = files(root, os, &anchor_purpose, context)?;
    match (listed, anchors.is_empty()) {
        (false, _) => return Ok((keyring, TrustModel::Plain)),
        // Taking all anchors away must not make everybody trusted.
        (true, true) => return Err(empty(&anchor_purpose)),
        (true, false) => {}
    }
    let mut anchor_ring = Keyring::default();
    for file in &anchors {
        anchor_ring.add_path(file)?;
        keyring.add_path(file)?;
    }
    let anchors = Anchors::new(anchor_ring.fingerprints());
    Ok((keyring, TrustModel::Anchored(anchors)))
}

/// Whether there is such a folder at all, and the certificates in it.
fn files(
    root: &Path,
    os: &str,
    purpose: &str,
    context: &str,
) -> Result<(bool, Vec<PathBuf>), KeyringError> {
    let mut found = BTreeMap::new();
    let mut listed = false;
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
        listed = true;
        for entry in entries {
            let path = entry.map_err(io)?.path();
            if path.extension().is_some_and(|e| e == "openpgp") {
                let name = path.file_name().map(std::ffi::OsStr::to_owned);
                found.entry(name).or_insert(path);
            }
        }
    }
    // A link to /dev/null takes a certificate away, as in other such hierarchies.
    let files = found.into_values().filter(|path| path.is_file()).collect();
    Ok((listed, files))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    const CERTIFICATE: &[u8] = include_bytes!("../tests/vectors/good.cert");

    #[test]
    fn anchors_that_are_taken_away_trust_nobody() {
        let root = tempfile::tempdir().unwrap();
        let folder = |base: &str, purpose: &str| {
            let folder = root.path().join(base).join("arch").join(purpose);
            let folder = folder.join("default/openpgp");
            std::fs::create_dir_all(&folder).unwrap();
            folder
        };
        let ask = || voa(root.path(), "arch", "packages", "default");
        assert!(matches!(ask(), Err(KeyringError::Empty { .. })));
        let signers = folder("usr/share/voa", "packages");
        assert!(matches!(ask(), Err(KeyringError::Empty { .. })));
        std::fs::write(signers.join("a.openpgp"), CERTIFICATE).unwrap();
        assert_eq!(ask().unwrap().1, TrustModel::Plain);
        let anchors = folder("usr/share/voa", "trust-anchor-packages");
        assert!(matches!(ask(), Err(KeyringError::Empty { .. })));
        std::fs::write(anchors.join("b.openpgp"), CERTIFICATE).unwrap();
        assert!(matches!(ask().unwrap().1, TrustModel::Anchored(_)));
        let masks = folder("etc/voa", "trust-anchor-packages");
        symlink("/dev/null", masks.join("b.openpgp")).unwrap();
        assert!(matches!(ask(), Err(KeyringError::Empty { .. })));
    }
}
