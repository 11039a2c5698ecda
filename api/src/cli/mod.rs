//! The command line: one command a file.

mod control;
mod demo;
mod explain;
mod gaps;
mod generate;
mod indicators;
mod ingest;
mod ledger;
mod offenders;
mod progress;
mod relations;
mod restrictions;
mod verify;

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::{Args, Parser, Subcommand};
use graph::time::{Date, Moment};

use crate::Error;
use crate::output::{Format, Output};
use crate::session::Settings;

/// 穿透：信用主体关联与惩戒到人 / Penetration from cases to the responsible person.
#[derive(Parser, Debug)]
#[command(name = "chuantou", version, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Args, Debug)]
struct Global {
    /// 数据目录 / the data folder
    #[arg(
        long,
        global = true,
        env = "CHUANTOU_DATA",
        default_value = "./chuantou-data"
    )]
    data: PathBuf,
    /// 规则目录，缺省用内置的 / folder of the rule catalogue; default: the one shipped
    #[arg(long, global = true)]
    catalogue: Option<PathBuf>,
    /// 输出格式 / format of the answer
    #[arg(long, global = true, value_enum)]
    format: Option<Format>,
    /// 输出文件 / write the answer to this file
    #[arg(long, global = true)]
    out: Option<PathBuf>,
    /// 哪一天的情况，缺省为今天 / what was true on this day; default: today
    #[arg(long, global = true, value_parser = parse_date)]
    as_of: Option<Date>,
    /// 截至何时所知，缺省为现在 / as known at this time; default: now
    #[arg(long, global = true, value_parser = parse_known)]
    known_at: Option<Moment>,
    /// 显示姓名和证件号码（记入审计）/ show names and numbers; goes into the audit
    #[arg(long, global = true)]
    reveal: bool,
    /// 少说话 / no progress, no notes
    #[arg(long, global = true)]
    quiet: bool,
    /// 多说话 / say more
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// 在样例城市上走一遍 / the main job on the sample city, told as a tour
    Demo(demo::DemoArgs),
    /// 装入文件 / load files as one batch
    Ingest(ingest::IngestArgs),
    /// 已装入的批次 / the batches that were loaded
    Batches,
    /// 待更正的行 / rows that could not be understood
    Quarantine(ledger::QuarantineArgs),
    /// 核查一个主体 / is this subject restricted, and why; with a receipt
    Verify(verify::VerifyArgs),
    /// 惩戒措施 / restrictions in force, with grounds; or leads
    Restrictions(restrictions::RestrictionsArgs),
    /// 谁控制它 / who controls an organisation
    Controllers(control::OrgArgs),
    /// 受益所有人 / the beneficial owners of an organisation
    Owners(control::OrgArgs),
    /// 高频失信主体 / high-frequency offenders
    Offenders(offenders::OffendersArgs),
    /// 应查未查、应惩未惩等 / gaps, their life, the notification
    Gaps(gaps::GapsArgs),
    /// 评估指标 / the policy's indicators
    Indicators(indicators::IndicatorsArgs),
    /// 周边关系 / the entities within some hops
    Network(relations::NetworkArgs),
    /// 两个主体之间的路径 / the shortest paths between two
    Paths(relations::PathsArgs),
    /// 同一最终控制人之下 / everything under one ultimate controller
    Group(relations::GroupArgs),
    /// 规避迹象，供分析 / signals for analysts, never a restriction
    Signals(relations::SignalsArgs),
    /// 移送线索 / referrals to superiors, audit and discipline
    Referrals,
    /// 完整依据，直到来源行 / the whole proof, down to the source row
    Explain(explain::ExplainArgs),
    /// 生成一座虚构的城市，附真值 / a synthetic city in the input formats, with the truth about it
    Generate(generate::GenerateArgs),
    /// 检查数据库 / verify every index against the records
    Check,
}

/// What every command is given.
pub(crate) struct Context {
    pub(crate) settings: Settings,
    pub(crate) output: Output,
    pub(crate) quiet: bool,
}

impl Context {
    /// A remark for the person at the terminal, on standard error.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet {
            // Nobody can be told that telling failed.
            let _ = writeln!(io::stderr(), "{text}");
        }
    }
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    ExitCode::from(run_from(std::env::args_os()))
}

