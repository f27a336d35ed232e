//! Existing SBOMs, read for the packages that they name by package URL.

mod cyclonedx;
mod spdx;

use std::str::FromStr as _;

use packageurl::PackageUrl;
use serde_json::{Map, Value};

use super::{
    Collector, Inventory, Package, PackageKind, Problem, ProblemKind, limits,
    lockfile::normalise_python_name, shorten,
};
use crate::ParseError;

/// Reads a CycloneDX JSON document (1.4 to 1.7) or an SPDX JSON document (2.2 or 2.3).
///
/// A component is a package if it has a package URL, whose parts win over the other fields.
/// CycloneDX components are looked for at every depth. A component that should have a
/// package URL and has none, or none that can be read, is a problem; so is one without a
/// version ([`ProblemKind::NotPinned`]). Files, operating systems, containers and the like
/// are passed over.
///
/// The qualifiers `arch`, `distro` and `upstream` (source package, as syft writes it) are
/// understood; [`Distribution::from_purl`](super::Distribution::from_purl) interprets `distro`.
///
/// # Errors
///
/// [`ParseError::UnknownFormat`], [`ParseError::UnsupportedVersion`], [`ParseError::Syntax`]
/// (JSON nested deeper than 128 levels among it), [`ParseError::TooLarge`] above
/// [`limits::MAX_SBOM_BYTES`], and [`ParseError::TooManyEntries`].
///
/// # Examples
///
/// ```
/// use omg_sbom::inventory::sbom;
///
/// let inventory = sbom::parse(
///     br#"{"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [
///         {"type": "library", "name": "curl",
///          "purl": "pkg:deb/debian/curl@7.88.1-10?arch=amd64&distro=debian-12"}]}"#,
/// )?;
/// let curl = &inventory.packages()[0];
/// assert_eq!((curl.name.as_str(), curl.version.as_str()), ("curl", "7.88.1-10"));
/// assert_eq!(curl.distro.as_deref(), Some("debian-12"));
/// # Ok::<(), omg_sbom::ParseError>(())
/// ```
pub fn parse(bytes: &[u8]) -> Result<Inventory, ParseError> {
    if bytes.len() > limits::MAX_SBOM_BYTES {
        let limit = limits::MAX_SBOM_BYTES;
        return Err(ParseError::TooLarge {
            format: "SBOM",
            limit,
        });
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let document: Map<String, Value> =
        serde_json::from_slice(bytes).map_err(|e| ParseError::syntax("SBOM", e))?;
    if text(&document, "bomFormat") == Some("CycloneDX") {
        cyclonedx::parse(&document)
    } else if let Some(version) = text(&document, "spdxVersion") {
        spdx::parse(&document, version)
    } else {
        Err(ParseError::UnknownFormat {
            name: "SBOM".to_owned(),
        })
    }
}

/// Adds the package that `purl` names; `version` is what the component says beside it.
fn add(
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

fn text<'a>(object: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    object.get(key).and_then(Value::as_str)
}

fn list<'a>(object: &'a Map<String, Value>, key: &str) -> &'a [Value] {
    object
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}
