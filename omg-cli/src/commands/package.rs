//! `omg audit package`: whether package files may be installed.

use crate::args::{self, PackageCommand};
use crate::checks::package::{events, gate};
use crate::hooks;
use crate::render;
use crate::session::context::Context;
use crate::session::exit::Exit;
use crate::session::failure::Failure;
use crate::session::format::Format;
use crate::session::output::Plan;

const FORMATS: [Format; 2] = [Format::Table, Format::Json];

pub fn run(context: &Context, args: &args::Package) -> Result<Exit, Failure> {
    if let Some(PackageCommand::Hook { command }) = &args.command {
        return hooks::run(context, command);
    }
    let plan = Plan::new(&context.common, &FORMATS)?;
    let result = gate::gate(context, &args.query())?;
    let style = context.style();
    let events = events::recorded(context, &result);
    Ok(context.conclude(result.exit(), events, || {
        plan.write(|format, terminal| render::package::package(&result, format, style.on(terminal)))
    }))
}
