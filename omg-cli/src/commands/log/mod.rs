//! `omg audit log`: what happened, newest last; keys, checkpoints and proofs.

mod export;
pub mod keys;
mod seal;

use std::time::Duration;

use omg_auditlog::Filter;
use omg_auditlog::fs::LogReader;

use crate::args::{self, LogCommand};
use crate::render;
use crate::session::context::Context;
use crate::session::exit::Exit;
use crate::session::failure::Failure;
use crate::session::format::Format;
use crate::session::output::{Plan, print};
use crate::session::style::Style;

const FORMATS: [Format; 3] = [Format::Table, Format::Json, Format::Jsonl];

/// How often `--follow` looks for new entries.
const PAUSE: Duration = Duration::from_millis(250);

pub fn run(context: &Context, args: &args::Log) -> Result<Exit, Failure> {
    match &args.command {
        None => show(context, args),
        Some(LogCommand::Keygen { key, name }) => {
            keys::keygen(context, key.as_deref(), name.as_deref())
        }
        Some(LogCommand::Checkpoint { key }) => seal::checkpoint(context, key.as_deref()),
        Some(LogCommand::Prove { seq, key }) => seal::prove(context, *seq, key.as_deref()),
        Some(LogCommand::Rotate) => seal::rotate(context),
        Some(LogCommand::RotateKey { key }) => keys::rotate_key(context, key.as_deref()),
        Some(LogCommand::Prune { before, public_key }) => {
            seal::prune(context, *before, public_key.as_deref())
        }
        Some(LogCommand::Export(export)) => export::run(context, export),
    }
}

fn show(context: &Context, args: &args::Log) -> Result<Exit, Failure> {
    let plan = Plan::new(&context.common, &FORMATS)?;
    if args.follow && (plan.stdout.is_none_or(|f| f == Format::Json) || !plan.files.is_empty()) {
        return Err(Failure::usage("--follow prints lines to standard output")
            .try_this("--format table or jsonl, and no -o"));
    }
    let reader = context.readable_log()?;
    let filter = filter(args);
    let entries = reader
        .last(args.limit, &filter)
        .map_err(|error| context.log_failure(&error))?;
    let style = style(context);
    let path = context.log_path()?;
    plan.write(|format, terminal| render::log::log(&path, &entries, format, style.on(terminal)))?;
    if args.follow {
        return follow(context, &reader, &filter, plan.stdout, style);
    }
    Ok(Exit::Ok)
}

/// Prints what is added, until somebody ends the program or nobody reads any more.
fn follow(
    context: &Context,
    reader: &LogReader,
    filter: &Filter,
    format: Option<Format>,
    style: Style,
) -> Result<Exit, Failure> {
    let fail = |error| context.log_failure(&error);
    let mut at = reader.bytes();
    loop {
        std::thread::sleep(PAUSE);
        let reader = context.readable_log()?;
        let mut lines = String::new();
        let add = |entry| {
            match format {
                Some(Format::Jsonl) => lines.push_str(&format!("{entry}\n")),
                _ => lines.push_str(&render::log::log_line(&entry, style)),
            }
            true
        };
        at = reader.each_from(at, filter, add).map_err(fail)?;
        if !lines.is_empty() {
            print(&lines)?;
        }
    }
}

/// One line for each entry, unless it is for a terminal, which is as wide as it is.
fn style(context: &Context) -> Style {
    let style = context.style();
    let width = match context.env.stdout_is_terminal {
        true => style.width,
        false => usize::MAX,
    };
    Style { width, ..style }
}

fn filter(args: &args::Log) -> Filter {
    let mut filter = Filter::new();
    for event in &args.event {
        filter = filter.event(event.clone());
    }
    if let Some(severity) = args.severity {
        filter = filter.severity(severity);
    }
    if let Some(since) = args.since {
        filter = filter.since(since);
    }
    if let Some(until) = args.until {
        filter = filter.until(until);
    }
    if let Some(text) = &args.grep {
        filter = filter.text(text);
    }
    if let Some(user) = &args.actor {
        filter = filter.actor(user);
    }
    if let Some(name) = &args.package {
        filter = filter.package(name);
    }
    filter
}
