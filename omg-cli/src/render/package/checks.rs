//! One line for each thing that was looked at about a package file.

use chrono::{DateTime, Utc};
use omg_policy::Observation;

use crate::checks::package::result::{
    AurCheck, Check, ChecksumCheck, InspectionCheck, PackageIndex, ProvenanceCheck, SignatureCheck,
    VulnerabilityCheck,
};
use crate::checks::provenance::result::Outcome as ProvenanceOutcome;
use crate::checks::signature::result::{Outcome as SignatureOutcome, SignatureResult};
use crate::render::pgp;

/// A check in words: its name, its state, and what the state rests on.
pub struct CheckWords {
    pub name: &'static str,
    pub status: &'static str,
    pub detail: String,
}

/// The words of a check.
pub fn words(check: &Check) -> CheckWords {
    let (name, (status, detail)) = match check {
        Check::Signature(check) => ("signature", signature(check)),
        Check::Checksum(check) => ("checksum", checksum(check)),
        Check::Provenance(result) => ("provenance", provenance(result)),
        Check::Vulnerabilities(check) => ("vulnerabilities", vulnerabilities(check)),
        Check::Licence(recorded) => ("licence", licence(recorded)),
        Check::Inspection(check) => ("inspection", inspection(check)),
        Check::Aur(check) => ("aur", aur(check)),
    };
    CheckWords {
        name,
        status,
        detail,
    }
}

fn signature(check: &SignatureCheck) -> (&'static str, String) {
    match check {
        SignatureCheck::NoKeyring => ("unknown", "there is no keyring to check it with".to_owned()),
        SignatureCheck::NotRead(detail) => ("unknown", detail.clone()),
        SignatureCheck::Checked(result) => (result.status().as_str(), signers(result)),
    }
}

fn signers(result: &SignatureResult) -> String {
    match &result.outcome {
        SignatureOutcome::Valid(found) => {
            let signers = found.signers().iter();
            let names = signers.map(|s| s.user_id.clone().unwrap_or_else(|| s.certificate.clone()));
            names.collect::<Vec<_>>().join(", ")
        }
        _ => pgp::detail(result),
    }
}

fn checksum(check: &ChecksumCheck) -> (&'static str, String) {
    match check {
        ChecksumCheck::NotLookedUp => (
            "unknown",
            "not looked up for this kind of package".to_owned(),
        ),
        ChecksumCheck::Match {
            index: PackageIndex::Pacman,
            name,
            signed,
        } => {
            let by = if *signed { "signed" } else { "unsigned" };
            ("match", format!("that of the {by} database of {name}"))
        }
        ChecksumCheck::Match { name, .. } => (
            "match",
            format!("that of the list {name}, whose signature is not checked here"),
        ),
        ChecksumCheck::Mismatch { index, name } => {
            let what = match index {
                PackageIndex::Pacman => "file",
                PackageIndex::Apt => "version",
            };
            let detail = format!("{name} offers this {what} with another checksum");
            ("mismatch", detail)
        }
        ChecksumCheck::Missing { index } => {
            let whose = match index {
                PackageIndex::Pacman => "repository",
                PackageIndex::Apt => "list of apt",
            };
            ("missing", format!("no {whose} offers this file"))
        }
    }
}

fn provenance(check: &ProvenanceCheck) -> (&'static str, String) {
    let result = match check {
        ProvenanceCheck::NotRead(detail) => return ("unknown", detail.clone()),
        ProvenanceCheck::Checked(result) => result,
    };
    let detail = match &result.outcome {
        ProvenanceOutcome::Verified(_) => {
            format!("SLSA build level {}", result.level().unwrap_or(0))
        }
        ProvenanceOutcome::Unmet(_) | ProvenanceOutcome::Summary(..) => {
            "good, and not what is expected".to_owned()
        }
        ProvenanceOutcome::Unasked(_) => {
            "good, and nothing says who must have built it: --source-uri".to_owned()
        }
        ProvenanceOutcome::Invalid(reason, detail) => format!("{}: {detail}", reason.name()),
        ProvenanceOutcome::Missing(detail) => detail.clone(),
    };
    (result.status().as_str(), detail)
}

fn vulnerabilities(check: &VulnerabilityCheck) -> (&'static str, String) {
    match check {
        VulnerabilityCheck::NotCovered => {
            ("unknown", "no source of advisories speaks of it".to_owned())
        }
        VulnerabilityCheck::Found(ids) => ("found", ids.join(", ")),
        VulnerabilityCheck::FixesInstalled => {
            ("none", "fixes some of the installed version".to_owned())
        }
        VulnerabilityCheck::NoneKnown => ("none", "none known".to_owned()),
    }
}

fn licence(recorded: &[String]) -> (&'static str, String) {
    match recorded {
        [] => ("unknown", "none is recorded".to_owned()),
        list => ("recorded", list.join(", ")),
    }
}

fn inspection(check: &InspectionCheck) -> (&'static str, String) {
    let (scripts, units) = (check.scripts, check.units);
    let mut detail = format!(
        "{scripts} scripts, {units} units, {} setuid",
        check.setuid.len()
    );
    if !check.setuid.is_empty() {
        let shown: Vec<&str> = check.setuid.iter().take(3).map(String::as_str).collect();
        detail.push_str(&format!(" ({})", shown.join(", ")));
    }
    if !check.replaces.is_empty() {
        let shown: Vec<&str> = check.replaces.iter().take(5).map(String::as_str).collect();
        detail.push_str(&format!(", replaces {}", shown.join(" ")));
    }
    let status = match check.findings {
        0 => "clean",
        _ => "suspicious",
    };
    (status, detail)
}

fn aur(check: &AurCheck) -> (&'static str, String) {
    let (info, seen) = match check {
        AurCheck::NotAsked(detail) => return ("unknown", detail.clone()),
        AurCheck::NoRecipe => {
            return ("missing", "the AUR has no package of this name".to_owned());
        }
        AurCheck::Recipe { info, seen } => (info, seen),
    };
    let who = info.maintainer.as_deref().unwrap_or("nobody");
    let (status, history) = match seen {
        Observation::First => ("first", "seen for the first time".to_owned()),
        Observation::Unchanged { since } => ("unchanged", format!("at least since {}", day(since))),
        Observation::Changed { at, from } => {
            let from = from.as_deref().unwrap_or("nobody");
            ("changed", format!("seen on {}, before {from}", day(at)))
        }
        _ => ("unknown", "since when is unknown".to_owned()),
    };
    let mut detail = format!("maintained by {who}, {history}");
    if !info.co_maintainers.is_empty() {
        let names = info.co_maintainers.join(", ");
        detail.push_str(&format!("; also by {names}"));
    }
    let (changed, first) = (day(&info.last_modified), day(&info.first_submitted));
    detail.push_str(&format!("; changed on {changed}, there since {first}"));
    if let Some(at) = &info.out_of_date {
        detail.push_str(&format!("; out of date since {}", day(at)));
    }
    (status, detail)
}

fn day(at: &DateTime<Utc>) -> String {
    at.format("%Y-%m-%d").to_string()
}
