//! The question who built an artifact, from what and how.

use std::path::PathBuf;

use omg_slsa::Domain;

/// An artifact, its evidence, and what is expected of both.
#[derive(Clone, Debug)]
pub struct ProvenanceQuery {
    /// A file, a digest, or the name of an installed package.
    pub artifact: Artifact,
    /// The evidence, instead of a file beside the artifact.
    pub bundle: Option<PathBuf>,
    pub certificate_identity: Option<String>,
    pub certificate_identity_regexp: Option<String>,
    pub certificate_oidc_issuer: Option<String>,
    pub certificate_oidc_issuer_regexp: Option<String>,
    pub key: Option<PathBuf>,
    pub trusted_root: Option<PathBuf>,
    /// Whether the trusted root is fetched anew.
    pub refresh_root: bool,
    /// Whether the public log is searched for evidence.
    pub rekor: bool,
    pub builders: Option<PathBuf>,
    pub builders_key: Option<PathBuf>,
    pub builders_revision: u64,
    pub trust_domain: Domain,
    pub source_uri: Option<String>,
    pub source_branch: Option<String>,
    pub source_tag: Option<String>,
    pub source_versioned_tag: Option<String>,
    pub builder_id: Option<String>,
    pub allow_unreleased_builder: bool,
    pub build_workflow_input: Vec<(String, String)>,
    pub package_name: Option<String>,
    pub package_version: Option<String>,
    pub verifier_id: Option<String>,
    pub resource_uri: Option<String>,
    pub verified_level: Vec<String>,
    pub public_key_id: Option<String>,
    pub rebuild: Vec<PathBuf>,
    pub rebuilder: Vec<PathBuf>,
    /// How many rebuilders must agree.
    pub rebuilds: u8,
    pub min_level: Option<u8>,
}

/// How an artifact is named.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Artifact {
    /// A file, and nothing else.
    File(PathBuf),
    /// A file; else a digest; else an installed package.
    Named(String),
}

impl Artifact {
    /// The name as results show it.
    pub fn shown(&self) -> String {
        match self {
            Self::File(path) => path.to_string_lossy().into_owned(),
            Self::Named(name) => name.clone(),
        }
    }
}

impl ProvenanceQuery {
    /// The evidence beside an artifact, with nothing expected of it.
    pub fn of(artifact: Artifact) -> Self {
        Self {
            artifact,
            bundle: None,
            certificate_identity: None,
            certificate_identity_regexp: None,
            certificate_oidc_issuer: None,
            certificate_oidc_issuer_regexp: None,
            key: None,
            trusted_root: None,
            refresh_root: false,
            rekor: false,
            builders: None,
            builders_key: None,
            builders_revision: 0,
            trust_domain: Domain::PublicGood,
            source_uri: None,
            source_branch: None,
            source_tag: None,
            source_versioned_tag: None,
            builder_id: None,
            allow_unreleased_builder: false,
            build_workflow_input: Vec::new(),
            package_name: None,
            package_version: None,
            verifier_id: None,
            resource_uri: None,
            verified_level: Vec::new(),
            public_key_id: None,
            rebuild: Vec::new(),
            rebuilder: Vec::new(),
            rebuilds: 1,
            min_level: None,
        }
    }
}
