//! The network, met on loopback: what the services answer, and every way in which they fail.
//! Each fault ends in full results or in an incomplete scan that names the source.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod support;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use support::server::{Answer, Request, Server};
use support::{Sandbox, pairs};

const FEED: &str = r#"[{"name": "AVG-1", "packages": ["curl"], "status": "Fixed",
    "severity": "High", "type": "x", "affected": "8-1", "fixed": "9-1", "issues": ["CVE-1"]}]"#;

/// An OSV that knows these advisories, by package name.
fn osv(known: &'static [(&'static str, &'static str)]) -> impl Fn(&Request) -> Answer {
    move |request| match request.path.as_str() {
        "/v1/querybatch" => {
            let body: Value = serde_json::from_slice(&request.body).unwrap();
            let results = body["queries"].as_array().unwrap().iter().map(|query| {
                let name = query["package"]["name"].as_str().unwrap();
                let found = known.iter().filter(|(package, _)| *package == name);
                let vulns: Vec<Value> = found
                    .map(|(_, id)| json!({"id": id, "modified": "2026-11-01T00:00:00Z"}))
                    .collect();
                if vulns.is_empty() {
                    json!({})
                } else {
                    json!({ "vulns": vulns })
                }
            });
            Answer::json(json!({ "results": results.collect::<Vec<_>>() }).to_string())
        }
        path => match path.strip_prefix("/v1/vulns/") {
            Some(id) => Answer::json(record(id, known)),
            None => Answer::status(404),
        },
    }
}

