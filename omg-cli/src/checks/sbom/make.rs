//! Makes the document of what is installed.

use std::num::NonZeroUsize;

use chrono::{DateTime, Utc};
use omg_sbom::files::Report;
use omg_sbom::inventory::{Detail, Machine};
use omg_sbom::{Conclusions, Contact, Sbom, Serial};

use super::query::SbomQuery;
use crate::convert::evidence::order_of;
use crate::session::context::Context;
use crate::session::failure::Failure;
use crate::session::files::read_small;

/// The longest host name that is read, in bytes.
const MAX_HOST: u64 = 4096;

/// Makes the document of the machine.
pub fn make(
    context: &Context,
    query: &SbomQuery,
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
    if query.licences {
        machine.read_licences(root);
    }
    if query.package_cache {
        machine.read_cache(root, threads());
    }
    let files = query.files.then(|| check_files(context, &machine));
    let mut builder = Sbom::builder(at, serial)
        .tool("omg", env!("CARGO_PKG_VERSION"))
        .data_licence(&query.data_licence)
        .machine(machine);
    if query.conclude_licences {
        builder = builder.conclusions(Conclusions::Authors);
    }
    for author in &query.authors {
        let contact = Contact::parse(author)
            .ok_or_else(|| Failure::usage(format!("--author {author:?} names nobody")))?;
        builder = builder.author(contact);
    }
    if let Some(supplier) = &query.supplier {
        builder = builder.supplier(supplier);
    }
    if let Some(files) = files {
        builder = builder.files(files);
    }
    if let Some(host) = host(context) {
        builder = builder.host(&host);
    }
    let sbom = builder.build(&|kind, a, b| order_of(kind).compare(a, b));
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
pub fn time(context: &Context) -> Result<(DateTime<Utc>, Serial), Failure> {
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
