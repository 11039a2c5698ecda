//! `serve`: the API.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use tracing_subscriber::filter::LevelFilter;

use super::Context;
use crate::Error;
use crate::http::settings::{Log, ServerSettings};
use crate::service::Service;
use crate::session::{Session, Settings};

/// The file in the data folder that says where the server is.
pub(crate) const DISCOVERY: &str = "server.json";

#[derive(Args, Default, Debug)]
pub(crate) struct ServeArgs {
    /// 监听地址 / where to listen; without authentication only loopback is accepted
    #[arg(long)]
    listen: Option<SocketAddr>,
    /// 配置文件 / the configuration, TOML
    #[arg(long)]
    config: Option<PathBuf>,
    /// 未设身份验证时本机用户的角色，可重复 / what everybody on this machine may be while no
    /// authentication is set up; default: everything
    #[arg(long = "local-role", value_name = "ROLE")]
    local_roles: Vec<String>,
}

pub(crate) fn run(context: &Context, args: &ServeArgs) -> Result<(), Error> {
    serve(context, &context.settings.data, args)
}

/// Serves the data in a folder until told to stop.
pub(crate) fn serve(context: &Context, data: &Path, args: &ServeArgs) -> Result<(), Error> {
    let mut settings = ServerSettings::read(args.config.as_deref())?;
    if let Some(listen) = args.listen {
        settings.listen = listen;
    }
    if !args.local_roles.is_empty() {
        settings.local_roles.clone_from(&args.local_roles);
    }
    log(&settings.log)?;
    let asked = Settings {
        data: data.to_owned(),
        reveal: false,
        ..context.settings.clone()
    };
    let Session {
        store, catalogue, ..
    } = Session::founding(&asked, "serve")?;
    let dir = store.dir().to_owned();
    let service = Service::start(store, catalogue, settings.sizes())?;
    let discovery = Discovery(dir.join(DISCOVERY));
    let served = crate::http::serve(service, &settings, |address| {
        let scheme = if settings.tls.is_some() {
            "https"
        } else {
            "http"
        };
        let url = format!("{scheme}://{address}");
        discovery.write(&url)?;
        context.note(&format!("就绪 / listening on {url}"));
        Ok(())
    });
    drop(discovery);
    served
}

/// The file that says where the server is; it goes when the server does.
struct Discovery(PathBuf);

impl Discovery {
    fn write(&self, url: &str) -> Result<(), Error> {
        let text = json!({"url": url, "pid": std::process::id()});
        fs::write(&self.0, format!("{text}\n")).map_err(|error| Error::io(&self.0, error))
    }
}

impl Drop for Discovery {
    fn drop(&mut self) {
        // It may be gone already; whoever reads it tries the address.
        let _ = fs::remove_file(&self.0);
    }
}

/// The address that a data folder's server left.
pub(crate) fn discovered(data: &Path) -> Option<String> {
    let text = fs::read_to_string(data.join(DISCOVERY)).ok()?;
    let found: serde_json::Value = serde_json::from_str(&text).ok()?;
    Some(found.get("url")?.as_str()?.to_owned())
}

fn log(log: &Log) -> Result<(), Error> {
    let level: LevelFilter = log
        .level
        .parse()
        .map_err(|_| Error::Refused("log.level: error, warn, info, debug or trace".into()))?;
    let lines = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_target(false)
        .with_ansi(false)
        .with_writer(std::io::stderr);
    // A second server in one process keeps the first one's log.
    let _ = if log.json {
        lines.json().try_init()
    } else {
        lines.try_init()
    };
    Ok(())
}
