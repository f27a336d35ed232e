//! Files of policies: regular, no links, and writable by their owner and group only.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use omg_auditlog::Hash;
use omg_policy::MAX_POLICY_BYTES;

use crate::session::failure::Failure;

/// A hash of what a policy or a layer means.
pub fn fingerprint(canonical: &str) -> String {
    Hash::of(canonical.as_bytes()).to_string()
}

/// The failure of a policy that cannot be read.
pub fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::config(format!("cannot read the policy {}", path.display())).because(error)
}

/// Reads a policy: a regular file and no link, that only its owner and its group can write.
pub fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    read_within(path, MAX_POLICY_BYTES).map_err(|error| unreadable(path, &error))
}

/// Reads such a file up to one byte over a limit.
pub fn read_within(path: &Path, limit: usize) -> std::io::Result<Vec<u8>> {
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    let opened = OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(path);
    let file = match opened {
        Ok(file) => file,
        // open(2): a link, with O_NOFOLLOW.
        Err(error) if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) => {
            return Err(std::io::Error::other("it is a symbolic link"));
        }
        Err(error) => return Err(error),
    };
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(std::io::Error::other("it is no regular file"));
    }
    if metadata.mode() & 0o002 != 0 {
        return Err(std::io::Error::other("everybody can write it"));
    }
    let mut bytes = Vec::new();
    // One byte more shows what is too large; the parser says so.
    let limit = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    File::take(file, limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Whether anything has this name, and be it a link that leads nowhere.
pub fn is_there(path: &Path) -> Result<bool, Failure> {
    match std::fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(false)
        }
        Err(error) => Err(unreadable(path, &error)),
    }
}
