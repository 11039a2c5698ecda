//! The two times of a question, and why its answer stays the same for ever.
//!
//! Without `known_at` a question asks what is known now. While a batch is being
//! written, or the state of knowledge built from it is not ready, "now" is told
//! as the instant before that batch: the answer says truly as known when it is.
//! And a batch is dated after every moment of which an answer was given.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use graph::change::BatchNo;
use graph::id::Set;
use graph::store::BatchInfo;
use graph::time::{Date, Moment};
use queries::catalogue::Catalogue;

use super::known::Known;
use super::timeline::Timeline;
use crate::answer::ConsultedSource;
use crate::receipt::Shared;
use crate::{Error, clock};

/// The times of one question, and the batch that they come down to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Tense {
    /// Valid time.
    pub(crate) as_of: Date,
    /// Recorded time.
    pub(crate) known_at: Moment,
    /// The newest batch known then.
    pub(crate) batch: BatchNo,
}

/// What is there, what is on its way, and what was told.
#[derive(Debug)]
pub(crate) struct Present {
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    timeline: Timeline,
    current: Arc<Known>,
    /// The batches that are being written, in the order of their dates.
    committing: VecDeque<OnItsWay>,
    /// How many were before the first of these.
    gone: u64,
    /// The date of the batch of substance whose state of knowledge is being built.
    building: Option<Moment>,
    /// The latest moment of which an answer was given.
    told: Moment,
    /// What the answers of the batch that was asked for last share.
    shared: Option<(BatchNo, Arc<Shared>)>,
}

/// A batch that is being written, or was and waits for one before it.
#[derive(Debug)]
struct OnItsWay {
    at: Moment,
    fate: Fate,
}

/// What became of a batch.
#[derive(Debug)]
enum Fate {
    /// It is still being written.
    Open,
    /// It is there.
    There(BatchInfo),
    /// It was not written after all.
    Nothing,
}

/// A batch that is about to be written: its date, and its place among all.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Coming {
    /// When it counts as recorded.
    pub(crate) at: Moment,
    place: u64,
}

impl Present {
    pub(crate) fn new(timeline: Timeline, current: Arc<Known>) -> Self {
        let inner = Inner {
            timeline,
            current,
            committing: VecDeque::new(),
            gone: 0,
            building: None,
            told: Moment(i64::MIN),
            shared: None,
        };
        Self {
            inner: Mutex::new(inner),
        }
    }

