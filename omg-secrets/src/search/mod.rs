//! The search for candidates: where a literal of a rule stands, and where a run of token characters
//! may be random. No value is read here but for the shape that its rule states.

mod index;
mod pass;
mod prefilter;
mod searcher;
mod shape;

pub(crate) use self::pass::{Candidates, Names};
pub(crate) use self::searcher::Searcher;
pub(crate) use self::shape::{Shape, own};
