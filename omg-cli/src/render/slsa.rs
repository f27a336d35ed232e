//! How an artifact was built: for people, and as `omg.slsa/1` (`schemas/omg.slsa.1.json`).

use chrono::{DateTime, SecondsFormat, Utc};
use omg_slsa::{Attestation, Digests, Findings, Level, LogEntry};
use serde_json::{Value, json};

use super::words::clean;
use crate::checks::provenance::result::{Outcome, ProvenanceResult, ProvenanceStatus};
use crate::render::json_text::pretty;
use crate::session::format::Format;
use crate::session::style::Style;

pub fn slsa(checked: &ProvenanceResult, format: Format, style: Style) -> String {
    match format {
        Format::Json => pretty(&document(checked)),
        _ => table(checked, style),
    }
}

fn document(checked: &ProvenanceResult) -> Value {
    let findings = checked.findings();
    let attestation = findings.map(Findings::attestation);
    let signer = attestation.map(Attestation::signer);
    let build = findings.and_then(Findings::build);
    let assessment = findings.map(Findings::assessment);
    let text = |text: Option<&String>| text.map(|text| clean(text));
    let digests = checked.digests.iter().flat_map(Digests::iter);
    let subjects = attestation.iter().flat_map(|found| found.subjects());
    let times = attestation.iter().flat_map(|found| found.times());
    let entries = attestation.iter().flat_map(|found| found.log_entries());
    let reasons = assessment.iter().flat_map(|found| &found.reasons);
    json!({
        "schema": "omg.slsa/1",
        "status": checked.status().as_str(),
        "artifact": checked.artifact,
        "digests": digests.map(ToString::to_string).collect::<Vec<_>>(),
        "bundle": checked.bundle.as_ref().map(|path| path.to_string_lossy()),
        "trust_domain": checked.domain.name(),
        "level": assessment.and_then(|found| found.level).map(Level::number),
        "level_reasons": reasons.map(|reason| clean(reason)).collect::<Vec<_>>(),
        "identity": text(signer.and_then(|signer| signer.identity.as_ref())),
        "issuer": text(signer.and_then(|signer| signer.issuer.as_ref())),
        "key": text(signer.and_then(|signer| signer.key.as_ref())),
        "signed_at": times.map(|at| time(*at)).collect::<Vec<_>>(),
        "log_entries": entries.map(entry).collect::<Vec<_>>(),
        "predicate_type": attestation
            .and_then(|found| found.statement())
            .map(|statement| clean(statement.predicate_type())),
        "subjects": subjects.map(|subject| clean(&subject.name)).collect::<Vec<_>>(),
        "builder_id": text(build.map(|build| &build.builder_id)),
        "build_type": text(build.map(|build| &build.build_type)),
        "source": text(build.and_then(|build| build.source.as_ref())),
        "source_ref": text(build.and_then(|build| build.source_ref.as_ref())),
        "commit": text(build.and_then(|build| build.commit.as_ref())),
        "workflow": text(build.and_then(|build| build.workflow.as_ref())),
        "trigger": text(build.and_then(|build| build.trigger.as_ref())),
        "checks": checks(checked),
        "rejected": rejected(checked),
        "detail": detail(checked),
    })
}

fn checks(checked: &ProvenanceResult) -> Vec<Value> {
    let findings = checked.findings();
    let mut list = Vec::new();
    if findings.is_some() || matches!(checked.outcome, Outcome::Summary(..)) {
        list.push(json!({
            "name": "evidence",
            "status": "met",
            "detail": "signature, signer, logs and times are good",
        }));
    }
    if let Outcome::Invalid(reason, detail) = &checked.outcome {
        list.push(json!({ "name": reason, "status": "invalid", "detail": clean(detail) }));
    }
    for check in checked.checks() {
        let status = if check.met { "met" } else { "unmet" };
        list.push(json!({
            "name": check.name, "status": status, "detail": clean(&check.detail),
        }));
    }
    list
}

fn rejected(checked: &ProvenanceResult) -> Vec<Value> {
    let own = match &checked.outcome {
        Outcome::Invalid(reason, detail) => Some((reason, detail)),
        _ => None,
    };
    let others = checked
        .others
        .iter()
        .map(|(reason, detail)| (reason, detail));
    own.into_iter()
        .chain(others)
        .map(|(reason, detail)| json!({ "reason": reason, "detail": clean(detail) }))
        .collect()
}

