//! Layers, and the policy that they make together.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use serde::Serialize;

use crate::decision::{Place, Verdict};
use crate::error::PolicyError;
use crate::matcher::Matcher;
use crate::rule::{Class, Kind, Rule};

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
    const fn is_below(self) -> bool {
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
    const BUILT_IN: Self = Self {
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
    fn covers(&self, exception: &Exception) -> bool {
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

/// One exception or rule, as [`Policy::rules`] and [`Policy::review`] show it.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Shown {
    /// The rule's name; `exception` for an exception.
    pub rule: String,
    /// What it says.
    pub text: String,
    /// Where it stands.
    pub origin: Place,
}

/// What became of the exceptions.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Review {
    /// They no longer hold.
    pub expired: Vec<Shown>,
    /// They hold, and covered nothing.
    pub unused: Vec<Shown>,
}

/// The rules of all layers together.
///
/// Layers meet: a package is allowed if each layer allows it, and its grade is the lowest that a
/// layer gives it. So the order of layers makes no difference, naming one twice neither, and the
/// whole is never looser than any of them. An exception covers violations of rules of its own
/// layer only, and of those layers that delegated it.
#[derive(Clone, Debug)]
pub struct Policy {
    pub(crate) layers: Vec<Layer>,
    /// Which exceptions count for each layer, as layer and place.
    pub(crate) exceptions: Vec<Vec<(usize, usize)>>,
    /// The rules by what can violate them, as layer and place.
    pub(crate) classes: [Vec<(usize, usize)>; Class::COUNT],
}

impl Policy {
    /// The policy that these layers make together. What is built in always holds beside them:
    /// an invalid signature, checksum or provenance is rejected.
    pub fn new(layers: impl IntoIterator<Item = Layer>) -> Self {
        let mut keyed: Vec<(LayerKind, Arc<str>, String, Layer)> = layers
            .into_iter()
            .filter(|layer| layer.kind != LayerKind::BuiltIn)
            .map(|layer| (layer.kind, layer.file.clone(), layer.canonical(), layer))
            .collect();
        keyed.push((
            LayerKind::BuiltIn,
            "built-in".into(),
            String::new(),
            built_in(),
        ));
        keyed.sort_by(|a, b| (a.0, &a.1, &a.2).cmp(&(b.0, &b.1, &b.2)));
        keyed.dedup_by(|a, b| (a.0, &a.1, &a.2) == (b.0, &b.1, &b.2));
        let layers: Vec<Layer> = keyed.into_iter().map(|(_, _, _, layer)| layer).collect();
        let exceptions = (0..layers.len())
            .map(|own| counting(&layers, own))
            .collect();
        let mut classes: [Vec<(usize, usize)>; Class::COUNT] = Default::default();
        for (number, layer) in layers.iter().enumerate() {
            for (place, rule) in layer.rules.iter().enumerate() {
                classes[rule.kind.class() as usize].push((number, place));
            }
        }
        Self {
            layers,
            exceptions,
            classes,
        }
    }

    /// Both together: allowed is what both allow.
    pub fn meet(&self, other: &Self) -> Self {
        Self::new(self.layers.iter().chain(&other.layers).cloned())
    }

    /// The layers, the most authoritative first.
    pub fn layers(&self) -> impl Iterator<Item = &Layer> {
        self.layers.iter()
    }

    /// Every rule and exception with the place where it stands.
    pub fn rules(&self) -> Vec<Shown> {
        let mut shown = Vec::new();
        for layer in &self.layers {
            shown.extend(layer.rules.iter().map(|rule| Shown {
                rule: rule.id().to_owned(),
                text: rule.text(),
                origin: rule.place.clone(),
            }));
            shown.extend(layer.exceptions.iter().map(show_exception));
        }
        shown
    }

    /// What the policy means, as text: equal for policies with the same layers, whatever the
    /// order of rules, comments and files' names are. A hash of it says whether it changed.
    pub fn canonical(&self) -> String {
        let mut layers: Vec<String> = self.layers.iter().map(Layer::canonical).collect();
        layers.sort();
        layers.dedup();
        layers.concat()
    }

    /// Which exceptions expired, and which covered nothing in these decisions of this policy.
    pub fn review<'a>(
        &self,
        decisions: impl IntoIterator<Item = &'a crate::Decision>,
        now: DateTime<Utc>,
    ) -> Review {
        let used: std::collections::BTreeSet<(usize, usize)> = decisions
            .into_iter()
            .flat_map(|decision| decision.excepted.iter().map(|e| e.exception))
            .collect();
        let mut review = Review::default();
        for (number, layer) in self.layers.iter().enumerate() {
            for (place, exception) in layer.exceptions.iter().enumerate() {
                if now >= exception.until {
                    review.expired.push(show_exception(exception));
                } else if !used.contains(&(number, place)) {
                    review.unused.push(show_exception(exception));
                }
            }
        }
        review
    }
}

/// The built-in layer alone, with the default rules about vulnerabilities: what holds on a
/// machine without any policy. See [`crate::SecurityPolicy`] for what a file without a key means.
impl Default for Policy {
    fn default() -> Self {
        let file: Arc<str> = "no policy".into();
        let mut rules = Vec::new();
        crate::policy::defaults(LayerKind::Vendor, &file, &mut rules);
        Self::new([Layer {
            kind: LayerKind::Vendor,
            file,
            rules,
            grading: Grading::default_of_files(),
            exceptions: Vec::new(),
            delegate: None,
            bundle: None,
        }])
    }
}

fn show_exception(exception: &Exception) -> Shown {
    let id = exception
        .id
        .as_deref()
        .map_or(String::new(), |id| format!(" {id}"));
    Shown {
        rule: "exception".to_owned(),
        text: format!(
            "{} for {}{id} until {}: {} ({})",
            exception.rule,
            exception.matcher,
            crate::period::show_moment(exception.until),
            exception.reason,
            exception.owner,
        ),
        origin: exception.place.clone(),
    }
}

/// A layer's own exceptions, and those that it delegated to the layers below it.
fn counting(layers: &[Layer], own: usize) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for (number, layer) in layers.iter().enumerate() {
        for (place, exception) in layer.exceptions.iter().enumerate() {
            let delegated = layer.kind.is_below()
                && layer.kind > layers[own].kind
                && layers[own]
                    .delegate
                    .as_ref()
                    .is_some_and(|d| d.covers(exception));
            if number == own || delegated {
                found.push((number, place));
            }
        }
    }
    found
}

fn built_in() -> Layer {
    let file: Arc<str> = "built-in".into();
    Layer {
        kind: LayerKind::BuiltIn,
        rules: vec![Rule {
            kind: Kind::Integrity,
            action: Verdict::Reject,
            place: Place {
                layer: LayerKind::BuiltIn,
                file: file.clone(),
                line: 0,
            },
        }],
        file,
        grading: Grading::BUILT_IN,
        exceptions: Vec::new(),
        delegate: None,
        bundle: None,
    }
}
