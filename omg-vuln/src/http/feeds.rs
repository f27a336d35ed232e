//! Documents and data dumps.

use std::io::Write;

use chrono::{DateTime, Utc};
use reqwest::Url;
use reqwest::header::{
    CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    LAST_MODIFIED,
};
use tokio::time::{Instant, timeout_at};

use super::body::{Body, header};
use super::client::{Client, Request, after, exhausted};
use super::error::{HttpError, HttpErrorKind};
use super::modified::{ModifiedId, ModifiedList, Reading};
use super::osv::{check_id, check_record};
use super::{MAX_DUMP_BYTES, MAX_FEED_BYTES, MAX_RECORD_BYTES, ecosystems, url};

/// What a server said about the version of a document, so that it can be asked whether
/// there is a newer one (RFC 9110 section 13.1).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Validators {
    /// Its entity tag, as it came.
    pub etag: Option<String>,
    /// Its time of last modification, as it came.
    pub last_modified: Option<String>,
}

/// The answer to a request for a document.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Fetched {
    /// The version that the validators belong to is still the current one.
    NotModified,
    /// The current version.
    Document(Document),
}

/// A document with what its server said about it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Document {
    /// Its bytes, after any `Content-Encoding`. A document that *is* a compressed file,
    /// such as that of EPSS, is left as it is.
    pub bytes: Vec<u8>,
    /// What to ask with the next time.
    pub validators: Validators,
    /// The declared content type.
    pub content_type: Option<String>,
}

/// A finished download.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Downloaded {
    /// How many bytes were written.
    pub bytes: u64,
    /// What to ask with the next time.
    pub validators: Validators,
}

impl Client {
    /// Fetches a document, unless it is still the version of the validators.
    ///
    /// # Errors
    ///
    /// [`HttpErrorKind::TooLarge`] over [`MAX_FEED_BYTES`], [`HttpErrorKind::ContentType`]
    /// for an HTML page, [`HttpErrorKind::InsecureUrl`] as for endpoints, and as for every
    /// request.
    pub async fn fetch(&self, url: &str, validators: &Validators) -> Result<Fetched, HttpError> {
        self.fetch_url(url::parse(url)?, validators).await
    }

    /// Posts JSON to a service that answers in JSON, of at most `limit` bytes, as the OSV API is
    /// asked; for a program that has one client for all that it asks. Redirects are not followed.
    ///
    /// # Errors
    ///
    /// [`HttpErrorKind::TooLarge`] over the limit, [`HttpErrorKind::ContentType`] for anything
    /// but JSON, [`HttpErrorKind::InsecureUrl`] as for endpoints, and as for every request.
    pub async fn post_json(
        &self,
        url: &str,
        json: Vec<u8>,
        limit: u64,
    ) -> Result<Vec<u8>, HttpError> {
        let inner = self.inner();
        let request = inner.api_post(url::parse(url)?, json);
        let answer = inner.read(&request, limit, inner.deadline()).await?;
        Ok(answer.bytes)
    }

    /// Fetches the groups of the Arch Linux security tracker, JSON. Errors as of
    /// [`fetch`](Self::fetch).
    ///
    /// # Errors
    ///
    /// As of [`fetch`](Self::fetch).
    pub async fn issues(&self, validators: &Validators) -> Result<Fetched, HttpError> {
        self.fetch_url(self.inner().addresses.arch.clone(), validators)
            .await
    }

    /// Fetches CISA's catalogue of vulnerabilities known to be exploited, JSON.
    ///
    /// # Errors
    ///
    /// As of [`fetch`](Self::fetch).
    pub async fn kev(&self, validators: &Validators) -> Result<Fetched, HttpError> {
        self.fetch_url(self.inner().addresses.kev.clone(), validators)
            .await
    }

