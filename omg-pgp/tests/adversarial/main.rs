//! Certificates and signatures with one thing wrong each, and the reason each must get.
#![cfg(feature = "crypto-rust")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/maker.rs"]
mod maker;

mod certificates;
mod files;
mod policies;
mod signatures;
mod trust;

use std::collections::BTreeSet;

use maker::{DATA, Maker, NOW, day};
use omg_pgp::{Error, Keyring, Policy, Rejection, TrustModel, Verification, Verifier};

fn policy() -> Policy {
    Policy::at(day(NOW).into())
}

fn check_with(
    cert: &[u8],
    sig: &[u8],
    data: &[u8],
    trust: TrustModel,
    policy: Policy,
) -> Result<Verification, Error> {
    let keyring = Keyring::from_bytes("test", cert).unwrap();
    Verifier::new(&keyring, trust, policy).verify_detached(data, sig)
}

fn check(cert: &[u8], sig: &[u8]) -> Result<Verification, Error> {
    check_with(cert, sig, DATA, TrustModel::Plain, policy())
}

/// The reason of the only or first rejection.
fn reason(answer: Result<Verification, Error>) -> Option<Rejection> {
    match answer {
        Ok(_) => None,
        Err(Error::NotASignature { reason, .. }) => Some(reason),
        Err(Error::Rejected(refusal)) => Some(refusal.rejected()[0].reason),
        Err(error) => panic!("{error}"),
    }
}

struct Case {
    name: &'static str,
    cert: Vec<u8>,
    sig: Vec<u8>,
    expected: Option<Rejection>,
}

fn case(
    name: &'static str,
    cert: &Maker,
    sig: Vec<u8>,
    expected: impl Into<Option<Rejection>>,
) -> Case {
    Case {
        name,
        cert: cert.cert(),
        sig,
        expected: expected.into(),
    }
}

fn cases() -> Vec<Case> {
    let mut cases = signatures::cases();
    cases.extend(certificates::cases());
    cases.extend(certificates::revocations());
    cases.extend(files::cases());
    cases
}

#[test]
fn every_case_has_its_reason() {
    let cases = cases();
    assert!(cases.len() >= 80, "{}", cases.len());
    for case in &cases {
        let answer = check(&case.cert, &case.sig);
        let shown = format!("{answer:?}");
        assert_eq!(reason(answer), case.expected, "{}: {shown}", case.name);
    }
}

/// The cases, the tests beside them and the limits reach every reason that there is.
#[test]
fn every_reason_is_reached() {
    let cases = cases();
    let mut seen: BTreeSet<Rejection> = cases.iter().filter_map(|case| case.expected).collect();
    // `no_creation_time`, and `anchors_certify` for the last two.
    seen.extend([
        Rejection::NoCreationTime,
        Rejection::Untrusted,
        Rejection::Disabled,
    ]);
    use Rejection as R;
    let all = [
        R::MissingKey,
        R::BadSignature,
        R::WeakAlgorithm,
        R::WrongType,
        R::UnsupportedVersion,
        R::NoCreationTime,
        R::Expired,
        R::NotYetValid,
        R::KeyExpired,
        R::KeyRevoked,
        R::NoBinding,
        R::NotSigningCapable,
        R::CriticalUnknown,
        R::Untrusted,
        R::Disabled,
        R::Malformed,
        R::NotDetached,
        R::TrailingData,
        R::Limit,
    ];
    assert_eq!(seen, all.into());
}
