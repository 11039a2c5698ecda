//! Gaps at work: which hold, which held, and what was said about each.
//!
//! Nothing about a gap is deleted: what is said is an entry of the gap book,
//! with who and when, and a gap's state follows from the entries and from
//! whether it still holds.

use std::collections::{BTreeMap, BTreeSet};

use graph::change::BatchNo;
use graph::store::{Book, Store};
use graph::time::{Date, Interval, Moment};
use queries::control::ControlOverTime;
use queries::gaps::{self, Gap, GapKind};
use queries::sweep::Sweep;
use queries::world::{Texts, World};
use serde_json::{Value, json};

use crate::answer::{GapAnswer, gap_answer};
use crate::session::Session;
use crate::{Error, clock};

/// What may be said of a gap.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Said {
    /// The department was told.
    Notified,
    /// The department says it is so.
    Accepted,
    /// The department says it is not so.
    Disputed,
    /// The credit office says it is none.
    Dismissed,
}

impl Said {
    pub(crate) const ALL: [Self; 4] = [
        Self::Notified,
        Self::Accepted,
        Self::Disputed,
        Self::Dismissed,
    ];

    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Notified => "notified",
            Self::Accepted => "accepted",
            Self::Disputed => "disputed",
            Self::Dismissed => "dismissed",
        }
    }

    fn state(self) -> &'static str {
        match self {
            Self::Notified => "notified",
            Self::Accepted | Self::Disputed => "answered",
            Self::Dismissed => "dismissed",
        }
    }
}

/// The gaps that hold; with `all` also those that held at an earlier batch or day.
pub(crate) fn gaps(session: &Session, all: bool) -> Result<Vec<GapAnswer>, Error> {
    let world = session.world()?;
    let said = Sayings::read(session)?;
    let found = evaluate(session, &world, session.as_of)?;
    let mut answers = Vec::new();
    for gap in &found {
        answers.push(gap_answer(
            session,
            &world,
            gap,
            said.state(&gap.id).to_owned(),
        )?);
    }
    if all {
        let held: BTreeSet<String> = found.into_iter().map(|gap| gap.id).collect();
        add_settled(session, &world, &said, held, &mut answers)?;
    }
    Ok(answers)
}

fn evaluate(session: &Session, world: &World, day: Date) -> Result<Vec<Gap>, Error> {
    let control = ControlOverTime::new(world);
    let sweep = Sweep::new(world, &session.catalogue, &control);
    let snapshot = session.store.snapshot()?;
    let texts = Texts::of(world, &*snapshot, session.store.keys());
    Ok(gaps::gaps(&sweep, &texts, day)?)
}

/// Gaps that held as known at an earlier batch, or on an earlier day, and hold
/// no more: each with what settled it.
fn add_settled(
    session: &Session,
    world: &World,
    said: &Sayings,
    mut seen: BTreeSet<String>,
    answers: &mut Vec<GapAnswer>,
) -> Result<(), Error> {
    // An overdue lift ends on the day on which the enforcement does.
    let mut last_days: Vec<Date> = world
        .enforcements
        .all()
        .filter_map(|(_, row)| Interval::end(&row.interval))
        .filter(|end| *end <= session.as_of)
        .map(Date::previous)
        .collect();
    last_days.sort_unstable();
    last_days.dedup();
    let snapshot = session.store.snapshot()?;
    let control = ControlOverTime::new(world);
    let sweep = Sweep::new(world, &session.catalogue, &control);
    let texts = Texts::of(world, &*snapshot, session.store.keys());
    for day in last_days.into_iter().rev() {
        for gap in gaps::of_enforcements(&sweep, &texts, day)? {
            if gap.kind == GapKind::OverdueLift && !seen.contains(&gap.id) {
                let mut answer = gap_answer(session, world, &gap, "resolved".into())?;
                answer.evidence.settled_by = Some(format!("解除于 / lifted on {}", day.next()));
                seen.insert(gap.id);
                answers.push(answer);
            }
        }
    }
    for (place, batch) in world.batches.iter().enumerate().rev().skip(1) {
        let then = World::at(&*snapshot, session.store.keys(), batch.no)?;
        for gap in evaluate(session, &then, session.as_of)? {
            if seen.contains(&gap.id) {
                continue;
            }
            let mut answer = gap_answer(session, &then, &gap, "resolved".into())?;
            let by = world.batches.get(place + 1);
            answer.evidence.settled_by = by.map(|batch| {
                format!(
                    "批次 {0}（{1}）/ batch {0} of {1}",
                    batch.no.0,
                    batch.recorded_at.date()
                )
            });
            if said.state(&gap.id) == "dismissed" {
                answer.state = "dismissed".into();
            }
            seen.insert(gap.id);
            answers.push(answer);
        }
    }
    Ok(())
}

