//! `nominee_like`: a person who is legal representative of very many operating
//! organisations. Operating is meant as last known, the office as of the day.

use graph::id::EntityId;
use graph::record::RoleKind;
use graph::time::Date;
use rayon::prelude::*;

use super::{Signal, SignalKind, is_operating};
use crate::sweep::Sweep;
use crate::world::Role;

pub(super) fn find(sweep: &Sweep<'_>, day: Date, found: &mut Vec<Signal>) {
    let world = sweep.world();
    let least = sweep.catalogue().settings.signals.nominee_organisations;
    let roles = world.roles.side_by_side();
    let held = roles.filter(|(org, _)| is_operating(world, *org));
    let held = held.flat_map_iter(|(org, rows)| {
        let represented =
            |row: &&Role| row.role == RoleKind::LegalRepresentative && row.interval.holds(day);
        let rows = rows.iter().filter(represented);
        rows.map(move |row| (row.person, org, row))
    });
    let mut offices: Vec<(EntityId, EntityId, &Role)> = held.collect();
    offices.par_sort_by_key(|(person, org, _)| (*person, *org));
    for of_person in offices.chunk_by(|one, other| one.0 == other.0) {
        let mut organisations: Vec<EntityId> = of_person.iter().map(|(_, org, _)| *org).collect();
        organisations.dedup();
        let enough = usize::try_from(least).is_ok_and(|least| organisations.len() >= least);
        if let Some((person, _, _)) = of_person.first().filter(|_| enough) {
            let mut signal = Signal::new(SignalKind::NomineeLike, *person);
            signal.organisations = organisations;
            signal.records = of_person
                .iter()
                .map(|(_, org, row)| row.cited(*org))
                .collect();
            found.push(signal);
        }
    }
}
