//! Input of any length, read in pieces that overlap, so that memory is bounded.

use std::io::{ErrorKind, Read};

use crate::finding::Finding;
use crate::scanner::Scanner;
use crate::text::encoding;

/// Input is read in pieces of this size, so that its length does not matter.
const PIECE: usize = if cfg!(test) { 256 << 10 } else { 2 << 20 };
/// So much of a piece is seen again with the next one: longer than any credential.
const OVERLAP: usize = 128 << 10;
/// How much is looked at to tell text from binary data.
const SNIFF: usize = 8 << 10;
/// How much of an input is read before that is told: most texts are not longer.
const HEAD: usize = 64 << 10;

/// What [`Scanner::scan_reader`] found, and how much it read.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Streamed {
    /// The findings, with those that a comment allows, in order.
    pub findings: Vec<Finding>,
    /// How many bytes were scanned.
    pub bytes: u64,
    /// Whether the input was taken for binary data and not scanned.
    pub binary: bool,
}

impl Scanner {
    /// Scans input of any length with about 3 MiB of memory: as
    /// [`scan_all`](Self::scan_all), but binary data (a zero byte among the first 8 KiB) is
    /// left out.
    ///
    /// # Errors
    ///
    /// Those of the reader; nothing is said of what was read until then.
    pub fn scan_reader(&self, mut reader: impl Read) -> std::io::Result<Streamed> {
        let mut findings = Vec::new();
        let mut stream = Stream {
            scanner: self,
            buffer: &mut Buffer::default(),
            stop: &|_| false,
        };
        let outcome = stream.scan(&mut reader, 0, &mut |finding| findings.push(finding))?;
        Ok(Streamed {
            findings,
            bytes: outcome.bytes,
            binary: outcome.seen == Seen::Binary,
        })
    }
}

/// A zero byte at the start, and no UTF-16.
pub(crate) fn is_binary(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(SNIFF)];
    memchr::memchr(0, head).is_some() && encoding::utf16_mark(head).is_none()
}

/// What the input turned out to be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Seen {
    Text,
    Binary,
    /// The caller's test of the first piece said so.
    Stopped,
}

pub(crate) struct Outcome {
    pub seen: Seen,
    pub bytes: u64,
}

/// Scans one input after the other with the same memory.
pub(crate) struct Stream<'a> {
    pub scanner: &'a Scanner,
    pub buffer: &'a mut Buffer,
    /// Whether an input that begins like this is not scanned.
    pub stop: &'a dyn Fn(&[u8]) -> bool,
}

impl Stream<'_> {
    /// Scans at most `expected` bytes, or all if that is zero.
    pub(crate) fn scan(
        &mut self,
        reader: &mut dyn Read,
        expected: u64,
        found: &mut dyn FnMut(Finding),
    ) -> std::io::Result<Outcome> {
        let mut pieces = Pieces::default();
        let mut bytes = 0;
        self.buffer.filled = 0;
        let mut last = self.buffer.fill(reader, expected, &mut bytes, HEAD)?;
        let head = self.buffer.get();
        let seen = match head {
            head if (self.stop)(head) => Seen::Stopped,
            head if is_binary(head) => Seen::Binary,
            _ => Seen::Text,
        };
        if seen != Seen::Text {
            return Ok(Outcome { seen, bytes });
        }
        pieces.mark = encoding::utf16_mark(head);
        loop {
            if !last {
                let whole = PIECE + OVERLAP;
                last = self.buffer.fill(reader, expected, &mut bytes, whole)?;
            }
            pieces.scan(self.scanner, self.buffer.get(), last, found);
            if last {
                let seen = Seen::Text;
                return Ok(Outcome { seen, bytes });
            }
            pieces.advance(self.buffer);
        }
    }
}

/// The part of an input that is in memory.
#[derive(Default)]
pub(crate) struct Buffer {
    /// Its length grows to that of the longest input, up to a piece and the overlap.
    bytes: Vec<u8>,
    filled: usize,
}

impl Buffer {
    fn get(&self) -> &[u8] {
        &self.bytes[..self.filled]
    }

    /// Reads until the buffer holds `limit` bytes; whether the input ended, which it has after
    /// `expected` bytes too, unless that is zero.
    fn fill(
        &mut self,
        reader: &mut dyn Read,
        expected: u64,
        seen: &mut u64,
        limit: usize,
    ) -> std::io::Result<bool> {
        let left = usize::try_from(expected.saturating_sub(*seen)).unwrap_or(usize::MAX);
        let mut wanted = if expected == 0 { SNIFF } else { left };
        loop {
            let length = self.filled.saturating_add(wanted).min(limit);
            if self.bytes.len() < length {
                self.bytes.resize(length, 0);
            }
            let end = self.bytes.len().min(limit);
            let space = &mut self.bytes[self.filled..end];
            if space.is_empty() {
                return Ok(false);
            }
            match reader.read(space) {
                Ok(0) => return Ok(true),
                Ok(count) => {
                    self.filled += count;
                    *seen += u64::try_from(count).unwrap_or(u64::MAX);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            }
            if expected > 0 && *seen >= expected {
                return Ok(true);
            }
            wanted = self.bytes.len();
        }
    }
}

/// The position in an input of the piece that is being scanned.
#[derive(Default)]
struct Pieces {
    offset: usize,
    lines: usize,
    column: usize,
    /// Findings before this position of the input were reported with the piece before.
    reported: usize,
    /// The byte order of UTF-16, which only the first piece shows.
    mark: Option<[u8; 2]>,
}

impl Pieces {
    fn first(&self) -> bool {
        self.offset == 0
    }

