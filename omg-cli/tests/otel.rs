//! Feature `otel`: what a collector is told, and that it can hold nothing up.
#![cfg(feature = "otel")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod support;

use std::sync::{Arc, Mutex};

use support::Sandbox;
use support::server::{Answer, Server};

const DEMO: [&str; 7] = [
    "audit",
    "scan",
    "--root",
    "examples/demo-root",
    "--advisories",
    "examples/demo-root/advisories",
    "--no-log",
];

#[test]
fn a_collector_is_told_of_the_run_and_its_verdicts() {
    let bodies = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&bodies);
    let server = Server::start(move |request| {
        if request.path == "/v1/traces" {
            seen.lock().unwrap().push(request.body.clone());
        }
        Answer::json("{}")
    });
    let mut sandbox = Sandbox::new();
    let plain = sandbox.run(&DEMO);
    sandbox.env("OTEL_EXPORTER_OTLP_ENDPOINT", server.url.clone());
    let told = sandbox.run(&DEMO);
    assert_eq!((told.code, &told.stdout), (plain.code, &plain.stdout));
    assert_eq!(told.stderr, "");
    let bodies = bodies.lock().unwrap();
    let body: serde_json::Value = serde_json::from_slice(bodies.first().unwrap()).unwrap();
    let span = &body["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
    assert_eq!(span["name"], "omg");
    let text = span.to_string();
    assert!(
        text.contains("SecurityAudit") && text.contains("VulnerabilityDetected"),
        "{text}"
    );
}

#[test]
fn offline_tells_nobody() {
    let server = Server::start(|_| Answer::json("{}"));
    let mut sandbox = Sandbox::new();
    sandbox.env("OTEL_EXPORTER_OTLP_ENDPOINT", server.url.clone());
    sandbox.run(&[&DEMO[..], &["--offline"]].concat());
    assert!(server.requests().is_empty());
}

#[test]
fn a_collector_that_is_not_there_changes_no_verdict() {
    let mut sandbox = Sandbox::new();
    sandbox.env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9");
    let run = sandbox.run(&DEMO);
    assert_eq!(run.code, 1);
    assert!(run.stdout.contains("AVG-2851"));
}
