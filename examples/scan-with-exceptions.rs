//! Known vulnerabilities, less what somebody set aside with a reason and an end: what counts, what
//! does not, and which rules did nothing.
//!
//! ```sh
//! cargo run --example scan-with-exceptions -- examples/demo-root/advisories/arch-tracker.json \
//!     omg-cli/tests/fixtures/ignore.toml xz=5.6.1-1 firefox=100.0.2-1
//! ```
#![allow(clippy::print_stdout)] // What an example is for.

use omg_vuln::{
    AdvisoryDb, Ecosystem, FailOn, IgnoreList, Package, Source, SourceKind, arch, scan,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let usage = "usage: scan-with-exceptions FEED IGNORE NAME=VERSION…";
    let feed = std::fs::read(args.next().ok_or(usage)?)?;
    let rules = IgnoreList::parse(&std::fs::read(args.next().ok_or(usage)?)?)?;
    let now = "2026-11-24T00:00:00Z".parse()?;

    let mut db = AdvisoryDb::new();
    db.add(
        Source::new("Arch security tracker", SourceKind::ArchTracker),
        arch::parse(&feed)?,
    );
    let packages: Vec<Package> = args
        .filter_map(|arg| {
            let (name, version) = arg.split_once('=')?;
            Some(Package::new(Ecosystem::arch(), name, version))
        })
        .collect();

    let mut report = scan(&db, &packages, now);
    let used = rules.apply(&mut report, now);
    for finding in report.failing(FailOn::default(), false) {
        println!("counts: {} in {}", finding.advisory, finding.package);
    }
    for ignored in &report.ignored {
        let (finding, reason) = (&ignored.finding, &ignored.reason);
        println!(
            "set aside: {} in {}: {reason}",
            finding.advisory, finding.package
        );
    }
    for rule in used.expired.iter().chain(&used.unused) {
        println!("does nothing: the rule for {}", rule.id);
    }
    Ok(())
}
