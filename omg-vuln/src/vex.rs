//! VEX: statements by people who looked whether a vulnerability matters for a product.
//!
//! Two formats are read: OpenVEX 0.2.0 (<https://github.com/openvex/spec>) and the
//! `vulnerabilities` of CycloneDX 1.4 to 1.7 documents (section "Vulnerability
//! Exploitability"). A statement speaks of a finding if it names the advisory or one of its
//! aliases *and* a product whose package URL is the finding's package, in its version where
//! the statement gives one. A statement without products speaks of nothing.

mod cyclonedx;
mod openvex;

use std::str::FromStr;

use chrono::{DateTime, Utc};
use packageurl::PackageUrl;
use serde::Serialize;

use crate::error::ParseError;
use crate::package::Package;
use crate::scan::{Cleared, Ignored, Report};

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
    /// The statements, oldest first; the last one that speaks of a finding holds.
    pub statements: Vec<Statement>,
}

/// One statement.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Statement {
    /// The vulnerability's names.
    pub ids: Vec<String>,
    /// The package URLs of the products and of their subcomponents.
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
        Ok(Self { statements })
    }

    /// Moves what is stated not to be affected, or to be fixed, from the report's findings to
    /// [`Report::ignored`], and notes the other statements on their findings. `name` is the
    /// document's, for people. Gives the statements that speak of no finding.
    pub fn apply(&self, report: &mut Report, name: &str) -> Vec<&Statement> {
        let mut used = vec![false; self.statements.len()];
        for mut finding in std::mem::take(&mut report.findings) {
            let package = finding.package.clone();
            let mut open = Vec::new();
            let cleared = finding.cleared_by(|names| {
                let mut last = None;
                for (statement, used) in self.statements.iter().zip(&mut used) {
                    let named = statement.ids.iter().any(|id| names.contains(&id.as_str()));
                    if named && statement.speaks_of(&package) {
                        *used = true;
                        last = Some(statement);
                    }
                }
                match last?.status {
                    VexStatus::NotAffected | VexStatus::Fixed => last,
                    VexStatus::Affected | VexStatus::UnderInvestigation => {
                        open.extend(last);
                        None
                    }
                }
            });
            let by = |statement: &Statement| format!("{name}: {}", statement.status.as_str());
            if let Some(statement) = open.first() {
                finding.note(by(statement));
            }
            match cleared {
                Cleared::Nothing => report.findings.push(finding),
                Cleared::Part { some, all } => {
                    finding.note(format!("{some} of {all} issues set aside by {name}"));
                    report.findings.push(finding);
                }
                Cleared::Whole(statement) => {
                    let reason = statement.reason.as_str();
                    report
                        .ignored
                        .push(Ignored::new(finding, by(statement), reason, None));
                }
                Cleared::Each(statements) => {
                    let mut reasons: Vec<&str> = statements
                        .iter()
                        .map(|statement| statement.reason.as_str())
                        .collect();
                    reasons.dedup();
                    let by = by(statements[0]);
                    report
                        .ignored
                        .push(Ignored::new(finding, by, reasons.join("; "), None));
                }
            }
        }
        let unused = self.statements.iter().zip(used).filter(|(_, used)| !used);
        unused.map(|(statement, _)| statement).collect()
    }
}

impl Statement {
    fn speaks_of(&self, package: &Package) -> bool {
        let Some(ours) = package
            .purl
            .as_deref()
            .and_then(|purl| PackageUrl::from_str(purl).ok())
        else {
            return false;
        };
        self.products.iter().any(|product| {
            PackageUrl::from_str(product).is_ok_and(|theirs| {
                theirs.ty() == ours.ty()
                    && theirs.namespace() == ours.namespace()
                    && theirs.name() == ours.name()
                    && theirs
                        .version()
                        .is_none_or(|version| version == package.version)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AdvisoryDb, Ecosystem, Source, SourceKind, scan};

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
            openvex(&statement(product, "not_affected", T1)).apply(&mut report, "vex.json");
            assert!(report.findings.is_empty(), "{product}");
            assert_eq!(report.ignored[0].by, "vex.json: not_affected");
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
            assert_eq!(vex.apply(&mut report, "v").len(), 1, "{product}");
            assert_eq!(report.findings.len(), 1, "{product}");
        }
        let mut report = report();
        let other = statement("pkg:alpm/arch/curl", "fixed", T1).replace("CVE-1", "CVE-2");
        openvex(&other).apply(&mut report, "v");
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
        openvex(&list.join(",")).apply(&mut report, "v");
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
        openvex(&one).apply(&mut report, "v");
        let note = report.findings[0].statement.as_deref();
        assert_eq!(note, Some("1 of 2 issues set aside by v"));
        let mut report = scan();
        openvex(&format!("{one},{two}")).apply(&mut report, "v");
        assert!(report.findings.is_empty());
        let mut report = scan();
        let open = two.replace("not_affected", "under_investigation");
        openvex(&format!("{one},{open}")).apply(&mut report, "v");
        let note = report.findings[0].statement.as_deref();
        assert_eq!(
            note,
            Some("v: under_investigation; 1 of 2 issues set aside by v")
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
        ] {
            let mut report = report();
            let vex = Vex::parse(document(reference).as_bytes()).unwrap();
            vex.apply(&mut report, "v");
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
}
