//! The service: the program on a free port of loopback, asked by a small client. Every answer
//! equals the command line's.

use crate::binary::program;
use crate::demo::loaded;
use crate::product::Product;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;

/// A running server; it is stopped when this goes.
pub struct Server {
    child: Child,
    address: String,
    log: Option<JoinHandle<String>>,
}

/// An answer of the server.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    /// A header's text, empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(own, _)| own == name);
        found.map_or("", |(_, text)| text)
    }

    /// The stable code of a problem.
    pub fn code(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json");
        self.json()["code"].as_str().expect("a code").to_owned()
    }
}

impl Server {
    /// Serves a product's data folder.
    pub fn of(product: &Product, more: &[&str]) -> Server {
        let line = product.line(&["serve", "--listen", "127.0.0.1:0"]);
        let mut command = Command::new(program());
        command.args(&line[1..]).args(more).stderr(Stdio::piped());
        command
            .env_remove("CHUANTOU_DATA")
            .current_dir(product.home());
        let mut child = command.spawn().expect("the program");
        let mut log = BufReader::new(child.stderr.take().expect("standard error"));
        let mut said = String::new();
        let address = loop {
            let mut line = String::new();
            let read = log.read_line(&mut line).expect("a line");
            assert!(read > 0, "the server ended: {said}");
            said.push_str(&line);
            let told = line.trim().split_once("listening on ");
            if let Some((_, url)) = told {
                let (_, address) = url.split_once("://").expect("an address");
                break address.to_owned();
            }
        };
        // Somebody must read on, or the server's log blocks it.
        let reader = std::thread::spawn(move || {
            let mut rest = Vec::new();
            drop(log.read_to_end(&mut rest));
            said + &String::from_utf8_lossy(&rest)
        });
        Server {
            child,
            address,
            log: Some(reader),
        }
    }

    /// Serves with a configuration, written into the product's home.
    pub fn configured(product: &Product, text: &str) -> Server {
        let config = product.fresh("server.toml");
        std::fs::write(&config, text).expect("a file");
        Server::of(product, &["--config", config.to_str().expect("a path")])
    }

    /// Opens a connection.
    pub fn connect(&self) -> TcpStream {
        TcpStream::connect(&self.address).expect("a connection")
    }

    /// Sends bytes as they are, and reads until the server closes.
    pub fn raw(&self, request: &[u8]) -> Vec<u8> {
        exchange(self.connect(), request)
    }

    /// Kills the server as a power cut would.
    pub fn kill(&self) {
        signal(&self.child, "-KILL");
    }

    /// Sends a request.
    pub fn send(&self, line: (&str, &str), headers: &[(&str, &str)], body: &[u8]) -> Answer {
        parsed(&self.raw(&Self::request(line, headers, body)))
    }

    /// Sends a request to a server that may be gone: none without a whole answer.
    pub fn try_send(
        &self,
        line: (&str, &str),
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Option<Answer> {
        let stream = TcpStream::connect(&self.address).ok()?;
        let bytes = exchange(stream, &Self::request(line, headers, body));
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
        let length = head.split("content-length: ").nth(1)?.lines().next()?;
        let is_whole = bytes.len() == end + 4 + length.parse::<usize>().ok()?;
        is_whole.then(|| parsed(&bytes))
    }

    fn request((method, path): (&str, &str), headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
        let mut request = format!("{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n");
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        if method != "GET" {
            request.push_str(&format!("content-length: {}\r\n", body.len()));
        }
        request.push_str("\r\n");
        [request.as_bytes(), body].concat()
    }

    /// Asks.
    pub fn get(&self, path: &str) -> Answer {
        self.send(("GET", path), &[], &[])
    }

    /// Asks, and wants an answer.
    pub fn found(&self, path: &str) -> Value {
        let answer = self.get(path);
        let text = String::from_utf8_lossy(&answer.body);
        assert_eq!(answer.status, 200, "{path}: {text}");
        answer.json()
    }

    /// Sends an object.
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        let kind = [("content-type", "application/json")];
        self.send(("POST", path), &kind, body.to_string().as_bytes())
    }

