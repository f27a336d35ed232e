//! in-toto statements: what is said, and of which artifact.
//!
//! <https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md>

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use crate::digest::{Algorithm, Digest, Digests};
use crate::error::{Error, Rejection};
use crate::strict;

const TYPES: [&str; 2] = [
    "https://in-toto.io/Statement/v0.1",
    "https://in-toto.io/Statement/v1",
];

/// A statement about artifacts.
#[derive(Clone, Debug)]
pub struct Statement {
    predicate_type: String,
    subjects: Vec<Subject>,
    /// Shared: evidence takes the statement along.
    pub(crate) predicate: Arc<Value>,
}

/// An artifact that a statement is about.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Subject {
    /// The name, which proves nothing.
    pub name: String,
    /// Digests that this crate relies on.
    pub digests: Vec<Digest>,
    /// The names of digests that it does not, which never match.
    pub unsupported: Vec<String>,
    /// Their values: a matter of verification summaries only.
    #[serde(skip)]
    pub(crate) other: BTreeMap<String, String>,
}

impl Statement {
    /// Reads a statement.
    ///
    /// # Errors
    /// With a [`Rejection`] if it is over a limit, has a key twice or is no statement.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let value = strict::parse(bytes, strict::STATEMENT_VALUES)?;
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        let kind = text("_type").ok_or_else(|| bad("no _type"))?;
        if !TYPES.contains(&kind) {
            return Err(bad(format!("the _type is {kind:?}")));
        }
        let predicate_type = text("predicateType").ok_or_else(|| bad("no predicateType"))?;
        let predicate_type = predicate_type.to_owned();
        let subjects = value.get("subject").and_then(Value::as_array);
        let subjects = subjects.filter(|subjects| !subjects.is_empty());
        let subjects = subjects.ok_or_else(|| bad("no subject"))?;
        let subjects = subjects.iter().map(subject).collect::<Result<_, _>>()?;
        // in-toto Statement 1: "predicate" is optional.
        let predicate = match value {
            Value::Object(mut map) => map.remove("predicate").unwrap_or(Value::Null),
            _ => Value::Null,
        };
        Ok(Self {
            predicate_type,
            subjects,
            predicate: Arc::new(predicate),
        })
    }

    /// What kind of thing is said.
    pub fn predicate_type(&self) -> &str {
        &self.predicate_type
    }

    /// All artifacts that it is about.
    pub fn subjects(&self) -> &[Subject] {
        &self.subjects
    }

    pub(crate) fn algorithms(&self) -> Vec<Algorithm> {
        let digests = self.subjects.iter().flat_map(|subject| &subject.digests);
        let mut algorithms: Vec<_> = digests.map(Digest::algorithm).collect();
        algorithms.sort_unstable();
        algorithms.dedup();
        algorithms
    }

    /// The subjects with these digests, and one digest that shows it.
    ///
    /// # Errors
    /// If there is none, or one agrees in one digest and not in another.
    pub(crate) fn matching(&self, digests: &Digests) -> Result<(Vec<Subject>, Digest), Error> {
        let mut found: Vec<Subject> = Vec::new();
        let mut shown = None;
        for subject in &self.subjects {
            let mut agrees = None;
            let mut differs = None;
            for digest in &subject.digests {
                match digests.get(digest.algorithm()) {
                    Some(known) if known == digest => agrees = agrees.or(Some(digest)),
                    Some(_) => differs = Some(digest),
                    None => {}
                }
            }
            match (agrees, differs) {
                (Some(_), Some(other)) => {
                    let name = &subject.name;
                    let detail = format!("{name:?}: one digest agrees, {} not", other.algorithm());
                    return Err(Error::rejected(Rejection::Contradiction, detail));
                }
                (Some(digest), None) => {
                    shown = shown.or_else(|| Some(digest.clone()));
                    found.push(subject.clone());
                }
                _ => {}
            }
        }
        if let Some(digest) = shown {
            return Ok((found, digest));
        }
        let algorithms = self.algorithms();
        if !algorithms.is_empty() && !algorithms.iter().any(|a| digests.get(*a).is_some()) {
            let needed: Vec<_> = algorithms.iter().map(ToString::to_string).collect();
            return Err(Error::MissingDigest {
                needed: needed.join(" or "),
            });
        }
        let count = self.subjects.len();
        let detail = format!("none of {count} subjects has the artifact's digest");
        Err(Error::rejected(Rejection::ArtifactDigest, detail))
    }
}

fn bad(detail: impl Into<String>) -> Error {
    Error::rejected(Rejection::Statement, detail)
}

fn subject(value: &Value) -> Result<Subject, Error> {
    // in-toto ResourceDescriptor 1: a subject need not have a name, and its digest counts.
    let name = match value.get("name") {
        None | Some(Value::Null) => "",
        Some(name) => name.as_str().ok_or_else(|| bad("a name that is no text"))?,
    };
    let digest = value.get("digest").and_then(Value::as_object);
    let digest = digest.filter(|map| !map.is_empty());
    let digest = digest.ok_or_else(|| bad(format!("the subject {name:?} has no digest")))?;
    let mut subject = Subject {
        name: name.to_owned(),
        digests: Vec::new(),
        unsupported: Vec::new(),
        other: BTreeMap::new(),
    };
    for (algorithm, value) in digest {
        let value = value.as_str();
        let value = value.ok_or_else(|| bad(format!("{algorithm} of {name:?} is no text")))?;
        match Algorithm::from_name(algorithm) {
            Some(known) => {
                let digest = Digest::from_hex(known, value)
                    .map_err(|error| bad(format!("{algorithm} of {name:?}: {error}")))?;
                subject.digests.push(digest);
            }
            None => {
                subject.unsupported.push(algorithm.clone());
                subject.other.insert(algorithm.clone(), value.to_owned());
            }
        }
    }
    subject.digests.sort();
    Ok(subject)
}
