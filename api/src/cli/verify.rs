//! `verify`: is this subject restricted, and why; a check record and a receipt.

use std::sync::Arc;

use clap::Args;
use graph::change::{BatchNo, Draft};
use graph::store::Store;

use serde_json::{Value, json};

use super::Context;
use super::remote::{self, Remote};
use crate::audit::Event;
use crate::receipt::{Group, KeyRing, Shared, Slip};
use crate::service::timeline::VERIFY;
use crate::service::verification::{self, Question};
use crate::session::Session;
use crate::{Error, clock};

#[derive(Args, Debug)]
pub(crate) struct VerifyArgs {
    /// 信用代码、person:KEY 或 id:类型:号码 / credit code, person:KEY or id:TYPE:NUMBER
    subject: String,
    /// 事项编码：是否应予限制 / the item asked about: does a restriction block it
    #[arg(long)]
    item: Option<String>,
    /// 核查部门 / the department that asks
    #[arg(long)]
    department: Option<String>,
    /// 办件编号 / for which matter
    #[arg(long)]
    matter_no: Option<String>,
    /// 用途 / why
    #[arg(long)]
    purpose: Option<String>,
}

pub(crate) fn run(context: &Context, args: &VerifyArgs) -> Result<(), Error> {
    if let Some(remote) = Remote::of(context)? {
        return through(context, args, &remote);
    }
    let mut session = Session::writing(&context.settings, "verify")?;
    // What is signed and kept is masked, whoever asks.
    session.reveal = false;
    let subject = session.subject(&args.subject)?;
    let question = Question {
        subject,
        item: args.item.clone(),
        department: args.department.clone(),
        matter_no: args.matter_no.clone(),
        purpose: args.purpose.clone(),
    };
    let answer = session.sweep_around(subject, |sweep| {
        verification::answer(&session, sweep, &question)
    })?;
    let sources = verification::sources(&session)?;
    let shared = Shared::of(&answer.catalogue, BatchNo(answer.data_version), &sources)?;
    let slip = Slip::of(&answer, &Arc::new(shared))?;
    let mut told = record(&session, question, &slip)?;
    if context.settings.reveal {
        session.reveal = true;
        let subject = session.describe_alone(&*session.store.snapshot()?, subject)?;
        let subject = serde_json::to_value(subject)?;
        let restrictions = told.get_mut("restrictions").and_then(Value::as_array_mut);
        for restriction in restrictions.into_iter().flatten() {
            restriction["subject"] = subject.clone();
        }
        if let Some(fields) = told.as_object_mut() {
            fields.insert("subject".into(), subject);
        }
    }
    context.output.object(&told)
}

/// Asks the server that holds the store.
fn through(context: &Context, args: &VerifyArgs, remote: &Remote) -> Result<(), Error> {
    let fields = [
        ("subject", json!(args.subject)),
        ("item", json!(args.item)),
        ("department", json!(args.department)),
        ("matter_no", json!(args.matter_no)),
        ("purpose", json!(args.purpose)),
    ];
    let body = remote::object(fields.into_iter().chain(remote::times(context)));
    context
        .output
        .object(&remote.post("/v1/verifications", &body)?)
}

/// Signs the answer, keeps the receipt, and the look itself as a check record.
fn record(session: &Session, question: Question, slip: &Slip) -> Result<Value, Error> {
    let now = clock::now();
    let ring = KeyRing::of(session.store.dir(), now)?;
    let signed = Group::of(&ring, &[slip], now);
    let change = verification::check(&question, slip.id.clone(), now, 1);
    let mut entries = session.audit_entries(Event {
        department: question.department,
        purpose: question.purpose,
        subject: Some(question.subject.to_string()),
        answer: signed.digest(0),
        ..Session::event("verify")
    })?;
    entries.push(signed.entry(session.store.keys(), &[slip])?);
    // A back-filled batch may be dated ahead of the clock: recorded time never goes back.
    let batches = session.store.snapshot()?.batches()?;
    let newest = batches.last().map(|batch| batch.recorded_at);
    session.store.commit(Draft {
        recorded_at: newest.map_or(now, |newest| newest.max(now)),
        files: vec![VERIFY.into()],
        changes: vec![change],
        quarantine: Vec::new(),
        resolved: Vec::new(),
        report: signed.report(),
        entries,
    })?;
    let text = signed.texts(&[slip]).concat();
    Ok(serde_json::from_str(&text)?)
}
