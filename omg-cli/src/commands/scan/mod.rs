//! `omg audit` and `omg audit scan`.

mod events;
mod inventory;
mod rules;
mod sources;

use omg_vuln::{FailOn, Report, Severity, Status};

pub use self::inventory::{Subjects, gather};
pub use self::sources::{ARCH_NAME, DEFAULT_MAX_AGE_DAYS, load, records};

use self::rules::Outcome;
use crate::args;
use crate::commands::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Format, Plan};
use crate::render;

const FORMATS: [Format; 8] = [
    Format::Table,
    Format::Json,
    Format::Jsonl,
    Format::Sarif,
    Format::Markdown,
    Format::Prom,
    Format::Junit,
    Format::Github,
];

/// Everything that a result of the scan shows.
pub struct Scanned {
    pub report: Report,
    pub subjects: Subjects,
    pub outcome: Outcome,
    pub fail_on: FailOn,
    pub strict: bool,
    pub at: chrono::DateTime<chrono::Utc>,
    pub interrupted: bool,
    /// How long it took; not said where the time was given, so that the same evidence gives the
    /// same result.
    pub seconds: Option<f64>,
}

impl Scanned {
    pub fn status(&self) -> Status {
        let whole = self.report.status() == Status::Complete
            && self.subjects.problems.is_empty()
            && self.subjects.unknown.is_empty()
            && self.subjects.installed() > 0
            && !self.interrupted;
        if whole {
            Status::Complete
        } else {
            Status::Incomplete
        }
    }

    pub fn exit(&self) -> Exit {
        if self.interrupted {
            return Exit::Interrupted;
        }
        let findings = self
            .report
            .failing(self.fail_on, self.strict)
            .next()
            .is_some();
        match (self.status(), findings) {
            (Status::Incomplete, _) => Exit::Incomplete,
            (Status::Complete, true) => Exit::Findings,
            (Status::Complete, false) => Exit::Ok,
        }
    }
}

pub fn run(context: &Context, args: &args::Scan) -> Result<Exit, Failure> {
    let plan = Plan::new(&context.common, &FORMATS)?;
    let scanned = perform(context, args)?;
    let style = context.style();
    plan.write(|format, terminal| {
        let style = if terminal { style } else { style.plain() };
        render::scan(&scanned, format, style)
    })?;
    let logged = record(context, &scanned);
    let exit = scanned.exit().max(logged);
    // The process ends: giving thousands of small pieces of memory back costs time for nothing.
    std::mem::forget(scanned);
    Ok(exit)
}

/// Leaves the verdict in the audit log.
pub fn record(context: &Context, scanned: &Scanned) -> Exit {
    context.record(events::of(scanned))
}

/// Whether the ignore rules and VEX documents of the configuration can be used.
pub fn check_rules(context: &Context, args: &args::Scan) -> Result<(), Failure> {
    rules::Rules::load(context, args).map(drop)
}

/// Looks at the machine or the named files, and up what is known of them.
pub fn perform(context: &Context, args: &args::Scan) -> Result<Scanned, Failure> {
    // What can be refused is refused before anything is read or fetched.
    let rules = rules::Rules::load(context, args)?;
    let subjects = gather(context, args)?;
    let fail_on = threshold(args.fail_on.or(context.config.scan.fail_on));
    let loaded = load(context, args, &subjects, fail_on)?;
    let mut report = omg_vuln::scan(&loaded.db, &subjects.asked, context.at);
    for source in &report.sources {
        let (name, status, records) = (&source.name, source.status, source.records);
        tracing::debug!(target: "omg", name, ?status, records, "source");
    }
    for finding in &mut report.findings {
        finding.package.purl = subjects.purl(&finding.package);
    }
    let outcome = rules.apply(&mut report, context.at);
    std::mem::forget(loaded.db);
    Ok(Scanned {
        report,
        subjects,
        outcome,
        fail_on,
        strict: args.strict,
        at: context.at,
        interrupted: loaded.interrupted,
        seconds: context.common.at.is_none().then(|| context.env.seconds()),
    })
}

fn threshold(chosen: Option<args::FailOn>) -> FailOn {
    match chosen {
        None => FailOn::default(),
        Some(args::FailOn::Low) => FailOn::Severity(Severity::Low),
        Some(args::FailOn::Medium) => FailOn::Severity(Severity::Medium),
        Some(args::FailOn::High) => FailOn::Severity(Severity::High),
        Some(args::FailOn::Critical) => FailOn::Severity(Severity::Critical),
        Some(args::FailOn::Kev) => FailOn::Kev,
        Some(args::FailOn::None) => FailOn::Never,
    }
}
