//! `omg audit sbom`: what is installed, as a document.

use chrono::{DateTime, Utc};
use omg_auditlog::{Event, EventKind, Outcome, Severity};
use omg_sbom::inventory::{Detail, Machine};
use omg_sbom::{Contact, Sbom, Serial, cyclonedx};

use crate::args::{self, SpecVersion};
use crate::commands::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Format, Plan};
use crate::record::read_small;
use crate::render;

const FORMATS: [Format; 1] = [Format::CycloneDxJson];

/// The longest host name that is read, in bytes.
const MAX_HOST: u64 = 4096;

/// Everything that a result shows.
pub struct Made {
    pub sbom: Sbom,
    pub version: cyclonedx::Version,
}

impl Made {
    fn exit(&self) -> Exit {
        if self.sbom.is_complete() {
            Exit::Ok
        } else {
            Exit::Incomplete
        }
    }
}

pub fn run(context: &Context, args: &args::Sbom) -> Result<Exit, Failure> {
    let plan = Plan::with_default(&context.common, &FORMATS, "cyclonedx-json")?;
    let (at, serial) = time(context)?;
    let sbom = make(context, args, at, serial)?;
    let made = Made {
        sbom,
        version: version(args.spec_version),
    };
    for problem in made.sbom.problems() {
        context.warn(&format!("not all is known: {problem}"));
    }
    plan.write(|format, _| render::sbom(&made, format))?;
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
    let machine = Machine::read_root(root, Detail::Full).map_err(|error| {
        let message = format!("cannot tell what is installed under {}", root.display());
        Failure::incomplete(message)
            .because(&error)
            .try_this("--root DIR for another system")
    })?;
    let mut builder = Sbom::builder(at, serial)
        .tool("omg", env!("CARGO_PKG_VERSION"))
        .data_licence(&args.data_license)
        .machine(machine);
    for author in &args.author {
        let contact = Contact::parse(author)
            .ok_or_else(|| Failure::usage(format!("--author {author:?} names nobody")))?;
        builder = builder.author(contact);
    }
    if let Some(supplier) = &args.supplier {
        builder = builder.supplier(supplier);
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
    let components = u32::try_from(made.sbom.components().len()).unwrap_or(u32::MAX);
    Event::new(EventKind::SbomGenerated)
        .with_severity(severity)
        .with_outcome(outcome)
        .with("status", if complete { "complete" } else { "incomplete" })
        .with("components", components)
        .with("serial", made.sbom.serial_number())
}
