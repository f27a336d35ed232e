//! Asks the network about packages: the Arch tracker's feed and the OSV API, each with a fallback
//! to what was stored before, which then is never passed off as fresh.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::update::{self, Refresh};
use super::{Store, StoredIndex};
use crate::cache::{CacheKey, DEFAULT_MAX_BYTES, DEFAULT_TTL, TtlCache};
use crate::error::chain;
use crate::http::{Client, Query, QueryError, QueryResult, VulnRef};
use crate::{
    AdvisoryDb, Answers, Ecosystem, Index, Kev, Package, Source, SourceKind, SourceStatus, osv,
};

const ANSWERS: &str = "answers.bin";
const RECORDS: &str = "records.bin";
/// A record is known by the time of its last change, so that it can be kept for long.
const RECORD_TTL: TimeDelta = TimeDelta::days(30);

/// A look-up over the network, with a store for what comes back.
///
/// # Examples
///
/// ```no_run
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// use omg_vuln::http::Client;
/// use omg_vuln::store::{OnlineLookup, Store};
/// use omg_vuln::{AdvisoryDb, Ecosystem, Package};
///
/// let (client, store) = (Client::builder().build()?, Store::new("/var/cache/example"));
/// let now = "2026-11-24T12:00:00Z".parse()?;
/// let packages = [Package::new(Ecosystem::new("Debian:12"), "openssl", "3.0.11-1")];
/// let mut db = AdvisoryDb::new();
/// let lookup = OnlineLookup::new(&client, &store, now);
/// lookup.load(&mut db, &packages, &mut |step| eprintln!("{step:?}")).await;
/// let report = omg_vuln::scan(&db, &packages, now);
/// # Ok(())
/// # }
/// ```
pub struct OnlineLookup<'a> {
    client: &'a Client,
    store: &'a Store,
    now: DateTime<Utc>,
    at: DateTime<Utc>,
    service: String,
    kev: bool,
}

/// What a look-up is about to do, or could not do.
#[derive(Debug)]
#[non_exhaustive]
pub enum LookupStep {
    /// Fetches CISA's catalogue.
    KevCatalogue,
    /// Fetches the Arch tracker's feed.
    ArchTracker,
    /// Asks OSV about so many packages.
    OsvQuery(usize),
    /// Fetches the records that OSV named.
    OsvRecords,
    /// The answers could not be kept, and will be asked for again.
    NotKept(std::io::Error),
}

impl<'a> OnlineLookup<'a> {
    /// A look-up at this time. Without more, it asks OSV and the Arch tracker.
    pub fn new(client: &'a Client, store: &'a Store, now: DateTime<Utc>) -> Self {
        Self {
            client,
            store,
            now,
            at: now,
            service: String::new(),
            kev: false,
        }
    }

    /// Answers count as of this time where they are newer, so that two runs at one reference time
    /// say the same. Default: now.
    pub fn reference_time(mut self, at: DateTime<Utc>) -> Self {
        self.at = at;
        self
    }

    /// The name under which answers are kept: those of one OSV service are not those of another.
    /// Default: empty, for the public service.
    pub fn service(mut self, address: &str) -> Self {
        address.clone_into(&mut self.service);
        self
    }

    /// Fetches CISA's catalogue too, unless it is stored. Default: not fetched.
    pub fn with_kev(mut self) -> Self {
        self.kev = true;
        self
    }

    /// Adds every source that the packages need, one after the other: if the future is dropped
    /// before its end, the database holds what was added until then.
    ///
    /// A source that cannot be reached is added as failed, together with what was stored of it.
    pub async fn load(
        &self,
        db: &mut AdvisoryDb,
        packages: &[Package],
        on_step: &mut (dyn FnMut(LookupStep) + Send),
    ) {
        if self.kev && self.store.document::<Kev>(Store::KEV).is_none() {
            on_step(LookupStep::KevCatalogue);
            let fetched = update::kev(self.client, self.store, self.now).await;
            if let Err(error) = fetched {
                let source = Source::new("CISA KEV", SourceKind::Kev);
                db.add_failed(source.degraded(SourceStatus::Unreachable, chain(&error)));
            }
        }
        let arch = Ecosystem::arch();
        let (arch, others): (Vec<&Package>, Vec<&Package>) = packages
            .iter()
            .partition(|package| package.ecosystem.name() == arch.name());
        if !arch.is_empty() {
            on_step(LookupStep::ArchTracker);
            self.arch(db).await;
        }
        if !others.is_empty() {
            self.osv(db, &others, on_step).await;
        }
    }

    /// What was fetched after the reference time counts as of the reference time.
    fn as_of(&self, fetched: DateTime<Utc>) -> Option<DateTime<Utc>> {
        Some(fetched.min(self.at))
    }

