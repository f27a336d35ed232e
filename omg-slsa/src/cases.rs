//! Cases of policy that need a signer of one's making: whatever a certificate can say, put
//! together by hand. Named as in the list that the crate was built from.

use chrono::{DateTime, Utc};

use crate::attestation::{Attestation, Signer};
use crate::build::Build;
use crate::builder::{GITHUB_ISSUER, RUNNER};
use crate::cross::differences;
use crate::digest::{Algorithm, Digests};
use crate::error::Rejection;
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
