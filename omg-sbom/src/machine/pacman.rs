use std::{
    collections::HashSet,
    io,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

use rustix::io::Errno;

use super::{
    config,
    config::Configuration,
    error::{ReadError, io_error, is_absent, kind_of_parse, parse_error, unreadable},
    listing::Listing,
    lookup::list_optional,
    names::Names,
    rooted,
    rooted::Root,
};
use crate::{
    model::{
        detail::Detail,
        inventory::Inventory,
        limits,
        package::{Package, PackageKind},
        problem::{Problem, ProblemKind},
        source::Source,
    },
    read::pacman::{
        local::LocalDatabase,
        sync::{SyncCoverage, SyncDatabase},
    },
};

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
    let Some(path) = database_path(root, &config)? else {
        return Ok(None);
    };
    read_database(root, &path, detail, Some(&config)).map(Some)
}

/// The names in the pacman database of a machine, if it has one.
pub(super) fn read_names(root: &Root) -> Result<Option<Names>, ReadError> {
    let config = config::read(root);
    let Some(path) = database_path(root, &config)? else {
        return Ok(None);
    };
    let mut names = Names::new(&Listing::read(root, &path.join("local"))?);
    names.add_problems(config.problems);
    Ok(Some(names))
}

pub(super) fn database_path(
    root: &Root,
    config: &Configuration,
) -> Result<Option<PathBuf>, ReadError> {
    let path = Path::new(config.database_path.as_deref().unwrap_or("var/lib/pacman"));
    match root.resolve(&path.join("local")) {
        Err(error) if is_absent(&error) => Ok(None),
        Err(error) => Err(io_error(path, error)),
        Ok(_) => Ok(Some(path.to_owned())),
    }
}

fn read_database(
    root: &Root,
    path: &Path,
    detail: Detail,
    config: Option<&Configuration>,
) -> Result<Inventory, ReadError> {
    let local = path.join("local");
    let listing = Listing::read(root, &local)?;
    let mut inventory = match detail {
        Detail::Names => named(&Names::new(&listing)),
        Detail::Full => {
            let mut inventory = read_packages(root, &local, &listing)?;
            attach_sync(root, &path.join("sync"), config, &mut inventory)?;
            inventory
        }
    };
    if let Some(config) = config {
        inventory.add_problems(config.problems.clone());
    }
    Ok(inventory)
}

fn named(names: &Names) -> Inventory {
    let package = |(name, version)| Package::new(PackageKind::Alpm, name, version);
    let packages = names.iter().map(package).collect();
    Inventory::new(Source::Pacman, packages, names.problems().to_vec())
}

fn read_packages(root: &Root, local: &Path, listing: &Listing) -> Result<Inventory, ReadError> {
    let directory = root.resolve(local).map_err(|e| io_error(local, e))?;
    let mut database = LocalDatabase::with_capacity(Detail::Full, listing.len());
    for (name, is_link) in listing.iter() {
        let within = Path::new(name).join("desc");
        let added = match read_desc(root, local, (!is_link).then_some(&directory), &within) {
            Ok(content) => database.add(name.as_bytes(), Some(&content)),
            Err(error) => {
                let problem = unreadable(&within.to_string_lossy(), &error);
                database.add_unread(name.as_bytes(), problem)
            }
        };
        added.map_err(|source| parse_error(local, source))?;
    }
    Ok(database.finish())
}

/// Takes the short way, in `directory`, where there is no link to follow within the root.
fn read_desc(
    root: &Root,
    local: &Path,
    directory: Option<&PathBuf>,
    within: &Path,
) -> io::Result<Vec<u8>> {
    if let Some(directory) = directory {
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
