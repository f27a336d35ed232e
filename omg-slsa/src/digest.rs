//! What identifies an artifact: digests that know their algorithm.

use std::fmt;
use std::io::{self, Read};
use std::str::FromStr;
use std::sync::mpsc;
use std::thread;

use aws_lc_rs::{constant_time, digest};
use serde::Serialize;
use thiserror::Error;

/// Bytes that are read at once: as many as stay in a processor's own cache until they are hashed.
const BUFFER: usize = 128 << 10;

/// How many of them there are where one thread reads ahead of another.
const BLOCKS: usize = 4;

/// A digest algorithm that this crate relies on.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Algorithm {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl Algorithm {
    /// The name in digests and statements, such as `sha256`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
        }
    }

    /// The algorithm with this name, if this crate relies on it.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Sha256, Self::Sha384, Self::Sha512]
            .into_iter()
            .find(|algorithm| algorithm.name() == name)
    }

    fn bytes(self) -> usize {
        self.implementation().output_len()
    }

    fn implementation(self) -> &'static digest::Algorithm {
        match self {
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Text that is no digest.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum DigestError {
    /// There is no algorithm before a colon.
    #[error("not of the form sha256:<hex>")]
    Form,
    /// An algorithm that this crate does not rely on.
    #[error("the algorithm is not sha256, sha384 or sha512")]
    Algorithm,
    /// Not as many hexadecimal digits as the algorithm gives.
    #[error("not {digits} hexadecimal digits")]
    Digits {
        /// How many there must be.
        digits: usize,
    },
}

/// A digest with its algorithm. Equality takes the same time wherever two digests differ.
#[derive(Clone, Eq, Ord, PartialOrd)]
pub struct Digest {
    algorithm: Algorithm,
    bytes: Vec<u8>,
}

impl Digest {
    /// A digest from hexadecimal digits of either case.
    ///
    /// # Errors
    /// If there are not exactly as many digits as the algorithm gives.
    pub fn from_hex(algorithm: Algorithm, text: &str) -> Result<Self, DigestError> {
        let digits = algorithm.bytes() * 2;
        let bytes = match text.len() == digits {
            true => hex::decode(text).ok(),
            false => None,
        };
        let bytes = bytes.ok_or(DigestError::Digits { digits })?;
        Ok(Self { algorithm, bytes })
    }

    /// The algorithm.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Lower-case hexadecimal digits.
    pub fn to_hex(&self) -> String {
        hex::encode(&self.bytes)
    }
}

impl PartialEq for Digest {
    fn eq(&self, other: &Self) -> bool {
        self.algorithm == other.algorithm
            && constant_time::verify_slices_are_equal(&self.bytes, &other.bytes).is_ok()
    }
}

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        let (name, digits) = text.split_once(':').ok_or(DigestError::Form)?;
        let algorithm = Algorithm::from_name(name).ok_or(DigestError::Algorithm)?;
        Self::from_hex(algorithm, digits)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.algorithm, self.to_hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Digests of one artifact, at most one for each algorithm.
///
/// ```
/// use omg_slsa::{Algorithm, Digests};
///
/// # fn main() -> std::io::Result<()> {
/// let digests = Digests::of_reader(&b"hello"[..], &[Algorithm::Sha256, Algorithm::Sha512])?;
/// let sha256 = digests.get(Algorithm::Sha256).map(|digest| digest.to_hex());
/// assert!(sha256.is_some_and(|hex| hex.starts_with("2cf24dba5fb0a30e")));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Digests(Vec<Digest>);

impl Digests {
    /// Reads to the end, once, in constant memory.
    ///
    /// # Errors
    /// If reading fails.
    pub fn of_reader(mut reader: impl Read, algorithms: &[Algorithm]) -> io::Result<Self> {
        let mut contexts = Contexts::new(algorithms);
        let mut buffer = vec![0; BUFFER];
        loop {
            match read(&mut reader, &mut buffer)? {
                [] => return Ok(contexts.finish()),
                bytes => contexts.update(bytes),
            }
        }
    }

    /// The same while a second thread reads ahead, 512 KiB at the most: for large files, whose
    /// digest then takes no longer than the arithmetic.
    ///
    /// # Errors
    /// If reading fails.
    pub fn of_reader_ahead(
        mut reader: impl Read + Send,
        algorithms: &[Algorithm],
    ) -> io::Result<Self> {
        let mut contexts = Contexts::new(algorithms);
        let (full, filled) = mpsc::channel::<io::Result<(Vec<u8>, usize)>>();
        let (empty, free) = mpsc::channel();
        for _ in 0..BLOCKS {
            let _ = empty.send(vec![0; BUFFER]);
        }
        thread::scope(|scope| {
            scope.spawn(move || {
                while let Ok(mut block) = free.recv() {
                    let length = read(&mut reader, &mut block).map(<[u8]>::len);
                    let ended = !matches!(length, Ok(1..));
                    if full.send(length.map(|length| (block, length))).is_err() || ended {
                        return;
                    }
                }
            });
            loop {
                // A thread that panics drops its end, and the scope passes the panic on.
                let gone = || io::Error::other("nothing reads any more");
                let (block, length) = filled.recv().map_err(|_| gone())??;
                match block.get(..length) {
                    None | Some([]) => return Ok(contexts.finish()),
                    Some(bytes) => contexts.update(bytes),
                }
                let _ = empty.send(block);
            }
        })
    }

    /// The digest of this algorithm.
    pub fn get(&self, algorithm: Algorithm) -> Option<&Digest> {
        self.0.iter().find(|digest| digest.algorithm == algorithm)
    }

    /// All, in the order of the algorithms.
    pub fn iter(&self) -> impl Iterator<Item = &Digest> {
        self.0.iter()
    }
}

/// Digests in the making.
struct Contexts(Vec<(Algorithm, digest::Context)>);

impl Contexts {
    fn new(algorithms: &[Algorithm]) -> Self {
        let mut algorithms = algorithms.to_vec();
        algorithms.sort_unstable();
        algorithms.dedup();
        let context = |algorithm: Algorithm| digest::Context::new(algorithm.implementation());
        Self(algorithms.into_iter().map(|a| (a, context(a))).collect())
    }

    fn update(&mut self, bytes: &[u8]) {
        self.0
            .iter_mut()
            .for_each(|(_, context)| context.update(bytes));
    }

    fn finish(self) -> Digests {
        let digest = |(algorithm, context): (Algorithm, digest::Context)| Digest {
            algorithm,
            bytes: context.finish().as_ref().to_vec(),
        };
        Digests(self.0.into_iter().map(digest).collect())
    }
}

/// What one read gives; empty at the end.
fn read<'a>(reader: &mut impl Read, buffer: &'a mut [u8]) -> io::Result<&'a [u8]> {
    loop {
        match reader.read(buffer) {
            // `Read` promises a length within the buffer; bytes that nobody has cannot be hashed.
            Ok(length) => {
                let read = buffer.get(..length);
                return read.ok_or_else(|| io::ErrorKind::InvalidData.into());
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

impl From<Digest> for Digests {
    fn from(digest: Digest) -> Self {
        Self(vec![digest])
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const HELLO: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

    #[test]
    fn either_case_is_the_same_digest() {
        let lower: Digest = format!("sha256:{HELLO}").parse().unwrap();
        let upper: Digest = format!("sha256:{}", HELLO.to_uppercase()).parse().unwrap();
        assert_eq!(lower, upper);
        assert_eq!(upper.to_string(), format!("sha256:{HELLO}"));
        let of = Digests::of_reader(&b"hello"[..], &[Algorithm::Sha256]).unwrap();
        assert_eq!(of.get(Algorithm::Sha256), Some(&lower));
    }

    #[test]
    fn reading_ahead_gives_the_same_digests_and_the_same_errors() {
        struct Broken(usize);
        impl Read for Broken {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                self.0 += 1;
                match self.0 {
                    1 => Err(io::ErrorKind::Interrupted.into()),
                    2..20 => Ok(buffer.len()),
                    _ => Err(io::Error::other("broken")),
                }
            }
        }
        let both = [Algorithm::Sha512, Algorithm::Sha256];
        for length in [0, 1, BUFFER - 1, BUFFER, BUFFER + 1, 9 * BUFFER + 7] {
            let data: Vec<u8> = (0..=250).cycle().take(length).collect();
            let ahead = Digests::of_reader_ahead(&data[..], &both).unwrap();
            assert_eq!(ahead, Digests::of_reader(&data[..], &both).unwrap());
        }
        let error = Digests::of_reader_ahead(Broken(0), &both).unwrap_err();
        assert_eq!(error.to_string(), "broken");
    }

    #[test]
    fn what_is_no_digest() {
        for text in [
            "",
            HELLO,
            "sha256:",
            "sha256:ab",
            "md5:00",
            "SHA256:00",
            "sha256: ",
        ] {
            assert!(text.parse::<Digest>().is_err(), "{text}");
        }
        assert!(format!("sha512:{HELLO}").parse::<Digest>().is_err());
        assert!(format!("sha256:{HELLO}00").parse::<Digest>().is_err());
    }
}
