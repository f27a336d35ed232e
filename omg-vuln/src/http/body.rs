//! Answers, read no further than allowed.

use std::error::Error;
use std::io;

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName};
use reqwest::{Response, Url};

use super::error::{HttpError, HttpErrorKind, printable};
use super::retry::Retry;
use super::{tls, url};

/// A failed attempt, and whether another one makes sense.
pub(super) struct Failed {
    pub(super) error: HttpError,
    pub(super) retry: Retry,
}

impl Failed {
    pub(super) fn for_good(error: HttpError) -> Self {
        Self {
            error,
            retry: Retry::Never,
        }
    }

    /// Reads what the HTTP library says.
    pub(super) fn from_reqwest(error: reqwest::Error, asked: &Url) -> Self {
        let kind = kind_of(&error);
        let retry = match kind {
            HttpErrorKind::Timeout | HttpErrorKind::Connect | HttpErrorKind::Interrupted => {
                Retry::Backoff
            }
            _ => Retry::Never,
        };
        let source = error.without_url();
        Self {
            error: HttpError::new(kind, url::shown(asked)).source(source),
            retry,
        }
    }
}

fn kind_of(error: &reqwest::Error) -> HttpErrorKind {
    if error.is_redirect() {
        return HttpErrorKind::Redirect;
    }
    if let Some(kind) = tls_cause(error).and_then(tls::verification_failure) {
        return kind;
    }
    if error.is_timeout() {
        HttpErrorKind::Timeout
    } else if error.is_connect() {
        HttpErrorKind::Connect
    } else if error.is_builder() {
        HttpErrorKind::InvalidUrl
    } else {
        HttpErrorKind::Interrupted
    }
}

/// Looks for a TLS error among the causes.
fn tls_cause(error: &reqwest::Error) -> Option<&rustls::Error> {
    let mut cause = error.source();
    while let Some(current) = cause {
        if let Some(tls) = current.downcast_ref() {
            return Some(tls);
        }
        // An `io::Error` does not count what it wraps among its sources.
        cause = match current
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
        {
            Some(wrapped) => Some(wrapped),
            None => current.source(),
        };
    }
    None
}

/// What kind of content an answer must have.
#[derive(Clone, Copy)]
pub(super) enum Content {
    /// `application/json` and nothing else: answers of an API.
    Json,
    /// Anything but HTML, which is what captive portals and error pages are.
    NoHtml,
}

/// Checks the declared content type (RFC 9110 section 8.3).
pub(super) fn check_content(
    response: &Response,
    asked: &Url,
    content: Content,
) -> Result<(), Failed> {
    let declared = header(response.headers(), &CONTENT_TYPE);
    let kind = declared
        .as_deref()
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default();
    let kind = kind.trim().to_ascii_lowercase();
    let accepted = match content {
        Content::Json => kind == "application/json",
        Content::NoHtml => !matches!(kind.as_str(), "text/html" | "application/xhtml+xml"),
    };
    if accepted {
        return Ok(());
    }
    let error = HttpError::new(HttpErrorKind::ContentType, url::shown(asked));
    Err(Failed::for_good(error.detail(printable(
        &declared.unwrap_or_else(|| "none".to_owned()),
    ))))
}

/// A header as text, if it is there and is text.
pub(super) fn header(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

/// An answer as a sequence of chunks that ends in an error over the limit.
pub(super) struct Body<'a> {
    response: Response,
    asked: &'a Url,
    left: u64,
    limit: u64,
}

impl<'a> Body<'a> {
    /// Fails at once if the answer announces more than the limit.
    pub(super) fn new(response: Response, asked: &'a Url, limit: u64) -> Result<Self, Failed> {
        let announced = response.content_length().unwrap_or(0);
        let body = Self {
            response,
            asked,
            left: limit,
            limit,
        };
        if announced > limit {
            Err(body.too_large())
        } else {
            Ok(body)
        }
    }

    pub(super) async fn next(&mut self) -> Result<Option<impl AsRef<[u8]> + use<>>, Failed> {
        let chunk = self.response.chunk().await;
        let chunk = chunk.map_err(|error| Failed::from_reqwest(error, self.asked))?;
        let length = chunk.as_deref().map_or(0, <[u8]>::len);
        match self
            .left
            .checked_sub(u64::try_from(length).unwrap_or(u64::MAX))
        {
            Some(left) => self.left = left,
            None => return Err(self.too_large()),
        }
        Ok(chunk)
    }

    pub(super) async fn read(mut self) -> Result<Vec<u8>, Failed> {
        let mut bytes = Vec::new();
        while let Some(chunk) = self.next().await? {
            bytes.extend_from_slice(chunk.as_ref());
        }
        Ok(bytes)
    }

    fn too_large(&self) -> Failed {
        let error = HttpError::new(HttpErrorKind::TooLarge, url::shown(self.asked));
        Failed::for_good(error.detail(format!("over {} bytes", self.limit)))
    }
}
