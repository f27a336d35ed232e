//! Questions to the OSV API and their answers (`/v1/query`, `/v1/vulns`), one at a time.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::time::Instant;

use super::client::{Client, Request};
use super::error::{HttpError, HttpErrorKind};
use super::{MAX_BATCH_BYTES, MAX_PAGES, MAX_RECORD_BYTES, ecosystems, url};

/// A question to OSV: which vulnerabilities does this package, or this commit, have?
///
/// # Examples
///
/// ```
/// use omg_vuln::http::Query;
///
/// assert!(Query::package("PyPI", "jinja2").version("3.1.4").is_supported());
/// assert!(Query::purl("pkg:pypi/jinja2@3.1.4").is_supported());
/// // OSV has no data for Arch Linux, and is not asked.
/// assert!(!Query::package("Arch Linux", "openssl").version("3.6.1-1").is_supported());
/// assert!(!Query::purl("pkg:alpm/arch/openssl@3.6.1-1").is_supported());
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq, Serialize)]
pub struct Query {
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    package: Option<Package>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
}

#[derive(Clone, Debug, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "lowercase", untagged)]
enum Package {
    Name { ecosystem: String, name: String },
    Purl { purl: String },
}

impl Query {
    /// Asks about a package by its ecosystem, with the release where there is one
    /// (`Debian:12`), and its name. Without a [`version`](Self::version) the answer is
    /// about all versions.
    #[must_use]
    pub fn package(ecosystem: impl Into<String>, name: impl Into<String>) -> Self {
        let package = Package::Name {
            ecosystem: ecosystem.into(),
            name: name.into(),
        };
        Self {
            commit: None,
            package: Some(package),
            version: None,
        }
    }

    /// Asks about a package by its package URL. If that has a version, a second one by
    /// [`version`](Self::version) is refused by the API.
    #[must_use]
    pub fn purl(purl: impl Into<String>) -> Self {
        let package = Package::Purl { purl: purl.into() };
        Self {
            commit: None,
            package: Some(package),
            version: None,
        }
    }

    /// Asks about a commit of a git repository, 40 hexadecimal digits.
    #[must_use]
    pub fn commit(commit: impl Into<String>) -> Self {
        Self {
            commit: Some(commit.into()),
            package: None,
            version: None,
        }
    }

    /// Asks about one version.
    #[must_use]
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into());
        self
    }

    /// Whether OSV has data that the answer could come from: the ecosystem is on the
    /// list of the OSV schema, or the package URL's type is one that OSV maps to it.
    #[must_use]
    pub fn is_supported(&self) -> bool {
        match &self.package {
            None => true,
            Some(Package::Name { ecosystem, .. }) => ecosystems::is_known(ecosystem),
            Some(Package::Purl { purl }) => ecosystems::is_known_purl(purl),
        }
    }
}

/// What became of one query of a batch. Only [`Answered`](Self::Answered) is evidence.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum QueryResult {
    /// OSV has answered; an empty list means that it knows of no vulnerability.
    Answered(Vec<VulnRef>),
    /// There is no full answer.
    Failed {
        /// Why not.
        error: QueryError,
        /// What the pages before the failure held. There may be more.
        found: Vec<VulnRef>,
    },
    /// OSV has no data for this ecosystem. Nothing was sent.
    NotSupported,
}

/// Why a query has no full answer.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QueryError {
    /// The request failed. Queries of the same batch share the error.
    #[error(transparent)]
    Http(Arc<HttpError>),
    /// OSV refuses this very query.
    #[error("query refused: {message}")]
    Refused {
        /// What the server says.
        message: String,
    },
    /// There are more pages than [`MAX_PAGES`].
    #[error("query has more than {MAX_PAGES} pages")]
    TooManyPages,
    /// OSV has no data for this ecosystem; nothing was sent. A batch says so by
    /// [`QueryResult::NotSupported`] instead.
    #[error("ecosystem not supported")]
    NotSupported,
}

impl From<HttpError> for QueryError {
    fn from(error: HttpError) -> Self {
        Self::Http(Arc::new(error))
    }
}

/// A vulnerability that a query has found.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct VulnRef {
    /// Its identifier.
    pub id: String,
    /// When the record was last modified, so that a copy can be recognised as current.
    /// `None` if the answer has no readable time, which makes every copy outdated.
    pub modified: Option<DateTime<Utc>>,
}

/// One page of `/v1/query`: whole records.
#[derive(Deserialize)]
struct Page<'a> {
    #[serde(borrow, default)]
    vulns: Vec<&'a RawValue>,
    #[serde(default)]
    next_page_token: String,
}

/// A query with the token of the page that is asked for.
#[derive(Serialize)]
pub(super) struct Asked<'a> {
    #[serde(flatten)]
    pub(super) query: &'a Query,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) page_token: &'a str,
}

impl Client {
    /// Asks one query and returns the records found, each as its JSON text, in the
    /// server's order. All pages are read, also those that hold only the token of the
    /// next.
    ///
    /// # Errors
    ///
    /// [`QueryError::NotSupported`] before anything is sent; [`QueryError::TooManyPages`]
    /// after [`MAX_PAGES`]; otherwise the request's failure. A page over
    /// [`MAX_BATCH_BYTES`] is [`HttpErrorKind::TooLarge`].
    pub async fn query(&self, query: &Query) -> Result<Vec<String>, QueryError> {
        if !query.is_supported() {
            return Err(QueryError::NotSupported);
        }
        let inner = self.inner();
        let (deadline, url) = (
            inner.deadline(),
            url::join(&inner.addresses.osv_api, &["v1", "query"]),
        );
        let (mut records, mut token) = (Vec::new(), String::new());
        for _ in 0..MAX_PAGES {
            let body = to_json(
                &Asked {
                    query,
                    page_token: &token,
                },
                &url,
            )?;
            let request = inner.api_post(url.clone(), body);
            let bytes = inner.read(&request, MAX_BATCH_BYTES, deadline).await?.bytes;
            let page: Page<'_> = from_json(&bytes, &request)?;
            records.extend(page.vulns.iter().map(|record| record.get().to_owned()));
            token = page.next_page_token;
            if token.is_empty() {
                return Ok(records);
            }
        }
        Err(QueryError::TooManyPages)
    }

