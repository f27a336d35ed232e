//! Finds credentials in the files named on the command line, in fifteen lines.
//!
//! ```text
//! cargo run --example scan-secrets -- <file>...
//! ```

use omg_secrets::Scanner;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let scanner = Scanner::builder().build()?;
    for path in std::env::args().skip(1) {
        let bytes = std::fs::read(&path)?;
        for finding in scanner.scan(&bytes) {
            let (line, column) = (finding.line, finding.column);
            let (severity, title) = (finding.severity, finding.rule.title());
            println!(
                "{path}:{line}:{column}: {severity}: {title}: {}",
                finding.redacted()
            );
        }
    }
    Ok(())
}
