//! The version orders against recorded answers of the native tools, and their laws.
//!
//! No line of any vector file is left out. Where the tools disagree among themselves the
//! file states one answer and the order follows it:
//!
//! - `alpine-versions.txt` marks three groups of strings that no package carries, on
//!   which apk-tools 3 and the apk-tools 2 of Alpine 3.x differ (`1-r-0 < 1-r0`, upper
//!   case letters, `1 > 1-ruff`, `1-ruff2 = 1--ruff1`). The module `apk` states its rule
//!   for faulty revisions so that every line holds.
//! - `pypi-versions*.txt` contain versions that `packaging` has dropped since release
//!   22; the legacy rule of `pep440` gives the recorded answers.
//! - `maven-versions*.txt` hold ten lines on which an older Maven, or its documentation, and
//!   Maven 3.8.7 differ; `packagist-versions*.txt` hold five on which PHP's `version_compare`
//!   alone and Composer, which normalises first, differ, and one that no order can keep. Each
//!   stands in `OUTDATED` beside the newer answer, and has to be in its file.

// A test fails by panicking, and says in its log what it has counted.
#![allow(clippy::panic, clippy::print_stdout, clippy::unwrap_used)]

mod support {
    pub(crate) mod data;
    pub(crate) mod vectors;
}

use std::cmp::Ordering;

use omg_vuln::version::Order;
use proptest::prelude::*;
use support::{data, vectors};

const ORDERS: [Order; 15] = [
    Order::Alpm,
    Order::Debian,
    Order::Rpm,
    Order::Apk,
    Order::SemVer,
    Order::Pep440,
    Order::Conan,
    Order::Cran,
    Order::Hackage,
    Order::Maven,
    Order::NuGet,
    Order::Opam,
    Order::Packagist,
    Order::Pub,
    Order::RubyGems,
];

/// Lines of the vectors to which the tool gives another answer today: ten of Maven (3.8.7), five
/// of Composer (3.3.2), and `1.2.3.#`, which Composer refuses and no order can hold equal to both
/// of its neighbours.
const OUTDATED: [(&str, Ordering, &str); 16] = [
    ("1-1", Ordering::Greater, "1-ga-1"),
    ("1.0.0-RC16", Ordering::Greater, "1.0.0.RC8-beta"),
    ("2.9.0-1", Ordering::Greater, "2.9.0.RC1"),
    ("1.1.34.sec10", Ordering::Greater, "1.1.34_noneautotype"),
    ("1.2.48.sec10", Ordering::Greater, "1.2.48_noneautotype"),
    ("1.2.50.sec10", Ordering::Greater, "1.2.50_noneautotype"),
    ("1.2.57.sec10", Ordering::Greater, "1.2.57_noneautotype"),
    ("1.0.0rc0", Ordering::Greater, "1.0.beta8"),
    ("1.5.9.RC1", Ordering::Greater, "1.5.9-RC0"),
    ("1.1.0-01-glassfish", Ordering::Greater, "1.1.0.Beta1"),
    ("1.0.0", Ordering::Equal, "1.0"),
    ("1.2.3.#", Ordering::Less, "1.2.3.1"),
    ("v3.0", Ordering::Greater, "v3.0.0-beta"),
    ("v4-beta4", Ordering::Greater, "v4.0-alpha"),
    ("v4.4", Ordering::Greater, "v4.4.0-beta"),
    ("5.1.0-stable", Ordering::Greater, "5.1.0-beta2"),
];

/// Compares every vector both ways and expects no difference.
fn agree(order: Order, file: &str, at_least: usize) {
    agree_but(order, file, at_least, 0);
}

