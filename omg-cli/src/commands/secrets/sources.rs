//! What is searched: a tree, standard input, staged changes, history.

use std::io::Read as _;

use omg_secrets::{IgnoreFiles, ProblemKind, Scanner, Walk, git};

use super::{Commit, Found, Searched, Trouble, threshold};
use crate::args;
use crate::commands::Context;
use crate::failure::Failure;

/// The most that is read from standard input: 1 GiB.
const MAX_STDIN: u64 = 1 << 30;

pub fn search(
    context: &Context,
    args: &args::Secrets,
    scanner: &Scanner,
) -> Result<Searched, Failure> {
    let mut searched = Searched {
        found: Vec::new(),
        problems: Vec::new(),
        files: 0,
        bytes: 0,
        binary: 0,
        what: "file",
        rules: scanner.rules().count(),
        reveal: args.reveal,
        fail_on: threshold(args.fail_on),
    };
    let _ = context;
    if args.stdin {
        stdin(&mut searched, scanner)?;
    } else if args.staged {
        repository(
            &mut searched,
            git::staged(scanner, &args.path),
            "staged file",
        )?;
    } else if args.history {
        let threads = threads(args);
        repository(
            &mut searched,
            git::history(scanner, &args.path, threads),
            "version",
        )?;
    } else {
        tree(&mut searched, args, scanner)?;
    }
    Ok(searched)
}

fn threads(args: &args::Secrets) -> usize {
    let all = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    args.jobs.unwrap_or(all)
}

fn tree(searched: &mut Searched, args: &args::Secrets, scanner: &Scanner) -> Result<(), Failure> {
    std::fs::symlink_metadata(&args.path).map_err(|error| {
        Failure::incomplete(format!("cannot read {}", args.path.display())).because(&error)
    })?;
    let mut walk = Walk::new().threads(threads(args));
    if args.respect_gitignore {
        walk = walk.ignore_files(IgnoreFiles::Respect);
    }
    if args.archives {
        walk = walk.archives(omg_secrets::Archives::Open);
    }
    if let Some(bytes) = args.max_file_size {
        walk = walk.max_bytes(bytes);
    }
    let tree = walk.scan(scanner, &args.path);
    let shown = |path: &std::path::Path| {
        let path = path.strip_prefix("./").unwrap_or(path);
        path.to_string_lossy().into_owned()
    };
    for located in tree.findings {
        let path = shown(&located.path);
        searched.found.push(Found {
            path,
            commit: None,
            finding: located.finding,
            aside: None,
        });
    }
    for problem in tree.problems {
        searched.problems.push(Trouble {
            path: shown(&problem.path),
            kind: match problem.kind {
                ProblemKind::Special => "special",
                ProblemKind::TooLarge => "too large",
                ProblemKind::Archive => "archive",
                _ => "unreadable",
            },
            detail: problem.detail,
            // A FIFO or a device holds no file that could have been read.
            counts: problem.kind != ProblemKind::Special,
        });
    }
    (searched.files, searched.bytes, searched.binary) = (tree.files, tree.bytes, tree.binary);
    Ok(())
}

fn stdin(searched: &mut Searched, scanner: &Scanner) -> Result<(), Failure> {
    let mut bytes = Vec::new();
    std::io::stdin()
        .lock()
        .take(MAX_STDIN + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::incomplete("cannot read standard input").because(&error))?;
    if bytes.len() as u64 > MAX_STDIN {
        return Err(Failure::incomplete(
            "standard input is over the limit of 1 GiB",
        ));
    }
    searched.what = "input";
    searched.files = 1;
    searched.bytes = bytes.len() as u64;
    for finding in scanner.scan_all(&bytes) {
        searched.found.push(Found {
            path: "<stdin>".to_owned(),
            commit: None,
            finding,
            aside: None,
        });
    }
    Ok(())
}

fn repository(
    searched: &mut Searched,
    result: Result<git::Repository, git::GitError>,
    what: &'static str,
) -> Result<(), Failure> {
    let repository = result
        .map_err(|error| Failure::incomplete("cannot read the repository").because(&error))?;
    searched.what = what;
    (searched.files, searched.bytes, searched.binary) =
        (repository.blobs, repository.bytes, repository.binary);
    for located in repository.findings {
        let commit = located.commit.map(|commit| Commit {
            id: commit.id,
            author: commit.author,
            time: commit.time,
        });
        searched.found.push(Found {
            path: located.path,
            commit,
            finding: located.finding,
            aside: None,
        });
    }
    for problem in repository.problems {
        searched.problems.push(Trouble {
            path: problem.path,
            kind: "unreadable",
            detail: problem.detail,
            counts: true,
        });
    }
    Ok(())
}
