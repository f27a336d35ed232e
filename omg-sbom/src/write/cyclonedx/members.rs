//! The parts of a document, as they are written.

use serde::Serialize;

use super::{
    evidence,
    evidence::Evidence,
    property::{Property, Text},
    version::Version,
};
use crate::{
    document::{
        component,
        component::{Component, Declared, Need, ReferenceKind},
        conclusions::Conclusions,
        sbom::Sbom,
        text::clean,
    },
    model::package::{InstallReason, Origin, Package, Validation},
    relate::licence::{expression::is_listed, meaning::Licence},
};

#[derive(Serialize)]
pub(super) struct Contact<'a> {
    pub(super) name: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) email: Option<&'a str>,
}

impl<'a> From<&'a component::Contact> for Contact<'a> {
    fn from(contact: &'a component::Contact) -> Self {
        Self {
            name: clean(&contact.name),
            email: contact.email.as_deref(),
        }
    }
}

#[derive(Serialize)]
pub(super) struct Supplier<'a> {
    pub(super) name: Text<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) url: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) contact: Vec<Contact<'a>>,
}

#[derive(Serialize)]
pub(super) struct Hash {
    alg: &'static str,
    content: String,
}

#[derive(Serialize)]
pub(super) struct Reference<'a> {
    pub(super) url: &'a str,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
}

#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum LicenceChoice<'a> {
    Expression {
        expression: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        acknowledgement: Option<&'static str>,
    },
    License {
        license: Named<'a>,
    },
}

#[derive(Serialize)]
pub(super) struct Named<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    acknowledgement: Option<&'static str>,
}

impl<'a> LicenceChoice<'a> {
    /// A licence of the document itself.
    pub(super) fn of_data(expression: &'a str) -> Self {
        Self::of(expression, None)
    }

    fn of(expression: &'a str, acknowledgement: Option<&'static str>) -> Self {
        if !is_listed(expression) {
            return Self::Expression {
                expression,
                acknowledgement,
            };
        }
        Self::named(Some(expression), None, acknowledgement)
    }

    fn named(
        id: Option<&'a str>,
        name: Option<Text<'a>>,
        acknowledgement: Option<&'static str>,
    ) -> Self {
        Self::License {
            license: Named {
                id,
                name,
                acknowledgement,
            },
        }
    }

    /// One of several: a list holds either one expression or licences by identifier or name.
    fn one_of(licence: &'a Licence, acknowledgement: Option<&'static str>) -> Self {
        let text = match licence {
            Licence::Spdx(text) | Licence::Legacy(text) | Licence::Unresolved(text) => text,
            Licence::Ambiguous { recorded, .. } => recorded,
        };
        let is_id = licence.expression().is_some_and(is_listed);
        match is_id {
            true => Self::named(Some(text), None, acknowledgement),
            false => Self::named(None, Some(clean(text)), acknowledgement),
        }
    }
}

pub(super) fn licences(
    declared: &Declared,
    version: Version,
    conclusions: Conclusions,
) -> Vec<LicenceChoice<'_>> {
    // 1.5 cannot say that a licence is what the package declares, not what somebody concluded.
    let acknowledgement = (version >= Version::V1_6).then_some("declared");
    match declared {
        Declared::Nothing => Vec::new(),
        Declared::Expression(expression) => {
            let mut choices = vec![LicenceChoice::of(expression, acknowledgement)];
            // Before 1.7 a list has either identifiers or one expression.
            let has_room = match version {
                Version::V1_5 => false,
                Version::V1_6 => is_listed(expression),
                Version::V1_7 => true,
            };
            if has_room && conclusions == Conclusions::Authors {
                choices.push(LicenceChoice::of(expression, Some("concluded")));
            }
            choices
        }
        Declared::Several(all) => {
            let one_of = |licence| LicenceChoice::one_of(licence, acknowledgement);
            all.iter().map(one_of).collect()
        }
    }
}

#[derive(Serialize)]
pub(super) struct Member<'a> {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    #[serde(rename = "bom-ref", skip_serializing_if = "Option::is_none")]
    pub(super) reference: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) supplier: Option<Supplier<'a>>,
    pub(super) name: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) scope: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) hashes: Vec<Hash>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) licenses: Vec<LicenceChoice<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cpe: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) purl: Option<&'a str>,
    #[serde(rename = "externalReferences", skip_serializing_if = "Vec::is_empty")]
    pub(super) references: Vec<Reference<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) evidence: Option<Evidence>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) properties: Vec<Property<'a>>,
}

impl<'a> Member<'a> {
    /// A component of which nothing but this is known.
    pub(super) fn bare(kind: &'static str, name: Text<'a>, version: Option<Text<'a>>) -> Self {
        Self {
            kind,
            reference: None,
            supplier: None,
            name,
            version,
            description: None,
            scope: None,
            hashes: Vec::new(),
            licenses: Vec::new(),
            cpe: None,
            purl: None,
            references: Vec::new(),
            evidence: None,
            properties: Vec::new(),
        }
    }

