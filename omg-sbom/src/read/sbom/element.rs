//! One element of a document, whatever its format.

use std::{borrow::Cow, str::FromStr as _};

use packageurl::PackageUrl;
use serde_json::{Map, Value};

use crate::{
    model::{
        error::ParseError,
        identity::Identity,
        limits,
        package::Package,
        problem::{Problem, ProblemKind, shorten},
    },
    read::collector::Collector,
};

/// Adds the package that `purl` names; `version` is what the component says beside it.
pub(super) fn add(
    purl: &str,
    version: Option<&str>,
    fill: impl FnOnce(&mut Package),
    collector: &mut Collector,
) -> Result<(), ParseError> {
    if purl.len() > limits::MAX_VALUE_BYTES {
        let detail = format!(
            "package URL is longer than {} bytes",
            limits::MAX_VALUE_BYTES
        );
        let problem = Problem::new(shorten(purl), ProblemKind::LimitExceeded, detail);
        return collector.problem(problem);
    }
    let url = match PackageUrl::from_str(purl) {
        Ok(url) => url,
        Err(error) => {
            return collector.malformed(shorten(purl), format!("package URL: {error}"));
        }
    };
    let beside = version.filter(|version| !version.is_empty());
    let Some(version) = url
        .version()
        .filter(|version| !version.is_empty())
        .or(beside)
    else {
        let problem = Problem::new(shorten(purl), ProblemKind::NotPinned, "no version");
        return collector.problem(problem);
    };
    if let Some(beside) = beside.filter(|beside| !is_same_version(beside, version)) {
        let detail = format!("the component is of version {}", shorten(beside));
        let problem = Problem::new(shorten(purl), ProblemKind::Inconsistent, detail);
        collector.problem(problem)?;
    }
    let epoch = url.qualifiers().get("epoch").map(AsRef::as_ref);
    let version = with_epoch(version, epoch);
    let mut package = Package::from(Identity::of_url(&url, &version));
    fill(&mut package);
    collector.package(package)
}

/// Whether two spellings are the same version: with or without an epoch or a `v`, as tools write one
/// of the two places.
fn is_same_version(a: &str, b: &str) -> bool {
    fn bare(text: &str) -> &str {
        let text = match text.split_once(':') {
            Some((epoch, rest)) if epoch.bytes().all(|byte| byte.is_ascii_digit()) => rest,
            _ => text,
        };
        text.strip_prefix('v').unwrap_or(text)
    }
    bare(a) == bare(b)
}

/// Trivy and others write the epoch of a distribution's version as a qualifier of its own.
fn with_epoch<'a>(version: &'a str, epoch: Option<&str>) -> Cow<'a, str> {
    match epoch {
        Some(epoch) if epoch != "0" && !epoch.is_empty() && !version.contains(':') => {
            Cow::Owned(format!("{epoch}:{version}"))
        }
        _ => Cow::Borrowed(version),
    }
}

pub(super) fn text<'a>(object: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    object.get(key).and_then(Value::as_str)
}

pub(super) fn list<'a>(object: &'a Map<String, Value>, key: &str) -> &'a [Value] {
    object
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}
