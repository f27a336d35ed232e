//! `omg audit build`: a PKGBUILD is built in a sandbox, and the gate decides about the packages.

mod sandbox;

use std::io::Seek as _;
use std::path::{Path, PathBuf};

use omg_policy::inspect::{MAX_SCRIPT_BYTES, ScriptFinding, ScriptKind};
use omg_policy::{Aur, Evidence, Inspection, Origin, Verdict};
use omg_slsa::{Algorithm, Digest, Digests};

use self::sandbox::{Network, Sandbox};
use crate::args;
use crate::checks::package::events::{recorded, refused};
use crate::checks::package::gate::gate_from;
use crate::checks::package::query::PackageQuery;
use crate::checks::package::result::GatedPackage;
use crate::checks::policy::active::ActivePolicy;
use crate::checks::policy::layers;
use crate::convert::evidence::of_script;
use crate::render;
use crate::session::context::Context;
use crate::session::exit::Exit;
use crate::session::failure::Failure;
use crate::session::files::{file_name, open_regular, read_bounded, read_small};
use crate::session::format::Format;
use crate::session::newfile::{Access, NewFile};
use crate::session::output::{Plan, say};

const FORMATS: [Format; 2] = [Format::Table, Format::Json];

pub fn run(context: &Context, args: &args::Build) -> Result<Exit, Failure> {
    let plan = Plan::new(&context.common, &FORMATS)?;
    let named = layers::effective(context)?;
    if !args.dir.join("PKGBUILD").is_file() {
        let message = format!("there is no PKGBUILD in {}", args.dir.display());
        return Err(Failure::incomplete(message));
    }
    let found = rejected(context, &named, &args.dir)?;
    if !found.is_empty() {
        for finding in &found {
            say(&format!("rejected before it was run: {finding}"));
        }
        let event = refused(context, &named, &file_name(&args.dir), &found);
        return Ok(Exit::Findings.max(context.record(event)));
    }
    let sandbox = Sandbox::new(context, &args.dir)?;
    build(context, args, &sandbox)?;
    let packages = sandbox.packages();
    if packages.is_empty() {
        return Err(Failure::incomplete("makepkg left no package"));
    }
    let asked = PackageQuery {
        files: packages.clone(),
        advisories: args.advisories.clone(),
        ..PackageQuery::default()
    };
    let gate = gate_from(context, &asked, origin(&args.dir))?;
    let style = context.style();
    let exit = context.conclude(gate.exit(), recorded(context, &gate), || {
        plan.write(|format, terminal| render::package::package(&gate, format, style.on(terminal)))
    });
    let allowed = |gated: &GatedPackage| gated.decided.decision.verdict < Verdict::Reject;
    if gate.packages.len() == packages.len() && gate.packages.iter().all(allowed) {
        let to = args.dest.as_ref().unwrap_or(&args.dir);
        for gated in &gate.packages {
            keep(gated, to)?;
        }
    } else {
        say("the packages were not kept");
    }
    Ok(exit)
}

/// What the policy rejects of the recipe and its install scripts, before any of it is run.
fn rejected(
    context: &Context,
    named: &ActivePolicy,
    dir: &Path,
) -> Result<Vec<ScriptFinding>, Failure> {
    let mut findings = Vec::new();
    let entries = std::fs::read_dir(dir).map_err(|error| {
        Failure::incomplete(format!("cannot read {}", dir.display())).because(&error)
    })?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.is_file());
    paths.sort();
    for path in paths {
        let name = file_name(&path);
        let kind = match () {
            () if name == "PKGBUILD" => ScriptKind::Recipe,
            () if name.ends_with(".install") => ScriptKind::PacmanInstall,
            () => continue,
        };
        // One byte over the limit is a finding of its own.
        let limit = u64::try_from(MAX_SCRIPT_BYTES)
            .unwrap_or(u64::MAX)
            .saturating_add(1);
        let bytes = read_bounded(&path, limit).map_err(|error| {
            Failure::incomplete(format!("cannot read {}", path.display())).because(&error)
        })?;
        let evidence = of_script(kind, &name, &bytes).map_err(|error| {
            Failure::incomplete(format!("internal error at {}", path.display())).because(&error)
        })?;
        findings.extend(suspicious(context, named, &evidence));
    }
    Ok(findings)
}

/// The findings in one script for which the policy rejects it.
fn suspicious(context: &Context, named: &ActivePolicy, evidence: &Evidence) -> Vec<ScriptFinding> {
    let Inspection::Done(findings) = &evidence.facts().inspection else {
        return Vec::new();
    };
    let decision = named.policy.decide(evidence, context.at, &|a, b| a.cmp(b));
    let reasons = decision.reasons().into_iter();
    let rejected: Vec<String> = reasons
        .filter(|reason| reason.rule == "scripts.suspicious" && reason.verdict == Verdict::Reject)
        .map(|reason| reason.evidence)
        .collect();
    let is_rejected = |finding: &&ScriptFinding| rejected.contains(&finding.to_string());
    findings.iter().filter(is_rejected).cloned().collect()
}

fn build(context: &Context, args: &args::Build, sandbox: &Sandbox) -> Result<(), Failure> {
    let mut common = vec!["--noconfirm", "--nocolor"];
    if args.nodeps {
        common.push("--nodeps");
    }
    let network = match context.common.offline {
        true => Network::None,
        false => Network::Shared,
    };
    let fetch = [&common[..], &["--verifysource"]].concat();
    if !sandbox.makepkg(&fetch, network)?.success() {
        let message = "the sources could not be fetched, or are not what the recipe says";
        return Err(Failure::incomplete(message));
    }
    let mut make = [&common[..], &["--force", "--holdver"]].concat();
    if args.nocheck {
        make.push("--nocheck");
    }
    if !sandbox.makepkg(&make, Network::None)?.success() {
        return Err(Failure::incomplete("it could not be built in the sandbox")
            .try_this("read what makepkg said; there is no network while it builds"));
    }
    Ok(())
}

/// A clone of the AUR says so. Who maintains it and since when only the AUR's own interface can
/// tell, which is not asked: rules about that are violated.
fn origin(dir: &Path) -> Option<Origin> {
    let config = read_small(&dir.join(".git/config"), 1 << 20).ok()?;
    config
        .contains("aur.archlinux.org")
        .then(|| Origin::Aur(Aur::default()))
}

/// Copies a package that was allowed. The bytes have to be those that were decided about, and a new
/// file takes the place of whatever has its name: a link there leads nowhere.
fn keep(gated: &GatedPackage, to: &Path) -> Result<(), Failure> {
    let target = to.join(file_name(&gated.file));
    let fail = |error: std::io::Error| {
        Failure::incomplete(format!("cannot write {}", target.display())).because(&error)
    };
    std::fs::create_dir_all(to).map_err(fail)?;
    let mut from = open_regular(&gated.file).map_err(fail)?;
    let mut kept = NewFile::new(&target, Access::Usual).map_err(fail)?;
    std::io::copy(&mut from, kept.file()).map_err(fail)?;
    kept.file().rewind().map_err(fail)?;
    let written = Digests::of_reader(kept.file(), &[Algorithm::Sha256]).map_err(fail)?;
    let written = written.get(Algorithm::Sha256).map(Digest::as_bytes);
    if written != Some(gated.sha256.as_bytes()) {
        let message = format!(
            "{} changed after it was decided about",
            gated.file.display()
        );
        return Err(Failure::new(Exit::Integrity, message));
    }
    kept.publish().map_err(fail)?;
    say(&format!("kept {}", target.display()));
    Ok(())
}
