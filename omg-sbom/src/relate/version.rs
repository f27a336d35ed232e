//! Version orders of pacman and dpkg, as far as dependencies need them.

use std::cmp::Ordering;

/// pacman's order (`alpm_pkg_vercmp`): epoch, then version, then release where both have one.
pub(crate) fn alpm(a: &str, b: &str) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    let (a, b) = (split_alpm(a), split_alpm(b));
    rpm(a.0, b.0)
        .then_with(|| rpm(a.1, b.1))
        .then_with(|| match (a.2, b.2) {
            (Some(a), Some(b)) => rpm(a, b),
            _ => Ordering::Equal,
        })
}

/// Epoch, version and release (libalpm, `version.c`, `parseEVR`).
fn split_alpm(text: &str) -> (&str, &str, Option<&str>) {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (epoch, rest) = match text.as_bytes().get(digits) {
        Some(b':') => (&text[..digits], &text[digits + 1..]),
        _ => ("0", text),
    };
    let epoch = if epoch.is_empty() { "0" } else { epoch };
    match rest.rsplit_once('-') {
        Some((version, release)) => (epoch, version, Some(release)),
        None => (epoch, rest, None),
    }
}

/// rpm's comparison of segments, as libalpm has it (`version.c`, `rpmvercmp`).
fn rpm(a: &str, b: &str) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    let (mut one, mut two) = (a.as_bytes(), b.as_bytes());
    while !one.is_empty() && !two.is_empty() {
        let skip = |s: &[u8]| s.iter().take_while(|b| !b.is_ascii_alphanumeric()).count();
        let (skip_one, skip_two) = (skip(one), skip(two));
        (one, two) = (&one[skip_one..], &two[skip_two..]);
        if one.is_empty() || two.is_empty() {
            break;
        }
        if skip_one != skip_two {
            return skip_one.cmp(&skip_two);
        }
        let numeric = one[0].is_ascii_digit();
        let segment = |s: &[u8]| {
            let same = |b: &&u8| {
                if numeric {
                    b.is_ascii_digit()
                } else {
                    b.is_ascii_alphabetic()
                }
            };
            s.iter().take_while(same).count()
        };
        let (len_one, len_two) = (segment(one), segment(two));
        if len_two == 0 {
            // A number is newer than letters.
            return if numeric {
                Ordering::Greater
            } else {
                Ordering::Less
            };
        }
        let (part_one, part_two) = (&one[..len_one], &two[..len_two]);
        let order = if numeric {
            number(part_one, part_two)
        } else {
            part_one.cmp(part_two)
        };
        if order != Ordering::Equal {
            return order;
        }
        (one, two) = (&one[len_one..], &two[len_two..]);
    }
    match (one.first(), two.first()) {
        (None, None) => Ordering::Equal,
        // What is left of letters makes older: 1.0rc1 < 1.0.
        (None, Some(next)) if next.is_ascii_alphabetic() => Ordering::Greater,
        (None, Some(_)) => Ordering::Less,
        (Some(next), _) if next.is_ascii_alphabetic() => Ordering::Less,
        (Some(_), _) => Ordering::Greater,
    }
}

/// Digits of any length, without leading zeros.
fn number(a: &[u8], b: &[u8]) -> Ordering {
    let trim = |s: &[u8]| s.iter().take_while(|b| **b == b'0').count();
    let (a, b) = (&a[trim(a)..], &b[trim(b)..]);
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

/// dpkg's order, deb-version(7).
pub(crate) fn debian(a: &str, b: &str) -> Ordering {
    let (a, b) = (split_debian(a), split_debian(b));
    number(a.0.as_bytes(), b.0.as_bytes())
        .then_with(|| debian_part(a.1.as_bytes(), b.1.as_bytes()))
        .then_with(|| debian_part(a.2.as_bytes(), b.2.as_bytes()))
}

fn split_debian(text: &str) -> (&str, &str, &str) {
    let (epoch, rest) = text.split_once(':').unwrap_or(("0", text));
    let (version, revision) = rest.rsplit_once('-').unwrap_or((rest, "0"));
    (epoch, version, revision)
}

fn debian_part(mut a: &[u8], mut b: &[u8]) -> Ordering {
    // `~` sorts before the end, the end before letters, letters before the rest.
    let weight = |byte: Option<&u8>| match byte {
        None => 0,
        Some(b'~') => -1,
        Some(b) if b.is_ascii_digit() => 0,
        Some(b) if b.is_ascii_alphabetic() => i32::from(*b),
        Some(b) => i32::from(*b) + 256,
    };
    while !a.is_empty() || !b.is_empty() {
        while a.first().is_some_and(|b| !b.is_ascii_digit())
            || b.first().is_some_and(|b| !b.is_ascii_digit())
        {
            let order = weight(a.first()).cmp(&weight(b.first()));
            if order != Ordering::Equal {
                return order;
            }
            a = a.get(1..).unwrap_or_default();
            b = b.get(1..).unwrap_or_default();
        }
        let digits = |s: &[u8]| s.iter().take_while(|b| b.is_ascii_digit()).count();
        let (len_a, len_b) = (digits(a), digits(b));
        let order = number(&a[..len_a], &b[..len_b]);
        if order != Ordering::Equal {
            return order;
        }
        (a, b) = (&a[len_a..], &b[len_b..]);
    }
    Ordering::Equal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pacman_orders() {
        for (a, b, order) in [
            ("1.0", "1.0-1", Ordering::Equal),
            ("1:1.0-1", "2.0-1", Ordering::Greater),
            ("1.0rc1", "1.0", Ordering::Less),
            ("1.0.a", "1.0", Ordering::Greater),
            ("1.0.1", "1.0", Ordering::Greater),
            ("1.10", "1.9", Ordering::Greater),
            ("1.0-2", "1.0-10", Ordering::Less),
            ("2.0a", "2.0.1", Ordering::Less),
            ("007", "7", Ordering::Equal),
        ] {
            assert_eq!(alpm(a, b), order, "{a} {b}");
            assert_eq!(alpm(b, a), order.reverse(), "{b} {a}");
        }
    }

    #[test]
    fn dpkg_orders() {
        for (a, b, order) in [
            ("1.0~rc1", "1.0", Ordering::Less),
            ("1.0", "1.0-0", Ordering::Equal),
            ("1:0", "2", Ordering::Greater),
            ("1.0+b1", "1.0", Ordering::Greater),
            ("1.0a", "1.0+", Ordering::Less),
            ("2.36-9+deb12u10", "2.36-9+deb12u9", Ordering::Greater),
        ] {
            assert_eq!(debian(a, b), order, "{a} {b}");
            assert_eq!(debian(b, a), order.reverse(), "{b} {a}");
        }
    }
}
