//! What a component is known from.

use serde::{Serialize, Serializer};

use super::{
    property::{Property, Text},
    version::Version,
};
use crate::{
    document::{component::Component, sbom::Sbom, text::clean},
    model::{
        files::{
            change::{Change, Changed},
            report::PackageFiles,
        },
        package::PackageKind,
    },
};

/// Paths that belong to no package, listed one by one; all are counted.
const MAX_EXTRA_LISTED: usize = 1000;

#[derive(Serialize)]
pub(super) struct Method {
    technique: &'static str,
    #[serde(serialize_with = "plain")]
    confidence: f32,
    value: Text<'static>,
}

/// Whole numbers without a point, as in their canonical form (RFC 8785).
fn plain<S: Serializer>(number: &f32, serializer: S) -> Result<S::Ok, S::Error> {
    match *number >= 1.0 {
        true => serializer.serialize_u8(1),
        false => serializer.serialize_f32(*number),
    }
}

#[derive(Serialize)]
pub(super) struct Identity {
    field: &'static str,
    confidence: u8,
    methods: Vec<Method>,
}

#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Identities {
    One(Identity),
    Several([Identity; 1]),
}

#[derive(Serialize)]
pub(super) struct Evidence {
    identity: Identities,
}

impl Evidence {
    /// That the package manager itself says so, and how far the installed files agree.
    pub(super) fn of(component: &Component, version: Version) -> Option<Self> {
        let value = match component.package().kind {
            PackageKind::Alpm => "pacman's local database",
            PackageKind::Deb => "dpkg's status",
            PackageKind::Apk => "apk's installed database",
            _ => return None,
        };
        let manifest = Method {
            technique: "manifest-analysis",
            confidence: 1.0,
            value: value.into(),
        };
        let files = component.files().filter(|files| files.checked > 0);
        let identity = Identity {
            field: match component.purl() {
                Some(_) => "purl",
                None => "name",
            },
            confidence: 1,
            methods: [manifest].into_iter().chain(files.map(compared)).collect(),
        };
        let identity = match version {
            Version::V1_5 => Identities::One(identity),
            _ => Identities::Several([identity]),
        };
        Some(Self { identity })
    }
}

/// The share of the files that are as recorded.
fn compared(files: &PackageFiles) -> Method {
    let good = files.checked - files.changed.len() - files.unreadable.len();
    // Down to hundredths, so that only all of them are 1.
    let hundredths = good * 100 / files.checked;
    Method {
        technique: "hash-comparison",
        confidence: u16::try_from(hundredths).map_or(0.0, f32::from) / 100.0,
        value: format!("{good} of {} installed files as recorded", files.checked).into(),
    }
}

/// What was found of the files of one package.
pub(super) fn of_files<'a>(files: &'a PackageFiles, add: &mut impl FnMut(&'static str, Text<'a>)) {
    add("omg:files-checked", files.checked.to_string().into());
    for file in &files.changed {
        let name = match (file.changes.as_slice(), file.is_configuration) {
            ([Change::Missing], _) => "omg:file-missing",
            (_, true) => "omg:file-configuration-changed",
            (_, false) => "omg:file-modified",
        };
        add(name, said(file));
    }
    for path in &files.unreadable {
        add("omg:file-unreadable", clean(path));
    }
}

fn said(file: &Changed) -> Text<'_> {
    let changes: Vec<String> = file.changes.iter().map(ToString::to_string).collect();
    match file.changes.as_slice() {
        [Change::Missing] => clean(&file.path),
        _ => format!("{}: {}", clean(&file.path), changes.join(", ")).into(),
    }
}

/// What was found of the files of the whole machine.
pub(super) fn of_machine(sbom: &Sbom) -> Vec<Property<'_>> {
    let Some(files) = sbom.files() else {
        return Vec::new();
    };
    let mut properties = Vec::new();
    let mut add = |name, value| properties.push(Property { name, value });
    let [missing, modified, configuration] = files.counts();
    let complete = if files.is_complete() {
        "complete"
    } else {
        "incomplete"
    };
    add("omg:files", complete.into());
    for (name, count) in [
        ("omg:files-checked", files.checked()),
        ("omg:files-missing", missing),
        ("omg:files-modified", modified),
        ("omg:files-configuration-changed", configuration),
        ("omg:files-extra", files.extra.len()),
    ] {
        add(name, count.to_string().into());
    }
    for path in files.extra.iter().take(MAX_EXTRA_LISTED) {
        add("omg:file-extra", clean(path));
    }
    if files.extra.len() > MAX_EXTRA_LISTED {
        add(
            "omg:files-extra-listed",
            MAX_EXTRA_LISTED.to_string().into(),
        );
    }
    for name in &files.unrecorded {
        add("omg:files-unrecorded", clean(name));
    }
    for path in &files.unlisted {
        add("omg:directory-unlisted", clean(path));
    }
    properties
}