    pub(super) fn new(component: &'a Component, sbom: &Sbom, spec: Version) -> Self {
        let package = component.package();
        // The schemas allow 1,024 characters; a longer one stands among the properties.
        let version = is_short(&package.version).then(|| clean(&package.version));
        // The specification recommends `library` where the kind is not known.
        let mut member = Self::bare("library", name(&package.name), version);
        member.reference = Some(component.reference());
        member.supplier = component.supplier().map(|supplier| Supplier {
            name: clean(&supplier.name),
            url: Vec::new(),
            contact: contact(component),
        });
        member.description = package.description.as_deref().and_then(said);
        member.scope = match component.need() {
            Need::Required => Some("required"),
            Need::Optional => Some("optional"),
            Need::Excluded => Some("excluded"),
            Need::Unknown => None,
        };
        member.hashes = hashes(package);
        member.licenses = licences(component.licence(), spec, sbom.conclusions);
        member.purl = component.purl();
        member.references = references(component, spec);
        member.evidence = Evidence::of(component, spec);
        member.properties = properties(component);
        member
    }
}

pub(super) fn is_short(version: &str) -> bool {
    !is_blank(version) && version.chars().count() <= 1024
}

/// XML has no way to tell nothing from white space.
fn is_blank(text: &str) -> bool {
    text.chars().all(char::is_whitespace)
}

/// A text that says something.
pub(super) fn said(text: &str) -> Option<Text<'_>> {
    Some(clean(text)).filter(|text| !is_blank(text))
}

/// A name is required: one that says nothing is as unreadable as its characters.
pub(super) fn name(text: &str) -> Text<'_> {
    said(text).unwrap_or("\u{fffd}".into())
}

fn contact(component: &Component) -> Vec<Contact<'_>> {
    let supplier = component
        .supplier()
        .filter(|supplier| supplier.email.is_some());
    supplier.map(Contact::from).into_iter().collect()
}

fn hashes(package: &Package) -> Vec<Hash> {
    let hash = |alg, digest: Option<&dyn ToString>| {
        let content = digest?.to_string();
        Some(Hash { alg, content })
    };
    let (short, long) = (&package.archive_sha256, &package.archive_sha512);
    [
        hash("SHA-256", short.as_ref().map(|digest| digest as _)),
        hash("SHA-512", long.as_ref().map(|digest| digest as _)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn references(component: &Component, spec: Version) -> Vec<Reference<'_>> {
    let kind = |kind| match kind {
        ReferenceKind::Website => Some("website"),
        ReferenceKind::Vcs => Some("vcs"),
        // 1.5 knows where something is distributed, but not that it is the source.
        ReferenceKind::Source => (spec >= Version::V1_6).then_some("source-distribution"),
    };
    let references = component.references().iter();
    references
        .filter_map(|reference| {
            Some(Reference {
                url: &reference.url,
                kind: kind(reference.kind)?,
            })
        })
        .collect()
}

fn properties(component: &Component) -> Vec<Property<'_>> {
    let package = component.package();
    let mut properties = Vec::new();
    let mut add = |name, value: Text<'_>| {
        if !is_blank(&value) {
            let value = value.into_owned().into();
            properties.push(Property { name, value });
        }
    };
    if let Some(architecture) = &package.architecture {
        add("omg:architecture", clean(architecture));
    }
    if package.archive_sha256.is_some() {
        // What the digest is of: not the installed files.
        add("omg:hashes-of", Text::Borrowed("package archive"));
    }
    match component.package().reason {
        Some(InstallReason::Explicit) => add("omg:install-reason", "explicit".into()),
        Some(InstallReason::Dependency) => add("omg:install-reason", "dependency".into()),
        None => {}
    }
    if let Declared::Several(licences) = component.licence() {
        for licence in licences {
            match licence {
                Licence::Ambiguous {
                    recorded,
                    candidates,
                } => add(
                    "omg:licence-ambiguous",
                    format!("{}: {}", clean(recorded), candidates.join(", ")).into(),
                ),
                Licence::Unresolved(text) => add("omg:licence-unresolved", clean(text)),
                _ => {}
            }
        }
    }
    match &package.origin {
        Origin::Repository(name) => add("omg:repository", clean(name)),
        Origin::Foreign => add("omg:foreign", Text::Borrowed("true")),
        _ => {}
    }
    if let Some(base) = &package.base {
        add("omg:source-package", clean(base));
        if let Some(version) = &package.base_version {
            add("omg:source-version", clean(version));
        }
    }
    if !is_short(&package.version) {
        add("omg:version", clean(&package.version));
    }
    for unmet in component.unmet() {
        add("omg:unmet-dependency", clean(unmet));
    }
    for validation in &package.validation {
        let value = match validation {
            Validation::None => "none",
            Validation::Md5 => "md5",
            Validation::Sha256 => "sha256",
            Validation::Pgp => "pgp",
            Validation::Other(other) => other,
        };
        add("omg:validation", clean(value));
    }
    if let Some(name) = &package.archive_name {
        // BSI TR-03183-2, section 8.1.7: what is delivered is an archive that lists its content.
        add("bsi:component:filename", clean(name));
        add("bsi:component:archive", "archive".into());
        add("bsi:component:structured", "structured".into());
        let executable = component.files().and_then(|files| files.executable);
        if let Some(executable) = executable {
            let value = if executable {
                "executable"
            } else {
                "non-executable"
            };
            add("bsi:component:executable", value.into());
        }
    }
    if let Some(files) = component.files() {
        evidence::of_files(files, &mut add);
    }
    properties
}
