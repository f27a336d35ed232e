//! Cases of policy by name: what a statement says, and what of that is believed.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod common;

use common::{at, shared};
use omg_slsa::{
    Algorithm, Bundle, Digest, Digests, Domain, Error, Expectations, Pattern, Provenance,
    Rejection, Statement, TrustRoot, Verifier, inspect, parse_bundles,
};

const GENERATOR: &str = "https://github.com/slsa-framework/slsa-github-generator/.github/workflows";

fn file(path: &str) -> Option<Vec<u8>> {
    Some(std::fs::read(shared("slsa-verifier")?.join(path)).unwrap())
}

fn verifier() -> Verifier {
    Verifier::new(&TrustRoot::embedded(Domain::PublicGood).unwrap()).unwrap()
}

/// A real bundle of slsa-github-generator, with its own subject's digest.
fn verify(path: &str, change: impl Fn(&mut Expectations)) -> Option<Result<Provenance, Error>> {
    let bundle = Bundle::parse(&file(path)?).unwrap();
    let digest = bundle.statement().unwrap().subjects()[0].digests[0].clone();
    let mut expectations = Expectations::default();
    expectations.source_uri = Some("github.com/slsa-framework/example-package".to_owned());
    change(&mut expectations);
    Some(verifier().verify(&bundle, &digest.into(), &expectations, at()))
}

const GO: &str = "gha_go/v2.1.0/binary-linux-amd64-workflow_dispatch.intoto.jsonl";
const TAGGED: &str = "gha_go/v2.1.0/binary-linux-amd64-push-v13.0.30.intoto.jsonl";

fn unmet(result: Option<Result<Provenance, Error>>) -> Vec<&'static str> {
    match result {
        None => Vec::new(),
        Some(Err(Error::Unmet(refusal))) => {
            let checks = refusal.findings().checks();
            let unmet = checks.iter().filter(|check| !check.met);
            unmet.map(|check| check.name).collect()
        }
        Some(Err(error)) => panic!("{error}"),
        Some(Ok(_)) => panic!("met"),
    }
}

fn met(result: Option<Result<Provenance, Error>>) {
    if let Some(result) = result {
        let found = result.unwrap();
        assert_eq!(found.findings().assessment().level.unwrap().number(), 3);
    }
}

macro_rules! skip_without_data {
    () => {
        if shared("slsa-verifier").is_none() {
            return;
        }
    };
}

#[test]
fn p02_a_builder_is_no_prefix_of_another() {
    skip_without_data!();
    let id = format!("{GENERATOR}/builder_go_slsa3.ym");
    assert_eq!(
        unmet(verify(GO, |e| e.builder_id = Some(id.clone()))),
        ["builder_id"]
    );
    let id = format!("{GENERATOR}/builder_go_slsa3.yml2");
    assert_eq!(
        unmet(verify(GO, |e| e.builder_id = Some(id.clone()))),
        ["builder_id"]
    );
}

#[test]
fn a_builder_by_name_or_by_name_and_version() {
    for version in ["", "@v2.1.0", "@refs/tags/v2.1.0"] {
        let id = format!("{GENERATOR}/builder_go_slsa3.yml{version}");
        met(verify(GO, |e| e.builder_id = Some(id.clone())));
    }
    skip_without_data!();
    for version in ["@v2.1", "@v2.1.1", "@", "@refs/heads/main"] {
        let id = format!("{GENERATOR}/builder_go_slsa3.yml{version}");
        assert_eq!(
            unmet(verify(GO, |e| e.builder_id = Some(id.clone()))),
            ["builder_id"]
        );
    }
}

#[test]
fn p05_a_source_is_itself() {
    met(verify(GO, |e| e.min_level = Some(3)));
    skip_without_data!();
    for source in [
        "slsa-framework/example-packagE",
        "slsa-framework/example-packageA",
        "Slsa-framework/example-package",
        "",
    ] {
        let source = format!("github.com/{source}");
        assert_eq!(
            unmet(verify(GO, |e| e.source_uri = Some(source.clone()))),
            ["source_uri"]
        );
    }
}

#[test]
fn p07_p08_p09_tags() {
    skip_without_data!();
    if file_exists(TAGGED) {
        for tag in ["v13", "v13.0", "v13.0.30"] {
            met(verify(TAGGED, |e| {
                e.source_versioned_tag = Some(tag.to_owned());
            }));
        }
        for tag in [
            "v13.0.3",
            "v13.1",
            "v1",
            "13",
            "v13.0.30-rc",
            "v013",
            "",
            "main",
        ] {
            let unmet = unmet(verify(TAGGED, |e| {
                e.source_versioned_tag = Some(tag.to_owned());
            }));
            assert_eq!(unmet, ["source_versioned_tag"], "{tag}");
        }
    }
    let tagged = verify(GO, |e| e.source_tag = Some("v1.2.3".to_owned()));
    assert_eq!(unmet(tagged), ["source_tag"]);
    let branch = verify(GO, |e| e.source_branch = Some("mai".to_owned()));
    assert_eq!(unmet(branch), ["source_branch"]);
    met(verify(GO, |e| e.source_branch = Some("main".to_owned())));
}

