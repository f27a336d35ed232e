//! Answers that may be used again for a while.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::sealed::{self, StoredError};

/// How long an answer may be used by default: one hour.
pub const DEFAULT_TTL: TimeDelta = TimeDelta::hours(1);
/// How many bytes of keys and answers are kept by default: 64 MiB.
pub const DEFAULT_MAX_BYTES: usize = 64 << 20;

const MARK: [u8; 8] = *b"omgttl\0\x01";

/// What an answer is about.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[non_exhaustive]
pub struct CacheKey {
    /// The service, with its address: answers of one are not answers of another.
    pub source: String,
    /// The ecosystem, or empty.
    pub ecosystem: String,
    /// The package's name, or an advisory's identifier.
    pub name: String,
    /// The package's version, or the time of the advisory's last change.
    pub version: String,
}

impl CacheKey {
    /// A key of its four parts.
    pub fn new(
        source: impl Into<String>,
        ecosystem: impl Into<String>,
        name: impl Into<String>,
        version: impl Into<String>,
    ) -> Self {
        Self {
            source: source.into(),
            ecosystem: ecosystem.into(),
            name: name.into(),
            version: version.into(),
        }
    }

    fn bytes(&self) -> usize {
        self.source.len() + self.ecosystem.len() + self.name.len() + self.version.len()
    }
}

/// Answers with the time they were given. It is owned by the caller, is told the time, and
/// never holds more than its limit: the oldest answers go first.
///
/// # Examples
///
/// ```
/// use chrono::{DateTime, TimeDelta, Utc};
/// use omg_vuln::cache::{CacheKey, TtlCache};
///
/// let noon: DateTime<Utc> = "2026-11-24T12:00:00Z".parse()?;
/// let key = CacheKey::new("https://api.osv.dev", "crates.io", "smallvec", "1.6.0");
/// let mut cache = TtlCache::new(TimeDelta::hours(1), 1 << 20);
/// cache.insert(key.clone(), b"[]".to_vec(), noon);
/// assert_eq!(cache.get(&key, noon + TimeDelta::minutes(59)), Some(&b"[]"[..]));
/// assert_eq!(cache.get(&key, noon + TimeDelta::minutes(60)), None);
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[derive(Clone, Debug)]
pub struct TtlCache {
    ttl: TimeDelta,
    max_bytes: usize,
    bytes: usize,
    entries: HashMap<CacheKey, Entry>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
struct Entry {
    stored: DateTime<Utc>,
    answer: Vec<u8>,
}

impl Default for TtlCache {
    fn default() -> Self {
        Self::new(DEFAULT_TTL, DEFAULT_MAX_BYTES)
    }
}

impl TtlCache {
    /// An empty cache. A `ttl` of zero keeps nothing.
    pub fn new(ttl: TimeDelta, max_bytes: usize) -> Self {
        Self {
            ttl,
            max_bytes,
            bytes: 0,
            entries: HashMap::new(),
        }
    }

    /// Reads a cache that [`TtlCache::to_bytes`] wrote.
    ///
    /// # Errors
    ///
    /// [`StoredError`], in each of its cases.
    pub fn from_bytes(bytes: &[u8], ttl: TimeDelta, max_bytes: usize) -> Result<Self, StoredError> {
        let list: Vec<(CacheKey, Entry)> = sealed::open(MARK, bytes)?;
        let mut cache = Self::new(ttl, max_bytes);
        for (key, entry) in list {
            cache.put(key, entry);
        }
        Ok(cache)
    }

    /// The cache as bytes, without what is too old at `now`; equal caches give equal bytes.
    pub fn to_bytes(&self, now: DateTime<Utc>) -> Vec<u8> {
        let fresh = self
            .entries
            .iter()
            .filter(|(_, entry)| self.is_fresh(entry, now));
        let mut list: Vec<(&CacheKey, &Entry)> = fresh.collect();
        list.sort_unstable_by_key(|(key, _)| *key);
        sealed::seal(MARK, &list)
    }

    /// Keeps an answer that was given at `now`. One that alone is over the limit is not kept.
    pub fn insert(&mut self, key: CacheKey, answer: Vec<u8>, now: DateTime<Utc>) {
        self.put(
            key,
            Entry {
                stored: now,
                answer,
            },
        );
    }

    /// The answer, if it is not too old. One from the future is not used either: then the
    /// clock or the file is wrong.
    pub fn get(&self, key: &CacheKey, now: DateTime<Utc>) -> Option<&[u8]> {
        let entry = self
            .entries
            .get(key)
            .filter(|entry| self.is_fresh(entry, now))?;
        Some(&entry.answer)
    }

