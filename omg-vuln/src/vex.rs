//! VEX: statements by people who looked whether a vulnerability matters for a product.
//!
//! Two formats are read: OpenVEX 0.2.0 (<https://github.com/openvex/spec>) and the
//! `vulnerabilities` of CycloneDX 1.4 to 1.7 documents (section "Vulnerability
//! Exploitability"). A statement speaks of a finding if it names the advisory or one of its
//! names *and* a product whose package URL is that of the finding's package: every part that the
//! statement gives agrees, and a part that it leaves out can be anything. A finding that stands for
//! several installed packages is also cleared by statements on all of these. A statement without
//! products speaks of nothing, and one on a subcomponent of a product says nothing about the
//! subcomponent by itself.

mod cyclonedx;
mod openvex;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::str::FromStr;

use chrono::{DateTime, Utc};
use packageurl::PackageUrl;
use serde::Serialize;

use crate::error::ParseError;
use crate::scan::{Cleared, Finding, Ignored, Report};

/// The largest document that is read: 64 MiB.
pub const MAX_VEX_BYTES: usize = 64 << 20;

const WHAT: &str = "VEX document";

/// What a statement says (OpenVEX, "Status Labels").
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum VexStatus {
    /// The vulnerability does not matter for the product.
    NotAffected,
    /// The product is affected, and something should be done.
    Affected,
    /// The product holds a fix.
    Fixed,
    /// It is not yet known.
    UnderInvestigation,
}

impl VexStatus {
    /// The name in OpenVEX documents.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotAffected => "not_affected",
            Self::Affected => "affected",
            Self::Fixed => "fixed",
            Self::UnderInvestigation => "under_investigation",
        }
    }
}

/// A document of statements.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Vex {
    /// Who makes the statements, where the document says so.
    pub author: Option<String>,
    /// The statements, oldest first; of one author the last one that speaks of a finding holds.
    pub statements: Vec<Statement>,
}

/// One statement.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Statement {
    /// The vulnerability's names.
    pub ids: Vec<String>,
    /// The package URLs of the products.
    pub products: Vec<String>,
    /// What is said.
    pub status: VexStatus,
    /// Why.
    pub reason: String,
    /// When it was said.
    pub time: Option<DateTime<Utc>>,
}

impl Vex {
    /// Reads an OpenVEX or CycloneDX document.
    ///
    /// # Errors
    ///
    /// When the document is over [`MAX_VEX_BYTES`], is neither, has a status that is not
    /// known, or says `not_affected` without saying why: a statement that is not understood
    /// must not hide anything.
    ///
    /// # Examples
    ///
    /// ```
    /// let vex = omg_vuln::Vex::parse(br#"{
    ///     "@context": "https://openvex.dev/ns/v0.2.0",
    ///     "statements": [{
    ///         "vulnerability": {"name": "CVE-2024-0001"},
    ///         "products": [{"@id": "pkg:alpm/arch/curl@8.9.1-1"}],
    ///         "status": "not_affected",
    ///         "justification": "component_not_present"
    ///     }]
    /// }"#)?;
    /// assert_eq!(vex.statements[0].ids, ["CVE-2024-0001"]);
    /// # Ok::<(), omg_vuln::ParseError>(())
    /// ```
    pub fn parse(json: &[u8]) -> Result<Self, ParseError> {
        ParseError::check_size(WHAT, json, MAX_VEX_BYTES)?;
        let value: serde_json::Value =
            serde_json::from_slice(json).map_err(|e| ParseError::json(WHAT, e))?;
        let author = author(&value);
        let mut statements = if value.get("statements").is_some() {
            openvex::statements(value)?
        } else if value
            .get("bomFormat")
            .is_some_and(|format| format == "CycloneDX")
        {
            cyclonedx::statements(value)?
        } else {
            let detail = "neither OpenVEX (`statements`) nor CycloneDX (`bomFormat`)";
            return Err(ParseError::malformed(WHAT, detail));
        };
        if statements.is_empty() {
            return Err(ParseError::Empty { what: WHAT });
        }
        // Stable: statements of one time, or without, keep the document's order.
        statements.sort_by_key(|statement| statement.time);
        Ok(Self { author, statements })
    }
}

/// OpenVEX, "Document Struct Fields": `author`. CycloneDX names a supplier or authors.
fn author(value: &serde_json::Value) -> Option<String> {
    let places = [
        "/author",
        "/metadata/supplier/name",
        "/metadata/authors/0/name",
    ];
    let mut found = places
        .iter()
        .filter_map(|place| value.pointer(place)?.as_str());
    found.next().map(str::to_owned)
}

