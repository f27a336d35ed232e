//! All digests of the data that the signatures need, in one pass.

use sequoia_openpgp::types::HashAlgorithm;
use sha2::Digest as _;

/// The hash algorithms that signatures over data may use: those that RFC 9580, section 9.5,
/// does not deprecate and that are collision resistant.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Algorithm {
    Sha256,
    Sha384,
    Sha512,
    Sha3_256,
    Sha3_512,
}

impl Algorithm {
    pub(crate) fn new(algorithm: HashAlgorithm) -> Option<Self> {
        Some(match algorithm {
            HashAlgorithm::SHA256 => Self::Sha256,
            HashAlgorithm::SHA384 => Self::Sha384,
            HashAlgorithm::SHA512 => Self::Sha512,
            HashAlgorithm::SHA3_256 => Self::Sha3_256,
            HashAlgorithm::SHA3_512 => Self::Sha3_512,
            _ => return None,
        })
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA256",
            Self::Sha384 => "SHA384",
            Self::Sha512 => "SHA512",
            Self::Sha3_256 => "SHA3-256",
            Self::Sha3_512 => "SHA3-512",
        }
    }
}

#[derive(Clone)]
enum State {
    Sha256(sha2::Sha256),
    Sha384(sha2::Sha384),
    Sha512(sha2::Sha512),
    Sha3_256(sha3::Sha3_256),
    Sha3_512(sha3::Sha3_512),
}

impl State {
    fn new(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Sha256 => Self::Sha256(sha2::Sha256::new()),
            Algorithm::Sha384 => Self::Sha384(sha2::Sha384::new()),
            Algorithm::Sha512 => Self::Sha512(sha2::Sha512::new()),
            Algorithm::Sha3_256 => Self::Sha3_256(sha3::Sha3_256::new()),
            Algorithm::Sha3_512 => Self::Sha3_512(sha3::Sha3_512::new()),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha256(state) => state.update(bytes),
            Self::Sha384(state) => state.update(bytes),
            Self::Sha512(state) => state.update(bytes),
            Self::Sha3_256(state) => state.update(bytes),
            Self::Sha3_512(state) => state.update(bytes),
        }
    }

    fn finish(self) -> Vec<u8> {
        match self {
            Self::Sha256(state) => state.finalize().to_vec(),
            Self::Sha384(state) => state.finalize().to_vec(),
            Self::Sha512(state) => state.finalize().to_vec(),
            Self::Sha3_256(state) => state.finalize().to_vec(),
            Self::Sha3_512(state) => state.finalize().to_vec(),
        }
    }
}

/// The running digests. Signatures of version 4 with the same algorithm share one, and the
/// SHA-256 of the data is the same as theirs; those of version 6 begin with a salt of their own.
pub(crate) struct Digests {
    states: Vec<(Algorithm, Vec<u8>, State)>,
    size: u64,
}

impl Digests {
    pub(crate) fn new() -> Self {
        let mut digests = Self {
            states: Vec::new(),
            size: 0,
        };
        digests.need(Algorithm::Sha256, &[]);
        digests
    }

    pub(crate) fn need(&mut self, algorithm: Algorithm, salt: &[u8]) {
        if self.find(algorithm, salt).is_none() {
            let mut state = State::new(algorithm);
            state.update(salt);
            self.states.push((algorithm, salt.to_vec(), state));
        }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        for (.., state) in &mut self.states {
            state.update(bytes);
        }
        self.size = self.size.saturating_add(bytes.len() as u64);
    }

    /// The digest of salt, data and a trailer; `None` if it was not asked for.
    pub(crate) fn with_trailer(
        &self,
        algorithm: Algorithm,
        salt: &[u8],
        trailer: &[u8],
    ) -> Option<Vec<u8>> {
        let mut state = self.find(algorithm, salt)?.clone();
        state.update(trailer);
        Some(state.finish())
    }

    pub(crate) fn sha256(&self) -> String {
        let digest = self.with_trailer(Algorithm::Sha256, &[], &[]);
        hex::encode(digest.unwrap_or_default())
    }

    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    fn find(&self, algorithm: Algorithm, salt: &[u8]) -> Option<&State> {
        let mut states = self.states.iter();
        let found = states.find(|(a, s, _)| *a == algorithm && s == salt);
        found.map(|(.., state)| state)
    }
}
