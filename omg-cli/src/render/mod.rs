//! Results as text: one function per form, each a pure function of the result.

mod json;
mod markdown;
mod sarif;
mod table;
mod words;

use crate::commands::scan::Scanned;
use crate::output::Format;

/// How a result is shown to people.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Columns.
    pub width: usize,
    pub colour: bool,
}

/// The result of a scan.
pub fn scan(scanned: &Scanned, format: Format, style: Style) -> String {
    match format {
        Format::Table => table::scan(scanned, style),
        Format::Json => json::document(scanned),
        Format::Jsonl => json::lines(scanned),
        Format::Sarif => sarif::document(scanned),
        Format::Markdown => markdown::scan(scanned),
    }
}
