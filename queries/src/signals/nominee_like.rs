//! `nominee_like`: a person who is legal representative of very many operating
//! organisations. Operating is meant as last known, the office as of the day.

use std::collections::BTreeMap;

use graph::id::{EntityId, RecordId};
use graph::record::RoleKind;
use graph::time::Date;

use super::{Signal, SignalKind, is_operating};
use crate::sweep::Sweep;

pub(super) fn find(sweep: &Sweep<'_>, day: Date, found: &mut Vec<Signal>) {
    let world = sweep.world();
    let least = sweep.catalogue().settings.signals.nominee_organisations;
    let mut offices: BTreeMap<EntityId, Vec<(EntityId, RecordId)>> = BTreeMap::new();
    for row in world.roles.all() {
        let role = &row.record;
        let held = role.role == RoleKind::LegalRepresentative && role.interval.holds(day);
        if held && is_operating(world, role.org) {
            offices
                .entry(role.person)
                .or_default()
                .push((role.org, row.id));
        }
    }
    for (person, held) in offices {
        let mut signal = Signal::new(SignalKind::NomineeLike, person);
        (signal.organisations, signal.records) = held.into_iter().unzip();
        signal.organisations.sort_unstable();
        signal.organisations.dedup();
        if usize::try_from(least).is_ok_and(|least| signal.organisations.len() >= least) {
            found.push(signal);
        }
    }
}
