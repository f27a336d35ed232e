use std::collections::HashSet;

use crate::model::{error::ParseError, limits};

/// What of `pacman.conf` an inventory needs: where the databases lie and which repositories
/// there are.
///
/// Format: pacman.conf(5).
///
/// # Examples
///
/// ```
/// use omg_sbom::inventory::pacman::Config;
///
/// let config = Config::parse(b"[options]\nDBPath = /srv/db/\n[core]\nInclude = /etc/mirrors\n")?;
/// assert_eq!(config.database_path.as_deref(), Some("/srv/db/"));
/// assert_eq!(config.repositories, ["core"]);
/// # Ok::<(), omg_sbom::ParseError>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Config {
    /// `DBPath`; pacman's default is `/var/lib/pacman/`.
    pub database_path: Option<String>,
    /// `CacheDir`, which can be given several times; pacman's default is `/var/cache/pacman/pkg/`.
    pub cache_directories: Vec<String>,
    /// The sections other than `[options]`, in their order, which is their precedence.
    pub repositories: Vec<String>,
    /// The values of `Include`, in their order: paths of files, in which the last part may have
    /// the wildcards of glob(7). Such a file may define further repositories; it is for the
    /// caller to read it.
    pub includes: Vec<String>,
}

impl Config {
    /// Reads `pacman.conf`. Lines that mean nothing to an inventory are passed over.
    ///
    /// # Errors
    ///
    /// [`ParseError::TooLarge`] above [`limits::MAX_CONFIG_BYTES`].
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        ParseError::check_size("pacman.conf", bytes, limits::MAX_CONFIG_BYTES)?;
        let mut config = Self::default();
        let mut known = HashSet::new();
        let mut section = "";
        let text = String::from_utf8_lossy(bytes);
        for line in text.lines().map(str::trim) {
            if let Some(name) = line
                .strip_prefix('[')
                .and_then(|rest| rest.strip_suffix(']'))
            {
                section = name;
                if name != "options" && known.insert(name) {
                    config.repositories.push(name.to_owned());
                }
            } else if let Some((key, value)) = line.split_once('=') {
                config.set(section, key.trim_end(), value.trim_start());
            }
        }
        Ok(config)
    }

    fn set(&mut self, section: &str, key: &str, value: &str) {
        match key {
            "Include" => self.includes.push(value.to_owned()),
            "DBPath" if section == "options" => self.database_path = Some(value.to_owned()),
            "CacheDir" if section == "options" => {
                let folders = value.split_ascii_whitespace().map(str::to_owned);
                self.cache_directories.extend(folders);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_and_options() {
        let text = b"# [not]\n[options]\nDBPath=/a/\nCacheDir = /c /d\nCacheDir=/e\n[core]\nDBPath = /b/\nCacheDir = /f\nServer = x\n\
            [ extra\n[core]\n[extra]\r\nInclude = /etc/x\n#Include = /etc/y\n";
        let config = Config::parse(text).unwrap();
        assert_eq!(config.repositories, ["core", "extra"]);
        assert_eq!(config.database_path.as_deref(), Some("/a/"));
        assert_eq!(config.includes, ["/etc/x"]);
        assert_eq!(config.cache_directories, ["/c", "/d", "/e"]);
    }

    #[test]
    fn size_is_limited() {
        assert!(Config::parse(&vec![b'\n'; limits::MAX_CONFIG_BYTES]).is_ok());
        assert!(Config::parse(&vec![b'\n'; limits::MAX_CONFIG_BYTES + 1]).is_err());
    }
}
