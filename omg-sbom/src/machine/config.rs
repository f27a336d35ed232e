use std::{
    collections::{HashSet, VecDeque},
    io,
    path::{Path, PathBuf},
};

use globset::{GlobBuilder, GlobMatcher};

use super::{
    error::{is_absent, kind_of_parse, unreadable},
    lookup::list,
    rooted::Root,
};
use crate::{
    model::{
        limits,
        problem::{Problem, ProblemKind, shorten},
    },
    read::pacman::config::Config,
};

/// pacman's configuration below a root, with what the included files add.
#[derive(Debug, Default)]
pub(super) struct Configuration {
    pub(super) database_path: Option<String>,
    pub(super) cache_directories: Vec<String>,
    /// Empty if there is no configuration.
    pub(super) repositories: Vec<String>,
    /// What could not be read, so that there may be further repositories.
    pub(super) problems: Vec<Problem>,
    /// How many directives `Include` were followed.
    includes: usize,
}

/// Reads `/etc/pacman.conf` and what it includes, each file once.
pub(super) fn read(root: &Root) -> Configuration {
    let mut found = Configuration::default();
    let mut pending = VecDeque::from([PathBuf::from("/etc/pacman.conf")]);
    let mut seen = HashSet::new();
    while let Some(path) = pending.pop_front() {
        if !seen.insert(path.clone()) {
            continue;
        }
        if seen.len() > limits::MAX_INCLUDES {
            found.exceeds(&path, format!("more than {} files", limits::MAX_INCLUDES));
            break;
        }
        match read_one(root, &path) {
            Ok(Some(config)) => pending.extend(found.take_over(root, &path, config)),
            // pacman passes over what is not there, too.
            Ok(None) => {}
            Err(problem) => found.problems.push(problem),
        }
    }
    found
}

impl Configuration {
    /// Adds one file's settings, and returns the files that it includes.
    fn take_over(&mut self, root: &Root, path: &Path, config: Config) -> Vec<PathBuf> {
        if self.database_path.is_none() {
            self.database_path = config.database_path;
        }
        let room = limits::MAX_INCLUDES.saturating_sub(self.cache_directories.len());
        self.cache_directories
            .extend(config.cache_directories.into_iter().take(room));
        for name in config.repositories {
            if self.repositories.contains(&name) {
                continue;
            }
            if self.repositories.len() >= limits::MAX_SYNC_DATABASES {
                let limit = limits::MAX_SYNC_DATABASES;
                self.exceeds(path, format!("more than {limit} repositories"));
                break;
            }
            self.repositories.push(name);
        }
        let mut included = Vec::new();
        for pattern in config.includes {
            if self.includes >= limits::MAX_INCLUDES {
                self.exceeds(
                    path,
                    format!("more than {} inclusions", limits::MAX_INCLUDES),
                );
                break;
            }
            self.includes += 1;
            match expand(root, Path::new(&pattern)) {
                Ok(paths) => included.extend(paths),
                Err(error) => self.problems.push(unreadable(&pattern, &error)),
            }
        }
        included
    }

    fn exceeds(&mut self, path: &Path, detail: String) {
        let subject = shorten(&path.to_string_lossy());
        self.problems
            .push(Problem::new(subject, ProblemKind::LimitExceeded, detail));
    }
}

fn read_one(root: &Root, path: &Path) -> Result<Option<Config>, Problem> {
    let subject = path.to_string_lossy();
    match root.read(path, limits::MAX_CONFIG_BYTES) {
        Ok(content) => Config::parse(&content).map(Some).map_err(|error| {
            let kind = kind_of_parse(&error);
            Problem::new(shorten(&subject), kind, error.to_string())
        }),
        Err(error) if is_absent(&error) => Ok(None),
        Err(error) => Err(unreadable(&subject, &error)),
    }
}

/// The files that a pattern of glob(7) means, if its wildcards are in the last part.
fn expand(root: &Root, pattern: &Path) -> io::Result<Vec<PathBuf>> {
    let has_wildcard = |path: &Path| path.to_string_lossy().contains(['*', '?', '[']);
    if !has_wildcard(pattern) {
        return Ok(vec![pattern.to_owned()]);
    }
    let (Some(directory), Some(last)) = (pattern.parent(), pattern.file_name()) else {
        return Ok(Vec::new());
    };
    let last = last.to_string_lossy();
    let not_understood = || io::Error::other("a pattern that is not understood");
    if has_wildcard(directory) {
        return Err(not_understood());
    }
    let matcher = matcher(&last).map_err(|_| not_understood())?;
    let names = match list(root, directory) {
        Err(error) if is_absent(&error) => Vec::new(),
        listed => listed?,
    };
    let matching = names
        .into_iter()
        .filter(|name| is_meant(&last, &matcher, &name.to_string_lossy()));
    Ok(matching.map(|name| directory.join(name)).collect())
}

/// A pattern of glob(7): a brace stands for itself there, and two stars mean the same as one.
fn matcher(pattern: &str) -> Result<GlobMatcher, globset::Error> {
    let mut text = String::with_capacity(pattern.len());
    let (mut is_escaped, mut was_star) = (false, false);
    for c in pattern.chars() {
        let is_star = c == '*' && !is_escaped;
        if is_star && was_star {
            continue;
        }
        if matches!(c, '{' | '}') && !is_escaped {
            text.push('\\');
        }
        is_escaped = c == '\\' && !is_escaped;
        was_star = is_star;
        text.push(c);
    }
    let mut glob = GlobBuilder::new(&text);
    let glob = glob
        .literal_separator(true)
        .backslash_escape(true)
        .build()?;
    Ok(glob.compile_matcher())
}

/// Whether a pattern means `name`. Only a dot matches the dot of a hidden file (glob(7)).
fn is_meant(pattern: &str, matcher: &GlobMatcher, name: &str) -> bool {
    (pattern.starts_with('.') || !name.starts_with('.')) && matcher.is_match(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards() {
        for (pattern, name, expected) in [
            ("*.conf", "a.conf", true),
            ("*.conf", ".conf", false),
            (".*", ".conf", true),
            ("*", "", true),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXbYbZ", false),
            ("ab*bc", "abc", false),
            ("abc", "abcd", false),
            ("abcd", "abc", false),
            ("a**", "a", true),
            ("a**b", "aXb", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("[ab]x", "bx", true),
            ("[!ab]x", "bx", false),
            ("[a-c]*", "c.conf", true),
            ("?conf", ".conf", false),
            ("[.]conf", ".conf", false),
            ("a*", "a/b", false),
            ("a?b", "a/b", false),
            ("**", "a/b", false),
            ("{a,b}*", "{a,b}x", true),
            ("{a,b}*", "ax", false),
            ("\\{a*", "{ax", true),
            ("\\**", "*x", true),
            ("\\**", "ax", false),
        ] {
            let is_meant = is_meant(pattern, &matcher(pattern).unwrap(), name);
            assert_eq!(is_meant, expected, "{pattern} {name}");
        }
        for broken in ["[a", "[", "[z-a]", "a\\"] {
            assert!(matcher(broken).is_err(), "{broken}");
        }
    }
}
