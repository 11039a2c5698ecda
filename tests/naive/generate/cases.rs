//! Random cases: penalties, listings, the persons named for them, repairs and objections.

use super::dice::{Calendar, Dice};
use super::draft::{Draft, DraftCase, row};
use super::registry::Whom;
use super::rules::{KINDS, VIOLATION_TYPES};
use crate::catalogue::Catalogue;
use crate::day::Day;
use crate::world::Row;

fn text(day: Option<Day>) -> String {
    day.map_or(String::new(), |day| day.to_string())
}

/// Fills the violation's days: none, one, from only, or both (in order).
fn violation(dice: &mut Dice, calendar: &mut Calendar, one: &mut Row, own_date: Day) {
    let on = calendar.near(dice, own_date.plus(-150), 150);
    let (from, to) = match dice.below(8) {
        0 | 1 => (None, Some(on)),
        2 | 3 => (Some(on), Some(calendar.after(dice, on, 120))),
        4 => (Some(on), None),
        _ => (None, None),
    };
    one.insert("violation_from".to_owned(), text(from));
    one.insert("violation_on".to_owned(), text(to));
}

fn penalty_kinds(dice: &mut Dice) -> String {
    if dice.chance(12) {
        return String::new();
    }
    let mut kinds = dice.some(&KINDS);
    kinds.truncate(2);
    kinds.join(dice.pick(&[";", "、", ","]))
}

fn penalty(draft: &mut Draft, dice: &mut Dice, calendar: &mut Calendar, case: &DraftCase) {
    let decided = case.own_date;
    let published = dice.chance(50).then(|| calendar.after(dice, decided, 30));
    let until = dice.chance(50).then(|| calendar.after(dice, decided, 1100));
    let reported = match dice.below(10) {
        0 | 1 => None,
        2 => Some(calendar.after(dice, decided, 60)),
        _ => Some(decided.plus(dice.between(0, 14))),
    };
    let status = dice.pick(&[
        "effective",
        "effective",
        "",
        "",
        "",
        "revoked",
        "annulled_on_review",
    ]);
    let mut one = row(&[
        ("decision_no", &case.number),
        ("authority", &case.authority),
        ("violation_type", dice.pick(&VIOLATION_TYPES)),
        ("decision_on", &decided.to_string()),
        ("kinds", &penalty_kinds(dice)),
        ("fine_yuan", &dice.below(100_000).to_string()),
        (
            "summary_procedure",
            if dice.chance(25) { "true" } else { "false" },
        ),
        ("published_from", &text(published)),
        ("published_until", &text(until)),
        ("reported_on", &text(reported)),
        ("status", if dice.chance(60) { "" } else { status }),
    ]);
    case.subject.fill(&mut one);
    violation(dice, calendar, &mut one, decided);
    draft.add("penalties", one);
}

/// Penalties: some heap up on few organisations, some share a number with another authority,
/// and some are one decision on two subjects (to which nothing refers).
pub fn penalties(draft: &mut Draft, dice: &mut Dice, calendar: &mut Calendar, count: usize) {
    let mut busy = dice.some(&draft.orgs);
    busy.truncate(3);
    for _ in 0..count {
        let subject = match dice.below(10) {
            0..6 => Whom::Org(dice.pick(&busy)),
            _ => draft.subject(dice),
        };
        let mut case = DraftCase {
            number: draft.number("罚"),
            authority: dice.pick(&draft.authorities),
            shared: false,
            listing: false,
            subject,
            own_date: calendar.day(dice),
        };
        let again = dice.below(20);
        if again == 0 {
            case.shared = true;
            let mut twin = case.clone();
            let others: Vec<String> = draft
                .authorities
                .iter()
                .filter(|one| **one != case.authority)
                .cloned()
                .collect();
            twin.authority = dice.pick(&others);
            twin.subject = draft.subject(dice);
            twin.own_date = calendar.day(dice);
            penalty(draft, dice, calendar, &twin);
            draft.cases.push(twin);
        }
        penalty(draft, dice, calendar, &case);
        if again == 1 {
            // One decision on two subjects: nothing may refer to it by its number.
            let mut other = case.clone();
            other.subject = draft.subject(dice);
            if other.subject != case.subject {
                penalty(draft, dice, calendar, &other);
                continue;
            }
        }
        draft.cases.push(case);
    }
}

fn removal(dice: &mut Dice, calendar: &mut Calendar, one: &mut Row, listed: Day) {
    let removed = dice.chance(35).then(|| calendar.after(dice, listed, 700));
    let reason = if removed.is_some() {
        dice.pick(&[
            "expired",
            "repaired",
            "repaired",
            "fulfilled",
            "revoked",
            "other",
            "",
        ])
    } else {
        ""
    };
    one.insert("removed_on".to_owned(), text(removed));
    one.insert("removal_reason".to_owned(), reason.to_owned());
}

