//! The document of all operations, and a page that people can read. The page is
//! made here and loads nothing from anywhere.

use std::fmt::Write;

use serde_json::{Map, Value, json};
use utoipa::openapi::OpenApi;

/// The document as JSON text, parameters as they can be written.
pub(crate) fn text(document: OpenApi) -> String {
    let mut value = serde_json::to_value(document).unwrap_or_default();
    tidy(&mut value);
    share(&mut value);
    serde_json::to_string_pretty(&value).unwrap_or_default() + "\n"
}

/// In a query a parameter is there or not; null cannot be written.
fn tidy(document: &mut Value) {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    let operations = paths
        .into_iter()
        .flat_map(|paths| paths.values_mut())
        .filter_map(Value::as_object_mut)
        .flat_map(|path| path.values_mut());
    for operation in operations {
        let parameters = operation
            .get_mut("parameters")
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten();
        for parameter in parameters {
            let kinds = parameter.pointer_mut("/schema/type");
            if let Some(kinds) = kinds
                && let Some(list) = kinds.as_array()
                && let Some(kind) = list.iter().find(|kind| *kind != "null").cloned()
            {
                *kinds = kind;
            }
        }
    }
}

/// The problems are the same everywhere: they stand once, and operations refer to them.
fn share(document: &mut Value) {
    let mut shared = Map::new();
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    let answers = paths
        .into_iter()
        .flat_map(|paths| paths.values_mut())
        .filter_map(Value::as_object_mut)
        .flat_map(|path| path.values_mut())
        .filter_map(|operation| operation.get_mut("responses")?.as_object_mut())
        .flat_map(|answers| answers.iter_mut());
    for (status, answer) in answers {
        if answer
            .pointer("/content/application~1problem+json")
            .is_none()
        {
            continue;
        }
        let name = format!("Problem{status}");
        let place = json!({"$ref": format!("#/components/responses/{name}")});
        shared.insert(name, std::mem::replace(answer, place));
    }
    shared.sort_keys();
    let components = document.get_mut("components");
    if let Some(components) = components.and_then(Value::as_object_mut) {
        components.insert("responses".into(), Value::Object(shared));
    }
}

/// A page that people can read.
pub(crate) fn page(document: &str) -> String {
    let document: Value = serde_json::from_str(document).unwrap_or_default();
    let mut page = String::from(HEAD);
    // Writing into a text does not fail.
    let _ = write_page(&mut page, &document);
    page
}

const HEAD: &str = "<!doctype html><html lang=\"zh\"><meta charset=\"utf-8\">\
<meta name=\"viewport\" content=\"width=device-width\"><title>chuantou 穿透 API</title><style>\
body{font:16px/1.6 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}\
code{background:#f1f3f5;padding:.1em .3em;border-radius:3px}\
h2{margin-top:2.5rem;border-top:1px solid #ddd;padding-top:1rem;font-size:1.15rem}\
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.2rem .6rem .2rem 0;\
border-bottom:1px solid #eee}small{color:#555}</style>";

fn write_page(out: &mut String, document: &Value) -> std::fmt::Result {
    let text = |value: &Value, path: &str| {
        let found = value.pointer(path).and_then(Value::as_str);
        escape(found.unwrap_or_default())
    };
    writeln!(out, "<h1>{}</h1>", text(document, "/info/title"))?;
    writeln!(out, "<p>{}</p>", text(document, "/info/description"))?;
    writeln!(
        out,
        "<p><a href=\"openapi.json\">openapi.json</a> (OpenAPI 3.1)</p>"
    )?;
    let problems = document.pointer("/components/responses");
    writeln!(out, "<h2>错误 / Problems</h2><table>")?;
    for (name, answer) in problems.and_then(Value::as_object).into_iter().flatten() {
        let status = escape(name.trim_start_matches("Problem"));
        writeln!(out, "<tr><td>{status}<td>{}", text(answer, "/description"))?;
    }
    writeln!(out, "</table>")?;
    let paths = document.get("paths").and_then(Value::as_object);
    for (path, operations) in paths.into_iter().flatten() {
        for (method, operation) in operations.as_object().into_iter().flatten() {
            let method = method.to_uppercase();
            writeln!(out, "<h2><code>{method} {}</code></h2>", escape(path))?;
            writeln!(
                out,
                "<p>{}</p><p><small>{}</small></p>",
                text(operation, "/summary"),
                text(operation, "/description")
            )?;
            write_rows(out, operation)?;
        }
    }
    writeln!(out, "</html>")
}

fn write_rows(out: &mut String, operation: &Value) -> std::fmt::Result {
    let text = |value: &Value, name: &str| {
        let found = value.get(name);
        let plain = found.map(|found| {
            found
                .as_str()
                .map_or_else(|| found.to_string(), str::to_owned)
        });
        escape(&plain.unwrap_or_default())
    };
    writeln!(out, "<table>")?;
    let parameters = operation.get("parameters").and_then(Value::as_array);
    for parameter in parameters.into_iter().flatten() {
        writeln!(
            out,
            "<tr><td><code>{}</code> <small>{}</small><td>{} <small>{}</small>",
            text(parameter, "name"),
            text(parameter, "in"),
            text(parameter, "description"),
            text(parameter, "example"),
        )?;
    }
    let body = operation.pointer("/requestBody/content");
    for (kind, content) in body.and_then(Value::as_object).into_iter().flatten() {
        let example = text(content, "example");
        writeln!(out, "<tr><td>{}<td><code>{example}</code>", escape(kind))?;
    }
    let answers = operation.get("responses").and_then(Value::as_object);
    for (status, answer) in answers.into_iter().flatten() {
        // The problems are told once, above.
        if answer.get("$ref").is_some() {
            continue;
        }
        let what = text(answer, "description");
        writeln!(out, "<tr><td>{}<td>{what}", escape(status))?;
    }
    writeln!(out, "</table>")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
