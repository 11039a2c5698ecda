//! Reading requests: what does not fit is a problem with a code.
//!
//! A parameter or field that nobody knows is refused: `as_off=…` passed over in
//! silence would answer another question about a person.

use std::pin::pin;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::header;
use axum::http::request::Parts;
use futures_util::future::poll_immediate;
use graph::time::{Date, Moment};
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::App;
use super::problem::{Code, Problem};

/// Parameters of the query.
pub(crate) struct Ask<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Ask<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Query::<T>::from_request_parts(parts, state).await {
            Ok(Query(asked)) => Ok(Self(asked)),
            Err(refused) => Err(Problem::new(Code::BadParameter, refused.body_text())),
        }
    }
}

/// A part of the path.
pub(crate) struct Named(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Path::<String>::from_request_parts(parts, state).await {
            Ok(Path(name)) => Ok(Self(name)),
            Err(_) => Err(Problem::new(
                Code::BadParameter,
                "the path is not UTF-8 / 路径不是 UTF-8",
            )),
        }
    }
}

/// A JSON body, with its bytes.
pub(crate) struct Json<T> {
    pub(crate) asked: T,
    pub(crate) bytes: Bytes,
}

impl<T: DeserializeOwned> FromRequest<App> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE);
        let is_json = kind
            .and_then(|kind| kind.to_str().ok())
            .and_then(|kind| kind.split(';').next())
            .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"));
        if !is_json {
            let what = "send the body as application/json / 请以 application/json 发送";
            return Err(Problem::new(Code::UnsupportedType, what));
        }
        let patience = Duration::from_secs(app.settings.limits.body_seconds);
        // Most bodies are there with the head: then nobody keeps time.
        let mut body = pin!(Bytes::from_request(request, app));
        let bytes = match poll_immediate(body.as_mut()).await {
            Some(bytes) => Ok(bytes),
            None => Box::pin(timeout(patience, body)).await,
        };
        let late = |_| Problem::new(Code::Timeout, "the body came too slowly / 请求体过慢");
        let bytes = bytes
            .map_err(late)?
            .map_err(|refused| Problem::new(Code::of(refused.status()), refused.body_text()))?;
        let asked = parse(&bytes)?;
        Ok(Self { asked, bytes })
    }
}

/// An upload broke off because it came too slowly.
pub(crate) fn is_late(refused: &(dyn std::error::Error + 'static)) -> bool {
    let mut cause = Some(refused);
    while let Some(error) = cause {
        if error.is::<tower_http::timeout::TimeoutError>() {
            return true;
        }
        cause = error.source();
    }
    false
}

/// Reads a JSON text.
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(bytes).map_err(|error| {
        // Reading it as any JSON tells what is none, and what is nested too deep.
        let plain: Result<serde_json::Value, _> = serde_json::from_slice(bytes);
        let error = plain.err().unwrap_or(error);
        let code = if error.is_data() {
            Code::BadBody
        } else {
            Code::BadJson
        };
        Problem::new(code, error.to_string())
    })
}

/// A cursor that counts; 0 when there is none.
pub(crate) fn counted(cursor: Option<u64>) -> Result<u64, Problem> {
    let cursor = cursor.unwrap_or(0);
    match i64::try_from(cursor) {
        Ok(_) => Ok(cursor),
        Err(_) => Err(Problem::new(
            Code::BadParameter,
            "not a cursor of this list / 不是本列表的游标",
        )),
    }
}

/// A day, in any form that files may have.
pub(crate) fn day(text: Option<&str>) -> Result<Option<Date>, Problem> {
    let Some(text) = text else { return Ok(None) };
    if let Some(day) = Date::parse(text.trim()) {
        return Ok(Some(day));
    }
    match ingest::value::parse_date(text) {
        Ok(Some(day)) => Ok(Some(day)),
        _ => Err(Problem::new(
            Code::BadParameter,
            "不是日期 / not a date: write YYYY-MM-DD",
        )),
    }
}

/// A moment; a day means its last instant.
pub(crate) fn known(text: Option<&str>) -> Result<Option<Moment>, Problem> {
    let parse = |text: &str| crate::cli::parse_known(&with_offset(text));
    text.map(parse)
        .transpose()
        .map_err(|what| Problem::new(Code::BadParameter, what))
}

/// In a query an offset's plus that was not encoded arrives as a blank.
fn with_offset(text: &str) -> String {
    match text.rsplit_once(' ') {
        Some((time, offset)) if time.contains('T') => format!("{time}+{offset}"),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_as_answers_write_it() {
        let moment = Moment(1_790_000_000_123);
        let text = moment.to_string();
        for text in [text.clone(), text.replace('+', " ")] {
            assert_eq!(known(Some(&text)).unwrap(), Some(moment), "{text}");
        }
        assert!(known(Some("soon")).is_err());
    }

    #[test]
    fn nesting_without_end_is_no_json() {
        let deep = "[".repeat(100_000);
        let refused = parse::<serde_json::Value>(deep.as_bytes()).unwrap_err();
        assert_eq!(refused.code, "bad_json");
        let wrong = parse::<u8>(b"\"x\"").unwrap_err();
        assert_eq!(wrong.code, "bad_body");
    }
}
