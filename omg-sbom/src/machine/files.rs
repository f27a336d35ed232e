//! Looks at the installed files: what is recorded of them, and what is there.

use std::{
    collections::{HashMap, HashSet},
    ffi::OsStr,
    fs,
    io::{self, Read},
    num::NonZeroUsize,
    os::unix::{ffi::OsStrExt as _, fs::MetadataExt as _},
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use md5::Md5;
use sha2::{Digest as _, Sha256};

use super::{Machine, is_absent, list, records::Records, rooted, rooted::Root};
use crate::model::{
    files::{Digest, FileKind, Found, PackageFiles, Recorded, Report, Seen},
    inventory::Inventory,
    limits,
    package::Package,
};

/// What is read of a file at a time.
const PIECE_BYTES: usize = 128 * 1024;

impl Machine {
    /// Compares the installed files of pacman's and dpkg's packages with what those record:
    /// kind, size, digest, link, and for pacman mode and owner. `threads` are used for the
    /// digests; the result does not depend on their number.
    ///
    /// Times are not compared. Files that pacman was told not to install (`NoExtract`) are
    /// missing. dpkg's diversions are followed. Packages of apk and of lock files are
    /// [`unrecorded`](Report::unrecorded). Extra files are looked for below `/usr`, and not
    /// below `/usr/local`. Links in the directories of a path are followed below `root` only,
    /// and the file itself never; the tree must not be changed by an attacker meanwhile.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use std::{num::NonZeroUsize, path::Path};
    /// use omg_sbom::inventory::{Detail, Machine};
    ///
    /// let root = Path::new("/");
    /// let machine = Machine::read_root(root, Detail::Full)?;
    /// let files = machine.check_files(root, NonZeroUsize::MIN);
    /// let [missing, modified, configuration] = files.counts();
    /// println!("{missing} missing, {modified} modified, {} extra", files.extra.len());
    /// # Ok::<(), omg_sbom::ReadError>(())
    /// ```
    pub fn check_files(&self, root: &Path, threads: NonZeroUsize) -> Report {
        let root = Root::new(root);
        let records = Records::read(&root);
        let packages = self.inventories.iter().flat_map(Inventory::packages);
        let packages: Vec<&Package> = packages.collect();
        let next = AtomicUsize::new(0);
        let done = Mutex::new(Vec::with_capacity(packages.len()));
        let owned = Mutex::new(HashSet::new());
        let work = || {
            let mut looker = Looker::new(&root);
            while let Some(at) = take(&next, packages.len()) {
                let Some(package) = packages.get(at) else {
                    break;
                };
                let checked = records.of(&root, package).map(|files| {
                    let pairs = files.into_iter().map(|recorded| {
                        let found = looker.look(&recorded);
                        (recorded, found)
                    });
                    PackageFiles::check(package, pairs)
                });
                let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
                done.push((at, checked));
            }
            let mut owned = owned.lock().unwrap_or_else(PoisonError::into_inner);
            owned.extend(looker.owned);
        };
        thread::scope(|scope| {
            for _ in 1..threads.get().min(packages.len()) {
                scope.spawn(work);
            }
            work();
        });
        let done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        let owned = owned.into_inner().unwrap_or_else(PoisonError::into_inner);
        gathered(&root, &packages, done, &owned)
    }
}

fn take(next: &AtomicUsize, count: usize) -> Option<usize> {
    let at = next.fetch_add(1, Ordering::Relaxed);
    (at < count).then_some(at)
}

fn gathered(
    root: &Root,
    packages: &[&Package],
    mut done: Vec<(usize, Option<PackageFiles>)>,
    owned: &HashSet<Vec<u8>>,
) -> Report {
    done.sort_by_key(|(at, _)| *at);
    let mut report = Report::default();
    for (at, checked) in done {
        match (checked, packages.get(at)) {
            (Some(checked), _) => report.packages.push(checked),
            (None, Some(package)) => report.unrecorded.push(package.name.clone()),
            (None, None) => {}
        }
    }
    report.unrecorded.sort();
    extra(root, owned, &mut report);
    report
}

/// Walks `/usr`: everything that programs are started from, and nothing that users write.
fn extra(root: &Root, owned: &HashSet<Vec<u8>>, report: &mut Report) {
    let mut pending = vec![PathBuf::from("usr")];
    while let Some(directory) = pending.pop() {
        let names = match list(root, &directory) {
            Ok(names) => names,
            Err(error) if is_absent(&error) => continue,
            Err(error) => {
                let path = directory.display();
                report.unlisted.push(format!("{path}: {error}"));
                continue;
            }
        };
        for name in names {
            let path = directory.join(name);
            if path == Path::new("usr/local") {
                continue;
            }
            let seen = fs::symlink_metadata(root.path().join(&path));
            let is_directory = seen.is_ok_and(|seen| seen.is_dir());
            if !owned.contains(path.as_os_str().as_bytes()) {
                if report.extra.len() >= limits::MAX_EXTRA_FILES {
                    let limit = limits::MAX_EXTRA_FILES;
                    let detail = format!("usr: more than {limit} files that belong to no package");
                    report.unlisted.push(detail);
                    pending.clear();
                    break;
                }
                let slash = if is_directory { "/" } else { "" };
                report
                    .extra
                    .push(format!("{}{slash}", path.to_string_lossy()));
            } else if is_directory {
                pending.push(path);
            }
        }
    }
    report.extra.sort();
    report.unlisted.sort();
}

/// Looks at files. Their directories are followed once each.
struct Looker<'r> {
    root: &'r Root,
    parents: HashMap<PathBuf, Result<PathBuf, io::ErrorKind>>,
    /// The real paths of what belongs to packages, below the root.
    owned: Vec<Vec<u8>>,
    buffer: Vec<u8>,
}