    /// All items of a list, page by page.
    pub fn items(&self, path: &str, limit: usize) -> Vec<Value> {
        let and = if path.contains('?') { '&' } else { '?' };
        let path = format!("{path}{and}limit={limit}");
        let mut page = self.found(&path);
        let mut items = page["items"].as_array().expect("items").clone();
        while let Some(next) = page["next"].as_str() {
            page = self.found(&format!("{path}&cursor={next}"));
            items.extend(page["items"].as_array().expect("items").iter().cloned());
        }
        items
    }

    /// All changes of the feed, from its beginning.
    pub fn items_of_feed(&self) -> Vec<Value> {
        let (mut changes, mut next) = (Vec::new(), json!(0));
        loop {
            let page = self.found(&format!("/v1/gaps/feed?limit=1000&cursor={next}"));
            changes.extend(page["changes"].as_array().expect("changes").iter().cloned());
            next = page["next"].clone();
            if page["more"] == false {
                return changes;
            }
        }
    }

    /// Asks the server to stop, and waits for its end.
    pub fn stop(self) -> i32 {
        self.stop_for_log().0
    }

    /// The same, and gives all that it wrote to standard error.
    pub fn stop_for_log(mut self) -> (i32, String) {
        signal(&self.child, "-TERM");
        let status = self.child.wait().expect("an end");
        let log = self
            .log
            .take()
            .expect("the log")
            .join()
            .expect("its reader");
        (status.code().unwrap_or(-1), log)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// An API key of a role, as the header wants it.
pub fn bearer(product: &Product, role: &str, more: &[&str]) -> String {
    let asked = ["keys", "add", "--client", role, "--role", role];
    let key = product.ask(&[&asked[..], more].concat());
    format!("Bearer {}", key["key"].as_str().expect("a key"))
}

fn exchange(mut stream: TcpStream, request: &[u8]) -> Vec<u8> {
    // A server that refuses may close before it has read everything.
    drop(stream.write_all(request));
    let mut answer = Vec::new();
    drop(stream.read_to_end(&mut answer));
    answer
}

fn signal(child: &Child, which: &str) {
    // The shell's own: a bare machine has no such program.
    let kill = format!("kill {which} {}", child.id());
    let sent = Command::new("sh").args(["-c", &kill]).status();
    assert!(sent.expect("a shell").success());
}

/// Reads an answer, a body in chunks put together.
pub fn parsed(bytes: &[u8]) -> Answer {
    let end = bytes
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .unwrap_or_else(|| panic!("no head: {}", String::from_utf8_lossy(bytes)));
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.lines();
    let status = lines.next().expect("a status line");
    let status = status.split(' ').nth(1).expect("a status");
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let mut body = bytes[end + 4..].to_vec();
    if headers.iter().any(|(_, value)| value == "chunked") {
        body = unchunked(&body);
    }
    Answer {
        status: status.parse().expect("a number"),
        headers,
        body,
    }
}

fn unchunked(mut body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    while let Some(end) = body.windows(2).position(|two| two == b"\r\n") {
        let size = std::str::from_utf8(&body[..end]).expect("a size");
        let size = usize::from_str_radix(size, 16).expect("a size");
        whole.extend(&body[end + 2..end + 2 + size]);
        body = &body[end + 4 + size..];
        if size == 0 {
            break;
        }
    }
    whole
}

const TIMES: &str = "as_of=2026-06-30&known_at=2026-07-01";
const ASKED: [&str; 4] = ["--as-of", "2026-06-30", "--known-at", "2026-07-01"];
pub const DEBTOR: &str = "91371502YN731R9A56";

#[test]
fn every_answer_is_the_command_lines() {
    let (product, planted) = loaded();
    let server = Server::of(&product, &[]);
    let cli = |args: &[&str]| product.ask(&[args, &ASKED].concat());
    let lists: [(&str, &[&str]); 12] = [
        ("/v1/restrictions", &["restrictions"]),
        ("/v1/leads", &["restrictions", "--leads"]),
        ("/v1/offenders", &["offenders"]),
        ("/v1/offenders?all=true", &["offenders", "--all"]),
        ("/v1/offenders?persons=true", &["offenders", "--persons"]),
        ("/v1/gaps", &["gaps"]),
        ("/v1/gaps?all=true", &["gaps", "--all"]),
        (
            "/v1/gaps?kind=late_publication",
            &["gaps", "--kind", "late_publication"],
        ),
        ("/v1/indicators", &["indicators"]),
        ("/v1/signals", &["signals"]),
        ("/v1/referrals", &["referrals"]),
        (
            "/v1/indicators/penetration/records",
            &["indicators", "--records", "penetration"],
        ),
    ];
    for (path, args) in lists {
        let and = if path.contains('?') { '&' } else { '?' };
        let told = cli(args);
        let all = format!("{path}{and}{TIMES}");
        assert_eq!(json!(server.items(&all, 1000)), told, "{path}");
        // A page at a time gives the same in the same order.
        assert_eq!(json!(server.items(&all, 37)), told, "{path} by pages");
        assert!(
            !told.as_array().expect("a list").is_empty(),
            "{path} is empty"
        );
    }
    let person = planted["hidden_controller"]["person"]["id"]
        .as_str()
        .expect("an id");
    let one = |path: &str| server.found(&format!("{path}{TIMES}"));
    for of in [DEBTOR, person] {
        let found = one(&format!("/v1/entities/{of}/network?"));
        assert_eq!(found, cli(&["network", of]), "{of}");
        let found = one(&format!("/v1/entities/{of}/group?"));
        assert_eq!(found, cli(&["group", of]), "{of}");
        let found = server.items(&format!("/v1/restrictions?subject={of}&{TIMES}"), 1000);
        assert_eq!(
            json!(found),
            cli(&["restrictions", "--subject", of]),
            "{of}"
        );
    }
    let found = one(&format!("/v1/entities/{DEBTOR}/controllers?"));
    assert_eq!(found, cli(&["controllers", DEBTOR]));
    let found = one(&format!("/v1/entities/{DEBTOR}/owners?"));
    assert_eq!(found, cli(&["owners", DEBTOR]));
    let found = one(&format!("/v1/paths?from=91371502YWFQDQB31P&to={DEBTOR}&"));
    assert_eq!(
        found["items"],
        cli(&["paths", "91371502YWFQDQB31P", DEBTOR])
    );
    let restriction = &cli(&["restrictions", "--subject", person])[0];
    let id = restriction["id"].as_str().expect("an id");
    assert_eq!(
        one(&format!("/v1/explanations/{id}?")),
        cli(&["explain", id])
    );
    let gap = &cli(&["gaps"])[0];
    let id = gap["id"].as_str().expect("an id");
    assert_eq!(one(&format!("/v1/gaps/{id}?")), *gap);
    let rows = server.items("/v1/quarantine?all=true", 1000);
    assert_eq!(json!(rows), product.ask(&["quarantine", "list", "--all"]));
    let mut batches = server.items("/v1/batches", 1);
    batches.reverse();
    assert_eq!(json!(batches), product.ask(&["batches"]));
    assert_eq!(server.stop(), 0);
}

#[test]
fn a_verification_is_the_command_lines_and_its_receipt_holds() {
    let (product, planted) = loaded();
    let person = planted["hidden_controller"]["person"]["id"]
        .as_str()
        .expect("an id");
    let asked = |product: &Product| {
        product.ask(&[&["verify", person, "--department", "D-HUC"], &ASKED[..]].concat())
    };
    let by_hand = asked(&product);
    let server = Server::of(&product, &[]);
    let body = json!({"subject": person, "department": "D-HUC",
        "as_of": "2026-06-30", "known_at": "2026-07-01"});
    let answer = server.post("/v1/verifications", &body);
    assert_eq!(answer.status, 201);
    // While a server holds the store the command goes through it.
    let through = asked(&product);
    let plain = |mut answer: Value| {
        for name in ["receipt", "answered_at", "signature", "proof"] {
            let fields = answer.as_object_mut().expect("an object");
            assert!(fields.remove(name).is_some(), "{name}");
        }
        answer
    };
    assert_eq!(plain(answer.json()), plain(by_hand));
    assert_eq!(plain(answer.json()), plain(through));
    let receipt = answer.json()["receipt"].as_str().expect("an id").to_owned();
    let found = server.found(&format!("/v1/receipts/{receipt}?known_at=2026-07-01"));
    assert_eq!(found["signature_valid"], true);
    assert_eq!(found["same_today"], true);
    assert_eq!(found["answer"], answer.json());
    server.stop();
    let kept = product.ask(&["explain", &receipt, "--known-at", "2026-07-01"]);
    assert_eq!(kept, found);
    assert_eq!(product.ask(&["check"]), json!([]));
    product.ask(&["audit", "verify"]);
}
