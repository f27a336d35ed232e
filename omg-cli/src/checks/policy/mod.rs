//! What is allowed here, and why.

pub mod active;
pub mod decide;
pub mod events;
pub mod evidence;
pub mod files;
pub mod layers;
pub mod rego;
pub mod result;
