//! Other people's implementations, and a shell, on what this crate makes: canonical JSON,
//! signed notes, trees, proofs and tiles.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod common;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use common::{checkpoint, entry, key, log};
use omg_auditlog::merkle::{Frontier, Prover, TileBuilder, TlogProof};
use omg_auditlog::{
    Entry, Error, Event, EventKind, Hash, SignedNote, Signer as _, Value, VerifyingKey,
};
use proptest::prelude::*;
use signed_note::{Note, StandardVerifier, VerifierList};

fn root_of(leaves: &[Hash]) -> Hash {
    let mut tree = Frontier::default();
    tree.extend(leaves.iter().copied());
    tree.root()
}

fn leaf(n: u64) -> Hash {
    Hash::leaf(&n.to_be_bytes())
}

/// The definition of RFC 6962, section 2.1, as it stands there.
fn mth(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Hash::EMPTY_TREE,
        [one] => *one,
        _ => {
            let middle = leaves.len().next_power_of_two() / 2;
            Hash::node(&mth(&leaves[..middle]), &mth(&leaves[middle..]))
        }
    }
}

#[test]
fn roots_are_those_of_the_definition() {
    let leaves: Vec<Hash> = (0..1025).map(leaf).collect();
    for size in 0..=1025 {
        assert_eq!(root_of(&leaves[..size]), mth(&leaves[..size]), "{size}");
    }
}

#[test]
fn proofs_of_all_small_trees_verify_and_nothing_else_does() {
    for size in 1..=40u64 {
        let leaves: Vec<Hash> = (0..size).map(leaf).collect();
        let root = root_of(&leaves);
        for index in 0..size {
            let mut inclusion = Prover::inclusion(index, size).unwrap();
            let mut consistency = Prover::consistency(index + 1, size).unwrap();
            for leaf in &leaves {
                inclusion.push(*leaf);
                consistency.push(*leaf);
            }
            let inclusion = inclusion.into_inclusion().unwrap();
            inclusion.verify(&leaf(index), &root).unwrap();
            assert_eq!(
                inclusion.verify(&leaf(index + 1), &root),
                Err(Error::ProofFails)
            );
            let old = root_of(&leaves[..=usize::try_from(index).unwrap()]);
            let consistency = consistency.into_consistency().unwrap();
            consistency.verify(&old, &root).unwrap();
            assert!(consistency.verify(&leaf(99), &root).is_err());
            assert!(consistency.verify(&old, &leaf(99)).is_err());
        }
        let mut tree = Frontier::default();
        tree.extend(leaves.iter().copied());
        let (last, proof) = tree.last().unwrap();
        proof.verify(&last, &root).unwrap();
        assert_eq!(Frontier::from_last(last, &proof), Some(tree));
    }
    assert!(Prover::inclusion(3, 3).is_err());
    assert!(Prover::consistency(0, 3).is_err());
}

/// Hashes of stored tiles, as tlog_tiles wants them.
struct Stored(Vec<tlog_tiles::Hash>);

impl tlog_tiles::HashReader for Stored {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog_tiles::Hash>, tlog_tiles::Error> {
        let at = |index: &u64| self.0[usize::try_from(*index).unwrap()];
        Ok(indexes.iter().map(at).collect())
    }
}

#[test]
fn tlog_tiles_makes_the_same_roots_and_takes_the_proofs() {
    let mut stored = Stored(Vec::new());
    let mut leaves = Vec::new();
    for n in 0..300u64 {
        let bytes = n.to_be_bytes();
        let hashes = tlog_tiles::stored_hashes(n, &bytes, &stored).unwrap();
        stored.0.extend(hashes);
        leaves.push(Hash::leaf(&bytes));
        let theirs = tlog_tiles::tree_hash(n + 1, &stored).unwrap();
        assert_eq!(&theirs.0, root_of(&leaves).as_bytes(), "{}", n + 1);
    }
    let root = tlog_tiles::tree_hash(300, &stored).unwrap();
    for index in [0, 1, 137, 255, 256, 299] {
        let mut prover = Prover::inclusion(index, 300).unwrap();
        leaves.iter().for_each(|leaf| prover.push(*leaf));
        let proof = prover.into_inclusion().unwrap();
        let ours: Vec<_> = proof
            .hashes
            .iter()
            .map(|h| tlog_tiles::Hash(*h.as_bytes()))
            .collect();
        let leaf = tlog_tiles::Hash(*leaves[usize::try_from(index).unwrap()].as_bytes());
        tlog_tiles::check_record(&ours, 300, root, index, leaf).unwrap();
    }
    for old in [1, 2, 137, 256, 299] {
        let mut prover = Prover::consistency(old, 300).unwrap();
        leaves.iter().for_each(|leaf| prover.push(*leaf));
        let proof = prover.into_consistency().unwrap();
        let ours: Vec<_> = proof
            .hashes
            .iter()
            .map(|h| tlog_tiles::Hash(*h.as_bytes()))
            .collect();
        let theirs = tlog_tiles::tree_hash(old, &stored).unwrap();
        tlog_tiles::check_tree(&ours, 300, root, old, theirs).unwrap();
    }
}

