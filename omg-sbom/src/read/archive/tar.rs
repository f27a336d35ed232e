//! Members of a tar archive. Extended headers are read here and not by the `tar` crate, which
//! would take as much memory for them as the archive says.
//!
//! Formats: POSIX.1-2017, pax, "ustar Interchange Format" and "pax Extended Header"; GNU tar,
//! "Basic Tar Format".

use std::{
    borrow::Cow,
    cell::Cell,
    io::{self, Read},
};

use super::{
    error::ArchiveError,
    limits::Limits,
    member::{Member, MemberKind},
    pax::Pax,
    watch::{Unpacked, Watch},
};

/// PATH_MAX of Linux, in bytes.
const MAX_PATH_BYTES: u64 = 4096;
/// An extended header: paths, and attributes such as file capabilities.
const MAX_EXTENDED_BYTES: u64 = 1024 * 1024;
/// An archive ends with two blocks of zeros.
const END_BYTES: usize = 1024;

/// The counters of one package file, and what its readers noticed.
pub(super) struct Tally {
    pub(super) limits: Limits,
    pub(super) watch: Watch,
    unpacked: Cell<u64>,
    headers: Cell<u64>,
    list: Cell<usize>,
    metadata: Cell<usize>,
}

impl Tally {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            unpacked: Cell::new(limits.unpacked_bytes),
            headers: Cell::new(limits.members as u64),
            list: Cell::new(limits.list_bytes),
            metadata: Cell::new(limits.metadata_bytes),
            limits,
            watch: Watch::default(),
        }
    }

    /// Bytes that came out of the decompressors.
    pub(super) fn unpacked(&self) -> u64 {
        self.limits
            .unpacked_bytes
            .saturating_sub(self.unpacked.get())
    }

    /// Extended headers count too: each costs a block of the archive and time here.
    fn header(&self) -> Result<(), ArchiveError> {
        let left = self.headers.get().checked_sub(1);
        self.headers.set(left.ok_or(ArchiveError::LimitExceeded {
            what: "members",
            limit: self.limits.members as u64,
        })?);
        Ok(())
    }

    fn list(&self, bytes: usize) -> Result<(), ArchiveError> {
        let left = self.list.get().checked_sub(bytes);
        self.list.set(left.ok_or(ArchiveError::LimitExceeded {
            what: "list",
            limit: self.limits.list_bytes as u64,
        })?);
        Ok(())
    }

    /// Reads a member that is kept as a whole.
    pub(super) fn metadata(
        &self,
        part: &'static str,
        content: &mut dyn Read,
    ) -> Result<Vec<u8>, ArchiveError> {
        let left = self.metadata.get();
        let mut bytes = Vec::new();
        content
            .take(left as u64 + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| self.watch.reason(part, &error))?;
        let left = left.checked_sub(bytes.len());
        self.metadata.set(left.ok_or(ArchiveError::LimitExceeded {
            what: "metadata",
            limit: self.limits.metadata_bytes as u64,
        })?);
        Ok(bytes)
    }
}

/// Whether bytes other than zeros follow the end of the archive.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Rest {
    Nothing,
    Bytes,
}

/// Hands every member with its content to `each`, in order.
pub(super) fn walk(
    input: impl Read,
    part: &'static str,
    tally: &Tally,
    mut each: impl FnMut(Member, &mut dyn Read) -> Result<(), ArchiveError>,
) -> Result<Rest, ArchiveError> {
    let broken = |error: io::Error| tally.watch.reason(part, &error);
    let limit = tally.limits.unpacked_bytes;
    let unpacked = Unpacked::new(input, &tally.unpacked, limit, &tally.watch);
    let mut archive = tar::Archive::new(unpacked);
    let mut pending = Pending::default();
    for entry in archive.entries().map_err(broken)?.raw(true) {
        let mut entry = entry.map_err(broken)?;
        tally.header()?;
        let header = entry.header().clone();
        if pending.take(&header, &mut entry, part, tally)? {
            continue;
        }
        let member = member(&header, std::mem::take(&mut pending), part)?;
        tally.list(size_of::<Member>() + member.path.len())?;
        tally.list(member.link.as_ref().map_or(0, Vec::len))?;
        tally.list(member.attributes.iter().map(String::len).sum())?;
        each(member, &mut entry)?;
    }
    if !pending.is_empty() {
        let detail = "an extended header without the member that it describes";
        return Err(ArchiveError::malformed(part, detail));
    }
    let mut rest = archive.into_inner();
    // The checksums of the compressed formats come last.
    let zeros = rest.trailing_zeros();
    let more = io::copy(&mut rest, &mut io::sink()).map_err(broken)?;
    if rest.trailing_zeros() < END_BYTES {
        // tar(1) needs one block of zeros only; what it was written by writes two.
        return match zeros {
            0..512 => Err(ArchiveError::Truncated { part }),
            _ if more > 0 => Ok(Rest::Bytes),
            _ => Err(ArchiveError::Truncated { part }),
        };
    }
    let only_zeros = rest.trailing_zeros() as u64 >= more;
    Ok(if only_zeros {
        Rest::Nothing
    } else {
        Rest::Bytes
    })
}

