//! Documents of 2,000 packages, their signatures, and package files, each beside what it cannot
//! be faster than: a copy of the same bytes, their SHA-256, and bare decompression.
#![allow(clippy::unwrap_used, missing_docs)]

use std::io::{self, Write as _};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use omg_sbom::inventory::{Inventory, OsRelease, Package, PackageKind, Source};
use omg_sbom::signature::{self, SigningKey};
use omg_sbom::{Sbom, Serial, archive, cyclonedx};
use omg_vuln::version::alpm;
use sha2::{Digest as _, Sha256};

const PACKAGES: usize = 2_000;

/// A scalar that everybody can guess.
const KEY: &str = "-----BEGIN EC PRIVATE KEY-----\n\
    MDECAQEEIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAHoAoGCCqGSM49\n\
    AwEH\n-----END EC PRIVATE KEY-----\n";

fn packages() -> Vec<Package> {
    let one = |number: usize| {
        let version = format!("{}.{number}-1", number % 7);
        let mut package = Package::new(PackageKind::Alpm, format!("package{number:05}"), version);
        package.architecture = Some("x86_64".to_owned());
        package.description = Some("synthetic".to_owned());
        package.url = Some("https://example.org/".to_owned());
        package.licences = vec!["GPL-2.0-or-later".to_owned()];
        package.maintainer = Some("Jane Doe <jane@example.org>".to_owned());
        package.archive_sha256 = Some([7; 32].into());
        let needs = [number / 2, number / 3].into_iter();
        package.depends = needs.map(|other| format!("package{other:05}>=0")).collect();
        package
    };
    (0..PACKAGES).map(one).collect()
}

fn build(packages: Vec<Package>) -> Sbom {
    let os = OsRelease::parse(b"ID=arch\nBUILD_ID=rolling\n").unwrap();
    Sbom::builder(chrono::DateTime::UNIX_EPOCH, Serial::FromContent)
        .system(os)
        .inventory(Inventory::new(Source::Pacman, packages, Vec::new()))
        .build(&|_, a, b| alpm::compare(a, b))
}

fn written(sbom: &Sbom) -> Vec<u8> {
    let mut out = Vec::new();
    cyclonedx::write_json(sbom, cyclonedx::Version::V1_5, &mut out).unwrap();
    out
}

fn documents(c: &mut Criterion) {
    let packages = packages();
    let sbom = build(packages.clone());
    let document = written(&sbom);
    let key = SigningKey::from_pem(KEY).unwrap();
    let signed = signature::sign(&document, &key).unwrap();
    let mut group = c.benchmark_group("document");
    group.sample_size(20);
    group.throughput(Throughput::Bytes(document.len() as u64));
    group.bench_function("resolve 2,000 packages", |b| {
        b.iter_with_large_drop(|| build(packages.clone()));
    });
    group.bench_function("write CycloneDX 1.5", |b| b.iter(|| written(&sbom)));
    group.bench_function("limit: copy the same bytes", |b| {
        b.iter(|| document.clone());
    });
    group.bench_function("sign", |b| {
        b.iter(|| signature::sign(&document, &key).unwrap());
    });
    group.bench_function("verify", |b| {
        b.iter(|| signature::verify(&signed, &[key.public_key()]).unwrap());
    });
    group.bench_function("limit: SHA-256 of it", |b| {
        b.iter(|| Sha256::digest(&document));
    });
    group.finish();
}

/// 64 MiB in 4,096 files, with the metadata of pacman.
fn package_file() -> Vec<u8> {
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    let mut add = |path: &str, content: &[u8]| {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        header.set_uid(0);
        header.set_gid(0);
        archive.append_data(&mut header, path, content).unwrap();
    };
    add(".PKGINFO", b"pkgname = a\npkgver = 1-1\narch = any\n");
    let mut content = vec![0; 16 << 10];
    for number in 0..4096_u32 {
        for (at, byte) in (0_u32..).zip(content.iter_mut()) {
            *byte = (number ^ at.wrapping_mul(2_654_435_761) >> 27).to_le_bytes()[0];
        }
        add(&format!("usr/share/a/{number}"), &content);
    }
    let mut gzip = archive.into_inner().unwrap();
    gzip.flush().unwrap();
    gzip.finish().unwrap()
}

fn package_files(c: &mut Criterion) {
    let packed = package_file();
    let mut group = c.benchmark_group("package file");
    group.sample_size(10);
    group.bench_function("read 4,096 members, 64 MiB", |b| {
        b.iter_with_large_drop(|| archive::read(packed.as_slice()).unwrap());
    });
    group.bench_function("limit: decompress", |b| {
        b.iter(|| io::copy(&mut GzDecoder::new(packed.as_slice()), &mut io::sink()).unwrap());
    });
    group.finish();
}

criterion_group!(benches, documents, package_files);
criterion_main!(benches);
