//! Whether package files may be installed: for people, and as `omg.policy/1`.

use serde_json::{Value, json};

use super::checks;
use crate::checks::package::result::{Check, GateResult, GatedPackage};
use crate::checks::signature::result::SignatureResult;
use crate::render::json_text::pretty;
use crate::render::pgp;
use crate::render::policy::{decision, header, one, summary};
use crate::render::words::{clean, plural};
use crate::render::wrap::wrapped;
use crate::session::files::file_name;
use crate::session::format::Format;
use crate::session::style::Style;

pub fn package(gate: &GateResult, format: Format, style: Style) -> String {
    match format {
        Format::Json => pretty(&document(gate)),
        _ => table(gate, style),
    }
}

fn document(gate: &GateResult) -> Value {
    let whole = gate.packages.len() == 1;
    let decisions = gate.packages.iter().map(|gated| {
        let mut value = decision(&gated.decided, whole);
        value["file"] = json!(gated.file.to_string_lossy());
        value["sha256"] = json!(gated.sha256.to_string());
        value["checks"] = gated.checks.iter().map(check).collect();
        value
    });
    json!({
        "schema": "omg.policy/1",
        "status": status(gate),
        "policy": header(&gate.active),
        "decisions": decisions.collect::<Vec<_>>(),
        "changed": gate.changed.iter().map(|file| json!(file.to_string_lossy())).collect::<Vec<_>>(),
        "refused": gate.refused.iter().map(refused).collect::<Vec<_>>(),
        "problems": gate.problems.iter().map(|text| clean(text)).collect::<Vec<_>>(),
    })
}

/// A file whose content cannot be read, and whose signature is refused.
fn refused(result: &SignatureResult) -> Value {
    json!({
        "file": result.file.to_string_lossy(),
        "sha256": result.sha256().map(hex::encode),
        "status": result.status().as_str(),
        "detail": clean(&pgp::detail(result)),
    })
}

/// Nothing is decided about a file that changed.
fn status(gate: &GateResult) -> &'static str {
    match gate.problems.is_empty() && gate.changed.is_empty() && gate.refused.is_empty() {
        true => "complete",
        false => "incomplete",
    }
}

fn check(check: &Check) -> Value {
    let words = checks::words(check);
    json!({ "name": words.name, "status": words.status, "detail": clean(&words.detail) })
}

fn table(gate: &GateResult, style: Style) -> String {
    let mut out = format!(
        "omg audit package: {}\n",
        plural(gate.packages.len(), "file")
    );
    for gated in &gate.packages {
        out.push_str(&file(gated, style));
    }
    for changed in &gate.changed {
        let file = clean(&file_name(changed));
        let line = format!("changed while it was read, nothing is decided: {file}");
        out.push_str(&wrapped(&line, style.width, 2));
    }
    for result in &gate.refused {
        let (file, detail) = (file_name(&result.file), pgp::detail(result));
        let line = format!(
            "signature invalid, nothing is decided: {}: {}",
            clean(&file),
            clean(&detail)
        );
        out.push_str(&wrapped(&line, style.width, 2));
    }
    for problem in &gate.problems {
        let line = format!("not checked: {}", clean(problem));
        out.push_str(&wrapped(&line, style.width, 2));
    }
    let decisions: Vec<_> = gate
        .packages
        .iter()
        .map(|gated| gated.decided.clone())
        .collect();
    out.push_str(&summary(&decisions, gate.exit().code()));
    out
}

fn file(gated: &GatedPackage, style: Style) -> String {
    let mut out = format!("\n{}\n", clean(&file_name(&gated.file)));
    out.push_str(&format!("  SHA-256 {}\n", gated.sha256));
    for check in &gated.checks {
        let words = checks::words(check);
        let (name, status, detail) = (words.name, words.status, clean(&words.detail));
        let line = format!("  {name:<15} {status}, {detail}");
        out.push_str(&wrapped(&line, style.width, 18));
    }
    out.push_str(&one(&gated.decided, false, style));
    out
}
