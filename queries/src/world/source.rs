//! Where every record of a world stands, for proofs.

use graph::change::{BatchNo, Source};
use graph::id::{RecordId, Set};
use rustc_hash::FxHashMap;

use super::{CaseRecord, Row, World};

type Places = FxHashMap<RecordId, (Set, BatchNo, Source)>;

pub(super) fn all(world: &World) -> Places {
    let mut places = Places::default();
    note(
        &mut places,
        Set::Organisations,
        world.organisations.values(),
    );
    note(
        &mut places,
        Set::Persons,
        world.persons.values().map(|(row, _)| row),
    );
    note(&mut places, Set::Departments, world.departments.values());
    note(&mut places, Set::Roles, world.roles.all());
    note(&mut places, Set::Holdings, world.holdings.all());
    note(&mut places, Set::ControlAgreements, world.agreements.all());
    note(&mut places, Set::Matters, world.matters.all());
    note(&mut places, Set::Checks, world.checks.all());
    note(&mut places, Set::Enforcements, world.enforcements.all());
    for case in &world.cases {
        match &case.record {
            CaseRecord::Listing(row) => note(&mut places, Set::Listings, [row]),
            CaseRecord::Penalty(row) => note(&mut places, Set::Penalties, [row]),
        }
        note(&mut places, Set::Repairs, &case.ends.repairs);
        note(&mut places, Set::Objections, &case.ends.objections);
        note(&mut places, Set::ResponsiblePersons, &case.named);
        note(&mut places, Set::Determinations, &case.determinations);
    }
    places
}

fn note<'a, T: 'a>(places: &mut Places, set: Set, rows: impl IntoIterator<Item = &'a Row<T>>) {
    places.extend(
        rows.into_iter()
            .map(|row| (row.id, (set, row.batch, row.source))),
    );
}
