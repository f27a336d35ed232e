//! What an Arch Linux package says of its own build, bound to what rebuilders signed of it.

use std::fs::File;
use std::io::{Read as _, Seek as _};

use omg_sbom::archive::{self, ArchiveError, Format, PackageFile};
use omg_slsa::{Algorithm, BuildInfo, Check, Digest, Digests, Error, Rebuilds, Rejection};

/// Reads `.BUILDINFO` from the package of which these are the digests, and holds it against its
/// `.PKGINFO` and the links. A file that is no Arch Linux package has none, and nothing is said.
pub fn bound(mut file: &File, digests: &Digests, rebuilds: &Rebuilds) -> Result<Vec<Check>, Error> {
    let refused = |detail: String| Error::Rejected {
        reason: Rejection::Contradiction,
        detail,
    };
    let unread = |error: std::io::Error| refused(format!("cannot read the package: {error}"));
    file.rewind().map_err(unread)?;
    if !is_archive(file).map_err(unread)? {
        return Ok(Vec::new());
    }
    file.rewind().map_err(unread)?;
    let archive = match archive::read(file) {
        Ok(archive) if archive.format == Format::Pacman => archive,
        Ok(_) | Err(ArchiveError::NotAPackage { .. }) => return Ok(Vec::new()),
        Err(error) => return Err(refused(format!("the package cannot be read: {error}"))),
    };
    // What is read a second time has to be what the rebuilders signed.
    let signed = digests.get(Algorithm::Sha256).map(Digest::as_bytes);
    if signed != Some(archive.sha256().as_bytes()) {
        return Err(refused("the package changed while it was read".to_owned()));
    }
    let PackageFile {
        metadata, package, ..
    } = &archive;
    let Some(bytes) = metadata.get(".BUILDINFO") else {
        return Err(refused("the package has no .BUILDINFO".to_owned()));
    };
    let info = BuildInfo::parse(bytes)?;
    let Some(arch) = package.architecture.as_deref() else {
        return Err(refused("the package names no architecture".to_owned()));
    };
    Ok(info.agrees((&package.name, &package.version, arch), rebuilds))
}

/// Whether it begins like a tar archive, plain or compressed as makepkg does it (zstd, xz, gzip,
/// bzip2).
fn is_archive(file: &File) -> std::io::Result<bool> {
    let mut head = Vec::new();
    file.take(512).read_to_end(&mut head)?;
    let packed: [&[u8]; 4] = [b"\x28\xb5\x2f\xfd", b"\xfd7zXZ\0", b"\x1f\x8b", b"BZh"];
    let plain = head.get(257..262) == Some(b"ustar");
    Ok(plain || packed.iter().any(|magic| head.starts_with(magic)))
}
