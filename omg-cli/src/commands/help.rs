//! `omg help`: commands, and topics that belong to no command.

use clap::CommandFactory as _;

use crate::args::{Cli, Help};
use crate::exit::{self, Exit};
use crate::failure::Failure;
use crate::output::print;

pub fn run(help: &Help) -> Result<Exit, Failure> {
    if help.topic == ["exit-codes"] {
        print(&exit::help())?;
        return Ok(Exit::Ok);
    }
    let mut command = Cli::command();
    command.build();
    let mut found = &mut command;
    for name in &help.topic {
        found = found.find_subcommand_mut(name).ok_or_else(|| {
            Failure::usage(format!("no command or topic {name:?}"))
                .try_this("omg help, or omg help exit-codes")
        })?;
    }
    print(&found.render_long_help().to_string())?;
    Ok(Exit::Ok)
}
