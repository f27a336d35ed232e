//! What the databases record of the files of a package.

use std::{
    collections::{HashMap, HashSet},
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use super::{config, pacman::database_path, rooted::Root};
use crate::{
    model::{
        files::recorded::Recorded,
        limits,
        package::{Package, PackageKind},
    },
    read::{
        decompress::decompressor,
        dpkg::conffiles::parse_conffiles,
        files::{
            md5sums::{parse_list, parse_md5sums},
            mtree::parse_mtree,
        },
        pacman::backup::backup_files,
    },
};

const DPKG: &str = "var/lib/dpkg";

/// Where the records are, and what concerns several packages.
pub(super) struct Records {
    local: Option<PathBuf>,
    /// Configuration files with their digests, by package and architecture.
    conffiles: HashMap<(String, String), Vec<Recorded>>,
    /// From where to where, and for which package not.
    diversions: HashMap<Vec<u8>, (Vec<u8>, String)>,
}

impl Records {
    pub(super) fn read(root: &Root) -> Self {
        let local = database_path(root, &config::read(root)).ok().flatten();
        let dpkg = |name: &str| {
            let path = Path::new(DPKG).join(name);
            root.read(&path, limits::MAX_STATUS_BYTES)
                .unwrap_or_default()
        };
        Self {
            local: local.map(|path| path.join("local")),
            conffiles: parse_conffiles(&dpkg("status")),
            diversions: diversions(&dpkg("diversions")),
        }
    }

    /// The files of a package; `None` if nothing is recorded, or nothing that can be read.
    pub(super) fn of(&self, root: &Root, package: &Package) -> Option<Vec<Recorded>> {
        match package.kind {
            PackageKind::Alpm => self.pacman(root, package),
            PackageKind::Deb => self.dpkg(root, package),
            _ => None,
        }
    }

    fn pacman(&self, root: &Root, package: &Package) -> Option<Vec<Recorded>> {
        let name = format!("{}-{}", package.name, package.version);
        let directory = self.local.as_ref()?.join(name);
        let packed = root
            .read(&directory.join("mtree"), limits::MAX_MTREE_BYTES)
            .ok()?;
        let mut files = parse_mtree(&unpacked(&packed).ok()?).ok()?;
        let list = root.read(&directory.join("files"), limits::MAX_MTREE_BYTES);
        let backup = backup_files(&list.unwrap_or_default());
        for file in &mut files {
            file.is_configuration = backup.contains(&file.path);
        }
        Some(files)
    }

    fn dpkg(&self, root: &Root, package: &Package) -> Option<Vec<Recorded>> {
        let architecture = package.architecture.as_deref().unwrap_or_default();
        let stems = [
            format!("info/{}:{architecture}", package.name),
            format!("info/{}", package.name),
            format!("status.d/{}", package.name),
        ];
        let read = |stem: &str, what: &str| {
            let path = Path::new(DPKG).join(format!("{stem}.{what}"));
            root.read(&path, limits::MAX_MTREE_BYTES)
        };
        for stem in &stems {
            let (sums, list) = (read(stem, "md5sums"), read(stem, "list"));
            if sums.is_err() && list.is_err() {
                continue;
            }
            let mut files = parse_md5sums(&sums.unwrap_or_default()).ok()?;
            let key = (package.name.clone(), architecture.to_owned());
            files.extend(self.conffiles.get(&key).into_iter().flatten().cloned());
            let has_list = list.is_ok();
            let list = parse_list(&list.unwrap_or_default()).ok()?;
            let listed: HashSet<&[u8]> = list.iter().map(Vec::as_slice).collect();
            // Configuration that the package no longer has.
            files.retain(|file| !has_list || listed.contains(file.path.as_slice()));
            let known: HashSet<Vec<u8>> = files.iter().map(|file| file.path.clone()).collect();
            let others = list.into_iter().filter(|path| !known.contains(path));
            files.extend(others.map(Recorded::new));
            for file in &mut files {
                let diversion = self.diversions.get(&file.path);
                if let Some((to, _)) = diversion.filter(|(_, by)| *by != package.name) {
                    file.path.clone_from(to);
                }
            }
            return Some(files);
        }
        None
    }
}

/// dpkg-divert(1): three lines each, from, to and the package whose own files stay.
fn diversions(bytes: &[u8]) -> HashMap<Vec<u8>, (Vec<u8>, String)> {
    let lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    let inside = |path: &[u8]| path.strip_prefix(b"/").unwrap_or(path).to_vec();
    let triples = lines.chunks_exact(3).filter_map(|lines| match lines {
        [from, to, by] => {
            let by = String::from_utf8_lossy(by).into_owned();
            Some((inside(from), (inside(to), by)))
        }
        _ => None,
    });
    triples.collect()
}

/// mtree(5) as makepkg packs it, within the limit and one byte more.
fn unpacked(packed: &[u8]) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    let most = limits::MAX_MTREE_BYTES as u64 + 1;
    decompressor(packed, packed)
        .take(most)
        .read_to_end(&mut text)?;
    Ok(text)
}
