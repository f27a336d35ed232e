//! Ignore rules and VEX statements: what is set aside, and what became of the rules.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use omg_vuln::{IgnoreList, IgnoreRule, Report, UnusedStatement, Vex, apply_vex};

use super::query::ScanQuery;
use crate::session::context::Context;
use crate::session::failure::Failure;
use crate::session::files::read_unshared;

pub struct Rules {
    ignores: Vec<IgnoreList>,
    vex: Vec<(String, Vex)>,
}

/// Rules that set nothing aside: past their end, or about nothing that was found.
#[derive(Debug, Default)]
pub struct RulesUsed {
    pub expired: Vec<IgnoreRule>,
    pub unused: Vec<IgnoreRule>,
    pub unused_statements: Vec<UnusedStatement>,
}

impl Rules {
    /// Files named on the command line come beside those of the configuration.
    pub fn load(context: &Context, query: &ScanQuery) -> Result<Self, Failure> {
        let files = |configured: &[PathBuf], named: &[PathBuf]| -> Vec<PathBuf> {
            configured.iter().chain(named).cloned().collect()
        };
        let config = &context.config.scan;
        let mut rules = Self {
            ignores: Vec::new(),
            vex: Vec::new(),
        };
        for path in files(&config.ignore, &query.ignore) {
            let bytes = read(&path, "ignore file", omg_vuln::MAX_IGNORE_BYTES)?;
            let list = IgnoreList::parse(&bytes).map_err(|e| invalid(&path, "ignore file", &e))?;
            rules.ignores.push(list);
        }
        for path in files(&config.vex, &query.vex) {
            let bytes = read(&path, "VEX document", omg_vuln::MAX_VEX_BYTES)?;
            let vex = Vex::parse(&bytes).map_err(|e| invalid(&path, "VEX document", &e))?;
            let name = path
                .file_name()
                .map(|name| name.to_string_lossy().into_owned());
            rules.vex.push((name.unwrap_or_default(), vex));
        }
        Ok(rules)
    }

    pub fn apply(&self, report: &mut Report, at: DateTime<Utc>) -> RulesUsed {
        let mut used_rules = RulesUsed {
            unused_statements: apply_vex(&self.vex, report, at),
            ..RulesUsed::default()
        };
        for list in &self.ignores {
            let used = list.apply(report, at);
            used_rules.expired.extend(used.expired);
            used_rules.unused.extend(used.unused);
        }
        used_rules
    }
}

/// Reads a file that can set findings aside: not one that everybody can write, as with policies.
fn read(path: &Path, what: &str, limit: usize) -> Result<Vec<u8>, Failure> {
    let unreadable = || Failure::config(format!("cannot read the {what} {}", path.display()));
    let limit = u64::try_from(limit).unwrap_or(u64::MAX);
    let bytes = read_unshared(path, limit);
    bytes.map_err(|error| unreadable().because(&error))
}

fn invalid(path: &Path, what: &str, error: &dyn std::error::Error) -> Failure {
    Failure::config(format!("the {what} {} is invalid", path.display())).because(error)
}
