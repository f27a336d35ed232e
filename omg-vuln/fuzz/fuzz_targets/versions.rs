//! Comparing any two strings ends, does not panic and is antisymmetric; the total orders
//! are transitive.
#![no_main]

use std::cmp::Ordering;

use libfuzzer_sys::fuzz_target;
use omg_vuln::version::Order;

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

fuzz_target!(|versions: (&str, &str, &str)| {
    let (a, b, c) = versions;
    for order in ORDERS {
        let (ab, bc, ac) = (
            order.compare(a, b),
            order.compare(b, c),
            order.compare(a, c),
        );
        assert_eq!(order.compare(a, a), Ordering::Equal);
        assert_eq!(ab, order.compare(b, a).reverse());
        if order.is_total() && ab != Ordering::Greater && bc != Ordering::Greater {
            assert_ne!(ac, Ordering::Greater, "{order:?}");
        }
    }
});
