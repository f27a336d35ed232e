//! RSA keys of more than 4,096 bits, with AWS-LC.
//!
//! The pure Rust backend of Sequoia refuses them. What is checked here is told to Sequoia's
//! [`SignatureVerificationCache`], in which it looks before it computes anything: an entry stands
//! for one signature, one digest and one key, and nothing else is found by it. Should Sequoia
//! change how entries are computed, ours are not found, and such keys are refused again.

use std::sync::mpsc;

use aws_lc_rs::digest::{Algorithm, Digest, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512};
use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature as aws;
use aws_lc_rs::signature::ParsedPublicKey;
use sequoia_openpgp::crypto::mpi;
use sequoia_openpgp::packet::key::{PrimaryRole, PublicParts, UnspecifiedRole};
use sequoia_openpgp::packet::signature::cache::SignatureVerificationCache;
use sequoia_openpgp::packet::{Key, Signature, UserID};
use sequoia_openpgp::parse::Parse as _;
use sequoia_openpgp::serialize::MarshalInto as _;
use sequoia_openpgp::types::{HashAlgorithm, SignatureType};
use sequoia_openpgp::{Packet, PacketPile};

use crate::packet::{self, PUBLIC_KEY, PUBLIC_SUBKEY};

/// The largest key that the backend takes, in bits.
const BACKEND: usize = 4096;

/// The largest key that AWS-LC takes, in bits.
const LARGEST: usize = 8192;

/// The most signatures by large keys that are checked of one certificate.
const MAX_SIGNATURES: usize = 256;

/// A key, whatever its role is.
type AnyKey = Key<PublicParts, UnspecifiedRole>;

/// Checks what a certificate's own large keys signed in it, so that Sequoia finds it valid. Does
/// nothing where no key is large.
pub(crate) fn learn_certificate(bytes: &[u8]) {
    if !may_have_large_key(bytes) {
        return;
    }
    let Ok(pile) = PacketPile::from_bytes(bytes) else {
        return;
    };
    let mut primary: Option<&Key<PublicParts, PrimaryRole>> = None;
    let mut component = None;
    let mut entries = Vec::new();
    for packet in pile.children() {
        match packet {
            Packet::PublicKey(key) => (primary, component) = (Some(key), Some(packet)),
            Packet::Signature(signature) => {
                if let (Some(primary), Some(component)) = (primary, component)
                    && entries.len() < MAX_SIGNATURES
                {
                    entries.extend(own_signatures(primary, component, signature));
                }
            }
            _ => component = Some(packet),
        }
    }
    tell(entries);
}

/// Whether a key packet is as long as a large key's, by the frames alone.
fn may_have_large_key(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while let Ok(found) = packet::take(&mut rest) {
        let is_key = matches!(found.tag, PUBLIC_KEY | PUBLIC_SUBKEY);
        if is_key && found.body.len() > BACKEND / 8 + 16 {
            return true;
        }
    }
    false
}

/// The entries of a signature in a certificate, and of what is embedded in it.
fn own_signatures(
    primary: &Key<PublicParts, PrimaryRole>,
    component: &Packet,
    signature: &Signature,
) -> Vec<Vec<u8>> {
    let mut entries = Vec::new();
    if is_large(primary.role_as_unspecified()) {
        let digest = digest_of(primary, component, signature);
        entries.extend(digest.and_then(|d| entry(primary.role_as_unspecified(), signature, &d)));
    }
    if let Packet::PublicSubkey(subkey) = component
        && is_large(subkey.role_as_unspecified())
    {
        for embedded in signature.embedded_signatures() {
            let digest = hashed(embedded, |hash| {
                embedded.hash_primary_key_binding(hash, primary, subkey)
            });
            let key = subkey.role_as_unspecified();
            entries.extend(digest.and_then(|d| entry(key, embedded, &d)));
        }
    }
    entries
}

fn digest_of(
    primary: &Key<PublicParts, PrimaryRole>,
    component: &Packet,
    signature: &Signature,
) -> Option<Vec<u8>> {
    hashed(signature, |hash| match (component, signature.typ()) {
        (_, SignatureType::DirectKey | SignatureType::KeyRevocation) => {
            signature.hash_direct_key(hash, primary)
        }
        (Packet::PublicSubkey(subkey), _) => signature.hash_subkey_binding(hash, primary, subkey),
        (Packet::UserID(user_id), _) => signature.hash_userid_binding(hash, primary, user_id),
        (Packet::UserAttribute(attribute), _) => {
            signature.hash_user_attribute_binding(hash, primary, attribute)
        }
        _ => Err(sequoia_openpgp::anyhow::anyhow!("no such component")),
    })
}

