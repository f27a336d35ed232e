//! The schema's evaluation algorithm: OSV schema, section "Evaluation".

use std::cmp::Ordering;

use crate::advisory::{Event, Range, RangeKind, Versions};
use crate::package::Ecosystem;
use crate::version::Order;

/// What a record says of one version.
#[derive(Debug, PartialEq)]
pub(crate) enum Evaluation<'a> {
    Affected {
        /// The first fixed version above the one asked about.
        fixed_in: Option<&'a str>,
        why: Why<'a>,
    },
    NotAffected,
    /// The record names the package, and cannot be evaluated: never taken for "not affected".
    Undecided(&'static str),
}

/// What makes the version affected.
#[derive(Debug, PartialEq)]
pub(crate) enum Why<'a> {
    Listed,
    /// The stretch that holds the version: its beginning, and its end where it has one.
    Range {
        from: &'a str,
        until: Option<Event<&'a str>>,
    },
}

/// Whether `version` of a package in `ecosystem` is affected.
pub(crate) fn evaluate<'a, S: AsRef<str>>(
    ecosystem: &Ecosystem,
    version: &str,
    versions: &'a Versions<S>,
) -> Evaluation<'a> {
    if versions.listed.is_empty() && versions.ranges.is_empty() {
        return Evaluation::Undecided("the record names the package and no versions");
    }
    let order = ecosystem.order();
    let mut undecided = None;
    let mut hit = None;
    for range in &versions.ranges {
        // Every affected version is listed beside a range of commits: then the list decides.
        if range.kind == RangeKind::Git && !versions.listed.is_empty() {
            continue;
        }
        if holds_everything(range) {
            hit = hit.or(Some(("0", None)));
            continue;
        }
        match line(range.kind, order).and_then(|order| placed(order, version, range)) {
            Ok(order) => hit = hit.or_else(|| in_range(order, version, range)),
            Err(reason) => undecided = undecided.or(Some(reason)),
        }
    }
    if let Some((from, until)) = hit {
        let fixed_in = first_fix(order, version, versions);
        return Evaluation::Affected {
            fixed_in,
            why: Why::Range { from, until },
        };
    }
    if is_listed(order, version, versions) {
        let fixed_in = first_fix(order, version, versions);
        return Evaluation::Affected {
            fixed_in,
            why: Why::Listed,
        };
    }
    // A list holds versions, and a text that is none might stand for any of them.
    if order.is_some_and(|order| !order.is_version(version)) {
        undecided = Some(NOT_A_VERSION);
    }
    undecided.map_or(Evaluation::NotAffected, Evaluation::Undecided)
}

const NOT_A_VERSION: &str = "the installed version is not a version of its ecosystem";

/// Whether the range holds all versions, so that none needs a place in an order.
fn holds_everything<S: AsRef<str>>(range: &Range<S>) -> bool {
    let is_start = |event: &Event<S>| matches!(borrowed(event), Event::Introduced("0"));
    let in_an_order = matches!(range.kind, RangeKind::Ecosystem | RangeKind::SemVer);
    in_an_order && !range.events.is_empty() && range.events.iter().all(is_start)
}

/// The order, if the version and each bound of the range have a place in it.
fn placed<S: AsRef<str>>(
    order: Order,
    version: &str,
    range: &Range<S>,
) -> Result<Order, &'static str> {
    if !order.is_version(version) {
        return Err(NOT_A_VERSION);
    }
    let is_bound = |event: &Event<S>| {
        let at = at(&borrowed(event));
        at == "0" || at == "*" || order.is_version(at)
    };
    match range.events.iter().all(is_bound) {
        true => Ok(order),
        false => Err("a bound of its range is not a version"),
    }
}

/// Whether the list names the version: as the same text, or as another spelling of it where both
/// are versions.
fn is_listed<S: AsRef<str>>(order: Option<Order>, version: &str, versions: &Versions<S>) -> bool {
    let order = order.filter(|order| order.is_version(version));
    let is_same = |listed: &str| {
        listed == version
            || order.is_some_and(|order| {
                order.compare(listed, version).is_eq() && order.is_version(listed)
            })
    };
    versions
        .listed
        .iter()
        .any(|listed| is_same(listed.as_ref()))
}

