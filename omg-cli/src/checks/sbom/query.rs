//! The question for a document of what is installed.

use std::path::PathBuf;

use omg_sbom::Placement;

/// What the document holds beside the packages.
#[derive(Clone, Debug)]
pub struct SbomQuery {
    /// Advisories, instead of the stored database and the network.
    pub advisories: Vec<PathBuf>,
    /// Whether vulnerabilities are part of the document, or go into one of their own.
    pub placement: Placement,
    pub authors: Vec<String>,
    pub supplier: Option<String>,
    /// The licence of the document itself, as an SPDX expression.
    pub data_licence: String,
    /// Whether licences are read.
    pub licences: bool,
    /// Whether licences are concluded from recorded ones.
    pub conclude_licences: bool,
    /// Whether files are compared with what is recorded.
    pub files: bool,
    /// Whether hashes come from the cache of package files.
    pub package_cache: bool,
}
