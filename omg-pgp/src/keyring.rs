//! Certificates, found by key and parsed when needed.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;

use sequoia_openpgp::parse::Parse as _;
use sequoia_openpgp::{Cert, KeyHandle, Packet};

use crate::error::KeyringError;
use crate::packet::{self, PUBLIC_KEY, PUBLIC_SUBKEY};

/// The largest keyring that is read: 64 MiB. Arch Linux's has 1.7 MB.
pub const MAX_KEYRING_BYTES: usize = 64 << 20;

/// The largest certificate: 1 MiB. One that somebody floods with certifications is skipped and
/// reported, and takes no time from the others.
pub const MAX_CERTIFICATE_BYTES: usize = 1 << 20;

/// The most certificates of all keyrings together.
pub const MAX_CERTIFICATES: usize = 100_000;

/// The most certificates that are looked at for one key ID: more have been made to collide.
const MAX_CANDIDATES: usize = 8;

/// Certificates from one or several sources, binary or armoured.
///
/// Only the frames of packets are read at first; a certificate is parsed when a signature names
/// one of its keys.
///
/// # Examples
///
/// ```
/// use omg_pgp::{Keyring, KeyringError};
///
/// let empty = Keyring::from_bytes("nothing.gpg", b"");
/// assert!(matches!(empty, Err(KeyringError::Empty { .. })));
/// ```
#[derive(Debug, Default)]
pub struct Keyring {
    /// What was read, without armour; certificates lie in it.
    sources: Vec<Vec<u8>>,
    certificates: Vec<Stored>,
    by_key: HashMap<[u8; 8], Vec<usize>>,
    skipped: Vec<Skipped>,
}

/// A certificate, or what is left of one, that is not used.
#[derive(Clone, Debug, Eq, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Skipped {
    /// The name of the keyring.
    pub keyring: String,
    /// Where in it, in bytes after the armour is taken off.
    pub offset: usize,
    /// Why.
    pub reason: String,
}

#[derive(Debug)]
struct Stored {
    source: usize,
    place: Range<usize>,
    parsed: OnceLock<Option<Cert>>,
}

impl Keyring {
    /// Reads a keyring; `name` stands for it in messages.
    ///
    /// # Errors
    ///
    /// [`KeyringError::Empty`] if there is no certificate in it, [`KeyringError::TooLarge`],
    /// [`KeyringError::Malformed`] if it is damaged armour. A certificate that is broken is
    /// [skipped](Self::skipped) and reported there.
    pub fn from_bytes(name: &str, bytes: &[u8]) -> Result<Self, KeyringError> {
        let mut keyring = Self::default();
        keyring.add_bytes(name, bytes)?;
        Ok(keyring)
    }

    /// Adds the certificates of another keyring.
    ///
    /// # Errors
    ///
    /// As [`from_bytes`](Self::from_bytes).
    pub fn add_bytes(&mut self, name: &str, bytes: &[u8]) -> Result<(), KeyringError> {
        if bytes.len() > MAX_KEYRING_BYTES {
            return Err(KeyringError::TooLarge {
                name: name.to_owned(),
                limit: MAX_KEYRING_BYTES,
            });
        }
        let before = self.certificates.len();
        let content = match packet::dearmor(bytes, "PGP PUBLIC KEY BLOCK") {
            None => bytes.to_vec(),
            Some(Ok(content)) => content,
            Some(Err(reason)) => {
                return Err(KeyringError::Malformed {
                    name: name.to_owned(),
                    reason: reason.to_owned(),
                });
            }
        };
        self.add_packets(name, &content);
        self.sources.push(content);
        if self.certificates.len() == before {
            let name = name.to_owned();
            return Err(match self.skipped.iter().find(|s| s.keyring == name) {
                Some(skipped) => KeyringError::Malformed {
                    name,
                    reason: skipped.reason.clone(),
                },
                None => KeyringError::Empty { name },
            });
        }
        Ok(())
    }

    /// How many certificates there are.
    pub fn len(&self) -> usize {
        self.certificates.len()
    }

    /// Whether there is none; a keyring that was read has one.
    pub fn is_empty(&self) -> bool {
        self.certificates.is_empty()
    }

    /// The fingerprints of all certificates that can be parsed, in upper-case hexadecimal.
    pub fn fingerprints(&self) -> Vec<String> {
        self.certs()
            .map(|cert| cert.fingerprint().to_hex())
            .collect()
    }

    /// What was not used of the sources, in their order.
    pub fn skipped(&self) -> &[Skipped] {
        &self.skipped
    }

    fn add_packets(&mut self, name: &str, bytes: &[u8]) {
        let mut rest = bytes;
        let mut open: Option<Open> = None;
        while !rest.is_empty() {
            let offset = bytes.len() - rest.len();
            match packet::take(&mut rest) {
                Ok(found) if found.tag == PUBLIC_KEY => {
                    self.close(name, open.take(), offset);
                    open = Some(Open::new(offset, found.body));
                }
                Ok(found) => match &mut open {
                    Some(open) => open.add(found),
                    None => {
                        self.skip(name, offset, "a packet that belongs to no certificate");
                    }
                },
                Err(fault) => {
                    self.close(name, open.take(), offset);
                    self.skip(name, offset, fault.as_str());
                    rest = resume(rest);
                }
            }
        }
        self.close(name, open, bytes.len());
    }

