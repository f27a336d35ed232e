//! How the program behaves as a process: signals, closed pipes, sockets, files it leaves.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod support;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use support::server::{Answer, Server};
use support::{Run, Sandbox, tool};

const DEMO: [&str; 4] = [
    "--root",
    "examples/demo-root",
    "--advisories",
    "examples/demo-root/advisories",
];

/// Ctrl-C while a service keeps silent: what is known is printed, and the code says so.
#[test]
fn an_interruption_prints_what_is_known() {
    let server = Server::start(|_| Answer::Silence);
    let mut sandbox = Sandbox::new();
    sandbox.env("OMG_ARCH_URL", format!("{}/all.json", server.url));
    let root = sandbox.arch_root(&[("curl", "8-1")]);
    let child = sandbox
        .command(&["audit", "--root", root.to_str().unwrap(), "-f", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let waited = Instant::now();
    while server.requests().is_empty() && waited.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(20));
    }
    let pid = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &pid])
            .status()
            .unwrap()
            .success()
    );
    let run = Run::from(child.wait_with_output().unwrap());
    assert_eq!(run.code, 130, "{}", run.stderr);
    let scan: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(scan["status"], "incomplete");
    assert_eq!(scan["packages"], 1);
}

/// A reader that has gone away is not an error: no message, and the code of the result.
#[test]
fn a_closed_pipe_is_quiet() {
    for format in ["table", "json"] {
        let sandbox = Sandbox::new();
        let mut child = sandbox
            .command(&[&["audit", "scan", "-f", format][..], &DEMO].concat())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let run = Run::from(child.wait_with_output().unwrap());
        assert_eq!((run.code, run.stderr.as_str()), (1, ""), "{format}");
    }
}

/// Every socket of any kind, seen by the kernel's own account.
#[test]
fn offline_opens_no_socket_at_all() {
    let Some(strace) = tool("strace") else { return };
    let sandbox = Sandbox::new();
    let root = sandbox.arch_root(&[("curl", "8-1")]);
    let root = root.to_str().unwrap();
    for args in [
        vec!["audit", "--offline", "--root", root],
        [&["audit"], &DEMO[..]].concat(),
    ] {
        let program = sandbox.command(&args);
        let trace = sandbox.path("trace");
        let output = Command::new(&strace)
            .args(["-f", "-e", "trace=network", "-o"])
            .arg(&trace)
            .arg(program.get_program())
            .args(program.get_args())
            .env_clear()
            .env("HOME", sandbox.dir.path())
            .current_dir(support::workspace())
            .output()
            .unwrap();
        let trace = std::fs::read_to_string(&trace).unwrap();
        if trace.contains("ptrace") && trace.contains("not permitted") {
            println!("skipped: this machine does not let strace trace");
            return;
        }
        assert!(
            output
                .status
                .code()
                .is_some_and(|code| code == 3 || code == 1)
        );
        assert!(!trace.contains("socket"), "{trace}");
    }
}

#[test]
fn several_reports_come_of_one_run_and_nothing_else_is_left() {
    let sandbox = Sandbox::new();
    let (json, sarif) = (sandbox.path("omg.json"), sandbox.path("omg.sarif"));
    let outputs = [
        format!("json={}", json.display()),
        format!("sarif={}", sarif.display()),
    ];
    let args = [
        "audit",
        "scan",
        "--no-log",
        "-o",
        &outputs[0],
        "-o",
        &outputs[1],
    ];
    let run = sandbox.run(&[&args[..], &DEMO].concat());
    assert_eq!(run.code, 1);
    assert!(
        run.stdout.contains("AVG-2851"),
        "the table still goes to standard output"
    );
    let read = |path| std::fs::read_to_string(path).unwrap();
    assert!(read(json).starts_with("{\n  \"schema\": \"omg.scan/1\""));
    assert!(read(sarif).contains("\"version\": \"2.1.0\""));
    let mut left: Vec<_> = std::fs::read_dir(sandbox.dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    assert_eq!(left, ["omg.json", "omg.sarif"]);
}

#[test]
fn a_report_in_a_file_leaves_standard_output_empty() {
    let sandbox = Sandbox::new();
    let file = sandbox.path("omg.md");
    let args = [
        "audit",
        "scan",
        "-f",
        "markdown",
        "-o",
        file.to_str().unwrap(),
    ];
    let run = sandbox.run(&[&args[..], &DEMO].concat());
    assert_eq!((run.code, run.stdout.as_str()), (1, ""));
    assert!(
        std::fs::read_to_string(&file)
            .unwrap()
            .starts_with("# omg audit")
    );
    // The same again replaces it, and a folder that is not there is an error.
    assert_eq!(sandbox.run(&[&args[..], &DEMO].concat()).code, 1);
    let nowhere = sandbox.path("no/such/folder/omg.md");
    let args = ["audit", "scan", "-o", nowhere.to_str().unwrap()];
    let run = sandbox.run(&[&args[..], &DEMO].concat());
    assert_eq!(run.code, 3);
    assert!(run.stderr.contains("cannot write"), "{}", run.stderr);
}

/// No line of the table is wider than 80 columns, and no identifier is cut.
#[test]
fn the_table_fits_eighty_columns() {
    let sandbox = Sandbox::new();
    let long = "a-package-with-a-name-that-goes-on-and-on-and-on";
    let version = "20260101.r1234.gdeadbeefdeadbeef.with.more-1";
    let root = sandbox.arch_root(&[(long, version), ("curl", "8-1")]);
    let feed = sandbox.write(
        "all.json",
        format!(
            r#"[{{"name": "AVG-123456789012345678901234567890", "packages": ["{long}", "curl"],
            "status": "Fixed", "severity": "Critical", "type": "x", "affected": "1-1",
            "fixed": "99990101.r9999.gdeadbeefdeadbeef.with.more-2", "issues": []}}]"#
        ),
    );
    let (root, feed) = (root.to_str().unwrap(), feed.to_str().unwrap());
    let run = sandbox.run(&["audit", "scan", "--root", root, "--advisories", feed]);
    for part in [long, version, "AVG-123456789012345678901234567890"] {
        assert!(run.stdout.contains(part), "{}", run.stdout);
    }
    // The source's name is a path, which is never cut either.
    for line in run.stdout.lines().filter(|line| !line.contains("all.json")) {
        assert!(line.chars().count() <= 80, "{line}");
    }
}
