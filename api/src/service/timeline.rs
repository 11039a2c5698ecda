//! The batches of a store in memory: which was known when, and how fresh each
//! record set was, without reading them again for every question.

use graph::change::BatchNo;
use graph::id::Set;
use graph::store::BatchInfo;
use graph::time::Moment;
use serde_json::Value;

/// The name under which the checks of verifications stand among a batch's files.
pub(crate) const VERIFY: &str = "verify";

/// What is known of all batches.
#[derive(Default, Debug)]
pub(crate) struct Timeline {
    /// Recorded time of batch 1, 2, …; never goes back.
    recorded: Vec<Moment>,
    /// The batches that brought more than the checks of verifications.
    heavy: Vec<u32>,
    /// For each record set, by its number, the batches that brought some of it.
    touched: Vec<Vec<u32>>,
}

impl Timeline {
    /// Over all batches of a store, oldest first.
    pub(crate) fn of(batches: &[BatchInfo]) -> Self {
        let mut timeline = Self::default();
        for batch in batches {
            timeline.add(batch);
        }
        timeline
    }

    /// A batch was committed.
    pub(crate) fn add(&mut self, batch: &BatchInfo) {
        let no = batch.no.0;
        self.recorded.push(batch.recorded_at);
        if batch.files != [VERIFY] {
            self.heavy.push(no);
        }
        let report: Value = serde_json::from_str(&batch.report).unwrap_or_default();
        let sets = report.get("sets").and_then(Value::as_object);
        for set in Set::ALL {
            if sets.is_some_and(|sets| sets.contains_key(set.name())) {
                self.touch(set, no);
            }
        }
    }

    fn touch(&mut self, set: Set, no: u32) {
        let place = usize::from(set.number());
        if self.touched.len() <= place {
            self.touched.resize_with(place + 1, Vec::new);
        }
        if let Some(batches) = self.touched.get_mut(place) {
            batches.push(no);
        }
    }

    /// The newest batch.
    pub(crate) fn newest(&self) -> BatchNo {
        BatchNo(u32::try_from(self.recorded.len()).unwrap_or(u32::MAX))
    }

    /// Recorded time of the newest batch.
    pub(crate) fn newest_at(&self) -> Moment {
        self.recorded.last().copied().unwrap_or(Moment(i64::MIN))
    }

    /// The newest batch recorded at `moment` or before.
    pub(crate) fn known(&self, moment: Moment) -> BatchNo {
        let seen = self.recorded.partition_point(|at| *at <= moment);
        BatchNo(u32::try_from(seen).unwrap_or(u32::MAX))
    }

    /// When a batch was recorded.
    pub(crate) fn recorded(&self, no: BatchNo) -> Option<Moment> {
        let place = usize::try_from(no.0).ok()?.checked_sub(1)?;
        self.recorded.get(place).copied()
    }

    /// The newest batch, not later than `no`, that brought more than the checks of
    /// verifications: what is restricted at `no` was so at that batch already.
    pub(crate) fn substance(&self, no: BatchNo) -> BatchNo {
        BatchNo(last(&self.heavy, no))
    }

    /// Each record set with when the newest batch that brought some of it, not later than
    /// `no`, was recorded.
    pub(crate) fn sources(&self, no: BatchNo) -> impl Iterator<Item = (Set, Option<Moment>)> {
        let fresh = move |set: Set| {
            let batches = self.touched.get(usize::from(set.number()))?;
            self.recorded(BatchNo(last(batches, no)))
        };
        let sets = Set::ALL.into_iter().filter(|set| *set != Set::Persons);
        sets.map(move |set| (set, fresh(set)))
    }
}

/// The last of ascending numbers not above `no`; 0 when there is none.
fn last(ascending: &[u32], no: BatchNo) -> u32 {
    let place = ascending.partition_point(|one| *one <= no.0);
    place
        .checked_sub(1)
        .and_then(|place| ascending.get(place))
        .copied()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(no: u32, at: i64, file: &str, sets: &str) -> BatchInfo {
        BatchInfo {
            no: BatchNo(no),
            recorded_at: Moment(at),
            files: vec![file.to_owned()],
            report: format!("{{\"sets\":{{{sets}}}}}"),
        }
    }

    #[test]
    fn checks_of_verifications_are_not_substance() {
        let timeline = Timeline::of(&[
            batch(1, 10, "penalties.csv", r#""penalties":{}"#),
            batch(2, 20, VERIFY, r#""checks":{}"#),
            batch(3, 20, "checks.csv", r#""checks":{}"#),
            batch(4, 30, VERIFY, r#""checks":{}"#),
        ]);
        let cases = [(9, 0, 0), (10, 1, 1), (20, 3, 3), (29, 3, 3), (99, 4, 3)];
        for (moment, known, substance) in cases {
            let no = timeline.known(Moment(moment));
            assert_eq!(no, BatchNo(known), "known at {moment}");
            assert_eq!(timeline.substance(no), BatchNo(substance), "at {moment}");
        }
        let fresh = |no: u32, set: Set| {
            let mut found = timeline.sources(BatchNo(no));
            found.find(|(of, _)| *of == set).and_then(|found| found.1)
        };
        assert_eq!(fresh(2, Set::Checks), Some(Moment(20)));
        assert_eq!(fresh(4, Set::Checks), Some(Moment(30)));
        assert_eq!(fresh(4, Set::Penalties), Some(Moment(10)));
        assert_eq!(fresh(4, Set::Roles), None);
        assert_eq!(fresh(0, Set::Penalties), None);
    }
}
