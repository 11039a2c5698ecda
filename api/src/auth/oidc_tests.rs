//! Tests of bearer tokens: keys are made here, tokens are put together byte by
//! byte, so that wrong ones can be made too.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
    RSA_PSS_SHA256,
};
use graph::time::Moment;
use serde_json::{Value, json};

use super::*;
use aws_lc_rs::signature::RsaEncoding;

const NOW: Moment = Moment(1_790_000_000_000);
const NOW_SECONDS: i64 = 1_790_000_000;

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let mut word = [0; 4];
        word[1..=chunk.len()].copy_from_slice(chunk);
        let word = u32::from_be_bytes(word);
        for place in 0..=chunk.len() {
            let digit = word >> (18 - 6 * place) & 63;
            out.push(char::from(DIGITS[usize::try_from(digit).unwrap()]));
        }
    }
    out
}

struct Keys {
    rsa: RsaKeyPair,
    ec: EcdsaKeyPair,
    ed: Ed25519KeyPair,
}

impl Keys {
    fn new() -> Self {
        Self {
            rsa: RsaKeyPair::generate(KeySize::Rsa2048).unwrap(),
            ec: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap(),
            ed: Ed25519KeyPair::generate().unwrap(),
        }
    }

    fn set(&self) -> String {
        let public = self.rsa.public_key();
        let modulus = base64(public.modulus().big_endian_without_leading_zero());
        let exponent = base64(public.exponent().big_endian_without_leading_zero());
        let point = self.ec.public_key().as_ref();
        json!({"keys": [
            {"kty": "RSA", "kid": "rsa", "use": "sig", "n": modulus, "e": exponent},
            {"kty": "EC", "kid": "ec", "alg": "ES256", "crv": "P-256",
             "x": base64(&point[1..33]), "y": base64(&point[33..])},
            {"kty": "OKP", "kid": "ed", "crv": "Ed25519",
             "x": base64(self.ed.public_key().as_ref())},
            {"kty": "oct", "kid": "shared", "k": base64(b"secret")},
            {"kty": "RSA", "kid": "sealing", "use": "enc", "n": modulus, "e": exponent},
            {"kty": "of tomorrow", "kid": "tomorrow"},
        ]})
        .to_string()
    }

    fn sign(&self, algorithm: &str, text: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        let rsa = |padding: &'static dyn RsaEncoding| {
            let mut signature = vec![0; self.rsa.public_modulus_len()];
            self.rsa
                .sign(padding, &random, text, &mut signature)
                .unwrap();
            signature
        };
        match algorithm {
            "RS256" => rsa(&RSA_PKCS1_SHA256),
            "PS256" => rsa(&RSA_PSS_SHA256),
            "ES256" => self.ec.sign(&random, text).unwrap().as_ref().to_vec(),
            "EdDSA" => self.ed.sign(text).as_ref().to_vec(),
            "HS256" => {
                let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, b"secret");
                aws_lc_rs::hmac::sign(&key, text).as_ref().to_vec()
            }
            _ => Vec::new(),
        }
    }

    fn token(&self, header: &Value, claims: &Value) -> String {
        let text = [header, claims]
            .map(|part| base64(part.to_string().as_bytes()))
            .join(".");
        let algorithm = header["alg"].as_str().unwrap_or_default();
        format!("{text}.{}", base64(&self.sign(algorithm, text.as_bytes())))
    }
}

fn header(algorithm: &str) -> Value {
    let kid = match algorithm {
        "RS256" | "PS256" => "rsa",
        "ES256" => "ec",
        "EdDSA" => "ed",
        _ => "shared",
    };
    json!({"typ": "JWT", "alg": algorithm, "kid": kid})
}

fn claims() -> Value {
    json!({
        "iss": "https://idp.test", "aud": ["chuantou", "other"], "sub": "u-17",
        "exp": NOW_SECONDS + 300, "nbf": NOW_SECONDS - 5, "iat": NOW_SECONDS - 5,
        "acr": "2", "roles": ["department", "guest"], "department": "D1",
    })
}

fn settings() -> OidcSettings {
    let text = json!({"issuer": "https://idp.test", "audience": "chuantou"});
    serde_json::from_value(text).unwrap()
}

struct Fixed(String);

impl Fetch for Fixed {
    fn fetch(&self) -> Result<String, String> {
        Ok(self.0.clone())
    }
}

fn oidc(keys: &Keys, settings: OidcSettings) -> Oidc {
    Oidc::new(settings, KeyCache::new(Box::new(Fixed(keys.set()))))
}

