//! Looks an advisory up by its identifier, whatever is installed.

use std::path::Path;

use super::feeds::{ParsedFeeds, chain_once};
use super::filter::PackageFilter;
use super::{Store, StoredIndex};
use crate::{Epss, Kev, Record};

/// The records of an identifier in several sources, and the marks of KEV and EPSS beside them.
#[derive(Debug, Default)]
pub struct SourceRecords {
    /// Each record with the name of its source.
    pub records: Vec<(String, Record)>,
    /// How many sources could be read.
    pub sources: usize,
    /// What could not be read, as `source: reason`.
    pub problems: Vec<String>,
    /// CISA's catalogue, if there is one.
    pub kev: Option<Kev>,
    /// FIRST's table, if there is one.
    pub epss: Option<Epss>,
}

impl SourceRecords {
    /// Adds the records of a file or folder that are known under this identifier, in whatever
    /// case it is written. The source is called by the path.
    pub fn add_files(&mut self, path: &Path, id: &str) {
        let name = path.display().to_string();
        let feeds = ParsedFeeds::read(path, &PackageFilter::everything());
        if let Some(error) = &feeds.error {
            self.problems.push(format!("{name}: {}", chain_once(error)));
            return;
        }
        let broken = feeds.broken.iter();
        let broken = broken.map(|b| format!("{name}: {}: {}", b.subject, b.reason));
        self.problems.extend(broken);
        for advisories in [feeds.tracker, feeds.osv].into_iter().flatten() {
            self.keep(&name, advisories.records, id);
        }
        self.kev = feeds.kev.or(self.kev.take());
        self.epss = feeds.epss.or(self.epss.take());
    }

    /// Adds the records of a store that are known under this identifier.
    pub fn add_stored(&mut self, store: &Store, id: &str) {
        for name in store.indexes() {
            let read = match store.index(&name) {
                StoredIndex::Usable(index) => index.records().map_err(|error| error.to_string()),
                StoredIndex::Missing => Err("of another version".to_owned()),
                StoredIndex::Damaged(reason) => Err(reason),
            };
            match read {
                Ok(records) => self.keep(&name, records, id),
                Err(reason) => self.problems.push(format!("{name}: {reason}")),
            }
        }
        self.kev = store.document::<Kev>(Store::KEV).map(|kev| kev.value);
        self.epss = store.document::<Epss>(Store::EPSS).map(|epss| epss.value);
    }

    fn keep(&mut self, name: &str, records: Vec<Record>, id: &str) {
        self.sources += 1;
        let same = |other: &String| other.eq_ignore_ascii_case(id);
        let named = records.into_iter().filter(|record| {
            let advisory = &record.advisory;
            same(&advisory.id) || advisory.aliases.iter().chain(&advisory.upstream).any(same)
        });
        self.records
            .extend(named.map(|record| (name.to_owned(), record)));
    }
}
