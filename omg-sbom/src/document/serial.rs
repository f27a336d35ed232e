use std::fmt::Write as _;

/// Where a document's serial number comes from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Serial {
    /// From what the document says: the same content at the same time has the same number, and
    /// the document is byte for byte reproducible.
    FromContent,
    /// From 16 random bytes, as the specification wants it: every document has its own.
    Random([u8; 16]),
}

/// Whether the same machine at the same time gives the same document.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Reproducible {
    /// Byte for byte.
    Yes,
    /// But for its serial number.
    No,
}

/// RFC 9562, section 5.4: 122 random bits.
pub(super) fn random(bytes: [u8; 16]) -> [u8; 16] {
    marked(bytes, 4)
}

/// Sets the bits that RFC 9562, section 4, reserves for the version and the variant.
pub(super) fn marked(mut bytes: [u8; 16], version: u8) -> [u8; 16] {
    bytes[6] = bytes[6] & 0x0f | version << 4;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    bytes
}

pub(super) fn urn(bytes: &[u8; 16]) -> String {
    let mut text = String::from("urn:uuid:");
    for (position, byte) in bytes.iter().enumerate() {
        if matches!(position, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_form_of_rfc_9562() {
        let number = urn(&random([0xff; 16]));
        assert_eq!(number, "urn:uuid:ffffffff-ffff-4fff-bfff-ffffffffffff");
    }
}