fn record(id: &str, known: &[(&str, &str)]) -> String {
    let packages = known
        .iter()
        .filter(|(_, known)| *known == id)
        .map(|(package, _)| {
            json!({"package": {"ecosystem": "Debian:12", "name": package}, "ranges": [{"type":
            "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "9"}]}]})
        });
    let severity =
        json!([{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}]);
    json!({"id": id, "modified": "2026-11-01T00:00:00Z", "severity": severity,
        "affected": packages.collect::<Vec<_>>()})
    .to_string()
}

fn arch(server: &Server) -> (Sandbox, String) {
    let mut sandbox = Sandbox::new();
    sandbox.env("OMG_ARCH_URL", format!("{}/all.json", server.url));
    let root = sandbox.arch_root(&[("curl", "8-1"), ("zlib", "1-1")]);
    (sandbox, root.to_str().unwrap().to_owned())
}

fn debian(server: &Server) -> (Sandbox, String) {
    let mut sandbox = Sandbox::new();
    sandbox.env("OMG_OSV_URL", &server.url);
    let root = sandbox.debian_root(&[("curl", "8"), ("zlib", "1")]);
    (sandbox, root.to_str().unwrap().to_owned())
}

fn source(scan: &Value, kind: &str) -> Value {
    let sources = scan["sources"].as_array().unwrap();
    sources
        .iter()
        .find(|source| source["kind"] == kind)
        .unwrap()
        .clone()
}

#[test]
fn the_tracker_is_asked_once_an_hour() {
    let server = Server::start(|_| Answer::json(FEED));
    let (sandbox, root) = arch(&server);
    for _ in 0..2 {
        let (code, scan) = sandbox.json(&["audit", "--root", &root]);
        assert_eq!(code, 1);
        assert_eq!(scan["status"], "complete");
        assert_eq!(pairs(&scan), [("curl".into(), "AVG-1".into())]);
    }
    assert_eq!(server.requests(), ["GET /all.json"]);
}

#[test]
fn an_unchanged_feed_is_not_sent_again() {
    let server = Server::start(|request| match request.header("if-none-match") {
        Some("\"1\"") => Answer::Send(304, "application/json", Vec::new(), Vec::new()),
        _ => {
            let etag = vec![("ETag".to_owned(), "\"1\"".to_owned())];
            Answer::Send(200, "application/json", etag, FEED.into())
        }
    });
    let (sandbox, root) = arch(&server);
    let details = (0..2).map(|_| {
        let (code, update) = sandbox.json(&["audit", "db", "update", "--root", &root]);
        assert_eq!(code, 3, "the other two sources are not there");
        update["sources"][0]["detail"].clone()
    });
    assert_eq!(details.collect::<Vec<_>>(), ["fetched", "unchanged"]);
}

#[test]
fn debian_is_asked_by_source_package_and_answers_are_kept() {
    let server = Server::start(osv(&[("curl", "DSA-1")]));
    let (sandbox, root) = debian(&server);
    for _ in 0..2 {
        let (code, scan) = sandbox.json(&["audit", "scan", "--root", &root]);
        assert_eq!(code, 1, "{scan}");
        assert_eq!(scan["status"], "complete");
        let finding = &scan["findings"][0];
        assert_eq!(finding["advisory"], "DSA-1");
        assert_eq!(finding["severity"], "critical");
        assert_eq!(finding["cvss"], 9.8);
        assert_eq!(finding["fixed_in"], "9");
        assert_eq!(finding["package"]["ecosystem"], "Debian:12");
    }
    assert_eq!(
        server.requests(),
        ["POST /v1/querybatch", "GET /v1/vulns/DSA-1"]
    );
}

/// 1,500 packages are two requests.
#[test]
fn many_packages_need_few_requests() {
    let server = Server::start(osv(&[]));
    let mut sandbox = Sandbox::new();
    sandbox.env("OMG_OSV_URL", &server.url);
    let names: Vec<String> = (0..1_500)
        .map(|number| format!("package{number}"))
        .collect();
    let packages: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "1")).collect();
    let root = sandbox.debian_root(&packages);
    let (code, scan) = sandbox.json(&["audit", "scan", "--root", root.to_str().unwrap()]);
    assert_eq!((code, &scan["status"]), (0, &json!("complete")));
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn offline_opens_no_socket() {
    let server = Server::start(|_| Answer::json(FEED));
    let (sandbox, root) = arch(&server);
    let (code, scan) = sandbox.json(&["audit", "--root", &root, "--offline"]);
    assert_eq!(code, 3);
    assert_eq!(source(&scan, "arch_tracker")["status"], "missing");
    assert_eq!(server.requests(), [""; 0]);
}

#[test]
fn what_was_stored_serves_when_the_network_does_not_and_is_not_passed_off_as_fresh() {
    let server = Server::start(|_| Answer::json(FEED));
    let (mut sandbox, root) = arch(&server);
    sandbox.json(&["audit", "db", "update", "--root", &root]);
    let (code, scan) = sandbox.json(&["audit", "--root", &root, "--offline"]);
    assert_eq!((code, &scan["status"]), (1, &json!("complete")));
    // The stored index is taken for old, and the server is gone.
    sandbox.env("OMG_ARCH_URL", "http://127.0.0.1:9/all.json");
    age_database(&sandbox, "arch.idx");
    let (code, scan) = sandbox.json(&["audit", "--root", &root]);
    assert_eq!((code, &scan["status"]), (3, &json!("incomplete")));
    let tracker = source(&scan, "arch_tracker");
    assert_eq!(tracker["status"], "unreachable");
    assert!(
        tracker["detail"].as_str().unwrap().contains("127.0.0.1:9"),
        "{tracker}"
    );
    assert_eq!(pairs(&scan), [("curl".into(), "AVG-1".into())]);
}

/// Rewrites the index as if it had been fetched long ago.
fn age_database(sandbox: &Sandbox, name: &str) {
    let path = sandbox.path(&format!(".cache/omg/db/{name}"));
    let index = omg_vuln::Index::open(std::fs::read(&path).unwrap()).unwrap();
    let mut meta = index.meta().clone();
    meta.fetched = Some("2020-01-01T00:00:00Z".parse().unwrap());
    std::fs::write(&path, index.with_meta(meta).unwrap()).unwrap();
}

#[test]
fn an_old_database_is_stale() {
    let server = Server::start(|_| Answer::json(FEED));
    let (sandbox, root) = arch(&server);
    sandbox.json(&["audit", "db", "update", "--root", &root]);
    age_database(&sandbox, "arch.idx");
    let (code, scan) = sandbox.json(&["audit", "--root", &root, "--offline"]);
    assert_eq!(code, 3);
    assert_eq!(source(&scan, "arch_tracker")["status"], "stale");
    let (code, _) = sandbox.json(&["audit", "--root", &root, "--offline", "--max-age", "100000"]);
    assert_eq!(code, 1);
}

#[test]
fn a_damaged_or_foreign_database_is_never_trusted() {
    let server = Server::start(|_| Answer::json(FEED));
    let (sandbox, root) = arch(&server);
    sandbox.json(&["audit", "db", "update", "--root", &root]);
    let path = sandbox.path(".cache/omg/db/arch.idx");
    let good = std::fs::read(&path).unwrap();
    let offline = || sandbox.json(&["audit", "--root", &root, "--offline"]);
    let mut torn = good.clone();
    torn.truncate(good.len() / 2);
    std::fs::write(&path, torn).unwrap();
    let (code, scan) = offline();
    assert_eq!(
        (code, &source(&scan, "arch_tracker")["status"]),
        (3, &json!("unreadable"))
    );
    std::fs::write(&path, "something else").unwrap();
    let (code, scan) = offline();
    assert_eq!(
        (code, &source(&scan, "arch_tracker")["status"]),
        (3, &json!("missing"))
    );
    // A file that others may write is not ours.
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::write(&path, &good).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).unwrap();
    let (code, scan) = offline();
    assert_eq!(
        (code, &source(&scan, "arch_tracker")["status"]),
        (3, &json!("unreadable"))
    );
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(offline().0, 1);
}

#[test]
fn a_torn_cache_of_answers_is_as_if_it_were_empty() {
    let server = Server::start(osv(&[("curl", "DSA-1")]));
    let (sandbox, root) = debian(&server);
    sandbox.json(&["audit", "--root", &root]);
    for name in ["answers.bin", "records.bin"] {
        let path = sandbox.path(&format!(".cache/omg/db/{name}"));
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() - 3]).unwrap();
    }
    let (code, scan) = sandbox.json(&["audit", "--root", &root]);
    assert_eq!((code, &scan["status"]), (1, &json!("complete")));
    assert_eq!(server.count("POST"), 2);
}

