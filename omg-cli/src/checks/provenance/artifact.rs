//! The artifact and its evidence, as they are opened.

use std::fs::File;
use std::io::{ErrorKind, Seek as _};
use std::path::{Path, PathBuf};

use omg_slsa::{Algorithm, Bundle, Digest, Digests, Error, EvidenceFile};

use super::query::{Artifact, ProvenanceQuery};
use crate::session::failure::Failure;
use crate::session::files::open_regular;

/// From this size on, in bytes, a second thread reads while the first one hashes.
const LARGE: u64 = 4 << 20;

/// The artifact, opened once.
pub enum OpenArtifact {
    File(File, PathBuf),
    Digest(Digest),
}

impl OpenArtifact {
    /// Opens a file, or resolves a name; the error is for people.
    pub fn open(artifact: &Artifact, root: &Path) -> Result<Self, String> {
        let name = match artifact {
            Artifact::File(path) => {
                let shown = path.display();
                let opened = open_regular(path);
                let file = opened.map_err(|error| match error.kind() {
                    ErrorKind::InvalidInput => error.to_string(),
                    _ => format!("cannot read {shown}: {error}"),
                })?;
                return Ok(Self::File(file, path.clone()));
            }
            Artifact::Named(name) => name,
        };
        match open_regular(Path::new(name)) {
            Ok(file) => Ok(Self::File(file, PathBuf::from(name))),
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
        Ok(Self::File(opened, path))
    }

    /// Where evidence is looked for.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::File(_, path) => Some(path),
            Self::Digest(_) => None,
        }
    }

    /// The digests that bundles need, of the file from its start.
    pub fn digests(&self, bundles: &[Result<Bundle, Error>]) -> std::io::Result<Digests> {
        self.digests_with(bundles, &[])
    }

    /// The digests that bundles need, and more.
    pub fn digests_with(
        &self,
        bundles: &[Result<Bundle, Error>],
        more: &[Algorithm],
    ) -> std::io::Result<Digests> {
        let mut algorithms = vec![Algorithm::Sha256];
        algorithms.extend(more);
        for bundle in bundles.iter().flatten() {
            algorithms.extend(bundle.algorithms());
        }
        match self {
            Self::File(file, _) => {
                let mut file: &File = file;
                file.rewind()?;
                match file.metadata()?.len() >= LARGE {
                    true => Digests::of_reader_ahead(file, &algorithms),
                    false => Digests::of_reader(file, &algorithms),
                }
            }
            Self::Digest(digest) => Ok(digest.clone().into()),
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

/// Reads the evidence that was named, or that lies beside the artifact.
pub fn evidence(
    query: &ProvenanceQuery,
    artifact: &OpenArtifact,
) -> Result<Option<EvidenceFile>, Failure> {
    let found = match (&query.bundle, artifact.path()) {
        (Some(path), _) => EvidenceFile::read(path).map(Some),
        (None, Some(path)) => EvidenceFile::beside(path),
        (None, None) => Ok(None),
    };
    found.map_err(|error| match &query.bundle {
        Some(path) if error.kind() == ErrorKind::NotFound => {
            Failure::incomplete(format!("there is no bundle {}", path.display()))
        }
        Some(path) => Failure::incomplete(format!("cannot read the bundle {}", path.display()))
            .because(&error),
        None => {
            let artifact = query.artifact.shown();
            Failure::incomplete(format!("cannot read the bundle of {artifact}")).because(&error)
        }
    })
}

/// The failure of an artifact that cannot be read to its end.
pub fn unreadable(query: &ProvenanceQuery, error: &std::io::Error) -> Failure {
    Failure::incomplete(format!("cannot read {}", query.artifact.shown())).because(error)
}