    async fn arch(&self, db: &mut AdvisoryDb) {
        let source = Source::new("Arch security tracker", SourceKind::ArchTracker);
        let old = match self.store.index(Store::ARCH) {
            StoredIndex::Usable(index) => Some(index),
            _ => None,
        };
        if let Some(index) = old.as_ref().filter(|index| self.is_fresh(index)) {
            let as_of = index.meta().fetched.and_then(|time| self.as_of(time));
            return db.add_index(source.as_of(as_of), index.clone());
        }
        match update::arch(self.client, self.store, self.now, Refresh::Changes).await {
            Ok((index, _)) => db.add_index(source.as_of(self.as_of(self.now)), index),
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
            let age = self.now.signed_duration_since(fetched);
            age >= TimeDelta::zero() && age < DEFAULT_TTL
        })
    }

    async fn osv(
        &self,
        db: &mut AdvisoryDb,
        packages: &[&Package],
        on_step: &mut (dyn FnMut(LookupStep) + Send),
    ) {
        let mut session = OsvSession::new(self);
        on_step(LookupStep::OsvQuery(packages.len()));
        session.ask(packages).await;
        on_step(LookupStep::OsvRecords);
        session.fetch_records().await;
        if let Err(error) = session.keep() {
            on_step(LookupStep::NotKept(error));
        }
        let unreachable = session.answers.matches.is_empty() && session.failure.is_some();
        let as_of = match unreachable {
            true => None,
            false => self.as_of(session.oldest),
        };
        let mut source = Source::new("OSV", SourceKind::OsvApi).as_of(as_of);
        if let Some(reason) = session.failure.take() {
            let status = match unreachable {
                true => SourceStatus::Unreachable,
                false => SourceStatus::Partial,
            };
            source = source.degraded(status, reason);
        }
        match unreachable {
            true => {
                db.add_failed(source);
                self.add_stored(db, packages);
            }
            false => db.add_answers(source, session.answers),
        }
    }

    /// Better old than nothing; the failed source keeps the report incomplete.
    fn add_stored(&self, db: &mut AdvisoryDb, packages: &[&Package]) {
        let mut ecosystems: Vec<&str> = packages.iter().map(|p| p.ecosystem.name()).collect();
        ecosystems.sort_unstable();
        ecosystems.dedup();
        for ecosystem in ecosystems {
            if let StoredIndex::Usable(index) = self.store.index(&Store::osv_name(ecosystem)) {
                let source = Source::new(format!("OSV {ecosystem}"), SourceKind::Osv);
                db.add_index(source, index);
            }
        }
    }
}

/// The questions to OSV, and the answers to them.
struct OsvSession<'a> {
    lookup: &'a OnlineLookup<'a>,
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

impl<'a> OsvSession<'a> {
    fn new(lookup: &'a OnlineLookup<'a>) -> Self {
        let read = |name: &str, ttl: TimeDelta| {
            let bytes = lookup.store.cache(name);
            bytes
                .and_then(|bytes| TtlCache::from_bytes(&bytes, ttl, DEFAULT_MAX_BYTES).ok())
                .unwrap_or_else(|| TtlCache::new(ttl, DEFAULT_MAX_BYTES))
        };
        Self {
            lookup,
            // Answers of one service are not those of another.
            address: lookup.service.clone(),
            cached_answers: read(ANSWERS, DEFAULT_TTL),
            cached_records: read(RECORDS, RECORD_TTL),
            answers: Answers::default(),
            modified: BTreeMap::new(),
            oldest: lookup.now,
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
        let results = self.lookup.client.query_batch(&queries).await;
        for (package, result) in open.into_iter().zip(results) {
            self.answer(package, result);
        }
    }

    fn answer(&mut self, package: &Package, result: QueryResult) {
        let pairs = |list: Vec<VulnRef>| -> Vec<(String, String)> {
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
                self.cached_answers.insert(key, bytes, self.lookup.now);
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
            let cached = self.cached_records.get(&key, self.lookup.now);
            match cached.and_then(|bytes| osv::parse_record(bytes).ok()) {
                Some(record) if !modified.is_empty() => {
                    self.answers.records.insert(id.clone(), record);
                }
                _ => open.push(id.as_str()),
            }
        }
        let fetched = self.lookup.client.vulnerabilities(&open).await;
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
                    self.cached_records.insert(key, bytes, self.lookup.now);
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
        let bytes = self.cached_answers.get(&key, self.lookup.now)?;
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

    /// Keeps what is new for the next time.
    fn keep(&self) -> std::io::Result<()> {
        if !self.changed {
            return Ok(());
        }
        for (name, cache) in [
            (ANSWERS, &self.cached_answers),
            (RECORDS, &self.cached_records),
        ] {
            let bytes = cache.to_bytes(self.lookup.now);
            self.lookup.store.write_cache(name, &bytes)?;
        }
        Ok(())
    }
}
