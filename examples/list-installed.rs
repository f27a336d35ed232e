//! What is installed under a root directory, with the problems that a reader must not hide.
//!
//! ```sh
//! cargo run --example list-installed -- examples/demo-root
//! ```
#![allow(clippy::print_stdout)]

use std::path::PathBuf;

use omg_sbom::inventory::{Detail, Machine};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = std::env::args_os()
        .nth(1)
        .map_or_else(|| PathBuf::from("/"), PathBuf::from);
    let machine = Machine::read_root(&root, Detail::Full)?;
    let os = machine.os_release.as_ref();
    for inventory in &machine.inventories {
        for package in inventory.packages() {
            println!(
                "{}",
                package.purl(os).unwrap_or_else(|_| package.name.clone())
            );
        }
        println!(
            "{}: {} packages",
            inventory.source(),
            inventory.packages().len()
        );
    }
    if !machine.is_complete() {
        println!("incomplete: not everything could be read");
    }
    Ok(())
}
