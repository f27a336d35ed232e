//! The client, and how it gets one answer.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION};
use reqwest::{Method, Response, Url};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep_until, timeout_at};

use super::body::{Body, Content, Failed, check_content};
use super::builder::ClientBuilder;
use super::endpoints::Addresses;
use super::error::{HttpError, HttpErrorKind, printable};
use super::retry::{Backoff, Retry};
use super::{tls, url};

/// The part of a refusal that is read for its message: 64 KiB.
const MAX_REFUSAL_BYTES: u64 = 64 << 10;

/// A client for the sources of vulnerability data. Cheap to clone; clones share the
/// connections and the limit on concurrent requests.
///
/// The methods must be awaited inside a Tokio runtime with its timer and I/O enabled.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

pub(super) struct Inner {
    pub(super) addresses: Addresses,
    /// Follows no redirect: for the API.
    pub(super) direct: reqwest::Client,
    /// Follows those that `url::may_redirect` allows: for documents.
    pub(super) following: reqwest::Client,
    pub(super) timeout: Duration,
    pub(super) batch_timeout: Duration,
    pub(super) budget: Duration,
    pub(super) download_budget: Duration,
    pub(super) retries: u32,
    pub(super) backoff: Backoff,
    pub(super) permits: Semaphore,
    pub(super) concurrency: usize,
    pub(super) pinned: BTreeSet<String>,
}

impl Client {
    /// Starts with the defaults.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::new()
    }

    pub(super) fn from_inner(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }

    pub(super) fn inner(&self) -> &Inner {
        &self.0
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Addresses and proxy may hold passwords.
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

/// One request, which can be repeated.
pub(super) struct Request {
    pub(super) url: Url,
    pub(super) method: Method,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    pub(super) content: Content,
    /// Whether redirects are followed.
    pub(super) follow: bool,
    /// Statuses that are answers; all others are failures.
    pub(super) expected: &'static [u16],
    /// The time-out of one attempt.
    pub(super) timeout: Duration,
}

impl Inner {
    /// A GET of a document, following redirects.
    pub(super) fn document(&self, url: Url) -> Request {
        Request {
            url,
            method: Method::GET,
            headers: HeaderMap::new(),
            body: Vec::new(),
            content: Content::NoHtml,
            follow: true,
            expected: &[200],
            timeout: self.timeout,
        }
    }

    /// A GET from the API.
    pub(super) fn api_get(&self, url: Url) -> Request {
        Request {
            content: Content::Json,
            follow: false,
            ..self.document(url)
        }
    }

    /// A POST of JSON to the API.
    pub(super) fn api_post(&self, url: Url, body: Vec<u8>) -> Request {
        let headers = [(CONTENT_TYPE, HeaderValue::from_static("application/json"))];
        Request {
            method: Method::POST,
            headers: headers.into_iter().collect(),
            body,
            timeout: self.batch_timeout,
            ..self.api_get(url)
        }
    }

    /// When a call that starts now has used up its budget.
    pub(super) fn deadline(&self) -> Instant {
        after(self.budget)
    }

    /// Gets a whole answer, with repetitions.
    pub(super) async fn read(
        &self,
        request: &Request,
        limit: u64,
        deadline: Instant,
    ) -> Result<Answer, HttpError> {
        let _permit = self.permit(request, deadline).await?;
        let attempt = || async {
            let response = self.send(request).await?;
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            let bytes = Body::new(response, &request.url, limit)?.read().await?;
            Ok(Answer {
                status,
                headers,
                bytes,
            })
        };
        self.repeat(request, deadline, attempt).await
    }

    /// Gets the head of an answer, with repetitions, and leaves the body to the caller,
    /// who keeps the permit until it is read.
    pub(super) async fn open(
        &self,
        request: &Request,
        deadline: Instant,
    ) -> Result<(Response, SemaphorePermit<'_>), HttpError> {
        let permit = self.permit(request, deadline).await?;
        let response = self
            .repeat(request, deadline, || self.send(request))
            .await?;
        Ok((response, permit))
    }

    async fn permit(
        &self,
        request: &Request,
        deadline: Instant,
    ) -> Result<SemaphorePermit<'_>, HttpError> {
        match timeout_at(deadline, self.permits.acquire()).await {
            Ok(Ok(permit)) => Ok(permit),
            // The semaphore is never closed.
            Ok(Err(_)) | Err(_) => Err(exhausted(request)),
        }
    }

    async fn repeat<T, F>(
        &self,
        request: &Request,
        deadline: Instant,
        attempt: impl Fn() -> F,
    ) -> Result<T, HttpError>
    where
        F: Future<Output = Result<T, Failed>>,
    {
        let mut retry = 0;
        loop {
            let until = after(request.timeout).min(deadline);
            let failed = match timeout_at(until, attempt()).await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(failed)) => failed,
                Err(_) if until == deadline => return Err(exhausted(request)),
                Err(_) => Failed {
                    error: HttpError::new(HttpErrorKind::Timeout, url::shown(&request.url)),
                    retry: Retry::Backoff,
                },
            };
            let pause = match failed.retry {
                Retry::Never => return Err(failed.error),
                Retry::Backoff => self.backoff.pause(retry),
                Retry::After(least) => self.backoff.pause(retry).max(least),
            };
            if retry >= self.retries {
                return Err(failed.error);
            }
            retry += 1;
            let wake = after(pause);
            if wake >= deadline {
                return Err(exhausted(request).source(failed.error));
            }
            sleep_until(wake).await;
        }
    }

    /// One attempt, up to the head of an answer that was asked for.
    async fn send(&self, request: &Request) -> Result<Response, Failed> {
        self.check_pinned(&request.url)?;
        let client = if request.follow {
            &self.following
        } else {
            &self.direct
        };
        let mut builder = client.request(request.method.clone(), request.url.clone());
        builder = builder.headers(request.headers.clone());
        if !request.body.is_empty() {
            builder = builder.body(request.body.clone());
        }
        let response = builder.send().await;
        let response = response.map_err(|error| Failed::from_reqwest(error, &request.url))?;
        let status = response.status().as_u16();
        if !request.expected.contains(&status) {
            return Err(refusal(request, response).await);
        }
        if status == 200 {
            check_content(&response, &request.url, request.content)?;
        }
        Ok(response)
    }

    /// Over plain http there is no key to compare.
    fn check_pinned(&self, asked: &Url) -> Result<(), Failed> {
        let pinned = asked
            .host_str()
            .is_some_and(|host| self.pinned.contains(&tls::host(host)));
        if pinned && asked.scheme() != "https" {
            let error = HttpError::new(HttpErrorKind::Pin, url::shown(asked));
            return Err(Failed::for_good(error.detail("plain http has no key")));
        }
        Ok(())
    }
}

