//! One module per command: options in, exit code out. None knows another.

pub mod build;
pub mod config;
pub mod db;
pub mod explain;
pub mod help;
pub mod log;
pub mod package;
pub mod pgp;
pub mod policy;
pub mod product;
pub mod report;
pub mod sbom;
pub mod scan;
pub mod secrets;
pub mod slsa;
pub mod verify;
