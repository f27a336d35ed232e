//! Keys and signatures of every kind, from fixed secrets and at fixed times.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]

use std::time::{Duration, SystemTime};

use sequoia_openpgp::crypto::KeyPair;
use sequoia_openpgp::packet::key::{
    Key4, PrimaryRole, SecretParts, SubordinateRole, UnspecifiedRole,
};
use sequoia_openpgp::packet::signature::SignatureBuilder;
use sequoia_openpgp::packet::{Key, Packet, Signature, UserID};
use sequoia_openpgp::serialize::SerializeInto as _;
use sequoia_openpgp::types::{
    Features, HashAlgorithm, KeyFlags, ReasonForRevocation, SignatureType,
};

/// What is signed.
pub const DATA: &[u8] = b"Every byte of this is signed.\n";

/// Days since 1 January 2025, as a time.
pub fn day(days: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_735_689_600 + days * 86_400)
}

/// The day on which signatures are made, unless they say another.
pub const SIGNED: u64 = 100;
/// The day on which everything is looked at.
pub const NOW: u64 = 600;

type Secret<R> = Key<SecretParts, R>;

fn secret(seed: u8, made: u64) -> Key4<SecretParts, UnspecifiedRole> {
    Key4::import_secret_ed25519(&[seed; 32], day(made)).unwrap()
}

/// A certificate in the making: a primary key that certifies, and a subkey that signs.
#[derive(Clone)]
pub struct Maker {
    pub primary: Secret<PrimaryRole>,
    pub subkey: Secret<SubordinateRole>,
    /// Flags of the primary key.
    pub flags: KeyFlags,
    pub subkey_flags: KeyFlags,
    /// How many days the primary key and the subkey are valid.
    pub valid: Option<u64>,
    pub subkey_valid: Option<u64>,
    pub hash: HashAlgorithm,
    pub back_signature: BackSignature,
    pub user_id: String,
    pub more: Vec<Packet>,
}

/// The subkey's word that it belongs to the primary key.
#[derive(Clone, Copy, Eq, PartialEq)]
pub enum BackSignature {
    Good,
    Missing,
    ByAnother,
    Expired,
    Sha1,
}

impl Maker {
    pub fn new(seed: u8) -> Self {
        Self::made_on(seed, 0)
    }

    pub fn made_on(seed: u8, made: u64) -> Self {
        Self {
            primary: Key::from(secret(seed, made)).role_into_primary(),
            subkey: Key::from(secret(seed + 1, made)).role_into_subordinate(),
            flags: KeyFlags::empty().set_certification().set_signing(),
            subkey_flags: KeyFlags::empty().set_signing(),
            valid: None,
            subkey_valid: None,
            hash: HashAlgorithm::SHA512,
            back_signature: BackSignature::Good,
            user_id: "maker <maker@omg.example>".to_owned(),
            more: Vec::new(),
        }
    }

    pub fn primary_pair(&self) -> KeyPair {
        let key = self.primary.clone().role_into_unspecified();
        key.into_keypair().unwrap()
    }

    pub fn subkey_pair(&self) -> KeyPair {
        let key = self.subkey.clone().role_into_unspecified();
        key.into_keypair().unwrap()
    }

    fn made(&self) -> SystemTime {
        self.primary.creation_time()
    }

    /// The certificate, binary.
    pub fn cert(&self) -> Vec<u8> {
        let user_id = UserID::from(self.user_id.as_str());
        let primary = self.primary.clone().take_secret().0;
        let subkey = self.subkey.clone().take_secret().0;
        let valid = |days: Option<u64>| days.map(|d| Duration::from_secs(d * 86_400));
        let binding = SignatureBuilder::new(SignatureType::PositiveCertification)
            .set_hash_algo(self.hash)
            .set_signature_creation_time(self.made())
            .unwrap()
            .set_key_flags(self.flags.clone())
            .unwrap()
            .set_features(Features::sequoia())
            .unwrap()
            .set_key_validity_period(valid(self.valid))
            .unwrap()
            .sign_userid_binding(&mut self.primary_pair(), &primary, &user_id)
            .unwrap();
        let mut subkey_binding = SignatureBuilder::new(SignatureType::SubkeyBinding)
            .set_hash_algo(self.hash)
            .set_signature_creation_time(self.made())
            .unwrap()
            .set_key_flags(self.subkey_flags.clone())
            .unwrap()
            .set_key_validity_period(valid(self.subkey_valid))
            .unwrap();
        if self.back_signature != BackSignature::Missing {
            let back = self.back(&primary, &subkey);
            subkey_binding = subkey_binding.set_embedded_signature(back).unwrap();
        }
        let subkey_binding = subkey_binding
            .sign_subkey_binding(&mut self.primary_pair(), &primary, &subkey)
            .unwrap();
        let mut packets: Vec<Packet> = vec![
            primary.into(),
            user_id.into(),
            binding.into(),
            subkey.into(),
            subkey_binding.into(),
        ];
        packets.extend(self.more.iter().cloned());
        packets.iter().flat_map(|p| p.to_vec().unwrap()).collect()
    }

