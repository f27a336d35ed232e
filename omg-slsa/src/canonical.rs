//! Canonical JSON, as signatures over in-toto links are made: keys in order, no blanks.
//!
//! <http://wiki.laptop.org/go/Canonical_JSON>, as in-toto specification 1.0, section 4.1, has it.

use serde_json::Value;

/// How text is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Escapes {
    /// Quotation marks and backslashes only: the definition, and in-toto in Python.
    Olpc,
    /// Control characters too, but for line ends: in-toto in Rust (0.4), and so rebuilderd. Like
    /// there, the two characters `\n` of escaped text become a line end, wherever they stand.
    Rust,
}

/// `None` if there is a number that is no integer.
pub(crate) fn of(value: &Value, escapes: Escapes) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    write(value, escapes, &mut out)?;
    Some(out)
}

fn write(value: &Value, escapes: Escapes, out: &mut Vec<u8>) -> Option<()> {
    match value {
        Value::Null => out.extend(b"null"),
        Value::Bool(true) => out.extend(b"true"),
        Value::Bool(false) => out.extend(b"false"),
        Value::Number(number) if number.is_f64() => return None,
        Value::Number(number) => out.extend(number.to_string().into_bytes()),
        Value::String(text) => write_text(text, escapes, out),
        Value::Array(items) => {
            out.push(b'[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                write(item, escapes, out)?;
            }
            out.push(b']');
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by_key(|(name, _)| name.as_bytes());
            out.push(b'{');
            for (at, (name, value)) in members.into_iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                write_text(name, escapes, out);
                out.push(b':');
                write(value, escapes, out)?;
            }
            out.push(b'}');
        }
    }
    Some(())
}

fn write_text(text: &str, escapes: Escapes, out: &mut Vec<u8>) {
    match escapes {
        Escapes::Rust => {
            let text = Value::from(text).to_string().replace("\\n", "\n");
            out.extend(text.into_bytes());
        }
        Escapes::Olpc => {
            out.push(b'"');
            for byte in text.bytes() {
                if matches!(byte, b'"' | b'\\') {
                    out.push(b'\\');
                }
                out.push(byte);
            }
            out.push(b'"');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_in_order_and_text_as_it_is() {
        let value = serde_json::json!({"b": [1, -2, null, true], "a": {"z": "\"\\\n\t", "é": ""}});
        let text = |escapes| String::from_utf8(of(&value, escapes).unwrap()).unwrap();
        let begin = r#"{"a":{"z":"\"\\"#;
        let end = r#"","é":""},"b":[1,-2,null,true]}"#;
        assert_eq!(text(Escapes::Olpc), format!("{begin}\n\t{end}"));
        assert_eq!(text(Escapes::Rust), format!("{begin}\n\\t{end}"));
        assert_eq!(of(&serde_json::json!([1.5]), Escapes::Olpc), None);
    }
}