    /// Fetches the EPSS scores, gzip-compressed CSV (or CSV, if a server on the way has
    /// undone the compression).
    ///
    /// # Errors
    ///
    /// As of [`fetch`](Self::fetch).
    pub async fn epss(&self, validators: &Validators) -> Result<Fetched, HttpError> {
        self.fetch_url(self.inner().addresses.epss.clone(), validators)
            .await
    }

    /// Streams a document into a writer, and fails over `limit` bytes. There is no second
    /// attempt once the first byte is written; what was written before a failure must be
    /// thrown away. The writer is called between network reads, so it should not be slow.
    ///
    /// # Errors
    ///
    /// [`HttpErrorKind::TooLarge`] over the limit, [`HttpErrorKind::Timeout`] if nothing
    /// comes for the client's time-out, [`HttpErrorKind::Write`] if the writer fails,
    /// [`HttpErrorKind::BudgetExhausted`] after the download budget, and as of
    /// [`fetch`](Self::fetch).
    pub async fn fetch_to<W: Write + Send>(
        &self,
        url: &str,
        writer: &mut W,
        limit: u64,
    ) -> Result<Downloaded, HttpError> {
        self.download(url::parse(url)?, writer, limit).await
    }

    /// Streams OSV's records of one ecosystem, a ZIP archive of JSON files, into a writer.
    /// The release of an ecosystem is dropped: `Debian:12` is part of `Debian`.
    ///
    /// # Errors
    ///
    /// [`HttpErrorKind::UnknownEcosystem`], before anything is sent, and as of
    /// [`fetch_to`](Self::fetch_to) with [`MAX_DUMP_BYTES`] as the limit.
    pub async fn dump<W: Write + Send>(
        &self,
        ecosystem: &str,
        writer: &mut W,
    ) -> Result<Downloaded, HttpError> {
        let url = self.dump_url(ecosystem, "all.zip")?;
        self.download(url, writer, MAX_DUMP_BYTES).await
    }

    /// Fetches one record of OSV's data dumps, as its JSON text.
    ///
    /// # Errors
    ///
    /// [`HttpErrorKind::UnknownEcosystem`] and [`HttpErrorKind::InvalidId`], before anything
    /// is sent; [`HttpErrorKind::Malformed`] if the answer is not a record with this
    /// identifier; [`HttpErrorKind::TooLarge`] over [`MAX_RECORD_BYTES`]; and as for every
    /// request.
    pub async fn record(&self, ecosystem: &str, id: &str) -> Result<Vec<u8>, HttpError> {
        let inner = self.inner();
        check_id(id, &inner.addresses.osv_dumps)?;
        let request = inner.document(self.dump_url(ecosystem, &format!("{id}.json"))?);
        let answer = inner
            .read(&request, MAX_RECORD_BYTES, inner.deadline())
            .await?;
        check_record(&answer.bytes, id, &request)?;
        Ok(answer.bytes)
    }

    /// Lists the records of one ecosystem that were modified after `known`, newest first;
    /// all of them without one. The list is read only as far as that needs.
    ///
    /// The list is in descending order of time, but not quite to the second; so reading
    /// stops one minute before `known`.
    ///
    /// # Errors
    ///
    /// [`HttpErrorKind::UnknownEcosystem`], before anything is sent;
    /// [`HttpErrorKind::Malformed`] for a line that is not a time and an identifier;
    /// [`HttpErrorKind::TooLarge`] over [`MAX_FEED_BYTES`]; and as for every request.
    pub async fn modified_ids(
        &self,
        ecosystem: &str,
        known: Option<DateTime<Utc>>,
    ) -> Result<Vec<ModifiedId>, HttpError> {
        let inner = self.inner();
        let request = inner.document(self.dump_url(ecosystem, "modified_id.csv")?);
        let deadline = inner.deadline();
        let (response, _permit) = inner.open(&request, deadline).await?;
        let mut body =
            Body::new(response, &request.url, MAX_FEED_BYTES).map_err(|failed| failed.error)?;
        let mut list = ModifiedList::new(known);
        while let Some(chunk) = self.next_chunk(&request, &mut body, deadline).await? {
            if list
                .read(chunk.as_ref())
                .ok_or_else(|| malformed(&request))?
                == Reading::Enough
            {
                return Ok(list.into_found());
            }
        }
        list.end().ok_or_else(|| malformed(&request))?;
        Ok(list.into_found())
    }

