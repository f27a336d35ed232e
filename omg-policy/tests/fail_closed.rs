//! Ways in which policy engines were made to say yes. Each has to end in an error or a rejection.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

use std::cmp::Ordering;

use chrono::{DateTime, Duration, Utc};
use omg_policy::{
    Bundle, BundleError, BundleSignature, Coverage, Epss, Evidence, Facts, Finding, Fix,
    LastBundle, Layer, LayerKind, MAX_POLICY_BYTES, Policy, Problem, Severity, TrustRoot, Verdict,
};

fn now() -> DateTime<Utc> {
    "2026-11-24T12:00:00Z".parse().unwrap()
}

fn order(a: &str, b: &str) -> Ordering {
    a.cmp(b)
}

fn parse(text: &str) -> Result<Layer, omg_policy::PolicyError> {
    Layer::parse(LayerKind::System, "policy.toml", text.as_bytes())
}

fn problem(text: &str) -> String {
    parse(text).unwrap_err().to_string()
}

const BUNDLE: &str =
    "schema = 1\nminimum_grade = 'verified'\n[bundle]\nrevision = 12\nexpires = 2027-01-01";
const ROOT: TrustRoot = TrustRoot::Configured { keys: 1 };

fn accept(
    signature: BundleSignature,
    last: Option<&LastBundle>,
) -> Result<Option<Bundle>, BundleError> {
    Bundle::accept(
        ROOT,
        "org.toml",
        Some(BUNDLE.as_bytes()),
        signature,
        last,
        now(),
    )
}

#[test]
fn a_good_bundle_is_accepted_and_can_be_seen_twice() {
    let bundle = accept(BundleSignature::Trusted, None).unwrap().unwrap();
    assert_eq!(bundle.revision(), 12);
    let last = LastBundle::new(12, bundle.canonical(), str::to_owned);
    let again = accept(BundleSignature::Trusted, Some(&last))
        .unwrap()
        .unwrap();
    assert_eq!(again.into_layer().kind(), LayerKind::Organisation);
}

/// GHSA-g2pf-6v5v-qcc8: OPA accepted a bundle whose signature file was removed.
#[test]
fn a_stripped_signature() {
    let error = |signature| accept(signature, None).unwrap_err();
    assert_eq!(error(BundleSignature::Missing), BundleError::Unsigned);
    assert_eq!(
        error(BundleSignature::Invalid),
        BundleError::InvalidSignature
    );
    assert_eq!(
        error(BundleSignature::Untrusted),
        BundleError::UntrustedSigner
    );
    // Nor is the file read as another kind of layer that needs none.
    let text = BUNDLE.as_bytes();
    assert!(Layer::parse(LayerKind::Organisation, "org.toml", text).is_err());
    assert!(Layer::parse(LayerKind::BuiltIn, "org.toml", text).is_err());
}

/// snyk/policy#203: an exception with an invalid date held for ever.
#[test]
fn an_invalid_date() {
    for until in [
        "'someday'",
        "'2026-13-01'",
        "7",
        "2026-12-31T00:00:00",
        "''",
    ] {
        let text = format!(
            "schema = 1\n[[exception]]\nrule = 'signature'\npackage = 'a'\nreason = 'r'\n\
             owner = 'o'\nuntil = {until}\n"
        );
        assert!(
            problem(&text).starts_with("policy.toml:7:9: exception.until"),
            "{until}"
        );
    }
    let text = BUNDLE.replace("2027-01-01", "'never'");
    let trusted = BundleSignature::Trusted;
    let bundle = Bundle::accept(
        ROOT,
        "org.toml",
        Some(text.as_bytes()),
        trusted,
        None,
        now(),
    );
    assert!(matches!(bundle.unwrap_err(), BundleError::Policy(_)));
}

