//! The strict reader of a line: it accepts exactly the bytes that the writer could have written
//! (docs/FORMAT.md), in one pass and without allocating.

use crate::event::{Outcome, Severity};
use crate::hash::Hash;
use crate::value::{MAX_DEPTH, MAX_INTEGER, is_field_name};

/// What the verifier needs of a line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line<'a> {
    pub seq: u64,
    /// Microseconds since 1970.
    pub time: i64,
    /// The event's name.
    pub event: &'a [u8],
    pub severity: Severity,
    pub prev: Hash,
    /// The hash that the line states.
    pub stated: Hash,
    /// The hash that the line has.
    pub computed: Hash,
}

/// The position of the first byte that cannot stand where it stands, and why.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Flaw {
    pub at: usize,
    pub why: &'static str,
}

/// Reads a line, given without its line feed.
pub(crate) fn read(line: &[u8]) -> Result<Line<'_>, Flaw> {
    if let Err(error) = std::str::from_utf8(line) {
        return flaw(error.valid_up_to(), "not UTF-8");
    }
    let mut cursor = Cursor { line, at: 0 };
    cursor.expect(b"{\"actor\":")?;
    cursor.object(1)?;
    cursor.expect(b",\"boot\":")?;
    cursor.text()?;
    cursor.expect(b",\"event\":")?;
    let event = cursor.text()?;
    cursor.expect(b",")?;
    let before_hash = cursor.at;
    cursor.expect(b"\"hash\":")?;
    let stated = cursor.hash()?;
    cursor.expect(b",")?;
    let after_hash = cursor.at;
    cursor.expect(b"\"host\":")?;
    cursor.text()?;
    cursor.expect(b",\"outcome\":")?;
    let outcome = cursor.text()?;
    if Outcome::parse(outcome).is_none() {
        return flaw(cursor.at, "an outcome that the format does not have");
    }
    cursor.expect(b",\"prev\":")?;
    let prev = cursor.hash()?;
    cursor.expect(b",\"seq\":")?;
    let at = cursor.at;
    let Ok(seq) = u64::try_from(cursor.integer()?) else {
        return flaw(at, "a negative sequence number");
    };
    cursor.expect(b",\"severity\":")?;
    let Some(severity) = Severity::parse(cursor.text()?) else {
        return flaw(cursor.at, "a severity that the format does not have");
    };
    cursor.expect(b",\"subject\":")?;
    cursor.object(1)?;
    cursor.expect(b",\"time\":")?;
    let time = cursor.time()?;
    cursor.expect(b",\"v\":1}")?;
    if cursor.at != line.len() {
        return flaw(cursor.at, "bytes after the end of the entry");
    }
    Ok(Line {
        seq,
        time,
        event,
        severity,
        prev,
        stated,
        computed: Hash::leaf_of_parts(&line[..before_hash], &line[after_hash..]),
    })
}

/// The hash that a line cut off somewhere still states, if it does.
pub(crate) fn stated_hash_of_cut(line: &[u8]) -> Option<Hash> {
    let mut cursor = Cursor { line, at: 0 };
    cursor.expect(b"{\"actor\":").ok()?;
    cursor.object(1).ok()?;
    cursor.expect(b",\"boot\":").ok()?;
    cursor.text().ok()?;
    cursor.expect(b",\"event\":").ok()?;
    cursor.text().ok()?;
    cursor.expect(b",\"hash\":").ok()?;
    cursor.hash().ok()
}

fn flaw<T>(at: usize, why: &'static str) -> Result<T, Flaw> {
    Err(Flaw { at, why })
}

