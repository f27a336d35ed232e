//! Runnable examples of the workspace; what they share.
