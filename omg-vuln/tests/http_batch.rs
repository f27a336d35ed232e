//! Many questions to the OSV API at once: batches, pages, and queries that are refused.

// A test fails by panicking, and says in its log what it has counted.
#![allow(clippy::panic, clippy::print_stdout, clippy::unwrap_used)]

mod support {
    pub(crate) mod client;
    pub(crate) mod server;
}

use omg_vuln::http::{HttpErrorKind, MAX_PAGES, Query, QueryError, QueryResult};
use serde_json::{Value, json};
use support::client::client;
use support::server::{Reply, Request, Server};

/// Their answers are not among the data, so what is compared is what we send.
#[tokio::test]
async fn fifteen_hundred_packages_take_two_requests_and_keep_their_order() {
    let server = Server::start(|request, _| echo(request));
    let results = client(&server).query_batch(&packages(1_500)).await;
    let sizes: Vec<usize> = server
        .requests()
        .iter()
        .map(|request| asked(request).len())
        .collect();
    assert_eq!(sizes.iter().sum::<usize>(), 1_500);
    assert_eq!(sizes.iter().max(), Some(&1_000));
    assert_eq!(sizes.len(), 2);
    for (number, result) in results.iter().enumerate() {
        assert_eq!(ids(result), [format!("V-p{number}")]);
    }
}

#[tokio::test]
async fn pages_are_followed_also_those_that_hold_only_a_token() {
    let server = Server::start(|request, _| {
        results(asked(request).iter().map(|query| {
            let name = query["package"]["name"].as_str().unwrap();
            match (name, query["page_token"].as_str()) {
                ("p1", None) => json!({ "next_page_token": "second" }),
                ("p1", Some("second")) => {
                    json!({ "vulns": [{ "id": "A", "modified": "x" }], "next_page_token": "third" })
                }
                ("p1", Some("third")) => json!({ "vulns": [{ "id": "B" }] }),
                (_, None) => json!({ "vulns": [{ "id": "C" }] }),
                other => panic!("{other:?}"),
            }
        }))
    });
    let results = client(&server).query_batch(&packages(3)).await;
    assert_eq!(
        results.iter().map(ids).collect::<Vec<_>>(),
        [vec!["C"], vec!["A", "B"], vec!["C"]]
    );
    let sizes: Vec<usize> = server
        .requests()
        .iter()
        .map(|request| asked(request).len())
        .collect();
    assert_eq!(sizes, [3, 1, 1]);
}

#[tokio::test]
async fn endless_tokens_fail_that_query_and_no_other() {
    let server = Server::start(|request, _| {
        results(
            asked(request)
                .iter()
                .map(|query| match query["package"]["name"].as_str() {
                    Some("p0") => json!({ "vulns": [{ "id": "A" }], "next_page_token": "again" }),
                    _ => json!({ "vulns": [{ "id": "B" }] }),
                }),
        )
    });
    let results = client(&server).query_batch(&packages(2)).await;
    let QueryResult::Failed {
        error: QueryError::TooManyPages,
        found,
    } = &results[0]
    else {
        panic!("{:?}", results[0]);
    };
    assert_eq!(found.len(), MAX_PAGES);
    assert_eq!(ids(&results[1]), ["B"]);
    assert_eq!(server.requests().len(), MAX_PAGES);
}

#[tokio::test]
async fn a_page_that_fails_keeps_what_earlier_pages_held_and_says_that_it_failed() {
    let server = Server::start(
        |request, _| match asked(request)[0]["page_token"].as_str() {
            None => results([json!({ "vulns": [{ "id": "A" }], "next_page_token": "second" })]),
            Some(_) => Reply::status(404),
        },
    );
    let results = client(&server).query_batch(&packages(1)).await;
    let QueryResult::Failed {
        error: QueryError::Http(error),
        found,
    } = &results[0]
    else {
        panic!("{:?}", results[0]);
    };
    assert_eq!(error.kind(), HttpErrorKind::Status(404));
    assert_eq!(found[0].id, "A");
}

#[tokio::test]
async fn what_osv_does_not_have_is_not_asked() {
    let server = Server::start(|request, _| echo(request));
    let client = client(&server);
    let unknown = [
        Query::package("Arch Linux", "openssl").version("3.6.1-1"),
        Query::package("debian", "openssl").version("1"),
        Query::purl("pkg:alpm/arch/openssl@3.6.1-1"),
    ];
    for result in client.query_batch(&unknown).await {
        assert!(matches!(result, QueryResult::NotSupported), "{result:?}");
    }
    assert!(matches!(
        client.query(&unknown[0]).await,
        Err(QueryError::NotSupported)
    ));
    assert_eq!(server.connections(), 0);

    let mixed = [
        unknown[0].clone(),
        packages(1)[0].clone(),
        unknown[2].clone(),
    ];
    let results = client.query_batch(&mixed).await;
    assert!(matches!(results[0], QueryResult::NotSupported));
    assert_eq!(ids(&results[1]), ["V-p0"]);
    assert!(matches!(results[2], QueryResult::NotSupported));
    assert_eq!(asked(&server.requests()[0]).len(), 1);
}

#[tokio::test]
async fn nothing_asked_is_no_request() {
    let server = Server::start(|request, _| echo(request));
    assert!(client(&server).query_batch(&[]).await.is_empty());
    assert_eq!(server.connections(), 0);
}

