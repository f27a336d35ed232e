//! What violates a rule.

use chrono::{DateTime, Utc};

use crate::caps::{elapsed, is_stale, is_tampered};
use crate::engine::{Case, Found};
use crate::facts::{
    Anchor, Checksum, Coverage, Facts, Inspection, MaintainerChanged, Origin, Provenance, Signature,
};
use crate::grade::Grade;
use crate::licence::{Licence, LicenceList, Licences};
use crate::matcher::Matched;
use crate::rule::{ChecksumNeed, Kind, Rule, SignatureNeed, Wait};

/// Calls `report` with everything that violates the rule.
pub(crate) fn check(case: &Case<'_>, rule: &Rule, grade: Grade, report: &mut dyn FnMut(Found)) {
    let facts = case.facts;
    let violated = match &rule.kind {
        Kind::Integrity => is_tampered(facts),
        Kind::MinimumGrade(least) => grade < *least,
        Kind::Scanned => facts.coverage == Coverage::NotScanned,
        Kind::Current(limit) => match facts.coverage {
            Coverage::NotScanned => false,
            Coverage::Stale => true,
            Coverage::Fresh { .. } => is_stale(case.age, *limit),
        },
        Kind::Signature(need) => !signature_fulfils(facts.signature, *need),
        Kind::ProvenanceLevel(least) => match facts.provenance {
            Provenance::Verified { level } => level < *least,
            _ => true,
        },
        Kind::Checksum(need) => !checksum_fulfils(facts.checksum, *need),
        Kind::ReleaseAge(wait) => is_young(case, *wait, facts.released),
        Kind::Ban(ban) => ban.matcher.matches(facts, case.order) != Matched::No,
        Kind::ScriptsInspected => facts.inspection == Inspection::Unknown,
        Kind::Finding(criterion) => {
            for (index, finding) in facts.findings.iter().enumerate() {
                if criterion.matches(finding) {
                    report(Found::Finding(index));
                }
            }
            false
        }
        Kind::ScriptsClean => {
            if let Inspection::Done(findings) = &facts.inspection {
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
        Kind::LicencesKnown => match &facts.licences {
            Licences::Unknown => true,
            Licences::AllOf(list) => list.is_empty(),
        },
        Kind::LicencesAllowed(_)
        | Kind::LicencesDenied(_)
        | Kind::LicencesResolved
        | Kind::LicencesUnambiguous { .. } => {
            check_licences(facts, &rule.kind, report);
            false
        }
    };
    if violated {
        report(Found::It);
    }
}

fn signature_fulfils(signature: Signature, need: SignatureNeed) -> bool {
    match signature {
        // pacman installs by trusted signatures only, unless its user says otherwise (SigLevel in
        // pacman.conf(5)).
        Signature::Trusted | Signature::Recorded => true,
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
    let waived = wait.waived && case.facts.security_fix == Some(true);
    !waived && since.is_none_or(|since| elapsed(case.now, since) < wait.time.num_milliseconds())
}

fn origin_violates(case: &Case<'_>, kind: &Kind) -> bool {
    match (&case.facts.origin, kind) {
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

fn check_licences(facts: &Facts, kind: &Kind, report: &mut dyn FnMut(Found)) {
    let Licences::AllOf(list) = &facts.licences else {
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
