use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read},
    os::unix::fs::OpenOptionsExt,
    path::{Component, Path, PathBuf},
};

use rustix::fs::OFlags;

/// Linux gives up after as many (path_resolution(7)).
const MAX_LINKS: usize = 40;

/// A directory that stands for `/`: symbolic links below it are followed as if it were the
/// root, so that an absolute target, or one with many `..`, does not lead out of it.
///
/// The tree must not be changed by an attacker while it is read: path and file are looked at
/// one after the other.
#[derive(Debug)]
pub(super) struct Root(PathBuf);

impl Root {
    pub(super) fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Where `path`, seen from the root, leads to once all links are followed.
    pub(super) fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        let mut pending: Vec<PathBuf> = vec![path.to_owned()];
        let mut inside = PathBuf::new();
        let mut links = 0;
        while let Some(next) = pending.pop() {
            let mut parts = next.components();
            let Some(part) = parts.next() else { continue };
            let rest = parts.as_path();
            if !rest.as_os_str().is_empty() {
                pending.push(rest.to_owned());
            }
            match part {
                Component::Prefix(_) | Component::CurDir => {}
                Component::RootDir => inside.clear(),
                // Above the root is the root, as in chroot(2).
                Component::ParentDir => drop(inside.pop()),
                Component::Normal(name) => {
                    inside.push(name);
                    let full = self.0.join(&inside);
                    if !fs::symlink_metadata(&full)?.is_symlink() {
                        continue;
                    }
                    links += 1;
                    if links > MAX_LINKS {
                        return Err(io::Error::other("too many symbolic links"));
                    }
                    inside.pop();
                    pending.push(fs::read_link(&full)?);
                }
            }
        }
        Ok(self.0.join(inside))
    }

    /// Whether a name is there, and be it a link to nowhere; so is one behind such a link.
    pub(super) fn is_there(&self, path: &Path) -> bool {
        let entry = |path: &Path| fs::symlink_metadata(self.0.join(path));
        let leads_nowhere = |path: &Path| {
            entry(path).is_ok_and(|entry| entry.is_symlink()) && self.resolve(path).is_err()
        };
        let mut above = path.ancestors().filter(|path| !path.as_os_str().is_empty());
        entry(path).is_ok() || above.any(leads_nowhere)
    }

    /// The content of a regular file of at most `limit` bytes.
    pub(super) fn read(&self, path: &Path, limit: usize) -> io::Result<Vec<u8>> {
        read_regular(&self.resolve(path)?, limit)
    }
}

/// Opens the regular file at `path`, which is no link.
pub(super) fn open_regular(path: &Path) -> io::Result<File> {
    // O_NONBLOCK: opening a FIFO must not wait for a writer (open(2)). For regular files it
    // means nothing.
    let flags = (OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::NOCTTY)
        .bits()
        .cast_signed();
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags)
        .open(path)?;
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(io::Error::other("not a regular file")),
    }
}

/// The content of the regular file at `path`, which is no link, of at most `limit` bytes.
pub(super) fn read_regular(path: &Path, limit: usize) -> io::Result<Vec<u8>> {
    let file = open_regular(path)?;
    let metadata = file.metadata()?;
    // The size is a hint only: files of /proc say 0, and a file can grow.
    let expected = usize::try_from(metadata.len()).unwrap_or(limit).min(limit);
    let mut content = Vec::with_capacity(expected);
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    file.take(most).read_to_end(&mut content)?;
    if content.len() > limit {
        let detail = format!("larger than {limit} bytes");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, detail));
    }
    Ok(content)
}
