//! The two times of a question, and why its answer stays the same for ever.
//!
//! Without `known_at` a question asks what is known now. While a batch is being
//! written, or the state of knowledge built from it is not ready, "now" is told
//! as the instant before that batch: the answer says truly as known when it is.
//! And a batch is dated after every moment of which an answer was given.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use graph::change::BatchNo;
use graph::store::BatchInfo;
use graph::time::{Date, Moment};

use super::known::Known;
use super::timeline::Timeline;
use crate::answer::ConsultedSource;
use crate::receipt::{Sources, sources_text};
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
    /// The date of the batch that is being written.
    committing: Option<Moment>,
    /// The date of the batch of substance whose state of knowledge is being built.
    building: Option<Moment>,
    /// The latest moment of which an answer was given.
    told: Moment,
    /// The sources that were asked for last.
    sources: Option<(BatchNo, Sources)>,
}

impl Present {
    pub(crate) fn new(timeline: Timeline, current: Arc<Known>) -> Self {
        let inner = Inner {
            timeline,
            current,
            committing: None,
            building: None,
            told: Moment(i64::MIN),
            sources: None,
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
            let on_its_way = [inner.committing, inner.building].into_iter().flatten();
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
    pub(crate) fn sources(&self, no: BatchNo) -> Vec<ConsultedSource> {
        self.locked().timeline.sources(no)
    }

    /// The same as text, made once a batch.
    pub(crate) fn sources_text(&self, no: BatchNo) -> Result<Sources, Error> {
        let mut inner = self.locked();
        if let Some((of, text)) = &inner.sources
            && *of == no
        {
            return Ok(Arc::clone(text));
        }
        let text = sources_text(&inner.timeline.sources(no))?;
        inner.sources = Some((no, Arc::clone(&text)));
        Ok(text)
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

    /// Dates a batch that is about to be written: after all that was told.
    pub(crate) fn begin(&self, asked: Option<Moment>, substance: bool) -> Moment {
        let mut inner = self.locked();
        let after = Moment(inner.told.0.saturating_add(1));
        let newest = inner.timeline.newest_at();
        let at = asked.unwrap_or_else(|| clock::now().max(after).max(newest));
        inner.committing = Some(at);
        if substance {
            inner.building = Some(at);
        }
        at
    }

    /// The batch is there.
    pub(crate) fn committed(&self, batch: &BatchInfo) {
        let mut inner = self.locked();
        inner.timeline.add(batch);
        inner.committing = None;
    }

    /// Nothing was written after all.
    pub(crate) fn nothing_came(&self, substance: bool) {
        let mut inner = self.locked();
        inner.committing = None;
        if substance {
            inner.building = None;
        }
    }

    /// The newest state of knowledge is there, or could not be built: then who
    /// asks builds it.
    pub(crate) fn built(&self) {
        self.locked().building = None;
    }
}
