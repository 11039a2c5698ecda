//! Requests that the system itself sends: to the identity provider and to
//! subscribers. TLS by rustls; no proxy, no redirect, no plain HTTP but to this
//! machine.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ureq::Agent;
use ureq::tls::{PemItem, RootCerts, TlsConfig, TlsProvider, parse_pem};

use crate::Error;

/// Where Debian keeps the authorities that the system trusts.
const SYSTEM_ROOTS: &str = "/etc/ssl/certs/ca-certificates.crt";

/// A sender for one address. `roots`: the PEM file of the authorities to trust;
/// none: the system's.
pub(crate) fn agent(url: &str, roots: Option<&Path>, timeout: Duration) -> Result<Agent, Error> {
    let config = Agent::config_builder()
        .timeout_global(Some(timeout))
        .max_redirects(0)
        .proxy(None);
    if is_local(url) {
        return Ok(config.build().new_agent());
    }
    if !url.starts_with("https://") {
        let what = format!("{url}: only https:// leaves this machine");
        return Err(Error::Refused(what));
    }
    let path = roots.unwrap_or_else(|| Path::new(SYSTEM_ROOTS));
    let pem = fs::read(path).map_err(|error| Error::io(path, error))?;
    let authorities: Vec<_> = parse_pem(&pem)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(authority)) => Some(authority),
            _ => None,
        })
        .collect();
    if authorities.is_empty() {
        let what = format!("{} names no authority to trust", path.display());
        return Err(Error::Refused(what));
    }
    let tls = TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .root_certs(RootCerts::new_with_certs(&authorities))
        .unversioned_rustls_crypto_provider(
            Arc::new(rustls::crypto::aws_lc_rs::default_provider()),
        );
    Ok(config
        .https_only(true)
        .tls_config(tls.build())
        .build()
        .new_agent())
}

/// `http://` to a loopback address, with a port or without.
pub(crate) fn is_local(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("http://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    // `127.0.0.1:80@elsewhere` is elsewhere.
    if authority.contains('@') {
        return false;
    }
    let is_port = |text: &str| text.is_empty() || text.strip_prefix(':').is_some();
    let after = |host| authority.strip_prefix(host).is_some_and(is_port);
    after("127.0.0.1") || after("[::1]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_stays_on_this_machine() {
        let sends = |url| agent(url, None, Duration::from_secs(1)).is_ok();
        assert!(sends("http://127.0.0.1:8080/jwks"));
        assert!(sends("http://[::1]/jwks"));
        for url in [
            "http://127.0.0.1.example/",
            "http://127.0.0.11/",
            "http://example.test/",
            "http://user@example.test:80@127.0.0.1/",
            "http://127.0.0.1:80@example.test/",
            "ftp://127.0.0.1/",
            "127.0.0.1",
        ] {
            assert!(!sends(url), "{url}");
        }
    }

    #[test]
    fn a_file_without_authorities_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("roots.pem");
        fs::write(&path, "nothing").unwrap();
        let error = agent("https://idp.test/", Some(&path), Duration::from_secs(1)).unwrap_err();
        assert!(error.to_string().contains("no authority"));
        assert!(
            agent(
                "https://idp.test/",
                Some(dir.path()),
                Duration::from_secs(1)
            )
            .is_err()
        );
    }
}
