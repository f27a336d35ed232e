//! Layers: one policy file each, and who speaks in it.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use serde::Serialize;

use crate::decision::Place;
use crate::error::PolicyError;
use crate::matcher::Matcher;
use crate::rule::Rule;

/// Who speaks in a layer.
///
/// Closed by definition: the order of authority. A layer may only tighten what those before it
/// say, unless they delegate.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LayerKind {
    /// What holds in every policy.
    BuiltIn,
    /// The distribution.
    Vendor,
    /// The machine's administrator.
    System,
    /// The organisation, by a signed bundle.
    Organisation,
    /// The user.
    User,
    /// A policy that was named for this run.
    CommandLine,
}

impl LayerKind {
    /// The name that output uses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BuiltIn => "built-in",
            Self::Vendor => "vendor",
            Self::System => "system",
            Self::Organisation => "organisation",
            Self::User => "user",
            Self::CommandLine => "command line",
        }
    }

    /// Whether exceptions of this layer can be delegated to it.
    pub(crate) const fn is_below(self) -> bool {
        matches!(self, Self::User | Self::CommandLine)
    }
}

/// One policy file.
#[derive(Clone, Debug)]
pub struct Layer {
    pub(crate) kind: LayerKind,
    pub(crate) file: Arc<str>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) grading: Grading,
    pub(crate) exceptions: Vec<Exception>,
    pub(crate) delegate: Option<Delegate>,
    pub(crate) bundle: Option<BundleHead>,
}

/// What a layer says of grades.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Grading {
    /// After which time a scan is stale; never if absent.
    pub(crate) stale_after: Option<Duration>,
    pub(crate) locked: LockedNeeds,
}

impl Grading {
    /// Of a file that says nothing: a week; SLSA build level 2, or two rebuilds.
    pub(crate) const fn default_of_files() -> Self {
        Self {
            stale_after: Some(Duration::days(7)),
            locked: LockedNeeds {
                level: Some(2),
                rebuilds: Some(2),
            },
        }
    }

    /// What every policy asks for at least.
    pub(crate) const BUILT_IN: Self = Self {
        stale_after: None,
        locked: LockedNeeds {
            level: Some(1),
            rebuilds: Some(1),
        },
    };
}

/// What `Locked` needs beside a trusted signature: either.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct LockedNeeds {
    pub(crate) level: Option<u8>,
    pub(crate) rebuilds: Option<u32>,
}

/// A violation that somebody decided to live with.
#[derive(Clone, Debug)]
pub(crate) struct Exception {
    pub(crate) rule: String,
    pub(crate) matcher: Matcher,
    pub(crate) id: Option<String>,
    pub(crate) reason: String,
    pub(crate) owner: String,
    pub(crate) granted: Option<DateTime<Utc>>,
    pub(crate) until: DateTime<Utc>,
    pub(crate) place: Place,
}

impl Exception {
    /// Whether it holds at this moment.
    pub(crate) fn is_current(&self, now: DateTime<Utc>) -> bool {
        now < self.until && self.granted.is_none_or(|granted| granted <= now)
    }
}

/// What the layers below may except.
#[derive(Clone, Debug)]
pub(crate) struct Delegate {
    pub(crate) rules: Vec<String>,
    pub(crate) longest: Option<Duration>,
}

impl Delegate {
    pub(crate) fn covers(&self, exception: &Exception) -> bool {
        let named = self
            .rules
            .iter()
            .any(|rule| crate::rule::names_rule(rule, &exception.rule));
        let short = self.longest.is_none_or(|longest| {
            exception
                .granted
                .is_some_and(|granted| exception.until.signed_duration_since(granted) <= longest)
        });
        named && short
    }
}

/// What an organisation's bundle says of itself.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct BundleHead {
    pub(crate) revision: u64,
    pub(crate) expires: DateTime<Utc>,
}

impl Layer {
    /// Reads a policy file; `file` is the name that its rules are shown with. See the crate's
    /// documentation for the format, and `schemas/policy.schema.json`.
    ///
    /// An organisation's policy is not read with this but with [`crate::Bundle`], which asks for
    /// its signature.
    ///
    /// # Errors
    ///
    /// When anything in it is not understood: it is over [`crate::MAX_POLICY_BYTES`], empty, no
    /// TOML, has an unknown key or schema, a value out of range, a pattern or range that matches
    /// nothing, an exception without reason, owner or expiry. Also for an organisation's policy.
    pub fn parse(kind: LayerKind, file: &str, toml: &[u8]) -> Result<Self, PolicyError> {
        crate::policy::parse(kind, file, toml, false)
    }

    /// Who speaks in it.
    pub fn kind(&self) -> LayerKind {
        self.kind
    }

    /// The file's name, as it was given.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The revision of an organisation's policy.
    pub fn revision(&self) -> Option<u64> {
        self.bundle.as_ref().map(|bundle| bundle.revision)
    }

    /// What it means, as text, one rule a line, whatever the order in the file was.
    pub fn canonical(&self) -> String {
        let mut lines: Vec<String> = self.rules.iter().map(Rule::text).collect();
        lines.extend(self.exceptions.iter().map(|e| {
            let (id, granted) = (e.id.as_deref().unwrap_or("-"), e.granted);
            let (rule, matcher, reason, owner) = (&e.rule, &e.matcher, &e.reason, &e.owner);
            format!(
                "exception {rule} {matcher} {id} {reason:?} {owner:?} {granted:?} {}",
                e.until
            )
        }));
        lines.extend(self.delegate.iter().map(|d| {
            let mut rules = d.rules.clone();
            rules.sort();
            format!("delegate {rules:?} {:?}", d.longest)
        }));
        lines.push(format!(
            "grading {:?} bundle {:?}",
            self.grading, self.bundle
        ));
        lines.sort();
        lines.dedup();
        format!("[{}]\n{}\n", self.kind.as_str(), lines.join("\n"))
    }
}