/// Runs a command line (the first argument is the program's name) and gives its
/// exit status: 0 done, 1 the request failed, 2 wrong usage.
pub fn run_from<T: Into<OsString> + Clone>(args: impl IntoIterator<Item = T>) -> u8 {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(asked) => {
            // Help and version are asked for, everything else is wrong usage.
            let _ = asked.print();
            return if asked.use_stderr() { 2 } else { 0 };
        }
    };
    let context = Context {
        settings: Settings {
            data: cli.global.data,
            catalogue: cli.global.catalogue,
            as_of: cli.global.as_of,
            known_at: cli.global.known_at,
            reveal: cli.global.reveal,
        },
        output: Output {
            format: cli.global.format,
            out: cli.global.out,
            reveal: cli.global.reveal,
        },
        quiet: cli.global.quiet,
    };
    let begun = Instant::now();
    let done = run(&context, cli.command);
    if cli.global.verbose > 0 {
        let (data, took) = (context.settings.data.display(), begun.elapsed().as_millis());
        context.note(&format!(
            "数据目录 / data folder {data}；用时 / took {took} ms"
        ));
    }
    match done {
        Ok(()) => 0,
        Err(error) if error.is_closed_pipe() => 0,
        Err(error) => {
            let _ = writeln!(io::stderr(), "chuantou: {error}{}", causes(&error));
            1
        }
    }
}

fn run(context: &Context, command: Command) -> Result<(), Error> {
    match command {
        Command::Demo(args) => demo::run(context, &args),
        Command::Ingest(args) => ingest::run(context, &args),
        Command::Batches => ledger::batches(context),
        Command::Quarantine(args) => ledger::quarantine(context, &args),
        Command::Verify(args) => verify::run(context, &args),
        Command::Restrictions(args) => restrictions::run(context, &args),
        Command::Controllers(args) => control::controllers(context, &args),
        Command::Owners(args) => control::owners(context, &args),
        Command::Offenders(args) => offenders::run(context, &args),
        Command::Gaps(args) => gaps::run(context, &args),
        Command::Indicators(args) => indicators::run(context, &args),
        Command::Network(args) => relations::network(context, &args),
        Command::Paths(args) => relations::paths(context, &args),
        Command::Group(args) => relations::group(context, &args),
        Command::Signals(args) => relations::signals(context, &args),
        Command::Referrals => relations::referrals(context),
        Command::Explain(args) => explain::run(context, &args),
        Command::Generate(args) => generate::run(context, &args),
        Command::Check => ledger::check(context),
    }
}

fn causes(error: &dyn std::error::Error) -> String {
    let mut text = String::new();
    let mut next = error.source();
    while let Some(cause) = next {
        let line = cause.to_string();
        if !text.contains(&line) && !error.to_string().contains(&line) {
            text.push_str(": ");
            text.push_str(&line);
        }
        next = cause.source();
    }
    text
}

fn parse_date(text: &str) -> Result<Date, String> {
    match ::ingest::value::parse_date(text) {
        Ok(Some(day)) => Ok(day),
        _ => Err("不是日期 / not a date: write YYYY-MM-DD".into()),
    }
}

/// A date means that day's last instant.
fn parse_known(text: &str) -> Result<Moment, String> {
    parse_moment(text, Moment::end_of)
}

/// A date means that day's first instant.
pub(crate) fn parse_recorded(text: &str) -> Result<Moment, String> {
    parse_moment(text, Moment::start_of)
}

fn parse_moment(text: &str, of_day: impl Fn(Date) -> Moment) -> Result<Moment, String> {
    if let Some(day) = Date::parse(text.trim()) {
        return Ok(of_day(day));
    }
    match ::ingest::value::parse_moment(text) {
        Ok(Some(moment)) if text.contains(':') => Ok(moment),
        Ok(Some(moment)) => Ok(of_day(moment.date())),
        _ => Err("不是日期时间 / not a time: write YYYY-MM-DD or YYYY-MM-DDTHH:MM:SS+08:00".into()),
    }
}
