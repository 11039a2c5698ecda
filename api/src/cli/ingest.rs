//! `ingest`: loads files as one batch.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ::ingest::source::{Encoding, walk};
use ::ingest::{Options, set_named};
use clap::Args;
use graph::id::Set;
use graph::memory::MemoryStore;
use graph::store::Store;
use graph::time::Moment;
use serde_json::Value;

use super::progress::Spinner;
use super::remote::Remote;
use super::{Context, parse_recorded};
use crate::service::load;
use crate::session::{Session, Settings, catalogue};
use crate::{Error, clock};

#[derive(Args, Clone, Debug)]
pub(crate) struct IngestArgs {
    /// 文件或目录 / files and folders
    #[arg(required_unless_present = "watch")]
    paths: Vec<PathBuf>,
    /// 持续装入投放到此目录的文件，装好的移入 done/，失败的移入 failed/ / goes on loading what is
    /// dropped into this folder; what was loaded goes to done/, what failed to failed/
    #[arg(long, value_name = "DIR", conflicts_with = "paths")]
    watch: Option<PathBuf>,
    /// 每隔几秒查看一次 / look every so many seconds
    #[arg(long, default_value_t = 5, requires = "watch")]
    every: u64,
    /// 所有文件都是这个数据集 / all files are of this record set
    #[arg(long)]
    set: Option<String>,
    /// 工作表名 / the sheet of every workbook; default: the first
    #[arg(long)]
    sheet: Option<String>,
    /// 文字编码 utf-8 或 gb18030 / text encoding; default: told from the bytes
    #[arg(long)]
    encoding: Option<String>,
    /// 补录时的入库时间 / recorded time of the batch, when history is back-filled
    #[arg(long, value_parser = parse_recorded)]
    recorded_at: Option<Moment>,
    /// 有一行不合格就整批拒绝 / refuse the whole batch when a row is quarantined
    #[arg(long)]
    strict: bool,
    /// 只校验，不写入 / do everything but write
    #[arg(long)]
    dry_run: bool,
    /// 约用多少内存，如 512M、4G / about how much memory to use
    #[arg(long, default_value = "4G", value_parser = parse_bytes)]
    memory: usize,
}

/// Bytes with a unit: `512M`, `4G`, `4GiB`.
fn parse_bytes(text: &str) -> Result<usize, String> {
    let wrong = || format!("{text} is not an amount of memory: write it as 512M or 4G");
    let upper = text.trim().to_ascii_uppercase();
    let short = upper.trim_end_matches('B').trim_end_matches('I');
    let (digits, shift) = match short.char_indices().last() {
        Some((place, 'K')) => (short.get(..place), 10),
        Some((place, 'M')) => (short.get(..place), 20),
        Some((place, 'G')) => (short.get(..place), 30),
        _ => (Some(short), 0),
    };
    let number: usize = digits
        .and_then(|digits| digits.trim().parse().ok())
        .ok_or_else(wrong)?;
    number.checked_mul(1 << shift).ok_or_else(wrong)
}

pub(crate) fn run(context: &Context, args: &IngestArgs) -> Result<(), Error> {
    match &args.watch {
        None => once(context, args),
        Some(folder) => watch(context, args, folder),
    }
}

/// Loads each file of a folder once it has stopped growing. A file is a batch.
fn watch(context: &Context, args: &IngestArgs, folder: &Path) -> Result<(), Error> {
    let (done, failed) = (folder.join("done"), folder.join("failed"));
    for dir in [&done, &failed] {
        fs::create_dir_all(dir).map_err(|error| Error::io(dir, error))?;
    }
    context.note(&format!("等待文件 / watching {}", folder.display()));
    let mut seen: BTreeMap<PathBuf, u64> = BTreeMap::new();
    loop {
        for path in settled(folder, &mut seen)? {
            let one = IngestArgs {
                paths: vec![path.clone()],
                watch: None,
                ..args.clone()
            };
            let target = match once(context, &one) {
                Ok(()) => &done,
                Err(error) => {
                    context.note(&format!("{}: {error}", path.display()));
                    &failed
                }
            };
            move_into(&path, target)?;
            seen.remove(&path);
        }
        std::thread::sleep(Duration::from_secs(args.every.max(1)));
    }
}

/// The files whose size has not changed since the last look.
fn settled(folder: &Path, seen: &mut BTreeMap<PathBuf, u64>) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| Error::io(folder, error))? {
        let entry = entry.map_err(|error| Error::io(folder, error))?;
        let path = entry.path();
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        // A file that is taken away meanwhile is none.
        let Some(size) = entry.metadata().ok().filter(|it| it.is_file() && !hidden) else {
            continue;
        };
        if seen.insert(path.clone(), size.len()) == Some(size.len()) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Moves a file, under another name when there is one of its name.
fn move_into(path: &Path, dir: &Path) -> Result<(), Error> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut target = dir.join(&*name);
    let mut number = 1;
    while target.exists() {
        number += 1;
        target = dir.join(format!("{number}-{name}"));
    }
    fs::rename(path, &target).map_err(|error| Error::io(path, error))
}

