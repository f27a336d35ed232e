//! The document as a whole.

use serde::{Serialize, Serializer, ser::SerializeSeq};

use super::{
    evidence,
    head::{Tools, looked, schema, timestamp, tools},
    members::{Contact, LicenceChoice, Member, Supplier},
    property::{Property, Text},
    root::{root, supplier},
    version::Version,
    vex,
};
use crate::{
    document::{
        component::{Component, Need},
        conclusions::Conclusions,
        sbom::Sbom,
        serial::Reproducible,
        text::clean,
        vulnerability::{Looked, Placement},
    },
    model::package::InstallReason,
};

#[derive(Serialize)]
pub(super) struct Document<'a> {
    #[serde(rename = "$schema")]
    schema: String,
    #[serde(rename = "bomFormat")]
    format: &'static str,
    #[serde(rename = "specVersion")]
    spec: &'static str,
    #[serde(rename = "serialNumber")]
    serial: String,
    version: u32,
    metadata: Metadata<'a>,
    components: Members<'a>,
    dependencies: Dependencies<'a>,
    compositions: Vec<Composition<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vulnerabilities: Option<vex::Records<'a>>,
}

impl<'a> Document<'a> {
    pub(super) fn new(sbom: &'a Sbom, spec: Version) -> Self {
        let found = &sbom.vulnerabilities;
        let is_within = found.looked != Looked::No && found.placement == Placement::Within;
        let records = is_within.then(|| vex::Records::new(sbom, vex::Link::None));
        Self {
            schema: schema(spec),
            format: "CycloneDX",
            spec: spec.as_str(),
            serial: sbom.serial_number(),
            version: 1,
            metadata: Metadata::new(sbom),
            components: Members { sbom, spec },
            dependencies: Dependencies(sbom),
            compositions: compositions(sbom),
            vulnerabilities: records,
        }
    }
}

#[derive(Serialize)]
struct Lifecycle {
    phase: &'static str,
}

#[derive(Serialize)]
struct Metadata<'a> {
    timestamp: String,
    lifecycles: [Lifecycle; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    tools: Option<Tools<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    authors: Vec<Contact<'a>>,
    component: Member<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    supplier: Option<Supplier<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    licenses: Vec<LicenceChoice<'a>>,
    properties: Vec<Property<'a>>,
}

impl<'a> Metadata<'a> {
    fn new(sbom: &'a Sbom) -> Self {
        Self {
            timestamp: timestamp(sbom),
            // What is installed and in use, as opposed to what was designed or built.
            lifecycles: [Lifecycle {
                phase: "operations",
            }],
            tools: tools(sbom),
            authors: sbom.authors.iter().map(Contact::from).collect(),
            component: root(sbom),
            supplier: supplier(sbom),
            licenses: sbom
                .data_licence
                .as_deref()
                .map(LicenceChoice::of_data)
                .into_iter()
                .collect(),
            properties: properties(sbom),
        }
    }
}

fn properties(sbom: &Sbom) -> Vec<Property<'_>> {
    let mut properties = Vec::new();
    let mut add = |name, value| properties.push(Property { name, value });
    if sbom.reproducible == Reproducible::Yes {
        // CycloneDX property taxonomy, namespace `cdx`.
        add("cdx:reproducible", Text::Borrowed("true"));
    }
    // What a reader might take it for and it is not.
    add(
        "omg:coverage",
        "installed packages; files that belong to no package are not listed".into(),
    );
    let found = &sbom.vulnerabilities;
    add(
        "omg:vulnerabilities",
        match (found.placement, &found.looked) {
            (Placement::Apart, Looked::Partly(_) | Looked::Fully) => {
                "in a document of their own".into()
            }
            (_, found) => looked(found),
        },
    );
    for problem in &sbom.problems {
        add(
            "omg:problem",
            clean(&problem.to_string()).into_owned().into(),
        );
    }
    if sbom.conclusions == Conclusions::Authors {
        let value = "by the author of the document, from what packages declare";
        let name = "omg:licences-concluded";
        let value = value.into();
        properties.push(Property { name, value });
    }
    properties.extend(evidence::of_machine(sbom));
    properties
}

