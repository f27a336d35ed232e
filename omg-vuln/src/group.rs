//! One finding per issue: records of several databases about the same issue become one, and an
//! advisory that bundles several issues is folded into the records of these issues.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

use crate::advisory::Advisory;
use crate::scan::Finding;
use crate::severity::{Cvss, Severity};

/// A record that speaks of a package, and the finding that it gives.
pub(crate) struct Found {
    pub(crate) advisory: Advisory,
    pub(crate) finding: Finding,
    /// The severity is the distribution's own word about its package, above every score.
    pub(crate) is_final: bool,
}

/// Merges what was found for *one* package, sorted by advisory.
///
/// Records are the same issue if one names the other, if they share an alias, or if each was
/// made from the same single upstream record. Two records of one database stay apart, for
/// their authors filed them apart: every group of the Arch tracker is a finding of its own. An
/// advisory made from several upstream records (a DSA) is folded into the findings of these
/// where all have one, and stands for the rest otherwise. Of what is merged the worst counts.
pub(crate) fn merge(found: Vec<Found>) -> Vec<Finding> {
    if found.len() < 2 {
        return found.into_iter().map(|found| found.finding).collect();
    }
    let mut groups = Groups::default();
    for found in one_per_advisory(found) {
        groups.add(found);
    }
    let mut findings = fold_bundles(groups.groups);
    findings.sort_by(|a, b| a.advisory.cmp(&b.advisory));
    findings
}

/// The groups so far, and where each name leads.
#[derive(Default)]
struct Groups {
    groups: Vec<Group>,
    /// The groups with a name, in their order.
    by_name: HashMap<String, Vec<usize>>,
    /// For a name and a database, how many of the groups with the name surely have a record of the
    /// database: no group loses one, so that no search begins anew.
    closed: HashMap<(String, String), usize>,
}

impl Groups {
    fn add(&mut self, found: Found) {
        let names = names(&found.advisory);
        let database = database(&found.advisory.id).to_owned();
        let open = names.iter().filter_map(|name| self.open(name, &database));
        match open.collect::<Vec<_>>().into_iter().min() {
            Some(at) => {
                if let Some(group) = self.groups.get_mut(at) {
                    let new: Vec<String> = names.difference(&group.names).cloned().collect();
                    group.join(found, &names, database);
                    self.index(new, at);
                }
            }
            None => {
                self.index(names.iter().cloned().collect(), self.groups.len());
                self.groups.push(Group {
                    finding: found.finding,
                    is_final: found.is_final,
                    names,
                    databases: BTreeSet::from([database]),
                });
            }
        }
    }

    /// The first group with this name that has no record of this database.
    fn open(&mut self, name: &str, database: &str) -> Option<usize> {
        let groups = self.by_name.get(name)?;
        let key = (name.to_owned(), database.to_owned());
        let closed = self.closed.entry(key).or_insert(0);
        while let Some(at) = groups.get(*closed) {
            let group = self.groups.get(*at)?;
            if !group.databases.contains(database) {
                return Some(*at);
            }
            *closed += 1;
        }
        None
    }

    fn index(&mut self, names: Vec<String>, at: usize) {
        for name in names {
            self.by_name.entry(name).or_default().push(at);
        }
    }
}

struct Group {
    finding: Finding,
    is_final: bool,
    names: BTreeSet<String>,
    databases: BTreeSet<String>,
}

impl Group {
    /// The first finding is the one that is shown; the other fills in what it leaves open, and
    /// raises what it says less of.
    fn join(&mut self, found: Found, names: &BTreeSet<String>, database: String) {
        let (other, is_final) = (found.finding, found.is_final);
        let shown = &mut self.finding;
        rate(shown, self.is_final, &other, is_final);
        self.is_final |= is_final;
        add_names(shown, &other);
        if other.state < shown.state {
            shown.state = other.state;
            shown.reason = other.reason;
        }
        // A notice beside a vulnerability makes it no notice.
        shown.informational = shown.informational.take().and(other.informational);
        shown.fixed_in = shown.fixed_in.take().or(other.fixed_in);
        if shown.summary.is_empty() {
            shown.summary = other.summary;
        }
        for link in other.references {
            if !shown.references.contains(&link) {
                shown.references.push(link);
            }
        }
        self.names.extend(names.iter().cloned());
        self.databases.insert(database);
    }
}

