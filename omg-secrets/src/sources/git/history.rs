//! Every version of every file in a history, with bounded memory.
//!
//! Packs are mapped, and what was read of them stays with the process until they are unmapped.
//! So blobs are read in the order in which the packs hold them, and the repository is opened
//! anew after each stretch.

use std::path::{Path, PathBuf};

use chrono::DateTime;
use gix::ObjectId;
use gix::bstr::ByteSlice as _;

use super::open::{GitError, Opened, discover};
use super::reach::{Blob, reachable};
use super::result::{Commit, Located, Problem, Repository};
use crate::scanner::Scanner;

/// So much of a pack is read before it is unmapped.
const STRETCH: u64 = if cfg!(test) { 1 << 10 } else { 4 << 20 };

/// So many objects outside of packs are read before the repository is opened anew.
const LOOSE: u64 = if cfg!(test) { 8 } else { 4096 };

/// Scans every blob that a reference of the repository that holds `path` reaches, once, with
/// as many threads. A finding names the oldest commit of the walk that has the blob. That a
/// shallow clone lacks older commits, a partial one blobs, and a new repository all of them, is
/// among the problems.
///
/// # Errors
///
/// [`GitError`] if there is no repository, or what its references name, a commit or a tree
/// cannot be read.
pub fn history(scanner: &Scanner, path: &Path, threads: usize) -> Result<Repository, GitError> {
    let mut opened = Opened::new(discover(path)?);
    let mut result = Repository::default();
    let mut incomplete = |path: &str, detail: &str| {
        result.problems.push(Problem {
            path: path.to_owned(),
            detail: detail.to_owned(),
        });
    };
    let Some(blobs) = reachable(&mut opened)? else {
        incomplete(
            ".git/HEAD",
            "there is no commit yet, and no history to search",
        );
        return Ok(result);
    };
    if opened.repository.is_shallow().unwrap_or(true) {
        let missing = "older commits are not in this shallow clone (git fetch --unshallow)";
        incomplete(".git/shallow", missing);
    }
    let placed = in_order(blobs, &opened.repository);
    for stretch in placed.chunk_by(|a, b| a.place.stretch == b.place.stretch) {
        opened.again()?;
        result.stretch(scanner, &opened, stretch, threads);
    }
    result.sort();
    Ok(result)
}

/// Where a blob is stored, in the order in which it is read.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Place {
    /// The number of the pack, and which [`STRETCH`] of it; behind all packs, what is in none.
    stretch: (usize, u64),
    at: u64,
}

struct Placed {
    place: Place,
    blob: Blob,
}

/// The blobs in the order of the packs.
fn in_order(blobs: Vec<Blob>, repository: &gix::Repository) -> Vec<Placed> {
    let packs = packs(repository);
    let mut loose = 0;
    let mut placed: Vec<Placed> = blobs
        .into_iter()
        .map(|blob| {
            let in_pack = packs.iter().enumerate().find_map(|(number, pack)| {
                let at = pack.pack_offset_at_index(pack.lookup(blob.id)?);
                let stretch = (number, at / STRETCH);
                Some(Place { stretch, at })
            });
            let place = in_pack.unwrap_or_else(|| {
                loose += 1;
                let stretch = (packs.len(), loose / LOOSE);
                Place { stretch, at: loose }
            });
            Placed { place, blob }
        })
        .collect();
    placed.sort_by_key(|placed| placed.place);
    placed
}

/// The indexes of the packs, as far as they can be read: what is not found by one of them is
/// read all the same.
fn packs(repository: &gix::Repository) -> Vec<gix::odb::pack::index::File> {
    let store = repository.objects.store_ref();
    let mut folders: Vec<PathBuf> = store.alternate_db_paths().unwrap_or_default();
    folders.push(store.path().to_owned());
    let mut files: Vec<PathBuf> = folders
        .into_iter()
        .filter_map(|folder| std::fs::read_dir(folder.join("pack")).ok())
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|file| file.extension().is_some_and(|end| end == "idx"))
        .collect();
    files.sort();
    let kind = repository.object_hash();
    files
        .iter()
        .filter_map(|file| gix::odb::pack::index::File::at(file, kind).ok())
        .collect()
}

