use super::{Inventory, Package, Problem, ProblemKind, Source, limits};
use crate::ParseError;

/// Gathers what a reader finds and applies the rules that hold for all of them.
#[derive(Debug, Default)]
pub(crate) struct Collector {
    packages: Vec<Package>,
    problems: Vec<Problem>,
}

impl Collector {
    /// Keeps `package`, or reports it if its name or version cannot be one.
    pub(crate) fn package(&mut self, package: Package) -> Result<(), ParseError> {
        self.count()?;
        let fault = fault_of("name", &package.name).or(fault_of("version", &package.version));
        if let Some((kind, detail)) = fault {
            self.problems
                .push(Problem::new(shorten(&package.name), kind, detail));
        } else {
            self.packages.push(package);
        }
        Ok(())
    }

    pub(crate) fn problem(&mut self, problem: Problem) -> Result<(), ParseError> {
        self.count()?;
        self.problems.push(problem);
        Ok(())
    }

    pub(crate) fn malformed(
        &mut self,
        subject: impl Into<String>,
        detail: impl Into<String>,
    ) -> Result<(), ParseError> {
        self.problem(Problem::new(subject, ProblemKind::Malformed, detail))
    }

    pub(crate) fn finish(self, source: Source) -> Inventory {
        Inventory::new(source, self.packages, self.problems)
    }

    fn count(&self) -> Result<(), ParseError> {
        if self.packages.len() + self.problems.len() >= limits::MAX_ENTRIES {
            return Err(ParseError::TooManyEntries {
                limit: limits::MAX_ENTRIES,
            });
        }
        Ok(())
    }
}

/// No package manager allows white space or control characters in a name or version, and a
/// terminal would obey the latter.
fn fault_of(what: &str, text: &str) -> Option<(ProblemKind, String)> {
    if text.is_empty() {
        Some((ProblemKind::Malformed, format!("{what} is empty")))
    } else if text.len() > limits::MAX_NAME_BYTES {
        let limit = limits::MAX_NAME_BYTES;
        Some((
            ProblemKind::LimitExceeded,
            format!("{what} is longer than {limit} bytes"),
        ))
    } else if text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\u{fffd}') {
        Some((
            ProblemKind::Malformed,
            format!("{what} has characters that are not allowed"),
        ))
    } else {
        None
    }
}

/// Problems name their subject, but not with a megabyte of it and not with its escape sequences.
pub(crate) fn shorten(text: &str) -> String {
    let short: String = text
        .chars()
        .take(80)
        .flat_map(char::escape_default)
        .collect();
    if short.is_empty() {
        "(unnamed)".to_owned()
    } else {
        short
    }
}
