//! One finding per issue: records of several databases about the same issue become one.

use std::collections::BTreeSet;

use crate::advisory::Advisory;
use crate::scan::Finding;
use crate::severity::Severity;

/// Merges what was found for *one* package, sorted by advisory.
///
/// Records are the same issue if one names the other, if they share an alias, or if each was
/// made from the same single upstream record. Two records of one database stay apart, for
/// their authors filed them apart: every group of the Arch tracker is a finding of its own.
pub(crate) fn merge(found: Vec<(Advisory, Finding)>) -> Vec<Finding> {
    if found.len() < 2 {
        return found.into_iter().map(|(_, finding)| finding).collect();
    }
    let mut groups: Vec<Group> = Vec::new();
    for (advisory, finding) in one_per_advisory(found) {
        let names = names(&advisory);
        let database = database(&advisory.id).to_owned();
        let same_issue = |group: &&mut Group| {
            !group.databases.contains(&database) && !group.names.is_disjoint(&names)
        };
        match groups.iter_mut().find(same_issue) {
            Some(group) => group.join(finding, names, database),
            None => groups.push(Group {
                finding,
                names,
                databases: BTreeSet::from([database]),
            }),
        }
    }
    let mut findings: Vec<Finding> = groups.into_iter().map(|group| group.finding).collect();
    findings.sort_by(|a, b| a.advisory.cmp(&b.advisory));
    findings
}

struct Group {
    finding: Finding,
    names: BTreeSet<String>,
    databases: BTreeSet<String>,
}

impl Group {
    /// The first finding is the one that is shown; the other fills in what it leaves open.
    fn join(&mut self, other: Finding, names: BTreeSet<String>, database: String) {
        let shown = &mut self.finding;
        let mut aliases: BTreeSet<String> =
            std::mem::take(&mut shown.aliases).into_iter().collect();
        aliases.insert(other.advisory);
        aliases.extend(other.aliases);
        aliases.remove(&shown.advisory);
        shown.aliases = aliases.into_iter().collect();
        if other.state < shown.state {
            shown.state = other.state;
            shown.reason = other.reason;
        }
        if shown.cvss.is_none() && other.cvss.is_some() {
            shown.cvss = other.cvss;
            shown.severity = other.severity;
        } else if shown.severity == Severity::Unknown {
            shown.severity = other.severity;
        }
        shown.fixed_in = shown.fixed_in.take().or(other.fixed_in);
        if shown.summary.is_empty() {
            shown.summary = other.summary;
        }
        for link in other.references {
            if !shown.references.contains(&link) {
                shown.references.push(link);
            }
        }
        self.names.extend(names);
        self.databases.insert(database);
    }
}

/// A record may give several rules for a package, and several sources the same record: the
/// worst state is kept, and among equals the one that names a fix. Ordered so that the record
/// people should read comes first: the ecosystem's own, then GitHub's, then the bare CVE.
fn one_per_advisory(mut found: Vec<(Advisory, Finding)>) -> Vec<(Advisory, Finding)> {
    let rank = |id: &str| match database(id) {
        "CVE" => 2,
        "GHSA" => 1,
        _ => 0,
    };
    found.sort_by(|(a, x), (b, y)| {
        (rank(&a.id), &a.id, x.state, x.fixed_in.is_none()).cmp(&(
            rank(&b.id),
            &b.id,
            y.state,
            y.fixed_in.is_none(),
        ))
    });
    found.dedup_by(|(later, _), (first, _)| later.id == first.id);
    found
}

fn names(advisory: &Advisory) -> BTreeSet<String> {
    let upstream = match advisory.upstream.as_slice() {
        [only] => Some(only),
        _ => None,
    };
    let names = std::iter::once(&advisory.id)
        .chain(&advisory.aliases)
        .chain(upstream);
    names.cloned().collect()
}

/// `RUSTSEC` of `RUSTSEC-2021-0003`.
fn database(id: &str) -> &str {
    id.split_once('-').map_or(id, |(database, _)| database)
}

#[cfg(test)]
mod tests {
    use crate::{AdvisoryDb, Ecosystem, Package, Source, SourceKind, scan};

    fn findings(records: &str) -> Vec<(String, Vec<String>)> {
        let mut db = AdvisoryDb::new();
        let source = Source::new("test", SourceKind::Osv);
        db.add(source, crate::osv::parse(records.as_bytes()).unwrap());
        let package = Package::new(Ecosystem::new("crates.io"), "x", "1.0.0");
        let report = scan(&db, &[package], "2026-01-01T00:00:00Z".parse().unwrap());
        report
            .findings
            .into_iter()
            .map(|f| (f.advisory, f.aliases))
            .collect()
    }

    fn record(id: &str, extra: &str) -> String {
        format!(
            r#"{{"id": "{id}", "affected": [{{"package": {{"ecosystem": "crates.io",
            "name": "x"}}, "versions": ["1.0.0"]}}]{extra}}}"#
        )
    }

    #[test]
    fn two_databases_on_one_issue_are_one_finding() {
        let records = format!(
            "[{},{}]",
            record("GHSA-1", r#", "aliases": ["CVE-1"], "summary": "s""#),
            record("RUSTSEC-1", r#", "aliases": ["CVE-1"]"#)
        );
        let expected = vec![(
            "RUSTSEC-1".to_owned(),
            vec!["CVE-1".into(), "GHSA-1".into()],
        )];
        assert_eq!(findings(&records), expected);
    }

    #[test]
    fn two_records_of_one_database_stay_apart() {
        let records = format!(
            "[{},{}]",
            record("RUSTSEC-1", r#", "aliases": ["CVE-1"]"#),
            record("RUSTSEC-2", r#", "aliases": ["CVE-1"]"#)
        );
        assert_eq!(findings(&records).len(), 2);
    }

    #[test]
    fn one_upstream_record_joins_and_several_do_not() {
        let one = format!(
            "[{},{}]",
            record("DSA-1", r#", "upstream": ["CVE-1"]"#),
            record("DEBIAN-CVE-1", r#", "upstream": ["CVE-1"]"#)
        );
        assert_eq!(findings(&one).len(), 1);
        let several = format!(
            "[{},{},{}]",
            record("DSA-1", r#", "upstream": ["CVE-1", "CVE-2"]"#),
            record("DEBIAN-CVE-1", r#", "upstream": ["CVE-1"]"#),
            record("DEBIAN-CVE-2", r#", "upstream": ["CVE-2"]"#)
        );
        assert_eq!(findings(&several).len(), 3);
    }
}
