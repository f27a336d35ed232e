//! `omg audit slsa`: how, from what and by whom an artifact was built.

use crate::args;
use crate::checks::provenance::{check, events};
use crate::render;
use crate::session::context::Context;
use crate::session::exit::Exit;
use crate::session::failure::Failure;
use crate::session::format::Format;
use crate::session::output::Plan;

const FORMATS: [Format; 2] = [Format::Table, Format::Json];

pub fn run(context: &Context, args: &args::Slsa) -> Result<Exit, Failure> {
    let plan = Plan::new(&context.common, &FORMATS)?;
    let result = check::look(context, &args.query())?;
    let style = context.style();
    Ok(
        context.conclude(result.exit(), vec![events::of(&result)], || {
            plan.write(|format, terminal| render::slsa::slsa(&result, format, style.on(terminal)))
        }),
    )
}
