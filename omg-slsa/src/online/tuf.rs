//! Trusted roots by The Update Framework: fetched anew, and only from those who may sign them.
//!
//! <https://theupdateframework.github.io/specification/latest/>

use std::path::Path;

use chrono::{DateTime, Utc};
use sigstore_tuf::client::Updater;
use sigstore_tuf::transport::FetchFuture;
use sigstore_tuf::{FileStore, Repository};

use super::{OnlineError, Transport};
use crate::trust_root::{Domain, TrustRoot};

/// The repository of the public Sigstore instance.
const PUBLIC_GOOD: &str = "https://tuf-repo-cdn.sigstore.dev";
/// The repository of GitHub's instance.
const GITHUB: &str = "https://tuf-repo.github.com";

/// The file in the repository.
const TARGET: &str = "trusted_root.json";

/// Where the repository of a domain is.
pub fn repository(domain: Domain) -> &'static str {
    match domain {
        Domain::PublicGood => PUBLIC_GOOD,
        Domain::Github => GITHUB,
    }
}

/// The root with which this version of the crate begins.
pub fn embedded(domain: Domain) -> &'static [u8] {
    match domain {
        Domain::PublicGood => include_bytes!("../roots/public-good.json"),
        Domain::Github => include_bytes!("../roots/github.json"),
    }
}

/// Fetches the trusted root of a domain: every root from `first` on, each signed by the one
/// before it, then what is current, and the file that it names. Nothing that has expired at `now`
/// is taken. With a folder, what was seen is kept there, and nothing older is taken later.
///
/// The file itself is returned beside the root, to be kept.
///
/// # Errors
/// [`OnlineError::Untrusted`] if there is no answer, or not one that the root vouches for;
/// [`OnlineError::Answer`] if the file is no trusted root.
pub async fn refresh(
    transport: impl Transport + 'static,
    repository: &str,
    first: &[u8],
    domain: Domain,
    seen: Option<&Path>,
    now: DateTime<Utc>,
) -> Result<(TrustRoot, Vec<u8>), OnlineError> {
    let untrusted = |error: sigstore_tuf::Error| OnlineError::Untrusted {
        detail: chain(&error),
    };
    let now = jiff::Timestamp::from_second(now.timestamp());
    let now = now.map_err(|error| OnlineError::Untrusted {
        detail: error.to_string(),
    })?;
    let base = repository.trim_end_matches('/').to_owned();
    let mut updater = Updater::new(Mirror { transport, base }, first).map_err(untrusted)?;
    if let Some(folder) = seen {
        updater = updater.with_store(FileStore::new(folder));
    }
    updater.refresh(now).await.map_err(untrusted)?;
    let file = updater.get_target(TARGET, now).await.map_err(untrusted)?;
    let root = TrustRoot::parse(&file, domain);
    let root = root.map_err(|error| super::malformed(TARGET, error))?;
    Ok((root, file))
}

/// A repository behind a transport.
struct Mirror<T> {
    transport: T,
    base: String,
}

impl<T: Transport> Mirror<T> {
    fn fetch(&self, path: String, limit: u64) -> FetchFuture<'_> {
        Box::pin(async move {
            let url = format!("{}/{path}", self.base);
            let answer = self.transport.get(&url, limit).await;
            answer.map_err(|error| {
                sigstore_tuf::Error::transport_with_source(format!("fetching {url}"), error)
            })
        })
    }
}

impl<T: Transport> Repository for Mirror<T> {
    fn fetch_metadata<'a>(&'a self, name: &'a str, limit: u64) -> FetchFuture<'a> {
        self.fetch(name.to_owned(), limit)
    }

    fn fetch_target<'a>(&'a self, path: &'a str, limit: u64) -> FetchFuture<'a> {
        self.fetch(format!("targets/{path}"), limit)
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    text
}
