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

// A test fails by panicking, and says in its log what it has counted.
#![allow(clippy::panic, clippy::print_stdout, clippy::unwrap_used)]

mod support {
    pub(crate) mod data;
    pub(crate) mod vectors;
}

use std::cmp::Ordering;

use omg_vuln::version::Order;
use proptest::prelude::*;
use support::vectors;

const ORDERS: [Order; 12] = [
    Order::Maven,
    Order::NuGet,
    Order::RubyGems,
    Order::Packagist,
    Order::Pub,
    Order::Numbers,
    Order::Alpm,
    Order::Debian,
    Order::Rpm,
    Order::Apk,
    Order::SemVer,
    Order::Pep440,
];

/// Compares every vector both ways and expects no difference.
fn agree(order: Order, file: &str, at_least: usize) {
    let Some(vectors) = vectors::read(&format!("vuln/versions/{file}")) else {
        return;
    };
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
        "{file}: {} of {} as recorded",
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
fn maven_agrees_with_the_handwritten_vectors() {
    agree(Order::Maven, "maven-versions.txt", 100);
}

#[test]
fn maven_agrees_with_maven() {
    agree(Order::Maven, "maven-versions-generated.txt", 3_000);
}

#[test]
fn nuget_agrees_with_the_handwritten_vectors() {
    agree(Order::NuGet, "nuget-versions.txt", 20);
}

#[test]
fn rubygems_agrees_with_the_handwritten_vectors() {
    agree(Order::RubyGems, "rubygems-versions.txt", 25);
}

#[test]
fn rubygems_agrees_with_ruby() {
    agree(Order::RubyGems, "rubygems-versions-generated.txt", 2_075);
}

#[test]
fn packagist_agrees_with_the_handwritten_vectors() {
    agree(Order::Packagist, "packagist-versions.txt", 30);
}

#[test]
fn packagist_agrees_with_composer() {
    agree(Order::Packagist, "packagist-versions-generated.txt", 1_000);
}

#[test]
fn pub_agrees_with_the_handwritten_vectors() {
    agree(Order::Pub, "pub-versions.txt", 20);
}

#[test]
fn lists_of_numbers_agree_with_the_handwritten_vectors() {
    agree(Order::Numbers, "cran-versions.txt", 5);
    agree(Order::Numbers, "hackage-versions.txt", 5);
}

#[test]
fn lists_of_numbers_agree_with_r() {
    agree(Order::Numbers, "cran-versions-generated.txt", 28);
}

#[test]
fn a_megabyte_is_compared_in_linear_time() {
    let patterns = ["1", "a.", "~", "_p1-"];
    for pattern in patterns {
        let long = pattern.repeat(1_000_000 / pattern.len());
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
    let orders: [(Order, &[&str]); 9] = [
        (Order::NuGet, &["0", "1", "10", "a", "-", ".", "+", "A"]),
        (Order::RubyGems, &["0", "1", "10", "a", "-", ".", "b", "rc"]),
        (Order::Pub, &["0", "1", "10", "a", "-", ".", "+", "v"]),
        (Order::Numbers, &["0", "1", "10", "a", "-", ".", "00", "b"]),
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
