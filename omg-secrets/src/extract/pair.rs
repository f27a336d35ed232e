//! A key and its secret beside each other: `id:secret`, `id,secret`.

use std::ops::Range;

/// The value of forty characters of base64 behind the id that ends at `end`.
pub(crate) fn behind(bytes: &[u8], end: usize) -> Option<Range<usize>> {
    let rest = &bytes[end..bytes.len().min(end + 60)];
    let gap = rest.iter().take_while(|b| b"\"':,;|=\t ".contains(b));
    let start = gap.count();
    let length = rest[start..]
        .iter()
        .take_while(|b| b.is_ascii_alphanumeric() || b"+/".contains(b))
        .count();
    let fits = length == 40 && (1..12).contains(&start);
    fits.then_some(end + start..end + start + length)
}
