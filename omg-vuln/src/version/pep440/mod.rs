//! Python's order of versions (PEP 440, now "Version specifiers" of the Python Packaging
//! User Guide), with the order of setuptools' `pkg_resources` for what does not conform.
//!
//! The order is total: versions that do not conform come before all that do, as they did
//! while pip still accepted them.

mod legacy;

use std::cmp::Ordering;

use super::digits;

/// Compares two versions as pip and `packaging` do.
///
/// Conforming versions compare without allocation, numbers being of any length. Local
/// version labels count: `1.0+local` is newer than `1.0`.
///
/// A version that does not conform comes before every one that does. Two such compare by
/// the legacy rules of `pkg_resources.parse_version` (the last release of `packaging`
/// with them is 21.3, `LegacyVersion`), which takes memory linear in their length.
///
/// # Examples
///
/// ```
/// use std::cmp::Ordering;
/// use omg_vuln::version::pep440::compare;
///
/// assert_eq!(compare("1.0.dev1", "1.0a1"), Ordering::Less);
/// assert_eq!(compare("1.0rc1", "1.0"), Ordering::Less);
/// assert_eq!(compare("1.0-1", "1.0.post1"), Ordering::Equal);
/// assert_eq!(compare("1.0", "1.0.0"), Ordering::Equal);
/// assert_eq!(compare("2.0-final-really", "0.1"), Ordering::Less);
/// ```
#[must_use]
pub fn compare(a: &str, b: &str) -> Ordering {
    match (Version::parse(a), Version::parse(b)) {
        (Some(a), Some(b)) => a.compare(&b),
        (None, None) => legacy::compare(a, b),
        (a, b) => a.is_some().cmp(&b.is_some()),
    }
}

/// Tells whether a text is a version of PEP 440, Appendix B, with no blanks around it.
///
/// Versions that only `LegacyVersion` read are none: no release of pip since 24.1 installs
/// them, and their shape, anything, is that of `latest` and `>=4.0`, too.
///
/// # Examples
///
/// ```
/// use omg_vuln::version::pep440::is_version;
///
/// assert!(is_version("1!1.0.post1"));
/// assert!(!is_version("==4.17.0"));
/// assert!(!is_version("4.*"));
/// ```
#[must_use]
pub fn is_version(text: &str) -> bool {
    text.trim() == text && Version::parse(text).is_some()
}

/// A conforming version; numbers are kept as the digits they were written in.
struct Version<'a> {
    epoch: &'a [u8],
    /// Numbers with single dots between them.
    release: &'a [u8],
    pre: Option<(Label, &'a [u8])>,
    post: Option<&'a [u8]>,
    dev: Option<&'a [u8]>,
    local: Option<&'a [u8]>,
}

/// The kind of a pre-release, in ascending order.
#[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
enum Label {
    Alpha,
    Beta,
    Candidate,
}

/// All spellings of the pre-release labels; one that starts another comes after it.
const PRE_LABELS: [(&[u8], Label); 8] = [
    (b"alpha", Label::Alpha),
    (b"a", Label::Alpha),
    (b"beta", Label::Beta),
    (b"b", Label::Beta),
    (b"preview", Label::Candidate),
    (b"pre", Label::Candidate),
    (b"rc", Label::Candidate),
    (b"c", Label::Candidate),
];
const POST_LABELS: [(&[u8], ()); 3] = [(b"post", ()), (b"rev", ()), (b"r", ())];
const DEV_LABELS: [(&[u8], ()); 1] = [(b"dev", ())];

impl<'a> Version<'a> {
    /// The grammar of PEP 440, Appendix B; `None` if the string does not follow it.
    fn parse(text: &'a str) -> Option<Self> {
        let text = text.trim().as_bytes();
        let text = text
            .strip_prefix(b"v")
            .or(text.strip_prefix(b"V"))
            .unwrap_or(text);
        let (epoch, text) = match digits::split_epoch(text, b'!') {
            ([], _) => (&[][..], text),
            split => split,
        };
        let (release, text) = take_release(text)?;
        let (pre, text) = take_labelled(text, &PRE_LABELS);
        let (post, text) = take_post(text);
        let (dev, text) = take_labelled(text, &DEV_LABELS);
        let local = match text {
            [] => None,
            [b'+', local @ ..] if is_local(local) => Some(local),
            _ => return None,
        };
        Some(Self {
            epoch,
            release,
            pre,
            post,
            dev: dev.map(|((), number)| number),
            local,
        })
    }

    /// "Summary of permitted suffixes and relative ordering" of PEP 440.
    fn compare(&self, other: &Self) -> Ordering {
        digits::compare(self.epoch, other.epoch)
            .then_with(|| compare_release(self.release, other.release))
            .then_with(|| self.phase().cmp(&other.phase()))
            .then_with(|| match (self.pre, other.pre) {
                (Some((_, a)), Some((_, b))) => digits::compare(a, b),
                _ => Ordering::Equal,
            })
            .then_with(|| match (self.post, other.post) {
                (Some(a), Some(b)) => digits::compare(a, b),
                (a, b) => a.is_some().cmp(&b.is_some()),
            })
            .then_with(|| match (self.dev, other.dev) {
                (Some(a), Some(b)) => digits::compare(a, b),
                (a, b) => b.is_some().cmp(&a.is_some()),
            })
            .then_with(|| compare_local(self.local, other.local))
    }

