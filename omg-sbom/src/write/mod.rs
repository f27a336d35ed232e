//! Documents in the formats that others read, checks of what they hold, and signatures.

#[cfg(feature = "cyclonedx")]
pub mod check;
#[cfg(feature = "cyclonedx")]
pub mod cyclonedx;
#[cfg(feature = "sign")]
pub mod signature;
#[cfg(feature = "spdx")]
pub mod spdx;
