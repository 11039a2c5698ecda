//! How the server is run: one TOML file, the environment over it, the command
//! line over both. Secrets stand in files that the settings name.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use figment::Figment;
use figment::providers::{Env, Serialized};
use serde::{Deserialize, Serialize};

use super::looks::LookSettings;
use crate::Error;
use crate::auth::{CertificateMap, OidcSettings, Role};
use crate::feed::Pace;
use crate::service::Sizes;

/// The settings. Every field has a default that suits one city office.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ServerSettings {
    /// Where to listen. Without authentication only loopback is accepted.
    pub(crate) listen: SocketAddr,
    /// What everybody on this machine may be while no authentication is set up.
    pub(crate) local_roles: Vec<String>,
    /// The folder from which `POST /v1/batches` may load by path.
    pub(crate) drop_folder: Option<PathBuf>,
    /// A source whose newest batch is older than so many days is told as stale.
    pub(crate) stale_days: u32,
    /// The folder with the secrets of webhooks, one file a name, mode 0600.
    pub(crate) webhook_secrets: Option<PathBuf>,
    /// Who is recognised; without it everybody on this machine has the local roles.
    pub(crate) auth: Option<Authentication>,
    /// TLS of our own; without it a proxy's.
    pub(crate) tls: Option<Tls>,
    /// How many persons callers may be shown.
    pub(crate) looks: LookSettings,
    /// How subscribers are told.
    pub(crate) delivery: Delivering,
    /// Limits.
    pub(crate) limits: Limits,
    /// The log.
    pub(crate) log: Log,
    /// Where to send traces; without it there are none.
    pub(crate) traces: Option<Tracing>,
}

/// Who is recognised. API keys (`chuantou keys`) always are.
#[derive(Clone, Default, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Authentication {
    /// Tokens of a provider.
    pub(crate) oidc: Option<OidcSettings>,
    /// The provider's public keys, as a file.
    pub(crate) jwks_file: Option<PathBuf>,
    /// The provider's public keys, as an address.
    pub(crate) jwks_url: Option<String>,
    /// The authorities to trust for that address, PEM; none: the system's.
    pub(crate) roots: Option<PathBuf>,
    /// The folder of the Cedar policies; none: the shipped ones.
    pub(crate) policies: Option<PathBuf>,
    /// So many requests a minute of one caller.
    pub(crate) per_minute: Option<u32>,
    /// Whose client certificates are whose, with `[tls] client_roots`.
    pub(crate) certificates: CertificateMap,
}

/// TLS on our own connections.
#[derive(Clone, Default, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tls {
    /// Our certificate and its chain, PEM.
    pub(crate) certificate: PathBuf,
    /// Its key, PEM, mode 0600.
    pub(crate) key: PathBuf,
    /// The authorities of clients, PEM: with it every client needs a certificate.
    #[serde(default)]
    pub(crate) client_roots: Option<PathBuf>,
}

/// How subscribers are told.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Delivering {
    /// Between two looks at what is due, in milliseconds.
    pub(crate) every_ms: u64,
    /// The pause after the first failure; each next one is twice as long.
    pub(crate) first_pause_ms: u32,
    /// The longest pause.
    pub(crate) longest_pause_ms: u32,
    /// Given up after so many attempts.
    pub(crate) attempts: u32,
    /// The authorities of subscribers, PEM; none: the system's.
    pub(crate) roots: Option<PathBuf>,
}

impl Default for Delivering {
    fn default() -> Self {
        Self {
            every_ms: 5000,
            first_pause_ms: 10_000,
            longest_pause_ms: 3_600_000,
            attempts: 32,
            roots: None,
        }
    }
}

impl Delivering {
    pub(crate) fn pace(&self) -> Pace {
        Pace {
            first_ms: i64::from(self.first_pause_ms),
            longest_ms: i64::from(self.longest_pause_ms),
            attempts: self.attempts,
        }
    }
}

