//! The gate: the way of package files from their names to decisions.
//!
//! Each file is opened once (`content`); its archive, its signature and its provenance are read from
//! that one file, and each outcome carries the digest that its check read. Evidence that is about
//! other bytes than the archive's is refused by `omg-policy`, and the file counts as changed.

use std::path::{Path, PathBuf};

use omg_policy::{EvidenceError, Origin, Sha256};

use super::aur::recipes::Recipes;
use super::authenticity::Authority;
use super::content::OpenPackage;
use super::examine::{Examined, Examiner};
use super::query::PackageQuery;
use super::result::{Check, GateResult, GatedPackage, ProvenanceCheck, SignatureCheck};
use super::vouched::Vouched;
use crate::checks::policy::layers;
use crate::checks::policy::result::PackageDecision;
use crate::checks::signature::result::SignatureResult;
use crate::session::context::Context;
use crate::session::exit::Exit;
use crate::session::failure::Failure;
use crate::session::pause;

/// Looks at every file, and decides.
pub fn gate(context: &Context, query: &PackageQuery) -> Result<GateResult, Failure> {
    gate_from(context, query, None)
}

/// The same for files whose origin is known.
pub fn gate_from(
    context: &Context,
    query: &PackageQuery,
    origin: Option<Origin>,
) -> Result<GateResult, Failure> {
    let mut gate = GateResult {
        active: layers::effective(context)?,
        packages: Vec::new(),
        changed: Vec::new(),
        refused: Vec::new(),
        problems: Vec::new(),
    };
    let authority = Authority::load(context, query)?;
    let mut vouched = Vec::new();
    for file in &query.files {
        match read(&authority, file)? {
            Ok(found) => vouched.push(found),
            Err(unread) => {
                gate.refused.extend(unread.refused);
                let problems = unread.details.into_iter();
                let named = problems.map(|detail| format!("{}: {detail}", file.display()));
                gate.problems.extend(named);
            }
        }
    }
    let examiner = Examiner::new(context, query, &authority, &vouched)?;
    pause::at("scanned");
    gate.problems.extend(examiner.problems());
    let recipes = match query.aur || matches!(origin, Some(Origin::Aur(_))) {
        true => Some(Recipes::ask(context, &vouched)?),
        false => None,
    };
    gate.problems
        .extend(recipes.iter().flat_map(|recipes| recipes.problems.clone()));
    for vouched in vouched {
        let (path, sha256) = (vouched.content.path.clone(), vouched.sha256());
        let mut examined = match examiner.examine(vouched, origin.as_ref()) {
            Ok(examined) => examined,
            Err(EvidenceError::OtherBytes { .. }) => {
                gate.changed.push(path);
                continue;
            }
            Err(error) => return Err(internal(&path, &error)),
        };
        gate.problems.append(&mut examined.problems);
        if let Some(recipes) = &recipes {
            from_aur(recipes, &mut examined);
        }
        gate.packages
            .push(decide(context, &gate, path, sha256, examined));
    }
    Ok(gate)
}

/// A file whose content cannot be read.
struct Unread {
    /// Why, for people.
    details: Vec<String>,
    /// Its signature, if it is refused: a signature is about bytes, whatever they hold.
    refused: Option<SignatureResult>,
}

impl From<String> for Unread {
    fn from(detail: String) -> Self {
        Self {
            details: vec![detail],
            refused: None,
        }
    }
}

/// Reads a file and the evidence beside it. Evidence that cannot be read is a problem of this file and
/// of this check: all others are made.
fn read(authority: &Authority<'_>, path: &Path) -> Result<Result<Vouched, Unread>, Failure> {
    let package = match OpenPackage::open(path) {
        Ok(package) => package,
        Err(detail) => return Ok(Err(detail.into())),
    };
    pause::at("opened");
    let content = match package.content() {
        Ok(content) => content,
        Err(detail) => return unread(authority, &package, detail).map(Err),
    };
    pause::at("read");
    let mut problems = Vec::new();
    let signature = match authority.signature(&package, &content) {
        Ok(checked) => checked,
        Err(failure) => (
            None,
            SignatureCheck::NotRead(not_read(failure, &mut problems)?),
        ),
    };
    pause::at("signature");
    let provenance = match authority.provenance(&package, &content) {
        Ok((evidence, checked)) => (evidence, ProvenanceCheck::Checked(Box::new(checked))),
        Err(failure) => (
            None,
            ProvenanceCheck::NotRead(not_read(failure, &mut problems)?),
        ),
    };
    pause::at("provenance");
    Ok(Ok(Vouched {
        content,
        signature,
        provenance,
        problems,
    }))
}

/// Checks the signature of a file whose content cannot be read.
fn unread(
    authority: &Authority<'_>,
    package: &OpenPackage,
    detail: String,
) -> Result<Unread, Failure> {
    let mut unread = Unread::from(detail);
    match authority.signature_of(package) {
        Ok(checked) => unread.refused = checked.filter(|it| it.exit() == Exit::Integrity),
        Err(failure) => {
            not_read(failure, &mut unread.details)?;
        }
    }
    Ok(unread)
}

/// Notes why evidence could not be read; any other failure ends the run.
fn not_read(failure: Failure, problems: &mut Vec<String>) -> Result<String, Failure> {
    if failure.exit != Exit::Incomplete {
        return Err(failure);
    }
    problems.push(failure.line());
    Ok(failure.line())
}

fn decide(
    context: &Context,
    gate: &GateResult,
    file: PathBuf,
    sha256: Sha256,
    examined: Examined,
) -> GatedPackage {
    let decision = gate
        .active
        .decide(&examined.evidence, context.at, examined.order);
    GatedPackage {
        file,
        sha256,
        decided: PackageDecision::of(decision),
        checks: examined.checks,
    }
}

/// Evidence that does not fit together for another reason than the bytes.
fn internal(path: &Path, error: &EvidenceError) -> Failure {
    let message = format!("internal error while deciding about {}", path.display());
    Failure::new(Exit::Incomplete, message).because(error)
}

/// Adds what the AUR says of a package that no repository offers.
fn from_aur(recipes: &Recipes, examined: &mut Examined) {
    let origin = &examined.evidence.facts().origin;
    if matches!(origin, Origin::LocalFile | Origin::Aur(_)) {
        let name = &examined.content.archive.package.name;
        let (aur, check) = recipes.of(name, examined.has_new_script);
        examined.evidence.set_origin(Origin::Aur(aur));
        examined.checks.push(Check::Aur(check));
    }
}
