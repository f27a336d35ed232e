//! Spans and verdicts for an OpenTelemetry collector: OTLP 1.x, JSON over HTTP.

use std::time::Duration;

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SdkTracerProvider, Tracer};
use tracing::Subscriber;
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::registry::LookupSpan;

use crate::session::env::Env;
use crate::session::failure::Failure;

/// How long a collector may take; it never holds up a verdict for longer.
const PATIENCE: Duration = Duration::from_secs(5);

/// The connection to a collector.
pub struct Collector {
    provider: SdkTracerProvider,
}

impl Collector {
    /// The collector that the environment names, unless no socket may be opened.
    pub fn start(env: &Env, offline: bool) -> Result<Option<Self>, Failure> {
        let Some(endpoint) = env.var("OTEL_EXPORTER_OTLP_ENDPOINT").filter(|_| !offline) else {
            return Ok(None);
        };
        // The exporter makes its own client, of which TLS asks the process's provider; an error
        // says that there is one already.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let exporter = SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpJson)
            .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
            .with_timeout(PATIENCE)
            .build()
            .map_err(|error| {
                Failure::config("the collector of OTEL_EXPORTER_OTLP_ENDPOINT cannot be used")
                    .because(&error)
            })?;
        let resource = Resource::builder_empty().with_service_name("omg").build();
        let provider = SdkTracerProvider::builder()
            .with_resource(resource)
            .with_batch_exporter(exporter)
            .build();
        Ok(Some(Self { provider }))
    }

    /// Takes what this program itself tells, whatever `OMG_LOG` says.
    pub fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let own = Targets::new()
            .with_target("omg", LevelFilter::DEBUG)
            .with_target("omg_auditlog", LevelFilter::DEBUG);
        let tracer: Tracer = self.provider.tracer("omg");
        OpenTelemetryLayer::new(tracer).with_filter(own)
    }

    /// Sends what is left. A collector that does not answer changes no verdict.
    pub fn end(self) {
        if let Err(error) = self.provider.shutdown_with_timeout(PATIENCE) {
            crate::session::output::say(&format!("warning: the collector was not told: {error}"));
        }
    }
}
