//! Cases of policy that need a signer of one's making: whatever a certificate can say, put
//! together by hand. Named as in the list that the crate was built from.

use chrono::{DateTime, Utc};

use crate::attestation::{Attestation, Signer};
use crate::build::Build;
use crate::builder::{GITHUB_ISSUER, RUNNER};
use crate::cross::differences;
use crate::digest::{Algorithm, Digests};
use crate::error::{Error, Rejection};
use crate::expectations::{Expectations, UnreleasedBuilder};
use crate::level::assess;
use crate::statement::Statement;
use crate::trust_root::Domain;

const GENERATOR: &str = "https://github.com/slsa-framework/slsa-github-generator/\
    .github/workflows/generator_generic_slsa3.yml";
const REPOSITORY: &str = "https://github.com/owner/tool";

fn signer(identity: &str) -> Signer {
    let mut signer = Signer {
        identity: Some(identity.to_owned()),
        identity_is_uri: true,
        issuer: Some(GITHUB_ISSUER.to_owned()),
        ..Signer::default()
    };
    signer.claims.source_repository = Some(REPOSITORY.to_owned());
    signer.claims.source_repository_id = Some("17".to_owned());
    signer.claims.runner_environment = Some("github-hosted".to_owned());
    signer
}

fn build(builder_id: &str) -> Build {
    Build {
        builder_id: builder_id.to_owned(),
        source: Some(REPOSITORY.to_owned()),
        ..Build::default()
    }
}

fn attestation(signer: Signer, statement: Option<Statement>) -> Attestation {
    Attestation {
        signer,
        times: vec![DateTime::<Utc>::UNIX_EPOCH],
        log_entries: Vec::new(),
        domain: Domain::PublicGood,
        digests: digests(),
        subjects: Vec::new(),
        statement,
    }
}

fn digests() -> Digests {
    Digests::of_reader(&b"it"[..], &[Algorithm::Sha256, Algorithm::Sha512]).unwrap()
}

fn level(signer: Signer, build: &Build) -> Option<u8> {
    let differences = differences(&signer, build);
    let assessment = assess(&attestation(signer, None), Some(build), &differences, None);
    assessment.level.map(super::Level::number)
}

fn statement(json: &serde_json::Value) -> Statement {
    Statement::parse(json.to_string().as_bytes()).unwrap()
}

fn hex(algorithm: Algorithm) -> String {
    digests().get(algorithm).unwrap().to_hex()
}

#[test]
fn p01_a_signer_who_is_not_the_builder() {
    let released = format!("{GENERATOR}@refs/tags/v2.0.0");
    assert_eq!(level(signer(&released), &build(&released)), Some(3));
    let other = "https://github.com/somebody/else/.github/workflows/a.yml@refs/heads/main";
    assert_eq!(level(signer(other), &build(&released)), None);
    let mut mail = signer("somebody@example.org");
    mail.identity_is_uri = false;
    assert_eq!(level(mail, &build(&released)), None);
}

#[test]
fn p03_a_builder_at_a_branch_is_no_release() {
    for version in [
        "@refs/heads/main",
        "@refs/tags/v2",
        "@refs/tags/v2.0.0-rc.1",
        "",
    ] {
        let builder = format!("{GENERATOR}{version}");
        assert_eq!(
            level(signer(&builder), &build(&builder)),
            Some(1),
            "{version}"
        );
    }
    assert_eq!(UnreleasedBuilder::default(), UnreleasedBuilder::Refuse);
}

#[test]
fn p04_a_runner_of_ones_own_is_level_1() {
    let released = format!("{GENERATOR}@refs/tags/v2.0.0");
    let workflow = "https://github.com/owner/tool/.github/workflows/a.yml@refs/heads/main";
    for builder in [released.as_str(), workflow] {
        let mut own = signer(builder);
        own.claims.runner_environment = Some("self-hosted".to_owned());
        assert_eq!(level(own, &build(builder)), Some(1), "{builder}");
    }
    let hosted = format!("{RUNNER}/github-hosted");
    assert_eq!(level(signer(workflow), &build(&hosted)), Some(2));
    // The statement cannot claim what the certificate does not.
    let mut own = signer(workflow);
    own.claims.runner_environment = Some("self-hosted".to_owned());
    assert_eq!(level(own, &build(&hosted)), None);
}

#[test]
fn p06_a_repository_of_the_same_name_and_another_number() {
    let released = format!("{GENERATOR}@refs/tags/v2.0.0");
    let mut same = build(&released);
    same.repository_id = Some("17".to_owned());
    assert_eq!(level(signer(&released), &same), Some(3));
    same.repository_id = Some("18".to_owned());
    assert_eq!(level(signer(&released), &same), None);
}

#[test]
fn p11_another_kind_of_statement_is_no_provenance() {
    let json = serde_json::json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "it", "digest": {"sha256": hex(Algorithm::Sha256)}}],
        "predicateType": "https://example.org/provenance/v1",
        "predicate": {"runDetails": {"builder": {"id": GENERATOR}}},
    });
    let statement = statement(&json);
    assert_eq!(Build::of(&statement).unwrap(), None);
    let released = format!("{GENERATOR}@refs/tags/v2.0.0");
    let found = attestation(signer(&released), Some(statement));
    assert_eq!(assess(&found, None, &[], None).level, None);
    let expectations = Expectations {
        min_level: Some(1),
        source_uri: Some(REPOSITORY.to_owned()),
        ..Expectations::default()
    };
    assert!(expectations.check(found).is_err());
}

