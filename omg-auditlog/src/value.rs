//! Values of an entry: the part of JSON that every reader understands alike (I-JSON, RFC 7493),
//! without fractions and null, written canonically (RFC 8785).

use std::collections::BTreeMap;

use crate::error::Error;

/// The greatest integer that every JSON reader keeps exact: 2^53 - 1 (RFC 7493, section 2.2).
pub const MAX_INTEGER: i64 = (1 << 53) - 1;

/// How deep objects and lists may be nested below an entry.
pub const MAX_DEPTH: usize = 8;

/// A value in an event's subject.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// `true` or `false`.
    Bool(bool),
    /// An integer from -(2^53 - 1) to 2^53 - 1.
    Integer(i64),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Value>),
    /// An object.
    Object(BTreeMap<String, Value>),
}

impl Value {
    /// The text, if this is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The integer, if this is one.
    #[must_use]
    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Integer(integer) => Some(*integer),
            _ => None,
        }
    }

    /// The value as canonical JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    pub(crate) fn check(&self, depth: usize) -> Result<(), Error> {
        if depth > MAX_DEPTH {
            return Err(Error::TooDeep { limit: MAX_DEPTH });
        }
        match self {
            Self::Bool(_) | Self::Text(_) => Ok(()),
            Self::Integer(value) if (-MAX_INTEGER..=MAX_INTEGER).contains(value) => Ok(()),
            Self::Integer(value) => Err(Error::IntegerRange { value: *value }),
            Self::List(values) => values.iter().try_for_each(|value| value.check(depth + 1)),
            Self::Object(fields) => check_fields(fields, depth),
        }
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Integer(value) => out.push_str(&value.to_string()),
            Self::Text(text) => write_text(text, out),
            Self::List(values) => {
                out.push('[');
                for (index, value) in values.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    value.write(out);
                }
                out.push(']');
            }
            Self::Object(fields) => write_object(fields, out),
        }
    }

    pub(crate) fn from_serde(value: serde_json::Value) -> Option<Self> {
        Some(match value {
            serde_json::Value::Bool(value) => Self::Bool(value),
            serde_json::Value::Number(number) => Self::Integer(number.as_i64()?),
            serde_json::Value::String(text) => Self::Text(text),
            serde_json::Value::Array(values) => Self::List(
                values
                    .into_iter()
                    .map(Self::from_serde)
                    .collect::<Option<_>>()?,
            ),
            serde_json::Value::Object(fields) => Self::Object(
                fields
                    .into_iter()
                    .map(|(name, value)| Some((name, Self::from_serde(value)?)))
                    .collect::<Option<_>>()?,
            ),
            serde_json::Value::Null => return None,
        })
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Integer(i64::from(value))
    }
}

/// Names are ASCII, so that their order is the same in bytes and in UTF-16 code units, which is
/// what RFC 8785, section 3.2.3, sorts by.
pub(crate) fn check_fields(fields: &BTreeMap<String, Value>, depth: usize) -> Result<(), Error> {
    for (name, value) in fields {
        if !is_field_name(name.as_bytes()) {
            return Err(Error::FieldName { name: name.clone() });
        }
        value.check(depth + 1)?;
    }
    Ok(())
}

pub(crate) fn is_field_name(name: &[u8]) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    (1..=64).contains(&name.len()) && name.iter().all(plain)
}

pub(crate) fn write_object(fields: &BTreeMap<String, Value>, out: &mut String) {
    out.push('{');
    for (index, (name, value)) in fields.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write_text(name, out);
        out.push(':');
        value.write(out);
    }
    out.push('}');
}

/// RFC 8785, section 3.2.2.2: only what JSON must escape is escaped, in the shortest form.
pub(crate) fn write_text(text: &str, out: &mut String) {
    out.push('"');
    let mut plain = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.push_str(&text[plain..at]);
        plain = at + 1;
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            0x08 => out.push_str("\\b"),
            b'\t' => out.push_str("\\t"),
            b'\n' => out.push_str("\\n"),
            0x0c => out.push_str("\\f"),
            b'\r' => out.push_str("\\r"),
            _ => out.push_str(&format!("\\u{byte:04x}")),
        }
    }
    out.push_str(&text[plain..]);
    out.push('"');
}
