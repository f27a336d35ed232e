//! The name of a package as advisories of its ecosystem spell it: package URLs split it into a
//! namespace and a name, and each ecosystem joins them in its own way (OSV schema, "Defined
//! ecosystems"; PURL types).

use omg_sbom::inventory::PackageKind;

/// The name under which advisories speak of a package; the reason if there can be no such name.
pub fn of(kind: &PackageKind, namespace: Option<&str>, name: &str) -> Result<String, &'static str> {
    let PackageKind::Other(kind) = kind else {
        // The namespace is the vendor of the distribution, and npm's scope is part of the name.
        return Ok(name.to_owned());
    };
    match (kind.as_str(), namespace) {
        ("maven", Some(group)) => Ok(format!("{group}:{name}")),
        ("maven", None) => Err("its package URL names no group"),
        ("composer", Some(vendor)) => Ok(format!("{vendor}/{name}").to_lowercase()),
        ("composer", None) => Err("its package URL names no vendor"),
        ("githubactions", Some(owner)) => Ok(format!("{owner}/{name}")),
        ("githubactions", None) => Err("its package URL names no owner"),
        ("swift", Some(host)) => Ok(format!("{host}/{name}")),
        ("swift", None) => Err("its package URL names no host"),
        ("golang", Some(path)) => Ok(format!("{path}/{name}")),
        // The standard library and the toolchain are modules without a host.
        ("golang", None) if matches!(name, "std" | "stdlib") => Ok("stdlib".to_owned()),
        ("golang", None) if name == "toolchain" || name.contains('.') => Ok(name.to_owned()),
        ("golang", None) => Err("its package URL names no host"),
        // A repository of an organisation's own at hex.pm is not the public one.
        ("hex", Some(_)) => Err("it comes from a registry of its own"),
        (_, None) => Ok(name.to_owned()),
        (_, Some(_)) => Err("its package URL has a namespace, which its ecosystem has not"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_spelled_as_their_ecosystem_does() {
        let of = |kind: &str, namespace, name| {
            of(&PackageKind::from_purl_type(kind), namespace, name).ok()
        };
        let cases = [
            (
                "golang",
                Some("golang.org/x"),
                "crypto",
                Some("golang.org/x/crypto"),
            ),
            (
                "golang",
                Some("github.com/gin-gonic"),
                "gin",
                Some("github.com/gin-gonic/gin"),
            ),
            ("golang", None, "stdlib", Some("stdlib")),
            ("golang", None, "gopkg.in", Some("gopkg.in")),
            ("golang", None, "crypto", None),
            (
                "maven",
                Some("org.apache.logging.log4j"),
                "log4j-core",
                Some("org.apache.logging.log4j:log4j-core"),
            ),
            ("maven", None, "log4j-core", None),
            (
                "composer",
                Some("Symfony"),
                "Http-Kernel",
                Some("symfony/http-kernel"),
            ),
            ("composer", None, "http-kernel", None),
            (
                "githubactions",
                Some("tj-actions"),
                "changed-files",
                Some("tj-actions/changed-files"),
            ),
            ("githubactions", None, "checkout", None),
            (
                "swift",
                Some("github.com/apple"),
                "swift-nio",
                Some("github.com/apple/swift-nio"),
            ),
            ("swift", None, "swift-nio", None),
            ("hex", None, "phoenix", Some("phoenix")),
            ("hex", Some("acme"), "phoenix", None),
            ("gem", None, "rails", Some("rails")),
            ("gem", Some("x"), "rails", None),
            ("nuget", None, "Newtonsoft.Json", Some("Newtonsoft.Json")),
            ("cargo", None, "rand", Some("rand")),
            ("npm", None, "@types/x", Some("@types/x")),
            ("alpm", Some("arch"), "curl", Some("curl")),
        ];
        for (kind, namespace, name, expected) in cases {
            let found = of(kind, namespace, name);
            assert_eq!(found.as_deref(), expected, "{kind} {namespace:?} {name}");
        }
    }
}
