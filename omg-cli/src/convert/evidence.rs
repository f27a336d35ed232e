//! From what the other libraries checked to evidence of `omg-policy`.
//!
//! Only this file makes subjects and checked outcomes, and each from one value that a check gave,
//! taken whole: the digest of the evidence is the digest that the check read.

use omg_pgp::{Refusal, RefusalKind, Verification};
use omg_policy::inspect::{ScriptFinding, ScriptKind, inspect};
use omg_policy::{
    Checked, Checksum, Coverage, Epss, Evidence, EvidenceError, Expression, Finding, Fix, Licence,
    Licences, Origin, Provenance, Recorded, Severity, Sha256, Signature, Subject,
};
use omg_sbom::archive::PackageFile;
use omg_sbom::inventory::{self, OsRelease, PackageKind, Validation};
use omg_sbom::licence;
use omg_slsa::{Algorithm, Digests, Level};
use omg_vuln::State;
use omg_vuln::version::Order;
use sha2::Digest as _;

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

/// The package as the subject of evidence, without bytes.
fn subject(package: &inventory::Package, os: Option<&OsRelease>) -> Subject {
    let mut subject = Subject::new(package.name.clone(), package.version.clone());
    subject.purl = package.purl(os).ok();
    subject.architecture.clone_from(&package.architecture);
    subject.pkgbase = Some(package.source_name().to_owned());
    subject.pkgbase_version = Some(package.source_version().to_owned());
    subject
}

/// The evidence about an installed package: the words of the package database, and the outcome of
/// a scan for it. The package manager checked signatures when it installed, and it does not record
/// by whom they were.
pub fn of_installed(
    package: &inventory::Package,
    os: Option<&OsRelease>,
    coverage: Coverage,
    findings: Vec<Finding>,
) -> Result<Evidence, EvidenceError> {
    let mut evidence = Evidence::about(subject(package, os));
    scanned(&mut evidence, package, os, coverage, findings)?;
    describe(&mut evidence, package);
    if let inventory::Origin::Repository(name) = &package.origin {
        evidence.set_origin(origin(package, name));
    }
    match package.validation.as_slice() {
        [] => {}
        list if list.contains(&Validation::Pgp) => evidence.add_record(Recorded::Signed)?,
        _ => evidence.add_record(Recorded::Unsigned)?,
    }
    Ok(evidence)
}

/// Adds the outcome of a scan for a package.
pub fn scanned(
    evidence: &mut Evidence,
    package: &inventory::Package,
    os: Option<&OsRelease>,
    coverage: Coverage,
    findings: Vec<Finding>,
) -> Result<(), EvidenceError> {
    evidence.add_scan(&subject(package, os), coverage, findings)
}

/// The evidence that a package file is by itself: its subject has the digest of the bytes that were
/// read.
pub fn of_file(file: &PackageFile, os: Option<&OsRelease>) -> Evidence {
    let mut subject = subject(&file.package, os);
    subject.sha256 = Some(digest(file));
    let mut evidence = Evidence::about(subject);
    describe(&mut evidence, &file.package);
    evidence
}

/// The evidence about a script that is inspected before it is run: name and bytes.
pub fn of_script(kind: ScriptKind, name: &str, bytes: &[u8]) -> Result<Evidence, EvidenceError> {
    let digest = Sha256::new(sha2::Sha256::digest(bytes).into());
    let mut subject = Subject::new(name, "");
    subject.sha256 = Some(digest);
    let mut evidence = Evidence::about(subject);
    evidence.add_inspection(Checked::new(digest, inspect(kind, name, bytes)))?;
    Ok(evidence)
}

/// Adds the words of a package about itself.
fn describe(evidence: &mut Evidence, package: &inventory::Package) {
    evidence.set_provides(package.provides.clone());
    evidence.set_licences(licences(package));
    if let Some(built) = package.built_at {
        evidence.set_released(built);
    }
}

/// A good signature by a trusted signer.
pub fn signed(verification: &Verification) -> Checked<Signature> {
    Checked::new(Sha256::new(*verification.sha256()), Signature::Trusted)
}

/// A signature that the policy of the check does not accept.
pub fn refused(refusal: &Refusal) -> Checked<Signature> {
    let signature = match refusal.kind() {
        RefusalKind::Untrusted => Signature::Untrusted,
        RefusalKind::UnknownSigner => Signature::Unknown,
        _ => Signature::Invalid,
    };
    Checked::new(Sha256::new(*refusal.sha256()), signature)
}

/// The state of a file of which no signature could be checked.
pub fn unsigned(file: &PackageFile, signature: Unsigned) -> Checked<Signature> {
    let signature = match signature {
        Unsigned::Missing => Signature::Missing,
        Unsigned::Unusable => Signature::Invalid,
    };
    Checked::new(digest(file), signature)
}

/// Why no signature was checked.
#[derive(Clone, Copy, Debug)]
pub enum Unsigned {
    Missing,
    /// The file that should hold signatures holds something else.
    Unusable,
}

