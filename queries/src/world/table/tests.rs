//! A table against a map of lists: leaves are small here, so that they split and vanish.

use graph::record::RoleKind;
use graph::time::{Date, Interval};
use proptest::prelude::*;

use zerocopy::{FromBytes, IntoBytes};

use super::*;
use crate::world::Role;
use crate::world::fixed::Bounds;
use crate::world::slab::kept;

/// Of some homes, by record: a person and a day.
type Model = BTreeMap<EntityId, Vec<Role>>;

/// So many entities at most: some samples of a column, and many leaves.
const MANY: u8 = 150;

fn entity(n: u8) -> EntityId {
    EntityId::person([n; 15])
}

fn role((person, day): (u8, u8)) -> Role {
    let interval = Interval::closed(Date::from_days(i32::from(day)), Date::MAX);
    Role::new(entity(person), interval, RoleKind::Director)
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
    fn a_table_comes_back_from_its_bytes(model in homes(20, 100), step in homes(4, 12)) {
        let table = table(&model, &[]);
        let (counts, bytes) = told(&table);
        let order = bytes_of(table.order().parts());
        let ordered = |order: &[u8]| {
            let count = table.order().count();
            Order::take(&mut kept(order), count, &BOUNDS)
        };
        let back = taken(&counts, &bytes).unwrap().ordered(ordered(&order).unwrap()).unwrap();
        holds(&back, &model)?;
        // What is brought up to date goes on where the bytes lie, and is kept again.
        let mut model = model;
        let after = back.linked_with(&step);
        model.extend(step);
        holds(&after, &model)?;
        let (counts_after, bytes_after) = told(&after);
        prop_assert!(taken(&counts_after, &bytes_after).is_some());
        // Cut short, there is none.
        if !table.is_empty() {
            prop_assert!(taken(&counts, &bytes[..bytes.len() - 8]).is_none());
            prop_assert!(ordered(&order[..order.len() - 8]).is_none());
        }
    }
}

const BOUNDS: Bounds = Bounds { words: 2, cases: 2 };

/// Parts as they are kept: each begins at a multiple of 8.
fn bytes_of<'p>(parts: impl IntoIterator<Item = &'p [u8]>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for part in parts {
        bytes.extend_from_slice(part);
        bytes.resize(bytes.len().next_multiple_of(8), 0);
    }
    bytes
}

fn told(table: &Table<Role>) -> (Vec<[u32; 2]>, Vec<u8>) {
    let counts = table.leaves().iter().map(|leaf| leaf.counts());
    let parts = table.leaves().iter().flat_map(|leaf| leaf.parts());
    (counts.collect(), bytes_of(parts))
}

fn taken(counts: &[[u32; 2]], bytes: &[u8]) -> Option<Table<Role>> {
    let mut piece = kept(bytes);
    let leaves = counts.iter();
    let leaves = leaves.map(|counts| Leaf::take(&mut piece, *counts, &BOUNDS).map(Arc::new));
    Table::of_kept(leaves.collect::<Option<_>>()?)
}

/// Whether these are taken for a leaf: homes, where their rows end, and places of cases.
fn is_leaf(homes: &[EntityId], ends: &[u32], rows: &[usize]) -> bool {
    let counts = [homes.len(), rows.len()].map(|count| u32::try_from(count).unwrap());
    let bytes = bytes_of([homes.as_bytes(), ends.as_bytes(), rows.as_bytes()]);
    Leaf::<usize>::take(&mut kept(&bytes), counts, &BOUNDS).is_some()
}

#[test]
fn what_is_no_leaf_is_not_taken() {
    let [one, two] = [1, 2].map(entity);
    let unknown = EntityId::read_from_bytes(&[9; 16]).unwrap();
    assert!(is_leaf(&[one, two], &[1, 3], &[0, 1, 0]));
    let wrong = [
        ("homes out of order", [two, one], [1, 3], [0, 1, 0]),
        ("one home twice", [one, one], [1, 3], [0, 1, 0]),
        ("a home of no kind", [one, unknown], [1, 3], [0, 1, 0]),
        ("ends out of order", [one, two], [4, 3], [0, 1, 0]),
        ("a home without rows", [one, two], [0, 3], [0, 1, 0]),
        ("another without rows", [one, two], [3, 3], [0, 1, 0]),
        ("fewer rows than there are", [one, two], [1, 2], [0, 1, 0]),
        ("more rows than there are", [one, two], [1, 4], [0, 1, 0]),
        ("a case that is not there", [one, two], [1, 3], [0, 2, 0]),
    ];
    for (what, homes, ends, rows) in wrong {
        assert!(!is_leaf(&homes, &ends, &rows), "{what}");
    }
    assert!(!is_leaf(&[], &[], &[]), "nothing");
}

#[test]
fn what_is_no_order_is_not_taken() {
    let is_order = |ranks: &[u32], others: &[EntityId]| {
        let bytes = bytes_of([ranks.as_bytes(), others.as_bytes()]);
        let count = u32::try_from(ranks.len()).unwrap();
        Order::take(&mut kept(&bytes), count, &BOUNDS).is_some()
    };
    let [one, two] = [1, 2].map(entity);
    let unknown = EntityId::read_from_bytes(&[9; 16]).unwrap();
    assert!(is_order(&[8, 7, 6, 5, 4, 3, 2, 1, 0], &[one, two]));
    assert!(
        !is_order(&[9, 7, 6, 5, 4, 3, 2, 1, 0], &[one, two]),
        "a rank beyond"
    );
    assert!(
        !is_order(&[8, 7, 6, 5, 4, 3, 2, 1, 0], &[two, one]),
        "entities out of order"
    );
    assert!(
        !is_order(&[8, 7, 6, 5, 4, 3, 2, 1, 0], &[one, unknown]),
        "of no kind"
    );
    assert!(!is_order(&[8, 7, 6, 5, 4, 3, 2, 1, 0], &[one]), "too few");
}

#[test]
fn leaves_that_do_not_follow_each_other_are_no_table() {
    let leaf = |home: u8| {
        let mut rows = Rows::default();
        rows.push(entity(home), 0_usize);
        rows.finish()
    };
    let all = |homes: &[u8]| homes.iter().flat_map(|home| leaf(*home)).collect();
    assert!(Table::of_kept(all(&[1, 2, 3])).is_some());
    assert!(Table::of_kept(all(&[1, 3, 2])).is_none());
    assert!(Table::of_kept(all(&[1, 1])).is_none());
}
