use super::error::ArchiveError;

/// What is used of a pax extended header (POSIX.1-2017, pax, "pax Extended Header").
#[derive(Debug, Default)]
pub(super) struct Pax {
    pub(super) path: Option<Vec<u8>>,
    pub(super) link: Option<Vec<u8>>,
    pub(super) size: Option<u64>,
    pub(super) uid: Option<u64>,
    pub(super) gid: Option<u64>,
    /// Names of extended attributes, sorted.
    pub(super) attributes: Vec<String>,
}

impl Pax {
    /// Reads the records, each `LENGTH KEY=VALUE` and a line end, with the length of all of it.
    pub(super) fn parse(mut bytes: &[u8], part: &'static str) -> Result<Self, ArchiveError> {
        let broken = || ArchiveError::malformed(part, "a pax header that cannot be read");
        let mut pax = Self::default();
        while !bytes.is_empty() {
            let space = bytes.iter().take(20).position(|byte| *byte == b' ');
            let (digits, _) = space
                .and_then(|at| bytes.split_at_checked(at))
                .ok_or_else(broken)?;
            let length = number(digits).and_then(|length| usize::try_from(length).ok());
            let (record, rest) = length
                .and_then(|length| bytes.split_at_checked(length))
                .ok_or_else(broken)?;
            let record = record
                .get(digits.len() + 1..)
                .and_then(|r| r.strip_suffix(b"\n"));
            let record = record.ok_or_else(broken)?;
            let equals = record
                .iter()
                .position(|byte| *byte == b'=')
                .ok_or_else(broken)?;
            let (key, value) = record.split_at_checked(equals).ok_or_else(broken)?;
            pax.set(key, value.get(1..).unwrap_or_default(), part)?;
            bytes = rest;
        }
        pax.attributes.sort_unstable();
        pax.attributes.dedup();
        Ok(pax)
    }

    fn set(&mut self, key: &[u8], value: &[u8], part: &'static str) -> Result<(), ArchiveError> {
        let numeric = || {
            number(value)
                .map(Some)
                .ok_or_else(|| ArchiveError::malformed(part, "a number that cannot be read"))
        };
        let is_set = match key {
            b"path" => self.path.replace(text(value, part)?).is_some(),
            b"linkpath" => self.link.replace(text(value, part)?).is_some(),
            b"size" => std::mem::replace(&mut self.size, numeric()?).is_some(),
            b"uid" => std::mem::replace(&mut self.uid, numeric()?).is_some(),
            b"gid" => std::mem::replace(&mut self.gid, numeric()?).is_some(),
            _ => {
                if key.starts_with(b"GNU.sparse.") {
                    let detail = "a sparse file".to_owned();
                    return Err(ArchiveError::Unsupported { part, detail });
                }
                let name = ["SCHILY.xattr.", "LIBARCHIVE.xattr."];
                let mut names = name.iter().filter_map(|p| key.strip_prefix(p.as_bytes()));
                if let Some(name) = names.next() {
                    self.attributes
                        .push(String::from_utf8_lossy(name).into_owned());
                }
                false
            }
        };
        match is_set {
            true => Err(ArchiveError::malformed(
                part,
                "a pax header that says something twice",
            )),
            false => Ok(()),
        }
    }

    /// Whether nothing in it changes a member.
    pub(super) fn says_nothing(&self) -> bool {
        let names = self.path.is_none() && self.link.is_none() && self.attributes.is_empty();
        names && self.size.is_none() && self.uid.is_none() && self.gid.is_none()
    }
}

/// An empty value takes the header's back, and a NUL ends the name for some readers only.
fn text(value: &[u8], part: &'static str) -> Result<Vec<u8>, ArchiveError> {
    match value.is_empty() || value.contains(&0) {
        true => Err(ArchiveError::malformed(part, "a name that cannot be one")),
        false => Ok(value.to_vec()),
    }
}

fn number(digits: &[u8]) -> Option<u64> {
    let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    let text = std::str::from_utf8(digits).ok().filter(|_| is_number)?;
    text.parse().ok()
}
