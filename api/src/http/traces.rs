//! Traces for OpenTelemetry, when a collector is named: one span a request, sent in
//! batches as OTLP over HTTP from a thread of its own.
//!
//! A span continues the caller's trace (W3C `traceparent`). Like the log it has the
//! route's pattern, and never a path, a query, a body or a person.

use std::borrow::Cow;
use std::time::Duration;

use axum::http::HeaderMap;
use bytes::Bytes;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::{Span, SpanKind, Status, Tracer, TracerProvider};
use opentelemetry::{Context, KeyValue};
use opentelemetry_http::{HeaderExtractor, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{Sampler, SdkTracer, SdkTracerProvider};
use ureq::Agent;

use super::settings::Tracing;
use crate::{Error, clock, outbound};

/// How long the collector may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Sends spans. What the collector does not take in time is lost, and nobody waits.
#[derive(Debug)]
pub(crate) struct Traces {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
}

/// The span that a request says it belongs to, if any.
pub(crate) fn caller(headers: &HeaderMap) -> Context {
    TraceContextPropagator::new().extract(&HeaderExtractor(headers))
}

impl Traces {
    pub(crate) fn new(settings: &Tracing) -> Result<Self, Error> {
        if !(0.0..=1.0).contains(&settings.part) {
            let what = format!(
                "traces.part: 0 to 1, not {} / 须在 0 与 1 之间",
                settings.part
            );
            return Err(Error::Refused(what));
        }
        let agent = outbound::agent(&settings.collector, settings.roots.as_deref(), PATIENCE)?;
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Sender(agent))
            .with_endpoint(&settings.collector)
            .with_timeout(PATIENCE)
            .build()
            .map_err(|error| Error::Refused(format!("traces.collector: {error}")))?;
        let sampler = Sampler::TraceIdRatioBased(settings.part);
        let resource = Resource::builder()
            .with_service_name("chuantou")
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")));
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_sampler(Sampler::ParentBased(Box::new(sampler)))
            .with_resource(resource.build())
            .build();
        let tracer = provider.tracer("chuantou");
        Ok(Self { provider, tracer })
    }

    /// A request was answered just now. `route` is the route's pattern, never a path.
    pub(crate) fn answered(
        &self,
        caller: &Context,
        (method, route, status): (&str, &str, u16),
        took: Duration,
        id: &str,
    ) {
        let end = clock::system();
        let span = self.tracer.span_builder(format!("{method} {route}"));
        let span = span
            .with_kind(SpanKind::Server)
            .with_start_time(end.checked_sub(took).unwrap_or(end))
            .with_attributes([
                KeyValue::new("http.request.method", method.to_owned()),
                KeyValue::new("http.route", route.to_owned()),
                KeyValue::new("http.response.status_code", i64::from(status)),
                KeyValue::new("chuantou.request", id.to_owned()),
            ]);
        let mut span = span.start_with_context(&self.tracer, caller);
        if status >= 500 {
            span.set_status(Status::Error {
                description: Cow::Borrowed(""),
            });
        }
        span.end_with_timestamp(end);
    }

    /// Sends what waits.
    pub(crate) fn finish(&self) {
        if let Err(error) = self.provider.shutdown() {
            tracing::warn!(%error, "the last traces");
        }
    }
}

/// Sends as all our requests are sent; called on the thread of the batches.
#[derive(Debug)]
struct Sender(Agent);

#[async_trait::async_trait]
impl HttpClient for Sender {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let sent = self.send(request);
        if let Err(error) = &sent {
            tracing::warn!(%error, "the collector of traces; see traces.collector");
        }
        sent
    }
}

impl Sender {
    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (head, body) = request.into_parts();
        let mut sent = self.0.post(head.uri);
        for (name, value) in &head.headers {
            sent = sent.header(name, value);
        }
        let (head, mut body) = sent.send(&*body)?.into_parts();
        Ok(Response::from_parts(head, body.read_to_vec()?.into()))
    }
}
