//! Whom the client trusts: chains, pinned keys, and redirects that would leave https.

// A test fails by panicking.
#![allow(clippy::panic, clippy::unwrap_used)]

mod support {
    pub(crate) mod client;
    pub(crate) mod server;
    pub(crate) mod tls;
}

use omg_vuln::http::{
    Client, ClientBuilder, Fetched, HttpError, HttpErrorKind, KeyPin, MAX_REDIRECTS, Roots,
    Validators,
};
use support::client::{builder, client};
use support::server::{Reply, Server};
use support::tls::Authority;

const RECORD: &str = r#"{"id":"X-1"}"#;
const OTHER_KEY: KeyPin = KeyPin::from_sha256([7; 32]);

fn https_server(authority: &Authority) -> (Server, KeyPin) {
    let (config, pin) = authority.server(&["127.0.0.1", "localhost"]);
    (
        Server::start_with(Some(config), |_, _| Reply::json(RECORD)),
        pin,
    )
}

/// A client that trusts this authority and no other.
fn trusting(server: &Server, authority: &Authority) -> ClientBuilder {
    builder(server)
        .roots(Roots::OnlyGiven)
        .add_root_certificate(authority.der())
}

async fn outcome(builder: ClientBuilder) -> Result<Vec<u8>, HttpErrorKind> {
    builder
        .build()
        .unwrap()
        .vulnerability("X-1")
        .await
        .map_err(|error| error.kind())
}

fn accepted() -> Result<Vec<u8>, HttpErrorKind> {
    Ok(RECORD.into())
}

#[tokio::test]
async fn a_certificate_of_a_given_authority_is_accepted() {
    let authority = Authority::new();
    let (server, _) = https_server(&authority);
    assert_eq!(outcome(trusting(&server, &authority)).await, accepted());
    let given = |certificate: Vec<u8>| builder(&server).add_root_certificate(certificate);
    assert_eq!(
        outcome(given(authority.pem().into())).await,
        accepted(),
        "besides the system's"
    );
    let both = authority.pem() + &Authority::new().pem();
    assert_eq!(
        outcome(given(both.into()).roots(Roots::OnlyGiven)).await,
        accepted(),
        "one of two"
    );
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_refused_at_once() {
    let (authority, other) = (Authority::new(), Authority::new());
    let (server, _) = https_server(&authority);
    assert_eq!(
        outcome(builder(&server)).await,
        Err(HttpErrorKind::Certificate)
    );
    assert_eq!(
        outcome(trusting(&server, &other)).await,
        Err(HttpErrorKind::Certificate)
    );
    assert_eq!(server.connections(), 2, "no second attempt");
    assert_eq!(server.requests().len(), 0);
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let authority = Authority::new();
    let (config, _) = authority.server(&["localhost"]);
    let server = Server::start_with(Some(config), |_, _| Reply::json(RECORD));
    assert_eq!(
        outcome(trusting(&server, &authority)).await,
        Err(HttpErrorKind::Certificate)
    );
}

#[tokio::test]
async fn the_right_pin_is_accepted_and_a_wrong_one_refused() {
    let authority = Authority::new();
    let (server, pin) = https_server(&authority);
    let client = || trusting(&server, &authority);
    assert_eq!(outcome(client().pin("127.0.0.1", pin)).await, accepted());
    assert_eq!(
        outcome(client().pin("127.0.0.1", OTHER_KEY).pin("127.0.0.1", pin)).await,
        accepted()
    );
    assert_eq!(
        outcome(client().pin("localhost", OTHER_KEY)).await,
        accepted(),
        "another host"
    );
    let before = server.requests().len();
    assert_eq!(
        outcome(client().pin("127.0.0.1", OTHER_KEY)).await,
        Err(HttpErrorKind::Pin)
    );
    assert_eq!(server.requests().len(), before, "nothing was sent");
}

#[tokio::test]
async fn a_pin_holds_for_every_spelling_of_a_name() {
    let authority = Authority::new();
    let (server, _) = https_server(&authority);
    let mut endpoints = support::client::endpoints(&server.url());
    endpoints.osv_api = format!("https://LOCALHOST:{}", server.address.port());
    let client = trusting(&server, &authority)
        .endpoints(endpoints)
        .pin("LocalHost.", OTHER_KEY);
    assert_eq!(outcome(client).await, Err(HttpErrorKind::Pin));
}

/// Anybody can send any certificate along, so only the server's own key counts.
#[tokio::test]
async fn a_pin_of_the_authority_does_not_match() {
    let authority = Authority::new();
    let (server, _) = https_server(&authority);
    let client = trusting(&server, &authority).pin("127.0.0.1", authority.pin());
    assert_eq!(outcome(client).await, Err(HttpErrorKind::Pin));
}

#[tokio::test]
async fn a_pin_does_not_replace_the_verification() {
    let authority = Authority::new();
    let (server, pin) = https_server(&authority);
    let client = builder(&server).pin("127.0.0.1", pin);
    assert_eq!(outcome(client).await, Err(HttpErrorKind::Certificate));
}

#[tokio::test]
async fn a_pinned_host_is_not_asked_over_plain_http() {
    let server = Server::start(|_, _| Reply::json(RECORD));
    let client = builder(&server).pin("127.0.0.1", OTHER_KEY);
    assert_eq!(outcome(client).await, Err(HttpErrorKind::Pin));
    assert_eq!(server.connections(), 0);
}

#[test]
fn what_is_no_certificate_is_refused() {
    for text in [
        &b""[..],
        b"hello",
        b"-----BEGIN CERTIFICATE-----\nAAAA",
        b"\x30\x03\x02\x01\x00",
    ] {
        for roots in [Roots::System, Roots::OnlyGiven] {
            let client = Client::builder().roots(roots).add_root_certificate(text);
            assert_eq!(
                client.build().unwrap_err().kind(),
                HttpErrorKind::Setup,
                "{text:?}"
            );
        }
    }
    let nobody = Client::builder().roots(Roots::OnlyGiven).build();
    assert_eq!(
        nobody.unwrap_err().kind(),
        HttpErrorKind::Setup,
        "no trust anchor at all"
    );
}

#[test]
fn pins_are_64_hexadecimal_digits() {
    assert_eq!("07".repeat(32).parse::<KeyPin>().unwrap(), OTHER_KEY);
    for text in [
        String::new(),
        "07".repeat(31),
        "0g".repeat(32),
        "+7".repeat(32),
        "é".repeat(32),
    ] {
        assert!(text.parse::<KeyPin>().is_err(), "{text}");
    }
}

async fn fetch(client: &Client, url: &str) -> Result<Vec<u8>, HttpError> {
    match client.fetch(url, &Validators::default()).await? {
        Fetched::Document(document) => Ok(document.bytes),
        other => panic!("{other:?}"),
    }
}

fn redirect(to: impl Into<String>) -> Reply {
    Reply::Full(302, vec![("location", to.into())], Vec::new())
}

#[tokio::test]
async fn a_redirect_never_leaves_https() {
    let plain = Server::start(|_, _| Reply::json("{}"));
    let to_loopback = plain.url();
    let authority = Authority::new();
    let (config, _) = authority.server(&["127.0.0.1"]);
    let server = Server::start_with(Some(config), move |request, _| {
        match request.path.as_str() {
            "/name" => redirect("http://example.invalid/x"),
            "/loopback" => redirect(to_loopback.clone()),
            "/file" => redirect("file:///etc/passwd"),
            "/inside" => redirect("/target"),
            _ => Reply::json(RECORD),
        }
    });
    let client = trusting(&server, &authority).build().unwrap();
    for path in ["/name", "/loopback", "/file"] {
        let error = fetch(&client, &format!("{}{path}", server.url()))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), HttpErrorKind::Redirect, "{path}: {error}");
    }
    assert_eq!(plain.connections(), 0);
    assert_eq!(
        server.requests().len(),
        3,
        "a refused redirect is not tried again"
    );
    assert_eq!(
        fetch(&client, &format!("{}/inside", server.url()))
            .await
            .unwrap(),
        RECORD.as_bytes()
    );
}

