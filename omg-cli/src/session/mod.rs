//! What every command has at hand: options, configuration, environment, network, output and
//! the audit log. The lowest layer; it knows no check and no command.

pub mod auditlog;
pub mod config;
pub mod context;
pub mod env;
pub mod exit;
pub mod failure;
pub mod files;
pub mod format;
pub mod network;
pub mod newfile;
pub mod options;
pub mod output;
pub mod pause;
pub mod progress;
pub mod store;
pub mod style;
pub mod trace;
pub mod verdict;
