//! `omg audit slsa`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use omg_slsa::Domain;

use crate::checks::provenance::query::{Artifact, ProvenanceQuery};

pub const EXAMPLES: &str = "Examples:
  omg audit slsa tool.tar.gz --bundle tool.sigstore.json     who signed it; exit 3
  omg audit slsa tool.tar.gz --certificate-identity NAME --certificate-oidc-issuer URL
  omg audit slsa tool --source-uri github.com/owner/tool --source-tag v1.2.3 --min-level 3
  omg audit slsa sha256:9f86d0… --bundle FILE --builder-id URI
  omg audit slsa FILE --rebuild a.link --rebuild b.link --rebuilder a.pub \
      --rebuilder b.pub --rebuilds 2          two who built it again got the same
Exit codes: 0 verified, 1 good evidence of something else than what is expected,
3 no artifact or no bundle, or nothing says who must have signed, 4 the trusted
root or the key cannot be used, 5 the evidence is broken.";

/// How, from what and by whom an artifact was built.
#[derive(Args, Clone, Debug)]
pub struct Slsa {
    /// A file, `sha256:<hex>`, or the name of an installed package
    pub artifact: String,
    /// Its evidence (default: beside it, ARTIFACT.sigstore.json and the like)
    #[arg(long, value_name = "FILE")]
    pub bundle: Option<PathBuf>,
    /// The name that the certificate must have
    #[arg(long, value_name = "NAME", help_heading = "Signer")]
    pub certificate_identity: Option<String>,
    /// The same as a regular expression, which must fit from end to end
    #[arg(long, value_name = "REGEX", help_heading = "Signer")]
    #[arg(conflicts_with = "certificate_identity")]
    pub certificate_identity_regexp: Option<String>,
    /// Who must have vouched for that name
    #[arg(long, value_name = "URL", help_heading = "Signer")]
    pub certificate_oidc_issuer: Option<String>,
    /// The same as a regular expression, which must fit from end to end
    #[arg(long, value_name = "REGEX", help_heading = "Signer")]
    #[arg(conflicts_with = "certificate_oidc_issuer")]
    pub certificate_oidc_issuer_regexp: Option<String>,
    /// A public key (PEM) that must have signed, in place of a certificate
    #[arg(long, value_name = "FILE", help_heading = "Signer")]
    #[arg(conflicts_with_all = ["certificate_identity", "certificate_identity_regexp",
        "certificate_oidc_issuer", "certificate_oidc_issuer_regexp"])]
    pub key: Option<PathBuf>,
    /// Authorities and logs to trust (default: those of the domain, as of this release)
    #[arg(long, value_name = "FILE", help_heading = "Trust")]
    pub trusted_root: Option<PathBuf>,
    /// First fetch the domain's authorities and logs anew, by The Update Framework
    #[arg(long, help_heading = "Trust", conflicts_with = "trusted_root")]
    pub refresh_root: bool,
    /// Look the digest up in the public log, which learns of it; without --bundle
    #[arg(long, help_heading = "Signer", conflicts_with = "bundle")]
    pub rekor: bool,
    /// A signed table of builders, beside the built-in one (a DSSE envelope or a bundle)
    #[arg(long, value_name = "FILE", help_heading = "Trust")]
    #[arg(requires = "builders_key")]
    pub builders: Option<PathBuf>,
    /// The public key (PEM) that must have signed that table
    #[arg(long, value_name = "FILE", help_heading = "Trust")]
    #[arg(requires = "builders")]
    pub builders_key: Option<PathBuf>,
    /// The lowest revision of that table that is accepted
    #[arg(long, value_name = "N", help_heading = "Trust", default_value_t = 0)]
    #[arg(hide_default_value = true)]
    pub builders_revision: u64,
    /// Whose rules hold: public-good or github
    #[arg(
        long,
        value_enum,
        default_value_t,
        value_name = "DOMAIN",
        help_heading = "Trust"
    )]
    #[arg(hide_possible_values = true)]
    pub trust_domain: SlsaDomain,
    /// The repository, such as github.com/owner/name
    #[arg(long, value_name = "URI", help_heading = "Build")]
    pub source_uri: Option<String>,
    /// The branch
    #[arg(long, value_name = "NAME", help_heading = "Build")]
    pub source_branch: Option<String>,
    /// The tag
    #[arg(long, value_name = "TAG", help_heading = "Build")]
    pub source_tag: Option<String>,
    /// A version that the tag must begin with: v1.2 for v1.2.3
    #[arg(long, value_name = "TAG", help_heading = "Build")]
    pub source_versioned_tag: Option<String>,
    /// The builder, by name or by name and version (URI@v1.2.3)
    #[arg(long, value_name = "URI", help_heading = "Build")]
    pub builder_id: Option<String>,
    /// Accept a known builder at a branch, not only at a release
    #[arg(long, help_heading = "Build")]
    pub allow_unreleased_builder: bool,
    /// What the build must have been given; repeatable
    #[arg(long, value_name = "K=V", help_heading = "Build", value_parser = input)]
    pub build_workflow_input: Vec<(String, String)>,
    /// npm: the package's name
    #[arg(long, value_name = "NAME", help_heading = "Build")]
    pub package_name: Option<String>,
    /// npm: the package's version
    #[arg(long, value_name = "VERSION", help_heading = "Build")]
    pub package_version: Option<String>,
    /// Verification summary: who must have verified (with --key and --public-key-id)
    #[arg(
        long,
        value_name = "URI",
        help_heading = "Summary",
        requires = "resource_uri"
    )]
    pub verifier_id: Option<String>,
    /// Verification summary: what must have been verified
    #[arg(
        long,
        value_name = "URI",
        help_heading = "Summary",
        requires = "verifier_id"
    )]
    pub resource_uri: Option<String>,
    /// Verification summary: a level that must be reached, SLSA_BUILD_LEVEL_2; repeatable
    #[arg(
        long,
        value_name = "LEVEL",
        help_heading = "Summary",
        requires = "verifier_id"
    )]
    pub verified_level: Vec<String>,
    /// Verification summary: the name that the envelope must give to the key
    #[arg(
        long,
        value_name = "NAME",
        help_heading = "Summary",
        requires = "verifier_id"
    )]
    pub public_key_id: Option<String>,
    /// An in-toto link of somebody who built it again; repeatable
    #[arg(
        long,
        value_name = "FILE",
        help_heading = "Rebuilds",
        requires = "rebuilder"
    )]
    pub rebuild: Vec<PathBuf>,
    /// The Ed25519 key (PEM) of a rebuilder who counts; repeatable
    #[arg(
        long,
        value_name = "FILE",
        help_heading = "Rebuilds",
        requires = "rebuild"
    )]
    pub rebuilder: Vec<PathBuf>,
    /// How many rebuilders must have got the same bytes
    #[arg(long, value_name = "N", help_heading = "Rebuilds", default_value_t = 1)]
    #[arg(value_parser = clap::value_parser!(u8).range(1..=32))]
    pub rebuilds: u8,
    /// The lowest SLSA Build level, 0 to 3
    #[arg(long, value_name = "N", help_heading = "Build")]
    #[arg(value_parser = clap::value_parser!(u8).range(0..=3))]
    pub min_level: Option<u8>,
}

