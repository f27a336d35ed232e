//! `omg audit db`: dumps, deltas, the catalogue and the estimates, fetched from loopback.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod support;

use std::collections::BTreeMap;
use std::io::{Cursor, Write as _};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use support::server::{Answer, Request, Server};
use support::{Sandbox, pairs};

const CARGO_LOCK: &str = "version = 4\n\n[[package]]\nname = \"x\"\nversion = \"1.0.0\"\n\
    source = \"registry+https://github.com/rust-lang/crates.io-index\"\n";

/// What the dumps hold, by identifier: the time of the last change, and the record.
type Records = BTreeMap<&'static str, (&'static str, String)>;

fn record(id: &str, modified: &str, fixed: &str) -> String {
    json!({"id": id, "modified": modified, "aliases": ["CVE-2026-1"], "affected": [{"package":
        {"ecosystem": "crates.io", "name": "x"}, "ranges": [{"type": "SEMVER", "events":
        [{"introduced": "0"}, {"fixed": fixed}]}]}]})
    .to_string()
}

fn zip(records: &Records) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (id, (_, text)) in records {
        let options = zip::write::SimpleFileOptions::default();
        archive.start_file(format!("{id}.json"), options).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn gzip(text: &str) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(text.as_bytes()).unwrap();
    out.finish().unwrap()
}

fn answer(records: &Records, request: &Request) -> Answer {
    match request.path.as_str() {
        "/crates.io/all.zip" => Answer::Send(200, "application/zip", Vec::new(), zip(records)),
        "/crates.io/modified_id.csv" => {
            let mut lines: Vec<String> = records
                .iter()
                .map(|(id, (time, _))| format!("{time},{id}\n"))
                .collect();
            lines.sort_by(|a, b| b.cmp(a));
            Answer::Send(200, "text/csv", Vec::new(), lines.concat().into_bytes())
        }
        "/kev.json" => Answer::json(
            r#"{"dateReleased": "2026-11-20T00:00:00Z", "vulnerabilities":
            [{"cveID": "CVE-2026-1", "dateAdded": "2026-11-19"}]}"#,
        ),
        "/epss.csv.gz" => {
            let table = "#model_version:v1,score_date:2026-11-23T00:00:00+0000\n\
                         cve,epss,percentile\nCVE-2026-1,0.25,0.97\n";
            Answer::Send(200, "application/gzip", Vec::new(), gzip(table))
        }
        path => {
            let id = path
                .strip_prefix("/crates.io/")
                .and_then(|p| p.strip_suffix(".json"));
            match id.and_then(|id| records.get(id)) {
                Some((_, text)) => Answer::json(text.as_str()),
                None => Answer::status(404),
            }
        }
    }
}

fn start(records: &Arc<Mutex<Records>>) -> (Server, Sandbox) {
    let records = Arc::clone(records);
    let server = Server::start(move |request| answer(&records.lock().unwrap(), request));
    let mut sandbox = Sandbox::new();
    sandbox.env("OMG_OSV_DUMPS_URL", &server.url);
    sandbox.env("OMG_KEV_URL", format!("{}/kev.json", server.url));
    sandbox.env("OMG_EPSS_URL", format!("{}/epss.csv.gz", server.url));
    sandbox.write("Cargo.lock", CARGO_LOCK);
    (server, sandbox)
}

fn update(sandbox: &Sandbox) -> (i32, Value) {
    let nowhere = sandbox.path("nowhere");
    let root = ["--root", nowhere.to_str().unwrap()];
    sandbox.json(
        &[
            &["audit", "db", "update", "--ecosystem", "crates.io"][..],
            &root,
        ]
        .concat(),
    )
}

fn scan(sandbox: &Sandbox) -> (i32, Value) {
    let lock = sandbox.path("Cargo.lock");
    sandbox.json(&["audit", "--offline", "--lockfile", lock.to_str().unwrap()])
}

fn detail(update: &Value, name: &str) -> String {
    let rows = update["sources"].as_array().unwrap();
    let row = rows.iter().find(|row| row["name"] == name).unwrap();
    row["detail"].as_str().unwrap().to_owned()
}

