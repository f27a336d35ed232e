//! Brings a stored source up to date, by deltas where the source has them.
//!
//! Every function takes the [`Client`] that fetches, the [`Store`] that keeps and the present
//! time, and gives what is now stored together with the [`Change`].

use std::collections::BTreeMap;
use std::io::Seek as _;

use chrono::{DateTime, Utc};
use futures_util::stream::{self, StreamExt as _};

use super::error::FeedError;
use super::{Store, StoredIndex, archive};
use crate::http::{Client, Fetched, HttpError, HttpErrorKind, ModifiedId, Validators};
use crate::index::{IndexError, IndexMeta};
use crate::{Advisories, Epss, Index, Kev, ParseError, Record, Storable, Stored, arch, osv};

/// More changed records than this, and the whole dump is fetched instead of each record.
const MAX_DELTA: usize = 1_000;
/// So many records are on their way at once; the client limits its requests itself.
const CONCURRENT_RECORDS: usize = 32;

/// Why a source is not up to date.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UpdateError {
    /// The source could not be fetched.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The document is not what the source publishes.
    #[error(transparent)]
    Parse(#[from] ParseError),
    /// The dump cannot be read.
    #[error(transparent)]
    Feed(#[from] FeedError),
    /// A changed record is not what the source publishes.
    #[error("{id}: {error}")]
    Record {
        /// The record's identifier.
        id: String,
        /// Why it cannot be read.
        #[source]
        error: ParseError,
    },
    /// The index cannot be made or read.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The server answered that a document did not change before it was ever fetched.
    #[error("\"not modified\" before the first time")]
    NotModified,
    /// The dump holds no record, which a real one never does.
    #[error("the dump holds no record")]
    EmptyDump,
    /// What was fetched could not be kept.
    #[error("cannot store it: {0}")]
    Store(#[source] std::io::Error),
}

/// How a source was brought up to date.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Change {
    /// Nothing is new since the last time.
    Unchanged,
    /// So many records changed and were fetched.
    Delta(usize),
    /// All of it was fetched.
    Whole,
}

/// Whether what is stored is built upon.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Refresh {
    /// Fetches only what changed, where the source can say so.
    #[default]
    Changes,
    /// Fetches everything anew.
    Everything,
}

/// Brings the Arch tracker's feed up to date.
///
/// # Errors
///
/// [`UpdateError`]; what is stored then stays as it was.
pub async fn arch(
    client: &Client,
    store: &Store,
    now: DateTime<Utc>,
    refresh: Refresh,
) -> Result<(Index, Change), UpdateError> {
    let old = stored(store, Store::ARCH, refresh);
    let known = old
        .as_ref()
        .map(|index| validators(index.meta()))
        .unwrap_or_default();
    let document = match (client.issues(&known).await?, old) {
        (Fetched::Document(document), _) => document,
        (_, Some(old)) => {
            let bytes = old.with_meta(refetched(&old, now))?;
            return Ok((keep(store, Store::ARCH, bytes)?, Change::Unchanged));
        }
        (_, None) => return Err(UpdateError::NotModified),
    };
    let advisories = arch::parse(&document.bytes)?;
    let mut meta = meta_of(&advisories, now);
    meta.etag = document.validators.etag;
    meta.last_modified = document.validators.last_modified;
    Ok((
        keep(store, Store::ARCH, build(meta, &advisories.records)?)?,
        Change::Whole,
    ))
}

/// Brings an ecosystem of OSV up to date: by the records that changed, or by its dump.
///
/// # Errors
///
/// [`UpdateError`]; what is stored then stays as it was.
pub async fn osv(
    client: &Client,
    store: &Store,
    ecosystem: &str,
    now: DateTime<Utc>,
    refresh: Refresh,
) -> Result<(Index, Change), UpdateError> {
    let name = Store::osv_name(ecosystem);
    let old = stored(store, &name, refresh).filter(|old| old.meta().broken == 0);
    if let Some(old) = old
        && let Some(newest) = old.meta().newest
    {
        let changed = client.modified_ids(ecosystem, Some(newest)).await?;
        if changed.len() <= MAX_DELTA {
            let (bytes, count) = delta(client, ecosystem, &old, &changed, now).await?;
            let change = if count == 0 {
                Change::Unchanged
            } else {
                Change::Delta(count)
            };
            return Ok((keep(store, &name, bytes)?, change));
        }
    }
    let mut file = tempfile::tempfile().map_err(UpdateError::Store)?;
    client.dump(ecosystem, &mut file).await?;
    file.rewind().map_err(UpdateError::Store)?;
    let mut advisories = Advisories::default();
    archive::read(file, |record| match record {
        Ok(record) => advisories.push(record),
        Err(broken) => advisories.broken.push(broken),
    })?;
    if advisories.read() == 0 {
        return Err(UpdateError::EmptyDump);
    }
    let meta = meta_of(&advisories, now);
    Ok((
        keep(store, &name, build(meta, &advisories.records)?)?,
        Change::Whole,
    ))
}

