//! Where advisories come from: files that were named, the stored database, or the network.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use chrono::TimeDelta;
use omg_vuln::{AdvisoryDb, Epss, FailOn, Kev, Package, Source, SourceKind, SourceStatus};

use self::online::Online;
use super::inventory::Subjects;
use crate::args;
use crate::commands::Context;
use crate::failure::Failure;
use crate::network::{self, Ended};
use crate::progress::Progress;
use crate::store::{Store, Stored};
use crate::update;

mod files;
mod known;
mod online;

pub use self::known::records;

/// The name of what the Arch tracker covers: [`omg_vuln::Ecosystem::arch`].
pub const ARCH_NAME: &str = "Arch Linux";

/// A stored database older than this many days is stale.
pub const DEFAULT_MAX_AGE_DAYS: u32 = 7;

pub struct Loaded {
    pub db: AdvisoryDb,
    pub interrupted: bool,
}

/// Which package names matter, by ecosystem without its release: what a reader may leave out.
#[derive(Default)]
pub struct Wanted<'a> {
    names: BTreeMap<&'a str, HashSet<Cow<'a, str>>>,
    everything: bool,
}

impl<'a> Wanted<'a> {
    fn new(packages: &'a [Package]) -> Self {
        let mut names: BTreeMap<&str, HashSet<Cow<'_, str>>> = BTreeMap::new();
        for package in packages {
            names
                .entry(package.ecosystem.name())
                .or_insert_with(|| HashSet::with_capacity(packages.len()))
                .insert(package.canonical_name());
        }
        Self {
            names,
            everything: false,
        }
    }

    /// Nothing is left out.
    pub fn everything() -> Self {
        Self {
            everything: true,
            ..Self::default()
        }
    }

    fn arch(&self, name: &str) -> bool {
        let names = self.names.get(ARCH_NAME);
        self.everything || names.is_some_and(|names| names.contains(name))
    }

    fn affected(&self, affected: &omg_vuln::Affected) -> bool {
        let names = self.names.get(affected.ecosystem.name());
        self.everything || names.is_some_and(|names| names.contains(&affected.canonical_name()))
    }

    fn ecosystems(&self) -> impl Iterator<Item = &'a str> {
        self.names.keys().copied()
    }
}

pub fn load(
    context: &Context,
    args: &args::Scan,
    subjects: &Subjects,
    fail_on: FailOn,
) -> Result<Loaded, Failure> {
    let wanted = Wanted::new(&subjects.asked);
    let mut db = AdvisoryDb::new();
    let mut interrupted = false;
    if !args.advisories.is_empty() {
        for path in &args.advisories {
            files::add(&mut db, path, &wanted);
        }
    } else {
        let max_age = args.max_age.or(context.config.scan.max_age);
        db.set_max_age(TimeDelta::days(i64::from(
            max_age.unwrap_or(DEFAULT_MAX_AGE_DAYS),
        )));
        let store = Store::new(&context.env)?;
        if context.common.offline {
            wanted
                .ecosystems()
                .for_each(|ecosystem| add_stored(&mut db, &store, ecosystem));
        } else {
            let client = network::client(context)?;
            let progress = Progress::new(context);
            let online = Online {
                context,
                client: &client,
                store: &store,
                progress: &progress,
            };
            let need_kev = fail_on == FailOn::Kev;
            let ended =
                network::block_on(online.load(&mut db, &subjects.asked, &wanted, need_kev))?;
            interrupted = matches!(ended, Ended::Interrupted);
        }
        marks(&mut db, &store);
    }
    if fail_on == FailOn::Kev && !db.has_kev() {
        let detail = "--fail-on kev needs the catalogue: run `omg audit db update`";
        let source = Source::new("CISA KEV", SourceKind::Kev);
        db.add_failed(source.degraded(SourceStatus::Missing, detail));
    }
    Ok(Loaded { db, interrupted })
}

/// The index of an ecosystem that `omg audit db update` stored, or that there is none.
fn add_stored(db: &mut AdvisoryDb, store: &Store, ecosystem: &str) {
    let (source, name) = match ecosystem {
        ARCH_NAME => {
            let source = Source::new("Arch security tracker", SourceKind::ArchTracker);
            (source, update::ARCH.to_owned())
        }
        _ => (
            Source::new(format!("OSV {ecosystem}"), SourceKind::Osv),
            Store::osv_name(ecosystem),
        ),
    };
    match store.index(&name) {
        Stored::Usable(index) => db.add_index(source, index),
        Stored::Missing => {
            let detail = "never fetched: run `omg audit db update`";
            db.add_failed(source.degraded(SourceStatus::Missing, detail));
        }
        Stored::Damaged(reason) => {
            let detail = format!("{reason}: run `omg audit db update`");
            db.add_failed(source.degraded(SourceStatus::Unreadable, detail));
        }
    }
}

/// What is known about exploitation: optional, used where it was fetched.
fn marks(db: &mut AdvisoryDb, store: &Store) {
    if let Some(kev) = store.document::<Kev>(update::KEV) {
        let source = Source::new("CISA KEV", SourceKind::Kev).as_of(Some(kev.fetched));
        db.set_kev(source, kev.value);
    }
    if let Some(epss) = store.document::<Epss>(update::EPSS) {
        let source = Source::new("EPSS", SourceKind::Epss).as_of(Some(epss.fetched));
        db.set_epss(source, epss.value);
    }
}