/// Compares every vector both ways, of which so many are [`OUTDATED`], and expects no other
/// difference.
fn agree_but(order: Order, file: &str, at_least: usize, outdated: usize) {
    let Some(mut vectors) = vectors::read(&format!("vuln/versions/{file}")) else {
        return;
    };
    let mut replaced = 0;
    for vector in vectors.iter_mut().filter(|_| outdated > 0) {
        let line = OUTDATED
            .iter()
            .find(|(a, _, b)| vector.a == *a && vector.b == *b);
        if let Some((_, answer, _)) = line {
            assert_ne!(vector.expected, *answer, "{file}:{}", vector.line);
            vector.expected = *answer;
            replaced += 1;
        }
    }
    assert_eq!(replaced, outdated, "{file}: outdated lines");
    let wrong: Vec<String> = vectors
        .iter()
        .filter(|vector| {
            order.compare(&vector.a, &vector.b) != vector.expected
                || order.compare(&vector.b, &vector.a) != vector.expected.reverse()
        })
        .map(|vector| {
            let got = order.compare(&vector.a, &vector.b);
            format!(
                "{}: {} {:?} {}, got {got:?}",
                vector.line, vector.a, vector.expected, vector.b
            )
        })
        .collect();
    println!(
        "{file}: {} of {} as recorded, {outdated} of them corrected",
        vectors.len() - wrong.len(),
        vectors.len()
    );
    assert!(
        wrong.is_empty(),
        "{file}: {} differences\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(
        vectors.len() >= at_least,
        "{file}: only {} vectors",
        vectors.len()
    );
}

#[test]
fn alpm_agrees_with_vercmptest() {
    agree(Order::Alpm, "pacman-vercmptest.tsv", 29);
}

#[test]
fn alpm_agrees_with_the_recorded_libalpm() {
    agree(Order::Alpm, "pacman-vercmp-oracle.tsv", 11_900);
}

#[test]
fn debian_agrees_with_the_handwritten_vectors() {
    agree(Order::Debian, "debian-versions.txt", 30);
}

#[test]
fn debian_agrees_with_dpkg() {
    agree(Order::Debian, "debian-versions-generated.txt", 7_170);
}

#[test]
fn rpm_agrees_with_the_handwritten_vectors() {
    agree(Order::Rpm, "redhat-versions.txt", 165);
}

#[test]
fn apk_agrees_with_the_handwritten_vectors() {
    agree(Order::Apk, "alpine-versions.txt", 778);
}

#[test]
fn apk_agrees_with_apk() {
    agree(Order::Apk, "alpine-versions-generated.txt", 6_890);
}

#[test]
fn semver_agrees_with_the_handwritten_vectors() {
    agree(Order::SemVer, "semver-versions.txt", 86);
}

#[test]
fn pep440_agrees_with_the_handwritten_vectors() {
    agree(Order::Pep440, "pypi-versions.txt", 37);
}

#[test]
fn pep440_agrees_with_pip() {
    agree(Order::Pep440, "pypi-versions-generated.txt", 6_160);
}

#[test]
fn pub_agrees_with_the_handwritten_vectors() {
    agree(Order::Pub, "pub-versions.txt", 100);
}

#[test]
fn nuget_agrees_with_the_handwritten_vectors() {
    agree(Order::NuGet, "nuget-versions.txt", 35);
}

#[test]
fn hackage_agrees_with_the_handwritten_vectors() {
    agree(Order::Hackage, "hackage-versions.txt", 11);
}

#[test]
fn cran_agrees_with_the_handwritten_vectors() {
    agree(Order::Cran, "cran-versions.txt", 21);
}

#[test]
fn cran_agrees_with_r() {
    agree(Order::Cran, "cran-versions-generated.txt", 28);
}

#[test]
fn rubygems_agrees_with_the_handwritten_vectors() {
    agree(Order::RubyGems, "rubygems-versions.txt", 25);
}

#[test]
fn rubygems_agrees_with_ruby() {
    agree(Order::RubyGems, "rubygems-versions-generated.txt", 2_070);
}

#[test]
fn maven_agrees_with_the_handwritten_vectors() {
    agree_but(Order::Maven, "maven-versions.txt", 102, 1);
}

#[test]
fn maven_agrees_with_maven() {
    agree_but(Order::Maven, "maven-versions-generated.txt", 7_360, 9);
}

#[test]
fn packagist_agrees_with_the_handwritten_vectors() {
    agree_but(Order::Packagist, "packagist-versions.txt", 89, 2);
}

#[test]
fn packagist_agrees_with_php() {
    agree_but(
        Order::Packagist,
        "packagist-versions-generated.txt",
        5_260,
        4,
    );
}

