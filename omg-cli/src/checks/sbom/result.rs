//! The result: a document of what is installed.

use omg_sbom::files::Report;
use omg_sbom::{Looked, Sbom, cyclonedx};

use crate::session::exit::Exit;

/// A document, and the version that it is written in.
pub struct SbomResult {
    pub sbom: Sbom,
    pub version: cyclonedx::Version,
}

impl SbomResult {
    pub fn exit(&self) -> Exit {
        let files = self.sbom.files().is_none_or(Report::is_complete);
        match (self.sbom.is_complete() && files, self.sbom.looked()) {
            // Without a look, nobody asked for one.
            (true, Looked::Fully | Looked::No) => Exit::Ok,
            _ => Exit::Incomplete,
        }
    }
}
