//! The bytes that are searched: a tree, standard input, staged changes, history.

use omg_secrets::{IgnoreFiles, ProblemKind, Scanner, Walk, git};

use super::query::{SearchQuery, SearchScope};
use super::result::{
    Commit, LocatedSecret, SearchProblem, SearchProblemKind, SearchResult, SearchedUnit,
};
use crate::session::failure::Failure;

/// Searches what the query names.
pub fn search(query: &SearchQuery, scanner: &Scanner) -> Result<SearchResult, Failure> {
    let mut searched = SearchResult {
        found: Vec::new(),
        problems: Vec::new(),
        files: 0,
        bytes: 0,
        binary: 0,
        what: SearchedUnit::File,
        rules: scanner.rules().count(),
        reveal: query.reveal,
        identifiers: query.identifiers,
        fail_on: query.fail_on,
    };
    let path = &query.path;
    match query.scope {
        SearchScope::Tree => tree(&mut searched, query, scanner)?,
        SearchScope::Stdin => stdin(&mut searched, scanner)?,
        SearchScope::Staged => {
            let found = git::staged(scanner, path);
            repository(&mut searched, found, SearchedUnit::StagedFile)?;
        }
        SearchScope::History => {
            let found = git::history(scanner, path, threads(query));
            repository(&mut searched, found, SearchedUnit::Version)?;
        }
    }
    Ok(searched)
}

fn threads(query: &SearchQuery) -> usize {
    let all = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    query.jobs.map_or(all, usize::from)
}

fn tree(
    searched: &mut SearchResult,
    query: &SearchQuery,
    scanner: &Scanner,
) -> Result<(), Failure> {
    std::fs::symlink_metadata(&query.path).map_err(|error| {
        Failure::incomplete(format!("cannot read {}", query.path.display())).because(&error)
    })?;
    let mut walk = Walk::new().threads(threads(query));
    if query.respect_gitignore {
        walk = walk.ignore_files(IgnoreFiles::Respect);
    }
    if query.archives {
        walk = walk.archives(omg_secrets::Archives::Open);
    }
    if let Some(bytes) = query.max_file_size {
        walk = walk.max_bytes(bytes);
    }
    let tree = walk.scan(scanner, &query.path);
    let shown = |path: &std::path::Path| {
        let path = path.strip_prefix("./").unwrap_or(path);
        path.to_string_lossy().into_owned()
    };
    for located in tree.findings {
        let path = shown(&located.path);
        searched.found.push(LocatedSecret {
            path,
            commit: None,
            finding: located.finding,
            aside: None,
        });
    }
    for problem in tree.problems {
        searched.problems.push(SearchProblem {
            path: shown(&problem.path),
            kind: match problem.kind {
                ProblemKind::Special => SearchProblemKind::Special,
                ProblemKind::TooLarge => SearchProblemKind::TooLarge,
                ProblemKind::Archive => SearchProblemKind::Archive,
                _ => SearchProblemKind::Unreadable,
            },
            detail: problem.detail,
            // A FIFO or a device holds no file that could have been read.
            counts: problem.kind != ProblemKind::Special,
        });
    }
    (searched.files, searched.bytes, searched.binary) = (tree.files, tree.bytes, tree.binary);
    Ok(())
}

fn stdin(searched: &mut SearchResult, scanner: &Scanner) -> Result<(), Failure> {
    let streamed = scanner
        .scan_reader(std::io::stdin().lock())
        .map_err(|error| Failure::incomplete("cannot read standard input").because(&error))?;
    searched.what = SearchedUnit::Input;
    searched.bytes = streamed.bytes;
    if streamed.binary {
        searched.binary = 1;
        searched.problems.push(SearchProblem {
            path: "<stdin>".to_owned(),
            kind: SearchProblemKind::Binary,
            detail: "binary data is not searched".to_owned(),
            counts: true,
        });
        return Ok(());
    }
    searched.files = 1;
    searched.found = streamed
        .findings
        .into_iter()
        .map(|finding| LocatedSecret {
            path: "<stdin>".to_owned(),
            commit: None,
            finding,
            aside: None,
        })
        .collect();
    Ok(())
}

fn repository(
    searched: &mut SearchResult,
    result: Result<git::Repository, git::GitError>,
    what: SearchedUnit,
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
        searched.found.push(LocatedSecret {
            path: located.path,
            commit,
            finding: located.finding,
            aside: None,
        });
    }
    for problem in repository.problems {
        searched.problems.push(SearchProblem {
            path: problem.path,
            kind: SearchProblemKind::Unreadable,
            detail: problem.detail,
            counts: true,
        });
    }
    Ok(())
}
