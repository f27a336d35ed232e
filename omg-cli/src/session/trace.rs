//! `OMG_LOG`: what happens inside, on standard error, for whoever looks for a fault.

#[cfg(feature = "otel")]
mod otel;

use omg_auditlog::{Event, Severity};
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::env::Env;
use super::failure::Failure;

/// Hands over what is left to tell when the run ends.
#[derive(Default)]
pub struct Guard {
    #[cfg(feature = "otel")]
    collector: Option<otel::Collector>,
}

impl Drop for Guard {
    fn drop(&mut self) {
        #[cfg(feature = "otel")]
        if let Some(collector) = self.collector.take() {
            collector.end();
        }
    }
}

/// Listens as `OMG_LOG` says: `info`, or `warn,omg_auditlog=debug`. Without it, and without a
/// collector, to nothing.
pub fn start(env: &Env, offline: bool) -> Result<Guard, Failure> {
    let lines = env.var("OMG_LOG").map(targets).transpose()?;
    let lines = lines.map(|targets| {
        tracing_subscriber::fmt::layer()
            .with_ansi(false)
            .with_writer(std::io::stderr)
            .with_filter(targets)
    });
    let listens = lines.is_some();
    let subscriber = tracing_subscriber::registry().with(lines);
    // Nothing else of this program listens, so that it cannot have begun before.
    #[cfg(feature = "otel")]
    if let Some(collector) = otel::Collector::start(env, offline)? {
        let _ = subscriber.with(collector.layer()).try_init();
        return Ok(Guard {
            collector: Some(collector),
        });
    }
    let _ = offline;
    if listens {
        let _ = subscriber.try_init();
    }
    Ok(Guard::default())
}

fn targets(wanted: &str) -> Result<Targets, Failure> {
    wanted.parse().map_err(|error| {
        Failure::config(format!("OMG_LOG={wanted} is no filter"))
            .because(&error)
            .try_this("OMG_LOG=info, or OMG_LOG=warn,omg=debug")
    })
}

/// A verdict, at the level of its entry in the audit log, whether that is written or not.
pub fn verdict(event: &Event) {
    let (kind, outcome) = (event.kind.as_str(), event.outcome.as_str());
    // Text of others is printed with its control characters escaped.
    let subject = event.subject.iter();
    let subject = subject.map(|(name, value)| format!("{name}={value:?}"));
    let subject = || subject.collect::<Vec<_>>().join(" ");
    match event.severity {
        Severity::Critical | Severity::Error => {
            tracing::error!(target: "omg", kind, outcome, subject = subject(), "verdict");
        }
        Severity::Warning => {
            tracing::warn!(target: "omg", kind, outcome, subject = subject(), "verdict");
        }
        Severity::Debug => {
            tracing::debug!(target: "omg", kind, outcome, subject = subject(), "verdict");
        }
        _ => tracing::info!(target: "omg", kind, outcome, subject = subject(), "verdict"),
    }
}
