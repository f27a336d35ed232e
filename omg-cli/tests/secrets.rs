//! `omg audit secrets` as a whole: files, staged changes, history, baseline, rules, hook.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod support;

use std::process::Command;

use support::Sandbox;

/// A password that is put together here.
fn secret() -> String {
    ["k2J9sLq0", "ZtVb!"].concat()
}

fn with_file() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(
        "tree/app.conf",
        format!("# x\npassword = \"{}\"\n", secret()),
    );
    sandbox
}

fn git(sandbox: &Sandbox, args: &[&str]) {
    let ok = Command::new("git")
        .current_dir(sandbox.path("tree"))
        .env("HOME", sandbox.dir.path())
        .args(["-c", "user.name=A B", "-c", "user.email=a@example.org"])
        .args(args)
        .output()
        .unwrap();
    assert!(
        ok.status.success(),
        "{args:?}: {}",
        String::from_utf8_lossy(&ok.stderr)
    );
}

#[test]
fn a_finding_is_shown_masked_and_fails() {
    let sandbox = with_file();
    let tree = sandbox.path("tree").display().to_string();
    let run = sandbox.run(&["audit", "secrets", "-p", &tree]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stdout.contains("app.conf:2:13") && !run.stdout.contains(&secret()));
    for format in ["json", "jsonl", "sarif"] {
        let run = sandbox.run(&["audit", "secrets", "-p", &tree, "-f", format]);
        assert!(
            run.stdout.contains("generic-password") && !run.stdout.contains(&secret()),
            "{format}"
        );
    }
    let run = sandbox.run(&["audit", "secrets", "-p", &tree, "--reveal"]);
    assert!(run.stdout.contains(&secret()));
    let run = sandbox.run(&["audit", "secrets", "-p", &tree, "--fail-on", "high"]);
    assert_eq!(run.code, 0);
    let run = sandbox.run(&["audit", "secrets", "-p", &tree, "--no-generic"]);
    assert_eq!(run.code, 0);
}

