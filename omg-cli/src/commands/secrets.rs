//! `omg audit secrets`: credentials in files, staged changes and history.

use std::path::Path;

use crate::args::{self, HookCommand, SecretsCommand};
use crate::checks::secrets::result::SearchResult;
use crate::checks::secrets::{events, search};
use crate::hooks;
use crate::render;
use crate::session::context::Context;
use crate::session::exit::Exit;
use crate::session::failure::Failure;
use crate::session::files::write_atomically;
use crate::session::format::Format;
use crate::session::newfile::Access;
use crate::session::output::{Plan, say};

const FORMATS: [Format; 5] = [
    Format::Table,
    Format::Json,
    Format::Jsonl,
    Format::Sarif,
    Format::Github,
];

pub fn run(context: &Context, args: &args::Secrets) -> Result<Exit, Failure> {
    if let Some(SecretsCommand::Hook {
        command: HookCommand::Install,
    }) = args.command
    {
        return hooks::git::install();
    }
    let mut plan = Plan::new(&context.common, &FORMATS)?;
    if args.reveal {
        plan.access = Access::Private;
    }
    let result = search::search(context, &args.query())?;
    if let Some(path) = &args.write_baseline {
        return write_baseline(path, &result);
    }
    let style = context.style();
    Ok(context.conclude(result.exit(), events::of(&result), || {
        plan.write(|format, terminal| render::secrets::secrets(&result, format, style.on(terminal)))
    }))
}

fn write_baseline(path: &Path, result: &SearchResult) -> Result<Exit, Failure> {
    let baseline = search::accept(result);
    write_atomically(path, baseline.to_string().as_bytes()).map_err(|error| {
        Failure::incomplete(format!("cannot write {}", path.display())).because(&error)
    })?;
    let (path, count) = (path.display(), baseline.len());
    say(&format!("{path}: {count} findings accepted"));
    Ok(match result.complete() {
        true => Exit::Ok,
        false => Exit::Incomplete,
    })
}