#[test]
fn a_dump_then_only_what_changed() {
    let first = "2026-11-01T00:00:00Z";
    let records = Arc::new(Mutex::new(Records::from([
        ("A-1", (first, record("A-1", first, "2.0.0"))),
        ("A-2", (first, record("A-2", first, "0.5.0"))),
        ("A-3", (first, record("A-3", first, "3.0.0"))),
    ])));
    let (server, sandbox) = start(&records);
    let (code, result) = update(&sandbox);
    assert_eq!(
        (code, &result["status"]),
        (0, &json!("complete")),
        "{result}"
    );
    assert_eq!(detail(&result, "osv-crates.io"), "fetched");
    let (code, found) = scan(&sandbox);
    assert_eq!((code, &found["status"]), (1, &json!("complete")));
    let expected = [
        ("x".to_owned(), "A-1".to_owned()),
        ("x".to_owned(), "A-3".to_owned()),
    ];
    assert_eq!(pairs(&found), expected);
    // The catalogue and the estimates mark what they know.
    assert_eq!(found["findings"][0]["kev"], true);
    assert_eq!(found["findings"][0]["kev_added"], "2026-11-19");
    assert_eq!(found["findings"][0]["epss"], 0.25);

    // Nothing changed: no record and no dump is fetched.
    let (_, result) = update(&sandbox);
    assert_eq!(detail(&result, "osv-crates.io"), "unchanged");
    assert_eq!(server.count("GET /crates.io/all.zip"), 1);

    // One changed, one is new, one was taken back.
    let second = "2026-11-02T00:00:00Z";
    {
        let mut records = records.lock().unwrap();
        records.insert("A-2", (second, record("A-2", second, "4.0.0")));
        records.insert("A-4", (second, record("A-4", second, "4.0.0")));
        records.get_mut("A-3").unwrap().1 = record("A-3", second, "3.0.0").replace(
            "\"affected\"",
            "\"withdrawn\":\"2026-11-02T00:00:00Z\",\"affected\"",
        );
        records.get_mut("A-3").unwrap().0 = second;
    }
    let (_, result) = update(&sandbox);
    assert_eq!(detail(&result, "osv-crates.io"), "3 changed");
    assert_eq!(server.count("GET /crates.io/all.zip"), 1);
    let (_, found) = scan(&sandbox);
    let ids: Vec<String> = pairs(&found).into_iter().map(|(_, id)| id).collect();
    assert_eq!(ids, ["A-1", "A-2", "A-4"]);
}

#[test]
fn a_record_that_is_gone_is_dropped() {
    let first = "2026-11-01T00:00:00Z";
    let records = Arc::new(Mutex::new(Records::from([(
        "A-1",
        (first, record("A-1", first, "2.0.0")),
    )])));
    let list = Arc::clone(&records);
    let server = Server::start(move |request| match request.path.as_str() {
        // Listed as changed, and not there.
        "/crates.io/modified_id.csv" => Answer::Send(
            200,
            "text/csv",
            Vec::new(),
            b"2026-11-03T00:00:00Z,A-1\n".to_vec(),
        ),
        "/crates.io/A-1.json" => Answer::status(404),
        _ => answer(&list.lock().unwrap(), request),
    });
    let (_, mut sandbox) = start(&records);
    sandbox.env("OMG_OSV_DUMPS_URL", &server.url);
    update(&sandbox);
    assert_eq!(pairs(&scan(&sandbox).1).len(), 1);
    let (_, result) = update(&sandbox);
    assert_eq!(detail(&result, "osv-crates.io"), "1 changed");
    assert_eq!(scan(&sandbox).1["findings"], json!([]));
}

#[test]
fn a_broken_record_in_a_dump_is_counted_and_makes_every_scan_incomplete() {
    let first = "2026-11-01T00:00:00Z";
    let records = Arc::new(Mutex::new(Records::from([
        ("A-1", (first, record("A-1", first, "2.0.0"))),
        ("A-2", (first, "{\"id\": 7}".to_owned())),
    ])));
    let (_server, sandbox) = start(&records);
    let (code, result) = update(&sandbox);
    assert_eq!(code, 3);
    assert_eq!(
        detail(&result, "osv-crates.io"),
        "broken records: 1; fetched"
    );
    let (code, found) = scan(&sandbox);
    assert_eq!((code, &found["status"]), (3, &json!("incomplete")));
    assert_eq!(pairs(&found).len(), 1);
}

