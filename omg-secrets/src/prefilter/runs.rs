//! The long runs of token characters, and what they are made of.

/// The shortest run of token characters that is looked at. The shortest token of a built-in
/// rule that is found by its run has 19.
pub(crate) const MIN_RUN: usize = 16;

const TOKEN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        // The cast cannot truncate: the loop ends at 256.
        #[allow(clippy::cast_possible_truncation)]
        let b = byte as u8;
        table[byte] = b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        byte += 1;
    }
    table
};

/// What stands in a run: one bit a kind.
pub(crate) mod kinds {
    pub(crate) const LOWER: u8 = 1;
    pub(crate) const UPPER: u8 = 2;
    pub(crate) const DIGIT: u8 = 4;
    pub(crate) const UNDERSCORE: u8 = 8;
    pub(crate) const DASH: u8 = 16;

    /// How many bytes are classified at once: the shortest run has as many.
    const BLOCK: usize = super::MIN_RUN;

    pub(crate) fn of(run: &[u8]) -> u8 {
        let Some(last) = run.last_chunk::<BLOCK>() else {
            return run.iter().fold(0, |all, byte| all | kind(*byte));
        };
        // The last block may overlap the one before, which makes no difference.
        let (blocks, _) = run.as_chunks::<BLOCK>();
        let mut all = [0; BLOCK];
        for block in blocks.iter().chain([last]) {
            for (sum, byte) in all.iter_mut().zip(block) {
                *sum |= kind(*byte);
            }
        }
        all.iter().fold(0, |all, one| all | one)
    }

    /// Comparisons instead of a table, which the compiler turns into vectors.
    fn kind(byte: u8) -> u8 {
        let is = |yes: bool, kind: u8| u8::from(yes).wrapping_neg() & kind;
        is(byte.wrapping_sub(b'a') < 26, LOWER)
            | is(byte.wrapping_sub(b'A') < 26, UPPER)
            | is(byte.wrapping_sub(b'0') < 10, DIGIT)
            | is(byte == b'_', UNDERSCORE)
            | is(byte == b'-', DASH)
    }
}

/// Whether the byte is a letter, a digit, `_` or `-`.
pub(crate) fn is_token(byte: u8) -> bool {
    TOKEN[usize::from(byte)]
}

/// How many bytes are classified at once.
const BLOCK: usize = 64;

/// Calls `found` with the start and the end of every run of at least [`MIN_RUN`] token
/// characters, in order.
///
/// Text is made of short words, so that a search that jumps ahead is wrong about every
/// second of its branches. Here each byte is looked at, but sixty-four at once and without a
/// branch: one bit a byte, and a run is where sixteen bits are set.
pub(crate) fn each_run(bytes: &[u8], mut found: impl FnMut(usize, usize)) {
    // Token characters directly before the block.
    let mut carried = 0;
    let mut base = 0;
    let mut block = |base: usize, mask: u64| {
        if mask == u64::MAX {
            carried += BLOCK;
            return;
        }
        let first = mask.trailing_ones() as usize;
        if carried + first >= MIN_RUN {
            found(base - carried, base + first);
        }
        carried = mask.leading_ones() as usize;
        let mut inner = mask & u64::MAX << first;
        inner &= u64::MAX >> carried;
        let mut starts = inner & inner >> 1;
        starts &= starts >> 2;
        starts &= starts >> 4;
        starts &= starts >> 8;
        while starts != 0 {
            let start = starts.trailing_zeros() as usize;
            let end = start + (inner >> start).trailing_ones() as usize;
            found(base + start, base + end);
            // An inner run ends before the last bit of its block.
            starts &= u64::MAX << end;
        }
    };
    let mut blocks = bytes.chunks_exact(BLOCK);
    for whole in &mut blocks {
        if let Ok(whole) = whole.try_into() {
            block(base, mask(whole));
        }
        base += BLOCK;
    }
    let rest = blocks.remainder();
    let mut last = [0; BLOCK];
    last[..rest.len()].copy_from_slice(rest);
    block(base, mask(&last));
}

/// One bit for each byte, set where it is a token character.
fn mask(block: &[u8; BLOCK]) -> u64 {
    let mut ones = [0_u8; BLOCK];
    // Comparisons instead of a table, which the compiler turns into vectors.
    for (one, &byte) in ones.iter_mut().zip(block) {
        let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
        let digit = byte.wrapping_sub(b'0') < 10;
        *one = u8::from(letter | digit | (byte == b'_') | (byte == b'-'));
    }
    // The product moves the lowest bits of eight bytes side by side into the highest byte.
    let (eights, _) = ones.as_chunks::<8>();
    eights.iter().rev().fold(0, |mask, eight| {
        let packed = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        mask << 8 | packed
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(text: &str) -> Vec<&str> {
        let mut out = Vec::new();
        each_run(text.as_bytes(), |start, end| out.push(&text[start..end]));
        out
    }

    #[test]
    fn runs_are_found_wherever_they_begin() {
        for pad in 0..140 {
            let text = format!("{} {} x", ".".repeat(pad), "a".repeat(16));
            assert_eq!(runs(&text), ["a".repeat(16)], "{pad}");
        }
        assert!(runs(&"a".repeat(15)).is_empty());
        assert!(runs("").is_empty());
        let long = "b".repeat(100);
        assert_eq!(runs(&format!("aaaaaaaaaaaaaaa {long}")), [long.as_str()]);
        for length in 16..300 {
            let run = "c".repeat(length);
            assert_eq!(runs(&run), [run.as_str()]);
            assert_eq!(
                runs(&format!("a {run} {run}")),
                [run.as_str(), run.as_str()]
            );
        }
    }

    #[test]
    fn kinds_are_those_of_every_byte() {
        for length in 0..70 {
            for (byte, kind) in [
                (b'Z', kinds::UPPER),
                (b'0', kinds::DIGIT),
                (b'_', kinds::UNDERSCORE),
                (b'-', kinds::DASH),
                (b'q', kinds::LOWER),
            ] {
                for at in 0..length {
                    let mut run = vec![b'a'; length];
                    run[at] = byte;
                    let others = if length > 1 { kinds::LOWER } else { 0 };
                    assert_eq!(kinds::of(&run), kind | others, "{length} {at}");
                }
            }
        }
        assert_eq!(kinds::of(b"/+@[`{:~"), 0);
    }

    proptest::proptest! {
        #[test]
        fn runs_are_those_of_a_plain_search(text in "([a-z]{0,40}[. ]{1,2}){0,20}") {
            let plain: Vec<&str> = text.split(['.', ' ']).filter(|run| run.len() >= MIN_RUN).collect();
            proptest::prop_assert_eq!(runs(&text), plain);
        }
    }
}