/// Limits that keep one client from hurting the others.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Limits {
    /// A body, in KiB.
    pub(crate) body_kib: usize,
    /// An upload, in MiB.
    pub(crate) upload_mib: usize,
    /// Reading the head of a request, in seconds.
    pub(crate) head_seconds: u64,
    /// For a body, and between two parts of an upload, in seconds.
    pub(crate) body_seconds: u64,
    /// Answering, in seconds.
    pub(crate) answer_seconds: u64,
    /// Loading a batch, in seconds.
    pub(crate) load_seconds: u64,
    /// Waiting for open answers when the server is stopped, in seconds.
    pub(crate) stop_seconds: u64,
    /// Threads that answer questions; 0: as many as there are cores.
    pub(crate) workers: usize,
    /// Questions answered or waiting at once.
    pub(crate) questions: usize,
    /// Connections at once.
    pub(crate) connections: usize,
    /// Past states of knowledge kept in memory.
    pub(crate) past_states: usize,
    /// About how much a load keeps in memory, in MiB.
    pub(crate) load_memory_mib: usize,
    /// How long a verification waits for others to be committed with, in milliseconds.
    pub(crate) group_wait_ms: u64,
    /// How long the answer to an idempotency key is kept, in hours.
    pub(crate) idempotency_hours: u32,
    /// Kept ready on disk for the audit log, for when the disk is full, in KiB.
    pub(crate) audit_reserve_kib: u32,
}

/// Traces for an OpenTelemetry collector.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tracing {
    /// Where the collector takes OTLP over HTTP, the whole address (`…/v1/traces`).
    pub(crate) collector: String,
    /// The authorities of the collector, PEM; none: the system's.
    #[serde(default)]
    pub(crate) roots: Option<PathBuf>,
    /// The part of the requests that is traced, 0 to 1, where the caller does not say.
    #[serde(default = "whole")]
    pub(crate) part: f64,
}

fn whole() -> f64 {
    1.0
}

/// The log.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Log {
    /// `error`, `warn`, `info`, `debug`.
    pub(crate) level: String,
    /// One JSON object a line.
    pub(crate) json: bool,
}

impl Default for ServerSettings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8630)),
            local_roles: Role::ALL.map(|role| role.code().to_owned()).to_vec(),
            drop_folder: None,
            webhook_secrets: None,
            auth: None,
            tls: None,
            looks: LookSettings::default(),
            delivery: Delivering::default(),
            stale_days: 45,
            limits: Limits::default(),
            log: Log::default(),
            traces: None,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_kib: 1024,
            upload_mib: 512,
            head_seconds: 10,
            body_seconds: 30,
            answer_seconds: 120,
            load_seconds: 6 * 3600,
            stop_seconds: 30,
            workers: 0,
            questions: 1024,
            connections: 1024,
            past_states: 2,
            load_memory_mib: 2048,
            group_wait_ms: 2,
            idempotency_hours: 24,
            audit_reserve_kib: 4096,
        }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self {
            level: "info".into(),
            json: false,
        }
    }
}

impl ServerSettings {
    /// Reads the file, if any, and the environment (`CHUANTOU_SERVER_LISTEN`,
    /// `CHUANTOU_SERVER_LIMITS__QUESTIONS`, …).
    pub(crate) fn read(file: Option<&Path>) -> Result<Self, Error> {
        let mut figment = Figment::from(Serialized::defaults(Self::default()));
        if let Some(path) = file {
            let text = std::fs::read_to_string(path).map_err(|error| Error::io(path, error))?;
            let table: toml::Table = text
                .parse()
                .map_err(|error| Error::Refused(format!("{}: {error}", path.display())))?;
            figment = figment.merge(Serialized::defaults(table));
        }
        figment
            .merge(Env::prefixed("CHUANTOU_SERVER_").split("__"))
            .extract()
            .map_err(|error| Error::Refused(format!("the server's settings: {error}")))
    }

    /// The roles that local callers have.
    pub(crate) fn roles(&self) -> Result<Vec<Role>, Error> {
        let named = |text: &String| {
            let found = Role::ALL.into_iter().find(|role| role.code() == text);
            found.ok_or_else(|| {
                let codes = Role::ALL.map(Role::code).join(", ");
                Error::Refused(format!("no role is called {text}; there are {codes}"))
            })
        };
        self.local_roles.iter().map(named).collect()
    }

    pub(crate) fn sizes(&self) -> Sizes {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let workers = self.limits.workers;
        Sizes {
            workers: if workers == 0 { cores } else { workers },
            questions: self.limits.questions,
            past: self.limits.past_states,
            load_memory: self.limits.load_memory_mib << 20,
            group_wait: Duration::from_millis(self.limits.group_wait_ms),
            audit_reserve: u64::from(self.limits.audit_reserve_kib) << 10,
        }
    }

    pub(crate) fn answer_time(&self) -> Duration {
        Duration::from_secs(self.limits.answer_seconds)
    }

    pub(crate) fn load_time(&self) -> Duration {
        Duration::from_secs(self.limits.load_seconds)
    }
}
