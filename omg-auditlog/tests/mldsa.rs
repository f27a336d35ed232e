//! ML-DSA-44 cosignatures (C2SP tlog-cosignature), beside Ed25519 and never instead of it.
#![cfg(feature = "mldsa")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod common;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::{bytes, checkpoint, key, log};
use ml_dsa::{KeyInit as _, MlDsa44, Verifier as _};
use omg_auditlog::{
    BreakKind, Checkpoint, Cosigner as _, CosignerKey, Error, Hash, MlDsaKey, SignedCheckpoint,
    Signer as _, Status, Trust, Verifier,
};

const NAME: &str = "omg/test/1";

fn signer() -> MlDsaKey {
    MlDsaKey::from_seed(NAME, &[5; 32]).unwrap()
}

#[test]
fn both_signatures_stand_on_one_checkpoint() {
    let lines = log(20, 0);
    let both = signer()
        .cosign(&checkpoint(&lines, &key(1)), 1_795_500_000)
        .unwrap();
    let read = SignedCheckpoint::parse(&both.to_string()).unwrap();
    assert_eq!(signer().public().verify(&read), Ok(1_795_500_000));
    // Who pins the Ed25519 key is not disturbed.
    let trust = Trust::none().pin(key(1).verifying_key().clone()).hold(read);
    let report = Verifier::new(trust).verify(&bytes(&lines)[..]).unwrap();
    assert_eq!((report.status(), report.unanchored()), (Status::Intact, 0));
}

/// The message as the specification lays it out, put together here by hand.
#[test]
fn the_message_is_that_of_the_specification() {
    let note = checkpoint(&log(20, 0), &key(1));
    let both = signer().cosign(&note, 7).unwrap();
    let line = both.to_string().lines().last().unwrap().to_owned();
    let signature = STANDARD.decode(line.rsplit(' ').next().unwrap()).unwrap();
    assert_eq!(signature.len(), 4 + 8 + 2420);
    let mut message = b"subtree/v1\n\0\x0aomg/test/1\0\0\0\0\0\0\0\x07\x0aomg/test/1".to_vec();
    message.extend_from_slice(&[0; 8]);
    message.extend_from_slice(&[0, 0, 0, 0, 0, 0, 0, 20]);
    message.extend_from_slice(note.checkpoint().root.as_bytes());
    let text = signer().public().to_string();
    let material = STANDARD
        .decode(text.splitn(3, '+').nth(2).unwrap())
        .unwrap();
    assert_eq!((material[0], material.len()), (6, 1 + 1312));
    let public = ml_dsa::VerifyingKey::<MlDsa44>::new_from_slice(&material[1..]).unwrap();
    let signature = ml_dsa::Signature::try_from(&signature[12..]).unwrap();
    public.verify(&message, &signature).unwrap();
}

#[test]
fn what_was_changed_does_not_verify() {
    let note = checkpoint(&log(20, 0), &key(1));
    let both = signer().cosign(&note, 7).unwrap();
    let text = both.to_string();
    let other = text.replacen("\n20\n", "\n21\n", 1);
    let line = text.lines().last().unwrap();
    let bytes = STANDARD.decode(line.rsplit(' ').next().unwrap()).unwrap();
    let mut changed = vec![other];
    // A byte of the time, some of the signature, and one less.
    for at in [11, 12, 1000, 2431] {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1;
        changed.push(text.replace(
            line,
            &format!("\u{2014} {NAME} {}", STANDARD.encode(&bytes)),
        ));
    }
    let short = STANDARD.encode(&bytes[..2431]);
    changed.push(text.replace(line, &format!("\u{2014} {NAME} {short}")));
    for text in changed {
        let read = SignedCheckpoint::parse(&text).unwrap();
        let verified = signer().public().verify(&read);
        assert!(
            matches!(verified, Err(Error::BadSignature { .. })),
            "{verified:?}"
        );
    }
    let another = MlDsaKey::from_seed(NAME, &[6; 32]).unwrap();
    assert!(matches!(
        another.public().verify(&both),
        Err(Error::NotSigned { .. })
    ));
}

#[test]
fn keys_are_read_back() {
    let public = signer().public().clone();
    assert_eq!(public.to_string().parse::<CosignerKey>().unwrap(), public);
    assert!(CosignerKey::ml_dsa_44(NAME, &[0; 1311]).is_err());
    assert!(MlDsaKey::from_seed(&"n".repeat(256), &[5; 32]).is_err());
    assert!(
        signer()
            .cosign(&checkpoint(&log(1, 0), &key(1)), u64::MAX)
            .is_err()
    );
    // The same checkpoint and time give the same bytes.
    let note = checkpoint(&log(3, 0), &key(1));
    assert_eq!(
        signer().cosign(&note, 7).unwrap(),
        signer().cosign(&note, 7).unwrap()
    );
    assert!(!format!("{:?}", signer()).contains("secret"));
}

