//! `omg-policy`: a decision, a machine's worth of them, and the comparison of two policies.
#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;

use chrono::{DateTime, Utc};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use omg_policy::{
    Anchor, Checksum, Comparison, Coverage, Epss, Evidence, Expression, Facts, Finding, Fix, Layer,
    LayerKind, Licence, Licences, Origin, Policy, Severity, Signature,
};

const FILE: &str = include_str!("../omg-policy/tests/vectors/policy.toml");

fn now() -> DateTime<Utc> {
    "2026-11-24T12:00:00Z".parse().unwrap()
}

fn policy(text: &str) -> Policy {
    Policy::new([Layer::parse(LayerKind::System, "policy.toml", text.as_bytes()).unwrap()])
}

fn package(number: u32) -> Evidence {
    let name = format!("package{number:05}");
    let mut facts = Facts::new(name.clone(), format!("1.{number}-1"));
    facts.pkgbase = Some(name);
    facts.provides = Some(vec![format!("lib{number}.so=1-64")]);
    facts.origin = Origin::Official {
        repository: "extra".to_owned(),
    };
    facts.coverage = Coverage::Fresh { as_of: now() };
    facts.signature = Signature::Trusted;
    facts.checksum = Checksum::Match(Anchor::SignedMetadata);
    let licence = Expression::parse("MIT OR Apache-2.0").unwrap();
    facts.licences = Licences::AllOf(vec![Licence::Expression(licence)]);
    // One in twenty has a finding that nobody has to act on.
    if number.is_multiple_of(20) {
        let mut finding = Finding::new("CVE-2026-1");
        (finding.severity, finding.fix) = (Severity::Low, Fix::None);
        (finding.kev, finding.epss) = (Some(false), Epss::Score(0.01));
        facts.findings.push(finding);
    }
    Evidence::simulated(facts)
}

fn decide(c: &mut Criterion) {
    let order = |a: &str, b: &str| a.cmp(b);
    let policy = policy(FILE);
    let packages: Vec<Evidence> = (0..15_000).map(package).collect();
    let mut group = c.benchmark_group("policy decide");
    group.bench_function("one package, the verdict", |b| {
        b.iter(|| policy.verdict(black_box(&packages[1]), now_cached(), &order));
    });
    group.bench_function("one package, with its trace", |b| {
        b.iter(|| policy.decide(black_box(&packages[1]), now_cached(), &order));
    });
    group.throughput(Throughput::Elements(15_000));
    group.bench_function("15,000 packages", |b| {
        b.iter(|| {
            let verdict = |evidence| policy.verdict(evidence, now_cached(), &order).verdict;
            packages.iter().map(verdict).max()
        });
    });
    group.finish();
}

/// Reading the time from text is not what is measured.
fn now_cached() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_521_600, 0).unwrap()
}

fn compare(c: &mut Criterion) {
    let order = |a: &str, b: &str| a.cmp(b);
    let (one, two) = (policy(FILE), policy(FILE));
    c.bench_function("policy diff, equal", |b| {
        b.iter(|| Comparison::of(black_box(&one), &two, now(), &order));
    });
    c.bench_function("policy read", |b| b.iter(|| policy(black_box(FILE))));
}

criterion_group!(benches, decide, compare);
criterion_main!(benches);