impl<'r> Looker<'r> {
    fn new(root: &'r Root) -> Self {
        Self {
            root,
            parents: HashMap::new(),
            owned: Vec::new(),
            buffer: vec![0; PIECE_BYTES],
        }
    }

    fn look(&mut self, recorded: &Recorded) -> Found {
        match self.try_look(recorded) {
            Ok(seen) => Found::There(seen),
            Err(error) if is_absent(&error) => Found::Missing,
            Err(error) => Found::Unreadable(error.to_string()),
        }
    }

    fn try_look(&mut self, recorded: &Recorded) -> io::Result<Seen> {
        let path = Path::new(OsStr::from_bytes(&recorded.path));
        let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        let parent = path.parent().unwrap_or(Path::new(""));
        let directory = match self.parents.get(parent) {
            Some(known) => known.clone(),
            None => {
                let found = self.root.resolve(parent).map_err(|error| error.kind());
                self.parents.insert(parent.to_owned(), found.clone());
                found
            }
        };
        let full = directory?.join(name);
        if let Ok(inside) = full.strip_prefix(self.root.path()) {
            self.owned.push(inside.as_os_str().as_bytes().to_vec());
        }
        let metadata = fs::symlink_metadata(&full)?;
        let kind = match metadata.file_type() {
            kind if kind.is_symlink() => FileKind::Symlink,
            kind if kind.is_dir() => FileKind::Directory,
            kind if kind.is_file() => FileKind::File,
            _ => FileKind::Other,
        };
        let mut seen = Seen::new(kind, metadata.mode() & 0o7777);
        (seen.uid, seen.gid, seen.size) = (metadata.uid(), metadata.gid(), metadata.size());
        if kind == FileKind::Symlink {
            seen.link = Some(fs::read_link(&full)?.into_os_string().into_encoded_bytes());
        }
        let may_be_equal = recorded.size.is_none_or(|size| size == seen.size);
        let digest = recorded
            .digest
            .filter(|_| kind == FileKind::File && may_be_equal);
        if let Some(digest) = digest {
            seen.digest = Some(self.digest(&full, digest)?);
        }
        Ok(seen)
    }

    /// The digest of a file's content, of the kind that is recorded.
    fn digest(&mut self, path: &Path, recorded: Digest) -> io::Result<Digest> {
        let mut file = rooted::open_regular(path)?.take(limits::MAX_FILE_BYTES + 1);
        let mut sha256 = Sha256::new();
        let mut md5 = Md5::new();
        loop {
            let count = match file.read(&mut self.buffer) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let piece = self.buffer.get(..count).unwrap_or_default();
            match recorded {
                Digest::Sha256(_) => sha256.update(piece),
                Digest::Md5(_) => md5.update(piece),
            }
        }
        if file.limit() == 0 {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(match recorded {
            Digest::Sha256(_) => {
                let bytes: [u8; 32] = sha256.finalize().into();
                Digest::Sha256(bytes.into())
            }
            Digest::Md5(_) => Digest::Md5(md5.finalize().into()),
        })
    }
}
