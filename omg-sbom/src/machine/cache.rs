//! Digests of package files that pacman kept.

use std::{
    fs::File,
    io::{self, BufReader, Read, Seek as _},
    num::NonZeroUsize,
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256, Sha512};

use super::{config, pacman::database_path, parallel, pieces, rooted, rooted::Root};
use crate::{
    model::{
        limits,
        machine::Machine,
        package::{Package, PackageKind},
    },
    read::decompress::{decompressor, read_up_to},
};

/// Where pacman keeps package files if its configuration names no other place (pacman.conf(5)).
const DEFAULT: &str = "var/cache/pacman/pkg";

/// What makepkg appends to the name of a package file (makepkg.conf(5), PKGEXT).
const EXTENSIONS: [&str; 4] = ["pkg.tar.zst", "pkg.tar.xz", "pkg.tar.gz", "pkg.tar"];

/// The members before a package's files, unpacked: the list of files is the largest of them.
const MAX_METADATA_BYTES: u64 = 2 * limits::MAX_MTREE_BYTES as u64;

impl Machine {
    /// Fills in digests of the package archives of pacman's packages, from the package files in
    /// its cache (`CacheDir`): SHA-512, which no repository records, and SHA-256 and the file's
    /// name where no repository had the installed version. `threads` are used for it; the result
    /// does not depend on their number.
    ///
    /// A file is that of the installed package if the list of files in it (`.MTREE`) is byte for
    /// byte the one that pacman kept when it was installed; others, and files that cannot be
    /// read, are passed over. That tells one build from another and says nothing of who made it.
    /// Where a repository gave a SHA-256 and the file has another, the repository's stays alone.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use std::{num::NonZeroUsize, path::Path};
    /// use omg_sbom::inventory::{Detail, Machine};
    ///
    /// let root = Path::new("/");
    /// let mut machine = Machine::read_root(root, Detail::Full)?;
    /// machine.read_cache(root, NonZeroUsize::MIN);
    /// # Ok::<(), omg_sbom::ReadError>(())
    /// ```
    pub fn read_cache(&mut self, root: &Path, threads: NonZeroUsize) {
        let root = Root::new(root);
        let Some(cache) = Cache::of(&root) else {
            return;
        };
        for inventory in &mut self.inventories {
            let packages = inventory.packages();
            let archive = |(): &mut (), at: usize| cache.archive(packages.get(at)?);
            let (archives, _) = parallel::each(packages.len(), threads, || (), archive);
            for (package, archive) in inventory.packages_mut().iter_mut().zip(archives) {
                if let Some(archive) = archive {
                    fill(package, archive);
                }
            }
        }
    }
}

/// A package file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Archive {
    pub(crate) name: String,
    pub(crate) sha256: [u8; 32],
    pub(crate) sha512: [u8; 64],
}

struct Cache<'a> {
    root: &'a Root,
    local: PathBuf,
    folders: Vec<PathBuf>,
}

impl<'a> Cache<'a> {
    fn of(root: &'a Root) -> Option<Self> {
        let config = config::read(root);
        let local = database_path(root, &config).ok()??.join("local");
        let mut folders: Vec<_> = config.cache_directories.iter().map(PathBuf::from).collect();
        if folders.is_empty() {
            folders.push(PathBuf::from(DEFAULT));
        }
        Some(Self {
            root,
            local,
            folders,
        })
    }

    /// The file that a package was installed from.
    fn archive(&self, package: &Package) -> Option<Archive> {
        let architecture = package.architecture.as_deref()?;
        let entry = format!("{}-{}", package.name, package.version);
        // Names of the database's directories, so that they have no slash; the architecture may.
        if package.kind != PackageKind::Alpm || [&*entry, architecture].concat().contains('/') {
            return None;
        }
        let mtree = self.local.join(&entry).join("mtree");
        let mtree = self.root.read(&mtree, limits::MAX_MTREE_BYTES).ok()?;
        self.folders.iter().find_map(|folder| {
            EXTENSIONS.iter().find_map(|extension| {
                let name = format!("{entry}-{architecture}.{extension}");
                self.digests(&folder.join(&name), &mtree, name)
            })
        })
    }

    fn digests(&self, path: &Path, mtree: &[u8], name: String) -> Option<Archive> {
        let path = self.root.resolve(path).ok()?;
        let mut file = rooted::open_regular(&path).ok()?;
        if !has_list(&mut file, mtree).ok()? {
            return None;
        }
        let (sha256, sha512) = digests(file).ok()?;
        Some(Archive {
            name,
            sha256,
            sha512,
        })
    }
}

/// Whether a package file has this list of its files, before the first of them.
fn has_list(file: &mut File, mtree: &[u8]) -> io::Result<bool> {
    let mut start = [0; 6];
    let length = read_up_to(file, &mut start)?;
    file.rewind()?;
    let start = start.get(..length).unwrap_or_default();
    let unpacked = decompressor(start, BufReader::new(file)).take(MAX_METADATA_BYTES);
    let mut archive = tar::Archive::new(unpacked);
    for member in archive.entries()? {
        let member = member?;
        let path = member.path_bytes();
        if path.as_ref() == b".MTREE" {
            let mut list = Vec::new();
            let most = mtree.len() as u64 + 1;
            member.take(most).read_to_end(&mut list)?;
            return Ok(list == mtree);
        }
        if !path.starts_with(b".") {
            break;
        }
    }
    Ok(false)
}

fn digests(mut file: File) -> io::Result<([u8; 32], [u8; 64])> {
    file.rewind()?;
    let (mut sha256, mut sha512) = (Sha256::new(), Sha512::new());
    pieces::each(file, &mut pieces::buffer(), |piece| {
        sha256.update(piece);
        sha512.update(piece);
    })?;
    Ok((sha256.finalize().into(), sha512.finalize().into()))
}

fn fill(package: &mut Package, archive: Archive) {
    let sha256 = archive.sha256.into();
    if package.archive_sha256.is_some_and(|known| known != sha256) {
        return;
    }
    package.archive_sha256 = Some(sha256);
    package.archive_sha512 = Some(archive.sha512.into());
    package.archive_name.get_or_insert(archive.name);
}
