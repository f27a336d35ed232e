//! Recipes of the AUR: who maintains them, and since when.

pub mod recipes;
pub mod rpc;
