//! Documents, downloads, and OSV's data dumps.

// A test fails by panicking.
#![allow(clippy::panic, clippy::unwrap_used)]

mod support {
    pub(crate) mod client;
    pub(crate) mod server;
}

use std::io::{self, Write};
use std::time::Duration;

use omg_vuln::http::{Document, Fetched, HttpErrorKind, MAX_FEED_BYTES, Validators};
use support::client::{builder, client};
use support::server::{Reply, Server};

fn document(fetched: Fetched) -> Document {
    match fetched {
        Fetched::Document(document) => document,
        other => panic!("{other:?}"),
    }
}

fn text(body: impl Into<Vec<u8>>) -> Reply {
    Reply::Full(
        200,
        vec![("content-type", "text/csv".to_owned())],
        body.into(),
    )
}

#[tokio::test]
async fn every_feed_has_its_address() {
    let server = Server::start(|request, _| Reply::json(request.path.clone()));
    let client = client(&server);
    let none = Validators::default();
    assert_eq!(
        document(client.issues(&none).await.unwrap()).bytes,
        b"/arch/all.json"
    );
    assert_eq!(
        document(client.kev(&none).await.unwrap()).bytes,
        b"/kev.json"
    );
    assert_eq!(
        document(client.epss(&none).await.unwrap()).bytes,
        b"/epss.csv.gz"
    );
}

#[tokio::test]
async fn a_document_that_is_still_current_is_not_sent_again() {
    let server = Server::start(|request, _| {
        let current = request.header("if-none-match") == Some("\"v1\"")
            || request.header("if-modified-since") == Some("Sun, 06 Nov 1994 08:49:37 GMT");
        if current {
            return Reply::Raw(b"HTTP/1.1 304 Not Modified\r\n\r\n".to_vec());
        }
        let headers = [
            ("content-type", "application/json"),
            ("etag", "\"v1\""),
            ("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT"),
        ];
        Reply::Full(
            200,
            headers
                .map(|(name, value)| (name, value.to_owned()))
                .to_vec(),
            b"[]".into(),
        )
    });
    let client = client(&server);
    let first = document(client.issues(&Validators::default()).await.unwrap());
    assert_eq!(first.bytes, b"[]");
    assert_eq!(first.content_type.as_deref(), Some("application/json"));
    assert_eq!(first.validators.etag.as_deref(), Some("\"v1\""));
    assert_eq!(
        client.issues(&first.validators).await.unwrap(),
        Fetched::NotModified
    );
    for half in [
        Validators {
            etag: None,
            ..first.validators.clone()
        },
        Validators {
            last_modified: None,
            ..first.validators.clone()
        },
    ] {
        assert_eq!(client.issues(&half).await.unwrap(), Fetched::NotModified);
    }
}

/// A cache that was never filled cannot be current.
#[tokio::test]
async fn not_modified_without_a_condition_is_an_error() {
    let server = Server::start(|_, _| Reply::Raw(b"HTTP/1.1 304 X\r\n\r\n".to_vec()));
    let client = client(&server);
    let unsendable = Validators {
        etag: Some("a\nb".to_owned()),
        last_modified: None,
    };
    for validators in [Validators::default(), unsendable] {
        let error = client.issues(&validators).await.unwrap_err();
        assert_eq!(error.kind(), HttpErrorKind::Status(304));
    }
}

#[tokio::test]
async fn a_page_of_html_is_no_feed() {
    for kind in [
        "text/html",
        "TEXT/HTML; charset=utf-8",
        "application/xhtml+xml",
    ] {
        let server = Server::start(|_, _| {
            Reply::Full(
                200,
                vec![("content-type", kind.to_owned())],
                b"<html>log in</html>".into(),
            )
        });
        let client = client(&server);
        let error = client.issues(&Validators::default()).await.unwrap_err();
        assert_eq!(error.kind(), HttpErrorKind::ContentType);
        let mut received = Vec::new();
        let error = client.dump("npm", &mut received).await.unwrap_err();
        assert_eq!(error.kind(), HttpErrorKind::ContentType);
        assert!(received.is_empty());
    }
}

