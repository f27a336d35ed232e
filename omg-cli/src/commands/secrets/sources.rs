//! What is searched: a tree, standard input, staged changes, history.

use omg_secrets::{IgnoreFiles, ProblemKind, Scanner, Walk, git};

use super::{Commit, Found, Searched, Trouble, threshold};
use crate::args;
use crate::commands::Context;
use crate::failure::Failure;

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
        identifiers: args.identifiers,
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
    args.jobs.map_or(all, usize::from)
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
    let streamed = scanner
        .scan_reader(std::io::stdin().lock())
        .map_err(|error| Failure::incomplete("cannot read standard input").because(&error))?;
    searched.what = "input";
    searched.bytes = streamed.bytes;
    if streamed.binary {
        searched.binary = 1;
        searched.problems.push(Trouble {
            path: "<stdin>".to_owned(),
            kind: "binary",
            detail: "binary data is not searched".to_owned(),
            counts: true,
        });
        return Ok(());
    }
    searched.files = 1;
    searched.found = streamed
        .findings
        .into_iter()
        .map(|finding| Found {
            path: "<stdin>".to_owned(),
            commit: None,
            finding,
            aside: None,
        })
        .collect();
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
