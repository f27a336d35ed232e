//! Looks at the installed files: what is recorded of them, and what is there.

use std::{
    collections::{HashMap, HashSet},
    ffi::OsStr,
    fs, io,
    num::NonZeroUsize,
    os::unix::{ffi::OsStrExt as _, fs::MetadataExt as _},
    path::{Path, PathBuf},
};

use md5::Md5;
use sha2::{Digest as _, Sha256};

use super::{
    error::is_absent, lookup::list, parallel, pieces, records::Records, rooted, rooted::Root,
};
use crate::model::{
    files::{
        found::{Found, Seen},
        recorded::{Digest, FileKind, Recorded},
        report::{PackageFiles, Report},
    },
    inventory::Inventory,
    limits,
    machine::Machine,
    package::Package,
};

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
        let check = |looker: &mut Looker<'_>, at: usize| {
            let package = *packages.get(at)?;
            let files = records.of(&root, package)?.into_iter();
            let pairs = files.map(|recorded| {
                let found = looker.look(&recorded);
                (recorded, found)
            });
            Some(PackageFiles::check(package, pairs))
        };
        let start = || Looker::new(&root);
        let (checked, lookers) = parallel::each(packages.len(), threads, start, check);
        let owned = lookers.into_iter().flat_map(|looker| looker.owned);
        gathered(&root, &packages, checked, &owned.collect())
    }
}

fn gathered(
    root: &Root,
    packages: &[&Package],
    checked: Vec<Option<PackageFiles>>,
    owned: &HashSet<Vec<u8>>,
) -> Report {
    let mut report = Report::default();
    for (package, checked) in packages.iter().zip(checked) {
        match checked {
            Some(checked) => report.packages.push(checked),
            None => report.unrecorded.push(package.name.clone()),
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
            buffer: pieces::buffer(),
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
        let file = rooted::open_regular(path)?;
        let mut sha256 = Sha256::new();
        let mut md5 = Md5::new();
        pieces::each(file, &mut self.buffer, |piece| match recorded {
            Digest::Sha256(_) => sha256.update(piece),
            Digest::Md5(_) => md5.update(piece),
        })?;
        Ok(match recorded {
            Digest::Sha256(_) => {
                let bytes: [u8; 32] = sha256.finalize().into();
                Digest::Sha256(bytes.into())
            }
            Digest::Md5(_) => Digest::Md5(md5.finalize().into()),
        })
    }
}
