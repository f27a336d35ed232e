//! A document with only the members that are read: what else it holds is passed over without being
//! kept, so that a large list of no interest costs no memory.

use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::{Map, Value};

/// The members of CycloneDX and SPDX documents that are read, at whatever depth.
const MEMBERS: [&str; 42] = [
    "SPDXID",
    "aggregate",
    "alg",
    "algorithm",
    "bomFormat",
    "checksumValue",
    "checksums",
    "component",
    "components",
    "compositions",
    "content",
    "cpe",
    "creationInfo",
    "creators",
    "description",
    "documentDescribes",
    "expression",
    "externalRefs",
    "hashes",
    "homepage",
    "id",
    "license",
    "licenseDeclared",
    "licenses",
    "metadata",
    "name",
    "packages",
    "primaryPackagePurpose",
    "properties",
    "purl",
    "referenceLocator",
    "referenceType",
    "relatedSpdxElement",
    "relationshipType",
    "relationships",
    "spdxElementId",
    "spdxVersion",
    "specVersion",
    "summary",
    "supplier",
    "tools",
    "type",
];
/// The others, whose names are values elsewhere.
const MORE: [&str; 4] = ["sbom", "value", "version", "versionInfo"];

/// Reads a document; a member of these that stands twice in one object is an error, since readers
/// differ in which they take.
pub(super) fn read(bytes: &[u8]) -> serde_json::Result<Value> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Pruned.deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

struct Pruned;

impl<'de> DeserializeSeed<'de> for Pruned {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Pruned {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(Pruned)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = object.next_key::<String>()? {
            if !MEMBERS.contains(&key.as_str()) && !MORE.contains(&key.as_str()) {
                object.next_value::<IgnoredAny>()?;
                continue;
            }
            if map.contains_key(&key) {
                return Err(A::Error::custom(format!(
                    "the member {key:?} stands there twice"
                )));
            }
            let value = object.next_value_seed(Pruned)?;
            map.insert(key, value);
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_read_is_not_kept() {
        let text = br#"{"bomFormat": "CycloneDX", "x": [1, 2, {"name": "a"}], "components":
            [{"name": "b", "y": {"name": "c"}, "version": null}]}"#;
        let read = read(text).unwrap();
        let expected = serde_json::json!({"bomFormat": "CycloneDX", "components":
            [{"name": "b", "version": null}]});
        assert_eq!(read, expected);
    }

    #[test]
    fn a_member_that_stands_twice_is_refused() {
        for text in [
            r#"{"components": [], "components": []}"#,
            r#"{"components": [{"purl": "a", "purl": "a"}]}"#,
            r#"{"metadata": {"component": {"version": "1", "version": "2"}}}"#,
        ] {
            assert!(read(text.as_bytes()).is_err(), "{text}");
        }
        assert!(read(br#"{"x": 1, "x": 2}"#).is_ok());
        assert!(read(b"{} {}").is_err());
    }
}
