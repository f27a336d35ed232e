//! One element of a document, whatever its format.

use std::str::FromStr as _;

use packageurl::PackageUrl;
use serde_json::{Map, Value};

use crate::{
    model::{
        error::ParseError,
        limits,
        name::normalise_python_name,
        package::{Package, PackageKind},
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
    let Some(version) = url
        .version()
        .or(version)
        .filter(|version| !version.is_empty())
    else {
        let problem = Problem::new(shorten(purl), ProblemKind::NotPinned, "no version");
        return collector.problem(problem);
    };
    let mut package = package(&url, version);
    fill(&mut package);
    collector.package(package)
}

fn package(url: &PackageUrl<'_>, version: &str) -> Package {
    let kind = PackageKind::from_purl_type(url.ty());
    let name = match (&kind, url.namespace()) {
        (PackageKind::Npm, Some(scope)) => format!("{scope}/{}", url.name()),
        (PackageKind::Pypi, _) => normalise_python_name(url.name()),
        _ => url.name().to_owned(),
    };
    let namespace = url
        .namespace()
        .filter(|_| kind != PackageKind::Npm)
        .map(str::to_owned);
    let qualifier = |key| url.qualifiers().get(key).map(ToString::to_string);
    let mut package = Package::new(kind, name, version);
    package.namespace = namespace;
    package.architecture = qualifier("arch");
    package.distro = qualifier("distro");
    if let Some(upstream) = qualifier("upstream") {
        let (name, version) = match upstream.split_once('@') {
            Some((name, version)) => (name.to_owned(), Some(version.to_owned())),
            None => (upstream, None),
        };
        package.base = Some(name);
        package.base_version = version;
    }
    package
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
