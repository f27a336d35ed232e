//! The rules that a layer consists of.

use chrono::Duration;

use crate::decision::{Place, Verdict};
use crate::facts::{Epss, Finding, Fix, Severity};
use crate::grade::Grade;
use crate::licence::LicenceList;
use crate::matcher::Matcher;
use crate::period;

/// One rule: a condition, what happens when it is violated, and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) kind: Kind,
    pub(crate) action: Verdict,
    pub(crate) place: Place,
}

/// What a rule asks for. Each is violated by fewer packages the better the evidence is.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// Nothing is invalid. Holds in every policy, and has no exceptions.
    Integrity,
    /// The grade is at least this.
    MinimumGrade(Grade),
    /// Vulnerabilities were looked for.
    Scanned,
    /// And lately: within this time.
    Current(Option<Duration>),
    /// No finding is like this.
    Finding(Criterion),
    Signature(SignatureNeed),
    ProvenanceLevel(u8),
    Checksum(ChecksumNeed),
    /// Only these repositories.
    Repositories(Vec<String>),
    /// Nobody else's, but these.
    ThirdParties(Vec<String>),
    NoLocalFile,
    OriginKnown,
    NoAur,
    /// A recipe was not changed within this time.
    AurAge(Wait),
    /// Its maintainer neither.
    AurQuarantine(Wait),
    NoNewInstallScript,
    /// The package is at least this old.
    ReleaseAge(Wait),
    LicencesAllowed(LicenceList),
    LicencesDenied(LicenceList),
    /// A licence that is not known, for want of a record or of a meaning.
    LicencesResolved,
    LicencesKnown,
    LicencesUnambiguous {
        allow: Option<LicenceList>,
        deny: Option<LicenceList>,
    },
    Ban(Ban),
    ScriptsClean,
    ScriptsInspected,
}

/// Which evidence has to be there for a rule to be violated at all.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Class {
    Always,
    /// There are findings.
    Findings,
    /// There is something in its scripts.
    Scripts,
    /// It comes from there, or from an unknown place.
    Official,
    ThirdParty,
    LocalFile,
    Aur,
    /// A licence is not an expression, or there is none.
    OddLicences,
}

impl Class {
    pub(crate) const COUNT: usize = 8;
}

impl Kind {
    pub(crate) const fn class(&self) -> Class {
        match self {
            Self::Finding(_) => Class::Findings,
            Self::ScriptsClean => Class::Scripts,
            Self::Repositories(_) => Class::Official,
            Self::ThirdParties(_) => Class::ThirdParty,
            Self::NoLocalFile => Class::LocalFile,
            Self::NoAur | Self::AurAge(_) | Self::AurQuarantine(_) | Self::NoNewInstallScript => {
                Class::Aur
            }
            Self::LicencesResolved | Self::LicencesKnown | Self::LicencesUnambiguous { .. } => {
                Class::OddLicences
            }
            _ => Class::Always,
        }
    }
}

/// A time that has to pass.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Wait {
    pub(crate) time: Duration,
    /// Whether a fix of a known vulnerability need not wait.
    pub(crate) waived: bool,
}

/// How good a signature has to be.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum SignatureNeed {
    Any,
    Trusted,
}

/// How good a checksum has to be.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum ChecksumNeed {
    Match,
    Signed,
}

/// A package that is not wanted.
#[derive(Clone, Debug)]
pub(crate) struct Ban {
    pub(crate) matcher: Matcher,
    pub(crate) reason: Option<String>,
    pub(crate) instead: Option<String>,
}

/// Which findings a rule is about: those that fulfil every condition.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Criterion {
    pub(crate) severity: Option<Severity>,
    pub(crate) kev: bool,
    pub(crate) epss: Option<f64>,
    pub(crate) fix: bool,
}

impl Criterion {
    /// What is unknown fulfils a condition.
    pub(crate) fn matches(&self, finding: &Finding) -> bool {
        self.severity
            .is_none_or(|least| reaches(finding.severity, least))
            && (!self.kev || finding.kev != Some(false))
            && self.epss.is_none_or(|least| scores(finding.epss, least))
            && (!self.fix || finding.fix != Fix::None)
    }
}

fn reaches(severity: Severity, least: Severity) -> bool {
    severity == Severity::Unknown || rank(severity) >= rank(least)
}

const fn rank(severity: Severity) -> u8 {
    match severity {
        Severity::None => 0,
        Severity::Low => 1,
        Severity::Medium => 2,
        Severity::High => 3,
        Severity::Critical | Severity::Unknown => 4,
    }
}

fn scores(epss: Epss, least: f64) -> bool {
    match epss {
        Epss::Unknown => true,
        Epss::NotScored => false,
        Epss::Score(score) => !(0.0..=1.0).contains(&score) || score >= least,
    }
}

