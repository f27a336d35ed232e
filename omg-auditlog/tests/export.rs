//! Entries as OCSF, RFC 5424 and OTLP: what stands where, what is escaped, and that the line
//! comes through byte for byte.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod common;

use common::{actor, at, machine, origin};
use omg_auditlog::{Chain, Entry, Event, EventKind, Outcome, Severity, Value, export};
use serde_json::Value as Json;

fn entry(event: Event) -> Entry {
    let (mut chain, _) = Chain::open(&origin(), &machine(), &actor(), at(0)).unwrap();
    chain.append(event, &actor(), &machine(), at(1)).unwrap()
}

fn json(text: &str) -> Json {
    assert!(!text.contains('\n'), "one line");
    serde_json::from_str(text).unwrap()
}

const HOSTILE: &str = "a\"b\\c]d\ne\u{1b}[31mf\u{fc}";

fn hostile() -> Entry {
    let list = Value::List(vec![1i64.into(), true.into()]);
    let inner = [("x".to_owned(), Value::from("y"))];
    let event = Event::new(EventKind::PackageUpgrade)
        .with("package", HOSTILE)
        .with("to", "1.2-1")
        .with("count", 7i64)
        .with("list", list)
        .with("object", Value::Object(inner.into()))
        .with("a-name-that-is-longer-than-thirty-two-characters", "z")
        .with_severity(Severity::Critical)
        .with_outcome(Outcome::Failure);
    entry(event)
}

#[test]
fn packages_are_application_lifecycle() {
    let cases = [
        (EventKind::PackageInstall, 1),
        (EventKind::PackageRemove, 2),
        (EventKind::PackageUpgrade, 8),
        (EventKind::PackageDowngrade, 8),
    ];
    for (kind, activity) in cases {
        let event = Event::new(kind.clone())
            .with("package", "zlib")
            .with("to", "1.3.1-2");
        let entry = entry(event);
        let ocsf = json(&export::ocsf(&entry));
        assert_eq!(ocsf["class_uid"], 6002);
        assert_eq!(ocsf["category_uid"], 6);
        assert_eq!(ocsf["activity_id"], activity);
        assert_eq!(ocsf["type_uid"], 600_200 + activity);
        assert_eq!(ocsf["activity_name"], kind.as_str());
        assert_eq!(ocsf["app"]["name"], "zlib");
        assert_eq!(ocsf["app"]["version"], "1.3.1-2");
        assert_eq!(
            (&ocsf["severity_id"], &ocsf["status_id"]),
            (&1.into(), &1.into())
        );
        assert_eq!(ocsf["time"], entry.at().timestamp_millis());
        assert_eq!(ocsf["metadata"]["version"], "1.4.0");
        assert_eq!(ocsf["metadata"]["sequence"], 1);
        assert_eq!(ocsf["metadata"]["uid"], entry.hash().to_string());
        assert_eq!(ocsf["actor"]["user"]["name"], "alice");
        assert_eq!(ocsf["device"]["hostname"], "h1");
        assert_eq!(ocsf["raw_data"], entry.line());
        assert_eq!(ocsf["unmapped"]["subject"]["package"], "zlib");
    }
}

#[test]
fn vulnerabilities_are_findings() {
    for (advisory, field, other) in [
        ("CVE-2024-3094", "cve", "advisory"),
        ("AVG-2851", "advisory", "cve"),
    ] {
        let event = Event::new(EventKind::VulnerabilityDetected)
            .with("advisory", advisory)
            .with("package", "xz")
            .with("version", "5.6.1-1")
            .with("fixed_in", "5.6.1-2")
            .with("rating", "critical")
            .with("exploited", true);
        let ocsf = json(&export::ocsf(&entry(event)));
        assert_eq!(
            (&ocsf["class_uid"], &ocsf["type_uid"]),
            (&2002.into(), &200_201.into())
        );
        assert_eq!(ocsf["finding_info"]["uid"], format!("{advisory}/xz"));
        let found = &ocsf["vulnerabilities"][0];
        assert_eq!(found[field]["uid"], advisory);
        assert!(found.get(other).is_none());
        assert_eq!(found["severity"], "critical");
        assert_eq!(found["is_exploit_available"], true);
        assert_eq!(found["affected_packages"][0]["version"], "5.6.1-1");
        assert_eq!(found["affected_packages"][0]["fixed_in_version"], "5.6.1-2");
    }
}

#[test]
fn other_events_are_base_events() {
    let event = Event::new(EventKind::SecretsFound).with_outcome(Outcome::Incomplete);
    let ocsf = json(&export::ocsf(&entry(event)));
    assert_eq!(
        (&ocsf["class_uid"], &ocsf["type_uid"]),
        (&0.into(), &99.into())
    );
    assert_eq!(
        (&ocsf["activity_id"], &ocsf["status_id"]),
        (&99.into(), &99.into())
    );
    assert_eq!(ocsf["unmapped"]["event"], "SecretsFound");
}

#[test]
fn severities_have_their_numbers() {
    let numbers = [
        (1, 5, 111),
        (1, 9, 110),
        (2, 10, 109),
        (3, 13, 108),
        (4, 17, 107),
        (5, 21, 106),
    ];
    for (severity, (in_ocsf, in_otlp, priority)) in Severity::ALL.into_iter().zip(numbers) {
        let entry = entry(Event::new(EventKind::SecurityAudit).with_severity(severity));
        assert_eq!(json(&export::ocsf(&entry))["severity_id"], in_ocsf);
        let record = record(&entry);
        assert_eq!(record["severityNumber"], in_otlp);
        assert_eq!(record["severityText"], severity.as_str());
        let line = export::rfc5424(&entry);
        assert!(line.starts_with(&format!("<{priority}>1 ")), "{line}");
    }
}

