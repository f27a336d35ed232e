/// The two formats of package files that are read.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Format {
    /// pacman's: a tar archive with `.PKGINFO`.
    Pacman,
    /// Debian's binary package format, version 2.
    Deb,
}
