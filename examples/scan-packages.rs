//! Which known vulnerabilities affect these packages? The whole of what an embedder needs:
//! a feed, a list of packages, a time.
//!
//! ```sh
//! cargo run --example scan-packages -- examples/demo-root/advisories/arch-tracker.json xz=5.6.1-1
//! ```
#![allow(clippy::print_stdout)]

use omg_vuln::{AdvisoryDb, Ecosystem, Package, Source, SourceKind, arch, scan};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let feed = std::fs::read(
        args.next()
            .ok_or("usage: scan-packages FEED NAME=VERSION…")?,
    )?;
    let mut db = AdvisoryDb::new();
    db.add(
        Source::new("Arch security tracker", SourceKind::ArchTracker),
        arch::parse(&feed)?,
    );
    let packages: Vec<Package> = args
        .filter_map(|arg| {
            arg.split_once('=')
                .map(|(n, v)| Package::new(Ecosystem::arch(), n, v))
        })
        .collect();
    let report = scan(&db, &packages, "2026-11-24T00:00:00Z".parse()?);
    for finding in &report.findings {
        println!(
            "{}: {} ({})",
            finding.package, finding.advisory, finding.reason
        );
    }
    println!("{} packages, {:?}", report.packages, report.status());
    Ok(())
}
