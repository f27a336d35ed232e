//! `omg audit sbom --sign` and `verify` as a whole.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod support;

use serde_json::Value;
use support::Sandbox;

/// Scalars that everybody can guess, as SEC 1 (RFC 5915): 7 and 8.
fn key(scalar: char) -> String {
    let zeros = "A".repeat(42);
    format!(
        "-----BEGIN EC PRIVATE KEY-----\nMDECAQEEI{zeros}{scalar}oAoGCCqGSM49\nAwEH\n\
         -----END EC PRIVATE KEY-----\n"
    )
}

fn sign(sandbox: &Sandbox, more: &[&str]) -> support::Run {
    let key = sandbox.write("key.pem", key('H'));
    let start = ["audit", "sbom", "--root", "examples/demo-root", "--at"];
    let sign = [
        "2026-11-24T12:00:00Z",
        "--vulns=false",
        "--sign",
        key.to_str().unwrap(),
    ];
    sandbox.run(&[&start[..], &sign, more].concat())
}

fn public(sandbox: &Sandbox, name: &str, scalar: char) -> String {
    let key = omg_sbom::signature::SigningKey::from_pem(&key(scalar)).unwrap();
    let path = sandbox.write(name, key.public_key().to_pem().unwrap());
    path.to_str().unwrap().to_owned()
}

#[test]
fn what_is_signed_is_verified_and_what_is_not_is_told_apart() {
    let sandbox = Sandbox::new();
    let signed = sign(&sandbox, &[]);
    assert_eq!(signed.code, 0, "{}", signed.stderr);
    assert_eq!(sign(&sandbox, &[]).stdout, signed.stdout, "the same bytes");
    let (own, other) = (
        public(&sandbox, "own.pem", 'H'),
        public(&sandbox, "other.pem", 'I'),
    );
    let document: Value = serde_json::from_str(&signed.stdout).unwrap();
    let mut unsigned = document.clone();
    unsigned.as_object_mut().unwrap().remove("signature");
    let mut foreign = document.clone();
    foreign["signature"]["algorithm"] = "RS256".into();
    let altered = signed.stdout.replace("xz", "xy");
    assert_ne!(altered, signed.stdout);
    let schema = support::workspace().join("omg-cli/schemas/omg.sbom-verify.1.json");
    let schema: Value = serde_json::from_slice(&std::fs::read(schema).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for (text, keys, status, code) in [
        (signed.stdout.clone(), vec![&own], "valid", 0),
        (signed.stdout.clone(), vec![&other, &own], "valid", 0),
        (document.to_string(), vec![&own], "valid", 0),
        (signed.stdout.clone(), vec![&other], "untrusted", 1),
        (unsigned.to_string(), vec![&own], "missing", 3),
        (foreign.to_string(), vec![&own], "unsupported", 3),
        (altered, vec![&own], "invalid", 5),
        (altered_key(&document), vec![&own], "invalid", 5),
        ("{".to_owned(), vec![&own], "invalid", 5),
    ] {
        let file = sandbox.write("signed.json", &text);
        let mut args = vec!["audit", "sbom", "verify", file.to_str().unwrap()];
        args.extend(keys.iter().flat_map(|key| ["--key", key]));
        let (seen, verdict) = sandbox.json(&args);
        assert_eq!((verdict["status"].as_str(), seen), (Some(status), code));
        assert!(validator.is_valid(&verdict), "{verdict}");
        assert_eq!(sandbox.run(&args).code, code);
    }
    let file = sandbox.path("signed.json");
    let args = ["audit", "sbom", "verify", file.to_str().unwrap(), "--key"];
    assert_eq!(sandbox.run(&[&args[..], &["missing.pem"]].concat()).code, 4);
    let private = sandbox.path("key.pem");
    assert_eq!(
        sandbox
            .run(&[&args[..], &[private.to_str().unwrap()]].concat())
            .code,
        4
    );
}

fn altered_key(document: &Value) -> String {
    let mut document = document.clone();
    document["signature"]["publicKey"]["x"] = "AA".into();
    document.to_string()
}

#[test]
fn the_document_of_vulnerabilities_is_signed_too() {
    let sandbox = Sandbox::new();
    let (out, vex) = (sandbox.path("sbom.json"), sandbox.path("vex.json"));
    let more = [
        "-o",
        out.to_str().unwrap(),
        "--vex-output",
        vex.to_str().unwrap(),
    ];
    let signed = sign(
        &sandbox,
        &[
            &more[..],
            &["--advisories", "examples/demo-root/advisories"],
        ]
        .concat(),
    );
    assert_eq!(signed.code, 0, "{}", signed.stderr);
    let own = public(&sandbox, "own.pem", 'H');
    for path in [out, vex] {
        let args = [
            "audit",
            "sbom",
            "verify",
            path.to_str().unwrap(),
            "--key",
            &own,
        ];
        let verified = sandbox.run(&args);
        assert_eq!((verified.code, &verified.stdout[..6]), (0, "valid\n"));
    }
}

#[test]
fn what_cannot_be_signed_is_refused_first() {
    let sandbox = Sandbox::new();
    for format in ["cyclonedx-xml", "spdx-json"] {
        let refused = sign(&sandbox, &["-f", format]);
        assert_eq!((refused.code, refused.stdout.as_str()), (2, ""));
    }
    let junk = sandbox.write("junk.pem", "junk");
    let start = [
        "audit",
        "sbom",
        "--root",
        "examples/demo-root",
        "--vulns=false",
        "--sign",
    ];
    for path in [junk.to_str().unwrap(), "missing.pem"] {
        let refused = sandbox.run(&[&start[..], &[path]].concat());
        assert_eq!((refused.code, refused.stdout.as_str()), (4, ""), "{path}");
    }
}