    /// When an answer was given, whatever its age.
    pub fn stored_at(&self, key: &CacheKey) -> Option<DateTime<Utc>> {
        self.entries.get(key).map(|entry| entry.stored)
    }

    /// The number of answers, fresh or not.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no answer at all.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn is_fresh(&self, entry: &Entry, now: DateTime<Utc>) -> bool {
        let age = now.signed_duration_since(entry.stored);
        age >= TimeDelta::zero() && age < self.ttl
    }

    fn put(&mut self, key: CacheKey, entry: Entry) {
        let size = key.bytes() + entry.answer.len();
        if size > self.max_bytes {
            return;
        }
        self.bytes += size;
        if let Some(old) = self.entries.insert(key.clone(), entry) {
            self.bytes -= key.bytes() + old.answer.len();
        }
        if self.bytes > self.max_bytes {
            self.evict();
        }
    }

    /// Down to three quarters of the limit, so that a full cache is not sorted at each insert.
    fn evict(&mut self) {
        let mut by_age: Vec<(DateTime<Utc>, CacheKey)> = self
            .entries
            .iter()
            .map(|(key, entry)| (entry.stored, key.clone()))
            .collect();
        by_age.sort_unstable();
        for (_, key) in by_age {
            if self.bytes <= self.max_bytes / 4 * 3 {
                break;
            }
            if let Some(old) = self.entries.remove(&key) {
                self.bytes -= key.bytes() + old.answer.len();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minute)
    }

    fn key(name: &str) -> CacheKey {
        CacheKey::new("s", "e", name, "1")
    }

    #[test]
    fn an_answer_from_the_future_is_not_used() {
        let mut cache = TtlCache::default();
        cache.insert(key("a"), vec![1], at(10));
        assert_eq!(cache.get(&key("a"), at(9)), None);
        assert_eq!(cache.get(&key("a"), at(10)), Some(&[1][..]));
    }

    #[test]
    fn zero_ttl_keeps_nothing() {
        let mut cache = TtlCache::new(TimeDelta::zero(), 100);
        cache.insert(key("a"), vec![1], at(0));
        assert_eq!(cache.get(&key("a"), at(0)), None);
    }

    #[test]
    fn the_oldest_go_first_and_the_limit_holds() {
        let mut cache = TtlCache::new(TimeDelta::hours(1), 200);
        for minute in 0..50 {
            cache.insert(key(&format!("{minute}")), vec![0; 16], at(minute));
            assert!(cache.bytes <= 200);
        }
        assert!(cache.get(&key("49"), at(50)).is_some());
        assert!(cache.get(&key("0"), at(50)).is_none());
        cache.insert(key("huge"), vec![0; 201], at(50));
        assert!(cache.get(&key("huge"), at(50)).is_none());
    }

    #[test]
    fn replacing_an_answer_does_not_count_twice() {
        let mut cache = TtlCache::default();
        cache.insert(key("a"), vec![0; 50], at(0));
        let bytes = cache.bytes;
        cache.insert(key("a"), vec![0; 50], at(1));
        assert_eq!(cache.bytes, bytes);
    }

    #[test]
    fn what_is_stored_reads_back_and_damage_is_noticed() {
        let mut cache = TtlCache::default();
        cache.insert(key("a"), b"answer".to_vec(), at(0));
        cache.insert(key("b"), b"other".to_vec(), at(1));
        let bytes = cache.to_bytes(at(2));
        let read = |bytes: &[u8]| TtlCache::from_bytes(bytes, DEFAULT_TTL, DEFAULT_MAX_BYTES);
        assert_eq!(
            read(&bytes).unwrap().get(&key("a"), at(2)),
            Some(&b"answer"[..])
        );
        assert_eq!(read(&bytes).unwrap().to_bytes(at(2)), bytes);
        for position in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[position] ^= 4;
            assert!(read(&flipped).is_err(), "flipped at {position}");
            assert!(read(&bytes[..position]).is_err(), "cut at {position}");
        }
    }

    #[test]
    fn what_is_too_old_is_not_stored() {
        let mut cache = TtlCache::default();
        cache.insert(key("a"), vec![1], at(0));
        let bytes = cache.to_bytes(at(60));
        assert!(
            TtlCache::from_bytes(&bytes, DEFAULT_TTL, DEFAULT_MAX_BYTES)
                .unwrap()
                .is_empty()
        );
    }
}