/// The decision on which a listing rests: one on the same subject, on another, or not loaded.
fn basis(draft: &mut Draft, dice: &mut Dice, subject: &Whom) -> String {
    let usable = || {
        draft
            .cases
            .iter()
            .filter(|case| !case.listing && !case.shared)
    };
    let own: Vec<String> = usable()
        .filter(|case| case.subject == *subject)
        .map(|case| case.number.clone())
        .collect();
    let any: Vec<String> = usable().map(|case| case.number.clone()).collect();
    match dice.below(8) {
        0..4 if !own.is_empty() => dice.pick(&own),
        4 if !any.is_empty() => dice.pick(&any),
        5 => draft.number("未载"),
        _ => String::new(),
    }
}

/// Listings, under the code, the name or an alias of their list.
pub fn listings(draft: &mut Draft, dice: &mut Dice, calendar: &mut Calendar, count: usize) {
    let lists = Catalogue::of(&draft.as_world()).lists;
    for _ in 0..count {
        let list = dice.pick(&lists);
        let written = match dice.below(4) {
            0 => dice.pick(&list.names),
            _ => list.code.clone(),
        };
        let case = DraftCase {
            number: draft.number("列"),
            authority: dice.pick(&draft.authorities),
            shared: false,
            listing: true,
            subject: draft.subject(dice),
            own_date: calendar.day(dice),
        };
        let expires = dice
            .chance(30)
            .then(|| calendar.after(dice, case.own_date, 800));
        let mut one = row(&[
            ("listing_no", &case.number),
            ("list", &written),
            ("authority", &case.authority),
            ("listed_on", &case.own_date.to_string()),
            ("expires_on", &text(expires)),
            ("basis_decision_no", &basis(draft, dice, &case.subject)),
        ]);
        case.subject.fill(&mut one);
        violation(dice, calendar, &mut one, case.own_date);
        removal(dice, calendar, &mut one, case.own_date);
        draft.add("listings", one);
        draft.cases.push(case);
    }
}

/// Persons named for cases, also for decisions that are only the basis of a listing.
pub fn responsible_persons(draft: &mut Draft, dice: &mut Dice) {
    let unloaded: Vec<String> = draft.rows["listings"]
        .iter()
        .map(|one| one["basis_decision_no"].clone())
        .filter(|number| number.starts_with("未载"))
        .collect();
    for case in draft.cases.clone() {
        for _ in 0..dice.below(8).saturating_sub(5) {
            let mut one = row(&[(
                "responsibility",
                dice.pick(&["direct", "principal", "other"]),
            )]);
            case.refer(&mut one, "case_no", "case_authority", false);
            let person = match &case.subject {
                Whom::Org(org) if draft.knobs.provisional_named && dice.chance(15) => {
                    draft.provisional(dice, org)
                }
                _ => dice.pick(&draft.persons),
            };
            person.fill(&mut one, "person_name");
            draft.add("responsible_persons", one);
        }
    }
    for number in unloaded {
        let mut one = row(&[("case_no", &number), ("responsibility", "direct")]);
        dice.pick(&draft.persons).fill(&mut one, "person_name");
        draft.add("responsible_persons", one);
    }
}

/// Repairs, revocations and fulfilments.
pub fn repairs(draft: &mut Draft, dice: &mut Dice, calendar: &mut Calendar) {
    for case in draft.cases.clone() {
        for _ in 0..dice.below(6).saturating_sub(3) {
            let day = match dice.below(12) {
                0 => case.own_date.plus(-dice.between(0, 5)),
                _ => calendar.after(dice, case.own_date, 700),
            };
            let kind = dice.pick(&[
                "repair",
                "repair",
                "",
                "fulfilment",
                "revocation",
                "fulfilment",
            ]);
            let day = draft.apart(&case, day);
            let mut one = row(&[("repaired_on", &day.to_string()), ("kind", kind)]);
            case.refer(&mut one, "target_no", "target_authority", dice.chance(10));
            draft.add("repairs", one);
        }
    }
}

/// Objections: pending, upheld, rejected.
pub fn objections(draft: &mut Draft, dice: &mut Dice, calendar: &mut Calendar) {
    for case in draft.cases.clone() {
        if !dice.chance(25) {
            continue;
        }
        let filed = calendar.after(dice, case.own_date, 400);
        let decided = dice.chance(70).then(|| calendar.after(dice, filed, 200));
        let outcome = match decided {
            Some(_) => dice.pick(&["upheld", "upheld", "rejected"]),
            None => dice.pick(&["", "pending"]),
        };
        let mut one = row(&[
            ("objection_no", &draft.number("异")),
            ("filed_on", &filed.to_string()),
            ("decided_on", &text(decided)),
            ("outcome", outcome),
        ]);
        case.refer(&mut one, "target_no", "target_authority", dice.chance(10));
        draft.add("objections", one);
    }
}
