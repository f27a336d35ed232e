//! A CycloneDX document of what is installed under a root directory, on standard output.
//!
//! ```sh
//! cargo run --example write-sbom -- examples/demo-root 2026-11-24T12:00:00Z
//! ```
//!
//! With a time, the same machine gives the same bytes: the serial number comes from the content.
//! Which installed package meets which need, the order of versions decides, which is `omg-vuln`'s.

use std::{io, path::PathBuf};

use chrono::{DateTime, Utc};
use omg_sbom::{
    Sbom, Serial, cyclonedx,
    inventory::{Detail, Machine, PackageKind},
};
use omg_vuln::version;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let root = args
        .next()
        .map_or_else(|| PathBuf::from("/"), PathBuf::from);
    let at: DateTime<Utc> = match args.next() {
        Some(at) => at.parse()?,
        None => DateTime::UNIX_EPOCH,
    };
    let sbom = Sbom::builder(at, Serial::FromContent)
        .tool("write-sbom", "1")
        .machine(Machine::read_root(&root, Detail::Full)?)
        .build(&|kind, a, b| match kind {
            PackageKind::Deb => version::debian::compare(a, b),
            _ => version::alpm::compare(a, b),
        });
    cyclonedx::write_json(&sbom, cyclonedx::Version::V1_5, io::stdout().lock())?;
    Ok(())
}
