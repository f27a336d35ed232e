//! The gate: examines each file, and decides.

use omg_policy::Origin;

use super::aur::recipes::Recipes;
use super::authenticity;
use super::content::Content;
use super::examine::{Examined, Examiner};
use super::query::PackageQuery;
use super::result::{Check, GateResult, GatedPackage};
use crate::checks::policy::layers;
use crate::checks::policy::result::PackageDecision;
use crate::session::context::Context;
use crate::session::failure::Failure;

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
    let active = layers::effective(context)?;
    authenticity::check_keyring(context, query)?;
    let mut gate = GateResult {
        active,
        packages: Vec::new(),
        problems: Vec::new(),
    };
    let mut read = Vec::new();
    for file in &query.files {
        match Content::read(file) {
            Ok(content) => read.push(content),
            Err(detail) => gate.problems.push(format!("{}: {detail}", file.display())),
        }
    }
    let examiner = Examiner::new(context, query, &read)?;
    gate.problems.extend(examiner.problems());
    let recipes = match query.aur || matches!(origin, Some(Origin::Aur(_))) {
        true => Some(Recipes::ask(context, &read)?),
        false => None,
    };
    gate.problems
        .extend(recipes.iter().flat_map(|recipes| recipes.problems.clone()));
    for content in &read {
        let mut examined = examiner.examine(content)?;
        gate.problems.append(&mut examined.problems);
        if let Some(origin) = &origin {
            examined.evidence.origin = origin.clone();
        }
        if let Some(recipes) = &recipes {
            from_aur(&examiner, recipes, content, &mut examined);
        }
        let decision = gate
            .active
            .decide(&examined.evidence, context.at, examined.order);
        gate.packages.push(GatedPackage {
            file: content.path.clone(),
            sha256: content.sha256.clone(),
            decided: PackageDecision {
                name: content.archive.package.name.clone(),
                version: content.archive.package.version.clone(),
                decision,
            },
            checks: examined.checks,
        });
    }
    Ok(gate)
}

/// Adds what the AUR says of a package that no repository offers.
fn from_aur(
    examiner: &Examiner<'_>,
    recipes: &Recipes,
    content: &Content,
    examined: &mut Examined,
) {
    if matches!(examined.evidence.origin, Origin::LocalFile | Origin::Aur(_)) {
        let name = &content.archive.package.name;
        let (aur, check) = recipes.of(name, examiner.has_new_script(content));
        examined.evidence.origin = Origin::Aur(aur);
        examined.checks.push(Check::Aur(check));
    }
}
