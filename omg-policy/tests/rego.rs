//! Policies in Rego only tighten, and what cannot be evaluated rejects.
#![cfg(feature = "rego")]
#![allow(clippy::unwrap_used, clippy::panic)] // A test may fail anywhere.

#[path = "support/generate.rs"]
#[allow(dead_code)]
mod generate;

use generate::{evidence, now, policy_text};
use omg_policy::{
    Decision, Epss, Evidence, Facts, Finding, Layer, LayerKind, MAX_REGO_BYTES, Policy, Rego,
    RegoProblem, Verdict,
};
use proptest::prelude::*;
use serde_json::Value;

fn rego(rules: &str) -> Rego {
    Rego::parse("rules.rego", format!("package omg\n{rules}\n").as_bytes())
        .unwrap_or_else(|error| panic!("{error}"))
}

fn problem(source: &str) -> RegoProblem {
    Rego::parse("rules.rego", source.as_bytes())
        .unwrap_err()
        .problem
}

/// A package that the rules of the other language allow.
fn allowed() -> Facts {
    serde_json::from_str(
        r#"{ "name": "app", "version": "1-1", "pkgbase": "app", "provides": [],
             "origin": { "official": { "repository": "core" } }, "signature": "trusted",
             "coverage": { "fresh": { "as_of": "2026-11-24T00:00:00Z" } },
             "licences": { "all_of": [{ "expression": "MIT" }] },
             "released": "2026-11-20T00:00:00Z" }"#,
    )
    .unwrap()
}

fn decide(evidence: &Facts) -> Decision {
    Policy::default().decide(&Evidence::simulated(evidence.clone()), now(), &|a, b| {
        a.cmp(b)
    })
}

