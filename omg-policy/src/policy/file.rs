//! The file as it is written. Everything that ends up as a rule keeps its place.

use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{MapAccess, SeqAccess, Visitor};
use toml::{Spanned, Value};

use crate::decision::Verdict;
use crate::facts::Severity;
use crate::grade::Grade;

type Opt<T> = Option<Spanned<T>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) schema: Opt<i64>,
    pub(super) minimum_grade: Opt<Grade>,
    pub(super) allow_aur: Opt<bool>,
    pub(super) require_pgp: Opt<bool>,
    pub(super) allowed_licenses: Opt<Vec<Spanned<String>>>,
    pub(super) banned_packages: Opt<Vec<Spanned<String>>>,
    pub(super) grade: Opt<GradeSection>,
    pub(super) vulnerabilities: Opt<Vulnerabilities>,
    pub(super) signature: Opt<SignatureSection>,
    pub(super) provenance: Opt<ProvenanceSection>,
    pub(super) checksum: Opt<ChecksumSection>,
    pub(super) origin: Opt<OriginSection>,
    pub(super) release: Opt<Release>,
    pub(super) licenses: Opt<Licenses>,
    pub(super) scripts: Opt<Scripts>,
    #[serde(default)]
    pub(super) ban: Vec<Spanned<Ban>>,
    #[serde(default)]
    pub(super) exception: Vec<Spanned<Exception>>,
    pub(super) delegate: Opt<Delegate>,
    pub(super) bundle: Opt<Bundle>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GradeSection {
    pub(super) minimum: Opt<Grade>,
    pub(super) unscanned: Opt<Verdict>,
    pub(super) stale: Opt<Verdict>,
    pub(super) stale_after: Opt<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Vulnerabilities {
    pub(super) reject: Option<OneOrMany<Criterion>>,
    pub(super) warn: Option<OneOrMany<Criterion>>,
    pub(super) kev: Opt<Verdict>,
    pub(super) epss_at_least: Opt<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Criterion {
    pub(super) severity: Opt<Severity>,
    pub(super) kev: Opt<bool>,
    pub(super) epss_at_least: Opt<f64>,
    pub(super) fix: Opt<FixCondition>,
}

#[derive(Clone, Copy, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub(super) enum FixCondition {
    Available,
    Any,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SignatureSection {
    pub(super) require: Opt<SignatureRequire>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum SignatureRequire {
    None,
    Any,
    Trusted,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProvenanceSection {
    pub(super) require: Opt<String>,
    pub(super) locked_needs: Option<OneOrMany<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChecksumSection {
    pub(super) require: Opt<ChecksumRequire>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum ChecksumRequire {
    None,
    Match,
    Signed,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OriginSection {
    pub(super) allow: Opt<Vec<Spanned<String>>>,
    pub(super) allow_third_party: Opt<Vec<Spanned<String>>>,
    pub(super) local_file: Opt<Verdict>,
    pub(super) unknown: Opt<Verdict>,
    pub(super) aur: Opt<AurSection>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AurSection {
    pub(super) allow: Opt<bool>,
    pub(super) min_commit_age: Opt<String>,
    pub(super) adoption_quarantine: Opt<String>,
    pub(super) forbid_new_install_scripts: Opt<bool>,
    pub(super) waive_for_security_fixes: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Release {
    pub(super) min_age: Opt<String>,
    pub(super) waive_for_security_fixes: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Licenses {
    pub(super) allow: Opt<Vec<Spanned<String>>>,
    pub(super) deny: Opt<Vec<Spanned<String>>>,
    pub(super) unresolved: Opt<Verdict>,
    pub(super) ambiguous: Opt<Verdict>,
    pub(super) unknown: Opt<Verdict>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Scripts {
    pub(super) suspicious: Opt<Verdict>,
    pub(super) not_inspected: Opt<Verdict>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ban {
    pub(super) package: Opt<String>,
    pub(super) name: Opt<String>,
    pub(super) pkgbase: Opt<String>,
    pub(super) provides: Opt<String>,
    pub(super) versions: Opt<String>,
    pub(super) reason: Opt<String>,
    pub(super) use_instead: Option<String>,
    pub(super) action: Opt<Verdict>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Exception {
    pub(super) rule: Spanned<String>,
    pub(super) package: Spanned<String>,
    pub(super) versions: Opt<String>,
    pub(super) id: Opt<String>,
    pub(super) reason: Spanned<String>,
    pub(super) owner: Spanned<String>,
    pub(super) granted: Opt<Value>,
    pub(super) until: Spanned<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Delegate {
    pub(super) user_may_except: Vec<Spanned<String>>,
    pub(super) max_exception: Opt<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Bundle {
    pub(super) revision: Spanned<i64>,
    pub(super) expires: Spanned<Value>,
}

/// A value, or a list of them.
pub(super) struct OneOrMany<T>(pub(super) Vec<Spanned<T>>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The place of the value is that of the list's elements, or its own.
        let value = Spanned::<Either<T>>::deserialize(deserializer)?;
        let span = value.span();
        Ok(Self(match value.into_inner() {
            Either::One(one) => vec![Spanned::new(span, one)],
            Either::Many(many) => many,
        }))
    }
}

enum Either<T> {
    One(T),
    Many(Vec<Spanned<T>>),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Either<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Any<T> {
            type Value = Either<T>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("one value or a list of them")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
                T::deserialize(serde::de::value::StrDeserializer::new(text)).map(Either::One)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Either::One)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(list)).map(Either::Many)
            }
        }
        deserializer.deserialize_any(Any(std::marker::PhantomData))
    }
}
