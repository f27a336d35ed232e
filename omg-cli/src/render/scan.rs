//! The result of a scan, in every form.

use super::{github, json, junit, markdown, prom, sarif, table};
use crate::checks::vulnerabilities::result::ScanResult;
use crate::session::format::Format;
use crate::session::style::Style;

pub fn scan(result: &ScanResult, format: Format, style: Style) -> String {
    match format {
        Format::Json => json::document(result),
        Format::Jsonl => json::lines(result),
        Format::Sarif => sarif::document(result),
        Format::Markdown => markdown::scan(result),
        Format::Prom => prom::scan(result),
        Format::Junit => junit::scan(result),
        Format::Github => github::scan(result),
        _ => table::scan(result, style),
    }
}
