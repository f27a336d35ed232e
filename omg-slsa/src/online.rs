//! What takes the network (feature `http`): entries of a Rekor log by digest, and trusted roots by
//! The Update Framework.
//!
//! Requests are the caller's: [`Transport`] is what is asked for, and whoever has an HTTP client
//! already, with its time-outs, proxies and pinned keys, needs no second. What comes back is
//! parsed within limits and proves nothing until it is verified.

pub mod rekor;
pub mod tuf;

use std::future::Future;
use std::pin::Pin;

use thiserror::Error;

/// The answer to a request: its body, or `None` where there is no such document (404).
pub type Answer<'a> =
    Pin<Box<dyn Future<Output = Result<Option<Vec<u8>>, TransportError>> + Send + 'a>>;

/// Sends requests.
///
/// An implementation takes https only (and http to loopback), gives up after a time, follows no
/// redirect to http, and reads no more than `limit` bytes.
pub trait Transport: Send + Sync {
    /// Gets a document of at most so many bytes.
    fn get<'a>(&'a self, url: &'a str, limit: u64) -> Answer<'a>;

    /// Posts JSON, and reads an answer of at most so many bytes.
    fn post<'a>(&'a self, url: &'a str, json: Vec<u8>, limit: u64) -> Answer<'a>;
}

/// Why there is no answer, in the transport's words.
#[derive(Clone, Debug, Error)]
#[error("{0}")]
pub struct TransportError(pub String);

/// Why nothing came of asking.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OnlineError {
    /// There was no answer.
    #[error("{url}: {source}")]
    Transport {
        /// What was asked for.
        url: String,
        /// Why.
        source: TransportError,
    },
    /// The answer is not what it should be.
    #[error("{url}: {detail}")]
    Answer {
        /// What was asked for.
        url: String,
        /// For people.
        detail: String,
    },
    /// The repository of roots is expired, rolled back, or signed by others than it must be.
    #[error("the repository of trusted roots: {detail}")]
    Untrusted {
        /// For people.
        detail: String,
    },
}

pub(crate) fn body(
    url: &str,
    answer: Result<Option<Vec<u8>>, TransportError>,
) -> Result<Vec<u8>, OnlineError> {
    match answer {
        Ok(Some(bytes)) => Ok(bytes),
        Ok(None) => Err(malformed(url, "there is no such document")),
        Err(source) => Err(OnlineError::Transport {
            url: url.to_owned(),
            source,
        }),
    }
}

pub(crate) fn malformed(url: &str, detail: impl ToString) -> OnlineError {
    OnlineError::Answer {
        url: url.to_owned(),
        detail: detail.to_string(),
    }
}
