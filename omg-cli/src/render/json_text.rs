//! JSON documents as text.

use serde::Serialize;

/// JSON for people and machines alike.
pub fn pretty(value: &impl Serialize) -> String {
    // What this program makes of itself always has a text.
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}

/// JSON on one line.
pub fn line(value: &impl Serialize) -> String {
    let mut text = serde_json::to_string(value).unwrap_or_default();
    text.push('\n');
    text
}
