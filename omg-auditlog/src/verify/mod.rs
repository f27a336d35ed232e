//! The verifier: one pass over the bytes, in bounded memory.
//!
//! Bytes are hashed as they stand, never after being read and written again; whatever the
//! writer would have written otherwise is a break.

mod judge;
mod link;
mod order;
mod record;
mod report;
mod signed;
mod trust;

use std::io::{self, Read};
use std::num::NonZeroUsize;

pub use self::report::{
    Break, BreakKind, Claim, Head, MAX_BREAKS, Report, Resume, Statement, Status,
};
pub use self::trust::Trust;

use self::link::Linker;
use self::record::{Record, read_all, too_long};
use crate::entry::MAX_ENTRY_BYTES;
use crate::trace::span;

/// How many bytes are read at once for each thread.
const BLOCK: usize = 1024 * 1024;

/// Checks a log.
///
/// # Examples
///
/// ```
/// use omg_auditlog::{Actor, BreakKind, Chain, Event, EventKind, Machine, Status, Trust, Verifier};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let at = chrono::DateTime::from_timestamp(1_764_000_000, 0).unwrap_or_default();
/// let (actor, machine) = (Actor::uid(0), Machine::new("host", "boot"));
/// let (mut chain, opened) = Chain::open(&"example.org/log".parse()?, &machine, &actor, at)?;
/// let mut log = format!("{opened}\n");
/// for package in ["zlib", "xz"] {
///     let event = Event::new(EventKind::PackageInstall).with("package", package);
///     log.push_str(&format!("{}\n", chain.append(event, &actor, &machine, at)?));
/// }
///
/// let report = Verifier::new(Trust::none()).verify(log.as_bytes())?;
/// assert_eq!(report.status(), Status::Intact);
/// assert_eq!(report.unanchored(), 3); // No checkpoint was given.
///
/// let changed = log.replace("xz", "gz");
/// let report = Verifier::new(Trust::none()).verify(changed.as_bytes())?;
/// assert_eq!(report.status(), Status::Tampered);
/// assert_eq!((report.breaks[0].kind, report.breaks[0].seq), (BreakKind::HashMismatch, 2));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Verifier {
    trust: Trust,
    threads: NonZeroUsize,
    resume: Option<Resume>,
    pruned: bool,
}

impl Verifier {
    /// A verifier that relies on this, and works in one thread.
    #[must_use]
    pub fn new(trust: Trust) -> Self {
        Self {
            trust,
            threads: NonZeroUsize::MIN,
            resume: None,
            pruned: false,
        }
    }

    /// Reads lines in so many threads (default: 1). Memory is about 3 MiB for each.
    #[must_use]
    pub fn threads(mut self, threads: NonZeroUsize) -> Self {
        self.threads = threads;
        self
    }

    /// Starts where an earlier verification ended: give [`Verifier::verify`] the bytes from
    /// [`Resume::offset`] on. What was before is not read again, and the report says so.
    #[must_use]
    pub fn resume(mut self, resume: Resume) -> Self {
        self.resume = Some(resume);
        self.pruned = false;
        self
    }

    /// Starts with the first entry that is left of a pruned log: give [`Verifier::verify`] the
    /// bytes that are left. An entry among them must say that the others were pruned; that they
    /// were those of this tree, only a checkpoint proves.
    #[must_use]
    pub fn pruned(mut self, before: Resume) -> Self {
        self.resume = Some(before);
        self.pruned = true;
        self
    }

    /// Reads the log to its end and says what it found.
    ///
    /// # Errors
    ///
    /// Only if the bytes cannot be read.
    pub fn verify(&self, reader: impl Read) -> io::Result<Report> {
        span!("verify", threads = self.threads.get());
        let mut linker = Linker::new(self.trust.sizes(), self.resume.as_ref(), self.pruned);
        let bytes = self.read(reader, &mut linker)?;
        Ok(judge::judge(linker, &self.trust, bytes))
    }

    fn read(&self, mut reader: impl Read, linker: &mut Linker) -> io::Result<u64> {
        let capacity = BLOCK * self.threads.get();
        let mut buffer = vec![0; capacity];
        let (mut filled, mut base) = (0, linker.end);
        // The length so far of a line that is too long to be kept.
        let mut skipped = 0u64;
        loop {
            let count = read_full(&mut reader, &mut buffer[filled..])?;
            let last = count < capacity - filled;
            filled += count;
            let mut block = &buffer[..filled];
            if skipped > 0 {
                let end = memchr::memchr(b'\n', block);
                skipped += end.unwrap_or(block.len()) as u64;
                if let Some(end) = end {
                    let content = too_long(skipped);
                    let offset = base;
                    base += skipped + 1;
                    linker.push(Record { offset, content }, base);
                    skipped = 0;
                    block = &block[end + 1..];
                } else {
                    block = &[];
                }
            }
            let whole = memchr::memrchr(b'\n', block).map_or(0, |end| end + 1);
            self.lines(&block[..whole], base, linker);
            base += whole as u64;
            let rest = block.len() - whole;
            let rest_at = filled - rest;
            if last {
                linker.tail(&buffer[rest_at..filled], rest as u64 + skipped);
                return Ok(base + rest as u64 + skipped);
            }
            if rest > MAX_ENTRY_BYTES {
                skipped = rest as u64;
                filled = 0;
            } else {
                buffer.copy_within(rest_at..filled, 0);
                filled = rest;
            }
        }
    }

    /// Whole lines: each by itself in parallel, then in their order.
    fn lines(&self, block: &[u8], base: u64, linker: &mut Linker) {
        let end = base + block.len() as u64;
        let parts = split(block, self.threads.get());
        let mut records: Vec<Vec<Record>> = Vec::new();
        std::thread::scope(|scope| {
            let mut offset = base;
            let mut handles = Vec::new();
            let mut parts = parts.iter();
            let own = parts.next();
            let own_offset = offset;
            offset += own.map_or(0, |part| part.len() as u64);
            for part in parts {
                let at = offset;
                offset += part.len() as u64;
                handles.push(scope.spawn(move || read_all(part, at)));
            }
            records.push(own.map_or_else(Vec::new, |part| read_all(part, own_offset)));
            for handle in handles {
                match handle.join() {
                    Ok(read) => records.push(read),
                    // Reading a line does not panic; if it did, so does this.
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
        });
        let mut records = records.into_iter().flatten().peekable();
        while let Some(record) = records.next() {
            let next = records.peek().map_or(end, |next| next.offset);
            linker.push(record, next);
        }
    }
}

/// Cuts whole lines into parts of about equal length, at line ends.
fn split(mut block: &[u8], parts: usize) -> Vec<&[u8]> {
    let target = (block.len() / parts).max(64 * 1024);
    let mut out = Vec::with_capacity(parts);
    while block.len() > target {
        match memchr::memchr(b'\n', &block[target..]) {
            Some(end) => {
                let (part, rest) = block.split_at(target + end + 1);
                out.push(part);
                block = rest;
            }
            None => break,
        }
    }
    if !block.is_empty() {
        out.push(block);
    }
    out
}

fn read_full(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
