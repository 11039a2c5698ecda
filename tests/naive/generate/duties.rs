//! Random acts of departments: determinations, enforcement, matters, checks, and appointments
//! near the edges of restrictions. What is restricted so far is asked of the oracle itself.

use super::dice::{Calendar, Dice};
use super::draft::{Draft, DraftCase, row};
use super::registry::Whom;
use super::rules::DEPARTMENTS;
use crate::day::{Day, Span};
use crate::days::FIRST;
use crate::known::Known;
use crate::penetration::{ALL, CREDULOUS, Key};
use crate::record::{Case, Subject};
use std::collections::{BTreeMap, BTreeSet};

fn text(day: Option<Day>) -> String {
    day.map_or(String::new(), |day| day.to_string())
}

impl Draft {
    /// The draft case behind a known one, unless nothing may refer to it.
    fn draft_case(&self, case: &Case) -> Option<DraftCase> {
        let same = |one: &&DraftCase| one.number == case.number && one.authority == case.authority;
        self.cases.iter().find(same).cloned()
    }

    /// A subject as the rows write it; none for a provisional person.
    fn whom(&self, known: &Known<'_>, subject: &Subject) -> Option<Whom> {
        match subject {
            Subject::Org(uscc) => Some(Whom::Org(uscc.clone())),
            _ => self.person_named(&known.label(subject)).map(Whom::Person),
        }
    }
}

/// Determinations on most persons that rules find, some twice, and a few that have no effect.
pub fn determinations(draft: &mut Draft, dice: &mut Dice, calendar: &mut Calendar) {
    let world = draft.as_world();
    let known = Known::after(&world, 1);
    let mut found: BTreeSet<(Subject, usize)> = BTreeSet::new();
    for place in 0..known.cases.len() {
        let all = known.search(place, false);
        found.extend(all.into_iter().map(|one| (one.key.0, one.key.2)));
    }
    for (subject, place) in found {
        let Some(case) = draft.draft_case(&known.cases[place]) else {
            continue;
        };
        let Some(Whom::Person(mut person)) = draft.whom(&known, &subject) else {
            continue;
        };
        if dice.chance(4) {
            person = dice.pick(&draft.persons);
        }
        for _ in 0..dice.below(4).saturating_sub(1) {
            let day = match dice.below(10) {
                0 => case.own_date.plus(-dice.between(1, 90)),
                _ => calendar.after(dice, case.own_date, 400),
            };
            let outcome = dice.pick(&["confirmed", "confirmed", "rejected"]);
            let mut one = row(&[
                ("decided_on", &draft.apart(&case, day).to_string()),
                ("outcome", outcome),
                ("officer", "甲"),
                ("reason", "经核实"),
            ]);
            case.refer(&mut one, "case_no", "case_authority", dice.chance(10));
            person.fill(&mut one, "person_name");
            draft.add("determinations", one);
        }
    }
}

/// When each restriction or lead begins and ends, as if nothing had been withdrawn.
fn reaches(known: &Known<'_>) -> BTreeMap<Key, Span> {
    let mut all: BTreeMap<Key, Span> = BTreeMap::new();
    let credulous = known.restrictions(CREDULOUS).into_iter();
    let days = credulous
        .map(|(key, one)| (key, one.days))
        .chain(known.leads());
    for (key, days) in days {
        let spans = days.intervals();
        if let (Some(first), Some(last)) = (spans.first(), spans.last()) {
            all.insert(
                key,
                Span {
                    from: first.from,
                    to: last.to,
                },
            );
        }
    }
    all
}