/// What changed since an earlier batch: the gaps that hold now and did not then,
/// those that held then and hold no more, and those of which something was said since.
pub(crate) fn changed(session: &Session, since: BatchNo) -> Result<Vec<GapAnswer>, Error> {
    let world = session.world()?;
    let holds: BTreeSet<String> = evaluate(session, &world, session.as_of)?
        .into_iter()
        .map(|gap| gap.id)
        .collect();
    let snapshot = session.store.snapshot()?;
    let mut batches = world.batches.iter().rev();
    let then = batches.find(|batch| batch.no <= since);
    // By number: two batches may be of one moment.
    let held = match then {
        None => BTreeSet::new(),
        Some(then) => {
            let world = World::at(&*snapshot, session.store.keys(), then.no)?;
            let gaps = evaluate(session, &world, session.as_of)?.into_iter();
            gaps.map(|gap| gap.id).collect()
        }
    };
    let moment = then.map_or(Moment(i64::MIN), |batch| batch.recorded_at);
    let said = Sayings::read(session)?;
    let mut answers = gaps(session, true)?;
    answers.retain(|gap| {
        held.contains(&gap.id) != holds.contains(&gap.id) || said.since(&gap.id, moment)
    });
    Ok(answers)
}

/// Writes what is said of some gaps.
pub(crate) fn say(
    session: &Session,
    ids: &[&str],
    said: Said,
    by: Option<&str>,
    reason: Option<&str>,
) -> Result<(), Error> {
    let at = clock::now();
    let mut serial = [0; 8];
    getrandom::fill(&mut serial)
        .map_err(|error| Error::Refused(format!("no random numbers: {error}")))?;
    let entry = |id: &&str| {
        let key = [id.as_bytes(), &[0], &at.0.to_be_bytes(), &serial].concat();
        let text = json!({"at": at.0, "said": said.code(), "by": by, "reason": reason});
        let sealed = session.store.keys().seal(&key, text.to_string().as_bytes());
        (Book::Gap, key, sealed)
    };
    let entries: Vec<_> = ids.iter().map(entry).collect();
    Ok(session.store.write(&entries)?)
}

/// All that was said of gaps up to the session's moment, by gap.
struct Sayings(BTreeMap<String, Vec<(Moment, Said)>>);

impl Sayings {
    fn read(session: &Session) -> Result<Self, Error> {
        let snapshot = session.store.snapshot()?;
        let mut said: BTreeMap<String, Vec<(Moment, Said)>> = BTreeMap::new();
        for (key, sealed) in snapshot.entries(Book::Gap, &[])? {
            let text = session.store.keys().open(&key, &sealed);
            let text = text.map_err(|error| Error::Output(format!("the gap book: {error}")))?;
            let entry: Value = serde_json::from_slice(&text)?;
            let at = Moment(entry.get("at").and_then(Value::as_i64).unwrap_or_default());
            let what = entry
                .get("said")
                .and_then(Value::as_str)
                .and_then(|text| text.parse().ok());
            let id = key.split(|byte| *byte == 0).next().unwrap_or_default();
            if let Some(what) = what.filter(|_| at <= session.known_at) {
                said.entry(String::from_utf8_lossy(id).into_owned())
                    .or_default()
                    .push((at, what));
            }
        }
        Ok(Self(said))
    }

    fn state(&self, id: &str) -> &'static str {
        let last = self.0.get(id).and_then(|said| said.last());
        last.map_or("open", |(_, said)| said.state())
    }

    fn since(&self, id: &str, moment: Moment) -> bool {
        self.0
            .get(id)
            .is_some_and(|said| said.iter().any(|(at, _)| *at > moment))
    }
}
