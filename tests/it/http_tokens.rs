//! Hostile callers: tokens that are expired, forged or unsigned, heads and bodies without end, clients
//! that send nothing; each is refused in words, nothing is told, and the server goes on.

use crate::demo::loaded;
use crate::http::{Answer, Server, parsed};
use crate::product::Product;
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use std::io::{Read, Write};

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut bits = String::new();
    for byte in bytes {
        bits += &format!("{byte:08b}");
    }
    while !bits.len().is_multiple_of(6) {
        bits.push('0');
    }
    let digit = |place: usize| usize::from_str_radix(&bits[place..place + 6], 2).expect("bits");
    let places = (0..bits.len()).step_by(6);
    places
        .map(|place| char::from(DIGITS[digit(place)]))
        .collect()
}

/// A provider of identities with one key.
struct Provider(EcdsaKeyPair);

impl Provider {
    fn new() -> Provider {
        Provider(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key"))
    }

    fn point(&self) -> &[u8] {
        self.0.public_key().as_ref()
    }

    fn config(&self, product: &Product) -> String {
        let (x, y) = (base64(&self.point()[1..33]), base64(&self.point()[33..]));
        let set = json!({"keys": [{"kty": "EC", "kid": "k1", "alg": "ES256", "crv": "P-256", "x": x, "y": y}]});
        let path = product.home().join("jwks.json");
        std::fs::write(&path, set.to_string()).expect("a file");
        format!(
            "[limits]\nhead_seconds = 1\nbody_seconds = 1\n[auth]\njwks_file = {path:?}\n\
             [auth.oidc]\nissuer = \"https://idp.test\"\naudience = \"chuantou\"\n"
        )
    }

    fn token(&self, header: &Value, claims: &Value) -> String {
        let text = format!(
            "{}.{}",
            base64(header.to_string().as_bytes()),
            base64(claims.to_string().as_bytes())
        );
        let signature = match header["alg"].as_str() {
            Some("ES256") => self
                .0
                .sign(&SystemRandom::new(), text.as_bytes())
                .expect("one")
                .as_ref()
                .to_vec(),
            // With the public key as the shared secret.
            Some("HS256") => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, self.point());
                hmac::sign(&key, text.as_bytes()).as_ref().to_vec()
            }
            _ => Vec::new(),
        };
        format!("{text}.{}", base64(&signature))
    }
}

fn claims() -> Value {
    let now = jiff::Timestamp::now().as_second();
    json!({"iss": "https://idp.test", "aud": "chuantou", "sub": "clerk-7", "nbf": now - 5,
        "exp": now + 600, "roles": ["credit_office"]})
}

fn ask(server: &Server, token: &str) -> Answer {
    let header = format!("Bearer {token}");
    server.send(
        ("GET", "/v1/gaps?limit=1"),
        &[("authorization", &header)],
        &[],
    )
}

#[test]
fn only_a_genuine_token_of_today_is_taken() {
    let (product, _) = loaded();
    let (provider, stranger) = (Provider::new(), Provider::new());
    let server = Server::configured(&product, &provider.config(&product));
    let header = json!({"typ": "JWT", "alg": "ES256", "kid": "k1"});
    let good = provider.token(&header, &claims());
    assert_eq!(ask(&server, &good).status, 200);
    let with = |name: &str, value: Value| {
        let mut claims = claims();
        claims[name] = value;
        provider.token(&header, &claims)
    };
    let algorithm =
        |name: &str| provider.token(&json!({"typ": "JWT", "alg": name, "kid": "k1"}), &claims());
    let mut flipped = good.clone().into_bytes();
    let last = flipped.len() - 3;
    flipped[last] = if flipped[last] == b'A' { b'B' } else { b'A' };
    let (head, rest) = good.split_once('.').expect("three parts");
    let (_, signature) = rest.split_once('.').expect("three parts");
    let mut more = claims();
    more["roles"] = json!(["auditor", "operator"]);
    let swapped = format!("{head}.{}.{signature}", base64(more.to_string().as_bytes()));
    let refused = [
        ("expired", with("exp", json!(1_700_000_000))),
        ("not yet", with("nbf", json!(4_000_000_000_u64))),
        (
            "of another issuer",
            with("iss", json!("https://other.test")),
        ),
        ("for another system", with("aud", json!("other"))),
        ("without a subject", with("sub", json!(null))),
        ("unsigned", algorithm("none")),
        ("unsigned, in capitals", algorithm("None")),
        ("signed with the public key", algorithm("HS256")),
        ("signed by another", stranger.token(&header, &claims())),
        (
            "with a bit changed",
            String::from_utf8(flipped).expect("text"),
        ),
        ("with other claims", swapped),
        (
            "without a signature",
            format!("{head}.{}.", rest.split('.').next().expect("claims")),
        ),
        (
            "of an unknown key",
            provider.token(&json!({"alg": "ES256", "kid": "../k1"}), &claims()),
        ),
        ("empty", String::new()),
        ("of dots", "..".into()),
        ("long", "x".repeat(20_000)),
    ];
    for (what, token) in refused {
        let answer = ask(&server, &token);
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (401, "unauthenticated"),
            "{what}"
        );
        assert_eq!(answer.header("www-authenticate"), "Bearer");
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        for part in token.split('.').filter(|part| part.len() > 8) {
            assert!(!text.contains(part), "{what}: the token is told again");
        }
    }
    // A role that nobody knows is none.
    let guest = ask(&server, &with("roles", json!(["admin"])));
    assert_eq!((guest.status, guest.code().as_str()), (403, "forbidden"));
    let (status, log) = server.stop_for_log();
    assert_eq!(status, 0);
    assert!(!log.contains("panic") && !log.contains(signature), "{log}");
}

