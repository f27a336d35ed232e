//! The question whether package files may be installed.

use std::path::PathBuf;

use crate::checks::signature::query::TrustChoice;

/// Package files, and what their evidence is held against.
#[derive(Clone, Debug, Default)]
pub struct PackageQuery {
    pub files: Vec<PathBuf>,
    /// Keyrings, instead of the distribution's.
    pub keyrings: Vec<PathBuf>,
    pub trust: Option<TrustChoice>,
    /// Advisories, instead of the stored database and the network.
    pub advisories: Vec<PathBuf>,
    /// The source that provenance must name.
    pub source_uri: Option<String>,
    /// The builder that provenance must name.
    pub builder_id: Option<String>,
    /// Whether the AUR is asked who maintains the recipes.
    pub aur: bool,
}