fn add_names(shown: &mut Finding, other: &Finding) {
    let mut aliases: BTreeSet<String> = std::mem::take(&mut shown.aliases).into_iter().collect();
    aliases.insert(other.advisory.clone());
    aliases.extend(other.aliases.iter().cloned());
    aliases.remove(&shown.advisory);
    shown.aliases = aliases.into_iter().collect();
    let mut upstream: BTreeSet<String> = std::mem::take(&mut shown.upstream).into_iter().collect();
    upstream.extend(other.upstream.iter().cloned());
    shown.upstream = upstream.into_iter().collect();
}

/// The worst rating counts, unless one of the two is the distribution's own word.
fn rate(shown: &mut Finding, shown_is_final: bool, other: &Finding, other_is_final: bool) {
    let worse = (
        other.severity.rank(),
        &other.cvss.as_ref().map(Cvss::tenths),
    ) > (
        shown.severity.rank(),
        &shown.cvss.as_ref().map(Cvss::tenths),
    );
    let takes = match (shown_is_final, other_is_final) {
        (true, false) => false,
        (false, true) => true,
        _ => worse || shown.severity == Severity::Unknown,
    };
    if takes {
        shown.severity = other.severity;
        shown.cvss.clone_from(&other.cvss);
    }
}

/// Folds an advisory that was made from several issues into the findings of these issues.
fn fold_bundles(groups: Vec<Group>) -> Vec<Finding> {
    let (bundles, mut single): (Vec<Group>, Vec<Group>) = groups
        .into_iter()
        .partition(|group| group.finding.upstream_issues().len() > 1);
    // Which finding has an issue: the first, in the order in which they are shown.
    let mut having: HashMap<String, usize> = HashMap::new();
    for (at, group) in single.iter().enumerate() {
        let finding = &group.finding;
        let names = std::iter::once(&finding.advisory).chain(&finding.aliases);
        let issues = finding.upstream_issues().into_iter().map(str::to_owned);
        for name in names.cloned().chain(issues) {
            having.entry(name).or_insert(at);
        }
    }
    let mut left = Vec::new();
    for mut bundle in bundles {
        let issues = bundle.finding.upstream_issues();
        let places: Vec<Option<usize>> = issues
            .iter()
            .map(|issue| having.get(*issue).copied())
            .collect();
        let rest: Vec<String> = issues
            .iter()
            .zip(&places)
            .filter(|(_, place)| place.is_none())
            .map(|(issue, _)| (*issue).to_owned())
            .collect();
        let places: BTreeSet<usize> = places.into_iter().flatten().collect();
        for at in places {
            if let Some(group) = single.get_mut(at) {
                fold(&mut group.finding, &bundle.finding);
            }
        }
        if !rest.is_empty() {
            bundle.finding.upstream = rest;
            left.push(bundle.finding);
        }
    }
    left.extend(single.into_iter().map(|group| group.finding));
    left
}

/// Adds what a bundle says of one of its issues: its name, a fix, and that it is affected.
fn fold(finding: &mut Finding, bundle: &Finding) {
    let mut aliases: BTreeSet<String> = std::mem::take(&mut finding.aliases).into_iter().collect();
    aliases.insert(bundle.advisory.clone());
    aliases.remove(&finding.advisory);
    finding.aliases = aliases.into_iter().collect();
    if bundle.state < finding.state {
        finding.state = bundle.state;
        finding.reason.clone_from(&bundle.reason);
    }
    if finding.fixed_in.is_none() {
        finding.fixed_in.clone_from(&bundle.fixed_in);
    }
}