#[test]
fn clear_empties_everything() {
    let server = Server::start(osv(&[("curl", "DSA-1")]));
    let (sandbox, root) = debian(&server);
    sandbox.json(&["audit", "--root", &root]);
    let run = sandbox.run(&["audit", "db", "clear"]);
    assert_eq!(run.code, 0);
    assert!(run.stdout.starts_with("removed 2 files"), "{}", run.stdout);
    sandbox.json(&["audit", "--root", &root]);
    assert_eq!(server.count("POST"), 2);
}

/// The faults of a feed, each alone.
#[test]
fn every_fault_of_the_tracker_is_named_and_never_clean() {
    type Fault = Box<dyn Fn(&Request) -> Answer + Send + Sync>;
    let faults: Vec<(&str, Fault)> = vec![
        ("400", Box::new(|_| Answer::status(400))),
        ("404", Box::new(|_| Answer::status(404))),
        ("cut", Box::new(|_| Answer::Cut(FEED[..60].into()))),
        ("cut JSON", Box::new(|_| Answer::json(&FEED[..60]))),
        (
            "HTML",
            Box::new(|_| Answer::Send(200, "text/html", Vec::new(), b"<html>".to_vec())),
        ),
        ("empty", Box::new(|_| Answer::json("[]"))),
        ("nothing", Box::new(|_| Answer::json(""))),
        ("another document", Box::new(|_| Answer::json("{}"))),
        (
            "redirect to http elsewhere",
            Box::new(|_| {
                let to = (
                    "Location".to_owned(),
                    "http://example.invalid/all.json".to_owned(),
                );
                Answer::Send(302, "text/plain", vec![to], Vec::new())
            }),
        ),
    ];
    for (fault, answer) in faults {
        let server = Server::start(answer);
        let (sandbox, root) = arch(&server);
        let (code, scan) = sandbox.json(&["audit", "--root", &root]);
        assert_eq!(
            (code, &scan["status"]),
            (3, &json!("incomplete")),
            "{fault}"
        );
        let tracker = source(&scan, "arch_tracker");
        assert_eq!(tracker["status"], "unreachable", "{fault}");
        assert_ne!(tracker["detail"], "", "{fault}");
        assert_eq!(scan["unchecked"].as_array().unwrap().len(), 2, "{fault}");
    }
}

