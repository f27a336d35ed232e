//! The stored database: its state, and bringing it up to date.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use omg_vuln::http::Client;
use omg_vuln::store::update::{self, Change, Refresh, UpdateError};
use omg_vuln::store::{Store, StoredIndex};
use omg_vuln::{Ecosystem, SourceStatus};
use serde::Serialize;

use crate::checks::vulnerabilities::query::ScanQuery;
use crate::checks::vulnerabilities::subjects::gather;
use crate::session::config::defaults::MAX_AGE_DAYS;
use crate::session::context::Context;
use crate::session::exit::Exit;
use crate::session::failure::{Failure, chain};
use crate::session::network::{self, Ended};
use crate::session::progress::Progress;

/// What is brought up to date beside what the machine needs.
#[derive(Clone, Debug, Default)]
pub struct UpdateQuery {
    /// Ecosystems of OSV.
    pub ecosystems: Vec<String>,
    pub refresh: Refresh,
}

/// One stored source.
#[derive(Debug, Serialize)]
pub struct StoredSource {
    pub name: String,
    pub status: SourceStatus,
    pub records: u64,
    pub as_of: Option<DateTime<Utc>>,
    pub detail: String,
    #[serde(skip)]
    pub now: DateTime<Utc>,
}

impl StoredSource {
    pub fn new(
        name: impl Into<String>,
        records: u64,
        as_of: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Self {
        let (name, status) = (name.into(), SourceStatus::Complete);
        Self {
            name,
            status,
            records,
            as_of,
            detail: String::new(),
            now,
        }
    }

    pub fn failed(name: String, status: SourceStatus, detail: impl Into<String>) -> Self {
        let mut row = Self::new(name, 0, None, DateTime::UNIX_EPOCH);
        row.degrade(status, detail.into());
        row
    }

    pub fn degrade(&mut self, status: SourceStatus, detail: String) {
        self.status = self.status.max(status);
        self.note(detail);
    }

    pub fn note(&mut self, detail: String) {
        if !self.detail.is_empty() {
            self.detail.push_str("; ");
        }
        self.detail.push_str(&detail);
    }
}

/// What is stored, whether it can be used, and how old it is.
pub fn status(context: &Context, store: &Store) -> Vec<StoredSource> {
    let mut rows: Vec<StoredSource> = Vec::new();
    for name in store.indexes() {
        rows.push(match store.index(&name) {
            StoredIndex::Usable(index) => {
                let meta = index.meta();
                let mut row = StoredSource::new(name, meta.records, meta.fetched, context.at);
                if meta.broken > 0 {
                    row.degrade(
                        SourceStatus::Partial,
                        format!("broken records: {}", meta.broken),
                    );
                }
                row
            }
            StoredIndex::Damaged(reason) => {
                StoredSource::failed(name, SourceStatus::Unreadable, reason)
            }
            _ => StoredSource::failed(name, SourceStatus::Unreadable, "of another version"),
        });
    }
    if let Some(kev) = store.document::<omg_vuln::Kev>(Store::KEV) {
        let records = kev.value.entries.len() as u64;
        rows.push(StoredSource::new(
            "kev",
            records,
            Some(kev.fetched),
            context.at,
        ));
    }
    if let Some(epss) = store.document::<omg_vuln::Epss>(Store::EPSS) {
        let records = epss.value.len() as u64;
        rows.push(StoredSource::new(
            "epss",
            records,
            Some(epss.fetched),
            context.at,
        ));
    }
    let max_age = context.config.scan.max_age.unwrap_or(MAX_AGE_DAYS);
    for row in &mut rows {
        let age = row
            .as_of
            .map(|as_of| context.at.signed_duration_since(as_of));
        if age.is_some_and(|age| age > TimeDelta::days(i64::from(max_age))) {
            row.degrade(SourceStatus::Stale, format!("over {max_age} days old"));
        }
    }
    rows
}

/// Brings every source up to date that this machine needs, and those that were named.
pub fn update_all(
    context: &Context,
    store: &Store,
    query: &UpdateQuery,
) -> Result<Vec<StoredSource>, Failure> {
    let mut ecosystems: BTreeSet<String> = query.ecosystems.iter().cloned().collect();
    match gather(context, &ScanQuery::default()) {
        Ok(subjects) => {
            let names = subjects
                .asked
                .iter()
                .map(|package| package.ecosystem.name().to_owned());
            ecosystems.extend(names);
        }
        Err(failure) if ecosystems.is_empty() => return Err(failure),
        Err(_) => {}
    }
    let client = network::client(context)?;
    let progress = Progress::new(context);
    let update = Update {
        client: &client,
        store,
        progress: &progress,
        now: context.env.now,
    };
    let mut rows = Vec::new();
    let all = update.all(&ecosystems, query.refresh, &mut rows);
    if let Ended::Interrupted = network::block_on(all)? {
        return Err(Failure::new(
            Exit::Interrupted,
            "interrupted; what was updated is kept",
        ));
    }
    Ok(rows)
}

struct Update<'a> {
    client: &'a Client,
    store: &'a Store,
    progress: &'a Progress,
    now: DateTime<Utc>,
}

impl Update<'_> {
    async fn all(
        &self,
        ecosystems: &BTreeSet<String>,
        refresh: Refresh,
        rows: &mut Vec<StoredSource>,
    ) {
        for ecosystem in ecosystems {
            self.progress.say(format!("fetching {ecosystem}"));
            let (name, updated) = match ecosystem.as_str() {
                name if name == Ecosystem::arch().name() => {
                    let updated = update::arch(self.client, self.store, self.now, refresh).await;
                    (Store::ARCH.to_owned(), updated)
                }
                other => {
                    let updated = update::osv(self.client, self.store, other, self.now, refresh);
                    (Store::osv_name(other), updated.await)
                }
            };
            let updated = updated.map(|(index, change)| {
                let meta = index.meta();
                let mut row = StoredSource::new(name.clone(), meta.records, meta.fetched, self.now);
                if meta.broken > 0 {
                    row.degrade(
                        SourceStatus::Partial,
                        format!("broken records: {}", meta.broken),
                    );
                }
                (row, change)
            });
            rows.push(row(name, updated));
        }
        self.progress.say("fetching CISA's catalogue");
        let kev = update::kev(self.client, self.store, self.now)
            .await
            .map(|(kev, change)| {
                let records = kev.value.entries.len() as u64;
                (
                    StoredSource::new("kev", records, Some(kev.fetched), self.now),
                    change,
                )
            });
        rows.push(row("kev".into(), kev));
        self.progress.say("fetching EPSS");
        let epss = update::epss(self.client, self.store, self.now)
            .await
            .map(|(epss, change)| {
                let records = epss.value.len() as u64;
                (
                    StoredSource::new("epss", records, Some(epss.fetched), self.now),
                    change,
                )
            });
        rows.push(row("epss".into(), epss));
    }
}

fn row(name: String, updated: Result<(StoredSource, Change), UpdateError>) -> StoredSource {
    match updated {
        Ok((mut row, change)) => {
            row.note(match change {
                Change::Unchanged => "unchanged".to_owned(),
                Change::Delta(count) => format!("{count} changed"),
                _ => "fetched".to_owned(),
            });
            row
        }
        Err(error) => {
            let status = match error {
                UpdateError::Http(_) => SourceStatus::Unreachable,
                _ => SourceStatus::Unreadable,
            };
            StoredSource::failed(name, status, chain(&error))
        }
    }
}
