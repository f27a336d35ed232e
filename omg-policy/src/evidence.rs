//! Evidence about one subject: each part of it names the bytes, or the package, that it is about.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::facts::{Checksum, Coverage, Facts, Finding, Inspection, Origin, Provenance, Signature};
use crate::inspect::ScriptFinding;
use crate::licence::Licences;

/// A SHA-256 digest (FIPS 180-4). As text and in JSON it is 64 lower-case hexadecimal digits; the
/// digits are read in either case.
///
/// ```
/// let sha256: omg_policy::Sha256 = "ab".repeat(32).parse()?;
/// assert_eq!(sha256.to_string(), "ab".repeat(32));
/// # Ok::<(), omg_policy::EvidenceError>(())
/// ```
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Sha256([u8; 32]);

impl Sha256 {
    /// The digest of these 32 bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl FromStr for Sha256 {
    type Err = EvidenceError;

    /// # Errors
    ///
    /// [`EvidenceError::Digest`] for text that is not 64 hexadecimal digits.
    fn from_str(text: &str) -> Result<Self, EvidenceError> {
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return Err(EvidenceError::Digest);
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let digit = |at: usize| char::from(pair[at]).to_digit(16);
            let (high, low) = digit(0).zip(digit(1)).ok_or(EvidenceError::Digest)?;
            *byte = u8::try_from(high * 16 + low).map_err(|_| EvidenceError::Digest)?;
        }
        Ok(Self(bytes))
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sha256({self})")
    }
}

impl Serialize for Sha256 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Sha256 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The one thing that evidence is about: a package's identity and, where there are bytes, their
/// digest. Two subjects are the same if every part is.
#[derive(Clone, Debug, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Subject {
    /// The package's name.
    pub name: String,
    /// Its version, as its packaging system writes it.
    pub version: String,
    /// The canonical package URL (ECMA-427), where the reader of the package knows all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purl: Option<String>,
    /// The architecture, as the packaging system spells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub architecture: Option<String>,
    /// The source: Arch's package base, Debian's source package.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pkgbase: Option<String>,
    /// The version of the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pkgbase_version: Option<String>,
    /// The digest of the package file; absent for a package without bytes at hand, such as an
    /// installed one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Sha256>,
}

impl Subject {
    /// A package of which the name and the version are known.
    pub fn new(name: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            version: version.into(),
            purl: None,
            architecture: None,
            pkgbase: None,
            pkgbase_version: None,
            sha256: None,
        }
    }

    /// Whether both are the same package, of whatever bytes.
    pub fn is_same_package(&self, other: &Self) -> bool {
        let identity = |subject: &Self| Self {
            sha256: None,
            ..subject.clone()
        };
        identity(self) == identity(other)
    }
}

/// The outcome of a check, with the digest of the bytes that the check read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[must_use]
pub struct Checked<T> {
    sha256: Sha256,
    outcome: T,
}

impl<T> Checked<T> {
    /// The outcome of a check of the bytes with this digest. The digest comes from the check itself:
    /// a digest that was computed anew, or stated, says nothing about what the check read.
    pub fn new(sha256: Sha256, outcome: T) -> Self {
        Self { sha256, outcome }
    }

    /// The digest of the bytes that were checked.
    pub fn sha256(&self) -> Sha256 {
        self.sha256
    }
}

/// The package manager's own record of what it checked when it installed a package.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Recorded {
    /// It checked the signature; by whom the signature was is not recorded.
    Signed,
    /// It installed the package without a signature.
    Unsigned,
}

