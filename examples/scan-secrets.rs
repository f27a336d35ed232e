//! Finds credentials in a file or folder: what it takes to build the scanner into a program.
//!
//! ```text
//! cargo run --example scan-secrets -- <path>
//! ```
#![allow(clippy::print_stdout)]

use omg_secrets::{Scanner, Walk};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args_os()
        .nth(1)
        .ok_or("usage: scan-secrets <path>")?;
    let threads = std::thread::available_parallelism()?.get();
    let scanner = Scanner::builder().build()?;
    let tree = Walk::new().threads(threads).scan(&scanner, path.as_ref());
    for located in &tree.findings {
        let (path, finding) = (located.path.display(), &located.finding);
        let (severity, rule) = (finding.severity, finding.rule.id());
        println!(
            "{path}:{}:{}: {severity} {rule} {}",
            finding.line,
            finding.column,
            finding.redacted()
        );
    }
    for problem in &tree.problems {
        println!(
            "{}: not searched: {}",
            problem.path.display(),
            problem.detail
        );
    }
    Ok(())
}
