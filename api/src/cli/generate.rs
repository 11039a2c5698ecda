//! `generate`: a synthetic city in the input formats, with the truth about what was planted.

use std::thread::available_parallelism;

use clap::Args;
use serde_json::{Value, json};
use synthetic::{Plan, size_named, write};

use super::Context;
use super::progress::Spinner;
use crate::Error;
use crate::output::Output;

#[derive(Args, Debug)]
pub(crate) struct GenerateArgs {
    /// 总行数，或 town（10 万）、county（500 万）、city（7000 万）/ rows in all files, or the name
    /// of a preset: town (100 000), county (5 000 000), city (70 000 000)
    #[arg(long, value_parser = parse_size)]
    size: u64,
    /// 种子：相同的规模和种子总是生成相同的文件 / the same size and seed always give the same files
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// 线程数，缺省为处理器数；不影响结果 / threads; default: as many as processors. The files do
    /// not depend on it
    #[arg(long)]
    threads: Option<usize>,
}

fn parse_size(text: &str) -> Result<u64, String> {
    size_named(text)
        .ok_or_else(|| "不是规模 / not a size: a number of rows, or town, county, city".into())
}

pub(crate) fn run(context: &Context, args: &GenerateArgs) -> Result<(), Error> {
    // `--out` is a global option; here it names the folder.
    let Some(folder) = &context.output.out else {
        let message = "写到哪里？/ where to? Name an empty folder: --out DIR";
        return Err(Error::Refused(message.into()));
    };
    let plan = Plan::new(args.size, args.seed)?;
    let threads = args
        .threads
        .unwrap_or_else(|| available_parallelism().map_or(1, usize::from));
    let spinner = Spinner::new(context.quiet, "生成 / generating");
    let of = plan.size();
    let summary = write(&plan, folder, threads, &mut |rows| {
        spinner.say(format!("已写 {rows}/{of} 行 / rows written"));
    })?;
    drop(spinner);
    let mut rows: Vec<Value> = summary
        .by_set()
        .iter()
        .map(|(set, files, rows, bytes)| json!({"set": set.name(), "files": files, "rows": rows, "bytes": bytes}))
        .collect();
    let files = summary.files.len();
    rows.push(json!({"set": "合计 total", "files": files, "rows": summary.rows(), "bytes": summary.bytes()}));
    let output = Output {
        out: None,
        ..context.output.clone()
    };
    output.list(
        &rows,
        &[
            ("数据集 set", "set"),
            ("文件 files", "files"),
            ("行 rows", "rows"),
            ("字节 bytes", "bytes"),
        ],
    )?;
    let (folder, day) = (folder.display(), plan.as_of());
    context.note(&format!(
        "真值 / the truth: {folder}/truth.json；提问日期 / the day to ask on: --as-of {day}"
    ));
    Ok(())
}
