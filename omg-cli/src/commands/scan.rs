//! `omg audit` and `omg audit scan`: known vulnerabilities.

use crate::args;
use crate::checks::vulnerabilities::{events, scan};
use crate::render;
use crate::session::context::Context;
use crate::session::exit::Exit;
use crate::session::failure::Failure;
use crate::session::format::Format;
use crate::session::output::Plan;

const FORMATS: [Format; 8] = [
    Format::Table,
    Format::Json,
    Format::Jsonl,
    Format::Sarif,
    Format::Markdown,
    Format::Prom,
    Format::Junit,
    Format::Github,
];

pub fn run(context: &Context, args: &args::Scan) -> Result<Exit, Failure> {
    let plan = Plan::new(&context.common, &FORMATS)?;
    let result = scan::perform(context, &args.query())?;
    let style = context.style();
    Ok(context.conclude(result.exit(), events::of(&result), || {
        plan.write(|format, terminal| {
            let style = if terminal { style } else { style.plain() };
            render::scan::scan(&result, format, style)
        })
    }))
}