/// What a policy makes of a package that is allowed without it.
fn said(rules: &str, evidence: &Facts) -> (Verdict, Vec<(&'static str, String)>) {
    let before = decide(evidence);
    let after = rego(rules).tighten(before, &Evidence::simulated(evidence.clone()), now());
    let reasons = after
        .reasons()
        .into_iter()
        .filter(|r| r.rule.starts_with("rego"));
    (
        after.verdict,
        reasons.map(|r| (r.rule, r.evidence)).collect(),
    )
}

#[test]
fn it_adds_rejections_and_warnings() {
    let evidence = allowed();
    assert_eq!(decide(&evidence).verdict, Verdict::Allow);
    assert_eq!(
        said(
            "deny contains 'x' if false".replace('\'', "\"").as_str(),
            &evidence
        ),
        (Verdict::Allow, vec![])
    );
    let rules = "deny contains sprintf(\"no %s here\", [input.name]) if input.name == \"app\"";
    let no = vec![("rego.deny", "no app here".to_owned())];
    assert_eq!(said(rules, &evidence), (Verdict::Reject, no));
    let rules = "deny := []\nwarn contains \"young\" if input.age_seconds.released < 604800";
    let young = vec![("rego.warn", "young".to_owned())];
    assert_eq!(said(rules, &evidence), (Verdict::Warn, young));
    // Several, sorted.
    let (verdict, both) = said("deny := {\"b\", \"a\"}", &evidence);
    assert_eq!(
        (verdict, both[0].1.as_str(), both[1].1.as_str()),
        (Verdict::Reject, "a", "b")
    );
    // The place, and a step of its own.
    let after = rego("deny contains \"x\"").tighten(
        decide(&evidence),
        &Evidence::simulated(evidence),
        now(),
    );
    let reason = &after.reasons()[0];
    assert!(reason.origin.to_string().starts_with("rules.rego"));
    assert!(!reason.passes_if.is_empty() && !reason.detail.is_empty());
    assert_eq!(after.trace().last().unwrap().rule, "rego");
    let json = serde_json::to_value(&after).unwrap();
    assert_eq!(json["reasons"][0]["rule"], "rego.deny");
}

#[test]
fn it_allows_nothing() {
    let mut evidence = allowed();
    evidence.signature = omg_policy::Signature::Invalid;
    let before = decide(&evidence);
    assert_eq!(before.verdict, Verdict::Reject);
    let generous = rego(
        "default allow := true\nallow := true\nverdict := \"allow\"\ngrade := \"locked\"\n\
         deny := set()\nwarn := []\nexception contains \"integrity\"",
    );
    let after = generous.tighten(before.clone(), &Evidence::simulated(evidence), now());
    assert_eq!((after.verdict, after.grade), (before.verdict, before.grade));
    assert_eq!(after.reasons(), before.reasons());
}

#[test]
fn what_has_no_result_rejects() {
    let evidence = allowed();
    for (rules, wanted) in [
        (
            "deny := {\"x\"} if input.name == \"other\"",
            "deny is undefined",
        ),
        ("deny := []\nwarn := [] if false", "warn is undefined"),
        ("deny := false", "neither a set nor a list"),
        ("deny := {\"x\": 1}", "neither a set nor a list"),
        ("deny contains 7", "no text"),
        // An error in a builtin is not "not so".
        ("deny contains \"x\" if to_number(input.name) > 1", ""),
        ("deny contains \"x\" if 1 / (count(input.findings)) > 1", ""),
        ("deny contains \"x\" if not to_number(input.name)", ""),
        (
            "deny := {\"x\"} if input.name\ndeny := {\"y\"} if input.version",
            "",
        ),
        // Without a clock, chance or bombs.
        (
            "deny contains \"x\" if rand.intn(\"a\", 2) == 3",
            "rand.intn is not available",
        ),
        (
            "deny contains \"x\" if count(numbers.range(1, 1000000000)) == 0",
            "numbers.range is not",
        ),
        (
            "deny contains \"x\" if count(numbers.range_step(1, 1000000000, 1)) == 0",
            "range_step is not",
        ),
        (
            "deny contains \"x\" if bits.lsh(1, 8000000000) == 0",
            "bits.lsh is not",
        ),
        ("deny contains \"x\" if time.now_ns() < 0", ""),
        (
            "deny contains \"x\" if http.send({\"url\": \"http://127.0.0.1\"}).status_code == 1",
            "",
        ),
        ("deny contains \"x\" if opa.runtime().env.HOME == \"x\"", ""),
    ] {
        let after = rego(rules).tighten(
            decide(&evidence),
            &Evidence::simulated(evidence.clone()),
            now(),
        );
        assert_eq!(after.verdict, Verdict::Reject, "{rules}");
        let reasons = after.reasons();
        assert!(
            reasons
                .iter()
                .any(|r| r.rule == "rego.failed" && r.evidence.contains(wanted)),
            "{rules}: {reasons:?}"
        );
    }
}

#[test]
fn what_takes_too_long_rejects() {
    let list: Vec<String> = (0..60).map(|n| n.to_string()).collect();
    let list = list.join(", ");
    let slow = format!(
        "l := [{list}]\ndeny contains \"x\" if {{\n  some a in l\n  some b in l\n  some c in l\n\
         some d in l\n  some e in l\n  a + b + c + d + e == 0 - 1\n}}"
    );
    let (verdict, reasons) = said(&slow, &allowed());
    assert_eq!((verdict, reasons[0].0), (Verdict::Reject, "rego.failed"));
    assert!(reasons[0].1.contains("time limit"), "{reasons:?}");
}

#[test]
fn no_rule_refers_to_itself() {
    for (rules, wanted) in [
        (
            "f(x) := f(x + 1)\ndeny contains \"x\" if f(1) == 2",
            "f refers",
        ),
        ("a if b\nb if a\ndeny contains \"x\" if a", "a refers"),
        ("deny contains x if some x in deny", "deny refers"),
        (
            "f(x) if g(x)\ng(x) if { y := [z | z := f(x)]; y }\ndeny := []",
            "f refers",
        ),
        ("f(x) if data.omg.f(x)\ndeny := []", "f refers"),
        ("f(x) if data[\"omg\"][\"f\"](x)\ndeny := []", "f refers"),
        (
            "a[x] := 1 if { some x in [1] } else := a.b\ndeny := []",
            "a refers",
        ),
        ("a[b] := 1\nb := a\ndeny := []", "a refers"),
        ("a := {input[a]: 1}\ndeny := []", "a refers"),
        ("default f(_) := 1\nf(x) := f(x).y\ndeny := []", "f refers"),
        ("deny := []\nf(x) if every y in x { f(y) }", "f refers"),
        // Ways around what can be followed.
        ("deny := [1 | data.omg[input.name]]", "no data but"),
        ("deny := [x | some x in data.omg]", "no data but"),
        ("deny := [data]", "no data but"),
        ("deny := [1 | data.other.x]", "no data but"),
        (
            "import data.omg.f as g\nf(x) if g(x)\ndeny := []",
            "nothing to import",
        ),
        (
            "f(x) if g(x)\ng(x) if x\nh(x) if f(x) with g as h\ndeny := []",
            "with may",
        ),
    ] {
        let problem = problem(&format!("package omg\n{rules}\n"));
        assert!(problem.to_string().contains(wanted), "{rules}: {problem}");
    }
    // What only looks like it.
    let fine = "import rego.v1\nimport input.name as name\nf(x) := x.f\ng(x) := f(x)\n\
                deny contains n if { f := input.findings; g({\"f\": f}) == []; n := data.omg.h with input.name as \"b\" }\n\
                h := \"deny\"";
    let found = vec![("rego.deny", "deny".to_owned())];
    assert_eq!(said(fine, &allowed()), (Verdict::Reject, found));
}

/// Functions that call one another, each in the deepest expression that there may be.
fn chain(functions: usize, around: usize) -> String {
    let (open, close) = ("[".repeat(around), "]".repeat(around));
    let call = |n: usize| format!("f{n}(x) := {open}f{}(x){close}\n", n + 1);
    let calls: String = (1..functions).map(call).collect();
    format!("package omg\n{calls}f{functions}(x) := x\ndeny contains json.marshal(f1(\"deep\"))\n")
}

#[test]
fn rules_are_not_too_deep_in_one_another() {
    let problem = problem(&chain(64, 0));
    assert!(problem.to_string().contains("over 64 deep"), "{problem}");
    let most = Rego::parse("rules.rego", chain(63, 8).as_bytes()).unwrap();
    let decision = most.tighten(decide(&allowed()), &Evidence::simulated(allowed()), now());
    assert_eq!(decision.reasons()[0].rule, "rego.deny");
    // An error comes back out of all of them.
    let fails = chain(63, 8).replace("f63(x) := x", "f63(x) := to_number(x)");
    let fails = Rego::parse("rules.rego", fails.as_bytes()).unwrap();
    let decision = fails.tighten(decide(&allowed()), &Evidence::simulated(allowed()), now());
    assert_eq!(decision.reasons()[0].rule, "rego.failed");
    let sum = format!(
        "package omg\ndeny contains \"x\" if 0{} > 1\n",
        " + 1".repeat(150)
    );
    let problem = self::problem(&sum);
    assert!(problem.to_string().contains("nests too deep"), "{problem}");
}

/// The parser is recursive: whatever makes it so is counted before.
#[test]
fn no_expression_is_too_long_for_the_parser() {
    for (start, again) in [
        ("deny := 1", "-\n"),
        ("deny contains 1 if 1", "not\n"),
        ("deny := input", ".\na"),
        ("deny := input", "[1]"),
        ("deny := 1", "|\n1"),
        ("deny := 1", " in\n1"),
        ("deny := 1", "\nelse := 1"),
        ("deny contains 1 if 1", "every x in y\n"),
        ("deny contains 1 if 1", "\nwith input.x as y"),
        ("deny := []\na", "\n.b"),
    ] {
        let end = if again.ends_with('\n') { "1" } else { "" };
        let source = format!("package omg\n{start}{}{end}\n", again.repeat(600));
        let problem = problem(&source);
        assert!(
            problem.to_string().contains("operators in one"),
            "{again}: {problem}"
        );
    }
    // As much as there may be, in all that may be around it: an error, and the stack is enough.
    let nested = |times: usize| {
        let level = format!("[1,\n{}", "-\n".repeat(190));
        let (open, close) = (level.repeat(times), "]".repeat(times));
        problem(&format!("package omg\ndeny := {open}1{close}\n")).to_string()
    };
    assert!(nested(7).contains("nests too deep"), "{}", nested(7));
    assert!(nested(11).contains("deep in brackets"), "{}", nested(11));
    // A long policy of short rules is none.
    let accepted = |rules: String| {
        let source = format!("package omg\n{rules}\n");
        assert!(Rego::parse("rules.rego", source.as_bytes()).is_ok());
    };
    let rules = (0..600).map(|n| format!("r{n} if input.a.b == -{n}\n"));
    accepted(format!("deny := []\n{}", rules.collect::<String>()));
    let names: String = (0..1000).map(|n| format!("\"name{n}\",\n")).collect();
    accepted(format!("deny := [{names}]"));
}

#[test]
fn what_is_no_policy_is_an_error() {
    let big = format!("package omg\ndeny := []\n#{}", "x".repeat(MAX_REGO_BYTES));
    assert_eq!(
        problem(&big),
        RegoProblem::TooLarge {
            limit: MAX_REGO_BYTES
        }
    );
    let error = Rego::parse("rules.rego", b"package omg\n\xff").unwrap_err();
    assert_eq!(error.problem, RegoProblem::NotText);
    assert_eq!(
        problem("package other\ndeny := []\n"),
        RegoProblem::Package {
            found: "other".into()
        }
    );
    assert_eq!(problem("package omg\nallow := true\n"), RegoProblem::NoDeny);
    for source in [
        "",
        "deny := []",
        "package omg\ndeny contains",
        "package omg\ndeny[x] { x = 1 }",
    ] {
        assert!(
            matches!(problem(source), RegoProblem::Invalid { .. }),
            "{source}"
        );
    }
    let deep = format!(
        "package omg\ndeny := {}{}",
        "[".repeat(5000),
        "]".repeat(5000)
    );
    assert!(matches!(problem(&deep), RegoProblem::Invalid { .. }));
    // What is in strings and comments is none.
    let text = "# [[[[[[[[[[[[[[\ndeny := {\"\\\"((((((((((((((\", `[[[[[[[[[[[[[[[`}";
    assert_eq!(said(text, &allowed()).1.len(), 2);
    let hidden = format!("package omg\ndeny := {}", "[\"]\", ".repeat(20));
    assert!(matches!(problem(&hidden), RegoProblem::Invalid { .. }));
    let most = format!("package omg\ndeny := {}{}", "[".repeat(12), "]".repeat(12));
    assert!(Rego::parse("rules.rego", most.as_bytes()).is_ok());
}

/// What is unknown is null, and null is less than every number: an unknown age is a young one, and
/// a score that is no number is unknown.
#[test]
fn what_is_unknown_does_not_pass() {
    let evidence = Facts::new("a", "1");
    for age in [
        "released",
        "scan",
        "aur_last_change",
        "aur_maintainer_changed",
    ] {
        let rules = format!("deny contains \"young\" if input.age_seconds.{age} < 60");
        assert_eq!(said(&rules, &evidence).0, Verdict::Reject, "{age}");
    }
    for key in [
        "pkgbase",
        "provides",
        "rebuilds",
        "released",
        "security_fix",
    ] {
        let rules = format!("deny contains \"unknown\" if input.{key} == null");
        assert_eq!(said(&rules, &evidence).0, Verdict::Reject, "{key}");
    }
    let mut evidence = allowed();
    let mut finding = Finding::new("CVE-2026-1");
    finding.epss = Epss::Score(f64::NAN);
    evidence.findings.push(finding);
    let rules = "deny contains \"unknown\" if input.findings[0].epss == \"unknown\"";
    assert_eq!(said(rules, &evidence).0, Verdict::Reject);
}

proptest! {
    /// P7 for Rego: whatever it says, nothing gets better.
    #[test]
    fn it_never_loosens(e in evidence(), text in policy_text(), which in 0usize..5) {
        let layer = Layer::parse(LayerKind::System, "policy.toml", text.as_bytes()).unwrap();
        let before = Policy::new([layer]).decide(&Evidence::simulated(e.clone()), now(), &|a, b| a.cmp(b));
        let rules = [
            "deny := []", "allow := true\ndeny := []\nwarn := [\"w\"]", "deny := [\"d\"]",
            "deny := 1", "deny contains input.name if input.origin.aur",
        ][which];
        let after = rego(rules).tighten(before.clone(), &Evidence::simulated(e.clone()), now());
        prop_assert!(after.verdict >= before.verdict && after.grade == before.grade);
        let reasons = after.reasons();
        prop_assert_eq!(&reasons[..before.reasons().len()], &before.reasons()[..]);
        let worst = reasons.iter().map(|r| r.verdict).max().unwrap_or(Verdict::Allow);
        prop_assert_eq!(worst, after.verdict);
    }

    /// The input is what its schema says.
    #[test]
    fn the_input_is_what_the_schema_says(e in evidence()) {
        thread_local! { static VALIDATOR: jsonschema::Validator = {
            let schema: Value =
                serde_json::from_str(include_str!("../schemas/evidence.schema.json")).unwrap();
            jsonschema::validator_for(&schema).unwrap()
        } }
        let input: Value = serde_json::from_str(&Rego::input(&e, now())).unwrap();
        let errors: Vec<String> =
            VALIDATOR.with(|v| v.iter_errors(&input).map(|e| format!("{}: {e}", e.instance_path())).collect());
        prop_assert!(errors.is_empty(), "{:?} {}", errors, input);
    }
}
