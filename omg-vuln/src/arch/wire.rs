//! The feed as it is written. A group that nobody wants costs little more than the reading of
//! its bytes: once its packages are known, the rest of it is passed over.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::value::RawValue;

/// A group that somebody wants.
#[derive(Default)]
pub(super) struct Group<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) packages: Vec<Cow<'a, str>>,
    pub(super) status: Option<Cow<'a, str>>,
    pub(super) severity: Option<Cow<'a, str>>,
    pub(super) kind: Option<Cow<'a, str>>,
    pub(super) affected: Option<Cow<'a, str>>,
    pub(super) fixed: Option<Cow<'a, str>>,
    pub(super) issues: Option<&'a RawValue>,
    pub(super) advisories: Option<&'a RawValue>,
}

/// Reads the groups of a feed, and hands each on: itself if one of its packages is wanted, else
/// `None`.
pub(super) fn each_group(
    text: &str,
    wanted: &impl Fn(&str) -> bool,
    take: impl FnMut(Option<&Group<'_>>) -> serde_json::Result<()>,
) -> serde_json::Result<()> {
    let mut reader = serde_json::Deserializer::from_str(text);
    reader.deserialize_seq(Groups { wanted, take })?;
    reader.end()
}

/// Reads one group.
pub(super) fn group<'a>(
    text: &'a str,
    wanted: &impl Fn(&str) -> bool,
) -> serde_json::Result<Option<Group<'a>>> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let group = Seed { wanted }.deserialize(&mut reader)?;
    reader.end()?;
    Ok(group)
}

struct Groups<'w, W, T> {
    wanted: &'w W,
    take: T,
}

impl<'de, W, T> Visitor<'de> for Groups<'_, W, T>
where
    W: Fn(&str) -> bool,
    T: FnMut(Option<&Group<'_>>) -> serde_json::Result<()>,
{
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of groups")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut groups: A) -> Result<(), A::Error> {
        while let Some(group) = groups.next_element_seed(Seed {
            wanted: self.wanted,
        })? {
            (self.take)(group.as_ref()).map_err(A::Error::custom)?;
        }
        Ok(())
    }
}

struct Seed<'w, W> {
    wanted: &'w W,
}

impl<'de, W: Fn(&str) -> bool> DeserializeSeed<'de> for Seed<'_, W> {
    type Value = Option<Group<'de>>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_map(self)
    }
}

impl<'de, W: Fn(&str) -> bool> Visitor<'de> for Seed<'_, W> {
    type Value = Option<Group<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a group")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut group = Group::default();
        let mut seen = Seen::default();
        while let Some(key) = map.next_key()? {
            seen.once(key).map_err(A::Error::duplicate_field)?;
            match key {
                Key::Name => group.name = map.next_value::<Text<'de>>()?.0,
                Key::Packages => {
                    let names: Vec<Text<'de>> = map.next_value()?;
                    if names.is_empty() {
                        return Err(A::Error::custom("it names no package"));
                    }
                    group.packages = names.into_iter().map(|name| name.0).collect();
                    if seen.has(Key::Name) && !self.wants(&group) {
                        return seen.pass_over(map);
                    }
                }
                Key::Status => group.status = text(&mut map)?,
                Key::Severity => group.severity = text(&mut map)?,
                Key::Type => group.kind = text(&mut map)?,
                Key::Affected => group.affected = text(&mut map)?,
                Key::Fixed => group.fixed = text(&mut map)?,
                Key::Issues => group.issues = map.next_value()?,
                Key::Advisories => group.advisories = map.next_value()?,
                Key::Other => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        if let Some(missing) = seen.missing() {
            return Err(A::Error::missing_field(missing));
        }
        Ok(self.wants(&group).then_some(group))
    }
}

impl<W: Fn(&str) -> bool> Seed<'_, W> {
    fn wants(&self, group: &Group<'_>) -> bool {
        group.packages.iter().any(|name| (self.wanted)(name))
    }
}

/// The keys that a group has had. A group without one of those that it is applied by matches less
/// than it should, and of two equal keys no one knows which holds.
#[derive(Default)]
struct Seen(u16);

impl Seen {
    /// The keys that the tracker writes in every group, as far as they are needed here; `affected`,
    /// `fixed` and `issues` may be null.
    const REQUIRED: [(Key, &'static str); 7] = [
        (Key::Name, "name"),
        (Key::Packages, "packages"),
        (Key::Status, "status"),
        (Key::Severity, "severity"),
        (Key::Affected, "affected"),
        (Key::Fixed, "fixed"),
        (Key::Issues, "issues"),
    ];

    fn has(&self, key: Key) -> bool {
        self.0 & key.bit() != 0
    }

    /// Notes a key; the error names one that was there before.
    fn once(&mut self, key: Key) -> Result<(), &'static str> {
        if key != Key::Other && self.has(key) {
            return Err(key.name());
        }
        self.0 |= key.bit();
        Ok(())
    }

    fn missing(&self) -> Option<&'static str> {
        let mut required = Self::REQUIRED.iter();
        required
            .find(|(key, _)| !self.has(*key))
            .map(|(_, name)| *name)
    }

    /// Passes over the rest of a group that nobody wants, unless its packages are named again.
    fn pass_over<'de, A: MapAccess<'de>, T>(mut self, mut map: A) -> Result<Option<T>, A::Error> {
        while let Some(key) = map.next_key()? {
            self.once(key).map_err(A::Error::duplicate_field)?;
            map.next_value::<IgnoredAny>()?;
        }
        Ok(None)
    }
}

impl Key {
    fn bit(self) -> u16 {
        match self {
            Self::Name => 1,
            Self::Packages => 1 << 1,
            Self::Status => 1 << 2,
            Self::Severity => 1 << 3,
            Self::Type => 1 << 4,
            Self::Affected => 1 << 5,
            Self::Fixed => 1 << 6,
            Self::Issues => 1 << 7,
            Self::Advisories => 1 << 8,
            Self::Other => 0,
        }
    }

    fn name(self) -> &'static str {
        let mut required = Seen::REQUIRED.iter();
        let found = required.find(|(key, _)| *key == self);
        match (found, self) {
            (Some((_, name)), _) => name,
            (None, Self::Type) => "type",
            (None, _) => "advisories",
        }
    }
}

#[derive(Clone, Copy, Deserialize, Eq, PartialEq)]
#[serde(field_identifier, rename_all = "snake_case")]
enum Key {
    Name,
    Packages,
    Status,
    Severity,
    Type,
    Affected,
    Fixed,
    Issues,
    Advisories,
    #[serde(other)]
    Other,
}

/// A string, borrowed where it has no escape: serde borrows a `Cow` only where a field asks.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

fn text<'de, A: MapAccess<'de>>(map: &mut A) -> Result<Option<Cow<'de, str>>, A::Error> {
    Ok(map.next_value::<Option<Text<'de>>>()?.map(|text| text.0))
}
