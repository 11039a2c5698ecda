//! Penalties of an organisation, concentrated in few; and what became of them.

use crate::dice::Dice;
use crate::law::{KINDS, VIOLATIONS};
use crate::organisation::Organisation;
use crate::page::Page;
use crate::rows::Penalty;
use crate::shape::{
    AS_OF, AUTHORITIES, HISTORY_FROM, NEVER_REPORTED, OBJECTED, PENALTIES_MOST, PENALTY_ANNULLED,
    PENALTY_REPAIRED, PENALTY_REVOKED, PENALTY_WITHDRAWN, PERSON_PUNISHED, PUNISHED,
    PUNISHED_LATELY, REPORTED_LATE, WINDOW_FROM,
};
use crate::sheet::{Day, Subject};
use crate::tally::Tally;

/// Writes the penalties of an organisation.
pub(crate) fn write(page: &mut Page<'_>, org: &mut Organisation) {
    let day = org.dice.day(HISTORY_FROM, AS_OF);
    if org.dice.chance(PERSON_PUNISHED)
        && let Some(person) = org.head(day)
    {
        let mut penalty = draw(page, org, day, day);
        penalty.subject = Subject::Person(person);
        let mut dice = org.dice.clone();
        punish(page, &mut dice, &penalty);
        org.dice = dice;
    }
    if !org.dice.chance(PUNISHED) {
        return;
    }
    let many = org.dice.tail(1, PENALTIES_MOST);
    let lately = org.dice.chance(PUNISHED_LATELY);
    let last = org.ended.unwrap_or(AS_OF) - 1;
    let first = (org.from + 30).max(if lately { WINDOW_FROM } else { HISTORY_FROM });
    if first >= last {
        return;
    }
    let (mut count, mut published) = (0, 0);
    for _ in 0..many {
        let penalty = draw(page, org, first, last);
        let standing = punish(page, &mut org.dice, &penalty);
        if penalty.decision_on >= WINDOW_FROM && standing.counts {
            count += 1;
            published += u64::from(standing.published);
        }
    }
    page.written.tally.offender(count, published);
}

fn draw(page: &mut Page<'_>, org: &mut Organisation, first: Day, last: Day) -> Penalty {
    let no = page.next(b"CF");
    let dice = &mut org.dice;
    let decision_on = dice.day(first, last);
    let violation_on = decision_on - dice.day(20, 200);
    let published_from = decision_on + dice.day(0, 5);
    let until = dice
        .chance(500_000)
        .then(|| published_from + dice.day(90, 1_100));
    Penalty {
        no,
        authority: page.plan.code(dice.below(AUTHORITIES)),
        subject: Subject::Organisation(org.code),
        violation_from: dice.chance(150_000).then(|| violation_on - dice.day(1, 60)),
        violation_on: (!dice.chance(100_000)).then_some(violation_on),
        decision_on,
        violation_type: dice
            .weighted(&VIOLATIONS, |one| one.1)
            .map_or("", |one| one.0),
        kinds: dice.weighted(&KINDS, |one| one.1).map_or("", |one| one.0),
        fine_yuan: dice.tail(2, 50_000) * 100,
        published_from: (!dice.chance(100_000)).then_some(published_from),
        published_until: until,
        reported_on: reported(dice, decision_on),
        status: match dice.below(1_000_000) {
            ..PENALTY_REVOKED => "revoked",
            PENALTY_REVOKED..=PENALTY_ANNULLED_BELOW => "annulled_on_review",
            _ => "",
        },
    }
}

const PENALTY_ANNULLED_BELOW: u64 = PENALTY_REVOKED + PENALTY_ANNULLED - 1;

/// Reported within five days, which no calendar makes more than seven working days; or after more
/// days than any run of holidays; or never.
fn reported(dice: &mut Dice, decision_on: Day) -> Option<Day> {
    if decision_on > AS_OF - 120 {
        return Some(decision_on);
    }
    match dice.below(1_000_000) {
        ..NEVER_REPORTED => None,
        NEVER_REPORTED..=REPORTED_LATE_BELOW => Some(decision_on + dice.day(40, 110)),
        _ => Some(decision_on + dice.day(0, 5)),
    }
}

const REPORTED_LATE_BELOW: u64 = NEVER_REPORTED + REPORTED_LATE - 1;

/// How a penalty stands on the day to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) counts: bool,
    pub(crate) published: bool,
}

/// Writes a penalty and what became of it.
fn punish(page: &mut Page<'_>, dice: &mut Dice, penalty: &Penalty) -> Standing {
    write_counted(page, penalty);
    let from = penalty.published_from.unwrap_or(penalty.decision_on);
    let mut standing = Standing {
        counts: penalty.status.is_empty(),
        published: from <= AS_OF && penalty.published_until.is_none_or(|until| AS_OF < until),
    };
    let later = penalty.decision_on + dice.day(60, 500);
    if later <= AS_OF {
        if dice.chance(PENALTY_WITHDRAWN) {
            page.repair(&penalty.no, later, "revocation");
            standing.counts = false;
        } else if dice.chance(PENALTY_REPAIRED) {
            page.repair(&penalty.no, later, "repair");
            standing.published = false;
        }
    }
    if dice.chance(OBJECTED) {
        let filed = (penalty.decision_on + dice.day(1, 40)).min(AS_OF);
        let decided = filed + dice.day(10, 60);
        let upheld = dice.chance(300_000);
        let outcome = if upheld { "upheld" } else { "rejected" };
        page.objection(
            &penalty.no,
            filed,
            (decided <= AS_OF).then_some((decided, outcome)),
        );
        standing.published &= !(upheld && decided <= AS_OF);
    }
    standing
}

/// Writes a penalty and counts it if it was reported late or never.
pub(crate) fn write_counted(page: &mut Page<'_>, penalty: &Penalty) {
    penalty.write(&mut page.written.sheets.penalties, &page.plan.people);
    let tally: &mut Tally = &mut page.written.tally;
    match penalty.reported_on {
        None => tally.never_published += 1,
        Some(day) => tally.published_late += u64::from(day > penalty.decision_on + 30),
    }
}
