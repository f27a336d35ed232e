//! `omg audit policy`: what is allowed here, and why.

use crate::args::{self, PolicyCommand};
use crate::checks::policy::decide::{check, diff, test};
use crate::checks::policy::result::PolicyResult;
use crate::checks::policy::{events, layers};
use crate::render;
use crate::session::context::Context;
use crate::session::exit::Exit;
use crate::session::failure::Failure;
use crate::session::format::Format;
use crate::session::output::Plan;

const FORMATS: [Format; 2] = [Format::Table, Format::Json];

pub fn run(context: &Context, args: &args::Policy) -> Result<Exit, Failure> {
    let plan = Plan::new(&context.common, &FORMATS)?;
    let compares = matches!(
        args.command,
        Some(PolicyCommand::Diff { .. } | PolicyCommand::Test { .. })
    );
    if compares && !context.common.rego.is_empty() {
        let message = "policies in Rego can neither be compared nor tested here";
        return Err(Failure::usage(message).try_this("opa test, with omg's schema of evidence"));
    }
    let (active, result) = match &args.command {
        Some(PolicyCommand::Diff { a, b }) => diff(context, a, b)?,
        None | Some(PolicyCommand::Show) => (layers::effective(context)?, PolicyResult::Rules),
        Some(PolicyCommand::Test { file }) => test(context, file)?,
        Some(PolicyCommand::Check(asked)) => {
            let advisories = &asked.advisories.advisories;
            check(context, &asked.package, advisories, false)?
        }
        Some(PolicyCommand::Explain(explain)) => {
            let package = std::slice::from_ref(&explain.package);
            check(context, package, &explain.advisories.advisories, true)?
        }
    };
    let events = match args.command {
        // These two say nothing about this machine.
        Some(PolicyCommand::Diff { .. } | PolicyCommand::Test { .. }) => Vec::new(),
        _ => events::of(context, &active, &result),
    };
    let style = context.style();
    Ok(context.conclude(result.exit(), events, || {
        plan.write(|format, terminal| {
            render::policy::policy(&active, &result, format, style.on(terminal))
        })
    }))
}