struct Cursor<'a> {
    line: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn rest(&self) -> &'a [u8] {
        // Past its end a line has nothing, which no literal equals.
        self.line.get(self.at..).unwrap_or(&[])
    }

    fn peek(&self) -> u8 {
        // A line has no line feed, so it can stand for the end.
        self.line.get(self.at).copied().unwrap_or(b'\n')
    }

    /// Of a length that the compiler knows, so that nothing is called to compare.
    #[inline(always)]
    fn expect<const N: usize>(&mut self, literal: &[u8; N]) -> Result<(), Flaw> {
        if self.rest().first_chunk::<N>() == Some(literal) {
            self.at += N;
            return Ok(());
        }
        self.unexpected(literal)
    }

    #[cold]
    fn unexpected(&self, literal: &[u8]) -> Result<(), Flaw> {
        let pairs = self.rest().iter().zip(literal);
        let same = pairs.take_while(|(a, b)| a == b).count();
        flaw(self.at + same, "not the field that stands here")
    }

    /// A string; what is between its quotes.
    #[inline]
    fn text(&mut self) -> Result<&'a [u8], Flaw> {
        if self.peek() != b'"' {
            return flaw(self.at, "not a string");
        }
        self.at += 1;
        let start = self.at;
        loop {
            self.at += plain(self.rest());
            match self.line.get(self.at) {
                Some(b'"') => break,
                Some(b'\\') => self.escape()?,
                Some(_) => return flaw(self.at, "a control character in a string"),
                None => return flaw(self.at, "a string without an end"),
            }
        }
        let text = &self.line[start..self.at];
        self.at += 1;
        Ok(text)
    }

    /// RFC 8785, section 3.2.2.2: the short escapes, and `\u00xx` for the other control
    /// characters; nothing else may be escaped.
    fn escape(&mut self) -> Result<(), Flaw> {
        let rest = self.rest();
        if matches!(
            rest.get(1),
            Some(b'"' | b'\\' | b'b' | b't' | b'n' | b'f' | b'r')
        ) {
            self.at += 2;
            return Ok(());
        }
        let long = rest.get(1..6);
        let control = |digits: &[u8]| match digits {
            [b'u', b'0', b'0', b'0', last] => matches!(last, b'0'..=b'7' | b'b' | b'e' | b'f'),
            [b'u', b'0', b'0', b'1', last] => matches!(last, b'0'..=b'9' | b'a'..=b'f'),
            _ => false,
        };
        if long.is_some_and(control) {
            self.at += 6;
            return Ok(());
        }
        flaw(self.at, "an escape that is not canonical")
    }

    fn hash(&mut self) -> Result<Hash, Flaw> {
        let start = self.at;
        let text = self.text()?;
        let digits: Option<&[u8; 64]> = text.try_into().ok();
        match digits.and_then(Hash::from_hex) {
            Some(hash) => Ok(hash),
            None => flaw(start, "not a hash"),
        }
    }

    fn integer(&mut self) -> Result<i64, Flaw> {
        let start = self.at;
        let negative = self.peek() == b'-';
        self.at += usize::from(negative);
        let mut value = 0i64;
        let digits = self.at;
        while self.peek().is_ascii_digit() {
            value = value * 10 + i64::from(self.peek() - b'0');
            self.at += 1;
            if value > MAX_INTEGER {
                return flaw(start, "an integer beyond 2^53-1");
            }
        }
        let count = self.at - digits;
        let leading_zero = count > 1 && self.line[digits] == b'0';
        if count == 0 || leading_zero || (negative && value == 0) {
            return flaw(start, "not an integer");
        }
        Ok(if negative { -value } else { value })
    }

    fn value(&mut self, depth: usize) -> Result<(), Flaw> {
        if depth > MAX_DEPTH {
            return flaw(self.at, "nested too deeply");
        }
        match self.peek() {
            b'"' => self.text().map(|_| ()),
            b'{' => self.object(depth),
            b'[' => self.list(depth),
            b't' => self.expect(b"true"),
            b'f' => self.expect(b"false"),
            b'-' | b'0'..=b'9' => self.integer().map(|_| ()),
            _ => flaw(self.at, "not a value"),
        }
    }

    fn object(&mut self, depth: usize) -> Result<(), Flaw> {
        self.expect(b"{")?;
        let mut last: &[u8] = b"";
        while self.peek() != b'}' {
            if !last.is_empty() {
                self.expect(b",")?;
            }
            let at = self.at;
            let name = self.text()?;
            if !is_field_name(name) {
                return flaw(at, "not a field name");
            }
            // Also refuses a name that occurs twice. The first letters mostly decide.
            if name.first() <= last.first() && name <= last {
                return flaw(at, "fields out of order");
            }
            last = name;
            self.expect(b":")?;
            self.value(depth + 1)?;
        }
        self.at += 1;
        Ok(())
    }

    fn list(&mut self, depth: usize) -> Result<(), Flaw> {
        self.expect(b"[")?;
        let mut first = true;
        while self.peek() != b']' {
            if !first {
                self.expect(b",")?;
            }
            first = false;
            self.value(depth + 1)?;
        }
        self.at += 1;
        Ok(())
    }

    /// `YYYY-MM-DDTHH:MM:SS.ffffffZ`: RFC 3339 in UTC, always with microseconds.
    fn time(&mut self) -> Result<i64, Flaw> {
        let start = self.at;
        let text = self.text()?;
        match parse_time(text) {
            Some(time) => Ok(time),
            None => flaw(
                start,
                "not a time with microseconds in UTC (RFC 3339, with Z)",
            ),
        }
    }
}

