//! Accepting connections: limits on slow and many clients, an orderly end.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;

use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::ServiceExt;

use super::caller::{Gate, Peer};
use super::settings::ServerSettings;
use super::{App, router, tls};
use crate::Error;
use crate::service::Service;

/// Serves until a signal says stop; `ready` is told the address.
pub(crate) fn serve(
    service: Service,
    settings: &ServerSettings,
    ready: impl FnOnce(SocketAddr) -> Result<(), Error>,
) -> Result<(), Error> {
    guard(settings)?;
    let app = App::new(service, settings.clone())?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .on_thread_park(crate::service::rest)
        .build()
        .map_err(|error| Error::Broken(format!("no runtime: {error}")))?;
    let served = runtime.block_on(run(app.clone(), settings, ready));
    // Questions that nobody waits for any more need not be finished.
    runtime.shutdown_timeout(Duration::from_secs(1));
    if let Some(traces) = &app.traces {
        traces.finish();
    }
    if let Some(service) = app.into_service() {
        service.finish();
    }
    served
}

/// Without authentication everybody who can connect has the local roles: only
/// this machine may.
fn guard(settings: &ServerSettings) -> Result<(), Error> {
    let address = settings.listen.ip();
    let certified = settings
        .tls
        .as_ref()
        .and_then(|tls| tls.client_roots.as_ref());
    if certified.is_some() && settings.auth.is_none() {
        let what = "tls.client_roots needs [auth.certificates]: whose certificate is whose";
        return Err(Error::Refused(what.into()));
    }
    if address.is_loopback() || settings.auth.is_some() {
        return Ok(());
    }
    Err(Error::Refused(format!(
        "没有设置身份验证，只能在本机监听 / no authentication is set up: the server listens on loopback \
         only (127.0.0.1 or ::1), not on {address}; set up [auth] in the configuration first"
    )))
}

async fn run(
    app: App,
    settings: &ServerSettings,
    ready: impl FnOnce(SocketAddr) -> Result<(), Error>,
) -> Result<(), Error> {
    let failed = |error| Error::Io {
        place: settings.listen.to_string(),
        source: error,
    };
    let acceptor = settings.tls.as_ref().map(tls::acceptor).transpose()?;
    let listener = TcpListener::bind(settings.listen).await.map_err(failed)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    ready(listener.local_addr().map_err(failed)?)?;
    warn(&app);
    let courier = tokio::spawn(super::courier::run(app.clone()));
    let sweeper = tokio::spawn(forget(app.clone()));
    let routes = router::router(app);
    let room = Arc::new(Semaphore::new(settings.limits.connections.max(1)));
    let graceful = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &room) => accepted,
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
        };
        let Some((stream, peer, permit)) = accepted else {
            continue;
        };
        let patience = Duration::from_secs(settings.limits.head_seconds);
        let (routes, watcher, acceptor) = (routes.clone(), graceful.watcher(), acceptor.clone());
        tokio::spawn(async move {
            let mut peer = Peer {
                address: peer,
                subject: None,
            };
            // A client that breaks off, or shows no certificate, is no fault of ours.
            let Some(acceptor) = acceptor else {
                let _ = watcher
                    .watch(connection(stream, patience, service(routes, peer)))
                    .await;
                return drop(permit);
            };
            let accepted = tokio::time::timeout(patience, acceptor.accept(stream));
            if let Ok(Ok(stream)) = accepted.await {
                peer.subject = tls::subject(&stream).map(Into::into);
                let _ = watcher
                    .watch(connection(stream, patience, service(routes, peer)))
                    .await;
            }
            drop(permit);
        });
    }
    tracing::info!("stopping");
    courier.abort();
    sweeper.abort();
    drop(listener);
    let stop = Duration::from_secs(settings.limits.stop_seconds);
    if tokio::time::timeout(stop, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some answers were not finished in time");
    }
    Ok(())
}

fn connection<I, S>(stream: I, patience: Duration, service: S) -> http1::Connection<TokioIo<I>, S>
where
    I: AsyncRead + AsyncWrite + Unpin,
    S: hyper::service::HttpService<Incoming, ResBody = axum::body::Body>,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience)
        // A client may close its side once it has asked. And else, at each request that is
        // not answered at once, the socket would be read for nothing but its end.
        .half_close(true)
        // Above the bounds of `layers::bounded`, so that those answer in words.
        .max_buf_size(256 * 1024)
        .serve_connection(TokioIo::new(stream), service)
}

/// Removes the answers to old idempotency keys, at the start and each hour.
async fn forget(app: App) {
    loop {
        if let Err(error) = super::idempotency::forget(&app).await {
            tracing::error!(%error, "the book of requests");
        }
        tokio::time::sleep(Duration::from_hours(1)).await;
    }
}

fn service(
    routes: Router,
    peer: Peer,
) -> impl hyper::service::Service<
    Request<Incoming>,
    Response = axum::response::Response,
    Error = Infallible,
    Future: Send + 'static,
> {
    let named = move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer.clone());
        request
    };
    TowerToHyperService::new(routes.map_request(named))
}

async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> Option<(TcpStream, IpAddr, OwnedSemaphorePermit)> {
    let permit = Arc::clone(room).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => Some((stream, peer.ip(), permit)),
        Err(error) => {
            // Out of descriptors, most likely: wait until some are free.
            tracing::warn!(%error, "accept");
            tokio::time::sleep(Duration::from_millis(100)).await;
            None
        }
    }
}

fn warn(app: &App) {
    let Gate::Local(caller) = &*app.gate else {
        return;
    };
    tracing::warn!(
        caller = &*caller.client,
        roles = &*caller.role_codes(),
        "没有设置身份验证：本机上的任何人都以这些角色行事，每次查看都记入审计 / no authentication is set up: \
         everybody on this machine acts with these roles; every look is audited"
    );
}
