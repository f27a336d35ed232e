//! How a client is set up.

use std::time::Duration;

use reqwest::redirect::Policy;
use rustls::ClientConfig;
use tokio::sync::Semaphore;

use super::client::{Client, Inner};
use super::endpoints::{Addresses, Endpoints};
use super::error::{HttpError, HttpErrorKind};
use super::retry::Backoff;
use super::tls::{self, KeyPin, Pins, Roots};
use super::{MAX_REDIRECTS, url};

/// Sets up a [`Client`]. Each method states its default.
#[derive(Clone, Debug)]
#[must_use]
pub struct ClientBuilder {
    endpoints: Endpoints,
    timeout: Duration,
    batch_timeout: Duration,
    budget: Duration,
    download_budget: Duration,
    retries: u32,
    backoff: (Duration, Duration),
    jitter_seed: u64,
    concurrency: usize,
    user_agent: String,
    proxy: Option<String>,
    roots: Roots,
    root_certificates: Vec<Vec<u8>>,
    pins: Pins,
}

impl ClientBuilder {
    pub(super) fn new() -> Self {
        Self {
            endpoints: Endpoints::default(),
            timeout: Duration::from_secs(5),
            batch_timeout: Duration::from_secs(40),
            budget: Duration::from_secs(60),
            download_budget: Duration::from_secs(600),
            retries: 3,
            backoff: (Duration::from_millis(200), Duration::from_secs(10)),
            jitter_seed: 0,
            concurrency: 8,
            user_agent: concat!("omg-vuln/", env!("CARGO_PKG_VERSION")).to_owned(),
            proxy: None,
            roots: Roots::default(),
            root_certificates: Vec::new(),
            pins: Pins::new(),
        }
    }

    /// The addresses of the sources (default: [`Endpoints::default`]).
    pub fn endpoints(mut self, endpoints: Endpoints) -> Self {
        self.endpoints = endpoints;
        self
    }

    /// How long one attempt may take, from connecting to the last byte (default: five
    /// seconds). For a download it is the longest wait for the next bytes. Queries have
    /// their [own time-out](Self::batch_timeout).
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long one attempt of a query may take (default: 40 seconds, since the OSV API
    /// allows itself 35 for a batch).
    pub fn batch_timeout(mut self, timeout: Duration) -> Self {
        self.batch_timeout = timeout;
        self
    }

    /// How long one call may take in all, with every attempt, pause and page (default:
    /// one minute). What is not answered by then fails with
    /// [`HttpErrorKind::BudgetExhausted`].
    pub fn budget(mut self, budget: Duration) -> Self {
        self.budget = budget;
        self
    }

    /// The same for [`Client::fetch_to`] and [`Client::dump`] (default: ten minutes).
    pub fn download_budget(mut self, budget: Duration) -> Self {
        self.download_budget = budget;
        self
    }

    /// How often a request is repeated after a failure that may pass: no connection, no
    /// answer in time, a broken connection, or status 408, 429, 500, 502, 503 or 504
    /// (default: three times).
    pub fn retries(mut self, retries: u32) -> Self {
        self.retries = retries;
        self
    }

    /// The pause before a repetition: a random time of up to `base`, doubled for every
    /// further one, but at most `cap` (default: 200 ms and ten seconds). A `Retry-After`
    /// of the server makes it longer, within the budget.
    pub fn backoff(mut self, base: Duration, cap: Duration) -> Self {
        self.backoff = (base, cap);
        self
    }

    /// Seeds the randomness of the pauses (default: 0). Clients that run on many machines
    /// should each pass a number of their own, lest all repeat at the same moment.
    pub fn jitter_seed(mut self, seed: u64) -> Self {
        self.jitter_seed = seed;
        self
    }

    /// How many requests run at a time, over all calls (default: eight; zero counts as
    /// one).
    pub fn concurrency(mut self, requests: usize) -> Self {
        self.concurrency = requests.clamp(1, Semaphore::MAX_PERMITS);
        self
    }

    /// What the client calls itself (default: `omg-vuln/` and its version).
    pub fn user_agent(mut self, name: impl Into<String>) -> Self {
        self.user_agent = name.into();
        self
    }

    /// A proxy for all requests, as in `http://user:password@proxy.example:3128`
    /// (default: none; the environment is not asked).
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy = Some(url.into());
        self
    }

    /// Which trust anchors count (default: those of the system and those given).
    pub fn roots(mut self, roots: Roots) -> Self {
        self.roots = roots;
        self
    }

    /// Adds trust anchors: one certificate in DER, or any number in PEM (default: none).
    pub fn add_root_certificate(mut self, certificate: impl Into<Vec<u8>>) -> Self {
        self.root_certificates.push(certificate.into());
        self
    }

    /// Accepts a host only with this key, in addition to the ordinary verification
    /// (default: no host is pinned). The key is that of the server's own certificate, not
    /// of an authority. More than one key may be pinned for a host, and a second one in
    /// reserve is advisable. A pinned host is not asked over plain http.
    pub fn pin(mut self, host: &str, key: KeyPin) -> Self {
        self.pins.entry(tls::host(host)).or_default().push(key);
        self
    }

    /// Checks the settings and makes the client. Nothing is connected yet.
    ///
    /// # Errors
    ///
    /// [`HttpErrorKind::InsecureUrl`] or [`HttpErrorKind::InvalidUrl`] if an endpoint is
    /// neither https nor http to a loopback address; [`HttpErrorKind::Setup`] if there is
    /// no trust anchor, or a certificate, the proxy or the user agent cannot be used.
    pub fn build(self) -> Result<Client, HttpError> {
        let addresses = Addresses::check(&self.endpoints)?;
        let tls = self.tls()?;
        let following = self.transport(
            tls.clone(),
            Policy::custom(|attempt| {
                let from = attempt.previous().last();
                if attempt.previous().len() > MAX_REDIRECTS {
                    attempt.error("too many redirects")
                } else if from.is_none_or(|from| !url::may_redirect(from, attempt.url())) {
                    attempt.error("away from https, or to a loopback address")
                } else {
                    attempt.follow()
                }
            }),
        )?;
        Ok(Client::from_inner(Inner {
            addresses,
            direct: self.transport(tls, Policy::none())?,
            following,
            timeout: self.timeout,
            batch_timeout: self.batch_timeout,
            budget: self.budget,
            download_budget: self.download_budget,
            retries: self.retries,
            backoff: Backoff::new(self.backoff.0, self.backoff.1, self.jitter_seed),
            permits: Semaphore::new(self.concurrency),
            concurrency: self.concurrency,
            pinned: self.pins.into_keys().collect(),
        }))
    }

    fn tls(&self) -> Result<ClientConfig, HttpError> {
        let mut given = Vec::new();
        for bytes in &self.root_certificates {
            given.extend(tls::certificates(bytes)?);
        }
        tls::config(self.roots, given, self.pins.clone())
    }

    fn transport(
        &self,
        tls: ClientConfig,
        redirects: Policy,
    ) -> Result<reqwest::Client, HttpError> {
        let error = |what: &str, source: reqwest::Error| {
            HttpError::new(HttpErrorKind::Setup, what).source(source.without_url())
        };
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .user_agent(&self.user_agent)
            .redirect(redirects)
            .retry(reqwest::retry::never()) // We count the attempts ourselves.
            .referer(false)
            .no_proxy(); // Not from the environment.
        if let Some(proxy) = &self.proxy {
            let proxy = reqwest::Proxy::all(proxy).map_err(|source| error("(proxy)", source))?;
            builder = builder.proxy(proxy);
        }
        builder
            .build()
            .map_err(|source| error("(transport)", source))
    }
}
