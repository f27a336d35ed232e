//! Results as text: one function per form, each a pure function of the result.

mod db;
mod explain;
mod github;
mod json;
mod junit;
mod link;
mod log;
mod markdown;
mod package;
mod pgp;
mod policy;
mod prom;
mod report;
mod sarif;
mod sbom;
mod secrets;
mod slsa;
mod table;
mod verify;
mod words;
mod wrap;

use serde::Serialize;

use crate::commands::scan::Scanned;
use crate::output::Format;

pub use self::db::{DbRow, db};
pub use self::explain::explain;
pub use self::log::{log, log_line};
pub use self::package::package;
pub use self::pgp::pgp;
pub use self::policy::policy;
pub use self::prom::report as prom_report;
pub use self::report::report;
pub use self::sbom::{sbom, sbom_check, sbom_diff, sbom_verify, vex};
pub use self::secrets::secrets;
pub use self::slsa::slsa;
pub use self::verify::verify;
pub use self::words::{clean, plural};

/// How a result is shown to people.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Columns.
    pub width: usize,
    pub colour: bool,
    /// With the reason and the other names of each finding.
    pub verbose: bool,
    /// With links to what a feed refers to.
    pub links: bool,
}

impl Style {
    /// For a file, which is no terminal.
    pub fn plain(self) -> Self {
        Self {
            colour: false,
            links: false,
            ..self
        }
    }
}

/// The result of a scan.
pub fn scan(scanned: &Scanned, format: Format, style: Style) -> String {
    match format {
        Format::Json => json::document(scanned),
        Format::Jsonl => json::lines(scanned),
        Format::Sarif => sarif::document(scanned),
        Format::Markdown => markdown::scan(scanned),
        Format::Prom => prom::scan(scanned),
        Format::Junit => junit::scan(scanned),
        Format::Github => github::scan(scanned),
        _ => table::scan(scanned, style),
    }
}

/// JSON for people and machines alike.
pub fn pretty(value: &impl Serialize) -> String {
    // What this program makes of itself always has a text.
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}

/// JSON on one line.
fn line(value: &impl Serialize) -> String {
    let mut text = serde_json::to_string(value).unwrap_or_default();
    text.push('\n');
    text
}
