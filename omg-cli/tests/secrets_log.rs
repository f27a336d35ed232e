//! A search for credentials leaves its verdict in the audit log, and nothing of the credential.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod support;

use support::Sandbox;

#[test]
fn the_log_says_how_many_of_which_kind_and_never_what() {
    let sandbox = Sandbox::new();
    // Built here, so that no whole token stands in the repository.
    let token = ["AKIA", "Z7QH4M2XKDW5TNB3"].concat();
    sandbox.write(
        "tree/config.txt",
        format!("aws_access_key_id = \"{token}\"\n"),
    );
    sandbox.write("clean/notes.txt", "nothing here\n");
    let search = |folder: &str| {
        let path = sandbox.path(folder);
        sandbox
            .run(&["audit", "secrets", "-p", path.to_str().unwrap()])
            .code
    };
    assert_eq!(search("tree"), 1);
    assert_eq!(search("clean"), 0);
    let log = std::fs::read_to_string(sandbox.path(".local/share/omg/audit/audit.jsonl")).unwrap();
    let events: Vec<serde_json::Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let kinds: Vec<_> = events
        .iter()
        .map(|event| event["event"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["LogOpened", "SecretsFound", "SecurityAudit"]);
    assert_eq!(events[1]["outcome"], "failure");
    assert!(!log.contains(&token[4..]), "{log}");
}
