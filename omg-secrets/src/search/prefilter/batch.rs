//! What is known of the bytes of a batch.

use fearless_simd::Simd;
use fearless_simd::prelude::*;

use super::block::{BATCH, BLOCK};
use super::buckets::Tables;
use super::registers::{Lookup, buckets, class, halves, load, looks_up_six, sixes};
use super::windows::WINDOW;

/// The bytes of a batch, of the block behind it that a window reaches, and of one without any.
const READ: usize = (BATCH + 2) * BLOCK;

const _: () = assert!(WINDOW <= BLOCK);

#[repr(align(64))]
pub(super) struct Batch {
    /// A bit for each token character.
    pub(super) token: [u64; BATCH],
    /// Of each byte what is looked up: its lower and upper half, or six bits of it.
    values: [[u8; READ]; 2],
}

impl Default for Batch {
    fn default() -> Self {
        Self {
            values: [[0; READ]; 2],
            token: [0; BATCH],
        }
    }
}

impl Batch {
    /// Reads the first bytes; zeros, which are in no run and no window, stand for what is behind
    /// the last.
    #[inline(always)]
    pub(super) fn read<S: Simd>(&mut self, simd: S, bytes: &[u8]) {
        let mut read = 0;
        for block in bytes.chunks_exact(BLOCK).take(BATCH + 1) {
            self.block(simd, read, block);
            read += 1;
        }
        if read <= BATCH {
            let rest = &bytes[read * BLOCK..];
            let mut padded = [0; BLOCK];
            padded[..rest.len()].copy_from_slice(rest);
            self.block(simd, read, &padded);
            self.token[BATCH.min(read + 1)..].fill(0);
            for values in &mut self.values {
                values[(read + 1) * BLOCK..][..BLOCK].fill(0);
            }
        }
    }

    #[inline(always)]
    fn block<S: Simd>(&mut self, simd: S, number: usize, block: &[u8]) {
        let none = S::u8s::splat(simd, 0);
        let mut token = 0;
        for part in (0..BLOCK).step_by(S::u8s::LEN) {
            let bytes = load(simd, &block[part..]);
            let values = halves(simd, bytes);
            let at = number * BLOCK + part;
            if looks_up_six::<S>() {
                sixes(simd, bytes).store_slice(&mut self.values[0][at..at + S::u8s::LEN]);
            } else {
                values[0].store_slice(&mut self.values[0][at..at + S::u8s::LEN]);
                values[1].store_slice(&mut self.values[1][at..at + S::u8s::LEN]);
            }
            token |= class(simd, values).simd_ne(none).to_bitmask() << part;
        }
        // The block behind the batch is the first of the next one.
        if let Some(here) = self.token.get_mut(number) {
            *here = token;
        }
    }

    /// Tells of each of the first `count` blocks where in it a window may begin.
    #[inline(always)]
    pub(super) fn places<S: Simd>(
        &self,
        simd: S,
        sets: &[Tables],
        count: usize,
        mut tell: impl FnMut(usize, u64),
    ) {
        // A few sets stay in registers.
        match sets {
            [] => (0..count).for_each(|block| tell(block, 0)),
            [a] => self.places_of(simd, &[a], count, tell),
            [a, b] => self.places_of(simd, &[a, b], count, tell),
            [a, b, c] => self.places_of(simd, &[a, b, c], count, tell),
            [a, b, c, more @ ..] => {
                let mut all = [0; BATCH];
                self.places_of(
                    simd,
                    &[a, b, c],
                    count,
                    #[inline(always)]
                    |block, bits| all[block] = bits,
                );
                for set in more {
                    self.places_of(
                        simd,
                        &[set],
                        count,
                        #[inline(always)]
                        |block, bits| all[block] |= bits,
                    );
                }
                (0..count).for_each(|block| tell(block, all[block]));
            }
        }
    }

    #[inline(always)]
    fn places_of<S: Simd, const SETS: usize>(
        &self,
        simd: S,
        sets: &[&Tables; SETS],
        count: usize,
        mut tell: impl FnMut(usize, u64),
    ) {
        let none = S::u8s::splat(simd, 0);
        let sets = sets.map(
            #[inline(always)]
            |tables| Lookup::new(simd, tables),
        );
        for block in 0..count.min(BATCH) {
            let mut places = 0;
            for part in (0..BLOCK).step_by(S::u8s::LEN) {
                let at = block * BLOCK + part;
                let found = buckets(
                    simd,
                    &sets,
                    #[inline(always)]
                    |half, more| load(simd, &self.values[half][at + more..]),
                );
                places |= found.simd_ne(none).to_bitmask() << part;
            }
            tell(block, places);
        }
    }
}
