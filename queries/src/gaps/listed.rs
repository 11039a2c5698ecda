//! The gaps of a day in their order, each with an id of its own: brought up to date by
//! taking out those that went and putting in those that came.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::hash::BuildHasher;
use std::sync::Arc;

use graph::time::Date;
use rayon::prelude::*;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::{Gap, GapKind};
use crate::world::{Table, World};

/// Gaps by kind, day and id.
#[derive(Debug)]
pub(super) struct Listed {
    pub(super) gaps: Arc<Vec<Arc<Gap>>>,
    /// How many gaps the same facts show, by digest of the id that these make.
    alike: Table<u32, u64>,
}

impl Listed {
    /// Of gaps whose ids are not told apart yet.
    pub(super) fn new(world: &World, mut gaps: Vec<Arc<Gap>>) -> Self {
        let mut digests: Vec<u64> = gaps.par_iter().map(digest).collect();
        digests.par_sort_unstable();
        let alike = digests.chunk_by(|one, other| one == other);
        let alike = alike.filter_map(|same| {
            let count = u32::try_from(same.len()).unwrap_or(u32::MAX);
            Some((*same.first()?, count))
        });
        let alike = Table::of_sorted(alike);
        tell_apart(world, &mut gaps, |gap| {
            alike.of(digest(gap)).iter().any(|count| *count > 1)
        });
        let gaps = Arc::new(gaps);
        Self { gaps, alike }
    }

    /// The same without those that went and with those that came. None where several gaps
    /// show the same facts: then all are to be told apart again.
    pub(super) fn after(&self, gone: &[Arc<Gap>], come: &[Arc<Gap>]) -> Option<Self> {
        let mut alike: BTreeMap<u64, Vec<u32>> = BTreeMap::new();
        for gap in gone {
            let is_one = self.alike.of(digest(gap)) == [1];
            if !is_one || alike.insert(digest(gap), Vec::new()).is_some() {
                return None;
            }
        }
        for gap in come {
            let before = alike.insert(digest(gap), vec![1]);
            let before = before.as_deref();
            if !before.unwrap_or(self.alike.of(digest(gap))).is_empty() {
                return None;
            }
        }
        let alike = self.alike.with(&alike);
        let place = |gap: &Arc<Gap>| self.gaps.partition_point(|one| key(one) < key(gap));
        let mut out: Vec<usize> = gone.iter().map(place).collect();
        out.sort_unstable();
        let mut come: Vec<(usize, &Arc<Gap>)> = come.iter().map(|gap| (place(gap), gap)).collect();
        come.sort_unstable_by_key(|(_, gap)| key(gap));
        let mut gaps = Vec::with_capacity(self.gaps.len() + come.len());
        let (mut done, mut out) = (0, out.into_iter().peekable());
        let mut copy = |until: usize, gaps: &mut Vec<Arc<Gap>>| {
            while let Some(at) = out.next_if(|at| *at < until) {
                gaps.extend_from_slice(self.gaps.get(done..at).unwrap_or_default());
                done = at + 1;
            }
            gaps.extend_from_slice(self.gaps.get(done..until).unwrap_or_default());
            done = done.max(until);
        };
        for (at, gap) in come {
            copy(at, &mut gaps);
            gaps.push(Arc::clone(gap));
        }
        copy(self.gaps.len(), &mut gaps);
        let gaps = Arc::new(gaps);
        Some(Self { gaps, alike })
    }
}

/// What of a list is no more in a later one, and what of the later one was not in it: both by
/// kind, day and id. Where nothing was looked at again both share the same gap, and a look at
/// where it lies is enough.
pub fn differing(before: &[Arc<Gap>], after: &[Arc<Gap>]) -> (Vec<Arc<Gap>>, Vec<Arc<Gap>>) {
    let (mut gone, mut come) = (Vec::new(), Vec::new());
    let (mut before, mut after) = (before.iter().peekable(), after.iter().peekable());
    loop {
        let order = match (before.peek(), after.peek()) {
            (None, None) => return (gone, come),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(old), Some(new)) if Arc::ptr_eq(old, new) => Ordering::Equal,
            (Some(old), Some(new)) => key(old).cmp(&key(new)),
        };
        let old = before.next_if(|_| order.is_le());
        let new = after.next_if(|_| order.is_ge());
        let is_same = old.zip(new).is_some_and(|(old, new)| old == new);
        if !is_same {
            gone.extend(old.cloned());
            come.extend(new.cloned());
        }
    }
}

fn digest(gap: &Arc<Gap>) -> u64 {
    FxBuildHasher.hash_one(&gap.id)
}

fn key(gap: &Arc<Gap>) -> (GapKind, Date, &str) {
    (gap.kind, gap.on, &gap.id)
}

