//! A certificate authority like Fulcio, and a log of certificates that signs for what it has seen.

use super::der::{bits, int, octets, oid, seq, set, tlv, utc, utf8, yes};
use super::keys::Key;
use super::sha256;

/// What a certificate says, and what may be wrong with it.
#[derive(Clone)]
pub struct Certificate {
    pub subject: String,
    pub issuer: String,
    pub from: i64,
    pub to: i64,
    pub serial: u64,
    pub extensions: Vec<Vec<u8>>,
}

/// What a log of certificates promises, and what may be wrong with it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Sct {
    Good,
    Missing,
    /// It is signed for another certificate.
    OtherCertificate,
    /// Somebody signed in the log's name.
    OtherKey,
    /// It is from a log that nobody trusts.
    OtherLog,
    /// It was made at this time, in seconds since 1970.
    At(i64),
    Twice,
}

pub const CODE_SIGNING: &str = "1.3.6.1.5.5.7.3.3";
pub const TIME_STAMPING: &str = "1.3.6.1.5.5.7.3.8";

pub fn name(text: &str) -> Vec<u8> {
    match text {
        "" => seq(&[]),
        text => seq(&[set(vec![seq(&[oid("2.5.4.3"), utf8(text)])])]),
    }
}

fn extension(id: &str, critical: bool, value: &[u8]) -> Vec<u8> {
    match critical {
        true => seq(&[oid(id), yes(), octets(value)]),
        false => seq(&[oid(id), octets(value)]),
    }
}

/// What an authority's certificate has.
pub fn authority() -> Vec<Vec<u8>> {
    vec![
        extension("2.5.29.19", true, &seq(&[yes()])),
        extension("2.5.29.15", true, &tlv(0x03, &[1, 0x06])),
    ]
}

pub fn usage(purpose: &str) -> Vec<u8> {
    extension("2.5.29.37", true, &seq(&[oid(purpose)]))
}

/// The signer's name: a URI, or an address if there is an `@` before any slash.
pub fn san(name: &str) -> Vec<u8> {
    let tag = match name.contains("://") {
        true => 0x86,
        false => 0x81,
    };
    extension("2.5.29.17", true, &seq(&[tlv(tag, name.as_bytes())]))
}

/// One of Fulcio's own extensions.
pub fn claim(number: u8, value: &str) -> Vec<u8> {
    let id = format!("1.3.6.1.4.1.57264.1.{number}");
    match number {
        0..8 => extension(&id, false, value.as_bytes()),
        _ => extension(&id, false, &utf8(value)),
    }
}

impl Certificate {
    fn tbs(&self, key: &[u8], by: &Key, more: &[Vec<u8>]) -> Vec<u8> {
        let extensions = seq(&[self.extensions.concat(), more.concat()]);
        seq(&[
            tlv(0xa0, &int(2)),
            int(self.serial),
            by.signature_algorithm(),
            name(&self.issuer),
            seq(&[utc(self.from), utc(self.to)]),
            name(&self.subject),
            key.to_vec(),
            tlv(0xa3, &extensions),
        ])
    }

    pub fn sign(&self, key: &[u8], by: &Key) -> Vec<u8> {
        self.signed(key, by, &[])
    }

    fn signed(&self, key: &[u8], by: &Key, more: &[Vec<u8>]) -> Vec<u8> {
        let tbs = self.tbs(key, by, more);
        let signature = bits(&by.sign(&tbs));
        seq(&[tbs, by.signature_algorithm(), signature])
    }

    /// Signs with the promise of a log in it (RFC 6962, section 3.2 and 3.3).
    pub fn sign_logged(&self, key: &[u8], by: &Key, log: &Key, sct: Sct, other: &Key) -> Vec<u8> {
        let tbs = match sct {
            Sct::OtherCertificate => {
                let mut changed = self.clone();
                changed.serial += 1;
                changed.tbs(key, by, &[])
            }
            _ => self.tbs(key, by, &[]),
        };
        let at = match sct {
            Sct::At(time) => time,
            _ => self.from,
        };
        let (named, signer) = match sct {
            Sct::OtherKey => (log, other),
            Sct::OtherLog => (other, other),
            _ => (log, log),
        };
        let one = promise(&tbs, &by.spki, &named.spki, signer, at);
        let one = [&u16::to_be_bytes(one.len() as u16)[..], &one].concat();
        let list = match sct {
            Sct::Twice => [one.clone(), one].concat(),
            _ => one,
        };
        let list = [&u16::to_be_bytes(list.len() as u16)[..], &list].concat();
        let id = "1.3.6.1.4.1.11129.2.4.2";
        match sct {
            Sct::Missing => self.signed(key, by, &[]),
            _ => self.signed(key, by, &[extension(id, false, &octets(&list))]),
        }
    }
}

fn promise(tbs: &[u8], issuer: &[u8], log: &[u8], signer: &Key, at: i64) -> Vec<u8> {
    let at = u64::to_be_bytes(at as u64 * 1000);
    let length = &u32::to_be_bytes(tbs.len() as u32)[1..];
    let issuer = sha256(issuer);
    let signed = [&[0, 0], &at[..], &[0, 1], &issuer, length, tbs, &[0, 0]].concat();
    let signature = signer.sign(&signed);
    let length = u16::to_be_bytes(signature.len() as u16);
    let head = [&[0], &sha256(log)[..], &at, &[0, 0], &[4, 3]].concat();
    [&head[..], &length, &signature].concat()
}
