//! `network`, `paths`, `group`, `signals`, `referrals`: for analysts.

use clap::Args;
use queries::relations::{PathsQuestion, When};
use queries::signals::SignalKind;

use super::Context;
use crate::Error;
use crate::answer::ask::{self, Around};
use crate::session::Session;

#[derive(Args, Debug)]
pub(crate) struct NetworkArgs {
    /// 主体 / credit code, person:KEY or id:TYPE:NUMBER
    subject: String,
    /// 几跳 / how many hops
    #[arg(long, default_value_t = 2)]
    hops: u32,
    /// 最多显示多少主体 / at most so many entities
    #[arg(long, default_value_t = 500)]
    cap: usize,
    /// 连同控制协议 / control agreements are links too
    #[arg(long)]
    agreements: bool,
}

#[derive(Args, Debug)]
pub(crate) struct PathsArgs {
    /// 甲 / from
    a: String,
    /// 乙 / to
    b: String,
    /// 最多几条 / how many at most
    #[arg(short, default_value_t = 3)]
    k: usize,
    /// 最多几步 / how many steps at most
    #[arg(long, default_value_t = 6)]
    max_hops: usize,
    /// 不限时间 / links of any time
    #[arg(long)]
    any_time: bool,
    /// 连同控制协议 / control agreements are links too
    #[arg(long)]
    agreements: bool,
}

#[derive(Args, Debug)]
pub(crate) struct GroupArgs {
    /// 主体 / credit code, person:KEY or id:TYPE:NUMBER
    subject: String,
}

#[derive(Args, Debug)]
pub(crate) struct SignalsArgs {
    /// 只看这一类 / only this kind
    #[arg(long, value_parser = parse_kind)]
    kind: Option<SignalKind>,
}

fn parse_kind(text: &str) -> Result<SignalKind, String> {
    SignalKind::from_code(text).ok_or_else(|| {
        let codes: Vec<&str> = SignalKind::ALL.iter().map(|kind| kind.code()).collect();
        format!("no such kind; there are {}", codes.join(", "))
    })
}

pub(crate) fn network(context: &Context, args: &NetworkArgs) -> Result<(), Error> {
    let session = Session::reading(&context.settings, "network")?;
    let start = session.subject(&args.subject)?;
    let around = Around {
        start,
        hops: args.hops,
        cap: args.cap,
        agreements: args.agreements,
    };
    let answer = session.sweep_without_duties(|sweep| ask::network(&session, sweep, around))?;
    context.output.object(&answer)?;
    if answer.capped {
        context.note("已达上限，还有更多 / the cap was hit, there is more: raise --cap");
    }
    Ok(())
}

pub(crate) fn paths(context: &Context, args: &PathsArgs) -> Result<(), Error> {
    let session = Session::reading(&context.settings, "paths")?;
    let (from, to) = (session.subject(&args.a)?, session.subject(&args.b)?);
    let when = if args.any_time {
        When::AnyTime
    } else {
        When::On(session.as_of)
    };
    let question = PathsQuestion {
        from,
        to,
        k: args.k,
        max_hops: args.max_hops,
        when,
    };
    let (answers, hubs) = session
        .sweep_without_duties(|sweep| ask::paths(&session, sweep, question, args.agreements))?;
    context.output.list(
        &answers,
        &[("长度 length", "length"), ("步 steps", "steps")],
    )?;
    for subject in &hubs {
        context.note(&format!(
            "未穿过枢纽 / not walked through a hub: {}",
            subject.key
        ));
    }
    Ok(())
}

pub(crate) fn group(context: &Context, args: &GroupArgs) -> Result<(), Error> {
    let session = Session::reading(&context.settings, "group")?;
    let subject = session.subject(&args.subject)?;
    let answers = session.sweep_without_duties(|sweep| ask::group(&session, sweep, subject))?;
    context.output.list(
        &answers,
        &[
            ("最终控制人 controller", "controller.name"),
            ("循环 circular", "circular"),
            ("企业 organisations", "organisations"),
        ],
    )
}

pub(crate) fn signals(context: &Context, args: &SignalsArgs) -> Result<(), Error> {
    let session = Session::reading(&context.settings, "signals")?;
    let answers = session.sweep_without_duties(|sweep| ask::signals(&session, sweep, args.kind))?;
    context.output.list(
        &answers,
        &[
            ("类别 kind", "kind_name"),
            ("主体 subject", "subject.name"),
            ("标识 key", "subject.key"),
            ("案号 cases", "case_nos"),
            ("日期 on", "on"),
        ],
    )
}

pub(crate) fn referrals(context: &Context) -> Result<(), Error> {
    let session = Session::reading(&context.settings, "referrals")?;
    let answers = session.sweep_without_duties(|sweep| ask::referrals(&session, sweep))?;
    context.output.list(
        &answers,
        &[
            ("类别 kind", "kind_name"),
            ("主体 subject", "subject.name"),
            ("移送 to", "to.name"),
            ("案号 cases", "case_nos"),
        ],
    )
}