/// Whose rules hold.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub enum SlsaDomain {
    #[default]
    PublicGood,
    Github,
}

impl Slsa {
    /// The question that the options put.
    pub fn query(&self) -> ProvenanceQuery {
        let options = self.clone();
        ProvenanceQuery {
            artifact: Artifact::Named(options.artifact),
            bundle: options.bundle,
            certificate_identity: options.certificate_identity,
            certificate_identity_regexp: options.certificate_identity_regexp,
            certificate_oidc_issuer: options.certificate_oidc_issuer,
            certificate_oidc_issuer_regexp: options.certificate_oidc_issuer_regexp,
            key: options.key,
            trusted_root: options.trusted_root,
            refresh_root: options.refresh_root,
            rekor: options.rekor,
            builders: options.builders,
            builders_key: options.builders_key,
            builders_revision: options.builders_revision,
            trust_domain: match options.trust_domain {
                SlsaDomain::PublicGood => Domain::PublicGood,
                SlsaDomain::Github => Domain::Github,
            },
            source_uri: options.source_uri,
            source_branch: options.source_branch,
            source_tag: options.source_tag,
            source_versioned_tag: options.source_versioned_tag,
            builder_id: options.builder_id,
            allow_unreleased_builder: options.allow_unreleased_builder,
            build_workflow_input: options.build_workflow_input,
            package_name: options.package_name,
            package_version: options.package_version,
            verifier_id: options.verifier_id,
            resource_uri: options.resource_uri,
            verified_level: options.verified_level,
            public_key_id: options.public_key_id,
            rebuild: options.rebuild,
            rebuilder: options.rebuilder,
            rebuilds: options.rebuilds,
            min_level: options.min_level,
        }
    }
}

fn input(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write NAME=VALUE".to_owned()),
    }
}
