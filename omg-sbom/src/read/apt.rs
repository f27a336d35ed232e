//! apt's lists: the file `Packages` of a repository, kept as `/var/lib/apt/lists/*_Packages`.
//!
//! A list says which file holds a package, and the digest of that file. apt checks the signature
//! of the release that names the list; nothing here does.
//!
//! Format: deb822(5); Debian wiki, "DebianRepository/Format", section "Packages Indices".

use std::io::{self, BufRead as _, BufReader, Read};

use thiserror::Error;

use super::stanza::{Stanza, stanzas};
use crate::model::{digest::Sha256, limits, name::fault_of};

/// The fields that an [`Offer`] is made of.
const FIELDS: &[&str] = &[
    "Architecture",
    "Filename",
    "Package",
    "SHA256",
    "Size",
    "Version",
];

/// One package file that a list offers. A field that the list leaves out is `None`.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Offer {
    /// The name of the package.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its architecture.
    pub architecture: Option<String>,
    /// The path of the file, seen from the root of the repository, as recorded.
    pub file_name: Option<String>,
    /// The size of the file, in bytes.
    pub size: Option<u64>,
    /// The digest of the file.
    pub sha256: Option<Sha256>,
}

/// The `Origin` of a file `Release` or `InRelease`: who makes the repository, by their own word.
/// Debian wiki, "DebianRepository/Format", section "Origin".
#[cfg(feature = "fs")]
pub(crate) fn release_origin(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes);
    let origin = text.lines().find_map(|line| line.strip_prefix("Origin:"))?;
    Some(origin.trim().to_owned()).filter(|origin| !origin.is_empty())
}

/// Reads a list, one [`Offer`] after the other, and holds one paragraph in memory at a time.
///
/// Wrap a file in it as it is: the input is buffered here.
///
/// # Errors
///
/// Each item can be a [`ListError`]. After [`ListError::Malformed`] the next paragraph follows;
/// any other error is the last item.
///
/// # Examples
///
/// ```
/// use omg_sbom::inventory::apt::Packages;
///
/// let list = b"Package: tool\nVersion: 1.0-1\nArchitecture: all\n\
///     Filename: pool/main/t/tool_1.0-1_all.deb\nSize: 612\n\
///     SHA256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n";
/// let offers = Packages::new(list.as_slice()).collect::<Result<Vec<_>, _>>()?;
/// assert_eq!((offers[0].name.as_str(), offers[0].size), ("tool", Some(612)));
/// # Ok::<(), omg_sbom::inventory::apt::ListError>(())
/// ```
#[derive(Debug)]
pub struct Packages<R> {
    input: BufReader<io::Take<R>>,
    limit: u64,
    /// The lines that were read.
    lines: usize,
    paragraph: Vec<u8>,
    ended: bool,
}

impl<R: Read> Packages<R> {
    /// Starts to read a list of at most [`limits::MAX_LIST_BYTES`].
    pub fn new(input: R) -> Self {
        Self::within(input, limits::MAX_LIST_BYTES)
    }

    fn within(input: R, limit: u64) -> Self {
        Self {
            input: BufReader::new(input.take(limit.saturating_add(1))),
            limit,
            lines: 0,
            paragraph: Vec::new(),
            ended: false,
        }
    }

    fn try_next(&mut self) -> Result<Option<Offer>, ListError> {
        let Some(before) = self.read_paragraph()? else {
            return Ok(None);
        };
        match stanzas(&self.paragraph, FIELDS, before).next() {
            Some(stanza) => offer(&stanza).map(Some),
            None => Ok(None),
        }
    }

    /// Reads the next paragraph, and returns how many lines lie before it; `None` at the end.
    fn read_paragraph(&mut self) -> Result<Option<usize>, ListError> {
        self.paragraph.clear();
        let mut before = self.lines;
        loop {
            let start = self.paragraph.len();
            let room = (limits::MAX_STANZA_BYTES + 1).saturating_sub(start) as u64;
            let mut input = self.input.by_ref().take(room);
            let count = input.read_until(b'\n', &mut self.paragraph);
            let count = count.map_err(ListError::Read)?;
            // More than the limit came, which is not the end of the list.
            if count == 0 && self.input.get_ref().limit() == 0 {
                return Err(ListError::TooLarge { limit: self.limit });
            }
            if self.paragraph.len() > limits::MAX_STANZA_BYTES {
                return Err(ListError::StanzaTooLong {
                    line: before + 1,
                    limit: limits::MAX_STANZA_BYTES,
                });
            }
            if count == 0 {
                return Ok((start > 0).then_some(before));
            }
            self.lines += 1;
            let line = self.paragraph.get(start..).unwrap_or_default();
            if line.iter().all(u8::is_ascii_whitespace) {
                self.paragraph.truncate(start);
                if start > 0 {
                    return Ok(Some(before));
                }
                before = self.lines;
            }
        }
    }
}