#[test]
fn an_unknown_key() {
    let text = problem("schema = 1\n[grade]\nminimun = 'verified'\n");
    assert_eq!(
        text,
        "policy.toml:3:1: unknown field `minimun`, expected one of `minimum`, `unscanned`, \
         `stale`, `stale_after`; did you mean `minimum`?"
    );
    assert!(problem("require_pgP = true").contains("did you mean `require_pgp`?"));
    assert!(problem("minimum_grade = 'verifed'").contains("did you mean `verified`?"));
    for section in [
        "vulnerabilities",
        "signature",
        "provenance",
        "checksum",
        "origin",
        "origin.aur",
        "release",
        "licenses",
        "scripts",
        "bundle",
        "delegate",
    ] {
        let text = problem(&format!("schema = 1\n[{section}]\nsurprise = 1\n"));
        assert!(text.contains(":3:1: unknown field `surprise`"), "{text}");
    }
    for list in ["ban", "exception"] {
        let text = problem(&format!("schema = 1\n[[{list}]]\nsurprise = 1\n"));
        assert!(text.contains("unknown field `surprise`"), "{text}");
    }
    let text = problem("schema = 1\n[vulnerabilities]\nreject = { sevrity = 'high' }");
    assert!(text.contains("did you mean `severity`?"), "{text}");
}

/// cargo-deny 0.20.2 fell back to its defaults. Here there is no layer without bytes: what reads
/// files has to say that there are none. An empty file is none either.
#[test]
fn a_missing_or_empty_file() {
    assert_eq!(parse("").unwrap_err().problem, Problem::Empty);
    assert_eq!(
        parse("# minimum_grade = 'verified'\n").unwrap_err().problem,
        Problem::Empty
    );
    let missing = Bundle::accept(
        ROOT,
        "org.toml",
        None,
        BundleSignature::Missing,
        None,
        now(),
    );
    assert_eq!(missing.unwrap_err(), BundleError::Missing);
}

#[test]
fn an_undefined_rule() {
    let exception = |rule: &str| {
        format!(
            "schema = 1\n[[exception]]\nrule = '{rule}'\npackage = 'a'\nreason = 'r'\n\
             owner = 'o'\nuntil = 2027-01-01\n"
        )
    };
    assert!(parse(&exception("signature")).is_ok());
    let text = problem(&exception("signatures"));
    assert!(
        text.contains("no rule \"signatures\" that can have exceptions; did you mean signature?"),
        "{text}"
    );
    // What is tampered with has no exceptions, and neither has everything at once.
    for rule in ["integrity", "", "vulnerabilities.", "sig"] {
        assert!(parse(&exception(rule)).is_err(), "{rule}");
    }
    assert!(parse("schema = 1\n[delegate]\nuser_may_except = ['integrity']").is_err());
}

/// regorus#705: a limit that was hit made a negated rule true.
#[test]
fn a_limit_that_is_hit() {
    let large = format!(
        "minimum_grade = 'locked'\n#{}",
        "x".repeat(MAX_POLICY_BYTES)
    );
    let error = parse(&large).unwrap_err();
    assert_eq!(
        error.problem,
        Problem::TooLarge {
            limit: MAX_POLICY_BYTES
        }
    );
    let name = "x".repeat(256);
    assert!(problem(&format!("banned_packages = ['{name}']")).contains("over 255 bytes"));
    let many = "=1,".repeat(17);
    let text = format!(
        "schema = 1\n[[ban]]\npackage = 'a'\nversions = '{}'",
        many.trim_end_matches(',')
    );
    assert!(problem(&text).contains("over 16 conditions"));
    assert!(
        problem("schema = 1\n[release]\nmin_age = '9999999w'").contains("over a hundred years")
    );
}

#[test]
fn bytes_that_are_no_text() {
    let error = Layer::parse(LayerKind::System, "p", b"minimum_grade = '\xff'").unwrap_err();
    assert_eq!(error.problem, Problem::NotText);
}

