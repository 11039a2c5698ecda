//! On which days to ask a world: where the answers change.

use super::dice::Dice;
use crate::day::Day;
use crate::gaps::gaps;
use crate::world::World;
use std::collections::BTreeSet;

/// So many pairs of `as_of` and `known_at` at which the answers of a world are likely to be
/// delicate: the days of its cells and the deadlines of its gaps, and the days beside them.
pub fn days_to_ask(world: &World, seed: u64, count: usize) -> Vec<(Day, Day)> {
    let mut dice = Dice::new(seed);
    let mut events: BTreeSet<Day> = BTreeSet::new();
    let (low, high) = (Day::new(2020, 6, 1), Day::new(2027, 1, 1));
    for row in world
        .batches
        .iter()
        .flat_map(|batch| batch.rows.values().flatten())
    {
        for (column, text) in row {
            let dated = ["_on", "from", "to", "_until"]
                .iter()
                .any(|end| column.ends_with(end));
            if dated && text.len() == 10 && text.is_ascii() {
                events.insert(Day::parse(text));
            }
        }
    }
    let late = Day::new(2026, 12, 31);
    for gap in gaps(world, late, late).as_array().unwrap() {
        events.insert(Day::parse(gap["on"].as_str().unwrap()));
    }
    let events: Vec<Day> = events
        .into_iter()
        .filter(|day| (low..high).contains(day))
        .chain([high])
        .collect();
    let mut all = Vec::new();
    for _ in 0..count {
        let as_of = dice.pick(&events).plus(dice.between(-1, 1));
        let batch = &world.batches[dice.below(world.batches.len())];
        let known_at = match dice.below(6) {
            0 => batch.recorded_at.plus(-1),
            1 | 2 => batch.recorded_at,
            3 => batch.recorded_at.plus(1),
            _ => high,
        };
        all.push((as_of, known_at));
    }
    all
}
