//! Whether the audit log was altered: for people, and as `omg.verify/1`
//! (`schemas/omg.verify.1.json`).

use omg_auditlog::{Break, Statement, Status};
use serde_json::{Value, json};

use super::words::{clean, thousands};
use super::wrap::wrapped;
use crate::checks::log::LogResult;
use crate::render::json_text::pretty;
use crate::session::format::Format;
use crate::session::style::Style;

pub fn verify(verified: &LogResult, format: Format, style: Style) -> String {
    match format {
        Format::Json => pretty(&document(verified)),
        _ => table(verified, style),
    }
}

fn document(verified: &LogResult) -> Value {
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
        "unproved": report.unproved.iter().map(statement).collect::<Vec<_>>(),
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

fn table(verified: &LogResult, style: Style) -> String {
    let report = &verified.report;
    let path = verified.log.to_string_lossy();
    let line = |text: &str, indent: usize| wrapped(text, style.width, indent);
    let mut out = line(&format!("omg audit verify: {}", clean(&path)), 2);
    if verified.exists {
        let count = usize::try_from(report.entries).unwrap_or(usize::MAX);
        let entries = match count {
            1 => "1 entry".to_owned(),
            _ => format!("{} entries", thousands(count)),
        };
        let of = report
            .origin
            .as_deref()
            .map(|origin| format!(" of {}", clean(origin)));
        out.push_str(&line(&format!("  {entries}{}", of.unwrap_or_default()), 4));
    } else {
        out.push_str("  there is no such file\n");
    }
    if let Some(head) = report.head {
        out.push_str(&line(
            &format!("  last: entry {}, {}", head.seq, head.hash),
            4,
        ));
    }
    section(&mut out, "proved", &report.proved, style);
    section(&mut out, "not proved", &report.unproved, style);
    if let Some(why) = &verified.bad_beside {
        let text = format!("the checkpoint beside the log is none: {why}");
        out.push_str(&format!("\n{}", line(&text, 2)));
    }
    places(&mut out, "broken", &report.breaks, style);
    if report.more_breaks > 0 {
        out.push_str(&format!("  and {} more\n", report.more_breaks));
    }
    places(&mut out, "warnings", &report.warnings, style);
    let status = verified.status();
    let word = match (status, style.colour) {
        (Status::Tampered, true) => "\u{1b}[1;31mtampered\u{1b}[0m".to_owned(),
        _ => status.as_str().to_owned(),
    };
    out.push_str(&format!("\n{word}. [exit {}]\n", verified.exit().code()));
    out
}

fn section(out: &mut String, title: &str, statements: &[Statement], style: Style) {
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
        let text = format!("  {span}: {}", clean(&statement.detail));
        out.push_str(&wrapped(&text, style.width, 4));
    }
}

fn places(out: &mut String, title: &str, places: &[Break], style: Style) {
    if places.is_empty() {
        return;
    }
    out.push_str(&format!("\n{title}:\n"));
    for place in places {
        let text = format!("  {}", clean(&place.to_string()));
        out.push_str(&wrapped(&text, style.width, 4));
    }
}
