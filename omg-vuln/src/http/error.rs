//! What can go wrong between here and a server.

use std::error::Error;
use std::fmt;

type Source = Box<dyn Error + Send + Sync>;

/// A request that failed, with the address asked and what happened.
///
/// The message names the address without user name, password and query string. The
/// library that speaks HTTP shows only as an opaque [`source`](Error::source).
///
/// # Examples
///
/// ```
/// use omg_vuln::http::{Client, Endpoints, HttpErrorKind};
///
/// let mut endpoints = Endpoints::default();
/// endpoints.kev = "ftp://user:secret@example.org/kev.json?token=1".to_owned();
/// let error = Client::builder().endpoints(endpoints).build().unwrap_err();
/// assert_eq!(error.kind(), HttpErrorKind::InsecureUrl);
/// assert_eq!(error.url(), "ftp://example.org/kev.json");
/// ```
#[derive(Debug)]
pub struct HttpError {
    kind: HttpErrorKind,
    url: String,
    detail: Option<String>,
    source: Option<Source>,
}

/// What kind of failure an [`HttpError`] is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum HttpErrorKind {
    /// No complete answer within the time-out of one attempt.
    Timeout,
    /// No connection: name not resolved, refused, unreachable, or TLS not agreed on.
    Connect,
    /// The server's certificate does not verify.
    Certificate,
    /// The certificate verifies, but its key is not one that is pinned for the host.
    Pin,
    /// The connection broke off before the answer was complete.
    Interrupted,
    /// An answer with this status, which is none that was asked for.
    Status(u16),
    /// The answer is larger than the limit for its kind.
    TooLarge,
    /// A redirect that is not followed: too many, away from https, or from the API.
    Redirect,
    /// The address is neither https nor http to a loopback address.
    InsecureUrl,
    /// The address cannot be parsed or has no host.
    InvalidUrl,
    /// The answer is of another content type than asked for, such as an HTML page.
    ContentType,
    /// The answer is not what its format requires, such as cut JSON.
    Malformed,
    /// The identifier has characters that no identifier of a vulnerability has.
    InvalidId,
    /// OSV has no such ecosystem; nothing was sent.
    UnknownEcosystem,
    /// The time budget of the call is used up; the source is the last failure, if any.
    BudgetExhausted,
    /// The caller's writer failed.
    Write,
    /// The client cannot be set up: no trust anchors, an unusable proxy or certificate.
    Setup,
}

impl HttpError {
    pub(super) fn new(kind: HttpErrorKind, url: impl Into<String>) -> Self {
        Self {
            kind,
            url: url.into(),
            detail: None,
            source: None,
        }
    }

    pub(super) fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    pub(super) fn source(mut self, source: impl Into<Source>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What kind of failure this is.
    #[must_use]
    pub fn kind(&self) -> HttpErrorKind {
        self.kind
    }

    /// The address asked, without user name, password and query string.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What the server said about the failure, if it said something. Control characters
    /// are removed, and no more than 300 characters are kept.
    #[must_use]
    pub fn server_message(&self) -> Option<&str> {
        matches!(self.kind, HttpErrorKind::Status(_)).then_some(self.detail.as_deref())?
    }

    /// The status of an answer that was none of those asked for.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self.kind {
            HttpErrorKind::Status(status) => Some(status),
            _ => None,
        }
    }

    /// Whether time ran out, be it that of one attempt or that of the whole call.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        matches!(
            self.kind,
            HttpErrorKind::Timeout | HttpErrorKind::BudgetExhausted
        )
    }

    /// Whether the server could not be reached at all.
    #[must_use]
    pub fn is_connect(&self) -> bool {
        self.kind == HttpErrorKind::Connect
    }
}

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.url, self.kind)?;
        match &self.detail {
            Some(detail) => write!(f, ": {detail}"),
            None => Ok(()),
        }
    }
}

impl Error for HttpError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

impl fmt::Display for HttpErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Timeout => "no complete answer in time",
            Self::Connect => "cannot connect",
            Self::Certificate => "the server's certificate does not verify",
            Self::Pin => "the server's key is not one that is pinned",
            Self::Interrupted => "the connection broke off",
            Self::Status(status) => return write!(f, "status {status}"),
            Self::TooLarge => "the answer is too large",
            Self::Redirect => "redirect refused",
            Self::InsecureUrl => "neither https nor loopback",
            Self::InvalidUrl => "not a usable address",
            Self::ContentType => "unexpected content type",
            Self::Malformed => "malformed answer",
            Self::InvalidId => "not an identifier of a vulnerability",
            Self::UnknownEcosystem => "no such ecosystem",
            Self::BudgetExhausted => "the time budget is used up",
            Self::Write => "cannot write what was received",
            Self::Setup => "cannot set up the client",
        })
    }
}

/// Makes text from a server fit for a message: one line, 300 characters.
pub(super) fn printable(text: &str) -> String {
    let text = text.trim();
    let kept: String = text
        .chars()
        .filter(|character| !character.is_control())
        .take(300)
        .collect();
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_the_address_and_what_happened() {
        let error = HttpError::new(HttpErrorKind::Status(400), "https://api.osv.dev/v1/query");
        assert_eq!(
            error.to_string(),
            "https://api.osv.dev/v1/query: status 400"
        );
        assert_eq!(error.server_message(), None);
        let error = error.detail("invalid query");
        assert_eq!(
            error.to_string(),
            "https://api.osv.dev/v1/query: status 400: invalid query"
        );
        assert_eq!(error.server_message(), Some("invalid query"));
    }

    #[test]
    fn a_server_cannot_write_to_the_terminal() {
        assert_eq!(printable(" \u{1b}[2Jgone\n\r"), "[2Jgone");
        assert_eq!(printable(&"x".repeat(1000)).len(), 300);
    }
}
