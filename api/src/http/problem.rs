//! What goes wrong, as problem details (RFC 9457) with stable codes.
//!
//! A problem says what to do. It never shows a path of the machine, a name, an
//! identity number or what a fault of the program said: that goes into the log.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::{IntoResponses, ToSchema};

use crate::Error;

/// What kind of problem.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Code {
    /// A parameter is not what it should be.
    BadParameter,
    /// The cursor is not one of this list.
    BadCursor,
    /// The cursor's state can no longer be told.
    CursorExpired,
    /// The body is no JSON, or not UTF-8.
    BadJson,
    /// The body's fields are not what they should be.
    BadBody,
    /// The subject is written in no known way.
    BadSubject,
    /// Who asks is not known.
    Unauthenticated,
    /// Who asks may not do this.
    Forbidden,
    /// It is not there.
    NotFound,
    /// The path is there, the method is not.
    MethodNotAllowed,
    /// The request came too slowly, or took too long.
    Timeout,
    /// It does not fit what is there.
    Conflict,
    /// The idempotency key is in use for a request that is not done yet.
    InProgress,
    /// The idempotency key was used for another request.
    KeyReused,
    /// Too many requests in a short time.
    TooMany,
    /// The body is too large.
    TooLarge,
    /// The path with its query is too long.
    UriTooLong,
    /// The head of the request is too large.
    HeadTooLarge,
    /// The body's type is not understood.
    UnsupportedType,
    /// The request cannot be carried out.
    Refused,
    /// A strict batch had rows at fault.
    StrictRefused,
    /// So many persons were shown to this caller today that no more are.
    QuotaSpent,
    /// The disk is full.
    DiskFull,
    /// Nothing was loaded yet.
    NoData,
    /// Too many questions at once.
    Busy,
    /// A fault of the program or the machine.
    Internal,
}

