//! Forms of a result for build servers, links for terminals, and what `OMG_LOG` says.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod support;

use support::{Run, Sandbox};

const DEMO: [&str; 9] = [
    "audit",
    "scan",
    "--root",
    "examples/demo-root",
    "--advisories",
    "examples/demo-root/advisories",
    "--no-log",
    "--at",
    "2026-11-24T12:00:00Z",
];

fn demo(sandbox: &Sandbox, options: &[&str]) -> Run {
    sandbox.run(&[&DEMO[..], options].concat())
}

#[test]
fn junit_has_a_case_for_each_finding_and_one_for_the_whole() {
    let run = demo(&Sandbox::new(), &["-f", "junit"]);
    assert_eq!(run.code, 1);
    let xml = &run.stdout;
    assert!(
        xml.contains("tests=\"6\" failures=\"3\" errors=\"0\""),
        "{xml}"
    );
    assert_eq!(xml.matches("<testcase ").count(), 6);
    assert_eq!(xml.matches("</testcase>").count(), 6);
    assert_eq!(xml.matches("<failure ").count(), 3);
    assert!(xml.contains("name=\"AVG-2851 in xz 5.6.1-1\""), "{xml}");
}

#[test]
fn an_incomplete_scan_is_an_error_of_its_own() {
    let sandbox = Sandbox::new();
    let nothing = [
        "audit",
        "--root",
        "examples/demo-root",
        "--offline",
        "--no-log",
        "-f",
    ];
    let junit = sandbox.run(&[&nothing[..], &["junit"]].concat());
    assert_eq!(junit.code, 3);
    assert!(junit.stdout.contains("errors=\"1\"") && junit.stdout.contains("<error "));
    let github = sandbox.run(&[&nothing[..], &["github"]].concat());
    assert_eq!(
        github.stdout,
        "::error title=omg::not everything was checked; omg audit says what\n"
    );
}

/// A package whose name and advisory are made to break out.
#[test]
fn hostile_text_stays_text() {
    let sandbox = Sandbox::new();
    let root = sandbox.arch_root(&[("a", "1-1")]);
    let group = serde_json::json!([{
        "name": "AVG-1", "packages": ["a"], "status": "Vulnerable", "severity": "High",
        "type": "\n::error::x \"><failure>]]>&\u{202e}", "affected": "1-1", "fixed": "2-1",
        "ticket": null, "issues": ["CVE-2026-0001"], "advisories": [],
    }]);
    let feed = sandbox.write("all.json", group.to_string());
    let run = |format: &str| {
        let options = [
            "--advisories",
            feed.to_str().unwrap(),
            "--no-log",
            "-f",
            format,
        ];
        let root = ["audit", "scan", "--root", root.to_str().unwrap()];
        sandbox.run(&[&root[..], &options].concat()).stdout
    };
    let junit = run("junit");
    assert_eq!(junit.matches("<failure").count(), 1, "{junit}");
    assert!(!junit.contains("]]>") && !junit.contains('\u{202e}'));
    let github = run("github");
    assert!(
        github.lines().count() == 1 && github.starts_with("::error title=AVG-1::"),
        "{github}"
    );
}

#[test]
fn github_names_file_line_and_column_of_a_secret() {
    let sandbox = Sandbox::new();
    // Put together here, so that no token stands in this file.
    let token = format!("{}_{}", "ghp", "wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx");
    sandbox.write("src/a,b.txt", format!("x\ntoken = \"{token}\"\n"));
    let folder = sandbox.path("src");
    let run = sandbox.run(&[
        "audit",
        "secrets",
        "-p",
        folder.to_str().unwrap(),
        "--no-log",
        "-f",
        "github",
    ]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(
        run.stdout.contains("a%2Cb.txt,line=2,col=10,title="),
        "{}",
        run.stdout
    );
    assert!(!run.stdout.contains(&token));
}

#[test]
fn advisories_are_links_where_that_is_asked_for() {
    let mut sandbox = Sandbox::new();
    assert!(!demo(&sandbox, &[]).stdout.contains('\u{1b}'));
    sandbox.env("FORCE_HYPERLINK", "1");
    let run = demo(&sandbox, &[]);
    let (_, link) = run.stdout.split_once("\u{1b}]8;;https://").unwrap();
    assert!(link.contains("\u{1b}\\AVG-2"), "{}", run.stdout);
    // A file is no terminal.
    let file = sandbox.path("out.txt");
    demo(&sandbox, &["-o", file.to_str().unwrap()]);
    assert!(!std::fs::read_to_string(file).unwrap().contains('\u{1b}'));
}

#[test]
fn omg_log_tells_of_every_verdict_on_standard_error_only() {
    let mut sandbox = Sandbox::new();
    let quiet = demo(&sandbox, &[]);
    sandbox.env("OMG_LOG", "info");
    let told = demo(&sandbox, &[]);
    assert_eq!((told.code, &told.stdout), (quiet.code, &quiet.stdout));
    assert!(
        told.stderr.contains("kind=\"VulnerabilityDetected\""),
        "{}",
        told.stderr
    );
    assert!(
        told.stderr.contains("kind=\"SecurityAudit\""),
        "{}",
        told.stderr
    );
    sandbox.env("OMG_LOG", "debug");
    assert!(demo(&sandbox, &[]).stderr.contains("status=Complete"));
}

#[test]
fn a_bad_omg_log_is_refused() {
    let mut sandbox = Sandbox::new();
    sandbox.env("OMG_LOG", "omg=loud");
    let run = demo(&sandbox, &[]);
    assert_eq!((run.code, run.stdout.as_str()), (4, ""));
    assert!(run.stderr.contains("OMG_LOG=omg=loud"), "{}", run.stderr);
}
