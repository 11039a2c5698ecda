//! Who controls one company on one day, by climbing from it to its holders and on to theirs.
//!
//! **Idea.** Whoever controls a holder commands its votes. So where nothing above a company leads
//! back to it, its holders' votes are counted for those who control them (for the holder itself
//! where nobody does), and whoever then has more than half of them controls the company. Mostly
//! one holder alone has a majority, and the votes add up to no more than 100 %: then nobody
//! controls the company without that holder, whatever the others are, and only that one is
//! climbed to.
//!
//! **Cost.** A few rows for each step of the chain, and nothing is kept.
//!
//! **Where it gives up.** Where a company is met again on the way up: that is a circle, of which the
//! definition says more; and after so many companies, where many ways lead up to the same ones.
//! Then the fixpoint is asked.

use graph::id::EntityId;
use graph::ratio::Percent;
use graph::time::Date;

use super::votes::{Above, added_up};
use crate::world::World;

/// More companies than this are not climbed to.
const MOST: usize = 64;

/// The heads of a company: the persons and the organisations that control it and that nobody
/// controls, by id; none are known where the climb gives up.
pub(super) fn heads(world: &World, above: Above<'_>, day: Date) -> Option<Vec<EntityId>> {
    let mut climb = Climb {
        world,
        day,
        path: Vec::new(),
        met: 0,
    };
    climb.heads(above)
}

struct Climb<'w> {
    world: &'w World,
    day: Date,
    /// From the company asked about to where the climb is.
    path: Vec<EntityId>,
    met: usize,
}

impl Climb<'_> {
    fn heads(&mut self, above: Above<'_>) -> Option<Vec<EntityId>> {
        self.met += 1;
        // Without looking for it a circle would be given up too, when it was climbed many times.
        if self.met > MOST || self.path.contains(&above.org()) {
            return None;
        }
        let stakes = added_up(above.stakes(self.day));
        match sole_majority(&stakes) {
            Some(holder) => self.behind(above.org(), holder),
            None => self.mustered(above.org(), &stakes),
        }
    }

    /// Who commands the votes of a holder of `org`.
    fn behind(&mut self, org: EntityId, holder: EntityId) -> Option<Vec<EntityId>> {
        if holder.is_organisation() {
            self.path.push(org);
            let heads = self.heads(Above::of(self.world, holder))?;
            self.path.pop();
            if !heads.is_empty() {
                return Some(heads);
            }
        }
        Some(vec![holder])
    }

    /// Who has a majority in `org` once all votes are counted for those who command them.
    fn mustered(&mut self, org: EntityId, stakes: &[(EntityId, i64)]) -> Option<Vec<EntityId>> {
        let mut mustered = Vec::with_capacity(stakes.len());
        for (holder, votes) in stakes {
            for head in self.behind(org, *holder)? {
                mustered.push((head, *votes));
            }
        }
        let majorities = added_up(mustered).into_iter();
        let majorities = majorities.filter(|(_, votes)| *votes > Percent::HALF.0);
        Some(majorities.map(|(head, _)| head).collect())
    }
}

/// The holder without whom nobody has a majority.
fn sole_majority(stakes: &[(EntityId, i64)]) -> Option<EntityId> {
    let all = stakes.iter().map(|(_, votes)| *votes);
    let all = all.fold(0_i64, i64::saturating_add);
    let found = stakes.iter().find(|(_, votes)| *votes > Percent::HALF.0);
    found
        .filter(|_| all <= Percent::WHOLE.0)
        .map(|found| found.0)
}