    async fn fetch_url(&self, url: Url, validators: &Validators) -> Result<Fetched, HttpError> {
        let inner = self.inner();
        let mut request = inner.document(url);
        request.headers = conditions(validators);
        if !request.headers.is_empty() {
            request.expected = &[200, 304];
        }
        let answer = inner
            .read(&request, MAX_FEED_BYTES, inner.deadline())
            .await?;
        if answer.status == 304 {
            return Ok(Fetched::NotModified);
        }
        Ok(Fetched::Document(Document {
            validators: Validators::from(&answer.headers),
            content_type: header(&answer.headers, &CONTENT_TYPE),
            bytes: answer.bytes,
        }))
    }

    async fn download<W: Write + Send>(
        &self,
        url: Url,
        writer: &mut W,
        limit: u64,
    ) -> Result<Downloaded, HttpError> {
        let inner = self.inner();
        let request = inner.document(url);
        let deadline = after(inner.download_budget);
        let (response, _permit) = inner.open(&request, deadline).await?;
        let validators = Validators::from(response.headers());
        let mut body = Body::new(response, &request.url, limit).map_err(|failed| failed.error)?;
        let mut bytes = 0;
        let failed =
            |error| HttpError::new(HttpErrorKind::Write, url::shown(&request.url)).source(error);
        while let Some(chunk) = self.next_chunk(&request, &mut body, deadline).await? {
            let chunk = chunk.as_ref();
            writer.write_all(chunk).map_err(failed)?;
            // The body's limit is a u64, so its length fits.
            bytes += u64::try_from(chunk.len()).unwrap_or(u64::MAX);
        }
        writer.flush().map_err(failed)?;
        Ok(Downloaded { bytes, validators })
    }

    /// The next bytes of a streamed answer, for which the time-out starts anew.
    async fn next_chunk(
        &self,
        request: &Request,
        body: &mut Body<'_>,
        deadline: Instant,
    ) -> Result<Option<impl AsRef<[u8]> + use<>>, HttpError> {
        let until = after(request.timeout).min(deadline);
        match timeout_at(until, body.next()).await {
            Ok(chunk) => chunk.map_err(|failed| failed.error),
            Err(_) if until == deadline => Err(exhausted(request)),
            Err(_) => Err(HttpError::new(
                HttpErrorKind::Timeout,
                url::shown(&request.url),
            )),
        }
    }

    fn dump_url(&self, ecosystem: &str, file: &str) -> Result<Url, HttpError> {
        let base = &self.inner().addresses.osv_dumps;
        let name = ecosystems::published(ecosystem)
            .ok_or_else(|| HttpError::new(HttpErrorKind::UnknownEcosystem, url::shown(base)))?;
        Ok(url::join(base, &[name, file]))
    }
}

impl From<&HeaderMap> for Validators {
    fn from(headers: &HeaderMap) -> Self {
        Self {
            etag: header(headers, &ETAG),
            last_modified: header(headers, &LAST_MODIFIED),
        }
    }
}

/// Validators that cannot be sent are left out, and the document is fetched anew.
fn conditions(validators: &Validators) -> HeaderMap {
    let condition = |name: HeaderName, value: &Option<String>| {
        Some((name, HeaderValue::from_str(value.as_deref()?).ok()?))
    };
    let etag = condition(IF_NONE_MATCH, &validators.etag);
    let last_modified = condition(IF_MODIFIED_SINCE, &validators.last_modified);
    etag.into_iter().chain(last_modified).collect()
}

fn malformed(request: &Request) -> HttpError {
    HttpError::new(HttpErrorKind::Malformed, url::shown(&request.url))
        .detail("not a list of modified records")
}