fn file_exists(path: &str) -> bool {
    shared("slsa-verifier").is_some_and(|dir| dir.join(path).exists())
}

#[test]
fn p10_inputs() {
    skip_without_data!();
    let missing = verify(GO, |e| {
        drop(e.inputs.insert("release".to_owned(), "x".to_owned()));
    });
    assert_eq!(unmet(missing), ["build_workflow_input"]);
    let path = "gha_delegator/v2.0.0/binary-linux-amd64-workflow_dispatch.build.slsa";
    let builder = "https://github.com/slsa-framework/example-trw/.github/workflows/builder_high-perms_slsa3.yml";
    let with = |value: &str| {
        verify(path, |e| {
            e.builder_id = Some(builder.to_owned());
            e.inputs.insert("content".to_owned(), value.to_owned());
        })
    };
    // A workflow of anybody's that the generator signs for: as expected, and of no known worth.
    let found = with("hello").unwrap().unwrap();
    assert_eq!(found.findings().assessment().level.unwrap().number(), 1);
    assert_eq!(unmet(with("Hello")), ["build_workflow_input"]);
}

#[test]
fn everything_unmet_is_listed() {
    skip_without_data!();
    let all = verify(GO, |e| {
        e.identity = Some(Pattern::exact("x"));
        e.issuer = Some(Pattern::exact("y"));
        e.builder_id = Some("z".to_owned());
        e.source_uri = Some("w".to_owned());
        e.source_branch = Some("v".to_owned());
        e.source_tag = Some("u".to_owned());
    });
    let expected = [
        "identity",
        "issuer",
        "builder_id",
        "source_uri",
        "source_branch",
        "source_tag",
    ];
    assert_eq!(unmet(all), expected);
}

#[test]
fn nothing_expected_is_never_met() {
    skip_without_data!();
    assert_eq!(unmet(verify(GO, |e| e.source_uri = None)), ["signer"]);
    let tag_only = verify(GO, |e| {
        e.source_uri = None;
        e.source_branch = Some("main".to_owned());
    });
    assert_eq!(unmet(tag_only), ["signer"]);
}

fn statement(json: &str) -> Result<Statement, Rejection> {
    Statement::parse(json.as_bytes()).map_err(|error| error.rejection().unwrap())
}

const HEAD: &str =
    r#""_type":"https://in-toto.io/Statement/v1","predicateType":"p","predicate":{}"#;
const HELLO: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

#[test]
fn p12_the_type_is_checked() {
    for kind in ["https://in-toto.io/Statement/v2", "", "Statement"] {
        let json = format!(
            r#"{{"_type":"{kind}","predicateType":"p","subject":[{{"digest":{{"sha256":"{HELLO}"}}}}]}}"#
        );
        assert_eq!(statement(&json).unwrap_err(), Rejection::Statement);
    }
}

#[test]
fn p16_something_must_be_the_subject() {
    for subject in [
        "",
        r#""subject":[],"#,
        r#""subject":[{"name":"x","digest":{}}],"#,
        r#""subject":[{"name":"x"}],"#,
        r#""subject":[{"digest":{"sha256":""}}],"#,
        r#""subject":[{"digest":{"sha256":1}}],"#,
    ] {
        let json = format!("{{{subject}{HEAD}}}");
        assert_eq!(
            statement(&json).unwrap_err(),
            Rejection::Statement,
            "{json}"
        );
    }
}

#[test]
fn p17_a_digest_that_is_not_relied_on_never_matches() {
    let json = format!(
        r#"{{"subject":[{{"name":"x","digest":{{"sha1":"aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d"}}}}],{HEAD}}}"#
    );
    let statement = statement(&json).unwrap();
    assert!(statement.subjects()[0].digests.is_empty());
    assert_eq!(statement.subjects()[0].unsupported, ["sha1"]);
}

#[test]
fn p18_digests_are_read_in_either_case() {
    let json = format!(
        r#"{{"subject":[{{"digest":{{"sha256":"{}"}}}}],{HEAD}}}"#,
        HELLO.to_uppercase()
    );
    let digests = Digests::of_reader(&b"hello"[..], &[Algorithm::Sha256]).unwrap();
    let statement = statement(&json).unwrap();
    assert_eq!(
        statement.subjects()[0].digests.first(),
        digests.get(Algorithm::Sha256)
    );
}

#[test]
fn p24_one_good_line_is_enough_and_bad_ones_are_told_of() {
    let Some(good) = file(GO) else { return };
    let good = String::from_utf8(good).unwrap();
    let value: serde_json::Value = serde_json::from_str(&good).unwrap();
    let line = value.to_string();
    let two = format!("{{\"mediaType\":\"x\"}}\n{line}\n");
    let bundles = parse_bundles(two.as_bytes()).unwrap();
    assert!(matches!(bundles[..], [Err(_), Ok(_)]));
    let bad = parse_bundles(b"{\"a\":1}\n{\"b\":2}\n").unwrap();
    assert!(bad.iter().all(Result::is_err));
}

