//! `gaps`: the gaps that hold, what was answered, the department's notification.

use std::path::Path;

use clap::{Args, Subcommand};
use graph::change::BatchNo;
use graph::store::Store;
use queries::gaps::GapKind;

use serde_json::json;

use super::Context;
use super::progress::Spinner;
use super::remote::{self, Remote};
use crate::answer::ask::Window;
use crate::feed::{Attachment, Said, Saying, State, check_saying};
use crate::gapflow::{self, Wanted};
use crate::notify;
use crate::session::Session;
use crate::{Error, clock};

#[derive(Args, Debug)]
pub(crate) struct GapsArgs {
    #[command(subcommand)]
    act: Option<GapsAct>,
    /// 只看这一类 / only this kind
    #[arg(long, value_parser = parse_kind)]
    kind: Option<GapKind>,
    /// 只看这个部门 / only this department
    #[arg(long)]
    department: Option<String>,
    /// 连同不再成立的 / with those that no longer hold
    #[arg(long)]
    all: bool,
    /// 自某批次以来有变化的，含不再成立的 / what changed since this batch, also what no longer holds
    #[arg(long)]
    since: Option<u32>,
}

#[derive(Subcommand, Debug)]
enum GapsAct {
    /// 答复一个缺口 / answer a gap
    Respond(RespondArgs),
    /// 写出部门通报 / write a department's notification
    Notify {
        /// 部门 / the department
        #[arg(long)]
        department: String,
        /// 答复期限（工作日）/ working days to answer
        #[arg(long, default_value_t = 5)]
        workdays: u32,
        /// 联系人 / whom to ask
        #[arg(long)]
        contact: Option<String>,
    },
}

#[derive(Args, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "one flag an answer")]
struct RespondArgs {
    /// 缺口编号 / the gap's id
    id: String,
    /// 属实 / accepted
    #[arg(long, conflicts_with_all = ["dispute", "dismiss", "reopen"])]
    accept: bool,
    /// 有异议 / disputed, with the reason
    #[arg(long, conflicts_with_all = ["dismiss", "reopen"])]
    dispute: bool,
    /// 不成立（信用办）/ dismissed by the credit office, with the reason
    #[arg(long, conflicts_with = "reopen")]
    dismiss: bool,
    /// 撤回不成立的认定（信用办）/ the credit office takes a dismissal back
    #[arg(long)]
    reopen: bool,
    /// 说明 / what was found
    #[arg(long)]
    reason: Option<String>,
    /// 谁答复 / who says so
    #[arg(long)]
    by: Option<String>,
    /// 附件：名称=SM3 摘要 / papers, each as NAME=SM3 of its bytes
    #[arg(long, value_parser = parse_attachment)]
    attachment: Vec<Attachment>,
}

fn parse_attachment(text: &str) -> Result<Attachment, String> {
    let parts = text.rsplit_once('=');
    let (name, digest) = parts.ok_or("write NAME=SM3, the digest as 64 hexadecimal digits")?;
    Ok(Attachment {
        name: name.to_owned(),
        digest: digest.to_owned(),
    })
}

fn parse_kind(text: &str) -> Result<GapKind, String> {
    let found = GapKind::ALL
        .into_iter()
        .find(|kind| kind.code() == text || kind.name() == text);
    found.ok_or_else(|| {
        let codes: Vec<&str> = GapKind::ALL.iter().map(|kind| kind.code()).collect();
        format!("no such kind; there are {}", codes.join(", "))
    })
}

pub(crate) fn run(context: &Context, args: &GapsArgs) -> Result<(), Error> {
    match &args.act {
        None => list(context, args),
        Some(GapsAct::Respond(respond)) => answer(context, respond),
        Some(GapsAct::Notify {
            department,
            workdays,
            contact,
        }) => {
            let path = context.output.out.clone().ok_or_else(|| {
                Error::Refused("the notification needs a file: give --out FILE.xlsx".into())
            })?;
            write_notification(context, department, *workdays, contact.as_deref(), &path)
        }
    }
}

