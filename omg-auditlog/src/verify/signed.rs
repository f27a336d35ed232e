//! Which key signed a checkpoint, and whether it could at that size.

use crate::checkpoint::SignedCheckpoint;
use crate::error::Error;
use crate::key::VerifyingKey;
use crate::verify::link::Linker;

/// What a checkpoint's signature is worth.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Signed {
    By(String),
    /// No key is known.
    Unchecked,
    /// Another key's, or a retired one's.
    Foreign(String),
    Bad(String),
}

/// A key with the size of the smallest tree that it may sign, and of the largest.
pub(crate) struct Epoch {
    key: VerifyingKey,
    from: u64,
    to: u64,
}

/// Follows the changes of key. A change counts if the key before it has signed a checkpoint that
/// ends with the entry that announces it (`same` are those whose root is the log's); from there on that key counts no more, so that old
/// entries cannot be signed with a new key or new ones with an old key.
pub(crate) fn epochs(
    linker: &Linker,
    first: &VerifyingKey,
    same: &[&SignedCheckpoint],
) -> Vec<Epoch> {
    let mut epochs = vec![Epoch {
        key: first.clone(),
        from: 0,
        to: u64::MAX,
    }];
    for rotation in &linker.rotations {
        let size = rotation.seq + 1;
        let Some(current) = epochs.last_mut() else {
            break;
        };
        let announced = same
            .iter()
            .any(|note| note.checkpoint().size == size && note.verify(&current.key).is_ok());
        if let (true, Ok(key)) = (announced, rotation.to.parse()) {
            current.to = size;
            epochs.push(Epoch {
                key,
                from: size,
                to: u64::MAX,
            });
        }
    }
    epochs
}

pub(crate) fn signed(note: &SignedCheckpoint, epochs: &[Epoch]) -> Signed {
    let size = note.checkpoint().size;
    let mut bad = None;
    for epoch in epochs {
        let in_time = (epoch.from..=epoch.to).contains(&size);
        let key = format!("{}+{:08x}", epoch.key.name(), epoch.key.id());
        match note.verify(&epoch.key) {
            Ok(()) if in_time => return Signed::By(key),
            Ok(()) => {
                bad = Some(Signed::Foreign(format!(
                    "{key}, at a size that it may not sign"
                )));
            }
            Err(Error::BadSignature { .. }) => bad = Some(Signed::Bad(key)),
            Err(_) => {}
        }
    }
    let names = note.note().signatures().iter();
    let names: Vec<String> = names
        .map(|signature| format!("{}+{:08x}", signature.name, signature.id))
        .collect();
    bad.unwrap_or(Signed::Foreign(names.join(", ")))
}
