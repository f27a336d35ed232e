//! The witness's client against a witness written here from C2SP tlog-witness, and cosignatures
//! against the example of C2SP tlog-cosignature.
#![cfg(all(feature = "witness", feature = "fs"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod common;

use std::convert::Infallible;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::{actor, at, event, key, log, machine, origin};
use omg_auditlog::fs::{Log, LogOptions, LogReader};
use omg_auditlog::merkle::{ConsistencyProof, Frontier, Prover};
use omg_auditlog::witness::{Answer, Transport, WitnessError, request, submit};
use omg_auditlog::{
    CosignerKey, Error, Hash, SignedCheckpoint, Signer as _, VerifyingKey, cosign_ed25519,
};

const NAME: &str = "witness.example/w1";
const SEED: [u8; 32] = [42; 32];
const TIME: u64 = 1_795_500_000;

/// A witness of one log, as the specification says.
struct Witness {
    log: String,
    trusted: Vec<VerifyingKey>,
    latest: Option<(u64, Hash)>,
    requests: Vec<String>,
}

impl Witness {
    fn new() -> Self {
        Self {
            log: origin().to_string(),
            trusted: vec![key(1).verifying_key().clone()],
            latest: None,
            requests: Vec::new(),
        }
    }

    fn add(&mut self, body: &str) -> (u16, String) {
        let bad = (400, String::new());
        let Some((head, note)) = body.split_once("\n\n") else {
            return bad;
        };
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| line.strip_prefix("old "));
        let Some(old) = old.and_then(|old| old.parse::<u64>().ok()) else {
            return bad;
        };
        let hash =
            |line: &str| Hash::from_bytes(STANDARD.decode(line).unwrap().try_into().unwrap());
        let proof: Vec<Hash> = lines.map(hash).collect();
        let Ok(checkpoint) = SignedCheckpoint::parse(note) else {
            return bad;
        };
        let new = checkpoint.checkpoint();
        if new.origin.as_str() != self.log {
            return (404, String::new());
        }
        if !self
            .trusted
            .iter()
            .any(|key| checkpoint.verify(key).is_ok())
        {
            return (403, String::new());
        }
        if old > new.size || proof.len() > 63 {
            return bad;
        }
        let (size, root) = self.latest.unwrap_or((0, Hash::EMPTY_TREE));
        if old != size || (size == new.size && root != new.root) {
            return (409, format!("{size}\n"));
        }
        let continues = match old {
            0 => proof.is_empty(),
            old if old == new.size => proof.is_empty(),
            old => ConsistencyProof::new(old, new.size, proof)
                .verify(&root, &new.root)
                .is_ok(),
        };
        if !continues {
            return (422, String::new());
        }
        self.latest = Some((new.size, new.root));
        let (_, cosigned) = cosign_ed25519(NAME, &SEED, &checkpoint, TIME).unwrap();
        let line = cosigned.to_string().lines().last().unwrap().to_owned();
        (200, format!("{line}\n"))
    }
}

impl Transport for Witness {
    type Error = Infallible;

    fn add_checkpoint(&mut self, body: &str) -> Result<Answer, Infallible> {
        self.requests.push(body.to_owned());
        let (status, body) = self.add(body);
        Ok(Answer::new(status, body.into_bytes()))
    }
}

fn witness_key() -> CosignerKey {
    let empty = common::checkpoint(&log(1, 0), &key(1));
    cosign_ed25519(NAME, &SEED, &empty, 0).unwrap().0
}

fn checkpoint(lines: &[String]) -> SignedCheckpoint {
    common::checkpoint(lines, &key(1))
}

fn prover(lines: &[String]) -> impl FnMut(u64, u64) -> Result<ConsistencyProof, Error> + '_ {
    move |old, new| {
        let mut prover = Prover::consistency(old, new)?;
        for line in lines {
            prover.push(common::entry(line).hash());
        }
        prover.into_consistency()
    }
}

fn ask(
    witness: &mut Witness,
    lines: &[String],
    old: u64,
) -> Result<SignedCheckpoint, WitnessError> {
    submit(
        witness,
        &[witness_key()],
        &checkpoint(lines),
        old,
        prover(lines),
    )
}

