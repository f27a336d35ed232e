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
    if order.is_some_and(|order| !order.is_version(version)) {
        return listed_literally(version, versions);
    }
    let mut undecided = None;
    let mut hit = None;
    for range in &versions.ranges {
        match line(range.kind, order).and_then(|order| bounded(order, range)) {
            Ok(order) => hit = hit.or_else(|| in_range(order, version, range)),
            Err(reason) => undecided = Some(reason),
        }
    }
    if let Some((from, until)) = hit {
        let fixed_in = first_fix(order, version, versions);
        return Evaluation::Affected {
            fixed_in,
            why: Why::Range { from, until },
        };
    }
    if versions
        .listed
        .iter()
        .any(|listed| same(order, listed.as_ref(), version))
    {
        let fixed_in = first_fix(order, version, versions);
        return Evaluation::Affected {
            fixed_in,
            why: Why::Listed,
        };
    }
    // Every affected version is listed beside a range of commits: then the list decides.
    match undecided {
        Some(reason) if versions.listed.is_empty() => Evaluation::Undecided(reason),
        _ => Evaluation::NotAffected,
    }
}

/// What is no version has no place in an order, so that only the very same text counts.
fn listed_literally<'a, S: AsRef<str>>(version: &str, versions: &'a Versions<S>) -> Evaluation<'a> {
    match versions
        .listed
        .iter()
        .any(|listed| listed.as_ref() == version)
    {
        true => Evaluation::Affected {
            fixed_in: None,
            why: Why::Listed,
        },
        false => Evaluation::Undecided("the installed version is not a version of its ecosystem"),
    }
}

/// The order, if each bound of the range has a place in it.
fn bounded<S: AsRef<str>>(order: Order, range: &Range<S>) -> Result<Order, &'static str> {
    let is_bound = |event: &Event<S>| {
        let at = at(&borrowed(event));
        at == "0" || at == "*" || order.is_version(at)
    };
    match range.events.iter().all(is_bound) {
        true => Ok(order),
        false => Err("a bound of its range is not a version"),
    }
}

/// The order along which a range's events lie.
fn line(kind: RangeKind, order: Option<Order>) -> Result<Order, &'static str> {
    match kind {
        RangeKind::SemVer => Ok(Order::SemVer),
        RangeKind::Ecosystem => order.ok_or("this ecosystem's order of versions is not known"),
        RangeKind::Git => Err("the record gives only ranges of commits"),
        _ => Err("the record gives a kind of range that is not known"),
    }
}

fn same(order: Option<Order>, listed: &str, version: &str) -> bool {
    listed == version || order.is_some_and(|order| order.compare(listed, version).is_eq())
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
fn first_fix<'a, S: AsRef<str>>(
    order: Option<Order>,
    version: &str,
    versions: &'a Versions<S>,
) -> Option<&'a str> {
    let mut best: Option<(&str, Order)> = None;
    for range in &versions.ranges {
        let Ok(order) = line(range.kind, order) else {
            continue;
        };
        for event in &range.events {
            if let Event::Fixed(at) = borrowed(event)
                && order.compare(at, version).is_gt()
                && best.is_none_or(|(lowest, _)| order.compare(at, lowest).is_lt())
            {
                best = Some((at, order));
            }
        }
    }
    best.map(|(at, _)| at)
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
        let eco = Ecosystem::new("ConanCenter");
        let git = ranges(vec![range(RangeKind::Git, &[("introduced", "0")])]);
        assert!(matches!(
            evaluate(&eco, "1", &git),
            Evaluation::Undecided(_)
        ));
        let own = ranges(vec![range(RangeKind::Ecosystem, &[("introduced", "0")])]);
        assert!(matches!(
            evaluate(&eco, "1", &own),
            Evaluation::Undecided(_)
        ));
        let unknown = ranges(vec![range(RangeKind::Unknown, &[("introduced", "0")])]);
        assert!(matches!(
            evaluate(&eco, "1", &unknown),
            Evaluation::Undecided(_)
        ));
        assert!(matches!(
            evaluate(&eco, "1", &Versions::<String>::default()),
            Evaluation::Undecided(_)
        ));
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
