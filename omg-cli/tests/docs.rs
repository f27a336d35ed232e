//! The documentation, run: every `console` block of `docs/` is a session in a folder of its own,
//! and prints what it shows.
//!
//! A line that begins with `$ ` is a command, `> ` its continuation; what follows is its output,
//! in which a line `…` stands for any number of lines. `# exits with N` behind a command is its
//! exit code, else 0. A command without output below it is not looked at any further. The blocks
//! of one file share a shell's variables, functions and folder.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use support::{Sandbox, tool, workspace};

struct Step {
    line: usize,
    command: String,
    code: i32,
    output: Vec<String>,
}

/// The commands of a document, in their order.
fn steps(text: &str) -> Vec<Step> {
    let (mut steps, mut inside) = (Vec::<Step>::new(), false);
    for (index, line) in text.lines().enumerate() {
        if line.starts_with("```") {
            inside = line == "```console";
            continue;
        }
        if !inside {
            continue;
        }
        if let Some(command) = line.strip_prefix("$ ") {
            let (command, code) = match command.split_once("    # exits with ") {
                Some((command, code)) => (command, code.parse().unwrap()),
                None => (command, 0),
            };
            steps.push(Step {
                line: index + 1,
                command: command.to_owned(),
                code,
                output: Vec::new(),
            });
        } else if let Some(rest) = line.strip_prefix("> ").or((line == ">").then_some("")) {
            let step = steps.last_mut().unwrap();
            step.command.push('\n');
            step.command.push_str(rest);
        } else {
            steps.last_mut().unwrap().output.push(line.to_owned());
        }
    }
    steps
}

/// Whether the lines are those expected, where `…` stands for any number of them.
fn fits(expected: &[String], seen: &[&str]) -> bool {
    match expected.split_first() {
        None => seen.is_empty(),
        Some((first, rest)) if first == "…" => {
            (0..=seen.len()).any(|skip| fits(rest, &seen[skip..]))
        }
        Some((first, rest)) => seen.first() == Some(&first.as_str()) && fits(rest, &seen[1..]),
    }
}

/// A folder with the program, the examples and what else documents name.
fn session(sandbox: &Sandbox, examples: &Path) -> PathBuf {
    let (bin, work) = (sandbox.path("bin"), sandbox.path("work"));
    std::fs::create_dir_all(&bin).unwrap();
    std::fs::create_dir_all(&work).unwrap();
    let link = |from: &Path, to: PathBuf| std::os::unix::fs::symlink(from, to).unwrap();
    link(Path::new(env!("CARGO_BIN_EXE_omg")), bin.join("omg"));
    for name in ["examples", "omg-pgp", "omg-cli"] {
        link(&workspace().join(name), work.join(name));
    }
    // `cargo run --example NAME -- …` runs what the tests have built.
    let cargo = format!(
        "#!/bin/sh\n[ \"$1 $2\" = 'run --example' ] || exit 97\nname=$3\nshift 3\n\
         [ \"$1\" = -- ] && shift\nexec '{}'/\"$name\" \"$@\"\n",
        examples.display()
    );
    let file = sandbox.write("bin/cargo", cargo);
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(file, mode).unwrap();
    work
}

/// Runs all commands in one shell, and says after each how it ended.
fn script(steps: &[Step], mark: &str) -> String {
    let run = |step: &Step| {
        format!(
            "{{ {}\n}} 2>&1\nprintf '\\n{mark} %d\\n' \"$?\"\n",
            step.command
        )
    };
    steps.iter().map(run).collect()
}

