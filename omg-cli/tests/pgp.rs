//! `omg audit pgp` over the vectors of shared data, through the program.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod support;

use std::path::Path;

use serde_json::Value;
use support::{Sandbox, shared_data, workspace};

/// The time at which the vectors are looked at, unless they say another.
const AT: &str = "2026-11-24T00:00:00Z";

struct Audit<'a> {
    sandbox: &'a Sandbox,
    schema: jsonschema::Validator,
}

impl<'a> Audit<'a> {
    fn new(sandbox: &'a Sandbox) -> Self {
        let path = workspace().join("omg-cli/schemas/omg.pgp.1.json");
        let schema: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let schema = jsonschema::options()
            .should_validate_formats(true)
            .build(&schema)
            .unwrap();
        Self { sandbox, schema }
    }

    /// The exit code and, unless it is 4, the document, which must be what its schema says.
    fn run(&self, data: &Path, sig: &Path, keyring: &Path, more: &[&str]) -> (i32, Value) {
        let text = |path: &Path| path.to_str().unwrap().to_owned();
        let (data, sig, keyring) = (text(data), text(sig), text(keyring));
        let mut args = vec!["audit", "pgp", &data, "--signature", &sig];
        args.extend(["--keyring", &keyring, "--at", AT, "-f", "json"]);
        args.extend(more);
        let run = self.sandbox.run(&args);
        if run.code == 4 {
            assert!(run.stdout.is_empty() && !run.stderr.is_empty());
            return (4, Value::Null);
        }
        let document = serde_json::from_str(&run.stdout)
            .unwrap_or_else(|e| panic!("{e}: {run:?}", run = run.stderr));
        let errors: Vec<String> = self
            .schema
            .iter_errors(&document)
            .map(|e| e.to_string())
            .collect();
        assert!(errors.is_empty(), "{data} {sig}: {errors:?}");
        (run.code, document)
    }
}

/// Both answers of a case that a named option decides.
fn by_option(case: &str) -> Option<(&'static [&'static str], &'static [i32])> {
    Some(match case {
        "keyexp-in-life" | "revoked-soft" => (&["--keys-as-of", "now"], &[5]),
        "good+stranger" => (&["--all-signatures"], &[3]),
        "kr-good-garbage" | "kr-garbage-good" => (&["--strict-keyring"], &[4]),
        _ => return None,
    })
}

#[test]
fn every_generated_case() {
    let Some(dir) = shared_data("pgp/generated") else {
        return;
    };
    let sandbox = Sandbox::new();
    let audit = Audit::new(&sandbox);
    let table = std::fs::read_to_string(dir.join("expected.tsv")).unwrap();
    let mut seen = 0;
    for line in table.lines().skip(1) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [case, keyring, sig, data, expected, ..] = fields[..] else {
            panic!("{line}")
        };
        let (keyring, sig, data) = (dir.join(keyring), dir.join(sig), dir.join(data));
        let (code, document) = audit.run(&data, &sig, &keyring, &[]);
        match expected {
            "ACCEPT" => assert_eq!(code, 0, "{case}: {document}"),
            "REJECT" | "REJECT(strict)" => assert!(matches!(code, 3 | 5), "{case}: {code}"),
            "BOUNDED" => assert!(matches!(code, 0 | 3 | 5), "{case}: {code}"),
            "ERROR" => assert_eq!(code, 4, "{case}"),
            "POLICY" => {
                // Those that nobody knows yet are only run.
                if let Some((option, codes)) = by_option(case) {
                    assert_eq!(code, 0, "{case}: {document}");
                    let (strict, document) = audit.run(&data, &sig, &keyring, option);
                    assert!(codes.contains(&strict), "{case}: {strict} {document}");
                }
            }
            other => panic!("{case}: {other}"),
        }
        seen += 1;
    }
    assert!(seen >= 44, "{seen}");
}

/// Every rejection has the reason that fits its note.
#[test]
fn reasons_fit() {
    let Some(dir) = shared_data("pgp/generated") else {
        return;
    };
    let sandbox = Sandbox::new();
    let audit = Audit::new(&sandbox);
    let at = |name: &str| dir.join(name);
    for (data, sig, keyring, reason) in [
        ("data-flipped.bin", "good.sig", "good.cert", "bad_signature"),
        ("data-crlf.bin", "good.sig", "good.cert", "bad_signature"),
        ("data-empty.bin", "good.sig", "good.cert", "bad_signature"),
        ("data-crlf.bin", "text-mode.sig", "good.cert", "wrong_type"),
        ("data.bin", "rsa-sha1.sig", "rsa.cert", "weak_algorithm"),
        ("data.bin", "rsa-ripemd.sig", "rsa.cert", "weak_algorithm"),
        ("data.bin", "before-key.sig", "good.cert", "key_expired"),
        ("data.bin", "sig-expired.sig", "good.cert", "expired"),
        ("data.bin", "stranger.sig", "good.cert", "missing_key"),
        (
            "data.bin",
            "type-changed-to-text.sig",
            "good.cert",
            "wrong_type",
        ),
        (
            "data.bin",
            "hash-algo-changed.sig",
            "good.cert",
            "bad_signature",
        ),
        ("data.bin", "pk-algo-changed.sig", "good.cert", "malformed"),
        (
            "data.bin",
            "version-3.sig",
            "good.cert",
            "unsupported_version",
        ),
        (
            "data.bin",
            "literal-then-good.sig",
            "good.cert",
            "not_detached",
        ),
        (
            "data.bin",
            "good-then-literal.sig",
            "good.cert",
            "not_detached",
        ),
        (
            "data.bin",
            "pubkey-then-good.sig",
            "good.cert",
            "not_detached",
        ),
        (
            "data-flipped.bin",
            "inline.pgp",
            "good.cert",
            "not_detached",
        ),
        (
            "data-flipped.bin",
            "cleartext-as-sig.sig",
            "good.cert",
            "malformed",
        ),
        (
            "forged-from-selfcert.bin",
            "forged-from-selfcert.sig",
            "good.cert",
            "wrong_type",
        ),
        ("data.bin", "many-unknown-10000.sig", "good.cert", "limit"),
        ("data.bin", "partial-body.sig", "good.cert", "malformed"),
        ("data.bin", "hashed-overrun.sig", "good.cert", "malformed"),
        ("data.bin", "mpi-zero.sig", "good.cert", "bad_signature"),
        ("data.bin", "one-byte.sig", "good.cert", "malformed"),
        (
            "data.bin",
            "trailing-zero.sig",
            "good.cert",
            "trailing_data",
        ),
        (
            "data.bin",
            "trailing-text.sig",
            "good.cert",
            "trailing_data",
        ),
    ] {
        let (_, document) = audit.run(&at(data), &at(sig), &at(keyring), &[]);
        assert_eq!(
            document["rejected"][0]["reason"], reason,
            "{sig}: {document}"
        );
    }
}