/// What extended headers say of the member that follows them.
#[derive(Debug, Default)]
struct Pending {
    path: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    pax: Option<Pax>,
}

impl Pending {
    fn is_empty(&self) -> bool {
        self.path.is_none() && self.link.is_none() && self.pax.is_none()
    }

    /// Takes an extended header in; `false` for any other one.
    fn take(
        &mut self,
        header: &tar::Header,
        content: &mut dyn Read,
        part: &'static str,
        tally: &Tally,
    ) -> Result<bool, ArchiveError> {
        let kind = header.entry_type().as_byte();
        let limit = match kind {
            b'L' | b'K' => MAX_PATH_BYTES + 1,
            b'x' | b'g' => MAX_EXTENDED_BYTES,
            _ => return Ok(false),
        };
        let mut bytes = Vec::new();
        let read = content.take(limit + 1).read_to_end(&mut bytes);
        let count = read.map_err(|error| tally.watch.reason(part, &error))?;
        if count as u64 > limit {
            let detail = format!("an extended header of over {limit} bytes");
            return Err(ArchiveError::malformed(part, detail));
        }
        let twice = match kind {
            b'L' => self.path.replace(until_nul(&bytes)).is_some(),
            b'K' => self.link.replace(until_nul(&bytes)).is_some(),
            b'x' => self.pax.replace(Pax::parse(&bytes, part)?).is_some(),
            // Those of all members that follow: a comment is harmless, all else is read differently
            // by different programs.
            _ => !Pax::parse(&bytes, part)?.says_nothing(),
        };
        match twice {
            true => Err(ArchiveError::malformed(
                part,
                "contradicting extended headers",
            )),
            false => Ok(true),
        }
    }
}

fn member(
    header: &tar::Header,
    pending: Pending,
    part: &'static str,
) -> Result<Member, ArchiveError> {
    let broken = |error: io::Error| ArchiveError::malformed(part, error);
    let pax = pending.pax.unwrap_or_default();
    let stored = header.entry_size().map_err(broken)?;
    // tar readers do not agree on which of the two counts.
    if pax.size.is_some_and(|size| size != stored) {
        return Err(ArchiveError::malformed(part, "a member of two sizes"));
    }
    let path = one_of(pending.path, pax.path, part)?;
    let path = path.unwrap_or_else(|| header.path_bytes().into_owned());
    let kind = kind(header, &path, part)?;
    let size = match (kind, stored) {
        (MemberKind::File, size) => size,
        (_, 0) => 0,
        _ => {
            let detail = "a link, directory or device that has content";
            return Err(ArchiveError::malformed(part, detail));
        }
    };
    let link = one_of(pending.link, pax.link, part)?;
    let link = link.or_else(|| header.link_name_bytes().map(Cow::into_owned));
    let link = kind.is_link().then(|| link.unwrap_or_default());
    let uid = match pax.uid {
        Some(uid) => uid,
        None => header.uid().map_err(broken)?,
    };
    let gid = match pax.gid {
        Some(gid) => gid,
        None => header.gid().map_err(broken)?,
    };
    let is_long = |text: &[u8]| text.len() as u64 > MAX_PATH_BYTES;
    if is_long(&path) || link.as_deref().is_some_and(is_long) {
        let detail = format!("a path of over {MAX_PATH_BYTES} bytes");
        return Err(ArchiveError::malformed(part, detail));
    }
    Ok(Member {
        path,
        kind,
        mode: header.mode().map_err(broken)? & 0o7777,
        uid,
        gid,
        size,
        link,
        attributes: pax.attributes,
    })
}

fn kind(header: &tar::Header, path: &[u8], part: &'static str) -> Result<MemberKind, ArchiveError> {
    Ok(match header.entry_type().as_byte() {
        // Before POSIX a slash at the end made a directory.
        b'\0' | b'0' | b'7' if path.ends_with(b"/") => MemberKind::Directory,
        b'\0' | b'0' | b'7' => MemberKind::File,
        b'1' => MemberKind::HardLink,
        b'2' => MemberKind::Symlink,
        b'3' => MemberKind::CharacterDevice,
        b'4' => MemberKind::BlockDevice,
        b'5' => MemberKind::Directory,
        b'6' => MemberKind::Fifo,
        other => {
            let detail = format!("a member of type {:?}", char::from(other));
            return Err(ArchiveError::malformed(part, detail));
        }
    })
}

fn one_of(
    gnu: Option<Vec<u8>>,
    pax: Option<Vec<u8>>,
    part: &'static str,
) -> Result<Option<Vec<u8>>, ArchiveError> {
    match (gnu, pax) {
        (Some(_), Some(_)) => Err(ArchiveError::malformed(part, "a member of two names")),
        (gnu, pax) => Ok(gnu.or(pax)),
    }
}

fn until_nul(bytes: &[u8]) -> Vec<u8> {
    let mut parts = bytes.split(|byte| *byte == 0);
    parts.next().unwrap_or_default().to_vec()
}