    fn back(
        &self,
        primary: &Key<sequoia_openpgp::packet::key::PublicParts, PrimaryRole>,
        subkey: &Key<sequoia_openpgp::packet::key::PublicParts, SubordinateRole>,
    ) -> Signature {
        let mut builder = SignatureBuilder::new(SignatureType::PrimaryKeyBinding)
            .set_signature_creation_time(self.made())
            .unwrap();
        if self.back_signature == BackSignature::Expired {
            let day = Duration::from_secs(86_400);
            builder = builder.set_signature_validity_period(day).unwrap();
        }
        if self.back_signature == BackSignature::Sha1 {
            builder = builder.set_hash_algo(HashAlgorithm::SHA1);
        }
        let mut signer = match self.back_signature {
            BackSignature::ByAnother => Maker::new(200).subkey_pair(),
            _ => self.subkey_pair(),
        };
        builder
            .sign_primary_key_binding(&mut signer, primary, subkey)
            .unwrap()
    }

    /// A revocation of the primary key or of the subkey.
    pub fn revoke(mut self, what: Revoked, code: ReasonForRevocation, on: u64) -> Self {
        let primary = self.primary.clone().take_secret().0;
        let subkey = self.subkey.clone().take_secret().0;
        let typ = match what {
            Revoked::Primary => SignatureType::KeyRevocation,
            Revoked::Subkey => SignatureType::SubkeyRevocation,
        };
        let builder = SignatureBuilder::new(typ)
            .set_signature_creation_time(day(on))
            .unwrap()
            .set_reason_for_revocation(code, b"as a test")
            .unwrap();
        let mut pair = self.primary_pair();
        let revocation = match what {
            Revoked::Primary => builder.sign_direct_key(&mut pair, &primary),
            Revoked::Subkey => builder.sign_subkey_binding(&mut pair, &primary, &subkey),
        };
        self.more.push(revocation.unwrap().into());
        self
    }

    /// A certification of this certificate's user ID by another's primary key.
    pub fn certified_by(
        mut self,
        anchor: &Self,
        change: impl FnOnce(SignatureBuilder) -> SignatureBuilder,
    ) -> Self {
        let primary = self.primary.clone().take_secret().0;
        let user_id = UserID::from(self.user_id.as_str());
        let builder = SignatureBuilder::new(SignatureType::GenericCertification)
            .set_signature_creation_time(day(10))
            .unwrap();
        let certification = change(builder)
            .sign_userid_binding(&mut anchor.primary_pair(), &primary, &user_id)
            .unwrap();
        // Beside the user ID, where certifications stand: `more` goes to the end, so name it anew.
        self.more.push(user_id.into());
        self.more.push(certification.into());
        self
    }

    /// What an anchor says of this certificate's user ID, or the certificate itself, to take it
    /// back.
    pub fn user_id_revoked_by(mut self, who: &Self, on: u64) -> Self {
        let primary = self.primary.clone().take_secret().0;
        let user_id = UserID::from(self.user_id.as_str());
        let revocation = SignatureBuilder::new(SignatureType::CertificationRevocation)
            .set_signature_creation_time(day(on))
            .unwrap()
            .set_reason_for_revocation(ReasonForRevocation::UIDRetired, b"")
            .unwrap()
            .sign_userid_binding(&mut who.primary_pair(), &primary, &user_id)
            .unwrap();
        self.more.push(user_id.into());
        self.more.push(revocation.into());
        self
    }

    /// A signature over [`DATA`] by the subkey.
    pub fn sign(&self) -> Vec<u8> {
        self.sign_with(|builder| builder)
    }

    pub fn sign_with(&self, change: impl FnOnce(SignatureBuilder) -> SignatureBuilder) -> Vec<u8> {
        sign(&mut self.subkey_pair(), DATA, change)
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Revoked {
    Primary,
    Subkey,
}

/// A signature over data, as a packet.
pub fn sign(
    signer: &mut KeyPair,
    data: &[u8],
    change: impl FnOnce(SignatureBuilder) -> SignatureBuilder,
) -> Vec<u8> {
    let builder = SignatureBuilder::new(SignatureType::Binary)
        .set_hash_algo(HashAlgorithm::SHA256)
        .set_signature_creation_time(day(SIGNED))
        .unwrap();
    let builder = change(builder);
    // Of any type: what is hashed is the data.
    let mut hash = builder.hash_algo().context().unwrap().for_signature(4);
    hash.update(data);
    let signature = builder.sign_hash(signer, hash).unwrap();
    Packet::from(signature).to_vec().unwrap()
}