#[test]
fn p25_github_bundles_pass_only_where_github_is_named() {
    let Some(dir) = shared("real") else { return };
    let bytes =
        std::fs::read(dir.join("bundles/github-private-attestation.sigstore.json")).unwrap();
    let bundle = Bundle::parse(&bytes).unwrap();
    let digest = bundle
        .statement()
        .unwrap()
        .subjects()
        .iter()
        .find_map(|s| s.digests.first())
        .unwrap();
    let digests: Digests = digest.clone().into();
    let github = Verifier::new(&TrustRoot::embedded(Domain::Github).unwrap()).unwrap();
    assert!(github.authenticate(&bundle, &digests, at()).is_ok());
    let reason = verifier()
        .authenticate(&bundle, &digests, at())
        .unwrap_err()
        .rejection();
    assert_eq!(reason, Some(Rejection::InclusionProof));
}

#[test]
fn p26_expressions_fit_from_end_to_end() {
    let pattern = Pattern::regex("https://github.com/org/|x").unwrap();
    for name in [
        "https://evil/?https://github.com/org/",
        "https://github.com/org/y",
        "yx",
        "x\n",
    ] {
        assert!(!pattern.fits(name), "{name}");
    }
    assert!(pattern.fits("x") && pattern.fits("https://github.com/org/"));
    for trick in ["a)|(?:b", "(?x)a #", "", "(", "a)|.*|(b"] {
        assert!(Pattern::regex(trick).is_err(), "{trick}");
    }
}

#[test]
fn p27_expressions_are_bounded() {
    assert!(Pattern::regex(&"a".repeat(1 << 20)).is_err());
    assert!(Pattern::regex("(((a{100}){100}){100}){100}").is_err());
    let slow = Pattern::regex("(a+)+b").unwrap();
    assert!(!slow.fits(&"a".repeat(1 << 16)));
}

#[test]
fn p28_p29_bundles_are_bounded() {
    let reason = |bytes: &[u8]| Bundle::parse(bytes).unwrap_err().rejection();
    assert_eq!(reason(&vec![b' '; (16 << 20) + 1]), Some(Rejection::Limit));
    let Some(dir) = shared("conformance") else {
        return;
    };
    let bytes = std::fs::read(dir.join("happy-path-v0.3/bundle.sigstore.json")).unwrap();
    let mut value: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    let entries = &mut value["verificationMaterial"]["tlogEntries"];
    let entry = entries[0].clone();
    *entries = serde_json::Value::Array(vec![entry.clone(); 2]);
    assert_eq!(
        reason(value.to_string().as_bytes()),
        Some(Rejection::DuplicateEntry)
    );
    value["verificationMaterial"]["tlogEntries"] = serde_json::Value::Array(vec![entry; 33]);
    assert_eq!(reason(value.to_string().as_bytes()), Some(Rejection::Limit));
}

#[test]
fn signed_in_the_future_is_refused() {
    let Some(bytes) = file(GO) else { return };
    let bundle = Bundle::parse(&bytes).unwrap();
    let digest = bundle.statement().unwrap().subjects()[0].digests[0].clone();
    let early = "2020-01-01T00:00:00Z".parse().unwrap();
    let result = verifier().authenticate(&bundle, &digest.into(), early);
    assert_eq!(result.unwrap_err().rejection(), Some(Rejection::FutureTime));
}

#[test]
fn p13_another_artifact_is_refused_whatever_its_name() {
    let Some(bytes) = file(GO) else { return };
    let bundle = Bundle::parse(&bytes).unwrap();
    let digest: Digest = format!("sha256:{HELLO}").parse().unwrap();
    let result = verifier()
        .authenticate(&bundle, &digest.into(), at())
        .and_then(inspect);
    assert_eq!(
        result.unwrap_err().rejection(),
        Some(Rejection::ArtifactDigest)
    );
}

/// No public way leads to a level but a verified statement: names and texts give none.
#[test]
fn statements_alone_have_no_level() {
    let json = format!(
        r#"{{"_type":"https://in-toto.io/Statement/v1","predicateType":"https://slsa.dev/provenance/v1","subject":[{{"digest":{{"sha256":"{HELLO}"}}}}],"predicate":{{"runDetails":{{"builder":{{"id":"{GENERATOR}/builder_go_slsa3.yml@refs/tags/v1.0.0"}}}}}}}}"#
    );
    // It can be read; there is nothing else that could be asked of it.
    assert_eq!(
        statement(&json).unwrap().predicate_type(),
        "https://slsa.dev/provenance/v1"
    );
}

/// Names of algorithms have one spelling.
#[test]
fn an_algorithm_of_another_spelling_is_refused() {
    let Some(folder) = shared("conformance") else {
        return;
    };
    let path = folder.join("happy-path-v0.3/bundle.sigstore.json");
    let text = std::fs::read_to_string(path).unwrap();
    assert!(Bundle::parse(text.as_bytes()).is_ok());
    let text = text.replace("SHA2_256", "SHa2_256");
    let error = Bundle::parse(text.as_bytes()).unwrap_err();
    assert_eq!(error.rejection(), Some(Rejection::Unsupported));
}
