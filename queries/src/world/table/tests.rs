//! A table against a map of lists: leaves are small here, so that they split and vanish.

use graph::record::RoleKind;
use graph::time::{Date, Interval};
use proptest::prelude::*;

use super::*;
use crate::world::Role;

/// Of some homes, by record: a person and a day.
type Model = BTreeMap<EntityId, Vec<Role>>;

/// So many entities at most: some samples of a column, and many leaves.
const MANY: u8 = 150;

fn entity(n: u8) -> EntityId {
    EntityId::person([n; 15])
}

fn role((person, day): (u8, u8)) -> Role {
    Role {
        person: entity(person),
        interval: Interval::closed(Date::from_days(i32::from(day)), Date::MAX),
        role: RoleKind::Director,
    }
}

/// Some homes with up to so many rows each; of few entities or of many.
fn homes(rows: usize, homes: usize) -> impl Strategy<Value = Model> {
    let of = move |many: u8, homes: usize| {
        let rows = proptest::collection::vec((0..many, any::<u8>()), 0..=rows);
        proptest::collection::btree_map(0..many, rows, 0..=homes)
    };
    let told = prop_oneof![of(6, homes.min(6)), of(MANY, homes)];
    told.prop_map(|told| {
        let told = told.into_iter();
        told.map(|(home, rows)| (entity(home), rows.into_iter().map(role).collect()))
            .collect()
    })
}

/// A table whose parts end where these homes begin.
fn table(model: &Model, cuts: &[u8]) -> Table<Role> {
    let part = |home: EntityId| cuts.iter().filter(|cut| entity(**cut) <= home).count();
    let parts = (0..=cuts.len()).map(|number| {
        let mut rows = Rows::default();
        for (home, of) in model.iter().filter(|(home, _)| part(**home) == number) {
            for row in of {
                rows.push(*home, row.clone());
            }
        }
        rows
    });
    Table::of_rows(parts).linked()
}

/// What a table answers, against the lists of rows.
fn holds(table: &Table<Role>, model: &Model) -> Result<(), TestCaseError> {
    let told = model.iter().filter(|(_, rows)| !rows.is_empty());
    let told: Vec<(EntityId, &[Role])> = told.map(|(home, rows)| (*home, &rows[..])).collect();
    let flat = || {
        let told = told.iter();
        told.flat_map(|(home, rows)| rows.iter().map(|row| (*home, row)))
    };
    prop_assert_eq!(table.by_home().collect::<Vec<_>>(), told.clone());
    prop_assert_eq!(table.side_by_side().collect::<Vec<_>>(), told.clone());
    prop_assert_eq!(table.all().collect::<Vec<_>>(), flat().collect::<Vec<_>>());
    let homes: Vec<_> = table.homes().collect();
    prop_assert_eq!(homes.len(), table.home_count());
    prop_assert_eq!(
        homes,
        told.iter().map(|(home, _)| *home).collect::<Vec<_>>()
    );
    prop_assert_eq!(table.len(), flat().count());
    prop_assert_eq!(table.is_empty(), flat().next().is_none());
    for one in (0..=MANY).map(entity) {
        let none = Vec::new();
        prop_assert_eq!(table.of(one), model.get(&one).unwrap_or(&none));
        let naming: Vec<_> = table.naming(one).collect();
        let told = flat().filter(|(_, row)| row.person == one);
        prop_assert_eq!(naming, told.collect::<Vec<_>>());
    }
    Ok(())
}

proptest! {
    #[test]
    fn rows_are_found_by_either_end_however_they_were_cut(
        model in homes(20, 100),
        mut cuts in proptest::collection::vec(0..=MANY, 0..3),
    ) {
        cuts.sort_unstable();
        holds(&table(&model, &cuts), &model)?;
    }

    #[test]
    fn two_tables_are_walked_beside_each_other(one in homes(20, 100), other in homes(5, 100)) {
        let (one, other) = (table(&one, &[]), table(&other, &[]));
        let told = one.by_home().map(|(home, rows)| (home, rows, other.of(home)));
        prop_assert_eq!(one.beside(&other).collect::<Vec<_>>(), told.collect::<Vec<_>>());
    }

    #[test]
    fn a_table_brought_up_to_date_is_as_one_made_anew(
        mut model in homes(5, 100),
        steps in proptest::collection::vec(homes(4, 12), 0..5),
    ) {
        let mut table = table(&model, &[]);
        for step in steps {
            let before = (table.clone(), model.clone());
            table = table.linked_with(&step);
            model.extend(step);
            holds(&table, &model)?;
            holds(&before.0, &before.1)?;
        }
    }

    #[test]
    fn leaves_without_a_change_are_shared(model in homes(5, 100), step in homes(4, 3)) {
        let before = table(&model, &[]);
        let after = before.linked_with(&step);
        let shares = |leaf: &&Arc<Leaf<Role>>| after.leaves().iter().any(|one| Arc::ptr_eq(one, leaf));
        let shared = before.leaves().iter().filter(shares).count();
        prop_assert!(before.leaves().len() - shared <= step.len());
    }

    #[test]
    fn leaves_come_back_from_their_bytes(model in homes(20, 100)) {
        let table = table(&model, &[]);
        let mut bytes = Vec::new();
        table.leaves().iter().for_each(|leaf| leaf.put(&mut bytes));
        let mut rest = bytes.as_slice();
        let mut leaves = Vec::new();
        while !rest.is_empty() {
            leaves.push(Arc::new(Leaf::<Role>::take(&mut rest).unwrap()));
        }
        let kept = Table::of_leaves(leaves).ordered(table.order().to_vec());
        holds(&kept, &model)?;
        // Cut short, they are none.
        let mut short = bytes.split_last().map_or(&[][..], |(_, short)| short);
        while !short.is_empty() {
            let taken = Leaf::<Role>::take(&mut short);
            if taken.is_none() {
                return Ok(());
            }
        }
        prop_assert!(bytes.is_empty(), "a leaf cut short was taken");
    }
}
