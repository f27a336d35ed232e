//! Where a credential can be at all, found at the speed of memory.
//!
//! One pass over the bytes for two things: the long runs of token characters, and literals for
//! what stands in no such run. The values of bytes are looked up in registers, sixty-four bytes at
//! once. This is the search for packed literals of Hyperscan (Teddy), except that it verifies by a
//! hash, so that one pass can look for more of them, and that the runs come out of the same bytes.
//!
//! A processor guesses where a program goes on, and a wrong guess costs as much as the search of a
//! block. Whether something is in a block cannot be guessed, so that it is written down without
//! asking. When a batch of blocks has been searched, a second loop, about which guesses are right,
//! goes over what was written.

mod batch;
mod block;
mod buckets;
mod list;
mod literals;
mod pass;
mod registers;
mod runs;
mod windows;

pub(crate) use self::pass::{Prefilter, Visit};
pub(crate) use self::runs::{MIN_RUN, kinds};
