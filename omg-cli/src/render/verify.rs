//! Whether the audit log was altered: for people, and as `omg.verify/1`
//! (`schemas/omg.verify.1.json`).

use omg_auditlog::{Break, Statement, Status};
use serde_json::{Value, json};

use super::Style;
use super::words::{clean, plural};
use crate::commands::verify::Verified;
use crate::output::Format;

pub fn verify(verified: &Verified, format: Format, style: Style) -> String {
    match format {
        Format::Json => super::pretty(&document(verified)),
        _ => table(verified, style),
    }
}

fn document(verified: &Verified) -> Value {
    let report = &verified.report;
    let head = report
        .head
        .map(|head| json!({ "seq": head.seq, "hash": head.hash.to_string() }));
    json!({
        "schema": "omg.verify/1",
        "status": verified.status().as_str(),
        "log": verified.log.to_string_lossy(),
        "origin": report.origin,
        "entries": report.entries,
        "head": head,
        "proved": report.proved.iter().map(statement).collect::<Vec<_>>(),
        "unproved": unproved(verified).iter().map(statement).collect::<Vec<_>>(),
        "breaks": report.breaks.iter().map(place).collect::<Vec<_>>(),
        "more_breaks": report.more_breaks,
        "warnings": report.warnings.iter().map(place).collect::<Vec<_>>(),
    })
}

fn statement(statement: &Statement) -> Value {
    json!({
        "claim": statement.claim.as_str(),
        "from": statement.from,
        "count": statement.count,
        "detail": statement.detail,
    })
}

fn place(found: &Break) -> Value {
    json!({
        "line": found.line,
        "seq": found.seq,
        "offset": found.offset,
        "kind": found.kind.as_str(),
        "detail": found.detail,
    })
}

fn unproved(verified: &Verified) -> Vec<Statement> {
    verified.report.unproved.clone()
}

fn table(verified: &Verified, style: Style) -> String {
    let report = &verified.report;
    let path = verified.log.to_string_lossy();
    let mut out = format!("omg audit verify: {}\n", clean(&path));
    if verified.exists {
        let entries = plural(
            usize::try_from(report.entries).unwrap_or(usize::MAX),
            "line",
        );
        out.push_str(&format!(
            "  {}",
            entries
                .replace("line", "entry")
                .replace("entrys", "entries")
        ));
        if let Some(origin) = &report.origin {
            out.push_str(&format!(" of {}", clean(origin)));
        }
        out.push('\n');
    } else {
        out.push_str("  there is no such file\n");
    }
    if let Some(head) = report.head {
        out.push_str(&format!("  last: entry {}, {}\n", head.seq, head.hash));
    }
    section(&mut out, "proved", &report.proved);
    section(&mut out, "not proved", &unproved(verified));
    if let Some(why) = &verified.bad_beside {
        out.push_str(&format!("\nthe checkpoint beside the log is none: {why}\n"));
    }
    places(&mut out, "broken", &report.breaks);
    if report.more_breaks > 0 {
        out.push_str(&format!("  and {} more\n", report.more_breaks));
    }
    places(&mut out, "warnings", &report.warnings);
    let status = verified.status();
    let word = match (status, style.colour) {
        (Status::Tampered, true) => "\u{1b}[1;31mtampered\u{1b}[0m".to_owned(),
        _ => status.as_str().to_owned(),
    };
    out.push_str(&format!("\n{word}. [exit {}]\n", verified.exit().code()));
    out
}

fn section(out: &mut String, title: &str, statements: &[Statement]) {
    if statements.is_empty() {
        return;
    }
    out.push_str(&format!("\n{title}:\n"));
    for statement in statements {
        let (from, count) = (statement.from, statement.count);
        let span = match count {
            0 => "no entry".to_owned(),
            1 => format!("entry {from}"),
            _ => format!("entries {from} to {}", from + count - 1),
        };
        out.push_str(&format!("  {span}: {}\n", clean(&statement.detail)));
    }
}

fn places(out: &mut String, title: &str, places: &[Break]) {
    if places.is_empty() {
        return;
    }
    out.push_str(&format!("\n{title}:\n"));
    for place in places {
        out.push_str(&format!("  {}\n", clean(&place.to_string())));
    }
}
