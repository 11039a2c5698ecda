//! `verify`: is this subject restricted, and why; a check record and a receipt.

use clap::Args;
use graph::change::Draft;
use graph::store::{Book, Store};

use serde_json::json;

use super::Context;
use super::remote::{self, Remote};
use crate::answer::Verification;
use crate::audit::{Event, answer_digest};
use crate::receipt::{self, KeyRing};
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
    let sources = verification::sources(&session)?;
    let mut answer = session.sweep_around(subject, |sweep| {
        verification::answer(&session, sweep, &question, sources)
    })?;
    let ring = KeyRing::of(session.store.dir(), clock::now())?;
    answer.public_key = ring.public_key().public;
    let bytes = serde_json::to_vec(&answer)?;
    if let Some(signed) = receipt::sign_group(&ring, &[bytes], clock::now()).pop() {
        answer.signature = signed.signature;
        answer.proof = Some(signed.proof);
    }
    record(&session, &question, &answer)?;
    if context.settings.reveal {
        session.reveal = true;
        answer.subject = session.describe_alone(&*session.store.snapshot()?, subject)?;
        for restriction in &mut answer.restrictions {
            restriction.subject = answer.subject.clone();
        }
    }
    context.output.object(&answer)
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

/// Keeps the receipt, and the look itself as a check record.
fn record(session: &Session, question: &Question, answer: &Verification) -> Result<(), Error> {
    let now = clock::now();
    let key = answer.receipt.as_bytes().to_vec();
    let sealed = session
        .store
        .keys()
        .seal(&key, &serde_json::to_vec(answer)?);
    let mut entries = session.audit_entries(Event {
        department: question.department.clone(),
        purpose: question.purpose.clone(),
        subject: Some(answer.subject.key.clone()),
        answer: Some(answer_digest(&serde_json::to_vec(answer)?)),
        ..Session::event("verify")
    })?;
    entries.push((Book::Receipt, key, sealed));
    // A back-filled batch may be dated ahead of the clock: recorded time never goes back.
    let batches = session.store.snapshot()?.batches()?;
    let newest = batches.last().map(|batch| batch.recorded_at);
    session.store.commit(Draft {
        recorded_at: newest.map_or(now, |newest| newest.max(now)),
        files: vec![VERIFY.into()],
        changes: vec![verification::check(question, &answer.receipt, now, 1)],
        quarantine: Vec::new(),
        resolved: Vec::new(),
        report: r#"{"sets":{"checks":{"read":1,"new":1}}}"#.into(),
        entries,
    })?;
    Ok(())
}