/// Once it is required, a checkpoint without it, or with a forged one, is an alarm.
#[test]
fn a_required_cosignature_must_be_there() {
    let lines = log(20, 0);
    let note = checkpoint(&lines, &key(1));
    let both = signer().cosign(&note, 7).unwrap();
    let text = both.to_string();
    let line = text.lines().last().unwrap();
    let mut forged = STANDARD.decode(line.rsplit(' ').next().unwrap()).unwrap();
    forged[1000] ^= 1;
    let forged = text.replace(
        line,
        &format!("\u{2014} {NAME} {}", STANDARD.encode(&forged)),
    );
    let forged = SignedCheckpoint::parse(&forged).unwrap();
    let verify = |note: &SignedCheckpoint, lines: &[String]| {
        let pinned = Trust::none().pin(key(1).verifying_key().clone());
        let trust = pinned
            .cosigned_by(signer().public().clone())
            .hold(note.clone());
        let report = Verifier::new(trust).verify(&bytes(lines)[..]).unwrap();
        report.breaks.first().map(|found| found.kind)
    };
    assert_eq!(verify(&both, &lines), None);
    assert_eq!(verify(&note, &lines), Some(BreakKind::Unsigned));
    assert_eq!(verify(&forged, &lines), Some(BreakKind::BadSignature));
    // A cosigned checkpoint of another log is none of this one.
    assert_eq!(
        verify(&both, &log(20, 1000)),
        Some(BreakKind::HistoryRewritten)
    );
}

/// The message has one byte for a name's length, so a key signs and verifies no longer name: 256 is
/// not 255.
#[test]
fn a_name_that_the_message_has_no_room_for_is_not_cosigned() {
    let origin = "o".repeat(256);
    let named = |origin: &str| {
        let own = key(1);
        let signers: [&dyn omg_auditlog::Signer; 1] = [&own];
        Checkpoint::new(origin.parse().unwrap(), 0, Hash::EMPTY_TREE)
            .sign(&signers)
            .unwrap()
    };
    let fits = signer().cosign(&named(&origin[1..]), 7).unwrap();
    assert_eq!(signer().public().verify(&fits), Ok(7));
    let long = signer().cosign(&named(&origin), 7);
    assert!(matches!(long, Err(Error::Signer(_))), "{long:?}");
    let text = fits.to_string().replacen(&origin[1..], &origin, 1);
    let changed = SignedCheckpoint::parse(&text).unwrap();
    let verified = signer().public().verify(&changed);
    assert!(matches!(verified, Err(Error::BadSignature { .. })));
}

/// A clock before 1970 has no number; 0 would say that nothing is known of the time.
#[cfg(feature = "fs")]
#[test]
fn nothing_is_cosigned_before_1970() {
    use omg_auditlog::fs::{Every, Log, LogError, LogOptions};
    use std::sync::Arc;

    let directory = tempfile::tempdir().unwrap();
    let early = chrono::DateTime::from_timestamp(-1, 0).unwrap();
    let append = |name: &str, cosigned: bool| {
        let mut options = LogOptions::new(common::origin(), common::machine())
            .sign(Arc::new(key(1)), Every::Commit);
        if cosigned {
            options = options.cosign(Arc::new(signer()));
        }
        let path = directory.path().join(name);
        let log = Log::open(&path, options, &common::actor(), early)?;
        log.append(common::event(0), &common::actor(), early)
    };
    append("alone", false).unwrap();
    let error = append("cosigned", true).unwrap_err();
    assert!(
        matches!(error, LogError::Entry(Error::Signer(_))),
        "{error:?}"
    );
}

#[cfg(feature = "fs")]
#[test]
fn a_log_cosigns_its_checkpoints() {
    use omg_auditlog::fs::{Every, Log, LogOptions, LogReader};
    use std::sync::Arc;

    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.jsonl");
    let options = LogOptions::new(common::origin(), common::machine())
        .sign(Arc::new(key(1)), Every::Commit)
        .cosign(Arc::new(signer()));
    let log = Log::open(&path, options, &common::actor(), common::at(0)).unwrap();
    for n in 0..3 {
        log.append(common::event(n), &common::actor(), common::at(1))
            .unwrap();
    }
    let reader = LogReader::open(&path).unwrap().unwrap();
    let note = reader.beside().unwrap().unwrap();
    let time = u64::try_from(common::at(1).timestamp()).unwrap();
    assert_eq!(signer().public().verify(note), Ok(time));
    let trust = Trust::none()
        .pin(key(1).verifying_key().clone())
        .cosigned_by(signer().public().clone());
    let report = reader.verify(trust, std::num::NonZeroUsize::MIN).unwrap();
    assert_eq!((report.status(), report.unanchored()), (Status::Intact, 0));
}
