//! The decision: a pure function of policy, evidence, time and version order.
//!
//! Rules that the evidence cannot violate are left out; what violates the others is noted by place.
//! Words are made of that when somebody asks, in `explain`.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::caps::{
    authenticity_cap, coverage_cap, elapsed, inspection_cap, locked_cap, origin_cap, tamper_cap,
};
use crate::checks::check;
use crate::decision::{Basis, Decision, Outcome, Verdict, Violation};
use crate::effective::Policy;
use crate::evidence::Evidence;
use crate::facts::{Coverage, Facts, Inspection, Origin};
use crate::grade::Grade;
use crate::layer::{Exception, Layer};
use crate::licence::{Licence, Licences};
use crate::matcher::{Matched, Order};
use crate::rule::{Class, Kind, Rule, names_rule};

/// What in the evidence violates a rule.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Found {
    /// The one thing that the rule is about.
    It,
    Finding(usize),
    Licence(usize),
    Script(usize),
}

/// What everything is decided with.
#[derive(Clone, Copy)]
pub(crate) struct Case<'a> {
    pub(crate) facts: &'a Facts,
    pub(crate) now: DateTime<Utc>,
    pub(crate) order: Order<'a>,
    /// How old the scan's database is, in milliseconds.
    pub(crate) age: i64,
}

impl<'a> Case<'a> {
    fn new(facts: &'a Facts, now: DateTime<Utc>, order: Order<'a>) -> Self {
        Self {
            facts,
            now,
            order,
            age: age_of_scan(facts, now),
        }
    }
}

/// How old the database of a scan is, in milliseconds.
pub(crate) fn age_of_scan(facts: &Facts, now: DateTime<Utc>) -> i64 {
    match facts.coverage {
        Coverage::Fresh { as_of } => elapsed(now, as_of),
        Coverage::NotScanned | Coverage::Stale => 0,
    }
}

impl Policy {
    /// Decides about a package: the verdict, the grade, every reason and every step. Never fails
    /// and never panics. `now` is the time of the decision, `order` compares two versions of the
    /// package's own packaging system.
    ///
    /// Nothing is put into words here, and nothing allocated unless a rule is violated: then the
    /// evidence is kept with the decision, which puts its reasons into words when asked.
    pub fn decide(&self, evidence: &Evidence, now: DateTime<Utc>, order: Order<'_>) -> Decision {
        let facts = evidence.facts();
        let case = Case::new(facts, now, order);
        let grade = self.grade(&case);
        let mut verdict = Verdict::Allow;
        let mut violations = Vec::new();
        let mut look = |class: Class| {
            for &(layer, place) in &self.classes[class as usize] {
                self.note(&case, (layer, place), grade, &mut verdict, &mut violations);
            }
        };
        look(Class::Always);
        relevant(facts, &mut look);
        debug_assert_eq!(violations.len(), self.violated_of_all(&case, grade));
        let basis = (!violations.is_empty()).then(|| self.basis(&case, violations));
        Decision {
            subject: evidence.shared_subject(),
            is_simulated: evidence.is_simulated(),
            verdict,
            grade,
            layers: Arc::clone(&self.layers),
            basis,
            added: Vec::new(),
        }
    }

    /// What violates one rule.
    fn note(
        &self,
        case: &Case<'_>,
        (layer, place): (usize, usize),
        grade: Grade,
        verdict: &mut Verdict,
        to: &mut Vec<Violation>,
    ) {
        let rule = &self.layers[layer].rules[place];
        check(case, rule, grade, &mut |found| {
            let exception = self.exception(case, layer, rule, found);
            if exception.is_none() {
                *verdict = rule.action.max(*verdict);
            }
            to.push(Violation {
                layer,
                rule: place,
                found,
                exception,
            });
        });
    }

    /// How many violations there are when no rule is left out; for the tests.
    fn violated_of_all(&self, case: &Case<'_>, grade: Grade) -> usize {
        let mut count = 0;
        for rule in self.layers.iter().flat_map(|layer| &layer.rules) {
            check(case, rule, grade, &mut |_| count += 1);
        }
        count
    }

    /// Keeps what reasons are made of.
    #[cold]
    fn basis(&self, case: &Case<'_>, mut violations: Vec<Violation>) -> Arc<Basis> {
        // Each rule's own stay in their order.
        violations.sort_by_key(|violation| (violation.layer, violation.rule));
        let is_of_grade = |violation: &Violation| {
            let rule = &self.layers[violation.layer].rules[violation.rule];
            matches!(rule.kind, Kind::MinimumGrade(_))
        };
        let finding_caps = match violations.iter().any(is_of_grade) {
            true => {
                let layers = self.layers.iter().enumerate();
                let cap = |(number, layer)| self.finding_cap(case, number, layer);
                layers.map(cap).collect()
            }
            false => Vec::new(),
        };
        Arc::new(Basis {
            facts: case.facts.clone(),
            now: case.now,
            violations,
            finding_caps,
        })
    }

