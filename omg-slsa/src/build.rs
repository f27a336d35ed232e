//! SLSA provenance, of versions 0.2 and 1, as one: what was built by whom from what.
//!
//! <https://slsa.dev/spec/v1.2/build-provenance>

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::error::{Error, Rejection};
use crate::statement::Statement;

const V02: &str = "https://slsa.dev/provenance/v0.2";
const V1: &str = "https://slsa.dev/provenance/v1";

/// What a statement says of a build. It is what the signer says, no more.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Build {
    /// Who built, as a URI.
    pub builder_id: String,
    /// How: the kind of build, as a URI.
    pub build_type: String,
    /// The repository, as a URI without `git+`.
    pub source: Option<String>,
    /// The branch or tag, such as `refs/heads/main`.
    pub source_ref: Option<String>,
    /// The commit.
    pub commit: Option<String>,
    /// The file of the workflow, in the repository.
    pub workflow: Option<String>,
    /// What started it, such as `push`.
    pub trigger: Option<String>,
    /// The kind of runner.
    pub runner_environment: Option<String>,
    /// The number of the repository.
    pub repository_id: Option<String>,
    /// The number of its owner.
    pub owner_id: Option<String>,
    /// The run.
    pub invocation: Option<String>,
    /// What the person who started it gave.
    pub inputs: BTreeMap<String, String>,
}

impl Build {
    /// The build that a statement is about; `None` if it is about something else.
    ///
    /// # Errors
    /// With [`Rejection::Statement`] if it lacks what provenance must have, and with
    /// [`Rejection::Contradiction`] if it names two sources.
    pub(crate) fn of(statement: &Statement) -> Result<Option<Self>, Error> {
        let predicate = &statement.predicate;
        let build = match statement.predicate_type() {
            V02 => v02(predicate),
            V1 => v1(predicate),
            _ => return Ok(None),
        };
        build.map(Some)
    }
}

