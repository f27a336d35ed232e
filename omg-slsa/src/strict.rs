//! JSON without the freedoms of JSON: bounded, and no key twice.
//!
//! Parsers differ in which of two equal keys they take (RFC 8259, section 4), so a document with
//! both says different things to different readers.

use std::cell::Cell;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::error::{Error, Rejection};

/// The largest document, in bytes.
pub const MAX_DOCUMENT_BYTES: usize = 16 << 20;
/// How deep values may be nested.
const MAX_DEPTH: usize = 48;
/// How many values a bundle may hold; ones from the field have some hundred.
pub(crate) const BUNDLE_VALUES: usize = 20_000;
/// How many values a statement may hold: a release may have thousands of subjects.
pub(crate) const STATEMENT_VALUES: usize = 200_000;

pub(crate) fn parse(bytes: &[u8], max_values: usize) -> Result<Value, Error> {
    if bytes.len() > MAX_DOCUMENT_BYTES {
        let detail = format!("more than {MAX_DOCUMENT_BYTES} bytes");
        return Err(Error::rejected(Rejection::Limit, detail));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|error| Error::rejected(Rejection::Parse, error.to_string()))?;
    let budget = Budget {
        left: Cell::new(max_values),
        fault: Cell::new(Rejection::Parse),
    };
    let mut json = serde_json::Deserializer::from_str(text);
    let seed = Seed {
        budget: &budget,
        depth: 0,
    };
    let value = seed.deserialize(&mut json);
    let value = value.and_then(|value| json.end().map(|()| value));
    value.map_err(|error| Error::rejected(budget.fault.get(), error.to_string()))
}

struct Budget {
    left: Cell<usize>,
    fault: Cell<Rejection>,
}

impl Budget {
    fn fault<E: serde::de::Error>(&self, reason: Rejection, detail: &str) -> E {
        self.fault.set(reason);
        E::custom(detail)
    }
}

#[derive(Clone, Copy)]
struct Seed<'a> {
    budget: &'a Budget,
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        let left = self.budget.left.get();
        if left == 0 {
            return Err(self.budget.fault(Rejection::Limit, "too many values"));
        }
        if self.depth > MAX_DEPTH {
            return Err(self.budget.fault(Rejection::Limit, "nested too deep"));
        }
        self.budget.left.set(left - 1);
        deserializer.deserialize_any(self)
    }
}

impl Seed<'_> {
    fn deeper(self) -> Self {
        Self {
            depth: self.depth + 1,
            ..self
        }
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        let number = Number::from_f64(value).ok_or_else(|| E::custom("not a number"))?;
        Ok(Value::Number(number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self.deeper())? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if map.contains_key(&key) {
                self.budget.fault.set(Rejection::DuplicateKey);
                return Err(A::Error::custom(format_args!("{key:?} stands twice")));
            }
            let value = entries.next_value_seed(self.deeper())?;
            map.insert(key, value);
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn reason(text: &str, values: usize) -> Option<Rejection> {
        parse(text.as_bytes(), values)
            .err()
            .and_then(|e| e.rejection())
    }

    #[test]
    fn only_what_is_unambiguous() {
        assert_eq!(reason(r#"{"a":{"b":[1,2.5,null,true,"x"]}}"#, 20), None);
        assert_eq!(
            reason(r#"{"a":1,"a":1}"#, 20),
            Some(Rejection::DuplicateKey)
        );
        // The same key, written otherwise.
        assert_eq!(
            reason(r#"{"a":1,"\u0061":1}"#, 20),
            Some(Rejection::DuplicateKey)
        );
        for text in [
            "",
            " ",
            "{",
            "{}x",
            "{} {}",
            "\u{feff}{}",
            "nul",
            "1e999",
            "[1,]",
        ] {
            assert_eq!(reason(text, 20), Some(Rejection::Parse), "{text:?}");
        }
        assert!(parse(b"\"\xff\"", 20).is_err());
    }

    #[test]
    fn bounded() {
        assert_eq!(reason("[1,2,3]", 4), None);
        assert_eq!(reason("[1,2,3]", 3), Some(Rejection::Limit));
        let deep = |n: usize| "[".repeat(n) + &"]".repeat(n);
        assert_eq!(reason(&deep(40), 100), None);
        assert_eq!(reason(&deep(60), 100), Some(Rejection::Limit));
        let long = " ".repeat(MAX_DOCUMENT_BYTES + 1);
        assert_eq!(reason(&long, 1), Some(Rejection::Limit));
    }
}
