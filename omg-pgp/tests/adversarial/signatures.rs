//! Signatures with something about them.

use std::time::Duration;

use omg_pgp::Rejection;
use sequoia_openpgp::packet::signature::subpacket::{
    NotationDataFlags, Subpacket, SubpacketTag, SubpacketValue,
};
use sequoia_openpgp::types::{HashAlgorithm, SignatureType};

use super::maker::{DATA, Maker, NOW, day, sign};
use super::{Case, case};

pub(crate) fn cases() -> Vec<Case> {
    let good = Maker::new(1);
    let typed = |typ| good.sign_with(|b| b.set_type(typ));
    let hashed = |hash| good.sign_with(|b| b.set_hash_algo(hash));
    let made = |days| good.sign_with(|b| b.set_signature_creation_time(day(days)).unwrap());
    let expires = |days: u64| {
        let period = Duration::from_secs(days * 86_400);
        good.sign_with(|b| b.set_signature_validity_period(period).unwrap())
    };
    let notation = |critical| {
        let flags = NotationDataFlags::empty().set_human_readable();
        good.sign_with(|b| {
            b.set_notation("x@omg.example", b"x", flags, critical)
                .unwrap()
        })
    };
    let subpacket = |critical| {
        let value = SubpacketValue::Unknown {
            tag: SubpacketTag::Private(101),
            body: vec![1],
        };
        let subpacket = Subpacket::new(value, critical).unwrap();
        good.sign_with(|b| {
            b.modify_hashed_area(|mut area| {
                area.add(subpacket)?;
                Ok(area)
            })
            .unwrap()
        })
    };
    let skew = 4 * 60;
    let soon = day(NOW) + Duration::from_secs(skew);
    let soon = good.sign_with(|b| b.set_signature_creation_time(soon).unwrap());
    use Rejection as R;
    vec![
        case("good", &good, good.sign(), None),
        case(
            "by the primary key",
            &good,
            sign(&mut good.primary_pair(), DATA, |b| b),
            None,
        ),
        case("sha-384", &good, hashed(HashAlgorithm::SHA384), None),
        case("sha-512", &good, hashed(HashAlgorithm::SHA512), None),
        case("sha3-256", &good, hashed(HashAlgorithm::SHA3_256), None),
        case("sha3-512", &good, hashed(HashAlgorithm::SHA3_512), None),
        case(
            "sha-224",
            &good,
            hashed(HashAlgorithm::SHA224),
            R::WeakAlgorithm,
        ),
        case(
            "sha-1",
            &good,
            hashed(HashAlgorithm::SHA1),
            R::WeakAlgorithm,
        ),
        case("text", &good, typed(SignatureType::Text), R::WrongType),
        case(
            "standalone",
            &good,
            typed(SignatureType::Standalone),
            R::WrongType,
        ),
        case(
            "timestamp",
            &good,
            typed(SignatureType::Timestamp),
            R::WrongType,
        ),
        case(
            "confirmation",
            &good,
            typed(SignatureType::Confirmation),
            R::WrongType,
        ),
        case(
            "certification",
            &good,
            typed(SignatureType::GenericCertification),
            R::WrongType,
        ),
        case(
            "key revocation",
            &good,
            typed(SignatureType::KeyRevocation),
            R::WrongType,
        ),
        case(
            "subkey binding",
            &good,
            typed(SignatureType::SubkeyBinding),
            R::WrongType,
        ),
        case(
            "unknown type",
            &good,
            typed(SignatureType::Unknown(0x77)),
            R::WrongType,
        ),
        case("in the future", &good, made(NOW + 1), R::NotYetValid),
        case("within the skew", &good, soon, None),
        case("expired", &good, expires(1), R::Expired),
        case("not expired yet", &good, expires(NOW), None),
        case("unknown notation", &good, notation(false), None),
        case(
            "unknown critical notation",
            &good,
            notation(true),
            R::CriticalUnknown,
        ),
        case("unknown subpacket", &good, subpacket(false), None),
        case(
            "unknown critical subpacket",
            &good,
            subpacket(true),
            R::CriticalUnknown,
        ),
        case("by another", &good, Maker::new(50).sign(), R::MissingKey),
    ]
}
