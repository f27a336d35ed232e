//! Writes the synthetic data of the benchmarks to a folder, so that whole programs can be timed
//! on it: a Debian root with many packages, and an OSV dump with many records.
//!
//! ```sh
//! cargo run --release -p omg-benches --example generate-scale -- FOLDER 10000 60000
//! ```
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;

use omg_benches::{Random, installed, osv_record};
use omg_vuln::Ecosystem;

const NAMES: u64 = 25_000;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let folder = PathBuf::from(
        args.next()
            .ok_or("usage: generate-scale FOLDER PACKAGES RECORDS")?,
    );
    let packages: u64 = args.next().unwrap_or_default().parse().unwrap_or(10_000);
    let records: u64 = args.next().unwrap_or_default().parse().unwrap_or(60_000);

    let dpkg = folder.join("root/var/lib/dpkg");
    std::fs::create_dir_all(&dpkg)?;
    std::fs::create_dir_all(folder.join("root/etc"))?;
    std::fs::write(
        folder.join("root/etc/os-release"),
        "ID=debian\nVERSION_ID=\"12\"\n",
    )?;
    let mut status = File::create(dpkg.join("status"))?;
    for package in installed(&Ecosystem::new("Debian:12"), packages, NAMES, 2) {
        let (name, version) = (package.name, package.version);
        write!(
            status,
            "Package: {name}\nStatus: install ok installed\nArchitecture: amd64\n\
             Version: {version}\nMaintainer: nobody <nobody@example.org>\n\n"
        )?;
    }

    let mut dump = zip::ZipWriter::new(File::create(folder.join("all.zip"))?);
    let mut random = Random::new(1);
    for number in 1..=records {
        let record = osv_record("Debian:12", number, NAMES, &mut random);
        let id = record["id"].as_str().unwrap_or_default();
        dump.start_file(
            format!("{id}.json"),
            zip::write::SimpleFileOptions::default(),
        )?;
        dump.write_all(record.to_string().as_bytes())?;
    }
    dump.finish()?;
    println!(
        "{packages} packages and {records} records in {}",
        folder.display()
    );
    Ok(())
}