    /// 1.0.dev1 < 1.0a1 < 1.0b1 < 1.0rc1 < 1.0, but 1.0 < 1.0.post1.dev1.
    fn phase(&self) -> Phase {
        match self.pre {
            Some((label, _)) => Phase::Pre(label),
            None if self.post.is_none() && self.dev.is_some() => Phase::Dev,
            None => Phase::Final,
        }
    }
}

#[derive(Eq, Ord, PartialEq, PartialOrd)]
enum Phase {
    Dev,
    Pre(Label),
    Final,
}

fn take_release(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut end = digits::take(text).0.len();
    if end == 0 {
        return None;
    }
    while let Some([b'.', rest @ ..]) = text.get(end..) {
        let (number, _) = digits::take(rest);
        if number.is_empty() {
            break;
        }
        end += 1 + number.len();
    }
    Some(text.split_at(end))
}

/// `[sep] label [sep] [number]`, where the number counts as zero if absent.
fn take_labelled<'a, T: Copy>(
    text: &'a [u8],
    labels: &[(&[u8], T)],
) -> (Option<(T, &'a [u8])>, &'a [u8]) {
    let start = skip_separator(text);
    for (name, label) in labels {
        if let Some((head, rest)) = start.split_at_checked(name.len())
            && head.eq_ignore_ascii_case(name)
        {
            let (number, rest) = digits::take(skip_separator(rest));
            return (Some((*label, number)), rest);
        }
    }
    (None, text)
}

/// A post-release may also be written `-N`.
fn take_post(text: &[u8]) -> (Option<&[u8]>, &[u8]) {
    if let [b'-', rest @ ..] = text {
        let (number, rest) = digits::take(rest);
        if !number.is_empty() {
            return (Some(number), rest);
        }
    }
    let (post, rest) = take_labelled(text, &POST_LABELS);
    (post.map(|((), number)| number), rest)
}

fn skip_separator(text: &[u8]) -> &[u8] {
    match text {
        [b'-' | b'_' | b'.', rest @ ..] => rest,
        _ => text,
    }
}

fn is_local(text: &[u8]) -> bool {
    segments(text).all(|part| !part.is_empty() && part.iter().all(u8::is_ascii_alphanumeric))
}

fn segments(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| matches!(byte, b'-' | b'_' | b'.'))
}

/// Trailing zeros do not count.
fn compare_release(a: &[u8], b: &[u8]) -> Ordering {
    let (mut a, mut b) = (segments(a), segments(b));
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (a, b) => digits::compare(a.unwrap_or_default(), b.unwrap_or_default()),
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// None comes first; then by segments, text before numbers, fewer before more.
fn compare_local(a: Option<&[u8]>, b: Option<&[u8]>) -> Ordering {
    let (Some(local_a), Some(local_b)) = (a, b) else {
        return a.is_some().cmp(&b.is_some());
    };
    let (mut a, mut b) = (segments(local_a), segments(local_b));
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (Some(a), Some(b)) => compare_local_segments(a, b),
            (a, b) => return a.is_some().cmp(&b.is_some()),
        };
        if order.is_ne() {
            return order;
        }
    }
}

fn compare_local_segments(a: &[u8], b: &[u8]) -> Ordering {
    let numeric = |text: &[u8]| text.iter().all(u8::is_ascii_digit);
    match (numeric(a), numeric(b)) {
        (true, true) => digits::compare(a, b),
        (false, false) => a
            .iter()
            .map(u8::to_ascii_lowercase)
            .cmp(b.iter().map(u8::to_ascii_lowercase)),
        (a, b) => a.cmp(&b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_the_specification() {
        let ascending = [
            "1.dev0",
            "1.0.dev456",
            "1.0a1",
            "1.0a2.dev456",
            "1.0a12.dev456",
            "1.0a12",
            "1.0b1.dev456",
            "1.0b2",
            "1.0b2.post345.dev456",
            "1.0b2.post345",
            "1.0rc1.dev456",
            "1.0rc1",
            "1.0",
            "1.0+abc.5",
            "1.0+abc.7",
            "1.0+5",
            "1.0.post456.dev34",
            "1.0.post456",
            "1.0.15",
            "1.1.dev1",
            "1!0.1",
        ];
        for pair in ascending.windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
        }
    }

    #[test]
    fn spellings_that_are_the_same_version() {
        let same = [
            ("1.0a1", "V1.0-ALPHA.1"),
            ("1.0rc0", "1.0c"),
            ("1.0rc2", "1.0_preview_2"),
            ("1.0.post0", "1.0-r"),
            ("1.0.post3", "1.0-3"),
            ("1.0.dev0", "1.0dev"),
            ("1.0+ab.1", "1.0+AB-01"),
            (" 1.0\n", "1.0.0.0"),
            ("1.0a0.post1", "1.0a--1"),
            ("0!1", "1"),
        ];
        for (a, b) in same {
            assert_eq!(compare(a, b), Ordering::Equal, "{a} {b}");
        }
    }

    #[test]
    fn what_does_not_conform_comes_first() {
        for legacy in [
            "", "x", "1.0-x", "1.0+", "1.0+a..b", "1.", "!1", "1.0a1b1", "1!", "vv1", "1.0+é",
        ] {
            assert_eq!(compare(legacy, "0.dev0"), Ordering::Less, "{legacy}");
        }
    }
}
