//! What `omg audit slsa` takes from files of one's own, signed by openssl: tables of builders, and
//! rebuilds of a package that makepkg made.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use support::{Sandbox, shared_data, tool};

const AT: &str = "2026-11-24T00:00:00Z";

fn output(command: &mut Command) -> Output {
    let out = command.output().unwrap();
    let said = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{command:?}: {said}");
    out
}

fn have(tools: &[&str]) -> bool {
    tools.iter().all(|name| tool(name).is_some())
}

/// Keys and signatures by openssl.
struct Desk {
    sandbox: Sandbox,
}

impl Desk {
    fn new() -> Self {
        Self {
            sandbox: Sandbox::new(),
        }
    }

    fn path(&self, name: &str) -> String {
        self.sandbox.path(name).to_str().unwrap().to_owned()
    }

    /// An Ed25519 key; the public one is `NAME.pub`.
    fn key(&self, name: &str) {
        let (key, public) = (self.path(name), self.path(&format!("{name}.pub")));
        let mut command = Command::new("openssl");
        output(command.args(["genpkey", "-algorithm", "ed25519", "-out", &key]));
        let mut command = Command::new("openssl");
        output(command.args(["pkey", "-in", &key, "-pubout", "-out", &public]));
    }

    fn sign(&self, key: &str, message: &[u8]) -> Vec<u8> {
        let message = self.sandbox.write("message", message);
        let mut command = Command::new("openssl");
        command.args(["pkeyutl", "-sign", "-rawin", "-inkey", &self.path(key)]);
        output(command.arg("-in").arg(message)).stdout
    }

    fn audit(&self, artifact: &str, more: &[&str]) -> (i32, Value, String) {
        let mut args = vec!["audit", "slsa", artifact, "--at", AT, "-f", "json"];
        args.extend(more);
        let run = self.sandbox.run(&args);
        let document = serde_json::from_str(&run.stdout).unwrap_or_default();
        (run.code, document, run.stderr)
    }
}

fn envelope(desk: &Desk, key: &str, expires: &str) -> String {
    let statement = serde_json::json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{ "name": "builders", "digest": { "sha256": "00".repeat(32) } }],
        "predicateType": omg_slsa::BUILDERS,
        "predicate": {
            "revision": 3, "issued": "2026-11-01T00:00:00Z", "expires": expires,
            "builders": [{
                "id": "https://github.com/owner/builder/.github/workflows/build.yml",
                "issuer": "https://token.actions.githubusercontent.com",
                "level": 3, "reason": "audited",
            }],
        },
    });
    let kind = "application/vnd.in-toto+json";
    let payload = statement.to_string();
    let pae = format!("DSSEv1 {} {kind} {} {payload}", kind.len(), payload.len());
    let sig = STANDARD.encode(desk.sign(key, pae.as_bytes()));
    let payload = STANDARD.encode(payload);
    serde_json::json!({
        "payload": payload, "payloadType": kind, "signatures": [{ "sig": sig }],
    })
    .to_string()
}

#[test]
fn a_table_of_builders_that_cannot_be_used_ends_the_check() {
    let Some(dir) = shared_data("slsa/conformance") else {
        return;
    };
    if !have(&["openssl"]) {
        return;
    }
    let desk = Desk::new();
    desk.key("own");
    desk.key("other");
    let good = envelope(&desk, "own", "2027-01-01T00:00:00Z");
    desk.sandbox.write("good", good);
    let old = envelope(&desk, "own", "2026-11-23T00:00:00Z");
    desk.sandbox.write("old", old);
    let artifact = dir.join("a.txt").to_str().unwrap().to_owned();
    let bundle = dir.join("happy-path-v0.3/bundle.sigstore.json");
    let bundle = bundle.to_str().unwrap();
    let check = |table: &str, key: &str, more: &[&str]| {
        let (table, key) = (desk.path(table), desk.path(key));
        let mut args = vec![
            "--bundle",
            bundle,
            "--builders",
            &table,
            "--builders-key",
            &key,
        ];
        args.extend(more);
        let (code, _, said) = desk.audit(&artifact, &args);
        (code, said)
    };
    // The bundle's signer is not asked for: 3, as without a table.
    assert_eq!(check("good", "own.pub", &[]).0, 3);
    assert_eq!(check("good", "own.pub", &["--builders-revision", "3"]).0, 3);
    for (table, key, more, said) in [
        ("good", "other.pub", vec![], "did not sign"),
        ("old", "own.pub", vec![], "expired"),
        (
            "good",
            "own.pub",
            vec!["--builders-revision", "4"],
            "older than 4",
        ),
        ("none", "own.pub", vec![], "cannot use the builders"),
        ("own.pub", "own.pub", vec![], "cannot use the builders"),
        ("good", "none.pub", vec![], "cannot use the key"),
    ] {
        let (code, detail) = check(table, key, &more);
        assert_eq!(code, 4, "{table} {key}: {detail}");
        assert!(detail.contains(said), "{table} {key}: {detail}");
    }
    // A bundle in the place of an envelope is verified as one, and this one is no table.
    let (code, _, said) = desk.audit(
        &artifact,
        &[
            "--builders",
            bundle,
            "--builders-key",
            &desk.path("own.pub"),
        ],
    );
    assert_eq!(code, 4, "{said}");
    assert_eq!(desk.audit(&artifact, &["--builders", bundle]).0, 2);
}