/// Fetches the records that changed. A record that is listed and no longer there was taken back.
async fn delta(
    client: &Client,
    ecosystem: &str,
    old: &Index,
    changed: &[ModifiedId],
    now: DateTime<Utc>,
) -> Result<(Vec<u8>, usize), UpdateError> {
    let mut meta = refetched(old, now);
    let known = |id: &ModifiedId| meta.newest.is_some_and(|newest| id.modified <= newest);
    let changed: Vec<&ModifiedId> = changed.iter().filter(|id| !known(id)).collect();
    if changed.is_empty() {
        return Ok((old.with_meta(meta)?, 0));
    }
    let records = old.records()?;
    let mut records: BTreeMap<String, Record> = records
        .into_iter()
        .map(|record| (record.advisory.id.clone(), record))
        .collect();
    let mut fetched = stream::iter(&changed)
        .map(|id| async { (id.id.clone(), client.record(ecosystem, &id.id).await) })
        .buffered(CONCURRENT_RECORDS);
    while let Some((id, fetched)) = fetched.next().await {
        match fetched {
            Ok(bytes) => {
                let record = osv::parse_record(&bytes).map_err(|error| UpdateError::Record {
                    id: id.clone(),
                    error,
                })?;
                records.insert(id, record);
            }
            Err(error) if error.kind() == HttpErrorKind::Status(404) => {
                records.remove(&id);
            }
            Err(error) => return Err(error.into()),
        }
    }
    meta.newest = changed.iter().map(|id| id.modified).max().max(meta.newest);
    let records: Vec<Record> = records.into_values().collect();
    Ok((build(meta, &records)?, changed.len()))
}

/// Brings CISA's catalogue up to date.
///
/// # Errors
///
/// [`UpdateError`]; what is stored then stays as it was.
pub async fn kev(
    client: &Client,
    store: &Store,
    now: DateTime<Utc>,
) -> Result<(Stored<Kev>, Change), UpdateError> {
    let old = store.document::<Kev>(Store::KEV);
    let fetched = client.kev(&document_validators(old.as_ref())).await?;
    document(store, Store::KEV, old, fetched, now, |bytes| {
        Ok(Kev::parse(bytes)?)
    })
}

/// Brings FIRST's estimates up to date.
///
/// # Errors
///
/// [`UpdateError`]; what is stored then stays as it was.
pub async fn epss(
    client: &Client,
    store: &Store,
    now: DateTime<Utc>,
) -> Result<(Stored<Epss>, Change), UpdateError> {
    let old = store.document::<Epss>(Store::EPSS);
    let fetched = client.epss(&document_validators(old.as_ref())).await?;
    document(store, Store::EPSS, old, fetched, now, |bytes| {
        let limit = crate::epss::MAX_TABLE_BYTES as u64;
        let text = archive::gunzip(bytes, limit).map_err(FeedError::Io)?;
        Ok(Epss::parse(text.as_deref().unwrap_or(bytes))?)
    })
}

fn stored(store: &Store, name: &str, refresh: Refresh) -> Option<Index> {
    match store.index(name) {
        StoredIndex::Usable(index) if refresh == Refresh::Changes => Some(index),
        _ => None,
    }
}

fn validators(meta: &IndexMeta) -> Validators {
    Validators {
        etag: meta.etag.clone(),
        last_modified: meta.last_modified.clone(),
    }
}

fn document_validators<T>(old: Option<&Stored<T>>) -> Validators {
    old.map_or_else(Validators::default, |old| Validators {
        etag: old.etag.clone(),
        last_modified: old.last_modified.clone(),
    })
}

fn refetched(old: &Index, now: DateTime<Utc>) -> IndexMeta {
    let mut meta = old.meta().clone();
    meta.fetched = Some(now);
    meta
}

fn meta_of(advisories: &Advisories, now: DateTime<Utc>) -> IndexMeta {
    IndexMeta {
        fetched: Some(now),
        newest: advisories.newest,
        broken: advisories.broken.len() as u64,
        ..IndexMeta::default()
    }
}

fn build(meta: IndexMeta, records: &[Record]) -> Result<Vec<u8>, UpdateError> {
    Ok(Index::build(meta, records)?)
}

fn keep(store: &Store, name: &str, bytes: Vec<u8>) -> Result<Index, UpdateError> {
    store
        .write_index(name, &bytes)
        .map_err(UpdateError::Store)?;
    Ok(Index::open(bytes)?)
}

/// A document of one value: new, or the old one found unchanged.
fn document<T: Storable + Clone>(
    store: &Store,
    name: &str,
    old: Option<Stored<T>>,
    fetched: Fetched,
    now: DateTime<Utc>,
    parse: impl Fn(&[u8]) -> Result<T, UpdateError>,
) -> Result<(Stored<T>, Change), UpdateError> {
    let (stored, change) = match (fetched, old) {
        (Fetched::Document(document), _) => {
            let stored = Stored {
                fetched: now,
                etag: document.validators.etag,
                last_modified: document.validators.last_modified,
                value: parse(&document.bytes)?,
            };
            (stored, Change::Whole)
        }
        (_, Some(old)) => (
            Stored {
                fetched: now,
                ..old
            },
            Change::Unchanged,
        ),
        (_, None) => return Err(UpdateError::NotModified),
    };
    store
        .write_cache(name, &stored.to_bytes())
        .map_err(UpdateError::Store)?;
    Ok((stored, change))
}
