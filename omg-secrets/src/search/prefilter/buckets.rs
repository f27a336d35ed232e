//! Windows dealt to buckets, and the tables by which a register looks for all of them.
//!
//! A bucket is a bit. For each of the four bytes of a window, tables hold in which buckets a window
//! has it: by each value of half a byte, of which there are two, or by six bits of it. A place is
//! looked at where one bit is left of all. A bucket also lets through what mixes its windows, or
//! shares its six bits, so that those which are alike are put together.

use super::windows::{WINDOW, Window, commonness};

/// Buckets in one set of tables: the bits of a byte.
const BUCKETS: usize = 8;

/// Windows for one set of tables, by six bits of each byte or by its halves. More let too many
/// places through, fewer cost more lookups.
const BY_SIX: usize = 66;
const BY_HALVES: usize = 44;

/// The most sets: beyond that, all the own rules of a caller, places are verified instead.
const SETS: usize = 16;

/// For each byte of a window, the buckets.
#[derive(Clone, Debug)]
pub(super) struct Tables {
    /// By its lower and by its upper half.
    pub(super) halves: [[[u8; 16]; 2]; WINDOW],
    /// By six bits of it.
    pub(super) sixes: [[u8; 64]; WINDOW],
}

/// Which values the bytes have in the windows of a bucket: a bit each.
#[derive(Clone, Copy, Default)]
struct Bucket {
    halves: [[u16; 2]; WINDOW],
    sixes: [u64; WINDOW],
    /// The share of places in text that it lets through, as far as bytes tell.
    share: f64,
}

/// The share of each byte in text.
enum Shares {
    Halves(Box<[[f64; 16]; 16]>),
    Sixes(Box<[f64; 64]>),
}

/// Tables that let through every place where a window stands, and few others if six bits of each
/// byte are looked up, or else its halves.
pub(super) fn dealt(windows: &[Window], six: bool) -> Vec<Tables> {
    let shares = Shares::new(six);
    let each = if six { BY_SIX } else { BY_HALVES };
    let sets = windows.len().div_ceil(each).min(SETS);
    let mut buckets = vec![Bucket::default(); sets * BUCKETS];
    // The most common first: they need the buckets that are still empty.
    let mut alone: Vec<Bucket> = windows
        .iter()
        .map(|window| Bucket::of(&window.bytes, &shares))
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

/// Six bits of a byte: the five of its place in a column of ASCII, and one that is set in the
/// columns of capitals and of digits and marks, but not in those of small letters and controls.
///
/// Bytes that share all six cannot be told apart. Text is made of small letters, which share them
/// with control characters only.
pub(super) const fn six(byte: u8) -> u8 {
    (byte ^ byte >> 1 & 0x20) & 0x3F
}

impl Bucket {
    fn of(window: &[u8], shares: &Shares) -> Self {
        // What is behind a short window may be anything.
        let mut bucket = Self {
            halves: [[u16::MAX; 2]; WINDOW],
            sixes: [u64::MAX; WINDOW],
            share: 0.0,
        };
        for (at, byte) in window.iter().enumerate() {
            bucket.halves[at] = [1 << (byte & 0x0F), 1 << (byte >> 4)];
            bucket.sixes[at] = 1 << six(*byte);
        }
        bucket.share = shares.of(&bucket);
        bucket
    }

    fn joined(mut self, other: &Self, shares: &Shares) -> Self {
        let halves = self.halves.iter_mut().flatten();
        for (half, other) in halves.zip(other.halves.iter().flatten()) {
            *half |= other;
        }
        for (six, other) in self.sixes.iter_mut().zip(other.sixes) {
            *six |= other;
        }
        self.share = shares.of(&self);
        self
    }
}

impl Shares {
    fn new(of_six: bool) -> Self {
        let (mut halves, mut sixes) = ([[0.0; 16]; 16], [0.0; 64]);
        let weight = |byte: u8| f64::from(1_u32 << commonness(byte));
        let all: f64 = (0..=u8::MAX).map(weight).sum();
        for byte in 0..=u8::MAX {
            let share = weight(byte) / all;
            halves[usize::from(byte >> 4)][usize::from(byte & 0x0F)] = share;
            sixes[usize::from(six(byte))] += share;
        }
        if of_six {
            Self::Sixes(Box::new(sixes))
        } else {
            Self::Halves(Box::new(halves))
        }
    }

    /// The share of places that the tables of a bucket let through.
    fn of(&self, bucket: &Bucket) -> f64 {
        match self {
            Self::Sixes(shares) => {
                let one = |values: &u64| -> f64 { set_bits(*values).map(|at| shares[at]).sum() };
                bucket.sixes.iter().map(one).product()
            }
            Self::Halves(shares) => {
                let one = |[lower, upper]: &[u16; 2]| -> f64 {
                    let rows = set_bits((*upper).into()).map(|row| &shares[row]);
                    rows.flat_map(|row| set_bits((*lower).into()).map(|column| row[column]))
                        .sum()
                };
                bucket.halves.iter().map(one).product()
            }
        }
    }
}

fn set_bits(mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let lowest = bits.trailing_zeros() as usize;
        bits &= bits.wrapping_sub(1);
        (lowest < 64).then_some(lowest)
    })
}

impl Tables {
    fn new(buckets: &[Bucket]) -> Self {
        let mut tables = Self {
            halves: [[[0; 16]; 2]; WINDOW],
            sixes: [[0; 64]; WINDOW],
        };
        for (number, bucket) in buckets.iter().enumerate() {
            let halves = tables.halves.iter_mut().flatten();
            for (table, values) in halves.zip(bucket.halves.iter().flatten()) {
                set_bits((*values).into()).for_each(|value| table[value] |= 1 << number);
            }
            for (table, values) in tables.sixes.iter_mut().zip(bucket.sixes) {
                set_bits(values).for_each(|value| table[value] |= 1 << number);
            }
        }
        tables
    }
}