#[test]
fn a_baseline_accepts_what_was_there() {
    let sandbox = with_file();
    let tree = sandbox.path("tree").display().to_string();
    let baseline = sandbox.path("baseline").display().to_string();
    let run = sandbox.run(&[
        "audit",
        "secrets",
        "-p",
        &tree,
        "--write-baseline",
        &baseline,
    ]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let (code, value) = sandbox.json(&["audit", "secrets", "-p", &tree, "--baseline", &baseline]);
    assert_eq!(
        (code, &value["summary"]["set_aside"]),
        (0, &serde_json::json!(1))
    );
    sandbox.write("tree/new.conf", "password = \"x7Q9sLq0ZtVb!\"\n");
    let (code, value) = sandbox.json(&["audit", "secrets", "-p", &tree, "--baseline", &baseline]);
    assert_eq!(
        (code, &value["summary"]["findings"]),
        (1, &serde_json::json!(1))
    );
}

/// What says whose a credential is, and is none, fails nothing and stands in no baseline; people
/// get its number, and programs all of it.
#[test]
fn identifiers_are_counted_and_never_fail() {
    let sandbox = Sandbox::new();
    sandbox.write("tree/app.env", "DB_USER=alice\n");
    let tree = sandbox.path("tree").display().to_string();
    let run = |more: &[&str]| {
        let run = sandbox.run(&[&["audit", "secrets", "-p", &tree], more].concat());
        assert_eq!(run.code, 0, "{more:?}: {}", run.stderr);
        run.stdout
    };
    let plain = run(&[]);
    assert!(plain.contains("not listed: 1 identifier"), "{plain}");
    assert!(!plain.contains("app.env"), "{plain}");
    let listed = run(&["--identifiers"]);
    assert!(
        listed.contains("app.env:1:1") && !listed.contains("not listed"),
        "{listed}"
    );
    assert_eq!(run(&["-f", "github"]), "");
    assert!(run(&["-f", "github", "--identifiers"]).starts_with("::notice "));
    assert!(run(&["-f", "sarif"]).contains("\"level\": \"note\""));
    let (_, value) = sandbox.json(&["audit", "secrets", "-p", &tree]);
    assert_eq!(value["findings"][0]["severity"], "none");
    assert_eq!(value["findings"][0]["fails"], false);
    assert_eq!(value["summary"]["by_severity"]["none"], 1);
    let baseline = sandbox.path("baseline").display().to_string();
    run(&["--write-baseline", &baseline]);
    let written = std::fs::read_to_string(&baseline).unwrap();
    assert_eq!(written.lines().count(), 1, "{written}");
    git(&sandbox, &["init", "-q"]);
    git(&sandbox, &["add", "."]);
    run(&["--staged"]);
}

#[test]
fn named_files_that_are_missing_or_invalid_are_refused() {
    let sandbox = with_file();
    let bad = sandbox.write("bad", "nonsense").display().to_string();
    for option in ["--baseline", "--rules"] {
        for file in ["/nonexistent", &bad] {
            assert_eq!(
                sandbox.run(&["audit", "secrets", option, file]).code,
                4,
                "{option} {file}"
            );
        }
    }
}

#[test]
fn own_rules_and_allow_lists() {
    let sandbox = with_file();
    sandbox.write("tree/b.txt", "acme_0123abcd\n");
    let rules = "[[rule]]\nid = \"acme-token\"\ntitle = \"ACME\"\nseverity = \"high\"\nliterals = [\"acme_\"]\n\
        regex = \"acme_[0-9a-f]{8}\"\n[[allow]]\npath = \"**/app.conf\"\nreason = \"of a test\"\nexpires = \"2027-01-31\"\n";
    let rules = sandbox.write("rules.toml", rules).display().to_string();
    let tree = sandbox.path("tree").display().to_string();
    let args = |at| {
        [
            "audit", "secrets", "-p", &tree, "--rules", &rules, "--at", at,
        ]
        .map(str::to_owned)
    };
    for (at, findings) in [("2026-12-01T00:00:00Z", 1), ("2027-02-01T00:00:00Z", 2)] {
        let args = args(at);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let (code, value) = sandbox.json(&args);
        assert_eq!(
            (code, value["findings"].as_array().unwrap().len()),
            (1, findings),
            "{at}"
        );
    }
}

#[test]
fn staged_changes_and_history() {
    let sandbox = with_file();
    let tree = sandbox.path("tree").display().to_string();
    git(&sandbox, &["init", "-q"]);
    let run = sandbox.run(&["audit", "secrets", "-p", &tree, "--history"]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    git(&sandbox, &["add", "."]);
    let (code, value) = sandbox.json(&["audit", "secrets", "-p", &tree, "--staged"]);
    assert_eq!(
        (code, &value["findings"][0]["path"]),
        (1, &serde_json::json!("app.conf"))
    );
    git(&sandbox, &["commit", "-q", "-m", "one"]);
    // What HEAD holds already is no news.
    sandbox.write(
        "tree/app.conf",
        format!("# y\npassword = \"{}\"\n", secret()),
    );
    git(&sandbox, &["add", "."]);
    assert_eq!(
        sandbox
            .run(&["audit", "secrets", "-p", &tree, "--staged"])
            .code,
        0
    );
    sandbox.write("tree/app.conf", "nothing\n");
    git(&sandbox, &["add", "."]);
    git(&sandbox, &["commit", "-q", "-m", "two"]);
    assert_eq!(sandbox.run(&["audit", "secrets", "-p", &tree]).code, 0);
    let (code, value) = sandbox.json(&["audit", "secrets", "-p", &tree, "--history"]);
    assert_eq!(code, 1);
    assert_eq!(value["findings"][0]["author"], "A B <a@example.org>");
    assert_eq!(value["findings"][0]["commit"].as_str().unwrap().len(), 40);
    // A part of a history is not the whole, even where nothing is in it.
    let part = sandbox.path("part").display().to_string();
    let clone = ["clone", "-q", "--no-local", "--depth", "1", ".", &part];
    git(&sandbox, &clone);
    let run = sandbox.run(&["audit", "secrets", "-p", &part, "--history"]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert!(run.stdout.contains("shallow"), "{}", run.stdout);
}

#[test]
fn the_hook_is_installed_once_and_leaves_others_alone() {
    let sandbox = with_file();
    git(&sandbox, &["init", "-q"]);
    let install = || {
        let mut command = sandbox.command(&["audit", "secrets", "hook", "install"]);
        support::Run::from(command.current_dir(sandbox.path("tree")).output().unwrap())
    };
    assert_eq!(install().code, 0);
    assert_eq!(install().code, 0);
    let hook = sandbox.path("tree/.git/hooks/pre-commit");
    assert!(std::fs::read_to_string(&hook).unwrap().contains("--staged"));
    // A killed run leaves a hook without the mode, which git ignores.
    let mode = |mode| std::os::unix::fs::PermissionsExt::from_mode(mode);
    std::fs::set_permissions(&hook, mode(0o644)).unwrap();
    assert_eq!(install().code, 0);
    let permissions = std::fs::metadata(&hook).unwrap().permissions();
    assert_eq!(
        std::os::unix::fs::PermissionsExt::mode(&permissions) & 0o777,
        0o755
    );
    std::fs::write(&hook, "#!/bin/sh\n").unwrap();
    let run = install();
    assert_eq!(run.code, 4);
    assert!(run.stderr.contains("another hook"));
}

#[test]
fn documents_are_what_their_schema_says() {
    let schema = support::workspace().join("omg-cli/schemas/omg.secrets.1.json");
    let schema: serde_json::Value =
        serde_json::from_slice(&std::fs::read(schema).unwrap()).unwrap();
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .unwrap();
    let sandbox = with_file();
    sandbox.write(
        "tree/allowed",
        format!("password = \"{}\" # omg:allow of a test\n", secret()),
    );
    let tree = sandbox.path("tree").display().to_string();
    let baseline = sandbox.path("baseline").display().to_string();
    let base = ["audit", "secrets", "-p", &tree];
    let write = [&base[..], &["--write-baseline", &baseline]].concat();
    assert_eq!(sandbox.run(&write).code, 0);
    git(&sandbox, &["init", "-q"]);
    git(&sandbox, &["add", "."]);
    git(&sandbox, &["commit", "-q", "-m", "one"]);
    for more in [
        vec![],
        vec!["--reveal"],
        vec!["--identifiers", "--stand-ins"],
        vec!["--baseline", &baseline],
        vec!["--max-file-size", "10"],
        vec!["--archives", "--jobs", "1"],
        vec!["--staged"],
        vec!["--history"],
        vec!["--history", "--jobs", "1"],
    ] {
        let (_, document) = sandbox.json(&[&base[..], &more].concat());
        let errors: Vec<String> = validator
            .iter_errors(&document)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{more:?}: {errors:#?}");
    }
}

#[test]
fn standard_input_is_searched_in_pieces() {
    use std::io::Write as _;
    use std::process::Stdio;

    let sandbox = Sandbox::new();
    let run = |input: &[u8]| {
        let mut command = sandbox.command(&["audit", "secrets", "--stdin", "-f", "json"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(input).unwrap();
        drop(stdin);
        support::Run::from(child.wait_with_output().unwrap())
    };
    let mut text = b"a line\n".repeat(900_000);
    text.extend(format!("password = \"{}\"\n", secret()).into_bytes());
    let seen = run(&text);
    assert_eq!(seen.code, 1, "{}", seen.stderr);
    assert!(seen.stdout.contains("\"line\": 900001"), "{}", seen.stdout);
    // What was not searched is not clean.
    assert_eq!(run(b"\x7fELF\0\0").code, 3);
}

#[test]
fn an_allow_comment_needs_a_reason() {
    let sandbox = Sandbox::new();
    let line = |comment: &str| format!("password = \"{}\" # {comment}\n", secret());
    let tree = sandbox.path("tree").display().to_string();
    for (comment, code) in [("omg:allow made up for this test", 0), ("omg:allow", 1)] {
        sandbox.write("tree/a.py", line(comment));
        assert_eq!(
            sandbox.run(&["audit", "secrets", "-p", &tree]).code,
            code,
            "{comment}"
        );
    }
}

#[test]
fn what_cannot_be_read_is_reported() {
    let sandbox = with_file();
    let tree = sandbox.path("tree").display().to_string();
    let fifo = sandbox.path("tree/fifo").display().to_string();
    assert!(
        Command::new("mkfifo")
            .arg(&fifo)
            .status()
            .unwrap()
            .success()
    );
    let (code, value) = sandbox.json(&["audit", "secrets", "-p", &tree]);
    assert_eq!(
        (code, &value["problems"][0]["kind"]),
        (1, &serde_json::json!("special"))
    );
    let absent = sandbox.path("absent").display().to_string();
    assert_eq!(sandbox.run(&["audit", "secrets", "-p", &absent]).code, 3);
    let (code, value) = sandbox.json(&["audit", "secrets", "-p", &tree, "--max-file-size", "10"]);
    assert_eq!(
        (code, &value["status"]),
        (3, &serde_json::json!("incomplete"))
    );
    assert_eq!(
        sandbox
            .run(&["audit", "secrets", "--staged", "-p", &tree])
            .code,
        3
    );
}