#[tokio::test]
async fn an_endless_feed_is_too_large() {
    let server = Server::start(|_, _| Reply::endless("application/json", (3 << 30) / 0x10000));
    let client = builder(&server)
        .timeout(Duration::from_secs(15))
        .build()
        .unwrap();
    let error = client.issues(&Validators::default()).await.unwrap_err();
    assert_eq!(error.kind(), HttpErrorKind::TooLarge);
    assert!(
        server.written() < MAX_FEED_BYTES + (16 << 20),
        "{}",
        server.written()
    );
}

#[tokio::test]
async fn dumps_and_records_lie_under_their_ecosystem() {
    let server = Server::start(|request, _| match request.path.as_str() {
        "/dumps/Red%20Hat/RHSA-2024:1.json" => Reply::json(r#"{"id":"RHSA-2024:1"}"#),
        "/dumps/npm/OTHER-1.json" => Reply::json(r#"{"id":"OTHER-2"}"#),
        path => Reply::json(path),
    });
    let client = client(&server);
    for (ecosystem, path) in [
        ("crates.io", "/dumps/crates.io/all.zip"),
        ("Debian:12", "/dumps/Debian/all.zip"),
        ("GitHub Actions", "/dumps/GitHub%20Actions/all.zip"),
    ] {
        let mut received = Vec::new();
        let downloaded = client.dump(ecosystem, &mut received).await.unwrap();
        assert_eq!(received, path.as_bytes());
        assert_eq!(downloaded.bytes, u64::try_from(path.len()).unwrap());
    }
    assert_eq!(
        client.record("Red Hat:9", "RHSA-2024:1").await.unwrap(),
        br#"{"id":"RHSA-2024:1"}"#
    );
    let error = client.record("npm", "OTHER-1").await.unwrap_err();
    assert_eq!(error.kind(), HttpErrorKind::Malformed, "another record");
}

#[tokio::test]
async fn unknown_ecosystems_and_identifiers_are_not_asked_for() {
    let server = Server::start(|_, _| Reply::json("{}"));
    let client = client(&server);
    for ecosystem in ["Arch Linux", "..", "", "GIT", "[EMPTY]"] {
        let kinds = [
            client
                .dump(ecosystem, &mut Vec::new())
                .await
                .unwrap_err()
                .kind(),
            client.record(ecosystem, "X-1").await.unwrap_err().kind(),
            client
                .modified_ids(ecosystem, None)
                .await
                .unwrap_err()
                .kind(),
        ];
        assert_eq!(kinds, [HttpErrorKind::UnknownEcosystem; 3], "{ecosystem}");
    }
    for id in ["../all", "a/b", ""] {
        let error = client.record("npm", id).await.unwrap_err();
        assert_eq!(error.kind(), HttpErrorKind::InvalidId, "{id}");
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_download_stops_at_its_limit() {
    let server = Server::start(|_, _| Reply::endless("application/zip", (3 << 30) / 0x10000));
    let mut received = Vec::new();
    let client = client(&server);
    let error = client
        .fetch_to(&server.url(), &mut received, 1 << 20)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), HttpErrorKind::TooLarge);
    assert!(received.len() <= 1 << 20);
    assert!(server.written() < 32 << 20, "{}", server.written());
}

#[tokio::test]
async fn a_download_of_exactly_the_limit_is_complete() {
    let server = Server::start(|_, _| text("12345678"));
    let client = client(&server);
    let mut received = Vec::new();
    assert_eq!(
        client
            .fetch_to(&server.url(), &mut received, 8)
            .await
            .unwrap()
            .bytes,
        8
    );
    let error = client
        .fetch_to(&server.url(), &mut received, 7)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), HttpErrorKind::TooLarge);
}

