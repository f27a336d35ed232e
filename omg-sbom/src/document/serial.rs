use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::{Conclusions, Sbom, component::Declared};

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

/// RFC 9562, section 5.8: bits of the maker's choice, here of a SHA-256.
pub(super) fn of_content(sbom: &Sbom) -> [u8; 16] {
    let mut feed = Feed(Sha256::new());
    feed.add(&sbom.at.to_rfc3339());
    for text in [&sbom.supplier, &sbom.data_licence, &sbom.host] {
        feed.add(text.as_deref().unwrap_or_default());
    }
    if let Some((name, version)) = &sbom.tool {
        feed.add(name);
        feed.add(version);
    }
    for author in &sbom.authors {
        feed.add(&author.name);
        feed.add(author.email.as_deref().unwrap_or_default());
    }
    feed.add(&format!("{:?} {:?}", sbom.system, sbom.problems));
    for component in &sbom.components {
        let package = &component.package;
        feed.add(&component.reference);
        feed.add(&package.version);
        feed.add(package.description.as_deref().unwrap_or_default());
        feed.add(package.maintainer.as_deref().unwrap_or_default());
        feed.add(package.url.as_deref().unwrap_or_default());
        match &component.licence {
            Declared::Expression(expression) => feed.add(expression),
            other => feed.add(&format!("{other:?}")),
        }
        feed.add(&format!(
            "{:?} {:?}",
            package.archive_sha256, component.need
        ));
        if let Some(digest) = &package.archive_sha512 {
            feed.add(&digest.to_string());
        }
        for on in component.needs.iter().flat_map(|needs| &needs.on) {
            feed.0.update(on.to_le_bytes());
        }
        for unmet in component.unmet() {
            feed.add(unmet);
        }
    }
    feed.add(&format!("{:?}", sbom.vulnerabilities));
    if sbom.conclusions != Conclusions::Nobodys {
        feed.add(&format!("{:?}", sbom.conclusions));
    }
    if let Some(files) = &sbom.files {
        feed.add(&format!("{files:?}"));
    }
    let hash = feed.0.finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    marked(bytes, 8)
}

/// The number of a document that goes with another one.
#[cfg(any(feature = "cyclonedx", feature = "spdx"))]
pub(crate) fn derived(serial: &[u8; 16], what: &str) -> String {
    let hash = Sha256::new()
        .chain_update(serial)
        .chain_update(what)
        .finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    urn(&marked(bytes, 8))
}

/// Texts with their lengths, so that none runs into the next.
struct Feed(Sha256);

impl Feed {
    fn add(&mut self, text: &str) {
        self.0.update((text.len() as u64).to_le_bytes());
        self.0.update(text.as_bytes());
    }
}

fn marked(mut bytes: [u8; 16], version: u8) -> [u8; 16] {
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