#[test]
fn each_of_the_four_algorithms_is_accepted_and_no_other() {
    let keys = Keys::new();
    let checked = oidc(&keys, settings());
    for algorithm in ["RS256", "PS256", "ES256", "EdDSA"] {
        let token = keys.token(&header(algorithm), &claims());
        let caller = checked.caller(&token, NOW).unwrap();
        assert_eq!(&*caller.client, "oidc:u-17", "{algorithm}");
        assert_eq!(caller.role_codes(), "department");
        assert_eq!(caller.department.as_deref(), Some("D1"));
        assert_eq!(caller.acr.as_deref(), Some("2"));
        // Another's signature, a changed claim, no signature.
        let other = Keys::new().token(&header(algorithm), &claims());
        assert!(checked.caller(&other, NOW).is_err());
        let mut parts: Vec<&str> = token.split('.').collect();
        let mut raised = claims();
        raised["roles"] = json!("operator");
        let raised = base64(raised.to_string().as_bytes());
        parts[1] = &raised;
        assert!(checked.caller(&parts.join("."), NOW).is_err());
        parts[2] = "";
        assert!(checked.caller(&parts.join("."), NOW).is_err());
    }
    for algorithm in ["none", "HS256", "HS512", "RS1", ""] {
        for kid in ["shared", "rsa", "ec"] {
            let header = json!({"alg": algorithm, "kid": kid});
            let token = keys.token(&header, &claims());
            assert!(checked.caller(&token, NOW).is_err(), "{algorithm} {kid}");
        }
    }
    for text in ["", ".", "..", "a.b.c", "ct_1_2"] {
        assert!(checked.caller(text, NOW).is_err(), "{text}");
    }
}

#[test]
fn a_key_serves_only_what_it_is_for() {
    let keys = Keys::new();
    let checked = oidc(&keys, settings());
    let refused = |header: Value| {
        let token = keys.token(&header, &claims());
        assert!(checked.caller(&token, NOW).is_err(), "{header}");
    };
    refused(json!({"alg": "RS256", "kid": "sealing"}));
    refused(json!({"alg": "RS256", "kid": "ec"}));
    refused(json!({"alg": "ES256", "kid": "ed"}));
    refused(json!({"alg": "RS256", "kid": "nobody"}));
    // Several keys, none named.
    refused(json!({"alg": "RS256"}));
    refused(json!({"alg": "RS256", "kid": "rsa", "crit": ["b64"], "b64": true}));
    let narrow = OidcSettings {
        algorithms: ["ES256".to_owned()].into(),
        ..settings()
    };
    let narrow = oidc(&keys, narrow);
    assert!(
        narrow
            .caller(&keys.token(&header("ES256"), &claims()), NOW)
            .is_ok()
    );
    assert!(
        narrow
            .caller(&keys.token(&header("RS256"), &claims()), NOW)
            .is_err()
    );
    // A configuration that names a shared-secret algorithm does not let it in.
    let wide = OidcSettings {
        algorithms: ["HS256".to_owned()].into(),
        ..settings()
    };
    let wide = oidc(&keys, wide);
    assert!(
        wide.caller(&keys.token(&header("HS256"), &claims()), NOW)
            .is_err()
    );
}

#[test]
fn issuer_audience_times_and_subject_are_checked() {
    let keys = Keys::new();
    let checked = oidc(&keys, settings());
    let check = |change: fn(&mut Value), expected: bool| {
        let mut claims = claims();
        change(&mut claims);
        let token = keys.token(&header("EdDSA"), &claims);
        assert_eq!(checked.caller(&token, NOW).is_ok(), expected, "{claims}");
    };
    check(|_| {}, true);
    check(|claims| claims["aud"] = json!("chuantou"), true);
    check(|claims| claims["aud"] = json!(["other"]), false);
    check(|claims| claims["iss"] = json!("https://idp.test/"), false);
    for name in ["aud", "iss", "exp", "sub"] {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove(name);
        let token = keys.token(&header("EdDSA"), &claims);
        assert!(checked.caller(&token, NOW).is_err(), "without {name}");
    }
    check(|claims| claims["sub"] = json!(""), false);
    check(|claims| claims["exp"] = json!(NOW_SECONDS - 29), true);
    check(|claims| claims["exp"] = json!(NOW_SECONDS - 30), false);
    check(|claims| claims["exp"] = json!(1_790_000_100.5), true);
    check(|claims| claims["exp"] = json!("tomorrow"), false);
    check(|claims| claims["nbf"] = json!(NOW_SECONDS + 30), true);
    check(|claims| claims["nbf"] = json!(NOW_SECONDS + 31), false);
    check(|claims| claims["iat"] = json!(NOW_SECONDS + 31), false);
}

