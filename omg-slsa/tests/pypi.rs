//! PEP 740: attestations that PyPI holds for a release of pypi-attestations.
#![allow(clippy::unwrap_used, clippy::panic)] // A test may fail anywhere.

use omg_slsa::{
    Digest, Digests, Domain, Error, Expectations, Pattern, Provenance, Rejection, TrustRoot,
    Verifier, parse_bundles,
};

const PROVENANCE: &str = include_str!("vectors/pypi/pypi_attestations-0.0.19.tar.gz.provenance");
const SLSA: &str = include_str!("vectors/pypi/pypi_attestations-0.0.19.tar.gz.slsa.attestation");
const PUBLISH: &str =
    include_str!("vectors/pypi/pypi_attestations-0.0.19.tar.gz.publish.attestation");
const DIGEST: &str = "sha256:9bb1add04b1b4e182be6b0b80931593f7a291eb49d69b4fd728a5d4cbcdc4bd3";

fn verify(text: &str, digest: &str) -> Result<Provenance, Error> {
    let root = TrustRoot::embedded(Domain::PublicGood)?;
    let digest: Digest = digest.parse().unwrap();
    let at = "2026-11-24T00:00:00Z".parse().unwrap();
    let bundle = parse_bundles(text.as_bytes())?.remove(0)?;
    let attestation = Verifier::new(&root)?.authenticate(&bundle, &Digests::from(digest), at)?;
    let mut expectations = Expectations::default();
    let workflow = "https://github.com/trailofbits/pypi-attestations/.github/workflows/\
        release.yml@refs/tags/v0.0.19";
    expectations.identity = Some(Pattern::exact(workflow));
    let issuer = "https://token.actions.githubusercontent.com";
    expectations.issuer = Some(Pattern::exact(issuer));
    expectations.check(attestation)
}

#[test]
fn real_attestations_verify() {
    for text in [PROVENANCE, PUBLISH, SLSA] {
        let level = verify(text, DIGEST).unwrap().findings().assessment().level;
        // Only the one about the build says anything of it.
        assert_eq!(
            level.map(omg_slsa::Level::number),
            (text == SLSA).then_some(2)
        );
    }
}

#[test]
fn what_is_refused() {
    let reason = |text: &str| verify(text, DIGEST).unwrap_err().rejection().unwrap();
    let version = SLSA.replacen("\"version\": 1", "\"version\": 2", 1);
    let version = version.replacen("\"version\":1", "\"version\":2", 1);
    assert_eq!(reason(&version), Rejection::Unsupported);
    let more = SLSA.replacen('{', "{\"more\":1,", 1);
    assert_eq!(reason(&more), Rejection::BundleStructure);
    let entries = SLSA.replacen("transparency_entries", "transparency_entry", 1);
    assert_eq!(reason(&entries), Rejection::BundleStructure);
    for missing in ["certificate", "statement", "signature", "envelope"] {
        let null = SLSA.replacen(&format!("\"{missing}\""), "\"x\"", 1);
        assert_ne!(null, SLSA);
        assert_eq!(reason(&null), Rejection::BundleStructure, "{missing}");
    }
    let mut null: serde_json::Value = serde_json::from_str(SLSA).unwrap();
    null["verification_material"]["transparency_entries"] = serde_json::Value::Null;
    assert_eq!(reason(&null.to_string()), Rejection::BundleStructure);
    assert_eq!(
        reason(r#"{"version":1,"attestation_bundles":[]}"#),
        Rejection::BundleStructure
    );
    assert_eq!(
        reason(r#"{"version":2,"attestation_bundles":[]}"#),
        Rejection::BundleStructure
    );
    let many = vec!["{}"; 65].join(",");
    let many = format!(r#"{{"version":1,"attestation_bundles":[{{"attestations":[{many}]}}]}}"#);
    assert_eq!(reason(&many), Rejection::Limit);
    let other = format!("sha256:{}", "0".repeat(64));
    let other = verify(SLSA, &other).unwrap_err();
    assert_eq!(other.rejection(), Some(Rejection::ArtifactDigest));
}

/// One bit of the signature or of what is signed, and nothing is left.
#[test]
fn signed_parts_are_signed() {
    for field in ["\"statement\"", "\"signature\"", "\"certificate\""] {
        let at = SLSA.find(field).unwrap() + field.len() + 60;
        let mut changed = SLSA.as_bytes().to_vec();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        assert!(verify(&changed, DIGEST).is_err(), "{field}");
    }
}