impl Rule {
    /// The rule's name; an exception names it or its beginning.
    pub(crate) fn id(&self) -> &'static str {
        match &self.kind {
            Kind::Integrity => "integrity",
            Kind::MinimumGrade(_) => "grade.minimum",
            Kind::Scanned => "grade.unscanned",
            Kind::Current(_) => "grade.stale",
            Kind::Finding(_) if self.action == Verdict::Warn => "vulnerabilities.warn",
            Kind::Finding(_) => "vulnerabilities.reject",
            Kind::Signature(_) => "signature.require",
            Kind::ProvenanceLevel(_) => "provenance.require",
            Kind::Checksum(_) => "checksum.require",
            Kind::Repositories(_) => "origin.allow",
            Kind::ThirdParties(_) => "origin.third_party",
            Kind::NoLocalFile => "origin.local_file",
            Kind::OriginKnown => "origin.unknown",
            Kind::NoAur => "origin.aur.allow",
            Kind::AurAge(_) => "origin.aur.min_commit_age",
            Kind::AurQuarantine(_) => "origin.aur.adoption_quarantine",
            Kind::NoNewInstallScript => "origin.aur.forbid_new_install_scripts",
            Kind::ReleaseAge(_) => "release.min_age",
            Kind::LicencesAllowed(_) => "licenses.allow",
            Kind::LicencesDenied(_) => "licenses.deny",
            Kind::LicencesResolved => "licenses.unresolved",
            Kind::LicencesKnown => "licenses.unknown",
            Kind::LicencesUnambiguous { .. } => "licenses.ambiguous",
            Kind::Ban(_) => "ban",
            Kind::ScriptsClean => "scripts.suspicious",
            Kind::ScriptsInspected => "scripts.not_inspected",
        }
    }

    /// The rule as one line of text, the same for rules that mean the same.
    pub(crate) fn text(&self) -> String {
        let asks = match &self.kind {
            Kind::MinimumGrade(grade) => format!(" = {grade}"),
            Kind::Finding(criterion) => format!(" = {criterion}"),
            Kind::Signature(SignatureNeed::Any) => " = any".to_owned(),
            Kind::Signature(SignatureNeed::Trusted) => " = trusted".to_owned(),
            Kind::Checksum(ChecksumNeed::Match) => " = match".to_owned(),
            Kind::Checksum(ChecksumNeed::Signed) => " = signed".to_owned(),
            Kind::Current(Some(limit)) => format!(" after {}", period::show(*limit)),
            Kind::ProvenanceLevel(level) => format!(" = slsa{level}"),
            Kind::Repositories(names) | Kind::ThirdParties(names) => format!(" = {names:?}"),
            Kind::AurAge(wait) | Kind::AurQuarantine(wait) | Kind::ReleaseAge(wait) => {
                let waived = if wait.waived {
                    ", waived for security fixes"
                } else {
                    ""
                };
                format!(" = {}{waived}", period::show(wait.time))
            }
            Kind::LicencesAllowed(list) | Kind::LicencesDenied(list) => {
                format!(" = {:?}", list.names())
            }
            Kind::Ban(ban) => {
                let by = match ban.matcher.by {
                    crate::matcher::By::Name => "name ",
                    _ => "",
                };
                let reason = ban.reason.as_deref().unwrap_or_default();
                format!(" {by}{} ({reason:?})", ban.matcher)
            }
            _ => String::new(),
        };
        format!("{}{asks}: {}", self.id(), self.action)
    }
}

impl std::fmt::Display for Criterion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut parts = Vec::new();
        if let Some(severity) = self.severity {
            parts.push(format!("severity {} or worse", severity.as_str()));
        }
        if self.kev {
            parts.push("known to be exploited".to_owned());
        }
        if let Some(least) = self.epss {
            parts.push(format!("EPSS {least} or more"));
        }
        if self.fix {
            parts.push("fix available".to_owned());
        }
        if parts.is_empty() {
            parts.push("any".to_owned());
        }
        f.write_str(&parts.join(", "))
    }
}

impl Severity {
    /// The name that policies use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::None => "none",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// The names of rules that an exception may give, whole or as the part before a dot.
pub(crate) const EXCEPTABLE: [&str; 25] = [
    "grade.minimum",
    "grade.unscanned",
    "grade.stale",
    "vulnerabilities.reject",
    "vulnerabilities.warn",
    "signature.require",
    "provenance.require",
    "checksum.require",
    "origin.allow",
    "origin.third_party",
    "origin.local_file",
    "origin.unknown",
    "origin.aur.allow",
    "origin.aur.min_commit_age",
    "origin.aur.adoption_quarantine",
    "origin.aur.forbid_new_install_scripts",
    "release.min_age",
    "licenses.allow",
    "licenses.deny",
    "licenses.unresolved",
    "licenses.unknown",
    "licenses.ambiguous",
    "ban",
    "scripts.suspicious",
    "scripts.not_inspected",
];

/// Whether a name that an exception gives means this rule.
pub(crate) fn names_rule(name: &str, id: &str) -> bool {
    id.strip_prefix(name)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
