//! A serial number from what a document says.

use sha2::{Digest, Sha256};

use super::{component::Declared, conclusions::Conclusions, sbom::Sbom, serial};

/// RFC 9562, section 5.8: bits of the maker's choice, here of a SHA-256.
pub(super) fn serial(sbom: &Sbom) -> [u8; 16] {
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
    serial::marked(bytes, 8)
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
    serial::urn(&serial::marked(bytes, 8))
}

/// Texts with their lengths, so that none runs into the next.
struct Feed(Sha256);

impl Feed {
    fn add(&mut self, text: &str) {
        self.0.update((text.len() as u64).to_le_bytes());
        self.0.update(text.as_bytes());
    }
}
