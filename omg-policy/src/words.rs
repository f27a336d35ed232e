//! Facts in words.

use chrono::{DateTime, Utc};

use crate::facts::{Anchor, Checksum, Coverage, Epss, Finding, Fix, Origin, Provenance, Signature};
use crate::period::show_moment;

pub(crate) fn show_finding(finding: &Finding) -> String {
    let kev = match finding.kev {
        Some(true) => ", known to be exploited",
        Some(false) => "",
        None => ", exploitation not looked up",
    };
    let epss = match finding.epss {
        Epss::Score(score) => format!(", EPSS {score}"),
        Epss::NotScored => String::new(),
        Epss::Unknown => ", EPSS not looked up".to_owned(),
    };
    let fix = match finding.fix {
        Fix::Available => "fix available",
        Fix::None => "no fix yet",
        Fix::Unknown => "fix unknown",
    };
    let severity = finding.severity.as_str();
    format!("{}, severity {severity}{kev}{epss}, {fix}", finding.id)
}

pub(crate) fn since(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let days = now.signed_duration_since(at).num_days();
    match days {
        ..0 => format!("on {}, which is in the future", show_moment(at)),
        0 => format!("on {}, less than a day ago", show_moment(at)),
        1 => format!("on {}, a day ago", show_moment(at)),
        _ => format!("on {}, {days} days ago", show_moment(at)),
    }
}

pub(crate) fn origin(origin: &Origin) -> String {
    match origin {
        Origin::Unknown => "where it comes from is unknown".to_owned(),
        Origin::Official { repository } => format!("from the repository {repository}"),
        Origin::ThirdParty { repository } => {
            format!("from the third-party repository {repository}")
        }
        Origin::Aur(_) => "built from a recipe of the AUR".to_owned(),
        Origin::LocalFile => "a local file".to_owned(),
    }
}

pub(crate) fn coverage(coverage: Coverage) -> String {
    match coverage {
        Coverage::NotScanned => "not checked for known vulnerabilities".to_owned(),
        Coverage::Stale => "checked with a stale database".to_owned(),
        Coverage::Fresh { as_of } => {
            format!("checked with a database of {}", show_moment(as_of))
        }
    }
}

pub(crate) fn signature(signature: Signature) -> String {
    match signature {
        Signature::Unknown => "signature not checked",
        Signature::Missing => "no signature",
        Signature::Invalid => "the signature is invalid",
        Signature::Untrusted => "signed by somebody who is not trusted",
        Signature::Recorded => {
            "a signature that was checked at installation; the signer is not recorded"
        }
        Signature::Trusted => "signed by somebody who is trusted",
    }
    .to_owned()
}

pub(crate) fn provenance(provenance: Provenance) -> String {
    match provenance {
        Provenance::Unknown => "provenance not checked".to_owned(),
        Provenance::Missing => "no provenance".to_owned(),
        Provenance::Invalid => "the provenance is invalid".to_owned(),
        Provenance::Verified { level } => format!("provenance of SLSA build level {level}"),
    }
}

pub(crate) fn checksum(checksum: Checksum) -> String {
    match checksum {
        Checksum::Unknown => "checksum not checked",
        Checksum::Missing => "no checksum",
        Checksum::Mismatch => "the checksum is another",
        Checksum::Match(Anchor::SelfAsserted) => "a checksum that only the package itself states",
        Checksum::Match(Anchor::UnsignedMetadata) => "a checksum of metadata that nobody signed",
        Checksum::Match(Anchor::SignedMetadata) => "a checksum of signed metadata",
    }
    .to_owned()
}
