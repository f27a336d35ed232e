//! `omg audit sbom`: what is installed, as a document.

mod diff;

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use omg_sbom::check::{self, Framework};
use omg_sbom::{Looked, cyclonedx};

use crate::args;
use crate::checks::sbom::make::{make, time};
use crate::checks::sbom::result::SbomResult;
use crate::checks::sbom::sign::Signer;
use crate::checks::sbom::{events, verify, vulns};
use crate::render;
use crate::session::context::Context;
use crate::session::exit::Exit;
use crate::session::failure::Failure;
use crate::session::files::write_atomically;
use crate::session::format::Format;
use crate::session::output::Plan;

const FORMATS: [Format; 3] = [
    Format::CycloneDxJson,
    Format::CycloneDxXml,
    Format::SpdxJson,
];

pub fn run(context: &Context, args: &args::Sbom) -> Result<Exit, Failure> {
    match &args.command {
        Some(args::SbomCommand::Diff { old, new }) => return diff::run(context, old, new),
        Some(args::SbomCommand::Verify { file, key }) => return verified(context, file, key),
        None => {}
    }
    match args.check {
        Some(framework) => gaps(context, args, framework.framework()),
        None => document(context, args),
    }
}

/// `--check`: what the document has of what a framework asks for.
fn gaps(context: &Context, args: &args::Sbom, framework: Framework) -> Result<Exit, Failure> {
    let plan = Plan::new(&context.common, &[Format::Table, Format::Json])?;
    let (at, serial) = time(context)?;
    let query = args.query();
    let mut sbom = make(context, &query, at, serial)?;
    if args.vulns && framework == Framework::Fda {
        vulns::attach(context, &query, &mut sbom)?;
    }
    let elements = check::elements(&sbom, framework, args.spec_version.version());
    let exit = match sbom.is_complete() {
        true => Exit::Ok,
        false => Exit::Incomplete,
    };
    Ok(context.conclude(exit, Vec::new(), || {
        plan.write(|format, _| render::sbom::check(framework, &elements, format))
    }))
}

fn document(context: &Context, args: &args::Sbom) -> Result<Exit, Failure> {
    let plan = Plan::with_default(&context.common, &FORMATS, "cyclonedx-json")?;
    let (query, version) = (args.query(), args.spec_version.version());
    let formats = plan.files.iter().map(|(format, _)| *format);
    let formats: Vec<Format> = formats.chain(plan.stdout).collect();
    for format in &formats {
        if *format == Format::CycloneDxXml && version != cyclonedx::Version::V1_5 {
            return Err(Failure::usage("XML is written of version 1.5 only")
                .try_this("-f cyclonedx-json for a later one"));
        }
    }
    let signer = Signer::new(args.sign.as_deref(), &formats)?;
    let (at, serial) = time(context)?;
    let mut result = SbomResult {
        sbom: make(context, &query, at, serial)?,
        version,
    };
    if args.vulns || args.vex_output.is_some() {
        vulns::attach(context, &query, &mut result.sbom)?;
    }
    for problem in result.sbom.problems() {
        context.warn(&format!("not all is known: {problem}"));
    }
    if let Looked::Partly(reason) = result.sbom.looked() {
        context.warn(&format!(
            "vulnerabilities were not looked for everywhere: {reason}"
        ));
    }
    let events = vec![events::of(&result)];
    Ok(context.conclude(result.exit(), events, || {
        write(&plan, args, &signer, &formats, &result)
    }))
}

/// Writes the document in each form, and the statements about vulnerabilities where they are asked
/// for.
fn write(
    plan: &Plan,
    args: &args::Sbom,
    signer: &Signer,
    formats: &[Format],
    result: &SbomResult,
) -> Result<(), Failure> {
    if let Some(path) = &args.vex_output {
        let bytes = signer.sign(render::sbom::vex(result))?;
        write_atomically(path, bytes.as_bytes()).map_err(|error| {
            Failure::incomplete(format!("cannot write {}", path.display())).because(&error)
        })?;
    }
    let mut documents = Vec::with_capacity(formats.len());
    for format in formats {
        let document = render::sbom::sbom(result, *format).map_err(|error| {
            Failure::incomplete("the document cannot be written in this form").because(&error)
        })?;
        documents.push((*format, signer.sign(document)?));
    }
    // One for each place that it goes to.
    let documents = RefCell::new(documents);
    plan.write(|format, _| {
        let mut documents = documents.borrow_mut();
        let found = documents.iter().position(|(form, _)| *form == format);
        found.map(|at| documents.remove(at).1).unwrap_or_default()
    })
}

/// `verify FILE`: whether the document is signed by one of these keys.
fn verified(context: &Context, file: &Path, keys: &[PathBuf]) -> Result<Exit, Failure> {
    let plan = Plan::new(&context.common, &[Format::Table, Format::Json])?;
    let result = verify::verify(file, keys)?;
    let event = verify::event(&result);
    Ok(context.conclude(result.status.exit(), vec![event], || {
        plan.write(|format, _| render::sbom::verified(&result, format))
    }))
}