#[test]
fn a_busy_service_is_asked_again() {
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let server =
        Server::start(
            move |_| match asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
                0 => Answer::status(500),
                1 => Answer::Send(
                    429,
                    "text/plain",
                    vec![("Retry-After".to_owned(), "0".to_owned())],
                    Vec::new(),
                ),
                _ => Answer::json(FEED),
            },
        );
    let (sandbox, root) = arch(&server);
    let (code, scan) = sandbox.json(&["audit", "--root", &root]);
    assert_eq!((code, &scan["status"]), (1, &json!("complete")));
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn a_record_that_cannot_be_had_is_a_finding_of_unknown_severity_and_incomplete() {
    let faults: BTreeMap<&str, fn() -> Answer> = BTreeMap::from([
        ("404", (|| Answer::status(404)) as fn() -> Answer),
        ("broken", || {
            Answer::json(r#"{"id": "DSA-2", "affected": [{"package": {"name": 1}}]}"#)
        }),
        ("another", || Answer::json(record("DSA-9", &[]))),
    ]);
    for (fault, answer) in faults {
        let good = osv(&[("curl", "DSA-1"), ("zlib", "DSA-2")]);
        let server = Server::start(move |request| match request.path.as_str() {
            "/v1/vulns/DSA-2" => answer(),
            _ => good(request),
        });
        let (sandbox, root) = debian(&server);
        let (code, scan) = sandbox.json(&["audit", "--root", &root]);
        assert_eq!(
            (code, &scan["status"]),
            (3, &json!("incomplete")),
            "{fault}"
        );
        assert_eq!(pairs(&scan).len(), 2, "{fault}");
        let severities: Vec<_> = scan["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|f| f["severity"].clone())
            .collect();
        assert_eq!(severities, ["critical", "unknown"], "{fault}");
        assert_eq!(source(&scan, "osv_api")["status"], "partial", "{fault}");
    }
}

#[test]
fn one_refused_query_leaves_its_package_unchecked_and_answers_the_others() {
    let good = osv(&[("curl", "DSA-1")]);
    let server = Server::start(move |request| {
        let bad = String::from_utf8_lossy(&request.body).contains("\"zlib\"");
        match request.path == "/v1/querybatch" && bad {
            true => Answer::Send(
                400,
                "application/json",
                Vec::new(),
                br#"{"code": 3, "message": "error in query: invalid"}"#.to_vec(),
            ),
            false => good(request),
        }
    });
    let (sandbox, root) = debian(&server);
    let (code, scan) = sandbox.json(&["audit", "--root", &root]);
    assert_eq!((code, &scan["status"]), (3, &json!("incomplete")));
    assert_eq!(pairs(&scan), [("curl".into(), "DSA-1".into())]);
    let unchecked = scan["unchecked"].as_array().unwrap();
    assert_eq!(
        (unchecked.len(), &unchecked[0]["name"]),
        (1, &json!("zlib"))
    );
}

#[test]
fn endless_pages_end() {
    let server = Server::start(|request| {
        let queries: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let count = queries["queries"].as_array().map_or(0, Vec::len);
        let page = json!({ "next_page_token": "again" });
        Answer::json(json!({ "results": vec![page; count] }).to_string())
    });
    let (sandbox, root) = debian(&server);
    let (code, scan) = sandbox.json(&["audit", "--root", &root]);
    assert_eq!((code, &scan["status"]), (3, &json!("incomplete")));
    assert_eq!(scan["unchecked"].as_array().unwrap().len(), 2);
}

/// For pacman a package is installed where there is its directory, whatever lies in it, and so
/// it is for the scan: name and version are all that it needs.
#[test]
fn a_package_without_its_record_is_judged_by_its_name() {
    let sandbox = Sandbox::new();
    let root = sandbox.arch_root(&[("curl", "8-1")]);
    let feed = sandbox.write("all.json", FEED);
    let args = [
        "audit",
        "scan",
        "--root",
        root.to_str().unwrap(),
        "--advisories",
    ];
    let scan = || sandbox.json(&[&args[..], &[feed.to_str().unwrap()]].concat());
    assert_eq!(scan().0, 1);
    std::fs::remove_file(root.join("var/lib/pacman/local/curl-8-1/desc")).unwrap();
    let (code, scan) = scan();
    assert_eq!((code, &scan["status"]), (1, &json!("complete")));
    assert_eq!(pairs(&scan), [("curl".into(), "AVG-1".into())]);
}

/// The same reference time, the same bytes.
#[test]
fn runs_at_one_time_say_the_same() {
    let server = Server::start(osv(&[("curl", "DSA-1")]));
    let (sandbox, root) = debian(&server);
    let args = [
        "audit",
        "--root",
        &root,
        "-f",
        "json",
        "--at",
        "2026-11-24T00:00:00Z",
    ];
    let first = sandbox.run(&args).stdout;
    assert_eq!(sandbox.run(&args).stdout, first);
    assert!(
        first.contains("\"as_of\": \"2026-11-24T00:00:00Z\""),
        "{first}"
    );
}
