//! What policies mean, rule by rule, and how they compare.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

use std::cmp::Ordering;

use chrono::{DateTime, Utc};
use omg_policy::{
    Comparison, Decision, Evidence, Facts, Layer, LayerKind, Policy, PolicyTests, Verdict,
};

fn now() -> DateTime<Utc> {
    "2026-11-24T12:00:00Z".parse().unwrap()
}

/// Versions of these tests are numbers with dots.
fn order(a: &str, b: &str) -> Ordering {
    let parts = |v: &str| -> Vec<u64> { v.split('.').map(|p| p.parse().unwrap_or(0)).collect() };
    parts(a).cmp(&parts(b))
}

fn layer(kind: LayerKind, text: &str) -> Layer {
    Layer::parse(kind, kind.as_str(), text.as_bytes()).unwrap()
}

fn policy(text: &str) -> Policy {
    Policy::new([layer(LayerKind::System, text)])
}

/// A package that nobody can object to.
fn good() -> Facts {
    let json = serde_json::json!({
        "name": "app", "version": "1.0", "pkgbase": "app", "provides": [],
        "origin": { "official": { "repository": "core" } },
        "coverage": { "fresh": { "as_of": "2026-11-24T00:00:00Z" } },
        "signature": "trusted", "provenance": { "verified": { "level": 3 } }, "rebuilds": 0,
        "checksum": { "match": "signed_metadata" },
        "licences": { "all_of": [{ "expression": "MIT OR GPL-3.0-only" }] },
        "inspection": { "done": [] }, "released": "2026-01-01T00:00:00Z"
    });
    serde_json::from_value(json).unwrap()
}

fn rules(decision: &Decision) -> String {
    let names: Vec<&str> = decision
        .reasons()
        .iter()
        .map(|reason| reason.rule)
        .collect();
    names.join(" ")
}

#[test]
fn the_cases_of_the_tests_file_pass() {
    let cases = include_bytes!("vectors/cases.toml");
    let tests = PolicyTests::parse("cases.toml", cases).unwrap();
    let results = tests.run(&policy(include_str!("vectors/policy.toml")), &order);
    assert_eq!(results.len(), tests.len());
    for result in results {
        assert!(
            result.failures.is_empty(),
            "{}: {:?}\n{:#?}",
            result.name,
            result.failures,
            result.decision
        );
    }
}

#[test]
fn a_test_that_is_not_understood_is_not_passed() {
    for text in [
        "",
        "schema = 1",
        "schema = 2\n[[case]]\nname = 'a'\nat = 2026-01-01\nexpect = 'allow'\nevidence = {}",
        "schema = 1\n[[case]]\nname = 'a'\nat = 2026-01-01\nexpect = 'maybe'\nevidence = {}",
        "schema = 1\n[[case]]\nname = 'a'\nat = 'x'\nexpect = 'allow'\nevidence = {}",
        "schema = 1\n[[case]]\nname = 'a'\nat = 2026-01-01\nexpect = 'allow'\nevidence = { nam = 'x' }",
    ] {
        assert!(PolicyTests::parse("t", text.as_bytes()).is_err(), "{text}");
    }
    let text = "schema = 1\n[[case]]\nname = 'a'\nat = 2026-01-01\nexpect = 'allow'\n\
        grade = 'locked'\nrules = ['ban']\nevidence = {}";
    let tests = PolicyTests::parse("t", text.as_bytes()).unwrap();
    let result = &tests.run(&Policy::default(), &order)[0];
    assert_eq!(result.failures.len(), 3, "{:?}", result.failures);
}

#[test]
fn without_any_policy_the_defaults_hold() {
    let decision = Policy::default().decide(&Evidence::simulated(good().clone()), now(), &order);
    assert_eq!(
        (decision.verdict, rules(&decision)),
        (Verdict::Allow, String::new())
    );
    let nothing_known = Policy::default().decide(
        &Evidence::simulated(Facts::default().clone()),
        now(),
        &order,
    );
    assert_eq!(rules(&nothing_known), "grade.unscanned");
    assert_eq!(nothing_known.verdict, Verdict::Warn);
}