#[test]
fn p14_two_subjects_of_one_name() {
    let json = serde_json::json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [
            {"name": "it", "digest": {"sha256": "0".repeat(64)}},
            {"name": "it", "digest": {"sha256": hex(Algorithm::Sha256)}},
            {"name": "other", "digest": {"sha512": hex(Algorithm::Sha512)}},
        ],
        "predicateType": "https://slsa.dev/provenance/v1",
    });
    let (subjects, _) = statement(&json).matching(&digests()).unwrap();
    let names: Vec<_> = subjects.iter().map(|subject| &*subject.name).collect();
    assert_eq!(names, ["it", "other"]);
    assert_eq!(subjects[0].digests[0].to_hex(), hex(Algorithm::Sha256));
}

#[test]
fn p15_digests_of_one_subject_must_agree() {
    let json = serde_json::json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "it", "digest": {
            "sha256": hex(Algorithm::Sha256),
            "sha512": "0".repeat(128),
        }}],
        "predicateType": "https://slsa.dev/provenance/v1",
    });
    let error = statement(&json).matching(&digests()).unwrap_err();
    assert_eq!(error.rejection(), Some(Rejection::Contradiction));
}

#[test]
fn nobody_is_an_unknown_builder() {
    let released = format!("{GENERATOR}@refs/tags/v2.0.0");
    let mut nobody = signer(&released);
    nobody.identity = None;
    // An empty name and the word "none", which reports print for a missing one, match no signer.
    for builder in [released.as_str(), "", "none"] {
        assert_eq!(level(nobody.clone(), &build(builder)), None, "{builder:?}");
        let found = attestation(nobody.clone(), None);
        let alone = assess(&found, Some(&build(builder)), &[], None);
        assert_eq!(alone.level.map(super::Level::number), Some(1));
    }
}

#[test]
fn a_runner_of_which_the_certificate_says_nothing_is_not_the_claimed_one() {
    let workflow = "https://github.com/owner/tool/.github/workflows/a.yml@refs/heads/main";
    let mut silent = signer(workflow);
    silent.claims.runner_environment = None;
    let hosted = build(&format!("{RUNNER}/github-hosted"));
    assert_eq!(level(silent.clone(), &hosted), None);
    assert_eq!(level(silent.clone(), &build(&format!("{RUNNER}/"))), None);
    assert_eq!(level(silent, &build(RUNNER)), Some(2));
}

#[test]
fn what_is_missing_is_no_value_that_can_be_expected() {
    let json = serde_json::json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"digest": {"sha256": hex(Algorithm::Sha256)}}],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {"buildType": "https://example.org/build"},
            "runDetails": {"builder": {"id": RUNNER}},
        },
    });
    let workflow = "https://github.com/owner/tool/.github/workflows/a.yml@refs/heads/main";
    let unmet = |expectations: Expectations| {
        let mut silent = signer(workflow);
        silent.claims.runner_environment = None;
        let found = attestation(silent, Some(statement(&json)));
        let Err(Error::Unmet(refusal)) = expectations.check(found) else {
            panic!("met");
        };
        let checks = refusal.findings().checks().iter();
        let unmet = checks.filter(|check| !check.met).map(|check| check.name);
        unmet.collect::<Vec<_>>()
    };
    let base = || Expectations {
        builder_id: Some(RUNNER.to_owned()),
        ..Expectations::default()
    };
    let text = || Some("none".to_owned());
    let source_uri = text();
    let found = unmet(Expectations {
        source_uri,
        ..base()
    });
    assert_eq!(found, ["source_uri"]);
    let source_branch = text();
    let found = unmet(Expectations {
        source_branch,
        ..base()
    });
    assert_eq!(found, ["source_branch"]);
    // Without a runner in the certificate there is no name of a runner to compare with.
    let builder_id = Some(format!("{RUNNER}/"));
    let found = unmet(Expectations {
        builder_id,
        ..base()
    });
    assert_eq!(found, ["builder_id"]);
    let mut inputs = base();
    inputs.inputs.insert("tag".to_owned(), "none".to_owned());
    assert_eq!(unmet(inputs), ["build_workflow_input"]);
}

#[test]
fn a_subject_without_a_name_counts_by_its_digest() {
    let json = |name: &str| {
        let digest = hex(Algorithm::Sha256);
        format!(
            r#"{{"_type":"https://in-toto.io/Statement/v1","predicateType":"https://example.org/a",
            "subject":[{{{name}"digest":{{"sha256":"{digest}"}}}}]}}"#
        )
    };
    for name in ["", r#""name":null,"#] {
        let statement = Statement::parse(json(name).as_bytes()).unwrap();
        let (subjects, _) = statement.matching(&digests()).unwrap();
        assert_eq!(subjects[0].name, "");
    }
    let error = Statement::parse(json(r#""name":7,"#).as_bytes()).unwrap_err();
    assert_eq!(error.rejection(), Some(Rejection::Statement));
}
