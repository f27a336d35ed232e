//! Properties of decisions on concrete values.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

#[path = "support/generate.rs"]
mod generate;

use std::cmp::Ordering;

use chrono::{Duration, Utc};
use generate::{evidence, finding, now, policy_text, policy_text_without_waiting};
use omg_policy::{
    Anchor, Aur, Checksum, Coverage, Decision, Epss, Evidence, Expression, Fact, Facts, Grade,
    Inspection, Layer, LayerKind, Licence, Licences, MaintainerChanged, Origin, Policy, Provenance,
    Reason, Severity, Signature, Verdict,
};
use proptest::prelude::*;

fn order(a: &str, b: &str) -> Ordering {
    a.cmp(b)
}

fn layer(kind: LayerKind, text: &str) -> Layer {
    Layer::parse(kind, "policy.toml", text.as_bytes()).unwrap()
}

fn policy(text: &str) -> Policy {
    Policy::new([layer(LayerKind::System, text)])
}

fn decide(policy: &Policy, evidence: &Facts) -> Decision {
    policy.decide(&Evidence::simulated(evidence.clone()), now(), &order)
}

/// The evidence with one part put right, as far as anything can.
fn repaired(evidence: &mut Facts, fact: Fact) {
    match fact {
        Fact::Name => {
            evidence.name = Some("harmless".to_owned());
            evidence.pkgbase = Some("harmless".to_owned());
            evidence.provides = Some(Vec::new());
        }
        Fact::Version => evidence.version = Some("0".to_owned()),
        Fact::Origin => match &evidence.origin {
            Origin::Aur(_) => {
                evidence.origin = Origin::Official {
                    repository: "core".to_owned(),
                }
            }
            _ => {
                evidence.origin = Origin::Official {
                    repository: "core".to_owned(),
                }
            }
        },
        Fact::Coverage => evidence.coverage = Coverage::Fresh { as_of: now() },
        Fact::Signature => evidence.signature = Signature::Trusted,
        Fact::Provenance => evidence.provenance = Provenance::Verified { level: 3 },
        Fact::Rebuilds => evidence.rebuilds = Some(99),
        Fact::Checksum => evidence.checksum = Checksum::Match(Anchor::SignedMetadata),
        Fact::Licences => {
            let mit = Expression::parse("MIT").unwrap();
            evidence.licences = Licences::AllOf(vec![Licence::Expression(mit)]);
        }
        Fact::Inspection => evidence.inspection = Inspection::Done(Vec::new()),
        Fact::Released => evidence.released = Some(now() - Duration::days(400)),
        Fact::SecurityFix => evidence.security_fix = Some(true),
        // Removed by the caller, from behind.
        Fact::Finding(_) => {}
        other => panic!("{other:?} is not known to this test"),
    }
}

fn repair_all(evidence: &Facts, facts: &[Fact]) -> Facts {
    let mut out = evidence.clone();
    for fact in facts {
        repaired(&mut out, *fact);
    }
    let mut gone: Vec<usize> = facts
        .iter()
        .filter_map(|f| match f {
            Fact::Finding(i) => Some(*i),
            _ => None,
        })
        .collect();
    gone.sort_unstable();
    gone.dedup();
    for index in gone.into_iter().rev() {
        out.findings.remove(index);
    }
    out
}

/// Every fact of the evidence but who the package is, which is no better or worse by itself.
fn all_facts(evidence: &Facts) -> Vec<Fact> {
    let mut facts = vec![
        Fact::Origin,
        Fact::Coverage,
        Fact::Signature,
        Fact::Provenance,
        Fact::Rebuilds,
        Fact::Checksum,
        Fact::Licences,
        Fact::Inspection,
        Fact::Released,
        Fact::SecurityFix,
    ];
    facts.extend((0..evidence.findings.len()).map(Fact::Finding));
    facts
}

/// Reasons without what they say of the grade, which other facts change too.
fn names(reasons: &[Reason]) -> Vec<(&'static str, Verdict, u32)> {
    reasons
        .iter()
        .map(|r| (r.rule, r.verdict, r.origin.line))
        .collect()
}

