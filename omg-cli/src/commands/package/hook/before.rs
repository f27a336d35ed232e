//! Before a transaction: every package that would be installed goes through the gate.

use std::path::{Path, PathBuf};

use omg_sbom::inventory::pacman::{Config, SyncDatabase};

use super::{apt, targets};
use crate::args::{self, HookFor};
use crate::commands::Context;
use crate::commands::package::{Gate, gate, recorded};
use crate::commands::policy::layers;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Format, print, say};
use crate::render;

/// The largest database of a repository.
const MAX_DATABASE: u64 = 256 << 20;
/// The largest pacman.conf.
const MAX_CONFIG: u64 = 1 << 20;

pub fn run(context: &Context, manager: HookFor) -> Result<Exit, Failure> {
    let names = targets()?;
    let root = &context.common.root;
    let (files, steps) = match manager {
        HookFor::Apt => apt::read(&names)?,
        HookFor::Pacman => {
            let mut files = cached(root, &names);
            files.extend(upgraded());
            (files, Vec::new())
        }
    };
    let gate = match files.is_empty() {
        true => None,
        false => Some(gate(context, &arguments(files.clone()))?),
    };
    // A file counts for the name that it gives itself, whatever it is called.
    let is_lost = |name: &&String| {
        let mut packages = gate.iter().flat_map(|gate| &gate.packages);
        !packages.any(|package| package.decided.name == **name)
    };
    let lost: Vec<String> = match manager {
        HookFor::Apt => Vec::new(),
        HookFor::Pacman => names.iter().filter(is_lost).cloned().collect(),
    };
    for name in &lost {
        say(&format!(
            "rejected: which file {name} comes from cannot be told; it is in no cache folder"
        ));
    }
    let missing = if lost.is_empty() {
        Exit::Ok
    } else {
        Exit::Findings
    };
    let Some(mut gate) = gate else {
        // The policy has to be readable all the same.
        layers::effective(context)?;
        if manager == HookFor::Apt {
            apt::keep(root, &steps);
        }
        return Ok(missing);
    };
    let style = context.style();
    print(&render::package(&gate, Format::Table, style))?;
    let logged = context.record(recorded(context, &gate));
    // A file of which nothing is known is not installed. What was merely not scanned is a matter
    // for the policy, and was decided by it.
    if gate.packages.len() == files.len() {
        gate.problems.clear();
    }
    let exit = gate.exit().max(missing);
    if manager == HookFor::Apt {
        // What is refused is not done.
        let allowed = if exit == Exit::Ok { steps } else { Vec::new() };
        apt::keep(root, &with_checksums(allowed, &gate));
    }
    // A log that cannot be written stops nothing by itself: it has been said.
    Ok(match logged {
        Exit::Integrity => exit.max(logged),
        _ => exit,
    })
}

/// The steps with the checksums of the files that were looked at.
fn with_checksums(mut steps: Vec<apt::Step>, gate: &Gate) -> Vec<apt::Step> {
    for step in &mut steps {
        let mut packages = gate.packages.iter();
        let file = packages.find(|package| Some(&package.file) == step.file.as_ref());
        step.sha256 = file.map(|package| package.sha256.clone());
    }
    steps
}

fn arguments(file: Vec<PathBuf>) -> args::Package {
    args::Package {
        file,
        keyring: Vec::new(),
        trust: None,
        advisories: Vec::new(),
        source_uri: None,
        builder_id: None,
        aur: false,
        command: None,
    }
}

/// The package files of names. alpm-hooks(5) gives no more than names: the file is what the first
/// repository that has the name offers, else every file in the cache that is called like it.
fn cached(root: &Path, names: &[String]) -> Vec<PathBuf> {
    let read = |path: &str| crate::store::read_bounded(&root.join(path), MAX_CONFIG);
    let config = read("etc/pacman.conf").unwrap_or_default();
    let databases = databases(root, &config);
    let folders = folders(root, &config);
    let find = |name: &String| -> Vec<PathBuf> {
        let offer = databases.iter().find_map(|database| database.get(name));
        let Some(offer) = offer else {
            return called(&folders, name);
        };
        let file = offer
            .archive_name
            .as_deref()
            .filter(|file| !file.contains('/'));
        let places = folders.iter().filter_map(|folder| Some(folder.join(file?)));
        places.filter(|path| path.is_file()).take(1).collect()
    };
    names.iter().flat_map(find).collect()
}

