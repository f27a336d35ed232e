//! SPDX documents: JSON of version 2.3.
//!
//! What SPDX requires and is not known is `NOASSERTION`.

use std::{borrow::Cow, collections::BTreeMap, io};

use chrono::SecondsFormat;
use serde::{Serialize, Serializer, ser::SerializeSeq};

use crate::{
    document::{
        component::{Component, Contact, Declared, ReferenceKind},
        conclusions::Conclusions,
        content::derived,
        sbom::Sbom,
        text::clean,
        vulnerability::Looked,
    },
    model::package::PackageKind,
    relate::licence::meaning::Licence,
};

const UNKNOWN: &str = "NOASSERTION";
const DOCUMENT: &str = "SPDXRef-DOCUMENT";
const ROOT: &str = "SPDXRef-System";

type Text<'a> = Cow<'a, str>;

/// Writes the document as JSON.
///
/// Known vulnerabilities are not part of SPDX 2.3: they go into a document of their own.
///
/// # Errors
///
/// What the writer returns; nothing else can fail.
///
/// # Examples
///
/// ```
/// use omg_sbom::{Sbom, Serial, spdx};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let sbom = Sbom::builder(chrono::DateTime::UNIX_EPOCH, Serial::FromContent)
///     .build(&|_, a, b| a.cmp(b));
/// let mut json = Vec::new();
/// spdx::write_json(&sbom, &mut json)?;
/// assert!(String::from_utf8(json)?.contains("SPDX-2.3"));
/// # Ok(())
/// # }
/// ```
pub fn write_json(sbom: &Sbom, mut writer: impl io::Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut writer, &Document::new(sbom))?;
    writer.write_all(b"\n")
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    spdx_version: &'static str,
    data_license: &'static str,
    #[serde(rename = "SPDXID")]
    id: &'static str,
    name: Text<'a>,
    document_namespace: String,
    creation_info: Creation<'a>,
    packages: Packages<'a>,
    relationships: Relationships<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    has_extracted_licensing_infos: Vec<Extracted>,
}

impl<'a> Document<'a> {
    fn new(sbom: &'a Sbom) -> Self {
        Self {
            spdx_version: "SPDX-2.3",
            // The specification allows no other licence for the document.
            data_license: "CC0-1.0",
            id: DOCUMENT,
            name: clean(sbom.system_name()),
            document_namespace: derived(&sbom.serial, "spdx"),
            creation_info: Creation::new(sbom),
            packages: Packages(sbom),
            relationships: Relationships(sbom),
            has_extracted_licensing_infos: extracted(sbom),
        }
    }
}

#[derive(Serialize)]
struct Creation<'a> {
    created: String,
    creators: Vec<Text<'a>>,
    comment: String,
}

impl<'a> Creation<'a> {
    fn new(sbom: &'a Sbom) -> Self {
        let mut creators: Vec<Text<'_>> = sbom.authors.iter().map(person).collect();
        creators.push(match &sbom.tool {
            Some((name, version)) => format!("Tool: {name}-{version}").into(),
            None => concat!("Tool: omg-sbom-", env!("CARGO_PKG_VERSION")).into(),
        });
        Self {
            created: sbom.at.to_rfc3339_opts(SecondsFormat::Secs, true),
            creators,
            comment: comment(sbom),
        }
    }
}

/// What is complete and what is not; version 2.3 has no field for it.
fn comment(sbom: &Sbom) -> String {
    let mut text = String::from(
        "Installed packages; files that belong to no package are not listed. The list of packages \
         is ",
    );
    text.push_str(if sbom.is_complete() {
        "complete."
    } else {
        "incomplete:"
    });
    for problem in &sbom.problems {
        text.push(' ');
        text.push_str(&clean(&problem.to_string()));
        text.push(';');
    }
    if sbom.vulnerabilities.looked == Looked::No {
        text.push_str(" Known vulnerabilities were not looked for.");
    }
    text
}

fn person(contact: &Contact) -> Text<'_> {
    named("Person", contact)
}

fn named<'a>(kind: &str, contact: &Contact) -> Text<'a> {
    let name = clean(&contact.name);
    match &contact.email {
        Some(email) => format!("{kind}: {name} ({email})").into(),
        None => format!("{kind}: {name}").into(),
    }
}

#[derive(Serialize)]
struct Checksum {
    algorithm: &'static str,
    #[serde(rename = "checksumValue")]
    value: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct External<'a> {
    reference_category: &'static str,
    reference_type: &'static str,
    reference_locator: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Package<'a> {
    #[serde(rename = "SPDXID")]
    id: Text<'a>,
    name: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version_info: Option<Text<'a>>,
    supplier: Text<'a>,
    download_location: &'static str,
    files_analyzed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    homepage: Option<&'a str>,
    license_concluded: Text<'a>,
    license_declared: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    license_comments: Option<String>,
    copyright_text: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_info: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    checksums: Vec<Checksum>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    external_refs: Vec<External<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    primary_package_purpose: Option<&'static str>,
}

impl<'a> Package<'a> {
    fn bare(id: Text<'a>, name: Text<'a>) -> Self {
        Self {
            id,
            name,
            version_info: None,
            supplier: UNKNOWN.into(),
            download_location: UNKNOWN,
            files_analyzed: false,
            homepage: None,
            license_concluded: UNKNOWN.into(),
            license_declared: UNKNOWN.into(),
            license_comments: None,
            copyright_text: UNKNOWN,
            summary: None,
            source_info: None,
            comment: None,
            checksums: Vec::new(),
            external_refs: Vec::new(),
            primary_package_purpose: None,
        }
    }

