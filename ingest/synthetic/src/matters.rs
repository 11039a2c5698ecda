//! Matters of organisations and residents, and the checks that were made for them, or not.

use crate::dice::Dice;
use crate::law::{COUNTERS, ITEMS, Item, RESIDENT_ITEMS};
use crate::listings::Barred;
use crate::organisation::Organisation;
use crate::page::Page;
use crate::rows::{Check, Matter};
use crate::shape::{
    AS_OF, AT_COUNTER, CHECK_STALE, CHECKED_LATE, EXEMPTED, MATTERS_FROM, MATTERS_LEAST,
    MATTERS_MOST, NOT_CHECKED, REFUSED, RIGHTLY_REFUSED, WITHDRAWN, WRONGLY_REFUSED,
};
use crate::sheet::{Day, Subject};

/// Writes the matters of an organisation, with their checks.
pub(crate) fn write(page: &mut Page<'_>, org: &mut Organisation, barred: &[Barred]) {
    let last = org.ended.unwrap_or(AS_OF) - 5;
    let first = MATTERS_FROM.max(org.from + 5);
    if first >= last {
        return;
    }
    for _ in 0..org.dice.tail(MATTERS_LEAST, MATTERS_MOST) {
        let Some(item) = org.dice.weighted(&ITEMS, |item| item.weight) else {
            return;
        };
        let applicant = Subject::Organisation(org.code);
        let accepted_on = org.dice.day(first, last);
        let matter = decide(page, &mut org.dice, item, (applicant, accepted_on), barred);
        matter.write(&mut page.written.sheets.matters);
        let mut dice = org.dice.clone();
        if item.applicant {
            check(page, &mut dice, &matter, item, applicant);
        }
        for office in item.offices {
            for held in org
                .holders(office, accepted_on)
                .filter(|held| !held.unnumbered)
            {
                check(page, &mut dice, &matter, item, Subject::Person(held.person));
            }
        }
        org.dice = dice;
    }
}

fn decide(
    page: &mut Page<'_>,
    dice: &mut Dice,
    item: &Item,
    (applicant, accepted_on): (Subject, Day),
    barred: &[Barred],
) -> Matter {
    let decided_on = (accepted_on + dice.day(0, 20)).min(AS_OF);
    let counter = dice.chance(AT_COUNTER);
    let mut matter = Matter {
        no: page.next(b"BJ"),
        department: if counter {
            dice.pick(&COUNTERS, item.department)
        } else {
            item.department
        },
        item: item.code,
        applicant,
        accepted_on,
        decided_on: Some(decided_on),
        outcome: "granted",
        refused_for: "",
        exemption: "",
    };
    let throw = dice.below(1_000_000);
    let blocking = barred
        .iter()
        .find_map(|barred| barred.by(item.category, decided_on));
    if let Some(measure) = blocking {
        match throw {
            ..RIGHTLY_REFUSED => (matter.outcome, matter.refused_for) = ("refused", measure),
            RIGHTLY_REFUSED..=EXEMPTED_BELOW => matter.exemption = "民生保障项目，经批准",
            _ => {}
        }
        return matter;
    }
    match throw {
        ..WRONGLY_REFUSED => {
            (matter.outcome, matter.refused_for) = ("refused", wrong_measure(item));
        }
        WRONGLY_REFUSED..=REFUSED_BELOW => matter.outcome = "refused",
        REFUSED..=WITHDRAWN_BELOW => matter.outcome = "withdrawn",
        _ if decided_on > AS_OF - 20 => (matter.outcome, matter.decided_on) = ("pending", None),
        _ => {}
    }
    matter
}

const EXEMPTED_BELOW: u64 = RIGHTLY_REFUSED + EXEMPTED - 1;
const REFUSED_BELOW: u64 = REFUSED - 1;
const WITHDRAWN_BELOW: u64 = REFUSED + WITHDRAWN - 1;

/// A measure that a department cites although nothing is there.
fn wrong_measure(item: &Item) -> &'static str {
    match item.category {
        "government_procurement" => "bar_procurement",
        "bidding" => "bar_bidding",
        "fiscal_funds" => "bar_fiscal_funds",
        "land_transfer" => "bar_land_transfer",
        "high_value_consumption" => "limit_consumption",
        _ => "bar_honours",
    }
}

/// Writes the check of one subject, unless it was forgotten.
fn check(page: &mut Page<'_>, dice: &mut Dice, matter: &Matter, item: &Item, subject: Subject) {
    let last = matter.decided_on.unwrap_or(AS_OF);
    let checked_on = match dice.below(1_000_000) {
        ..NOT_CHECKED => return,
        NOT_CHECKED..=LATE_BELOW => last + dice.day(1, 60),
        LATE..=STALE_BELOW => matter.accepted_on - item.valid_days - dice.day(1, 200),
        _ => dice.day(matter.accepted_on - 5, last),
    };
    if checked_on > AS_OF {
        return;
    }
    let check = Check {
        no: page.next(b"HC"),
        department: matter.department,
        subject,
        checked_on,
        matter_no: dice.chance(900_000).then_some(matter.no),
    };
    check.write(&mut page.written.sheets.checks);
}

const LATE: u64 = NOT_CHECKED + CHECKED_LATE;
const LATE_BELOW: u64 = LATE - 1;
const STALE_BELOW: u64 = LATE + CHECK_STALE - 1;

/// Writes matters of residents, each with its check while there is room, until `rows` are written.
pub(crate) fn residents(page: &mut Page<'_>, dice: &mut Dice, rows: u64) {
    let persons = crate::plan::Plan::first_person(page.plan.blocks());
    let first = crate::shape::FIRST_PERSON;
    while page.written.sheets.rows() < rows {
        let Some(item) = dice.weighted(&RESIDENT_ITEMS, |item| item.weight) else {
            return;
        };
        let person = page.plan.person(first + dice.below(persons - first));
        let accepted_on = dice.day(MATTERS_FROM, AS_OF - 5);
        let matter = decide(
            page,
            dice,
            item,
            (Subject::Person(person), accepted_on),
            &[],
        );
        matter.write(&mut page.written.sheets.matters);
        if page.written.sheets.rows() < rows {
            check(page, dice, &matter, item, Subject::Person(person));
        }
    }
}