proptest! {
    /// P1, P14, P15: total; a reason exactly if it is not allowed; the same each time; the short
    /// form says the same.
    #[test]
    fn decisions_are_total_explained_and_deterministic(e in evidence(), text in policy_text()) {
        let policy = policy(&text);
        let decision = decide(&policy, &e);
        prop_assert_eq!(decision.reasons().is_empty(), decision.verdict == Verdict::Allow);
        let worst = decision.reasons().iter().map(|r| r.verdict).max().unwrap_or(Verdict::Allow);
        prop_assert_eq!(worst, decision.verdict);
        let outcome = policy.verdict(&Evidence::simulated(e.clone()), now(), &order);
        prop_assert_eq!((outcome.verdict, outcome.grade), (decision.verdict, decision.grade));
        let json = |d: &Decision| serde_json::to_string(d).unwrap();
        prop_assert_eq!(json(&decision), json(&decide(&policy, &e)));
        for reason in &decision.reasons() {
            prop_assert!(!reason.facts.is_empty() && !reason.evidence.is_empty(), "{:?}", reason);
            prop_assert!(!reason.passes_if.is_empty() && !reason.detail.is_empty());
        }
    }

    /// P2: one finding more.
    #[test]
    fn another_finding_is_never_better(e in evidence(), f in finding(), text in policy_text()) {
        let policy = policy(&text);
        let mut more = e.clone();
        more.findings.push(f);
        let (less, more) = (decide(&policy, &e), decide(&policy, &more));
        prop_assert!(more.grade <= less.grade && more.verdict >= less.verdict);
    }

    /// P3: a finding that gets worse, or less known.
    #[test]
    fn a_worse_finding_is_never_better(e in evidence(), f in finding(), text in policy_text()) {
        let policy = policy(&text);
        let with = |f: &omg_policy::Finding| {
            let mut e = e.clone();
            e.findings.push(f.clone());
            let decision = decide(&policy, &e);
            (decision.verdict, std::cmp::Reverse(decision.grade))
        };
        let before = with(&f);
        for severity in [Severity::Critical, Severity::Unknown] {
            let mut worse = f.clone();
            worse.severity = severity;
            prop_assert!(with(&worse) >= before);
        }
        for kev in [None, Some(true)] {
            let mut worse = f.clone();
            worse.kev = kev;
            prop_assert!(with(&worse) >= before);
        }
        for epss in [Epss::Unknown, Epss::Score(1.0), Epss::Score(f64::NAN), Epss::Score(7.0)] {
            let mut worse = f.clone();
            worse.epss = epss;
            prop_assert!(with(&worse) >= before, "{:?}", epss);
        }
    }

    /// P4, P5, P6: what proves something, and what is invalid; scans that are old or missing.
    #[test]
    fn proofs_help_and_what_is_invalid_is_a_risk(e in evidence(), text in policy_text()) {
        let policy = policy(&text);
        let before = decide(&policy, &e);
        for fact in [Fact::Signature, Fact::Provenance, Fact::Checksum, Fact::Rebuilds, Fact::Coverage] {
            let after = decide(&policy, &repair_all(&e, &[fact]));
            prop_assert!(after.grade >= before.grade && after.verdict <= before.verdict, "{:?}", fact);
        }
        let mut bad = [e.clone(), e.clone(), e.clone()];
        bad[0].signature = Signature::Invalid;
        bad[1].checksum = Checksum::Mismatch;
        bad[2].provenance = Provenance::Invalid;
        for e in bad {
            let decision = decide(&policy, &e);
            prop_assert_eq!((decision.grade, decision.verdict), (Grade::Risk, Verdict::Reject));
            prop_assert!(decision.reasons().iter().any(|r| r.rule == "integrity"));
        }
        for coverage in [Coverage::NotScanned, Coverage::Stale] {
            let mut unscanned = repair_all(&e, &[Fact::Coverage]);
            let fresh = decide(&policy, &unscanned);
            unscanned.coverage = coverage;
            let after = decide(&policy, &unscanned);
            prop_assert!(after.grade <= fresh.grade && after.verdict >= fresh.verdict);
        }
    }

    /// P7, P8: layers only tighten, in any order, and twice is once.
    #[test]
    fn layers_meet(e in evidence(), a in policy_text(), b in policy_text(), c in policy_text()) {
        let [a, b, c] = [
            Policy::new([layer(LayerKind::Vendor, &a)]),
            Policy::new([layer(LayerKind::System, &b)]),
            Policy::new([layer(LayerKind::User, &c)]),
        ];
        let both = a.meet(&b);
        let (one, two, merged) = (decide(&a, &e), decide(&b, &e), decide(&both, &e));
        prop_assert!(merged.verdict >= one.verdict.max(two.verdict));
        prop_assert!(merged.grade <= one.grade.min(two.grade));
        prop_assert_eq!(&merged, &decide(&b.meet(&a), &e));
        prop_assert_eq!(decide(&a.meet(&a), &e), one);
        prop_assert_eq!(decide(&both.meet(&c), &e), decide(&a.meet(&b.meet(&c)), &e));
    }

    /// P9: time that passes turns nothing into allowed, where no rule asks for waiting. The
    /// exceptions of these policies end within it.
    #[test]
    fn the_end_of_an_exception_allows_nothing(
        mut e in evidence(), text in policy_text_without_waiting(), days in 0i64..400
    ) {
        if let Coverage::Fresh { as_of } = &mut e.coverage && *as_of > now() {
            *as_of = now();
        }
        let policy = policy(&text);
        let later = policy.decide(&Evidence::simulated(e.clone()), now() + Duration::days(days), &order);
        prop_assert!(later.verdict >= decide(&policy, &e).verdict);
    }

    /// P10: an exception takes away violations that it names, and no others.
    #[test]
    fn an_exception_touches_only_what_it_names(e in evidence(), text in policy_text()) {
        let mut without = policy(text.split("[[exception]]").next().unwrap());
        let with = policy(&text);
        let (before, after) = (decide(&without, &e), decide(&with, &e));
        let named = |r: &Reason| {
            text.contains("[[exception]]")
                && (r.rule.starts_with("vulnerabilities") && e.name.as_deref() == Some("linux")
                    && r.evidence.starts_with("CVE-2026-1,")
                    || r.rule.starts_with("signature"))
        };
        let kept: Vec<Reason> = before.reasons().iter().filter(|r| !named(r)).cloned().collect();
        let left: Vec<Reason> = after.reasons().iter().filter(|r| !named(r)).cloned().collect();
        // The grade's reason may go with a finding that is tolerated.
        let not_grade = |r: &(&str, Verdict, u32)| r.0 != "grade.minimum";
        let filtered = |list: &[Reason]| -> Vec<_> { names(list).into_iter().filter(not_grade).collect() };
        prop_assert_eq!(filtered(&kept), filtered(&left));
        without = without.meet(&without);
        prop_assert_eq!(decide(&without, &e), before);
    }

    /// P11: the order of findings and of rules makes no difference.
    #[test]
    fn order_makes_no_difference(e in evidence(), text in policy_text()) {
        let policy = policy(&text);
        let mut reversed = e.clone();
        reversed.findings.reverse();
        let (one, two) = (decide(&policy, &e), decide(&policy, &reversed));
        prop_assert_eq!((one.verdict, one.grade), (two.verdict, two.grade));
        prop_assert_eq!(one.reasons().len(), two.reasons().len());
    }

    /// P12: explanations are faithful. What is cited suffices for the verdict: putting right
    /// everything else leaves it. And it is decisive: putting it right removes the reason, and
    /// putting right what all reasons of the verdict cite changes the verdict.
    #[test]
    fn explanations_are_faithful(e in evidence(), text in policy_text()) {
        let policy = policy(&text);
        let decision = decide(&policy, &e);
        prop_assume!(decision.verdict > Verdict::Allow);
        for reason in &decision.reasons() {
            let others: Vec<Fact> =
                all_facts(&e).into_iter().filter(|fact| !reason.facts.contains(fact)).collect();
            let cited_only = decide(&policy, &repair_all(&e, &others));
            prop_assert!(
                cited_only.reasons().iter().any(|r| r.rule == reason.rule && r.verdict == reason.verdict),
                "{:#?} does not rest on what it cites: {:#?}", reason, cited_only
            );
            let without = decide(&policy, &repair_all(&e, &reason.facts));
            // Two findings can read the same.
            let alike = |d: &Decision| d.reasons().iter().filter(|r| r.evidence == reason.evidence
                && r.rule == reason.rule && r.origin == reason.origin).count();
            prop_assert!(alike(&without) < alike(&decision), "{:#?} stays", reason);
        }
        let decisive: Vec<Fact> = decision.reasons().iter()
            .filter(|r| r.verdict == decision.verdict).flat_map(|r| r.facts.clone()).collect();
        // Another name or version has other exceptions: what they cover is put right as well.
        let tolerated = decision.excepted().into_iter().flat_map(|x| x.reason.facts);
        let decisive: Vec<Fact> = decisive.into_iter().chain(tolerated).collect();
        let after = decide(&policy, &repair_all(&e, &decisive));
        prop_assert!(after.verdict < decision.verdict, "{:#?}\n{:#?}", decision, after);
    }

    /// P13: no name earns anything.
    #[test]
    fn a_name_that_no_rule_mentions_changes_nothing(mut e in evidence(), text in policy_text()) {
        let policy = policy(&text);
        let mut renamed = e.clone();
        e.name = Some("zlib".to_owned());
        e.pkgbase = Some("zlib".to_owned());
        e.provides = Some(Vec::new());
        for name in ["glibc", "pacman", "openssl"] {
            renamed.name = Some(name.to_owned());
            renamed.pkgbase = Some(name.to_owned());
            renamed.provides = Some(Vec::new());
            let (one, other) = (decide(&policy, &e), decide(&policy, &renamed));
            prop_assert_eq!(one.verdict, other.verdict);
            prop_assert_eq!(one.grade, other.grade);
            prop_assert_eq!(one.reasons(), other.reasons());
            prop_assert_eq!(one.excepted(), other.excepted());
            prop_assert_eq!(one.trace(), other.trace());
        }
    }

    /// Nothing unknown is safe: forgetting the origin, the licences or an age allows nothing.
    #[test]
    fn forgetting_allows_nothing(e in evidence(), text in policy_text()) {
        // `unknown = 'allow'` says otherwise.
        let text = text.replace("unknown = 'allow'", "").replace("unknown = 'warn'", "");
        let policy = policy(&text);
        let before = decide(&policy, &e).verdict;
        let forget: [fn(&mut Facts); 5] = [
            |e| e.origin = Origin::Unknown,
            |e| e.licences = Licences::Unknown,
            |e| e.released = None,
            |e| e.rebuilds = None,
            |e| e.security_fix = None,
        ];
        for f in forget {
            let mut less = e.clone();
            f(&mut less);
            prop_assert!(decide(&policy, &less).verdict >= before);
        }
        let mut aur = e.clone();
        if let Origin::Aur(known) = &mut aur.origin {
            *known = Aur::default();
            prop_assert_eq!(known.maintainer_changed, MaintainerChanged::Unknown);
            prop_assert!(decide(&policy, &aur).verdict >= before);
        }
    }

    /// What a comparison rules out is never seen, and its witnesses are ones.
    #[test]
    fn comparisons_hold(a in policy_text(), b in policy_text(), e in evidence()) {
        let (a, b) = (policy(&a), policy(&b));
        let verdict = |p: &Policy, e: &Facts, at| p.verdict(&Evidence::simulated(e.clone()), at, &order).verdict;
        let (one, two) = (verdict(&a, &e, now()), verdict(&b, &e, now()));
        match omg_policy::Comparison::of(&a, &b, now(), &order) {
            omg_policy::Comparison::Equal => prop_assert_eq!(one, two),
            omg_policy::Comparison::Stricter { tightened: w } => {
                prop_assert!(two >= one);
                prop_assert!(verdict(&b, &w.evidence, w.at) > verdict(&a, &w.evidence, w.at));
            }
            omg_policy::Comparison::Looser { loosened: w } => {
                prop_assert!(two <= one);
                prop_assert!(verdict(&b, &w.evidence, w.at) < verdict(&a, &w.evidence, w.at));
            }
            _ => {}
        }
    }

    /// Facts are the same after it was written as JSON, and unknown keys are refused.
    #[test]
    fn evidence_is_json(mut e in evidence()) {
        // JSON has no NaN.
        for finding in &mut e.findings {
            if matches!(finding.epss, Epss::Score(score) if score.is_nan()) {
                finding.epss = Epss::Unknown;
            }
        }
        let json = serde_json::to_string(&e).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Facts>(&json).unwrap(), &e);
        let odd = json.replacen('{', "{\"sigature\": \"trusted\",", 1);
        prop_assert!(serde_json::from_str::<Facts>(&odd).is_err());
    }

    /// Any text is a policy or an error with a place in it.
    #[test]
    fn any_text_is_read(text in "[ -~\n]{0,200}") {
        if let Err(error) = Layer::parse(LayerKind::User, "p.toml", text.as_bytes()) {
            prop_assert!(error.line >= 1 && error.column >= 1);
        }
    }

    #[test]
    fn a_damaged_policy_is_read(text in policy_text(), at in 0..400usize, with in "[ -~\n]{0,3}") {
        let at = at.min(text.len());
        let damaged = format!("{}{with}{}", &text[..at], text.get(at + 1..).unwrap_or_default());
        let _ = Layer::parse(LayerKind::User, "p.toml", damaged.as_bytes());
    }
}

#[test]
fn a_clock_that_was_set_back_makes_nothing_fresh_or_old() {
    let policy = policy("schema = 1\n[release]\nmin_age = '3d'\n[grade]\nstale = 'reject'");
    let mut evidence = Facts::new("app", "1");
    evidence.coverage = Coverage::Fresh { as_of: now() };
    evidence.released = Some(now() - Duration::days(10));
    let at = |time: chrono::DateTime<Utc>| {
        let decision = policy.decide(&Evidence::simulated(evidence.clone()), time, &order);
        let rules: Vec<&str> = decision.reasons().iter().map(|r| r.rule).collect();
        rules.join(" ")
    };
    assert_eq!(at(now()), "");
    assert_eq!(
        at(now() - Duration::days(20)),
        "grade.stale release.min_age"
    );
    assert_eq!(at(now() + Duration::days(20)), "grade.stale");
}
