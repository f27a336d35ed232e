//! The decision: a pure function of policy, evidence, time and version order.
//!
//! There is one walk over the rules. What it finds goes to a sink: one that keeps the worst
//! verdict and allocates nothing, and one that keeps everything and explains it.

use chrono::{DateTime, Utc};

use crate::caps::{
    authenticity_cap, coverage_cap, elapsed, inspection_cap, is_stale, is_tampered, locked_cap,
    origin_cap, tamper_cap,
};
use crate::decision::{Decision, Excepted, Outcome, Step, StepResult, Verdict};
use crate::evidence::{
    Anchor, Checksum, Coverage, Evidence, Inspection, MaintainerChanged, Origin, Provenance,
    Signature,
};
use crate::explain;
use crate::grade::Grade;
use crate::layer::{Exception, Layer, Policy};
use crate::licence::{Licence, LicenceList, Licences};
use crate::matcher::{Matched, Order};
use crate::rule::{ChecksumNeed, Class, Kind, Rule, SignatureNeed, Wait, names_rule};

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
    pub(crate) evidence: &'a Evidence,
    pub(crate) now: DateTime<Utc>,
    pub(crate) order: Order<'a>,
    /// How old the scan's database is, in milliseconds.
    pub(crate) age: i64,
}

impl<'a> Case<'a> {
    fn new(evidence: &'a Evidence, now: DateTime<Utc>, order: Order<'a>) -> Self {
        let age = match evidence.coverage {
            Coverage::Fresh { as_of } => elapsed(now, as_of),
            Coverage::NotScanned | Coverage::Stale => 0,
        };
        Self {
            evidence,
            now,
            order,
            age,
        }
    }
}

impl Policy {
    /// Decides about a package: the verdict, the grade, every reason and every step. Never fails
    /// and never panics. `now` is the time of the decision, `order` compares two versions of the
    /// package's own packaging system.
    pub fn decide(&self, evidence: &Evidence, now: DateTime<Utc>, order: Order<'_>) -> Decision {
        let case = Case::new(evidence, now, order);
        let grade = self.grade(&case);
        let mut decision = Decision {
            verdict: Verdict::Allow,
            grade,
            reasons: Vec::new(),
            excepted: Vec::new(),
            trace: Vec::new(),
        };
        for (number, layer) in self.layers.iter().enumerate() {
            for rule in &layer.rules {
                self.explain_rule(&case, number, rule, &mut decision);
            }
        }
        decision
    }

    /// The verdict and the grade of [`Policy::decide`], and nothing else: without any allocation,
    /// for many packages.
    pub fn verdict(&self, evidence: &Evidence, now: DateTime<Utc>, order: Order<'_>) -> Outcome {
        let case = Case::new(evidence, now, order);
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
        relevant(evidence, &mut look);
        Outcome { verdict, grade }
    }

    fn is_violated(&self, case: &Case<'_>, layer: usize, rule: &Rule, grade: Grade) -> bool {
        let mut violated = false;
        check(case, rule, grade, &mut |found| {
            violated = violated || self.exception(case, layer, rule, found).is_none();
        });
        violated
    }

    fn explain_rule(&self, case: &Case<'_>, layer: usize, rule: &Rule, to: &mut Decision) {
        let mut result = StepResult::Holds;
        check(case, rule, to.grade, &mut |found| {
            let reason = explain::reason(self, case, rule, found, to.grade);
            match self.exception(case, layer, rule, found) {
                None => {
                    to.verdict = to.verdict.max(rule.action);
                    to.reasons.push(reason);
                    result = StepResult::Violated;
                }
                Some((place, exception)) => {
                    to.excepted.push(Excepted {
                        reason,
                        because: exception.reason.clone(),
                        owner: exception.owner.clone(),
                        until: exception.until,
                        origin: exception.place.clone(),
                        exception: place,
                    });
                    if result == StepResult::Holds {
                        result = StepResult::Excepted;
                    }
                }
            }
        });
        to.trace.push(Step {
            rule: rule.id(),
            origin: rule.place.clone(),
            asks: rule.text(),
            result,
        });
    }

