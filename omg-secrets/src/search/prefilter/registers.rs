//! Bytes looked up in registers.
//!
//! A register looks up as many values as it has bytes in a part of sixteen bytes: one half of a
//! byte has sixteen values. One of sixty-four bytes can look up six bits at once.

use fearless_simd::prelude::*;
use fearless_simd::{Simd, u8x16};

use super::block::BLOCK;
use super::buckets::Tables;
use super::runs::{self, classes, kinds};
use super::windows::WINDOW;

/// Whether registers look up six bits of a byte, not its halves.
#[inline(always)]
pub(super) const fn looks_up_six<S: Simd>() -> bool {
    S::u8s::LEN == 64
}

/// The [`six`](super::buckets::six) bits of each byte.
#[inline(always)]
pub(super) fn sixes<S: Simd>(simd: S, bytes: S::u8s) -> S::u8s {
    let column = (bytes >> 1) & S::u8s::splat(simd, 0x20);
    (bytes ^ column) & S::u8s::splat(simd, 0x3F)
}

/// The lower and the upper half of each byte.
#[inline(always)]
pub(super) fn halves<S: Simd>(simd: S, bytes: S::u8s) -> [S::u8s; 2] {
    [bytes & S::u8s::splat(simd, 0x0F), bytes >> 4]
}

/// The first bytes.
#[inline(always)]
pub(super) fn load<S: Simd>(simd: S, bytes: &[u8]) -> S::u8s {
    S::u8s::from_slice(simd, &bytes[..S::u8s::LEN])
}

/// The class of each byte, of which `values` are the halves.
#[inline(always)]
pub(super) fn class<S: Simd>(simd: S, values: [S::u8s; 2]) -> S::u8s {
    both::<S>(splat(simd, &runs::TABLES), values)
}

/// Both tables, once in each block of a register.
#[inline(always)]
fn splat<S: Simd>(simd: S, tables: &[[u8; 16]; 2]) -> [S::u8s; 2] {
    [
        S::u8s::block_splat(u8x16::from_slice(simd, &tables[0])),
        S::u8s::block_splat(u8x16::from_slice(simd, &tables[1])),
    ]
}

/// The bits that both halves have in their tables.
#[inline(always)]
fn both<S: Simd>(tables: [S::u8s; 2], [lower, upper]: [S::u8s; 2]) -> S::u8s {
    tables[0].swizzle_dyn_within_blocks(lower) & tables[1].swizzle_dyn_within_blocks(upper)
}

/// The tables of a set in registers.
#[derive(Clone, Copy)]
pub(super) struct Lookup<S: Simd> {
    halves: [[S::u8s; 2]; WINDOW],
    sixes: [S::u8s; WINDOW],
}

impl<S: Simd> Lookup<S> {
    #[inline(always)]
    pub(super) fn new(simd: S, tables: &Tables) -> Self {
        let none = S::u8s::splat(simd, 0);
        let mut all = Self {
            halves: [[none; 2]; WINDOW],
            sixes: [none; WINDOW],
        };
        for at in 0..WINDOW {
            if looks_up_six::<S>() {
                all.sixes[at] = load(simd, &tables.sixes[at]);
            } else {
                all.halves[at] = splat(simd, &tables.halves[at]);
            }
        }
        all
    }
}

/// The buckets of each byte that may begin a window, where `values(half, more)` are the values so
/// many bytes further.
#[inline(always)]
pub(super) fn buckets<S: Simd>(
    simd: S,
    sets: &[Lookup<S>],
    values: impl Fn(usize, usize) -> S::u8s,
) -> S::u8s {
    let mut all = S::u8s::splat(simd, 0);
    if looks_up_six::<S>() {
        let values = [values(0, 0), values(0, 1), values(0, 2), values(0, 3)];
        for Lookup { sixes, .. } in sets {
            let mut here = sixes[0].swizzle_dyn(values[0]);
            for more in 1..WINDOW {
                here &= sixes[more].swizzle_dyn(values[more]);
            }
            all |= here;
        }
    } else {
        let values = [
            [values(0, 0), values(1, 0)],
            [values(0, 1), values(1, 1)],
            [values(0, 2), values(1, 2)],
            [values(0, 3), values(1, 3)],
        ];
        for Lookup { halves, .. } in sets {
            let mut here = both::<S>(halves[0], values[0]);
            for more in 1..WINDOW {
                here &= both::<S>(halves[more], values[more]);
            }
            all |= here;
        }
    }
    all
}

/// The [`kinds`] of characters in a run from `start` to `end`.
#[inline(always)]
pub(super) fn kinds<S: Simd>(simd: S, bytes: &[u8], start: usize, end: usize) -> u8 {
    let none = S::u8s::splat(simd, 0);
    let mut all = none;
    let mut at = start;
    while at < end {
        let Some(block) = bytes.get(at..at + BLOCK) else {
            return of_last(&bytes[start..end]);
        };
        let inside = &EDGE[BLOCK - (end - at).min(BLOCK)..];
        for part in (0..BLOCK).step_by(S::u8s::LEN) {
            let values = halves(simd, load(simd, &block[part..]));
            all |= class(simd, values) & load(simd, &inside[part..]);
        }
        at += BLOCK;
    }
    let mut found = 0;
    for kind in kinds::ALL {
        let wanted = all & S::u8s::splat(simd, classes(kind));
        found |= u8::from(wanted.simd_ne(none).any_true()) * kind;
    }
    found
}

/// A run that ends in the last block of the bytes.
#[cold]
fn of_last(run: &[u8]) -> u8 {
    kinds::of(run)
}

/// A block of set bytes, and one without.
const EDGE: [u8; 2 * BLOCK] = {
    let mut edge = [0; 2 * BLOCK];
    let mut at = 0;
    while at < BLOCK {
        edge[at] = u8::MAX;
        at += 1;
    }
    edge
};
