//! The network: the Arch tracker's feed and the OSV interface, each with a fallback to what
//! was stored before, which then is never passed off as fresh.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use omg_vuln::cache::{CacheKey, DEFAULT_MAX_BYTES, DEFAULT_TTL, TtlCache};
use omg_vuln::http::{Client, Query, QueryError, QueryResult};
use omg_vuln::{AdvisoryDb, Answers, Index, Package, Source, SourceKind, SourceStatus, osv};

use super::{ARCH_NAME, Wanted, add_stored};
use crate::commands::Context;
use crate::failure::chain;
use crate::progress::Progress;
use crate::store::{Store, Stored};
use crate::update;

const ANSWERS: &str = "answers.bin";
const RECORDS: &str = "records.bin";
/// A record is known by the time of its last change, so that it can be kept for long.
const RECORD_TTL: TimeDelta = TimeDelta::days(30);

pub struct Online<'a> {
    pub context: &'a Context,
    pub client: &'a Client,
    pub store: &'a Store,
    pub progress: &'a Progress,
}

impl Online<'_> {
    /// Adds every source that is needed, one after the other: when a run is interrupted, what
    /// was added is shown.
    pub async fn load(
        &self,
        db: &mut AdvisoryDb,
        packages: &[Package],
        wanted: &Wanted<'_>,
        need_kev: bool,
    ) {
        if need_kev && self.store.document::<omg_vuln::Kev>(update::KEV).is_none() {
            self.progress.say("fetching CISA's catalogue");
            let fetched = update::kev(self.client, self.store, self.now()).await;
            if let Err(error) = fetched {
                let source = Source::new("CISA KEV", SourceKind::Kev);
                db.add_failed(source.degraded(SourceStatus::Unreachable, chain(&error)));
            }
        }
        if wanted.ecosystems().any(|name| name == ARCH_NAME) {
            self.arch(db).await;
        }
        let others: Vec<&Package> = packages
            .iter()
            .filter(|package| package.ecosystem.name() != ARCH_NAME)
            .collect();
        if !others.is_empty() {
            self.osv(db, &others, wanted).await;
        }
    }

    fn now(&self) -> DateTime<Utc> {
        self.context.env.now
    }

    /// What was fetched after the reference time counts as of the reference time, so that two
    /// runs at one reference time say the same.
    fn as_of(&self, fetched: DateTime<Utc>) -> Option<DateTime<Utc>> {
        Some(fetched.min(self.context.at))
    }

    async fn arch(&self, db: &mut AdvisoryDb) {
        let source = Source::new("Arch security tracker", SourceKind::ArchTracker);
        let old = match self.store.index(update::ARCH) {
            Stored::Usable(index) => Some(index),
            _ => None,
        };
        if let Some(index) = old.as_ref().filter(|index| self.is_fresh(index)) {
            let as_of = index.meta().fetched.and_then(|time| self.as_of(time));
            return db.add_index(source.as_of(as_of), index.clone());
        }
        self.progress.say("asking the Arch security tracker");
        match update::arch(self.client, self.store, self.now(), false).await {
            Ok((index, _)) => db.add_index(source.as_of(self.as_of(self.now())), index),
            Err(error) => {
                let source = source.degraded(SourceStatus::Unreachable, chain(&error));
                match old {
                    Some(index) => db.add_index(source, index),
                    None => db.add_failed(source),
                }
            }
        }
    }

    fn is_fresh(&self, index: &Index) -> bool {
        index.meta().fetched.is_some_and(|fetched| {
            let age = self.now().signed_duration_since(fetched);
            age >= TimeDelta::zero() && age < DEFAULT_TTL
        })
    }

    async fn osv(&self, db: &mut AdvisoryDb, packages: &[&Package], wanted: &Wanted<'_>) {
        let mut asked = Asked::new(self);
        self.progress
            .say(format!("asking OSV about {} packages", packages.len()));
        asked.ask(packages).await;
        self.progress.say("fetching advisories from OSV");
        asked.fetch_records().await;
        asked.store();
        let unreachable = asked.answers.matches.is_empty() && asked.failure.is_some();
        let as_of = if unreachable {
            None
        } else {
            self.as_of(asked.oldest)
        };
        let mut source = Source::new("OSV", SourceKind::OsvApi).as_of(as_of);
        if let Some(reason) = asked.failure.take() {
            let status = match unreachable {
                true => SourceStatus::Unreachable,
                false => SourceStatus::Partial,
            };
            source = source.degraded(status, reason);
        }
        if unreachable {
            db.add_failed(source);
            // Better old than nothing; the source above keeps the report incomplete.
            for ecosystem in wanted.ecosystems().filter(|name| *name != ARCH_NAME) {
                if let Stored::Usable(_) = self.store.index(&Store::osv_name(ecosystem)) {
                    add_stored(db, self.store, ecosystem);
                }
            }
        } else {
            db.add_answers(source, asked.answers);
        }
    }
}

/// The questions to OSV, and what came of them.
struct Asked<'a> {
    online: &'a Online<'a>,
    address: String,
    cached_answers: TtlCache,
    cached_records: TtlCache,
    answers: Answers,
    /// Each advisory with the time of its last change, as OSV says it.
    modified: BTreeMap<String, String>,
    /// When the oldest answer was given.
    oldest: DateTime<Utc>,
    failure: Option<String>,
    /// Whether there is anything new to keep.
    changed: bool,
}