/// The order along which a range's events lie.
fn line(kind: RangeKind, order: Option<Order>) -> Result<Order, &'static str> {
    match kind {
        // Two ecosystems refine Semantic Versioning: in Pub a build is a version of its own, and
        // NuGet ignores case. Their records are written with their own tools.
        RangeKind::SemVer => match order {
            Some(own @ (Order::NuGet | Order::Pub)) => Ok(own),
            _ => Ok(Order::SemVer),
        },
        RangeKind::Ecosystem => order.ok_or("this ecosystem's order of versions is not known"),
        RangeKind::Git => Err("the record gives only ranges of commits"),
        _ => Err("the record gives a kind of range that is not known"),
    }
}

/// The stretch of the range that holds the version: it begins at the latest event before the
/// version, if that introduces the issue, and ends at the first one after it. One pass: sorting, as
/// the schema describes it, needs a total order, which not every ecosystem has, and more time.
fn in_range<'a, S: AsRef<str>>(
    order: Order,
    version: &str,
    range: &'a Range<S>,
) -> Option<(&'a str, Option<Event<&'a str>>)> {
    if !before_limits(order, version, range) {
        return None;
    }
    let mut latest: Option<Event<&str>> = None;
    let mut until: Option<Event<&str>> = None;
    for event in range.events.iter().map(borrowed) {
        let is_past = match event {
            Event::Introduced(at) | Event::Fixed(at) => at_least(order, version, at),
            Event::LastAffected(at) => order.compare(version, at).is_gt(),
            Event::Limit(_) => continue,
        };
        match (is_past, event) {
            // Of two events at one version the record's order decides.
            (true, _) => {
                if latest.is_none_or(|latest| order_of(order, &latest, &event).is_le()) {
                    latest = Some(event);
                }
            }
            (false, Event::Introduced(_)) => {}
            (false, _) => {
                if until.is_none_or(|until| order_of(order, &event, &until).is_lt()) {
                    until = Some(event);
                }
            }
        }
    }
    match latest {
        Some(Event::Introduced(from)) => Some((from, until)),
        _ => None,
    }
}

/// "If no limits are given, the range is unlimited", and one limit above suffices.
fn before_limits<S: AsRef<str>>(order: Order, version: &str, range: &Range<S>) -> bool {
    let mut limits = range.events.iter().filter_map(|event| match event {
        Event::Limit(at) => Some(at.as_ref()),
        _ => None,
    });
    match limits.next() {
        None => true,
        Some(first) => std::iter::once(first)
            .chain(limits)
            .any(|limit| limit == "*" || order.compare(version, limit).is_lt()),
    }
}

fn at_least(order: Order, version: &str, at: &str) -> bool {
    at == "0" || order.compare(version, at).is_ge()
}

/// `0` comes before every version.
fn order_of(order: Order, a: &Event<&str>, b: &Event<&str>) -> Ordering {
    match (at(a), at(b)) {
        ("0", "0") => Ordering::Equal,
        ("0", _) => Ordering::Less,
        (_, "0") => Ordering::Greater,
        (a, b) => order.compare(a, b),
    }
}

fn at<'a>(event: &Event<&'a str>) -> &'a str {
    match event {
        Event::Introduced(at) | Event::Fixed(at) | Event::LastAffected(at) | Event::Limit(at) => at,
    }
}

fn borrowed<S: AsRef<str>>(event: &Event<S>) -> Event<&str> {
    match event {
        Event::Introduced(at) => Event::Introduced(at.as_ref()),
        Event::Fixed(at) => Event::Fixed(at.as_ref()),
        Event::LastAffected(at) => Event::LastAffected(at.as_ref()),
        Event::Limit(at) => Event::Limit(at.as_ref()),
    }
}

