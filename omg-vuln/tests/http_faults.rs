//! Servers that fail in every way, one at a time. Each call ends, in a full result or in
//! an error that says what happened.

// A test fails by panicking.
#![allow(clippy::panic, clippy::unwrap_used)]

mod support {
    pub(crate) mod client;
    pub(crate) mod server;
}

use std::error::Error;
use std::io::Write;
use std::net::TcpListener;
use std::process::Command;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use omg_vuln::http::{
    Client, HttpError, HttpErrorKind, MAX_BATCH_BYTES, MAX_RECORD_BYTES, Query, QueryError,
    QueryResult, Validators,
};
use support::client::{builder, client, endpoints};
use support::server::{Reply, Request, Server};

const RECORD: &str = r#"{"id":"X-1"}"#;

/// Asks for one record, which is the simplest of all requests.
async fn record(client: &Client) -> Result<Vec<u8>, HttpError> {
    client.vulnerability("X-1").await
}

/// What became of two queries, neither of which can have been answered.
async fn batch(client: &Client) -> Vec<HttpErrorKind> {
    let queries = [Query::package("npm", "a"), Query::package("npm", "b")];
    let kind = |result| match result {
        QueryResult::Failed {
            error: QueryError::Http(error),
            found,
        } if found.is_empty() => error.kind(),
        other => panic!("{other:?}"),
    };
    client
        .query_batch(&queries)
        .await
        .into_iter()
        .map(kind)
        .collect()
}

/// A server that always answers in the same way: both a record and a batch fail with this
/// kind of error, after so many requests each.
async fn both_fail(kind: HttpErrorKind, requests: usize, reply: fn() -> Reply) {
    let server = Server::start(move |_, _| reply());
    let client = builder(&server)
        .timeout(Duration::from_millis(300))
        .batch_timeout(Duration::from_millis(300))
        .build()
        .unwrap();
    let error = record(&client).await.unwrap_err();
    assert_eq!(error.kind(), kind, "{error}");
    assert_eq!(error.url(), format!("{}/v1/vulns/X-1", server.url()));
    assert_eq!(server.requests().len(), requests);
    assert_eq!(batch(&client).await, [kind; 2]);
    assert_eq!(server.requests().len(), 2 * requests);
}

fn html() -> Reply {
    Reply::Full(
        200,
        vec![("content-type", "text/html; charset=utf-8".to_owned())],
        b"<html>".into(),
    )
}

#[tokio::test]
async fn status_404_is_final() {
    both_fail(HttpErrorKind::Status(404), 1, || Reply::status(404)).await;
}

#[tokio::test]
async fn status_500_is_tried_again_and_then_an_error() {
    both_fail(HttpErrorKind::Status(500), 3, || Reply::status(500)).await;
}

#[tokio::test]
async fn a_status_that_is_no_answer_is_an_error() {
    both_fail(HttpErrorKind::Status(204), 1, || {
        Reply::Raw(b"HTTP/1.1 204 X\r\n\r\n".to_vec())
    })
    .await;
    both_fail(HttpErrorKind::Status(304), 1, || {
        Reply::Raw(b"HTTP/1.1 304 X\r\n\r\n".to_vec())
    })
    .await;
}

#[tokio::test]
async fn a_server_that_never_answers_is_a_timeout() {
    both_fail(HttpErrorKind::Timeout, 3, || Reply::Hang).await;
}

#[tokio::test]
async fn a_server_that_trickles_is_a_timeout() {
    both_fail(HttpErrorKind::Timeout, 3, || Reply::Repeat {
        head: "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 999\r\n\r\n"
            .to_owned(),
        piece: b" ".to_vec(),
        times: 999,
        pause: Duration::from_millis(20),
    })
    .await;
}

#[tokio::test]
async fn a_connection_that_breaks_off_is_tried_again_and_then_an_error() {
    const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";
    both_fail(HttpErrorKind::Interrupted, 3, || Reply::Raw(Vec::new())).await;
    both_fail(HttpErrorKind::Interrupted, 3, || {
        Reply::Raw(format!("{HEAD}content-length: 999\r\n\r\n{{").into_bytes())
    })
    .await;
    both_fail(HttpErrorKind::Interrupted, 3, || {
        Reply::Raw(format!("{HEAD}transfer-encoding: chunked\r\n\r\n5\r\n{{").into_bytes())
    })
    .await;
}

#[tokio::test]
async fn what_is_not_http_is_an_error() {
    both_fail(HttpErrorKind::Interrupted, 3, || {
        Reply::Raw(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec())
    })
    .await;
}

