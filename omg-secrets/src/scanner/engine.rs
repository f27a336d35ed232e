//! The rules as they are searched for: their shapes, and the ways to find each.

use std::collections::HashMap;
use std::sync::Arc;

use super::signs::{Sign, signs};
use crate::classify::provider::{AWS_SECRET, Providers};
use crate::classify::user::USER_NAME;
use crate::rules::{Custom, Group, Inner, Rule};
use crate::search::{Names, Searcher, Shape};

pub(super) struct Engine {
    pub(super) rules: Vec<Rule>,
    /// How each rule reads the text around its literal.
    pub(super) forms: Vec<Form>,
    pub(super) ids: HashMap<&'static str, usize>,
    pub(super) providers: Providers,
    pub(super) searcher: Searcher,
    pub(super) signs: Vec<Sign>,
    /// Whether values are judged by their name and looks.
    pub(super) generic: bool,
    /// Whether the names of users beside passwords are looked for.
    pub(super) users: bool,
    /// Whether names of secrets are looked for.
    pub(super) names: bool,
    /// Whether values that stand where a secret would be are reported.
    pub(super) stand_ins: bool,
}

/// The reader of the text around a rule's literal.
pub(super) enum Form {
    Shape(Shape),
    Own(Arc<Custom>),
}

impl Engine {
    pub(super) fn new(rules: Vec<Rule>, stand_ins: bool) -> Self {
        let mut ids = HashMap::new();
        let mut providers = Providers::default();
        let mut forms = Vec::with_capacity(rules.len());
        for (number, rule) in rules.iter().enumerate() {
            forms.push(match &rule.0 {
                Inner::Builtin(spec) => {
                    ids.insert(spec.id, number);
                    if spec.group == Group::Keyword {
                        providers.add(number, spec);
                    }
                    Form::Shape(Shape::new(spec))
                }
                Inner::Custom(custom) => Form::Own(Arc::clone(custom)),
            });
        }
        let generic = rules.iter().any(|rule| rule.group() == Group::Generic);
        let users = ids.contains_key(USER_NAME);
        let names = generic || users || ids.contains_key(AWS_SECRET);
        Self {
            searcher: Searcher::new(&rules, signs(names).map(|(literal, _)| literal)),
            signs: signs(names).map(|(_, sign)| sign).collect(),
            rules,
            forms,
            ids,
            providers,
            generic,
            users,
            names,
            stand_ins,
        }
    }

    /// Whether the search tells of names of programs: they are looked at only to report stand-ins.
    pub(super) fn told(&self) -> Names {
        if self.stand_ins {
            Names::Told
        } else {
            Names::Passed
        }
    }
}