/// What is lacking; empty if nothing is.
fn detail(checked: &ProvenanceResult) -> String {
    match &checked.outcome {
        Outcome::Verified(_) | Outcome::Summary(_, true) => String::new(),
        Outcome::Missing(detail) => clean(detail),
        Outcome::Invalid(reason, detail) => clean(&format!("{reason}: {detail}")),
        Outcome::Unasked(_) => "nothing says who must have signed".to_owned(),
        Outcome::Unmet(_) | Outcome::Summary(_, false) => {
            let unmet = checked.checks().iter().filter(|check| !check.met);
            let unmet: Vec<_> = unmet
                .map(|check| format!("{}: {}", check.name, check.detail))
                .collect();
            clean(&unmet.join("; "))
        }
    }
}

fn entry(entry: &LogEntry) -> Value {
    json!({
        "log": entry.log,
        "index": entry.index,
        "kind": entry.kind,
        "integrated": entry.integrated.map(time),
    })
}

fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn table(checked: &ProvenanceResult, style: Style) -> String {
    let mut out = format!("omg audit slsa: {}\n", clean(&checked.artifact));
    for digest in checked.digests.iter().flat_map(Digests::iter) {
        out.push_str(&format!("  {digest}\n"));
    }
    if let Some(findings) = checked.findings() {
        out.push_str(&found(findings));
    }
    if !checked.checks().is_empty() {
        out.push_str("\nexpected:\n");
    }
    for check in checked.checks() {
        let word = if check.met { "met" } else { "UNMET" };
        let detail = clean(&check.detail);
        out.push_str(&format!("  {word:<5} {}: {detail}\n", check.name));
    }
    if !checked.others.is_empty() {
        out.push_str("\ndoes not count:\n");
    }
    for (reason, detail) in &checked.others {
        out.push_str(&format!("  {reason}\n    {}\n", clean(detail)));
    }
    out.push('\n');
    out.push_str(&verdict(checked, style));
    out
}

fn found(findings: &Findings) -> String {
    let attestation = findings.attestation();
    let signer = attestation.signer();
    let mut out = String::new();
    let mut line = |name: &str, value: &str| {
        out.push_str(&format!("  {name:<9} {}\n", clean(value)));
    };
    line(
        "signed by",
        signer
            .identity
            .as_deref()
            .or(signer.key.as_deref())
            .unwrap_or("(no name)"),
    );
    if let Some(issuer) = &signer.issuer {
        line("issuer", issuer);
    }
    if let Some(at) = attestation.times().first() {
        line("on", &time(*at));
    }
    for entry in attestation.log_entries() {
        line(
            "logged",
            &format!("number {} of {}", entry.index, entry.log),
        );
    }
    for subject in attestation.subjects().iter().take(8) {
        line("subject", &subject.name);
    }
    if let Some(statement) = attestation.statement() {
        line("says", statement.predicate_type());
    }
    if let Some(build) = findings.build() {
        line("builder", &build.builder_id);
        let parts = [
            ("source", &build.source),
            ("ref", &build.source_ref),
            ("commit", &build.commit),
        ];
        for (name, value) in parts {
            if let Some(value) = value {
                line(name, value);
            }
        }
    }
    for reason in &findings.assessment().reasons {
        line("SLSA", reason);
    }
    out
}

fn verdict(checked: &ProvenanceResult, style: Style) -> String {
    let (text, next) = match &checked.outcome {
        Outcome::Verified(_) | Outcome::Summary(_, true) => {
            ("verified: the evidence is good and as expected", None)
        }
        Outcome::Unmet(_) | Outcome::Summary(_, false) => (
            "not as expected: the evidence is good, and of something else",
            None,
        ),
        Outcome::Unasked(_) => (
            "unknown: somebody signed this, and nothing says who must have",
            Some(
                "name the signer: --certificate-identity and --certificate-oidc-issuer, --key, --builder-id or --source-uri",
            ),
        ),
        Outcome::Missing(_) => (
            "unknown: there is no evidence",
            Some("name the evidence with --bundle FILE"),
        ),
        Outcome::Invalid(..) => (
            "INVALID: the evidence is broken",
            Some("do not use the file; fetch it and its bundle again"),
        ),
    };
    let text = match style.colour && checked.status() == ProvenanceStatus::Invalid {
        true => format!("\u{1b}[1;31m{text}\u{1b}[0m"),
        false => text.to_owned(),
    };
    let mut out = format!("{text}. [exit {}]\n", checked.exit().code());
    if matches!(checked.outcome, Outcome::Invalid(..) | Outcome::Missing(_)) {
        out.push_str(&format!("  {}\n", detail(checked)));
    }
    if let Some(next) = next {
        out.push_str(&format!("next: {next}\n"));
    }
    out
}