/// A record may give several rules for a package, and several sources the same record: the
/// worst state is kept, and among equals the one that names a fix and the worst rating. Ordered so
/// that the record people should read comes first: the ecosystem's own, then GitHub's, then the
/// bare CVE.
fn one_per_advisory(mut found: Vec<Found>) -> Vec<Found> {
    let rank = |id: &str| match database(id) {
        "CVE" => 2,
        "GHSA" => 1,
        _ => 0,
    };
    found.sort_by(|a, b| {
        let key = |found: &Found| {
            let finding = &found.finding;
            let severity = Reverse(finding.severity.rank());
            (finding.state, finding.fixed_in.is_none(), severity)
        };
        let ids = (rank(&a.advisory.id), &a.advisory.id);
        ids.cmp(&(rank(&b.advisory.id), &b.advisory.id))
            .then_with(|| key(a).cmp(&key(b)))
    });
    found.dedup_by(|later, first| {
        let is_same = later.advisory.id == first.advisory.id;
        if is_same {
            rate(
                &mut first.finding,
                first.is_final,
                &later.finding,
                later.is_final,
            );
            first.is_final |= later.is_final;
        }
        is_same
    });
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
    fn one_upstream_record_joins_and_a_bundle_is_folded_into_its_issues() {
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
        let names = |id: &str, alias: &str| (id.to_owned(), vec![alias.to_owned()]);
        let folded = vec![
            names("DEBIAN-CVE-1", "DSA-1"),
            names("DEBIAN-CVE-2", "DSA-1"),
        ];
        assert_eq!(findings(&several), folded);
        // One of its issues has no record: the advisory stands for it.
        let some = format!(
            "[{},{}]",
            record("DSA-1", r#", "upstream": ["CVE-1", "CVE-2"]"#),
            record("DEBIAN-CVE-1", r#", "upstream": ["CVE-1"]"#)
        );
        let found = findings(&some);
        assert_eq!(found.len(), 2);
        let alone = record("DSA-1", r#", "upstream": ["CVE-1", "CVE-2"]"#);
        assert_eq!(findings(&format!("[{alone}]")).len(), 1);
    }

    fn rated(id: &str, vector: &str, extra: &str) -> String {
        let severity =
            format!(r#", "severity": [{{"type": "CVSS_V3", "score": "{vector}"}}]{extra}"#);
        record(id, &severity)
    }

    fn severities(records: &[String]) -> Vec<crate::Severity> {
        let mut db = AdvisoryDb::new();
        let source = Source::new("test", SourceKind::Osv);
        let text = format!("[{}]", records.join(","));
        db.add(source, crate::osv::parse(text.as_bytes()).unwrap());
        let package = Package::new(Ecosystem::new("crates.io"), "x", "1.0.0");
        let report = scan(&db, &[package], "2026-01-01T00:00:00Z".parse().unwrap());
        report.findings.iter().map(|f| f.severity).collect()
    }

    #[test]
    fn the_worst_rating_counts_in_every_order() {
        use crate::Severity::{Critical, Low};
        let high = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
        let low = "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:L";
        let alias = r#", "aliases": ["CVE-1"]"#;
        let notice = r#", "affected": [{"package": {"ecosystem": "crates.io", "name": "x"},
            "versions": ["1.0.0"], "database_specific": {"informational": "unsound"}}]"#;
        let pairs = [(high, low), (low, high)];
        for (github, rustsec) in pairs {
            let records = [
                rated("GHSA-1", github, alias),
                rated("RUSTSEC-1", rustsec, alias),
            ];
            assert_eq!(severities(&records), [Critical], "{github}");
        }
        // A notice of another database makes no notice of it.
        let of_notice = format!(r#"{{"id": "RUSTSEC-1"{alias}{notice}}}"#);
        let records = [rated("GHSA-1", high, alias), of_notice];
        assert_eq!(severities(&records), [Critical]);
        assert_eq!(severities(&[rated("GHSA-1", low, alias)]), [Low]);
    }

    /// Many records that share a name are looked at once each.
    #[test]
    fn a_name_that_many_records_share_costs_no_more_than_their_number() {
        let alias = r#", "aliases": ["CVE-1"]"#;
        let records: Vec<String> = (0..20_000)
            .map(|n| record(&format!("RUSTSEC-{n}"), alias))
            .collect();
        assert_eq!(severities(&records).len(), 20_000);
    }
}
