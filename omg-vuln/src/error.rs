//! What can be wrong with a document that this crate reads.

/// A document could not be read as what it claims to be.
///
/// One bad *record* among good ones is not an error: it is counted by the reader that found
/// it (see [`Advisories::broken`](crate::Advisories)). This type is for a document of which
/// nothing can be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ParseError {
    /// The document is not well-formed JSON, or not of the expected shape.
    #[error("malformed {what}")]
    Json {
        /// The kind of document that was expected.
        what: &'static str,
        /// Where and why reading stopped.
        #[source]
        source: JsonError,
    },
    /// A named part of the document is missing or has a value that cannot be used.
    #[error("malformed {what}: {detail}")]
    Malformed {
        /// The kind of document that was expected.
        what: &'static str,
        /// What is wrong with it.
        detail: String,
    },
    /// The document has more bytes than this reader accepts.
    #[error("{what} has {bytes} bytes, over the limit of {limit}")]
    TooLarge {
        /// The kind of document that was expected.
        what: &'static str,
        /// Its size in bytes.
        bytes: usize,
        /// The most that is read, in bytes.
        limit: usize,
    },
    /// The document holds no record at all, which a real one never does.
    #[error("{what} holds no record")]
    Empty {
        /// The kind of document that was expected.
        what: &'static str,
    },
}

/// A JSON reader's own error, kept opaque so that its major releases are not ours.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct JsonError(serde_json::Error);

impl ParseError {
    pub(crate) fn json(what: &'static str, source: serde_json::Error) -> Self {
        Self::Json {
            what,
            source: JsonError(source),
        }
    }

    pub(crate) fn malformed(what: &'static str, detail: impl Into<String>) -> Self {
        Self::Malformed {
            what,
            detail: detail.into(),
        }
    }

    pub(crate) fn check_size(what: &'static str, bytes: &[u8], limit: usize) -> Result<(), Self> {
        if bytes.len() > limit {
            return Err(Self::TooLarge {
                what,
                bytes: bytes.len(),
                limit,
            });
        }
        Ok(())
    }
}

/// An error and its causes on one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
