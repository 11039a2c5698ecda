//! TLS of our own: a client shows a certificate of the right authority, and its subject says who asks.

use crate::demo::loaded;
use crate::http::{Answer, Server, bearer, parsed};
use crate::product::Product;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// An authority that signs certificates.
struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new(name: &str) -> Authority {
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().expect("a key");
        let pem = params.self_signed(&key).expect("a certificate").pem();
        Authority {
            pem,
            issuer: Issuer::new(params, key),
        }
    }

    /// A certificate and its key, PEM.
    fn certify(&self, host: &[&str], (common, organisation): (&str, &str)) -> (String, String) {
        let names: Vec<String> = host.iter().map(|&name| name.to_owned()).collect();
        let mut params = CertificateParams::new(names).expect("names");
        params.distinguished_name = rcgen::DistinguishedName::new();
        params
            .distinguished_name
            .push(DnType::OrganizationName, organisation);
        params.distinguished_name.push(DnType::CommonName, common);
        let key = KeyPair::generate().expect("a key");
        let signed = params.signed_by(&key, &self.issuer).expect("a certificate");
        (signed.pem(), key.serialize_pem())
    }
}

fn written(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).expect("a file");
    let private = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(&path, private).expect("its mode");
    path
}

/// Asks over TLS; what the client shows, if anything. None: no answer came.
fn ask(
    server: &Server,
    (trusted, shown): (&Authority, Option<&(String, String)>),
    (path, headers): (&str, &str),
) -> Option<Answer> {
    let mut roots = RootCertStore::empty();
    let root = CertificateDer::from_pem_slice(trusted.pem.as_bytes()).expect("a certificate");
    roots.add(root).expect("an authority");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots);
    let config = match shown {
        None => builder.with_no_client_auth(),
        Some((certificate, key)) => {
            let chain = vec![CertificateDer::from_pem_slice(certificate.as_bytes()).expect("one")];
            let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).expect("a key");
            builder.with_client_auth_cert(chain, key).expect("a pair")
        }
    };
    let name = ServerName::try_from("127.0.0.1").expect("a name");
    let client = ClientConnection::new(Arc::new(config), name).expect("a client");
    let mut stream = StreamOwned::new(client, server.connect());
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = Vec::new();
    drop(stream.read_to_end(&mut answer));
    (!answer.is_empty()).then(|| parsed(&answer))
}

fn config(product: &Product, ours: &Authority, clients: Option<&Authority>) -> String {
    let home = product.home();
    let (certificate, key) = ours.certify(&["127.0.0.1"], ("server", "City"));
    let certificate = written(home, "server.pem", &certificate);
    let key = written(home, "server.key", &key);
    let mut text = format!("[tls]\ncertificate = {certificate:?}\nkey = {key:?}\n");
    if let Some(clients) = clients {
        let roots = written(home, "clients.pem", &clients.pem);
        text += &format!("client_roots = {roots:?}\n");
    }
    text + "[auth.certificates.subjects.\"CN=window-1,O=D-HUC\"]\n\
        client = \"window-1\"\nroles = [\"credit_office\"]\n"
}

#[test]
fn a_certificate_says_who_asks_and_without_one_nobody_gets_in() {
    let (product, _) = loaded();
    let (ours, clients, strangers) = (
        Authority::new("ours"),
        Authority::new("clients"),
        Authority::new("strangers"),
    );
    let auditor = bearer(&product, "auditor", &[]);
    let server = Server::configured(&product, &config(&product, &ours, Some(&clients)));
    let window = clients.certify(&[], ("window-1", "D-HUC"));
    let unknown = clients.certify(&[], ("window-1", "D-APV"));
    let forged = strangers.certify(&[], ("window-1", "D-HUC"));
    let get = |shown: Option<&(String, String)>, path: &str, headers: &str| {
        ask(&server, (&ours, shown), (path, headers))
    };
    let gaps = get(Some(&window), "/v1/gaps?limit=1", "").expect("an answer");
    assert_eq!(gaps.status, 200, "{gaps:?}");
    let audit = get(Some(&window), "/v1/audit", "").expect("an answer");
    assert_eq!((audit.status, audit.code().as_str()), (403, "forbidden"));
    let stranger = get(Some(&unknown), "/v1/gaps", "").expect("an answer");
    assert_eq!(
        (stranger.status, stranger.code().as_str()),
        (401, "unauthenticated")
    );
    assert!(
        get(Some(&forged), "/v1/gaps", "").is_none(),
        "of another authority"
    );
    assert!(get(None, "/healthz", "").is_none(), "without a certificate");
    // A token says who asks on a connection that was let in; a wrong one is not passed over.
    let token = format!("authorization: {auditor}\r\n");
    let log = get(Some(&window), "/v1/audit?action=read_gaps", &token).expect("an answer");
    assert_eq!(log.status, 200);
    assert_eq!(log.json()["items"][0]["caller"], "window-1");
    let wrong = get(Some(&window), "/v1/gaps", "authorization: Basic eDp5\r\n").expect("an answer");
    assert_eq!(wrong.status, 401);
    // Plain HTTP is not spoken here.
    let plain = server.raw(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    assert!(!plain.starts_with(b"HTTP/"));
    assert_eq!(server.stop(), 0);
}

#[test]
fn without_client_roots_it_is_tls_with_tokens() {
    let (product, _) = loaded();
    let (ours, strangers) = (Authority::new("ours"), Authority::new("strangers"));
    let office = format!(
        "authorization: {}\r\n",
        bearer(&product, "credit_office", &[])
    );
    let server = Server::configured(&product, &config(&product, &ours, None));
    let known = ask(&server, (&ours, None), ("/v1/gaps?limit=1", &office)).expect("an answer");
    assert_eq!(known.status, 200);
    let nobody = ask(&server, (&ours, None), ("/v1/gaps", "")).expect("an answer");
    assert_eq!(nobody.status, 401);
    let name = ask(&server, (&strangers, None), ("/healthz", ""));
    assert!(
        name.is_none(),
        "the server shows a certificate of its authority"
    );
}

#[test]
fn a_key_that_others_may_read_is_refused() {
    let (product, _) = loaded();
    let ours = Authority::new("ours");
    let text = config(&product, &ours, None);
    let open = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(product.home().join("server.key"), open).expect("its mode");
    let place = written(product.home(), "config.toml", &text);
    let place = place.to_str().expect("a path");
    let ran = crate::binary::run(
        &product,
        &["serve", "--listen", "127.0.0.1:0", "--config", place],
    );
    assert_eq!(ran.status, 1);
    assert!(ran.err.contains("chmod 600"), "{}", ran.err);
}
