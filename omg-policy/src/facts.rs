//! What is known about a package; each part of it may be unknown.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::evidence::Sha256;
use crate::inspect::ScriptFinding;
use crate::licence::Licences;

/// What is known about one package, as rules see it.
///
/// The default knows nothing, and nothing unknown is safe: a rule about a fact that is unknown
/// is violated. As JSON or TOML each field that is left out is unknown, and unknown keys are
/// refused. All times are UTC.
///
/// Anybody can write facts down, so that they decide nothing by themselves:
/// [`Evidence`](crate::Evidence) collects them from checks.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Facts {
    /// The package's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its version, as its packaging system writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Its canonical package URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purl: Option<String>,
    /// Its architecture, as its packaging system spells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub architecture: Option<String>,
    /// What it was built from: Arch's package base, Debian's source package.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pkgbase: Option<String>,
    /// The version of what it was built from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pkgbase_version: Option<String>,
    /// The SHA-256 digest of the package file, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Sha256>,
    /// What else it goes by, `name` or `name=version`. An empty list is known to be empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provides: Option<Vec<String>>,
    /// Where it comes from.
    pub origin: Origin,
    /// Known vulnerabilities that affect it. Whether they were looked for says `coverage`.
    pub findings: Vec<Finding>,
    /// Whether vulnerabilities were looked for, and with how old a database.
    pub coverage: Coverage,
    /// What became of its signature.
    pub signature: Signature,
    /// What became of its provenance.
    pub provenance: Provenance,
    /// How many independent parties rebuilt it bit by bit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rebuilds: Option<u32>,
    /// What became of its checksum.
    pub checksum: Checksum,
    /// Its licences.
    pub licences: Licences,
    /// What was found in its install scripts.
    pub inspection: Inspection,
    /// When it was built or released.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub released: Option<DateTime<Utc>>,
    /// Whether it fixes a known vulnerability of the version that is installed. Only `true`
    /// waives a waiting time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub security_fix: Option<bool>,
}

impl Facts {
    /// A package of which nothing but the name and the version is known.
    pub fn new(name: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            name: Some(name.into()),
            version: Some(version.into()),
            ..Self::default()
        }
    }
}

/// A known vulnerability that affects the package.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Finding {
    /// The advisory.
    pub id: String,
    /// Its other names, such as CVE numbers.
    pub aliases: Vec<String>,
    /// How bad it is.
    pub severity: Severity,
    /// Whether it is known to be exploited (CISA's KEV catalogue), if that was looked up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kev: Option<bool>,
    /// The probability of its exploitation within 30 days (EPSS).
    pub epss: Epss,
    /// Whether a version without it is available.
    pub fix: Fix,
}

impl Finding {
    /// A finding of which only the advisory is known.
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            ..Self::default()
        }
    }
}

/// How bad a vulnerability is. There is no order: unknown has no place on the scale, and counts
/// as reaching every threshold.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Severity {
    /// Not rated, or the rating is unknown.
    #[default]
    Unknown,
    /// Rated as harmless (a score of 0.0).
    None,
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High.
    High,
    /// Critical.
    Critical,
}

/// The probability that a vulnerability is exploited.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Epss {
    /// Not looked up. Reaches every threshold.
    #[default]
    Unknown,
    /// Looked up, and without a score. Reaches no threshold.
    NotScored,
    /// From 0 to 1. What is outside, and what is no number, counts as unknown.
    Score(f64),
}

/// Whether a version without the vulnerability is available.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Fix {
    /// Not known. Counts as available.
    #[default]
    Unknown,
    /// There is one.
    Available,
    /// There is none yet.
    None,
}

/// Whether vulnerabilities were looked for.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Coverage {
    /// They were not, or it failed.
    #[default]
    NotScanned,
    /// With a database that its reader calls stale.
    Stale,
    /// With a database of this moment. A policy may call it stale; one of the future is.
    Fresh {
        /// How new the database was.
        as_of: DateTime<Utc>,
    },
}

/// What became of a signature.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Signature {
    /// Not checked, or the signer's certificate is missing.
    #[default]
    Unknown,
    /// There is none.
    Missing,
    /// It is not one over these bytes, or made with a key or algorithm that no longer counts.
    Invalid,
    /// Valid, by somebody who is not trusted.
    Untrusted,
    /// The package manager recorded that it had checked the signature when it installed the
    /// package. By whom the signature is was not recorded.
    Recorded,
    /// Valid, by somebody who is trusted.
    Trusted,
}

/// What became of the provenance.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Provenance {
    /// Not checked.
    #[default]
    Unknown,
    /// There is none.
    Missing,
    /// It is forged, altered, or about something else.
    Invalid,
    /// It was verified.
    Verified {
        /// The SLSA build level that the verification established, 0 to 3.
        level: u8,
    },
}

/// What became of the checksum.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Checksum {
    /// Not checked.
    #[default]
    Unknown,
    /// There is none.
    Missing,
    /// The bytes are others.
    Mismatch,
    /// The bytes are those that this says.
    Match(Anchor),
}

/// Who says what the checksum is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Anchor {
    /// The package or its recipe itself: proves that nothing broke on the way, no more.
    SelfAsserted,
    /// Metadata of a repository without a signature that was checked.
    UnsignedMetadata,
    /// Metadata of a repository whose trusted signature was checked.
    SignedMetadata,
}

/// Where a package comes from.
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Origin {
    /// Not known.
    #[default]
    Unknown,
    /// A repository of the distribution.
    Official {
        /// Its name, such as `core`.
        repository: String,
    },
    /// Somebody else's repository.
    ThirdParty {
        /// Its name.
        repository: String,
    },
    /// A recipe that users share, such as those of the AUR.
    Aur(Aur),
    /// A file that was given.
    LocalFile,
}

/// What is known about a recipe that users share.
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Aur {
    /// Who maintains it, as far as it is known and anybody does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maintainer: Option<String>,
    /// When it was last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_change: Option<DateTime<Utc>>,
    /// Whether and when its maintainer changed: an adoption, or another account.
    pub maintainer_changed: MaintainerChanged,
    /// Whether its install script is new since the version that is installed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_install_script: Option<bool>,
}

/// Whether a maintainer changed.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MaintainerChanged {
    /// Not known. Never counts as long ago.
    #[default]
    Unknown,
    /// Not since the recipe exists.
    Never,
    /// Last at this moment.
    At(DateTime<Utc>),
}

/// What was found in install scripts and recipes.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Inspection {
    /// Nobody looked.
    #[default]
    Unknown,
    /// These; nothing, if the list is empty.
    Done(Vec<ScriptFinding>),
}
