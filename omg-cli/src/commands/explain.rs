//! `omg explain`: what an advisory is and what it affects here, or what is known of a package.

use crate::args::Explain;
use crate::checks::explain::{Explanation, explain};
use crate::checks::policy::layers;
use crate::render;
use crate::render::words::clean;
use crate::session::context::Context;
use crate::session::env::Env;
use crate::session::exit::Exit;
use crate::session::failure::Failure;
use crate::session::format::Format;
use crate::session::options::Common;
use crate::session::output::Plan;

const FORMATS: [Format; 2] = [Format::Table, Format::Json];

pub fn run(mut common: Common, env: Env, args: &Explain) -> Result<Exit, Failure> {
    common.offline = true;
    let plan = Plan::new(&common, &FORMATS)?;
    let context = Context::new(common, env)?;
    layers::check_named(&context)?;
    let explained = explain(&context, &args.query())?;
    if !explained.is_package() && explained.advisories.is_empty() {
        return Err(unknown(&explained));
    }
    let style = context.style();
    Ok(context.conclude(explained.exit(), Vec::new(), || {
        plan.write(|format, terminal| {
            render::explain::explain(&explained, format, style.on(terminal))
        })
    }))
}

fn unknown(explained: &Explanation) -> Failure {
    let what = clean(&explained.what);
    let text = format!("no advisory and no installed package is known as {what}");
    let failure = Failure::incomplete(match explained.problems.first() {
        Some(problem) => format!("{text}: {}", clean(problem)),
        None => text,
    });
    failure.try_this("omg audit db update, or --advisories FILE")
}
