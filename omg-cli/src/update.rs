//! Bringing the stored database up to date, one source at a time.

use std::collections::BTreeMap;
use std::io::Seek as _;

use chrono::{DateTime, Utc};
use omg_vuln::http::{Client, Fetched, HttpError, HttpErrorKind, ModifiedId, Validators};
use omg_vuln::index::IndexMeta;
use omg_vuln::{Advisories, Epss, Index, Kev, Record, Storable, arch, osv};

use crate::archive;
use crate::failure::chain;
use crate::store::{self, Store};

/// More changed records than this, and the whole dump is fetched instead of each record.
const MAX_DELTA: usize = 1_000;

pub const ARCH: &str = "arch";
pub const KEV: &str = "kev.bin";
pub const EPSS: &str = "epss.bin";

/// Why a source is not up to date.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    #[error(transparent)]
    Http(#[from] HttpError),
    #[error("{0}")]
    Unreadable(String),
    #[error("cannot store it: {0}")]
    Store(#[from] std::io::Error),
}

impl UpdateError {
    fn unreadable(error: impl std::error::Error) -> Self {
        Self::Unreadable(chain(&error))
    }
}

/// How a source was brought up to date.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Change {
    Unchanged,
    Delta(usize),
    Whole,
}

/// The Arch tracker's feed.
pub async fn arch(
    client: &Client,
    store: &Store,
    now: DateTime<Utc>,
    full: bool,
) -> Result<(Index, Change), UpdateError> {
    let old = stored(store, ARCH, full);
    let known = old
        .as_ref()
        .map(|index| validators(index.meta()))
        .unwrap_or_default();
    let document = match (client.issues(&known).await?, old) {
        (Fetched::Document(document), _) => document,
        (_, Some(old)) => {
            let bytes = old
                .with_meta(refetched(&old, now))
                .map_err(UpdateError::unreadable)?;
            return Ok((keep(store, ARCH, bytes)?, Change::Unchanged));
        }
        (_, None) => {
            return Err(UpdateError::Unreadable(
                "\"not modified\" before the first time".into(),
            ));
        }
    };
    let advisories = arch::parse(&document.bytes).map_err(UpdateError::unreadable)?;
    let mut meta = meta_of(&advisories, now);
    meta.etag = document.validators.etag;
    meta.last_modified = document.validators.last_modified;
    Ok((
        keep(store, ARCH, build(meta, &advisories.records)?)?,
        Change::Whole,
    ))
}

/// An ecosystem of OSV: what changed since the last time, or all of it.
pub async fn osv(
    client: &Client,
    store: &Store,
    ecosystem: &str,
    now: DateTime<Utc>,
    full: bool,
) -> Result<(Index, Change), UpdateError> {
    let name = Store::osv_name(ecosystem);
    let old = stored(store, &name, full).filter(|old| old.meta().broken == 0);
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
    let mut file = tempfile::tempfile()?;
    client.dump(ecosystem, &mut file).await?;
    file.rewind()?;
    let mut advisories = Advisories::default();
    archive::read(file, |record| match record {
        Ok(record) => advisories.push(record),
        Err(broken) => advisories.broken.push(broken),
    })
    .map_err(UpdateError::Unreadable)?;
    if advisories.read() == 0 {
        return Err(UpdateError::Unreadable("the dump holds no record".into()));
    }
    let meta = meta_of(&advisories, now);
    Ok((
        keep(store, &name, build(meta, &advisories.records)?)?,
        Change::Whole,
    ))
}

