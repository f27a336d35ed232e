use thiserror::Error;

/// The whole input was refused; nothing of it was kept.
///
/// One broken entry among good ones is not an error but a
/// [`Problem`](crate::inventory::Problem) of the inventory.
#[derive(Clone, Debug, Error, Eq, PartialEq)]
#[non_exhaustive]
pub enum ParseError {
    /// The input is larger than the reader's limit, in bytes (after decompression, if any).
    #[error("{format}: larger than the limit of {limit} bytes")]
    TooLarge {
        /// The format that was being read.
        format: &'static str,
        /// The limit, in bytes.
        limit: usize,
    },
    /// The input holds more entries than [`limits::MAX_ENTRIES`](crate::inventory::limits::MAX_ENTRIES).
    #[error("more than {limit} entries")]
    TooManyEntries {
        /// The limit, in entries.
        limit: usize,
    },
    /// The input is not of the format at all.
    #[error("{format}: {detail}")]
    Syntax {
        /// The format that was being read.
        format: &'static str,
        /// What is wrong, and where if that is known.
        detail: String,
    },
    /// The format is known, this version of it is not.
    #[error("{format}: version {version} is not supported")]
    UnsupportedVersion {
        /// The format that was being read.
        format: &'static str,
        /// The version that the input declares.
        version: String,
    },
    /// Neither the file name nor the content tells a format that can be read.
    #[error("{name}: format not recognised")]
    UnknownFormat {
        /// The name that was given.
        name: String,
    },
}

impl ParseError {
    /// Refuses an input that is larger than its reader's limit.
    pub(crate) fn check_size(format: &'static str, bytes: &[u8], limit: usize) -> Result<(), Self> {
        match bytes.len() > limit {
            true => Err(Self::TooLarge { format, limit }),
            false => Ok(()),
        }
    }

    pub(crate) fn syntax(format: &'static str, detail: impl ToString) -> Self {
        Self::Syntax {
            format,
            detail: detail.to_string(),
        }
    }
}

/// A package cannot be named by a package URL.
#[derive(Clone, Debug, Error, Eq, PartialEq)]
#[non_exhaustive]
pub enum PurlError {
    /// The type of the package requires a vendor, and the `os-release` that was
    /// given (or its absence) does not tell one.
    #[error("{name}: vendor of the distribution is unknown")]
    UnknownVendor {
        /// The name of the package.
        name: String,
    },
    /// A part of the package URL is not allowed by the specification.
    #[error("{name}: {detail}")]
    Invalid {
        /// The name of the package.
        name: String,
        /// What is wrong.
        detail: String,
    },
}
