//! `omg-pgp`: a signature over much data, beside the bare digests that it needs, and what costs
//! the same whatever the size is.
#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use omg_pgp::{Keyring, Policy, TrustModel, Verifier};
use sha2::Digest as _;

const CERTIFICATE: &[u8] = include_bytes!("../omg-pgp/tests/vectors/good.cert");
const SIGNATURE: &[u8] = include_bytes!("../omg-pgp/tests/vectors/good.sig");

/// Bytes per second: the signature is not over these data, which costs the same to find out.
fn data(c: &mut Criterion) {
    let data = vec![7; 64 << 20];
    let keyring = Keyring::from_bytes("bench", CERTIFICATE).unwrap();
    let policy = Policy::at("2026-11-24T00:00:00Z".parse().unwrap());
    let verifier = Verifier::new(&keyring, TrustModel::Plain, policy);
    let mut group = c.benchmark_group("pgp data");
    group.sample_size(10);
    group.throughput(Throughput::Bytes(data.len() as u64));
    group.bench_function("verify, SHA-256", |b| {
        b.iter(|| verifier.verify_detached(&data[..], SIGNATURE).is_err());
    });
    group.bench_function("limit: SHA-256", |b| b.iter(|| sha2::Sha256::digest(&data)));
    group.bench_function("limit: SHA-512", |b| b.iter(|| sha2::Sha512::digest(&data)));
    group.finish();
}

/// What is done whatever the size of the data is.
fn fixed(c: &mut Criterion) {
    let mut group = c.benchmark_group("pgp fixed");
    group.bench_function("read a keyring of 200 certificates", |b| {
        let ring = CERTIFICATE.repeat(200);
        b.iter(|| Keyring::from_bytes("bench", black_box(&ring)).unwrap());
    });
    group.bench_function("refuse 64 KiB of signatures", |b| {
        let keyring = Keyring::from_bytes("bench", CERTIFICATE).unwrap();
        let policy = Policy::at("2026-11-24T00:00:00Z".parse().unwrap());
        let verifier = Verifier::new(&keyring, TrustModel::Plain, policy);
        let many = SIGNATURE.repeat((64 << 10) / SIGNATURE.len());
        b.iter(|| {
            verifier
                .verify_detached(&b""[..], black_box(&many))
                .is_err()
        });
    });
    group.finish();
}

/// 200 packages of 1 MiB each, side by side: a second core should halve it.
fn batch(c: &mut Criterion) {
    let data = vec![7; 1 << 20];
    let keyring = Keyring::from_bytes("bench", CERTIFICATE).unwrap();
    let policy = Policy::at("2026-11-24T00:00:00Z".parse().unwrap());
    let verifier = Verifier::new(&keyring, TrustModel::Plain, policy);
    let mut group = c.benchmark_group("pgp batch of 200");
    group.sample_size(10);
    group.throughput(Throughput::Elements(200));
    for threads in [1, 2] {
        group.bench_function(format!("threads: {threads}"), |b| {
            let threads = threads.try_into().unwrap();
            b.iter(|| {
                let open = |_: &()| Ok((&data[..], SIGNATURE.to_vec()));
                verifier.verify_batch(&[(); 200], threads, open)
            });
        });
    }
    group.finish();
}

criterion_group!(benches, data, fixed, batch);
criterion_main!(benches);