    fn close(&mut self, name: &str, open: Option<Open>, end: usize) {
        let Some(open) = open else { return };
        if end - open.start > MAX_CERTIFICATE_BYTES {
            self.skip(name, open.start, "a certificate over 1 MiB");
        } else if self.certificates.len() >= MAX_CERTIFICATES {
            self.skip(name, open.start, "more certificates than are read");
        } else if open.keys.is_empty() {
            self.skip(name, open.start, "a certificate whose key cannot be read");
        } else {
            for key in open.keys {
                let candidates = self.by_key.entry(key).or_default();
                if candidates.last() != Some(&self.certificates.len()) {
                    candidates.push(self.certificates.len());
                }
            }
            self.certificates.push(Stored {
                source: self.sources.len(),
                place: open.start..end,
                parsed: OnceLock::new(),
            });
        }
    }

    /// Reports once what follows upon itself.
    fn skip(&mut self, name: &str, offset: usize, reason: &str) {
        let again = self
            .skipped
            .last()
            .is_some_and(|last| last.keyring == name && last.reason == reason);
        if !again {
            self.skipped.push(Skipped {
                keyring: name.to_owned(),
                offset,
                reason: reason.to_owned(),
            });
        }
    }

    /// The certificates that may have the key, parsed.
    pub(crate) fn lookup(&self, handle: &KeyHandle) -> impl Iterator<Item = &Cert> {
        let candidates = hint(handle).and_then(|id| self.by_key.get(&id));
        let candidates = candidates.into_iter().flatten().take(MAX_CANDIDATES);
        candidates.filter_map(|at| self.cert(self.certificates.get(*at)?))
    }

    /// All certificates, parsed.
    pub(crate) fn certs(&self) -> impl Iterator<Item = &Cert> {
        self.certificates
            .iter()
            .filter_map(|stored| self.cert(stored))
    }

    fn cert<'a>(&'a self, stored: &'a Stored) -> Option<&'a Cert> {
        let parse = || {
            let source = self.sources.get(stored.source)?;
            let bytes = source.get(stored.place.clone())?;
            #[cfg(feature = "aws-lc")]
            crate::large_rsa::learn_certificate(bytes);
            Cert::from_bytes(bytes).ok()
        };
        stored.parsed.get_or_init(parse).as_ref()
    }
}

/// A certificate whose end is not known yet.
struct Open {
    start: usize,
    /// Of the primary key, then of the subkeys; none if the primary key is none.
    keys: Vec<[u8; 8]>,
}

impl Open {
    fn new(start: usize, body: &[u8]) -> Self {
        let id = packet::key_id(body).filter(|_| is_key(body));
        Self {
            start,
            keys: id.into_iter().collect(),
        }
    }

    fn add(&mut self, found: packet::Packet<'_>) {
        if found.tag == PUBLIC_SUBKEY && !self.keys.is_empty() {
            self.keys.extend(packet::key_id(found.body));
        }
    }
}

/// Whether the content of a key packet is a key.
fn is_key(body: &[u8]) -> bool {
    packet::is_rsa_key(body) || {
        let framed = packet::framed(PUBLIC_KEY, body);
        matches!(Packet::from_bytes(&framed), Ok(Packet::PublicKey(_)))
    }
}

/// Looks for the next place at which a certificate may begin.
fn resume(rest: &[u8]) -> &[u8] {
    let begins = |here: &&[u8]| {
        let mut here = *here;
        packet::take(&mut here).is_ok_and(|p| {
            p.tag == PUBLIC_KEY && matches!(p.body.first(), Some(4 | 6)) && p.body.len() > 6
        })
    };
    let mut places = (1..rest.len()).filter_map(|at| rest.get(at..));
    match places.find(begins) {
        Some(next) => next,
        None => &[],
    }
}

/// What the index has for a fingerprint or key ID.
fn hint(handle: &KeyHandle) -> Option<[u8; 8]> {
    let bytes = handle.as_bytes();
    match bytes.len() {
        8 => bytes.try_into().ok(),
        20 => bytes.get(12..)?.try_into().ok(),
        32 => bytes.get(..8)?.try_into().ok(),
        _ => None,
    }
}

#[cfg(feature = "fs")]
mod files {
    use std::fs::File;
    use std::io::Read as _;
    use std::path::Path;

    use super::{Keyring, KeyringError, MAX_KEYRING_BYTES};

    impl Keyring {
        /// Reads a keyring from a file, or all files in a folder (not those in folders in it).
        ///
        /// # Errors
        ///
        /// [`KeyringError::Io`], and those of [`from_bytes`](Self::from_bytes).
        pub fn open(path: &Path) -> Result<Self, KeyringError> {
            let mut keyring = Self::default();
            keyring.add_path(path)?;
            Ok(keyring)
        }

        /// Adds the certificates of another file or folder.
        ///
        /// # Errors
        ///
        /// As [`open`](Self::open).
        pub fn add_path(&mut self, path: &Path) -> Result<(), KeyringError> {
            let name = path.display().to_string();
            let io = |source| KeyringError::Io {
                path: name.clone(),
                source,
            };
            if !path.is_dir() {
                return self.add_bytes(&name, &read(path).map_err(io)?);
            }
            let mut files = Vec::new();
            for entry in std::fs::read_dir(path).map_err(io)? {
                let path = entry.map_err(io)?.path();
                if path.is_file() {
                    files.push(path);
                }
            }
            files.sort_unstable();
            if files.is_empty() {
                return Err(KeyringError::Empty { name });
            }
            files.iter().try_for_each(|file| self.add_path(file))
        }
    }

    fn read(path: &Path) -> std::io::Result<Vec<u8>> {
        let file = File::open(path)?;
        let limit = u64::try_from(MAX_KEYRING_BYTES).unwrap_or(u64::MAX);
        let hint = file.metadata()?.len().min(limit);
        let mut bytes = Vec::with_capacity(usize::try_from(hint).unwrap_or(0) + 1);
        file.take(limit + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}
