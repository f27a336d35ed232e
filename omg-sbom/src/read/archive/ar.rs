//! The outer archive of a `.deb` (deb(5); ar(5)).

use std::io::{self, Read};

use super::{error::ArchiveError, tar::Tally};
use crate::read::decompress::read_up_to;

pub(super) const MAGIC: &[u8] = b"!<arch>\n";
const PART: &str = "ar archive";
const HEADER_BYTES: usize = 60;
/// A name has 16 bytes: more than a few members are no package.
const MAX_MEMBERS: usize = 16;

/// One member, before its content is read.
pub(super) struct Header {
    pub(super) name: String,
    pub(super) size: u64,
}

/// Reads the members one after the other; the magic number is already read.
pub(super) struct Members<'t, R> {
    input: R,
    tally: &'t Tally,
    count: usize,
    pad: bool,
}

impl<'t, R: Read> Members<'t, R> {
    pub(super) fn new(input: R, tally: &'t Tally) -> Self {
        Self {
            input,
            tally,
            count: 0,
            pad: false,
        }
    }

    /// The next member; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Header>, ArchiveError> {
        let mut header = [0; HEADER_BYTES];
        if self.pad && self.fill(&mut header, 1)? == 0 {
            return Ok(None);
        }
        match self.fill(&mut header, HEADER_BYTES)? {
            0 => return Ok(None),
            HEADER_BYTES => {}
            _ => return Err(ArchiveError::Truncated { part: PART }),
        }
        self.count += 1;
        if self.count > MAX_MEMBERS {
            let detail = format!("more than {MAX_MEMBERS} members");
            return Err(ArchiveError::malformed(PART, detail));
        }
        let (name, rest) = header.split_at(16);
        let (_, rest) = rest.split_at(32);
        let (size, end) = rest.split_at(10);
        let name = name.trim_ascii_end();
        let name = name.strip_suffix(b"/").unwrap_or(name);
        let is_name = !name.is_empty() && name.iter().all(u8::is_ascii_graphic);
        let size = std::str::from_utf8(size.trim_ascii_end()).ok();
        let size = size.filter(|size| size.bytes().all(|byte| byte.is_ascii_digit()));
        match size.and_then(|size| size.parse().ok()) {
            Some(size) if is_name && end == b"`\n" => {
                self.pad = size % 2 == 1;
                let name = String::from_utf8_lossy(name).into_owned();
                Ok(Some(Header { name, size }))
            }
            _ => Err(ArchiveError::malformed(
                PART,
                "a header that cannot be read",
            )),
        }
    }

    /// The content of the member that [`next`](Self::next) gave.
    pub(super) fn content(&mut self, header: &Header) -> io::Take<&mut R> {
        self.input.by_ref().take(header.size)
    }

    fn fill(&mut self, buffer: &mut [u8], count: usize) -> Result<usize, ArchiveError> {
        let wanted = buffer.get_mut(..count).unwrap_or_default();
        read_up_to(&mut self.input, wanted).map_err(|error| self.tally.watch.reason(PART, &error))
    }
}