fn list(context: &Context, args: &GapsArgs) -> Result<(), Error> {
    let session = Session::reading(&context.settings, "gaps")?;
    let spinner = Spinner::new(context.quiet, "计算 / working");
    let wanted = Wanted {
        kind: args.kind,
        department: args.department.clone(),
        settled: args.all,
        ..Wanted::default()
    };
    let answers = session.sweep(|sweep| match args.since {
        Some(since) => gapflow::changed(&session, sweep, &wanted, BatchNo(since)),
        None => gapflow::gaps(&session, sweep, &wanted, Window::ALL),
    })?;
    drop(spinner);
    context.output.list(&answers, COLUMNS)?;
    let newest = session.known_batch(&*session.store.snapshot()?)?;
    context.note(&format!("游标 / cursor for --since: {}", newest.0));
    Ok(())
}

const COLUMNS: &[crate::output::Column] = &[
    ("编号 id", "id"),
    ("类别 kind", "kind_name"),
    ("原因 reason", "reason"),
    ("部门 department", "department"),
    ("主体 subject", "subject.name"),
    ("办件 matter", "matter_no"),
    ("案号 case", "case_no"),
    ("措施 measure", "measure"),
    ("日期 on", "on"),
    ("程度 severity", "severity"),
    ("状态 state", "state"),
];

fn answer(context: &Context, args: &RespondArgs) -> Result<(), Error> {
    let said = match (args.accept, args.dispute, args.dismiss, args.reopen) {
        (true, ..) => Said::Accepted,
        (_, true, ..) => Said::Disputed,
        (_, _, true, _) => Said::Dismissed,
        (.., true) => Said::Reopened,
        _ => {
            return Err(Error::Refused(
                "say --accept, --dispute, --dismiss or --reopen".into(),
            ));
        }
    };
    let saying = Saying {
        at: clock::now().0,
        said,
        by: args.by.clone(),
        reason: args.reason.clone(),
        attachments: args.attachment.clone(),
    };
    if let Some(remote) = Remote::of(context)? {
        let fields = [
            ("said", json!(said.code())),
            ("reason", json!(args.reason)),
            ("attachments", json!(args.attachment)),
        ];
        let times = remote::times(context).into_iter();
        let day = times.filter(|(name, _)| *name == "as_of");
        let path = format!("/v1/gaps/{}/responses", remote::encoded(&args.id));
        let gap = remote.post(&path, &remote::object(fields.into_iter().chain(day)))?;
        return context.output.list(&[gap], COLUMNS);
    }
    let mut session = Session::writing(&context.settings, "gaps respond")?;
    let found = session.sweep(|sweep| gapflow::one(&session, sweep, &args.id))?;
    let Some(gap) = found else {
        return Err(Error::Refused(format!(
            "no gap {} is known; see `gaps --all`",
            args.id
        )));
    };
    let state = State::parse(&gap.state).unwrap_or(State::Open);
    check_saying(state, &saying).map_err(|why| Error::Refused(format!("{}: {why}", gap.id)))?;
    gapflow::say(&session, &[gap.id.as_str()], &saying)?;
    // What was just said is known from now on.
    session.known_at = session.known_at.max(clock::now());
    let now = session.sweep(|sweep| gapflow::one(&session, sweep, &gap.id))?;
    context.output.list(now.as_slice(), COLUMNS)
}

fn write_notification(
    context: &Context,
    department: &str,
    workdays: u32,
    contact: Option<&str>,
    path: &Path,
) -> Result<(), Error> {
    if let Some(remote) = Remote::of(context)? {
        let mut query = format!("?workdays={workdays}");
        let contact = contact.map(|text| ("contact", json!(text)));
        for (name, value) in remote::times(context).into_iter().chain(contact) {
            let text = value.as_str().unwrap_or_default();
            query.extend(["&", name, "=", &remote::encoded(text)]);
        }
        let name = remote::encoded(department);
        let bytes = remote.post_for_file(&format!("/v1/notifications/{name}.xlsx{query}"))?;
        std::fs::write(path, bytes).map_err(|error| Error::io(path, error))?;
        context.note(&format!("已写出 / wrote {}", path.display()));
        return Ok(());
    }
    let session = Session::writing(&context.settings, "gaps notify")?;
    let notice = session
        .sweep(|sweep| notify::Notice::of(&session, sweep, department, (workdays, contact)))?;
    notice.write(path)?;
    let ids: Vec<&str> = notice.gaps.iter().map(|gap| gap.id.as_str()).collect();
    gapflow::say(&session, &ids, &Saying::notified(clock::now()))?;
    context.note(&format!(
        "已写出 {0}，{1} 个缺口 / wrote {0}, {1} gaps",
        path.display(),
        notice.gaps.len()
    ));
    Ok(())
}
