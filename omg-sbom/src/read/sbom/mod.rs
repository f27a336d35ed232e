//! Existing SBOMs, read for the packages that they name by package URL.

mod cyclonedx;
mod element;
mod origin;
mod pruned;
mod spdx;

use serde_json::Value;

use self::element::text;
use crate::model::{error::ParseError, inventory::Inventory, limits};

/// Reads a CycloneDX JSON document (1.4 to 1.7) or an SPDX JSON document (2.2 or 2.3).
///
/// A component is a package if it has a package URL, whose parts win over the other fields.
/// CycloneDX components are looked for at every depth. A component that should have a
/// package URL and has none, or none that can be read, is a problem; so is one without a
/// version ([`NotPinned`](crate::inventory::ProblemKind::NotPinned)). Files, operating systems,
/// containers and the like are passed over.
///
/// The qualifiers `arch`, `distro`, `epoch`, `repository_url` and `upstream` (source package, as
/// syft writes it) are understood; [`from_purl`](crate::inventory::Distribution::from_purl)
/// interprets `distro`. The source package of Debian's and Alpine's packages is also read from
/// trivy's properties. Where a document names none,
/// [`sourced`](crate::inventory::Package::sourced) says whether its writer leaves out what is the
/// package itself.
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
    ParseError::check_size("SBOM", bytes, limits::MAX_SBOM_BYTES)?;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let document = pruned::read(bytes).map_err(|e| ParseError::syntax("SBOM", e))?;
    let Value::Object(mut document) = document else {
        return Err(ParseError::syntax("SBOM", "not an object"));
    };
    // GitHub's interface hands out its SPDX document in an envelope.
    if let Some(Value::Object(inner)) = document.remove("sbom") {
        document = inner;
    }
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::{package::Package, problem::ProblemKind};

    fn cyclonedx(components: Value) -> Inventory {
        let document =
            json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": components});
        parse(document.to_string().as_bytes()).unwrap()
    }

    fn spdx(packages: Value) -> Inventory {
        let document = json!({"spdxVersion": "SPDX-2.3", "packages": packages,
            "documentDescribes": ["SPDXRef-root"], "relationships": [
                {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES",
                 "relatedSpdxElement": "SPDXRef-other-root"},
                {"spdxElementId": "SPDXRef-a", "relationshipType": "DEPENDS_ON",
                 "relatedSpdxElement": "SPDXRef-plain"}]});
        parse(document.to_string().as_bytes()).unwrap()
    }

    fn listed(inventory: &Inventory) -> Vec<String> {
        let line = |p: &Package| format!("{} {} {}", p.kind, p.name, p.version);
        inventory.packages().iter().map(line).collect()
    }

    #[test]
    fn components_are_found_at_every_depth() {
        let inventory = cyclonedx(json!([
            {"type": "operating-system", "name": "debian", "version": "12"},
            {"type": "application", "name": "Cargo.lock", "components": [
                {"type": "library", "name": "x", "purl": "pkg:cargo/rand@0.8.5",
                 "description": "random", "licenses": [
                    {"license": {"id": "MIT"}}, {"license": {"name": "own"}},
                    {"expression": "MIT OR Apache-2.0"}],
                 "hashes": [{"alg": "SHA-1", "content": "00"}, {"alg": "SHA-256", "content":
                    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}],
                 "components": [{"type": "library", "purl": "pkg:npm/%40x/y", "version": "1"}]}]},
            {"type": "library", "purl": "pkg:pypi/Zope.Interface@5"},
            {"type": "library", "purl":
                "pkg:deb/debian/libc6@2.36-9+deb12u8?arch=amd64&distro=debian-12&upstream=glibc%402.36-9"},
            {"type": "library", "purl": "pkg:golang/example.org/a/b@v1.0.0"}
        ]));
        assert!(inventory.is_complete(), "{:?}", inventory.problems());
        assert_eq!(
            listed(&inventory),
            [
                "deb libc6 2.36-9+deb12u8",
                "cargo rand 0.8.5",
                "npm @x/y 1",
                "pypi zope-interface 5",
                "golang b v1.0.0",
            ]
        );
        let packages = inventory.packages();
        assert_eq!(
            (packages[0].source_name(), packages[0].source_version()),
            ("glibc", "2.36-9")
        );
        assert_eq!(packages[1].licences, ["MIT", "own", "MIT OR Apache-2.0"]);
        assert!(packages[1].archive_sha256.is_some());
        assert_eq!(
            packages[4].purl(None).unwrap(),
            "pkg:golang/example.org/a/b@v1.0.0"
        );
    }

    #[test]
    fn components_that_name_no_package_are_problems() {
        let long = format!("pkg:cargo/a@1?x={}", "y".repeat(limits::MAX_VALUE_BYTES));
        for (component, kind) in [
            (
                json!({"type": "library", "name": "a", "version": "1"}),
                ProblemKind::Malformed,
            ),
            (
                json!({"type": "framework", "name": "a"}),
                ProblemKind::Malformed,
            ),
            (
                json!({"type": "application", "name": "a", "version": "1"}),
                ProblemKind::Malformed,
            ),
            (
                json!({"type": "library", "purl": "cargo/a@1"}),
                ProblemKind::Malformed,
            ),
            (
                json!({"type": "library", "purl": "pkg:cargo/a"}),
                ProblemKind::NotPinned,
            ),
            (
                json!({"type": "library", "purl": "pkg:cargo/a", "version": ""}),
                ProblemKind::NotPinned,
            ),
            (
                json!({"type": "library", "purl": long}),
                ProblemKind::LimitExceeded,
            ),
            (json!("a"), ProblemKind::Malformed),
        ] {
            let inventory = cyclonedx(json!([component]));
            assert!(inventory.packages().is_empty(), "{component}");
            assert_eq!(inventory.problems().len(), 1, "{component}");
            assert_eq!(inventory.problems()[0].kind, kind, "{component}");
        }
        assert!(!cyclonedx(json!({})).is_complete());
    }

    #[test]
    fn spdx_packages_are_found_by_their_references() {
        let purl = |purl: &str| {
            json!([{"referenceType": "cpe23Type", "referenceLocator": "cpe:2.3:a"},
                   {"referenceType": "purl", "referenceLocator": purl}])
        };
        let inventory = spdx(json!([
            {"SPDXID": "SPDXRef-root", "name": "image"},
            {"SPDXID": "SPDXRef-other-root", "name": "image"},
            {"SPDXID": "SPDXRef-os", "name": "debian", "primaryPackagePurpose": "OPERATING-SYSTEM"},
            {"SPDXID": "SPDXRef-a", "externalRefs": purl("pkg:apk/alpine/musl@1.2.5-r0?arch=x86"),
             "licenseDeclared": "NOASSERTION", "homepage": "https://example.org", "supplier": "NONE",
             "checksums": [{"algorithm": "SHA256", "checksumValue":
                "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}]},
            {"SPDXID": "SPDXRef-b", "externalRefs": purl("pkg:npm/a"), "versionInfo": "1.0.0",
             "licenseDeclared": "MIT"},
            {"SPDXID": "SPDXRef-plain", "name": "plain"}, 1
        ]));
        assert_eq!(listed(&inventory), ["apk musl 1.2.5-r0", "npm a 1.0.0"]);
        let [musl, a] = inventory.packages() else {
            panic!("{inventory:?}")
        };
        assert!(musl.licences.is_empty() && musl.maintainer.is_none() && musl.url.is_some());
        assert!(musl.archive_sha256.is_some());
        assert_eq!(a.licences, ["MIT"]);
        let subjects: Vec<_> = inventory.problems().iter().map(|p| &*p.subject).collect();
        assert_eq!(subjects, ["package", "plain"]);
    }

    #[test]
    fn other_documents_are_refused() {
        let unsupported = [
            r#"{"bomFormat": "CycloneDX", "specVersion": "1.3"}"#,
            r#"{"bomFormat": "CycloneDX", "specVersion": "1.8"}"#,
            r#"{"bomFormat": "CycloneDX"}"#,
            r#"{"spdxVersion": "SPDX-3.0"}"#,
        ];
        for text in unsupported {
            let error = parse(text.as_bytes()).unwrap_err();
            assert!(
                matches!(error, ParseError::UnsupportedVersion { .. }),
                "{text}: {error}"
            );
        }
        assert!(matches!(
            parse(b"{}"),
            Err(ParseError::UnknownFormat { .. })
        ));
        for text in ["", "[]", "{", &format!("{}{}", "{\"a\":".repeat(200), "1")] {
            assert!(
                matches!(parse(text.as_bytes()), Err(ParseError::Syntax { .. })),
                "{text}"
            );
        }
        let large = vec![b' '; limits::MAX_SBOM_BYTES + 1];
        assert!(matches!(parse(&large), Err(ParseError::TooLarge { .. })));
        assert!(
            parse(b"\xef\xbb\xbf{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.4\"}").is_ok()
        );
    }

    /// Without a word on the source, Debian's `libssl3` is looked up in vain.
    #[test]
    fn a_source_that_is_not_named_is_the_package_itself_only_by_some_writers() {
        use crate::model::package::Sourced;
        let purl = "pkg:deb/debian/libssl3@3.0.11?arch=amd64&distro=debian-12";
        let document = |tools: Value, properties: Value| {
            let document = json!({"bomFormat": "CycloneDX", "specVersion": "1.6",
                "metadata": {"tools": tools}, "components": [{"type": "library", "purl": purl,
                "properties": properties}]});
            parse(document.to_string().as_bytes()).unwrap()
        };
        let sourced =
            |tools: Value, properties: Value| document(tools, properties).packages()[0].sourced;
        let syft = json!({"components": [{"type": "application", "name": "syft"}]});
        let both = json!({"components": [{"name": "syft"}, {"name": "merger"}]});
        assert_eq!(sourced(syft, json!([])), Sourced::Itself);
        assert_eq!(
            sourced(json!([{"name": "omg"}]), json!([])),
            Sourced::Itself
        );
        assert_eq!(sourced(both, json!([])), Sourced::Unknown);
        assert_eq!(sourced(json!([]), json!([])), Sourced::Unknown);
        assert_eq!(sourced(Value::Null, json!([])), Sourced::Unknown);
        let found_by = json!([{"name": "syft:package:foundBy", "value": "dpkg-db-cataloger"}]);
        assert_eq!(sourced(json!([]), found_by), Sourced::Itself);
        let trivy = json!([{"name": "aquasecurity:trivy:SrcName", "value": "openssl"},
            {"name": "aquasecurity:trivy:SrcVersion", "value": "3.0.11"},
            {"name": "aquasecurity:trivy:SrcRelease", "value": "1~deb12u2"},
            {"name": "aquasecurity:trivy:SrcEpoch", "value": "1"}]);
        let inventory = document(json!([]), trivy);
        let package = &inventory.packages()[0];
        let source = (package.source_name(), package.source_version());
        assert_eq!(source, ("openssl", "1:3.0.11-1~deb12u2"));
    }

    #[test]
    fn what_contradicts_itself_or_is_unseen_is_a_problem() {
        let whole = json!({"type": "library", "purl": "pkg:npm/a@1.0.0", "version": "1.0.0"});
        assert!(cyclonedx(json!([whole])).is_complete());
        let sound = [
            json!({"type": "library", "purl": "pkg:golang/example.org/a@v1.0.0", "version": "1.0.0"}),
            json!({"type": "library", "purl": "pkg:deb/debian/a@1-1?epoch=2", "version": "2:1-1"}),
            json!({"type": "operating-system", "name": "debian"}),
            json!({"type": "file", "name": "/bin/a"}),
            json!({"type": "application", "name": "Cargo.lock"}),
        ];
        for component in sound {
            assert!(cyclonedx(json!([component])).is_complete(), "{component}");
        }
        let odd = [
            json!({"type": "library", "purl": "pkg:npm/a@1.0.0", "version": "2.0.0"}),
            json!({"name": "a", "version": "1"}),
            json!({"type": "firmware", "name": "a", "version": "1"}),
            json!({"type": "application", "name": "a", "cpe": "cpe:2.3:a:a:a:1:*:*:*:*:*:*:*"}),
        ];
        for component in odd {
            assert!(!cyclonedx(json!([component])).is_complete(), "{component}");
        }
        let partial = json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [],
            "compositions": [{"aggregate": "incomplete"}]});
        assert!(!parse(partial.to_string().as_bytes()).unwrap().is_complete());
        let twice = r#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [],
            "components": []}"#;
        assert!(parse(twice.as_bytes()).is_err());
    }

    #[test]
    fn the_envelope_of_github_is_opened() {
        let purl = json!([{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
            "referenceLocator": "pkg:npm/a@1.0.0"}]);
        let document = json!({"sbom": {"spdxVersion": "SPDX-2.3", "packages": [
            {"SPDXID": "SPDXRef-a", "name": "a", "versionInfo": "1.0.0", "externalRefs": purl}]}});
        let inventory = parse(document.to_string().as_bytes()).unwrap();
        assert_eq!(inventory.packages().len(), 1);
        assert!(parse(br#"{"other": {}}"#).is_err());
    }
}
