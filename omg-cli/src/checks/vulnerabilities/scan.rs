//! A scan: subjects, sources, rules, in this order.

use omg_vuln::FailOn;

use super::query::ScanQuery;
use super::result::{ScanResult, UnfilteredScan};
use super::rules::Rules;
use super::sources;
use super::subjects::{Subjects, gather};
use crate::session::context::Context;
use crate::session::failure::Failure;

/// A scan that has still to look something up.
pub struct Scan<'a> {
    context: &'a Context,
    query: &'a ScanQuery,
    rules: Rules,
    fail_on: FailOn,
}

impl<'a> Scan<'a> {
    /// Refuses what can be refused before anything is read or fetched.
    pub fn new(context: &'a Context, query: &'a ScanQuery) -> Result<Self, Failure> {
        Ok(Self {
            context,
            query,
            rules: Rules::load(context, query)?,
            fail_on: query.threshold(context),
        })
    }

    /// Gathers the subjects, and looks up what is known of them.
    pub fn look_up(&self) -> Result<UnfilteredScan, Failure> {
        let subjects = gather(self.context, self.query)?;
        look_up(self.context, self.query, subjects, self.fail_on)
    }

    /// Sets aside what the rules name.
    pub fn judge(self, found: UnfilteredScan) -> ScanResult {
        let (subjects, mut report) = (found.subjects, found.report);
        for finding in &mut report.findings {
            finding.package.purl = subjects.purl(&finding.package);
            finding.installed = subjects.purls(&finding.package);
        }
        let rules = self.rules.apply(&mut report, self.context.at);
        let timed = self.context.common.at.is_none();
        ScanResult {
            report,
            subjects,
            rules,
            fail_on: self.fail_on,
            strict: self.query.strict,
            at: self.context.at,
            interrupted: found.interrupted,
            seconds: timed.then(|| self.context.env.seconds()),
        }
    }
}

/// Scans from end to end.
pub fn perform(context: &Context, query: &ScanQuery) -> Result<ScanResult, Failure> {
    let scan = Scan::new(context, query)?;
    let found = scan.look_up()?;
    Ok(scan.judge(found))
}

/// Looks up what is known of these subjects.
pub fn look_up(
    context: &Context,
    query: &ScanQuery,
    subjects: Subjects,
    fail_on: FailOn,
) -> Result<UnfilteredScan, Failure> {
    let loaded = sources::load(context, query, &subjects, fail_on)?;
    let report = omg_vuln::scan(&loaded.db, &subjects.asked, context.at);
    for source in &report.sources {
        let (name, status, records) = (&source.name, source.status, source.records);
        tracing::debug!(target: "omg", name, ?status, records, "source");
    }
    Ok(UnfilteredScan {
        subjects,
        report,
        has_kev: loaded.db.has_kev(),
        interrupted: loaded.interrupted,
    })
}
