//! A prebuilt database on disk: records by package, read without parsing the rest.
//!
//! This is a cache of feeds that can be fetched again, private to one version of this crate,
//! and no format for exchange: OSV is that. Layout, little-endian:
//!
//! ```text
//! magic 8 | crc32 of all that follows 4 | meta 4 | heads 4 | buckets 4 | entries 4   (lengths)
//! meta     postcard: IndexMeta
//! heads    postcard: Advisory, one after the other
//! buckets  postcard: Bucket, one per ecosystem and name
//! table    (key hash 8 | bucket offset 4) sorted by hash
//! ```
//!
//! A look-up is a binary search in the table and the decoding of one bucket; heads are
//! decoded only for what is reported.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::advisory::{Advisory, Affected, Criteria, Record};
use crate::package::Ecosystem;
use crate::severity::Severity;

/// The largest index that is opened or built: 2 GiB.
pub const MAX_INDEX_BYTES: usize = 2 << 30;

const MAGIC: &[u8; 8] = b"omgvuln\x02";
const HEADER: usize = 28;
const ENTRY: usize = 12;

/// What an index was made from.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct IndexMeta {
    /// When the records were fetched.
    pub fetched: Option<DateTime<Utc>>,
    /// The newest `modified` of the records that were fetched: where a delta begins.
    pub newest: Option<DateTime<Utc>>,
    /// The validator of the document the records came from (RFC 9110, section 8.8.3).
    pub etag: Option<String>,
    /// The date of the document the records came from (RFC 9110, section 8.8.2).
    pub last_modified: Option<String>,
    /// How many records there are.
    pub records: u64,
    /// How many records could not be read.
    pub broken: u64,
    /// The ecosystems the records speak of.
    pub ecosystems: Vec<Ecosystem>,
}

/// Why an index cannot be used. It can always be built anew from its source.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IndexError {
    /// The bytes are no index, or one of another version of this crate.
    #[error("not an advisory index of this version")]
    Foreign,
    /// The bytes are cut short or changed.
    #[error("damaged advisory index")]
    Damaged,
    /// The index is, or would be, over [`MAX_INDEX_BYTES`].
    #[error("advisory index over the limit of {MAX_INDEX_BYTES} bytes")]
    TooLarge,
}

/// A prebuilt database of one source.
#[derive(Clone, Debug)]
pub struct Index {
    bytes: Vec<u8>,
    meta: IndexMeta,
    heads: usize,
    buckets: usize,
    table: usize,
}

/// Hash of ecosystem and canonical name, then both as written: what the table is sorted by.
type PackageKey<'a> = (u64, &'a str, &'a str);

/// The rules about one package; texts are borrowed from the index.
#[derive(Deserialize, Serialize)]
pub(crate) struct Bucket<'a, C> {
    pub(crate) ecosystem: &'a str,
    pub(crate) name: &'a str,
    pub(crate) rules: Vec<Rule<C>>,
}

#[derive(Deserialize, Serialize)]
pub(crate) struct Rule<C> {
    pub(crate) head: u32,
    pub(crate) criteria: C,
    pub(crate) severity: Option<Severity>,
}

impl Index {
    /// Builds an index of `records`; the same records in the same order give the same bytes.
    ///
    /// `meta.records` and `meta.ecosystems` are computed from the records.
    ///
    /// # Errors
    ///
    /// [`IndexError::TooLarge`].
    pub fn build(meta: IndexMeta, records: &[Record]) -> Result<Vec<u8>, IndexError> {
        let mut heads = Vec::new();
        let mut packages = BTreeMap::<PackageKey<'_>, Vec<Rule<&Criteria>>>::new();
        let mut ecosystems: Vec<Ecosystem> = Vec::new();
        for record in records {
            let head = offset(heads.len())?;
            append(&mut heads, &record.advisory)?;
            for affected in &record.affected {
                let key = key_hash(affected.ecosystem.as_str(), &affected.canonical_name());
                let names = (key, affected.ecosystem.as_str(), affected.name.as_str());
                packages.entry(names).or_default().push(Rule {
                    head,
                    criteria: &affected.criteria,
                    severity: affected.severity,
                });
                ecosystems.push(affected.ecosystem.clone());
            }
        }
        ecosystems.sort_unstable();
        ecosystems.dedup();
        let (mut buckets, mut table) = (Vec::new(), Vec::new());
        for ((key, ecosystem, name), rules) in packages {
            table.extend_from_slice(&key.to_le_bytes());
            table.extend_from_slice(&offset(buckets.len())?.to_le_bytes());
            append(
                &mut buckets,
                &Bucket {
                    ecosystem,
                    name,
                    rules,
                },
            )?;
        }
        let meta = IndexMeta {
            records: records.len() as u64,
            ecosystems,
            ..meta
        };
        assemble(&meta, &heads, &buckets, &table)
    }

