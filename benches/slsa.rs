//! `omg-slsa`: whole verifications once the root is loaded, the root itself, a hostile document, and
//! digests beside the bare algorithm. The bundles are those of the shared test data
//! (`OMG_TEST_DATA`, or `../shared/data`); without them only the digests are measured.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)] // A benchmark may fail anywhere.

use std::hint::black_box;
use std::path::PathBuf;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use omg_slsa::{Algorithm, Bundle, Digests, Domain, Expectations, Pattern, TrustRoot, Verifier};

const IDENTITY: &str = "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main";
const ISSUER: &str = "https://token.actions.githubusercontent.com";

fn folder() -> Option<PathBuf> {
    let beside = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data"));
    let data = std::env::var_os("OMG_TEST_DATA").map_or_else(beside, PathBuf::from);
    let folder = data.join("slsa/conformance");
    let found = folder.exists().then_some(folder);
    if found.is_none() {
        println!("skipped: no shared test data");
    }
    found
}

fn verify(c: &mut Criterion) {
    let Some(folder) = folder() else { return };
    let at = "2026-11-24T00:00:00Z".parse().unwrap();
    let artifact = std::fs::read(folder.join("a.txt")).unwrap();
    let digests = Digests::of_reader(&artifact[..], &[Algorithm::Sha256]).unwrap();
    let mut expected = Expectations::default();
    expected.identity = Some(Pattern::exact(IDENTITY));
    expected.issuer = Some(Pattern::exact(ISSUER));
    let mut group = c.benchmark_group("slsa");
    for (name, case) in [
        ("verify, Rekor 1", "happy-path-v0.3"),
        (
            "verify, Rekor 2 and a timestamp",
            "rekor2-timestamp-without-embedded-cert",
        ),
    ] {
        let bytes = std::fs::read(folder.join(case).join("bundle.sigstore.json")).unwrap();
        let root = std::fs::read(folder.join(case).join("trusted_root.json"));
        let root = match root {
            Ok(root) => TrustRoot::parse(&root, Domain::PublicGood).unwrap(),
            Err(_) => TrustRoot::embedded(Domain::PublicGood).unwrap(),
        };
        let verifier = Verifier::new(&root).unwrap();
        let once = |bytes: &[u8]| {
            let bundle = Bundle::parse(bytes).unwrap();
            verifier.verify(&bundle, &digests, &expected, at)
        };
        if let Err(error) = once(&bytes) {
            println!("{case}: {error}");
            continue;
        }
        group.bench_function(name, |b| b.iter(|| once(black_box(&bytes)).unwrap()));
    }
    group.bench_function("load the public instance's root", |b| {
        b.iter(|| Verifier::new(&TrustRoot::embedded(Domain::PublicGood).unwrap()).unwrap());
    });
    // As many values as fit into the largest document.
    let hostile = format!("{{\"mediaType\":[{}0]}}", "0,".repeat(8_000_000));
    group.sample_size(10);
    group.bench_function("refuse 16 MB of values", |b| {
        b.iter(|| Bundle::parse(black_box(hostile.as_bytes())).unwrap_err());
    });
    group.finish();
}

fn digests(c: &mut Criterion) {
    let data = vec![7u8; 64 << 20];
    let mut group = c.benchmark_group("digests");
    group.sample_size(10);
    group.throughput(Throughput::Bytes(data.len() as u64));
    group.bench_function("SHA-256 of a reader", |b| {
        b.iter(|| Digests::of_reader(&data[..], &[Algorithm::Sha256]).unwrap());
    });
    group.bench_function("SHA-256 of a reader, read ahead", |b| {
        b.iter(|| Digests::of_reader_ahead(&data[..], &[Algorithm::Sha256]).unwrap());
    });
    group.bench_function("SHA-256 and SHA-512 in one pass", |b| {
        b.iter(|| Digests::of_reader(&data[..], &[Algorithm::Sha256, Algorithm::Sha512]).unwrap());
    });
    group.bench_function("limit: sha2's SHA-256", |b| {
        b.iter(|| <sha2::Sha256 as sha2::Digest>::digest(&data));
    });
    // As `openssl speed -evp sha256 -bytes 65536` has it: what is hashed is in the cache.
    group.bench_function("SHA-256 of a reader, in cache", |b| {
        b.iter(|| Digests::of_reader(Again::new(), &[Algorithm::Sha256]).unwrap());
    });
    group.bench_function("limit: sha2's SHA-256, in cache", |b| {
        b.iter(|| {
            let block = [7; BLOCK];
            let mut hash = <sha2::Sha256 as sha2::Digest>::new();
            (0..data.len() / BLOCK).for_each(|_| sha2::Digest::update(&mut hash, block));
            sha2::Digest::finalize(hash)
        });
    });
    group.finish();
}

const BLOCK: usize = 64 << 10;

/// 64 MiB that are the same 64 KiB again and again.
struct Again {
    block: Vec<u8>,
    left: usize,
}

impl Again {
    fn new() -> Self {
        Self {
            block: vec![7; BLOCK],
            left: 64 << 20,
        }
    }
}

impl std::io::Read for Again {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let length = into.len().min(self.left).min(BLOCK);
        into[..length].copy_from_slice(&self.block[..length]);
        self.left -= length;
        Ok(length)
    }
}

criterion_group!(benches, verify, digests);
criterion_main!(benches);
