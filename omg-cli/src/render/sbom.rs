//! Documents of what is installed.

use omg_sbom::cyclonedx;

use crate::commands::sbom::Made;
use crate::output::Format;

pub fn sbom(made: &Made, _format: Format) -> String {
    let mut out = Vec::new();
    // Writing to memory cannot fail.
    let _ = cyclonedx::write_json(&made.sbom, made.version, &mut out);
    String::from_utf8(out).unwrap_or_default()
}
