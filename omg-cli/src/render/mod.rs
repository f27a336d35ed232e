//! Results as text: one function per form, each a pure function of the result.

pub mod database;
pub mod explain;
mod github;
mod json;
pub mod json_text;
mod junit;
mod link;
pub mod log;
mod markdown;
pub mod package;
pub mod pgp;
pub mod policy;
pub mod prom;
pub mod report;
mod sarif;
pub mod sbom;
pub mod scan;
pub mod secrets;
pub mod slsa;
mod table;
pub mod verify;
pub mod words;
mod wrap;
