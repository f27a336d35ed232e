/// What one recorded value says.
///
/// # Examples
///
/// ```
/// use omg_sbom::licence::{Licence, resolve};
///
/// assert_eq!(resolve("MIT or apache-2.0"), Licence::Spdx("MIT OR Apache-2.0".to_owned()));
/// // Arch's convention before it took over SPDX's names.
/// assert_eq!(resolve("GPL3"), Licence::Legacy("GPL-3.0-or-later".to_owned()));
/// assert_eq!(resolve("custom:PUEL"), Licence::Legacy("LicenseRef-custom-PUEL".to_owned()));
/// // Two clauses, or three?
/// assert!(matches!(resolve("BSD"), Licence::Ambiguous { .. }));
/// assert!(matches!(resolve("see website"), Licence::Unresolved(_)));
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Licence {
    /// An SPDX expression, in canonical spelling.
    Spdx(String),
    /// A name from before SPDX's, which a documented convention gives one meaning: that, as an
    /// SPDX expression. `custom` and what follows it become `LicenseRef-…`.
    Legacy(String),
    /// A name that means one of several licences.
    Ambiguous {
        /// The name.
        recorded: String,
        /// Some of the licences that it is used for, as SPDX identifiers.
        candidates: &'static [&'static str],
    },
    /// No name of a licence that is known here, as recorded.
    Unresolved(String),
}

impl Licence {
    /// The SPDX expression, if there is one.
    pub fn expression(&self) -> Option<&str> {
        match self {
            Self::Spdx(expression) | Self::Legacy(expression) => Some(expression),
            Self::Ambiguous { .. } | Self::Unresolved(_) => None,
        }
    }
}
