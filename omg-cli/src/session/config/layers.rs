//! One file of the configuration, key by key.

use std::path::{Path, PathBuf};

use toml::Value;
use toml::de::{DeTable, DeValue};

use super::settings::{Config, Setting};
use crate::session::failure::Failure;
use crate::session::files::read_bounded;

/// The largest configuration file that is read: 1 MiB.
const MAX_BYTES: u64 = 1 << 20;

/// A file's settings: key, value and line.
#[derive(Debug)]
pub struct Layer {
    pub path: PathBuf,
    pub settings: Vec<(String, Value, usize)>,
}

impl Layer {
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let bytes = read_bounded(path, MAX_BYTES).map_err(|error| {
            Failure::config(format!("cannot read the configuration {}", path.display()))
                .because(&error)
        })?;
        let text = String::from_utf8(bytes).map_err(|error| invalid(path).because(&error))?;
        Self::parse(path, &text)
    }

    /// Every file is whole and right by itself.
    pub fn parse(path: &Path, text: &str) -> Result<Self, Failure> {
        let refused = |error: &toml::de::Error| {
            let failure = invalid(path).because(error);
            match suggestion(error.message()) {
                Some(near) => failure.try_this(format!("write {near} instead")),
                None => failure,
            }
        };
        toml::from_str::<Config>(text).map_err(|error| refused(&error))?;
        let table = DeTable::parse(text).map_err(|error| refused(&error))?;
        let mut settings = Vec::new();
        for (section, entries) in table.get_ref() {
            let DeValue::Table(entries) = entries.get_ref() else {
                continue;
            };
            for (key, value) in entries {
                let name = format!("{}.{}", section.get_ref(), quoted(key.get_ref()));
                let value = plain(value.get_ref());
                let line = text.get(..key.span().start).unwrap_or_default();
                settings.push((name, value, line.matches('\n').count() + 1));
            }
        }
        Ok(Self {
            path: path.to_owned(),
            settings,
        })
    }
}

/// The configuration of all settings. Each was found right in its own file, but not those of the
/// environment.
pub fn assemble(settings: &[Setting]) -> Result<Config, Failure> {
    let mut table = toml::Table::new();
    for Setting { key, value, .. } in settings {
        let Some((section, name)) = key.split_once('.') else {
            continue;
        };
        let name = name.trim_matches('"').to_owned();
        let section = table
            .entry(section)
            .or_insert_with(|| toml::Table::new().into());
        if let Value::Table(section) = section {
            section.insert(name, value.clone());
        }
    }
    Value::Table(table)
        .try_into()
        .map_err(|error: toml::de::Error| {
            Failure::config("the configuration is invalid").because(&error)
        })
}

/// The only kinds of values that keys of the configuration have.
fn plain(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::Array(items) => {
            Value::Array(items.iter().map(|item| plain(item.get_ref())).collect())
        }
        DeValue::String(text) => Value::from(text.as_ref()),
        DeValue::Integer(number) => {
            let parsed = i64::from_str_radix(number.as_str(), number.radix());
            parsed.map_or_else(|_| Value::from(number.as_str()), Value::from)
        }
        DeValue::Boolean(truth) => Value::from(*truth),
        other => Value::from(format!("{other:?}")),
    }
}

fn quoted(key: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if key.chars().all(bare) {
        key.to_owned()
    } else {
        format!("\"{key}\"")
    }
}

fn invalid(path: &Path) -> Failure {
    Failure::config(format!("the configuration {} is invalid", path.display()))
}

/// Of a message such as "unknown field `a`, expected one of `b`, `c`", the name that is meant.
fn suggestion(message: &str) -> Option<String> {
    let rest = message.strip_prefix("unknown field ")?;
    let mut names = rest.split('`').skip(1).step_by(2);
    let wrong = names.next()?;
    let near = names.map(|name| (strsim::jaro_winkler(wrong, name), name));
    let (likeness, name) = near.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (likeness > 0.7).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_answered_with_what_was_meant() {
        let message = "unknown field `fail_onn`, expected one of `fail_on`, `ignore`";
        assert_eq!(suggestion(message).as_deref(), Some("fail_on"));
        let message = "unknown field `colour`, expected one of `fail_on`, `ignore`";
        assert_eq!(suggestion(message), None);
        assert_eq!(suggestion("invalid type"), None);
    }

    #[test]
    fn what_is_no_setting_is_refused() {
        for text in [
            "scan = 1",
            "[scan]\nfail = 1",
            "x = 1",
            "[scan]\nmax_age = -1",
            "[scan",
        ] {
            assert!(Layer::parse(Path::new("/x"), text).is_err(), "{text}");
        }
    }
}
