//! `omg-vuln`: order, parse, match, scan. Beside each stands the physical limit it is held
//! against: the time to read the same bytes once.
#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use omg_benches::{Random, installed, osv_records, tracker_feed, version};
use omg_vuln::index::IndexMeta;
use omg_vuln::version::Order;
use omg_vuln::{
    AdvisoryDb, Cvss, Ecosystem, Index, Package, Record, Source, SourceKind, arch, osv, scan,
};

fn at() -> chrono::DateTime<chrono::Utc> {
    "2026-11-24T00:00:00Z".parse().unwrap()
}

/// Nanoseconds per comparison, both versions parsed each time.
fn order(c: &mut Criterion) {
    let mut group = c.benchmark_group("order");
    let mut random = Random::new(1);
    let versions: Vec<String> = (0..1_000).map(|_| version(&mut random)).collect();
    for (name, order) in [
        ("alpm", Order::Alpm),
        ("debian", Order::Debian),
        ("rpm", Order::Rpm),
        ("apk", Order::Apk),
        ("semver", Order::SemVer),
        ("pep440", Order::Pep440),
    ] {
        group.throughput(Throughput::Elements(999));
        group.bench_function(name, |b| {
            b.iter(|| {
                for pair in versions.windows(2) {
                    black_box(order.compare(&pair[0], &pair[1]));
                }
            });
        });
    }
    group.throughput(Throughput::Elements(1));
    group.bench_function("cvss 3.1", |b| {
        b.iter(|| Cvss::from_vector(black_box("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H")));
    });
    group.finish();
}

fn limit(bytes: &[u8]) -> u64 {
    bytes.iter().map(|byte| u64::from(*byte)).sum()
}

fn parse(c: &mut Criterion) {
    let mut group = c.benchmark_group("parse");
    let feed = tracker_feed(2_444, 15_000, 1).into_bytes();
    group.throughput(Throughput::Bytes(feed.len() as u64));
    group.bench_function("tracker, 2,444 groups", |b| b.iter(|| arch::parse(&feed)));
    group.bench_function("tracker, what 1,500 packages need", |b| {
        b.iter(|| arch::parse_for(&feed, |name| name.ends_with('3')));
    });
    group.bench_function("limit: read the feed's bytes once", |b| {
        b.iter(|| black_box(limit(&feed)));
    });
    let records = serde_json::to_vec(&osv_records("Debian:12", 1_000, 5_000, 1)).unwrap();
    group.throughput(Throughput::Bytes(records.len() as u64));
    group.bench_function("OSV, 1,000 records", |b| b.iter(|| osv::parse(&records)));
    group.bench_function("limit: read the records' bytes once", |b| {
        b.iter(|| black_box(limit(&records)));
    });
    group.finish();
}

/// 1,500 installed packages against 2,444 groups, as on an Arch machine.
fn tracker(c: &mut Criterion) {
    let mut group = c.benchmark_group("scan");
    let feed = tracker_feed(2_444, 15_000, 1).into_bytes();
    let packages = installed(&Ecosystem::arch(), 1_500, 15_000, 2);
    let mut db = AdvisoryDb::new();
    db.add(
        Source::new("feed", SourceKind::ArchTracker),
        arch::parse(&feed).unwrap(),
    );
    group.bench_function("1,500 packages x 2,444 groups, in memory", |b| {
        b.iter(|| scan(&db, &packages, at()).findings.len());
    });
    let records = arch::parse(&feed).unwrap().records;
    let bytes = Index::build(IndexMeta::default(), &records).unwrap();
    group.bench_function("1,500 packages x 2,444 groups, prebuilt index", |b| {
        b.iter(|| by_index(&bytes, &packages));
    });
    group.finish();
}

/// 10,000 packages against 60,000 records from the prebuilt index, and the time to build it.
fn large(c: &mut Criterion) {
    let mut group = c.benchmark_group("large");
    group.sample_size(20);
    let records: Vec<Record> = osv_records("Debian:12", 60_000, 25_000, 1)
        .iter()
        .map(|record| osv::parse_record(record.to_string().as_bytes()).unwrap())
        .collect();
    let packages = installed(&Ecosystem::new("Debian:12"), 10_000, 25_000, 2);
    let bytes = Index::build(IndexMeta::default(), &records).unwrap();
    group.throughput(Throughput::Bytes(bytes.len() as u64));
    group.bench_function("10,000 packages x 60,000 records, prebuilt index", |b| {
        b.iter(|| by_index(&bytes, &packages));
    });
    group.bench_function("limit: copy the index once", |b| {
        b.iter(|| black_box(bytes.clone()));
    });
    group.bench_function("build the index of 60,000 records", |b| {
        b.iter(|| Index::build(IndexMeta::default(), &records).unwrap().len());
    });
    group.finish();
}

fn by_index(bytes: &[u8], packages: &[Package]) -> usize {
    let mut db = AdvisoryDb::new();
    let index = Index::open(bytes.to_vec()).unwrap();
    db.add_index(Source::new("index", SourceKind::Osv), index);
    scan(&db, packages, at()).findings.len()
}

criterion_group!(benches, order, parse, tracker, large);
criterion_main!(benches);
