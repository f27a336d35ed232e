//! A result that cannot be written: the code is that of the verdict, and the verdict is in the log.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod support;

use std::fs::{self, OpenOptions};
use std::path::Path;
use std::process::{Command, Stdio};

use support::Sandbox;
use support::pacman::{self, file, info};

/// Code of a result that cannot be written: incomplete.
const INCOMPLETE: i32 = 3;

/// A public key that signed nothing here.
const KEY: &str = "-----BEGIN PUBLIC KEY-----\n\
    MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE6BKxpty8cI+exDzCkh+goU6dXq3M\n\
    bcY0cd1LaAxiNrWYJty9TObjiPcu3ZvkE/JCWhD3W1/YPZX6DN5TFZpR2A==\n\
    -----END PUBLIC KEY-----\n";

/// One machine on which every command that gives a verdict has something to say.
struct Case {
    sandbox: Sandbox,
    commands: Vec<(&'static str, Vec<String>, i32)>,
}

impl Case {
    fn new() -> Self {
        let sandbox = Sandbox::new();
        sandbox.arch_root(&[("vulnerable", "1-1"), ("foo", "1-1")]);
        sandbox.write(
            "root/etc/omg/policy.toml",
            "schema = 1\nrequire_pgp = true\n",
        );
        let feed = r#"[{"name": "AVG-1", "packages": ["vulnerable"], "status": "Fixed",
            "severity": "High", "type": "arbitrary code execution", "affected": "1-1",
            "fixed": "2-1", "ticket": null, "issues": ["CVE-2026-1"], "advisories": []}]"#;
        let text = |path: std::path::PathBuf| path.to_str().unwrap().to_owned();
        let (root, feed) = (
            text(sandbox.path("root")),
            text(sandbox.write("feed.json", feed)),
        );
        let about = info("foo", "2-1", "");
        let package = pacman::package(&[file(".PKGINFO", &about), file("usr/share/foo", "x")]);
        let package = text(sandbox.write("foo-2-1-any.pkg.tar.gz", package));
        let secret = "k = 'ghp_0123456789abcdefghijklmnopqrstuvwxyz'\nurl = \
                      'postgres://admin:Tr0ub4dor3xkcd@db.example.com/prod'\n";
        let secret = text(sandbox.write("tree/a.env", secret));
        let unsigned = text(sandbox.write("unsigned.json", "{\"bomFormat\": \"CycloneDX\"}"));
        let words = |line: &str| -> Vec<String> {
            let words = line.split(' ').map(|word| match word {
                "ROOT" => root.clone(),
                "FEED" => feed.clone(),
                "PACKAGE" => package.clone(),
                "SECRET" => secret.clone(),
                "UNSIGNED" => unsigned.clone(),
                word => word.to_owned(),
            });
            words.collect()
        };
        let mut commands = vec![
            ("scan", words("audit scan --root ROOT --advisories FEED"), 1),
            (
                "package",
                words("audit package PACKAGE --root ROOT --advisories FEED"),
                1,
            ),
            (
                "policy",
                words("audit policy check --root ROOT --advisories FEED"),
                1,
            ),
            ("secrets", words("audit secrets -p SECRET"), 1),
            ("sbom", words("audit sbom --root ROOT --vulns=false"), 0),
            (
                "report",
                words("audit report --root ROOT --advisories FEED"),
                1,
            ),
            ("slsa", words("audit slsa PACKAGE"), 3),
        ];
        let key = text(sandbox.write("key.pem", KEY));
        let line = format!("audit sbom verify UNSIGNED --key {key}");
        commands.push(("sbom verify", words(&line), INCOMPLETE));
        if support::tool("gpg").is_some() {
            let (signed, ring) = invalid_signature(&sandbox);
            let line = format!("audit pgp {signed} --keyring {ring} --trust plain");
            commands.push(("pgp", words(&line), 5));
        }
        Self { sandbox, commands }
    }

    fn command(&self, args: &[String]) -> Command {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        self.sandbox.command(&args)
    }

    /// Entries of the audit log.
    fn entries(&self) -> usize {
        let log = self.sandbox.path(".local/share/omg/audit/audit.jsonl");
        fs::read_to_string(log).map_or(0, |text| text.lines().count())
    }

    /// The code of a run, and how many entries it left.
    fn run(&self, command: &mut Command) -> (i32, usize) {
        let before = self.entries();
        let status = command.stderr(Stdio::null()).status().unwrap();
        (status.code().unwrap_or(-1), self.entries() - before)
    }
}

/// A file whose signature is over other bytes, and the keyring.
fn invalid_signature(sandbox: &Sandbox) -> (String, String) {
    let gnupg = tempfile::Builder::new()
        .prefix("gpg")
        .tempdir_in("/tmp")
        .unwrap();
    let (data, ring) = (sandbox.write("data", "signed"), sandbox.path("ring.gpg"));
    let gpg = |args: &[&str]| {
        let mut command = Command::new("gpg");
        command.arg("--homedir").arg(gnupg.path());
        command.args(["--batch", "--quiet", "--yes", "--pinentry-mode", "loopback"]);
        let run = command
            .args(["--passphrase", ""])
            .args(args)
            .output()
            .unwrap();
        assert!(run.status.success(), "{args:?}");
    };
    gpg(&[
        "--quick-generate-key",
        "P <p@omg.example>",
        "ed25519",
        "sign",
        "never",
    ]);
    gpg(&["--output", ring.to_str().unwrap(), "--export"]);
    gpg(&["--detach-sign", data.to_str().unwrap()]);
    fs::write(&data, "other").unwrap();
    (
        data.to_str().unwrap().to_owned(),
        ring.to_str().unwrap().to_owned(),
    )
}

