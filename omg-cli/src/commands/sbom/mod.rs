//! `omg audit sbom`: what is installed, as a document.

mod diff;
mod sign;
mod verify;
mod vulns;

use std::cell::RefCell;
use std::num::NonZeroUsize;

use chrono::{DateTime, Utc};
use omg_auditlog::{Event, EventKind, Outcome, Severity};
use omg_sbom::check::{self, Framework};
use omg_sbom::files::Report;
use omg_sbom::inventory::{Detail, Machine};
use omg_sbom::{Conclusions, Contact, Looked, Sbom, Serial, cyclonedx};

use crate::args::{self, SpecVersion};
use crate::commands::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Format, Plan, write_atomically};
use crate::record::read_small;
use crate::render;

const FORMATS: [Format; 3] = [
    Format::CycloneDxJson,
    Format::CycloneDxXml,
    Format::SpdxJson,
];

/// The longest host name that is read, in bytes.
const MAX_HOST: u64 = 4096;

/// Everything that a result shows.
pub struct Made {
    pub sbom: Sbom,
    pub version: cyclonedx::Version,
}

impl Made {
    fn exit(&self) -> Exit {
        let files = self.sbom.files().is_none_or(Report::is_complete);
        match (self.sbom.is_complete() && files, self.sbom.looked()) {
            // Without a look, nobody asked for one.
            (true, Looked::Fully | Looked::No) => Exit::Ok,
            _ => Exit::Incomplete,
        }
    }
}

pub fn run(context: &Context, args: &args::Sbom) -> Result<Exit, Failure> {
    match &args.command {
        Some(args::SbomCommand::Diff { old, new }) => return diff::run(context, old, new),
        Some(args::SbomCommand::Verify { file, key }) => return verify::run(context, file, key),
        None => {}
    }
    match args.check {
        Some(framework) => gaps(context, args, framework),
        None => document(context, args),
    }
}

/// `--check`: what the document has of what a framework asks for.
fn gaps(context: &Context, args: &args::Sbom, framework: args::Framework) -> Result<Exit, Failure> {
    let plan = Plan::new(&context.common, &[Format::Table, Format::Json])?;
    let framework = match framework {
        args::Framework::Ntia => Framework::Ntia,
        args::Framework::Cisa2025 => Framework::Cisa2025,
        args::Framework::Fda => Framework::Fda,
        args::Framework::Bsi => Framework::Bsi,
    };
    let (at, serial) = time(context)?;
    let mut sbom = make(context, args, at, serial)?;
    if args.vulns && framework == Framework::Fda {
        vulns::attach(context, args, &mut sbom)?;
    }
    let elements = check::elements(&sbom, framework, version(args.spec_version));
    plan.write(|format, _| render::sbom_check(framework, &elements, format))?;
    Ok(match sbom.is_complete() {
        true => Exit::Ok,
        false => Exit::Incomplete,
    })
}

fn document(context: &Context, args: &args::Sbom) -> Result<Exit, Failure> {
    let plan = Plan::with_default(&context.common, &FORMATS, "cyclonedx-json")?;
    let version = version(args.spec_version);
    let formats = plan.files.iter().map(|(format, _)| *format);
    let formats: Vec<Format> = formats.chain(plan.stdout).collect();
    for format in &formats {
        if *format == Format::CycloneDxXml && version != cyclonedx::Version::V1_5 {
            return Err(Failure::usage("XML is written of version 1.5 only")
                .try_this("-f cyclonedx-json for a later one"));
        }
    }
    let signer = sign::Signer::new(args.sign.as_deref(), &formats)?;
    let (at, serial) = time(context)?;
    let mut made = Made {
        sbom: make(context, args, at, serial)?,
        version,
    };
    if args.vulns || args.vex_output.is_some() {
        vulns::attach(context, args, &mut made.sbom)?;
    }
    for problem in made.sbom.problems() {
        context.warn(&format!("not all is known: {problem}"));
    }
    if let Looked::Partly(reason) = made.sbom.looked() {
        context.warn(&format!(
            "vulnerabilities were not looked for everywhere: {reason}"
        ));
    }
    if let Some(path) = &args.vex_output {
        let bytes = signer.sign(render::vex(&made))?;
        write_atomically(path, bytes.as_bytes()).map_err(|error| {
            Failure::incomplete(format!("cannot write {}", path.display())).because(&error)
        })?;
    }
    let mut documents = Vec::with_capacity(formats.len());
    for format in formats {
        let document = render::sbom(&made, format).map_err(|error| {
            Failure::incomplete("the document cannot be written in this form").because(&error)
        })?;
        documents.push((format, signer.sign(document)?));
    }
    // One for each place that it goes to.
    let documents = RefCell::new(documents);
    plan.write(|format, _| {
        let mut documents = documents.borrow_mut();
        let found = documents.iter().position(|(form, _)| *form == format);
        found.map(|at| documents.remove(at).1).unwrap_or_default()
    })?;
    let logged = context.record(vec![event(&made)]);
    Ok(made.exit().max(logged))
}

