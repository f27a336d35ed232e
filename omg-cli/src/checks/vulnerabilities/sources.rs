//! Where advisories come from: files that were named, the stored database, or the network.

use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};
use omg_vuln::http::Client;
use omg_vuln::store::{
    LookupStep, OnlineLookup, PackageFilter, ParsedFeeds, SourceRecords, Store, StoredIndex,
};
use omg_vuln::{AdvisoryDb, Ecosystem, Epss, FailOn, Kev, Source, SourceKind, SourceStatus};

use super::query::ScanQuery;
use super::subjects::Subjects;
use crate::session::config::defaults::MAX_AGE_DAYS;
use crate::session::context::Context;
use crate::session::failure::Failure;
use crate::session::network::{self, Ended};
use crate::session::progress::Progress;
use crate::session::store;

/// How far clocks may differ.
const SKEW: TimeDelta = TimeDelta::days(1);

/// A database of advisories for some subjects.
pub struct LoadedSources {
    pub db: AdvisoryDb,
    pub interrupted: bool,
}

/// Loads the sources that these subjects need.
pub fn load(
    context: &Context,
    query: &ScanQuery,
    subjects: &Subjects,
    fail_on: FailOn,
) -> Result<LoadedSources, Failure> {
    let filter = PackageFilter::of(&subjects.asked);
    let mut loaded = LoadedSources {
        db: AdvisoryDb::new(),
        interrupted: false,
    };
    if query.advisories.is_empty() {
        let max_age = query.max_age.or(context.config.scan.max_age);
        let max_age = max_age.unwrap_or(MAX_AGE_DAYS);
        loaded.db.set_max_age(TimeDelta::days(i64::from(max_age)));
        let store = store::of(&context.env)?;
        match context.common.offline {
            true => filter.ecosystems().for_each(|ecosystem| {
                add_stored(&mut loaded.db, &store, ecosystem, context.env.now);
            }),
            false => look_up(context, &store, subjects, fail_on, &mut loaded)?,
        }
        add_marks(&mut loaded.db, &store);
    } else {
        if let Some(max_age) = query.max_age {
            loaded.db.set_max_age(TimeDelta::days(i64::from(max_age)));
            loaded.db.require_age();
        }
        for path in &query.advisories {
            let feeds = ParsedFeeds::read(path, &filter);
            feeds.add_to(&mut loaded.db, &path.display().to_string());
        }
    }
    if fail_on == FailOn::Kev && !loaded.db.has_kev() {
        let detail = "--fail-on kev needs the catalogue: run `omg audit db update`";
        let source = Source::new("CISA KEV", SourceKind::Kev);
        let source = source.degraded(SourceStatus::Missing, detail);
        loaded.db.add_failed(source);
    }
    Ok(loaded)
}

/// Asks the network; Ctrl-C leaves what was added until then.
fn look_up(
    context: &Context,
    store: &Store,
    subjects: &Subjects,
    fail_on: FailOn,
    loaded: &mut LoadedSources,
) -> Result<(), Failure> {
    let client: Client = network::client(context)?;
    let progress = Progress::new(context);
    let mut lookup = OnlineLookup::new(&client, store, context.env.now).reference_time(context.at);
    if let Some(address) = &context.config.sources.osv {
        lookup = lookup.service(address);
    }
    if fail_on == FailOn::Kev {
        lookup = lookup.with_kev();
    }
    let mut show = |step| match step {
        LookupStep::KevCatalogue => progress.say("fetching CISA's catalogue"),
        LookupStep::ArchTracker => progress.say("asking the Arch security tracker"),
        LookupStep::OsvQuery(count) => progress.say(format!("asking OSV about {count} packages")),
        LookupStep::OsvRecords => progress.say("fetching advisories from OSV"),
        LookupStep::NotKept(error) => {
            context.warn(&format!("cannot keep answers for later: {error}"));
        }
        _ => {}
    };
    let ended = network::block_on(lookup.load(&mut loaded.db, &subjects.asked, &mut show))?;
    loaded.interrupted = matches!(ended, Ended::Interrupted);
    Ok(())
}

/// Adds the index of an ecosystem that `omg audit db update` stored, or a source that says why
/// there is none.
fn add_stored(db: &mut AdvisoryDb, store: &Store, ecosystem: &str, now: DateTime<Utc>) {
    let (source, name) = match ecosystem == Ecosystem::arch().name() {
        true => (
            Source::new("Arch security tracker", SourceKind::ArchTracker),
            Store::ARCH.to_owned(),
        ),
        false => (
            Source::new(format!("OSV {ecosystem}"), SourceKind::Osv),
            Store::osv_name(ecosystem),
        ),
    };
    match store.index(&name) {
        // A clock that was ahead when it was fetched: nobody can tell its age.
        StoredIndex::Usable(index) if index.meta().fetched.is_some_and(|at| at > now + SKEW) => {
            let detail = "it was fetched in the future: run `omg audit db update`";
            db.add_index(source.degraded(SourceStatus::Stale, detail), index);
        }
        StoredIndex::Usable(index) => db.add_index(source, index),
        StoredIndex::Damaged(reason) => {
            let detail = format!("{reason}: run `omg audit db update`");
            db.add_failed(source.degraded(SourceStatus::Unreadable, detail));
        }
        // `StoredIndex::Missing`, and whatever comes.
        _ => {
            let detail = "never fetched: run `omg audit db update`";
            db.add_failed(source.degraded(SourceStatus::Missing, detail));
        }
    }
}

/// Adds what is known about exploitation: optional, used where it was fetched.
fn add_marks(db: &mut AdvisoryDb, store: &Store) {
    if let Some(kev) = store.document::<Kev>(Store::KEV) {
        let source = Source::new("CISA KEV", SourceKind::Kev).as_of(Some(kev.fetched));
        db.set_kev(source, kev.value);
    }
    if let Some(epss) = store.document::<Epss>(Store::EPSS) {
        let source = Source::new("EPSS", SourceKind::Epss).as_of(Some(epss.fetched));
        db.set_epss(source, epss.value);
    }
}

/// The records of an identifier in these files, or else in the stored database.
pub fn records(context: &Context, files: &[PathBuf], id: &str) -> Result<SourceRecords, Failure> {
    let mut known = SourceRecords::default();
    for path in files {
        known.add_files(path, id);
    }
    if files.is_empty() {
        known.add_stored(&store::of(&context.env)?, id);
    }
    Ok(known)
}