impl<R: Read> Iterator for Packages<R> {
    type Item = Result<Offer, ListError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = self.try_next().transpose();
        self.ended = !matches!(next, Some(Ok(_) | Err(ListError::Malformed { .. })));
        next
    }
}

fn offer(stanza: &Stanza<'_>) -> Result<Offer, ListError> {
    let malformed = |detail: String| ListError::Malformed {
        line: stanza.line,
        detail,
    };
    if let Some(fault) = &stanza.fault {
        return Err(malformed(fault.clone()));
    }
    if let Some(field) = stanza.too_long().next() {
        let limit = limits::MAX_VALUE_BYTES;
        return Err(malformed(format!("{field} is longer than {limit} bytes")));
    }
    let identifier = |field: &str| {
        let text = stanza.get(field).unwrap_or_default();
        match fault_of(field, &text) {
            Some((_, detail)) => Err(malformed(detail)),
            None => Ok(text),
        }
    };
    let size = stanza.get("Size").map(|size| size.parse()).transpose();
    let sha256 = stanza
        .get("SHA256")
        .map(|digest| digest.parse())
        .transpose();
    Ok(Offer {
        name: identifier("Package")?,
        version: identifier("Version")?,
        architecture: stanza.get("Architecture"),
        file_name: stanza.get("Filename"),
        size: size.map_err(|_| malformed("Size is no number".to_owned()))?,
        sha256: sha256.map_err(|_| malformed("SHA256 cannot be read".to_owned()))?,
    })
}

