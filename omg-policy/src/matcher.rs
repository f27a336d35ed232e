//! Which packages a rule is about.

use std::cmp::Ordering;

use crate::facts::Facts;

/// How two versions of one packaging system compare.
pub type Order<'a> = &'a dyn Fn(&str, &str) -> Ordering;

/// A name, or a pattern in which `*` stands for any characters. It is anchored: it has to match
/// the whole name. Matching takes time in proportion to the name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Glob {
    text: String,
    /// What stands between the stars; one part means no star.
    parts: Vec<String>,
}

impl Glob {
    /// Reads a pattern. The error says what cannot be in it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("a name is empty".to_owned());
        }
        if text.len() > 255 {
            return Err("a name is over 255 bytes".to_owned());
        }
        // What no packaging system has in a name: a version or a regular expression would never
        // match anything, and a rule that never matches is a hole.
        let odd =
            |c: char| c.is_whitespace() || c.is_control() || "<>=,;|?[]{}()^$\\\"'".contains(c);
        if let Some(c) = text.chars().find(|c| odd(*c)) {
            return Err(format!(
                "{text:?} is no package name or pattern with *: it has {c:?} in it"
            ));
        }
        let parts = text.split('*').map(str::to_owned).collect();
        let text = text.to_owned();
        Ok(Self { text, parts })
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// A name that this matches.
    pub(crate) fn example(&self) -> String {
        self.parts.join("x")
    }

    pub(crate) fn matches(&self, name: &str) -> bool {
        let [first, middle @ .., last] = &*self.parts else {
            return self.text == name;
        };
        let Some(rest) = name.strip_prefix(&**first) else {
            return false;
        };
        let Some(mut rest) = rest.strip_suffix(&**last) else {
            return false;
        };
        // The leftmost place is always as good as any other.
        middle.iter().all(|part| match rest.find(&**part) {
            Some(at) => {
                rest = &rest[at + part.len()..];
                true
            }
            None => false,
        })
    }
}

/// By what of a package a matcher finds it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum By {
    /// Its name, what it was built from, or what it provides.
    Any,
    Name,
    Pkgbase,
    Provides,
}

/// A package, or several.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Matcher {
    pub(crate) by: By,
    pub(crate) glob: Glob,
    pub(crate) versions: Option<Versions>,
}

/// Whether a package is what a rule is about.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Matched {
    No,
    /// What decides it is unknown.
    Unknown,
    Yes,
}

impl Matcher {
    pub(crate) fn matches(&self, facts: &Facts, order: Order<'_>) -> Matched {
        let name = || one(&self.glob, facts.name.as_deref());
        let pkgbase = || one(&self.glob, facts.pkgbase.as_deref());
        let package = match self.by {
            By::Name => name(),
            By::Pkgbase => pkgbase(),
            By::Provides => self.provided(facts),
            By::Any => name().max(pkgbase()).max(self.provided(facts)),
        };
        if package == Matched::No {
            return Matched::No;
        }
        package.min(self.version(facts, order))
    }

    fn provided(&self, facts: &Facts) -> Matched {
        match &facts.provides {
            None => Matched::Unknown,
            Some(list) => {
                let name = |entry: &str| {
                    let end = entry
                        .bytes()
                        .position(|byte| matches!(byte, b'=' | b'<' | b'>'));
                    self.glob.matches(&entry[..end.unwrap_or(entry.len())])
                };
                // Most entries begin otherwise, and need no closer look.
                let first = self.glob.parts.first().map_or("", String::as_str);
                let name = |entry: &str| entry.starts_with(first) && name(entry);
                if list.iter().any(|entry| name(entry)) {
                    Matched::Yes
                } else {
                    Matched::No
                }
            }
        }
    }

    fn version(&self, facts: &Facts, order: Order<'_>) -> Matched {
        match (&self.versions, &facts.version) {
            (None, _) => Matched::Yes,
            (Some(_), None) => Matched::Unknown,
            (Some(range), Some(version)) if range.contains(version, order) => Matched::Yes,
            (Some(_), Some(_)) => Matched::No,
        }
    }
}