#[test]
fn every_reason_says_where_its_rule_stands() {
    let text = "schema = 1\n\n[signature]\nrequire = 'trusted'\n\n[[ban]]\npackage = 'app'\n";
    let mut evidence = good();
    evidence.signature = omg_policy::Signature::Missing;
    let decision = policy(text).decide(&Evidence::simulated(evidence.clone()), now(), &order);
    let places: Vec<String> = decision
        .reasons()
        .iter()
        .map(|r| r.origin.to_string())
        .collect();
    assert_eq!(places, ["system:4", "system:6"]);
    // And which rules were looked at, whatever came of them.
    let trace: Vec<&str> = decision.trace().iter().map(|step| step.rule).collect();
    assert!(trace.contains(&"vulnerabilities.reject") && trace.contains(&"integrity"));
}

#[test]
fn exceptions_of_a_lower_layer_count_only_where_delegated() {
    let system = |delegate: &str| format!("schema = 1\nrequire_pgp = true\n{delegate}");
    let user = "schema = 1\n[[exception]]\nrule = 'signature'\npackage = 'app'\nreason = 'r'\n\
        owner = 'o'\ngranted = 2026-11-20\nuntil = 2026-12-20";
    let mut evidence = good();
    evidence.signature = omg_policy::Signature::Missing;
    let verdict = |delegate: &str, user: &str, kind| {
        let layers = [
            layer(LayerKind::System, &system(delegate)),
            layer(kind, user),
        ];
        Policy::new(layers).decide(&Evidence::simulated(evidence.clone()), now(), &order)
    };
    let delegate = "[delegate]\nuser_may_except = ['signature']\n";
    let kind = LayerKind::User;
    assert_eq!(verdict("", user, kind).verdict, Verdict::Reject);
    let excepted = verdict(delegate, user, kind);
    assert_eq!(
        (excepted.verdict, excepted.excepted().len()),
        (Verdict::Allow, 1)
    );
    assert_eq!(excepted.excepted()[0].owner, "o");
    // Only what was delegated, only as long, only to layers below, and only with a beginning.
    let other = "[delegate]\nuser_may_except = ['vulnerabilities', 'origin']\n";
    assert_eq!(verdict(other, user, kind).verdict, Verdict::Reject);
    let limited = |days: u8| format!("{delegate}max_exception = '{days}d'\n");
    assert_eq!(verdict(&limited(29), user, kind).verdict, Verdict::Reject);
    assert_eq!(verdict(&limited(30), user, kind).verdict, Verdict::Allow);
    let endless = user.replace("granted = 2026-11-20\n", "");
    assert_eq!(
        verdict(&limited(30), &endless, kind).verdict,
        Verdict::Reject
    );
    assert_eq!(
        verdict(delegate, user, LayerKind::Vendor).verdict,
        Verdict::Reject
    );
}

#[test]
fn exceptions_that_ended_or_cover_nothing_are_reported() {
    let text = "schema = 1\nrequire_pgp = true\n[[exception]]\nrule = 'signature'\npackage = 'app'\n\
        reason = 'r'\nowner = 'o'\nuntil = 2026-12-20\n[[exception]]\nrule = 'signature'\n\
        package = 'other'\nreason = 'r'\nowner = 'o'\nuntil = 2026-12-20\n[[exception]]\n\
        rule = 'ban'\npackage = 'app'\nreason = 'r'\nowner = 'o'\nuntil = 2026-11-24";
    let policy = policy(text);
    let mut evidence = good();
    evidence.signature = omg_policy::Signature::Missing;
    let decision = policy.decide(&Evidence::simulated(evidence.clone()), now(), &order);
    let review = policy.review([&decision], now());
    let lines =
        |list: &[omg_policy::Shown]| -> Vec<u32> { list.iter().map(|s| s.origin.line).collect() };
    assert_eq!(lines(&review.unused), [9]);
    assert_eq!(lines(&review.expired), [15]);
}