/// Verified provenance; nothing if it was verified by another digest alone.
pub fn provenance(found: &omg_slsa::Provenance) -> Option<Checked<Provenance>> {
    let findings = found.findings();
    let sha256 = sha256(findings.attestation().digests())?;
    let level = findings.assessment().level.map_or(0, Level::number);
    Some(Checked::new(sha256, Provenance::Verified { level }))
}

/// The state of a file whose provenance is not verified. The digests are those that the check read;
/// absent where it found nothing to check.
pub fn unproved(
    file: &PackageFile,
    read: Option<&Digests>,
    provenance: Unproved,
) -> Option<Checked<Provenance>> {
    let provenance = match provenance {
        Unproved::Missing => Provenance::Missing,
        Unproved::Invalid => Provenance::Invalid,
        Unproved::Unknown => Provenance::Unknown,
    };
    let sha256 = match read {
        Some(digests) => sha256(digests)?,
        None => digest(file),
    };
    Some(Checked::new(sha256, provenance))
}

fn sha256(digests: &Digests) -> Option<Sha256> {
    let sha256 = digests.get(Algorithm::Sha256)?;
    Some(Sha256::new(sha256.as_bytes().try_into().ok()?))
}

/// Why no provenance is verified.
#[derive(Clone, Copy, Debug)]
pub enum Unproved {
    Missing,
    /// Proved false.
    Invalid,
    /// Good, and nobody said by whom it has to be.
    Unknown,
}

/// The checksum of a file in the index of a repository.
pub fn checksum(file: &PackageFile, checksum: Checksum) -> Checked<Checksum> {
    Checked::new(digest(file), checksum)
}

/// The findings in the scripts and in the form of a file.
pub fn inspection(file: &PackageFile, findings: Vec<ScriptFinding>) -> Checked<Vec<ScriptFinding>> {
    Checked::new(digest(file), findings)
}

fn digest(file: &PackageFile) -> Sha256 {
    Sha256::new(*file.sha256().as_bytes())
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

#[cfg(test)]
mod tests {
    use omg_sbom::inventory::{Identity, Package};
    use proptest::prelude::*;

    use super::*;
    use crate::convert::subject::{self, System};

    fn part() -> impl Strategy<Value = String> {
        prop_oneof![4 => "[a-z0-9][a-z0-9.+_-]{0,8}", 1 => "[a-z0-9:~^%&=?#+ @/é]{1,8}"]
    }

    prop_compose! {
        fn packages()(
            kind in 0..7_usize,
            (name, version) in (part(), part()),
            (namespace, architecture) in (prop::option::of(part()), prop::option::of(part())),
            (base, base_version) in (prop::option::of(part()), prop::option::of(part())),
        ) -> Package {
            let kinds = ["alpm", "deb", "apk", "cargo", "golang", "maven", "gem"];
            let mut package = Package::new(PackageKind::from_purl_type(kinds[kind]), name, version);
            package.namespace = namespace.filter(|_| kind > 3);
            package.architecture = architecture;
            package.base = base;
            package.base_version = base_version;
            package
        }
    }

    proptest! {
        /// Every part of the identity arrives in the subject of evidence, and in what is looked up.
        #[test]
        fn no_part_of_an_identity_is_lost(package in packages(), system in 0..3_usize) {
            let systems = ["ID=arch", "ID=debian\nVERSION_ID=12", "ID=alpine\nVERSION_ID=3.20.1"];
            let os = OsRelease::parse(systems[system].as_bytes()).unwrap();
            let identity = package.identity(Some(&os));
            let subject = subject(&package, Some(&os));
            prop_assert_eq!(&subject.name, &identity.name);
            prop_assert_eq!(&subject.version, &identity.version);
            prop_assert_eq!(subject.pkgbase.as_deref(), Some(package.source_name()));
            prop_assert_eq!(subject.pkgbase_version.as_deref(), Some(package.source_version()));
            let evidence = Evidence::about(subject.clone());
            prop_assert_eq!(evidence.facts().purl.as_ref(), subject.purl.as_ref());
            if let Some(purl) = &subject.purl {
                prop_assert_eq!(Identity::parse(purl).unwrap().purl().unwrap(), purl.clone());
            }

            let system = System::new(Some(os));
            let subject::Subject::Asked(asked) = subject::of(&package, &system) else {
                return Ok(());
            };
            let by_source = matches!(package.kind, PackageKind::Deb | PackageKind::Apk);
            let (name, version) = match by_source {
                true => (package.source_name(), package.source_version()),
                false => (&*package.name, &*package.version),
            };
            prop_assert_eq!(&asked.version, version);
            // Without its namespace a name would be another package's.
            let namespace = identity.namespace.filter(|_| matches!(package.kind, PackageKind::Other(_)));
            match namespace {
                Some(namespace) => {
                    prop_assert!(asked.name.starts_with(&namespace));
                    prop_assert!(asked.name.ends_with(name));
                    prop_assert_eq!(asked.name.len(), namespace.len() + 1 + name.len());
                }
                None => prop_assert_eq!(&asked.name, name),
            }
        }
    }
}