#[test]
fn a_dump_that_cannot_be_read_leaves_the_old_one() {
    let first = "2026-11-01T00:00:00Z";
    let records = Arc::new(Mutex::new(Records::from([(
        "A-1",
        (first, record("A-1", first, "2.0.0")),
    )])));
    let (_server, mut sandbox) = start(&records);
    update(&sandbox);
    for bad in [
        b"PK\x03\x04 and no more".to_vec(),
        Vec::new(),
        zip(&Records::new()),
    ] {
        let server = Server::start(move |request| match request.path.as_str() {
            "/crates.io/all.zip" => Answer::Send(200, "application/zip", Vec::new(), bad.clone()),
            _ => Answer::status(404),
        });
        sandbox.env("OMG_OSV_DUMPS_URL", &server.url);
        let nowhere = sandbox.path("nowhere");
        let args = [
            "audit",
            "db",
            "update",
            "--full",
            "--ecosystem",
            "crates.io",
            "--root",
        ];
        let (code, _) = sandbox.json(&[&args[..], &[nowhere.to_str().unwrap()]].concat());
        assert_eq!(code, 3);
        assert_eq!(pairs(&scan(&sandbox).1).len(), 1);
    }
}

#[test]
fn status_says_what_is_stored_and_when_it_is_stale() {
    let first = "2026-11-01T00:00:00Z";
    let records = Arc::new(Mutex::new(Records::from([(
        "A-1",
        (first, record("A-1", first, "2.0.0")),
    )])));
    let (_server, sandbox) = start(&records);
    update(&sandbox);
    let (code, status) = sandbox.json(&["audit", "db", "status"]);
    assert_eq!(code, 0, "{status}");
    let names: Vec<_> = status["sources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["name"].clone())
        .collect();
    assert_eq!(names, ["osv-crates.io", "kev", "epss"]);
    let (code, status) = sandbox.json(&["audit", "db", "status", "--at", "2036-01-01T00:00:00Z"]);
    assert_eq!(code, 3);
    assert_eq!(status["sources"][0]["status"], "stale");
}

/// An ecosystem that OSV does not have is never asked for.
#[test]
fn an_ecosystem_that_does_not_exist_is_refused_without_a_request() {
    let (server, sandbox) = start(&Arc::new(Mutex::new(Records::new())));
    let nowhere = sandbox.path("nowhere");
    let args = [
        "audit",
        "db",
        "update",
        "--ecosystem",
        "Slackware",
        "--root",
    ];
    let (code, result) = sandbox.json(&[&args[..], &[nowhere.to_str().unwrap()]].concat());
    assert_eq!(code, 3);
    assert!(
        detail(&result, "osv-Slackware").contains("ecosystem"),
        "{result}"
    );
    assert_eq!(server.count("GET /Slackware"), 0);
}

/// A fault injected into the catalogue: the scan that needs it says so.
#[test]
fn a_catalogue_that_cannot_be_read_is_no_catalogue() {
    let records = Arc::new(Mutex::new(Records::from([(
        "A-1",
        (
            "2026-11-01T00:00:00Z",
            record("A-1", "2026-11-01T00:00:00Z", "2.0.0"),
        ),
    )])));
    let (_server, mut sandbox) = start(&records);
    let server = Server::start(|_| Answer::json(r#"{"vulnerabilities": []}"#));
    sandbox.env("OMG_KEV_URL", format!("{}/kev.json", server.url));
    assert_eq!(update(&sandbox).0, 3);
    let lock = sandbox.path("Cargo.lock");
    let args = ["audit", "--offline", "--fail-on", "kev", "--lockfile"];
    let (code, found) = sandbox.json(&[&args[..], &[lock.to_str().unwrap()]].concat());
    assert_eq!((code, &found["status"]), (3, &json!("incomplete")));
}
