//! Parsers of the text around a candidate. Each says where the parts of a notation are, within a
//! bounded stretch of the text; whether a part is a credential is for `classify`.

pub(crate) mod assign;
pub(crate) mod call;
pub(crate) mod command;
pub(crate) mod connection;
pub(crate) mod document;
pub(crate) mod header;
pub(crate) mod pair;
pub(crate) mod passfile;
pub(crate) mod pem;
pub(crate) mod prose;
pub(crate) mod uri;
pub(crate) mod user;
