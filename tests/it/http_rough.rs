//! Requests that are wrong, hostile or slow: each is refused with a stable code, and the server
//! goes on.

use crate::binary::run;
use crate::demo::loaded;
use crate::http::Server;
use crate::product::Product;
use serde_json::json;

#[test]
fn what_is_wrong_is_refused_with_its_code() {
    let (product, _) = loaded();
    let server = Server::of(&product, &[]);
    let cases = [
        ("/nope", 404, "not_found"),
        ("/v1/gaps?foo=1", 400, "bad_parameter"),
        ("/v1/gaps?limit=0", 400, "bad_parameter"),
        ("/v1/gaps?limit=-1", 400, "bad_parameter"),
        ("/v1/gaps?limit=1&limit=2", 400, "bad_parameter"),
        ("/v1/gaps?kind=none", 400, "bad_parameter"),
        ("/v1/gaps/none", 404, "not_found"),
        ("/v1/restrictions?as_of=2026-13-01", 400, "bad_parameter"),
        ("/v1/restrictions?known_at=soon", 400, "bad_parameter"),
        ("/v1/restrictions?cursor=00", 422, "bad_cursor"),
        ("/v1/restrictions?subject=x", 422, "bad_subject"),
        ("/v1/receipts/receipt-0", 404, "not_found"),
        ("/v1/batches/99999", 404, "not_found"),
        ("/v1/batches/1.5", 400, "bad_parameter"),
        ("/v1/entities/%ff", 400, "bad_parameter"),
        ("/v1/entities/..%2f..%2fetc%2fpasswd", 422, "bad_subject"),
        ("/v1/entities/../../etc/passwd", 404, "not_found"),
        ("/v1/notifications/..%2f..%2fx.exe", 404, "not_found"),
        ("/v1/indicators/none/records", 404, "not_found"),
        ("/v1/entities/person:00/controllers", 422, "bad_subject"),
        ("/v1/paths?from=91371502YN731R9A56", 400, "bad_parameter"),
    ];
    for (path, status, code) in cases {
        let answer = server.get(path);
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (status, code),
            "{path}"
        );
    }
    let deep = format!("{{\"subject\":{}}}", "[".repeat(3000));
    let large = format!("{{\"subject\":\"{}\"}}", "x".repeat(2 << 20));
    let bodies: [(&[u8], u16, &str); 9] = [
        (b"{", 400, "bad_json"),
        (b"\"\xff\xfe\"", 400, "bad_json"),
        (deep.as_bytes(), 400, "bad_json"),
        (large.as_bytes(), 413, "too_large"),
        (b"[1]", 422, "bad_body"),
        (b"{}", 422, "bad_body"),
        (b"{\"subject\":\"zz\"}", 422, "bad_subject"),
        (
            b"{\"subject\":\"91371502YN731R9A56\",\"as_off\":\"2026-06-30\"}",
            422,
            "bad_body",
        ),
        (
            b"{\"subject\":\"91371502YN731R9A56\",\"item\":\"none\"}",
            404,
            "not_found",
        ),
    ];
    let kind = [("content-type", "application/json")];
    for (body, status, code) in bodies {
        let answer = server.send(("POST", "/v1/verifications"), &kind, body);
        assert_eq!((answer.status, answer.code().as_str()), (status, code));
    }
    let plain = server.send(
        ("POST", "/v1/verifications"),
        &[("content-type", "text/plain")],
        b"{}",
    );
    assert_eq!(
        (plain.status, plain.code().as_str()),
        (415, "unsupported_type")
    );
    let wrong = server.send(("DELETE", "/v1/gaps"), &[], b"");
    assert_eq!(
        (wrong.status, wrong.code().as_str()),
        (405, "method_not_allowed")
    );
    assert!(wrong.header("allow").contains("GET"));
    let many = json!({"subjects": vec!["91371502YN731R9A56"; 10_001]});
    let many = server.post("/v1/verifications/batch", &many);
    assert_eq!((many.status, many.code().as_str()), (413, "too_large"));
    let dropped = server.post("/v1/batches", &json!({"path": "../../etc"}));
    assert_eq!(
        (dropped.status, dropped.code().as_str()),
        (403, "forbidden")
    );
    assert!(String::from_utf8_lossy(&server.raw(b"GARBAGE\r\n\r\n")).contains("400"));
    assert_eq!(server.found("/healthz")["status"], "ok");
}