impl Code {
    /// Stable: programs branch on it.
    fn name(self) -> &'static str {
        match self {
            Self::BadParameter => "bad_parameter",
            Self::BadCursor => "bad_cursor",
            Self::CursorExpired => "cursor_expired",
            Self::BadJson => "bad_json",
            Self::BadBody => "bad_body",
            Self::BadSubject => "bad_subject",
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::Timeout => "timeout",
            Self::Conflict => "conflict",
            Self::InProgress => "request_in_progress",
            Self::KeyReused => "idempotency_key_reused",
            Self::TooMany => "too_many_requests",
            Self::TooLarge => "too_large",
            Self::UriTooLong => "uri_too_long",
            Self::HeadTooLarge => "head_too_large",
            Self::UnsupportedType => "unsupported_type",
            Self::Refused => "refused",
            Self::StrictRefused => "strict_refused",
            Self::QuotaSpent => "quota_spent",
            Self::DiskFull => "disk_full",
            Self::NoData => "no_data",
            Self::Busy => "busy",
            Self::Internal => "internal",
        }
    }

    fn status(self) -> StatusCode {
        use StatusCode as S;
        match self {
            Self::BadParameter | Self::BadJson => S::BAD_REQUEST,
            Self::BadCursor
            | Self::BadBody
            | Self::BadSubject
            | Self::KeyReused
            | Self::Refused
            | Self::StrictRefused => S::UNPROCESSABLE_ENTITY,
            Self::CursorExpired => S::GONE,
            Self::Unauthenticated => S::UNAUTHORIZED,
            Self::Forbidden => S::FORBIDDEN,
            Self::NotFound => S::NOT_FOUND,
            Self::MethodNotAllowed => S::METHOD_NOT_ALLOWED,
            Self::Timeout => S::REQUEST_TIMEOUT,
            Self::Conflict | Self::InProgress | Self::NoData => S::CONFLICT,
            Self::TooMany | Self::QuotaSpent => S::TOO_MANY_REQUESTS,
            Self::TooLarge => S::PAYLOAD_TOO_LARGE,
            Self::UriTooLong => S::URI_TOO_LONG,
            Self::HeadTooLarge => S::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::UnsupportedType => S::UNSUPPORTED_MEDIA_TYPE,
            Self::DiskFull => S::INSUFFICIENT_STORAGE,
            Self::Busy => S::SERVICE_UNAVAILABLE,
            Self::Internal => S::INTERNAL_SERVER_ERROR,
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::BadParameter => "参数有误 / bad parameter",
            Self::BadCursor => "游标有误 / bad cursor",
            Self::CursorExpired => "游标已失效 / cursor expired",
            Self::BadJson => "不是 JSON / not JSON",
            Self::BadBody => "字段有误 / bad field",
            Self::BadSubject => "主体写法有误 / not a subject",
            Self::Unauthenticated => "身份未确认 / who are you",
            Self::Forbidden => "无权限 / not permitted",
            Self::NotFound => "没有 / not found",
            Self::MethodNotAllowed => "方法不适用 / method not allowed",
            Self::Timeout => "超时 / timed out",
            Self::Conflict => "与现状冲突 / conflict",
            Self::InProgress => "同一请求处理中 / the same request is being worked on",
            Self::KeyReused => "幂等键已用于别的请求 / idempotency key reused",
            Self::TooMany => "请求过多 / too many requests",
            Self::TooLarge => "太大 / too large",
            Self::UriTooLong => "路径过长 / the path is too long",
            Self::HeadTooLarge => "请求头过大 / the head is too large",
            Self::UnsupportedType => "内容类型不支持 / unsupported type",
            Self::Refused => "不能照办 / cannot be done",
            Self::StrictRefused => "严格模式整批拒绝 / strict batch refused",
            Self::QuotaSpent => "今日查看自然人的额度已用完 / today's looks at persons are spent",
            Self::DiskFull => "磁盘已满 / the disk is full",
            Self::NoData => "尚无数据 / nothing was loaded yet",
            Self::Busy => "繁忙 / busy",
            Self::Internal => "内部错误 / internal error",
        }
    }

    /// The code that a bare status stands for.
    pub(crate) fn of(status: StatusCode) -> Self {
        match status {
            StatusCode::UNAUTHORIZED => Self::Unauthenticated,
            StatusCode::FORBIDDEN => Self::Forbidden,
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Self::MethodNotAllowed,
            StatusCode::REQUEST_TIMEOUT => Self::Timeout,
            StatusCode::CONFLICT => Self::Conflict,
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::UnsupportedType,
            StatusCode::UNPROCESSABLE_ENTITY => Self::BadBody,
            StatusCode::SERVICE_UNAVAILABLE => Self::Busy,
            other if other.is_server_error() => Self::Internal,
            _ => Self::BadParameter,
        }
    }
}

/// Problem details (RFC 9457).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// Always `about:blank`: `code` says which problem.
    #[serde(rename = "type")]
    kind: &'static str,
    /// In words, Chinese first.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// Stable: programs branch on it.
    pub(crate) code: &'static str,
    /// What is wrong here, and what to do.
    detail: String,
    /// What else helps, such as the report of a refused batch.
    #[serde(skip_serializing_if = "Option::is_none")]
    more: Option<Box<serde_json::Value>>,
    /// For `Retry-After`.
    #[serde(skip)]
    #[schema(ignore)]
    wait_seconds: Option<u64>,
}

impl Problem {
    pub(crate) fn new(code: Code, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self {
            kind: "about:blank",
            title: code.title(),
            status: code.status().as_u16(),
            code: code.name(),
            detail: crate::output::masked_text(&detail).unwrap_or(detail),
            more: None,
            wait_seconds: None,
        }
    }

    /// There is no use in trying again before so many seconds.
    pub(crate) fn after(mut self, seconds: u64) -> Self {
        self.wait_seconds = Some(seconds);
        self
    }

    pub(crate) fn with(mut self, more: serde_json::Value) -> Self {
        self.more = Some(Box::new(more));
        self
    }

    fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.status();
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let kind = HeaderValue::from_static("application/problem+json");
        let mut response = (status, [(header::CONTENT_TYPE, kind)], body).into_response();
        let headers = response.headers_mut();
        if matches!(
            status,
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS
        ) || self.code == "request_in_progress"
        {
            let wait = self.wait_seconds.unwrap_or(1);
            headers.insert(header::RETRY_AFTER, HeaderValue::from(wait));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let text = error.to_string();
        if error.is_full() {
            tracing::error!(error = text, "the disk is full");
            let what = "nothing was recorded; try again when there is room / 未作任何记录，请腾出空间后重试";
            return Self::new(Code::DiskFull, what);
        }
        match error {
            Error::Missing(_) => Self::new(Code::NotFound, text),
            Error::Conflict(_) => Self::new(Code::Conflict, text),
            Error::Refused(_) => Self::new(Code::Refused, text),
            Error::Busy => Self::new(Code::Busy, text),
            Error::Ingest(error) => of_load(error),
            _ => {
                tracing::error!(error = text, "fault");
                Self::new(
                    Code::Internal,
                    "请联系运维，附上 x-request-id / tell the operator the x-request-id",
                )
            }
        }
    }
}

fn of_load(error: ingest::Error) -> Problem {
    match error {
        ingest::Error::Strict { report } => {
            let text = ingest::Error::Strict {
                report: report.clone(),
            };
            let more = serde_json::to_value(&*report).unwrap_or_default();
            Problem::new(Code::StrictRefused, text.to_string()).with(more)
        }
        ingest::Error::BackInTime { .. } => Problem::new(Code::Conflict, error.to_string()),
        ingest::Error::Store(graph::store::StoreError::BackInTime { .. }) => {
            Problem::new(Code::Conflict, error.to_string())
        }
        ingest::Error::Store(error) => Problem::from(Error::Store(error)),
        ingest::Error::Read { ref source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
            Problem::new(Code::NotFound, error.to_string())
        }
        other => Problem::new(Code::Refused, other.to_string()),
    }
}

/// The problems that every operation may answer with.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "only the document reads it")]
pub(crate) enum Problems {
    /// A parameter or the JSON is not what it should be.
    #[response(status = 400, content_type = "application/problem+json")]
    BadRequest(Problem),
    /// Who asks is not known.
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthorized(Problem),
    /// Who asks may not do this.
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(Problem),
    /// It is not there.
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(Problem),
    /// The request came too slowly, or took too long.
    #[response(status = 408, content_type = "application/problem+json")]
    Timeout(Problem),
    /// It does not fit what is there.
    #[response(status = 409, content_type = "application/problem+json")]
    Conflict(Problem),
    /// The cursor's state can no longer be told.
    #[response(status = 410, content_type = "application/problem+json")]
    Gone(Problem),
    /// The body is too large.
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(Problem),
    /// The path with its query is too long.
    #[response(status = 414, content_type = "application/problem+json")]
    UriTooLong(Problem),
    /// The body's type is not understood.
    #[response(status = 415, content_type = "application/problem+json")]
    UnsupportedType(Problem),
    /// A field, the subject or the cursor is not what it should be, or the request cannot be carried out.
    #[response(status = 422, content_type = "application/problem+json")]
    Unprocessable(Problem),
    /// The head of the request is too large.
    #[response(status = 431, content_type = "application/problem+json")]
    HeadTooLarge(Problem),
    /// Too many requests, or too many persons looked at today; `Retry-After` says when to try again.
    #[response(status = 429, content_type = "application/problem+json")]
    TooMany(Problem),
    /// A fault of the program or the machine.
    #[response(status = 500, content_type = "application/problem+json")]
    Internal(Problem),
    /// Too many questions at once; `Retry-After` says when to try again.
    #[response(status = 503, content_type = "application/problem+json")]
    Busy(Problem),
    /// The disk is full: nothing was recorded.
    #[response(status = 507, content_type = "application/problem+json")]
    DiskFull(Problem),
}