/// After the first byte there is no second attempt, or the writer would get it twice.
#[tokio::test]
async fn a_download_that_breaks_off_is_an_error() {
    let server = Server::start(|_, number| match number {
        0 => Reply::status(503),
        _ => Reply::Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n123".to_vec()),
    });
    let mut received = Vec::new();
    let error = client(&server)
        .fetch_to(&server.url(), &mut received, 100)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), HttpErrorKind::Interrupted);
    assert_eq!(received, b"123");
    assert_eq!(
        server.requests().len(),
        2,
        "only the refusal was tried again"
    );
}

#[tokio::test]
async fn a_download_that_stalls_or_trickles_ends() {
    let trickle = |pause| {
        Server::start(move |_, _| Reply::Repeat {
            head: "HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\n".to_owned(),
            piece: b"x".to_vec(),
            times: 99_999,
            pause: Duration::from_millis(pause),
        })
    };
    for (pause, kind) in [
        (600_000, HttpErrorKind::Timeout),
        (20, HttpErrorKind::BudgetExhausted),
    ] {
        let server = trickle(pause);
        let client = builder(&server)
            .timeout(Duration::from_millis(300))
            .download_budget(Duration::from_millis(1_000))
            .build()
            .unwrap();
        let error = client
            .fetch_to(&server.url(), &mut Vec::new(), 1 << 20)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), kind);
    }
}

struct FullDisk;

impl Write for FullDisk {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::StorageFull.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_writer_that_fails_ends_the_download() {
    let server = Server::start(|_, _| text("12345678"));
    let error = client(&server)
        .fetch_to(&server.url(), &mut FullDisk, 100)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), HttpErrorKind::Write);
}

const LIST: &str = "2026-01-03T00:00:00Z,C-1\n2026-01-02T00:00:00Z,B-1\n2026-01-01T00:00:00Z,A-1\n";

#[tokio::test]
async fn the_list_of_modified_records_is_read_down_to_what_is_known() {
    let server = Server::start(|request, _| {
        assert_eq!(request.path, "/dumps/PyPI/modified_id.csv");
        text(LIST)
    });
    let client = client(&server);
    let all = client.modified_ids("PyPI", None).await.unwrap();
    assert_eq!(
        all.iter()
            .map(|entry| entry.id.as_str())
            .collect::<Vec<_>>(),
        ["C-1", "B-1", "A-1"]
    );
    let known = Some(all[1].modified);
    let newer = client.modified_ids("PyPI", known).await.unwrap();
    assert_eq!(
        newer
            .iter()
            .map(|entry| entry.id.as_str())
            .collect::<Vec<_>>(),
        ["C-1"]
    );
}

/// What follows the known time is not transferred, or this would be too large.
#[tokio::test]
async fn the_rest_of_a_long_list_is_not_read() {
    let server = Server::start(|_, _| {
        let line = "2020-01-01T00:00:00Z,OLD-1\n";
        Reply::Repeat {
            head: format!("HTTP/1.1 200 OK\r\ncontent-type: text/csv\r\n\r\n{LIST}"),
            piece: line.repeat(1_000).into_bytes(),
            times: 100_000,
            pause: Duration::ZERO,
        }
    });
    let client = client(&server);
    let known = "2026-01-02T12:00:00Z".parse().unwrap();
    let newer = client.modified_ids("npm", Some(known)).await.unwrap();
    assert_eq!(newer.len(), 1);
    assert!(server.written() < 32 << 20, "{}", server.written());
}

#[tokio::test]
async fn a_list_that_is_something_else_or_cut_is_an_error() {
    let server = Server::start(|_, number| match number {
        0 => text("hello\n"),
        1 => text("2026-01-03T00:00:00Z\n"),
        2 => text("x".repeat(100_000)),
        _ => {
            Reply::Raw(format!("HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n{LIST}").into_bytes())
        }
    });
    let client = client(&server);
    for _ in 0..3 {
        let error = client.modified_ids("npm", None).await.unwrap_err();
        assert_eq!(error.kind(), HttpErrorKind::Malformed);
    }
    let error = client.modified_ids("npm", None).await.unwrap_err();
    assert_eq!(error.kind(), HttpErrorKind::Interrupted);
}