/// Where the facts that show in ids are the same, as of two persons with one masked number,
/// the later in the order of their records gets a number behind. Sorts by kind, day and id.
pub(super) fn tell_apart(
    world: &World,
    gaps: &mut [Arc<Gap>],
    is_alike: impl Fn(&Arc<Gap>) -> bool,
) {
    let case = |gap: &Gap| {
        let case = world.cases.get(gap.evidence.case?)?;
        Some((case.kind(), case.id))
    };
    let mut alike: Vec<&mut Arc<Gap>> = gaps.iter_mut().filter(|gap| is_alike(gap)).collect();
    alike.sort_by_key(|gap| (gap.kind, gap.on, gap.subject, gap.at, case(gap), gap.act));
    let mut taken: FxHashMap<String, u32> = FxHashMap::default();
    for gap in alike {
        let seen = taken.entry(gap.id.clone()).or_default();
        *seen += 1;
        if *seen > 1 {
            Arc::make_mut(gap).id = format!("{}-{seen}", gap.id);
        }
    }
    in_order(gaps);
}

/// Sorts by kind, day and id: by the head of the id, which tells nearly all apart, beside the
/// gap. The gaps themselves lie anywhere.
fn in_order(gaps: &mut [Arc<Gap>]) {
    let keyed = gaps.par_iter().map(|gap| {
        let head = gap.id.as_bytes().first_chunk::<HEAD>().copied();
        ((gap.kind, gap.on, head), Arc::clone(gap))
    });
    let mut keyed: Vec<_> = keyed.collect();
    keyed.par_sort_unstable_by(|(one, a), (other, b)| one.cmp(other).then_with(|| a.id.cmp(&b.id)));
    for (place, (_, gap)) in gaps.iter_mut().zip(keyed) {
        *place = gap;
    }
}

/// Bytes of an id before what tells gaps apart that show the same facts.
const HEAD: usize = "gap-".len() + 24;

#[cfg(test)]
mod tests {
    use graph::id::EntityId;
    use proptest::prelude::*;

    use super::*;

    /// One of a few facts, on one of a few days, at one of a few persons.
    type Facts = (u8, u8, u8);

    fn gap((facts, day, at): Facts) -> Arc<Gap> {
        let subject = EntityId::person([at; 15]);
        let on = Date::MIN.plus_days(i32::from(day));
        let mut gap = Gap::new(GapKind::MissedCheck, subject, on);
        gap.id = format!("gap-{facts}");
        Arc::new(gap)
    }

    fn told(gaps: &[Arc<Gap>]) -> Vec<(Date, EntityId, String)> {
        let one = |gap: &Arc<Gap>| (gap.on, gap.subject, gap.id.clone());
        gaps.iter().map(one).collect()
    }

    proptest! {
        #[test]
        fn a_list_brought_up_to_date_is_as_one_made_anew(
            before in proptest::collection::btree_set((0u8..20, 0u8..3, 0u8..4), 0..12),
            steps in proptest::collection::vec(
                proptest::collection::btree_set((0u8..20, 0u8..3, 0u8..4), 0..5), 0..5),
        ) {
            let world = World::default();
            let mut gaps: Vec<_> = before.iter().map(|facts| (*facts, gap(*facts))).collect();
            let of = |gaps: &[(Facts, Arc<Gap>)]| -> Vec<Arc<Gap>> {
                gaps.iter().map(|(_, gap)| Arc::clone(gap)).collect()
            };
            let mut listed = Listed::new(&world, of(&gaps));
            for step in steps {
                // What is there goes, and what is not there comes.
                let (gone, kept): (Vec<_>, Vec<_>) =
                    gaps.into_iter().partition(|(facts, _)| step.contains(facts));
                let is_new = |facts: &&Facts| gone.iter().all(|(one, _)| one != *facts);
                let come: Vec<_> =
                    step.iter().filter(is_new).map(|facts| (*facts, gap(*facts))).collect();
                gaps = [kept, come.clone()].concat();
                let anew = Listed::new(&world, of(&gaps));
                let next = listed.after(&of(&gone), &of(&come));
                let several = anew.alike.all().any(|(_, count)| *count > 1);
                prop_assert!(next.is_some() || several || listed.alike.all().any(|(_, n)| *n > 1)
                    || gone.iter().any(|(one, _)| come.iter().any(|(two, _)| one.0 == two.0)));
                let (went, came) = differing(&listed.gaps, &anew.gaps);
                let kept = listed.gaps.iter().filter(|gap| !went.contains(gap));
                let mut built: Vec<Arc<Gap>> = kept.chain(&came).cloned().collect();
                built.sort_by(|one, other| key(one).cmp(&key(other)));
                prop_assert_eq!(&built, &*anew.gaps);
                if let Some(next) = &next {
                    prop_assert_eq!(told(&next.gaps), told(&anew.gaps));
                    let alike = |listed: &Listed| {
                        let all = listed.alike.all().map(|(of, count)| (of, *count));
                        all.collect::<Vec<_>>()
                    };
                    prop_assert_eq!(alike(next), alike(&anew));
                }
                listed = next.unwrap_or(anew);
            }
        }
    }
}
