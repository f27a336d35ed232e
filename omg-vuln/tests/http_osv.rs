//! Single questions to the OSV API, and single records.

// A test fails by panicking, and says in its log what it has counted.
#![allow(clippy::panic, clippy::print_stdout, clippy::unwrap_used)]

mod support {
    pub(crate) mod client;
    pub(crate) mod data;
    pub(crate) mod server;
}

use std::collections::BTreeMap;
use std::time::Duration;

use omg_vuln::http::{HttpError, HttpErrorKind, MAX_PAGES, Query, QueryError};
use serde_json::{Value, json};
use support::client::{builder, client};
use support::data;
use support::server::{Reply, Server};

#[test]
fn the_list_of_ecosystems_is_the_official_one() {
    let Some(path) = data::path("vuln/schema/ecosystems.json") else {
        return;
    };
    let official: BTreeMap<String, String> =
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    for ecosystem in official.keys() {
        assert!(Query::package(ecosystem, "x").is_supported(), "{ecosystem}");
        assert!(
            Query::package(format!("{ecosystem}:1"), "x").is_supported(),
            "{ecosystem}"
        );
    }
    assert!(official.len() >= 48);
}

#[tokio::test]
async fn single_queries_follow_pages_and_give_the_records_as_they_are() {
    let server = Server::start(|request, _| {
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        match body["page_token"].as_str() {
            None => Reply::json(r#"{"vulns":[{"id":"A",  "x":1.10}],"next_page_token":"t"}"#),
            Some("t") => Reply::json(r#"{"next_page_token":"u"}"#),
            Some(_) => Reply::json(r#"{"vulns":[{"id":"B"}]}"#),
        }
    });
    let records = client(&server)
        .query(&Query::package("PyPI", "jinja2"))
        .await
        .unwrap();
    assert_eq!(records, [r#"{"id":"A",  "x":1.10}"#, r#"{"id":"B"}"#]);

    let server = Server::start(|_, _| Reply::json(r#"{"next_page_token":"again"}"#));
    let error = client(&server)
        .query(&Query::package("PyPI", "jinja2"))
        .await
        .unwrap_err();
    assert!(matches!(error, QueryError::TooManyPages), "{error}");
    assert_eq!(server.requests().len(), MAX_PAGES);
}

#[tokio::test]
async fn records_come_in_order_each_with_its_own_result() {
    let server = Server::start(|request, _| match request.path.as_str() {
        "/v1/vulns/CVE-2024-3094" => Reply::json(r#"{"id":"CVE-2024-3094"}"#),
        "/v1/vulns/ALSA-2023:1234" => Reply::json(r#"{"id":"ALSA-2023:1234"}"#),
        "/v1/vulns/OTHER-1" => Reply::json(r#"{"id":"OTHER-2"}"#),
        "/v1/vulns/CUT-1" => Reply::json(r#"{"id":"CUT-1","#),
        _ => Reply::status(404),
    });
    let ids = [
        "ALSA-2023:1234",
        "../v1/query",
        "GONE-1",
        "OTHER-1",
        "CUT-1",
        "CVE-2024-3094",
    ];
    let results = client(&server).vulnerabilities(&ids).await;
    let kinds: Vec<_> = results
        .iter()
        .map(|result| result.as_ref().map_err(HttpError::kind))
        .collect();
    assert_eq!(kinds[0].unwrap(), br#"{"id":"ALSA-2023:1234"}"#);
    assert_eq!(kinds[1], Err(HttpErrorKind::InvalidId));
    assert_eq!(kinds[2], Err(HttpErrorKind::Status(404)));
    assert_eq!(kinds[3], Err(HttpErrorKind::Malformed));
    assert_eq!(kinds[4], Err(HttpErrorKind::Malformed));
    assert_eq!(kinds[5].unwrap(), br#"{"id":"CVE-2024-3094"}"#);
    assert_eq!(
        server.requests().len(),
        5,
        "the bad identifier was not sent"
    );
}

#[tokio::test]
async fn no_more_requests_run_at_a_time_than_allowed() {
    let server = Server::start(|request, _| {
        std::thread::sleep(Duration::from_millis(20));
        let id = request.path.rsplit('/').next().unwrap();
        Reply::json(json!({ "id": id }).to_string())
    });
    let client = builder(&server).concurrency(3).build().unwrap();
    let ids: Vec<String> = (0..30).map(|number| format!("X-{number}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    // Two calls at once share the limit.
    let (first, second) = tokio::join!(client.vulnerabilities(&ids), client.vulnerabilities(&ids));
    assert!(first.iter().chain(&second).all(Result::is_ok));
    assert!(server.most_open() <= 3, "{}", server.most_open());
}
