//! `omg audit` and `omg audit scan`.

mod events;
mod inventory;
mod rules;
mod sources;

use omg_vuln::{FailOn, Report, Severity, Status};

pub use self::inventory::{Subjects, gather};
pub use self::sources::{ARCH_NAME, DEFAULT_MAX_AGE_DAYS, records};

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

/// What is known of some packages, before any rule sets something aside.
pub struct LookedUp {
    pub subjects: Subjects,
    pub report: Report,
    /// Whether it would say of a finding that it is exploited.
    pub has_kev: bool,
    pub interrupted: bool,
}

impl LookedUp {
    /// Looks up what is known of these.
    pub fn new(
        context: &Context,
        args: &args::Scan,
        subjects: Subjects,
        fail_on: FailOn,
    ) -> Result<Self, Failure> {
        let loaded = sources::load(context, args, &subjects, fail_on)?;
        let report = omg_vuln::scan(&loaded.db, &subjects.asked, context.at);
        for source in &report.sources {
            let (name, status, records) = (&source.name, source.status, source.records);
            tracing::debug!(target: "omg", name, ?status, records, "source");
        }
        let has_kev = loaded.db.has_kev();
        // The process ends soon, and would only be slower.
        std::mem::forget(loaded.db);
        Ok(Self {
            subjects,
            report,
            has_kev,
            interrupted: loaded.interrupted,
        })
    }
}

/// A scan that has still to look something up.
pub struct Scan<'a> {
    context: &'a Context,
    args: &'a args::Scan,
    rules: rules::Rules,
    fail_on: FailOn,
}

impl<'a> Scan<'a> {
    /// What can be refused is refused before anything is read or fetched.
    pub fn new(context: &'a Context, args: &'a args::Scan) -> Result<Self, Failure> {
        Ok(Self {
            context,
            args,
            rules: rules::Rules::load(context, args)?,
            fail_on: threshold(args.fail_on.or(context.config.scan.fail_on)),
        })
    }

    /// Looks at the machine or the named files, and up what is known of them.
    pub fn look_up(&self) -> Result<LookedUp, Failure> {
        let subjects = gather(self.context, self.args)?;
        LookedUp::new(self.context, self.args, subjects, self.fail_on)
    }

    /// Sets aside what the rules say.
    pub fn judge(self, found: LookedUp) -> Scanned {
        let (subjects, mut report) = (found.subjects, found.report);
        for finding in &mut report.findings {
            finding.package.purl = subjects.purl(&finding.package);
        }
        let outcome = self.rules.apply(&mut report, self.context.at);
        let timed = self.context.common.at.is_none();
        Scanned {
            report,
            subjects,
            outcome,
            fail_on: self.fail_on,
            strict: self.args.strict,
            at: self.context.at,
            interrupted: found.interrupted,
            seconds: timed.then(|| self.context.env.seconds()),
        }
    }
}

pub fn perform(context: &Context, args: &args::Scan) -> Result<Scanned, Failure> {
    let scan = Scan::new(context, args)?;
    let found = scan.look_up()?;
    Ok(scan.judge(found))
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
