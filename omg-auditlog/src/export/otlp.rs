//! OpenTelemetry's protocol as JSON lines (OTLP file exporter: one `ExportLogsServiceRequest` a
//! line; protocol version 1.x, where 64-bit integers are strings).

use super::object;
use crate::entry::Entry;
use crate::event::Severity;
use crate::value::Value;

/// The entry as an OTLP request with one log record: the line is its body, the parts of the
/// entry its attributes, under `omg.`.
#[must_use]
pub fn otlp(entry: &Entry) -> String {
    let nanos = |text: String| Value::Text(text);
    let time = entry.at().timestamp_micros();
    let record = object([
        ("attributes", attributes(entry)),
        ("body", string(entry.line())),
        ("eventName", entry.kind().as_str().into()),
        ("observedTimeUnixNano", nanos(format!("{time}000"))),
        ("severityNumber", Value::Integer(severity(entry.severity()))),
        ("severityText", entry.severity().as_str().into()),
        ("timeUnixNano", nanos(format!("{time}000"))),
    ]);
    let scope = object([
        ("logRecords", Value::List(vec![record])),
        ("scope", object([("name", "omg.audit".into())])),
    ]);
    let resource = object([(
        "attributes",
        Value::List(vec![
            attribute("host.name", string(&entry.machine().host)),
            attribute("service.name", string("omg")),
        ]),
    )]);
    let logs = object([
        ("resource", resource),
        ("scopeLogs", Value::List(vec![scope])),
    ]);
    object([("resourceLogs", Value::List(vec![logs]))]).to_json()
}

/// `SeverityNumber` (OpenTelemetry logs data model): DEBUG, INFO, INFO2, WARN, ERROR, FATAL.
fn severity(severity: Severity) -> i64 {
    match severity {
        Severity::Debug => 5,
        Severity::Info => 9,
        Severity::Notice => 10,
        Severity::Warning => 13,
        Severity::Error => 17,
        Severity::Critical => 21,
    }
}

fn attributes(entry: &Entry) -> Value {
    let mut all = vec![
        attribute("omg.hash", string(&entry.hash().to_string())),
        attribute("omg.outcome", string(entry.event().outcome.as_str())),
        attribute("omg.prev", string(&entry.prev().to_string())),
        attribute("omg.seq", any(&super::integer(entry.seq()))),
    ];
    let subject = entry.event().subject.iter();
    all.extend(subject.map(|(name, value)| attribute(&format!("omg.subject.{name}"), any(value))));
    let actor = entry.actor().fields();
    all.extend(
        actor
            .iter()
            .map(|(name, value)| attribute(&format!("omg.actor.{name}"), any(value))),
    );
    Value::List(all)
}

fn attribute(name: &str, value: Value) -> Value {
    object([("key", name.into()), ("value", value)])
}

fn string(text: &str) -> Value {
    object([("stringValue", text.into())])
}

/// `AnyValue`.
fn any(value: &Value) -> Value {
    match value {
        Value::Bool(value) => object([("boolValue", (*value).into())]),
        Value::Integer(value) => object([("intValue", value.to_string().into())]),
        Value::Text(text) => string(text),
        Value::List(values) => {
            let values = Value::List(values.iter().map(any).collect());
            object([("arrayValue", object([("values", values)]))])
        }
        Value::Object(fields) => {
            let values = fields
                .iter()
                .map(|(name, value)| attribute(name, any(value)));
            let values = Value::List(values.collect());
            object([("kvlistValue", object([("values", values)]))])
        }
    }
}
