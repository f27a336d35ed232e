//! Looking an advisory up by its name, whatever is installed.

use std::path::PathBuf;

use omg_vuln::{Epss, Kev, Record};

use super::Wanted;
use super::files::Found;
use crate::commands::Context;
use crate::failure::Failure;
use crate::store::{Store, Stored};
use crate::update;

/// What the stored database, or the named files, hold of an advisory.
#[derive(Default)]
pub struct Known {
    /// With the source that says so.
    pub records: Vec<(String, Record)>,
    /// How many sources could be read.
    pub sources: usize,
    /// What could not be read.
    pub problems: Vec<String>,
    pub kev: Option<Kev>,
    pub epss: Option<Epss>,
}

/// The records that are known under an identifier, in whatever case it is written.
pub fn records(context: &Context, files: &[PathBuf], id: &str) -> Result<Known, Failure> {
    let mut known = Known::default();
    for path in files {
        let name = path.display().to_string();
        match Found::under(path, &Wanted::everything()) {
            Ok(found) => known.add_files(&name, found, id),
            Err((_, reason)) => known.problems.push(format!("{name}: {reason}")),
        }
    }
    if files.is_empty() {
        known.add_stored(&Store::new(&context.env)?, id);
    }
    Ok(known)
}

impl Known {
    fn add_files(&mut self, name: &str, found: Found, id: &str) {
        let broken = found.broken.iter();
        let broken = broken.map(|b| format!("{name}: {}: {}", b.subject, b.reason));
        self.problems.extend(broken);
        for advisories in [found.tracker, found.osv].into_iter().flatten() {
            self.keep(name, advisories.records, id);
        }
        self.kev = found.kev.or(self.kev.take());
        self.epss = found.epss.or(self.epss.take());
    }

    fn add_stored(&mut self, store: &Store, id: &str) {
        for name in store.indexes() {
            let read = match store.index(&name) {
                Stored::Usable(index) => index.records().map_err(|error| error.to_string()),
                Stored::Missing => Err("of another version".to_owned()),
                Stored::Damaged(reason) => Err(reason),
            };
            match read {
                Ok(records) => self.keep(&name, records, id),
                Err(reason) => self.problems.push(format!("{name}: {reason}")),
            }
        }
        self.kev = store.document::<Kev>(update::KEV).map(|kev| kev.value);
        self.epss = store.document::<Epss>(update::EPSS).map(|epss| epss.value);
    }

    fn keep(&mut self, name: &str, records: Vec<Record>, id: &str) {
        self.sources += 1;
        let same = |other: &String| other.eq_ignore_ascii_case(id);
        let wanted = records.into_iter().filter(|record| {
            let advisory = &record.advisory;
            same(&advisory.id) || advisory.aliases.iter().chain(&advisory.upstream).any(same)
        });
        self.records
            .extend(wanted.map(|record| (name.to_owned(), record)));
    }
}
