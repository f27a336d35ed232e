//! What a package file would install and run, without installing it: pacman's or Debian's.
//!
//! ```sh
//! cargo run --example read-package -- bash-5.2.37-1-x86_64.pkg.tar.zst
//! ```

#![allow(clippy::print_stdout)] // An example prints.

use std::{env, error::Error, fs::File};

use omg_sbom::archive;

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args().nth(1).ok_or("usage: read-package FILE")?;
    let read = archive::read(File::open(path)?)?;
    let package = &read.package;
    println!(
        "{} {}: {} members",
        package.name,
        package.version,
        read.members.len()
    );
    for (name, script) in read.scripts() {
        println!("runs {name} as root ({} bytes)", script.len());
    }
    for member in &read.members {
        if member.is_setuid() || member.is_setgid() || member.has_capabilities() {
            println!("runs with others' rights: {:?}", member.path_text());
        }
    }
    for finding in &read.findings {
        println!("{:?}: {finding}", finding.kind);
    }
    Ok(())
}
