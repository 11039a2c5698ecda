//! The document of the service: it is the one in the repository, and all its examples work.

use crate::demo::loaded;
use crate::http::Server;
use serde_json::{Map, Value, json};
use std::path::Path;

fn kept() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../api/openapi.json")
}

#[test]
fn the_document_is_the_one_reviewed() {
    let made = api::openapi();
    if std::env::var_os("CHUANTOU_WRITE_OPENAPI").is_some() {
        std::fs::write(kept(), &made).expect("the document");
    }
    let kept = std::fs::read_to_string(kept()).expect("the document");
    assert!(
        made == kept,
        "api/openapi.json is not what the code says: run with CHUANTOU_WRITE_OPENAPI=1, and review the difference"
    );
}

/// The path of an operation with its examples filled in.
fn path_of(pattern: &str, parameters: &[Value], ids: &Map<String, Value>) -> String {
    let (mut path, mut query) = (pattern.to_owned(), Vec::new());
    for parameter in parameters {
        let name = parameter["name"].as_str().expect("a name");
        let example = match &parameter["example"] {
            Value::Null => ids
                .get(&format!("{pattern} {name}"))
                .cloned()
                .unwrap_or_default(),
            found => found.clone(),
        };
        let text = match &example {
            Value::Null => continue,
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let text: String = text
            .bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b':' => {
                    char::from(byte).to_string()
                }
                other => format!("%{other:02X}"),
            })
            .collect();
        match parameter["in"].as_str() {
            Some("path") => path = path.replace(&format!("{{{name}}}"), &text),
            Some("query") => query.push(format!("{name}={text}")),
            _ => {}
        }
    }
    assert!(!path.contains('{'), "{pattern} has no example");
    if query.is_empty() {
        path
    } else {
        format!("{path}?{}", query.join("&"))
    }
}

#[test]
fn every_example_works() {
    let (product, _) = loaded();
    let config = product.home().join("server.toml");
    let drop = product.home().join("drop/2026-07");
    std::fs::create_dir_all(&drop).expect("a folder");
    std::fs::write(
        drop.join("organizations.csv"),
        "uscc,name\n914403001922038216,某某\n",
    )
    .expect("a file");
    let text = "drop_folder = \"drop\"\nwebhook_secrets = \"secrets\"\n";
    std::fs::write(&config, text).expect("a file");
    let server = Server::of(&product, &["--config", config.to_str().expect("a path")]);
    let document = server.found("/openapi.json");
    assert_eq!(document["openapi"], "3.1.0");
    let verified = json!({"subject": "91371502YN731R9A56"});
    let receipt = server.post("/v1/verifications", &verified).json()["receipt"].clone();
    let gap = server.found("/v1/gaps?as_of=2026-06-30&limit=1")["items"][0]["id"].clone();
    let found = server.found("/v1/restrictions?as_of=2026-06-30&limit=1");
    // What only a running store can name.
    let ids: Map<String, Value> = [
        ("/v1/receipts/{id} id", receipt),
        ("/v1/gaps/{id} id", gap.clone()),
        ("/v1/gaps/{id}/responses id", gap),
        ("/v1/explanations/{id} id", found["items"][0]["id"].clone()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    let mut asked = 0;
    for (pattern, operations) in document["paths"].as_object().expect("paths") {
        for (method, operation) in operations.as_object().expect("operations") {
            let parameters = operation["parameters"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            let path = path_of(pattern, &parameters, &ids);
            let json_body =
                &operation["requestBody"]["content"]["application/json"]["schema"]["$ref"];
            let schema = json_body.as_str().map(|place| {
                let name = place.rsplit('/').next().expect("a name");
                &document["components"]["schemas"][name]["example"]
            });
            let body = schema.map(Value::to_string).unwrap_or_default();
            assert_ne!(body, "null", "{method} {path} has no example");
            let kind = [("content-type", "application/json")];
            let answer = server.send((&method.to_uppercase(), &path), &kind, body.as_bytes());
            let text = String::from_utf8_lossy(&answer.body);
            let told = &operation["responses"][answer.status.to_string()];
            // Nothing was given up here: `http_webhooks` has what was.
            let is_none = path == "/v1/webhooks/deliveries" && answer.status == 404;
            assert!(
                (answer.status < 300 || is_none) && told.is_object(),
                "{method} {path}: {} {text}",
                answer.status
            );
            asked += 1;
        }
    }
    assert!(asked >= 35, "only {asked} operations");
}
