//! Verifying a subject: the answer, the check that it leaves, the receipt.
//!
//! One code for the counter's command and for the service. It writes nothing:
//! whoever asks commits what [`Verified`] holds.

use std::sync::{Mutex, PoisonError};

use graph::change::{Change, Source};
use graph::id::{EntityId, Hex};
use graph::record::{Check, Detail, Record};
use graph::store::Store;
use graph::time::Moment;
use queries::sweep::Sweep;

use super::timeline::Timeline;
use crate::answer::{ConsultedSource, Verification, restriction_answer};
use crate::receipt::BEGINS;
use crate::session::Session;
use crate::{Error, clock};

/// What is asked, and by whom.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    /// About whom.
    pub(crate) subject: EntityId,
    /// Does a restriction block this item.
    pub(crate) item: Option<String>,
    /// The department that asks.
    pub(crate) department: Option<String>,
    /// For which matter.
    pub(crate) matter_no: Option<String>,
    /// Why.
    pub(crate) purpose: Option<String>,
}

/// Answers on the session's day. Sources and signature are still empty: whoever signs
/// adds them.
pub(crate) fn answer(
    session: &Session,
    sweep: &Sweep<'_>,
    question: &Question,
) -> Result<Verification, Error> {
    let (subject, day) = (question.subject, session.as_of);
    let item = match question.item.as_deref() {
        None => None,
        Some(code) => Some(session.catalogue.item(code, day).ok_or_else(|| {
            Error::Missing(format!(
                "no item {code} is in force on {day}; see items.toml"
            ))
        })?),
    };
    let in_force = sweep
        .on(subject)
        .filter(|restriction| restriction.days.holds(day));
    let restrictions: Vec<_> = in_force
        .map(|restriction| restriction_answer(session, sweep, restriction, day))
        .collect::<Result<_, _>>()?;
    // Binding or not: the receipt says which measures stand, the department
    // decides; only a binding one can become a gap.
    let blocking = item.map(|item| {
        let mut found = sweep.blocking(subject, &item.category, day);
        found.next().is_some()
    });
    let newest = match session.batch {
        Some(batch) => batch,
        None => session.known_batch(&*session.store.snapshot()?)?,
    };
    let (described, is_registered) = match session.named_in_memory(subject) {
        Some(described) => described,
        None => session.describe_registered(&*session.store.snapshot()?, subject)?,
    };
    let answered_at = clock::now();
    Ok(Verification {
        receipt: receipt_id(subject, answered_at)?,
        subject: described,
        known: is_registered || session.knows(&*session.store.snapshot()?, subject)?,
        as_of: day.to_string(),
        known_at: session.known_at.to_string(),
        catalogue: session.catalogue.digest.clone(),
        data_version: newest.0,
        department: question.department.clone(),
        matter_no: question.matter_no.clone(),
        purpose: question.purpose.clone(),
        item: question.item.clone(),
        restricted: !restrictions.is_empty(),
        blocking,
        restrictions,
        sources: Vec::new(),
        answered_at: answered_at.to_string(),
        signature: String::new(),
        proof: None,
    })
}

/// The sources that a question at the session's moment consults.
pub(crate) fn sources(session: &Session) -> Result<Vec<ConsultedSource>, Error> {
    let timeline = Timeline::of(&session.store.snapshot()?.batches()?);
    let no = timeline.known(session.known_at);
    Ok(ConsultedSource::together(timeline.sources(no)))
}

/// Unguessable, so that a receipt's id tells nothing about its subject; the time of day
/// before the random part has the book of receipts grow at its end.
fn receipt_id(subject: EntityId, at: Moment) -> Result<String, Error> {
    let serial = drawn()?;
    let kind = if subject.is_organisation() { "o" } else { "p" };
    let day = at.date();
    let passed = at.0.saturating_sub(Moment::start_of(day).0);
    let day = day.to_string().replace('-', "");
    Ok(format!("{BEGINS}{day}-{kind}{passed:07x}{}", Hex(&serial)))
}

/// Bytes of a receipt's serial.
const SERIAL: usize = 10;

/// Random bytes; the system is asked for many at once, and none is used twice.
fn drawn() -> Result<[u8; SERIAL], Error> {
    static STOCK: Mutex<Vec<[u8; SERIAL]>> = Mutex::new(Vec::new());
    let mut stock = STOCK.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(serial) = stock.pop() {
        return Ok(serial);
    }
    let mut bytes = [0; 64 * SERIAL];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::Refused(format!("no random numbers: {error}")))?;
    let (serials, _) = bytes.as_chunks::<SERIAL>();
    stock.extend_from_slice(serials);
    let last = stock.pop();
    last.ok_or_else(|| Error::Refused("no random numbers".into()))
}

/// The look itself as a check record: the `line`th of its batch.
pub(crate) fn check(question: &Question, receipt: String, at: Moment, line: u32) -> Change {
    let record = Record::Check(Check {
        check_no: receipt,
        department: question.department.clone(),
        subject: question.subject,
        checked_on: at.date(),
        matter_no: question.matter_no.clone(),
    });
    // The number is the receipt's, drawn at random; why somebody looked stands there
    // (`answer/texts.rs`).
    Change::Add {
        record,
        detail: Detail::new(),
        source: Source { file: 0, line },
    }
}
