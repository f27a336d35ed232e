//! The one place that makes a network client, and the runtime it needs.

use std::future::Future;

use omg_vuln::http::{Client, Endpoints, KeyPin};

use super::context::Context;
use super::failure::Failure;

/// Makes the client that the configuration asks for.
pub fn client(context: &Context) -> Result<Client, Failure> {
    let sources = &context.config.sources;
    let mut endpoints = Endpoints::default();
    for (endpoint, configured) in [
        (&mut endpoints.osv_api, &sources.osv),
        (&mut endpoints.osv_dumps, &sources.osv_dumps),
        (&mut endpoints.arch, &sources.arch),
        (&mut endpoints.kev, &sources.kev),
        (&mut endpoints.epss, &sources.epss),
    ] {
        if let Some(address) = configured {
            endpoint.clone_from(address);
        }
    }
    let mut builder = Client::builder()
        .endpoints(endpoints)
        .user_agent(concat!("omg/", env!("CARGO_PKG_VERSION")))
        // Only spreads retries in time: any number that differs between machines will do.
        .jitter_seed(u64::from(std::process::id()) ^ context.env.now.timestamp().unsigned_abs());
    if let Some(proxy) = &sources.proxy {
        builder = builder.proxy(proxy.as_str());
    }
    for (host, pins) in &context.config.pins {
        for pin in pins {
            let pin: KeyPin = pin.parse().map_err(|error| {
                Failure::config(format!("the pin {pin:?} for {host} is invalid")).because(&error)
            })?;
            builder = builder.pin(host, pin);
        }
    }
    builder.build().map_err(|error| {
        Failure::config("the network client cannot be set up")
            .because(&error)
            .try_this("check the addresses of the sources: omg help environment; or --offline")
    })
}

/// What became of a future that Ctrl-C may end.
pub enum Ended<T> {
    Done(T),
    Interrupted,
}

/// Runs a future to its end, or until Ctrl-C.
pub fn block_on<T>(future: impl Future<Output = T>) -> Result<Ended<T>, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::incomplete("no runtime for the network").because(&error))?;
    Ok(runtime.block_on(async {
        tokio::select! {
            done = future => Ended::Done(done),
            _ = tokio::signal::ctrl_c() => Ended::Interrupted,
        }
    }))
}
