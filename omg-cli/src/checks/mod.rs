//! Checks: a typed question in, a typed result out. They print nothing and parse no options.

pub mod database;
pub mod explain;
pub mod log;
pub mod package;
pub mod policy;
pub mod provenance;
pub mod report;
pub mod sbom;
pub mod secrets;
pub mod signature;
pub mod vulnerabilities;
