//! `omg audit slsa` over the cases of shared data, through the program.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod support;

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use support::{Sandbox, shared_data, tool, workspace};

const AT: &str = "2026-11-24T00:00:00Z";
const IDENTITY: &str = "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main";
const ISSUER: &str = "https://token.actions.githubusercontent.com";

struct Audit {
    sandbox: Sandbox,
    schema: jsonschema::Validator,
}

impl Audit {
    fn new() -> Self {
        let path = workspace().join("omg-cli/schemas/omg.slsa.1.json");
        let schema: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let schema = jsonschema::options()
            .should_validate_formats(true)
            .build(&schema)
            .unwrap();
        Self {
            sandbox: Sandbox::new(),
            schema,
        }
    }

    /// The exit code and, unless nothing could be checked, the document, which must be what its
    /// schema says.
    fn run(&self, artifact: &str, more: &[&str]) -> (i32, Value) {
        let mut args = vec!["audit", "slsa", artifact, "--at", AT, "-f", "json"];
        args.extend(more);
        let run = self.sandbox.run(&args);
        if run.stdout.is_empty() {
            assert!(!run.stderr.is_empty());
            return (run.code, Value::Null);
        }
        let document = serde_json::from_str(&run.stdout).unwrap();
        let errors: Vec<String> = self
            .schema
            .iter_errors(&document)
            .map(|e| e.to_string())
            .collect();
        assert!(errors.is_empty(), "{artifact} {more:?}: {errors:?}");
        (run.code, document)
    }
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

fn sha256(path: &Path) -> String {
    let digests = omg_slsa::Digests::of_reader(
        std::fs::File::open(path).unwrap(),
        &[omg_slsa::Algorithm::Sha256],
    )
    .unwrap();
    digests.iter().next().unwrap().to_string()
}

/// A case of the conformance suite, by file and by digest, under a name that says nothing.
fn case(audit: &Audit, folder: &Path, case: &Value) {
    let name = case["case"].as_str().unwrap();
    let dir = folder.join(name);
    let bundle = std::fs::read(dir.join("bundle.sigstore.json")).unwrap();
    let bundle = text(&audit.sandbox.write("bundle", bundle));
    let own = dir.join("artifact");
    let artifact = if own.exists() {
        own
    } else {
        folder.join("a.txt")
    };
    let read = |file: &str, default: &str| {
        let text = std::fs::read_to_string(dir.join(file));
        text.map_or_else(|_| default.to_owned(), |text| text.trim().to_owned())
    };
    let (identity, issuer) = (read("identity", IDENTITY), read("issuer", ISSUER));
    let key = text(&dir.join("key.pub"));
    let root = text(&dir.join("trusted_root.json"));
    let mut args = vec!["--bundle", bundle.as_str()];
    match Path::new(&key).exists() {
        true => args.extend(["--key", &key]),
        false => args.extend(["--certificate-identity", &identity]),
    }
    if !Path::new(&key).exists() {
        args.extend(["--certificate-oidc-issuer", &issuer]);
    }
    if Path::new(&root).exists() {
        args.extend(["--trusted-root", &root]);
    }
    let reason = case["intended_reason"].as_str().unwrap().replace('-', "_");
    let accepted = case["expected"] == "accept";
    let unmet = identity != IDENTITY && identity.contains("ithub") && name.contains("identity");
    let unmet = unmet || name.contains("issuer");
    for artifact in [text(&artifact), sha256(&artifact)] {
        let (code, document) = audit.run(&artifact, &args);
        let expected = match (accepted, reason.as_str()) {
            (true, _) => 0,
            (false, "trust_root") => 4,
            (false, _) if unmet => 1,
            (false, _) => 5,
        };
        assert_eq!(code, expected, "{name}: {document}");
        if code == 5 && !reason.is_empty() {
            assert_eq!(
                document["rejected"][0]["reason"], reason,
                "{name}: {document}"
            );
        }
        assert!(accepted || document["status"] != "verified");
        assert!(accepted || document["level"].is_null());
    }
}

fn cases(folder: &str, floor: usize) {
    let Some(dir) = shared_data(&format!("slsa/{folder}")) else {
        return;
    };
    let audit = Audit::new();
    let list: Value =
        serde_json::from_slice(&std::fs::read(dir.join("cases.json")).unwrap()).unwrap();
    let list = list.as_array().unwrap();
    for each in list {
        case(&audit, &dir, each);
    }
    assert!(list.len() >= floor, "{}", list.len());
}

#[test]
fn conformance() {
    cases("conformance", 36);
}

#[test]
fn tampered() {
    cases("tamper", 32);
}

#[test]
fn a_signer_that_is_not_the_builder_is_refused() {
    let Some(dir) = shared_data("slsa/slsa-verifier/bcr") else {
        return;
    };
    let audit = Audit::new();
    let run = |name: &str, more: &[&str]| {
        let artifact = text(&dir.join(name));
        let bundle = text(&dir.join(format!("{name}.intoto.jsonl")));
        let source = "github.com/aspect-build/rules_lint";
        let mut args = vec!["--bundle", bundle.as_str(), "--source-uri", source];
        args.extend(more);
        audit.run(&artifact, &args)
    };
    let (code, document) = run("MODULE.bazel", &["--min-level", "3"]);
    assert_eq!(
        (code, &document["level"]),
        (0, &Value::from(3)),
        "{document}"
    );
    let (code, document) = run("MODULE-wrong-signer.bazel", &[]);
    assert_eq!(code, 1, "{document}");
    assert!(document["level"].is_null());
    // Everything unmet is listed.
    let unmet: Vec<&str> = document["checks"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|check| check["status"] == "unmet")
        .map(|check| check["name"].as_str().unwrap())
        .collect();
    assert_eq!(unmet, ["signer_is_builder", "builder_id"]);
}

#[test]
fn with_nothing_expected_it_says_who_signed() {
    let Some(dir) = shared_data("slsa/conformance") else {
        return;
    };
    let audit = Audit::new();
    let bundle = text(&dir.join("happy-path-v0.3/bundle.sigstore.json"));
    let artifact = text(&dir.join("a.txt"));
    for more in [vec![], vec!["--certificate-oidc-issuer", ISSUER]] {
        let args = [vec!["--bundle", bundle.as_str()], more].concat();
        let (code, document) = audit.run(&artifact, &args);
        assert_eq!((code, &document["status"]), (3, &Value::from("missing")));
        assert_eq!(document["identity"], IDENTITY);
    }
}

#[test]
fn what_is_missing_is_3_and_what_cannot_be_trusted_4() {
    let audit = Audit::new();
    let file = text(&audit.sandbox.write("file", "hello"));
    let who = [
        "--certificate-identity",
        "x",
        "--certificate-oidc-issuer",
        "y",
    ];
    assert_eq!(audit.run(&file, &who).0, 3);
    assert_eq!(audit.run("no-such-package", &who).0, 3);
    assert_eq!(audit.run(&file, &["--bundle", "no-such-file"]).0, 3);
    let digest = format!("sha256:{}", "0".repeat(64));
    assert_eq!(audit.run(&digest, &who).0, 3);
    assert_eq!(audit.run(&file, &["--trusted-root", "no-such-file"]).0, 4);
    assert_eq!(audit.run(&file, &["--trusted-root", &file]).0, 4);
    assert_eq!(audit.run(&file, &["--key", &file]).0, 4);
    audit.sandbox.write("file.sigstore.json", "{}");
    let (code, document) = audit.run(&file, &who);
    assert_eq!((code, &document["status"]), (5, &Value::from("invalid")));
}

#[test]
fn the_verdict_is_logged() {
    let Some(dir) = shared_data("slsa/conformance") else {
        return;
    };
    let audit = Audit::new();
    let artifact = text(&dir.join("a.txt"));
    let who = [
        "--certificate-identity",
        IDENTITY,
        "--certificate-oidc-issuer",
        ISSUER,
    ];
    for name in ["happy-path-v0.3", "invalid-checkpoint-signature_fail"] {
        let bundle = text(&dir.join(name).join("bundle.sigstore.json"));
        audit.run(
            &artifact,
            &[&["--bundle", bundle.as_str()][..], &who].concat(),
        );
    }
    let log = audit.sandbox.run(&["audit", "log", "-f", "json"]).stdout;
    assert!(
        log.contains("ProvenanceVerified") && log.contains("ProvenanceFailed"),
        "{log}"
    );
    assert!(log.contains("checkpoint"), "{log}");
}

/// No name earns a level.
#[test]
fn names_prove_nothing() {
    let audit = Audit::new();
    for name in [
        "glibc",
        "linux",
        "core",
        "slsa-github-generator",
        "builder_go_slsa3.yml",
    ] {
        for name in [name.to_owned(), text(&audit.sandbox.write(name, "bytes"))] {
            let (code, document) = audit.run(&name, &["--min-level", "1", "--source-uri", "x"]);
            assert_eq!(code, 3, "{document}");
            assert!(document["level"].is_null());
        }
    }
}

#[test]
fn npm_attestations_and_summaries() {
    let Some(dir) = shared_data("slsa/slsa-verifier") else {
        return;
    };
    let audit = Audit::new();
    let list: Value =
        serde_json::from_slice(&std::fs::read(dir.join("cases.json")).unwrap()).unwrap();
    let mut seen = 0;
    for case in list.as_array().unwrap() {
        let field = |name: &str| case[name].as_str().unwrap_or_default().to_owned();
        let path = |name: &str| text(&dir.join(field(name)));
        let mut args = vec!["--bundle".to_owned(), path("provenance")];
        let mut option = |name: &str, value: String| {
            if !value.is_empty() {
                args.extend([name.to_owned(), value]);
            }
        };
        let artifact = match field("kind").as_str() {
            "npm" => {
                option("--builder-id", field("builder_id"));
                option("--source-uri", field("source_uri"));
                option("--package-name", field("package_name"));
                option("--package-version", field("package_version"));
                format!("sha512:{}", case["artifact_sha512"][0].as_str().unwrap())
            }
            "vsa" if case["expected"] == "accept" => {
                option("--key", path("key"));
                option("--public-key-id", field("key_id"));
                option("--verifier-id", field("verifier_id"));
                option("--resource-uri", field("resource_uri"));
                for level in case["verified_levels"].as_array().unwrap() {
                    option("--verified-level", level.as_str().unwrap().to_owned());
                }
                case["subject_digests"][0].as_str().unwrap().to_owned()
            }
            _ => continue,
        };
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let (code, document) = audit.run(&artifact, &args);
        let expected = match (case["expected"] == "accept", field("error").as_str()) {
            (true, _) => 0,
            (false, "ErrorInvalidSignature") => 5,
            (false, _) => 1,
        };
        assert_eq!(code, expected, "{case} {document}");
        seen += 1;
    }
    assert!(seen >= 22, "{seen}");
}

#[test]
fn an_installed_package_is_looked_for_in_the_cache() {
    let Some(dir) = shared_data("slsa/conformance") else {
        return;
    };
    let audit = Audit::new();
    let root = audit
        .sandbox
        .arch_root(&[("tool", "1.0-1"), ("tool-extra", "1.0-1")]);
    let root = text(&root);
    let who = [
        "--certificate-identity",
        IDENTITY,
        "--certificate-oidc-issuer",
        ISSUER,
        "--root",
        &root,
    ];
    let (code, document) = audit.run("tool", &who);
    assert_eq!(code, 3);
    assert_eq!(
        document["detail"],
        "the package file of tool-1.0-1 is not cached"
    );
    let file = "root/var/cache/pacman/pkg/tool-1.0-1-any.pkg.tar.zst";
    audit
        .sandbox
        .write(file, std::fs::read(dir.join("a.txt")).unwrap());
    assert_eq!(audit.run("tool", &who).0, 3);
    let bundle = std::fs::read(dir.join("happy-path-v0.3/bundle.sigstore.json")).unwrap();
    audit
        .sandbox
        .write(&format!("{file}.sigstore.json"), bundle);
    let (code, document) = audit.run("tool", &who);
    assert_eq!(code, 0, "{document}");
    assert_eq!(audit.run("tool-extra", &who).0, 3);
}

/// By the kernel's own account.
#[test]
fn no_socket_is_opened() {
    let (Some(dir), Some(strace)) = (shared_data("slsa/conformance"), tool("strace")) else {
        return;
    };
    let sandbox = Sandbox::new();
    let bundle = text(&dir.join("happy-path-v0.3/bundle.sigstore.json"));
    let artifact = text(&dir.join("a.txt"));
    let program = sandbox.command(&[
        "audit",
        "slsa",
        &artifact,
        "--bundle",
        &bundle,
        "--certificate-identity",
        IDENTITY,
        "--certificate-oidc-issuer",
        ISSUER,
    ]);
    let trace = sandbox.path("trace");
    let output = Command::new(&strace)
        .args(["-f", "-e", "trace=network", "-o"])
        .arg(&trace)
        .arg(program.get_program())
        .args(program.get_args())
        .env_clear()
        .env("HOME", sandbox.dir.path())
        .output()
        .unwrap();
    let trace = std::fs::read_to_string(&trace).unwrap();
    if trace.contains("ptrace") && trace.contains("not permitted") {
        println!("skipped: this machine does not let strace trace");
        return;
    }
    assert_eq!(output.status.code(), Some(0));
    assert!(!trace.contains("socket"), "{trace}");
}

/// Others built it again: two of the three got the same bytes, and one got others.
#[test]
fn rebuilds() {
    let audit = Audit::new();
    let vectors = workspace().join("omg-slsa/tests/vectors/rebuild");
    let file = |name: &str| text(&vectors.join(name));
    let package = file("demo-1.0-1-x86_64.pkg.tar");
    let check = |links: &[&str], keys: &[&str], needed: &str| {
        let mut args = vec!["--rebuilds".to_owned(), needed.to_owned()];
        for link in links {
            args.extend(["--rebuild".to_owned(), file(link)]);
        }
        for key in keys {
            args.extend(["--rebuilder".to_owned(), file(key)]);
        }
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let (code, document) = audit.run(&package, &args);
        (
            code,
            document["status"].as_str().unwrap_or_default().to_owned(),
        )
    };
    let keys = ["one.pub", "two.pub", "three.pub"];
    let answer = |code, status: &str| (code, status.to_owned());
    let two = ["one.link", "three.link"];
    assert_eq!(check(&two, &keys, "2"), answer(0, "verified"));
    assert_eq!(check(&two, &keys, "3"), answer(1, "unmet"));
    let differs = ["one.link", "two-differs.link"];
    assert_eq!(check(&differs, &keys, "2"), answer(1, "unmet"));
    assert_eq!(
        check(&["one.link"], &["two.pub"], "1"),
        answer(5, "invalid")
    );
    assert_eq!(check(&["none.link"], &["two.pub"], "1"), answer(3, ""));
    assert_eq!(check(&["one.link"], &["none.pub"], "1"), answer(4, ""));
}

/// p30: what is no regular file is not read, and nothing waits for it.
#[test]
fn p30_pipes_and_devices() {
    let audit = Audit::new();
    let pipe = audit.sandbox.path("pipe");
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    let fifo = rustix::fs::FileType::Fifo;
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, fifo, mode, 0).unwrap();
    for name in [&text(&pipe), "/dev/zero", "/"] {
        let (code, document) = audit.run(name, &["--certificate-identity", "x"]);
        assert_eq!(
            (code, &document["status"]),
            (3, &Value::from("missing")),
            "{name}"
        );
    }
}

