//! The official schemas, with format assertions on: without them some invalid documents pass.
#![allow(dead_code, clippy::panic, clippy::unwrap_used)]

use std::{fs, path::Path};

use serde_json::Value;

/// What a document is checked with.
pub(crate) struct Schema(jsonschema::Validator);

impl Schema {
    /// CycloneDX, from the folder of the schemas.
    pub(crate) fn cyclonedx(folder: &Path, version: &str) -> Self {
        let mut registry = jsonschema::Registry::new();
        for file in fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if name.ends_with(".schema.json") && !name.starts_with("bom-") {
                let uri = format!("http://cyclonedx.org/schema/{name}");
                registry = registry.add(uri, read(&path)).unwrap();
            }
        }
        let registry = registry.prepare().unwrap();
        let schema = read(&folder.join(format!("bom-{version}.schema.json")));
        let options = jsonschema::options();
        let options = options
            .should_validate_formats(true)
            .with_registry(&registry);
        Self(options.build(&schema).unwrap())
    }

    /// SPDX 2.3.
    pub(crate) fn spdx(folder: &Path) -> Self {
        let schema = read(&folder.join("spdx-schema-2.3.json"));
        let options = jsonschema::options().should_validate_formats(true);
        Self(options.build(&schema).unwrap())
    }

    pub(crate) fn accepts(&self, document: &Value) -> bool {
        self.0.is_valid(document)
    }

    /// Fails with what is wrong.
    pub(crate) fn check(&self, document: &Value) {
        let errors: Vec<_> = self
            .0
            .iter_errors(document)
            .take(5)
            .map(|error| {
                format!(
                    "{}: {:.300}",
                    error.instance_path(),
                    error.masked().to_string()
                )
            })
            .collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
}

pub(crate) fn read(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}
