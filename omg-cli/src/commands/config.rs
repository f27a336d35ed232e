//! `omg config`: what holds, where it stands, and whether it can be used.

use serde_json::{Value, json};

use crate::args::{Config, ConfigCommand};
use crate::checks::policy::layers;
use crate::checks::vulnerabilities::query::ScanQuery;
use crate::checks::vulnerabilities::rules::Rules;
use crate::render;
use crate::render::words::plural;
use crate::session::config::{Effective, Origin, Setting, places};
use crate::session::context::Context;
use crate::session::env::Env;
use crate::session::exit::Exit;
use crate::session::failure::Failure;
use crate::session::format::Format;
use crate::session::network;
use crate::session::options::Common;
use crate::session::output::Plan;

const FORMATS: [Format; 2] = [Format::Table, Format::Json];

pub fn run(common: Common, env: Env, args: &Config) -> Result<Exit, Failure> {
    let plan = Plan::new(&common, &FORMATS)?;
    match args.command {
        ConfigCommand::Show { origin } => {
            let effective = Effective::load(common.config.as_deref(), &env)?;
            let settings = effective.with_defaults();
            plan.write(|format, _| match format {
                Format::Json => render::json_text::pretty(&json!({
                    "schema": "omg.config/1",
                    "settings": settings.iter().map(row).collect::<Vec<_>>(),
                })),
                _ => text(&settings, origin),
            })?;
        }
        ConfigCommand::Path => plan.write(|format, _| paths(&common, &env, format))?,
        ConfigCommand::Check => {
            let effective = Effective::load(common.config.as_deref(), &env)?;
            let context = Context::new(common, env)?;
            layers::check_named(&context)?;
            network::client(&context)?;
            Rules::load(&context, &ScanQuery::default())?;
            let count = effective.settings.len();
            plan.write(|format, _| match format {
                Format::Json => render::json_text::pretty(&json!({
                    "schema": "omg.config/1", "status": "valid", "settings": [],
                })),
                _ => format!("the configuration is valid: {}\n", plural(count, "setting")),
            })?;
        }
    }
    Ok(Exit::Ok)
}

fn row(setting: &Setting) -> Value {
    let origin = match &setting.origin {
        Origin::Default => json!({ "kind": "default" }),
        Origin::File { path, line } => {
            json!({ "kind": "file", "file": path.to_string_lossy(), "line": line })
        }
        Origin::Variable(name) => json!({ "kind": "environment", "variable": name }),
    };
    json!({ "key": setting.key, "value": setting.value, "origin": origin })
}

fn text(settings: &[Setting], origin: bool) -> String {
    let mut out = String::new();
    for setting in settings {
        let line = format!("{} = {}", setting.key, setting.value);
        out.push_str(&match origin {
            true => format!("{line:<50}  # {}\n", setting.origin),
            false => format!("{line}\n"),
        });
    }
    if !settings.iter().any(|setting| setting.key == "scan.fail_on") {
        out.push_str(
            "# scan.fail_on is not set: known to be exploited, or high and over with a fix\n",
        );
    }
    out
}

fn paths(common: &Common, env: &Env, format: Format) -> String {
    let places = places(common.config.as_deref(), env);
    let rows = places.iter();
    if format == Format::Json {
        let row = |place: &crate::session::config::Place| {
            json!({ "kind": place.kind, "file": place.path.to_string_lossy(),
                    "exists": place.path.exists() })
        };
        let files: Vec<Value> = rows.map(row).collect();
        return render::json_text::pretty(
            &json!({ "schema": "omg.config/1", "settings": [], "files": files }),
        );
    }
    let line = |place: &crate::session::config::Place| {
        let there = if place.path.exists() {
            ""
        } else {
            " (not there)"
        };
        format!("{:<6}  {}{there}\n", place.kind, place.path.display())
    };
    rows.map(line).collect()
}