/// The lowest fixed version above the one that is installed.
///
/// Where the versions cannot be compared, the fix that the record names last: a version that is
/// affected is not among the fixed ones, and records name the highest last. To say that there is
/// none would be wrong.
fn first_fix<'a, S: AsRef<str>>(
    order: Option<Order>,
    version: &str,
    versions: &'a Versions<S>,
) -> Option<&'a str> {
    let mut best: Option<(&str, Order)> = None;
    let mut last = None;
    for range in versions
        .ranges
        .iter()
        .filter(|range| range.kind != RangeKind::Git)
    {
        let order = line(range.kind, order).ok();
        let order = order.filter(|order| order.is_version(version));
        for event in &range.events {
            let Event::Fixed(at) = borrowed(event) else {
                continue;
            };
            let Some(order) = order.filter(|order| order.is_version(at)) else {
                last = Some(at);
                continue;
            };
            if order.compare(at, version).is_gt()
                && best.is_none_or(|(lowest, _)| order.compare(at, lowest).is_lt())
            {
                best = Some((at, order));
            }
        }
    }
    best.map(|(at, _)| at).or(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(kind: RangeKind, events: &[(&str, &str)]) -> Range {
        let events = events.iter().map(|(kind, at)| match *kind {
            "introduced" => Event::Introduced((*at).into()),
            "fixed" => Event::Fixed((*at).into()),
            "last_affected" => Event::LastAffected((*at).into()),
            _ => Event::Limit((*at).into()),
        });
        Range {
            kind,
            events: events.collect(),
        }
    }

    fn affected(version: &str, versions: &Versions) -> Option<Option<String>> {
        match evaluate(&Ecosystem::new("crates.io"), version, versions) {
            Evaluation::Affected { fixed_in, .. } => Some(fixed_in.map(str::to_owned)),
            Evaluation::NotAffected => None,
            Evaluation::Undecided(reason) => panic!("undecided: {reason}"),
        }
    }

    fn ranges(list: Vec<Range>) -> Versions {
        Versions {
            listed: Vec::new(),
            ranges: list,
        }
    }

    #[test]
    fn introduced_and_fixed() {
        // Unsorted on purpose: the algorithm sorts.
        let versions = ranges(vec![range(
            RangeKind::SemVer,
            &[
                ("fixed", "1.6.1"),
                ("introduced", "1.0.0"),
                ("fixed", "0.6.14"),
                ("introduced", "0.6.3"),
            ],
        )]);
        assert_eq!(affected("0.6.2", &versions), None);
        assert_eq!(affected("0.6.3", &versions), Some(Some("0.6.14".into())));
        assert_eq!(affected("0.6.14", &versions), None);
        assert_eq!(affected("1.6.0", &versions), Some(Some("1.6.1".into())));
        assert_eq!(affected("1.6.1", &versions), None);
    }

    #[test]
    fn zero_is_before_every_version() {
        let versions = ranges(vec![range(RangeKind::SemVer, &[("introduced", "0")])]);
        assert_eq!(affected("0.0.0-alpha", &versions), Some(None));
    }

    #[test]
    fn last_affected_is_still_affected() {
        let versions = ranges(vec![range(
            RangeKind::SemVer,
            &[("introduced", "0"), ("last_affected", "2.0.0")],
        )]);
        assert_eq!(affected("2.0.0", &versions), Some(None));
        assert_eq!(affected("2.0.1", &versions), None);
    }

    #[test]
    fn a_limit_ends_the_range_and_a_star_does_not() {
        let limited = ranges(vec![range(
            RangeKind::SemVer,
            &[("introduced", "0"), ("limit", "3.0.0")],
        )]);
        assert_eq!(affected("2.9.9", &limited), Some(None));
        assert_eq!(affected("3.0.0", &limited), None);
        let star = ranges(vec![range(
            RangeKind::SemVer,
            &[("introduced", "0"), ("limit", "3.0.0"), ("limit", "*")],
        )]);
        assert_eq!(affected("3.0.0", &star), Some(None));
    }

    #[test]
    fn a_listed_version_is_affected_whatever_the_ranges_say() {
        let mut versions = ranges(vec![range(
            RangeKind::SemVer,
            &[("introduced", "5.0.0"), ("fixed", "6.0.0")],
        )]);
        versions.listed = vec!["1.0.0".into()];
        assert_eq!(affected("1.0.0", &versions), Some(Some("6.0.0".into())));
        assert_eq!(affected("1.0.1", &versions), None);
    }

    #[test]
    fn what_cannot_be_evaluated_is_undecided_and_never_clean() {
        let unordered = Ecosystem::new("Android");
        let events = [("introduced", "0"), ("fixed", "2")];
        for kind in [RangeKind::Git, RangeKind::Ecosystem, RangeKind::Unknown] {
            let versions = ranges(vec![range(kind, &events)]);
            let evaluation = evaluate(&unordered, "1", &versions);
            assert!(matches!(evaluation, Evaluation::Undecided(_)), "{kind:?}");
        }
        let nothing = Versions::<String>::default();
        let evaluation = evaluate(&unordered, "1", &nothing);
        assert!(matches!(evaluation, Evaluation::Undecided(_)));
    }

    /// The word of a record on a version: `affected`, `clean`, or `undecided`.
    fn word(ecosystem: &str, version: &str, versions: &Versions) -> &'static str {
        match evaluate(&Ecosystem::new(ecosystem), version, versions) {
            Evaluation::Affected { .. } => "affected",
            Evaluation::NotAffected => "clean",
            Evaluation::Undecided(_) => "undecided",
        }
    }

    #[test]
    fn every_ecosystem_with_an_order_is_evaluated_in_it() {
        // Ecosystem, an affected version, the fixed one, a newer one.
        for (ecosystem, affected, fixed, newer) in [
            ("Bioconductor", "1.9-2", "1.10-1", "1.10.1"),
            ("Bitnami", "9.1.0-2", "10.0.0", "10.0.0"),
            ("CRAN", "1.9-2", "1.10-1", "1.10.1"),
            ("ConanCenter", "1.1.1w", "3.0.0", "3.0.8"),
            ("GHC", "9.2.8", "9.4.1", "9.10.1"),
            ("GitHub Actions", "v4", "4.1.7", "v4.2"),
            (
                "Go",
                "v0.0.0-20220314234659-1baeb1ce4c0b",
                "0.17.0",
                "v0.17.0+incompatible",
            ),
            ("Hackage", "2.1.2.0", "2.1.2.1", "2.1.10"),
            ("Hex", "1.9.0", "1.10.0-rc.1", "1.10.0"),
            ("Julia", "3.0.15+0", "3.0.15+1", "3.0.15+2"),
            ("Maven", "2.9.10.Final", "2.9.10.sp1", "2.10"),
            ("NuGet", "13.0.1.0-BETA", "13.0.1", "13.0.1.1"),
            ("Packagist", "v5.4.0-RC1", "5.4", "v5.10.0"),
            ("Pub", "0.13.3", "0.13.3+1", "0.13.10"),
            ("RubyGems", "7.0.0.rc1", "7.0.0", "7.0.10"),
            ("SwiftURL", "v1.9", "1.10.0", "1.10.1"),
            ("VSCode", "1.9.0", "1.10.0", "1.10.0"),
            ("crates.io", "1.9.0", "1.10.0", "1.10.0"),
            ("npm", "4.9.0", "4.10.0", "4.10.0"),
            ("opam", "v0.9", "v0.16.0", "v0.16.1"),
        ] {
            let events = [("introduced", "0"), ("fixed", fixed)];
            let versions = ranges(vec![range(RangeKind::Ecosystem, &events)]);
            assert_eq!(
                word(ecosystem, affected, &versions),
                "affected",
                "{ecosystem}"
            );
            assert_eq!(word(ecosystem, fixed, &versions), "clean", "{ecosystem}");
            assert_eq!(word(ecosystem, newer, &versions), "clean", "{ecosystem}");
        }
    }

    #[test]
    fn what_is_no_version_is_in_no_range_and_not_out_of_it() {
        let no_versions = [
            "latest",
            "^4.17.0",
            "~4.17",
            "4.x",
            "4.17.X",
            "*",
            ">=4.17.0",
            "==4.17.0",
            "(devel)",
            "unknown",
            "HEAD",
            "NOASSERTION",
            "None",
            "https://example.org/4.17.0.tgz",
            "",
            " ",
            "4.17.0 ",
            "4 17",
            "4.17.0,4.17.1",
            "[1.0,2.0)",
            "${project.version}",
            "8e5e7e5ab8b370d6c329ec480221332ada57f0ab",
        ];
        for ecosystem in [
            "Alpine:v3.20",
            "Arch Linux",
            "CRAN",
            "ConanCenter",
            "Debian:12",
            "Go",
            "Hackage",
            "Julia",
            "Maven",
            "NuGet",
            "Packagist",
            "Pub",
            "PyPI",
            "Rocky Linux:9",
            "RubyGems",
            "crates.io",
            "npm",
            "opam",
        ] {
            let events = [("introduced", "0"), ("fixed", "4.17.21")];
            let mut versions = ranges(vec![range(RangeKind::Ecosystem, &events)]);
            for version in no_versions {
                let said = word(ecosystem, version, &versions);
                assert_eq!(said, "undecided", "{ecosystem} {version:?}");
            }
            // A list that does not name the text says nothing of it; one that does, does.
            versions.listed = vec!["4.17.0".into()];
            assert_eq!(
                word(ecosystem, "latest", &versions),
                "undecided",
                "{ecosystem}"
            );
            versions.listed = vec!["latest".into()];
            assert_eq!(
                word(ecosystem, "latest", &versions),
                "affected",
                "{ecosystem}"
            );
            versions.ranges.clear();
            assert_eq!(
                word(ecosystem, "unknown", &versions),
                "undecided",
                "{ecosystem}"
            );
            assert_eq!(word(ecosystem, "4.17.0", &versions), "clean", "{ecosystem}");
        }
    }

    #[test]
    fn a_bound_that_is_no_version_leaves_the_version_undecided() {
        for (introduced, fixed) in [("0", "latest"), ("next", "9.0.0"), ("0", "<= 9"), ("0", "")] {
            for kind in [RangeKind::Ecosystem, RangeKind::SemVer] {
                let events = [("introduced", introduced), ("fixed", fixed)];
                let mut versions = ranges(vec![range(kind, &events)]);
                assert_eq!(word("npm", "10.0.0", &versions), "undecided", "{fixed}");
                versions.listed = vec!["1.0.0".into()];
                assert_eq!(word("npm", "10.0.0", &versions), "undecided", "{fixed}");
                assert_eq!(word("npm", "1.0", &versions), "affected", "{fixed}");
                let sound = [("introduced", "10.0.0"), ("fixed", "11.0.0")];
                versions.ranges.push(range(kind, &sound));
                assert_eq!(word("npm", "10.0.0", &versions), "affected", "{fixed}");
            }
        }
    }

    #[test]
    fn a_semantic_range_asks_for_a_semantic_version() {
        let events = [("introduced", "0"), ("fixed", "2.0.0")];
        let versions = ranges(vec![range(RangeKind::SemVer, &events)]);
        assert_eq!(word("PyPI", "1.0", &versions), "affected");
        assert_eq!(word("PyPI", "3.0", &versions), "clean");
        assert_eq!(word("PyPI", "3.0rc1", &versions), "undecided");
        assert_eq!(word("Android", "None", &versions), "undecided");
    }

    #[test]
    fn a_semantic_range_of_pub_tells_builds_apart() {
        let events = [("introduced", "0"), ("fixed", "0.13.3+1")];
        let versions = ranges(vec![range(RangeKind::SemVer, &events)]);
        for (ecosystem, said) in [("Pub", "affected"), ("Julia", "affected"), ("npm", "clean")] {
            assert_eq!(word(ecosystem, "0.13.3", &versions), said, "{ecosystem}");
            assert_eq!(
                word(ecosystem, "0.13.3+1", &versions),
                "clean",
                "{ecosystem}"
            );
        }
    }

    #[test]
    fn where_all_versions_are_affected_any_text_is() {
        for kind in [RangeKind::Ecosystem, RangeKind::SemVer] {
            let all = ranges(vec![range(kind, &[("introduced", "0")])]);
            assert_eq!(word("npm", "latest", &all), "affected");
            assert_eq!(word("Android", "14", &all), "affected");
            let none = ranges(vec![range(kind, &[])]);
            assert_ne!(word("npm", "latest", &none), "affected");
        }
    }

    #[test]
    fn a_list_decides_beside_commits_and_not_beside_a_range_without_an_order() {
        for (kind, said) in [
            (RangeKind::Git, "clean"),
            (RangeKind::Ecosystem, "undecided"),
            (RangeKind::Unknown, "undecided"),
        ] {
            let events = [("introduced", "1"), ("fixed", "3")];
            let mut versions = ranges(vec![range(kind, &events)]);
            versions.listed = vec!["2".into()];
            assert_eq!(word("Android", "4", &versions), said, "{kind:?}");
            assert_eq!(word("Android", "2", &versions), "affected", "{kind:?}");
        }
    }

    #[test]
    fn a_fix_that_cannot_be_compared_is_still_a_fix() {
        let two = [
            ("introduced", "0"),
            ("fixed", "3.0"),
            ("introduced", "4.0"),
            ("fixed", "4.5"),
        ];
        let mut versions = ranges(vec![range(RangeKind::Ecosystem, &two)]);
        versions.listed = vec!["latest".into(), "2".into()];
        for (ecosystem, version) in [("Android", "2"), ("npm", "latest")] {
            match evaluate(&Ecosystem::new(ecosystem), version, &versions) {
                Evaluation::Affected { fixed_in, .. } => assert_eq!(fixed_in, Some("4.5")),
                other => panic!("{other:?}"),
            }
        }
        // A commit is no version to install.
        versions.ranges = vec![range(RangeKind::Git, &two)];
        match evaluate(&Ecosystem::new("npm"), "2", &versions) {
            Evaluation::Affected { fixed_in, .. } => assert_eq!(fixed_in, None),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_first_fix_above_is_the_one_to_install() {
        let versions = ranges(vec![
            range(
                RangeKind::SemVer,
                &[("introduced", "0"), ("fixed", "3.0.5")],
            ),
            range(
                RangeKind::SemVer,
                &[("introduced", "0"), ("fixed", "2.4.1")],
            ),
        ]);
        assert_eq!(affected("2.0.0", &versions), Some(Some("2.4.1".into())));
    }
}