#[test]
fn tiles_hold_the_tree() {
    let mut tiles = BTreeMap::new();
    let mut builder = TileBuilder::default();
    let mut leaves = Vec::new();
    for n in 0..70_000u64 {
        let bytes = n.to_be_bytes();
        builder.push(&bytes, |tile| {
            tiles.insert(tile.path, tile.bytes);
        });
        leaves.push(Hash::leaf(&bytes));
    }
    for tile in builder.finish() {
        tiles.insert(tile.path, tile.bytes);
    }
    // 70,000 = 273 full tiles of 256 and 112; 273 = one of 256 and 17 (C2SP tlog-tiles).
    for path in [
        "tile/0/272",
        "tile/0/273.p/112",
        "tile/1/000",
        "tile/1/001.p/17",
        "tile/2/000.p/1",
    ] {
        assert!(tiles.contains_key(path), "{path}");
    }
    assert!(tiles.contains_key("tile/entries/273.p/112"));
    assert_eq!(
        tiles["tile/2/000.p/1"],
        root_of(&leaves[..65_536]).as_bytes()
    );
    assert_eq!(&tiles["tile/0/000"][..32], leaves[0].as_bytes());
    assert_eq!(
        &tiles["tile/entries/000"][..12],
        b"\x00\x08\0\0\0\0\0\0\0\0\x00\x08"
    );
    assert_eq!(
        omg_auditlog::merkle::tile_path("0", 1_234_067, 256),
        "tile/0/x001/x234/067"
    );
}

/// Our tiles as tlog_tiles asks for them: by paths with the tiles' height, which C2SP leaves out.
struct Served(BTreeMap<String, Vec<u8>>);

impl tlog_tiles::TileReader for Served {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[tlog_tiles::Tile]) -> Result<Vec<Vec<u8>>, tlog_tiles::Error> {
        let path = |tile: &tlog_tiles::Tile| tile.path().replacen("tile/8/", "tile/", 1);
        let tile = |tile| self.0.get(&path(tile)).cloned();
        let found: Option<Vec<_>> = tiles.iter().map(tile).collect();
        found.ok_or(tlog_tiles::Error::InvalidTile)
    }

    fn save_tiles(&self, _: &[tlog_tiles::Tile], _: &[Vec<u8>]) {}
}

/// Their client reads a log from our tiles, checks each against the root, and proves entries.
#[test]
fn tlog_tiles_reads_a_log_from_our_tiles() {
    for size in [1u64, 255, 256, 257, 1000, 66_000] {
        let mut tiles = BTreeMap::new();
        let mut builder = TileBuilder::default();
        let mut leaves = Vec::new();
        for n in 0..size {
            builder.push(&n.to_be_bytes(), |tile| {
                tiles.insert(tile.path, tile.bytes);
            });
            leaves.push(leaf(n));
        }
        tiles.extend(
            builder
                .finish()
                .into_iter()
                .map(|tile| (tile.path, tile.bytes)),
        );
        let root = tlog_tiles::Hash(*root_of(&leaves).as_bytes());
        let mut served = Served(tiles);
        for index in [0, size / 3, size - 1] {
            let reader = tlog_tiles::TileHashReader::new(size, root, &served);
            let proof = tlog_tiles::prove_record(size, index, &reader).unwrap();
            let leaf = tlog_tiles::Hash(*leaves[usize::try_from(index).unwrap()].as_bytes());
            tlog_tiles::check_record(&proof, size, root, index, leaf).unwrap();
        }
        // And it notices a tile that is not ours.
        if size > 1 {
            served.0.values_mut().for_each(|tile| tile[0] ^= 1);
            let reader = tlog_tiles::TileHashReader::new(size, root, &served);
            assert!(
                tlog_tiles::prove_record(size, size - 1, &reader).is_err(),
                "{size}"
            );
        }
    }
}

#[test]
fn signed_note_takes_our_notes_and_keys() {
    let key = key(3);
    let note = checkpoint(&log(5, 0), &key).to_string();
    let verifier = StandardVerifier::new(&key.verifying_key().to_string()).unwrap();
    let verifiers = VerifierList::new(vec![Box::new(verifier)]);
    let theirs = Note::from_bytes(note.as_bytes()).unwrap();
    let (verified, _) = theirs.verify(&verifiers).unwrap();
    assert_eq!(verified.len(), 1);
}

