//! Gaps at work: which hold, which held, and what was said about each.
//!
//! Nothing about a gap is deleted: what is said is an entry of the gap book,
//! with who and when, and a gap's state follows from the entries and from
//! whether it still holds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use graph::change::BatchNo;
use graph::seal::Keys;
use graph::store::{BookEntry, Store};
use graph::time::{Date, Interval, Moment};
use queries::control::ControlOverTime;
use queries::gaps::{self, Gap, GapKind};
use queries::sweep::Sweep;
use queries::world::{Texts, World};
use rayon::prelude::*;

use crate::Error;
use crate::answer::{GapAnswer, gap_answer};
use crate::feed::{self, Saying, State};
use crate::session::Session;

/// The gaps that hold; with `all` also those that held at an earlier batch or day.
pub(crate) fn gaps(
    session: &Session,
    sweep: &Sweep<'_>,
    all: bool,
) -> Result<Vec<GapAnswer>, Error> {
    let world = sweep.world();
    let said = Sayings::read(session)?;
    let found = of_sweep(session, sweep, session.as_of)?;
    let told = found.par_iter().map(|gap| {
        let state = said.state(&gap.id).to_owned();
        gap_answer(session, world, gap, state)
    });
    let mut answers: Vec<GapAnswer> = told.collect::<Result<_, Error>>()?;
    if all {
        let held: BTreeSet<String> = found.iter().map(|gap| gap.id.clone()).collect();
        add_settled(session, sweep, &said, held, &mut answers)?;
    }
    Ok(answers)
}

fn evaluate(session: &Session, world: &World, day: Date) -> Result<Arc<Vec<Arc<Gap>>>, Error> {
    let control = ControlOverTime::new(world);
    of_sweep(
        session,
        &Sweep::new(world, &session.catalogue, &control),
        day,
    )
}

/// The gaps that hold on `day`, over restrictions already found.
pub(crate) fn of_sweep(
    session: &Session,
    sweep: &Sweep<'_>,
    day: Date,
) -> Result<Arc<Vec<Arc<Gap>>>, Error> {
    let snapshot = session.store.snapshot()?;
    let texts = Texts::of(sweep.world(), &*snapshot, session.store.keys());
    Ok(sweep.gaps(&texts, day)?)
}

/// Gaps that held as known at an earlier batch, or on an earlier day, and hold
/// no more: each with what settled it.
fn add_settled(
    session: &Session,
    sweep: &Sweep<'_>,
    said: &Sayings,
    mut seen: BTreeSet<String>,
    answers: &mut Vec<GapAnswer>,
) -> Result<(), Error> {
    let world = sweep.world();
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
    let texts = Texts::of(world, &*snapshot, session.store.keys());
    for day in last_days.into_iter().rev() {
        for gap in gaps::of_enforcements(sweep, &texts, day)? {
            if gap.kind == GapKind::OverdueLift && !seen.contains(&gap.id) {
                let mut answer = gap_answer(session, world, &gap, "resolved".into())?;
                answer.evidence.settled_by = Some(format!("解除于 / lifted on {}", day.next()));
                seen.insert(gap.id.clone());
                answers.push(answer);
            }
        }
    }
    for (place, batch) in world.batches.iter().enumerate().rev().skip(1) {
        let then = World::at(&*snapshot, session.store.keys(), batch.no)?;
        for gap in evaluate(session, &then, session.as_of)?.iter() {
            if seen.contains(&gap.id) {
                continue;
            }
            let mut answer = gap_answer(session, &then, gap, "resolved".into())?;
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
            seen.insert(gap.id.clone());
            answers.push(answer);
        }
    }
    Ok(())
}

/// What changed since an earlier batch: the gaps that hold now and did not then,
/// those that held then and hold no more, and those of which something was said since.
pub(crate) fn changed(
    session: &Session,
    sweep: &Sweep<'_>,
    since: BatchNo,
) -> Result<Vec<GapAnswer>, Error> {
    let world = sweep.world();
    let holding = of_sweep(session, sweep, session.as_of)?;
    let holds: BTreeSet<String> = holding.iter().map(|gap| gap.id.clone()).collect();
    let snapshot = session.store.snapshot()?;
    let mut batches = world.batches.iter().rev();
    let then = batches.find(|batch| batch.no <= since);
    // By number: two batches may be of one moment.
    let held = match then {
        None => BTreeSet::new(),
        Some(then) => {
            let world = World::at(&*snapshot, session.store.keys(), then.no)?;
            let gaps = evaluate(session, &world, session.as_of)?;
            gaps.iter().map(|gap| gap.id.clone()).collect()
        }
    };
    let moment = then.map_or(Moment(i64::MIN), |batch| batch.recorded_at);
    let said = Sayings::read(session)?;
    let mut answers = gaps(session, sweep, true)?;
    answers.retain(|gap| {
        held.contains(&gap.id) != holds.contains(&gap.id) || said.since(&gap.id, moment)
    });
    Ok(answers)
}

/// One gap, whether it holds or is settled.
pub(crate) fn one(
    session: &Session,
    sweep: &Sweep<'_>,
    id: &str,
) -> Result<Option<GapAnswer>, Error> {
    for all in [false, true] {
        let mut found = gaps(session, sweep, all)?.into_iter();
        if let Some(gap) = found.find(|gap| gap.id == id) {
            return Ok(Some(gap));
        }
    }
    Ok(None)
}

/// Writes what is said of some gaps.
pub(crate) fn say(session: &Session, ids: &[&str], saying: &Saying) -> Result<(), Error> {
    let entries = entries(session.store.keys(), ids, saying)?;
    Ok(session.store.write(&entries)?)
}

/// What is said of some gaps, as entries of the gap book.
pub(crate) fn entries(keys: &Keys, ids: &[&str], saying: &Saying) -> Result<Vec<BookEntry>, Error> {
    let mut serial = [0; 8];
    getrandom::fill(&mut serial)
        .map_err(|error| Error::Refused(format!("no random numbers: {error}")))?;
    Ok(feed::say(keys, ids, saying, serial)?)
}

/// All that was said of gaps up to the session's moment, by gap.
struct Sayings(BTreeMap<String, Vec<Saying>>);

impl Sayings {
    fn read(session: &Session) -> Result<Self, Error> {
        let snapshot = session.store.snapshot()?;
        let said = feed::sayings(&*snapshot, session.store.keys(), session.known_at)?;
        Ok(Self(said))
    }

    fn state(&self, id: &str) -> &'static str {
        let last = self.0.get(id).and_then(|said| said.last());
        last.map_or(State::Open, |saying| saying.said.state())
            .code()
    }

    fn since(&self, id: &str, moment: Moment) -> bool {
        self.0
            .get(id)
            .is_some_and(|said| said.iter().any(|saying| saying.at > moment.0))
    }
}
