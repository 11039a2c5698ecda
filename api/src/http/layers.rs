//! Around every request: its id, its line in the log, its place in the figures,
//! its limits of size and time, who asks; and bare refusals of the framework made
//! into problems.
//!
//! All of it is one layer: the framework copies and allocates for each layer, at
//! every request, all that lies within it.
//!
//! The log has the route's pattern and never the path or the query, which may
//! hold an identity number.

use std::any::Any;
use std::convert::Infallible;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use graph::id::Hex;
use tokio::time::error::Elapsed;
use tokio::time::timeout;
use tower::ServiceExt;
use tower_http::compression::Compression;
use tower_http::compression::predicate::{DefaultPredicate, Predicate};

use super::problem::{Code, Problem};
use super::{App, caller, traces};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Who the request is, in log and answer; and within, all the rest.
pub(crate) async fn around(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let given = request.headers().get(&REQUEST_ID);
    let id = given.filter(|id| is_plain(id)).cloned();
    let id = id.unwrap_or_else(fresh);
    let traces = app.traces.as_ref();
    let traces = traces.map(|traces| (traces, traces::caller(request.headers())));
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    let response = match bounded(&request) {
        Ok(()) => {
            let accepted = request.headers().get_all(header::ACCEPT_ENCODING);
            let accepted: Vec<HeaderValue> = accepted.iter().cloned().collect();
            let (app, limit) = (&app, limited(&app, route, &mut request));
            // Written here, not called: each call of such a function copies all that it holds.
            // Who asks is found out before anything else is done.
            let answered = timeout(limit, async move {
                match caller::resolve(app, &mut request).await {
                    Ok(()) => next.run(request).await,
                    Err(problem) => problem.into_response(),
                }
            });
            let mut answered = pin!(answered);
            let response = poll_fn(|context| survived(answered.as_mut(), context)).await;
            packed(accepted, response).await
        }
        Err(problem) => problem.into_response(),
    };
    let mut response = explained(response);
    let took = begun.elapsed();
    let status = response.status().as_u16();
    app.metrics.answered(method.as_str(), route, status, took);
    if let Some((traces, caller)) = traces {
        let id = id.to_str().unwrap_or_default();
        traces.answered(&caller, (method.as_str(), route, status), took, id);
    }
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
    head(response.headers_mut(), id);
    response
}

/// What stands in the head of every answer.
fn head(headers: &mut HeaderMap, id: HeaderValue) {
    headers.insert(REQUEST_ID, id);
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    // Answers speak of persons: no shared cache keeps them.
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("private, no-cache"));
}

/// A panic is a fault to be mended, and what takes too long is given up; the request is
/// answered, the server goes on.
fn survived(
    work: Pin<&mut impl Future<Output = Result<Response, Elapsed>>>,
    context: &mut Context<'_>,
) -> Poll<Response> {
    let polled = catch_unwind(AssertUnwindSafe(|| work.poll(context)));
    let late = || Problem::new(Code::Timeout, "ask for less / 请缩小范围").into_response();
    match polled {
        Ok(polled) => polled.map(|in_time| in_time.unwrap_or_else(|_| late())),
        Err(panic) => Poll::Ready(caught(&*panic)),
    }
}

fn caught(panic: &(dyn Any + Send)) -> Response {
    Problem::from(crate::service::known::broken(panic)).into_response()
}

/// Limits the body's size; how long the answer may take.
fn limited(app: &App, route: &str, request: &mut Request) -> Duration {
    DefaultBodyLimit::max(app.settings.limits.body_kib << 10).apply(request);
    // A load takes as long as its files are long, and is not stopped half-way.
    if route == "/v1/batches" {
        app.settings.load_time()
    } else {
        app.settings.answer_time()
    }
}

/// The response, compressed when the client accepts that.
async fn packed(accepted: Vec<HeaderValue>, mut response: Response) -> Response {
    if accepted.is_empty() {
        if DefaultPredicate::new().should_compress(&response) {
            let other = HeaderValue::from_static("accept-encoding");
            response.headers_mut().append(header::VARY, other);
        }
        return response;
    }
    let mut asked = axum::http::Request::new(());
    for value in accepted {
        asked.headers_mut().append(header::ACCEPT_ENCODING, value);
    }
    let mut response = Some(response);
    let service = tower::service_fn(move |_| {
        let response = response.take().unwrap_or_default();
        std::future::ready(Ok::<_, Infallible>(response))
    });
    let Ok(packed) = Box::pin(Compression::new(service).oneshot(asked)).await;
    packed.map(Body::new)
}

fn is_plain(id: &HeaderValue) -> bool {
    let bytes = id.as_bytes();
    (1..=64).contains(&bytes.len())
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
        && crate::output::masked_text(id.to_str().unwrap_or_default()).is_none()
}

/// An id that this process gave to nobody yet.
fn fresh() -> HeaderValue {
    static FIRST: OnceLock<u64> = OnceLock::new();
    static GIVEN: AtomicU64 = AtomicU64::new(0);
    let first = FIRST.get_or_init(|| {
        let mut bytes = [0; 8];
        // Without random numbers ids repeat, and nothing else happens.
        let _ = getrandom::fill(&mut bytes);
        u64::from_be_bytes(bytes)
    });
    // Odd, so no two numbers give one id; and neighbours do not look alike.
    let given = GIVEN.fetch_add(1, Ordering::Relaxed);
    let id = first.wrapping_add(given.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let text = Hex(&id.to_be_bytes()).to_string();
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("0"))
}

/// A path with its query has at most so many bytes.
const PATH_BYTES: usize = 8 << 10;
/// The fields of a head have together at most so many bytes. More than a hundred of them
/// are not read at all.
const FIELD_BYTES: usize = 32 << 10;

/// Refuses heads that no client of ours sends, before anything reads them.
fn bounded(request: &Request) -> Result<(), Problem> {
    let path = request.uri().path_and_query();
    if path.is_some_and(|path| path.as_str().len() > PATH_BYTES) {
        let what = format!("at most {PATH_BYTES} bytes / 至多 {PATH_BYTES} 字节");
        return Err(Problem::new(Code::UriTooLong, what));
    }
    let fields = request.headers();
    let bytes = fields
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len());
    if bytes.sum::<usize>() > FIELD_BYTES {
        let what = format!("at most {FIELD_BYTES} bytes of fields / 请求头过长");
        return Err(Problem::new(Code::HeadTooLarge, what));
    }
    Ok(())
}

/// Bare refusals of the framework, made into problems.
fn explained(response: Response) -> Response {
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