#[tokio::test]
async fn plain_http_on_loopback_may_redirect_to_loopback_only() {
    let server = Server::start(|request, _| match request.path.as_str() {
        "/name" => redirect("http://example.invalid/x"),
        "/inside" => redirect("/target"),
        _ => Reply::json(RECORD),
    });
    let client = client(&server);
    let error = fetch(&client, &format!("{}/name", server.url()))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), HttpErrorKind::Redirect);
    assert_eq!(
        fetch(&client, &format!("{}/inside", server.url()))
            .await
            .unwrap(),
        RECORD.as_bytes()
    );
}

#[tokio::test]
async fn redirects_have_an_end() {
    let server = Server::start(|request, _| {
        let number: usize = request.path[1..].parse().unwrap();
        if number == 0 {
            Reply::json(RECORD)
        } else {
            redirect(format!("/{}", number - 1))
        }
    });
    let client = client(&server);
    let most = format!("{}/{MAX_REDIRECTS}", server.url());
    assert_eq!(fetch(&client, &most).await.unwrap(), RECORD.as_bytes());
    let before = server.requests().len();
    let error = fetch(&client, &format!("{}/1000", server.url()))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), HttpErrorKind::Redirect);
    assert_eq!(server.requests().len() - before, MAX_REDIRECTS + 1);
    let circle = Server::start(|_, _| redirect("/x"));
    let error = fetch(&client, &circle.url()).await.unwrap_err();
    assert_eq!(error.kind(), HttpErrorKind::Redirect);
}

/// The pins of a host hold also when a redirect leads there.
#[tokio::test]
async fn a_redirect_does_not_evade_a_pin() {
    let authority = Authority::new();
    let (target, _) = https_server(&authority);
    let to = format!("https://localhost:{}/x", target.address.port());
    let server = Server::start(move |_, _| redirect(to.clone()));
    let client = trusting(&server, &authority)
        .pin("localhost", OTHER_KEY)
        .build()
        .unwrap();
    let error = fetch(&client, &server.url()).await.unwrap_err();
    assert_eq!(error.kind(), HttpErrorKind::Pin, "{error}");
    assert_eq!(target.requests().len(), 0);
}

#[tokio::test]
async fn insecure_addresses_are_refused_before_anything_is_sent() {
    let client = Client::builder().build().unwrap();
    for (url, kind) in [
        (
            "http://example.invalid/all.json",
            HttpErrorKind::InsecureUrl,
        ),
        ("ftp://127.0.0.1/all.json", HttpErrorKind::InsecureUrl),
        ("all.json", HttpErrorKind::InvalidUrl),
    ] {
        assert_eq!(fetch(&client, url).await.unwrap_err().kind(), kind, "{url}");
        let download = client.fetch_to(url, &mut Vec::new(), 1).await;
        assert_eq!(download.unwrap_err().kind(), kind, "{url}");
    }
}