impl std::fmt::Display for Matcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.by {
            By::Any | By::Name => {}
            By::Pkgbase => f.write_str("packages built from ")?,
            By::Provides => f.write_str("packages that provide ")?,
        }
        f.write_str(self.glob.as_str())?;
        match &self.versions {
            Some(versions) => write!(f, " {}", versions.text),
            None => Ok(()),
        }
    }
}

fn one(glob: &Glob, name: Option<&str>) -> Matched {
    match name {
        None => Matched::Unknown,
        Some(name) if glob.matches(name) => Matched::Yes,
        Some(_) => Matched::No,
    }
}

/// Versions, as conditions that all have to hold.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Versions {
    text: String,
    all: Vec<(Compare, String)>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Compare {
    Less,
    LessEqual,
    Equal,
    GreaterEqual,
    Greater,
}

impl Versions {
    /// Reads `>=5.6.0, <5.6.1-2`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let all: Vec<(Compare, String)> = text
            .split(',')
            .map(|part| condition(part.trim()))
            .collect::<Result<_, _>>()?;
        if all.len() > 16 {
            return Err("over 16 conditions".to_owned());
        }
        let shown: Vec<String> = all
            .iter()
            .map(|(compare, version)| format!("{}{version}", compare.as_str()))
            .collect();
        Ok(Self {
            text: shown.join(", "),
            all,
        })
    }

    /// The versions that are named.
    pub(crate) fn bounds(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(|(_, version)| version.as_str())
    }

    pub(crate) fn contains(&self, version: &str, order: Order<'_>) -> bool {
        self.all.iter().all(|(compare, bound)| {
            let ordering = order(version, bound);
            match compare {
                Compare::Less => ordering.is_lt(),
                Compare::LessEqual => ordering.is_le(),
                Compare::Equal => ordering.is_eq(),
                Compare::GreaterEqual => ordering.is_ge(),
                Compare::Greater => ordering.is_gt(),
            }
        })
    }
}

impl Compare {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Equal => "=",
            Self::GreaterEqual => ">=",
            Self::Greater => ">",
        }
    }
}

fn condition(part: &str) -> Result<(Compare, String), String> {
    let by = [
        (">=", Compare::GreaterEqual),
        ("<=", Compare::LessEqual),
        (">", Compare::Greater),
        ("<", Compare::Less),
        ("=", Compare::Equal),
    ];
    let found = by
        .iter()
        .find_map(|(sign, compare)| Some((*compare, part.strip_prefix(sign)?.trim())));
    let Some((compare, version)) = found else {
        return Err(format!(
            "{part:?} is no condition, write for example \">=5.6.0, <5.6.1-2\""
        ));
    };
    let fits = |c: char| c.is_ascii_alphanumeric() || ".:+-_~^@".contains(c);
    if version.is_empty() || version.len() > 255 || !version.chars().all(fits) {
        return Err(format!("{version:?} is no version"));
    }
    Ok((compare, version.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glob(pattern: &str, name: &str) -> bool {
        Glob::parse(pattern).unwrap().matches(name)
    }

    #[test]
    fn patterns_match_the_whole_name() {
        assert!(glob("xz", "xz") && !glob("xz", "xz-git") && !glob("xz", "lxz"));
        assert!(glob("xz*", "xz-git") && glob("xz*", "xz") && !glob("xz*", "lxz"));
        assert!(glob("*-git", "xz-git") && !glob("*-git", "-gi"));
        assert!(glob("a*b*c", "aXbYc") && glob("a*b*c", "abc") && !glob("a*b*c", "acb"));
        assert!(glob("a*bc*bd", "abcbd") && glob("a*bc*bd", "abcbcbd") && !glob("aa*aa", "aaa"));
        assert!(glob("*", "anything"));
    }

    #[test]
    fn what_cannot_match_is_refused() {
        for text in [
            "",
            "xz>=5",
            "xz 5",
            "x?",
            "[ab]",
            "^xz$",
            "x|y",
            &"x".repeat(256),
        ] {
            assert!(Glob::parse(text).is_err(), "{text}");
        }
        for text in ["", "5.6", ">=", ">=5,", ">= 5 6", "~5", ">=5;<6"] {
            assert!(Versions::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn matching_takes_no_longer_for_a_hostile_pattern() {
        let pattern = "a*".repeat(120) + "b";
        assert!(!glob(&pattern, &"a".repeat(100_000)));
    }
}