/// A statement that changed nothing: no finding is the one that it speaks of.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct UnusedStatement {
    /// The document's name.
    pub document: String,
    /// The statement.
    pub statement: Statement,
}

/// Moves what is stated not to be affected, or to be fixed, from the report's findings to
/// [`Report::ignored`], and notes the other statements on their findings.
///
/// Each document comes with its name, for people, which is also its author if it names none. Of one
/// author the newest statement holds, in whichever document it is; between authors the worst:
/// nothing is cleared that one of them calls affected, or has under investigation. Statements of
/// times after `at` do not count. Gives the statements that speak of no finding.
pub fn apply_vex(
    documents: &[(String, Vex)],
    report: &mut Report,
    at: DateTime<Utc>,
) -> Vec<UnusedStatement> {
    let mut said: Vec<Said<'_>> = documents
        .iter()
        .flat_map(|(name, vex)| {
            let author = vex.author.as_deref().unwrap_or(name);
            let statements = vex.statements.iter();
            statements.map(move |statement| Said::new(name, author, statement, at))
        })
        .collect();
    // Stable: of one time, or without, the order of the documents stays.
    said.sort_by_key(|said| said.statement.time);
    let mut by_id: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, one) in said.iter().enumerate().filter(|(_, one)| one.is_made) {
        for id in &one.statement.ids {
            by_id.entry(id).or_default().push(at);
        }
    }
    for finding in std::mem::take(&mut report.findings) {
        decide(finding, &by_id, &mut said, report);
    }
    let unused = said.into_iter().filter(|said| !said.is_used);
    unused
        .map(|said| UnusedStatement {
            document: said.document.to_owned(),
            statement: said.statement.clone(),
        })
        .collect()
}

/// A statement, and by whom.
struct Said<'a> {
    document: &'a str,
    author: &'a str,
    statement: &'a Statement,
    products: Vec<PackageUrl<'a>>,
    /// It was made by the reference time.
    is_made: bool,
    is_used: bool,
}

impl<'a> Said<'a> {
    fn new(
        document: &'a str,
        author: &'a str,
        statement: &'a Statement,
        at: DateTime<Utc>,
    ) -> Self {
        let products = statement.products.iter();
        Self {
            document,
            author,
            statement,
            products: products
                .filter_map(|product| PackageUrl::from_str(product).ok())
                .collect(),
            is_made: statement.time.is_none_or(|time| time <= at),
            is_used: false,
        }
    }

    fn by(&self) -> String {
        format!("{}: {}", self.document, self.statement.status.as_str())
    }

    fn clears(&self) -> bool {
        matches!(
            self.statement.status,
            VexStatus::NotAffected | VexStatus::Fixed
        )
    }
}

