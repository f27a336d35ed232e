//! Benchmarks of the workspace; what they share.
