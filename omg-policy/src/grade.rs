//! How much was proved about a package.

use serde::{Deserialize, Serialize};

/// How much was proved about a package, from nothing good to everything.
///
/// A grade is the minimum of caps, each of which looks at one kind of evidence and never falls
/// when that evidence gets better. So the whole never does either.
///
/// Closed by definition: four grades are the scale that policies are written against.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Grade {
    /// Something is wrong: a signature, checksum or provenance that is invalid, a finding that
    /// the policy rejects, or an install script that does what install scripts do not do.
    Risk,
    /// Nothing known is wrong, and too little is proved: no trusted signature and no checksum in
    /// signed metadata, not scanned, built from a user's recipe, or of unknown origin.
    Community,
    /// A trusted signature, or a checksum in signed metadata; scanned, perhaps a while ago.
    Verified,
    /// A trusted signature, *and* verified provenance of the level that the policy asks for or
    /// enough independent rebuilds; scanned lately and without any open finding.
    ///
    /// Few packages of today's distributions reach this: it takes provenance or rebuilds that
    /// are published and checked.
    Locked,
}

impl Grade {
    /// All grades, lowest first.
    pub const ALL: [Self; 4] = [Self::Risk, Self::Community, Self::Verified, Self::Locked];

    /// The name that policies use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Risk => "risk",
            Self::Community => "community",
            Self::Verified => "verified",
            Self::Locked => "locked",
        }
    }
}

impl std::fmt::Display for Grade {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
