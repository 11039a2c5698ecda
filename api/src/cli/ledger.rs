//! `batches`, `quarantine list`, `quarantine export`, `check`.

use std::fs;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use ::ingest::quarantine::ExportTable;
use clap::{Args, Subcommand};
use graph::id::Set;
use graph::store::{Store, StoreError};
use graph_rocks::RocksStore;
use serde_json::{Value, json};

use super::Context;
use crate::Error;
use crate::answer::{BatchAnswer, QuarantineAnswer};
use crate::output::Output;
use crate::session::{Session, Settings};

#[derive(Args, Debug)]
pub(crate) struct QuarantineArgs {
    #[command(subcommand)]
    act: QuarantineAct,
}

#[derive(Subcommand, Debug)]
enum QuarantineAct {
    /// 列出 / list
    List {
        /// 连同已解决的 / with those that were resolved
        #[arg(long)]
        all: bool,
    },
    /// 导出以便更正后重新装入（含原文，记入审计）/ give them in the source's columns, to
    /// correct and load again; holds what the source held, and goes into the audit
    Export {
        /// 只导出这个数据集 / only this record set
        #[arg(long)]
        set: Option<String>,
        /// 写入目录，每个数据集一个文件 / write a file a record set into this folder
        #[arg(long)]
        dir: Option<PathBuf>,
    },
}

pub(crate) fn batches(context: &Context) -> Result<(), Error> {
    let session = Session::reading(&context.settings, "batches")?;
    let batches = session.store.snapshot()?.batches()?;
    let known = batches
        .iter()
        .filter(|batch| batch.recorded_at <= session.known_at);
    let answers: Vec<BatchAnswer> = known.map(BatchAnswer::from).collect();
    context.output.list(
        &answers,
        &[
            ("批次 batch", "batch"),
            ("入库时间 recorded at", "recorded_at"),
            ("文件 files", "files"),
        ],
    )
}

pub(crate) fn quarantine(context: &Context, args: &QuarantineArgs) -> Result<(), Error> {
    match &args.act {
        QuarantineAct::List { all } => {
            let session = Session::reading(&context.settings, "quarantine list")?;
            let mut entries = session.store.snapshot()?.quarantine()?;
            entries.retain(|entry| *all || entry.resolved_in.is_none());
            let answers: Vec<QuarantineAnswer> =
                entries.iter().map(QuarantineAnswer::from).collect();
            context.output.list(
                &answers,
                &[
                    ("数据集 set", "set"),
                    ("文件 file", "file"),
                    ("位置 place", "place"),
                    ("栏目 field", "field"),
                    ("原因 reason", "reason"),
                    ("说明 message", "message"),
                ],
            )
        }
        QuarantineAct::Export { set, dir } => export(context, set.as_deref(), dir.as_deref()),
    }
}

/// What was not resolved, in the source's columns: through the usual formats, or
/// as a CSV a record set. Both hold what the source held, identity numbers too:
/// writing the audit entry takes access to the key, and files are for their
/// owner only.
fn export(context: &Context, set: Option<&str>, dir: Option<&Path>) -> Result<(), Error> {
    let revealing = Settings {
        reveal: true,
        ..context.settings.clone()
    };
    let session = Session::writing(&revealing, "quarantine export")?;
    let mut entries = session.store.snapshot()?.quarantine()?;
    let set = set.map(super::ingest::named_set).transpose()?;
    entries.retain(|entry| {
        let of_set = set.is_none_or(|set| entry.row.set == Some(set.number()));
        entry.resolved_in.is_none() && of_set
    });
    let tables = ::ingest::quarantine::export(&entries);
    if let Some(dir) = dir {
        return write_files(context, dir, &tables);
    }
    let mut rows = Vec::new();
    for table in &tables {
        for row in &table.rows {
            let cells = table
                .headers
                .iter()
                .cloned()
                .zip(row.iter().cloned().map(Value::from));
            let mut fields: serde_json::Map<String, Value> = cells.collect();
            fields.insert("set".into(), table.set.map(Set::name).into());
            rows.push(Value::Object(fields));
        }
    }
    let output = Output {
        reveal: true,
        ..context.output.clone()
    };
    output.list(&rows, &[])
}

fn write_files(context: &Context, dir: &Path, tables: &[ExportTable]) -> Result<(), Error> {
    fs::create_dir_all(dir).map_err(|error| Error::io(dir, error))?;
    let mut written = Vec::new();
    for (number, table) in (1u32..).zip(tables) {
        let path = dir.join(format!("{}-{number}.csv", table.stem()));
        let file = fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&path)
            .map_err(|error| Error::io(&path, error))?;
        let mut csv = csv::Writer::from_writer(file);
        let failed = |error: csv::Error| Error::io(&path, std::io::Error::other(error));
        csv.write_record(&table.headers).map_err(failed)?;
        for row in &table.rows {
            csv.write_record(row).map_err(failed)?;
        }
        csv.flush().map_err(|error| Error::io(&path, error))?;
        written.push(json!({"file": path.display().to_string(), "rows": table.rows.len()}));
    }
    context
        .output
        .list(&written, &[("文件 file", "file"), ("行数 rows", "rows")])
}

/// The store, with an interrupted load finished or thrown away first; beside
/// another process that writes, as it is.
fn whole_store(context: &Context) -> Result<RocksStore, Error> {
    let data = &context.settings.data;
    let beside = RocksStore::open_read_only(data)?;
    let no_secret = || Err(std::io::ErrorKind::NotFound.into());
    match RocksStore::open(data, no_secret) {
        Ok(store) => Ok(store),
        Err(StoreError::InUse { .. }) => Ok(beside),
        Err(error) => Err(error.into()),
    }
}

pub(crate) fn check(context: &Context) -> Result<(), Error> {
    let store = whole_store(context)?;
    let faults = store.verify()?;
    let answers: Vec<_> = faults
        .iter()
        .map(|fault| json!({"place": fault.place, "what": fault.what}))
        .collect();
    context
        .output
        .list(&answers, &[("位置 place", "place"), ("问题 fault", "what")])?;
    if faults.is_empty() {
        context.note("全部索引与记录一致 / every index fits the records");
        return Ok(());
    }
    Err(Error::Refused(format!(
        "{} faults in {}: restore a backup, or load the sources into a new folder",
        faults.len(),
        context.settings.data.display()
    )))
}
