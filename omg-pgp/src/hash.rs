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

/// What goes before the data, and how the data go in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Mode {
    pub(crate) algorithm: Algorithm,
    /// Version 6 of signatures begins with a salt of its own.
    pub(crate) salt: Vec<u8>,
    /// Every line end becomes CR LF: RFC 9580, section 5.2.1.2.
    pub(crate) text: bool,
}

impl Mode {
    const SHA256: Self = Self {
        algorithm: Algorithm::Sha256,
        salt: Vec::new(),
        text: false,
    };
}

struct Running {
    mode: Mode,
    state: State,
    /// The last byte was CR.
    after_cr: bool,
}

impl Running {
    fn update(&mut self, bytes: &[u8]) {
        if !self.mode.text {
            return self.state.update(bytes);
        }
        for piece in bytes.split_inclusive(|b| *b == b'\n') {
            match piece.strip_suffix(b"\n") {
                Some(line) => {
                    let ends_in_cr = match line.last() {
                        Some(last) => *last == b'\r',
                        None => self.after_cr,
                    };
                    self.state.update(line);
                    self.state.update(if ends_in_cr { b"\n" } else { b"\r\n" });
                    self.after_cr = false;
                }
                None => {
                    self.state.update(piece);
                    self.after_cr = piece.last() == Some(&b'\r');
                }
            }
        }
    }
}

/// The running digests. Signatures of version 4 with the same algorithm share one, and the
/// SHA-256 of the data is the same as theirs.
pub(crate) struct Digests {
    /// Of the data alone.
    sha256: sha2::Sha256,
    /// Of what else signatures need.
    others: Vec<Running>,
    size: u64,
}

impl Digests {
    pub(crate) fn new() -> Self {
        Self {
            sha256: sha2::Sha256::new(),
            others: Vec::new(),
            size: 0,
        }
    }

    pub(crate) fn need(&mut self, mode: Mode) {
        if mode != Mode::SHA256 && self.others.iter().all(|running| running.mode != mode) {
            let mut state = State::new(mode.algorithm);
            state.update(&mode.salt);
            self.others.push(Running {
                mode,
                state,
                after_cr: false,
            });
        }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.sha256.update(bytes);
        for state in &mut self.others {
            state.update(bytes);
        }
        self.size = self.size.saturating_add(bytes.len() as u64);
    }

    /// The digest of salt, data and a trailer; `None` if it was not asked for.
    pub(crate) fn with_trailer(&self, mode: &Mode, trailer: &[u8]) -> Option<Vec<u8>> {
        let mut state = match *mode == Mode::SHA256 {
            true => State::Sha256(self.sha256.clone()),
            false => {
                let found = self.others.iter().find(|running| running.mode == *mode);
                found?.state.clone()
            }
        };
        state.update(trailer);
        Some(state.finish())
    }

    /// The digest of the data alone.
    pub(crate) fn sha256(&self) -> [u8; 32] {
        self.sha256.clone().finalize().into()
    }

    pub(crate) fn size(&self) -> u64 {
        self.size
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_of_text_are_all_the_same() {
        let mode = || Mode {
            text: true,
            ..Mode::SHA256
        };
        let digest = |text: &str, chunk: usize| {
            let mut digests = Digests::new();
            digests.need(mode());
            text.as_bytes()
                .chunks(chunk)
                .for_each(|c| digests.update(c));
            (digests.with_trailer(&mode(), &[]), digests.sha256())
        };
        let (expected, plain) = digest("one\r\ntwo\r\n\r\nthree", 100);
        for chunk in [1, 2, 3, 100] {
            for text in [
                "one\ntwo\n\nthree",
                "one\ntwo\r\n\nthree",
                "one\r\ntwo\r\n\r\nthree",
            ] {
                assert_eq!(digest(text, chunk).0, expected, "{text:?} {chunk}");
            }
            // A CR alone is no line end, and the bytes themselves are hashed as they are.
            assert_ne!(digest("one\rtwo\n\nthree", chunk).0, expected);
            assert_ne!(digest("one\ntwo\n\nthree", chunk).1, plain);
        }
    }
}
