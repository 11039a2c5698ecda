//! `/healthz`, `/readyz`, `/metrics`: for whoever runs the service.

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use graph::time::Moment;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::App;
use crate::http::asker::told;
use crate::http::problem::{Problem, Problems};

/// The process answers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Alive {
    /// Always `ok`.
    status: &'static str,
}

/// The service can answer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Ready {
    /// It can.
    #[serde(rename = "ready")]
    can_answer: bool,
    /// The newest batch.
    data_version: u32,
    /// Digest of the rules.
    catalogue: String,
    /// Each record set, and whether it is stale.
    sources: Vec<SourceState>,
}

/// How fresh a record set is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SourceState {
    /// The record set.
    set: &'static str,
    /// Recorded time of the newest batch that brought some of it.
    fresh_as_of: Option<String>,
    /// Older than the configuration allows, or never loaded.
    stale: bool,
}

/// 存活 / Is the process alive
#[utoipa::path(
    get, path = "/healthz", tag = "operate",
    responses((status = 200, description = "It is.", body = Alive), Problems)
)]
pub(crate) async fn alive() -> Result<Response, Problem> {
    told(StatusCode::OK, &Alive { status: "ok" })
}

/// 就绪 / Can the service answer, and how fresh are its sources
#[utoipa::path(
    get, path = "/readyz", tag = "operate",
    responses((status = 200, description = "It can.", body = Ready), Problems)
)]
pub(crate) async fn ready(State(app): State<App>) -> Result<Response, Problem> {
    let days = i64::from(app.settings.stale_days);
    let oldest = Moment(crate::clock::now().0.saturating_sub(days * 86_400_000));
    let newest = app.service.newest();
    let sources = app.service.sources(newest).into_iter();
    let sources = sources.map(|(set, fresh)| SourceState {
        set: set.name(),
        stale: fresh.is_none_or(|at| at < oldest),
        fresh_as_of: fresh.map(|at| at.to_string()),
    });
    let ready = Ready {
        can_answer: true,
        data_version: newest.0,
        catalogue: app.service.catalogue().digest.clone(),
        sources: sources.collect(),
    };
    told(StatusCode::OK, &ready)
}

/// 运行指标 / Figures for Prometheus
#[utoipa::path(
    get, path = "/metrics", tag = "operate",
    responses((status = 200, description = "The figures.", body = String, content_type = "text/plain"), Problems)
)]
pub(crate) async fn metrics(State(app): State<App>) -> Response {
    let room = u64::try_from(app.service.room()).unwrap_or_default();
    let newest = u64::from(app.service.newest().0);
    let text = app
        .metrics
        .text(&[("data_version", newest), ("questions_room", room)]);
    let kind = HeaderValue::from_static("text/plain; version=0.0.4");
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}
