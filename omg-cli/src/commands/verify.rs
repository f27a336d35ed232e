//! `omg audit verify`: whether the audit log was altered.

use crate::args;
use crate::checks::log;
use crate::render;
use crate::session::context::Context;
use crate::session::exit::Exit;
use crate::session::failure::Failure;
use crate::session::format::Format;
use crate::session::output::Plan;

const FORMATS: [Format; 2] = [Format::Table, Format::Json];

pub fn run(context: &Context, args: &args::Verify) -> Result<Exit, Failure> {
    let plan = Plan::new(&context.common, &FORMATS)?;
    let result = log::perform(context, &args.query())?;
    let style = context.style();
    // The log that is verified stays as it is.
    Ok(context.conclude(result.exit(), Vec::new(), || {
        plan.write(|format, terminal| render::verify::verify(&result, format, style.on(terminal)))
    }))
}
