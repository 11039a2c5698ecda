//! `audit verify`, `audit list`, `audit seals`: the log of who looked at whom.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use graph::store::Store;
use graph::time::Moment;
use serde_json::{Value, json};

use super::Context;
use super::remote::{self, Remote};
use crate::Error;
use crate::audit::{self, Event, Filter, Logged, Seal, What};
use crate::receipt::KeyRing;
use crate::session::Session;

#[derive(Subcommand, Debug)]
pub(crate) enum AuditAct {
    /// 检查日志是否被改动 / whether anything in the log was changed, removed or cut
    Verify {
        /// 另行保存的封印（`audit seals` 的 JSON）/ seals that were kept elsewhere, as
        /// `audit seals --format json` gave them: they must be there
        #[arg(long)]
        seals: Option<PathBuf>,
    },
    /// 列出（本次查阅也记入日志）/ list; this look is logged as well
    List(ListArgs),
    /// 封印，供另行保存 / the seals, to be kept elsewhere
    Seals,
}

#[derive(Args, Debug)]
pub(crate) struct ListArgs {
    /// 只看此人 / only this caller
    #[arg(long)]
    caller: Option<String>,
    /// 只看此主体 / only this subject, by key
    #[arg(long)]
    subject: Option<String>,
    /// 只看此操作 / only this action
    #[arg(long)]
    action: Option<String>,
    /// 起 / from
    #[arg(long, value_parser = super::parse_recorded)]
    from: Option<Moment>,
    /// 止 / to
    #[arg(long, value_parser = super::parse_known)]
    to: Option<Moment>,
    /// 此号之后 / after this number
    #[arg(long, default_value_t = 0)]
    after: u64,
    /// 至多几条 / at most so many
    #[arg(long, default_value_t = 1000)]
    limit: usize,
}

pub(crate) fn run(context: &Context, act: &AuditAct) -> Result<(), Error> {
    match act {
        AuditAct::Verify { seals } => verify(context, seals.as_ref()),
        AuditAct::List(args) => list(context, args),
        AuditAct::Seals => {
            let session = Session::reading(&context.settings, "audit seals")?;
            let seals = audit::seals(&*session.store.snapshot()?, session.store.keys())?;
            context.output.list(
                &seals,
                &[
                    ("日期 day", "day"),
                    ("至 last", "last"),
                    ("摘要 hash", "hash"),
                    ("密钥 key", "key"),
                ],
            )
        }
    }
}

fn verify(context: &Context, kept: Option<&PathBuf>) -> Result<(), Error> {
    let session = Session::reading(&context.settings, "audit verify")?;
    let kept: Vec<Seal> = match kept {
        None => Vec::new(),
        Some(path) => {
            let text = std::fs::read(path).map_err(|error| Error::io(path, error))?;
            serde_json::from_slice(&text).map_err(|error| {
                let what = format!("{}: no list of seals: {error}", path.display());
                Error::Refused(what)
            })?
        }
    };
    let ring = KeyRing::existing(session.store.dir())?;
    let public = ring.map(|ring| ring.public_keys()).unwrap_or_default();
    let snapshot = session.store.snapshot()?;
    let report = audit::verify_book(&*snapshot, session.store.keys(), &public, &kept)?;
    context.output.object(&report)?;
    if report.faults.is_empty() {
        context.note("审计日志完整 / the audit log is whole");
        return Ok(());
    }
    Err(Error::Refused(format!(
        "{} faults in the audit log, the first at entry {}: keep the folder as it is, and compare \
         it with a backup",
        report.faults.len(),
        report.faults.first().map_or(0, |fault| fault.seq)
    )))
}

const COLUMNS: &[(&str, &str)] = &[
    ("号 seq", "seq"),
    ("时间 at", "at"),
    ("谁 caller", "caller"),
    ("角色 role", "role"),
    ("部门 department", "department"),
    ("用途 purpose", "purpose"),
    ("操作 action", "action"),
    ("主体 subject", "subject"),
    ("结果 outcome", "outcome"),
];

/// The most entries of a page of the API.
const PAGE: usize = 1000;

/// The entries as the server tells them, page by page; the server logs the look.
fn list_through(remote: &Remote, args: &ListArgs) -> Result<Vec<Value>, Error> {
    let (mut rows, mut after) = (Vec::new(), args.after);
    while rows.len() < args.limit {
        let limit = PAGE.min(args.limit - rows.len());
        let mut path = format!("/v1/audit?cursor={after}&limit={limit}");
        let texts = [
            ("caller", args.caller.clone()),
            ("subject", args.subject.clone()),
            ("action", args.action.clone()),
            ("from", args.from.map(|at| at.to_string())),
            ("until", args.to.map(|at| at.to_string())),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                path.extend(["&", name, "=", &remote::encoded(&text)]);
            }
        }
        let mut page = remote.get(&path)?;
        if let Some(items) = page.get_mut("items").and_then(Value::as_array_mut) {
            rows.append(items);
        }
        match page.get("next").and_then(Value::as_u64) {
            Some(next) => after = next,
            None => break,
        }
    }
    Ok(rows)
}

fn list(context: &Context, args: &ListArgs) -> Result<(), Error> {
    if let Some(remote) = Remote::of(context)? {
        return context.output.list(&list_through(&remote, args)?, COLUMNS);
    }
    let session = Session::writing(&context.settings, "audit list")?;
    let filter = Filter {
        from: args.from,
        to: args.to,
        caller: args.caller.clone(),
        subject: args.subject.clone(),
        action: args.action.clone(),
    };
    let snapshot = session.store.snapshot()?;
    let found = audit::page(
        &*snapshot,
        session.store.keys(),
        &filter,
        args.after,
        args.limit,
    )?;
    let rows: Vec<Value> = found.iter().map(row).collect();
    let answer = audit::answer_digest(&serde_json::to_vec(&rows)?);
    drop(snapshot);
    session.audit(Event {
        subject: args.subject.clone(),
        answer: Some(answer),
        ..Session::event("audit_log")
    })?;
    context.output.list(&rows, COLUMNS)
}

/// An entry as one flat object.
fn row(entry: &Logged) -> Value {
    let mut row = json!({"seq": entry.seq, "at": Moment(entry.at).to_string()});
    let said = match &entry.what {
        What::Event(event) => json!(event),
        What::Seal(seal) => json!({"action": "seal", "seal": seal}),
    };
    if let (Some(row), Value::Object(said)) = (row.as_object_mut(), said) {
        row.extend(said);
    }
    row
}