/// One of a thousand queries is bad, and the server names it.
#[tokio::test]
async fn a_bad_query_that_is_named_is_left_out() {
    let server = Server::start(|request, _| {
        let bad = asked(request)
            .iter()
            .position(|query| query["package"]["name"] == "p777");
        match bad {
            Some(place) => refused(&format!(
                "error in query at index {place}: rpc error: invalid"
            )),
            None => echo(request),
        }
    });
    let results = client(&server).query_batch(&packages(1_000)).await;
    assert_eq!(server.requests().len(), 2);
    for (number, result) in results.iter().enumerate() {
        if number == 777 {
            let QueryResult::Failed {
                error: QueryError::Refused { message },
                ..
            } = result
            else {
                panic!("{result:?}");
            };
            assert!(message.contains("invalid"), "{message}");
        } else {
            assert_eq!(ids(result), [format!("V-p{number}")]);
        }
    }
}

/// The same, where the server does not say which.
#[tokio::test]
async fn a_bad_query_that_is_not_named_is_found_by_halving() {
    let server = Server::start(|request, _| {
        if asked(request)
            .iter()
            .any(|query| query["package"]["name"] == "p777")
        {
            refused("invalid query")
        } else {
            echo(request)
        }
    });
    let results = client(&server).query_batch(&packages(1_000)).await;
    assert!(server.requests().len() <= 21, "{}", server.requests().len());
    for (number, result) in results.iter().enumerate() {
        if number == 777 {
            assert!(
                matches!(
                    result,
                    QueryResult::Failed {
                        error: QueryError::Refused { .. },
                        ..
                    }
                ),
                "{result:?}"
            );
        } else {
            assert_eq!(ids(result), [format!("V-p{number}")]);
        }
    }
}

#[tokio::test]
async fn a_server_that_refuses_everything_is_not_asked_for_each_query() {
    for message in ["no", "error in query at index 0: no"] {
        let server = Server::start(move |_, _| refused(message));
        let results = client(&server).query_batch(&packages(1_000)).await;
        assert!(
            results
                .iter()
                .all(|result| matches!(result, QueryResult::Failed { .. }))
        );
        assert!(server.requests().len() <= 65, "{}", server.requests().len());
    }
}

#[tokio::test]
async fn a_place_outside_the_batch_is_not_believed() {
    let server = Server::start(|request, _| {
        if asked(request).len() > 1 {
            refused("error in query at index 5: x")
        } else {
            echo(request)
        }
    });
    let results = client(&server).query_batch(&packages(2)).await;
    assert_eq!(ids(&results[0]), ["V-p0"]);
    assert_eq!(ids(&results[1]), ["V-p1"]);
}

#[tokio::test]
async fn another_number_of_results_than_of_queries_is_an_error_for_all() {
    for surplus in [-1_i64, 1] {
        let server = Server::start(move |request, _| {
            let count = i64::try_from(asked(request).len()).unwrap() + surplus;
            results((0..count).map(|_| json!({})))
        });
        let results = client(&server).query_batch(&packages(1_000)).await;
        for result in results {
            let QueryResult::Failed {
                error: QueryError::Http(error),
                ..
            } = result
            else {
                panic!("{result:?}");
            };
            assert_eq!(error.kind(), HttpErrorKind::Malformed);
            assert!(
                error.to_string().contains("results for 1000 queries"),
                "{error}"
            );
        }
    }
}

#[tokio::test]
async fn a_result_that_is_null_is_not_an_empty_one() {
    for body in [
        r#"{"results":[null]}"#,
        r#"{}"#,
        r#"{"results":null}"#,
        r#"[]"#,
        r#"{"results":[{"vulns":[{}]}]}"#,
    ] {
        let server = Server::start(move |_, _| Reply::json(body));
        let results = client(&server).query_batch(&packages(1)).await;
        assert!(matches!(results[0], QueryResult::Failed { .. }), "{body}");
    }
}

fn packages(count: usize) -> Vec<Query> {
    (0..count)
        .map(|number| Query::package("Debian:12", format!("p{number}")).version("1"))
        .collect()
}

/// The queries of a batch request that arrived.
fn asked(request: &Request) -> Vec<Value> {
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    body["queries"].as_array().unwrap().clone()
}

/// A batch answer with one result for each query.
fn results(results: impl IntoIterator<Item = Value>) -> Reply {
    Reply::json(json!({ "results": Vec::from_iter(results) }).to_string())
}

fn refused(message: &str) -> Reply {
    let body = json!({ "code": 3, "message": message }).to_string();
    Reply::Full(
        400,
        vec![("content-type", "application/json".to_owned())],
        body.into(),
    )
}

/// An answer that names each package after itself.
fn echo(request: &Request) -> Reply {
    results(asked(request).iter().map(|query| {
        let id = format!("V-{}", query["package"]["name"].as_str().unwrap());
        json!({ "vulns": [{ "id": id, "modified": "2026-01-01T00:00:00Z" }] })
    }))
}

fn ids(result: &QueryResult) -> Vec<&str> {
    match result {
        QueryResult::Answered(found) => found.iter().map(|vuln| vuln.id.as_str()).collect(),
        other => panic!("{other:?}"),
    }
}