    /// Opens an index, and checks that it is whole.
    ///
    /// # Errors
    ///
    /// [`IndexError`], in each of its cases.
    pub fn open(bytes: Vec<u8>) -> Result<Self, IndexError> {
        if bytes.len() > MAX_INDEX_BYTES {
            return Err(IndexError::TooLarge);
        }
        if !bytes.starts_with(MAGIC) {
            return Err(IndexError::Foreign);
        }
        let field = |at: usize| -> Option<usize> {
            let four = bytes.get(at..at + 4)?;
            Some(u32::from_le_bytes(four.try_into().ok()?) as usize)
        };
        let lengths = [8, 12, 16, 20, 24].map(field);
        let [
            Some(crc),
            Some(meta_len),
            Some(heads_len),
            Some(buckets_len),
            Some(entries),
        ] = lengths
        else {
            return Err(IndexError::Damaged);
        };
        let heads = HEADER.saturating_add(meta_len);
        let buckets = heads.saturating_add(heads_len);
        let table = buckets.saturating_add(buckets_len);
        if entries
            .checked_mul(ENTRY)
            .and_then(|len| len.checked_add(table))
            != Some(bytes.len())
            || crc32fast::hash(&bytes[12..]) as usize != crc
        {
            return Err(IndexError::Damaged);
        }
        let meta = postcard::from_bytes(&bytes[HEADER..heads]).map_err(|_| IndexError::Damaged)?;
        Ok(Self {
            bytes,
            meta,
            heads,
            buckets,
            table,
        })
    }

    /// What the index was made from.
    pub fn meta(&self) -> &IndexMeta {
        &self.meta
    }

    /// The same index with other word on when and from what it was fetched; how many records
    /// it has and of which ecosystems stays.
    ///
    /// # Errors
    ///
    /// [`IndexError::TooLarge`].
    pub fn with_meta(&self, meta: IndexMeta) -> Result<Vec<u8>, IndexError> {
        let meta = IndexMeta {
            records: self.meta.records,
            ecosystems: self.meta.ecosystems.clone(),
            ..meta
        };
        let part = |from: usize, to: usize| &self.bytes[from..to];
        assemble(
            &meta,
            part(self.heads, self.buckets),
            part(self.buckets, self.table),
            &self.bytes[self.table..],
        )
    }

    /// All records, to build a changed index from; the packages of each are sorted.
    ///
    /// # Errors
    ///
    /// [`IndexError::Damaged`], where the index was whole but not written by this crate.
    pub fn records(&self) -> Result<Vec<Record>, IndexError> {
        let mut records: BTreeMap<u32, Record> = BTreeMap::new();
        let mut rest = &self.bytes[self.heads..self.buckets];
        while !rest.is_empty() {
            let at = offset(self.buckets - self.heads - rest.len())?;
            let (advisory, after) =
                postcard::take_from_bytes(rest).map_err(|_| IndexError::Damaged)?;
            records.insert(
                at,
                Record {
                    advisory,
                    affected: Vec::new(),
                },
            );
            rest = after;
        }
        for entry in self.bytes[self.table..].chunks_exact(ENTRY) {
            let bucket: Bucket<'_, Criteria> = self.bucket(entry)?;
            for rule in bucket.rules {
                let record = records.get_mut(&rule.head).ok_or(IndexError::Damaged)?;
                let ecosystem = Ecosystem::new(bucket.ecosystem);
                let mut affected = Affected::new(ecosystem, bucket.name, rule.criteria);
                affected.severity = rule.severity;
                record.affected.push(affected);
            }
        }
        let mut records: Vec<Record> = records.into_values().collect();
        for record in &mut records {
            record
                .affected
                .sort_by(|a, b| (&a.ecosystem, &a.name).cmp(&(&b.ecosystem, &b.name)));
        }
        Ok(records)
    }

