//! Reading policy files.

mod build;
mod entries;
mod file;
mod flat;
mod supply;

pub use self::flat::SecurityPolicy;

use std::ops::Range;
use std::sync::Arc;

use self::build::Builder;
use crate::decision::{Place, Verdict};
use crate::error::{PolicyError, Problem, Text};
use crate::facts::Severity;
use crate::layer::{Grading, Layer, LayerKind};
use crate::rule::{Criterion, Kind, Rule};

/// The largest policy file that is read: 1 MiB.
pub const MAX_POLICY_BYTES: usize = 1 << 20;

/// Reads a file. `signed` says that its signature was checked.
pub(crate) fn parse(
    kind: LayerKind,
    file: &str,
    toml: &[u8],
    signed: bool,
) -> Result<Layer, PolicyError> {
    let text = Text::new(file, toml, MAX_POLICY_BYTES)?;
    let whole = 0..0;
    if kind == LayerKind::BuiltIn || (kind == LayerKind::Organisation && !signed) {
        let detail = "no file can be this layer without a signature that was checked";
        return Err(text.value(&whole, "layer", detail));
    }
    let parsed: file::File = text.parse()?;
    if text.parse::<toml::Table>()?.is_empty() {
        return Err(text.error(&whole, Problem::Empty));
    }
    let schema = parsed
        .schema
        .as_ref()
        .map(|schema| (schema.span(), *schema.get_ref()));
    match schema {
        Some((span, found)) if found != 1 => {
            return Err(text.error(&span, Problem::Schema { found }));
        }
        None if has_sections(&parsed) => {
            let detail = "missing; a policy with sections begins with schema = 1";
            return Err(text.value(&whole, "schema", detail));
        }
        _ => {}
    }
    let mut builder = Builder::new(text, kind, file);
    builder.flat(&parsed)?;
    builder.sections(&parsed)?;
    builder.entries(parsed)?;
    builder.finish(signed)
}

/// Whether anything beside the flat keys is there.
fn has_sections(file: &file::File) -> bool {
    file.grade.is_some()
        || file.vulnerabilities.is_some()
        || file.signature.is_some()
        || file.provenance.is_some()
        || file.checksum.is_some()
        || file.origin.is_some()
        || file.release.is_some()
        || file.licenses.is_some()
        || file.scripts.is_some()
        || file.delegate.is_some()
        || file.bundle.is_some()
        || !file.ban.is_empty()
        || !file.exception.is_empty()
}

/// The rules of a file that is silent about vulnerabilities, scans and install scripts.
pub(crate) fn defaults(kind: LayerKind, file: &Arc<str>, rules: &mut Vec<Rule>) {
    let sections = [
        Section::Vulnerabilities,
        Section::Unscanned,
        Section::Stale,
        Section::Scripts,
    ];
    for section in sections {
        let place = Place {
            layer: kind,
            file: file.clone(),
            line: 0,
        };
        defaults_of(section, &place, rules);
    }
}

/// What has a default.
#[derive(Clone, Copy)]
enum Section {
    Vulnerabilities,
    Unscanned,
    Stale,
    Scripts,
}

fn defaults_of(section: Section, place: &Place, rules: &mut Vec<Rule>) {
    let mut add = |kind, action| {
        rules.push(Rule {
            kind,
            action,
            place: place.clone(),
        });
    };
    match section {
        Section::Vulnerabilities => {
            let exploited = Criterion {
                kev: true,
                ..Criterion::default()
            };
            let fixed = Criterion {
                severity: Some(Severity::High),
                fix: true,
                ..Criterion::default()
            };
            add(Kind::Finding(exploited), Verdict::Reject);
            add(Kind::Finding(fixed), Verdict::Reject);
        }
        Section::Unscanned => add(Kind::Scanned, Verdict::Warn),
        Section::Stale => {
            let limit = Grading::default_of_files().stale_after;
            add(Kind::Current(limit), Verdict::Warn);
        }
        Section::Scripts => add(Kind::ScriptsClean, Verdict::Reject),
    }
}

/// A list in a file without entries says nothing, or everything: it has to say which.
fn not_empty<T>(
    text: &Text<'_>,
    span: &Range<usize>,
    key: &str,
    list: &[T],
) -> Result<(), PolicyError> {
    if list.is_empty() {
        return Err(text.value(
            span,
            key,
            "the list is empty; leave the key out for no rule",
        ));
    }
    Ok(())
}
