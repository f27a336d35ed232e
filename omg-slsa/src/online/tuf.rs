//! Trusted roots by The Update Framework: fetched anew, and only from those who may sign them.
//!
//! <https://theupdateframework.github.io/specification/latest/>

use std::fs::File;
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
    // Held to the end of the refresh.
    let _in_use = match seen {
        Some(folder) => {
            updater = updater.with_store(FileStore::new(folder));
            enter(folder)
        }
        None => None,
    };
    updater.refresh(now).await.map_err(untrusted)?;
    let file = updater.get_target(TARGET, now).await.map_err(untrusted)?;
    let root = TrustRoot::parse(&file, domain);
    let root = root.map_err(|error| super::malformed(TARGET, error))?;
    Ok((root, file))
}

/// Marks a folder as in use by a shared lock, which ends with the process. A run that finds no
/// other lock first removes the temporary files that a killed run left.
fn enter(folder: &Path) -> Option<File> {
    // A refresh without the folder fetches and verifies the same root.
    std::fs::create_dir_all(folder).ok()?;
    let lock = File::open(folder).ok()?;
    if lock.try_lock().is_ok() {
        // The store writes into these folders.
        for part in ["", "root_history", "targets"] {
            remove_left(&folder.join(part));
        }
        lock.unlock().ok()?;
    }
    lock.lock_shared().ok()?;
    Some(lock)
}

/// The store's temporary files are `tempfile`'s: `.tmp` and six letters or digits.
fn remove_left(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let random = name.to_str().and_then(|name| name.strip_prefix(".tmp"));
        let is_temporary = random.is_some_and(|random| {
            random.len() == 6 && random.bytes().all(|byte| byte.is_ascii_alphanumeric())
        });
        if is_temporary && entry.file_type().is_ok_and(|kind| kind.is_file()) {
            // The next run tries again.
            let _ = std::fs::remove_file(entry.path());
        }
    }
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
