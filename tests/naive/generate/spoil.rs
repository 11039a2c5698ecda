//! Rows that nobody can understand, added to a world: they are quarantined and change nothing.

use super::dice::Dice;
use super::draft::row;
use crate::world::{Row, World};

/// A world with some rows more that must be quarantined, and how many there are. Its answers
/// are those of the world without them.
pub fn spoil(world: &World, seed: u64) -> (World, usize) {
    let mut dice = Dice::new(seed);
    let mut spoiled = world.clone();
    let count = 1 + dice.below(8);
    for number in 0..count {
        let place = dice.below(spoiled.batches.len());
        let (set, one) = bad_row(&mut dice, number);
        spoiled.batches[place]
            .rows
            .entry(set.to_owned())
            .or_default()
            .push(one);
    }
    (spoiled, count)
}

fn bad_row(dice: &mut Dice, number: usize) -> (&'static str, Row) {
    let no = format!("坏-{number}");
    let uscc = "91350100M000100Y43";
    match dice.below(9) {
        // The day does not exist.
        0 => (
            "penalties",
            row(&[
                ("decision_no", &no),
                ("authority", "某局"),
                ("subject_kind", "org"),
                ("uscc", uscc),
                ("decision_on", "2023-02-29"),
            ]),
        ),
        // A penalty must have a day.
        1 => (
            "penalties",
            row(&[
                ("decision_no", &no),
                ("authority", "某局"),
                ("subject_kind", "org"),
                ("uscc", uscc),
                ("decision_on", ""),
            ]),
        ),
        // A wrong check character of an organisation that nobody registered.
        2 => (
            "matters",
            row(&[
                ("matter_no", &no),
                ("department", "D-FIN"),
                ("item", "I0"),
                ("subject_kind", "org"),
                ("uscc", "91350100M000100Y44"),
                ("accepted_on", "2023-03-01"),
            ]),
        ),
        // A wrong check character of a resident number.
        3 => (
            "roles",
            row(&[
                ("uscc", uscc),
                ("role", "director"),
                ("id_type", "resident_id"),
                ("id_number", "110105194912310021"),
                ("person_name", &no),
            ]),
        ),
        // It ends before it begins.
        4 => (
            "roles",
            row(&[
                ("uscc", uscc),
                ("role", "director"),
                ("person_name", &no),
                ("from", "2023-01-02"),
                ("to", "2023-01-01"),
            ]),
        ),
        // More than the whole.
        5 => (
            "holdings",
            row(&[
                ("uscc", uscc),
                ("ratio", "100.5"),
                ("holder_kind", "person"),
                ("holder_name", &no),
            ]),
        ),
        // An unknown role.
        6 => (
            "roles",
            row(&[("uscc", uscc), ("role", "门卫"), ("person_name", &no)]),
        ),
        // An assertion of control without a document.
        7 => (
            "control_agreements",
            row(&[
                ("uscc", uscc),
                ("kind", "agreement"),
                ("holder_kind", "person"),
                ("holder_name", &no),
            ]),
        ),
        // A rejection needs a reason.
        _ => (
            "determinations",
            row(&[
                ("case_no", &no),
                ("id_type", "passport"),
                ("id_number", "E00000001"),
                ("person_name", &no),
                ("decided_on", "2023-05-01"),
                ("outcome", "rejected"),
            ]),
        ),
    }
}