/// No name has a level: not of packages that everybody trusts, and not of anything else.
#[test]
fn no_name_has_a_level() {
    use proptest::strategy::{Strategy as _, ValueTree as _};
    let audit = Audit::new();
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let any = "[a-z][a-z0-9+._-]{0,30}";
    let mut names = ["glibc", "linux", "pacman", "core/glibc", "openssl"]
        .map(str::to_owned)
        .to_vec();
    for _ in 0..60 {
        names.push(any.new_tree(&mut runner).unwrap().current());
    }
    // Also where the package is installed, and its file in the cache.
    let local = audit.sandbox.path("root/var/lib/pacman/local");
    let cache = audit.sandbox.path("root/var/cache/pacman/pkg");
    for name in names.iter().filter(|name| !name.contains('/')) {
        std::fs::create_dir_all(local.join(format!("{name}-1.0-1"))).unwrap();
        std::fs::create_dir_all(&cache).unwrap();
        std::fs::write(cache.join(format!("{name}-1.0-1-any.pkg.tar.zst")), name).unwrap();
    }
    let root = text(&audit.sandbox.path("root"));
    for name in &names {
        let (code, document) = audit.run(name, &["--root", &root, "--min-level", "1"]);
        assert_eq!((code, &document["level"]), (3, &Value::Null), "{name}");
        assert_eq!(document["status"], "missing", "{name}");
    }
}