    /// The rules filed under exactly this ecosystem (without `:LTS`) and canonical name.
    pub(crate) fn lookup(
        &self,
        ecosystem: &str,
        name: &str,
    ) -> Result<Vec<Bucket<'_, Criteria<&str>>>, IndexError> {
        let wanted = key_hash(ecosystem, name);
        let table = &self.bytes[self.table..];
        let entry = |i: usize| &table[i * ENTRY..(i + 1) * ENTRY];
        let (mut low, mut high) = (0, table.len() / ENTRY);
        while low < high {
            let middle = low + (high - low) / 2;
            if entry_hash(entry(middle)) < wanted {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        let mut found = Vec::new();
        while low < table.len() / ENTRY && entry_hash(entry(low)) == wanted {
            found.push(self.bucket(entry(low))?);
            low += 1;
        }
        Ok(found)
    }

    /// The head at an offset that [`Index::lookup`] gave.
    pub(crate) fn head(&self, at: u32) -> Result<Advisory, IndexError> {
        let heads = &self.bytes[self.heads..self.buckets];
        let bytes = heads.get(at as usize..).ok_or(IndexError::Damaged)?;
        postcard::take_from_bytes(bytes)
            .map(|(head, _)| head)
            .map_err(|_| IndexError::Damaged)
    }

    fn bucket<'a, C: Deserialize<'a>>(&'a self, entry: &[u8]) -> Result<Bucket<'a, C>, IndexError> {
        let offset: [u8; 4] = entry[8..].try_into().map_err(|_| IndexError::Damaged)?;
        let buckets = &self.bytes[self.buckets..self.table];
        let bytes = buckets
            .get(u32::from_le_bytes(offset) as usize..)
            .ok_or(IndexError::Damaged)?;
        postcard::take_from_bytes(bytes)
            .map(|(bucket, _)| bucket)
            .map_err(|_| IndexError::Damaged)
    }
}

fn assemble(
    meta: &IndexMeta,
    heads: &[u8],
    buckets: &[u8],
    table: &[u8],
) -> Result<Vec<u8>, IndexError> {
    let mut meta_bytes = Vec::new();
    append(&mut meta_bytes, meta)?;
    let size = HEADER + meta_bytes.len() + heads.len() + buckets.len() + table.len();
    let mut out = Vec::with_capacity(size);
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&[0; 4]);
    for length in [
        meta_bytes.len(),
        heads.len(),
        buckets.len(),
        table.len() / ENTRY,
    ] {
        out.extend_from_slice(&offset(length)?.to_le_bytes());
    }
    for part in [&meta_bytes, heads, buckets, table] {
        out.extend_from_slice(part);
    }
    offset(out.len())?;
    let crc = crc32fast::hash(&out[12..]).to_le_bytes();
    out[8..12].copy_from_slice(&crc);
    Ok(out)
}

fn append(out: &mut Vec<u8>, value: &impl Serialize) -> Result<(), IndexError> {
    // Writing to memory fails only where a length does not fit.
    let bytes = postcard::to_allocvec(value).map_err(|_| IndexError::TooLarge)?;
    out.extend_from_slice(&bytes);
    Ok(())
}

fn offset(at: usize) -> Result<u32, IndexError> {
    u32::try_from(at)
        .ok()
        .filter(|at| *at as usize <= MAX_INDEX_BYTES)
        .ok_or(IndexError::TooLarge)
}

fn entry_hash(entry: &[u8]) -> u64 {
    entry
        .iter()
        .take(8)
        .rev()
        .fold(0, |hash, byte| hash << 8 | u64::from(*byte))
}

/// FNV-1a, 64 bits, over ecosystem and name. Two keys with one hash cost a comparison: every
/// rule carries its ecosystem and name.
pub(crate) fn key_hash(ecosystem: &str, name: &str) -> u64 {
    let ecosystem = ecosystem.trim_end_matches(":LTS").bytes();
    ecosystem
        .chain([0])
        .chain(name.bytes())
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records() -> Vec<Record> {
        let json = br#"[{"id": "A-1", "modified": "2026-01-01T00:00:00Z", "affected": [
            {"package": {"ecosystem": "Debian:12", "name": "curl"}, "versions": ["1"]},
            {"package": {"ecosystem": "PyPI", "name": "Zope.Interface"}, "versions": ["2"]}]},
            {"id": "A-2", "affected": [{"package": {"ecosystem": "Debian:12", "name": "curl"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}]}]}]"#;
        crate::osv::parse(json).unwrap().records
    }

    #[test]
    fn what_is_built_reads_back() {
        let bytes = Index::build(IndexMeta::default(), &records()).unwrap();
        assert_eq!(
            bytes,
            Index::build(IndexMeta::default(), &records()).unwrap()
        );
        let index = Index::open(bytes).unwrap();
        assert_eq!(index.meta().records, 2);
        assert_eq!(index.records().unwrap(), records());
        let curl = index.lookup("Debian:12", "curl").unwrap();
        let ids: Vec<_> = curl[0]
            .rules
            .iter()
            .map(|rule| index.head(rule.head).unwrap().id)
            .collect();
        assert_eq!(ids, ["A-1", "A-2"]);
        assert_eq!(index.lookup("PyPI", "zope-interface").unwrap().len(), 1);
        assert!(index.lookup("Debian:13", "curl").unwrap().is_empty());
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_noticed() {
        let bytes = Index::build(IndexMeta::default(), &records()).unwrap();
        for at in 0..bytes.len() {
            assert!(Index::open(bytes[..at].to_vec()).is_err(), "cut at {at}");
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << (at % 8);
            assert!(Index::open(flipped).is_err(), "flipped at {at}");
        }
        let mut longer = bytes;
        longer.push(0);
        assert!(matches!(Index::open(longer), Err(IndexError::Damaged)));
    }

    #[test]
    fn a_foreign_file_is_told_apart() {
        assert!(matches!(
            Index::open(b"SQLite format 3\0".to_vec()),
            Err(IndexError::Foreign)
        ));
        assert!(matches!(Index::open(Vec::new()), Err(IndexError::Foreign)));
    }
}