#[test]
fn a_clock_that_was_set_back() {
    // The database of tomorrow is not fresh, an exception of tomorrow does not hold yet.
    let text = "schema = 1\n[grade]\nstale = 'reject'\nminimum = 'verified'\n[[exception]]\n\
        rule = 'grade.stale'\npackage = 'app'\nreason = 'r'\nowner = 'o'\n\
        granted = 2026-12-01\nuntil = 2026-12-31";
    let policy = Policy::new([parse(text).unwrap()]);
    let mut evidence = Facts::new("app", "1");
    evidence.signature = omg_policy::Signature::Trusted;
    evidence.origin = omg_policy::Origin::LocalFile;
    evidence.coverage = Coverage::Fresh { as_of: now() };
    let verdict = |at| {
        policy
            .verdict(&Evidence::simulated(evidence.clone()), at, &order)
            .verdict
    };
    assert_eq!(verdict(now()), Verdict::Allow);
    assert_eq!(verdict(now() - Duration::days(30)), Verdict::Reject);
    // A bundle that expired stays so unless the clock is set back, and then an accepted revision
    // is remembered.
    let expired = Bundle::accept(
        ROOT,
        "o",
        Some(BUNDLE.as_bytes()),
        BundleSignature::Trusted,
        None,
        now() + Duration::days(99),
    );
    assert!(matches!(expired.unwrap_err(), BundleError::Expired { .. }));
}

#[test]
fn a_bundle_that_was_rolled_back() {
    let last = LastBundle::new(13, "", str::to_owned);
    let error = accept(BundleSignature::Trusted, Some(&last)).unwrap_err();
    assert_eq!(
        error,
        BundleError::RolledBack {
            found: 12,
            last: 13
        }
    );
    // The same number for something else.
    let last = LastBundle::new(12, "something else", str::to_owned);
    let error = accept(BundleSignature::Trusted, Some(&last)).unwrap_err();
    assert_eq!(error, BundleError::SameRevision { revision: 12 });
    for text in [
        "minimum_grade = 'verified'",
        "schema = 1\n[bundle]\nrevision = 1\n",
    ] {
        let trusted = BundleSignature::Trusted;
        let bundle = Bundle::accept(ROOT, "o", Some(text.as_bytes()), trusted, None, now());
        assert!(
            matches!(bundle.unwrap_err(), BundleError::Policy(_)),
            "{text}"
        );
    }
}

#[test]
fn an_empty_trust_root() {
    let empty = TrustRoot::Configured { keys: 0 };
    let trusted = BundleSignature::Trusted;
    let error = Bundle::accept(empty, "o", Some(BUNDLE.as_bytes()), trusted, None, now());
    assert_eq!(error.unwrap_err(), BundleError::EmptyTrustRoot);
    let none = TrustRoot::NotConfigured;
    let error = Bundle::accept(none, "o", Some(BUNDLE.as_bytes()), trusted, None, now());
    assert_eq!(error.unwrap_err(), BundleError::NoTrustRoot);
    let nothing = Bundle::accept(none, "o", None, BundleSignature::Missing, None, now());
    assert!(nothing.unwrap().is_none());
}

#[test]
fn a_score_that_is_no_number() {
    for score in ["nan", "-nan", "inf", "1.1", "-0.1"] {
        let text = format!("schema = 1\n[vulnerabilities]\nepss_at_least = {score}");
        assert!(problem(&text).contains("not between 0 and 1"), "{score}");
        let text = format!("schema = 1\n[vulnerabilities]\nreject = {{ epss_at_least = {score} }}");
        assert!(problem(&text).contains("not between 0 and 1"), "{score}");
    }
    let text = "schema = 1\n[vulnerabilities]\nepss_at_least = 0.9\n[grade]\nunscanned = 'allow'";
    let policy = Policy::new([parse(text).unwrap()]);
    let verdict = |epss| {
        let mut evidence = Facts::new("app", "1");
        let mut finding = Finding::new("CVE-1");
        (finding.epss, finding.severity, finding.kev) = (epss, Severity::Low, Some(false));
        finding.fix = Fix::None;
        evidence.findings = vec![finding];
        policy
            .verdict(&Evidence::simulated(evidence.clone()), now(), &order)
            .verdict
    };
    assert_eq!(verdict(Epss::Score(0.1)), Verdict::Allow);
    for score in [f64::NAN, -1.0, 2.0, f64::INFINITY, f64::NEG_INFINITY, 0.9] {
        assert_eq!(verdict(Epss::Score(score)), Verdict::Reject, "{score}");
    }
}

