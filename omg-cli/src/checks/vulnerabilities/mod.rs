//! Which known vulnerabilities affect the machine, a lock file or an SBOM.

pub mod events;
pub mod query;
pub mod result;
pub mod rules;
pub mod scan;
pub mod sources;
pub mod subjects;
