//! `omg audit sbom` as a whole: what is in the files it writes, and what it leaves in the log.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod support;

use serde_json::Value;
use support::Sandbox;

const AT: [&str; 2] = ["--at", "2026-11-24T12:00:00Z"];
const DEMO: [&str; 4] = ["audit", "sbom", "--root", "examples/demo-root"];

fn run(sandbox: &Sandbox, more: &[&str]) -> (i32, String) {
    let run = sandbox.run(&[&DEMO[..], more].concat());
    (run.code, run.stdout)
}

#[test]
fn a_given_time_gives_the_same_bytes_and_no_time_another_number() {
    let mut sandbox = Sandbox::new();
    let first = run(&sandbox, &[&AT[..], &["--vulns=false"]].concat());
    assert_eq!(first.0, 0);
    assert_eq!(
        first,
        run(&sandbox, &[&AT[..], &["--vulns=false"]].concat())
    );
    let number = |text: &str| -> Value {
        serde_json::from_str::<Value>(text).unwrap()["serialNumber"].clone()
    };
    let (one, two) = (
        run(&sandbox, &["--vulns=false"]),
        run(&sandbox, &["--vulns=false"]),
    );
    assert_ne!(number(&one.1), number(&two.1));
    assert!(!one.1.contains("cdx:reproducible"));
    // 2026-11-24T12:00:00Z
    sandbox.env("SOURCE_DATE_EPOCH", "1795521600");
    assert_eq!(run(&sandbox, &["--vulns=false"]), first);
}

#[test]
fn vulnerabilities_are_within_or_apart_and_never_claimed_to_be_none() {
    let sandbox = Sandbox::new();
    let vex = sandbox.path("vex.json");
    let advisories = ["--advisories", "examples/demo-root/advisories"];
    let (code, within) = run(&sandbox, &[&AT[..], &advisories].concat());
    assert_eq!(code, 0);
    let within: Value = serde_json::from_str(&within).unwrap();
    assert_eq!(within["vulnerabilities"].as_array().unwrap().len(), 5);
    let apart = ["--vex-output", vex.to_str().unwrap()];
    let (code, document) = run(&sandbox, &[&AT[..], &advisories, &apart].concat());
    assert_eq!(code, 0);
    let document: Value = serde_json::from_str(&document).unwrap();
    assert_eq!(document.get("vulnerabilities"), None);
    let vex: Value = serde_json::from_slice(&std::fs::read(vex).unwrap()).unwrap();
    assert_eq!(vex["vulnerabilities"].as_array().unwrap().len(), 5);
    let serial = document["serialNumber"].as_str().unwrap();
    let link = vex["vulnerabilities"][0]["affects"][0]["ref"]
        .as_str()
        .unwrap();
    assert!(
        link.starts_with(&serial.replace("urn:uuid:", "urn:cdx:")),
        "{link}"
    );

    // No advisories at all: exit 3, and the document says so.
    let (code, document) = run(&sandbox, &[&AT[..], &["--offline"]].concat());
    assert_eq!(code, 3);
    assert!(document.contains("\"incomplete: "), "{document}");
}

#[test]
fn a_broken_database_is_incomplete_in_the_document_and_in_the_exit_code() {
    let sandbox = Sandbox::new();
    let root = sandbox.arch_root(&[("zlib", "1:1.3-1")]);
    sandbox.write(
        "root/var/lib/pacman/local/broken-1-1/desc",
        "%NAME%\nbroken\n",
    );
    let root = root.to_str().unwrap();
    let run = sandbox.run(&["audit", "sbom", "--root", root, "--vulns=false"]);
    assert_eq!(run.code, 3);
    assert!(
        run.stderr.contains("warning: not all is known"),
        "{}",
        run.stderr
    );
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(document["compositions"][0]["aggregate"], "incomplete");
}

#[test]
fn the_event_is_in_the_log() {
    let sandbox = Sandbox::new();
    let out = sandbox.path("sbom.json");
    let args = [&AT[..], &["--vulns=false", "-o", out.to_str().unwrap()]].concat();
    assert_eq!(run(&sandbox, &args), (0, String::new()));
    let document: Value = serde_json::from_slice(&std::fs::read(out).unwrap()).unwrap();
    let log = sandbox.run(&["audit", "log", "--event", "SbomGenerated", "-f", "jsonl"]);
    assert_eq!(log.code, 0, "{}", log.stderr);
    assert!(
        log.stdout
            .contains(document["serialNumber"].as_str().unwrap()),
        "{}",
        log.stdout
    );
}

#[test]
fn results_for_machines_are_what_their_schemas_say() {
    let fixtures = "omg-cli/tests/fixtures";
    let (old, new) = (
        format!("{fixtures}/bom.json"),
        format!("{fixtures}/sbom-later.json"),
    );
    let check = [&DEMO[..], &["--check", "bsi"]].concat();
    let diff = vec!["audit", "sbom", "diff", &old, &new];
    for (name, args) in [("sbom-check", check), ("sbom-diff", diff)] {
        let path = support::workspace().join(format!("omg-cli/schemas/omg.{name}.1.json"));
        let schema: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let (code, document) = Sandbox::new().json(&args);
        assert_eq!(code, 0);
        assert!(validator.is_valid(&document), "{document}");
    }
}

#[test]
fn installed_files_are_compared_with_what_is_recorded() {
    let sandbox = Sandbox::new();
    let root = sandbox.arch_root(&[("zlib", "1:1.3-1")]);
    let mtree = "#mtree\n/set type=file\n./usr type=dir\n./usr/lib type=dir\n\
        ./usr/lib/libz.so size=3 sha256digest=\
        ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n";
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut gzip, mtree.as_bytes()).unwrap();
    let record = root.join("var/lib/pacman/local/zlib-1:1.3-1/mtree");
    std::fs::write(record, gzip.finish().unwrap()).unwrap();
    sandbox.write("root/usr/lib/libz.so", "abc");
    let args = [
        "audit",
        "sbom",
        "--root",
        root.to_str().unwrap(),
        "--vulns=false",
        "--files",
    ];
    let clean = sandbox.run(&args);
    assert_eq!(
        (clean.code, clean.stderr.as_str()),
        (0, ""),
        "{}",
        clean.stdout
    );
    sandbox.write("root/usr/lib/libz.so", "abd");
    sandbox.write("root/usr/lib/libevil.so", "x");
    let run = sandbox.run(&args);
    assert_eq!(run.code, 0);
    assert!(
        run.stderr.contains("0 are missing and 1 are modified"),
        "{}",
        run.stderr
    );
    assert!(
        run.stdout.contains("usr/lib/libz.so: content"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("usr/lib/libevil.so"), "{}", run.stdout);
}
