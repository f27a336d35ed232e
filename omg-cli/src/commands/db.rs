//! `omg audit db`: the local database and its caches.

use omg_vuln::SourceStatus;
use omg_vuln::store::Store;
use serde_json::json;

use crate::args::{Db, DbCommand};
use crate::checks::database::{StoredSource, status, update_all};
use crate::render;
use crate::render::json_text::pretty;
use crate::session::context::Context;
use crate::session::exit::Exit;
use crate::session::failure::Failure;
use crate::session::format::Format;
use crate::session::output::{Plan, print};
use crate::session::store;

const FORMATS: [Format; 2] = [Format::Table, Format::Json];

pub fn run(context: &Context, db: &Db) -> Result<Exit, Failure> {
    let plan = Plan::new(&context.common, &FORMATS)?;
    let store = store::of(&context.env)?;
    match &db.command {
        DbCommand::Path => {
            print(&format!("{}\n", store.folder().display()))?;
            Ok(Exit::Ok)
        }
        DbCommand::Clear => clear(&store),
        DbCommand::Status => show(&plan, "omg.db-status/1", &status(context, &store)),
        DbCommand::Update(args) => {
            if context.common.offline {
                return Err(Failure::usage(
                    "an update needs the network: --offline forbids it",
                ));
            }
            show(
                &plan,
                "omg.db-update/1",
                &update_all(context, &store, &args.query())?,
            )
        }
    }
}

fn clear(store: &Store) -> Result<Exit, Failure> {
    let dir = store.folder().display();
    let files = store
        .clear()
        .map_err(|error| Failure::incomplete(format!("cannot clear {dir}")).because(&error))?;
    print(&format!("removed {files} files from {dir}\n"))?;
    Ok(Exit::Ok)
}

fn show(plan: &Plan, schema: &str, rows: &[StoredSource]) -> Result<Exit, Failure> {
    let whole = !rows.is_empty() && rows.iter().all(|row| row.status == SourceStatus::Complete);
    plan.write(|format, _| match format {
        Format::Json => {
            let status = if whole { "complete" } else { "incomplete" };
            let value = json!({ "schema": schema, "status": status, "sources": rows });
            pretty(&value)
        }
        _ => render::database::table(rows),
    })?;
    Ok(if whole { Exit::Ok } else { Exit::Incomplete })
}
