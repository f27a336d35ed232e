//! Documents of what is installed.

use omg_sbom::cyclonedx::BomError;
use omg_sbom::{cyclonedx, spdx};

use crate::commands::sbom::Made;
use crate::output::Format;

pub fn sbom(made: &Made, format: Format) -> Result<String, BomError> {
    let mut out = Vec::new();
    // Writing to memory cannot fail; only the model behind XML can refuse something.
    match format {
        Format::SpdxJson => {
            let _ = spdx::write_json(&made.sbom, &mut out);
        }
        Format::CycloneDxXml => cyclonedx::write_xml(&made.sbom, &mut out)?,
        _ => {
            let _ = cyclonedx::write_json(&made.sbom, made.version, &mut out);
        }
    }
    Ok(String::from_utf8(out).unwrap_or_default())
}

/// The vulnerabilities as a document of their own.
pub fn vex(made: &Made) -> String {
    let mut out = Vec::new();
    let _ = cyclonedx::write_vex(&made.sbom, made.version, &mut out);
    String::from_utf8(out).unwrap_or_default()
}
