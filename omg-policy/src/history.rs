//! Who maintained a recipe of the AUR, as far as this machine saw *(feature `history`)*.
//!
//! An account that takes a recipe over is how an attack begins. The AUR's interface has no
//! history; [`MaintainerHistory`] keeps one, in which the first sight of a recipe is the earliest
//! that is known. Reading and writing the bytes is up to the caller.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::facts::MaintainerChanged;

/// The largest history, some hundred thousand recipes: 32 MiB.
pub const MAX_HISTORY_BYTES: usize = 32 << 20;

/// The accounts that maintain a recipe at one time.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Maintainers {
    /// The maintainer; absent for an orphan.
    pub maintainer: Option<String>,
    /// Further accounts that may push.
    pub co_maintainers: Vec<String>,
}

/// A look at a recipe, compared with the looks before.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Observation {
    /// Nothing can be said: the clock is behind the last look.
    Unknown,
    /// The first look.
    First,
    /// As before.
    Unchanged {
        /// The first look, or the last change.
        since: DateTime<Utc>,
    },
    /// Another maintainer, or one more account.
    Changed {
        /// When the change was seen.
        at: DateTime<Utc>,
        /// The maintainer before, if there was one.
        from: Option<String>,
    },
}

impl Observation {
    /// The observation as evidence: a first look does not say since when an account maintains
    /// the recipe, and an unchanged one may have changed just before the first look.
    pub fn maintainer_changed(&self) -> MaintainerChanged {
        match self {
            Self::Unknown | Self::First => MaintainerChanged::Unknown,
            Self::Unchanged { since } => MaintainerChanged::At(*since),
            Self::Changed { at, .. } => MaintainerChanged::At(*at),
        }
    }
}

/// Why bytes are no history.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// The bytes are over [`MAX_HISTORY_BYTES`].
    #[error("over {MAX_HISTORY_BYTES} bytes")]
    TooLarge,
    /// The bytes are not the JSON of a history.
    #[error(transparent)]
    Json(HistoryJsonError),
    /// The history has a form of another version.
    #[error("unknown schema {0}")]
    UnknownSchema(u32),
}

/// A JSON reader's own error, kept opaque so that its major releases are not ours.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct HistoryJsonError(serde_json::Error);

/// The accounts that maintained recipes, by package base.
///
/// # Examples
///
/// ```
/// use omg_policy::{MaintainerHistory, Maintainers, Observation};
///
/// let (monday, friday) = ("2026-11-23T09:00:00Z".parse()?, "2026-11-27T09:00:00Z".parse()?);
/// let by = |name: &str| Maintainers {
///     maintainer: Some(name.to_owned()),
///     ..Maintainers::default()
/// };
/// let mut history = MaintainerHistory::default();
/// assert_eq!(history.observe("yay", &by("alice"), monday), Observation::First);
///
/// let mut history = MaintainerHistory::parse(&history.to_bytes())?;
/// let changed = Observation::Changed { at: friday, from: Some("alice".to_owned()) };
/// assert_eq!(history.observe("yay", &by("mallory"), friday), changed);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct MaintainerHistory {
    schema: u32,
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

impl Default for MaintainerHistory {
    fn default() -> Self {
        Self {
            schema: 1,
            recipes: BTreeMap::new(),
        }
    }
}

impl MaintainerHistory {
    /// Reads what [`to_bytes`](Self::to_bytes) gave.
    ///
    /// # Errors
    ///
    /// If the bytes are too many, no history, or one of another version. Such a history must not
    /// be replaced by an empty one: what it knew would be lost.
    pub fn parse(bytes: &[u8]) -> Result<Self, HistoryError> {
        if bytes.len() > MAX_HISTORY_BYTES {
            return Err(HistoryError::TooLarge);
        }
        let history: Self = serde_json::from_slice(bytes)
            .map_err(|error| HistoryError::Json(HistoryJsonError(error)))?;
        match history.schema {
            1 => Ok(history),
            other => Err(HistoryError::UnknownSchema(other)),
        }
    }

