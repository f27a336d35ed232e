//! What OSV knows, so that nothing else is asked.
//!
//! OSV refuses a whole batch for one unknown ecosystem, and answers a package URL of an
//! unknown type with an empty result that looks like "no vulnerabilities".

/// `ecosystems.json` of the OSV schema (ossf/osv-schema, 2026-07-01).
const ECOSYSTEMS: [&str; 48] = [
    "AlmaLinux",
    "Alpaquita",
    "Alpine",
    "Android",
    "Azure Linux",
    "BellSoft Hardened Containers",
    "Bioconductor",
    "Bitnami",
    "CRAN",
    "Chainguard",
    "CleanStart",
    "ConanCenter",
    "Debian",
    "Docker Hardened Images",
    "Echo",
    "FreeBSD",
    "GHC",
    "GitHub Actions",
    "Go",
    "Hackage",
    "Hex",
    "Julia",
    "Kubernetes",
    "Linux",
    "Mageia",
    "Maven",
    "MinimOS",
    "NuGet",
    "OSS-Fuzz",
    "Packagist",
    "Photon OS",
    "Pub",
    "PyPI",
    "Red Hat",
    "Rocky Linux",
    "Root",
    "RubyGems",
    "SUSE",
    "SwiftURL",
    "TuxCare",
    "Ubuntu",
    "VSCode",
    "Wolfi",
    "crates.io",
    "npm",
    "opam",
    "openEuler",
    "openSUSE",
];

/// The ecosystem that only the API knows: source repositories.
const GIT: &str = "GIT";

/// Types of package URLs that the API maps to an ecosystem, whatever the namespace
/// (google/osv.dev, `go/purl`).
const PURL_TYPES: [&str; 19] = [
    "bitnami", "cargo", "composer", "conan", "cran", "dhi", "gem", "generic", "golang", "hackage",
    "hex", "julia", "maven", "npm", "nuget", "opam", "pub", "pypi", "swift",
];

/// Types whose namespace is the distribution, with those that the API maps.
const PURL_DISTRIBUTIONS: [(&str, &[&str]); 3] = [
    (
        "apk",
        &[
            "alpaquita",
            "alpine",
            "bellsoft-hardened-containers",
            "chainguard",
            "dhi",
            "minimos",
            "wolfi",
        ],
    ),
    ("deb", &["debian", "dhi", "echo", "ubuntu"]),
    (
        "rpm",
        &[
            "almalinux",
            "azure-linux",
            "mageia",
            "openeuler",
            "opensuse",
            "redhat",
            "rocky-linux",
            "suse",
        ],
    ),
];

/// The ecosystem without its release (`Debian:12` is part of `Debian`), if OSV publishes
/// data for it.
pub(super) fn published(ecosystem: &str) -> Option<&'static str> {
    let name = ecosystem
        .split_once(':')
        .map_or(ecosystem, |(name, _release)| name);
    ECOSYSTEMS.into_iter().find(|known| *known == name)
}

/// Whether the API accepts a query for an ecosystem.
pub(super) fn is_known(ecosystem: &str) -> bool {
    ecosystem == GIT || published(ecosystem).is_some()
}

/// Whether the API maps a package URL to an ecosystem.
pub(super) fn is_known_purl(purl: &str) -> bool {
    let Some((scheme, rest)) = purl.split_once(':') else {
        return false;
    };
    let mut parts = rest.trim_start_matches('/').split('/');
    let (kind, namespace) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    let kind = kind.to_ascii_lowercase();
    let namespace = namespace.to_ascii_lowercase();
    let distribution = |(known, namespaces): (&str, &[&str])| {
        known == kind && namespaces.contains(&namespace.as_str())
    };
    scheme.eq_ignore_ascii_case("pkg")
        && !namespace.is_empty()
        && (PURL_TYPES.contains(&kind.as_str()) || PURL_DISTRIBUTIONS.into_iter().any(distribution))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ecosystems_may_have_a_release_but_must_be_on_the_list() {
        for known in [
            "Debian",
            "Debian:12",
            "Alpine:v3.18",
            "crates.io",
            "GIT",
            "Red Hat:x:y",
        ] {
            assert!(is_known(known), "{known}");
        }
        for unknown in ["Arch Linux", "arch", "debian", "", ":12", "GIT:x", "npm "] {
            assert!(!is_known(unknown), "{unknown}");
        }
        assert_eq!(published("Debian:12"), Some("Debian"));
        assert_eq!(published("GIT"), None);
    }

    #[test]
    fn package_urls_must_be_of_a_type_that_the_api_maps() {
        for known in [
            "pkg:pypi/jinja2@3.1.4",
            "PKG:Cargo/x",
            "pkg:deb/debian/x",
            "pkg://npm/%40a/b",
        ] {
            assert!(is_known_purl(known), "{known}");
        }
        for unknown in [
            "pkg:alpm/arch/x@1-1",
            "pkg:deb/raspbian/x",
            "pkg:pypi",
            "pypi/x",
            "",
            "pkg:",
        ] {
            assert!(!is_known_purl(unknown), "{unknown}");
        }
    }
}
