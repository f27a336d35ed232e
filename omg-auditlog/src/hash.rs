//! SHA-256 as RFC 6962 (section 2.1) uses it: a leaf is hashed after a zero byte, two nodes
//! after a one byte, so that neither can be taken for the other.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};

use crate::error::Error;

/// A SHA-256 value: an entry's hash or a node of the tree.
///
/// # Examples
///
/// ```
/// use omg_auditlog::Hash;
///
/// // RFC 6962, section 2.1: the root of the empty tree.
/// let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
/// assert_eq!(Hash::EMPTY_TREE.to_string(), empty);
/// assert_eq!(empty.parse::<Hash>()?, Hash::EMPTY_TREE);
/// assert!("E3B0".parse::<Hash>().is_err());
/// # Ok::<(), omg_auditlog::Error>(())
/// ```
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Hash([u8; 32]);

impl Hash {
    /// The root of the tree without leaves: SHA-256 of nothing.
    pub const EMPTY_TREE: Self = Self([
        0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9,
        0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52,
        0xb8, 0x55,
    ]);

    /// A hash from its 32 bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// SHA-256 of these bytes, without a prefix.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The leaf hash of these bytes: `SHA-256(0x00 || bytes)` (RFC 6962, section 2.1).
    #[must_use]
    pub fn leaf(bytes: &[u8]) -> Self {
        Self::leaf_of_parts(bytes, &[])
    }

    /// The leaf hash of two parts laid end to end.
    pub(crate) fn leaf_of_parts(first: &[u8], second: &[u8]) -> Self {
        let mut hasher = Sha256::new();
        hasher.update([0]);
        hasher.update(first);
        hasher.update(second);
        Self(hasher.finalize().into())
    }

    /// The hash of an inner node: `SHA-256(0x01 || left || right)` (RFC 6962, section 2.1).
    #[must_use]
    pub fn node(left: &Self, right: &Self) -> Self {
        let mut block = [0u8; 65];
        block[0] = 1;
        block[1..33].copy_from_slice(&left.0);
        block[33..].copy_from_slice(&right.0);
        Self(Sha256::digest(block).into())
    }

    /// From 64 lower-case hexadecimal digits.
    pub(crate) fn from_hex(digits: &[u8; 64]) -> Option<Self> {
        let mut bytes = [0u8; 32];
        let mut bad = 0u8;
        for (byte, pair) in bytes.iter_mut().zip(digits.as_chunks::<2>().0) {
            let (high, low) = (nibble(pair[0]), nibble(pair[1]));
            bad |= (high | low) & 0xf0;
            *byte = (high << 4) | (low & 0x0f);
        }
        (bad == 0).then_some(Self(bytes))
    }
}

/// The value of a lower-case hexadecimal digit; 0xff for anything else.
fn nibble(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        _ => 0xff,
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

impl FromStr for Hash {
    type Err = Error;

    /// Reads 64 lower-case hexadecimal digits.
    ///
    /// # Errors
    ///
    /// [`Error::NotAHash`] for anything else.
    fn from_str(text: &str) -> Result<Self, Error> {
        let digits: Option<&[u8; 64]> = text.as_bytes().try_into().ok();
        digits.and_then(Self::from_hex).ok_or(Error::NotAHash)
    }
}