#[test]
fn a_growing_log_is_cosigned() {
    let (mut witness, lines) = (Witness::new(), log(100, 0));
    for (old, size) in [(0, 1), (1, 7), (7, 7), (7, 64), (64, 100)] {
        let cosigned = ask(&mut witness, &lines[..size], old).unwrap();
        assert_eq!(witness_key().verify(&cosigned), Ok(TIME));
        assert_eq!(cosigned.verify(key(1).verifying_key()), Ok(()));
        assert_eq!(cosigned.note().signatures().len(), 2);
        // As it is kept and sent.
        let read = SignedCheckpoint::parse(&cosigned.to_string()).unwrap();
        assert_eq!(witness_key().verify(&read), Ok(TIME));
    }
    assert_eq!(witness.requests.len(), 5);
}

#[test]
fn a_witness_that_is_further_is_asked_again() {
    let (mut witness, lines) = (Witness::new(), log(100, 0));
    ask(&mut witness, &lines[..40], 0).unwrap();
    ask(&mut witness, &lines[..90], 0).unwrap();
    let asked: Vec<&str> = witness
        .requests
        .iter()
        .map(|r| r.lines().next().unwrap())
        .collect();
    assert_eq!(asked, ["old 0", "old 0", "old 40"]);
}

#[test]
fn a_log_that_was_rolled_back_is_an_alarm() {
    let (mut witness, lines) = (Witness::new(), log(100, 0));
    ask(&mut witness, &lines, 0).unwrap();
    for old in [0, 30, 60] {
        let error = ask(&mut witness, &lines[..60], old).unwrap_err();
        let expected = WitnessError::RolledBack {
            witnessed: 100,
            size: 60,
        };
        assert_eq!((error.is_alarm(), error), (true, expected));
    }
    // Also if this side still knows.
    let error = ask(&mut witness, &lines[..60], 100).unwrap_err();
    assert!(error.is_alarm());
}

#[test]
fn a_log_that_was_written_anew_is_an_alarm() {
    let (mut witness, lines) = (Witness::new(), log(60, 0));
    ask(&mut witness, &lines, 0).unwrap();
    // Longer (422), and as long (409 with the same size).
    for size in [100, 60] {
        let other = log(size, 1000);
        for old in [60, 0] {
            let error = ask(&mut witness, &other, old).unwrap_err();
            assert_eq!(
                error,
                WitnessError::Rewritten { witnessed: 60 },
                "{size} from {old}"
            );
            assert!(error.is_alarm());
        }
    }
}

#[test]
fn who_is_unknown_is_told_so() {
    let lines = log(10, 0);
    let mut witness = Witness::new();
    witness.log = "another.example/log".to_owned();
    assert_eq!(ask(&mut witness, &lines, 0), Err(WitnessError::UnknownLog));
    let mut witness = Witness::new();
    witness.trusted.clear();
    assert_eq!(
        ask(&mut witness, &lines, 0),
        Err(WitnessError::UntrustedKey)
    );
}

