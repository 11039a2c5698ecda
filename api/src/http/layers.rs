//! Around every request: its id, its line in the log, its place in the figures,
//! its time limit; and bare refusals of the framework made into problems.
//!
//! The log has the route's pattern and never the path or the query, which may
//! hold an identity number.

use std::any::Any;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use graph::id::Hex;

use super::App;
use super::problem::{Code, Problem};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Who the request is, in log and answer.
pub(crate) async fn observe(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let given = request.headers().get(&REQUEST_ID);
    let id = given.filter(|id| is_plain(id)).cloned();
    let id = id.unwrap_or_else(fresh);
    request.headers_mut().insert(REQUEST_ID, id.clone());
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or("none", MatchedPath::as_str).to_owned();
    let mut response = next.run(request).await;
    let took = begun.elapsed();
    let status = response.status().as_u16();
    app.metrics.answered(method.as_str(), &route, status, took);
    let refused = response.status().is_client_error() || response.status().is_server_error();
    // What went well is counted in the figures, and in the log for who asks for detail.
    macro_rules! line {
        ($level:ident) => {
            tracing::$level!(
                request = id.to_str().unwrap_or_default(),
                method = method.as_str(),
                route,
                status,
                took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
                "answered"
            )
        };
    }
    if refused {
        line!(info);
    } else {
        line!(debug);
    }
    let headers = response.headers_mut();
    headers.insert(REQUEST_ID, id);
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    // Answers speak of persons: no shared cache keeps them.
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("private, no-cache"));
    response
}

fn is_plain(id: &HeaderValue) -> bool {
    let bytes = id.as_bytes();
    (1..=64).contains(&bytes.len())
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
        && crate::output::masked_text(id.to_str().unwrap_or_default()).is_none()
}

fn fresh() -> HeaderValue {
    let mut bytes = [0; 8];
    // Without random numbers ids repeat, and nothing else happens.
    let _ = getrandom::fill(&mut bytes);
    HeaderValue::from_str(&Hex(&bytes).to_string()).unwrap_or(HeaderValue::from_static("0"))
}

/// A path with its query has at most so many bytes.
const PATH_BYTES: usize = 8 << 10;
/// A head has at most so many fields …
const FIELDS: usize = 100;
/// … of together so many bytes.
const FIELD_BYTES: usize = 32 << 10;

/// Refuses heads that no client of ours sends, before anything reads them.
pub(crate) async fn bounded(request: Request, next: Next) -> Response {
    let path = request.uri().path_and_query();
    if path.is_some_and(|path| path.as_str().len() > PATH_BYTES) {
        let what = format!("at most {PATH_BYTES} bytes / 至多 {PATH_BYTES} 字节");
        return Problem::new(Code::UriTooLong, what).into_response();
    }
    let fields = request.headers();
    let bytes = fields
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len());
    if fields.len() > FIELDS || bytes.sum::<usize>() > FIELD_BYTES {
        let what = format!("at most {FIELDS} fields of {FIELD_BYTES} bytes / 请求头过多或过长");
        return Problem::new(Code::HeadTooLarge, what).into_response();
    }
    next.run(request).await
}

/// Bare refusals of the framework, made into problems.
pub(crate) async fn explain(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE);
    let is_problem = kind.is_some_and(|kind| kind == "application/problem+json");
    if is_problem || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let detail = match status {
        StatusCode::NOT_FOUND => "no such path; see /docs / 没有此路径",
        StatusCode::METHOD_NOT_ALLOWED => "see /docs for the methods of this path / 方法不适用",
        StatusCode::PAYLOAD_TOO_LARGE => "the body is larger than allowed / 请求体过大",
        StatusCode::REQUEST_TIMEOUT => "the request came too slowly / 请求过慢",
        _ => "see /docs",
    };
    let mut problem = Problem::new(Code::of(status), detail).into_response();
    if let Some(allowed) = response.headers().get(header::ALLOW) {
        problem.headers_mut().insert(header::ALLOW, allowed.clone());
    }
    *problem.status_mut() = status;
    problem
}

/// A limit to the time of an answer.
pub(crate) async fn in_time(State(app): State<App>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>();
    // A load takes as long as its files are long, and is not stopped half-way.
    let is_load = route.is_some_and(|route| route.as_str() == "/v1/batches");
    let limit = if is_load {
        app.settings.load_time()
    } else {
        app.settings.answer_time()
    };
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::new(Code::Timeout, "ask for less / 请缩小范围").into_response(),
    }
}

/// A panic is a fault to be mended; the request is answered, the server goes on.
#[expect(clippy::needless_pass_by_value, reason = "the layer gives it so")]
pub(crate) fn caught(panic: Box<dyn Any + Send>) -> Response {
    Problem::from(crate::service::known::broken(&*panic)).into_response()
}