/// How many commands a document has, and what is not as it says.
fn check(file: &Path, bash: &Path, examples: &Path, wrong: &mut Vec<String>) -> usize {
    let name = file.strip_prefix(workspace()).unwrap().display();
    let steps = steps(&std::fs::read_to_string(file).unwrap());
    if steps.is_empty() {
        return 0;
    }
    let sandbox = Sandbox::new();
    let work = session(&sandbox, examples);
    let mark = "--omg-docs-step--";
    let path = format!("{}:/usr/bin:/bin", sandbox.path("bin").display());
    let output = Command::new(bash)
        .args(["--norc", "-c", &script(&steps, mark)])
        .env_clear()
        .env("HOME", sandbox.path("home"))
        .env("PATH", path)
        .env("LC_ALL", "C.UTF-8")
        .current_dir(work)
        .output()
        .unwrap();
    let seen = String::from_utf8_lossy(&output.stdout);
    let end = format!("\n{mark} ");
    let mut parts = seen.split(&end);
    let mut text = parts.next().unwrap().to_owned();
    for step in &steps {
        let at = format!("{name}:{}: {}", step.line, step.command);
        let part = parts
            .next()
            .unwrap_or_else(|| panic!("{at}: not run: {text}"));
        let (code, rest) = part.split_once('\n').unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let fits = step.output.is_empty() || fits(&step.output, &lines);
        if !fits || code.parse() != Ok(step.code) {
            wrong.push(format!("{at} ended with {code} and printed:\n{text}"));
        }
        text = rest.to_owned();
    }
    steps.len()
}

fn documents() -> Vec<PathBuf> {
    let docs = workspace().join("docs");
    let folders = [docs.clone(), docs.join("guides")];
    let mut files: Vec<PathBuf> = folders
        .iter()
        .flat_map(|folder| std::fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "md"))
        .collect();
    files.sort();
    files
}

#[test]
fn every_command_in_the_documentation_does_what_it_says() {
    let (Some(bash), Some(_)) = (tool("bash"), tool("git")) else {
        return;
    };
    let examples = Path::new(env!("CARGO_BIN_EXE_omg")).with_file_name("examples");
    let built = examples.join("scan-packages").is_file();
    let (mut count, mut wrong) = (0, Vec::new());
    for file in documents() {
        let needs = std::fs::read_to_string(&file)
            .unwrap()
            .contains("$ cargo run");
        if needs && !built {
            println!("skipped: {}: the examples are not built", file.display());
            continue;
        }
        count += check(&file, &bash, &examples, &mut wrong);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count >= 60, "only {count} commands");
}

/// A block of another kind holds no command that nobody runs.
#[test]
fn commands_stand_in_blocks_that_are_run() {
    for file in documents() {
        let text = std::fs::read_to_string(&file).unwrap();
        for block in text.split("\n```").skip(1).step_by(2) {
            let kind = block.lines().next().unwrap();
            assert!(
                ["console", "toml", "rust", "yaml"].contains(&kind),
                "{}: {kind}",
                file.display()
            );
        }
    }
}

/// Links to files and their sections lead somewhere.
#[test]
fn links_lead_somewhere() {
    for file in documents() {
        let text = std::fs::read_to_string(&file).unwrap();
        for rest in text.split("](").skip(1) {
            let link = rest.split(')').next().unwrap();
            if link.starts_with("https://") {
                continue;
            }
            let (path, section) = link.split_once('#').unwrap_or((link, ""));
            let target = file.parent().unwrap().join(path);
            assert!(target.exists(), "{}: {link}", file.display());
            if section.is_empty() {
                continue;
            }
            let target = std::fs::read_to_string(target).unwrap();
            let slug = |line: &str| {
                let line = line.trim_start_matches('#').trim().to_lowercase();
                let kept = line
                    .chars()
                    .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
                kept.map(|c| if c == ' ' { '-' } else { c })
                    .collect::<String>()
            };
            let found = target
                .lines()
                .any(|line| line.starts_with('#') && slug(line) == section);
            assert!(found, "{}: {link}", file.display());
        }
    }
}

#[test]
fn dots_stand_for_any_lines() {
    let expected = |lines: &[&str]| lines.iter().map(|l| (*l).to_owned()).collect::<Vec<_>>();
    assert!(fits(&expected(&["a", "…", "c"]), &["a", "b", "c"]));
    assert!(fits(&expected(&["…", "c"]), &["c"]));
    assert!(!fits(&expected(&["a", "…"]), &["b"]));
    assert!(!fits(&expected(&["a"]), &["a", "b"]));
}
