//! The log against checkpoints and keys.

use crate::checkpoint::SignedCheckpoint;
use crate::verify::link::{Linker, Root};
use crate::verify::report::{Break, BreakKind, Claim, Head, Report, Statement};
use crate::verify::signed::{Signed, epochs, signed};
use crate::verify::trust::Trust;

/// A checkpoint, where it comes from, and what its comparison gave.
struct Compared<'a> {
    note: &'a SignedCheckpoint,
    held: bool,
    signed: Signed,
    matches: Match,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Match {
    Same,
    Different,
    /// There are fewer entries.
    Beyond,
    /// The end is torn, and what is left of it states the hash that the checkpoint has.
    Torn,
    /// Entries before are broken, or were not read.
    Unknown,
}

pub(crate) fn judge(linker: Linker, trust: &Trust, bytes: u64) -> Report {
    let mut report = Report {
        entries: linker.expected,
        bytes,
        origin: linker.origin.as_ref().map(ToString::to_string),
        head: linker
            .head()
            .filter(|_| linker.expected > 0)
            .map(|hash| Head {
                seq: linker.expected - 1,
                hash,
            }),
        proved: Vec::new(),
        unproved: Vec::new(),
        breaks: Vec::new(),
        more_breaks: linker.more_breaks,
        warnings: linker.warnings.clone(),
        resume: linker.resume(),
        missing_signature: false,
    };
    chain(&linker, &mut report);
    let compared = compare(&linker, trust);
    let mut judge = Judge {
        linker: &linker,
        report: &mut report,
        anchored: 0,
    };
    judge.checkpoints(&compared);
    judge.signatures(&compared, trust);
    #[cfg(any(feature = "witness", feature = "mldsa"))]
    judge.cosignatures(&compared, trust);
    judge.unanchored();
    report.breaks.splice(0..0, linker.breaks.iter().cloned());
    report
}

fn chain(linker: &Linker, report: &mut Report) {
    let sound = linker.doubt.unwrap_or(linker.expected);
    if let Some((count, root)) = linker.pruned {
        let text = "removed by pruning, as an entry says";
        report
            .unproved
            .push(Statement::new(Claim::Pruned, 0, count, text));
        if !linker.prunings.contains(&(count, root)) {
            let detail = format!(
                "entries 0 to {} are missing, and no entry says that these were pruned",
                count - 1
            );
            let (line, seq, offset) = linker.first;
            report.breaks.push(Break {
                line,
                seq,
                offset,
                kind: BreakKind::Gap,
                detail,
            });
        }
    } else if linker.start > 0 {
        let text = "read by an earlier verification, not by this one";
        let statement = Statement::new(Claim::NotRead, 0, linker.start, text);
        report.unproved.push(statement);
    }
    if sound > linker.start {
        let text = "canonical, each with its own hash, each after the one before it";
        let statement = Statement::new(Claim::Chain, linker.start, sound, text);
        report.proved.push(statement);
    }
}

fn compare<'a>(linker: &Linker, trust: &'a Trust) -> Vec<Compared<'a>> {
    let held = trust.held.iter().map(|note| (note, true));
    let beside = trust.beside.iter().map(|note| (note, false));
    let mut all: Vec<_> = held
        .chain(beside)
        .map(|(note, held)| Compared {
            note,
            held,
            signed: Signed::Unchecked,
            matches: matches(linker, note),
        })
        .collect();
    all.sort_by_key(|compared| (compared.note.checkpoint().size, !compared.held));
    if let Some(first) = &trust.key {
        let same = all.iter().filter(|one| one.matches == Match::Same);
        let same: Vec<_> = same.map(|one| one.note).collect();
        let epochs = epochs(linker, first, &same);
        for compared in &mut all {
            compared.signed = signed(compared.note, &epochs);
        }
    }
    all
}

fn matches(linker: &Linker, note: &SignedCheckpoint) -> Match {
    let checkpoint = note.checkpoint();
    if let Some(root) = linker
        .roots
        .iter()
        .find(|root| root.size == checkpoint.size)
    {
        return if root.root == checkpoint.root {
            Match::Same
        } else {
            Match::Different
        };
    }
    if checkpoint.size <= linker.expected {
        return Match::Unknown;
    }
    if let Some(torn) = linker.torn.filter(|_| linker.doubt.is_none()) {
        let mut tree = linker.tree.clone();
        tree.push(torn);
        if tree.size() == checkpoint.size && tree.root() == checkpoint.root {
            return Match::Torn;
        }
    }
    Match::Beyond
}

