//! RFC 5424, the syslog protocol: structured data for machines, the entry's line as the message.

use chrono::SecondsFormat;

use crate::entry::Entry;
use crate::event::Severity;
use crate::value::Value;

/// "log audit" (RFC 5424, section 6.2.1).
const FACILITY: u8 = 13;

/// The number that RFC 5612 sets aside for documentation, since this program has none of its own.
const SD_ID: &str = "omg@32473";

/// The entry as a syslog message. Text of the subject stands in the structured data if its name
/// can be one there (at most 32 characters); all of it is in the message, which is the line.
#[must_use]
pub fn rfc5424(entry: &Entry) -> String {
    let priority = FACILITY * 8 + severity(entry.severity());
    let time = entry.at().to_rfc3339_opts(SecondsFormat::Micros, true);
    let host = name(&entry.machine().host, 255);
    let event = name(entry.kind().as_str(), 32);
    let mut out = format!("<{priority}>1 {time} {host} omg - {event} [{SD_ID}");
    parameter(&mut out, "seq", &entry.seq().to_string());
    parameter(&mut out, "hash", &entry.hash().to_string());
    parameter(&mut out, "outcome", entry.event().outcome.as_str());
    for (name, value) in &entry.event().subject {
        // "subject." keeps them apart from the three above.
        let name = format!("subject.{name}");
        if name.len() > 32 {
            continue;
        }
        match value {
            Value::Text(text) => parameter(&mut out, &name, text),
            other => parameter(&mut out, &name, &other.to_json()),
        }
    }
    out.push_str("] ");
    out.push_str(entry.line());
    out
}

/// Section 6.2.1, table 2.
fn severity(severity: Severity) -> u8 {
    match severity {
        Severity::Critical => 2,
        Severity::Error => 3,
        Severity::Warning => 4,
        Severity::Notice => 5,
        Severity::Info => 6,
        Severity::Debug => 7,
    }
}

/// A field of the header: printable ASCII without spaces, or `-` (section 6, PRINTUSASCII).
fn name(text: &str, longest: usize) -> String {
    let plain = text.chars().filter(char::is_ascii_graphic);
    let plain: String = plain.take(longest).collect();
    if plain.is_empty() {
        "-".to_owned()
    } else {
        plain
    }
}

/// Section 6.3.3: `"`, `\` and `]` are escaped. Control characters, which would end the line,
/// become U+FFFD; the message has them as JSON escapes them.
fn parameter(out: &mut String, name: &str, value: &str) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    for c in value.chars() {
        match c {
            '"' | '\\' | ']' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out.push('"');
}
