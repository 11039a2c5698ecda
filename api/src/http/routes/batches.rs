//! `/v1/batches`, `/v1/quarantine`: loading files, what was loaded, what could not be.

use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use ::ingest::Options;
use ::ingest::source::{Encoding, Input, walk};
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use graph::change::BatchNo;
use graph::id::Set;
use graph::store::Store;
use graph::time::Moment;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tower_http::timeout::TimeoutBody;
use utoipa::ToSchema;

use crate::Error;
use crate::answer::{BatchAnswer, QuarantineAnswer};
use crate::auth::Action;
use crate::http::asker::{Asker, told};
use crate::http::extract::{Ask, Json, Named, is_late};
use crate::http::idempotency;
use crate::http::page::Paged;
use crate::http::problem::{Code, Problem, Problems};
use crate::http::query::listed;
use crate::service::{blocking, load};

listed! {
    /// Which page.
    struct BatchesQuery {}
}

listed! {
    /// Which rows.
    struct QuarantineQuery {
        /// With those that were resolved.
        #[serde(default)]
        #[param(value_type = bool, required = false, example = true)]
        all: bool,
    }
}

/// Files below the drop folder to load as one batch.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"path": "2026-07", "dry_run": true}))]
pub(crate) struct BatchRequest {
    /// A file or folder, relative to the drop folder of the configuration.
    path: String,
    /// All files are of this record set.
    #[serde(default)]
    set: Option<String>,
    /// The sheet of every workbook.
    #[serde(default)]
    sheet: Option<String>,
    /// `utf-8` or `gb18030`; told from the bytes without it.
    #[serde(default)]
    encoding: Option<String>,
    /// Recorded time, when history is back-filled.
    #[serde(default)]
    recorded_at: Option<String>,
    /// Refuse the whole batch when a row is quarantined.
    #[serde(default)]
    strict: bool,
    /// Do everything but write.
    #[serde(default)]
    dry_run: bool,
}

/// Files to upload: any number of parts `file`, each with its name; and options as text parts.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only the document reads it")]
pub(crate) struct BatchUpload {
    /// A file; its name tells the record set and the format.
    #[schema(value_type = Vec<String>, format = Binary)]
    file: Vec<Vec<u8>>,
    /// All files are of this record set.
    #[schema(nullable = false)]
    set: Option<String>,
    /// `true`: refuse the whole batch when a row is quarantined.
    #[schema(nullable = false)]
    strict: Option<bool>,
    /// `true`: do everything but write.
    #[schema(nullable = false)]
    dry_run: Option<bool>,
    /// Recorded time, when history is back-filled.
    #[schema(nullable = false)]
    recorded_at: Option<String>,
}

/// What came of a batch.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LoadAnswer {
    /// The batch; none when nothing changed or it was a dry run.
    batch: Option<u32>,
    /// A line a record set: `set`, `read`, `new`, `changed`, `unchanged`, `withdrawn`, `quarantined`.
    sets: Vec<Value>,
    /// The loader's whole report.
    report: Value,
}

/// What a load is told.
#[derive(Default)]
struct Wanted {
    set: Option<Set>,
    sheet: Option<String>,
    encoding: Option<Encoding>,
    recorded_at: Option<Moment>,
    strict: bool,
    dry_run: bool,
}

impl Wanted {
    fn put(&mut self, name: &str, text: &str) -> Result<(), Problem> {
        let wrong = |what: String| Problem::new(Code::BadBody, what);
        match name {
            "set" => {
                let unknown = || wrong(format!("no record set is called {text}"));
                self.set = Some(::ingest::set_named(text).ok_or_else(unknown)?);
            }
            "sheet" => self.sheet = Some(text.to_owned()),
            "encoding" => {
                self.encoding = Some(match text.to_ascii_lowercase().as_str() {
                    "utf-8" | "utf8" => Encoding::Utf8,
                    "gb18030" | "gbk" | "gb2312" => Encoding::Gb18030,
                    _ => return Err(wrong("encoding: utf-8 or gb18030".into())),
                });
            }
            "recorded_at" => {
                self.recorded_at = Some(crate::cli::parse_recorded(text).map_err(wrong)?);
            }
            "strict" => self.strict = truth(text)?,
            "dry_run" => self.dry_run = truth(text)?,
            _ => return Err(wrong(format!("unknown part `{name}`"))),
        }
        Ok(())
    }

    fn options(&self) -> Options {
        Options {
            // The service dates it.
            recorded_at: self.recorded_at.unwrap_or(Moment(0)),
            set: self.set,
            sheet: self.sheet.clone(),
            encoding: self.encoding,
            strict: self.strict,
            dry_run: self.dry_run,
            ..Options::at(Moment(0))
        }
    }
}