    fn locked(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The times of a question that leaves them open or names them.
    pub(crate) fn tense(&self, as_of: Option<Date>, known_at: Option<Moment>) -> Tense {
        let mut inner = self.locked();
        let now = clock::now();
        let open = || {
            let first = inner.committing.front().map(|first| first.at);
            let on_its_way = first.into_iter().chain(inner.building);
            on_its_way
                .map(|at| Moment(at.0.saturating_sub(1)))
                .fold(now, Moment::min)
        };
        let known_at = known_at.unwrap_or_else(open);
        inner.told = inner.told.max(known_at.min(now));
        Tense {
            as_of: as_of.unwrap_or_else(|| now.date()),
            known_at,
            batch: inner.timeline.known(known_at),
        }
    }

    /// The newest batch.
    pub(crate) fn newest(&self) -> BatchNo {
        self.locked().timeline.newest()
    }

    /// Recorded time of the newest batch.
    pub(crate) fn newest_at(&self) -> Moment {
        self.locked().timeline.newest_at()
    }

    /// Each record set with how fresh it was at a batch.
    pub(crate) fn sources(&self, no: BatchNo) -> Vec<(Set, Option<Moment>)> {
        self.locked().timeline.sources(no).collect()
    }

    /// What all answers at a batch share, made once a batch.
    pub(crate) fn shared(&self, no: BatchNo, rules: &Catalogue) -> Result<Arc<Shared>, Error> {
        let mut inner = self.locked();
        if let Some((of, shared)) = &inner.shared
            && *of == no
        {
            return Ok(Arc::clone(shared));
        }
        let sources = ConsultedSource::together(inner.timeline.sources(no));
        let shared = Arc::new(Shared::of(&rules.digest, no, &sources)?);
        inner.shared = Some((no, Arc::clone(&shared)));
        Ok(shared)
    }

    /// Two batches tell the same of every restriction.
    pub(crate) fn alike(&self, one: BatchNo, other: BatchNo) -> bool {
        let inner = self.locked();
        inner.timeline.substance(one) == inner.timeline.substance(other)
    }

    /// The state of knowledge that most questions ask.
    pub(crate) fn current(&self) -> Arc<Known> {
        Arc::clone(&self.locked().current)
    }

    /// A newer state of knowledge is there.
    pub(crate) fn promote(&self, known: &Arc<Known>) {
        let mut inner = self.locked();
        if known.batch >= inner.current.batch {
            inner.current = Arc::clone(known);
        }
    }

    /// Dates a batch that is about to be written: after all that was told, and not before
    /// those that are being written. Their numbers are in the order of their dates; whichever is
    /// there first, what is known grows in that order.
    pub(crate) fn begin(&self, asked: Option<Moment>, substance: bool) -> Coming {
        let mut inner = self.locked();
        let after = Moment(inner.told.0.saturating_add(1));
        let last = inner.committing.back().map(|last| last.at);
        let newest = last.unwrap_or_else(|| inner.timeline.newest_at());
        let at = asked.unwrap_or_else(|| clock::now().max(after).max(newest));
        let behind = u64::try_from(inner.committing.len()).unwrap_or(u64::MAX);
        let place = inner.gone.saturating_add(behind);
        inner.committing.push_back(OnItsWay {
            at,
            fate: Fate::Open,
        });
        if substance {
            inner.building = Some(at);
        }
        Coming { at, place }
    }

    /// A batch is there, or was not written after all.
    pub(crate) fn came(&self, coming: Coming, batch: Option<BatchInfo>) {
        let mut inner = self.locked();
        let place = usize::try_from(coming.place.saturating_sub(inner.gone));
        let own = place.ok().and_then(|place| inner.committing.get_mut(place));
        if let Some(own) = own {
            own.fate = batch.map_or(Fate::Nothing, Fate::There);
        }
        let open = |first: &OnItsWay| matches!(first.fate, Fate::Open);
        while let Some(first) = inner.committing.pop_front_if(|first| !open(first)) {
            inner.gone += 1;
            if let Fate::There(batch) = first.fate {
                inner.timeline.add(&batch);
            }
        }
    }

    /// The newest state of knowledge is there, or there is none to be built, or it could not be:
    /// then who asks builds it.
    pub(crate) fn built(&self) {
        self.locked().building = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::known::Found;
    use graph_rocks::RocksStore;
    use queries::catalogue::Catalogue;

    fn present(dir: &std::path::Path) -> Present {
        let store = RocksStore::open(dir, || Ok([7; 32])).unwrap();
        let catalogue = Arc::new(Catalogue::shipped().unwrap());
        let found = Found::at(&store, &catalogue, BatchNo(0)).unwrap();
        Present::new(Timeline::default(), Known::of(found, 1).unwrap())
    }

    fn batch(no: u32, recorded_at: Moment) -> BatchInfo {
        BatchInfo {
            no: BatchNo(no),
            recorded_at,
            files: vec!["f".into()],
            report: String::new(),
        }
    }

    #[test]
    fn now_is_before_every_batch_on_its_way_and_after_those_that_are_there() {
        let dir = tempfile::tempdir().unwrap();
        let present = present(dir.path());
        let told = present.tense(None, None);
        let (first, second) = (present.begin(None, false), present.begin(None, false));
        assert!(told.known_at < first.at && first.at <= second.at);
        let before = |coming: Coming| Moment(coming.at.0 - 1);
        let open = |present: &Present| present.tense(None, None);
        assert_eq!(open(&present).known_at, before(first));
        present.came(first, Some(batch(1, first.at)));
        let now = open(&present);
        assert_eq!(now.known_at, before(second));
        // Two of one date: neither is told before both are there.
        let known = u32::from(first.at < second.at);
        assert_eq!(now.batch, BatchNo(known));
        let third = present.begin(None, false);
        present.came(second, None);
        assert_eq!(open(&present).known_at, before(third));
        present.came(third, Some(batch(2, third.at)));
        // It may be dated a millisecond after what was told.
        while clock::now() < third.at {
            std::thread::yield_now();
        }
        let now = open(&present);
        assert!(now.known_at >= third.at, "nothing is on its way");
        assert_eq!(now.batch, BatchNo(2));
        // An answer given of a moment: the next batch comes after it.
        assert!(present.begin(None, false).at > now.known_at);
    }

    #[test]
    fn who_comes_behind_a_load_is_told_when_the_load_is_there() {
        let dir = tempfile::tempdir().unwrap();
        let present = present(dir.path());
        let load = present.begin(None, true);
        let behind = [present.begin(None, false), present.begin(None, false)];
        for (coming, no) in behind.into_iter().zip([2, 3]) {
            present.came(coming, Some(batch(no, coming.at)));
            let now = present.tense(None, None);
            assert_eq!(
                (now.batch, now.known_at),
                (BatchNo(0), Moment(load.at.0 - 1))
            );
            assert_eq!(present.newest(), BatchNo(0));
        }
        present.came(load, Some(batch(1, load.at)));
        assert_eq!(present.newest(), BatchNo(3));
        // What follows from the load is still being built.
        assert_eq!(present.tense(None, None).batch, BatchNo(0));
        present.built();
        while clock::now() < behind[1].at {
            std::thread::yield_now();
        }
        assert_eq!(present.tense(None, None).batch, BatchNo(3));
    }
}
