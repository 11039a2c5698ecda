//! The HTTP face: the same answers as the command line's, under `/v1`.
//!
//! Handlers read a request, ask whether it is permitted, and hand the question to
//! the service; they compute nothing themselves. `router` has every route on one
//! screen.

mod asker;
mod caller;
mod courier;
mod docs;
mod extract;
mod idempotency;
mod layers;
mod listen;
mod looks;
mod metrics;
mod page;
mod problem;
mod query;
mod router;
mod routes;
pub(crate) mod settings;
mod tls;
mod traces;

use std::collections::BTreeSet;
use std::ops::Deref;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use graph::id::Hex;

pub(crate) use listen::serve;

use crate::auth::Caller;
use crate::service::Service;
use crate::{Error, clock};
use caller::{Gate, Guard};
use looks::Looks;
use metrics::Metrics;
use settings::ServerSettings;
use traces::Traces;

/// The document of all operations, as JSON text.
pub fn openapi() -> String {
    router::document()
}

/// What every handler is given.
#[derive(Clone, Debug)]
pub(crate) struct App(Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) service: Arc<Service>,
    pub(crate) settings: ServerSettings,
    pub(crate) metrics: Metrics,
    pub(crate) traces: Option<Traces>,
    pub(crate) gate: Arc<Gate>,
    pub(crate) looks: Looks,
    boot: String,
    spoken: AtomicU64,
    working: Mutex<BTreeSet<Vec<u8>>>,
}

impl Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl App {
    /// Around a running service.
    pub(crate) fn new(service: Service, settings: ServerSettings) -> Result<Self, Error> {
        let gate = if let Some(guarded) = &settings.auth {
            let guard = Guard::new(service.store().dir(), guarded)?;
            Gate::Guarded(Box::new(guard))
        } else {
            let user = std::env::var("USER").unwrap_or_else(|_| "somebody".into());
            Gate::Local(Arc::new(Caller {
                client: format!("local:{user}").into(),
                roles: settings.roles()?.into_iter().collect(),
                department: None,
                acr: None,
                purpose: None,
            }))
        };
        let traces = settings.traces.as_ref().map(Traces::new).transpose()?;
        let looks = Looks::new(&settings.looks, &**service.store(), clock::now())?;
        Ok(Self(Arc::new(Inner {
            service: Arc::new(service),
            settings,
            metrics: Metrics::default(),
            traces,
            gate: Arc::new(gate),
            looks,
            boot: Hex(&clock::now().0.to_be_bytes()).to_string(),
            spoken: AtomicU64::new(0),
            working: Mutex::default(),
        })))
    }

    /// The service, once nobody else holds it.
    pub(crate) fn into_service(self) -> Option<Service> {
        let inner = Arc::into_inner(self.0)?;
        Arc::into_inner(inner.service)
    }
}

impl Inner {
    /// Something was said that no batch tells of: cached answers are void.
    pub(crate) fn spoke(&self) {
        self.spoken.fetch_add(1, Ordering::Relaxed);
    }

    /// What distinguishes the answers of this moment from others beside the data.
    pub(crate) fn edition(&self) -> String {
        let digest = &self.service.catalogue().digest;
        let digest = digest.get(..8).unwrap_or(digest);
        let spoken = self.spoken.load(Ordering::Relaxed);
        format!("{digest}-{}-{spoken}", self.boot)
    }

    /// Takes an idempotency key, unless its first request is still worked on.
    pub(crate) fn begin(&self, key: &[u8]) -> bool {
        let mut working = self.working.lock().unwrap_or_else(PoisonError::into_inner);
        working.insert(key.to_vec())
    }

    /// Gives it back.
    pub(crate) fn end(&self, key: &[u8]) {
        let mut working = self.working.lock().unwrap_or_else(PoisonError::into_inner);
        working.remove(key);
    }
}