/// A whole answer.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) bytes: Vec<u8>,
}

/// The moment after a pause, or one in a year if the pause is longer than can be told.
pub(super) fn after(pause: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(pause)
        .unwrap_or_else(|| now + Duration::from_secs(365 * 24 * 3600))
}

pub(super) fn exhausted(request: &Request) -> HttpError {
    HttpError::new(HttpErrorKind::BudgetExhausted, url::shown(&request.url))
}

/// Reads what a server gives as the reason for an unexpected status.
async fn refusal(request: &Request, response: Response) -> Failed {
    let status = response.status();
    if status.is_redirection() && response.headers().contains_key(LOCATION) {
        let error = HttpError::new(HttpErrorKind::Redirect, url::shown(&request.url));
        return Failed::for_good(error.detail("not followed"));
    }
    let retry = Retry::from_status(status.as_u16(), response.headers());
    let mut error = HttpError::new(
        HttpErrorKind::Status(status.as_u16()),
        url::shown(&request.url),
    );
    let readable = check_content(&response, &request.url, Content::NoHtml).is_ok();
    if let (true, Ok(body)) = (
        readable,
        Body::new(response, &request.url, MAX_REFUSAL_BYTES),
    ) {
        // Without a reason the status still counts.
        if let Some(message) = body.read().await.ok().as_deref().and_then(message) {
            error = error.detail(message);
        }
    }
    Failed { error, retry }
}

/// `{"code": …, "message": …}` as the OSV API answers, or plain text.
fn message(body: &[u8]) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Refusal {
        message: String,
    }
    let message = match serde_json::from_slice(body) {
        Ok(Refusal { message }) => message,
        Err(_) => std::str::from_utf8(body).ok()?.to_owned(),
    };
    Some(printable(&message)).filter(|message| !message.is_empty())
}
