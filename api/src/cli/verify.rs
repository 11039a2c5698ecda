//! `verify`: is this subject restricted, and why; a check record and a receipt.

use clap::Args;
use graph::change::{Change, Draft, Source};
use graph::id::{EntityId, Hex, Set};
use graph::record::{Check, Detail, Record};
use graph::store::{BatchInfo, Book, Snapshot, Store};
use graph::time::Moment;
use queries::control::ControlOverTime;
use queries::sweep::Sweep;

use super::Context;
use crate::answer::{Subject, Verification, restriction_answer};
use crate::receipt::ReceiptKey;
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
    let key = ReceiptKey::of(session.store.dir())?;
    let mut answer = verify(&session, args, subject, key.public())?;
    let text = serde_json::to_vec(&answer)?;
    answer.signature = key.sign(&text);
    record(&session, args, subject, &answer)?;
    if context.settings.reveal {
        session.reveal = true;
        answer.subject = session.describe_alone(&*session.store.snapshot()?, subject)?;
        for restriction in &mut answer.restrictions {
            restriction.subject = answer.subject.clone();
        }
    }
    context.output.object(&answer)
}

fn verify(
    session: &Session,
    args: &VerifyArgs,
    subject: EntityId,
    public_key: String,
) -> Result<Verification, Error> {
    let snapshot = session.store.snapshot()?;
    let world = session.world_around(subject)?;
    let control = ControlOverTime::new(&world);
    let sweep = Sweep::new(&world, &session.catalogue, &control);
    let day = session.as_of;
    let item = match args.item.as_deref() {
        None => None,
        Some(code) => Some(session.catalogue.item(code, day).ok_or_else(|| {
            Error::Refused(format!(
                "no item {code} is in force on {day}; see items.toml"
            ))
        })?),
    };
    let in_force = sweep
        .on(subject)
        .filter(|restriction| restriction.days.holds(day));
    let restrictions: Vec<_> = in_force
        .map(|restriction| restriction_answer(session, &sweep, restriction, day))
        .collect::<Result<_, _>>()?;
    // Binding or not: the receipt says which measures stand, the department
    // decides; only a binding one can become a gap.
    let blocking = item.map(|item| {
        sweep
            .blocking(subject, &item.category, day)
            .next()
            .is_some()
    });
    let newest = session.known_batch(&*snapshot)?;
    let answered_at = clock::now();
    Ok(Verification {
        receipt: receipt_id(subject, answered_at)?,
        subject: describe(session, &*snapshot, subject)?,
        known: session.knows(&*snapshot, subject)?,
        as_of: day.to_string(),
        known_at: session.known_at.to_string(),
        catalogue: session.catalogue.digest.clone(),
        data_version: newest.0,
        department: args.department.clone(),
        matter_no: args.matter_no.clone(),
        purpose: args.purpose.clone(),
        item: args.item.clone(),
        restricted: !restrictions.is_empty(),
        blocking,
        restrictions,
        sources: sources(&world.batches),
        answered_at: answered_at.to_string(),
        public_key,
        signature: String::new(),
    })
}

fn describe(
    session: &Session,
    snapshot: &dyn Snapshot,
    subject: EntityId,
) -> Result<Subject, Error> {
    session.describe_alone(snapshot, subject)
}

/// Unguessable, so that a receipt's id tells nothing about its subject.
fn receipt_id(subject: EntityId, at: Moment) -> Result<String, Error> {
    let mut serial = [0; 10];
    getrandom::fill(&mut serial)
        .map_err(|error| Error::Refused(format!("no random numbers: {error}")))?;
    let kind = if subject.is_organisation() { "o" } else { "p" };
    Ok(format!(
        "receipt-{}-{kind}{}",
        at.date().to_string().replace('-', ""),
        Hex(&serial)
    ))
}

/// Each record set, with the newest batch whose report speaks of it.
fn sources(batches: &[BatchInfo]) -> Vec<crate::answer::ConsultedSource> {
    let newest = |set: Set| {
        batches.iter().rev().find(|batch| {
            serde_json::from_str::<serde_json::Value>(&batch.report)
                .is_ok_and(|report| report.pointer(&format!("/sets/{}", set.name())).is_some())
        })
    };
    let sets = Set::ALL.into_iter().filter(|set| *set != Set::Persons);
    sets.map(|set| crate::answer::ConsultedSource {
        set: set.name(),
        fresh_as_of: newest(set).map(|batch| batch.recorded_at.to_string()),
    })
    .collect()
}

/// Keeps the receipt, and the look itself as a check record.
fn record(
    session: &Session,
    args: &VerifyArgs,
    subject: EntityId,
    answer: &Verification,
) -> Result<(), Error> {
    let now = clock::now();
    let key = answer.receipt.as_bytes().to_vec();
    let sealed = session
        .store
        .keys()
        .seal(&key, &serde_json::to_vec(answer)?);
    let check = Record::Check(Check {
        check_no: answer.receipt.clone(),
        department: args.department.clone(),
        subject,
        checked_on: now.date(),
        matter_no: args.matter_no.clone(),
    });
    let mut detail = Detail::new();
    detail.extend(
        args.purpose
            .clone()
            .map(|purpose| ("purpose".to_owned(), purpose)),
    );
    // A back-filled batch may be dated ahead of the clock: recorded time never goes back.
    let newest = session
        .store
        .snapshot()?
        .batches()?
        .last()
        .map(|batch| batch.recorded_at);
    session.store.commit(Draft {
        recorded_at: newest.map_or(now, |newest| newest.max(now)),
        files: vec!["verify".into()],
        changes: vec![Change::Put {
            record: check,
            detail,
            source: Source { file: 0, line: 1 },
        }],
        quarantine: Vec::new(),
        resolved: Vec::new(),
        report: r#"{"sets":{"checks":{"read":1,"new":1}}}"#.into(),
        entries: vec![(Book::Receipt, key, sealed)],
    })?;
    Ok(())
}
