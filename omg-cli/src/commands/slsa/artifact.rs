//! What is asked about, and where its evidence is.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use omg_slsa::{Algorithm, Bundle, Digest, Digests, Error};

use crate::args;
use crate::failure::Failure;
use crate::store::open_regular;

/// Where evidence lies beside an artifact, the first that is there.
const BESIDE: [&str; 7] = [
    ".sigstore.json",
    ".sigstore",
    ".intoto.jsonl",
    ".build.slsa",
    ".slsa.attestation",
    ".publish.attestation",
    ".provenance",
];

/// From this size on, in bytes, a second thread reads while the first one hashes.
const LARGE: u64 = 4 << 20;

/// What is asked about, opened once.
pub enum Artifact {
    File(File, String),
    Digest(Digest),
}

impl Artifact {
    pub fn open(name: &str, root: &Path) -> Result<Self, String> {
        match open_regular(Path::new(name)) {
            Ok(file) => Ok(Self::File(file, name.to_owned())),
            Err(error) if error.kind() == ErrorKind::InvalidInput => Err(error.to_string()),
            Err(error) if error.kind() == ErrorKind::NotFound => match name.parse() {
                Ok(digest) => Ok(Self::Digest(digest)),
                Err(_) if name.starts_with("sha") && name.contains(':') => {
                    Err(format!("{name} is neither a file nor a digest"))
                }
                Err(_) => Self::installed(name, root),
            },
            Err(error) => Err(format!("cannot read {name}: {error}")),
        }
    }

    /// The package file of an installed package, from pacman's cache. Its name only says where to
    /// look.
    fn installed(name: &str, root: &Path) -> Result<Self, String> {
        let missing = || format!("there is neither a file nor an installed package {name}");
        let local = names(&root.join("var/lib/pacman/local"));
        // Folders there are called name-version-release.
        let package = local.iter().find(|folder| {
            let mut parts = folder.rsplitn(3, '-');
            parts.nth(2) == Some(name)
        });
        let package = package.ok_or_else(missing)?;
        let cache = root.join("var/cache/pacman/pkg");
        let file = names(&cache).into_iter().find(|file| {
            let rest = file.strip_prefix(package.as_str());
            let rest = rest.and_then(|rest| rest.strip_prefix('-'));
            rest.and_then(|rest| rest.split_once(".pkg.tar."))
                .is_some_and(|(arch, ending)| !arch.contains('-') && !ending.contains('.'))
        });
        let file = file.ok_or_else(|| format!("the package file of {package} is not cached"))?;
        let path = cache.join(file);
        let opened = File::open(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Self::File(opened, path.to_string_lossy().into_owned()))
    }

    /// Where evidence is looked for.
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::File(_, path) => Some(path),
            Self::Digest(_) => None,
        }
    }

    pub fn digests(self, bundles: &[Result<Bundle, Error>]) -> std::io::Result<Digests> {
        self.digests_with(bundles, &[])
    }

    /// The digests that bundles need, and more.
    pub fn digests_with(
        self,
        bundles: &[Result<Bundle, Error>],
        more: &[Algorithm],
    ) -> std::io::Result<Digests> {
        let mut algorithms = vec![Algorithm::Sha256];
        algorithms.extend(more);
        for bundle in bundles.iter().flatten() {
            algorithms.extend(bundle.algorithms());
        }
        match self {
            Self::File(file, _) if file.metadata()?.len() >= LARGE => {
                Digests::of_reader_ahead(file, &algorithms)
            }
            Self::File(file, _) => Digests::of_reader(file, &algorithms),
            Self::Digest(digest) => Ok(digest.into()),
        }
    }
}

/// The names in a folder, sorted; none if it cannot be read.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<_> = entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort();
    names
}

/// The evidence that was named, or that lies beside the artifact.
pub fn evidence(
    args: &args::Slsa,
    artifact: &Artifact,
) -> Result<Option<(PathBuf, Vec<u8>)>, Failure> {
    let candidates = match &args.bundle {
        Some(path) => vec![path.clone()],
        None => {
            let path = artifact.path();
            let names = path.iter().flat_map(|path| {
                BESIDE
                    .iter()
                    .map(move |e| PathBuf::from(format!("{path}{e}")))
            });
            names.collect()
        }
    };
    for path in candidates {
        match read_bounded(&path) {
            Ok(bytes) => return Ok(Some((path, bytes))),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => {
                let message = format!("cannot read the bundle {}", path.display());
                return Err(Failure::incomplete(message).because(&error));
            }
        }
    }
    match &args.bundle {
        Some(path) => Err(Failure::incomplete(format!(
            "there is no bundle {}",
            path.display()
        ))),
        None => Ok(None),
    }
}

/// No more than a document may have, and one byte more to see that it is too large.
pub fn read_bounded(path: &Path) -> std::io::Result<Vec<u8>> {
    let limit = u64::try_from(omg_slsa::MAX_DOCUMENT_BYTES).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
