//! A state of knowledge that is kept: the world, what the rules draw from it, and the gaps
//! of a day; brought up to date after each batch by what the batch can reach.
//!
//! What a batch can reach. *Cases*: those of which something was said, those of companies
//! whose roles changed, and those of all companies below one in which holdings or agreements
//! changed, since control of these may have. *Entities*: where records came or went, whose
//! cases are reached, who is or was restricted by them, and whose enforcements cite their
//! numbers; and the organisations at which one of these ever held a role, since their matters
//! and appointments ask for that person's checks and restrictions.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

use graph::change::BatchNo;
use graph::id::{EntityId, Set};
use graph::seal::Keys;
use graph::store::{Snapshot, StoreError};

use crate::catalogue::Catalogue;
use crate::control::ControlOverTime;
use crate::drawn::Drawn;
use crate::penetration::Penetration;
use crate::sweep::{Kept, Sweep, locked};
use crate::world::{Came, Case, Texts, World};

/// The world at one batch with what was drawn from it.
#[derive(Debug)]
pub struct Standing {
    world: World,
    catalogue: Arc<Catalogue>,
    drawn: Arc<Drawn>,
    kept: Arc<Kept>,
}

impl Standing {
    /// Reads and draws everything that was there after a batch.
    pub fn whole(
        (snapshot, keys): (&dyn Snapshot, &Keys),
        catalogue: Arc<Catalogue>,
        batch: BatchNo,
    ) -> Result<Self, StoreError> {
        let world = World::at(snapshot, keys, batch)?;
        Ok(Self::of(world, catalogue))
    }

    /// Draws from a whole world.
    pub fn of(world: World, catalogue: Arc<Catalogue>) -> Self {
        let drawn = {
            let control = ControlOverTime::new(&world);
            Arc::new(Drawn::whole(&Penetration {
                world: &world,
                catalogue: &catalogue,
                control: &control,
            }))
        };
        Self {
            world,
            catalogue,
            drawn,
            kept: Arc::default(),
        }
    }

    /// The same after a later batch: only what came is read, only what it can reach is
    /// drawn and looked at again. None when that is too much.
    pub fn after(
        &self,
        (snapshot, keys): (&dyn Snapshot, &Keys),
        batch: BatchNo,
    ) -> Result<Option<Self>, StoreError> {
        let Some((world, came)) = self.world.after(snapshot, keys, batch)? else {
            return Ok(None);
        };
        let cases = cases_reached(&world, &came);
        let (drawn, held) = {
            let control = ControlOverTime::new(&world);
            let penetration = Penetration {
                world: &world,
                catalogue: &self.catalogue,
                control: &control,
            };
            let (drawn, restricted) = self.drawn.after(&self.world, &penetration, &cases);
            let drawn = Arc::new(drawn);
            let before = locked(&self.kept).clone();
            let held = match before {
                None => None,
                Some(before) => {
                    let entities = entities_reached(&world, &came, &cases, restricted);
                    let sweep = Sweep::of(penetration, (Arc::clone(&drawn), Arc::default()));
                    let texts = Texts::of(&world, snapshot, keys);
                    Some(Arc::new(before.after(&sweep, &texts, &entities)?))
                }
            };
            (drawn, held)
        };
        Ok(Some(Self {
            world,
            catalogue: Arc::clone(&self.catalogue),
            drawn,
            kept: Arc::new(Kept::new(held)),
        }))
    }

    /// The records.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// The sweep over it.
    pub fn sweep<'w>(&'w self, control: &'w ControlOverTime<'w>) -> Sweep<'w> {
        let penetration = Penetration {
            world: &self.world,
            catalogue: &self.catalogue,
            control,
        };
        let found = (Arc::clone(&self.drawn), Arc::clone(&self.kept));
        Sweep::of(penetration, found)
    }
}

/// The places of the cases from which the rules may draw something else now.
fn cases_reached(world: &World, came: &Came) -> BTreeSet<usize> {
    let mut orgs: BTreeSet<EntityId> = came.at(Set::Roles).collect();
    orgs.extend(below(world, came));
    let cases = orgs.into_iter().flat_map(|org| world.cases_of.of(org));
    cases.chain(&came.cases).copied().collect()
}

/// The companies in which holdings or agreements changed, and all below these: whoever
/// holds a changed company's votes may control what it controls.
fn below(world: &World, came: &Came) -> BTreeSet<EntityId> {
    let changed = came
        .at(Set::Holdings)
        .chain(came.at(Set::ControlAgreements));
    let mut open: Vec<EntityId> = changed.collect();
    let mut seen: BTreeSet<EntityId> = open.iter().copied().collect();
    while let Some(holder) = open.pop() {
        let held = world.holdings.naming(holder).map(|(org, _)| org);
        let agreed = world.agreements.naming(holder).map(|(org, _)| org);
        open.extend(held.chain(agreed).filter(|org| seen.insert(*org)));
    }
    seen
}

/// The entities at which gaps may have come or gone.
fn entities_reached(
    world: &World,
    came: &Came,
    cases: &BTreeSet<usize>,
    restricted: BTreeSet<EntityId>,
) -> BTreeSet<EntityId> {
    let mut entities = restricted;
    entities.extend(came.anywhere());
    let cases = || cases.iter().filter_map(|place| world.cases.get(*place));
    entities.extend(cases().map(Case::subject));
    let numbers = cases().map(Case::number);
    let numbers = numbers.chain(came.numbers.iter().map(String::as_str));
    let numbers: BTreeSet<&str> = numbers.collect();
    entities.extend(numbers.into_iter().flat_map(|number| world.citing(number)));
    let at = |person: &EntityId| world.roles.naming(*person).map(|(org, _)| org);
    let organisations: Vec<EntityId> = entities.iter().flat_map(at).collect();
    entities.extend(organisations);
    entities
}
