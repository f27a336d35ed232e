//! The scanner on one core, beside the ceilings that memory and packed literals set.
//!
//! ```text
//! cargo bench --bench secrets
//! OMG_BENCH_TEXT=<folder> cargo bench --bench secrets    (real files instead of made-up ones)
//! ```
// With a semicolon a result would not be returned, and the work it stands for could be left out.
#![allow(
    clippy::expect_used,
    clippy::semicolon_if_nothing_returned,
    clippy::unwrap_used,
    missing_docs
)]

use std::hint::black_box;
use std::path::{Path, PathBuf};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use omg_secrets::{Group, GroupState, Scanner};

/// How much text is scanned at once.
const BYTES: usize = 64 << 20;

fn text() -> Vec<u8> {
    let mut out = Vec::new();
    if let Some(folder) = std::env::var_os("OMG_BENCH_TEXT") {
        let mut open = vec![PathBuf::from(folder)];
        while let Some(folder) = open.pop() {
            read(&folder, &mut open, &mut out);
            if out.len() >= BYTES {
                break;
            }
        }
    }
    let made_up = b"static int foo_bar_probe(struct device *dev, const char *name)\n{\n\t\
        struct foo_bar_data *data = dev_get_drvdata(dev);\n\t/* pass the token on */\n\t\
        if (!data || data->state != FOO_BAR_STATE_RUNNING_0x1f)\n\t\treturn -EINVAL;\n}\n";
    while out.len() < BYTES {
        out.extend_from_slice(made_up);
    }
    out.truncate(BYTES);
    out
}

fn read(folder: &Path, open: &mut Vec<PathBuf>, out: &mut Vec<u8>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|e| e.path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            open.push(path);
        } else if out.len() < BYTES {
            out.extend(std::fs::read(&path).unwrap_or_default());
        }
    }
}

fn benches(criterion: &mut Criterion) {
    let text = text();
    let mut group = criterion.benchmark_group("secrets");
    group.sample_size(10).throughput(Throughput::Bytes(
        u64::try_from(text.len()).unwrap_or_default(),
    ));
    let secrets = Scanner::builder()
        .group(Group::Identifier, GroupState::Off)
        .build()
        .expect("the rules are built in");
    let default = Scanner::builder().build().expect("the rules are built in");
    let plain = Scanner::builder()
        .group(Group::Generic, GroupState::Off)
        .build()
        .expect("the rules are built in");
    group.bench_function("default rules", |b| {
        b.iter(|| default.scan(black_box(&text)).count())
    });
    group.bench_function("without the identifiers", |b| {
        b.iter(|| secrets.scan(black_box(&text)).count())
    });
    group.bench_function("without the generic group", |b| {
        b.iter(|| plain.scan(black_box(&text)).count())
    });
    group.bench_function("ceiling: memchr", |b| {
        b.iter(|| memchr::memchr_iter(b'\0', black_box(&text)).count())
    });
    let literals = [
        "ghp_",
        "gho_",
        "glpat-",
        "AKIA",
        "ASIA",
        "xoxb-",
        "xoxp-",
        "sk_live_",
        "rk_live_",
        "AIza",
        "npm_",
        "SG.",
        "-----BEGIN",
        "sk-ant-",
        "hf_",
        "dop_v1_",
    ];
    let teddy = aho_corasick::packed::Searcher::new(literals).expect("sixteen literals fit");
    group.bench_function("ceiling: sixteen packed literals", |b| {
        b.iter(|| teddy.find_iter(black_box(&text)).count())
    });
    group.finish();
    criterion.bench_function("building a scanner", |b| {
        b.iter(|| Scanner::builder().build().is_ok())
    });
}

criterion_group!(all, benches);
criterion_main!(all);
