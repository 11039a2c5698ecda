//! TLS of our own, for where no proxy does it; with `client_roots` every client must
//! show a certificate of these authorities, and its subject says who asks.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use x509_cert::Certificate;
use x509_cert::der::Decode;

use super::settings::Tls;
use crate::Error;

/// What turns a connection into one over TLS.
pub(super) fn acceptor(settings: &Tls) -> Result<TlsAcceptor, Error> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let key = private_key(&settings.key)?;
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::Refused(format!("TLS: {error}")))?;
    let builder = match &settings.client_roots {
        None => builder.with_no_client_auth(),
        Some(path) => {
            let mut roots = RootCertStore::empty();
            let (taken, _) = roots.add_parsable_certificates(certificates(path)?);
            if taken == 0 {
                let what = format!("{} names no authority to trust", path.display());
                return Err(Error::Refused(what));
            }
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            let verifier = verifier
                .build()
                .map_err(|error| Error::Refused(format!("{}: {error}", path.display())))?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    let chain = certificates(&settings.certificate)?;
    let mut config = builder.with_single_cert(chain, key).map_err(|error| {
        let place = settings.certificate.display();
        Error::Refused(format!("{place}: {error}"))
    })?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let wrong = |what: String| Error::Refused(format!("{}: {what}", path.display()));
    let pem = fs::read(path).map_err(|error| Error::io(path, error))?;
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    let all = all.map_err(|error| wrong(error.to_string()))?;
    if all.is_empty() {
        return Err(wrong("no certificate is in it".into()));
    }
    Ok(all)
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, Error> {
    let failed = |error| Error::io(path, error);
    let mode = fs::metadata(path).map_err(failed)?.permissions().mode();
    if mode & 0o077 != 0 {
        let what = format!("others may read {}: chmod 600 it", path.display());
        return Err(Error::Refused(what));
    }
    let pem = fs::read(path).map_err(failed)?;
    PrivateKeyDer::from_pem_slice(&pem)
        .map_err(|error| Error::Refused(format!("{}: no private key: {error}", path.display())))
}

/// The subject of the client's certificate, as RFC 4514 writes it. The handshake has
/// checked the certificate already.
pub(super) fn subject(stream: &TlsStream<TcpStream>) -> Option<String> {
    let (_, connection) = stream.get_ref();
    let first = connection.peer_certificates()?.first()?;
    let certificate = Certificate::from_der(first).ok()?;
    Some(certificate.tbs_certificate().subject().to_string())
}
