//! OpenVEX documents: <https://github.com/openvex/spec>, "OpenVEX Specification" 0.2.0.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;

use super::{Statement, VexStatus, WHAT};
use crate::error::ParseError;

#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    timestamp: Option<DateTime<Utc>>,
    statements: Vec<Wire>,
}

#[derive(Deserialize)]
struct Wire {
    vulnerability: Vulnerability,
    #[serde(default)]
    timestamp: Option<DateTime<Utc>>,
    #[serde(default)]
    products: Vec<Product>,
    status: String,
    #[serde(default)]
    justification: Option<String>,
    #[serde(default)]
    impact_statement: Option<String>,
    #[serde(default)]
    action_statement: Option<String>,
}

/// An object since 0.2.0, a bare name before.
#[derive(Deserialize)]
#[serde(untagged)]
enum Vulnerability {
    Name(String),
    Object {
        name: String,
        #[serde(default)]
        aliases: Vec<String>,
    },
}

/// An object since 0.2.0, a bare identifier before.
#[derive(Deserialize)]
#[serde(untagged)]
enum Product {
    Id(String),
    Object {
        #[serde(default, rename = "@id")]
        id: Option<String>,
        #[serde(default)]
        identifiers: Option<Identifiers>,
    },
}

#[derive(Deserialize)]
struct Identifiers {
    #[serde(default)]
    purl: Option<String>,
}

pub(super) fn statements(value: Value) -> Result<Vec<Statement>, ParseError> {
    let document: Document =
        serde_json::from_value(value).map_err(|e| ParseError::json(WHAT, e))?;
    let time = document.timestamp;
    document
        .statements
        .into_iter()
        .map(|wire| wire.into_statement(time))
        .collect()
}

impl Wire {
    fn into_statement(self, time: Option<DateTime<Utc>>) -> Result<Statement, ParseError> {
        let ids = match self.vulnerability {
            Vulnerability::Name(name) => vec![name],
            Vulnerability::Object { name, aliases } => {
                std::iter::once(name).chain(aliases).collect()
            }
        };
        let status = match self.status.as_str() {
            "not_affected" => VexStatus::NotAffected,
            "affected" => VexStatus::Affected,
            "fixed" => VexStatus::Fixed,
            "under_investigation" => VexStatus::UnderInvestigation,
            other => {
                let detail = format!("statement on {:?}: unknown status {other:?}", ids[0]);
                return Err(ParseError::malformed(WHAT, detail));
            }
        };
        // "Status Labels": not_affected MUST come with a justification or an impact statement.
        let why = self.impact_statement.or(self.justification);
        if status == VexStatus::NotAffected && why.as_ref().is_none_or(|why| why.trim().is_empty())
        {
            let detail = format!("statement on {:?}: not_affected without a reason", ids[0]);
            return Err(ParseError::malformed(WHAT, detail));
        }
        let mut products = Vec::new();
        self.products
            .into_iter()
            .for_each(|product| product.collect(&mut products));
        Ok(Statement {
            ids,
            products,
            status,
            reason: why.or(self.action_statement).unwrap_or_default(),
            time: self.timestamp.or(time),
        })
    }
}

impl Product {
    /// The product by all its names. Its subcomponents are left out: a statement on openssl within
    /// curl says nothing about openssl (specification, "Subcomponents").
    fn collect(self, into: &mut Vec<String>) {
        match self {
            Self::Id(id) => into.push(id),
            Self::Object { id, identifiers } => {
                into.extend(id);
                into.extend(identifiers.and_then(|identifiers| identifiers.purl));
            }
        }
    }
}
