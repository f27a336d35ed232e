//! Independent rebuilds (p32), with links that in-toto's Python (`one`, `two`) and Rust (`three`)
//! implementations signed.
#![allow(clippy::unwrap_used, clippy::panic)] // A test may fail anywhere.

mod forge;

use forge::keys::{Key, Kind};
use omg_slsa::{Algorithm, BuildInfo, Digests, Error, PublicKey, Rebuilder, Rebuilds, Rejection};

const PACKAGE: &[u8] = include_bytes!("vectors/rebuild/demo-1.0-1-x86_64.pkg.tar");
const ONE: &[u8] = include_bytes!("vectors/rebuild/one.link");
const TWO: &[u8] = include_bytes!("vectors/rebuild/two.link");
const THREE: &[u8] = include_bytes!("vectors/rebuild/three.link");
const TWO_DIFFERS: &[u8] = include_bytes!("vectors/rebuild/two-differs.link");

fn digests(data: &[u8]) -> Digests {
    Digests::of_reader(data, &[Algorithm::Sha256, Algorithm::Sha512]).unwrap()
}

fn rebuilder(name: &str) -> Rebuilder {
    let pem = match name {
        "one" => include_str!("vectors/rebuild/one.pub"),
        "two" => include_str!("vectors/rebuild/two.pub"),
        _ => include_str!("vectors/rebuild/three.pub"),
    };
    Rebuilder::new(name, &PublicKey::from_pem(pem).unwrap()).unwrap()
}

fn all() -> [Rebuilder; 3] {
    ["one", "two", "three"].map(rebuilder)
}

