//! CycloneDX documents: JSON of versions 1.5, 1.6 and 1.7, and XML of version 1.5.
//!
//! JSON is written by an own serialiser and streamed, for three reasons: `cyclonedx_bom` 0.8
//! ends at version 1.5; its model has to be filled with a copy of every text before the first
//! byte is written; and building package URLs with it loses `%2B`, which versions such as
//! `1.0+b1` need. [`bom`] gives programs that work with that crate its model of the document,
//! and the XML is written from it.

mod evidence;
mod head;
mod json;
mod members;
mod property;
mod root;
pub(crate) mod version;
mod vex;

use std::io;

pub use cyclonedx_bom::models::bom::Bom;
use thiserror::Error;

pub use self::version::Version;
use crate::document::sbom::Sbom;

/// Writes the document as JSON.
///
/// # Errors
///
/// What the writer returns; nothing else can fail.
///
/// # Examples
///
/// ```
/// use omg_sbom::{Sbom, Serial, cyclonedx};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let sbom = Sbom::builder(chrono::DateTime::UNIX_EPOCH, Serial::FromContent)
///     .build(&|_, a, b| a.cmp(b));
/// let mut json = Vec::new();
/// cyclonedx::write_json(&sbom, cyclonedx::Version::V1_5, &mut json)?;
/// assert!(String::from_utf8(json)?.contains("\"specVersion\": \"1.5\""));
/// # Ok(())
/// # }
/// ```
pub fn write_json(sbom: &Sbom, version: Version, writer: impl io::Write) -> io::Result<()> {
    write(&json::Document::new(sbom, version), writer)
}

/// Writes what was found of known vulnerabilities as a document of its own, which refers to the
/// components of `sbom` by BOM-Link. It has a serial number of its own.
///
/// # Errors
///
/// What the writer returns; nothing else can fail.
pub fn write_vex(sbom: &Sbom, version: Version, writer: impl io::Write) -> io::Result<()> {
    write(&vex::Document::new(sbom, version), writer)
}

/// Writes the document as XML of version 1.5.
///
/// What `cyclonedx_bom` does not write is missing: the evidence of a component's identity.
///
/// # Errors
///
/// What the writer returns, and [`BomError`] for what the model cannot hold.
pub fn write_xml(sbom: &Sbom, mut writer: impl io::Write) -> Result<(), BomError> {
    let failed = |error: &dyn std::error::Error| BomError(error.to_string());
    let mut bom = bom(sbom)?;
    // The XML schema wants the life cycles after the time; that crate writes them last.
    if let Some(metadata) = &mut bom.metadata {
        metadata.lifecycles = None;
    }
    let mut xml = Vec::new();
    bom.output_as_xml_v1_5(&mut xml).map_err(|e| failed(&e))?;
    let xml = String::from_utf8(xml).map_err(|e| failed(&e))?;
    let cycles = "<lifecycles>\n      <lifecycle>\n        <phase>operations</phase>\n      \
        </lifecycle>\n    </lifecycles>";
    let end = "</timestamp>";
    let xml = xml.replacen(end, &format!("{end}\n    {cycles}"), 1);
    writer.write_all(xml.as_bytes()).map_err(|e| failed(&e))?;
    writer.write_all(b"\n").map_err(|e| failed(&e))
}

/// The document as `cyclonedx_bom`'s model of version 1.5.
///
/// # Errors
///
/// [`BomError`] if that crate refuses the document.
pub fn bom(sbom: &Sbom) -> Result<Bom, BomError> {
    let mut json = Vec::new();
    let written = write_json(sbom, Version::V1_5, &mut json);
    written.map_err(|error| BomError(error.to_string()))?;
    Bom::parse_from_json_v1_5(json.as_slice()).map_err(|error| BomError(error.to_string()))
}

/// `cyclonedx_bom` refused a document.
#[derive(Clone, Debug, Error, Eq, PartialEq)]
#[error("cyclonedx_bom: {0}")]
pub struct BomError(String);

fn write(document: &impl serde::Serialize, mut writer: impl io::Write) -> io::Result<()> {
    // One space: people can read it, and a third less has to be written.
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b" ");
    let mut serializer = serde_json::Serializer::with_formatter(&mut writer, formatter);
    document.serialize(&mut serializer)?;
    writer.write_all(b"\n")
}
