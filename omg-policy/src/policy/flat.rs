//! The five options that most people need, as keys without sections.

use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::build::Builder;
use super::file::File;
use crate::decision::Verdict;
use crate::error::PolicyError;
use crate::grade::Grade;
use crate::layer::{Layer, LayerKind};
use crate::matcher::{By, Glob, Matcher};
use crate::rule::{Ban, Kind, SignatureNeed};

/// The five options that most people need, which a policy file may give without sections:
///
/// ```
/// let policy = omg_policy::SecurityPolicy {
///     require_pgp: true,
///     banned_packages: vec!["xz".to_owned(), "*-nightly".to_owned()],
///     ..Default::default()
/// };
/// // The same as a file of these two lines.
/// let file = b"require_pgp = true\nbanned_packages = ['xz', '*-nightly']";
/// let kind = omg_policy::LayerKind::User;
/// let same = omg_policy::Layer::parse(kind, "policy.toml", file)?;
/// let texts = |layer| -> Vec<String> {
///     omg_policy::Policy::new([layer]).rules().into_iter().map(|rule| rule.text).collect()
/// };
/// assert_eq!(texts(policy.to_layer(kind, "policy.toml")?), texts(same));
/// # Ok::<(), omg_policy::PolicyError>(())
/// ```
///
/// A key that is left out asks for nothing, because layers may only tighten one another. What
/// holds all the same is in every file that does not say otherwise: known exploited
/// vulnerabilities and those of severity high with a fix are rejected, suspicious install
/// scripts too, and what was not scanned is a warning. Invalid signatures, checksums and
/// provenance are rejected whatever a file says.
///
/// Closed by definition: more options have sections.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct SecurityPolicy {
    /// The lowest grade that is allowed. Default: `risk`, that is any.
    pub minimum_grade: Grade,
    /// Whether recipes that users share may be built. Default: `true`. With `false`, packages of
    /// unknown origin are rejected too.
    pub allow_aur: bool,
    /// Whether a valid signature by somebody who is trusted is required, of every package
    /// wherever it comes from. Default: `false`.
    pub require_pgp: bool,
    /// Licences that are allowed, as SPDX identifiers. Default: empty, that is all. Otherwise a
    /// licence that is unknown or unresolved is rejected, and an ambiguous one unless all that it
    /// can mean are allowed.
    pub allowed_licenses: Vec<String>,
    /// Packages that are rejected, in every version: by name, by what they were built from and
    /// by what they provide. `*` stands for any characters. Default: empty.
    pub banned_packages: Vec<String>,
}

impl Default for SecurityPolicy {
    fn default() -> Self {
        Self {
            minimum_grade: Grade::Risk,
            allow_aur: true,
            require_pgp: false,
            allowed_licenses: Vec::new(),
            banned_packages: Vec::new(),
        }
    }
}

impl SecurityPolicy {
    /// The same as a layer.
    ///
    /// # Errors
    ///
    /// When a licence or a banned package is none, or for a kind that files cannot have.
    pub fn to_layer(&self, kind: LayerKind, file: &str) -> Result<Layer, PolicyError> {
        let quoted = |list: &[String]| {
            let items: Vec<String> = list.iter().map(|item| quote(item)).collect();
            format!("[{}]", items.join(", "))
        };
        let text = format!(
            "minimum_grade = \"{}\"\nallow_aur = {}\nrequire_pgp = {}\nallowed_licenses = {}\n\
             banned_packages = {}\n",
            self.minimum_grade,
            self.allow_aur,
            self.require_pgp,
            quoted(&self.allowed_licenses),
            quoted(&self.banned_packages),
        );
        Layer::parse(kind, file, text.as_bytes())
    }
}

/// A text as a TOML string.
fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => quoted.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

impl Builder<'_> {
    /// The keys without sections.
    pub(super) fn flat(&mut self, file: &File) -> Result<(), PolicyError> {
        if let Some(grade) = &file.minimum_grade {
            let twice = file
                .grade
                .as_ref()
                .is_some_and(|s| s.get_ref().minimum.is_some());
            self.once(&grade.span(), twice, "minimum_grade", "grade.minimum")?;
            self.minimum(grade);
        }
        if let Some(allow) = &file.allow_aur {
            let aur = file.origin.as_ref().and_then(|s| s.get_ref().aur.as_ref());
            let twice = aur.is_some_and(|aur| aur.get_ref().allow.is_some());
            self.once(&allow.span(), twice, "allow_aur", "origin.aur.allow")?;
            if !*allow.get_ref() {
                self.rule(&allow.span(), Kind::NoAur, Verdict::Reject);
            }
        }
        if let Some(require) = &file.require_pgp {
            let twice = file.signature.is_some();
            self.once(&require.span(), twice, "require_pgp", "signature.require")?;
            if *require.get_ref() {
                let kind = Kind::Signature(SignatureNeed::Trusted);
                self.rule(&require.span(), kind, Verdict::Reject);
            }
        }
        if let Some(list) = &file.allowed_licenses {
            let twice = file.licenses.is_some();
            self.once(&list.span(), twice, "allowed_licenses", "licenses.allow")?;
            if !list.get_ref().is_empty() {
                self.allowed_licences(list)?;
            }
        }
        for name in file.banned_packages.iter().flat_map(Spanned::get_ref) {
            let glob = Glob::parse(name.get_ref())
                .map_err(|detail| self.text.value(&name.span(), "banned_packages", detail))?;
            let matcher = Matcher {
                by: By::Any,
                glob,
                versions: None,
            };
            let ban = Ban {
                matcher,
                reason: None,
                instead: None,
            };
            self.rule(&name.span(), Kind::Ban(ban), Verdict::Reject);
        }
        Ok(())
    }

    fn allowed_licences(
        &mut self,
        list: &Spanned<Vec<Spanned<String>>>,
    ) -> Result<(), PolicyError> {
        let allow = self.licences("allowed_licenses", list.get_ref())?;
        let unambiguous = Kind::LicencesUnambiguous {
            allow: Some(allow.clone()),
            deny: None,
        };
        let kinds = [
            Kind::LicencesAllowed(allow),
            Kind::LicencesResolved,
            Kind::LicencesKnown,
            unambiguous,
        ];
        for kind in kinds {
            self.rule(&list.span(), kind, Verdict::Reject);
        }
        Ok(())
    }
}
