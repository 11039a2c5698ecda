//! A draft becomes a history: rows in up to four batches, new versions and withdrawals.

use super::dice::{Calendar, Dice};
use super::draft::Draft;
use crate::catalogue::Catalogue;
use crate::day::Day;
use crate::version::natural_key;
use crate::world::{Batch, Row, World};
use std::collections::{BTreeMap, BTreeSet};

/// Makes the history of a draft.
pub fn history(draft: &Draft, dice: &mut Dice, calendar: &mut Calendar) -> World {
    let mut batches = empty_batches(draft, dice);
    let single = World {
        batches: Vec::new(),
        catalogue: draft.catalogue.clone(),
    };
    let catalogue = Catalogue::of(&single);
    let mut taken: BTreeSet<(usize, String, Vec<String>)> = BTreeSet::new();
    let mut seen: BTreeSet<(String, Vec<String>)> = BTreeSet::new();
    for (set, rows) in &draft.rows {
        for one in rows {
            let key = natural_key(set, one, &catalogue);
            // Two rows of one key would be a conflict: the first stays.
            if !seen.insert((set.clone(), key.clone())) {
                continue;
            }
            let pinned = set == "organizations" && draft.pinned.contains(&one["uscc"]);
            for (place, version) in versions(draft, dice, calendar, (set, one), pinned) {
                if taken.insert((place, set.clone(), key.clone())) {
                    batches[place]
                        .rows
                        .entry(set.clone())
                        .or_default()
                        .push(version);
                }
            }
        }
    }
    for batch in &mut batches {
        for rows in batch.rows.values_mut() {
            dice.shuffle(rows);
        }
    }
    World {
        batches,
        catalogue: draft.catalogue.clone(),
    }
}

fn empty_batches(draft: &Draft, dice: &mut Dice) -> Vec<Batch> {
    let count = draft.knobs.batches.unwrap_or(1);
    let mut day = Day::new(2023, 6, 1).plus(dice.between(0, 400));
    let mut batches = Vec::new();
    for _ in 0..count {
        batches.push(Batch {
            recorded_at: day,
            rows: BTreeMap::new(),
        });
        day = day.plus(dice.pick(&[0, 1, 30, 120, 300]));
    }
    batches
}

/// The versions of a row, each with the number of its batch: new content, a withdrawal, a
/// return, or the same once more.
fn versions(
    draft: &Draft,
    dice: &mut Dice,
    calendar: &mut Calendar,
    (set, one): (&str, &Row),
    pinned: bool,
) -> Vec<(usize, Row)> {
    let count = draft.knobs.batches.unwrap_or(1);
    let first = if pinned || dice.chance(60) {
        0
    } else {
        dice.below(count)
    };
    let mut current = one.clone();
    let mut all = vec![(first, current.clone())];
    for place in first + 1..count {
        match dice.below(20) {
            0..3 => {
                change(dice, calendar, set, &mut current);
                all.push((place, current.clone()));
            }
            3 if !pinned => {
                let mut withdrawn = current.clone();
                withdrawn.insert("op".to_owned(), "delete".to_owned());
                all.push((place, withdrawn));
                if place + 1 < count && dice.chance(40) {
                    all.push((place + 1, current.clone()));
                }
                break;
            }
            4 => all.push((place, current.clone())),
            _ => {}
        }
    }
    all
}

/// Changes what is not part of the natural key.
fn change(dice: &mut Dice, calendar: &mut Calendar, set: &str, one: &mut Row) {
    let cell = |one: &Row, column: &str| one.get(column).cloned().unwrap_or_default();
    let start = Day::parse_open(&cell(one, "from")).unwrap_or(Day::new(2021, 1, 1));
    let later = |dice: &mut Dice, calendar: &mut Calendar| match dice.chance(30) {
        true => String::new(),
        false => calendar.after(dice, start.plus(1), 900).to_string(),
    };
    let mut put = |column: &str, text: String| one.insert(column.to_owned(), text);
    match set {
        "organizations" => {
            put(
                "status",
                dice.pick(&["operating", "revoked", "deregistered"])
                    .to_owned(),
            );
        }
        "roles" | "control_agreements" => {
            put("to", later(dice, calendar));
        }
        "holdings" if dice.chance(50) => {
            put(
                "ratio",
                format!("{}", dice.pick(&[25, 49, 50, 51, 75, 100])),
            );
        }
        "holdings" => {
            put("to", later(dice, calendar));
        }
        "penalties" => match dice.below(3) {
            0 => drop(put(
                "status",
                dice.pick(&["revoked", "effective"]).to_owned(),
            )),
            1 => drop(put("reported_on", calendar.day(dice).to_string())),
            _ => drop(put(
                "kinds",
                dice.pick(&["fine", "warning", "licence_revoked"])
                    .to_owned(),
            )),
        },
        "listings" => {
            put("removed_on", calendar.day(dice).to_string());
            put(
                "removal_reason",
                dice.pick(&["repaired", "revoked", "other"]).to_owned(),
            );
        }
        "determinations" => {
            put("outcome", dice.pick(&["confirmed", "rejected"]).to_owned());
        }
        "repairs" => {
            put(
                "kind",
                dice.pick(&["repair", "revocation", "fulfilment"])
                    .to_owned(),
            );
        }
        "objections" => {
            put("decided_on", calendar.day(dice).to_string());
            put("outcome", dice.pick(&["upheld", "rejected"]).to_owned());
        }
        "matters" => {
            put("exemption", dice.pick(&["", "豁免"]).to_owned());
        }
        "checks" => {
            put("officer", "乙".to_owned());
        }
        "enforcements" => {
            put("to", later(dice, calendar));
        }
        _ => {}
    }
}
