//! A real package, built by makepkg, signed by gpg, and installed or refused by pacman: the
//! verdict here is pacman's.
#![cfg(feature = "fs")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use omg_pgp::{Anchors, Error, Keyring, Policy, TrustModel, Verifier};

/// GnuPG's home, as `pacman-key --init` leaves it: a master key that is trusted.
struct Gnupg {
    home: tempfile::TempDir,
    master: String,
}

impl Gnupg {
    fn new() -> Self {
        // gpg-agent's socket has a short limit on its path.
        let home = tempfile::Builder::new()
            .prefix("gpg")
            .tempdir_in("/tmp")
            .unwrap();
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o700)).unwrap();
        let mut gnupg = Self {
            home,
            master: String::new(),
        };
        gnupg.master = gnupg.generate("master", "ed25519", None);
        let trust = format!("{}:6:\n", gnupg.master);
        gnupg.feed(&["--import-ownertrust"], &trust);
        gnupg
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new("gpg");
        command
            .arg("--homedir")
            .arg(self.home.path())
            .args(["--batch", "--no-tty", "--quiet", "--yes"])
            .args(["--passphrase", "", "--pinentry-mode", "loopback"])
            .args(args)
            .stderr(Stdio::null());
        command
    }

    fn run(&self, args: &[&str]) -> String {
        let output = self.command(args).output().unwrap();
        assert!(output.status.success(), "gpg {args:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn feed(&self, args: &[&str], input: &str) {
        use std::io::Write as _;
        let mut child = self.command(args).stdin(Stdio::piped()).spawn().unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(input.as_bytes())
            .unwrap();
        assert!(child.wait().unwrap().success(), "gpg {args:?}");
    }

    /// The fingerprint of a new key; with a time, made then and expired since.
    fn generate(&self, name: &str, algorithm: &str, past: Option<&str>) -> String {
        let user_id = format!("{name} <{name}@omg.example>");
        let mut args = Vec::new();
        if let Some(time) = past {
            args.extend(["--faked-system-time", time]);
        }
        let expires = if past.is_some() { "30d" } else { "never" };
        args.extend([
            "--quick-generate-key",
            &user_id,
            algorithm,
            "cert,sign",
            expires,
        ]);
        self.run(&args);
        let list = self.run(&["--list-keys", "--with-colons", &user_id]);
        let line = list.lines().find(|line| line.starts_with("fpr:")).unwrap();
        line.split(':').nth(9).unwrap().to_owned()
    }

    fn trust(&self, key: &str) {
        self.run(&["--default-key", &self.master, "--quick-lsign-key", key]);
    }

    fn sign(&self, key: &str, file: &Path, past: Option<&str>) {
        let sig = format!("{}.sig", file.display());
        let mut args = vec!["--default-key", key, "--output", &sig];
        if let Some(time) = past {
            args.extend(["--faked-system-time", time]);
        }
        args.extend(["--detach-sign", file.to_str().unwrap()]);
        self.run(&args);
    }

    /// The revocation that gpg makes beside each key.
    fn revocation(&self, key: &str) -> String {
        let name = format!("openpgp-revocs.d/{key}.rev");
        let text = fs::read_to_string(self.home.path().join(name)).unwrap();
        // gpg puts a colon there so that nobody imports it by mistake.
        text.replace(":-----BEGIN", "-----BEGIN")
    }

    fn public_key(&self, key: &str) -> String {
        self.run(&["--armor", "--export", key])
    }

    fn keyring(&self) -> Vec<u8> {
        let args = ["--export-options", "export-local-sigs", "--export"];
        self.command(&args).output().unwrap().stdout
    }
}

impl Drop for Gnupg {
    fn drop(&mut self) {
        let mut stop = Command::new("gpgconf");
        let _ = stop
            .arg("--homedir")
            .arg(self.home.path())
            .args(["--kill", "all"])
            .status();
    }
}

