//! Licences as evidence, and lists of licences as rules.

use serde::{Deserialize, Serialize};

/// The longest licence expression that is read, in bytes.
pub const MAX_LICENCE_BYTES: usize = 64 << 10;

/// What is known about a package's licences.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Licences {
    /// Not known.
    #[default]
    Unknown,
    /// All of these hold at once. An empty list is a package that says nothing, and counts as
    /// unknown.
    AllOf(Vec<Licence>),
}

/// What one recorded licence says.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Licence {
    /// An SPDX expression.
    Expression(Expression),
    /// A name that means one of several licences.
    Ambiguous {
        /// The name.
        recorded: String,
        /// What it can mean. It is allowed only if each of them is.
        candidates: Vec<Expression>,
    },
    /// A text that is no name of a licence.
    Unresolved(String),
}

/// An SPDX licence expression that was parsed.
#[derive(Clone, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Expression(spdx::Expression);

/// A text that is no SPDX licence expression.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{text:?} is no SPDX licence expression: {reason}")]
#[non_exhaustive]
pub struct LicenceError {
    /// The text, cut short.
    pub text: String,
    /// Why not.
    pub reason: String,
}

impl Expression {
    /// Reads an expression, such as `MIT OR Apache-2.0`.
    ///
    /// # Errors
    ///
    /// When it is over [`MAX_LICENCE_BYTES`], or names a licence that SPDX does not list and
    /// that does not begin with `LicenseRef-`. Nothing is guessed.
    pub fn parse(text: &str) -> Result<Self, LicenceError> {
        let fail = |reason: String| LicenceError {
            text: text.chars().take(60).collect(),
            reason,
        };
        if text.len() > MAX_LICENCE_BYTES {
            return Err(fail(format!("over {MAX_LICENCE_BYTES} bytes")));
        }
        spdx::Expression::parse(text)
            .map(Self)
            .map_err(|error| fail(error.reason.to_string()))
    }

    /// The expression as it was written.
    pub fn as_str(&self) -> &str {
        self.0.as_ref()
    }
}

impl std::fmt::Debug for Expression {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Expression({:?})", self.as_str())
    }
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl TryFrom<String> for Expression {
    type Error = LicenceError;

    fn try_from(text: String) -> Result<Self, LicenceError> {
        Self::parse(&text)
    }
}

impl From<Expression> for String {
    fn from(expression: Expression) -> Self {
        expression.as_str().to_owned()
    }
}

/// Licences that a rule names, each an identifier with perhaps an exception.
#[derive(Clone, Debug)]
pub(crate) struct LicenceList {
    items: Vec<spdx::Licensee>,
    /// Those of the items that are an identifier alone, by their place in SPDX's list.
    plain: Vec<usize>,
    names: Vec<String>,
}

impl LicenceList {
    /// Reads a list. The error is the entry that is no licence, by its place, and why.
    pub(crate) fn parse<'a>(
        entries: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, (usize, String)> {
        let mut pairs = Vec::new();
        for (index, entry) in entries.into_iter().enumerate() {
            let licensee = spdx::Licensee::parse(entry)
                .map_err(|error| (index, format!("{entry:?} is no licence: {}", error.reason)))?;
            pairs.push((entry.to_owned(), licensee));
        }
        pairs.sort_by(|a, b| a.0.cmp(&b.0));
        pairs.dedup_by(|a, b| a.0 == b.0);
        let (names, items): (Vec<String>, Vec<spdx::Licensee>) = pairs.into_iter().unzip();
        let plain = items
            .iter()
            .filter_map(|item| plain(item.as_ref()))
            .collect();
        Ok(Self {
            items,
            plain,
            names,
        })
    }

    fn has(&self, required: &spdx::LicenseReq) -> bool {
        match plain(required) {
            Some(index) => self.plain.contains(&index),
            None => self.items.iter().any(|item| item.satisfies(required)),
        }
    }

    /// The entries, sorted.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether the licensee may choose a way through the expression with these licences only.
    pub(crate) fn allows(&self, expression: &Expression) -> bool {
        expression.0.evaluate(|required| self.has(required))
    }

    /// Whether every way through the expression needs a licence of this list.
    pub(crate) fn forbids(&self, expression: &Expression) -> bool {
        !expression.0.evaluate(|required| !self.has(required))
    }
}

/// An identifier's place in SPDX's list, if nothing stands beside it: the usual case, in which two
/// are the same or not.
fn plain(licence: &spdx::LicenseReq) -> Option<usize> {
    match (&licence.license, &licence.addition) {
        (
            spdx::LicenseItem::Spdx {
                id,
                or_later: false,
            },
            None,
        ) => Some(id.index),
        _ => None,
    }
}
