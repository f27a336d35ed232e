//! Parsers of what is written around a candidate: assignments, PEM, URIs, documents.

pub(crate) mod assign;
pub(crate) mod fields;
pub(crate) mod login;
pub(crate) mod pem;
pub(crate) mod uri;
