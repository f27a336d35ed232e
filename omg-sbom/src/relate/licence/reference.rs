use std::fmt::Write as _;

/// A `LicenseRef-` of what an identifier may contain: letters, digits, `-` and `.`.
pub(super) fn reference(kind: &str, name: &str) -> String {
    let mut id = format!("LicenseRef-{kind}");
    let mut pending = !name.is_empty() && !kind.is_empty();
    let mut exact = true;
    for c in name.chars() {
        if c.is_ascii_alphanumeric() || c == '.' {
            if pending {
                id.push('-');
            }
            pending = false;
            id.push(c);
        } else {
            exact &= matches!(c, ' ' | '-' | '_' | '"');
            pending = true;
        }
    }
    if !exact || id.len() > 100 {
        // Different texts stay different.
        id.truncate(100);
        let _ = write!(id, "-{:08x}", checksum(name));
    }
    id
}

/// FNV-1a, 32 bits: tells texts apart that differ in what an identifier cannot contain.
fn checksum(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}
