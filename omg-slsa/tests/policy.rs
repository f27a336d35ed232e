//! The offline cases of slsa-verifier: signatures are good in nearly all, and what is expected
//! decides.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod common;

use std::path::Path;

use common::{at, cases, shared};
use omg_slsa::{
    Digest, Digests, Domain, Error, Expectations, NpmAttestations, Package, TrustRoot,
    UnreleasedBuilder, Verifier, parse_bundles,
};
use serde_json::Value;

fn text(case: &Value, key: &str) -> Option<String> {
    case.get(key).and_then(Value::as_str).map(str::to_owned)
}

fn expectations(case: &Value) -> Expectations {
    let mut expectations = Expectations::default();
    expectations.source_uri = text(case, "source_uri");
    expectations.source_branch = text(case, "source_branch");
    expectations.source_tag = text(case, "source_tag");
    expectations.source_versioned_tag = text(case, "source_versioned_tag");
    expectations.builder_id = text(case, "builder_id");
    for (name, value) in case["workflow_inputs"].as_object().into_iter().flatten() {
        let value = value.as_str().unwrap().to_owned();
        expectations.inputs.insert(name.clone(), value);
    }
    // The upstream test takes builders from a branch for this one repository.
    let name = text(case, "name").unwrap();
    if name.contains("GHAArtifactPath") && name.contains("gha_delegator") {
        expectations.unreleased_builder = UnreleasedBuilder::Allow;
    }
    expectations
}

/// What must hold for every artifact of a case; the first that does not is its result.
fn verify(verifier: &Verifier, dir: &Path, case: &Value, kind: &str) -> Result<(), String> {
    let bytes = std::fs::read(dir.join(text(case, "provenance").unwrap())).unwrap();
    let algorithm = if kind == "npm" { "sha512" } else { "sha256" };
    let digests = case[format!("artifact_{algorithm}")].as_array().unwrap();
    for digest in digests {
        let digest = digest.as_str().ok_or("no artifact")?;
        let digest: Digest = format!("{algorithm}:{digest}").parse().unwrap();
        let digests: Digests = digest.into();
        let expectations = expectations(case);
        let mut errors = Vec::new();
        let mut good = false;
        for bundle in parse_bundles(&bytes).map_err(|error| error.to_string())? {
            let result = bundle.and_then(|b| verifier.verify(&b, &digests, &expectations, at()));
            match result {
                Ok(found) => good |= found.findings().build().is_some(),
                Err(error @ Error::Unmet(_)) => errors.push(format!("unmet: {error}")),
                Err(error) => errors.push(error.to_string()),
            }
        }
        if !good {
            return Err(errors.join(" | "));
        }
    }
    Ok(())
}

#[test]
fn artifacts() {
    all(&["artifact", "github-attestation"], 350);
}

/// npm's attestations: the registry's and the build's.
#[test]
fn npm() {
    let Some(dir) = shared("slsa-verifier") else {
        return;
    };
    let root = TrustRoot::embedded(Domain::PublicGood).unwrap();
    let (mut seen, mut wrong) = (0, Vec::new());
    for case in cases(&dir) {
        if text(&case, "kind").unwrap() != "npm" {
            continue;
        }
        seen += 1;
        let bytes = std::fs::read(dir.join(text(&case, "provenance").unwrap())).unwrap();
        let digest = case["artifact_sha512"][0].as_str().unwrap();
        let digest: Digest = format!("sha512:{digest}").parse().unwrap();
        let package = Package {
            name: text(&case, "package_name"),
            version: text(&case, "package_version"),
        };
        let result = NpmAttestations::parse(&bytes).and_then(|attestations| {
            attestations.verify(&root, &digest.into(), &expectations(&case), &package, at())
        });
        let result = result
            .map(|found| found.findings().assessment().level)
            .map_err(|e| e.to_string());
        let line = format!(
            "{} {} {} {:?} {result:?}",
            case["name"], case["expected"], case["error"], case["builder_id"]
        );
        println!("{line}");
        if result.is_ok() != (case["expected"] == "accept") {
            wrong.push(line);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(seen >= 21, "{seen}");
}

fn all(kinds: &[&str], floor: usize) {
    let Some(dir) = shared("slsa-verifier") else {
        return;
    };
    let root = TrustRoot::embedded(Domain::PublicGood).unwrap();
    let verifier = Verifier::new(&root).unwrap();
    let (mut seen, mut wrong) = (0, Vec::new());
    for case in cases(&dir) {
        let kind = text(&case, "kind").unwrap();
        if case["offline"] != true || !kinds.contains(&kind.as_str()) {
            continue;
        }
        seen += 1;
        let result = verify(&verifier, &dir, &case, &kind);
        let expected = text(&case, "expected").unwrap();
        println!("{} {expected}: {result:?}", case["name"]);
        if result.is_ok() != (expected == "accept") {
            let line = format!("{} {expected} {} {result:?}", case["name"], case["error"]);
            wrong.push(line);
        }
    }
    let count = wrong.len();
    wrong.truncate(20);
    assert!(wrong.is_empty(), "{count}: {wrong:#?}");
    assert!(seen >= floor, "{seen}");
}