    /// Gets one record, as its JSON text in the OSV format.
    ///
    /// # Errors
    ///
    /// [`HttpErrorKind::InvalidId`], before anything is sent, if the identifier has other
    /// characters than ASCII letters, digits, `-`, `_`, `.`, `:` and `+`, or more than 128;
    /// [`HttpErrorKind::Status`] 404 if there is no such record;
    /// [`HttpErrorKind::Malformed`] if the answer is not a record with this identifier;
    /// [`HttpErrorKind::TooLarge`] over [`MAX_RECORD_BYTES`]; and as for every request.
    pub async fn vulnerability(&self, id: &str) -> Result<Vec<u8>, HttpError> {
        self.record_by_id(id, self.inner().deadline()).await
    }

    /// Gets several records side by side; results are in the order of the identifiers.
    /// Each fails for itself, as by [`vulnerability`](Self::vulnerability); the time
    /// budget is shared.
    pub async fn vulnerabilities(&self, ids: &[&str]) -> Vec<Result<Vec<u8>, HttpError>> {
        let deadline = self.inner().deadline();
        stream::iter(ids.iter().map(|id| self.record_by_id(id, deadline)))
            .buffered(self.inner().concurrency)
            .collect()
            .await
    }

    async fn record_by_id(&self, id: &str, deadline: Instant) -> Result<Vec<u8>, HttpError> {
        let inner = self.inner();
        let url = url::join(&inner.addresses.osv_api, &["v1", "vulns"]);
        check_id(id, &url)?;
        let request = inner.api_get(url::join(&url, &[id]));
        let bytes = inner
            .read(&request, MAX_RECORD_BYTES, deadline)
            .await?
            .bytes;
        check_record(&bytes, id, &request)?;
        Ok(bytes)
    }
}

/// Refuses what could lead elsewhere once it is part of an address.
pub(super) fn check_id(id: &str, base: &reqwest::Url) -> Result<(), HttpError> {
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:+".contains(&byte);
    let starts_well = id
        .bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_alphanumeric());
    if starts_well && id.len() <= 128 && id.bytes().all(safe) {
        return Ok(());
    }
    Err(HttpError::new(HttpErrorKind::InvalidId, url::shown(base)))
}

/// The answer must be the record that was asked for.
pub(super) fn check_record(bytes: &[u8], id: &str, request: &Request) -> Result<(), HttpError> {
    #[derive(Deserialize)]
    struct Record {
        id: String,
    }
    let record: Record = from_json(bytes, request)?;
    if record.id == id {
        return Ok(());
    }
    let error = HttpError::new(HttpErrorKind::Malformed, url::shown(&request.url));
    Err(error.detail("a record with another identifier"))
}

pub(super) fn to_json<T: Serialize>(value: &T, url: &reqwest::Url) -> Result<Vec<u8>, HttpError> {
    serde_json::to_vec(value)
        .map_err(|error| HttpError::new(HttpErrorKind::Malformed, url::shown(url)).source(error))
}

pub(super) fn from_json<'a, T: Deserialize<'a>>(
    bytes: &'a [u8],
    request: &Request,
) -> Result<T, HttpError> {
    serde_json::from_slice(bytes).map_err(|error| {
        HttpError::new(HttpErrorKind::Malformed, url::shown(&request.url)).source(error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_look_as_the_api_expects() {
        let json = |query: &Query| serde_json::to_string(query).unwrap();
        assert_eq!(
            json(&Query::package("PyPI", "jinja2").version("3.1.4")),
            r#"{"package":{"ecosystem":"PyPI","name":"jinja2"},"version":"3.1.4"}"#
        );
        assert_eq!(
            json(&Query::purl("pkg:pypi/a@1")),
            r#"{"package":{"purl":"pkg:pypi/a@1"}}"#
        );
        assert_eq!(json(&Query::commit("abc")), r#"{"commit":"abc"}"#);
        let asked = Asked {
            query: &Query::commit("abc"),
            page_token: "t",
        };
        assert_eq!(
            serde_json::to_string(&asked).unwrap(),
            r#"{"commit":"abc","page_token":"t"}"#
        );
    }

    #[test]
    fn identifiers_cannot_leave_their_place() {
        let base = url::parse("https://api.osv.dev").unwrap();
        for id in [
            "CVE-2024-3094",
            "ALSA-2023:1234",
            "openSUSE-SU-2020:1234-1",
            "BIT-a.b_c",
            "GHSA-x",
        ] {
            assert!(check_id(id, &base).is_ok(), "{id}");
        }
        let long = "A".repeat(129);
        for id in [
            "", ".", "..", "../x", "a/b", "a?b", "a#b", "a%2fb", "a b", "é", "-a", "a\n", &long,
        ] {
            assert_eq!(
                check_id(id, &base).unwrap_err().kind(),
                HttpErrorKind::InvalidId,
                "{id}"
            );
        }
    }
}