/// Evidence about one subject, for [`Policy::decide`](crate::Policy::decide).
///
/// What a check of bytes found is added with the digest that the check read, and evidence about
/// other bytes is an error: a verdict about one file is never used for another. A subject without
/// a digest takes no such evidence. Facts that nobody checked are for
/// [`Evidence::simulated`], whose decision is about no package.
///
/// ```
/// use omg_policy::{Checked, Evidence, EvidenceError, Sha256, Signature, Subject};
///
/// let (package, other) = (Sha256::new([1; 32]), Sha256::new([2; 32]));
/// let mut subject = Subject::new("foo", "1.0-1");
/// subject.sha256 = Some(package);
/// let mut evidence = Evidence::about(subject);
///
/// let good_elsewhere = Checked::new(other, Signature::Trusted);
/// let refused = evidence.add_signature(good_elsewhere);
/// assert_eq!(refused, Err(EvidenceError::OtherBytes { subject: package, checked: other }));
/// evidence.add_signature(Checked::new(package, Signature::Trusted))?;
/// assert_eq!(evidence.facts().signature, Signature::Trusted);
/// # Ok::<(), EvidenceError>(())
/// ```
///
/// Facts alone are not evidence:
///
/// ```compile_fail
/// use omg_policy::{Facts, Policy, Signature};
///
/// let mut facts = Facts::new("foo", "1.0-1");
/// facts.signature = Signature::Trusted;
/// let now = chrono::DateTime::UNIX_EPOCH;
/// let _ = Policy::default().decide(&facts, now, &|a, b| a.cmp(b));
/// ```
///
/// Neither can the facts of evidence be changed past the checks:
///
/// ```compile_fail
/// use omg_policy::{Evidence, Signature, Subject};
///
/// let mut evidence = Evidence::about(Subject::new("foo", "1.0-1"));
/// evidence.facts().signature = Signature::Trusted;
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    subject: Arc<Subject>,
    is_simulated: bool,
    facts: Facts,
}

impl Evidence {
    /// Evidence that says what it is about, and nothing else.
    pub fn about(subject: Subject) -> Self {
        let facts = Facts {
            purl: subject.purl.clone(),
            architecture: subject.architecture.clone(),
            pkgbase: subject.pkgbase.clone(),
            pkgbase_version: subject.pkgbase_version.clone(),
            sha256: subject.sha256,
            ..Facts::new(subject.name.clone(), subject.version.clone())
        };
        Self {
            subject: Arc::new(subject),
            is_simulated: false,
            facts,
        }
    }

    /// Facts that nobody checked, to try a policy out; the decision
    /// [says so](crate::Decision::is_simulated). The subject has no digest, and an empty name or
    /// version where the facts have none.
    pub fn simulated(facts: Facts) -> Self {
        let text = |fact: &Option<String>| fact.clone().unwrap_or_default();
        let subject = Subject {
            purl: facts.purl.clone(),
            architecture: facts.architecture.clone(),
            pkgbase: facts.pkgbase.clone(),
            pkgbase_version: facts.pkgbase_version.clone(),
            ..Subject::new(text(&facts.name), text(&facts.version))
        };
        Self {
            subject: Arc::new(subject),
            is_simulated: true,
            facts,
        }
    }

    /// The package that this is about.
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// Whether these are facts that nobody checked.
    pub fn is_simulated(&self) -> bool {
        self.is_simulated
    }

    pub(crate) fn shared_subject(&self) -> Arc<Subject> {
        Arc::clone(&self.subject)
    }

    /// All that is known.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Says what else the package goes by, `name` or `name=version`.
    pub fn set_provides(&mut self, provides: Vec<String>) {
        self.facts.provides = Some(provides);
    }

    /// Says where the package comes from.
    pub fn set_origin(&mut self, origin: Origin) {
        self.facts.origin = origin;
    }

    /// Says what the licences are.
    pub fn set_licences(&mut self, licences: Licences) {
        self.facts.licences = licences;
    }

    /// Says when the package was built or released.
    pub fn set_released(&mut self, released: DateTime<Utc>) {
        self.facts.released = Some(released);
    }

    /// Says whether the package fixes a known vulnerability of the version that is installed.
    pub fn set_security_fix(&mut self, fixes: bool) {
        self.facts.security_fix = Some(fixes);
    }

    /// Adds the outcome of a scan for known vulnerabilities of `package`.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::OtherPackage`] if the scan was about another package,
    /// [`EvidenceError::Twice`] after another scan.
    pub fn add_scan(
        &mut self,
        package: &Subject,
        coverage: Coverage,
        findings: Vec<Finding>,
    ) -> Result<(), EvidenceError> {
        let own = &self.subject;
        if !own.is_same_package(package) {
            return Err(EvidenceError::OtherPackage {
                subject: format!("{} {}", own.name, own.version),
                scanned: format!("{} {}", package.name, package.version),
            });
        }
        once(self.facts.coverage == Coverage::NotScanned && self.facts.findings.is_empty())?;
        self.facts.coverage = coverage;
        self.facts.findings = findings;
        Ok(())
    }

