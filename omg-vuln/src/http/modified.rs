//! OSV's lists of modified records, newest first.

use chrono::{DateTime, Utc};

/// A line of a list of modified records.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ModifiedId {
    /// When the record was last modified.
    pub modified: DateTime<Utc>,
    /// The record's identifier.
    pub id: String,
}

/// Whether the rest of a list matters.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Reading {
    More,
    Enough,
}

/// Lines of `<time>,<identifier>` that arrive in pieces.
pub(super) struct ModifiedList {
    known: Option<DateTime<Utc>>,
    found: Vec<ModifiedId>,
    line: Vec<u8>,
}

impl ModifiedList {
    /// No line is longer; one that is belongs to some other file.
    const MAX_LINE_BYTES: usize = 1024;
    const SLACK: chrono::TimeDelta = chrono::TimeDelta::minutes(1);

    pub(super) fn new(known: Option<DateTime<Utc>>) -> Self {
        Self {
            known,
            found: Vec::new(),
            line: Vec::new(),
        }
    }

    /// The records that are newer than what was known.
    pub(super) fn into_found(self) -> Vec<ModifiedId> {
        self.found
    }

    /// Reads a piece; `None` if it is malformed.
    pub(super) fn read(&mut self, piece: &[u8]) -> Option<Reading> {
        let mut rest = piece;
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            self.line.extend_from_slice(&rest[..end]);
            rest = &rest[end + 1..];
            if self.end()? == Reading::Enough {
                return Some(Reading::Enough);
            }
        }
        self.line.extend_from_slice(rest);
        (self.line.len() <= Self::MAX_LINE_BYTES).then_some(Reading::More)
    }

    /// Ends the current line; `None` if it is malformed.
    pub(super) fn end(&mut self) -> Option<Reading> {
        let line = std::mem::take(&mut self.line);
        let line = std::str::from_utf8(&line).ok()?.trim();
        if line.is_empty() {
            return Some(Reading::More);
        }
        let (time, id) = line.split_once(',')?;
        let modified = DateTime::parse_from_rfc3339(time).ok()?.with_timezone(&Utc);
        let stop = self
            .known
            .and_then(|known| known.checked_sub_signed(Self::SLACK));
        if stop.is_some_and(|stop| modified < stop) {
            return Some(Reading::Enough);
        }
        if self.known.is_none_or(|known| modified > known) {
            self.found.push(ModifiedId {
                modified,
                id: id.to_owned(),
            });
        }
        Some(Reading::More)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(known: Option<&str>, pieces: &[&str]) -> Option<(Vec<String>, bool)> {
        let known = known.map(|time| time.parse().unwrap());
        let mut list = ModifiedList {
            known,
            found: Vec::new(),
            line: Vec::new(),
        };
        let mut enough = false;
        for piece in pieces {
            enough = enough || list.read(piece.as_bytes())? == Reading::Enough;
        }
        if !enough {
            list.end()?;
        }
        Some((
            list.found.into_iter().map(|entry| entry.id).collect(),
            enough,
        ))
    }

    const LIST: &str = "2026-01-03T00:00:00Z,C\n2026-01-02T00:00:00Z,B\n2026-01-01T00:00:00Z,A\n";

    #[test]
    fn what_is_newer_than_known_is_listed_and_the_rest_not_read() {
        let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        assert_eq!(list(None, &[LIST]), Some((ids(&["C", "B", "A"]), false)));
        assert_eq!(
            list(Some("2026-01-02T00:00:00Z"), &[LIST]),
            Some((ids(&["C"]), true))
        );
        assert_eq!(
            list(Some("2026-01-05T00:00:00Z"), &[LIST]),
            Some((ids(&[]), true))
        );
        let nearly = "2026-01-02T00:00:00Z,B\n2026-01-02T00:00:00.5Z,C\n2026-01-01T00:00:00Z,A\n";
        assert_eq!(
            list(Some("2026-01-02T00:00:00Z"), &[nearly]),
            Some((ids(&["C"]), true))
        );
    }

    #[test]
    fn the_beginning_of_time_is_no_overflow() {
        let mut list = ModifiedList::new(Some(DateTime::<Utc>::MIN_UTC));
        assert!(list.read(LIST.as_bytes()).is_some());
        assert_eq!(list.into_found().len(), 3);
    }

    #[test]
    fn lines_may_arrive_in_pieces() {
        let pieces: Vec<&str> = LIST.split_inclusive(['0', ',']).collect();
        assert_eq!(list(None, &pieces).unwrap().0, ["C", "B", "A"]);
    }

    #[test]
    fn other_files_are_refused() {
        for text in [
            "<html>",
            "x,y\n",
            "2026-01-03T00:00:00Z\n",
            "2026-01-03,C\n",
            "\u{0}",
        ] {
            assert_eq!(list(None, &[text]), None, "{text}");
        }
        let endless = ModifiedList::new(None).read(&[b'x'; 2000]);
        assert!(endless.is_none(), "refused before its line ends");
    }
}