#[test]
fn what_a_policy_means_is_independent_of_how_it_is_written() {
    let one = policy("schema = 1\n[signature]\nrequire = 'trusted'\n[origin.aur]\nallow = false");
    let two = policy("# The same.\nallow_aur = false\nrequire_pgp = true\n");
    assert_eq!(one.canonical(), two.canonical());
    let three = policy("allow_aur = false\nrequire_pgp = true\nminimum_grade = 'community'");
    assert_ne!(one.canonical(), three.canonical());
}

fn relation(first: &str, second: &str) -> &'static str {
    let (first, second) = (policy(first), policy(second));
    match Comparison::of(&first, &second, now(), &order) {
        Comparison::Equal => "equal",
        Comparison::Stricter { tightened } => {
            check(&first, &second, &tightened);
            "stricter"
        }
        Comparison::Looser { loosened } => {
            check(&second, &first, &loosened);
            "looser"
        }
        Comparison::Incomparable {
            tightened,
            loosened,
        } => {
            check(&first, &second, &tightened);
            check(&second, &first, &loosened);
            "incomparable"
        }
        other => panic!("{other:?}"),
    }
}

/// A witness is one.
fn check(loose: &Policy, strict: &Policy, witness: &omg_policy::Witness) {
    let verdict = |policy: &Policy| {
        policy
            .verdict(
                &Evidence::simulated(witness.evidence.clone()),
                witness.at,
                &order,
            )
            .verdict
    };
    assert!(verdict(loose) < verdict(strict), "{witness:#?}");
    assert!(!witness.rules.is_empty());
}