/// Streams the components.
struct Members<'a> {
    sbom: &'a Sbom,
    spec: Version,
}

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let components = self.sbom.components();
        serializer.collect_seq(
            components
                .iter()
                .map(|c| Member::new(c, self.sbom, self.spec)),
        )
    }
}

#[derive(Serialize)]
struct Dependency<'a> {
    #[serde(rename = "ref")]
    reference: &'a str,
    #[serde(rename = "dependsOn", skip_serializing_if = "Option::is_none")]
    depends_on: Option<Vec<&'a str>>,
}

/// Streams the graph: the root, then every component. One of which it is not known what it
/// needs has no list; one that needs nothing has an empty one.
struct Dependencies<'a>(&'a Sbom);

impl Serialize for Dependencies<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let sbom = self.0;
        let mut list = serializer.serialize_seq(Some(sbom.components().len() + 1))?;
        list.serialize_element(&Dependency {
            reference: Sbom::ROOT,
            depends_on: Some(direct(sbom)),
        })?;
        for component in sbom.components() {
            let on = sbom.needs_of(component).map(Component::reference);
            list.serialize_element(&Dependency {
                reference: component.reference(),
                depends_on: component.needs_are_known().then(|| on.collect()),
            })?;
        }
        list.end()
    }
}

/// What stands directly below the root: what was asked for or is needed by nothing, and enough
/// of the rest that everything is reached.
fn direct(sbom: &Sbom) -> Vec<&str> {
    let components = sbom.components();
    let mut is_reached = vec![false; components.len()];
    let mut is_direct = vec![false; components.len()];
    let mut needed = vec![false; components.len()];
    for on in components.iter().flat_map(Component::needs) {
        needed[*on as usize] = true;
    }
    let is_first = |position: usize, component: &Component| {
        component.need() == Need::Unknown
            || !needed[position]
            || component.package().reason == Some(InstallReason::Explicit)
    };
    let first = (0..components.len()).filter(|p| is_first(*p, &components[*p]));
    for start in first
        .collect::<Vec<_>>()
        .into_iter()
        .chain(0..components.len())
    {
        let is_new = !is_reached[start];
        if !is_new && !is_first(start, &components[start]) {
            continue;
        }
        is_direct[start] = true;
        let mut pending = vec![start];
        while let Some(position) = pending.pop() {
            if std::mem::replace(&mut is_reached[position], true) {
                continue;
            }
            pending.extend(components[position].needs().map(|on| *on as usize));
        }
    }
    let chosen = components.iter().zip(is_direct);
    chosen
        .filter(|(_, is_direct)| *is_direct)
        .map(|(component, _)| component.reference())
        .collect()
}

#[derive(Serialize)]
struct Composition<'a> {
    aggregate: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    dependencies: Vec<&'a str>,
}

/// What is complete, and what is not: the list of packages, then their dependencies.
fn compositions(sbom: &Sbom) -> Vec<Composition<'_>> {
    let whole = if sbom.is_complete() {
        "complete"
    } else {
        "incomplete"
    };
    let mut compositions = vec![Composition {
        aggregate: whole,
        dependencies: Vec::new(),
    }];
    let mut resolved = Vec::new();
    let mut unmet = Vec::new();
    let mut unknown = Vec::new();
    let root = if sbom.is_complete() {
        &mut resolved
    } else {
        &mut unmet
    };
    root.push(Sbom::ROOT);
    for component in sbom.components() {
        let list = match (component.needs_are_known(), component.unmet().is_empty()) {
            (false, _) => &mut unknown,
            (true, true) => &mut resolved,
            (true, false) => &mut unmet,
        };
        list.push(component.reference());
    }
    for (aggregate, dependencies) in [
        ("complete", resolved),
        ("incomplete", unmet),
        ("unknown", unknown),
    ] {
        if !dependencies.is_empty() {
            compositions.push(Composition {
                aggregate,
                dependencies,
            });
        }
    }
    compositions
}