/// How many bytes at the start stand in a string as they are: all but `"`, `\` and control
/// characters. Eight at a time.
#[inline]
fn plain(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = ONES << 7;
    let mut at = 0;
    let (words, rest) = bytes.as_chunks::<8>();
    for word in words {
        let word = u64::from_le_bytes(*word);
        // A byte's high bit is set where the byte is zero, or below 0x20; above the first such
        // byte there may be others by carrying, below it there are none.
        let zero = |word: u64| word.wrapping_sub(ONES) & !word;
        let control = word.wrapping_sub(ONES * 0x20) & !word;
        let quote = zero(word ^ (ONES * u64::from(b'"')));
        let backslash = zero(word ^ (ONES * u64::from(b'\\')));
        let found = (control | quote | backslash) & HIGH;
        if found != 0 {
            return at + (found.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    let is_plain = |byte: &&u8| **byte >= 0x20 && **byte != b'"' && **byte != b'\\';
    at + rest.iter().take_while(is_plain).count()
}

fn parse_time(text: &[u8]) -> Option<i64> {
    let text: &[u8; 27] = text.try_into().ok()?;
    let shape = b"0000-00-00T00:00:00.000000Z";
    for (byte, shape) in text.iter().zip(shape) {
        let fits = match shape {
            b'0' => byte.is_ascii_digit(),
            other => byte == other,
        };
        if !fits {
            return None;
        }
    }
    let number = |from: usize, to: usize| {
        text[from..to]
            .iter()
            .fold(0u32, |value, digit| value * 10 + u32::from(digit - b'0'))
    };
    let year = i32::try_from(number(0, 4)).ok()?;
    let date = chrono::NaiveDate::from_ymd_opt(year, number(5, 7), number(8, 10))?;
    let (second, micro) = (number(17, 19), number(20, 26));
    if year == 0 || second > 59 {
        return None;
    }
    let time = date.and_hms_micro_opt(number(11, 13), number(14, 16), second, micro)?;
    Some(time.and_utc().timestamp_micros())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_ends_a_plain_run_or_does_not() {
        for byte in 0..=255u8 {
            let ends = byte < 0x20 || byte == b'"' || byte == b'\\';
            for (filler, at) in [b'a', 0x80, 0xff, 0x20, b'#', b'!']
                .iter()
                .flat_map(|f| (0..20).map(move |at| (*f, at)))
            {
                let mut bytes = [filler; 20];
                bytes[at] = byte;
                assert_eq!(plain(&bytes), if ends { at } else { 20 }, "{byte} at {at}");
            }
        }
        assert_eq!(plain(b"abc\"\n"), 3);
        assert_eq!(plain(b""), 0);
    }
}