impl<'a> Asked<'a> {
    fn new(online: &'a Online<'a>) -> Self {
        let read = |name: &str, ttl: TimeDelta| {
            let bytes = online.store.cache(name);
            bytes
                .and_then(|bytes| TtlCache::from_bytes(&bytes, ttl, DEFAULT_MAX_BYTES).ok())
                .unwrap_or_else(|| TtlCache::new(ttl, DEFAULT_MAX_BYTES))
        };
        Self {
            online,
            // Answers of one service are not those of another.
            address: online
                .context
                .config
                .sources
                .osv
                .clone()
                .unwrap_or_default(),
            cached_answers: read(ANSWERS, DEFAULT_TTL),
            cached_records: read(RECORDS, RECORD_TTL),
            answers: Answers::default(),
            modified: BTreeMap::new(),
            oldest: online.now(),
            failure: None,
            changed: false,
        }
    }

    async fn ask(&mut self, packages: &[&Package]) {
        let mut open = Vec::new();
        for package in packages {
            match self.cached(package) {
                Some(matches) => self.note(package, matches),
                None => open.push(*package),
            }
        }
        if open.is_empty() {
            return;
        }
        let queries: Vec<Query> = open
            .iter()
            .map(|p| Query::package(p.ecosystem.as_str(), p.name.as_str()).version(&p.version))
            .collect();
        let results = self.online.client.query_batch(&queries).await;
        for (package, result) in open.into_iter().zip(results) {
            self.answer(package, result);
        }
    }

    fn answer(&mut self, package: &Package, result: QueryResult) {
        let pairs = |list: Vec<omg_vuln::http::VulnRef>| -> Vec<(String, String)> {
            let time = |time: Option<DateTime<Utc>>| time.map(|t| t.to_rfc3339());
            list.into_iter()
                .map(|v| (v.id, time(v.modified).unwrap_or_default()))
                .collect()
        };
        match result {
            QueryResult::Answered(list) => {
                let matches = pairs(list);
                let bytes = serde_json::to_vec(&matches).unwrap_or_default();
                let key = self.key(package);
                self.cached_answers.insert(key, bytes, self.online.now());
                self.changed = true;
                self.note(package, matches);
            }
            QueryResult::Failed { error, found } => {
                self.failed(&error, package);
                // What is known is shown; without it the package stays unchecked.
                if !found.is_empty() {
                    self.note(package, pairs(found));
                }
            }
            // `QueryResult::NotSupported`, and whatever comes: the package stays unchecked.
            _ => {}
        }
    }

    fn failed(&mut self, error: &QueryError, package: &Package) {
        if self.failure.is_none() {
            self.failure = Some(match error {
                QueryError::Http(error) => chain(error.as_ref()),
                error => format!("{package}: {}", chain(error)),
            });
        }
    }

    async fn fetch_records(&mut self) {
        let mut open = Vec::new();
        for (id, modified) in &self.modified {
            let key = CacheKey::new(&self.address, "", id, modified);
            let cached = self.cached_records.get(&key, self.online.now());
            match cached.and_then(|bytes| osv::parse_record(bytes).ok()) {
                Some(record) if !modified.is_empty() => {
                    self.answers.records.insert(id.clone(), record);
                }
                _ => open.push(id.as_str()),
            }
        }
        let fetched = self.online.client.vulnerabilities(&open).await;
        for (id, fetched) in open.iter().zip(fetched) {
            let record = fetched.map_err(|error| chain(&error)).and_then(|bytes| {
                match osv::parse_record(&bytes) {
                    Ok(record) => Ok((bytes, record)),
                    Err(error) => Err(format!("{id}: {}", chain(&error))),
                }
            });
            match record {
                Ok((bytes, record)) => {
                    let key = CacheKey::new(&self.address, "", *id, &self.modified[*id]);
                    self.cached_records.insert(key, bytes, self.online.now());
                    self.changed = true;
                    self.answers.records.insert((*id).to_owned(), record);
                }
                Err(reason) => {
                    self.failure.get_or_insert(reason);
                }
            }
        }
    }

    fn cached(&mut self, package: &Package) -> Option<Vec<(String, String)>> {
        let key = self.key(package);
        let bytes = self.cached_answers.get(&key, self.online.now())?;
        let matches = serde_json::from_slice(bytes).ok()?;
        self.oldest = self.oldest.min(self.cached_answers.stored_at(&key)?);
        Some(matches)
    }

    fn note(&mut self, package: &Package, matches: Vec<(String, String)>) {
        let ids = matches.iter().map(|(id, _)| id.clone()).collect();
        self.answers.matches.insert(package.clone(), ids);
        self.modified.extend(matches);
    }

    fn key(&self, package: &Package) -> CacheKey {
        let ecosystem = package.ecosystem.as_str();
        CacheKey::new(&self.address, ecosystem, &package.name, &package.version)
    }

    /// A cache that cannot be kept costs time and nothing else.
    fn store(&self) {
        if !self.changed {
            return;
        }
        let (store, now) = (self.online.store, self.online.now());
        for (name, cache) in [
            (ANSWERS, &self.cached_answers),
            (RECORDS, &self.cached_records),
        ] {
            if let Err(error) = store.write_cache(name, &cache.to_bytes(now)) {
                self.online
                    .context
                    .warn(&format!("cannot keep answers for later: {error}"));
            }
        }
    }
}