fn text(value: &Value, path: &str) -> Option<String> {
    let value = value.pointer(path)?;
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn needed(value: &Value, path: &str) -> Result<String, Error> {
    let text = text(value, path).filter(|text| !text.is_empty());
    text.ok_or_else(|| Error::rejected(Rejection::Statement, format!("provenance has no {path}")))
}

/// Names of GitHub's variables, by the kind of predicate and generator.
fn variable(values: Option<&Value>, name: &str) -> Option<String> {
    let values = values?;
    let lower = format!("/{name}");
    let upper = format!("/GITHUB_{}", name.to_uppercase());
    let old = format!("/github_{name}");
    text(values, &upper)
        .or_else(|| text(values, &old))
        .or_else(|| values.get("github").and_then(|github| text(github, &lower)))
}

fn fill(build: &mut Build, variables: Option<&Value>) {
    build.trigger = variable(variables, "event_name");
    build.repository_id = variable(variables, "repository_id");
    build.owner_id = variable(variables, "repository_owner_id");
    build.runner_environment = variable(variables, "runner_environment");
    let payload = [
        "/GITHUB_EVENT_PAYLOAD/inputs",
        "/github_event_payload/inputs",
    ];
    if let Some(variables) = variables {
        for path in payload {
            add_inputs(&mut build.inputs, variables.pointer(path));
        }
    }
}

fn add_inputs(inputs: &mut BTreeMap<String, String>, values: Option<&Value>) {
    for (name, value) in values.and_then(Value::as_object).into_iter().flatten() {
        let value = match value {
            Value::String(text) => text.clone(),
            Value::Null | Value::Array(_) | Value::Object(_) => continue,
            other => other.to_string(),
        };
        inputs.insert(name.clone(), value);
    }
}

/// `git+https://host/owner/repository@refs/…` in its two parts.
fn source(uri: &str) -> (String, Option<String>) {
    let uri = uri.strip_prefix("git+").unwrap_or(uri);
    let (repository, reference) = match uri.rsplit_once('@') {
        Some((repository, reference)) => (repository, Some(reference.to_owned())),
        None => (uri, None),
    };
    let repository = repository.strip_suffix(".git").unwrap_or(repository);
    (repository.to_owned(), reference)
}

fn commit(digest: Option<&Value>) -> Option<String> {
    let digest = digest?;
    text(digest, "/sha1").or_else(|| text(digest, "/gitCommit"))
}

/// Takes the commit from the list of materials, where the source must be.
fn material(build: &mut Build, list: Option<&Value>) -> Result<(), Error> {
    // SLSA 0.2, "materials": the list may be left out, and may be empty.
    let (Some(list), Some(expected)) = (list.and_then(Value::as_array), build.source.clone())
    else {
        return Ok(());
    };
    if list.is_empty() {
        return Ok(());
    }
    let found = list.iter().find(|item| {
        let Some(uri) = text(item, "/uri") else {
            return false;
        };
        let (repository, reference) = source(&uri);
        let agrees = reference.is_none() || build.source_ref.is_none();
        repository == expected && (agrees || reference == build.source_ref)
    });
    let Some(found) = found else {
        let detail = format!("the source {expected} is not among what was used");
        return Err(Error::rejected(Rejection::Contradiction, detail));
    };
    let of_material = commit(found.get("digest"));
    match (&build.commit, of_material) {
        (Some(one), Some(other)) if *one != other => {
            let detail = format!("the commit is {one}, and {other}");
            Err(Error::rejected(Rejection::Contradiction, detail))
        }
        (None, other) => {
            build.commit = other;
            Ok(())
        }
        _ => Ok(()),
    }
}

fn v02(predicate: &Value) -> Result<Build, Error> {
    let mut build = Build {
        builder_id: needed(predicate, "/builder/id")?,
        build_type: needed(predicate, "/buildType")?,
        workflow: text(predicate, "/invocation/configSource/entryPoint"),
        invocation: text(predicate, "/metadata/buildInvocationId")
            .or_else(|| text(predicate, "/metadata/buildInvocationID")),
        ..Build::default()
    };
    if let Some(uri) = text(predicate, "/invocation/configSource/uri") {
        let (repository, reference) = source(&uri);
        build.source = Some(repository);
        build.source_ref = reference;
        build.commit = commit(predicate.pointer("/invocation/configSource/digest"));
    }
    fill(&mut build, predicate.pointer("/invocation/environment"));
    add_inputs(
        &mut build.inputs,
        predicate.pointer("/invocation/parameters/inputs"),
    );
    material(&mut build, predicate.get("materials"))?;
    Ok(build)
}

fn v1(predicate: &Value) -> Result<Build, Error> {
    let definition = "/buildDefinition";
    let external = predicate.pointer("/buildDefinition/externalParameters");
    let mut build = Build {
        builder_id: needed(predicate, "/runDetails/builder/id")?,
        build_type: needed(predicate, &format!("{definition}/buildType"))?,
        invocation: text(predicate, "/runDetails/metadata/invocationId")
            .or_else(|| text(predicate, "/runDetails/metadata/invocationID")),
        ..Build::default()
    };
    let internal = predicate.pointer("/buildDefinition/internalParameters");
    fill(&mut build, internal);
    let dependencies = predicate.pointer("/buildDefinition/resolvedDependencies");
    if let Some(workflow) = external.and_then(|external| external.get("workflow")) {
        build.source = text(workflow, "/repository").map(|uri| source(&uri).0);
        build.source_ref = text(workflow, "/ref");
        build.workflow = text(workflow, "/path");
    }
    if build.source.is_none() {
        // The first dependency is the source where the parameters do not name it.
        let uri = external
            .and_then(|external| text(external, "/source/uri"))
            .or_else(|| dependencies.and_then(|list| text(list, "/0/uri")));
        if let Some(uri) = uri {
            let (repository, reference) = source(&uri);
            build.source = Some(repository);
            build.source_ref = reference;
        }
        let digest = external.and_then(|external| external.pointer("/source/digest"));
        build.commit = commit(digest);
        build.workflow = internal.and_then(|values| text(values, "/GITHUB_WORKFLOW"));
    }
    if let Some(external) = external {
        add_inputs(&mut build.inputs, external.get("inputs"));
        add_inputs(&mut build.inputs, external.pointer("/workflow/inputs"));
    }
    material(&mut build, dependencies)?;
    Ok(build)
}
