//! The adapter that opens files (feature `fs`): databases below a root, lock files and SBOMs on
//! disk, and the installed files themselves. Regular files only; what else lies there is reported.

mod cache;
mod config;
mod databases;
mod dpkg;
pub(crate) mod error;
mod files;
mod listing;
mod lookup;
mod named;
pub(crate) mod names;
pub(crate) mod pacman;
mod parallel;
mod pieces;
mod records;
mod rooted;
mod vendors;
