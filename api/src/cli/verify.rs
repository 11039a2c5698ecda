//! `verify`: is this subject restricted, and why; a check record and a receipt.

use clap::Args;
use graph::change::Draft;
use graph::store::{Book, Store};

use super::Context;
use crate::answer::Verification;
use crate::receipt::ReceiptKey;
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
    let key = ReceiptKey::of(session.store.dir())?;
    let sources = verification::sources(&session)?;
    let mut answer =
        session.sweep(|sweep| verification::answer(&session, sweep, &question, sources))?;
    answer.public_key = key.public();
    let text = serde_json::to_vec(&answer)?;
    answer.signature = key.sign(&text);
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

/// Keeps the receipt, and the look itself as a check record.
fn record(session: &Session, question: &Question, answer: &Verification) -> Result<(), Error> {
    let now = clock::now();
    let key = answer.receipt.as_bytes().to_vec();
    let sealed = session
        .store
        .keys()
        .seal(&key, &serde_json::to_vec(answer)?);
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
        entries: vec![(Book::Receipt, key, sealed)],
    })?;
    Ok(())
}