    /// The history as JSON, the same bytes for the same history.
    pub fn to_bytes(&self) -> Vec<u8> {
        // A map of texts and times always has a JSON form.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Compares the maintainers of a package base with those of the looks before, and keeps them.
    /// An account that leaves is no change; one that comes is.
    pub fn observe(
        &mut self,
        base: &str,
        maintainers: &Maintainers,
        now: DateTime<Utc>,
    ) -> Observation {
        let fresh = Recipe {
            maintainer: maintainers.maintainer.clone(),
            co_maintainers: maintainers.co_maintainers.clone(),
            first_seen: now,
            last_seen: now,
            changed: None,
        };
        let Some(before) = self.recipes.get_mut(base) else {
            self.recipes.insert(base.to_owned(), fresh);
            return Observation::First;
        };
        // A clock that was set back makes nothing older.
        if now < before.last_seen {
            return Observation::Unknown;
        }
        let is_new = |name: &String| {
            !before.co_maintainers.contains(name) && before.maintainer.as_ref() != Some(name)
        };
        let changed =
            before.maintainer != fresh.maintainer || fresh.co_maintainers.iter().any(is_new);
        if changed {
            let from = before.maintainer.take();
            before.changed = Some(Change { at: now, from });
        }
        before.maintainer = fresh.maintainer;
        before.co_maintainers = fresh.co_maintainers;
        before.last_seen = now;
        match &before.changed {
            Some(Change { at, from }) if changed => Observation::Changed {
                at: *at,
                from: from.clone(),
            },
            Some(Change { at, .. }) => Observation::Unchanged { since: *at },
            None if before.first_seen == now => Observation::First,
            None => Observation::Unchanged {
                since: before.first_seen,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // A test may fail anywhere.
    use super::*;

    fn by(maintainer: Option<&str>, co_maintainers: &[&str]) -> Maintainers {
        Maintainers {
            maintainer: maintainer.map(str::to_owned),
            co_maintainers: co_maintainers
                .iter()
                .map(|name| (*name).to_owned())
                .collect(),
        }
    }

    fn day(number: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(number * 86_400, 0).unwrap()
    }

    #[test]
    fn who_comes_is_noticed_and_who_goes_is_not() {
        let mut kept = MaintainerHistory::default().to_bytes();
        let mut see = |maintainers: &Maintainers, on: i64| {
            let mut history = MaintainerHistory::parse(&kept).unwrap();
            let seen = history.observe("foo", maintainers, day(on));
            kept = history.to_bytes();
            seen
        };
        let alice = by(Some("alice"), &["bob", "carol"]);
        assert_eq!(see(&alice, 10), Observation::First);
        assert_eq!(see(&alice, 10), Observation::First);
        assert_eq!(see(&alice, 20), Observation::Unchanged { since: day(10) });
        // Somebody left.
        let left = by(Some("alice"), &["bob"]);
        assert_eq!(see(&left, 21), Observation::Unchanged { since: day(10) });
        // And came back, or is new: that makes no difference.
        let changed = |at, from: Option<&str>| Observation::Changed {
            at: day(at),
            from: from.map(str::to_owned),
        };
        assert_eq!(see(&alice, 22), changed(22, Some("alice")));
        assert_eq!(see(&alice, 30), Observation::Unchanged { since: day(22) });
        assert_eq!(see(&by(None, &[]), 31), changed(31, Some("alice")));
        assert_eq!(see(&by(Some("mallory"), &[]), 32), changed(32, None));
        assert_eq!(
            see(&by(Some("mallory"), &[]), 33),
            Observation::Unchanged { since: day(32) }
        );
        // The clock was set back.
        assert_eq!(see(&by(Some("mallory"), &[]), 5), Observation::Unknown);
        assert_eq!(
            see(&by(Some("mallory"), &[]), 34),
            Observation::Unchanged { since: day(32) }
        );
    }

    #[test]
    fn other_bytes_are_refused() {
        for text in [
            "",
            "{}",
            r#"{"schema":2,"recipes":{}}"#,
            r#"{"schema":1,"recipes":[]}"#,
            r#"{"schema":1,"recipes":{},"more":1}"#,
        ] {
            assert!(MaintainerHistory::parse(text.as_bytes()).is_err(), "{text}");
        }
        let large = vec![b' '; MAX_HISTORY_BYTES + 1];
        let refused = MaintainerHistory::parse(&large);
        assert!(matches!(refused, Err(HistoryError::TooLarge)));
    }
}