struct Says(u16, &'static [u8]);

impl Transport for Says {
    type Error = Infallible;

    fn add_checkpoint(&mut self, _: &str) -> Result<Answer, Infallible> {
        Ok(Answer::new(self.0, self.1.to_vec()))
    }
}

#[test]
fn other_answers_are_none() {
    let lines = log(10, 0);
    let ask = |status, body| {
        let keys = [witness_key()];
        submit(
            &mut Says(status, body),
            &keys,
            &checkpoint(&lines),
            5,
            prover(&lines),
        )
        .unwrap_err()
    };
    for (status, body) in [
        (500, &b""[..]),
        (400, b""),
        (301, b""),
        (409, b""),
        (409, b"7"),
        (409, b"07\n"),
        (409, b"+7\n"),
        (409, b"7\n"),
    ] {
        let error = ask(status, body);
        assert!(
            matches!(error, WitnessError::NoAnswer(_)),
            "{status} {body:?}: {error:?}"
        );
        assert!(!error.is_alarm());
    }
    // Neither nothing, nor another's line, nor one that does not verify is a cosignature.
    let forged = "\u{2014} witness.example/w1 AAAAAAAAAAAAAAAAAAAAAAAA\n".as_bytes();
    let other = "\u{2014} other.example/w9 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9\n".as_bytes();
    for body in [&b""[..], b"\n", b"garbage\n", b"\xff", forged, other] {
        assert_eq!(ask(200, body), WitnessError::NotCosigned, "{body:?}");
    }
}

#[test]
fn requests_are_written_as_specified() {
    let lines = log(10, 0);
    let note = checkpoint(&lines);
    let proof = prover(&lines)(4, 10).unwrap();
    let body = request(4, Some(&proof), &note).unwrap();
    let hashes: String = proof
        .hashes
        .iter()
        .map(|h| format!("{}\n", STANDARD.encode(h.as_bytes())))
        .collect();
    assert_eq!(body, format!("old 4\n{hashes}\n{note}"));
    assert!(
        request(0, None, &note)
            .unwrap()
            .starts_with("old 0\n\nomg/test/1\n10\n")
    );
    for (old, proof) in [(3, Some(&proof)), (0, Some(&proof)), (4, None)] {
        assert!(request(old, proof, &note).is_err(), "{old}");
    }
    let long = ConsistencyProof::new(4, 10, vec![Hash::EMPTY_TREE; 64]);
    assert!(request(4, Some(&long), &note).is_err());
}

#[test]
fn the_log_on_disk_gives_the_proofs() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.jsonl");
    let log = Log::open(&path, LogOptions::new(origin(), machine()), &actor(), at(0)).unwrap();
    let (mut witness, mut known, signer) = (Witness::new(), 0, key(1));
    for n in 0..40 {
        log.append(event(n), &actor(), at(1)).unwrap();
        if n % 9 == 0 {
            log.rotate(&actor(), at(2)).unwrap();
        }
        let note = log.checkpoint(&signer, &actor(), at(3)).unwrap();
        if n == 20 {
            log.prune(15, signer.verifying_key(), &actor(), at(4))
                .unwrap()
                .unwrap();
        }
        let reader = LogReader::open(&path).unwrap().unwrap();
        let prove = |old, new| {
            reader
                .consistency(old, new)
                .map_err(|error| Error::Signer(error.to_string()))
        };
        submit(&mut witness, &[witness_key()], &note, known, prove).unwrap();
        known = note.checkpoint().size;
    }
    let reader = LogReader::open(&path).unwrap().unwrap();
    assert!(reader.first_seq() > 1);
    assert!(reader.consistency(1, known).is_err());
    let mut tree = Frontier::default();
    tree.push(Hash::EMPTY_TREE);
    assert_eq!(tree.size(), 1);
}

/// C2SP tlog-cosignature's example: key `witness.example.com/w1`, whose public key the example
/// does not give; so only what it looks like.
#[test]
fn the_example_of_the_specification_is_read() {
    let note = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
        \u{2014} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\
        \u{2014} witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";
    let checkpoint = SignedCheckpoint::parse(note).unwrap();
    let cosignature = &checkpoint.note().signatures()[1];
    // Eight bytes of time and 64 of signature; the time is 1679315147.
    assert_eq!(cosignature.bytes.len(), 72);
    assert_eq!(cosignature.bytes[..8], 1_679_315_147u64.to_be_bytes());
}

#[test]
fn cosigner_keys_are_read_back_and_are_no_log_keys() {
    let key = witness_key();
    let text = key.to_string();
    assert_eq!(text.parse::<CosignerKey>().unwrap(), key);
    assert!(text.parse::<VerifyingKey>().is_err());
    let log_key = common::key(1).verifying_key().to_string();
    assert!(log_key.parse::<CosignerKey>().is_err());
    let mut parts: Vec<&str> = text.split('+').collect();
    parts[1] = "00000000";
    assert!(parts.join("+").parse::<CosignerKey>().is_err());
    assert!(CosignerKey::ed25519("a b", &[0; 32]).is_err());
    assert!(CosignerKey::ed25519("a", &[0; 32]).is_err(), "weak");
}

#[test]
fn a_changed_cosignature_is_bad() {
    let note = checkpoint(&log(10, 0));
    let (key, cosigned) = cosign_ed25519(NAME, &SEED, &note, TIME).unwrap();
    let text = cosigned.to_string();
    let line = text.lines().last().unwrap();
    let bytes = STANDARD.decode(line.rsplit(' ').next().unwrap()).unwrap();
    for at in 4..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        let changed = format!("\u{2014} {NAME} {}", STANDARD.encode(&changed));
        let read = SignedCheckpoint::parse(&text.replace(line, &changed)).unwrap();
        assert!(
            matches!(key.verify(&read), Err(Error::BadSignature { .. })),
            "byte {at}"
        );
    }
    let (_, late) = cosign_ed25519(NAME, &SEED, &note, u64::MAX).unwrap();
    assert!(key.verify(&late).is_err(), "after 2^63 - 1");
    assert!(matches!(key.verify(&note), Err(Error::NotSigned { .. })));
}