/// The files that `pacman -U` was given. A hook is a child of the pacman that runs it; where that
/// cannot be looked at, as in another root, files that lie in no cache folder stay unknown.
fn upgraded() -> Vec<PathBuf> {
    let Some(parent) = rustix::process::getppid() else {
        return Vec::new();
    };
    let process = Path::new("/proc").join(parent.as_raw_nonzero().to_string());
    let line = crate::store::read_bounded(&process.join("cmdline"), MAX_CONFIG);
    let folder = std::fs::read_link(process.join("cwd")).unwrap_or_default();
    let files = named_files(&line.unwrap_or_default());
    files.into_iter().map(|file| folder.join(file)).collect()
}

/// The package files among the arguments of `pacman -U`; addresses are fetched to the cache.
fn named_files(line: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(line);
    let mut words = text.split('\0');
    let program = words.next().unwrap_or_default();
    let is_pacman = program.rsplit('/').next() == Some("pacman");
    let words: Vec<&str> = words.collect();
    let is_upgrade = words.iter().any(|word| {
        *word == "--upgrade"
            || (word.starts_with('-') && !word.starts_with("--") && word.contains('U'))
    });
    let is_file =
        |word: &&&str| word.contains(".pkg.tar") && !word.starts_with('-') && !word.contains("://");
    match is_pacman && is_upgrade {
        true => words
            .iter()
            .filter(is_file)
            .map(|word| (*word).to_owned())
            .collect(),
        false => Vec::new(),
    }
}

/// The databases in the order of pacman.conf.
fn databases(root: &Path, config: &[u8]) -> Vec<SyncDatabase> {
    let config = Config::parse(config).unwrap_or_default();
    let place = config.database_path.unwrap_or_default();
    let place = place.trim_matches('/');
    let place = if place.is_empty() {
        "var/lib/pacman"
    } else {
        place
    };
    let folder = root.join(place).join("sync");
    let read = |name: &String| {
        let bytes = crate::store::read_bounded(&folder.join(format!("{name}.db")), MAX_DATABASE);
        SyncDatabase::parse(name, &bytes.ok()?).ok()
    };
    config.repositories.iter().filter_map(read).collect()
}

/// The cache folders of pacman.conf; else pacman's own.
fn folders(root: &Path, config: &[u8]) -> Vec<PathBuf> {
    let text = String::from_utf8_lossy(config);
    let values = text.lines().filter_map(|line| {
        let (key, value) = line.split_once('=')?;
        (key.trim() == "CacheDir").then(|| value.trim().trim_start_matches('/').to_owned())
    });
    let mut folders: Vec<PathBuf> = values.map(|value| root.join(value)).collect();
    if folders.is_empty() {
        folders.push(root.join("var/cache/pacman/pkg"));
    }
    folders
}

/// Files called NAME-VERSION-RELEASE-ARCHITECTURE.pkg.tar….
fn called(folders: &[PathBuf], name: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in folders {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let file = entry.file_name().to_string_lossy().into_owned();
            let is_package = file
                .split_once(".pkg.tar")
                .filter(|(_, ending)| !ending.ends_with(".sig"))
                .is_some_and(|(stem, _)| {
                    stem.rsplitn(4, '-')
                        .nth(3)
                        .is_some_and(|found| found == name)
                });
            if is_package {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_pacman_u_are_found() {
        let line = |words: &[&str]| named_files(words.join("\0").as_bytes());
        let file = "a-1-1-any.pkg.tar.zst";
        assert_eq!(line(&["pacman", "-U", file]), [file]);
        assert_eq!(
            line(&["/usr/bin/pacman", "--noconfirm", "-Udd", "./x", file]),
            [file]
        );
        assert_eq!(
            line(&["pacman", "--upgrade", "--root", "/mnt", file]),
            [file]
        );
        assert!(line(&["pacman", "-S", file]).is_empty());
        assert!(line(&["pacman", "-U", "https://example.org/a-1-1-any.pkg.tar.zst"]).is_empty());
        assert!(line(&["bash", "-U", file]).is_empty());
        assert!(named_files(b"").is_empty());
    }
}