fn make(
    context: &Context,
    args: &args::Sbom,
    at: DateTime<Utc>,
    serial: Serial,
) -> Result<Sbom, Failure> {
    let root = &context.common.root;
    let mut machine = Machine::read_root(root, Detail::Full).map_err(|error| {
        let message = format!("cannot tell what is installed under {}", root.display());
        Failure::incomplete(message)
            .because(&error)
            .try_this("--root DIR for another system")
    })?;
    if args.licenses {
        machine.read_licences(root);
    }
    if args.package_cache {
        machine.read_cache(root, threads());
    }
    let files = args.files.then(|| check_files(context, &machine));
    let mut builder = Sbom::builder(at, serial)
        .tool("omg", env!("CARGO_PKG_VERSION"))
        .data_licence(&args.data_license)
        .machine(machine);
    if args.conclude_licenses {
        builder = builder.conclusions(Conclusions::Authors);
    }
    for author in &args.author {
        let contact = Contact::parse(author)
            .ok_or_else(|| Failure::usage(format!("--author {author:?} names nobody")))?;
        builder = builder.author(contact);
    }
    if let Some(supplier) = &args.supplier {
        builder = builder.supplier(supplier);
    }
    if let Some(files) = files {
        builder = builder.files(files);
    }
    if let Some(host) = host(context) {
        builder = builder.host(&host);
    }
    let sbom = builder.build();
    if sbom.components().is_empty() {
        let message = format!("cannot tell what is installed under {}", root.display());
        let detail = "the package database lists nothing";
        return Err(Failure::incomplete(format!("{message}: {detail}")));
    }
    Ok(sbom)
}

/// `--files`: what is not as recorded goes into the document, and in short to the person.
fn check_files(context: &Context, machine: &Machine) -> Report {
    let report = machine.check_files(&context.common.root, threads());
    let [missing, modified, configuration] = report.counts();
    let extra = report.extra.len();
    if missing + modified + extra > 0 {
        context.warn(&format!(
            "of {} files of packages {missing} are missing and {modified} are modified; \
             {configuration} of configuration are changed, {extra} below /usr belong to no package",
            report.checked()
        ));
    }
    if !report.is_complete() {
        context.warn(&format!(
            "not all files could be compared: {} packages record none, {} paths cannot be read",
            report.unrecorded.len(),
            report.unlisted.len()
                + report
                    .packages
                    .iter()
                    .map(|p| p.unreadable.len())
                    .sum::<usize>()
        ));
    }
    report
}

fn threads() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// The time of the document, and where its serial number comes from: a given time asks for a
/// document that can be made again (reproducible-builds.org, SOURCE_DATE_EPOCH).
fn time(context: &Context) -> Result<(DateTime<Utc>, Serial), Failure> {
    if context.common.at.is_some() {
        return Ok((context.at, Serial::FromContent));
    }
    if let Some(epoch) = context.env.var("SOURCE_DATE_EPOCH") {
        let at = epoch.parse().ok();
        let at = at.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
        let at = at.ok_or_else(|| {
            Failure::usage(format!(
                "SOURCE_DATE_EPOCH is {epoch:?}, not a number of seconds"
            ))
        })?;
        return Ok((at, Serial::FromContent));
    }
    let mut bytes = [0; 16];
    let filled = rustix::rand::getrandom(&mut bytes, rustix::rand::GetRandomFlags::empty());
    match filled {
        Ok(16) => Ok((context.at, Serial::Random(bytes))),
        _ => Err(Failure::incomplete("the system gives no random bytes").try_this("--at TIME")),
    }
}

/// The name of the machine below the root; of this one only where the root is its own.
fn host(context: &Context) -> Option<String> {
    let root = &context.common.root;
    let text = read_small(&root.join("etc/hostname"), MAX_HOST).ok();
    let name = text.and_then(|text| {
        let mut lines = text.lines().map(str::trim);
        let name = lines.find(|line| !line.is_empty() && !line.starts_with('#'));
        name.map(str::to_owned)
    });
    let is_own = root.as_os_str() == "/";
    name.or_else(|| is_own.then(|| context.env.machine().host))
        .filter(|name| !name.is_empty())
}

fn version(version: SpecVersion) -> cyclonedx::Version {
    match version {
        SpecVersion::V1_5 => cyclonedx::Version::V1_5,
        SpecVersion::V1_6 => cyclonedx::Version::V1_6,
        SpecVersion::V1_7 => cyclonedx::Version::V1_7,
    }
}

fn event(made: &Made) -> Event {
    let complete = made.exit() == Exit::Ok;
    let (severity, outcome) = match complete {
        true => (Severity::Info, Outcome::Success),
        false => (Severity::Notice, Outcome::Incomplete),
    };
    Event::new(EventKind::SbomGenerated)
        .with_severity(severity)
        .with_outcome(outcome)
        .with("status", if complete { "complete" } else { "incomplete" })
        .with("components", number(made.sbom.components().len()))
        .with("vulnerabilities", number(made.sbom.vulnerabilities().len()))
        .with("serial", made.sbom.serial_number())
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