struct Judge<'a> {
    linker: &'a Linker,
    report: &'a mut Report,
    /// How many entries a trusted checkpoint covers.
    anchored: u64,
}

impl Judge<'_> {
    fn checkpoints(&mut self, compared: &[Compared<'_>]) {
        // The largest size that is confirmed, and the smallest that is not, enclose a change.
        let same = compared.iter().filter(|one| one.matches == Match::Same);
        let confirmed = same.map(|one| one.note.checkpoint().size).max();
        let mut told = false;
        let beside_fits = compared
            .iter()
            .any(|one| !one.held && one.matches == Match::Same);
        for one in compared {
            let size = one.note.checkpoint().size;
            match one.matches {
                Match::Same => self.confirmed(one),
                Match::Different if !told => {
                    told = true;
                    let from = confirmed.filter(|confirmed| *confirmed < size).unwrap_or(0);
                    self.rewritten(one, from);
                }
                Match::Different => {}
                Match::Unknown => self.unknown(one),
                Match::Torn => self.torn(one),
                Match::Beyond => {
                    let kind = if one.held && beside_fits {
                        BreakKind::RolledBack
                    } else {
                        BreakKind::Truncated
                    };
                    self.beyond(one, kind);
                }
            }
        }
    }

    fn confirmed(&mut self, one: &Compared<'_>) {
        let size = one.note.checkpoint().size;
        let (claim, detail) = match (&one.signed, one.held) {
            (Signed::By(key), held) => {
                let place = if held { ", held elsewhere" } else { "" };
                let claim = if held {
                    Claim::HeldCheckpoint
                } else {
                    Claim::SignedCheckpoint
                };
                (
                    claim,
                    format!("those of a checkpoint signed by {key}{place}"),
                )
            }
            (_, true) => (
                Claim::HeldCheckpoint,
                "those of a checkpoint held elsewhere".to_owned(),
            ),
            (_, false) => {
                let detail = "those of the checkpoint beside the log, which no known key signed";
                let statement = Statement::new(Claim::Checkpoint, 0, size, detail);
                self.report.unproved.push(statement);
                return;
            }
        };
        self.anchored = self.anchored.max(size);
        let statement = Statement::new(claim, 0, size, detail);
        self.report.proved.push(statement);
        if one.held && one.signed == Signed::Unchecked {
            let detail = "its signature was not checked: no public key was given";
            let statement = Statement::new(Claim::Checkpoint, 0, size, detail);
            self.report.unproved.push(statement);
        }
    }

    fn rewritten(&mut self, one: &Compared<'_>, from: u64) {
        let checkpoint = one.note.checkpoint();
        let root = self.linker.roots.iter();
        let root = root.clone().find(|root| root.size == from);
        let start = Root {
            size: 0,
            root: crate::hash::Hash::EMPTY_TREE,
            line: 0,
            offset: 0,
        };
        let Root { line, offset, .. } = *root.unwrap_or(&start);
        let mut detail = format!(
            "entries {from} to {} are not those of {}",
            checkpoint.size.saturating_sub(1),
            place(one)
        );
        let origin = self.linker.origin.as_ref();
        if origin.is_some_and(|origin| *origin != checkpoint.origin) {
            detail.push_str(&format!(", which is of the log {}", checkpoint.origin));
        }
        self.found(
            BreakKind::HistoryRewritten,
            (line + 1, from, offset),
            detail,
        );
    }

    fn unknown(&mut self, one: &Compared<'_>) {
        let size = one.note.checkpoint().size;
        let detail = if size < self.linker.start {
            format!("{} is of entries that were not read", place(one))
        } else {
            format!(
                "{} could not be compared: entries before its end are broken",
                place(one)
            )
        };
        let statement = Statement::new(Claim::Checkpoint, 0, size, detail);
        self.report.unproved.push(statement);
    }

    fn torn(&mut self, one: &Compared<'_>) {
        let size = one.note.checkpoint().size;
        let detail = format!(
            "{} ends with the torn entry; what is left of that entry states its hash",
            place(one)
        );
        let statement = Statement::new(Claim::Checkpoint, size - 1, size, detail);
        self.report.unproved.push(statement);
        self.anchored = self.anchored.max(size - 1);
    }

    fn beyond(&mut self, one: &Compared<'_>, kind: BreakKind) {
        let (size, entries) = (one.note.checkpoint().size, self.linker.expected);
        let detail = format!("{entries} entries, and {} says {size}", place(one));
        let end = (self.linker.line + 1, entries, self.linker.end);
        let twice = |found: &Break| found.kind == kind && found.seq == entries;
        if !self.report.breaks.iter().any(twice) {
            self.found(kind, end, detail);
        }
    }

    fn signatures(&mut self, compared: &[Compared<'_>], trust: &Trust) {
        for one in compared {
            let size = one.note.checkpoint().size;
            let at = (1, size.saturating_sub(1), 0);
            match &one.signed {
                Signed::Bad(key) => {
                    let detail =
                        format!("the signature of {} by {key} does not verify", place(one));
                    self.found(BreakKind::BadSignature, at, detail);
                }
                Signed::Foreign(key) if trust.pinned => {
                    let detail = format!("{} is signed by {key}", place(one));
                    self.found(BreakKind::WrongKey, at, detail);
                }
                _ => {}
            }
        }
        let signed = compared.iter();
        let signed = signed
            .clone()
            .any(|one| matches!(one.signed, Signed::By(_)));
        if signed || self.linker.expected == 0 && compared.is_empty() && !trust.pinned {
            return;
        }
        if trust.pinned {
            if !compared.iter().any(|one| one.signed != Signed::Unchecked) {
                let detail = "a key is pinned, and no checkpoint is signed".to_owned();
                self.found(BreakKind::Unsigned, (1, 0, 0), detail);
            }
        } else if let (Some(key), true) = (&self.linker.announced_key, compared.is_empty()) {
            self.report.missing_signature = true;
            let detail = format!("the log says that {key} signs it, and there is no checkpoint");
            let statement = Statement::new(Claim::Checkpoint, 0, self.linker.expected, detail);
            self.report.unproved.push(statement);
        }
    }

    #[cfg(any(feature = "witness", feature = "mldsa"))]
    fn cosignatures(&mut self, compared: &[Compared<'_>], trust: &Trust) {
        for key in &trust.cosigners {
            let same = compared.iter().filter(|one| one.matches == Match::Same);
            let mut errors = same.map(|one| (one, key.verify(one.note).err()));
            if errors.clone().any(|(_, error)| error.is_none()) {
                continue;
            }
            let forged =
                |error: &Option<_>| matches!(error, Some(crate::Error::BadSignature { .. }));
            let name = key.label();
            match errors.find(|(_, error)| forged(error)) {
                Some((one, _)) => {
                    let at = (1, one.note.checkpoint().size.saturating_sub(1), 0);
                    let place = place(one);
                    let detail = format!("the cosignature of {place} by {name} does not verify");
                    self.found(BreakKind::BadSignature, at, detail);
                }
                None => {
                    let detail = format!("no checkpoint of this log is cosigned by {name}");
                    self.found(BreakKind::Unsigned, (1, 0, 0), detail);
                }
            }
        }
    }

    fn unanchored(&mut self) {
        let entries = self.linker.doubt.unwrap_or(self.linker.expected);
        if entries > self.anchored {
            let detail = if self.anchored == 0 {
                "no checkpoint covers them: whoever can write the log can change them all, or cut \
                 the log off, unseen"
            } else {
                "after the last checkpoint: whoever can write the log can change or cut them off \
                 unseen"
            };
            let statement = Statement::new(Claim::Unanchored, self.anchored, entries, detail);
            self.report.unproved.push(statement);
        }
    }

    fn found(&mut self, kind: BreakKind, at: (u64, u64, u64), detail: String) {
        let (line, seq, offset) = at;
        self.report.breaks.push(Break {
            line,
            seq,
            offset,
            kind,
            detail,
        });
    }
}

fn place(one: &Compared<'_>) -> &'static str {
    if one.held {
        "the checkpoint held elsewhere"
    } else {
        "the checkpoint beside the log"
    }
}
