//! Entries whose number was there before: repeated, moved, or put in.

use crate::verify::link::{Last, Linker};
use crate::verify::report::BreakKind;

/// Two valid entries with one number: the one that the next entry follows is the real one.
#[derive(Clone, Debug)]
pub(crate) struct Fork {
    pub found: usize,
    pub second: Last,
}

impl Linker {
    /// An entry whose number was there before.
    pub(crate) fn again(&mut self, here: Last) {
        let seq = here.fields.seq;
        let gap = self.missing.iter();
        let gap = gap
            .clone()
            .position(|(from, to, _)| (*from..*to).contains(&seq));
        if let Some(gap) = gap {
            return self.reordered(gap, &here);
        }
        let Some(last) = self.last.as_mut().filter(|last| last.fields.seq == seq) else {
            return self.old_number(&here);
        };
        if last.fields.computed == here.fields.computed {
            let detail = format!("entry {seq} once more");
            self.found(BreakKind::Duplicate, seq, here.offset, detail);
        } else if let Some(found) = last.broken {
            // What stood there before was no entry, and here is the real one.
            *last = here;
            self.breaks[found].kind = BreakKind::Inserted;
            self.breaks[found].detail = format!("another entry {seq} follows, which is whole");
        } else {
            let detail = format!("a second entry {seq}, which no other follows");
            let found = self.found(BreakKind::Inserted, seq, here.offset, detail);
            self.fork = found.map(|found| Fork {
                found,
                second: here,
            });
        }
    }

    fn reordered(&mut self, gap: usize, here: &Last) {
        let (from, to, found) = self.missing.swap_remove(gap);
        let seq = here.fields.seq;
        if from < seq {
            self.missing.push((from, seq, found));
        }
        if seq + 1 < to {
            self.missing.push((seq + 1, to, found));
        }
        let line = here.line;
        let broken = &mut self.breaks[found];
        if broken.kind == BreakKind::Gap {
            broken.kind = BreakKind::Reordered;
            broken.detail = format!("{}; entry {seq} is at line {line}", broken.detail);
        }
    }

    /// An entry with a number well before.
    fn old_number(&mut self, here: &Last) {
        let seq = here.fields.seq;
        let known = self.recent.iter().find(|(recent, _)| *recent == seq);
        let (kind, detail) = match known {
            Some((_, hash)) if *hash != here.fields.computed => (
                BreakKind::Inserted,
                format!("a second entry {seq}, which no other follows"),
            ),
            _ => (BreakKind::Duplicate, format!("entry {seq} once more")),
        };
        self.found(kind, seq, here.offset, detail);
    }

    pub(crate) fn settle(&mut self, fork: Fork, next: &Last) {
        if next.fields.prev != fork.second.fields.computed {
            return;
        }
        // The second one is the real one; the first one was inserted.
        if let Some(first) = self.last.replace(fork.second) {
            let found = &mut self.breaks[fork.found];
            (found.line, found.offset) = (first.line, first.offset);
        }
    }
}