/// The example of C2SP signed-note, from golang.org/x/mod/sumdb/note.
#[test]
fn we_take_the_note_of_the_specification() {
    let key: VerifyingKey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
        .parse()
        .unwrap();
    let text = "If you think cryptography is the answer to your problem,\n\
                then you don't know what your problem is.\n\n\
                \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZ\
                SNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    SignedNote::parse(text).unwrap().verify(&key).unwrap();
    let other = text.replace("problem is", "problem was");
    assert!(SignedNote::parse(&other).unwrap().verify(&key).is_err());
}

#[test]
fn a_proof_file_is_read_back() {
    let lines = log(30, 0);
    let note = checkpoint(&lines, &key(1));
    let mut prover = Prover::inclusion(17, 30).unwrap();
    lines
        .iter()
        .for_each(|line| prover.push(entry(line).hash()));
    let proof = TlogProof::new(prover.into_inclusion().unwrap(), note).unwrap();
    let text = proof.to_string();
    assert!(text.starts_with("c2sp.org/tlog-proof@v1\nindex 17\n") && text.len() < 2048);
    let read = TlogProof::parse(&text).unwrap();
    assert_eq!(read, proof);
    let key = key(1);
    read.verify(&entry(&lines[17]).hash(), key.verifying_key())
        .unwrap();
    assert!(
        read.verify(&entry(&lines[16]).hash(), key.verifying_key())
            .is_err()
    );
}

/// The shell line of docs/FORMAT.md.
#[test]
fn a_shell_computes_the_hash() {
    let required = std::env::var_os("OMG_REQUIRE_TOOLS").is_some_and(|value| value == "1");
    let there = |tool: &str| Command::new(tool).arg("--version").output().is_ok();
    if !there("jq") || !there("sha256sum") {
        assert!(!required, "jq or sha256sum is missing");
        println!("skipped: jq or sha256sum is missing");
        return;
    }
    let document = include_str!("../docs/FORMAT.md");
    let script = document
        .lines()
        .find(|line| line.contains("jq -cSj"))
        .unwrap();
    for line in log(5, 0) {
        let mut child = Command::new("sh")
            .args(["-c", &format!("read -r line; {script}")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(format!("{line}\n").as_bytes())
            .unwrap();
        let out = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
        assert_eq!(
            out.split(' ').next(),
            Some(entry(&line).hash().to_string().as_str())
        );
    }
}

fn value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        any::<bool>().prop_map(Value::from),
        (-omg_auditlog::MAX_INTEGER..=omg_auditlog::MAX_INTEGER).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[\\x00-\\x20\"\\\\\u{7f}\u{2028}\u{10ffff}a]{0,12}".prop_map(Value::from),
    ];
    scalar.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
            prop::collection::btree_map("[A-Za-z0-9_.-]{1,9}", inner, 0..4).prop_map(Value::Object),
        ]
    })
}

proptest! {
    /// What is written is canonical for an independent implementation of RFC 8785, and is read
    /// back as the same entry.
    #[test]
    fn entries_are_canonical(fields in prop::collection::btree_map("[A-Za-z0-9_.-]{1,9}", value(), 0..6)) {
        let (mut chain, _) = omg_auditlog::Chain::open(
            &common::origin(), &common::machine(), &common::actor(), common::at(0)).unwrap();
        let mut event = Event::new(EventKind::SecurityAudit);
        event.subject = fields;
        let entry = chain.append(event, &common::actor(), &common::machine(), common::at(1)).unwrap();
        let json: serde_json::Value = serde_json::from_str(entry.line()).unwrap();
        prop_assert_eq!(serde_json_canonicalizer::to_string(&json).unwrap(), entry.line());
        prop_assert_eq!(&Entry::from_line(entry.line().as_bytes()).unwrap(), &entry);
        prop_assert_eq!(Hash::leaf(&entry.leaf_bytes()), entry.hash());
    }

    /// No bytes make the reader panic, and what it takes is canonical.
    #[test]
    fn a_changed_line_is_no_entry(at in 0usize..400, byte in any::<u8>(), cut in 0usize..400) {
        let line = log(2, 0)[1].clone().into_bytes();
        let mut changed = line.clone();
        let at = at % changed.len();
        changed[at] = byte;
        prop_assert!(changed == line || Entry::from_line(&changed).is_err());
        let cut = cut % line.len();
        prop_assert!(Entry::from_line(&line[..cut]).is_err());
        let _ = SignedNote::parse(&String::from_utf8_lossy(&changed));
        let _ = TlogProof::parse(&String::from_utf8_lossy(&changed));
    }
}