#[test]
fn every_file_of_vectors_has_a_test() {
    let Some(folder) = data::path("vuln/versions") else {
        return;
    };
    let source = include_str!("version_orders.rs");
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(
            source.contains(&format!("\"{name}\"")),
            "{name} is not used"
        );
    }
}

#[test]
fn a_hundred_kilobytes_are_compared_in_linear_time() {
    let patterns = ["1", "a.", "~", "_p1-", "0.", "-0", "a1", "-", "+", "0-rc."];
    for pattern in patterns {
        let long = pattern.repeat(100_000 / pattern.len());
        for order in ORDERS {
            assert_eq!(
                order.compare(&long, &long),
                Ordering::Equal,
                "{order:?} {pattern}"
            );
            let longer = format!("{long}2");
            let there = order.compare(&long, &longer);
            assert_eq!(
                there,
                order.compare(&longer, &long).reverse(),
                "{order:?} {pattern}"
            );
        }
    }
}

/// All strings of up to three of the pieces that matter in an order: after sorting, each
/// pair must compare as its places say, which only a total order can do.
#[test]
fn total_orders_agree_with_their_own_sorting() {
    let orders: [(Order, &[&str]); 12] = [
        (Order::Debian, &["0", "1", "a", "~", "-", ":", ".", "+"]),
        (Order::Rpm, &["0", "1", "a", "~", "^", "-", ":", "."]),
        (
            Order::Apk,
            &["0", "1", "10", "a", ".", "_p", "_rc", "-r", "~a", "-"],
        ),
        (Order::SemVer, &["0", "1", "10", "a", "-", ".", "+", "v"]),
        (
            Order::Pep440,
            &["0", "1", "a", "-", ".", "+", "post", "dev", "!"],
        ),
        (Order::Cran, &["0", "1", "01", "10", "a", "-", ".", "é"]),
        (Order::Hackage, &["0", "1", "01", "10", "a", "-", ".", "é"]),
        (Order::NuGet, &["0", "1", "10", "a", "A", "-", ".", "+"]),
        (Order::Opam, &["0", "1", "a", "~", "-", "_", ".", "+"]),
        (
            Order::Packagist,
            &["0", "1", "a", "-", ".", "dev", "x", "p", "stable", "+"],
        ),
        (Order::Pub, &["0", "1", "10", "a", "-", ".", "+", "v"]),
        (
            Order::RubyGems,
            &["0", "1", "10", "a", "A", "-", ".", "pre", "_"],
        ),
    ];
    for (order, pieces) in orders {
        let mut strings = vec![String::new()];
        let mut longest = strings.clone();
        for _ in 0..3 {
            longest = longest
                .iter()
                .flat_map(|start| pieces.iter().map(move |piece| format!("{start}{piece}")))
                .collect();
            strings.extend_from_slice(&longest);
        }
        strings.sort_by(|a, b| order.compare(a, b));
        let mut places = vec![0];
        for pair in strings.windows(2) {
            let step = usize::from(order.compare(&pair[0], &pair[1]).is_ne());
            places.push(places.last().unwrap() + step);
        }
        for (a, place_a) in strings.iter().zip(&places) {
            for (b, place_b) in strings.iter().zip(&places) {
                assert_eq!(
                    order.compare(a, b),
                    place_a.cmp(place_b),
                    "{order:?} {a:?} {b:?}"
                );
            }
        }
        assert!(strings.len() > 580);
    }
}

