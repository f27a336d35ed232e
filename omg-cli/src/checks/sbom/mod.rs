//! What is installed, as a document.

pub mod events;
pub mod make;
pub mod query;
pub mod result;
pub mod sign;
pub mod verify;
pub mod vulns;
