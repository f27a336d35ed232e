//! The scanner: which rules it has, and the way of a candidate from the search to a finding.

mod engine;
mod inspect;
mod named;
mod signs;

use std::collections::BTreeSet;
use std::sync::Arc;

use self::engine::Engine;
use crate::error::BuildError;
use crate::finding::Finding;
use crate::resolve;
use crate::rules::{Custom, Group, Inner, Rule, builtin_rules};
use crate::text::encoding;

/// Searches bytes for credentials. Cheap to clone, and usable from many threads at once.
///
/// Building takes well under a millisecond: the expression of a rule is compiled when its
/// literal is seen for the first time.
#[derive(Clone)]
pub struct Scanner {
    engine: Arc<Engine>,
}

impl std::fmt::Debug for Scanner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Scanner({} rules)", self.engine.rules.len())
    }
}

impl Scanner {
    /// Options for a scanner. By default it has the built-in rules of all groups.
    pub fn builder() -> ScannerBuilder {
        ScannerBuilder::default()
    }

    /// The credentials in `bytes`, sorted by position, without those that a comment on their
    /// line allows (`omg:allow` and a reason).
    ///
    /// The time is linear in the length of `bytes`, whatever they are. Text in UTF-16 is
    /// recognised; a base64 text that holds readable text of at most 64 KiB is looked into
    /// once. All findings are held in memory at once: about 300 bytes each.
    pub fn scan(&self, bytes: &[u8]) -> impl Iterator<Item = Finding> + use<> {
        self.scan_all(bytes)
            .filter(|finding| finding.allowed.is_none())
    }

    /// As [`scan`](Self::scan), but with the findings that a comment allows.
    pub fn scan_all(&self, bytes: &[u8]) -> impl Iterator<Item = Finding> + use<> {
        let found = |text: &[u8]| {
            let hits = inspect::hits(&self.engine, text);
            resolve::findings(&self.engine.rules, text, hits)
        };
        let findings = match encoding::utf16(bytes) {
            None => found(bytes),
            Some(wide) => {
                let mut findings = found(&wide.text);
                for finding in &mut findings {
                    finding.span =
                        wide.mark + 2 * finding.span.start..wide.mark + 2 * finding.span.end;
                }
                findings
            }
        };
        findings.into_iter()
    }

    /// The rules that are switched on, in the order of preference.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.engine.rules.iter()
    }
}

/// Which rules a [`Scanner`] has.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct ScannerBuilder {
    off: BTreeSet<Group>,
    only: Option<BTreeSet<String>>,
    without: BTreeSet<String>,
    custom: Vec<Arc<Custom>>,
    stand_ins: StandIns,
}

impl ScannerBuilder {
    /// Switches a group of rules on or off.
    pub fn group(mut self, group: Group, state: GroupState) -> Self {
        match state {
            GroupState::On => self.off.remove(&group),
            GroupState::Off => self.off.insert(group),
        };
        self
    }

    /// Uses only the rules of these ids, of whatever group, and own rules.
    pub fn only<I: Into<String>>(mut self, ids: impl IntoIterator<Item = I>) -> Self {
        self.only = Some(ids.into_iter().map(Into::into).collect());
        self
    }

    /// Leaves out the rules of these ids.
    pub fn without<I: Into<String>>(mut self, ids: impl IntoIterator<Item = I>) -> Self {
        self.without.extend(ids.into_iter().map(Into::into));
        self
    }

    /// What happens to values that stand where a secret would be, such as `aaaaaaaa` or an
    /// example of the documentation (default: nothing is reported).
    pub fn stand_ins(mut self, stand_ins: StandIns) -> Self {
        self.stand_ins = stand_ins;
        self
    }

    #[cfg(feature = "config")]
    pub(crate) fn custom(mut self, rules: impl IntoIterator<Item = Arc<Custom>>) -> Self {
        self.custom.extend(rules);
        self
    }

    /// Builds the scanner.
    ///
    /// # Errors
    ///
    /// [`BuildError::UnknownRule`] for an id in `only` or `without` that no rule has.
    pub fn build(self) -> Result<Scanner, BuildError> {
        let builtin: Vec<Rule> = builtin_rules().collect();
        let own = self
            .custom
            .into_iter()
            .map(|rule| Rule(Inner::Custom(rule)));
        let all: Vec<Rule> = own.chain(builtin).collect();
        let known: BTreeSet<&str> = all.iter().map(Rule::id).collect();
        let named = self.only.iter().flatten().chain(&self.without);
        if let Some(id) = named.into_iter().find(|id| !known.contains(id.as_str())) {
            return Err(BuildError::UnknownRule { id: id.clone() });
        }
        let wanted = |rule: &Rule| {
            let selected = match &self.only {
                Some(ids) => ids.contains(rule.id()) || matches!(rule.0, Inner::Custom(_)),
                None => !self.off.contains(&rule.group()),
            };
            selected && !self.without.contains(rule.id())
        };
        let rules = all.iter().filter(|rule| wanted(rule)).cloned().collect();
        Ok(Scanner {
            engine: Arc::new(Engine::new(rules, self.stand_ins == StandIns::Report)),
        })
    }
}

/// Whether a group of rules is used.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum GroupState {
    /// Used.
    On,
    /// Not used.
    Off,
}

/// What happens to values that stand where a secret would be.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum StandIns {
    /// Nothing is reported.
    #[default]
    Suppress,
    /// Reported with the lowest severity and confidence: to look at what is suppressed.
    Report,
}
