//! Before a transaction: every package that would be installed goes through the gate.

use std::path::PathBuf;

use super::apt;
use super::pacman::{cached, upgraded};
use super::targets::targets;
use crate::args::HookFor;
use crate::checks::package::events::recorded;
use crate::checks::package::gate::gate;
use crate::checks::package::query::PackageQuery;
use crate::checks::package::result::GateResult;
use crate::checks::policy::layers;
use crate::render;
use crate::session::context::Context;
use crate::session::exit::Exit;
use crate::session::failure::Failure;
use crate::session::format::Format;
use crate::session::output::{print, say};

pub fn run(context: &Context, manager: HookFor) -> Result<Exit, Failure> {
    let names = targets()?;
    let root = &context.common.root;
    let (files, steps) = match manager {
        HookFor::Apt => apt::read(&names)?,
        HookFor::Pacman => {
            let mut files = cached(root, &names);
            files.extend(upgraded());
            (files, Vec::new())
        }
    };
    let gate = match files.is_empty() {
        true => None,
        false => Some(gate(context, &query(&files))?),
    };
    // A file counts for the name that it gives itself, whatever it is called.
    let is_lost = |name: &&String| {
        let mut packages = gate.iter().flat_map(|gate| &gate.packages);
        !packages.any(|package| package.decided.name() == *name)
    };
    let lost: Vec<String> = match manager {
        HookFor::Apt => Vec::new(),
        HookFor::Pacman => names.iter().filter(is_lost).cloned().collect(),
    };
    for name in &lost {
        say(&format!(
            "rejected: which file {name} comes from cannot be told; it is in no cache folder"
        ));
    }
    let missing = if lost.is_empty() {
        Exit::Ok
    } else {
        Exit::Findings
    };
    let Some(mut gate) = gate else {
        // The policy has to be readable all the same.
        layers::effective(context)?;
        if manager == HookFor::Apt {
            apt::keep(root, &steps);
        }
        return Ok(missing);
    };
    let logged = context.record(recorded(context, &gate));
    let style = context.style();
    // What the package manager's user does not get to read changes no verdict.
    if let Err(failure) = print(&render::package::package(&gate, Format::Table, style)) {
        say(&failure.to_string());
    }
    // A file of which nothing is known is not installed, nor one beside which evidence cannot be
    // read. A missing scan is a matter for the policy, which decided with it.
    if gate.packages.len() == files.len() && gate.is_evidence_read() {
        gate.problems.clear();
    }
    let exit = gate.exit().max(missing);
    if manager == HookFor::Apt {
        // What is refused is not done.
        let allowed = if exit == Exit::Ok { steps } else { Vec::new() };
        apt::keep(root, &with_checksums(allowed, &gate));
    }
    // A log that cannot be written stops nothing by itself: it has been said.
    Ok(match logged {
        Exit::Integrity => exit.max(logged),
        _ => exit,
    })
}

/// The steps with the checksums of the files that were looked at.
fn with_checksums(mut steps: Vec<apt::Step>, gate: &GateResult) -> Vec<apt::Step> {
    for step in &mut steps {
        let mut packages = gate.packages.iter();
        let file = packages.find(|package| Some(&package.file) == step.file.as_ref());
        step.sha256 = file.map(|package| package.sha256.to_string());
    }
    steps
}

/// The gate as a person calls it, with nothing said beside the files.
fn query(files: &[PathBuf]) -> PackageQuery {
    PackageQuery {
        files: files.to_vec(),
        ..PackageQuery::default()
    }
}
