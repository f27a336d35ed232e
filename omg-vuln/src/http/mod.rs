//! The network client *(feature `http`)*: fetches bytes and identifiers, nothing more.
//!
//! [`Client`] asks the OSV API ([`Client::query_batch`], [`Client::vulnerability`]), reads
//! OSV's data dumps ([`Client::dump`], [`Client::modified_ids`]) and fetches the feeds of
//! the Arch tracker, CISA's KEV catalogue and EPSS. What the bytes mean is for the
//! parsers of this crate, which open no socket.
//!
//! # What every request is held to
//!
//! - **https only**, plain http being accepted for loopback addresses. Redirects never
//!   leave https, never lead to a loopback address from elsewhere, and are followed
//!   [`MAX_REDIRECTS`] times at most; the API is asked without following any.
//! - **Bounded time.** A time-out per attempt, a budget per call that covers attempts,
//!   pauses and pages together; see [`ClientBuilder`] for the defaults.
//! - **Bounded memory.** Each kind of answer has a limit, which holds for the bytes after
//!   decompression, whatever `Content-Length` says. Reaching it is an error.
//! - **Nothing ambient**, with one exception: proxies come from [`ClientBuilder::proxy`]
//!   and not from the environment, randomness from [`ClientBuilder::jitter_seed`]; but
//!   [`Roots::System`], the default, means the trust store of the machine, which is found
//!   as OpenSSL finds it (`SSL_CERT_FILE` and `SSL_CERT_DIR` included).
//!
//! # Examples
//!
//! ```
//! use omg_vuln::http::{Client, Endpoints, HttpErrorKind};
//!
//! let mut endpoints = Endpoints::default();
//! endpoints.arch = "http://security.archlinux.org/all.json".to_owned();
//! let error = Client::builder().endpoints(endpoints).build().unwrap_err();
//! assert_eq!(error.kind(), HttpErrorKind::InsecureUrl);
//! ```
//!
//! ```no_run
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! use omg_vuln::http::{Client, Query, QueryResult};
//!
//! let client = Client::builder().build()?;
//! let queries = [Query::package("Debian:12", "openssl").version("3.0.11-1~deb12u2")];
//! match &client.query_batch(&queries).await[0] {
//!     QueryResult::Answered(ids) => assert!(!ids.is_empty()),
//!     QueryResult::NotSupported => unreachable!("OSV has Debian"),
//!     not_checked => println!("not checked: {not_checked:?}"),
//! }
//! # Ok(())
//! # }
//! ```

mod batch;
mod body;
mod builder;
mod client;
mod ecosystems;
mod endpoints;
mod error;
mod feeds;
mod modified;
mod osv;
mod retry;
mod tls;
mod url;

pub use builder::ClientBuilder;
pub use client::Client;
pub use endpoints::Endpoints;
pub use error::{HttpError, HttpErrorKind};
pub use feeds::{Document, Downloaded, Fetched, Validators};
pub use modified::ModifiedId;
pub use osv::{Query, QueryError, QueryResult, VulnRef};
pub use tls::{KeyPin, Roots};

/// The largest feed or single record list that [`Client::fetch`] and
/// [`Client::modified_ids`] read: 64 MiB.
pub const MAX_FEED_BYTES: u64 = 64 << 20;
/// The largest answer to a batch of queries, or to one page of a single query: 32 MiB.
pub const MAX_BATCH_BYTES: u64 = 32 << 20;
/// The largest single vulnerability record: 16 MiB.
pub const MAX_RECORD_BYTES: u64 = 16 << 20;
/// The largest data dump: 4 GiB. It is streamed, not kept in memory.
pub const MAX_DUMP_BYTES: u64 = 4 << 30;
/// How many queries go into one batch, the limit of the OSV API.
pub const MAX_BATCH_QUERIES: usize = 1_000;
/// How many pages of one query are read before it fails.
pub const MAX_PAGES: usize = 100;
/// How many redirects are followed for one document.
pub const MAX_REDIRECTS: usize = 5;
