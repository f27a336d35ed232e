//! From packages, findings and licences of the other libraries to evidence of `omg-policy`.

use omg_policy::{
    Epss, Evidence, Expression, Finding, Fix, Licence, Licences, Origin, Severity, Signature,
};
use omg_sbom::inventory::{self, PackageKind, Validation};
use omg_sbom::licence;
use omg_vuln::State;
use omg_vuln::version::Order;

/// Which marks of exploitation a scan had at hand: without them a missing mark says nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Marks {
    pub kev: bool,
    pub epss: bool,
}

/// Whether a finding counts as evidence: one of a version that nobody examined counts for a scan
/// with `--strict` only.
pub fn counts(finding: &omg_vuln::Finding) -> bool {
    finding.state != State::LikelyStale && finding.informational.is_none()
}

/// A finding, with what is known of its exploitation.
pub fn finding(found: &omg_vuln::Finding, marks: Marks) -> Finding {
    let mut finding = Finding::new(found.advisory.clone());
    finding.aliases.clone_from(&found.aliases);
    finding.severity = match found.severity {
        omg_vuln::Severity::None => Severity::None,
        omg_vuln::Severity::Low => Severity::Low,
        omg_vuln::Severity::Medium => Severity::Medium,
        omg_vuln::Severity::High => Severity::High,
        omg_vuln::Severity::Critical => Severity::Critical,
        omg_vuln::Severity::Unknown => Severity::Unknown,
    };
    finding.kev = match &found.kev {
        Some(_) => Some(true),
        None => marks.kev.then_some(false),
    };
    finding.epss = match found.epss {
        Some(score) => Epss::Score(score.probability()),
        None if marks.epss => Epss::NotScored,
        None => Epss::Unknown,
    };
    finding.fix = match (&found.fixed_in, found.state) {
        (Some(_), _) => Fix::Available,
        (None, State::Affected) => Fix::None,
        (None, _) => Fix::Unknown,
    };
    finding
}

/// What the package database recorded. Signatures were checked by the package manager then, and
/// it does not record by whom they were: good enough for `any`, and not for `trusted`.
pub fn recorded(package: &inventory::Package) -> Evidence {
    let mut evidence = described(package);
    evidence.signature = match package.validation.as_slice() {
        [] => Signature::Unknown,
        list if list.contains(&Validation::Pgp) => Signature::Untrusted,
        _ => Signature::Missing,
    };
    evidence
}

/// What a package says of itself.
pub fn described(package: &inventory::Package) -> Evidence {
    let mut evidence = Evidence::new(package.name.clone(), package.version.clone());
    evidence.pkgbase = Some(package.source_name().to_owned());
    evidence.provides = Some(package.provides.clone());
    evidence.origin = match &package.origin {
        inventory::Origin::Repository(name) => origin(package, name),
        _ => Origin::Unknown,
    };
    evidence.licences = licences(package);
    evidence.released = package.built_at;
    evidence
}

/// Repositories whose names the distribution uses itself. Everybody can give a repository such a
/// name: it says where a package was looked up, and its signature says the rest.
pub fn origin(package: &inventory::Package, repository: &str) -> Origin {
    const ARCH: [&str; 7] = [
        "core",
        "core-testing",
        "extra",
        "extra-testing",
        "multilib",
        "multilib-testing",
        "gnome-unstable",
    ];
    let repository = repository.to_owned();
    match package.kind == PackageKind::Alpm && ARCH.contains(&&*repository) {
        true => Origin::Official { repository },
        false => Origin::ThirdParty { repository },
    }
}

/// Several entries hold at once, as ArchWiki says of PKGBUILD's `license`.
fn licences(package: &inventory::Package) -> Licences {
    if package.licences.is_empty() {
        return Licences::Unknown;
    }
    let debian = package.kind == PackageKind::Deb;
    let resolve = |recorded: &String| {
        let found = match debian {
            true => licence::resolve_debian(recorded),
            false => licence::resolve(recorded),
        };
        let unresolved = || Licence::Unresolved(recorded.clone());
        match &found {
            licence::Licence::Ambiguous {
                recorded,
                candidates,
            } => {
                let candidates: Result<Vec<_>, _> = candidates
                    .iter()
                    .map(|text| Expression::parse(text))
                    .collect();
                candidates.map_or_else(
                    |_| unresolved(),
                    |candidates| Licence::Ambiguous {
                        recorded: recorded.clone(),
                        candidates,
                    },
                )
            }
            other => match other.expression().map(Expression::parse) {
                Some(Ok(expression)) => Licence::Expression(expression),
                _ => unresolved(),
            },
        }
    };
    Licences::AllOf(package.licences.iter().map(resolve).collect())
}

/// The order of versions of a kind of packages.
pub fn order_of(kind: &PackageKind) -> Order {
    match kind {
        PackageKind::Deb => Order::Debian,
        PackageKind::Apk => Order::Apk,
        _ => Order::Alpm,
    }
}
