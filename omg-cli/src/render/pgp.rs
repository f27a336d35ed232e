//! Whether a trusted key signed a file: for people, and as `omg.pgp/1`
//! (`schemas/omg.pgp.1.json`).

use omg_pgp::{RejectedSignature, Signer, Trust};
use serde_json::{Value, json};

use super::words::{clean, plural, thousands};
use crate::checks::signature::result::{Outcome, SignatureResult, SignatureStatus};
use crate::render::json_text::pretty;
use crate::session::format::Format;
use crate::session::style::Style;

pub fn pgp(checked: &SignatureResult, format: Format, style: Style) -> String {
    match format {
        Format::Json => pretty(&document(checked)),
        _ => table(checked, style),
    }
}

/// What is common to all answers.
struct Parts<'a> {
    signers: &'a [Signer],
    rejected: &'a [RejectedSignature],
    sha256: Option<String>,
    size: Option<u64>,
    detail: String,
}

fn parts(checked: &SignatureResult) -> Parts<'_> {
    let nothing = |detail: String| Parts {
        signers: &[],
        rejected: &[],
        sha256: None,
        size: None,
        detail,
    };
    match &checked.outcome {
        Outcome::Valid(found) => Parts {
            signers: found.signers(),
            rejected: found.rejected(),
            sha256: Some(hex::encode(found.sha256())),
            size: Some(found.size()),
            detail: String::new(),
        },
        Outcome::Refused(refusal) => Parts {
            signers: refusal.signers(),
            rejected: refusal.rejected(),
            sha256: Some(hex::encode(refusal.sha256())),
            size: Some(refusal.size()),
            detail: detail(checked),
        },
        Outcome::NoSignatureNamed(_)
        | Outcome::NoSignatureBeside
        | Outcome::EmptySignature
        | Outcome::NotASignature(..) => nothing(detail(checked)),
    }
}

/// Why the file is not verified; empty where it is.
pub fn detail(checked: &SignatureResult) -> String {
    match &checked.outcome {
        Outcome::Valid(_) => String::new(),
        Outcome::Refused(refusal) => refusal.lacks().to_owned(),
        Outcome::NoSignatureNamed(path) => format!("there is no {}", path.display()),
        Outcome::NoSignatureBeside => {
            let name = checked.file.display();
            format!("there is no {name}.sig and no {name}.asc")
        }
        Outcome::EmptySignature => "the file of signatures is empty".to_owned(),
        Outcome::NotASignature(reason, detail) => format!("{reason}: {detail}"),
    }
}

fn document(checked: &SignatureResult) -> Value {
    let parts = parts(checked);
    let mut rejected: Vec<Value> = parts.rejected.iter().map(rejection).collect();
    if let Outcome::NotASignature(reason, detail) = &checked.outcome {
        rejected.push(json!({ "reason": reason, "key": null, "detail": clean(detail) }));
    }
    let skipped = checked.keyring.skipped.iter().map(|skipped| {
        json!({
            "keyring": skipped.keyring,
            "offset": skipped.offset,
            "reason": skipped.reason,
        })
    });
    json!({
        "schema": "omg.pgp/1",
        "status": checked.status().as_str(),
        "file": checked.file.to_string_lossy(),
        "signature": checked.signature.as_ref().map(|path| path.to_string_lossy()),
        "sha256": parts.sha256,
        "size": parts.size,
        "signers": parts.signers.iter().map(signer).collect::<Vec<_>>(),
        "rejected": rejected,
        "detail": clean(&parts.detail),
        "keyring": {
            "files": checked.keyring.names.iter().map(|p| p.to_string_lossy()).collect::<Vec<_>>(),
            "certificates": checked.keyring.certificates,
            "expired_signers": checked.keyring.expired.map(|(expired, _)| expired),
            "skipped": skipped.collect::<Vec<_>>(),
        },
    })
}

fn signer(signer: &Signer) -> Value {
    let (have, needed, by) = match &signer.trust {
        Trust::Certified { by, needed, .. } => {
            let anchors = by.iter().map(|c| c.anchor.as_str()).collect();
            (Some(by.len()), Some(*needed), anchors)
        }
        Trust::Untrusted { have, needed, .. } => (Some(*have), Some(*needed), Vec::new()),
        _ => (None, None, Vec::new()),
    };
    json!({
        "certificate": signer.certificate,
        "key": signer.key,
        "user_id": signer.user_id,
        "created": time(signer.created),
        "hash": signer.hash,
        "algorithm": signer.algorithm,
        "pqc": signer.pqc,
        "trust": word(&signer.trust),
        "certifications": { "have": have, "needed": needed, "by": by },
    })
}

