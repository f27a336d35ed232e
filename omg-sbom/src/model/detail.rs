/// How much of each package is wanted.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Detail {
    /// Name and version.
    ///
    /// For pacman this costs one directory listing: as for pacman itself, the names of the
    /// directories tell, and nothing in them is looked at, so that a missing or broken `desc`
    /// is not noticed, and origins stay unknown. dpkg, apk and lock files are one file each and
    /// are read in full anyway.
    Names,
    /// Everything that is recorded.
    #[default]
    Full,
}