fn truth(text: &str) -> Result<bool, Problem> {
    match text.trim() {
        "true" | "1" => Ok(true),
        "false" | "0" | "" => Ok(false),
        _ => Err(Problem::new(Code::BadBody, "true or false")),
    }
}

/// 装入文件 / Load files as one batch
///
/// Upload them (`multipart/form-data`), or name a path below the drop folder (JSON). Answers when
/// the batch is durable and every later question sees it.
#[utoipa::path(
    post, path = "/v1/batches", tag = "operate",
    params(("Idempotency-Key" = inline(Option<String>), Header, description = "Sent again with the same key, a request is answered as the first time.")),
    request_body(content((BatchUpload = "multipart/form-data"), (BatchRequest = "application/json"))),
    responses(
        (status = 201, description = "The batch.", body = LoadAnswer),
        (status = 200, description = "Nothing changed, or it was a dry run.", body = LoadAnswer), Problems)
)]
pub(crate) async fn load(
    asker: Asker,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Problem> {
    asker.may(Action::Ingest).await?;
    let kind = headers.get(header::CONTENT_TYPE);
    let is_upload = kind
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.starts_with("multipart/form-data"));
    let key = idempotency::key_of(&headers)?;
    if is_upload {
        let (wanted, files) = uploaded(&asker, request).await?;
        let parts: Vec<&[u8]> = files
            .iter()
            .flat_map(|(name, bytes)| [name.as_bytes(), bytes.as_slice()])
            .collect();
        let inputs = files
            .iter()
            .map(|(name, bytes)| Input::bytes(name, bytes.clone()))
            .collect();
        return idempotency::once(&asker, key, &parts, take(&asker, inputs, &wanted)).await;
    }
    let Json { asked, bytes } = Json::<BatchRequest>::from_request(request, &asker.app).await?;
    let inputs = dropped(&asker, &asked.path).await?;
    let mut wanted = Wanted {
        strict: asked.strict,
        dry_run: asked.dry_run,
        ..Wanted::default()
    };
    let texts = [
        ("set", asked.set),
        ("sheet", asked.sheet),
        ("encoding", asked.encoding),
        ("recorded_at", asked.recorded_at),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            wanted.put(name, &text)?;
        }
    }
    idempotency::once(
        &asker,
        key,
        &[b"batches", &bytes],
        take(&asker, inputs, &wanted),
    )
    .await
}

async fn take(asker: &Asker, inputs: Vec<Input>, wanted: &Wanted) -> Result<Response, Problem> {
    let service = std::sync::Arc::clone(&asker.app.service);
    let report = service
        .load(inputs, wanted.recorded_at, wanted.options())
        .await?;
    asker.looked(Action::Ingest, None).await?;
    let answer = LoadAnswer {
        batch: report.batch.map(|batch| batch.0),
        sets: load::lines(&report)?,
        report: serde_json::to_value(&report).map_err(Error::from)?,
    };
    let Some(batch) = answer.batch else {
        return told(StatusCode::OK, &answer);
    };
    let mut response = told(StatusCode::CREATED, &answer)?;
    if let Ok(place) = HeaderValue::from_str(&format!("/v1/batches/{batch}")) {
        response.headers_mut().insert(header::LOCATION, place);
    }
    Ok(response)
}

type Files = Vec<(String, Vec<u8>)>;

async fn uploaded(asker: &Asker, mut request: Request) -> Result<(Wanted, Files), Problem> {
    let limits = &asker.app.settings.limits;
    DefaultBodyLimit::max(limits.upload_mib << 20).apply(&mut request);
    let patience = Duration::from_secs(limits.body_seconds);
    let request = request.map(|body| Body::new(TimeoutBody::new(patience, body)));
    let parts = Multipart::from_request(request, &()).await;
    let mut parts = parts.map_err(|error| Problem::new(Code::BadBody, error.body_text()))?;
    let broken = |error: axum::extract::multipart::MultipartError| {
        let code = match error.status() {
            _ if is_late(&error) => Code::Timeout,
            StatusCode::PAYLOAD_TOO_LARGE => Code::TooLarge,
            _ => Code::BadBody,
        };
        Problem::new(code, error.body_text())
    };
    let (mut wanted, mut files) = (Wanted::default(), Files::new());
    while let Some(part) = parts.next_field().await.map_err(broken)? {
        let name = part.name().unwrap_or_default().to_owned();
        let file = part.file_name().map(str::to_owned);
        let bytes = part.bytes().await.map_err(broken)?;
        if name == "file" {
            files.push((plain(file.as_deref())?, bytes.to_vec()));
            continue;
        }
        let text = std::str::from_utf8(&bytes);
        let text = text.map_err(|_| Problem::new(Code::BadBody, "a part is not UTF-8"))?;
        wanted.put(&name, text)?;
    }
    if files.is_empty() {
        let what = "no part `file` with a file name / 没有文件";
        return Err(Problem::new(Code::BadBody, what));
    }
    Ok((wanted, files))
}