fn rejection(rejected: &RejectedSignature) -> Value {
    json!({
        "reason": rejected.reason,
        "key": rejected.key,
        "detail": clean(&rejected.detail),
    })
}

fn time(time: chrono::DateTime<chrono::Utc>) -> String {
    time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

fn word(trust: &Trust) -> &'static str {
    match trust {
        Trust::Given => "given",
        Trust::Anchor => "anchor",
        Trust::Certified { .. } => "certified",
        Trust::Disabled => "disabled",
        _ => "untrusted",
    }
}

fn table(checked: &SignatureResult, style: Style) -> String {
    let parts = parts(checked);
    let mut out = format!(
        "omg audit pgp: {}\n",
        clean(&checked.file.to_string_lossy())
    );
    let names = checked.keyring.names.iter();
    let names: Vec<String> = names.map(|path| clean(&path.to_string_lossy())).collect();
    out.push_str(&format!(
        "  {} in {}\n",
        plural(checked.keyring.certificates, "certificate"),
        names.join(", ")
    ));
    if let (Some(sha256), Some(size)) = (&parts.sha256, parts.size) {
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        out.push_str(&format!(
            "  {} bytes, SHA-256\n  {sha256}\n",
            thousands(size)
        ));
    }
    for found in parts.signers {
        out.push_str(&person(found));
    }
    if !parts.rejected.is_empty() {
        out.push_str("\ndoes not count:\n");
    }
    for rejected in parts.rejected {
        out.push_str(&format!("  {}\n", rejected.reason));
        if let Some(key) = &rejected.key {
            out.push_str(&format!("    key {key}\n"));
        }
        for line in rejected.detail.split("; ").filter(|line| !line.is_empty()) {
            out.push_str(&format!("    {}\n", clean(line)));
        }
    }
    out.push('\n');
    out.push_str(&verdict(checked, &parts, style));
    out
}

fn person(signer: &Signer) -> String {
    let name = signer.user_id.as_deref().unwrap_or("(no name)");
    let mut out = format!("\nsigned by {}\n", clean(name));
    out.push_str(&format!("  certificate {}\n", signer.certificate));
    if signer.key != signer.certificate {
        out.push_str(&format!("  with key    {}\n", signer.key));
    }
    let pqc = if signer.pqc { ", post-quantum" } else { "" };
    let (algorithm, hash) = (&signer.algorithm, &signer.hash);
    out.push_str(&format!(
        "  on {}, {algorithm} with {hash}{pqc}\n",
        time(signer.created)
    ));
    out.push_str(&format!("  {}\n", reason(&signer.trust)));
    out
}

fn reason(trust: &Trust) -> String {
    match trust {
        Trust::Given => "trusted: it is in the keyring".to_owned(),
        Trust::Anchor => "trusted: it is one of the main keys".to_owned(),
        Trust::Certified { by, needed, .. } => format!(
            "trusted: {} main keys vouch for it, {needed} are needed",
            by.len()
        ),
        Trust::Disabled => "not trusted: it is on the list of revoked keys".to_owned(),
        Trust::Untrusted { have, needed, .. } => {
            format!("not trusted: {have} main keys vouch for it, {needed} are needed")
        }
        _ => "not trusted".to_owned(),
    }
}

fn verdict(checked: &SignatureResult, parts: &Parts<'_>, style: Style) -> String {
    let (text, next) = match checked.status() {
        SignatureStatus::Valid => ("valid: a trusted key signed exactly these bytes", None),
        SignatureStatus::Untrusted => (
            "not trusted: the signatures are good, and not enough of the signers count",
            None,
        ),
        SignatureStatus::UnknownSigner => (
            "unknown: the signer's certificate is not in the keyring",
            Some("update the keyring (pacman -Sy archlinux-keyring), or name another"),
        ),
        SignatureStatus::Missing => (
            "unknown: there is no signature",
            Some("fetch the signature, or name it with --signature FILE"),
        ),
        SignatureStatus::Invalid => (
            "INVALID: this is not what a known key signed",
            Some("do not use the file; fetch it and its signature again"),
        ),
    };
    let text = match style.colour && checked.status() == SignatureStatus::Invalid {
        true => format!("\u{1b}[1;31m{text}\u{1b}[0m"),
        false => text.to_owned(),
    };
    let mut out = format!("{text}. [exit {}]\n", checked.exit().code());
    if !parts.detail.is_empty() {
        out.push_str(&format!("  {}\n", clean(&parts.detail)));
    }
    if let Some((expired, trusted)) = checked.keyring.expired.filter(|(expired, _)| *expired > 0) {
        out.push_str(&format!(
            "  {expired} of the keyring's {trusted} trusted signers have expired: it may be old\n"
        ));
    }
    if let Some(next) = next {
        out.push_str(&format!("next: {next}\n"));
    }
    out
}
