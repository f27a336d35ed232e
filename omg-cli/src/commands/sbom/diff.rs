//! `omg audit sbom diff A B`.

use std::path::{Path, PathBuf};

use omg_sbom::inventory::Inventory;

use crate::render;
use crate::session::context::Context;
use crate::session::exit::Exit;
use crate::session::failure::Failure;
use crate::session::format::Format;
use crate::session::output::Plan;

pub fn run(context: &Context, old: &PathBuf, new: &PathBuf) -> Result<Exit, Failure> {
    let plan = Plan::new(&context.common, &[Format::Table, Format::Json])?;
    let (before, after) = (read(old)?, read(new)?);
    let mut exit = Exit::Ok;
    for (path, inventory) in [(old, &before), (new, &after)] {
        for problem in inventory.problems() {
            exit = Exit::Incomplete;
            context.warn(&format!("{}: {problem}", path.display()));
        }
    }
    Ok(context.conclude(exit, Vec::new(), || {
        plan.write(|format, _| render::sbom::diff(&before, &after, format))
    }))
}

fn read(path: &Path) -> Result<Inventory, Failure> {
    Inventory::read_sbom(path).map_err(|error| {
        Failure::incomplete(format!("cannot read the SBOM {}", path.display())).because(&error)
    })
}
