//! What stands at the head of every document.

use chrono::SecondsFormat;
use serde::Serialize;

use super::{
    members::{Member, is_short},
    property::Text,
    version::Version,
};
use crate::document::{sbom::Sbom, text::clean, vulnerability::Looked};

pub(super) fn schema(spec: Version) -> String {
    format!(
        "http://cyclonedx.org/schema/bom-{}.schema.json",
        spec.as_str()
    )
}

#[derive(Serialize)]
pub(super) struct Tools<'a> {
    components: [Member<'a>; 1],
}

pub(super) fn timestamp(sbom: &Sbom) -> String {
    sbom.at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

pub(super) fn tools(sbom: &Sbom) -> Option<Tools<'_>> {
    let (name, version) = sbom.tool.as_ref()?;
    let version = is_short(version).then(|| version.into());
    let member = Member::bare("application", name.into(), version);
    Some(Tools {
        components: [member],
    })
}

pub(super) fn looked(looked: &Looked) -> Text<'_> {
    match looked {
        Looked::No => "not looked for".into(),
        Looked::Partly(reason) => format!("incomplete: {}", clean(reason)).into(),
        Looked::Fully => "complete".into(),
    }
}