/// Enforcement reports: in time and late, lifted and not, some without any restriction.
pub fn enforcements(draft: &mut Draft, dice: &mut Dice, calendar: &mut Calendar) {
    let world = draft.as_world();
    let known = Known::after(&world, 1);
    for ((subject, measure, place), span) in reaches(&known) {
        let Some(case) = draft.draft_case(&known.cases[place]) else {
            continue;
        };
        let Some(whom) = draft.whom(&known, &subject) else {
            continue;
        };
        if !dice.chance(draft.knobs.enforced_percent) {
            continue;
        }
        let start = span.from.unwrap_or(case.own_date);
        let version = known.catalogue.measure(&measure, start);
        let enforcers = version.map_or(Vec::new(), |one| one.enforcers.clone());
        let workdays = version.map_or(3, |one| one.report_workdays);
        let deadline = known.catalogue.plus_working_days(start, workdays);
        let department = match dice.chance(80) && !enforcers.is_empty() {
            true => dice.pick(&enforcers),
            false => dice.pick(&DEPARTMENTS).to_owned(),
        };
        let from = start.plus(dice.between(0, 6));
        let reported = match dice.below(7) {
            0 => None,
            1 => Some(deadline),
            2 => Some(deadline.plus(1)),
            3 => Some(deadline.plus(dice.between(0, 60))),
            _ => Some(start.plus(dice.between(0, 5))),
        };
        let end = span.to.unwrap_or(from.plus(500)).max(from.plus(1));
        let to = match dice.below(8) {
            0 => Some(calendar.near(dice, end, 8).max(from.plus(1))),
            1 => Some(end),
            2 if draft.knobs.empty_enforcements => Some(from),
            _ => None,
        };
        let other = dice.chance(10);
        let measure = if other { "M0".to_owned() } else { measure };
        let mut one = row(&[
            ("enforcement_no", &draft.number("施")),
            ("department", &department),
            ("measure", &measure),
            ("from", &from.to_string()),
            ("to", &text(to)),
            ("reported_on", &text(reported)),
        ]);
        whom.fill(&mut one);
        case.refer(&mut one, "case_no", "case_authority", dice.chance(10));
        draft.add("enforcements", one);
    }
    for _ in 0..dice.below(4) {
        stray_enforcement(draft, dice, calendar);
    }
}

/// An enforcement on anybody for any case, or for one that is not loaded.
fn stray_enforcement(draft: &mut Draft, dice: &mut Dice, calendar: &mut Calendar) {
    let from = calendar.day(dice);
    let mut one = row(&[
        ("enforcement_no", &draft.number("超")),
        ("department", dice.pick(&DEPARTMENTS)),
        ("measure", dice.pick(&["M0", "M1", "M2"])),
        ("from", &from.to_string()),
        ("case_no", &draft.number("未载")),
    ]);
    draft.subject(dice).fill(&mut one);
    if dice.chance(80) && !draft.cases.is_empty() {
        dice.pick(&draft.cases)
            .refer(&mut one, "case_no", "case_authority", false);
    }
    draft.add("enforcements", one);
}

/// Appointments of restricted persons on the days at which their restrictions begin or end.
pub fn appointments(draft: &mut Draft, dice: &mut Dice) {
    let world = draft.as_world();
    let known = Known::after(&world, 1);
    for ((subject, measure, _), restriction) in known.restrictions(ALL) {
        let Some(Whom::Person(person)) = draft.whom(&known, &subject) else {
            continue;
        };
        if !dice.chance(25) {
            continue;
        }
        let spans = restriction.days.intervals();
        let span = dice.pick(&spans);
        let start = span.from.unwrap_or(FIRST);
        let edge = if dice.chance(30) {
            span.to.unwrap_or(start)
        } else {
            start
        };
        let from = edge.plus(dice.pick(&[-1, 0, 1, 1, 2, 40]));
        let Some(version) = known.catalogue.measure(&measure, from) else {
            continue;
        };
        if version.bars_roles.is_empty() {
            continue;
        }
        let to = match dice.below(5) {
            0 => Some(from.plus(dice.between(1, 300))),
            1 if draft.knobs.empty_intervals => Some(from),
            _ => None,
        };
        let mut one = row(&[
            ("uscc", &dice.pick(&draft.orgs)),
            ("role", &dice.pick(&version.bars_roles)),
            ("from", &from.to_string()),
            ("to", &text(to)),
        ]);
        person.fill(&mut one, "person_name");
        draft.add("roles", one);
    }
}

/// A day at which something about a subject's restrictions may change.
fn edge(dice: &mut Dice, calendar: &mut Calendar, spans: &BTreeMap<Key, Span>) -> Day {
    let edges: Vec<Day> = spans
        .values()
        .flat_map(|span| [span.from, span.to])
        .flatten()
        .collect();
    match dice.chance(60) && !edges.is_empty() {
        true => dice.pick(&edges).plus(dice.between(-1, 1)),
        false => calendar.day(dice),
    }
}