impl Repository {
    fn stretch(&mut self, scanner: &Scanner, opened: &Opened, blobs: &[Placed], threads: usize) {
        let shared = opened.repository.clone().into_sync();
        let threads = threads.max(1).min(blobs.len().max(1));
        let parts: Result<Vec<Self>, _> = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..threads)
                .map(|worker| {
                    let shared = &shared;
                    scope.spawn(move || {
                        let repository = shared.to_thread_local();
                        let mut part = Self::default();
                        for placed in blobs.iter().skip(worker).step_by(threads) {
                            part.blob(scanner, &repository, &placed.blob);
                        }
                        part
                    })
                })
                .collect();
            workers
                .into_iter()
                .map(std::thread::ScopedJoinHandle::join)
                .collect()
        });
        // What a worker did not finish must not look like nothing found.
        let parts = parts.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        for part in parts {
            self.findings.extend(part.findings);
            self.problems.extend(part.problems);
            self.blobs += part.blobs;
            self.bytes += part.bytes;
            self.binary += part.binary;
        }
    }

    fn blob(&mut self, scanner: &Scanner, repository: &gix::Repository, blob: &Blob) {
        let Some(bytes) = self.read(repository, blob.id, &blob.path) else {
            return;
        };
        let mut commit = None;
        for finding in scanner.scan_all(&bytes) {
            let commit = commit
                .get_or_insert_with(|| blob.commit.map(|id| described(repository, id)))
                .clone();
            self.findings.push(Located {
                path: blob.path.clone(),
                commit,
                finding,
            });
        }
    }
}