/// Sets a finding aside, or puts it back with what is said of it.
fn decide(
    mut finding: Finding,
    by_id: &HashMap<&str, Vec<usize>>,
    said: &mut [Said<'_>],
    report: &mut Report,
) {
    let parse = |purl: &String| PackageUrl::from_str(purl).ok();
    let whole: Vec<PackageUrl<'_>> = finding.package.purl.iter().filter_map(parse).collect();
    let installed: Vec<PackageUrl<'_>> = finding.installed.iter().filter_map(parse).collect();
    let mut open: Vec<String> = Vec::new();
    let cleared = finding.cleared_by(|names| {
        let named = names.iter().filter_map(|name| by_id.get(name)).flatten();
        let named: BTreeSet<usize> = named.copied().collect();
        let mut speaker = |target: &PackageUrl<'_>| speaker(target, &named, said, &mut open);
        let by_source = whole.iter().find_map(&mut speaker);
        if by_source.is_some() {
            return by_source;
        }
        let by_installed: Vec<Option<usize>> = installed.iter().map(&mut speaker).collect();
        by_installed
            .into_iter()
            .collect::<Option<Vec<usize>>>()?
            .into_iter()
            .next()
    });
    open.sort();
    open.dedup();
    if let Some(text) = open.into_iter().next() {
        finding.note(text);
    }
    match cleared {
        Cleared::Nothing => report.findings.push(finding),
        Cleared::Part { some, all } => {
            finding.note(format!(
                "{some} of {all} issues set aside by VEX statements"
            ));
            report.findings.push(finding);
        }
        Cleared::Whole(at) => {
            let (by, reason) = (said[at].by(), said[at].statement.reason.as_str());
            report.ignored.push(Ignored::new(finding, by, reason, None));
        }
        Cleared::Each(all) => {
            let reasons = all.iter().map(|at| said[*at].statement.reason.as_str());
            let mut reasons: Vec<&str> = reasons.collect();
            reasons.dedup();
            let by = said[all[0]].by();
            report
                .ignored
                .push(Ignored::new(finding, by, reasons.join("; "), None));
        }
    }
}

/// The statement that clears a package, if one does and no author's word is against it. `named` are
/// the statements on the issue, oldest first.
fn speaker(
    target: &PackageUrl<'_>,
    named: &BTreeSet<usize>,
    said: &mut [Said<'_>],
    open: &mut Vec<String>,
) -> Option<usize> {
    let mut holding: BTreeMap<&str, usize> = BTreeMap::new();
    for at in named {
        if said[*at]
            .products
            .iter()
            .any(|product| is_meant(product, target))
        {
            said[*at].is_used = true;
            holding.insert(said[*at].author, *at);
        }
    }
    let against = holding.values().filter(|at| !said[**at].clears());
    let against: Vec<String> = against.map(|at| said[*at].by()).collect();
    let is_contested = !against.is_empty();
    open.extend(against);
    let clearing = holding
        .into_values()
        .max_by_key(|at| said[*at].statement.time);
    clearing.filter(|_| !is_contested)
}

/// Whether a product is a package: every part that the product's URL gives agrees.
fn is_meant(product: &PackageUrl<'_>, ours: &PackageUrl<'_>) -> bool {
    let qualifiers = |(key, value): (&_, &_)| ours.qualifiers().get(key) == Some(value);
    product.ty() == ours.ty()
        && product.namespace() == ours.namespace()
        && product.name() == ours.name()
        && product
            .version()
            .is_none_or(|version| Some(version) == ours.version())
        && product.qualifiers().iter().all(qualifiers)
        && product
            .subpath()
            .is_none_or(|subpath| Some(subpath) == ours.subpath())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AdvisoryDb, Ecosystem, Package, Source, SourceKind, scan};

    fn report() -> Report {
        let feed = br#"[{"name": "AVG-1", "packages": ["curl"], "status": "Vulnerable",
            "severity": "High", "affected": "9-1", "fixed": null, "issues": ["CVE-1"]}]"#;
        let mut db = AdvisoryDb::new();
        db.add(
            Source::new("f", SourceKind::ArchTracker),
            crate::arch::parse(feed).unwrap(),
        );
        let curl = Package::new(Ecosystem::arch(), "curl", "1:8-1")
            .with_purl("pkg:alpm/arch/curl@1:8-1?arch=x86_64");
        scan(&db, &[curl], "2026-01-01T00:00:00Z".parse().unwrap())
    }

    const AT: &str = "2026-02-01T00:00:00Z";

    fn apply(vex: Vex, report: &mut Report) -> Vec<UnusedStatement> {
        apply_all(vec![("v", vex)], report)
    }

    fn apply_all(documents: Vec<(&str, Vex)>, report: &mut Report) -> Vec<UnusedStatement> {
        let named = documents
            .into_iter()
            .map(|(name, vex)| (name.to_owned(), vex));
        apply_vex(&named.collect::<Vec<_>>(), report, AT.parse().unwrap())
    }

    fn openvex(statements: &str) -> Vex {
        Vex::parse(format!(r#"{{"statements": [{statements}]}}"#).as_bytes()).unwrap()
    }

    fn statement(product: &str, status: &str, time: &str) -> String {
        format!(
            r#"{{"vulnerability": {{"name": "CVE-1"}}, "products": [{{"@id": "{product}"}}],
            "status": "{status}", "justification": "component_not_present",
            "timestamp": "{time}"}}"#
        )
    }

    const T1: &str = "2026-01-01T00:00:00Z";
    const T2: &str = "2026-01-02T00:00:00Z";

    #[test]
    fn not_affected_sets_the_finding_aside() {
        for product in [
            "pkg:alpm/arch/curl@1:8-1",
            "pkg:alpm/arch/curl@1%3A8-1",
            "pkg:alpm/arch/curl",
        ] {
            let mut report = report();
            apply(
                openvex(&statement(product, "not_affected", T1)),
                &mut report,
            );
            assert!(report.findings.is_empty(), "{product}");
            assert_eq!(report.ignored[0].by, "v: not_affected");
            assert_eq!(report.ignored[0].reason, "component_not_present");
        }
    }

    #[test]
    fn another_version_package_or_vulnerability_is_not_meant() {
        for product in [
            "pkg:alpm/arch/curl@1:8-2",
            "pkg:alpm/arch/wget",
            "pkg:deb/debian/curl",
            "curl",
        ] {
            let mut report = report();
            let vex = openvex(&statement(product, "not_affected", T1));
            assert_eq!(apply(vex, &mut report).len(), 1, "{product}");
            assert_eq!(report.findings.len(), 1, "{product}");
        }
        let mut report = report();
        let other = statement("pkg:alpm/arch/curl", "fixed", T1).replace("CVE-1", "CVE-2");
        apply(openvex(&other), &mut report);
        assert_eq!(report.findings.len(), 1);
    }

    #[test]
    fn the_last_statement_holds_whatever_the_order() {
        let product = "pkg:alpm/arch/curl";
        let list = [
            statement(product, "affected", T2),
            statement(product, "not_affected", T1),
        ];
        let mut report = report();
        apply(openvex(&list.join(",")), &mut report);
        assert_eq!(report.findings[0].statement.as_deref(), Some("v: affected"));
    }

    #[test]
    fn one_issue_of_a_bundle_does_not_clear_the_bundle() {
        let feed = br#"[{"name": "AVG-1", "packages": ["curl"], "status": "Vulnerable",
            "severity": "High", "affected": "9-1", "fixed": null, "issues": ["CVE-1", "CVE-2"]}]"#;
        let scan = || {
            let mut db = AdvisoryDb::new();
            db.add(
                Source::new("f", SourceKind::ArchTracker),
                crate::arch::parse(feed).unwrap(),
            );
            let curl =
                Package::new(Ecosystem::arch(), "curl", "8-1").with_purl("pkg:alpm/arch/curl@8-1");
            scan(&db, &[curl], "2026-01-01T00:00:00Z".parse().unwrap())
        };
        let one = statement("pkg:alpm/arch/curl", "not_affected", T1);
        let two = one.replace("CVE-1", "CVE-2");
        let mut report = scan();
        apply(openvex(&one), &mut report);
        let note = report.findings[0].statement.as_deref();
        assert_eq!(note, Some("1 of 2 issues set aside by VEX statements"));
        let mut report = scan();
        apply(openvex(&format!("{one},{two}")), &mut report);
        assert!(report.findings.is_empty());
        let mut report = scan();
        let open = two.replace("not_affected", "under_investigation");
        apply(openvex(&format!("{one},{open}")), &mut report);
        let note = report.findings[0].statement.as_deref();
        assert_eq!(
            note,
            Some("v: under_investigation; 1 of 2 issues set aside by VEX statements")
        );
    }

    #[test]
    fn cyclonedx_refers_by_component_and_by_link() {
        let document = |reference: &str| {
            format!(
                r#"{{"bomFormat": "CycloneDX", "specVersion": "1.5",
                "components": [{{"bom-ref": "c1", "purl": "pkg:alpm/arch/curl@1:8-1"}}],
                "vulnerabilities": [{{"id": "CVE-1", "affects": [{{"ref": "{reference}"}}],
                "analysis": {{"state": "false_positive", "detail": "looked at it"}}}}]}}"#
            )
        };
        for reference in [
            "c1",
            "pkg:alpm/arch/curl@1:8-1",
            "urn:cdx:f08a6ccd-4dce-4759-bd84-c626675d60a7/1#pkg%3Aalpm/arch/curl@1%3A8-1",
            "urn:cdx:f08a6ccd-4dce-4759-bd84-c626675d60a7/1#pkg%3Aalpm%2Farch%2Fcurl%401%253A8-1%3Farch%3Dx86_64",
        ] {
            let mut report = report();
            let vex = Vex::parse(document(reference).as_bytes()).unwrap();
            apply(vex, &mut report);
            assert!(report.findings.is_empty(), "{reference}");
            assert_eq!(report.ignored[0].reason, "looked at it");
        }
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for json in [
            r#"{}"#,
            r#"{"statements": []}"#,
            r#"{"statements": [{"vulnerability": {"name": "CVE-1"}, "status": "fine"}]}"#,
            r#"{"statements": [{"vulnerability": {"name": "CVE-1"}, "status": "not_affected"}]}"#,
            r#"{"statements": [{"status": "fixed"}]}"#,
            r#"{"bomFormat": "CycloneDX", "vulnerabilities": [{"id": "CVE-1",
                "analysis": {"state": "fine"}}]}"#,
            r#"{"bomFormat": "CycloneDX"}"#,
        ] {
            assert!(Vex::parse(json.as_bytes()).is_err(), "{json}");
        }
    }

    /// Every part of a package URL that a statement gives has to agree.
    #[test]
    fn every_part_of_a_product_is_compared() {
        let meant = |product: &str| {
            let mut report = report();
            apply(
                openvex(&statement(product, "not_affected", T1)),
                &mut report,
            );
            report.findings.is_empty()
        };
        for product in [
            "pkg:alpm/arch/curl?arch=x86_64",
            "pkg:alpm/arch/curl@1:8-1?arch=x86_64",
        ] {
            assert!(meant(product), "{product}");
        }
        for product in [
            "pkg:alpm/arch/curl?arch=aarch64",
            "pkg:alpm/arch/curl?arch=x86_64&distro=arch-1",
            "pkg:alpm/arch/curl?repository_url=https://example.org",
            "pkg:alpm/arch/curl@1:8-1#src",
            "pkg:alpm/manjaro/curl",
            "pkg:alpm/curl",
        ] {
            assert!(!meant(product), "{product}");
        }
    }

    #[test]
    fn a_subcomponent_of_another_product_is_not_meant() {
        let text = r#"{"vulnerability": {"name": "CVE-1"}, "products": [{"@id": "PRODUCT",
            "subcomponents": [{"@id": "SUB"}]}], "status": "not_affected",
            "justification": "component_not_present"}"#;
        let (curl, other) = ("pkg:alpm/arch/curl", "pkg:alpm/arch/other");
        for (product, sub, left) in [(other, curl, 1), (curl, other, 0)] {
            let mut report = report();
            let text = text.replace("PRODUCT", product).replace("SUB", sub);
            apply(openvex(&text), &mut report);
            assert_eq!(report.findings.len(), left, "{product}");
        }
    }

    /// A finding on a source package is cleared by statements on all that is installed of it.
    #[test]
    fn installed_packages_are_cleared_together() {
        let (lib, tool) = (
            "pkg:alpm/arch/libcurl@1:8-1",
            "pkg:alpm/arch/curl-tool@1:8-1",
        );
        let left = |installed: &[&str], products: &[&str]| {
            let mut report = report();
            report.findings[0].installed = installed.iter().map(|p| (*p).to_owned()).collect();
            let statements = products.iter().map(|p| statement(p, "not_affected", T1));
            let statements: Vec<String> = statements.collect();
            apply(openvex(&statements.join(",")), &mut report);
            report.findings.len()
        };
        assert_eq!(left(&[lib], &[lib]), 0);
        assert_eq!(left(&[lib, tool], &[lib]), 1);
        assert_eq!(left(&[lib, tool], &[lib, tool]), 0);
        assert_eq!(left(&[], &[lib]), 1);
    }

    #[test]
    fn of_one_author_the_newest_holds_and_between_authors_the_worst() {
        let product = "pkg:alpm/arch/curl";
        let by = |author: &str, status: &str, time: &str| {
            let statement = statement(product, status, time);
            let text = format!(r#"{{"author": "{author}", "statements": [{statement}]}}"#);
            Vex::parse(text.as_bytes()).unwrap()
        };
        let left = |documents: Vec<(&str, Vex)>| {
            let mut report = report();
            apply_all(documents, &mut report);
            report.findings.len()
        };
        let (good, bad) = ("not_affected", "affected");
        let later = "2026-03-01T00:00:00Z";
        assert_eq!(
            left(vec![("a", by("x", good, T1)), ("b", by("x", bad, T2))]),
            1
        );
        assert_eq!(
            left(vec![("b", by("x", bad, T2)), ("a", by("x", good, T1))]),
            1
        );
        assert_eq!(
            left(vec![("a", by("x", good, T2)), ("b", by("x", bad, T1))]),
            0
        );
        assert_eq!(
            left(vec![("a", by("x", good, T2)), ("b", by("y", bad, T1))]),
            1
        );
        assert_eq!(
            left(vec![("a", by("x", good, T2)), ("b", by("y", good, T1))]),
            0
        );
        // What was said after the reference time was not said yet.
        assert_eq!(left(vec![("a", by("x", good, later))]), 1);
        assert_eq!(
            left(vec![("a", by("x", good, T1)), ("b", by("x", bad, later))]),
            0
        );
    }
}
