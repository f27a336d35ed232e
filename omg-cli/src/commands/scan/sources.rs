//! Where advisories come from: files that were named, the stored database, or the network.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use omg_vuln::{AdvisoryDb, FailOn, Package, Source, SourceKind, SourceStatus};

use super::inventory::Subjects;
use crate::args;
use crate::commands::Context;
use crate::failure::Failure;
use crate::store::{Store, Stored};

mod files;

/// A stored database older than this many days is stale.
const DEFAULT_MAX_AGE_DAYS: u32 = 7;

pub struct Loaded {
    pub db: AdvisoryDb,
    pub interrupted: bool,
}

/// Which package names matter, by ecosystem without its release: what a reader may leave out.
pub struct Wanted(BTreeMap<String, BTreeSet<String>>);

impl Wanted {
    fn new<'a>(packages: impl IntoIterator<Item = &'a Package>) -> Self {
        let mut names: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for package in packages {
            let ecosystem = package.ecosystem.name().to_owned();
            names
                .entry(ecosystem)
                .or_default()
                .insert(package.canonical_name().into_owned());
        }
        Self(names)
    }

    fn arch(&self, name: &str) -> bool {
        self.0
            .get("Arch Linux")
            .is_some_and(|names| names.contains(name))
    }

    fn affected(&self, affected: &omg_vuln::Affected) -> bool {
        let names = self.0.get(affected.ecosystem.name());
        names.is_some_and(|names| names.contains(&*affected.canonical_name()))
    }

    fn ecosystems(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

pub fn load(
    context: &Context,
    args: &args::Scan,
    subjects: &Subjects,
    fail_on: FailOn,
) -> Result<Loaded, Failure> {
    let wanted = Wanted::new(subjects.asked.keys());
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
            stored(&mut db, &store, &wanted);
        } else {
            interrupted = false;
            stored(&mut db, &store, &wanted);
        }
    }
    if fail_on == FailOn::Kev && !db.has_kev() {
        let detail = "--fail-on kev needs the catalogue: run `omg audit db update`";
        let source = Source::new("CISA KEV", SourceKind::Kev);
        db.add_failed(source.degraded(SourceStatus::Missing, detail));
    }
    Ok(Loaded { db, interrupted })
}

/// The indexes that `omg audit db update` stored.
fn stored(db: &mut AdvisoryDb, store: &Store, wanted: &Wanted) {
    for ecosystem in wanted.ecosystems() {
        let (source, name) = match ecosystem {
            "Arch Linux" => (
                Source::new("Arch security tracker", SourceKind::ArchTracker),
                "arch".to_owned(),
            ),
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
}