    fn scan(
        &mut self,
        scanner: &Scanner,
        bytes: &[u8],
        last: bool,
        found: &mut dyn FnMut(Finding),
    ) {
        // What begins in the last half of the overlap is seen whole with the next piece.
        let limit = if last {
            usize::MAX
        } else {
            bytes.len() - OVERLAP / 2
        };
        let marked = self
            .mark
            .filter(|_| !self.first())
            .map(|mark| [&mark[..], bytes].concat());
        let shift = marked.as_ref().map_or(0, |_| 2);
        for mut finding in scanner.scan_all(marked.as_deref().unwrap_or(bytes)) {
            finding.span = finding.span.start - shift..finding.span.end - shift;
            if finding.span.start >= limit || finding.span.start + self.offset < self.reported {
                continue;
            }
            if finding.line == 1 {
                finding.column += self.column;
            }
            finding.line += self.lines;
            finding.span = finding.span.start + self.offset..finding.span.end + self.offset;
            found(finding);
        }
        self.reported = self.offset + limit.min(bytes.len());
    }

    /// Keeps the overlap only.
    fn advance(&mut self, buffer: &mut Buffer) {
        let cut = buffer.filled - OVERLAP;
        match self.mark {
            None => self.count(&buffer.bytes[..cut]),
            Some(mark) => {
                let marked = if self.first() && buffer.bytes.starts_with(&mark) {
                    buffer.bytes[..cut].to_vec()
                } else {
                    [&mark[..], &buffer.bytes[..cut]].concat()
                };
                if let Some(wide) = encoding::utf16(&marked) {
                    self.count(&wide.text);
                }
            }
        }
        self.offset += cut;
        buffer.bytes.copy_within(cut..buffer.filled, 0);
        buffer.filled = OVERLAP;
    }

    fn count(&mut self, gone: &[u8]) {
        self.lines += memchr::memchr_iter(b'\n', gone).count();
        self.column = match memchr::memrchr(b'\n', gone) {
            Some(at) => characters(&gone[at + 1..]),
            None => self.column + characters(gone),
        };
    }
}

/// How many characters of UTF-8 begin in the bytes; so many at once as a byte can count.
fn characters(bytes: &[u8]) -> usize {
    let some = |some: &[u8]| some.iter().map(|b| u8::from(b & 0xC0 != 0x80)).sum::<u8>();
    bytes.chunks(255).map(some).map(usize::from).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wide(text: &str) -> Vec<u8> {
        let units = text.encode_utf16().flat_map(u16::to_le_bytes);
        [0xFF, 0xFE].into_iter().chain(units).collect()
    }

    /// A text of more than two pieces with the same secret at its start, in its middle, over
    /// the end of a piece, and at its end.
    fn long(filler: &str) -> String {
        let secret = ["password = \"k2J9s", "Lq0Zt!\"\n"].concat();
        let lines = |bytes: usize| filler.repeat(bytes / filler.len());
        [
            &secret,
            &lines(PIECE / 2),
            &secret,
            &lines(PIECE / 2 - 100),
            &secret,
            &lines(PIECE + OVERLAP),
            &secret,
        ]
        .map(String::as_str)
        .concat()
    }

    #[test]
    fn pieces_give_what_the_whole_gives() {
        let scanner = Scanner::builder()
            .only(["generic-password"])
            .build()
            .unwrap();
        for (text, name) in [
            (long("a line of text\n").into_bytes(), "UTF-8"),
            (wide(&long("a line of text\n")), "UTF-16"),
            (
                wide(&long("\u{6587}\u{5b57}\u{5217}\u{0a0d}\n")),
                "UTF-16 without Latin",
            ),
        ] {
            let whole: Vec<_> = scanner.scan_all(&text).collect();
            assert_eq!(whole.len(), 4, "{name}");
            let streamed = scanner.scan_reader(&text[..]).unwrap();
            assert!(!streamed.binary);
            assert_eq!(streamed.bytes, u64::try_from(text.len()).unwrap());
            let places = |findings: &[Finding]| -> Vec<_> {
                let place = |f: &Finding| (f.span.clone(), f.line, f.column, f.fingerprint);
                findings.iter().map(place).collect()
            };
            assert_eq!(places(&streamed.findings), places(&whole), "{name}");
        }
    }

    #[test]
    fn binary_data_is_left_out() {
        let scanner = Scanner::builder().build().unwrap();
        let streamed = scanner.scan_reader(&b"\x7fELF\0\0"[..]).unwrap();
        assert!(streamed.binary);
        // Only its start is read.
        let long = vec![0; 4 * HEAD];
        let streamed = scanner.scan_reader(&long[..]).unwrap();
        assert!(streamed.binary);
        assert!(usize::try_from(streamed.bytes).unwrap() <= HEAD);
    }
}
