//! The Open Cybersecurity Schema Framework, version 1.4.0 (schema.ocsf.io/1.4.0): Application
//! Lifecycle (class 6002) for packages, Vulnerability Finding (2002), Base Event (0) for others.

use super::{integer, object};
use crate::entry::Entry;
use crate::event::{EventKind, Outcome, Severity};
use crate::value::Value;

const VERSION: &str = "1.4.0";

/// `activity_id` of what the class has no number for; its name is then in `activity_name`.
const OTHER: u64 = 99;

/// The entry as an OCSF event. What OCSF has no attribute for is in `unmapped`, the line itself
/// in `raw_data`.
#[must_use]
pub fn ocsf(entry: &Entry) -> String {
    let mut fields = match activity(entry.kind()) {
        Some(activity) => lifecycle(entry, activity),
        None if *entry.kind() == EventKind::VulnerabilityDetected => finding(entry),
        None => class(0, 0, OTHER, entry),
    };
    let (severity_id, status_id) = (severity(entry.severity()), status(entry));
    let common = [
        ("actor", actor(entry)),
        ("device", device(entry)),
        ("metadata", metadata(entry)),
        ("raw_data", entry.line().into()),
        ("severity_id", integer(severity_id)),
        ("status_id", integer(status_id)),
        ("time", Value::Integer(entry.at().timestamp_millis())),
        ("unmapped", unmapped(entry)),
    ];
    fields.extend(common);
    let fields = fields
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value));
    Value::Object(fields.collect()).to_json()
}

type Fields = Vec<(&'static str, Value)>;

/// `activity_id` of class 6002.
fn activity(kind: &EventKind) -> Option<u64> {
    match kind {
        EventKind::PackageInstall => Some(1),
        EventKind::PackageRemove => Some(2),
        // "Update": a downgrade too is another version of the same application.
        EventKind::PackageUpgrade | EventKind::PackageDowngrade => Some(8),
        _ => None,
    }
}

fn class(class: u64, category: u64, activity: u64, entry: &Entry) -> Fields {
    vec![
        ("activity_id", integer(activity)),
        ("activity_name", entry.kind().as_str().into()),
        ("category_uid", integer(category)),
        ("class_uid", integer(class)),
        ("type_uid", integer(class * 100 + activity)),
    ]
}

fn lifecycle(entry: &Entry, activity: u64) -> Fields {
    let mut fields = class(6002, 6, activity, entry);
    let version = text(entry, "to")
        .or(text(entry, "version"))
        .unwrap_or_default();
    let app = object([
        ("name", text(entry, "package").unwrap_or("unknown").into()),
        ("version", version.into()),
    ]);
    fields.push(("app", app));
    fields
}

fn finding(entry: &Entry) -> Fields {
    // "Create": a finding is recorded when it is seen.
    let mut fields = class(2002, 2, 1, entry);
    let advisory = text(entry, "advisory").unwrap_or("unknown");
    let package = text(entry, "package").unwrap_or("unknown");
    let info = object([
        ("title", format!("{advisory} in {package}").into()),
        // The same finding has the same number in every run.
        ("uid", format!("{advisory}/{package}").into()),
    ]);
    let fixed = text(entry, "fixed_in");
    let mut affected = vec![
        ("name", package),
        ("version", text(entry, "version").unwrap_or_default()),
    ];
    affected.extend(fixed.map(|fixed| ("fixed_in_version", fixed)));
    affected.extend(text(entry, "purl").map(|purl| ("purl", purl)));
    let affected = affected
        .into_iter()
        .map(|(name, text)| (name.to_owned(), text.into()));
    let affected = Value::Object(affected.collect());
    let exploited = entry.event().subject.get("exploited");
    // The schema wants one of the two; not every advisory is a CVE.
    let identifier = if advisory.starts_with("CVE-") {
        "cve"
    } else {
        "advisory"
    };
    let vulnerability = object([
        (identifier, object([("uid", advisory.into())])),
        ("affected_packages", Value::List(vec![affected])),
        (
            "is_exploit_available",
            (exploited == Some(&Value::Bool(true))).into(),
        ),
        ("is_fix_available", fixed.is_some().into()),
        (
            "severity",
            text(entry, "rating").unwrap_or("unknown").into(),
        ),
        ("title", advisory.into()),
    ]);
    fields.push(("finding_info", info));
    fields.push(("vulnerabilities", Value::List(vec![vulnerability])));
    fields
}

fn text<'a>(entry: &'a Entry, name: &str) -> Option<&'a str> {
    entry.event().subject.get(name).and_then(Value::as_text)
}

/// `severity_id`: 1 informational, 2 low, 3 medium, 4 high, 5 critical.
fn severity(severity: Severity) -> u64 {
    match severity {
        Severity::Debug | Severity::Info => 1,
        Severity::Notice => 2,
        Severity::Warning => 3,
        Severity::Error => 4,
        Severity::Critical => 5,
    }
}

/// `status_id`: 1 success, 2 failure, 99 other.
fn status(entry: &Entry) -> u64 {
    match entry.event().outcome {
        Outcome::Success => 1,
        Outcome::Failure => 2,
        Outcome::Incomplete => OTHER,
    }
}

fn actor(entry: &Entry) -> Value {
    let actor = entry.actor();
    let uid = actor.uid.map(|uid| uid.to_string());
    let name = actor.name.clone().or_else(|| uid.clone());
    let mut user = vec![("name", name.unwrap_or_else(|| "unknown".to_owned()))];
    user.extend(uid.map(|uid| ("uid", uid)));
    let user = user
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.into()));
    object([("user", Value::Object(user.collect()))])
}

fn device(entry: &Entry) -> Value {
    // `type_id` 0: it is not known whether this is a server, a desktop, …
    object([
        ("hostname", entry.machine().host.as_str().into()),
        ("type_id", integer(0)),
    ])
}

fn metadata(entry: &Entry) -> Value {
    let product = object([("name", "omg".into()), ("vendor_name", "omg".into())]);
    object([
        ("product", product),
        ("sequence", integer(entry.seq())),
        // The entry's hash names it in the whole world.
        ("uid", entry.hash().to_string().into()),
        ("version", VERSION.into()),
    ])
}

fn unmapped(entry: &Entry) -> Value {
    object([
        ("boot", entry.machine().boot.as_str().into()),
        ("event", entry.kind().as_str().into()),
        ("prev", entry.prev().to_string().into()),
        ("subject", Value::Object(entry.event().subject.clone())),
    ])
}
