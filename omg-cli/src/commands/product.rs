//! `omg completions` and `omg man`: made of the description that the command line is read by.

use std::path::{Path, PathBuf};

use clap::{Command, CommandFactory as _};

use crate::args::{Cli, Completions, Man};
use crate::session::exit::Exit;
use crate::session::failure::Failure;
use crate::session::files::write_atomically;
use crate::session::options::Common;
use crate::session::output::print;

pub fn completions(common: &Common, args: &Completions) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "omg", &mut script);
    if common.output.is_empty() {
        print(&String::from_utf8_lossy(&script))?;
    }
    for file in &common.output {
        write(Path::new(file), &script)?;
    }
    Ok(Exit::Ok)
}

pub fn man(args: &Man) -> Result<Exit, Failure> {
    let mut command = Cli::command();
    command.build();
    let mut pages = Vec::new();
    collect(&command, "omg", &mut pages)
        .map_err(|error| Failure::incomplete("cannot make the man pages").because(&error))?;
    std::fs::create_dir_all(&args.dir).map_err(|error| failed(&args.dir, &error))?;
    let count = pages.len();
    for (name, page) in pages {
        write(&args.dir.join(name), &page)?;
    }
    print(&format!("{count} man pages in {}\n", args.dir.display()))?;
    Ok(Exit::Ok)
}

/// A page for the command, and for each below it.
fn collect(
    command: &Command,
    name: &str,
    pages: &mut Vec<(PathBuf, Vec<u8>)>,
) -> std::io::Result<()> {
    let mut page = Vec::new();
    let man = clap_mangen::Man::new(command.clone())
        .title(name)
        .manual("omg")
        .source(concat!("omg ", env!("CARGO_PKG_VERSION")));
    man.render(&mut page)?;
    pages.push((format!("{name}.1").into(), page));
    for below in command.get_subcommands() {
        // `omg help` has a page; clap's own `help` beside other commands says the same.
        let doubled = below.get_name() == "help" && name != "omg";
        if !doubled && !below.is_hide_set() {
            collect(below, &format!("{name}-{}", below.get_name()), pages)?;
        }
    }
    Ok(())
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    write_atomically(path, bytes).map_err(|error| failed(path, &error))
}

fn failed(path: &Path, error: &std::io::Error) -> Failure {
    Failure::incomplete(format!("cannot write {}", path.display())).because(error)
}
