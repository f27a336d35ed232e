//! Clients for servers on loopback, with short time-outs.

// Shared by tests of which each uses a part.
#![allow(clippy::panic, clippy::print_stdout, clippy::unwrap_used, dead_code)]

use std::time::Duration;

use omg_vuln::http::{Client, ClientBuilder, Endpoints, Roots};

use super::server::Server;

/// All sources at one server, in directories of their own.
pub(crate) fn endpoints(base: &str) -> Endpoints {
    let mut endpoints = Endpoints::default();
    endpoints.osv_api = base.to_owned();
    endpoints.osv_dumps = format!("{base}/dumps");
    endpoints.arch = format!("{base}/arch/all.json");
    endpoints.kev = format!("{base}/kev.json");
    endpoints.epss = format!("{base}/epss.csv.gz");
    endpoints
}

/// Attempts of two seconds, twice repeated with hardly a pause, 20 seconds in all.
pub(crate) fn builder(server: &Server) -> ClientBuilder {
    Client::builder()
        .endpoints(endpoints(&server.url()))
        .roots(Roots::System)
        .timeout(Duration::from_secs(2))
        .batch_timeout(Duration::from_secs(2))
        .budget(Duration::from_secs(20))
        .download_budget(Duration::from_secs(20))
        .retries(2)
        .backoff(Duration::from_millis(5), Duration::from_millis(20))
}

pub(crate) fn client(server: &Server) -> Client {
    builder(server).build().unwrap()
}