/// A file's name alone: it tells set and format, and goes no further.
fn plain(name: Option<&str>) -> Result<String, Problem> {
    let name = name.unwrap_or_default();
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default().trim();
    let fits = !name.is_empty() && name.len() <= 255 && !name.chars().any(char::is_control);
    if fits && name != "." && name != ".." {
        return Ok(name.to_owned());
    }
    Err(Problem::new(
        Code::BadBody,
        "a file needs a name / 文件须有名称",
    ))
}

async fn dropped(asker: &Asker, path: &str) -> Result<Vec<Input>, Problem> {
    let Some(folder) = asker.app.settings.drop_folder.clone() else {
        let what = "no drop folder is configured: upload the files / 未设置投放目录，请上传文件";
        return Err(Problem::new(Code::Forbidden, what));
    };
    let path = PathBuf::from(path);
    let is_below = |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
    if path.as_os_str().is_empty() || !path.components().all(is_below) {
        let what = "the path must lie below the drop folder / 路径须在投放目录之内";
        return Err(Problem::new(Code::BadBody, what));
    }
    let found = blocking(move || below(&folder, &path)).await;
    let missing = "no such file below the drop folder / 投放目录中没有此文件";
    found.map_err(|_| Problem::new(Code::NotFound, missing))
}

/// The files at a path whose real place, links followed, is below the folder.
fn below(folder: &Path, path: &Path) -> Result<Vec<Input>, Error> {
    let real = |path: &Path| path.canonicalize().map_err(|error| Error::io(path, error));
    let (folder, wanted) = (real(folder)?, real(&folder.join(path))?);
    if !wanted.starts_with(&folder) {
        return Err(Error::Missing(String::new()));
    }
    Ok(walk(&[wanted])?)
}

/// 已装入的批次 / The batches, newest first
#[utoipa::path(
    get, path = "/v1/batches", tag = "operate", params(BatchesQuery),
    responses((status = 200, description = "The batches.", body = Paged<BatchAnswer>), Problems)
)]
pub(crate) async fn list(asker: Asker, Ask(query): Ask<BatchesQuery>) -> Result<Response, Problem> {
    asker.may(Action::ReadBatches).await?;
    let page = query.page(&asker.app)?;
    asker
        .read(page.tense, move |session| {
            let mut batches = session.store.snapshot()?.batches()?;
            batches.retain(|batch| batch.recorded_at <= session.known_at);
            let answers = batches.iter().rev().map(BatchAnswer::from);
            Ok(page.filled(page.window().of(answers)))
        })
        .await
}

/// 一个批次 / A batch with its report
#[utoipa::path(
    get, path = "/v1/batches/{id}", tag = "operate",
    params(("id" = u32, Path, description = "Its number.", example = 1)),
    responses((status = 200, description = "The batch.", body = BatchAnswer), Problems)
)]
pub(crate) async fn show(asker: Asker, Named(id): Named) -> Result<Response, Problem> {
    asker.may(Action::ReadBatches).await?;
    let wrong = |_| Problem::new(Code::BadParameter, "a batch has a number / 批次以数字编号");
    let no: u32 = id.parse().map_err(wrong)?;
    let tense = asker.app.service.tense(None, None);
    asker
        .read(tense, move |session| {
            let batches = session.store.snapshot()?.batches()?;
            let batch = batches.iter().find(|batch| batch.no == BatchNo(no));
            let missing = || Error::Missing("no such batch / 没有这个批次".into());
            batch.map(BatchAnswer::from).ok_or_else(missing)
        })
        .await
}

/// 待更正的行 / Rows that could not be understood
#[utoipa::path(
    get, path = "/v1/quarantine", tag = "operate", params(QuarantineQuery),
    responses((status = 200, description = "The rows; their cells are shown by the command `quarantine export`.", body = Paged<QuarantineAnswer>), Problems)
)]
pub(crate) async fn quarantine(
    asker: Asker,
    Ask(query): Ask<QuarantineQuery>,
) -> Result<Response, Problem> {
    asker.may(Action::ReadQuarantine).await?;
    let page = query.page(&asker.app)?;
    asker
        .read(page.tense, move |session| {
            let known = page.tense.batch;
            let mut entries = session.store.snapshot()?.quarantine()?;
            entries.retain(|entry| {
                let resolved = entry.resolved_in.is_some_and(|batch| batch <= known);
                entry.batch <= known && (query.all || !resolved)
            });
            let answers = entries.iter().map(QuarantineAnswer::from);
            Ok(page.filled(page.window().of(answers)))
        })
        .await
}
