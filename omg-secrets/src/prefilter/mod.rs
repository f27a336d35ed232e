//! Where a credential can be at all, found at the speed of memory.
//!
//! One pass over the bytes, sixty-four at once, for two things: the long runs of token
//! characters, and literals for what stands in no such run. Each byte is split into its two
//! halves, whose sixteen values are looked up in a register. This is the search for packed
//! literals of Hyperscan (Teddy), except that it verifies by a hash, so that one pass can look
//! for more of them, and that the runs come out of the same halves.

mod buckets;
mod literals;
mod pass;
mod runs;
mod windows;

pub(crate) use self::pass::{Prefilter, Visit};
pub(crate) use self::runs::{MIN_RUN, is_token, kinds};

/// How many bytes are looked at at once: one bit each in a mask.
const BLOCK: usize = 64;
