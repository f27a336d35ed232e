use std::fmt;

/// What an inventory was read from.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Source {
    /// pacman's local database.
    Pacman,
    /// dpkg's `status` or `status.d`.
    Dpkg,
    /// apk's `installed`.
    Apk,
    /// `Cargo.lock`.
    CargoLock,
    /// `package-lock.json` or `npm-shrinkwrap.json`.
    PackageLock,
    /// `requirements.txt`.
    Requirements,
    /// `Pipfile.lock`.
    PipfileLock,
    /// `poetry.lock`.
    PoetryLock,
    /// `uv.lock`.
    UvLock,
    /// A CycloneDX document.
    CycloneDx,
    /// An SPDX document.
    Spdx,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pacman => "pacman",
            Self::Dpkg => "dpkg",
            Self::Apk => "apk",
            Self::CargoLock => "Cargo.lock",
            Self::PackageLock => "package-lock.json",
            Self::Requirements => "requirements.txt",
            Self::PipfileLock => "Pipfile.lock",
            Self::PoetryLock => "poetry.lock",
            Self::UvLock => "uv.lock",
            Self::CycloneDx => "CycloneDX",
            Self::Spdx => "SPDX",
        })
    }
}