#[test]
fn policies_compare() {
    let exception = |until: &str| {
        format!(
            "schema = 1\nrequire_pgp = true\n[[exception]]\nrule = 'signature'\npackage = 'a'\n\
             reason = 'r'\nowner = 'o'\nuntil = {until}"
        )
    };
    let s = |text: &str| format!("schema = 1\n{text}");
    for (first, second, expected) in [
        (
            "minimum_grade = 'risk'".to_owned(),
            "allow_aur = true".to_owned(),
            "equal",
        ),
        (
            s("[grade]\nminimum = 'community'"),
            s("[grade]\nminimum = 'verified'"),
            "stricter",
        ),
        (
            s("[vulnerabilities]\nreject = { severity = 'high' }"),
            s("[vulnerabilities]\nreject = { severity = 'critical' }"),
            "looser",
        ),
        (
            s("[vulnerabilities]\nepss_at_least = 0.5"),
            s("[vulnerabilities]\nepss_at_least = 0.4"),
            "stricter",
        ),
        (
            s("[vulnerabilities]\nkev = 'warn'"),
            s("[vulnerabilities]\nkev = 'reject'"),
            "stricter",
        ),
        (
            s("[vulnerabilities]\nreject = { severity = 'high' }"),
            s("[vulnerabilities]\nreject = { severity = 'high', fix = 'available' }"),
            "looser",
        ),
        (
            "allow_aur = false".to_owned(),
            "require_pgp = true".to_owned(),
            "incomparable",
        ),
        (
            s("[signature]\nrequire = 'any'"),
            "require_pgp = true".to_owned(),
            "stricter",
        ),
        (
            s("[provenance]\nlocked_needs = 'slsa2'"),
            s("[provenance]\nlocked_needs = 'slsa3'"),
            "equal",
        ),
        (
            s("minimum_grade = 'locked'\n[provenance]\nlocked_needs = 'slsa2'"),
            s("minimum_grade = 'locked'\n[provenance]\nlocked_needs = 'slsa3'"),
            "stricter",
        ),
        (
            s("[origin]\nallow = ['core', 'extra']"),
            s("[origin]\nallow = ['core']"),
            "stricter",
        ),
        (
            s("[origin]\nallow = ['core']"),
            s("[origin]\nallow = ['extra']"),
            "incomparable",
        ),
        (
            s("[origin.aur]\nmin_commit_age = '7d'"),
            s("[origin.aur]\nmin_commit_age = '8d'"),
            "stricter",
        ),
        (
            s("[origin.aur]\nadoption_quarantine = '30d'"),
            s("[origin.aur]\nadoption_quarantine = '30d'\nwaive_for_security_fixes = false"),
            "stricter",
        ),
        (
            s("[release]\nmin_age = '3d'"),
            s("[release]\nmin_age = '72h'"),
            "equal",
        ),
        (
            s("[licenses]\nallow = ['MIT', 'ISC']"),
            s("[licenses]\nallow = ['MIT']"),
            "stricter",
        ),
        (
            s("[licenses]\ndeny = ['MIT']"),
            s("[licenses]\nallow = ['ISC']"),
            "stricter",
        ),
        (
            s("[licenses]\nallow = ['MIT']\nunresolved = 'warn'"),
            s("[licenses]\nallow = ['MIT']\nambiguous = 'warn'"),
            "incomparable",
        ),
        (
            "banned_packages = ['xz']".to_owned(),
            "banned_packages = ['xz*']".to_owned(),
            "stricter",
        ),
        (
            s("[[ban]]\npackage = 'xz'\nversions = '>=5.6.0, <5.6.2'"),
            s("[[ban]]\npackage = 'xz'\nversions = '>=5.6.0, <=5.6.2'"),
            "stricter",
        ),
        (
            s("[[ban]]\nname = 'xz'"),
            s("[[ban]]\npackage = 'xz'"),
            "stricter",
        ),
        (
            s("[scripts]\nnot_inspected = 'warn'"),
            s("[scripts]\nsuspicious = 'warn'"),
            "looser",
        ),
        (exception("2026-12-31"), exception("2026-12-30"), "stricter"),
        (
            exception("2026-12-31"),
            "require_pgp = true".to_owned(),
            "stricter",
        ),
        (
            exception("2026-01-01"),
            "require_pgp = true".to_owned(),
            "equal",
        ),
        (
            s("[grade]\nstale = 'reject'"),
            s("[grade]\nstale = 'reject'\nstale_after = '3d'"),
            "stricter",
        ),
    ] {
        assert_eq!(
            relation(&first, &second),
            expected,
            "{first}\n---\n{second}"
        );
        let back = match expected {
            "stricter" => "looser",
            "looser" => "stricter",
            same => same,
        };
        assert_eq!(relation(&second, &first), back, "{second}\n---\n{first}");
        assert_eq!(relation(&first, &first), "equal");
    }
}

#[test]
fn licences_are_compared_as_spdx_says() {
    let allows = |list: &str, expression: &str| {
        let text = format!("schema = 1\n[licenses]\nallow = [{list}]");
        let mut evidence = good();
        let expression = omg_policy::Expression::parse(expression).unwrap();
        let licence = omg_policy::Licence::Expression(expression);
        evidence.licences = omg_policy::Licences::AllOf(vec![licence]);
        policy(&text)
            .verdict(&Evidence::simulated(evidence.clone()), now(), &order)
            .verdict
            == Verdict::Allow
    };
    assert!(allows("'Apache-2.0'", "Apache-2.0") && !allows("'Apache-2.0'", "MIT"));
    // A version or later may be used as that version, and as a later one.
    assert!(allows("'Apache-2.0'", "Apache-2.0+") && allows("'Apache-2.0'", "Apache-1.1+"));
    assert!(!allows("'Apache-1.1'", "Apache-2.0"));
    // An exception is part of the licence.
    let classpath = "GPL-2.0-only WITH Classpath-exception-2.0";
    assert!(allows(
        "'GPL-2.0-only WITH Classpath-exception-2.0'",
        classpath
    ));
    assert!(!allows("'GPL-2.0-only'", classpath));
    assert!(!allows(
        "'GPL-2.0-only WITH Classpath-exception-2.0'",
        "GPL-2.0-only"
    ));
    assert!(allows("'LicenseRef-x'", "LicenseRef-x") && !allows("'LicenseRef-x'", "LicenseRef-y"));
}
