//! Commands that write, while a server holds the store: they go through its API.
//!
//! The server is the one of `--server URL`, or the one that left its address in
//! the data folder. A token, if the server wants one, is in `CHUANTOU_TOKEN`.

use std::fs;
use std::path::Path;
use std::time::Duration;

use ::ingest::source::walk;
use graph::id::Hex;
use serde_json::{Value, json};
use ureq::Agent;

use super::Context;
use super::serve::discovered;
use crate::Error;

/// A load may take as long as its files are long.
const LONGEST: Duration = Duration::from_hours(6);

/// A server to send requests to.
pub(crate) struct Remote {
    url: String,
    agent: Agent,
    token: Option<String>,
}

impl Remote {
    /// The server to use: the one named, else one that runs on the data folder.
    pub(crate) fn of(context: &Context) -> Result<Option<Self>, Error> {
        let named = context.server.clone();
        let is_named = named.is_some();
        let Some(url) = named.or_else(|| discovered(&context.settings.data)) else {
            return Ok(None);
        };
        let remote = Self {
            agent: crate::outbound::agent(&url, None, LONGEST)?,
            url: url.trim_end_matches('/').to_owned(),
            token: std::env::var("CHUANTOU_TOKEN").ok(),
        };
        // The file may be left from a server that was killed.
        match remote.send("GET", "/healthz", ("", &[])) {
            Ok(_) => Ok(Some(remote)),
            Err(error) if is_named => Err(error),
            Err(_) => Ok(None),
        }
    }

    fn send(
        &self,
        method: &str,
        path: &str,
        (kind, body): (&str, &[u8]),
    ) -> Result<Vec<u8>, Error> {
        let url = format!("{}{path}", self.url);
        let failed = |error: ureq::Error| Error::Refused(format!("{}: {error}", self.url));
        let token = self.token.as_ref().map(|token| format!("Bearer {token}"));
        let mut answer = if method == "GET" {
            let mut request = self.agent.get(&url);
            if let Some(token) = &token {
                request = request.header("authorization", token);
            }
            request.config().http_status_as_error(false).build().call()
        } else {
            let mut request = self.agent.post(&url).header("content-type", kind);
            if let Some(token) = &token {
                request = request.header("authorization", token);
            }
            let request = request.config().http_status_as_error(false).build();
            request.send(body)
        }
        .map_err(failed)?;
        let status = answer.status();
        let body = answer.body_mut().with_config().limit(u64::MAX);
        let body = body.read_to_vec().map_err(failed)?;
        if status.is_success() {
            return Ok(body);
        }
        let problem: Value = serde_json::from_slice(&body).unwrap_or_default();
        let text = |name: &str| problem.get(name).and_then(Value::as_str);
        Err(Error::Refused(format!(
            "{}: {} ({})",
            self.url,
            text("detail").unwrap_or("no reason was given"),
            text("code").unwrap_or(status.as_str()),
        )))
    }

    /// Reads an object.
    pub(crate) fn get(&self, path: &str) -> Result<Value, Error> {
        let answer = self.send("GET", path, ("", &[]))?;
        Ok(serde_json::from_slice(&answer)?)
    }

    /// Sends an object, and reads one.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Result<Value, Error> {
        let body = serde_json::to_vec(body)?;
        let answer = self.send("POST", path, ("application/json", &body))?;
        Ok(serde_json::from_slice(&answer)?)
    }

    /// Sends nothing, and reads a file.
    pub(crate) fn post_for_file(&self, path: &str) -> Result<Vec<u8>, Error> {
        self.send("POST", path, ("application/json", &[]))
    }

    /// Sends files and options as one form.
    pub(crate) fn upload(
        &self,
        paths: &[std::path::PathBuf],
        options: &[(&str, String)],
    ) -> Result<Value, Error> {
        // `walk` finds the same files as a load at this machine would.
        walk(paths)?;
        let boundary = boundary()?;
        let mut form = Vec::new();
        for path in files(paths)? {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let bytes = fs::read(&path).map_err(|error| Error::io(&path, error))?;
            let name = name.replace(['"', '\r', '\n'], "_");
            let head = format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"
            );
            form.extend_from_slice(head.as_bytes());
            form.extend_from_slice(&bytes);
            form.extend_from_slice(b"\r\n");
        }
        for (name, text) in options {
            let part = format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n"
            );
            form.extend_from_slice(part.as_bytes());
        }
        form.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        let kind = format!("multipart/form-data; boundary={boundary}");
        let answer = self.send("POST", "/v1/batches", (&kind, &form))?;
        Ok(serde_json::from_slice(&answer)?)
    }
}

fn boundary() -> Result<String, Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::Refused(format!("no random numbers: {error}")))?;
    Ok(format!("chuantou-{}", Hex(&bytes)))
}

/// The files at some paths, folders walked.
fn files(paths: &[std::path::PathBuf]) -> Result<Vec<std::path::PathBuf>, Error> {
    let (mut found, mut open) = (Vec::new(), paths.to_vec());
    while let Some(path) = open.pop() {
        if !path.is_dir() {
            found.push(path);
            continue;
        }
        for entry in fs::read_dir(&path).map_err(|error| Error::io(&path, error))? {
            let entry = entry.map_err(|error| Error::io(&path, error))?;
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            if !hidden {
                open.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// A text as a part of a query.
pub(crate) fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push_str(&Hex(&[byte]).to_string().to_uppercase());
        }
    }
    out
}

/// The two times of the global options, as fields of a request.
pub(crate) fn times(context: &Context) -> Vec<(&'static str, Value)> {
    let settings = &context.settings;
    let as_of = settings.as_of.map(|day| ("as_of", json!(day.to_string())));
    let known = settings
        .known_at
        .map(|at| ("known_at", json!(at.to_string())));
    as_of.into_iter().chain(known).collect()
}

/// An object without its empty fields.
pub(crate) fn object(fields: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    let kept = fields.into_iter().filter(|(_, value)| !value.is_null());
    Value::Object(kept.map(|(name, value)| (name.to_owned(), value)).collect())
}

/// Whether a path is a folder of the server's data, by its last part alone.
pub(crate) fn is_plain(name: &str) -> bool {
    !name.is_empty() && Path::new(name).components().count() == 1 && !name.starts_with('.')
}
