//! Gaps at work: which hold, which held, and what was said about each.
//!
//! Nothing about a gap is deleted: what is said is an entry of the gap book,
//! with who and when, and a gap's state follows from the entries and from
//! whether it still holds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use graph::change::BatchNo;
use graph::id::EntityId;
use graph::seal::Keys;
use graph::store::{BookEntry, Store};
use graph::time::{Date, Moment};
use queries::control::ControlOverTime;
use queries::gaps::{self, Gap, GapKind, differing};
use queries::standing::Standing;
use queries::sweep::Sweep;
use queries::world::{Texts, World};
use rayon::prelude::*;

use crate::Error;
use crate::answer::ask::Window;
use crate::answer::{GapAnswer, gap_answer};
use crate::feed::{self, Saying, State, Words, state_after};
use crate::session::Session;

/// Which gaps are meant.
#[derive(Clone, Default, Debug)]
pub(crate) struct Wanted {
    /// Only this one.
    pub(crate) id: Option<String>,
    /// Only of this kind.
    pub(crate) kind: Option<GapKind>,
    /// Only of this department.
    pub(crate) department: Option<String>,
    /// Only in this state.
    pub(crate) state: Option<State>,
    /// With those that no longer hold.
    pub(crate) settled: bool,
}

impl Wanted {
    fn means(&self, gap: &Gap) -> bool {
        self.id.as_ref().is_none_or(|id| *id == gap.id)
            && self.kind.is_none_or(|kind| kind == gap.kind)
            && (self.department.is_none() || self.department == gap.department)
    }

    fn is_in(&self, state: State) -> bool {
        self.state.is_none_or(|of| of == state)
    }
}

/// The gaps that are meant, as many as the window shows: first those that hold, by kind, day
/// and id, then those that no longer do. Texts are read for those that are shown alone.
pub(crate) fn gaps(
    session: &Session,
    sweep: &Sweep<'_>,
    wanted: &Wanted,
    window: Window,
) -> Result<Vec<GapAnswer>, Error> {
    let words = words(session, wanted.id.as_deref())?;
    let found = of_sweep(session, sweep, session.as_of)?;
    let meant = found.iter().filter(|gap| wanted.means(gap));
    let holding: Vec<(&Arc<Gap>, State)> = meant
        .map(|gap| (gap, state_of(session, &words, &gap.id, true)))
        .filter(|(_, state)| wanted.is_in(*state))
        .collect();
    let count = holding.len();
    let mut answers = told(session, sweep.world(), window.of(holding))?;
    if wanted.settled {
        let rest = Window {
            skip: window.skip.saturating_sub(count),
            take: window.take - answers.len(),
        };
        let past = Past {
            session,
            sweep,
            words: &words,
            wanted,
        };
        answers.extend(rest.of(past.settled(&found)?));
    }
    Ok(answers)
}

