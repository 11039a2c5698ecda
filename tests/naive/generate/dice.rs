//! A small deterministic source of choices (SplitMix64): the same seed, the same world.

use crate::day::Day;

/// The dice.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Dice that fall as the seed says.
    pub fn new(seed: u64) -> Dice {
        Dice(seed ^ 0x9e37_79b9_7f4a_7c15)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number of `[0, end)`.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.bits() % u64::try_from(end).unwrap()).unwrap()
    }

    /// A number of `[low, high]`.
    pub fn between(&mut self, low: i32, high: i32) -> i32 {
        low + i32::try_from(self.below(usize::try_from(high - low + 1).unwrap())).unwrap()
    }

    /// Yes, so many times of a hundred.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of a list.
    pub fn pick<T: Clone>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())].clone()
    }

    /// Some of a list, each with the same chance, at least one.
    pub fn some<T: Clone>(&mut self, list: &[T]) -> Vec<T> {
        let mut chosen: Vec<T> = list.iter().filter(|_| self.chance(45)).cloned().collect();
        if chosen.is_empty() {
            chosen.push(self.pick(list));
        }
        chosen
    }

    /// The list in another order.
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for place in (1..list.len()).rev() {
            list.swap(place, self.below(place + 1));
        }
    }
}

/// Days that were drawn, so that new ones often fall on, or next to, old ones.
#[derive(Clone, Debug)]
pub struct Calendar {
    drawn: Vec<Day>,
}

/// Days at which calendars are known to go wrong.
const AWKWARD: [&str; 14] = [
    "2021-02-28",
    "2022-01-31",
    "2022-12-31",
    "2023-01-01",
    "2023-02-28",
    "2023-10-06",
    "2024-01-31",
    "2024-02-04",
    "2024-02-09",
    "2024-02-28",
    "2024-02-29",
    "2024-03-01",
    "2024-08-31",
    "2024-12-31",
];

impl Calendar {
    /// A calendar that has drawn only the awkward days.
    pub fn new() -> Calendar {
        Calendar {
            drawn: AWKWARD.map(Day::parse).to_vec(),
        }
    }

    /// A day between 2021 and the middle of 2025.
    pub fn day(&mut self, dice: &mut Dice) -> Day {
        let day = match dice.below(10) {
            0 | 1 => dice.pick(&self.drawn),
            2 | 3 => dice.pick(&self.drawn).plus(dice.between(-1, 1)),
            _ => Day::new(2021, 1, 1).plus(dice.between(0, 1640)),
        };
        self.drawn.push(day);
        day
    }

    /// A day some way after another: often the same, the next, or one already drawn.
    pub fn after(&mut self, dice: &mut Dice, day: Day, most: i32) -> Day {
        let later: Vec<Day> = self
            .drawn
            .iter()
            .copied()
            .filter(|one| *one >= day && *one <= day.plus(most))
            .collect();
        let found = match dice.below(8) {
            0 => day,
            1 => day.plus(1),
            2 | 3 if !later.is_empty() => dice.pick(&later),
            _ => day.plus(dice.between(0, most)),
        };
        self.drawn.push(found);
        found
    }

    /// A day near another.
    pub fn near(&mut self, dice: &mut Dice, day: Day, within: i32) -> Day {
        let found = day.plus(dice.between(-within, within));
        self.drawn.push(found);
        found
    }
}

impl Default for Calendar {
    fn default() -> Calendar {
        Calendar::new()
    }
}
