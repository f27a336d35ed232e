//! omg secures what is installed on a Linux machine. This program reads the machine, hands
//! plain values to the libraries that judge them, and prints.

// A binary has no public interface: `pub` here means "for other modules of this program".
#![allow(unreachable_pub)]

mod args;
mod checks;
mod commands;
mod convert;
mod hooks;
mod render;
mod session;

use std::process::ExitCode;

use clap::Parser as _;

use crate::args::{AuditCommand, Cli, Command};
use crate::checks::policy::layers;
use crate::session::context::Context;
use crate::session::env::Env;
use crate::session::exit::Exit;
use crate::session::failure::Failure;
use crate::session::output::say;
use crate::session::trace;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        // Help and version go to stdout with 0, anything else to stderr with 2. A closed
        // pipe is no error.
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let exit_zero = cli.common.exit_zero;
    let exit = match run(cli) {
        Ok(exit) => exit,
        Err(failure) => {
            say(&failure.to_string());
            failure.exit
        }
    };
    ExitCode::from(exit.with_exit_zero(exit_zero).code())
}

fn run(cli: Cli) -> Result<Exit, Failure> {
    let env = Env::from_machine();
    let _told = trace::start(&env, cli.common.offline)?;
    let _span = tracing::info_span!(target: "omg", "omg").entered();
    let audit = match cli.command {
        Command::Help(help) => return commands::help::run(&help),
        Command::Completions(args) => return commands::product::completions(&cli.common, &args),
        Command::Man(args) => return commands::product::man(&args),
        Command::Config(args) => return commands::config::run(cli.common, env, &args),
        Command::Explain(args) => return commands::explain::run(cli.common, env, &args),
        Command::Audit(audit) => audit,
    };
    if audit.command.is_some() && audit.scan != args::Scan::default() {
        return Err(
            Failure::usage("options of the scan stand before another command")
                .try_this("omg audit scan OPTIONS"),
        );
    }
    let context = Context::new(cli.common, env)?;
    layers::check_named(&context)?;
    let decides = audit.command.as_ref().is_some_and(AuditCommand::decides);
    if context.common.policy.is_some() && !decides {
        context.warn("this command does not decide by a policy; omg audit policy check does");
    }
    match audit.command {
        None => commands::scan::run(&context, &audit.scan),
        Some(AuditCommand::Scan(scan)) => commands::scan::run(&context, &scan),
        Some(AuditCommand::Log(log)) => commands::log::run(&context, &log),
        Some(AuditCommand::Verify(verify)) => commands::verify::run(&context, &verify),
        Some(AuditCommand::Secrets(secrets)) => commands::secrets::run(&context, &secrets),
        Some(AuditCommand::Pgp(pgp)) => commands::pgp::run(&context, &pgp),
        Some(AuditCommand::Slsa(slsa)) => commands::slsa::run(&context, &slsa),
        Some(AuditCommand::Policy(policy)) => commands::policy::run(&context, &policy),
        Some(AuditCommand::Package(package)) => commands::package::run(&context, &package),
        Some(AuditCommand::Build(build)) => commands::build::run(&context, &build),
        Some(AuditCommand::Sbom(sbom)) => commands::sbom::run(&context, &sbom),
        Some(AuditCommand::Report(report)) => commands::report::run(&context, &report),
        Some(AuditCommand::Db(db)) => commands::db::run(&context, &db),
    }
}
