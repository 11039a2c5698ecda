//! Making a failing world small: rows and catalogue entries are dropped while it still fails.

use crate::world::World;
use toml::{Table, Value};

/// The smallest world found by dropping: batches, then heaps of rows, then single rows, then
/// entries of the catalogue, over and over until nothing more can go.
pub fn shrink(world: World, still_fails: impl Fn(&World) -> bool) -> World {
    let mut world = world;
    loop {
        let before = size(&world);
        drop_batches(&mut world, &still_fails);
        let mut heap = world.row_count().max(1);
        while heap >= 1 {
            drop_rows(&mut world, heap, &still_fails);
            heap /= 2;
        }
        drop_entries(&mut world, &still_fails);
        if size(&world) == before {
            return world;
        }
    }
}

fn size(world: &World) -> (usize, usize, usize) {
    let texts = world.catalogue.values().map(String::len).sum();
    (world.batches.len(), world.row_count(), texts)
}

fn drop_batches(world: &mut World, still_fails: &impl Fn(&World) -> bool) {
    let mut place = 0;
    while place < world.batches.len() {
        let mut smaller = world.clone();
        smaller.batches.remove(place);
        if !smaller.batches.is_empty() && still_fails(&smaller) {
            *world = smaller;
        } else {
            place += 1;
        }
    }
}

/// Drops `heap` rows at a time, counted over all sets of all batches.
fn drop_rows(world: &mut World, heap: usize, still_fails: &impl Fn(&World) -> bool) {
    let mut start = 0;
    while start < world.row_count() {
        let mut smaller = world.clone();
        let mut place = 0;
        for rows in smaller
            .batches
            .iter_mut()
            .flat_map(|batch| batch.rows.values_mut())
        {
            rows.retain(|_| {
                place += 1;
                !(start..start + heap).contains(&(place - 1))
            });
        }
        if still_fails(&smaller) {
            *world = smaller
        } else {
            start += heap
        }
    }
}

/// Drops single entries of the catalogue's lists of tables, but not lists: rows name them.
fn drop_entries(world: &mut World, still_fails: &impl Fn(&World) -> bool) {
    for (file, key) in [
        ("rules.toml", "rule"),
        ("measures.toml", "measure"),
        ("items.toml", "item"),
    ] {
        let mut place = 0;
        while let Some(text) = world.catalogue.get(file) {
            let mut table: Table = text.parse().expect(file);
            let Some(Value::Array(entries)) = table.get_mut(key) else {
                break;
            };
            if place >= entries.len() {
                break;
            }
            entries.remove(place);
            let mut smaller = world.clone();
            smaller.catalogue.insert(file.to_owned(), table.to_string());
            if still_fails(&smaller) {
                *world = smaller
            } else {
                place += 1
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::{Knobs, generate};

    #[test]
    fn one_row_is_left_of_a_world_that_fails_for_one_row() {
        let world = generate(7, &Knobs::default());
        let fails = |world: &World| {
            let rows = world
                .batches
                .iter()
                .filter_map(|batch| batch.rows.get("penalties"));
            rows.flatten()
                .any(|row| row["violation_type"] == "食品安全")
        };
        assert!(fails(&world));
        let small = shrink(world, fails);
        assert!(fails(&small));
        assert_eq!((small.batches.len(), small.row_count()), (1, 1));
        assert!(!small.catalogue["rules.toml"].contains("[[rule]]"));
    }
}
