//! `OMG_LOG`: what happens inside, on standard error, for whoever looks for a fault.

use omg_auditlog::{Event, Severity};
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::env::Env;
use crate::failure::Failure;

/// Listens as `OMG_LOG` says: `info`, or `warn,omg_auditlog=debug`. Without it, to nothing.
pub fn start(env: &Env) -> Result<(), Failure> {
    let Some(wanted) = env.var("OMG_LOG") else {
        return Ok(());
    };
    let targets: Targets = wanted.parse().map_err(|error| {
        Failure::config(format!("OMG_LOG={wanted} is no filter"))
            .because(&error)
            .try_this("OMG_LOG=info, or OMG_LOG=warn,omg=debug")
    })?;
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_writer(std::io::stderr)
        .with_filter(targets);
    // Nothing else of this program listens, so that it cannot have begun before.
    let _ = tracing_subscriber::registry().with(lines).try_init();
    Ok(())
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
