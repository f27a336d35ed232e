//! `omg audit db`: the local database and its caches.

use crate::args::{Db, DbCommand};
use crate::commands::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::print;
use crate::store::Store;

pub fn run(context: &Context, db: &Db) -> Result<Exit, Failure> {
    let store = Store::new(&context.env)?;
    match &db.command {
        DbCommand::Path => print(&format!("{}\n", store.dir().display()))?,
        DbCommand::Clear => {
            let files = store.clear().map_err(|error| {
                Failure::incomplete(format!("cannot clear {}", store.dir().display()))
                    .because(&error)
            })?;
            print(&format!(
                "removed {files} files from {}\n",
                store.dir().display()
            ))?;
        }
        DbCommand::Update(_) | DbCommand::Status => todo!(),
    }
    Ok(Exit::Ok)
}