fn unmet(result: Result<Rebuilds, Error>) -> Vec<String> {
    match result {
        Err(Error::UnmetRebuilds(checks)) => checks.into_iter().map(|c| c.detail).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn p32_three_of_three_agree() {
    let found = Rebuilds::verify(&[ONE, TWO, THREE], &all(), &digests(PACKAGE), 3).unwrap();
    assert_eq!(found.count(), 3);
    assert_eq!(found.by(), ["one", "two", "three"]);
    // One kind of digest is enough, if it fits.
    let sha256 = Digests::of_reader(PACKAGE, &[Algorithm::Sha256]).unwrap();
    assert!(Rebuilds::verify(&[ONE], &all(), &sha256, 1).is_ok());
}

#[test]
fn p32_one_of_two_needed() {
    let details = unmet(Rebuilds::verify(&[ONE], &all(), &digests(PACKAGE), 2));
    assert_eq!(details.last().unwrap(), "1 of 2 rebuilders agree");
}

#[test]
fn p32_a_product_of_other_bytes() {
    let details = unmet(Rebuilds::verify(
        &[ONE, TWO_DIFFERS],
        &all(),
        &digests(PACKAGE),
        2,
    ));
    assert!(details[1].starts_with("two: other bytes"), "{details:?}");
    let details = unmet(Rebuilds::verify(&[ONE, TWO], &all(), &digests(b"x"), 1));
    assert_eq!(details.last().unwrap(), "0 of 1 rebuilders agree");
}

#[test]
fn p32_a_wrong_key() {
    let result = Rebuilds::verify(&[ONE], &[rebuilder("two")], &digests(PACKAGE), 1);
    assert_eq!(result.unwrap_err().rejection(), Some(Rejection::Signature));
}

#[test]
fn a_rebuilder_counts_once() {
    let twice = [rebuilder("one"), rebuilder("one")];
    let details = unmet(Rebuilds::verify(&[ONE, ONE], &twice, &digests(PACKAGE), 2));
    assert_eq!(details.last().unwrap(), "1 of 2 rebuilders agree");
}

#[test]
fn nothing_needed_is_still_one() {
    let none = Rebuilds::verify::<&[u8]>(&[], &all(), &digests(PACKAGE), 0);
    assert_eq!(unmet(none), ["0 of 1 rebuilders agree"]);
}

/// Whatever is changed in what is signed, or in the signature, it counts for nothing.
#[test]
fn every_changed_byte_counts() {
    for link in [ONE, THREE] {
        let signed = link.windows(8).position(|w| w == b"\"signed\"").unwrap();
        let mut refused = 0;
        for at in 0..link.len() {
            let mut changed = link.to_vec();
            changed[at] ^= 1;
            let result = Rebuilds::verify(&[changed], &all(), &digests(PACKAGE), 1);
            // What is not signed: blanks, the name of the key, the case of digits.
            match result {
                Ok(_) => assert!(at < signed || link[at].is_ascii_whitespace(), "{at}"),
                Err(_) => refused += 1,
            }
        }
        assert!(refused > link.len() * 3 / 5, "{refused} of {}", link.len());
    }
}

#[test]
fn what_is_no_link() {
    let reason = |text: &str| {
        let result = Rebuilds::verify(&[text], &all(), &digests(PACKAGE), 1);
        result.unwrap_err().rejection().unwrap()
    };
    assert_eq!(reason(""), Rejection::Parse);
    assert_eq!(reason("{}"), Rejection::BundleStructure);
    assert_eq!(
        reason(r#"{"signed":{"_type":"link"}}"#),
        Rejection::BundleStructure
    );
    let layout = r#"{"signed":{"_type":"layout"},"signatures":[]}"#;
    assert_eq!(reason(layout), Rejection::Statement);
    let unsigned = r#"{"signed":{"_type":"link"},"signatures":[]}"#;
    assert_eq!(reason(unsigned), Rejection::Signature);
    let float = r#"{"signed":{"_type":"link","x":1.5},"signatures":[]}"#;
    assert_eq!(reason(float), Rejection::BundleStructure);
    let twice = r#"{"signed":{"_type":"link","_type":"link"},"signatures":[]}"#;
    assert_eq!(reason(twice), Rejection::DuplicateKey);
    let many = ["{}"; 9].join(",");
    let many = format!(r#"{{"signed":{{"_type":"link"}},"signatures":[{many}]}}"#);
    assert_eq!(reason(&many), Rejection::Limit);
    let many = vec![ONE; 33];
    let result = Rebuilds::verify(&many, &all(), &digests(PACKAGE), 1);
    assert_eq!(result.unwrap_err().rejection(), Some(Rejection::Limit));
    let many = vec![rebuilder("one"); 33];
    let result = Rebuilds::verify(&[ONE], &many, &digests(PACKAGE), 1);
    assert_eq!(result.unwrap_err().rejection(), Some(Rejection::Limit));
}

/// The signature of a trusted rebuilder does not make up for a missing part.
#[test]
fn a_signed_link_without_products_or_materials_is_none() {
    let key = Key::new(Kind::Ed25519, 9);
    let public = PublicKey::from_pem(&forge::pem("PUBLIC KEY", &key.spki)).unwrap();
    let own = [Rebuilder::new("own", &public).unwrap()];
    let verify = |products: &str, materials: &str| {
        // Canonical: sorted, and without spaces.
        let signed = format!(r#"{{"_type":"link"{materials}{products}}}"#);
        let signature = hex::encode(key.sign(signed.as_bytes()));
        let link = format!(r#"{{"signed":{signed},"signatures":[{{"sig":"{signature}"}}]}}"#);
        Rebuilds::verify(&[link], &own, &digests(PACKAGE), 1)
    };
    let digest = digests(PACKAGE).get(Algorithm::Sha256).unwrap().to_hex();
    let product = |hashes: &str| format!(r#","products":{{"a":{hashes}}}"#);
    let good = product(&format!(r#"{{"sha256":"{digest}"}}"#));
    let none = r#","materials":{}"#;
    assert_eq!(verify(&good, none).unwrap().count(), 1);
    for (products, materials) in [
        ("", none),
        (r#","products":[]"#, none),
        (&*good, ""),
        (&*good, r#","materials":null"#),
    ] {
        let error = verify(products, materials).unwrap_err();
        assert_eq!(error.rejection(), Some(Rejection::BundleStructure));
    }
    // A malformed digest equals no digest.
    for hashes in ["null", "{}", r#"{"sha256":null}"#, r#"{"sha256":""}"#] {
        let details = unmet(verify(&product(hashes), none));
        assert_eq!(details.last().unwrap(), "0 of 1 rebuilders agree");
    }
}

#[test]
fn only_ed25519_keys_rebuild() {
    // P-256.
    let key = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE1Olb3zMAFFxXKHiIkQO5cJ3Yhl5i6UPp+\
        IhuteBJbuHcA5UogKo0EWtlWwW6KSaKoTNEYL7JlCQiVnkhBktUgg==";
    let key = PublicKey::from_base64(key).unwrap();
    assert!(Rebuilder::new("p256", &key).is_err());
}

/// What a package says of its own build, against what rebuilders signed of it.
#[test]
fn buildinfo_is_bound_to_what_was_signed() {
    let key = Key::new(Kind::Ed25519, 3);
    let pem = forge::pem("PUBLIC KEY", &key.spki);
    let rebuilder = Rebuilder::new("own", &PublicKey::from_pem(&pem).unwrap()).unwrap();
    let digest = hex::encode(forge::sha256(b"a package"));
    let link = |product: &str, materials: &str| {
        let signed = format!(
            r#"{{"_type":"link","materials":{materials},"products":{{"{product}":{{"sha256":"{digest}"}}}}}}"#
        );
        let sig = hex::encode(key.sign(signed.as_bytes()));
        format!(r#"{{"signatures":[{{"keyid":"","sig":"{sig}"}}],"signed":{signed}}}"#)
    };
    let recipe = "ab".repeat(32);
    let info = format!(
        "format = 2\npkgname = demo\npkgver = 1:1.0-1\npkgarch = any\npkgbuild_sha256sum = {recipe}\n"
    );
    let info = BuildInfo::parse(info.as_bytes()).unwrap();
    let check = |product: &str, materials: &str, package: (&str, &str, &str)| {
        let links = [link(product, materials)];
        let package_digests = digests(b"a package");
        let found = Rebuilds::verify(
            &links,
            std::slice::from_ref(&rebuilder),
            &package_digests,
            1,
        );
        let checks = info.agrees(package, &found.unwrap());
        let unmet = checks.into_iter().filter(|check| !check.met);
        unmet.map(|check| check.name).collect::<Vec<_>>()
    };
    let none: [&str; 0] = [];
    let (file, own) = ("demo-1:1.0-1-any.pkg.tar.zst", ("demo", "1:1.0-1", "any"));
    let pkgbuild = |digest: &str| format!(r#"{{"src/PKGBUILD":{{"sha256":"{digest}"}}}}"#);
    assert_eq!(check(file, "{}", own), none);
    assert_eq!(
        check(&format!("build/{file}"), &pkgbuild(&recipe), own),
        none
    );
    assert_eq!(
        check("other-1:1.0-1-any.pkg.tar.zst", "{}", own),
        ["product"]
    );
    assert_eq!(
        check("demo-1:1.0-1-any-2.pkg.tar.zst", "{}", own),
        ["product"]
    );
    assert_eq!(check(file, &pkgbuild(&"cd".repeat(32)), own), ["recipe"]);
    assert_eq!(
        check(file, r#"{"PKGBUILD":{"sha512":"00"}}"#, own),
        ["recipe"]
    );
    for other in [
        ("other", "1:1.0-1", "any"),
        ("demo", "1.0-1", "any"),
        ("demo", "1:1.0-1", "x86_64"),
    ] {
        assert_eq!(check(file, "{}", other), ["pkginfo"]);
    }
}