/// Gaps with their states, texts read on all cores.
fn told(
    session: &Session,
    world: &World,
    gaps: Vec<(&Arc<Gap>, State)>,
) -> Result<Vec<GapAnswer>, Error> {
    let gaps = gaps.into_par_iter();
    gaps.map(|(gap, state)| gap_answer(session, world, gap, state.code().into()))
        .collect()
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

/// What changed since an earlier batch: the gaps that hold now and did not then,
/// those that held then and hold no more, and those of which something was said since.
pub(crate) fn changed(
    session: &Session,
    sweep: &Sweep<'_>,
    wanted: &Wanted,
    since: BatchNo,
) -> Result<Vec<GapAnswer>, Error> {
    let holding = of_sweep(session, sweep, session.as_of)?;
    let batches = sweep.world().batches.iter();
    let then = batches.rev().find(|batch| batch.no <= since);
    let words = words(session, None)?;
    let after = then.map_or(Moment(i64::MIN), |batch| batch.recorded_at);
    let spoken_of: BTreeSet<&str> = words.spoken_of(after, session.known_at).collect();
    // By number: two batches may be of one moment.
    let past = Past {
        session,
        sweep,
        words: &words,
        wanted,
    };
    let held = then.map(|then| past.at(then.no)).transpose()?;
    let held_then: BTreeSet<&str> = held
        .iter()
        .flat_map(|(_, held)| held.iter().map(|gap| gap.id.as_str()))
        .collect();
    let meant = holding.iter().filter(|gap| wanted.means(gap));
    let shown = meant
        .filter(|gap| !held_then.contains(gap.id.as_str()) || spoken_of.contains(gap.id.as_str()));
    let shown = shown.map(|gap| (gap, state_of(session, &words, &gap.id, true)));
    let mut answers = told(session, sweep.world(), shown.collect())?;
    let holds: BTreeSet<&str> = holding.iter().map(|gap| gap.id.as_str()).collect();
    // What was spoken of may have been settled long before.
    let settled = if spoken_of.iter().all(|id| holds.contains(id)) {
        let from = then.map(|then| then.no);
        past.ended(from, &holding)?
    } else {
        past.settled(&holding)?
    };
    let settled = settled.into_iter();
    answers.extend(
        settled.filter(|gap| {
            held_then.contains(gap.id.as_str()) || spoken_of.contains(gap.id.as_str())
        }),
    );
    Ok(answers)
}

/// One gap, whether it holds or is settled.
pub(crate) fn one(
    session: &Session,
    sweep: &Sweep<'_>,
    id: &str,
) -> Result<Option<GapAnswer>, Error> {
    for settled in [false, true] {
        let wanted = Wanted {
            id: Some(id.to_owned()),
            settled,
            ..Wanted::default()
        };
        let found = gaps(session, sweep, &wanted, Window::ALL)?.pop();
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// Gaps that held as known at an earlier batch, or on an earlier day, and hold no more.
struct Past<'a> {
    session: &'a Session,
    sweep: &'a Sweep<'a>,
    words: &'a Words,
    wanted: &'a Wanted,
}

type Gaps = Arc<Vec<Arc<Gap>>>;

impl Past<'_> {
    /// All of them, each with what settled it.
    fn settled(&self, holding: &[Arc<Gap>]) -> Result<Vec<GapAnswer>, Error> {
        let mut settled = self.lifted(holding)?;
        let mut seen: BTreeSet<String> = settled.iter().map(|gap| gap.id.clone()).collect();
        let first = self.sweep.world().batches.first();
        let ended = self.ended(first.map(|first| first.no), holding)?;
        settled.extend(ended.into_iter().filter(|gap| seen.insert(gap.id.clone())));
        Ok(settled)
    }

    /// Overdue lifts that ended on the day on which the enforcement did, the latest first.
    fn lifted(&self, holding: &[Arc<Gap>]) -> Result<Vec<GapAnswer>, Error> {
        let (session, world) = (self.session, self.sweep.world());
        let mut ended: BTreeMap<Date, BTreeSet<EntityId>> = BTreeMap::new();
        for (subject, row) in world.enforcements.all() {
            if let Some(end) = row.interval.end().filter(|end| *end <= session.as_of) {
                ended.entry(end.previous()).or_default().insert(subject);
            }
        }
        let snapshot = session.store.snapshot()?;
        let texts = Texts::of(world, &*snapshot, session.store.keys());
        let mut seen = ids(holding);
        let mut answers = Vec::new();
        for (day, subjects) in ended.into_iter().rev() {
            for gap in gaps::of_enforcements(self.sweep, &texts, &subjects, day)?.iter() {
                let is_new = gap.kind == GapKind::OverdueLift && seen.insert(gap.id.clone());
                let by = || format!("解除于 / lifted on {}", day.next());
                if is_new {
                    answers.extend(self.told(world, gap, by)?);
                }
            }
        }
        Ok(answers)
    }

    /// Those that held at batch `from` or later, the latest settled first: the states of
    /// knowledge are gone through one after the other, each made from the one before.
    fn ended(&self, from: Option<BatchNo>, holding: &[Arc<Gap>]) -> Result<Vec<GapAnswer>, Error> {
        let Some(from) = from else {
            return Ok(Vec::new());
        };
        let (mut then, mut held) = self.at(from)?;
        let (now, mut ended) = (ids(holding), Vec::new());
        let batches = self.sweep.world().batches.iter();
        for batch in batches.filter(|batch| batch.no > from) {
            let next = self.next(&then, batch.no)?;
            let holds = self.gaps_of(&next)?;
            let (gone, come) = differing(&held, &holds);
            let come = ids(&come);
            let mut answers = Vec::new();
            for gap in gone.iter().filter(|gap| !come.contains(&gap.id)) {
                if !now.contains(&gap.id) {
                    let by = || {
                        let (no, day) = (batch.no.0, batch.recorded_at.date());
                        format!("批次 {no}（{day}）/ batch {no} of {day}")
                    };
                    answers.extend(self.told(then.world(), gap, by)?);
                }
            }
            ended.push(answers);
            (then, held) = (next, holds);
        }
        let mut seen = BTreeSet::new();
        let latest = ended.into_iter().rev().flatten();
        Ok(latest.filter(|gap| seen.insert(gap.id.clone())).collect())
    }

    /// A gap that is meant, settled in this way.
    fn told(
        &self,
        world: &World,
        gap: &Gap,
        by: impl FnOnce() -> String,
    ) -> Result<Option<GapAnswer>, Error> {
        let state = state_of(self.session, self.words, &gap.id, false);
        if !self.wanted.means(gap) || !self.wanted.is_in(state) {
            return Ok(None);
        }
        let mut answer = gap_answer(self.session, world, gap, state.code().into())?;
        answer.evidence.settled_by = Some(by());
        Ok(Some(answer))
    }

    /// What was known at a batch, with the gaps of the session's day.
    fn at(&self, batch: BatchNo) -> Result<(Standing, Gaps), Error> {
        let snapshot = self.session.store.snapshot()?;
        let place = (&*snapshot, self.session.store.keys());
        let then = Standing::whole(place, Arc::clone(&self.session.catalogue), batch)?;
        let held = self.gaps_of(&then)?;
        Ok((then, held))
    }

    fn next(&self, then: &Standing, batch: BatchNo) -> Result<Standing, Error> {
        let snapshot = self.session.store.snapshot()?;
        let place = (&*snapshot, self.session.store.keys());
        if let Some(next) = then.after(place, batch)? {
            return Ok(next);
        }
        let catalogue = Arc::clone(&self.session.catalogue);
        Ok(Standing::whole(place, catalogue, batch)?)
    }

    fn gaps_of(&self, standing: &Standing) -> Result<Gaps, Error> {
        let control = ControlOverTime::new(standing.world());
        of_sweep(self.session, &standing.sweep(&control), self.session.as_of)
    }
}

fn ids(gaps: &[Arc<Gap>]) -> BTreeSet<String> {
    gaps.iter().map(|gap| gap.id.clone()).collect()
}

fn state_of(session: &Session, words: &Words, id: &str, holds: bool) -> State {
    state_after(holds, words.last(id, session.known_at))
}

/// What was said of gaps, or of one: from memory when somebody holds it there.
fn words(session: &Session, gap: Option<&str>) -> Result<Arc<Words>, Error> {
    if let Some(words) = &session.words {
        return Ok(Arc::clone(words));
    }
    let (snapshot, keys) = (session.store.snapshot()?, session.store.keys());
    let read = match gap {
        Some(gap) => Words::of_one(&*snapshot, keys, gap),
        None => Words::read(&*snapshot, keys),
    };
    Ok(Arc::new(read?))
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