/// A reader of RFC 5424 of its own: header, structured data, message.
fn syslog(line: &str) -> (Vec<&str>, Vec<(String, String)>, &str) {
    let header: Vec<&str> = line.splitn(7, ' ').collect();
    let rest = header[6];
    let rest = rest.strip_prefix("[omg@32473").unwrap();
    let mut parameters = Vec::new();
    let mut chars = rest.char_indices();
    loop {
        match chars.next().unwrap() {
            (at, ']') => return (header[..6].to_vec(), parameters, &rest[at + 2..]),
            (_, ' ') => {}
            other => panic!("{other:?}"),
        }
        let name: String = chars
            .by_ref()
            .map(|(_, c)| c)
            .take_while(|c| *c != '=')
            .collect();
        assert_eq!(chars.next().unwrap().1, '"');
        let mut value = String::new();
        loop {
            match chars.next().unwrap().1 {
                '"' => break,
                '\\' => value.push(chars.next().unwrap().1),
                ']' => panic!("not escaped"),
                c => value.push(c),
            }
        }
        parameters.push((name, value));
    }
}

#[test]
fn syslog_lines_are_escaped() {
    let entry = hostile();
    let line = export::rfc5424(&entry);
    assert!(!line.chars().any(char::is_control));
    let (header, parameters, message) = syslog(&line);
    assert_eq!(
        header,
        [
            "<106>1",
            "2026-11-24T06:00:01.000000Z",
            "h1",
            "omg",
            "-",
            "PackageUpgrade"
        ]
    );
    assert_eq!(message, entry.line());
    let of = |name: &str| {
        let found = parameters.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    };
    assert_eq!(of("seq"), Some("1"));
    assert_eq!(of("hash"), Some(entry.hash().to_string().as_str()));
    assert_eq!(of("outcome"), Some("failure"));
    assert_eq!(
        of("subject.package"),
        Some("a\"b\\c]d\u{fffd}e\u{fffd}[31mf\u{fc}")
    );
    assert_eq!(of("subject.count"), Some("7"));
    assert_eq!(of("subject.list"), Some("[1,true]"));
    assert!(parameters.iter().all(|(name, _)| name.len() <= 32));
    assert_eq!(parameters.len(), 8);
}

#[test]
fn syslog_headers_hold_only_what_they_may() {
    let (mut chain, _) = Chain::open(&origin(), &machine(), &actor(), at(0)).unwrap();
    for (host, shown) in [
        ("", "-"),
        ("a b\u{fc}\nc", "abc"),
        (&"h".repeat(300), &"h".repeat(255)),
    ] {
        let machine = omg_auditlog::Machine::new(host, "");
        let kind = format!("org.example.{}", "x".repeat(40)).parse().unwrap();
        let entry = chain
            .append(Event::new(kind), &actor(), &machine, at(1))
            .unwrap();
        let line = export::rfc5424(&entry);
        let (header, _, _) = syslog(&line);
        assert_eq!((header[2], header[5].len()), (shown, 32));
    }
}

fn record(entry: &Entry) -> Json {
    let otlp = json(&export::otlp(entry));
    let logs = &otlp["resourceLogs"][0];
    let host = &logs["resource"]["attributes"][0];
    assert_eq!(
        (&host["key"], &host["value"]["stringValue"]),
        (&"host.name".into(), &"h1".into())
    );
    logs["scopeLogs"][0]["logRecords"][0].clone()
}

#[test]
fn otlp_has_values_of_every_kind() {
    let entry = hostile();
    let record = record(&entry);
    assert_eq!(record["body"]["stringValue"], entry.line());
    assert_eq!(record["eventName"], "PackageUpgrade");
    // 64-bit integers are strings in OTLP's JSON.
    assert_eq!(
        record["timeUnixNano"],
        format!("{}000", entry.at().timestamp_micros())
    );
    let attributes = record["attributes"].as_array().unwrap();
    let of = |name: &str| {
        let found = attributes.iter().find(|attribute| attribute["key"] == name);
        found.unwrap_or_else(|| panic!("{name}"))["value"].clone()
    };
    assert_eq!(of("omg.seq")["intValue"], "1");
    assert_eq!(of("omg.hash")["stringValue"], entry.hash().to_string());
    assert_eq!(of("omg.actor.uid")["intValue"], "0");
    assert_eq!(of("omg.subject.package")["stringValue"], HOSTILE);
    assert_eq!(
        of("omg.subject.list")["arrayValue"]["values"][0]["intValue"],
        "1"
    );
    assert_eq!(
        of("omg.subject.list")["arrayValue"]["values"][1]["boolValue"],
        true
    );
    let inner = &of("omg.subject.object")["kvlistValue"]["values"][0];
    assert_eq!(
        (&inner["key"], &inner["value"]["stringValue"]),
        (&"x".into(), &"y".into())
    );
}

#[test]
fn the_same_entry_gives_the_same_bytes() {
    let entry = hostile();
    let again = Entry::from_line(entry.line().as_bytes()).unwrap();
    assert_eq!(export::ocsf(&entry), export::ocsf(&again));
    assert_eq!(export::otlp(&entry), export::otlp(&again));
    assert_eq!(export::rfc5424(&entry), export::rfc5424(&again));
}
