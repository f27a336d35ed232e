//! Notes, checkpoints, proofs, keys and a witness's answers: what is read is written back so
//! that it is read alike, and nothing that was not signed verifies.
#![no_main]

use std::convert::Infallible;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use omg_auditlog::merkle::{ConsistencyProof, TlogProof};
use omg_auditlog::witness::{Answer, Transport, submit};
use omg_auditlog::{
    Checkpoint, CosignerKey, Hash, SignedCheckpoint, SignedNote, Signer as _, SigningKey,
    VerifyingKey, cosign_ed25519,
};

struct Says(u16, Vec<u8>);

impl Transport for Says {
    type Error = Infallible;

    fn add_checkpoint(&mut self, _: &str) -> Result<Answer, Infallible> {
        Ok(Answer::new(self.0, self.1.clone()))
    }
}

/// Made once: signing takes longer than what is looked at here.
static OWN: LazyLock<(SigningKey, SignedCheckpoint, CosignerKey)> = LazyLock::new(|| {
    let key = SigningKey::from_seed("example.org/log", [7; 32]).unwrap();
    let own = Checkpoint::new("example.org/log".parse().unwrap(), 9, Hash::EMPTY_TREE);
    let own = own.sign(&[&key]).unwrap();
    let (witness, _) = cosign_ed25519("w", &[8; 32], &own, 0).unwrap();
    (key, own, witness)
});

fuzz_target!(|data: &[u8]| {
    let (key, own, witness) = &*OWN;
    if let Some((status, body)) = data.split_first() {
        let status = [200, 403, 404, 409, 422, 500][usize::from(status % 6)];
        let prove = |old, new| Ok(ConsistencyProof::new(old, new, Vec::new()));
        let asked = submit(
            &mut Says(status, body.to_vec()),
            std::slice::from_ref(witness),
            own,
            5,
            prove,
        );
        assert!(asked.is_err());
    }
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(note) = SignedNote::parse(text) {
        assert_eq!(SignedNote::parse(&note.to_string()).unwrap(), note);
        assert!(note.verify(key.verifying_key()).is_err());
    }
    if let Ok(checkpoint) = SignedCheckpoint::parse(text) {
        assert_eq!(
            SignedCheckpoint::parse(&checkpoint.to_string()).unwrap(),
            checkpoint
        );
        assert!(checkpoint.verify(key.verifying_key()).is_err());
    }
    if let Ok(proof) = TlogProof::parse(text) {
        assert!(
            proof
                .verify(&Hash::EMPTY_TREE, key.verifying_key())
                .is_err()
        );
    }
    if let Ok(key) = text.parse::<VerifyingKey>() {
        assert_eq!(key.to_string().parse::<VerifyingKey>().unwrap(), key);
    }
    if let Ok(key) = text.parse::<CosignerKey>() {
        assert_eq!(key.to_string().parse::<CosignerKey>().unwrap(), key);
    }
    let _ = text.parse::<SigningKey>();
});