fn described(repository: &gix::Repository, id: ObjectId) -> Commit {
    let mut commit = Commit {
        id: id.to_string(),
        author: String::new(),
        time: DateTime::UNIX_EPOCH,
    };
    if let Ok(object) = repository.find_commit(id)
        && let Ok(author) = object.author()
    {
        commit.author = format!(
            "{} <{}>",
            author.name.to_str_lossy(),
            author.email.to_str_lossy()
        );
        let seconds = author.time().map(|time| time.seconds).unwrap_or_default();
        commit.time = DateTime::from_timestamp(seconds, 0).unwrap_or_default();
    }
    commit
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn git(folder: &Path, arguments: &[&str]) {
        let output = Command::new("git")
            .args(["-c", "user.name=A B", "-c", "user.email=a@example.org"])
            .args(arguments)
            .current_dir(folder)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("HOME", folder)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {said}");
    }

    /// Twenty commits, each with new text and one with a new secret, in a folder of its own.
    fn repository(folder: &Path) {
        std::fs::create_dir(folder).unwrap();
        git(folder, &["init", "-q"]);
        for number in 0..20 {
            let sub = folder.join(format!("sub{number}"));
            std::fs::create_dir(&sub).unwrap();
            let text: String = (0..60).map(|line| format!("{}\n", line * number)).collect();
            let secret = format!("password = \"k2J9sLq0Zt{number:02}!\"\n");
            std::fs::write(sub.join("a.conf"), [text, secret].concat()).unwrap();
            git(folder, &["add", "."]);
            git(folder, &["commit", "-q", "-m", "one"]);
        }
        git(folder, &["rm", "-rq", "."]);
        git(folder, &["commit", "-q", "-m", "nothing left"]);
    }

    #[test]
    fn a_history_is_the_same_however_it_is_stored() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let scanner = Scanner::builder().build().unwrap();
        let seen = |name: &str| -> Vec<(String, String)> {
            let result = history(&scanner, &at(name), 2).unwrap();
            assert!(result.problems.is_empty(), "{name}: {:?}", result.problems);
            assert_eq!(result.blobs, 20, "{name}");
            let found = result.findings.into_iter();
            found
                .map(|found| (found.path, found.commit.unwrap().id))
                .collect()
        };
        repository(&at("loose"));
        let loose = seen("loose");
        assert_eq!(loose.len(), 20);
        git(
            &at("loose"),
            &["worktree", "add", "-q", "--detach", "../linked"],
        );
        assert_eq!(seen("linked"), loose);
        git(
            folder.path(),
            &["clone", "-q", "--no-local", "--bare", "loose", "packed"],
        );
        git(&at("packed"), &["gc", "-q"]);
        assert_eq!(seen("packed"), loose);
        let opened = Opened::new(discover(&at("packed")).unwrap());
        assert_eq!(packs(&opened.repository).len(), 1);
        git(
            folder.path(),
            &["clone", "-q", "--shared", "packed", "borrowed"],
        );
        assert_eq!(seen("borrowed"), loose);
        // Of a pack without its index nothing can be said, and that is no clean history.
        for file in std::fs::read_dir(at("packed/objects/pack")).unwrap() {
            let file = file.unwrap().path();
            if file.extension().is_some_and(|end| end == "idx") {
                std::fs::remove_file(file).unwrap();
            }
        }
        history(&scanner, &at("packed"), 2).unwrap_err();
    }

    #[test]
    fn what_is_not_all_of_a_history_is_a_problem() {
        let folder = tempfile::tempdir().unwrap();
        repository(&folder.path().join("whole"));
        let clone = ["clone", "-q", "--no-local", "--depth", "2", "whole", "part"];
        git(folder.path(), &clone);
        let scanner = Scanner::builder().build().unwrap();
        let result = history(&scanner, &folder.path().join("part"), 1).unwrap();
        assert_eq!((result.blobs, result.problems.len()), (20, 1));
        assert!(result.problems[0].detail.contains("shallow"));
        let new = folder.path().join("new");
        std::fs::create_dir(&new).unwrap();
        git(&new, &["init", "-q"]);
        let result = history(&scanner, &new, 1).unwrap();
        assert_eq!((result.blobs, result.problems.len()), (0, 1));
    }

    #[test]
    fn tags_of_files_and_folders_are_searched() {
        let folder = tempfile::tempdir().unwrap();
        let whole = folder.path().join("whole");
        repository(&whole);
        let scanner = Scanner::builder().build().unwrap();
        std::fs::write(whole.join("b"), "password = \"k2J9sLq0Zt!xy\"\n").unwrap();
        git(&whole, &["add", "b"]);
        git(&whole, &["tag", "file", ":b"]);
        let result = history(&scanner, &whole, 1).unwrap();
        let tagged = |path: &str| result.findings.iter().any(|f| f.path == path);
        assert_eq!(result.findings.len(), 21);
        assert!(tagged("refs/tags/file"));
        assert!(tagged("sub3/a.conf"));
    }

    #[test]
    fn a_pack_is_read_in_stretches_and_in_its_order() {
        let folder = tempfile::tempdir().unwrap();
        let packed = folder.path().join("packed");
        repository(&packed);
        git(&packed, &["-c", "pack.window=0", "gc", "-q"]);
        let mut opened = Opened::new(discover(&packed).unwrap());
        let blobs = reachable(&mut opened).unwrap().unwrap();
        let placed = in_order(blobs, &opened.repository);
        assert_eq!(placed.len(), 20);
        let index = packs(&opened.repository).remove(0);
        let offset =
            |placed: &Placed| index.pack_offset_at_index(index.lookup(placed.blob.id).unwrap());
        assert!(placed.is_sorted_by_key(offset));
        for placed in &placed {
            assert_eq!(placed.place.stretch, (0, offset(placed) / STRETCH));
        }
        assert!(placed[0].place.stretch < placed[19].place.stretch);
    }
}