/// Sends the files to the server that holds the store.
fn through(context: &Context, args: &IngestArgs, remote: &Remote) -> Result<(), Error> {
    let mut options: Vec<(&str, String)> = Vec::new();
    let texts = [
        ("set", &args.set),
        ("sheet", &args.sheet),
        ("encoding", &args.encoding),
    ];
    for (name, text) in texts {
        options.extend(text.clone().map(|text| (name, text)));
    }
    options.extend(args.recorded_at.map(|at| ("recorded_at", at.to_string())));
    for (name, flag) in [("strict", args.strict), ("dry_run", args.dry_run)] {
        options.extend(flag.then(|| (name, "true".to_owned())));
    }
    let answer = remote.upload(&args.paths, &options)?;
    let rows = answer.get("sets").and_then(Value::as_array);
    context
        .output
        .list(rows.map(Vec::as_slice).unwrap_or_default(), COLUMNS)?;
    let refused = answer.pointer("/report/refused").and_then(Value::as_array);
    let refused: Vec<&str> = refused
        .into_iter()
        .flatten()
        .filter_map(|file| file.get("message")?.as_str())
        .collect();
    if refused.is_empty() {
        return Ok(());
    }
    Err(Error::Refused(format!(
        "{}; the other files were loaded",
        refused.join("; ")
    )))
}

fn once(context: &Context, args: &IngestArgs) -> Result<(), Error> {
    if let Some(remote) = Remote::of(context)? {
        return through(context, args, &remote);
    }
    let set = args.set.as_deref().map(named_set).transpose()?;
    let encoding = args.encoding.as_deref().map(named_encoding).transpose()?;
    let inputs = walk(&args.paths)?;
    let store = target(&context.settings, args.dry_run)?;
    let catalogue = catalogue(context.settings.catalogue.as_deref())?;
    let options = Options {
        recorded_at: args.recorded_at.unwrap_or_else(clock::now),
        set,
        sheet: args.sheet.clone(),
        encoding,
        strict: args.strict,
        dry_run: args.dry_run,
        memory: args.memory,
        folder: context.settings.data.clone(),
        threads: std::thread::available_parallelism().map_or(1, usize::from),
    };
    let mut progress = Spinner::new(context.quiet, "读取 / reading");
    let report = load::load(&*store, &catalogue, &inputs, &options, &mut progress);
    drop(progress);
    let report = match report {
        Ok(report) => report,
        Err(::ingest::Error::Strict { report }) => {
            answer(context, &report)?;
            return Err(::ingest::Error::Strict { report }.into());
        }
        Err(error) => return Err(error.into()),
    };
    answer(context, &report)?;
    for refused in &report.refused {
        context.note(&format!("未装入 / not loaded: {}", refused.message));
    }
    for example in &report.examples {
        let finding = serde_json::to_value(example.finding)?;
        let finding = finding.as_str().unwrap_or_default();
        context.note(&format!(
            "提示 / finding: {}:{}: {finding}",
            example.file, example.line
        ));
    }
    if report.quarantined() > 0 {
        context.note("有行待更正 / rows were quarantined: `chuantou quarantine list`");
    }
    if report.refused.is_empty() {
        return Ok(());
    }
    let files: Vec<&str> = report
        .refused
        .iter()
        .map(|refused| refused.file.as_str())
        .collect();
    Err(Error::Refused(format!(
        "{} were not loaded; the other files were",
        files.join(", ")
    )))
}

/// The store to load into. A trial run opens what there is for reading, and where
/// there is nothing yet leaves nothing behind.
fn target(settings: &Settings, dry_run: bool) -> Result<Arc<dyn Store>, Error> {
    if !dry_run {
        return Ok(Session::founding(settings, "ingest")?.store);
    }
    if Session::is_founded(settings) {
        return Ok(Session::reading(settings, "ingest")?.store);
    }
    Ok(Arc::new(MemoryStore::new(&[0; 32])))
}

/// A line a record set.
fn answer(context: &Context, report: &::ingest::report::Report) -> Result<(), Error> {
    let rows = load::lines(report)?;
    context.output.list(&rows, COLUMNS)
}

const COLUMNS: &[crate::output::Column] = &[
    ("数据集 set", "set"),
    ("读入 read", "read"),
    ("新增 new", "new"),
    ("变更 changed", "changed"),
    ("未变 unchanged", "unchanged"),
    ("撤回 withdrawn", "withdrawn"),
    ("待更正 quarantined", "quarantined"),
];

pub(super) fn named_set(text: &str) -> Result<Set, Error> {
    set_named(text).ok_or_else(|| {
        let names: Vec<&str> = Set::ALL.iter().take(14).map(|set| set.name()).collect();
        Error::Refused(format!(
            "no record set is called {text}; there are {}",
            names.join(", ")
        ))
    })
}

fn named_encoding(text: &str) -> Result<Encoding, Error> {
    match text.to_ascii_lowercase().as_str() {
        "utf-8" | "utf8" => Ok(Encoding::Utf8),
        "gb18030" | "gbk" | "gb2312" => Ok(Encoding::Gb18030),
        _ => Err(Error::Refused(format!(
            "unknown encoding {text}; use utf-8 or gb18030"
        ))),
    }
}
