//! Recorded exchanges with the OSV API, answered from the recording.

// A test fails by panicking, and says in its log what it has counted.
#![allow(clippy::panic, clippy::print_stdout, clippy::unwrap_used)]

mod support {
    pub(crate) mod cassette;
    pub(crate) mod client;
    pub(crate) mod data;
    pub(crate) mod server;
}

use std::collections::BTreeMap;
use std::sync::Arc;

use omg_vuln::http::{Query, QueryResult, VulnRef};
use serde_json::Value;
use support::cassette::{self, Exchange};
use support::client::client;
use support::data;
use support::server::{Reply, Server};

#[tokio::test]
async fn recorded_batches_are_replayed() {
    let Some(directory) = data::path("vuln/osv-api") else {
        return;
    };
    let mut files: Vec<_> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let mut exchanges: Vec<Exchange> = Vec::new();
    for file in files
        .iter()
        .filter(|file| file.extension().is_some_and(|end| end == "yaml"))
    {
        exchanges.extend(cassette::read(&std::fs::read_to_string(file).unwrap()));
    }
    exchanges
        .retain(|exchange| exchange.url.ends_with("/v1/querybatch") && exchange.response.is_some());
    let recorded: BTreeMap<String, String> = exchanges
        .iter()
        .map(|exchange| {
            (
                exchange.request.to_string(),
                exchange.response.as_ref().unwrap().to_string(),
            )
        })
        .collect();
    let recorded = Arc::new(recorded);
    let lookup = Arc::clone(&recorded);
    let server = Server::start(move |request, _| {
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        assert_eq!(
            (request.method.as_str(), request.path.as_str()),
            ("POST", "/v1/querybatch")
        );
        Reply::json(lookup[&body.to_string()].clone())
    });
    let client = client(&server);
    let (mut queried, mut found) = (0, 0);
    for exchange in &exchanges {
        let queries = queries(&exchange.request);
        let expected = answers(exchange.response.as_ref().unwrap());
        let got = answered(client.query_batch(&queries).await);
        assert_eq!(got.len(), queries.len());
        for (got, expected) in got.iter().zip(&expected) {
            let expected: Vec<VulnRef> = expected
                .iter()
                .map(|(id, modified)| VulnRef {
                    id: id.clone(),
                    modified: modified.as_ref().map(|time| time.parse().unwrap()),
                })
                .collect();
            assert_eq!(*got, expected);
            found += got.len();
        }
        queried += queries.len();
    }
    assert_eq!(server.requests().len(), exchanges.len(), "one request each");
    println!(
        "replayed {} exchanges with {queried} queries and {found} identifiers",
        exchanges.len()
    );
    assert!(exchanges.len() >= 30 && queried >= 670 && found >= 1_380);
}

#[tokio::test]
async fn a_snapshot_with_masked_times_still_gives_its_identifiers() {
    let Some(path) = data::path("vuln/osv-api/osvdev-cassette_batch_query.snap") else {
        return;
    };
    let text = std::fs::read_to_string(path).unwrap();
    let json = &text[text.find("\n{").unwrap()..text.rfind('}').unwrap() + 1];
    let snapshot: Value = serde_json::from_str(json).unwrap();
    let request = data::path("vuln/osv-api/osvdev-batch_query.yaml").unwrap();
    let exchange = &cassette::read(&std::fs::read_to_string(request).unwrap())[0];
    let body = snapshot.to_string();
    let server = Server::start(move |_, _| Reply::json(body.clone()));
    let got = answered(
        client(&server)
            .query_batch(&queries(&exchange.request))
            .await,
    );
    let got: Vec<Vec<_>> = got
        .into_iter()
        .map(|found| found.into_iter().map(|vuln| (vuln.id, None)).collect())
        .collect();
    assert_eq!(got, answers(&snapshot));
    assert_eq!(got[0].len(), 5);
}

#[tokio::test]
async fn recorded_single_queries_are_sent_as_recorded() {
    let Some(path) = data::path("vuln/osv-api/osvdev-single_query.yaml") else {
        return;
    };
    let exchanges = cassette::read(&std::fs::read_to_string(path).unwrap());
    let server = Server::start(|_, _| Reply::json("{}"));
    let client = client(&server);
    for exchange in &exchanges {
        assert_eq!(
            client.query(&query(&exchange.request)).await.unwrap(),
            Vec::<String>::new()
        );
    }
    for (request, exchange) in server.requests().iter().zip(&exchanges) {
        assert_eq!(request.path, "/v1/query");
        assert_eq!(
            serde_json::from_slice::<Value>(&request.body).unwrap(),
            exchange.request
        );
    }
    println!("sent {} recorded single queries", exchanges.len());
    assert!(exchanges.len() >= 7);
}

/// Makes the query that a recorded one was.
fn query(recorded: &Value) -> Query {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut query = match (&recorded["commit"], &recorded["package"]) {
        (Value::String(commit), _) => Query::commit(commit),
        (_, package) if package["purl"].is_string() => Query::purl(text(&package["purl"])),
        (_, package) => Query::package(text(&package["ecosystem"]), text(&package["name"])),
    };
    if let Value::String(version) = &recorded["version"] {
        query = query.version(version);
    }
    query
}

fn queries(recorded: &Value) -> Vec<Query> {
    recorded["queries"]
        .as_array()
        .unwrap()
        .iter()
        .map(query)
        .collect()
}

/// The identifiers and times that a recorded answer gives for each query.
fn answers(recorded: &Value) -> Vec<Vec<(String, Option<String>)>> {
    let vulnerability = |vuln: &Value| {
        let modified = vuln["modified"]
            .as_str()
            .filter(|text| !text.starts_with('<'));
        (
            vuln["id"].as_str().unwrap().to_owned(),
            modified.map(str::to_owned),
        )
    };
    let one = |result: &Value| {
        result["vulns"]
            .as_array()
            .into_iter()
            .flatten()
            .map(vulnerability)
            .collect()
    };
    recorded["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(one)
        .collect()
}

fn answered(results: Vec<QueryResult>) -> Vec<Vec<VulnRef>> {
    let one = |result| match result {
        QueryResult::Answered(found) => found,
        other => panic!("{other:?}"),
    };
    results.into_iter().map(one).collect()
}