#[test]
fn a_key_twice() {
    assert!(
        problem("allow_aur = false\nallow_aur = true")
            .starts_with("policy.toml:2:1: duplicate key")
    );
    // Neither in both forms.
    for text in [
        "schema = 1\nminimum_grade = 'risk'\n[grade]\nminimum = 'locked'",
        "schema = 1\nallow_aur = true\n[origin.aur]\nallow = false",
        "schema = 1\nrequire_pgp = false\n[signature]\nrequire = 'trusted'",
        "schema = 1\nallowed_licenses = []\n[licenses]\nallow = ['MIT']",
    ] {
        assert!(problem(text).contains("given twice"), "{text}");
    }
}

/// Values that would make a rule match nothing.
#[test]
fn rules_that_would_never_match() {
    for (text, why) in [
        (
            "schema = 2\n[grade]\nminimum = 'locked'",
            "unknown schema 2",
        ),
        ("[grade]\nminimum = 'locked'", "begins with schema = 1"),
        ("banned_packages = ['xz>=5.6']", "no package name"),
        ("banned_packages = ['']", "a name is empty"),
        ("allowed_licenses = ['MIT License']", "no licence"),
        ("allowed_licenses = ['BSD']", "no licence"),
        ("schema = 1\n[licenses]\nallow = []", "the list is empty"),
        ("schema = 1\n[licenses]\ndeny = []", "the list is empty"),
        ("schema = 1\n[origin]\nallow = []", "the list is empty"),
        (
            "schema = 1\n[delegate]\nuser_may_except = []",
            "the list is empty",
        ),
        ("schema = 1\n[vulnerabilities]\nreject = {}", "no condition"),
        (
            "schema = 1\n[vulnerabilities]\nreject = { kev = false }",
            "match nothing",
        ),
        (
            "schema = 1\n[vulnerabilities]\nreject = { severity = 'hihg' }",
            "did you mean `high`?",
        ),
        ("schema = 1\n[provenance]\nrequire = 'slsa4'", "not one of"),
        (
            "schema = 1\n[provenance]\nlocked_needs = 'rebuilds:0'",
            "not one of",
        ),
        (
            "schema = 1\n[provenance]\nlocked_needs = 'slsa0'",
            "not one of",
        ),
        ("schema = 1\n[release]\nmin_age = '3'", "no length of time"),
        (
            "schema = 1\n[release]\nmin_age = '-3d'",
            "no length of time",
        ),
        ("schema = 1\n[[ban]]\nreason = 'r'", "exactly one of"),
        (
            "schema = 1\n[[ban]]\nname = 'a'\npkgbase = 'a'",
            "exactly one of",
        ),
        (
            "schema = 1\n[[ban]]\nname = 'a'\naction = 'allow'",
            "a ban that allows",
        ),
        (
            "schema = 1\n[[ban]]\nname = 'a'\nversions = '5'",
            "no condition",
        ),
        (
            "schema = 1\n[[ban]]\nname = 'a'\nreason = ' '",
            "ban.reason: empty",
        ),
        (
            "schema = 1\n[bundle]\nrevision = -1\nexpires = 2027-01-01",
            "negative",
        ),
    ] {
        assert!(problem(text).contains(why), "{text}: {}", problem(text));
    }
}

#[test]
fn exceptions_say_why_who_and_until_when_and_name_one_finding() {
    let good = "rule = 'vulnerabilities'\npackage = 'linux'\nid = 'CVE-2026-1'\nreason = 'r'\n\
        owner = 'o'\nuntil = 2027-01-01\n";
    let with = |text: &str| format!("schema = 1\n[[exception]]\n{text}");
    assert!(parse(&with(good)).is_ok());
    for line in good.lines() {
        let text = with(&good.replace(line, ""));
        assert!(parse(&text).is_err(), "without {line}");
    }
    for (from, to) in [
        ("'r'", "''"),
        ("'o'", "' '"),
        ("'linux'", "''"),
        ("'CVE-2026-1'", "''"),
    ] {
        assert!(parse(&with(&good.replace(from, to))).is_err(), "{from}");
    }
    let signature = good.replace("vulnerabilities", "signature");
    assert!(problem(&with(&signature)).contains("only exceptions about findings have one"));
    let backwards = format!("{good}granted = 2027-01-01");
    assert!(problem(&with(&backwards)).contains("not after the time"));
}
