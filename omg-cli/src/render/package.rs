//! Whether package files may be installed: for people, and as `omg.policy/1`.

use serde_json::{Value, json};

use super::Style;
use super::policy::{decision, header, one, summary};
use super::words::{clean, plural};
use super::wrap::wrapped;
use crate::commands::package::{Gate, Gated, file_name};
use crate::output::Format;

pub fn package(gate: &Gate, format: Format, style: Style) -> String {
    match format {
        Format::Json => super::pretty(&document(gate)),
        _ => table(gate, style),
    }
}

fn document(gate: &Gate) -> Value {
    let whole = gate.packages.len() == 1;
    let decisions = gate.packages.iter().map(|gated| {
        let mut value = decision(&gated.decided, whole);
        value["file"] = json!(gated.file.to_string_lossy());
        value["sha256"] = json!(gated.sha256);
        value["checks"] = gated.checks.iter().map(check).collect();
        value
    });
    json!({
        "schema": "omg.policy/1",
        "status": if gate.problems.is_empty() { "complete" } else { "incomplete" },
        "policy": header(&gate.named),
        "decisions": decisions.collect::<Vec<_>>(),
        "problems": gate.problems.iter().map(|text| clean(text)).collect::<Vec<_>>(),
    })
}

fn check(check: &crate::commands::package::Check) -> Value {
    json!({ "name": check.name, "status": check.status, "detail": clean(&check.detail) })
}

fn table(gate: &Gate, style: Style) -> String {
    let mut out = format!(
        "omg audit package: {}\n",
        plural(gate.packages.len(), "file")
    );
    for gated in &gate.packages {
        out.push_str(&file(gated, style));
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

fn file(gated: &Gated, style: Style) -> String {
    let mut out = format!("\n{}\n", clean(&file_name(&gated.file)));
    out.push_str(&format!("  SHA-256 {}\n", gated.sha256));
    for check in &gated.checks {
        let line = format!(
            "  {:<15} {}, {}",
            check.name,
            check.status,
            clean(&check.detail)
        );
        out.push_str(&wrapped(&line, style.width, 18));
    }
    out.push_str(&one(&gated.decided, false, style));
    out
}