fn makepkg(desk: &Desk, name: &str) -> PathBuf {
    let recipe = format!(
        "pkgname={name}\npkgver=1\npkgrel=1\narch=(any)\nlicense=(MIT)\n\
         package() {{ install -Dm644 /dev/null \"$pkgdir/usr/share/{name}\"; }}\n"
    );
    support::makepkg::build(&desk.sandbox.path("build"), &recipe, ".pkg.tar.zst")
}

fn digest(path: &Path) -> String {
    let file = fs::File::open(path).unwrap();
    let digests = omg_slsa::Digests::of_reader(file, &[omg_slsa::Algorithm::Sha256]).unwrap();
    digests.iter().next().unwrap().to_hex()
}

#[test]
fn what_a_package_says_of_its_build_is_what_was_rebuilt() {
    if !have(&["openssl", "makepkg", "fakeroot", "setpriv", "zstd"]) {
        return;
    }
    let desk = Desk::new();
    desk.key("own");
    let package = makepkg(&desk, "demo");
    let recipe = digest(&desk.sandbox.path("build").join("PKGBUILD"));
    let check = |file: &Path, product: &str, recipe: &str| {
        let signed = format!(
            r#"{{"_type":"link","materials":{{"PKGBUILD":{{"sha256":"{recipe}"}}}},"products":{{"{product}":{{"sha256":"{}"}}}}}}"#,
            digest(file)
        );
        let sig = hex::encode(desk.sign("own", signed.as_bytes()));
        let link = format!(r#"{{"signatures":[{{"keyid":"","sig":"{sig}"}}],"signed":{signed}}}"#);
        desk.sandbox.write("own.link", link);
        let (link, key) = (desk.path("own.link"), desk.path("own.pub"));
        let args = ["--rebuild", &link, "--rebuilder", &key];
        let (code, document, _) = desk.audit(file.to_str().unwrap(), &args);
        (
            code,
            document["detail"].as_str().unwrap_or_default().to_owned(),
        )
    };
    let name = "demo-1-1-any.pkg.tar.zst";
    assert_eq!(check(&package, name, &recipe), (0, String::new()));
    let (code, detail) = check(&package, "other-1-1-any.pkg.tar.zst", &recipe);
    assert!(code == 5 && detail.contains("product"), "{detail}");
    let (code, detail) = check(&package, name, &"ab".repeat(32));
    assert!(code == 5 && detail.contains("recipe"), "{detail}");
    // Another's .BUILDINFO, and none; both signed as they are.
    let forged = |change: &str| {
        let script = format!(
            "set -e; rm -rf x; mkdir x; cd x; bsdtar -xf {}; {change}; \
             bsdtar -cf ../changed .PKGINFO $(ls -A | grep -v PKGINFO)",
            package.display()
        );
        output(
            Command::new("sh")
                .args(["-c", &script])
                .current_dir(desk.sandbox.path("")),
        );
        desk.sandbox.path("changed")
    };
    let changed = forged("sed -i 's/^pkgver = .*/pkgver = 2-1/' .BUILDINFO");
    let (code, detail) = check(&changed, name, &recipe);
    assert!(code == 5 && detail.contains("pkginfo"), "{detail}");
    let changed = forged("rm .BUILDINFO");
    let (code, detail) = check(&changed, name, &recipe);
    assert!(code == 5 && detail.contains("no .BUILDINFO"), "{detail}");
    let changed = forged("printf x > .BUILDINFO");
    assert_eq!(check(&changed, name, &recipe).0, 5);
}