/// Strings that share long prefixes and mix what the grammars know.
fn version() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "0",
        "1",
        "2",
        "9",
        "10",
        "01",
        "007",
        "18446744073709551616",
        ".",
        ".",
        ".",
        "-",
        "-",
        "_",
        "+",
        "~",
        "^",
        ":",
        "!",
        "a",
        "b",
        "rc",
        "r",
        "-r",
        "_p",
        "_alpha",
        "_rc",
        "post",
        "dev",
        "pre",
        "alpha",
        "z",
        "Z",
        "v",
        " ",
        "é",
        "1.0",
        "1.0-1",
        "1:1.0",
    ]);
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_order_is_reflexive_and_antisymmetric(a in version(), b in version()) {
        for order in ORDERS {
            prop_assert_eq!(order.compare(&a, &a), Ordering::Equal);
            prop_assert_eq!(order.compare(&a, &b), order.compare(&b, &a).reverse(), "{:?}", order);
        }
    }

    #[test]
    fn total_orders_are_transitive(a in version(), b in version(), c in version()) {
        for order in ORDERS.into_iter().filter(|order| order.is_total()) {
            let mut sorted = [&a, &b, &c];
            // Three elements are sorted without a check, so a fault shows below.
            sorted.sort_by(|a, b| order.compare(a, b));
            let [low, middle, high] = sorted;
            prop_assert_ne!(order.compare(low, middle), Ordering::Greater, "{:?}", order);
            prop_assert_ne!(order.compare(middle, high), Ordering::Greater, "{:?}", order);
            prop_assert_ne!(order.compare(low, high), Ordering::Greater, "{:?}", order);
            if order.compare(low, middle).is_eq() {
                prop_assert_eq!(order.compare(low, high), order.compare(middle, high), "{:?}", order);
            }
        }
    }

    #[test]
    fn no_order_panics(a in ".{0,40}", b in ".{0,40}") {
        for order in ORDERS {
            prop_assert_eq!(order.compare(&a, &b), order.compare(&b, &a).reverse());
        }
    }

    #[test]
    fn semver_agrees_with_the_semver_crate(
        a in "(0|[1-3]|1[0-9])(\\.(0|[1-9])){2}(-(a|b|rc|0|[1-9][0-9]?|-)(\\.(x|0|[1-9]|a-b|0a)){0,3})?(\\+[a-z0-9.-]{1,6})?",
        b in "(0|[1-3]|1[0-9])(\\.(0|[1-9])){2}(-(a|b|rc|0|[1-9][0-9]?|-)(\\.(x|0|[1-9]|a-b|0a)){0,3})?(\\+[a-z0-9.-]{1,6})?",
    ) {
        if let (Ok(theirs_a), Ok(theirs_b)) = (semver::Version::parse(&a), semver::Version::parse(&b)) {
            prop_assert_eq!(Order::SemVer.compare(&a, &b), theirs_a.cmp_precedence(&theirs_b));
        }
    }

    #[test]
    fn pep440_agrees_with_the_pep440_crate(
        a in "(v?)([01]!)?[0-2](\\.[0-2]){0,3}([-_.]?(a|b|c|rc|alpha|Beta|pre|preview)[-_.]?[0-2]?)?(-[0-2]|[-_.]?(post|rev|r)[-_.]?[0-2]?)?([-_.]?dev[-_.]?[0-2]?)?(\\+[a-c0-2]{1,2}([-_.][A-C0-2]{1,2}){0,2})?",
        b in "(v?)([01]!)?[0-2](\\.[0-2]){0,3}([-_.]?(a|b|c|rc|alpha|Beta|pre|preview)[-_.]?[0-2]?)?(-[0-2]|[-_.]?(post|rev|r)[-_.]?[0-2]?)?([-_.]?dev[-_.]?[0-2]?)?(\\+[a-c0-2]{1,2}([-_.][A-C0-2]{1,2}){0,2})?",
    ) {
        let theirs_a: pep440_rs::Version = a.parse().unwrap();
        let theirs_b: pep440_rs::Version = b.parse().unwrap();
        prop_assert_eq!(Order::Pep440.compare(&a, &b), theirs_a.cmp(&theirs_b));
    }

    #[test]
    fn pep440_accepts_what_the_pep440_crate_accepts(a in version(), digits in "[0-9]{1,3}") {
        // Only a version that conforms is newer than one that is oldest among them.
        let text = format!("{digits}{a}");
        let conforms = Order::Pep440.compare(&text, "x") == Ordering::Greater
            && Order::Pep440.compare(&text, "0.dev0") != Ordering::Less;
        let theirs = text.parse::<pep440_rs::Version>();
        // The crate's numbers end at 64 bits.
        if !text.contains("18446744073709551616") {
            prop_assert_eq!(conforms, theirs.is_ok(), "{}", text);
        }
    }
}
