//! Completions, man pages and the layers of the configuration.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod support;

use std::process::Command;

use support::{Sandbox, tool};

#[test]
fn completions_of_five_shells_name_the_commands() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let run = sandbox.run(&["completions", shell]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{shell}");
        for word in ["audit", "secrets", "fail-on", "completions"] {
            assert!(run.stdout.contains(word), "{shell}: {word}");
        }
        let file = sandbox.path(shell);
        let written = sandbox.run(&["completions", shell, "-o", file.to_str().unwrap()]);
        assert_eq!((written.code, written.stdout.as_str()), (0, ""));
        assert_eq!(std::fs::read_to_string(file).unwrap(), run.stdout);
    }
}

/// bash itself completes with it.
#[test]
fn bash_completes() {
    let sandbox = Sandbox::new();
    let file = sandbox.path("omg.bash");
    sandbox.run(&["completions", "bash", "-o", file.to_str().unwrap()]);
    let Some(bash) = tool("bash") else { return };
    let script = format!(
        "source {}; COMP_WORDS=(omg audit sec); COMP_CWORD=2; _omg omg sec audit; \
         echo \"${{COMPREPLY[*]}}\"",
        file.display()
    );
    let output = Command::new(bash)
        .args(["--norc", "-c", &script])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "secrets");
}

#[test]
fn there_is_a_man_page_for_every_command() {
    let sandbox = Sandbox::new();
    let dir = sandbox.path("share/man/man1");
    let run = sandbox.run(&["man", dir.to_str().unwrap()]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let names: Vec<String> = std::fs::read_dir(&dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    for page in [
        "omg.1",
        "omg-audit.1",
        "omg-audit-scan.1",
        "omg-audit-secrets-hook-install.1",
    ] {
        assert!(names.iter().any(|name| name == page), "{page}: {names:?}");
    }
    assert!(
        names.iter().all(|name| name.ends_with(".1")),
        "nothing temporary: {names:?}"
    );
    let page = std::fs::read_to_string(dir.join("omg-audit-scan.1")).unwrap();
    assert!(
        page.contains(".TH omg") && page.contains("lock file"),
        "{page}"
    );
    // Twice the same bytes: no date is in it.
    sandbox.run(&["man", dir.to_str().unwrap()]);
    assert_eq!(
        page,
        std::fs::read_to_string(dir.join("omg-audit-scan.1")).unwrap()
    );
    if let Some(man) = tool("man") {
        let mut command = Command::new(man);
        command
            .args(["--warnings", "-l"])
            .arg(dir.join("omg-audit-scan.1"));
        let output = command.env("MANPAGER", "cat").output().unwrap();
        assert!(output.status.success());
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    }
}

#[test]
fn a_folder_that_cannot_be_made_is_said() {
    let sandbox = Sandbox::new();
    let file = sandbox.write("file", "");
    let run = sandbox.run(&["man", file.join("below").to_str().unwrap()]);
    assert_eq!(run.code, 3);
    assert!(run.stderr.contains("cannot write"), "{}", run.stderr);
}

#[test]
fn the_environment_is_over_the_users_file() {
    let mut sandbox = Sandbox::new();
    let text = "[sources]\narch = \"https://user.example\"\n[scan]\nmax_age = 2\n";
    let file = sandbox.write(".config/omg/config.toml", text);
    let of = |sandbox: &Sandbox, key: &str| {
        let (code, shown) = sandbox.json(&["config", "show"]);
        assert_eq!(code, 0);
        let settings = shown["settings"].as_array().unwrap().clone();
        settings
            .into_iter()
            .find(|setting| setting["key"] == key)
            .unwrap()
    };
    let arch = of(&sandbox, "sources.arch");
    assert_eq!(arch["value"], "https://user.example");
    assert_eq!(arch["origin"]["file"], file.to_str().unwrap());
    assert_eq!(arch["origin"]["line"], 2);
    assert_eq!(of(&sandbox, "sources.kev")["origin"]["kind"], "default");
    sandbox.env("OMG_ARCH_URL", "https://variable.example");
    let arch = of(&sandbox, "sources.arch");
    assert_eq!(arch["value"], "https://variable.example");
    assert_eq!(arch["origin"]["variable"], "OMG_ARCH_URL");
    assert_eq!(of(&sandbox, "scan.max_age")["value"], 2);
}
