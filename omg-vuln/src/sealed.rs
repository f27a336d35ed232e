//! A value on disk, with a mark that says whose it is and a checksum that notices damage.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use chrono::{DateTime, Utc};

/// Why stored bytes cannot be used. What was stored can be fetched again.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StoredError {
    /// The bytes are something else, or of another version of this crate.
    #[error("not stored by this version")]
    Foreign,
    /// The bytes are cut short or changed.
    #[error("damaged")]
    Damaged,
}

/// Mark, CRC-32 of the rest (little-endian), postcard.
pub(crate) fn seal(mark: [u8; 8], value: &impl Serialize) -> Vec<u8> {
    // Writing to memory cannot fail; nothing at all reads back as damaged if it did.
    let body = postcard::to_allocvec(value).unwrap_or_default();
    let mut out = mark.to_vec();
    out.extend_from_slice(&crc32fast::hash(&body).to_le_bytes());
    out.extend_from_slice(&body);
    out
}

pub(crate) fn open<T: DeserializeOwned>(mark: [u8; 8], bytes: &[u8]) -> Result<T, StoredError> {
    let rest = bytes.strip_prefix(&mark).ok_or(StoredError::Foreign)?;
    let (crc, body) = rest.split_first_chunk::<4>().ok_or(StoredError::Damaged)?;
    if crc32fast::hash(body) != u32::from_le_bytes(*crc) {
        return Err(StoredError::Damaged);
    }
    postcard::from_bytes(body).map_err(|_| StoredError::Damaged)
}

/// A document as it was fetched, to be kept and asked for again only if it has changed.
///
/// # Examples
///
/// ```
/// use omg_vuln::{Kev, Stored};
///
/// let kev = Kev::parse(br#"{"vulnerabilities": [{"cveID": "CVE-2024-3094"}]}"#)?;
/// let stored = Stored { fetched: "2026-11-24T00:00:00Z".parse()?, etag: None,
///     last_modified: None, value: kev };
/// let bytes = stored.to_bytes();
/// assert_eq!(Stored::<Kev>::from_bytes(&bytes)?, stored);
/// assert!(Stored::<Kev>::from_bytes(&bytes[..bytes.len() - 1]).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Stored<T> {
    /// When it was fetched, or found unchanged.
    pub fetched: DateTime<Utc>,
    /// Its validator (RFC 9110, section 8.8.3).
    pub etag: Option<String>,
    /// Its date (RFC 9110, section 8.8.2).
    pub last_modified: Option<String>,
    /// What it says.
    pub value: T,
}

/// What can be kept: each kind has its own mark.
pub trait Storable: Serialize + DeserializeOwned {
    /// The first bytes of the stored form; the last one is the version.
    const MARK: [u8; 8];
}

impl<T: Storable> Stored<T> {
    /// The stored form; equal values give equal bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        seal(T::MARK, self)
    }

    /// Reads the stored form.
    ///
    /// # Errors
    ///
    /// [`StoredError`], in each of its cases.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, StoredError> {
        open(T::MARK, bytes)
    }
}

impl Storable for crate::Kev {
    const MARK: [u8; 8] = *b"omgkev\0\x01";
}

impl Storable for crate::Epss {
    const MARK: [u8; 8] = *b"omgepss\x01";
}
