//! A timestamp authority (RFC 3161), whose tokens are signed as RFC 5652 says.

use super::der::{int, octets, oid, seq, set, time, tlv};
use super::keys::Key;
use super::pki::name;
use super::sha256;

/// What a timestamp says, and what may be wrong with it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Token {
    Good,
    /// It brings its authority's certificate.
    Embedded,
    /// It is over other bytes.
    OtherImprint,
    /// By an authority that nobody trusts, with or without its certificate.
    Untrusted(bool),
    /// The authority's signature is over other attributes.
    BadSignature,
    /// The time was exchanged after it was signed.
    Redated,
    /// The authority answered that it would not.
    NotGranted,
    /// It is no timestamp.
    Rubbish,
}

const SHA256: &str = "2.16.840.1.101.3.4.2.1";
const INFO: &str = "1.2.840.113549.1.9.16.1.4";

fn info(imprint: &[u8], at: i64) -> Vec<u8> {
    let digest = seq(&[seq(&[oid(SHA256)]), octets(imprint)]);
    seq(&[int(1), oid("1.3.6.1.4.1.57264.2"), digest, int(7), time(at)])
}

/// A token over a signature, by a key with a certificate of this issuer and number.
pub fn token(over: &[u8], at: i64, key: &Key, issuer: &str, leaf: &[u8], kind: Token) -> Vec<u8> {
    let imprint = match kind {
        Token::OtherImprint => sha256(b"other bytes"),
        _ => sha256(over),
    };
    let signed_info = info(&imprint, at);
    let shown = match kind {
        Token::Redated => info(&imprint, at + 1),
        _ => signed_info.clone(),
    };
    let attribute = |id: &str, value: Vec<u8>| seq(&[oid(id), set(vec![value])]);
    let attributes = vec![
        attribute("1.2.840.113549.1.9.3", oid(INFO)),
        attribute("1.2.840.113549.1.9.4", octets(&sha256(&signed_info))),
    ];
    let signed = set(attributes);
    let signature = match kind {
        Token::BadSignature => key.sign(b"other attributes"),
        _ => key.sign(&signed),
    };
    let mut implicit = signed;
    implicit[0] = 0xa0;
    let algorithm = seq(&[oid(SHA256)]);
    let signer = seq(&[
        int(1),
        seq(&[name(issuer), int(super::TSA_SERIAL)]),
        algorithm.clone(),
        implicit,
        seq(&[oid("1.2.840.10045.4.3.2")]),
        octets(&signature),
    ]);
    let content = seq(&[oid(INFO), tlv(0xa0, &octets(&shown))]);
    let certificates = match kind {
        Token::Embedded | Token::Untrusted(true) => tlv(0xa0, leaf),
        _ => Vec::new(),
    };
    let data = seq(&[
        int(3),
        set(vec![algorithm]),
        content,
        certificates,
        set(vec![signer]),
    ]);
    let token = seq(&[oid("1.2.840.113549.1.7.2"), tlv(0xa0, &data)]);
    match kind {
        Token::NotGranted => seq(&[seq(&[int(2)]), token]),
        Token::Rubbish => octets(b"no timestamp"),
        _ => seq(&[seq(&[int(0)]), token]),
    }
}
