use std::{
    collections::HashSet,
    ffi::OsStr,
    fs::{self, DirEntry, File},
    io,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

use rustix::{
    fs::{Access, AtFlags},
    io::Errno,
};

use super::{
    super::{
        Detail, Inventory, Problem, ProblemKind, limits,
        pacman::{LocalDatabase, SyncCoverage, SyncDatabase, split_directory_name},
    },
    config::{self, Configuration},
    io_error, is_absent, kind_of_parse, list_optional, parse_error,
    rooted::{self, Root},
    unreadable,
};
use crate::{ParseError, ReadError};

/// Reads pacman's databases in the directory `database_path`, which pacman.conf calls `DBPath`.
///
/// With [`Detail::Full`] all databases in `sync` are read, too, and fill in the origins. Which
/// repositories are configured is not known here: a package is foreign if it is in none of the
/// databases that are there.
///
/// # Errors
///
/// [`ReadError::Io`] if there is no directory `local` or it cannot be listed,
/// [`ReadError::Parse`] for too many entries. What is wrong with one package or one sync
/// database is a problem of the inventory.
pub fn read_local(database_path: &Path, detail: Detail) -> Result<Inventory, ReadError> {
    let root = Root::new(Path::new("/"));
    let absolute = std::path::absolute(database_path).map_err(|e| io_error(database_path, e))?;
    read_database(&root, &absolute, detail, None)
}

/// The pacman inventory of a machine, if it has one.
pub(super) fn read(root: &Root, detail: Detail) -> Result<Option<Inventory>, ReadError> {
    let config = config::read(root);
    let path = Path::new(config.database_path.as_deref().unwrap_or("var/lib/pacman"));
    match root.resolve(&path.join("local")) {
        Err(error) if is_absent(&error) => return Ok(None),
        Err(error) => return Err(io_error(path, error)),
        Ok(_) => {}
    }
    read_database(root, path, detail, Some(&config)).map(Some)
}

fn read_database(
    root: &Root,
    path: &Path,
    detail: Detail,
    config: Option<&Configuration>,
) -> Result<Inventory, ReadError> {
    let local = path.join("local");
    let directory = root.resolve(&local).map_err(|e| io_error(&local, e))?;
    let entries = fs::read_dir(&directory).map_err(|e| io_error(&local, e))?;
    // The packages, the file ALPM_DB_VERSION, and one by which the limit is noticed.
    let entries = entries.take(limits::MAX_ENTRIES + 2);
    let mut entries: Vec<DirEntry> = entries
        .collect::<Result<_, _>>()
        .map_err(|e| io_error(&local, e))?;
    if entries.len() > limits::MAX_ENTRIES + 1 {
        let limit = limits::MAX_ENTRIES;
        return Err(parse_error(&local, ParseError::TooManyEntries { limit }));
    }
    // In the inventory's own order, so that small names are sorted and not large records.
    entries.sort_by_cached_key(|entry| sort_key(&entry.file_name()));
    let mut database = LocalDatabase::with_capacity(detail, entries.len());
    let within = File::open(&directory).map_err(|e| io_error(&local, e))?;
    for entry in entries {
        let file_type = entry.file_type().map_err(|e| io_error(&local, e))?;
        // Beside the package directories lies the file ALPM_DB_VERSION.
        if !(file_type.is_dir() || file_type.is_symlink() && leads_to_package(root, &local, &entry))
        {
            continue;
        }
        let added = match detail {
            Detail::Names => add_name(&within, &entry, &mut database),
            Detail::Full => add_package(root, &local, &directory, &entry, &mut database),
        };
        added.map_err(|source| parse_error(&local, source))?;
    }
    let mut inventory = database.finish();
    if detail == Detail::Full {
        attach_sync(root, &path.join("sync"), config, &mut inventory)?;
    }
    if let Some(config) = config {
        inventory.add_problems(config.problems.clone());
    }
    Ok(inventory)
}

fn sort_key(directory: &OsStr) -> (String, String) {
    let name = directory.to_string_lossy();
    let (name, version) = split_directory_name(&name).unwrap_or((&name, ""));
    (name.to_owned(), version.to_owned())
}

/// A link to nowhere, or in a circle, stands for a package that cannot be read.
fn leads_to_package(root: &Root, local: &Path, entry: &DirEntry) -> bool {
    let target = root.resolve(&local.join(entry.file_name()));
    target.map_or(true, |target| target.is_dir())
}

/// Name and version are in the directory's name; that there is a `desc` is asked, and nothing
/// opened. A name in the folder that is open costs less than a path from the root.
fn add_name(
    within: &File,
    entry: &DirEntry,
    database: &mut LocalDatabase,
) -> Result<(), ParseError> {
    let name = entry.file_name();
    let desc = [name.as_bytes(), b"/desc"].concat();
    match rustix::fs::accessat(within, desc, Access::EXISTS, AtFlags::empty()) {
        Ok(()) => database.add(name.as_bytes(), None),
        Err(error) => {
            let subject = Path::new(&name).join("desc");
            let problem = unreadable(&subject.to_string_lossy(), &error.into());
            database.add_unread(name.as_bytes(), problem)
        }
    }
}

fn add_package(
    root: &Root,
    local: &Path,
    directory: &Path,
    entry: &DirEntry,
    database: &mut LocalDatabase,
) -> Result<(), ParseError> {
    let name = entry.file_name();
    let within = Path::new(&name).join("desc");
    match read_desc(root, local, directory, entry, &within) {
        Ok(content) => database.add(name.as_bytes(), Some(&content)),
        Err(error) => {
            let subject = within.to_string_lossy();
            database.add_unread(name.as_bytes(), unreadable(&subject, &error))
        }
    }
}

/// Takes the short way where there is no link to follow within the root.
fn read_desc(
    root: &Root,
    local: &Path,
    directory: &Path,
    entry: &DirEntry,
    within: &Path,
) -> io::Result<Vec<u8>> {
    if entry.file_type()?.is_dir() {
        let read = rooted::read_regular(&directory.join(within), limits::MAX_DESC_BYTES);
        // open(2), O_NOFOLLOW: the file is a link.
        if !read
            .as_ref()
            .is_err_and(|error| Errno::from_io_error(error) == Some(Errno::LOOP))
        {
            return read;
        }
    }
    root.read(&local.join(within), limits::MAX_DESC_BYTES)
}

/// Reads the sync databases: those of the configured repositories in their order, or all that
/// are there if nothing is configured.
fn attach_sync(
    root: &Root,
    sync: &Path,
    config: Option<&Configuration>,
    inventory: &mut Inventory,
) -> Result<(), ReadError> {
    let mut problems = Vec::new();
    let mut coverage = SyncCoverage::All;
    if config.is_some_and(|config| !config.problems.is_empty()) {
        coverage = SyncCoverage::Partial;
    }
    let mut names = match config.filter(|config| !config.repositories.is_empty()) {
        Some(config) => config.repositories.clone(),
        None => database_names(list_optional(root, sync)?.unwrap_or_default()),
    };
    if names.len() > limits::MAX_SYNC_DATABASES {
        let detail = format!("more than {} databases", limits::MAX_SYNC_DATABASES);
        problems.push(Problem::new("sync", ProblemKind::LimitExceeded, detail));
        coverage = SyncCoverage::Partial;
        names.clear();
    }
    let installed: HashSet<&str> = inventory
        .packages()
        .iter()
        .map(|p| p.name.as_str())
        .collect();
    let mut databases = Vec::new();
    for name in names {
        match read_sync(root, sync, &name, &installed) {
            Ok(Some(database)) => databases.push(database),
            // Never synchronised, as in images from which the databases were removed.
            Ok(None) => coverage = SyncCoverage::Partial,
            Err(problem) => {
                coverage = SyncCoverage::Partial;
                problems.push(problem);
            }
        }
    }
    inventory.attach_sync(&databases, coverage);
    inventory.add_problems(problems);
    Ok(())
}

fn read_sync(
    root: &Root,
    sync: &Path,
    name: &str,
    installed: &HashSet<&str>,
) -> Result<Option<SyncDatabase>, Problem> {
    let file = format!("{name}.db");
    let subject = format!("sync/{file}");
    let content = match root.read(&sync.join(&file), limits::MAX_SYNC_BYTES) {
        Ok(content) => content,
        Err(error) if is_absent(&error) => return Ok(None),
        Err(error) => return Err(unreadable(&subject, &error)),
    };
    let wanted = |name: &str| installed.contains(name);
    SyncDatabase::parse_some(name, &content, wanted)
        .map(Some)
        .map_err(|error| Problem::new(subject, kind_of_parse(&error), error.to_string()))
}

fn database_names(files: Vec<PathBuf>) -> Vec<String> {
    let stem = |file: PathBuf| Some(file.to_str()?.strip_suffix(".db")?.to_owned());
    files
        .into_iter()
        .filter_map(stem)
        .filter(|name| !name.is_empty())
        .collect()
}