#[test]
fn clients_that_dawdle_or_flood_are_cut_off_in_words() {
    let (product, _) = loaded();
    let provider = Provider::new();
    let server = Server::configured(&product, &provider.config(&product));
    // The head never ends: the connection is closed.
    let mut slow = server.connect();
    slow.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\nx-slow: ")
        .expect("a part");
    let mut rest = Vec::new();
    drop(slow.read_to_end(&mut rest));
    // The body never comes.
    let token = provider.token(&json!({"alg": "ES256", "kid": "k1"}), &claims());
    let head = format!(
        "POST /v1/gaps/g/responses HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\ncontent-length: 50\r\n\r\n{{\"said\""
    );
    let dawdled = parsed(&server.raw(head.as_bytes()));
    assert_eq!((dawdled.status, dawdled.code().as_str()), (408, "timeout"));
    // Many fields, long fields, long paths; and more than is read at all.
    let fields = |count: usize, size: usize| {
        let field = |n: usize| format!("x-{n}: {}\r\n", "y".repeat(size));
        let fields: String = (0..count).map(field).collect();
        let text = format!("GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{fields}\r\n");
        parsed(&server.raw(text.as_bytes()))
    };
    for (count, size) in [(90, 500), (20, 5000), (1, 40_000)] {
        let flood = fields(count, size);
        assert_eq!(
            (flood.status, flood.code().as_str()),
            (431, "head_too_large"),
            "{count} of {size}"
        );
    }
    assert_eq!(fields(50, 100).status, 200);
    assert_eq!(fields(101, 1).status, 431);
    assert_eq!(fields(2000, 1).status, 431);
    assert_eq!(fields(20, 60_000).status, 431);
    let long = server.get(&format!("/v1/entities?q={}", "a".repeat(9000)));
    assert_eq!((long.status, long.code().as_str()), (414, "uri_too_long"));
    assert_eq!(server.get(&format!("/{}", "a".repeat(70_000))).status, 414);
    // A length that lies, two lengths, chunks that are none.
    let odd: [&[u8]; 4] = [
        b"POST /v1/batches HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
        b"POST /v1/batches HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
        b"POST /v1/batches HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999999999999\r\n\r\n",
        b"GET /v1/gaps HTTP/1.1\r\nhost: x\r\nx: a\x00b\r\n\r\n",
    ];
    for request in odd {
        let answer = parsed(&server.raw(request));
        assert_eq!(answer.status, 400, "{}", String::from_utf8_lossy(request));
        assert!(answer.body.is_empty(), "nothing is told");
    }
    assert_eq!(server.found("/healthz")["status"], "ok");
    let (status, log) = server.stop_for_log();
    assert_eq!(status, 0);
    assert!(!log.contains("panic"), "{log}");
}

#[test]
fn no_trick_with_a_path_reaches_a_file_or_another_route() {
    let (product, _) = loaded();
    let key = crate::http::bearer(&product, "analyst", &[]);
    let server = Server::configured(&product, "[auth]\n");
    let known = [("authorization", key.as_str())];
    let tricks = [
        "/v1/entities/..%2f..%2f..%2fetc%2fpasswd",
        "/v1/entities/%2e%2e/audit",
        "/v1/entities/../audit",
        "/v1/entities/..;/audit",
        "/v1/entities/91371502YN731R9A56%00",
        "/v1/entities/91371502YN731R9A56%2fnetwork",
        "/v1/entities/%252e%252e%252faudit",
        "/v1//audit",
        "/v1/./audit",
        "//v1/gaps",
        "/v1/audit/",
        "/V1/entities",
        "/v1\\gaps",
        "/docs/../v1/gaps",
        "/docs/..%2f..%2fkey",
        "/openapi.json/..%2fkey",
        "/v1/notifications/..%2f..%2fkey.html",
        "/v1/notifications/%2fetc%2fpasswd.xlsx",
        "/v1/batches/..%2f..%2fkey",
        "/v1/receipts/..%2f..%2fkey",
        "/v1/explanations/%00",
        "/v1/entities/%C0%AE%C0%AE%2f",
        "http://other.test/v1/gaps",
        "/v1/gaps#/../../audit",
    ];
    for path in tricks {
        let answer = server.send(("GET", path), &known, &[]);
        assert!(
            (400..500).contains(&answer.status),
            "{path}: {}",
            answer.status
        );
        if !answer.body.is_empty() {
            answer.code();
        }
        let text = String::from_utf8_lossy(&answer.body);
        assert!(
            !text.contains("root:") && !text.contains(product.home().to_str().expect("a path")),
            "{path}: {text}"
        );
    }
    let methods = [
        "TRACE", "CONNECT", "PROPFIND", "PUT", "DELETE", "OPTIONS", "gEt",
    ];
    for method in methods {
        let answer = server.send((method, "/v1/entities"), &known, b"");
        assert!(
            (400..500).contains(&answer.status),
            "{method}: {}",
            answer.status
        );
    }
}