    /// The verdict and the grade of [`Policy::decide`], and nothing else: without any allocation,
    /// for many packages.
    pub fn verdict(&self, evidence: &Evidence, now: DateTime<Utc>, order: Order<'_>) -> Outcome {
        self.verdict_of(evidence.facts(), now, order)
    }

    pub(crate) fn verdict_of(
        &self,
        facts: &Facts,
        now: DateTime<Utc>,
        order: Order<'_>,
    ) -> Outcome {
        let case = Case::new(facts, now, order);
        let grade = self.grade(&case);
        let mut verdict = Verdict::Allow;
        let mut look = |class: Class| {
            for &(layer, place) in &self.classes[class as usize] {
                let rule = &self.layers[layer].rules[place];
                if rule.action > verdict && self.is_violated(&case, layer, rule, grade) {
                    verdict = rule.action;
                }
            }
        };
        look(Class::Always);
        relevant(facts, &mut look);
        Outcome { verdict, grade }
    }

    fn is_violated(&self, case: &Case<'_>, layer: usize, rule: &Rule, grade: Grade) -> bool {
        let mut violated = false;
        check(case, rule, grade, &mut |found| {
            violated = violated || self.exception(case, layer, rule, found).is_none();
        });
        violated
    }

    /// The exception that covers a violation of a rule of this layer, by place.
    fn exception(
        &self,
        case: &Case<'_>,
        layer: usize,
        rule: &Rule,
        found: Found,
    ) -> Option<(usize, usize)> {
        if matches!(rule.kind, Kind::Integrity) {
            return None;
        }
        let mut counting = self.exceptions[layer].iter().copied();
        counting.find(|&(layer, place)| {
            covers(case, &self.layers[layer].exceptions[place], rule, found)
        })
    }

    /// The minimum of all caps of all layers.
    fn grade(&self, case: &Case<'_>) -> Grade {
        let mut grade = self.common_cap(case.facts);
        for (number, layer) in self.layers.iter().enumerate() {
            if grade == Grade::Risk {
                break;
            }
            grade = grade
                .min(coverage_cap(case.facts, case.age, &layer.grading))
                .min(locked_cap(case.facts, layer.grading.locked))
                .min(self.finding_cap(case, number, layer));
        }
        grade
    }

    /// The caps that are the same in every layer.
    fn common_cap(&self, facts: &Facts) -> Grade {
        tamper_cap(facts)
            .min(authenticity_cap(facts))
            .min(origin_cap(facts))
            .min(inspection_cap(facts))
    }

    /// Findings that a rule rejects are a risk, others keep a package from the top.
    fn finding_cap(&self, case: &Case<'_>, number: usize, layer: &Layer) -> Grade {
        if case.facts.findings.is_empty() {
            return Grade::Locked;
        }
        let rejected = layer.rules.iter().any(|rule| {
            rule.action == Verdict::Reject
                && matches!(rule.kind, Kind::Finding(_))
                && self.is_violated(case, number, rule, Grade::Locked)
        });
        if rejected {
            Grade::Risk
        } else {
            Grade::Verified
        }
    }
}

/// The classes of rules that this evidence can violate, beside those that any can.
fn relevant(facts: &Facts, look: &mut impl FnMut(Class)) {
    match &facts.origin {
        Origin::Official { .. } => look(Class::Official),
        Origin::ThirdParty { .. } => look(Class::ThirdParty),
        Origin::LocalFile => look(Class::LocalFile),
        Origin::Aur(_) => look(Class::Aur),
        // It could be any of them.
        Origin::Unknown => {
            for class in [
                Class::Official,
                Class::ThirdParty,
                Class::LocalFile,
                Class::Aur,
            ] {
                look(class);
            }
        }
    }
    if !facts.findings.is_empty() {
        look(Class::Findings);
    }
    if matches!(&facts.inspection, Inspection::Done(list) if !list.is_empty()) {
        look(Class::Scripts);
    }
    let plain = |licence: &Licence| matches!(licence, Licence::Expression(_));
    match &facts.licences {
        Licences::AllOf(list) if !list.is_empty() && list.iter().all(plain) => {}
        _ => look(Class::OddLicences),
    }
}

fn covers(case: &Case<'_>, exception: &Exception, rule: &Rule, found: Found) -> bool {
    let named = match found {
        Found::Finding(index) => {
            let finding = &case.facts.findings[index];
            exception.id.as_ref().is_some_and(|id| {
                *id == finding.id || finding.aliases.iter().any(|alias| alias == id)
            })
        }
        Found::Script(index) => match &case.facts.inspection {
            Inspection::Done(findings) => exception
                .id
                .as_ref()
                .is_some_and(|id| *id == findings[index].rule.as_str()),
            Inspection::Unknown => false,
        },
        Found::It | Found::Licence(_) => exception.id.is_none(),
    };
    named
        && names_rule(&exception.rule, rule.id())
        && exception.is_current(case.now)
        && exception.matcher.matches(case.facts, case.order) == Matched::Yes
}