/// A record that is listed and no longer there was taken back.
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
        return Ok((old.with_meta(meta).map_err(UpdateError::unreadable)?, 0));
    }
    let mut tasks = tokio::task::JoinSet::new();
    for id in &changed {
        let (client, ecosystem, id) = (client.clone(), ecosystem.to_owned(), id.id.clone());
        tasks.spawn(async move {
            let fetched = client.record(&ecosystem, &id).await;
            (id, fetched)
        });
    }
    let records = old.records().map_err(UpdateError::unreadable)?;
    let mut records: BTreeMap<String, Record> = records
        .into_iter()
        .map(|record| (record.advisory.id.clone(), record))
        .collect();
    while let Some(task) = tasks.join_next().await {
        let (id, fetched) = task.map_err(UpdateError::unreadable)?;
        match fetched {
            Ok(bytes) => {
                let record = osv::parse_record(&bytes)
                    .map_err(|error| UpdateError::Unreadable(format!("{id}: {}", chain(&error))))?;
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

/// CISA's catalogue.
pub async fn kev(
    client: &Client,
    store: &Store,
    now: DateTime<Utc>,
) -> Result<(omg_vuln::Stored<Kev>, Change), UpdateError> {
    let old = store.document::<Kev>(KEV);
    let fetched = client.kev(&document_validators(old.as_ref())).await?;
    document(store, KEV, old, fetched, now, |bytes| {
        Kev::parse(bytes).map_err(UpdateError::unreadable)
    })
}

/// FIRST's estimates.
pub async fn epss(
    client: &Client,
    store: &Store,
    now: DateTime<Utc>,
) -> Result<(omg_vuln::Stored<Epss>, Change), UpdateError> {
    let old = store.document::<Epss>(EPSS);
    let fetched = client.epss(&document_validators(old.as_ref())).await?;
    document(store, EPSS, old, fetched, now, |bytes| {
        let limit = omg_vuln::epss::MAX_TABLE_BYTES as u64;
        let text = archive::gunzip(bytes, limit).map_err(UpdateError::unreadable)?;
        Epss::parse(text.as_deref().unwrap_or(bytes)).map_err(UpdateError::unreadable)
    })
}

fn stored(store: &Store, name: &str, full: bool) -> Option<Index> {
    match store.index(name) {
        store::Stored::Usable(index) if !full => Some(index),
        _ => None,
    }
}

fn validators(meta: &IndexMeta) -> Validators {
    Validators {
        etag: meta.etag.clone(),
        last_modified: meta.last_modified.clone(),
    }
}

fn document_validators<T>(old: Option<&omg_vuln::Stored<T>>) -> Validators {
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
    let mut meta = IndexMeta::default();
    meta.fetched = Some(now);
    meta.newest = advisories.newest;
    meta.broken = advisories.broken.len() as u64;
    meta
}

fn build(meta: IndexMeta, records: &[Record]) -> Result<Vec<u8>, UpdateError> {
    Index::build(meta, records).map_err(UpdateError::unreadable)
}

fn keep(store: &Store, name: &str, bytes: Vec<u8>) -> Result<Index, UpdateError> {
    store.write_index(name, &bytes)?;
    Index::open(bytes).map_err(UpdateError::unreadable)
}

/// A document of one value: new, or the old one found unchanged.
fn document<T: Storable + Clone>(
    store: &Store,
    name: &str,
    old: Option<omg_vuln::Stored<T>>,
    fetched: Fetched,
    now: DateTime<Utc>,
    parse: impl Fn(&[u8]) -> Result<T, UpdateError>,
) -> Result<(omg_vuln::Stored<T>, Change), UpdateError> {
    let (stored, change) = match (fetched, old) {
        (Fetched::Document(document), _) => {
            let stored = omg_vuln::Stored {
                fetched: now,
                etag: document.validators.etag,
                last_modified: document.validators.last_modified,
                value: parse(&document.bytes)?,
            };
            (stored, Change::Whole)
        }
        (_, Some(old)) => (
            omg_vuln::Stored {
                fetched: now,
                ..old
            },
            Change::Unchanged,
        ),
        (_, None) => {
            return Err(UpdateError::Unreadable(
                "\"not modified\" before the first time".into(),
            ));
        }
    };
    store.write_cache(name, &stored.to_bytes())?;
    Ok((stored, change))
}
