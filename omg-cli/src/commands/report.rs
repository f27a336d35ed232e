//! `omg audit report`: one HTML file of the results of the other commands.

use crate::args::Report;
use crate::checks::report::gather;
use crate::checks::vulnerabilities::events;
use crate::render;
use crate::session::context::Context;
use crate::session::exit::Exit;
use crate::session::failure::Failure;
use crate::session::format::Format;
use crate::session::output::Plan;

pub fn run(context: &Context, args: &Report) -> Result<Exit, Failure> {
    let plan = Plan::with_default(&context.common, &[Format::Html, Format::Prom], "html")?;
    let result = gather(context, &args.scan.query())?;
    Ok(
        context.conclude(result.exit(), events::of(&result.scan), || {
            plan.write(|format, _| match format {
                Format::Prom => render::prom::report(&result),
                _ => render::report::report(&result),
            })
        }),
    )
}
