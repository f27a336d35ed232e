//! Windows dealt to buckets, and the tables by which a register looks for all of them.
//!
//! A bucket is a bit. For each of the four bytes of a window two tables hold, for each value of
//! half a byte, in which buckets a window has it: a place is looked at where one bit is left of
//! all eight. A bucket also lets through what mixes the halves of its windows, so those that
//! are alike share one.

use super::windows::{WINDOW, Window, commonness};

/// Buckets in one set of tables: the bits of a byte.
const BUCKETS: usize = 8;

/// Windows for one set of tables. More let too many places through, fewer cost more lookups.
const WINDOWS: usize = 44;

/// The most sets: beyond that, all the own rules of a caller, places are verified instead.
const SETS: usize = 16;

/// For each byte of a window, the buckets by its lower and by its upper half.
#[derive(Clone, Debug, Default)]
pub(super) struct Tables {
    pub(super) halves: [[[u8; 16]; 2]; WINDOW],
}

/// Which values the halves of each byte have in the windows of a bucket: a bit each.
#[derive(Clone, Copy, Default)]
struct Bucket {
    halves: [[u16; 2]; WINDOW],
    /// The share of places in text that it lets through, as far as bytes tell.
    share: f64,
}

/// The share of each byte in text, by its halves.
struct Shares([[f64; 16]; 16]);

/// Tables that let through every place where a window stands.
pub(super) fn dealt(windows: &[Window]) -> Vec<Tables> {
    let shares = Shares::new();
    let sets = windows.len().div_ceil(WINDOWS).min(SETS);
    let mut buckets = vec![Bucket::default(); sets * BUCKETS];
    // The most common first: they need the buckets that are still empty.
    let mut alone: Vec<Bucket> = windows
        .iter()
        .map(|window| Bucket::default().with(&window.bytes, &shares))
        .collect();
    alone.sort_by(|a, b| b.share.total_cmp(&a.share));
    for window in alone {
        let joined = |bucket: &Bucket| bucket.joined(&window, &shares);
        let best = buckets
            .iter_mut()
            .map(|bucket| (joined(bucket), bucket))
            .min_by(|(a, x), (b, y)| (a.share - x.share).total_cmp(&(b.share - y.share)));
        if let Some((joined, bucket)) = best {
            *bucket = joined;
        }
    }
    buckets.chunks(BUCKETS).map(Tables::new).collect()
}

impl Bucket {
    fn with(mut self, window: &[u8], shares: &Shares) -> Self {
        for (at, halves) in self.halves.iter_mut().enumerate() {
            let [lower, upper] = window
                .get(at)
                .map_or([u16::MAX; 2], |byte| [1 << (byte & 0x0F), 1 << (byte >> 4)]);
            halves[0] |= lower;
            halves[1] |= upper;
        }
        self.share = shares.of(&self.halves);
        self
    }

    fn joined(&self, other: &Self, shares: &Shares) -> Self {
        let mut halves = self.halves;
        let all = halves.iter_mut().flatten();
        all.zip(other.halves.iter().flatten())
            .for_each(|(half, other)| *half |= other);
        let share = shares.of(&halves);
        Self { halves, share }
    }
}

impl Shares {
    fn new() -> Self {
        let mut shares = [[0.0; 16]; 16];
        let weight = |byte: u8| f64::from(1_u32 << commonness(byte));
        let all: f64 = (0..=u8::MAX).map(weight).sum();
        for byte in 0..=u8::MAX {
            shares[usize::from(byte >> 4)][usize::from(byte & 0x0F)] = weight(byte) / all;
        }
        Self(shares)
    }

    /// The share of places where each byte has a lower and an upper half of those.
    fn of(&self, halves: &[[u16; 2]; WINDOW]) -> f64 {
        let one = |[lower, upper]: &[u16; 2]| -> f64 {
            let rows = set_bits(*upper).map(|row| &self.0[row]);
            rows.flat_map(|row| set_bits(*lower).map(|column| row[column]))
                .sum()
        };
        halves.iter().map(one).product()
    }
}

fn set_bits(mut bits: u16) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let lowest = bits.trailing_zeros() as usize;
        bits &= bits.wrapping_sub(1);
        (lowest < 16).then_some(lowest)
    })
}

impl Tables {
    fn new(buckets: &[Bucket]) -> Self {
        let mut tables = Self::default();
        for (number, bucket) in buckets.iter().enumerate() {
            let tables = tables.halves.iter_mut().flatten();
            for (table, values) in tables.zip(bucket.halves.iter().flatten()) {
                set_bits(*values).for_each(|value| table[value] |= 1 << number);
            }
        }
        tables
    }
}