    fn root(sbom: &'a Sbom) -> Self {
        let mut root = Self::bare(ROOT.into(), clean(sbom.system_name()));
        root.version_info = sbom.system_version().map(clean);
        root.primary_package_purpose = Some("OPERATING_SYSTEM");
        if let Some(supplier) = sbom.supplier() {
            root.supplier = format!("Organization: {}", clean(supplier)).into();
        }
        root.comment = sbom.host.as_ref().map(|host| format!("host: {host}"));
        root
    }

    fn new(number: usize, component: &'a Component, sbom: &Sbom) -> Self {
        let package = component.package();
        let mut out = Self::bare(id(number, component).into(), clean(&package.name));
        out.version_info = Some(clean(&package.version));
        if let Some(supplier) = component.supplier() {
            // makepkg.conf(5): PACKAGER is a person; other packages are often a team's.
            let is_packager = package.kind == PackageKind::Alpm && supplier.name != "Arch Linux";
            let kind = if is_packager {
                "Person"
            } else {
                "Organization"
            };
            out.supplier = named(kind, supplier);
        }
        let mut websites = component.references().iter();
        let website = websites.find(|reference| reference.kind == ReferenceKind::Website);
        out.homepage = website.map(|reference| reference.url.as_str());
        match component.licence() {
            Declared::Expression(expression) => {
                out.license_declared = expression.into();
                if sbom.conclusions == Conclusions::Authors {
                    out.license_concluded = expression.into();
                }
            }
            Declared::Several(licences) => out.license_comments = Some(recorded(licences)),
            Declared::Nothing => {}
        }
        out.summary = package.description.as_deref().map(clean);
        out.source_info = package.base.as_deref().map(|base| {
            format!(
                "built from {} {}",
                clean(base),
                clean(package.source_version())
            )
        });
        if let Some(digest) = &package.archive_sha256 {
            out.checksums.push(Checksum {
                algorithm: "SHA256",
                value: digest.to_string(),
            });
            if let Some(digest) = &package.archive_sha512 {
                out.checksums.push(Checksum {
                    algorithm: "SHA512",
                    value: digest.to_string(),
                });
            }
            out.comment = Some("The checksum is of the package archive.".to_owned());
        }
        out.external_refs = component.purl().map(purl).into_iter().collect();
        out
    }
}

fn purl(purl: &str) -> External<'_> {
    External {
        reference_category: "PACKAGE-MANAGER",
        reference_type: "purl",
        reference_locator: purl,
    }
}

/// Letters, digits, dots and dashes; the number makes it unique.
fn id(number: usize, component: &Component) -> String {
    let is_plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    let name = component.package().name.chars().filter(is_plain).take(80);
    format!("SPDXRef-Package-{number}-{}", name.collect::<String>())
}

/// Values of which nothing says how they combine, or that are no licence's name.
fn recorded(licences: &[Licence]) -> String {
    let texts = licences.iter().map(|licence| match licence {
        Licence::Spdx(text) | Licence::Legacy(text) => text.clone(),
        Licence::Unresolved(text) => format!("{text:?} (not resolved)"),
        Licence::Ambiguous {
            recorded,
            candidates,
        } => format!("{recorded:?} (one of {})", candidates.join(", ")),
    });
    format!("recorded: {}", texts.collect::<Vec<_>>().join("; "))
}

struct Packages<'a>(&'a Sbom);

impl Serialize for Packages<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        list.serialize_element(&Package::root(self.0))?;
        for (number, component) in self.0.components().iter().enumerate() {
            list.serialize_element(&Package::new(number, component, self.0))?;
        }
        list.end()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Relationship<'a> {
    spdx_element_id: &'a str,
    relationship_type: &'static str,
    related_spdx_element: &'a str,
}

struct Relationships<'a>(&'a Sbom);

impl Serialize for Relationships<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let components = self.0.components();
        let ids: Vec<String> = components
            .iter()
            .enumerate()
            .map(|(number, component)| id(number, component))
            .collect();
        let mut list = serializer.serialize_seq(None)?;
        let relation = |from, kind, to| Relationship {
            spdx_element_id: from,
            relationship_type: kind,
            related_spdx_element: to,
        };
        list.serialize_element(&relation(DOCUMENT, "DESCRIBES", ROOT))?;
        for id in &ids {
            list.serialize_element(&relation(ROOT, "CONTAINS", id))?;
        }
        for (id, component) in ids.iter().zip(components) {
            for on in component.needs() {
                if let Some(on) = ids.get(*on as usize) {
                    list.serialize_element(&relation(id, "DEPENDS_ON", on))?;
                }
            }
            // Section 11.1: that something is known to be missing.
            if !component.unmet().is_empty() || !component.needs_are_known() {
                list.serialize_element(&relation(id, "DEPENDS_ON", UNKNOWN))?;
            }
        }
        list.end()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Extracted {
    license_id: String,
    extracted_text: String,
    comment: &'static str,
}

/// Every `LicenseRef-` that is used has to be explained; the text itself is in the package.
fn extracted(sbom: &Sbom) -> Vec<Extracted> {
    let mut found = BTreeMap::new();
    for component in sbom.components() {
        let Declared::Expression(expression) = component.licence() else {
            continue;
        };
        for word in expression.split([' ', '(', ')']) {
            if word.starts_with("LicenseRef-") {
                let recorded = component.package().licences.join(", ");
                found.entry(word).or_insert(recorded);
            }
        }
    }
    let explain = |(id, recorded): (&str, String)| Extracted {
        license_id: id.to_owned(),
        extracted_text: format!("recorded as {}", clean(&recorded)),
        comment: "The text of the licence is not part of the package databases.",
    };
    found.into_iter().map(explain).collect()
}
