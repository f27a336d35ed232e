//! Whose a Debian package is: what only another vendor's repository offers is that vendor's.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::{
    lookup::list_optional,
    rooted::{Root, open_regular},
};
use crate::{
    model::{
        inventory::Inventory,
        limits,
        package::{Origin, Package},
        problem::{Problem, ProblemKind, shorten},
    },
    read::apt::{Packages, release_origin},
};

const LISTS: &str = "var/lib/apt/lists";
/// The names by which distributions sign their own releases (`Origin` of a Release file).
const DISTRIBUTIONS: [&str; 12] = [
    "debian",
    "debian backports",
    "debian ports",
    "devuan",
    "kali",
    "linuxmint",
    "pop-os-release",
    "raspbian",
    "ubuntu",
    "ubuntuesm",
    "ubuntuesmapps",
    "ubuntuproforwsl",
];
/// Domains of the maintainers of distributions.
const MAINTAINERS: [&str; 4] = ["debian.org", "ubuntu.com", "canonical.com", "kali.org"];

/// Marks the packages that come from repositories of other vendors. Only their lists are read, which
/// are small: that the distribution has a package of the same name says nothing about theirs.
pub(super) fn mark(root: &Root, inventory: &mut Inventory) {
    let Ok(Some(names)) = list_optional(root, Path::new(LISTS)) else {
        return;
    };
    let mut problems = Vec::new();
    let mut offered: HashMap<String, Offered> = HashMap::new();
    for (release, vendor) in releases(root, &names) {
        for list in lists_of(&names, &release) {
            if let Err(detail) = read(root, &list, &vendor, &mut offered) {
                let subject = shorten(&list.to_string_lossy());
                problems.push(Problem::new(subject, ProblemKind::Unreadable, detail));
            }
        }
    }
    for package in inventory.packages_mut() {
        let vendor = offered
            .get(&package.name)
            .and_then(|offered| offered.is_of(package));
        if let Some(vendor) = vendor {
            package.origin = Origin::Repository(vendor);
        }
    }
    inventory.add_problems(problems);
}

/// The versions of a package that another vendor offers.
struct Offered {
    vendor: String,
    versions: HashSet<String>,
}

impl Offered {
    /// The vendor, if the installed version is one of theirs, or is nobody else's: an older version
    /// of theirs is in no list any more.
    fn is_of(&self, package: &Package) -> Option<String> {
        let maintainer = package.maintainer.as_deref().unwrap_or_default();
        let is_maintained_there = MAINTAINERS.iter().any(|domain| maintainer.contains(domain));
        let is_theirs = self.versions.contains(&package.version) || !is_maintained_there;
        is_theirs.then(|| self.vendor.clone())
    }
}

/// The releases of other vendors: the beginning of the names of their lists, and who they are.
fn releases(root: &Root, names: &[PathBuf]) -> Vec<(String, String)> {
    let release = |name: &PathBuf| {
        let text = name.to_str()?;
        let prefix = text
            .strip_suffix("_InRelease")
            .or_else(|| text.strip_suffix("_Release"))?;
        let bytes = root.read(&Path::new(LISTS).join(name), limits::MAX_STANZA_BYTES << 4);
        let origin = release_origin(&bytes.ok()?)?;
        let is_own = DISTRIBUTIONS.contains(&origin.to_lowercase().as_str());
        (!is_own).then(|| (prefix.to_owned(), origin))
    };
    names.iter().filter_map(release).collect()
}

/// The lists of a release, plain or compressed.
fn lists_of(names: &[PathBuf], release: &str) -> Vec<PathBuf> {
    let is_list = |name: &&PathBuf| {
        let rest = name.to_str().and_then(|name| name.strip_prefix(release));
        rest.is_some_and(|rest| rest.starts_with('_') && rest.contains("_Packages"))
    };
    names.iter().filter(is_list).cloned().collect()
}

fn read(
    root: &Root,
    list: &Path,
    vendor: &str,
    offered: &mut HashMap<String, Offered>,
) -> Result<(), String> {
    if list.extension().is_some() && !list.to_string_lossy().ends_with("_Packages") {
        return Err("compressed lists of apt are not read".to_owned());
    }
    let path = root.resolve(&Path::new(LISTS).join(list));
    let file = path.and_then(|path| open_regular(&path));
    let file = file.map_err(|error| error.to_string())?;
    for offer in Packages::new(file) {
        let offer = offer.map_err(|error| error.to_string())?;
        let entry = offered.entry(offer.name).or_insert_with(|| Offered {
            vendor: vendor.to_owned(),
            versions: HashSet::new(),
        });
        entry.versions.insert(offer.version);
    }
    Ok(())
}
