//! The grammar of `SigLevel` in pacman.conf(5).

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use thiserror::Error;

/// What pacman asks of the signatures of packages and of databases.
///
/// # Examples
///
/// ```
/// use omg_pgp::{SigLevel, Verify};
///
/// let level: SigLevel = "Required DatabaseOptional".parse()?;
/// assert_eq!(level.package.verify, Verify::Required);
/// assert_eq!(level.database.verify, Verify::Optional);
/// assert!(level.database.trusted_only);
/// # Ok::<(), omg_pgp::SigLevelError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
pub struct SigLevel {
    /// Of package files.
    pub package: Level,
    /// Of repositories' databases.
    pub database: Level,
}

/// What is asked of one kind of file.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
pub struct Level {
    /// Whether there must be a signature.
    pub verify: Verify,
    /// Whether the signer must be trusted (`TrustedOnly`), or only known (`TrustAll`).
    pub trusted_only: bool,
}

/// Whether there must be a signature.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verify {
    /// Signatures are not looked at.
    Never,
    /// One that is there must be good.
    Optional,
    /// There must be one, and it must be good.
    Required,
}

/// A word that is none of the grammar.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error(
    "SigLevel has no {word:?}: there are Never, Optional, Required, TrustedOnly and TrustAll, and each with Package or Database before it"
)]
pub struct SigLevelError {
    word: String,
}

impl Default for SigLevel {
    /// pacman's built-in default, `Optional TrustedOnly`.
    fn default() -> Self {
        let level = Level {
            verify: Verify::Optional,
            trusted_only: true,
        };
        Self {
            package: level,
            database: level,
        }
    }
}

impl SigLevel {
    /// The level with further words, which hold over earlier ones: a repository's `SigLevel`
    /// changes the general one, and `LocalFileSigLevel` and `RemoteFileSigLevel` do.
    ///
    /// # Errors
    ///
    /// [`SigLevelError`] names the first word that is none.
    pub fn with(mut self, words: &str) -> Result<Self, SigLevelError> {
        for word in words.split_ascii_whitespace() {
            self.apply(word)?;
        }
        Ok(self)
    }

    fn apply(&mut self, word: &str) -> Result<(), SigLevelError> {
        let (package, database, rest) = if let Some(rest) = word.strip_prefix("Package") {
            (true, false, rest)
        } else if let Some(rest) = word.strip_prefix("Database") {
            (false, true, rest)
        } else {
            (true, true, word)
        };
        let change: fn(&mut Level) = match rest {
            "Never" => |level| level.verify = Verify::Never,
            "Optional" => |level| level.verify = Verify::Optional,
            "Required" => |level| level.verify = Verify::Required,
            "TrustedOnly" => |level| level.trusted_only = true,
            "TrustAll" => |level| level.trusted_only = false,
            _ => {
                return Err(SigLevelError {
                    word: word.to_owned(),
                });
            }
        };
        if package {
            change(&mut self.package);
        }
        if database {
            change(&mut self.database);
        }
        Ok(())
    }
}

impl FromStr for SigLevel {
    type Err = SigLevelError;

    /// The words on pacman's default.
    fn from_str(words: &str) -> Result<Self, SigLevelError> {
        Self::default().with(words)
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verify = match self.verify {
            Verify::Never => "Never",
            Verify::Optional => "Optional",
            Verify::Required => "Required",
        };
        let trust = if self.trusted_only {
            "TrustedOnly"
        } else {
            "TrustAll"
        };
        write!(f, "{verify} {trust}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(words: &str) -> String {
        let level: SigLevel = words.parse().unwrap();
        format!("{} / {}", level.package, level.database)
    }

    #[test]
    fn later_words_hold() {
        assert_eq!(text(""), "Optional TrustedOnly / Optional TrustedOnly");
        assert_eq!(
            text("Never Required"),
            "Required TrustedOnly / Required TrustedOnly"
        );
        assert_eq!(
            text("Required DatabaseNever"),
            "Required TrustedOnly / Never TrustedOnly"
        );
        assert_eq!(
            text("PackageRequired PackageTrustAll"),
            "Required TrustAll / Optional TrustedOnly"
        );
        let general: SigLevel = "Required DatabaseOptional".parse().unwrap();
        assert_eq!(
            general.with("Optional").unwrap().package.verify,
            Verify::Optional
        );
    }

    #[test]
    fn what_is_no_word_is_named() {
        for words in ["required", "Required,Optional", "PackageAlways", "Package"] {
            let error = words.parse::<SigLevel>().unwrap_err();
            assert!(error.to_string().contains(words), "{error}");
        }
    }
}