/// A list, or one paragraph of it, was refused.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ListError {
    /// The reader that was given failed.
    #[error("cannot read the list")]
    Read(#[source] io::Error),
    /// The list is larger than the limit.
    #[error("larger than the limit of {limit} bytes")]
    TooLarge {
        /// The limit, in bytes.
        limit: u64,
    },
    /// A paragraph, or one line of it, is longer than the limit.
    #[error("line {line}: a paragraph is longer than the limit of {limit} bytes")]
    StanzaTooLong {
        /// The first line of the paragraph, counted from 1.
        line: usize,
        /// The limit, in bytes.
        limit: usize,
    },
    /// A paragraph names no package and version, gives a field twice, or breaks the syntax.
    #[error("line {line}: {detail}")]
    Malformed {
        /// The first line of the paragraph, counted from 1.
        line: usize,
        /// The fault.
        detail: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "Package: a\nVersion: 1\n";

    fn read(text: &str) -> Vec<Result<Offer, ListError>> {
        Packages::new(text.as_bytes()).collect()
    }

    /// The first item, as text where it is an error.
    fn first(text: &str) -> Result<Offer, String> {
        let first = read(text).remove(0);
        first.map_err(|error| error.to_string())
    }

    #[test]
    fn every_field_is_read() {
        let digest = "AB".repeat(32);
        let text = format!(
            "\n\npackage: a\r\nVersion:1:2-3\nArchitecture: all\nDepends: b,\n SHA256: 0\n\
             Filename: pool/a.deb\nSize: 7\nSHA256: {digest}\n \t\nPackage: b\nVersion: 1"
        );
        let offers: Vec<Offer> = read(&text).into_iter().map(Result::unwrap).collect();
        let [a, b] = offers.as_slice() else {
            panic!("{offers:?}")
        };
        assert_eq!((a.name.as_str(), a.version.as_str()), ("a", "1:2-3"));
        assert_eq!(a.architecture.as_deref(), Some("all"));
        assert_eq!(a.file_name.as_deref(), Some("pool/a.deb"));
        assert_eq!((a.size, a.sha256), (Some(7), Some([0xab; 32].into())));
        assert_eq!((b.name.as_str(), b.version.as_str()), ("b", "1"));
    }

    #[test]
    fn an_empty_list_offers_nothing() {
        assert!(read("").is_empty());
        assert!(read("\n \n\t\n\r\n").is_empty());
    }

    #[test]
    fn missing_fields() {
        assert_eq!(
            first("Version: 1\n"),
            Err("line 1: Package is empty".to_owned())
        );
        assert_eq!(
            first("\nPackage: a\n"),
            Err("line 2: Version is empty".to_owned())
        );
        let offer = first(GOOD).unwrap();
        assert_eq!((offer.architecture, offer.file_name), (None, None));
        assert_eq!((offer.size, offer.sha256), (None, None));
    }

    #[test]
    fn a_malformed_paragraph_is_refused_and_the_next_is_read() {
        for (text, detail) in [
            ("Package: b\n", "Package is given twice"),
            ("SHA256: 00\nsha256: 11\n", "SHA256 is given twice"),
            ("Filename: x\nFilename: y\n", "Filename is given twice"),
            ("SHA256: 00\n", "SHA256 cannot be read"),
            ("SHA256: a\n b\n", "SHA256 cannot be read"),
            ("Size: -1\n", "Size is no number"),
            ("Size: 18446744073709551616\n", "Size is no number"),
            ("stray\n", "line 5 is neither a field nor continues one"),
        ] {
            let text = format!("\n\n{GOOD}{text}\n{GOOD}");
            assert_eq!(first(&text), Err(format!("line 3: {detail}")), "{text}");
            assert!(matches!(read(&text).as_slice(), [Err(_), Ok(_)]), "{text}");
        }
        let text = "Package: a b\nVersion: 1\n";
        assert!(first(text).is_err_and(|error| error.contains("Package has characters")));
        let text = "Package: a\nVersion: 1\u{1b}[2J\n";
        assert!(first(text).is_err_and(|error| error.contains("Version has characters")));
    }

    #[test]
    fn a_value_is_limited() {
        let value = "x".repeat(limits::MAX_VALUE_BYTES);
        let result = first(&format!("{GOOD}Filename: {value}\n"));
        let limit = limits::MAX_VALUE_BYTES;
        let detail = format!("line 1: Filename is longer than {limit} bytes");
        assert_eq!(result, Err(detail));
        // Fields that are not read are passed over, whatever their length.
        assert!(first(&format!("{GOOD}Provides: {value}\n")).is_ok());
    }

    #[test]
    fn a_paragraph_is_limited_and_its_excess_ends_the_list() {
        let most = limits::MAX_STANZA_BYTES - GOOD.len();
        let of = |length: usize| format!("{GOOD}{}\n", "x:".repeat(length).split_at(length - 1).0);
        assert!(first(&of(most)).is_ok());
        let longer = format!("{GOOD}\n{}\n{GOOD}", of(most + 1));
        let items = read(&longer);
        let [Ok(_), Err(ListError::StanzaTooLong { line: 4, .. })] = items.as_slice() else {
            panic!("{items:?}")
        };
        // One line without an end.
        let endless = Packages::new(io::repeat(b'x')).collect::<Vec<_>>();
        let [Err(ListError::StanzaTooLong { line: 1, .. })] = endless.as_slice() else {
            panic!("{endless:?}")
        };
        // Many lines.
        let lines = "a: b\n".repeat(limits::MAX_STANZA_BYTES / 5 + 1);
        assert!(matches!(
            read(&lines).as_slice(),
            [Err(ListError::StanzaTooLong { .. })]
        ));
    }

    #[test]
    fn the_list_is_limited() {
        let text = format!("{GOOD}\n{GOOD}");
        let within = |limit: usize| {
            let items = Packages::within(text.as_bytes(), limit as u64).collect::<Vec<_>>();
            let last = items.last().unwrap();
            (items.len(), matches!(last, Err(ListError::TooLarge { .. })))
        };
        assert_eq!(within(text.len()), (2, false));
        assert_eq!(within(text.len() - 1), (2, true));
        assert_eq!(within(3), (1, true));
    }

    #[test]
    fn a_reader_that_fails_ends_the_list() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
        }
        let items = Packages::new(GOOD.as_bytes().chain(Broken)).collect::<Vec<_>>();
        assert!(matches!(items.as_slice(), [Err(ListError::Read(_))]));
    }
}