    /// The exception that covers a violation of a rule of this layer.
    fn exception(
        &self,
        case: &Case<'_>,
        layer: usize,
        rule: &Rule,
        found: Found,
    ) -> Option<((usize, usize), &Exception)> {
        if matches!(rule.kind, Kind::Integrity) {
            return None;
        }
        self.exceptions[layer].iter().find_map(|&(layer, place)| {
            let exception = &self.layers[layer].exceptions[place];
            covers(case, exception, rule, found).then_some(((layer, place), exception))
        })
    }

    /// The minimum of all caps of all layers.
    fn grade(&self, case: &Case<'_>) -> Grade {
        let mut grade = self.common_cap(case.evidence);
        for (number, layer) in self.layers.iter().enumerate() {
            if grade == Grade::Risk {
                break;
            }
            grade = grade
                .min(coverage_cap(case, &layer.grading))
                .min(locked_cap(case.evidence, layer.grading.locked))
                .min(self.finding_cap(case, number, layer));
        }
        grade
    }

    /// The caps that are the same in every layer.
    fn common_cap(&self, evidence: &Evidence) -> Grade {
        tamper_cap(evidence)
            .min(authenticity_cap(evidence))
            .min(origin_cap(evidence))
            .min(inspection_cap(evidence))
    }

    /// Findings that a rule rejects are a risk, others keep a package from the top.
    pub(crate) fn finding_cap(&self, case: &Case<'_>, number: usize, layer: &Layer) -> Grade {
        if case.evidence.findings.is_empty() {
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
fn relevant(evidence: &Evidence, look: &mut impl FnMut(Class)) {
    match &evidence.origin {
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
    if !evidence.findings.is_empty() {
        look(Class::Findings);
    }
    if matches!(&evidence.inspection, Inspection::Done(list) if !list.is_empty()) {
        look(Class::Scripts);
    }
    let plain = |licence: &Licence| matches!(licence, Licence::Expression(_));
    match &evidence.licences {
        Licences::AllOf(list) if !list.is_empty() && list.iter().all(plain) => {}
        _ => look(Class::OddLicences),
    }
}

fn covers(case: &Case<'_>, exception: &Exception, rule: &Rule, found: Found) -> bool {
    let named = match found {
        Found::Finding(index) => {
            let finding = &case.evidence.findings[index];
            exception.id.as_ref().is_some_and(|id| {
                *id == finding.id || finding.aliases.iter().any(|alias| alias == id)
            })
        }
        Found::Script(index) => match &case.evidence.inspection {
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
        && exception.matcher.matches(case.evidence, case.order) == Matched::Yes
}

/// Calls `report` with everything that violates the rule.
fn check(case: &Case<'_>, rule: &Rule, grade: Grade, report: &mut dyn FnMut(Found)) {
    let evidence = case.evidence;
    let violated = match &rule.kind {
        Kind::Integrity => is_tampered(evidence),
        Kind::MinimumGrade(least) => grade < *least,
        Kind::Scanned => evidence.coverage == Coverage::NotScanned,
        Kind::Current(limit) => match evidence.coverage {
            Coverage::NotScanned => false,
            Coverage::Stale => true,
            Coverage::Fresh { .. } => is_stale(case.age, *limit),
        },
        Kind::Signature(need) => !signature_fulfils(evidence.signature, *need),
        Kind::ProvenanceLevel(least) => match evidence.provenance {
            Provenance::Verified { level } => level < *least,
            _ => true,
        },
        Kind::Checksum(need) => !checksum_fulfils(evidence.checksum, *need),
        Kind::ReleaseAge(wait) => is_young(case, *wait, evidence.released),
        Kind::Ban(ban) => ban.matcher.matches(evidence, case.order) != Matched::No,
        Kind::ScriptsInspected => evidence.inspection == Inspection::Unknown,
        Kind::Finding(criterion) => {
            for (index, finding) in evidence.findings.iter().enumerate() {
                if criterion.matches(finding) {
                    report(Found::Finding(index));
                }
            }
            false
        }
        Kind::ScriptsClean => {
            if let Inspection::Done(findings) = &evidence.inspection {
                (0..findings.len()).for_each(|index| report(Found::Script(index)));
            }
            false
        }
        Kind::Repositories(_)
        | Kind::ThirdParties(_)
        | Kind::NoLocalFile
        | Kind::OriginKnown
        | Kind::NoAur
        | Kind::AurAge(_)
        | Kind::AurQuarantine(_)
        | Kind::NoNewInstallScript => origin_violates(case, &rule.kind),
        Kind::LicencesKnown => match &evidence.licences {
            Licences::Unknown => true,
            Licences::AllOf(list) => list.is_empty(),
        },
        Kind::LicencesAllowed(_)
        | Kind::LicencesDenied(_)
        | Kind::LicencesResolved
        | Kind::LicencesUnambiguous { .. } => {
            check_licences(evidence, &rule.kind, report);
            false
        }
    };
    if violated {
        report(Found::It);
    }
}

fn signature_fulfils(signature: Signature, need: SignatureNeed) -> bool {
    match signature {
        Signature::Trusted => true,
        Signature::Untrusted => need == SignatureNeed::Any,
        Signature::Unknown | Signature::Missing | Signature::Invalid => false,
    }
}

fn checksum_fulfils(checksum: Checksum, need: ChecksumNeed) -> bool {
    match checksum {
        Checksum::Match(Anchor::SignedMetadata) => true,
        Checksum::Match(_) => need == ChecksumNeed::Match,
        Checksum::Unknown | Checksum::Missing | Checksum::Mismatch => false,
    }
}

/// Whether something is younger than a rule asks for. What has no time, or one in the future, is.
fn is_young(case: &Case<'_>, wait: Wait, since: Option<DateTime<Utc>>) -> bool {
    let waived = wait.waived && case.evidence.security_fix == Some(true);
    !waived && since.is_none_or(|since| elapsed(case.now, since) < wait.time.num_milliseconds())
}

fn origin_violates(case: &Case<'_>, kind: &Kind) -> bool {
    match (&case.evidence.origin, kind) {
        (Origin::Unknown, Kind::AurAge(wait) | Kind::AurQuarantine(wait)) => {
            is_young(case, *wait, None)
        }
        // It could be what the rule is about.
        (Origin::Unknown, _) => true,
        (Origin::Official { repository }, Kind::Repositories(names))
        | (Origin::ThirdParty { repository }, Kind::ThirdParties(names)) => {
            !names.contains(repository)
        }
        (Origin::LocalFile, Kind::NoLocalFile) | (Origin::Aur(_), Kind::NoAur) => true,
        (Origin::Aur(aur), Kind::AurAge(wait)) => is_young(case, *wait, aur.last_change),
        (Origin::Aur(aur), Kind::AurQuarantine(wait)) => match aur.maintainer_changed {
            MaintainerChanged::Never => false,
            MaintainerChanged::Unknown => is_young(case, *wait, None),
            MaintainerChanged::At(at) => is_young(case, *wait, Some(at)),
        },
        (Origin::Aur(aur), Kind::NoNewInstallScript) => aur.new_install_script != Some(false),
        _ => false,
    }
}

fn check_licences(evidence: &Evidence, kind: &Kind, report: &mut dyn FnMut(Found)) {
    let Licences::AllOf(list) = &evidence.licences else {
        return;
    };
    for (index, licence) in list.iter().enumerate() {
        let violated = match (licence, kind) {
            (Licence::Expression(e), Kind::LicencesAllowed(allow)) => !allow.allows(e),
            (Licence::Expression(e), Kind::LicencesDenied(deny)) => deny.forbids(e),
            (Licence::Unresolved(_), Kind::LicencesResolved) => true,
            (Licence::Ambiguous { candidates, .. }, Kind::LicencesUnambiguous { allow, deny }) => {
                let fine = |e| {
                    allow
                        .as_ref()
                        .is_none_or(|list: &LicenceList| list.allows(e))
                        && !deny.as_ref().is_some_and(|list| list.forbids(e))
                };
                candidates.is_empty() || !candidates.iter().all(fine)
            }
            _ => false,
        };
        if violated {
            report(Found::Licence(index));
        }
    }
}