fn output(command: &mut Command) -> Output {
    command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

/// makepkg refuses to run as root, which tests often are.
fn make_package(work: &Path) -> PathBuf {
    let build = work.join("build");
    fs::create_dir_all(&build).unwrap();
    fs::write(
        build.join("PKGBUILD"),
        "pkgname=signed\npkgver=1\npkgrel=1\narch=(any)\n\
         package() { install -Dm644 /dev/null \"$pkgdir/usr/signed\"; }\n",
    )
    .unwrap();
    // makepkg asks pacman what is installed, and pacman cannot make its database on a machine that
    // never had one, unless root asks: it gets one of its own.
    fs::create_dir_all(build.join("db")).unwrap();
    let asked = build.join("pacman.sh");
    fs::write(
        &asked,
        "#!/bin/sh\nexec pacman --dbpath \"$HOME/db\" \"$@\"\n",
    )
    .unwrap();
    output(Command::new("chmod").arg("755").arg(&asked));
    let id = output(Command::new("id").arg("-u")).stdout;
    let mut command = Command::new("makepkg");
    if id.trim_ascii() == b"0" {
        output(
            Command::new("chown")
                .args(["-R", "65534:65534"])
                .arg(&build),
        );
        output(Command::new("chmod").arg("755").arg(work));
        command = Command::new("setpriv");
        command.args([
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            "makepkg",
        ]);
    }
    command.args(["--nodeps", "--force"]).current_dir(&build);
    command
        .env("HOME", &build)
        .env("PACMAN", asked)
        .env("PKGEXT", ".pkg.tar.gz")
        .env("PKGDEST", &build);
    let made = output(&mut command);
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    build.join("signed-1-1-any.pkg.tar.gz")
}

/// Whether pacman installs the package into an empty root.
fn pacman(gnupg: &Gnupg, package: &Path) -> bool {
    let root = tempfile::tempdir().unwrap();
    let database = root.path().join("var/lib/pacman");
    fs::create_dir_all(&database).unwrap();
    let config = root.path().join("pacman.conf");
    fs::write(
        &config,
        "[options]\nSigLevel = Required TrustedOnly\nLocalFileSigLevel = Required TrustedOnly\n",
    )
    .unwrap();
    let mut install = Command::new("fakeroot");
    install
        .args(["pacman", "--noconfirm", "--noscriptlet", "-U"])
        .arg(package);
    for (option, path) in [
        ("--root", root.path()),
        ("--dbpath", &database),
        ("--config", &config),
        ("--gpgdir", gnupg.home.path()),
        ("--cachedir", root.path()),
        ("--hookdir", root.path()),
        ("--logfile", &root.path().join("log")),
    ] {
        install.arg(option).arg(path);
    }
    output(&mut install).status.success() && root.path().join("usr/signed").exists()
}

fn ours(gnupg: &Gnupg, package: &Path) -> Result<(), Error> {
    let keyring = Keyring::from_bytes("pacman's", &gnupg.keyring()).unwrap();
    let mut anchors = Anchors::new([gnupg.master.clone()]);
    anchors.needed = 1;
    let output = output(Command::new("date").args(["-u", "+%Y-%m-%dT%H:%M:%SZ"])).stdout;
    let now = String::from_utf8(output).unwrap().trim().parse().unwrap();
    let verifier = Verifier::new(&keyring, TrustModel::Anchored(anchors), Policy::pacman(now));
    let sig = fs::read(format!("{}.sig", package.display())).unwrap_or_default();
    let data = fs::File::open(package).unwrap();
    verifier.verify_detached(data, &sig).map(drop)
}

#[test]
fn pacman_says_the_same() {
    for name in ["gpg", "makepkg", "fakeroot", "pacman", "setpriv"] {
        if common::tool(name).is_none() {
            return;
        }
    }
    // pacman's keyring; the signers' secret keys are in another, since gpg trusts its own.
    let (gnupg, signers) = (Gnupg::new(), Gnupg::new());
    let work = tempfile::tempdir().unwrap();
    let built = make_package(work.path());
    let case = |name: &str| {
        let package = work.path().join(name).join(built.file_name().unwrap());
        fs::create_dir(package.parent().unwrap()).unwrap();
        fs::copy(&built, &package).unwrap();
        package
    };
    let agree = |name: &str, package: &Path, good: bool| {
        let answer = ours(&gnupg, package);
        assert_eq!(answer.is_ok(), good, "{name}: {answer:?}");
        assert_eq!(pacman(&gnupg, package), good, "{name}, pacman");
    };
    for algorithm in ["rsa4096", "ed25519"] {
        let key = signers.generate(algorithm, algorithm, None);
        let package = case(algorithm);
        signers.sign(&key, &package, None);
        agree("unknown", &package, false);
        gnupg.feed(&["--import"], &signers.public_key(&key));
        agree("known and not trusted", &package, false);
        gnupg.trust(&key);
        agree("good", &package, true);
        fs::write(&package, [fs::read(&package).unwrap(), vec![0]].concat()).unwrap();
        agree("another file", &package, false);
        gnupg.feed(&["--import"], &signers.revocation(&key));
        fs::copy(&built, &package).unwrap();
        agree("revoked", &package, false);
    }
    agree("no signature", &case("missing"), false);
    // Signed while the key was alive, which pacman no longer trusts.
    let past = Some("20240101T000000!");
    let key = signers.generate("expired", "ed25519", past);
    let package = case("expired");
    signers.sign(&key, &package, past);
    gnupg.feed(&["--import"], &signers.public_key(&key));
    agree("expired", &package, false);
}