/// Matters, many of them decided at the edges of restrictions.
pub fn matters(draft: &mut Draft, dice: &mut Dice, calendar: &mut Calendar, count: usize) {
    let world = draft.as_world();
    let known = Known::after(&world, 1);
    let spans = reaches(&known);
    let restricted: Vec<Whom> = spans
        .keys()
        .filter_map(|(subject, _, place)| {
            // The organisation through which a person was reached is a good applicant too.
            let org = known.cases[*place]
                .subject
                .org()
                .map(|uscc| Whom::Org(uscc.to_owned()));
            org.or_else(|| draft.whom(&known, subject))
        })
        .collect();
    for _ in 0..count {
        let applicant = match dice.chance(60) && !restricted.is_empty() {
            true => dice.pick(&restricted),
            false => draft.subject(dice),
        };
        let decided = edge(dice, calendar, &spans);
        let accepted = decided.plus(-dice.pick(&[0, 0, 1, 5, 20, 40]));
        let outcome = dice.pick(&[
            "granted",
            "granted",
            "granted",
            "refused",
            "refused",
            "pending",
            "withdrawn",
        ]);
        let items: Vec<String> = known
            .catalogue
            .items
            .iter()
            .map(|item| item.code.clone())
            .collect();
        let item = if dice.chance(3) {
            "I-未知".to_owned()
        } else {
            dice.pick(&items)
        };
        let measures: Vec<&String> = spans.keys().map(|key| &key.1).collect();
        let refused_for = match outcome == "refused" && dice.chance(85) && !measures.is_empty() {
            true => dice.pick(&measures).clone(),
            false => String::new(),
        };
        let open = outcome == "pending" || dice.chance(3);
        let mut one = row(&[
            ("matter_no", &draft.number("办")),
            ("department", dice.pick(&DEPARTMENTS)),
            ("item", &item),
            ("accepted_on", &accepted.to_string()),
            (
                "decided_on",
                &if open {
                    String::new()
                } else {
                    decided.to_string()
                },
            ),
            ("outcome", if open { "pending" } else { outcome }),
            ("refused_for", &refused_for),
            (
                "exemption",
                if outcome == "granted" && dice.chance(15) {
                    "豁免"
                } else {
                    ""
                },
            ),
        ]);
        applicant.fill(&mut one);
        draft.add("matters", one);
    }
}

/// Checks of those concerned, at the edges of the days on which they would do.
pub fn checks(draft: &mut Draft, dice: &mut Dice) {
    let world = draft.as_world();
    let known = Known::after(&world, 1);
    for matter in &known.matters {
        let Some(item) = known.item_of(matter) else {
            continue;
        };
        let (accepted, decided) = (matter.accepted_on, matter.decided_on);
        let opened = accepted.plus(-item.check_valid_days);
        let decided = decided.unwrap_or(accepted.plus(10));
        for subject in known.concerned(matter, item, accepted) {
            let Some(whom) = draft.whom(&known, &subject) else {
                continue;
            };
            for _ in 0..dice.below(3) {
                let day = match dice.below(12) {
                    0 => opened,
                    1 => opened.plus(-1),
                    2 => decided,
                    3 => decided.plus(1),
                    4 => decided.plus(365 + dice.between(0, 1)),
                    5 => accepted.plus(-365 - dice.between(0, 1)),
                    6 => decided.plus(dice.between(1, 100)),
                    _ => accepted,
                };
                let time = dice.pick(&[
                    "",
                    "",
                    " 09:30:00",
                    "T23:59:59+08:00",
                    "T15:59:59Z",
                    "T16:00:00Z",
                ]);
                let number = match dice.below(5) {
                    0 => format!("办{}-0", draft.seed),
                    1 | 2 => String::new(),
                    _ => matter.matter_no.clone(),
                };
                let stranger = dice.chance(10);
                let department = match stranger {
                    true => dice.pick(&DEPARTMENTS),
                    false => matter.department.as_str(),
                };
                let mut one = row(&[
                    ("check_no", &draft.number("核")),
                    ("department", department),
                    ("checked_at", &format!("{day}{time}")),
                    ("matter_no", &number),
                ]);
                whom.fill(&mut one);
                draft.add("checks", one);
            }
        }
    }
}
