//! The examples share no code: each is a whole small program.
#![forbid(unsafe_code)]
