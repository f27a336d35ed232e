//! The package files of a transaction of pacman, as far as pacman tells a hook.

use std::path::{Path, PathBuf};

use omg_sbom::inventory::pacman::{Config, SyncDatabase};

use crate::session::files::read_bounded;

/// The largest database of a repository.
const MAX_DATABASE: u64 = 256 << 20;
/// The largest pacman.conf.
const MAX_CONFIG: u64 = 1 << 20;

/// The package files of names. alpm-hooks(5) gives no more than names: the file is what the first
/// repository that has the name offers, else every file in the cache that is called like it.
pub fn cached(root: &Path, names: &[String]) -> Vec<PathBuf> {
    let read = |path: &str| read_bounded(&root.join(path), MAX_CONFIG);
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
pub fn upgraded() -> Vec<PathBuf> {
    let Some(parent) = rustix::process::getppid() else {
        return Vec::new();
    };
    let process = Path::new("/proc").join(parent.as_raw_nonzero().to_string());
    let line = read_bounded(&process.join("cmdline"), MAX_CONFIG);
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
        let bytes = read_bounded(&folder.join(format!("{name}.db")), MAX_DATABASE);
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
