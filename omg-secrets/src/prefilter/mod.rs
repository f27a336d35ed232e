//! Where a credential can be at all, found at the speed of memory.
//!
//! Two ways: [`each_run`] lists the long runs of token characters; [`Literals`] searches
//! packed literals (Teddy), in sets of at most 32, for what stands in no such run.

mod literals;
mod runs;

pub(crate) use self::literals::Literals;
pub(crate) use self::runs::{MIN_RUN, each_run, is_token, kinds};