#[tokio::test]
async fn cut_json_is_malformed() {
    both_fail(HttpErrorKind::Malformed, 1, || {
        Reply::json(r#"{"id":"X-1","results":[{"#)
    })
    .await;
    both_fail(HttpErrorKind::Malformed, 1, || Reply::json("")).await;
}

#[tokio::test]
async fn another_content_type_is_an_error_from_an_api() {
    both_fail(HttpErrorKind::ContentType, 1, html).await;
    both_fail(HttpErrorKind::ContentType, 1, || {
        Reply::Full(200, Vec::new(), RECORD.into())
    })
    .await;
    both_fail(HttpErrorKind::ContentType, 1, || {
        Reply::Full(
            200,
            vec![("content-type", "text/plain".to_owned())],
            RECORD.into(),
        )
    })
    .await;
}

#[tokio::test]
async fn an_api_that_redirects_is_refused() {
    both_fail(HttpErrorKind::Redirect, 1, || {
        Reply::Full(307, vec![("location", "/elsewhere".to_owned())], Vec::new())
    })
    .await;
}

#[tokio::test]
async fn an_answer_that_announces_too_much_is_not_read() {
    both_fail(HttpErrorKind::TooLarge, 1, || {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 3000000000\r\n\r\n";
        Reply::Raw(head.as_bytes().to_vec())
    })
    .await;
}

#[tokio::test]
async fn endless_headers_are_an_error() {
    let server = Server::start(|_, _| Reply::Repeat {
        head: "HTTP/1.1 200 OK\r\n".to_owned(),
        piece: format!("x: {}\r\n", "y".repeat(8_000)).into_bytes(),
        times: 400_000,
        pause: Duration::ZERO,
    });
    let error = record(&client(&server)).await.unwrap_err();
    assert!(!error.is_timeout(), "{error}");
    assert!(server.written() < 64 << 20, "{}", server.written());
}

/// Three gigabytes in chunks: reading stops at the limit, beyond which only buffers of
/// the kernel fill.
#[tokio::test]
async fn three_gigabytes_are_not_read() {
    const SLACK: u64 = 16 << 20;
    let server = Server::start(|_, _| Reply::endless("application/json", (3 << 30) / 0x10000));
    let client = builder(&server)
        .timeout(Duration::from_secs(15))
        .batch_timeout(Duration::from_secs(15))
        .build()
        .unwrap();
    let error = record(&client).await.unwrap_err();
    assert_eq!(error.kind(), HttpErrorKind::TooLarge, "{error}");
    let written = server.written();
    assert!(written < MAX_RECORD_BYTES + SLACK, "{written}");
    assert_eq!(batch(&client).await, [HttpErrorKind::TooLarge; 2]);
    assert!(
        server.written() - written < MAX_BATCH_BYTES + SLACK,
        "{}",
        server.written()
    );
}

/// The limit counts what comes out of the decompression.
#[tokio::test]
async fn a_gzip_bomb_is_too_large() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    for _ in 0..(MAX_RECORD_BYTES >> 20) + 1 {
        encoder.write_all(&vec![b' '; 1 << 20]).unwrap();
    }
    let bomb = encoder.finish().unwrap();
    assert!(bomb.len() < 1 << 20);
    let server = Server::start(move |_, _| gzip(bomb.clone()));
    let client = builder(&server)
        .timeout(Duration::from_secs(15))
        .build()
        .unwrap();
    assert_eq!(
        record(&client).await.unwrap_err().kind(),
        HttpErrorKind::TooLarge
    );
}

#[tokio::test]
async fn a_compressed_answer_is_read_and_a_broken_one_is_not() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(RECORD.as_bytes()).unwrap();
    let good = encoder.finish().unwrap();
    let cut = good[..good.len() - 9].to_vec();
    let server = Server::start(move |_, number| {
        gzip(if number == 0 {
            good.clone()
        } else {
            cut.clone()
        })
    });
    let client = client(&server);
    assert_eq!(record(&client).await.unwrap(), RECORD.as_bytes());
    assert_eq!(
        record(&client).await.unwrap_err().kind(),
        HttpErrorKind::Interrupted
    );
}

fn gzip(body: Vec<u8>) -> Reply {
    let headers = [
        ("content-type", "application/json"),
        ("content-encoding", "gzip"),
    ];
    Reply::Full(
        200,
        headers
            .map(|(name, value)| (name, value.to_owned()))
            .to_vec(),
        body,
    )
}

