//! What this machine saw of recipes before: one file in the state directory.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Read as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::rpc::Info;
use crate::output::write_atomically;

/// The largest file, some hundred thousand recipes.
const MAX_BYTES: u64 = 32 << 20;

/// How a recipe was seen.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Seen {
    /// Nothing can be said.
    Unknown,
    /// For the first time.
    First,
    /// As before, and the first time or the last change was then.
    Unchanged { since: DateTime<Utc> },
    /// By another maintainer, or with one more account, first seen so at that time.
    Changed {
        at: DateTime<Utc>,
        from: Option<String>,
    },
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Memory {
    schema: u32,
    /// By package base.
    recipes: BTreeMap<String, Recipe>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Recipe {
    maintainer: Option<String>,
    co_maintainers: Vec<String>,
    first_seen: DateTime<Utc>,
    last_seen: DateTime<Utc>,
    /// When it was first seen with who maintains it now, if somebody else did before.
    changed: Option<Change>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Change {
    at: DateTime<Utc>,
    from: Option<String>,
}

impl Memory {
    /// Reads the file; none is an empty one. The error is for people.
    pub fn read(path: &Path) -> Result<Self, String> {
        let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
        let opened = OpenOptions::new()
            .read(true)
            .custom_flags(flags.bits().cast_signed())
            .open(path);
        let file = match opened {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Ok(Self {
                    schema: 1,
                    recipes: BTreeMap::new(),
                });
            }
            Err(error) => return Err(error.to_string()),
        };
        let metadata = file.metadata().map_err(|error| error.to_string())?;
        let ours = metadata.uid() == rustix::process::geteuid().as_raw() || metadata.uid() == 0;
        if !metadata.is_file() || !ours || metadata.mode() & 0o022 != 0 {
            return Err("it is no file that only its owner can write".to_owned());
        }
        let mut bytes = Vec::new();
        let read = file.take(MAX_BYTES + 1).read_to_end(&mut bytes);
        read.map_err(|error| error.to_string())?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(format!("over {MAX_BYTES} bytes"));
        }
        let memory: Self = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
        match memory.schema {
            1 => Ok(memory),
            other => Err(format!("unknown schema {other}")),
        }
    }

    pub fn write(&self, path: &Path) -> std::io::Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(folder)?;
        }
        let bytes = serde_json::to_vec(self).map_err(std::io::Error::other)?;
        write_atomically(path, &bytes)
    }

    /// Compares with what was seen before, and keeps what is seen now.
    pub fn see(&mut self, info: &Info, now: DateTime<Utc>) -> Seen {
        let fresh = Recipe {
            maintainer: info.maintainer.clone(),
            co_maintainers: info.co_maintainers.clone(),
            first_seen: now,
            last_seen: now,
            changed: None,
        };
        let Some(before) = self.recipes.get_mut(&info.base) else {
            self.recipes.insert(info.base.clone(), fresh);
            return Seen::First;
        };
        // A clock that was set back makes nothing older.
        if now < before.last_seen {
            return Seen::Unknown;
        }
        let is_new = |name: &String| {
            !before.co_maintainers.contains(name) && before.maintainer.as_ref() != Some(name)
        };
        let changed =
            before.maintainer != info.maintainer || info.co_maintainers.iter().any(is_new);
        if changed {
            let from = before.maintainer.take();
            before.changed = Some(Change { at: now, from });
        }
        before.maintainer = fresh.maintainer;
        before.co_maintainers = fresh.co_maintainers;
        before.last_seen = now;
        match &before.changed {
            Some(Change { at, from }) if changed => Seen::Changed {
                at: *at,
                from: from.clone(),
            },
            Some(Change { at, .. }) => Seen::Unchanged { since: *at },
            None if before.first_seen == now => Seen::First,
            None => Seen::Unchanged {
                since: before.first_seen,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(maintainer: Option<&str>, co_maintainers: &[&str]) -> Info {
        let time = DateTime::from_timestamp(0, 0).unwrap();
        Info {
            name: "foo".into(),
            base: "foo".into(),
            maintainer: maintainer.map(str::to_owned),
            co_maintainers: co_maintainers
                .iter()
                .map(|name| (*name).to_owned())
                .collect(),
            first_submitted: time,
            last_modified: time,
            out_of_date: None,
        }
    }

    fn day(number: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(number * 86_400, 0).unwrap()
    }

    #[test]
    fn who_comes_is_noticed_and_who_goes_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("omg/aur.json");
        let see = |info: &Info, on: i64| {
            let mut memory = Memory::read(&path).unwrap();
            let seen = memory.see(info, day(on));
            memory.write(&path).unwrap();
            seen
        };
        let alice = info(Some("alice"), &["bob", "carol"]);
        assert_eq!(see(&alice, 10), Seen::First);
        assert_eq!(see(&alice, 10), Seen::First);
        assert_eq!(see(&alice, 20), Seen::Unchanged { since: day(10) });
        // Somebody left.
        let left = info(Some("alice"), &["bob"]);
        assert_eq!(see(&left, 21), Seen::Unchanged { since: day(10) });
        // And came back, or is new: that makes no difference.
        let changed = |at, from: Option<&str>| Seen::Changed {
            at: day(at),
            from: from.map(str::to_owned),
        };
        assert_eq!(see(&alice, 22), changed(22, Some("alice")));
        assert_eq!(see(&alice, 30), Seen::Unchanged { since: day(22) });
        assert_eq!(see(&info(None, &[]), 31), changed(31, Some("alice")));
        assert_eq!(see(&info(Some("mallory"), &[]), 32), changed(32, None));
        assert_eq!(
            see(&info(Some("mallory"), &[]), 33),
            Seen::Unchanged { since: day(32) }
        );
        // The clock was set back.
        assert_eq!(see(&info(Some("mallory"), &[]), 5), Seen::Unknown);
        assert_eq!(
            see(&info(Some("mallory"), &[]), 34),
            Seen::Unchanged { since: day(32) }
        );
    }

    #[test]
    fn a_file_that_others_can_write_is_not_believed() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("aur.json");
        Memory::read(&path).unwrap().write(&path).unwrap();
        assert!(Memory::read(&path).is_ok());
        let open = std::fs::Permissions::from_mode(0o666);
        std::fs::set_permissions(&path, open).unwrap();
        assert!(Memory::read(&path).is_err());
        let link = folder.path().join("link.json");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert!(Memory::read(&link).is_err());
        for text in [
            "",
            "{}",
            r#"{"schema":2,"recipes":{}}"#,
            r#"{"schema":1,"recipes":[]}"#,
        ] {
            let path = folder.path().join("odd.json");
            std::fs::write(&path, text).unwrap();
            assert!(Memory::read(&path).is_err(), "{text}");
        }
    }
}
