//! Identity numbers through the service: sent in every place where somebody may put one, and found in
//! no answer, no log and no file.

use crate::http::{Answer, Server};
use crate::privacy::{ORG, check_absent, files_under, number, planted};
use crate::product::Product;
use serde_json::{Value, json};

/// A server whose every answer is searched.
struct Watched {
    server: Server,
    secrets: Vec<String>,
    answers: std::cell::Cell<usize>,
}

impl Watched {
    fn seen(&self, what: &str, answer: Answer) -> Answer {
        check_absent(
            &self.secrets,
            &answer.body,
            &format!("the answer to {what}"),
        );
        for (name, value) in &answer.headers {
            check_absent(
                &self.secrets,
                value.as_bytes(),
                &format!("{name} of {what}"),
            );
        }
        self.answers.set(self.answers.get() + 1);
        answer
    }

    fn get(&self, path: &str) -> Answer {
        self.seen(path, self.server.get(path))
    }

    fn post(&self, path: &str, body: &Value) -> Answer {
        self.seen(path, self.server.post(path, body))
    }

    fn upload(&self, files: &[(&'static str, String)], options: &str) -> Answer {
        let mut form = String::new();
        for (name, text) in files {
            form += &format!(
                "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n{text}\r\n"
            );
        }
        let kind = [("content-type", "multipart/form-data; boundary=b")];
        let form = format!("{form}{options}--b--\r\n");
        let sent = self
            .server
            .send(("POST", "/v1/batches"), &kind, form.as_bytes());
        self.seen("an upload", sent)
    }
}

/// Numbers in paths, queries and headers of requests, right and wrong ones.
fn ask_with(watched: &Watched, subject: &str, plain: &str) {
    for path in [
        format!("/v1/entities/{subject}"),
        format!("/v1/entities/{subject}/network"),
        format!("/v1/entities/{subject}/controllers"),
        format!("/v1/entities/{subject}/group"),
        format!("/v1/entities/{subject}/timeline"),
        format!("/v1/entities/{plain}"),
        format!("/v1/entities?q={subject}"),
        format!("/v1/entities?q={plain}"),
        format!("/v1/paths?from={subject}&to={ORG}"),
        format!("/v1/paths?from={plain}&to={plain}"),
        format!("/v1/restrictions?subject={subject}"),
        format!("/v1/restrictions?case={plain}"),
        format!("/v1/leads?subject={subject}"),
        format!("/v1/gaps?department={plain}"),
        format!("/v1/gaps?kind={plain}"),
        format!("/v1/gaps?{plain}={plain}"),
        format!("/v1/gaps/{plain}"),
        format!("/v1/gaps?as_of={plain}"),
        format!("/v1/gaps?known_at={plain}"),
        format!("/v1/gaps?cursor={plain}"),
        format!("/v1/gaps/feed?cursor={plain}"),
        format!("/v1/explanations/{plain}"),
        format!("/v1/receipts/{plain}"),
        format!("/v1/batches/{plain}"),
        format!("/v1/indicators/{plain}/records"),
        format!("/v1/notifications/{plain}.html"),
        format!("/v1/notifications/{plain}.xlsx?contact={plain}"),
        format!("/v1/audit?subject={subject}"),
        format!("/v1/audit?caller={plain}&action={plain}"),
        format!("/{plain}"),
        format!("/v1/{plain}/{plain}?{plain}"),
    ] {
        watched.get(&path);
    }
    for body in [
        json!({"subject": subject}),
        json!({"subject": plain}),
        json!({"subject": plain, plain: plain}),
        json!({"subject": subject, "item": plain}),
        json!({"subject": subject, "as_of": plain}),
        json!({"subject": [plain]}),
        json!({"subject": subject, "purpose": format!("为{plain}办证"), "matter_no": plain}),
        json!({"subject": ORG, "purpose": plain, "department": plain}),
    ] {
        watched.post("/v1/verifications", &body);
    }
    let many = json!({"subjects": [subject, plain]});
    watched.post("/v1/verifications/batch", &many);
    let many = json!({"subjects": [subject, ORG], "purpose": plain});
    watched.post("/v1/verifications/batch", &many);
    let headers = [
        ("content-type", "application/json"),
        ("x-purpose", plain),
        ("x-request-id", plain),
        ("idempotency-key", plain),
        ("user-agent", plain),
    ];
    for path in ["/v1/verifications", plain] {
        let body = json!({"subject": subject}).to_string();
        let sent = watched
            .server
            .send(("POST", path), &headers, body.as_bytes());
        watched.seen("headers with numbers", sent);
    }
    watched.post("/v1/batches", &json!({"path": plain}));
    watched.post("/v1/batches", &json!({"path": "x", "set": plain}));
    watched.post(
        &format!("/v1/gaps/{plain}/responses"),
        &json!({"said": plain}),
    );
    let hook = json!({"id": plain, "url": format!("https://{plain}.test/"), "secret": plain});
    let kind = [("content-type", "application/json")];
    let sent = watched
        .server
        .send(("PUT", "/v1/webhooks"), &kind, hook.to_string().as_bytes());
    watched.seen("a webhook", sent);
}

#[test]
fn planted_numbers_are_in_no_answer_no_log_and_no_file_of_the_service() {
    let product = Product::empty();
    let (files, secrets) = planted();
    let text = "drop_folder = \"drop\"\n[log]\nlevel = \"trace\"\njson = true\n";
    let watched = Watched {
        server: Server::configured(&product, text),
        secrets,
        answers: std::cell::Cell::new(0),
    };
    let strict = "--b\r\ncontent-disposition: form-data; name=\"strict\"\r\n\r\ntrue\r\n";
    assert_eq!(watched.upload(&files, strict).status, 422);
    assert_eq!(watched.upload(&files, "").status, 201);
    let named = number(1);
    let as_name = [("organizations.csv", "uscc,name\n".to_owned())];
    watched.upload(
        &as_name,
        &format!("--b\r\ncontent-disposition: form-data; name=\"{named}\"\r\n\r\n{named}\r\n"),
    );
    let wrong = format!("{}9", &named[..17]);
    let (of_wrong, subject) = (
        format!("id:resident_id:{wrong}"),
        format!("id:resident_id:{}", number(0)),
    );
    ask_with(&watched, &subject, &named);
    ask_with(&watched, &of_wrong, &number(3));
    // A gap is answered with a number in the reason and in the name of a paper.
    let gaps = watched.get("/v1/gaps?limit=1000").json();
    let gap = gaps["items"][0]["id"].as_str().expect("a gap").to_owned();
    let paper = json!([{"name": format!("{named}.pdf"), "digest": "0".repeat(64)}]);
    let said =
        json!({"said": "disputed", "reason": format!("本人{named}已核查"), "attachments": paper});
    assert_eq!(
        watched
            .post(&format!("/v1/gaps/{gap}/responses"), &said)
            .status,
        201
    );
    let verified = watched.post(
        "/v1/verifications",
        &json!({"subject": subject, "purpose": named}),
    );
    assert_eq!(verified.status, 201);
    let receipt = verified.json()["receipt"]
        .as_str()
        .expect("an id")
        .to_owned();
    for path in [
        format!("/v1/receipts/{receipt}"),
        format!("/v1/gaps/{gap}"),
        format!("/v1/explanations/{gap}"),
        "/v1/gaps/feed".into(),
        "/v1/restrictions".into(),
        "/v1/leads".into(),
        "/v1/offenders?all=true&persons=true".into(),
        "/v1/indicators".into(),
        "/v1/signals".into(),
        "/v1/referrals".into(),
        "/v1/batches".into(),
        "/v1/quarantine?all=true".into(),
        "/v1/audit?limit=1000".into(),
        "/v1/notifications/D-HUC.html".into(),
        "/metrics".into(),
        "/readyz".into(),
    ] {
        assert_eq!(watched.get(&path).status, 200, "{path}");
    }
    watched.post("/v1/backups", &json!({}));
    assert!(
        watched.answers.get() > 100,
        "only {} answers",
        watched.answers.get()
    );
    let (status, log) = watched.server.stop_for_log();
    assert_eq!(status, 0);
    assert!(log.contains("answered"), "there is a log");
    check_absent(&watched.secrets, log.as_bytes(), "the log");
    for file in files_under(&product.data()) {
        let bytes = std::fs::read(&file).expect("a file");
        check_absent(&watched.secrets, &bytes, &file.display().to_string());
    }
}
