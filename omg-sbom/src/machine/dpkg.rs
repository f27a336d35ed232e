//! dpkg's database on disk.

use std::path::Path;

use super::{
    error::{ReadError, parse_error, unreadable},
    lookup::{list_optional, read_optional},
    rooted::Root,
};
use crate::{
    model::{
        inventory::Inventory,
        limits,
        problem::{Problem, ProblemKind, shorten},
        source::Source,
    },
    read::{collector::Collector, dpkg},
};

/// The dpkg inventory of a machine, if it has one.
pub(super) fn read(root: &Root) -> Result<Option<Inventory>, ReadError> {
    let mut collector = Collector::default();
    let mut found = false;
    let path = Path::new("var/lib/dpkg/status");
    if let Some(content) = read_optional(root, path, limits::MAX_STATUS_BYTES)? {
        found = true;
        dpkg::collect(
            &content,
            dpkg::WithoutStatus::IsAProblem,
            "",
            &mut collector,
        )
        .map_err(|source| parse_error(path, source))?;
        report_interruption(root, &mut collector)?;
    }
    let path = Path::new("var/lib/dpkg/status.d");
    if let Some(names) = list_optional(root, path)? {
        found = true;
        for name in names {
            read_status_d(root, &path.join(name), &mut collector)?;
        }
    }
    Ok(found.then(|| collector.finish(Source::Dpkg)))
}

fn read_status_d(root: &Root, path: &Path, collector: &mut Collector) -> Result<(), ReadError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if !dpkg::is_status_d_name(&name) {
        return Ok(());
    }
    let name = shorten(&name);
    let result = match root.read(path, limits::MAX_STATUS_BYTES) {
        Ok(content) => dpkg::collect(&content, dpkg::WithoutStatus::IsInstalled, &name, collector),
        Err(error) => collector.problem(unreadable(&format!("status.d/{name}"), &error)),
    };
    result.map_err(|source| parse_error(path, source))
}

/// dpkg keeps what it was about to write to `status` in files with numbers for names, and
/// leaves them behind when it is interrupted (dpkg source, `lib/dpkg/dbmodify.c`).
fn report_interruption(root: &Root, collector: &mut Collector) -> Result<(), ReadError> {
    let path = Path::new("var/lib/dpkg/updates");
    for name in list_optional(root, path)?.unwrap_or_default() {
        let name = name.to_string_lossy();
        if name.bytes().all(|b| b.is_ascii_digit()) {
            let detail = "dpkg was interrupted, status is not up to date";
            let problem =
                Problem::new(format!("updates/{name}"), ProblemKind::Inconsistent, detail);
            collector
                .problem(problem)
                .map_err(|source| parse_error(path, source))?;
        }
    }
    Ok(())
}