#[test]
fn the_configuration_names_claims_roles_and_levels() {
    let keys = Keys::new();
    let settings = OidcSettings {
        acr: ["3".to_owned()].into(),
        role_claim: "realm_access.roles".into(),
        department_claim: "org_code".into(),
        roles: [("xinyongban".to_owned(), Role::CreditOffice)].into(),
        ..settings()
    };
    let checked = oidc(&keys, settings);
    let mut said = claims();
    said["realm_access"] = json!({"roles": ["xinyongban", "operator"]});
    said["org_code"] = json!("D7");
    let token = keys.token(&header("ES256"), &said);
    assert!(matches!(
        checked.caller(&token, NOW),
        Err(AuthError::Insufficient(_))
    ));
    said["acr"] = json!("3");
    let caller = checked
        .caller(&keys.token(&header("ES256"), &said), NOW)
        .unwrap();
    assert_eq!(caller.role_codes(), "credit_office");
    assert_eq!(caller.department.as_deref(), Some("D7"));
}

/// A source that can be changed and made to fail, and counts.
#[derive(Clone, Default)]
struct Changing {
    set: Arc<Mutex<Option<String>>>,
    asked: Arc<AtomicUsize>,
}

impl Fetch for Changing {
    fn fetch(&self) -> Result<String, String> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.set
            .lock()
            .unwrap()
            .clone()
            .ok_or_else(|| "away".to_owned())
    }
}

#[test]
fn a_rotated_key_is_found_and_an_invented_one_costs_little() {
    let source = Changing::default();
    let cache = KeyCache::new(Box::new(source.clone()));
    let asked = || source.asked.load(Ordering::Relaxed);
    let found = |kid, ms: i64| cache.key(Some(kid), Moment(NOW.0 + ms));
    let set = |kid: &str| {
        let key = json!({"kty": "OKP", "crv": "Ed25519", "kid": kid, "x": base64(&[7; 32])});
        *source.set.lock().unwrap() = Some(json!({"keys": [key]}).to_string());
    };
    assert!(matches!(found("one", 0), Err(AuthError::Unavailable(why)) if why == "away"));
    set("one");
    assert!(matches!(found("one", 1000), Err(AuthError::Unavailable(_))));
    assert!(found("one", 30_000).is_ok());
    assert!(found("one", 40_000).is_ok());
    assert_eq!(asked(), 2);
    set("two");
    for ms in 0..100 {
        assert!(found("two", 40_000 + ms).is_err());
    }
    assert_eq!(asked(), 2);
    assert!(found("two", 60_000).is_ok());
    assert!(matches!(found("one", 60_001), Err(AuthError::Unknown(_))));
    assert_eq!(asked(), 3);
    // Without the source the keys live on for a day.
    *source.set.lock().unwrap() = None;
    let day = 24 * 3_600_000;
    assert!(found("two", 60_000 + day - 1).is_ok());
    assert!(matches!(
        found("two", 60_000 + day),
        Err(AuthError::Unavailable(_))
    ));
    *source.set.lock().unwrap() = Some("not a set".into());
    assert!(matches!(
        found("two", 3 * day),
        Err(AuthError::Unavailable(_))
    ));
    let only = KeyCache::new(Box::new(Fixed(
        json!({"keys": [
        {"kty": "OKP", "crv": "Ed25519", "x": base64(&[7; 32])}]})
        .to_string(),
    )));
    assert!(only.key(None, NOW).is_ok());
}

#[test]
fn keys_come_from_a_file_or_an_address() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("jwks.json");
    let keys = Keys::new();
    std::fs::write(&path, keys.set()).unwrap();
    let token = keys.token(&header("PS256"), &claims());
    let checked = Oidc::new(settings(), KeyCache::new(Box::new(FileSource(path))));
    assert!(checked.caller(&token, NOW).is_ok());

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let set = keys.set();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut asked = [0; 4096];
        let size = stream.read(&mut asked).unwrap();
        let length = set.len();
        write!(
            stream,
            "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{set}"
        )
        .unwrap();
        String::from_utf8_lossy(&asked[..size]).into_owned()
    });
    let source = UrlSource::new(&format!("http://{address}/jwks"), None).unwrap();
    let checked = Oidc::new(settings(), KeyCache::new(Box::new(source)));
    assert!(checked.caller(&token, NOW).is_ok());
    assert!(server.join().unwrap().starts_with("GET /jwks HTTP/1.1"));
}
