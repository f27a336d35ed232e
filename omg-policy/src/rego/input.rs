//! What a policy in Rego sees.

use chrono::{DateTime, Utc};
use serde_json::{Value as Json, json};

use crate::facts::{Coverage, Epss, Facts, MaintainerChanged, Origin};

/// The evidence as `schemas/evidence.schema.json` has it.
pub(super) fn input(facts: &Facts, now: DateTime<Utc>) -> Json {
    let mut facts = facts.clone();
    for finding in &mut facts.findings {
        // No number would be null, and less than every threshold.
        if let Epss::Score(score) = finding.epss
            && !(0.0..=1.0).contains(&score)
        {
            finding.epss = Epss::Unknown;
        }
    }
    let mut input = serde_json::to_value(&facts).unwrap_or(Json::Null);
    let keys = [
        "name",
        "version",
        "purl",
        "architecture",
        "pkgbase",
        "pkgbase_version",
        "sha256",
        "provides",
        "rebuilds",
        "released",
        "security_fix",
    ];
    fill(&mut input, &keys);
    for finding in input["findings"].as_array_mut().into_iter().flatten() {
        fill(finding, &["kev"]);
    }
    let aur = input
        .get_mut("origin")
        .and_then(|origin| origin.get_mut("aur"));
    if let Some(aur) = aur {
        fill(aur, &["maintainer", "last_change", "new_install_script"]);
    }
    input["now"] = json!(now);
    input["age_seconds"] = ages(&facts, now);
    input
}

/// Makes what is not there null.
fn fill(object: &mut Json, keys: &[&str]) {
    if let Json::Object(object) = object {
        for key in keys {
            object.entry(*key).or_insert(Json::Null);
        }
    }
}

fn ages(facts: &Facts, now: DateTime<Utc>) -> Json {
    let age = |at: Option<DateTime<Utc>>| at.map(|at| now.signed_duration_since(at).num_seconds());
    let scan = match facts.coverage {
        Coverage::Fresh { as_of } => Some(as_of),
        _ => None,
    };
    let (changed, maintained) = match &facts.origin {
        Origin::Aur(aur) => match aur.maintainer_changed {
            MaintainerChanged::At(at) => (aur.last_change, Some(at)),
            _ => (aur.last_change, None),
        },
        _ => (None, None),
    };
    json!({
        "released": age(facts.released),
        "scan": age(scan),
        "aur_last_change": age(changed),
        "aur_maintainer_changed": age(maintained),
    })
}