/// Checks a signature over a user ID by a large key; does nothing for others.
pub(crate) fn learn_certification(
    by: &AnyKey,
    primary: &Key<PublicParts, PrimaryRole>,
    user_id: &UserID,
    signature: &Signature,
) {
    if is_large(by) {
        let digest = hashed(signature, |hash| {
            signature.hash_userid_binding(hash, primary, user_id)
        });
        tell(digest.and_then(|d| entry(by, signature, &d)));
    }
}

/// Checks a signature over data by a large key; does nothing for others.
pub(crate) fn learn_signature(by: &AnyKey, signature: &Signature, digest: &[u8]) {
    if is_large(by) {
        tell(entry(by, signature, digest));
    }
}

fn hashed(
    signature: &Signature,
    feed: impl FnOnce(&mut sequoia_openpgp::crypto::hash::Context) -> sequoia_openpgp::Result<()>,
) -> Option<Vec<u8>> {
    let context = signature.hash_algo().context().ok()?;
    let mut context = context.for_signature(signature.version());
    feed(&mut context).ok()?;
    context.into_digest().ok()
}

fn is_large(key: &AnyKey) -> bool {
    matches!(key.mpis(), mpi::PublicKey::RSA { n, .. } if n.bits() > BACKEND && n.bits() <= LARGEST)
}

/// The entry of a signature that AWS-LC finds good; `None` if it is not.
fn entry(key: &AnyKey, signature: &Signature, digest: &[u8]) -> Option<Vec<u8>> {
    let (mpi::PublicKey::RSA { n, e }, mpi::Signature::RSA { s }) = (key.mpis(), signature.mpis())
    else {
        return None;
    };
    let (algorithm, parameters) = algorithms(signature.hash_algo())?;
    let (n, e) = (n.value(), e.value());
    let public = PublicKeyComponents { n, e }.as_der().ok()?;
    let parsed = ParsedPublicKey::new(parameters, public.as_ref()).ok()?;
    let imported = Digest::import_less_safe(digest, algorithm).ok()?;
    // OpenPGP drops leading zeros, and PKCS #1 wants them.
    let s = s.value_padded(n.len()).ok()?;
    parsed.verify_digest_sig(&imported, &s).ok()?;
    value(key, signature, digest)
}

fn algorithms(hash: HashAlgorithm) -> Option<(&'static Algorithm, &'static aws::RsaParameters)> {
    Some(match hash {
        // Where SHA-1 may stand, and until when, is Sequoia's policy.
        HashAlgorithm::SHA1 => (
            &SHA1_FOR_LEGACY_USE_ONLY,
            &aws::RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
        ),
        HashAlgorithm::SHA256 => (&SHA256, &aws::RSA_PKCS1_2048_8192_SHA256),
        HashAlgorithm::SHA384 => (&SHA384, &aws::RSA_PKCS1_2048_8192_SHA384),
        HashAlgorithm::SHA512 => (&SHA512, &aws::RSA_PKCS1_2048_8192_SHA512),
        _ => return None,
    })
}

/// How Sequoia 2.4 names a signature, its digest and its key (`packet/signature/cache.rs`).
fn value(key: &AnyKey, signature: &Signature, digest: &[u8]) -> Option<Vec<u8>> {
    let mpis = signature.mpis().to_vec().ok()?;
    let mut context = aws_lc_rs::digest::Context::new(&SHA512);
    context.update(&[0]);
    context.update(&u32::try_from(mpis.len()).ok()?.to_le_bytes());
    context.update(&mpis);
    context.update(&[u8::from(signature.hash_algo())]);
    context.update(digest);
    context.update(&key.mpis().to_vec().ok()?);
    context.finish().as_ref().get(..32).map(<[u8]>::to_vec)
}

/// Hands entries to Sequoia, and returns when it has them.
fn tell(entries: impl IntoIterator<Item = Vec<u8>>) {
    let entries: Vec<_> = entries.into_iter().collect();
    if entries.is_empty() {
        return;
    }
    let (done, wait) = mpsc::channel::<()>();
    SignatureVerificationCache::restore(entries.into_iter(), move || drop(done));
    // An error is what the other side's end looks like.
    let _ = wait.recv();
}
