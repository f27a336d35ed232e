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
        let mut named = false;
        while let Some(key) = map.next_key()? {
            match key {
                Key::Name => {
                    group.name = map.next_value::<Text<'de>>()?.0;
                    named = true;
                }
                Key::Packages => {
                    let names: Option<Vec<Text<'de>>> = map.next_value()?;
                    group.packages = names
                        .unwrap_or_default()
                        .into_iter()
                        .map(|name| name.0)
                        .collect();
                    if named && !self.wants(&group) {
                        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                        return Ok(None);
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
        if !named {
            return Err(A::Error::missing_field("name"));
        }
        Ok(self.wants(&group).then_some(group))
    }
}

impl<W: Fn(&str) -> bool> Seed<'_, W> {
    fn wants(&self, group: &Group<'_>) -> bool {
        group.packages.iter().any(|name| (self.wanted)(name))
    }
}

#[derive(Deserialize)]
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