#[test]
fn a_group_of_receipts_is_no_receipt() {
    let (product, _) = loaded();
    let server = Server::of(&product, &[]);
    let asked = json!({"subject": "91371502YN731R9A56", "purpose": "办件"});
    let answer = server.post("/v1/verifications", &asked);
    assert_eq!(answer.status, 201);
    let answer = answer.json();
    let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
    let (id, root) = (text(&answer["receipt"]), text(&answer["proof"]["root"]));
    assert_eq!(server.get(&format!("/v1/receipts/{id}")).status, 200);
    let group = server.get(&format!("/v1/receipts/group%2F{root}"));
    assert_eq!((group.status, group.code().as_str()), (404, "not_found"));
    assert!(text(&group.json()["detail"]).contains("no such receipt"));
}

#[test]
fn the_drop_folder_is_the_only_place_to_load_from() {
    let (product, _) = loaded();
    let drop = product.home().join("drop");
    let secret = product.home().join("organizations.csv");
    std::fs::create_dir_all(drop.join("in")).expect("a folder");
    std::fs::write(
        drop.join("in/organizations.csv"),
        "uscc,name\n914403001922038216,某某\n",
    )
    .expect("a file");
    std::fs::write(&secret, "uscc,name\n").expect("a file");
    std::os::unix::fs::symlink(&secret, drop.join("organizations-link.csv")).expect("a link");
    let config = product.home().join("server.toml");
    let text = format!("drop_folder = {:?}\n", drop.to_str().expect("a path"));
    std::fs::write(&config, text).expect("a file");
    let server = Server::of(&product, &["--config", config.to_str().expect("a path")]);
    let load = |path: &str| server.post("/v1/batches", &json!({"path": path})).status;
    let wrong = [
        "../organizations.csv",
        "/etc",
        "in/../../organizations.csv",
        "",
        "none",
    ];
    assert_eq!(wrong.map(load), [422, 422, 422, 422, 404]);
    assert_eq!(load("organizations-link.csv"), 404, "a link leads out");
    assert_eq!(load("in"), 201);
}

#[test]
fn a_version_that_has_not_changed_is_not_sent_again() {
    let (product, _) = loaded();
    let server = Server::of(&product, &[]);
    let path = "/v1/gaps?as_of=2026-06-30";
    let first = server.get(path);
    let tag = first.header("etag").to_owned();
    let again = server.send(("GET", path), &[("if-none-match", &tag)], &[]);
    assert_eq!((again.status, again.body.len()), (304, 0));
    let other = server.send(("GET", path), &[("if-none-match", "W/\"0\"")], &[]);
    assert_eq!(other.status, 200);
    let gap = first.json()["items"][0]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let body = json!({"said": "accepted", "as_of": "2026-06-30"});
    assert_eq!(
        server
            .post(&format!("/v1/gaps/{gap}/responses"), &body)
            .status,
        201
    );
    let changed = server.send(("GET", path), &[("if-none-match", &tag)], &[]);
    assert_eq!(changed.status, 200, "what was said changes the answer");
}

#[test]
fn nobody_else_is_let_in_without_authentication() {
    let (product, _) = loaded();
    let ran = run(&product, &["serve", "--listen", "0.0.0.0:0"]);
    assert_eq!(ran.status, 1);
    assert!(ran.err.contains("loopback"), "{}", ran.err);
    let server = Server::of(&product, &["--local-role", "auditor"]);
    let refused = server.get("/v1/gaps");
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (403, "forbidden")
    );
    let log = server.found("/v1/audit?action=read_gaps");
    assert_eq!(log["items"][0]["outcome"], "denied");
    server.stop();
    let key = product.ask(&[
        "keys",
        "add",
        "--client",
        "信用办",
        "--role",
        "credit_office",
    ]);
    let key = format!("Bearer {}", key["key"].as_str().expect("a key"));
    let config = product.home().join("guarded.toml");
    std::fs::write(&config, "[auth]\n").expect("a file");
    let server = Server::of(&product, &["--config", config.to_str().expect("a path")]);
    for headers in [&[][..], &[("authorization", "Bearer ct_00_00")][..]] {
        let nobody = server.send(("GET", "/v1/gaps"), headers, &[]);
        assert_eq!(
            (nobody.status, nobody.code().as_str()),
            (401, "unauthenticated")
        );
    }
    let known = [("authorization", key.as_str())];
    assert_eq!(server.send(("GET", "/v1/gaps"), &known, &[]).status, 200);
    let audit = server.send(("GET", "/v1/audit"), &known, &[]);
    assert_eq!((audit.status, audit.code().as_str()), (403, "forbidden"));
    for open in ["/healthz", "/readyz", "/metrics", "/docs", "/openapi.json"] {
        assert_eq!(server.get(open).status, 200, "{open}");
    }
}

#[test]
fn an_empty_store_clears_nobody() {
    let product = Product::empty();
    let server = Server::of(&product, &[]);
    let answer = server.post(
        "/v1/verifications",
        &json!({"subject": "91371502YN731R9A56"}),
    );
    assert_eq!((answer.status, answer.code().as_str()), (409, "no_data"));
}