#[tokio::test]
async fn status_400_is_final_and_says_why() {
    let server = Server::start(|_, _| {
        let body = br#"{"code":3,"message":"invalid \u001b[2Jid"}"#;
        Reply::Full(
            400,
            vec![("content-type", "application/json".to_owned())],
            body.into(),
        )
    });
    let error = record(&client(&server)).await.unwrap_err();
    assert_eq!(error.status(), Some(400));
    assert_eq!(error.server_message(), Some("invalid [2Jid"));
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_fault_that_passes_costs_nothing_but_time() {
    let faults: [fn() -> Reply; 5] = [
        || Reply::status(500),
        || Reply::status(503),
        || Reply::status(429),
        || Reply::Raw(Vec::new()),
        || Reply::Hang,
    ];
    for fault in faults {
        let server = Server::start(move |_, number| {
            if number < 2 {
                fault()
            } else {
                Reply::json(RECORD)
            }
        });
        let client = builder(&server)
            .timeout(Duration::from_millis(500))
            .build()
            .unwrap();
        assert_eq!(record(&client).await.unwrap(), RECORD.as_bytes());
        assert_eq!(server.requests().len(), 3);
    }
}

#[tokio::test]
async fn retry_after_is_honoured() {
    let server = Server::start(|_, number| match number {
        0 | 1 => Reply::Full(429, vec![("retry-after", "1".to_owned())], Vec::new()),
        _ => Reply::json(RECORD),
    });
    // A budget below the pause that the server asks for: the call ends without a retry.
    let hasty = builder(&server)
        .budget(Duration::from_millis(900))
        .build()
        .unwrap();
    assert!(record(&hasty).await.is_err());
    assert_eq!(server.requests().len(), 1);
    // A budget above it: the call retries.
    assert!(record(&client(&server)).await.is_ok());
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn retry_after_beyond_the_budget_ends_the_call() {
    for later in ["3600", "18446744073709551615"] {
        let server = Server::start(|_, _| {
            Reply::Full(429, vec![("retry-after", later.to_owned())], Vec::new())
        });
        let error = record(&client(&server)).await.unwrap_err();
        assert_eq!(error.kind(), HttpErrorKind::BudgetExhausted);
        let last = error.source().unwrap().downcast_ref::<HttpError>().unwrap();
        assert_eq!(last.status(), Some(429));
        assert_eq!(server.requests().len(), 1);
    }
}

/// The budget is for the whole call, however many requests and pages it takes.
#[tokio::test]
async fn the_budget_ends_every_call() {
    let token = r#"{"results":[{"next_page_token":"x"}]}"#;
    let replies: [fn() -> Reply; 2] = [
        || Reply::Hang,
        || {
            std::thread::sleep(Duration::from_millis(50));
            Reply::json(r#"{"results":[{"next_page_token":"x"}]}"#)
        },
    ];
    assert!(token.contains("next_page_token"));
    for reply in replies {
        let server = Server::start(move |_, _| reply());
        let client = builder(&server)
            .batch_timeout(Duration::from_secs(60))
            .budget(Duration::from_millis(400))
            .build()
            .unwrap();
        let results = client.query_batch(&[Query::package("npm", "a")]).await;
        let QueryResult::Failed {
            error: QueryError::Http(error),
            ..
        } = &results[0]
        else {
            panic!("{results:?}");
        };
        assert_eq!(error.kind(), HttpErrorKind::BudgetExhausted);
        assert!(error.is_timeout());
    }
}

/// Waiting for a free place among the concurrent requests is part of the budget.
#[tokio::test]
async fn waiting_for_other_requests_is_part_of_the_budget() {
    let server = Server::start(|_, _| Reply::Hang);
    let client = builder(&server)
        .concurrency(1)
        .timeout(Duration::from_secs(60))
        .budget(Duration::from_secs(2))
        .build()
        .unwrap();
    let started = Instant::now();
    let (first, second) = tokio::join!(record(&client), record(&client));
    assert_eq!(first.unwrap_err().kind(), HttpErrorKind::BudgetExhausted);
    assert_eq!(second.unwrap_err().kind(), HttpErrorKind::BudgetExhausted);
    // The second gets the place at the end of the first, and may send its request in the moment that
    // it has left; a budget that began anew there would end after four seconds.
    assert!(started.elapsed() < Duration::from_millis(3_800));
}

#[tokio::test]
async fn nobody_listening_is_a_connection_error() {
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let client = Client::builder()
        .endpoints(endpoints(&format!("http://{free}")))
        .backoff(Duration::from_millis(1), Duration::from_millis(1))
        .build()
        .unwrap();
    let error = record(&client).await.unwrap_err();
    assert!(error.is_connect(), "{error}");
    assert_eq!(batch(&client).await, [HttpErrorKind::Connect; 2]);
}

#[tokio::test]
async fn passwords_and_tokens_do_not_show_in_errors() {
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let client = Client::builder().retries(0).build().unwrap();
    let url = format!("http://user:hunter2@{free}/x?token=hunter3");
    let error = client
        .fetch(&url, &Validators::default())
        .await
        .unwrap_err();
    assert_eq!(error.url(), format!("http://{free}/x"));
    let mut message = format!("{error} {error:?}");
    let mut cause = error.source();
    while let Some(current) = cause {
        message.push_str(&format!(" {current} {current:?}"));
        cause = current.source();
    }
    assert!(!message.contains("hunter"), "{message}");
}

#[tokio::test]
async fn the_client_names_itself() {
    let agent = |request: &Request| request.header("user-agent").unwrap().to_owned();
    let server = Server::start(|_, _| Reply::json(RECORD));
    record(&client(&server)).await.unwrap();
    record(&builder(&server).user_agent("omg/1.2").build().unwrap())
        .await
        .unwrap();
    let requests = server.requests();
    assert!(agent(&requests[0]).starts_with("omg-vuln/"));
    assert_eq!(agent(&requests[1]), "omg/1.2");
}

#[tokio::test]
async fn a_proxy_that_is_given_is_used() {
    let server = Server::start(|_, _| Reply::json("{}"));
    let proxy = Server::start(|_, _| Reply::json(RECORD));
    let client = builder(&server).proxy(proxy.url()).build().unwrap();
    assert!(record(&client).await.is_ok());
    assert_eq!(
        proxy.requests()[0].path,
        format!("{}/v1/vulns/X-1", server.url())
    );
    assert_eq!(server.connections(), 0);
}

/// The environment can only be set for another process, so this test runs itself.
#[tokio::test]
async fn a_proxy_in_the_environment_is_not_used() {
    const NAME: &str = "a_proxy_in_the_environment_is_not_used";
    if std::env::var_os("OMG_TEST_CHILD").is_some() {
        let server = Server::start(|_, _| Reply::json(RECORD));
        record(&client(&server)).await.unwrap();
        return;
    }
    let proxy = Server::start(|_, _| Reply::status(502));
    let mut child = Command::new(std::env::current_exe().unwrap());
    child
        .args(["--exact", NAME])
        .env("OMG_TEST_CHILD", "1")
        .env_remove("NO_PROXY")
        .env_remove("no_proxy");
    for name in [
        "http_proxy",
        "HTTP_PROXY",
        "https_proxy",
        "HTTPS_PROXY",
        "all_proxy",
        "ALL_PROXY",
    ] {
        child.env(name, proxy.url());
    }
    let output = child.output().unwrap();
    let log = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && log.contains("1 passed"), "{log}");
    assert_eq!(proxy.connections(), 0);
}

#[test]
fn settings_that_cannot_work_are_refused() {
    let kind = |result: Result<Client, HttpError>| result.unwrap_err().kind();
    assert_eq!(
        kind(Client::builder().proxy("http://").build()),
        HttpErrorKind::Setup
    );
    assert_eq!(
        kind(Client::builder().user_agent("a\nb").build()),
        HttpErrorKind::Setup
    );
    let sources: [fn(&mut omg_vuln::http::Endpoints) -> &mut String; 5] = [
        |endpoints| &mut endpoints.osv_api,
        |endpoints| &mut endpoints.osv_dumps,
        |endpoints| &mut endpoints.arch,
        |endpoints| &mut endpoints.kev,
        |endpoints| &mut endpoints.epss,
    ];
    for source in sources {
        let mut insecure = endpoints("https://mirror.example");
        *source(&mut insecure) = "http://mirror.example/x".to_owned();
        assert_eq!(
            kind(Client::builder().endpoints(insecure).build()),
            HttpErrorKind::InsecureUrl
        );
    }
}

#[tokio::test]
async fn extreme_durations_are_no_overflow() {
    let server = Server::start(|_, number| {
        if number == 0 {
            Reply::status(500)
        } else {
            Reply::json(RECORD)
        }
    });
    let client = builder(&server)
        .timeout(Duration::MAX)
        .batch_timeout(Duration::MAX)
        .budget(Duration::MAX)
        .backoff(Duration::from_millis(1), Duration::MAX)
        .retries(u32::MAX)
        .concurrency(usize::MAX)
        .build()
        .unwrap();
    assert!(record(&client).await.is_ok());
}
