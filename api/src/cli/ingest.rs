//! `ingest`: loads files as one batch.

use std::path::{Path, PathBuf};

use ::ingest::source::{Encoding, walk};
use ::ingest::{Options, ingest, set_named};
use clap::Args;
use graph::id::Set;
use graph::memory::MemoryStore;
use graph::store::Store;
use graph::time::Moment;
use serde_json::{Value, json};

use super::progress::Spinner;
use super::{Context, parse_recorded};
use crate::session::{Session, Settings, catalogue, vocabulary};
use crate::{Error, clock};

#[derive(Args, Debug)]
pub(crate) struct IngestArgs {
    /// 文件或目录 / files and folders
    #[arg(required = true)]
    paths: Vec<PathBuf>,
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
    let set = args.set.as_deref().map(named_set).transpose()?;
    let encoding = args.encoding.as_deref().map(named_encoding).transpose()?;
    let inputs = walk(&args.paths)?;
    let store = target(&context.settings, args.dry_run)?;
    let catalogue = catalogue(context.settings.catalogue.as_deref())?;
    let mut words = vocabulary(&catalogue);
    add_departments(&*store, &mut words)?;
    let options = Options {
        recorded_at: args.recorded_at.unwrap_or_else(clock::now),
        set,
        sheet: args.sheet.clone(),
        encoding,
        strict: args.strict,
        dry_run: args.dry_run,
        memory: args.memory,
        folder: waiting_room(&context.settings.data),
        threads: std::thread::available_parallelism().map_or(1, usize::from),
    };
    let mut progress = Spinner::new(context.quiet, "读取 / reading");
    let report = ingest(&*store, &inputs, &words, &options, &mut progress);
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

/// Where rows wait on disk: beside the data, or, for a dry run without any, in the
/// system's folder for such things.
fn waiting_room(data: &Path) -> PathBuf {
    if data.is_dir() {
        data.to_owned()
    } else {
        std::env::temp_dir()
    }
}

/// The store to load into. A trial run opens what there is for reading, and where
/// there is nothing yet leaves nothing behind.
fn target(settings: &Settings, dry_run: bool) -> Result<Box<dyn Store>, Error> {
    if !dry_run {
        return Ok(Box::new(Session::founding(settings, "ingest")?.store));
    }
    if Session::is_founded(settings) {
        return Ok(Box::new(Session::reading(settings, "ingest")?.store));
    }
    Ok(Box::new(MemoryStore::new(&[0; 32])))
}

/// A line a record set.
fn answer(context: &Context, report: &::ingest::report::Report) -> Result<(), Error> {
    let batch = report.batch.map(|batch| batch.0);
    let mut rows: Vec<Value> = Vec::new();
    for (set, counts) in &report.sets {
        let mut row = serde_json::to_value(counts)?;
        if let Some(fields) = row.as_object_mut() {
            fields.shift_insert(0, "set".into(), json!(set));
            fields.insert("batch".into(), json!(batch));
        }
        rows.push(row);
    }
    context.output.list(
        &rows,
        &[
            ("数据集 set", "set"),
            ("读入 read", "read"),
            ("新增 new", "new"),
            ("变更 changed", "changed"),
            ("未变 unchanged", "unchanged"),
            ("撤回 withdrawn", "withdrawn"),
            ("待更正 quarantined", "quarantined"),
        ],
    )
}

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

fn add_departments(store: &dyn Store, words: &mut ::ingest::Vocabulary) -> Result<(), Error> {
    let snapshot = store.snapshot()?;
    let newest = graph::change::BatchNo::MAX;
    snapshot.scan(Set::Departments, newest, &mut |version| {
        if let graph::record::Record::Department(department) = version.record {
            words.add_department(&department.code);
        }
        Ok(())
    })?;
    Ok(())
}