/// The vectors of RFC 9980's authors sign text; without the option for that they are refused.
#[test]
fn post_quantum_signatures() {
    let Some(dir) = shared_data("pgp/pqc-ietf") else {
        return;
    };
    let sandbox = Sandbox::new();
    let audit = Audit::new(&sandbox);
    let mut seen = 0;
    for entry in std::fs::read_dir(&dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let Some(stem) = name.strip_suffix("-sample-signature.pgp") else {
            continue;
        };
        let keyring = dir.join(format!("{stem}-sample-pk.pgp"));
        let message = dir.join("message.txt");
        let options = ["--accept-text", "--require-pqc"];
        let (code, document) = audit.run(&message, &path, &keyring, &options);
        assert_eq!(code, 0, "{name}: {document}");
        assert_eq!(document["signers"][0]["pqc"], true);
        assert_eq!(audit.run(&message, &path, &keyring, &[]).0, 5);
        let hybrid = ["--accept-text", "--require-pqc", "--require-classical"];
        assert_eq!(audit.run(&message, &path, &keyring, &hybrid).0, 1);
        seen += 1;
    }
    assert!(seen >= 5, "{seen}");
}

#[test]
fn vectors_of_others() {
    let Some(dir) = shared_data("pgp") else {
        return;
    };
    let sandbox = Sandbox::new();
    let audit = Audit::new(&sandbox);
    let sqv = dir.join("sqv");
    let at = |name: &str| sqv.join(name);
    let manifesto = at("a-cypherpunks-manifesto.txt");
    let signed = |ending: &str| at(&format!("a-cypherpunks-manifesto.txt.{ending}"));
    let emmelie = at("emmelie-dorothea-dina-samantha-awina-ed25519.pgp");
    let cases = [
        (&manifesto, signed("ed25519.sig"), &emmelie, 0),
        (&manifesto, signed("ed25519.sig.duplicated"), &emmelie, 0),
        (&manifesto, signed("sha1.sig"), &emmelie, 5),
        (
            &at("msg.txt"),
            at("msg_pqc_mldsa65.sig"),
            &at("pqc_mldsa65.pk.pgp"),
            0,
        ),
        (
            &at("msg.txt"),
            at("msg_pqc_slhdsa128s.sig"),
            &at("pqc_slhdsa128s.pk.pgp"),
            0,
        ),
        // A key whose owner was stolen by another certificate: the right one is found.
        (
            &at("bad-subkey.txt"),
            at("bad-subkey.txt.sig"),
            &at("bad-subkey-keyring.pgp"),
            0,
        ),
    ];
    for (data, sig, keyring, expected) in cases {
        let (code, document) = audit.run(data, &sig, keyring, &[]);
        assert_eq!(code, expected, "{}: {document}", sig.display());
    }
    let interop = dir.join("interop");
    let data = sandbox.write("hello", "Hello World :)");
    let mut seen = 0;
    for entry in std::fs::read_dir(interop.join("short-rsa-sigs")).unwrap() {
        let sig = entry.unwrap().path();
        let (code, _) = audit.run(&data, &sig, &interop.join("certificates/bob.pgp"), &[]);
        assert_eq!(code, 0, "{}", sig.display());
        seen += 1;
    }
    assert!(seen >= 17);
    for number in [1, 2] {
        let data = interop.join(format!("messages/shattered-{number}.pdf"));
        let sig = interop.join(format!("messages/shattered-{number}.pdf.asc"));
        let (code, _) = audit.run(&data, &sig, &interop.join("certificates/bob.pgp"), &[]);
        assert_eq!(code, 5);
    }
}

/// Every verdict leaves its event.
#[test]
fn verdicts_are_recorded() {
    let Some(dir) = shared_data("pgp/generated") else {
        return;
    };
    let sandbox = Sandbox::new();
    let audit = Audit::new(&sandbox);
    let at = |name: &str| dir.join(name);
    audit.run(&at("data.bin"), &at("good.sig"), &at("good.cert"), &[]);
    audit.run(
        &at("data-flipped.bin"),
        &at("good.sig"),
        &at("good.cert"),
        &[],
    );
    let run = sandbox.run(&["audit", "log", "-f", "jsonl"]);
    let events: Vec<Value> = run
        .stdout
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    let names: Vec<&str> = events.iter().filter_map(|e| e["event"].as_str()).collect();
    assert_eq!(
        names,
        ["LogOpened", "SignatureVerified", "SignatureFailed"],
        "{}",
        run.stdout
    );
}