#[test]
fn a_result_that_cannot_be_written_lowers_no_code_and_loses_no_event() {
    let case = Case::new();
    for (name, args, code) in &case.commands {
        // The first run notes the policy as well.
        case.run(case.command(args).stdout(Stdio::null()));
        let (usual, events) = case.run(case.command(args).stdout(Stdio::null()));
        assert_eq!(usual, *code, "{name}");
        assert!(events > 0, "{name}");

        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let found = case.run(case.command(args).stdout(full));
        assert_eq!(
            found,
            (INCOMPLETE.max(*code), events),
            "{name}, on a full disk"
        );

        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let found = case.run(case.command(args).stdout(writer));
        assert_eq!(found, (*code, events), "{name}, where nobody reads");

        let program = case.command(args);
        let mut shell = Command::new("sh");
        shell
            .args(["-c", "exec \"$@\" >&-", "sh"])
            .arg(program.get_program());
        shell
            .args(args)
            .env_clear()
            .current_dir(support::workspace());
        for (name, value) in program.get_envs() {
            shell.envs(value.map(|value| (name, value)));
        }
        let found = case.run(&mut shell);
        assert_eq!(found, (*code, events), "{name}, closed");

        let missing = case.sandbox.path("no/such/folder/out");
        let found = case.run(
            case.command(args)
                .arg("-o")
                .arg(missing)
                .stdout(Stdio::null()),
        );
        assert_eq!(
            found,
            (INCOMPLETE.max(*code), events),
            "{name}, to a file that cannot be"
        );
    }
}

/// The check of the log itself leaves no entry in it.
#[test]
fn a_log_that_was_tampered_with_is_an_alarm_wherever_it_is_printed() {
    let case = Case::new();
    let (_, args, _) = &case.commands[0];
    case.run(case.command(args).stdout(Stdio::null()));
    let log = case.sandbox.path(".local/share/omg/audit/audit.jsonl");
    let text = fs::read_to_string(&log).unwrap();
    fs::write(&log, text.replace("\"findings\":1", "\"findings\":0")).unwrap();
    let verify: Vec<String> = ["audit", "verify"].map(str::to_owned).to_vec();
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    assert_eq!(case.run(case.command(&verify).stdout(full)), (5, 0));
}

/// A result in the place of the log would be the end of the history, under whatever name.
#[test]
fn no_result_replaces_the_audit_log() {
    let case = Case::new();
    let (_, args, _) = &case.commands[0];
    let log = case.sandbox.path("own.jsonl");
    let run = |output: &Path| {
        let mut command = case.command(args);
        command.arg("--log").arg(&log).arg("-o").arg(output);
        command.output().unwrap().status.code()
    };
    // Neither before there is a log, nor once it is there.
    assert_eq!(run(&log), Some(2));
    assert!(!log.exists());
    case.run(
        case.command(args)
            .arg("--log")
            .arg(&log)
            .stdout(Stdio::null()),
    );
    let before = fs::read(&log).unwrap();
    let link = case.sandbox.path("link");
    std::os::unix::fs::symlink(&log, &link).unwrap();
    let lock = case.sandbox.path("own.jsonl.lock");
    for output in [&log, &link, &lock] {
        assert_eq!(run(output), Some(2), "{}", output.display());
        let named = format!("json={}", output.display());
        assert_eq!(run(Path::new(&named)), Some(2), "{named}");
    }
    assert_eq!(fs::read(&log).unwrap(), before);
    assert_ne!(run(&case.sandbox.path("other")), Some(2));
}

/// The rights of an output file are those that the umask leaves; a file with secrets in it is its
/// owner's alone, whatever the umask, and whatever it replaces.
#[test]
fn output_files_honour_the_umask_and_hide_what_is_revealed() {
    use std::os::unix::fs::PermissionsExt as _;
    let case = Case::new();
    let (_, args, _) = case
        .commands
        .iter()
        .find(|(name, ..)| *name == "secrets")
        .unwrap();
    let mode = |umask: &str, more: &[&str], before: Option<u32>| {
        let out = case.sandbox.path("out.json");
        let _ = fs::remove_file(&out);
        if let Some(before) = before {
            fs::write(&out, "old").unwrap();
            fs::set_permissions(&out, fs::Permissions::from_mode(before)).unwrap();
        }
        let program = case.command(args);
        let mut shell = Command::new("sh");
        shell
            .args(["-c", &format!("umask {umask}; exec \"$@\""), "sh"])
            .arg(program.get_program());
        shell
            .args(args)
            .args(more)
            .arg("-o")
            .arg(format!("json={}", out.display()));
        shell
            .env_clear()
            .current_dir(support::workspace())
            .stdout(Stdio::null());
        for (name, value) in program.get_envs() {
            shell.envs(value.map(|value| (name, value)));
        }
        assert_eq!(case.run(&mut shell).0, 1);
        fs::metadata(out).unwrap().permissions().mode() & 0o777
    };
    assert_eq!(mode("022", &[], None), 0o644);
    assert_eq!(mode("077", &[], None), 0o600);
    assert_eq!(mode("027", &[], None), 0o640);
    assert_eq!(mode("022", &[], Some(0o664)), 0o664);
    assert_eq!(mode("022", &["--reveal"], None), 0o600);
    assert_eq!(mode("022", &["--reveal"], Some(0o664)), 0o600);
}