    /// Adds the package manager's record of an installed package.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::HasBytes`] for a subject with a digest: a record of an earlier
    /// installation says nothing about these bytes.
    pub fn add_record(&mut self, recorded: Recorded) -> Result<(), EvidenceError> {
        if self.subject.sha256.is_some() {
            return Err(EvidenceError::HasBytes);
        }
        once(self.facts.signature == Signature::Unknown)?;
        self.facts.signature = match recorded {
            Recorded::Signed => Signature::Recorded,
            Recorded::Unsigned => Signature::Missing,
        };
        Ok(())
    }

    /// Adds what became of the signature.
    ///
    /// # Errors
    ///
    /// As all evidence about bytes: [`EvidenceError::NoDigest`] if the subject has no digest,
    /// [`EvidenceError::OtherBytes`] if the check read other bytes, [`EvidenceError::Twice`] if
    /// such evidence was added before.
    pub fn add_signature(&mut self, signature: Checked<Signature>) -> Result<(), EvidenceError> {
        let signature = self.of_these_bytes(signature)?;
        once(self.facts.signature == Signature::Unknown)?;
        self.facts.signature = signature;
        Ok(())
    }

    /// Adds what became of the provenance.
    ///
    /// # Errors
    ///
    /// As [`Evidence::add_signature`].
    pub fn add_provenance(&mut self, provenance: Checked<Provenance>) -> Result<(), EvidenceError> {
        let provenance = self.of_these_bytes(provenance)?;
        once(self.facts.provenance == Provenance::Unknown)?;
        self.facts.provenance = provenance;
        Ok(())
    }

    /// Adds how many independent parties rebuilt the package bit by bit.
    ///
    /// # Errors
    ///
    /// As [`Evidence::add_signature`].
    pub fn add_rebuilds(&mut self, rebuilds: Checked<u32>) -> Result<(), EvidenceError> {
        let rebuilds = self.of_these_bytes(rebuilds)?;
        once(self.facts.rebuilds.is_none())?;
        self.facts.rebuilds = Some(rebuilds);
        Ok(())
    }

    /// Adds what became of the checksum.
    ///
    /// # Errors
    ///
    /// As [`Evidence::add_signature`].
    pub fn add_checksum(&mut self, checksum: Checked<Checksum>) -> Result<(), EvidenceError> {
        let checksum = self.of_these_bytes(checksum)?;
        once(self.facts.checksum == Checksum::Unknown)?;
        self.facts.checksum = checksum;
        Ok(())
    }

    /// Adds what was found in install scripts and recipes.
    ///
    /// # Errors
    ///
    /// As [`Evidence::add_signature`].
    pub fn add_inspection(
        &mut self,
        findings: Checked<Vec<ScriptFinding>>,
    ) -> Result<(), EvidenceError> {
        let findings = self.of_these_bytes(findings)?;
        once(self.facts.inspection == Inspection::Unknown)?;
        self.facts.inspection = Inspection::Done(findings);
        Ok(())
    }

    fn of_these_bytes<T>(&self, checked: Checked<T>) -> Result<T, EvidenceError> {
        let subject = self.subject.sha256.ok_or(EvidenceError::NoDigest)?;
        match checked.sha256 == subject {
            true => Ok(checked.outcome),
            false => Err(EvidenceError::OtherBytes {
                subject,
                checked: checked.sha256,
            }),
        }
    }
}

/// Refuses a second outcome: which of two counts is not for this crate to choose.
fn once(is_first: bool) -> Result<(), EvidenceError> {
    match is_first {
        true => Ok(()),
        false => Err(EvidenceError::Twice),
    }
}

/// Evidence that does not belong to the subject.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EvidenceError {
    /// The check read other bytes.
    #[error("evidence about other bytes: {checked} was checked, and the package is {subject}")]
    OtherBytes {
        /// The digest of the subject.
        subject: Sha256,
        /// The digest of what was checked.
        checked: Sha256,
    },
    /// The subject has no digest, or the evidence is simulated.
    #[error("evidence about bytes, for a subject without a digest")]
    NoDigest,
    /// The subject has a digest, and the evidence is about an installed package.
    #[error("a record about an installed package, for a package file")]
    HasBytes,
    /// The scan was about another package.
    #[error("a scan of {scanned}, for {subject}")]
    OtherPackage {
        /// The subject's name and version.
        subject: String,
        /// The name and version that were scanned.
        scanned: String,
    },
    /// The subject has evidence of this kind.
    #[error("a second outcome of the same check")]
    Twice,
    /// The text is not a SHA-256 digest.
    #[error("not a SHA-256 digest: 64 hexadecimal digits are needed")]
    Digest,
}
