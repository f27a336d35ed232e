//! The policy that layers make together.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::decision::{Place, Verdict};
use crate::layer::{Exception, Grading, Layer, LayerKind};
use crate::rule::{Class, Kind, Rule};

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
    /// Shared with decisions, which name their rules by place and are put into words later.
    pub(crate) layers: Arc<[Layer]>,
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
            layers: layers.into(),
            exceptions,
            classes,
        }
    }

    /// Both together: allowed is what both allow.
    pub fn meet(&self, other: &Self) -> Self {
        Self::new(self.layers.iter().chain(other.layers.iter()).cloned())
    }

    /// The layers, the most authoritative first.
    pub fn layers(&self) -> impl Iterator<Item = &Layer> {
        self.layers.iter()
    }

    /// Every rule and exception with the place where it stands.
    pub fn rules(&self) -> Vec<Shown> {
        let mut shown = Vec::new();
        for layer in self.layers.iter() {
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
            .flat_map(crate::Decision::exceptions_used)
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
