//! Rows that cannot be understood: one for every reason of the quarantine.
//!
//! Each is a row of its own, so that nothing else hangs on it.

use crate::dice::Dice;
use crate::identity::misprinted;
use crate::page::Page;
use crate::sheet::{Person, Subject};

/// Kinds of bad rows.
pub(crate) const KINDS: u64 = 16;

/// Writes a bad row of a kind below [`KINDS`]; `at` is an organisation and a person to put in.
pub(crate) fn write(page: &mut Page<'_>, dice: &mut Dice, kind: u64, at: (&[u8; 18], u64)) {
    let (code, index) = at;
    let person = page.plan.person(index);
    match kind {
        0..=3 => of_people(page, kind, code, &person),
        4..=5 => of_owners(page, kind, code, &person),
        6..=9 => of_cases(page, dice, kind, code),
        _ => of_duties(page, kind, code),
    }
}

/// Organisations, roles.
fn of_people(page: &mut Page<'_>, kind: u64, code: &[u8; 18], person: &Person) {
    let people = &page.plan.people;
    let sheets = &mut page.written.sheets;
    let short = code.get(..17).unwrap_or(code);
    match kind {
        0 => {
            let row = sheets
                .organisations
                .flawed("bad_uscc")
                .bytes(short)
                .text("云溪市某某有限公司");
            row.text("enterprise,operating,341502,F5299,2020-01-01,,,,")
                .end();
        }
        1 => {
            // Nobody is registered under it: a misprint of a code that another index would have.
            let free = misprinted(page.plan.people.code(*b"99", person.index));
            let row = sheets
                .roles
                .flawed("bad_uscc")
                .bytes(&free)
                .text("director");
            row.bytes(&person.number)
                .name(people, person)
                .day(19_000)
                .empty()
                .end();
        }
        2 => {
            let row = sheets
                .roles
                .flawed("bad_id_number")
                .bytes(code)
                .text("director");
            row.bytes(&misprinted(person.number))
                .name(people, person)
                .day(19_000)
                .empty()
                .end();
        }
        _ => {
            let row = sheets
                .roles
                .flawed("interval_reversed")
                .bytes(code)
                .text("supervisor");
            row.bytes(&person.number)
                .name(people, person)
                .day(19_000)
                .day(18_000)
                .end();
        }
    }
}

/// Holdings, agreements.
fn of_owners(page: &mut Page<'_>, kind: u64, code: &[u8; 18], person: &Person) {
    let people = &page.plan.people;
    let sheets = &mut page.written.sheets;
    let (row, rest) = if kind == 4 {
        (sheets.holdings.flawed("ratio_out_of_range"), ",120,,")
    } else {
        (sheets.agreements.flawed("missing_field"), ",nominee,")
    };
    let row = row.bytes(code).empty().bytes(&person.number);
    row.name(people, person).day(19_000).text(rest).end();
}

/// Penalties, listings.
fn of_cases(page: &mut Page<'_>, dice: &mut Dice, kind: u64, code: &[u8; 18]) {
    let authority = page.plan.code(dice.below(crate::shape::AUTHORITIES));
    let no = page.next(b"CF");
    let sheets = &mut page.written.sheets;
    let (reason, date, fine) = match kind {
        6 => ("bad_date", "2025-02-30", "500"),
        7 => ("bad_number", "2025-02-20", "若干"),
        8 => ("missing_field", "", "500"),
        _ => {
            let row = sheets
                .listings
                .flawed("bad_enum")
                .bytes(no.bytes())
                .text("其他应当关注的名单");
            let row = row.bytes(&authority).subject(&Subject::Organisation(*code));
            row.text(",,2025-01-05,2025-02-20,,,,").end();
            return;
        }
    };
    let row = sheets
        .penalties
        .flawed(reason)
        .bytes(no.bytes())
        .bytes(&authority);
    let row = row
        .subject(&Subject::Organisation(*code))
        .text(",,2025-01-05")
        .text(date);
    row.text("价格违法")
        .text("fine")
        .text(fine)
        .text(",,,")
        .end();
}

/// Matters, checks, enforcements, objections, determinations.
fn of_duties(page: &mut Page<'_>, kind: u64, code: &[u8; 18]) {
    let no = page.next(b"QX");
    let subject = Subject::Organisation(*code);
    let sheets = &mut page.written.sheets;
    match kind {
        10 => {
            let row = sheets
                .matters
                .flawed("interval_reversed")
                .bytes(no.bytes())
                .text("D-FIN,GP-01");
            row.subject(&subject)
                .text("2025-03-09,2025-03-01,granted,,")
                .end();
        }
        11 => {
            let row = sheets
                .matters
                .flawed("bad_enum")
                .bytes(no.bytes())
                .text("D-FIN,GP-01");
            row.subject(&subject)
                .text("2025-03-01,2025-03-09,也许,,")
                .end();
        }
        12 => {
            let row = sheets
                .checks
                .flawed("bad_date")
                .bytes(no.bytes())
                .text("W-01");
            row.subject(&subject).text("去年三月").empty().end();
        }
        13 => {
            // Nothing may follow a closing quote.
            let row = sheets
                .checks
                .flawed("unreadable")
                .bytes(no.bytes())
                .text("\"窗\"口");
            row.subject(&subject).text("2025-03-01").empty().end();
        }
        14 => {
            let row = sheets
                .matters
                .flawed("missing_field")
                .empty()
                .text("D-FIN,GP-01");
            row.subject(&subject)
                .text("2025-03-01,2025-03-09,granted,,")
                .end();
        }
        _ => {
            for day in [20_100, 20_101] {
                let row = sheets
                    .enforcements
                    .flawed("duplicate_key_conflict")
                    .bytes(no.bytes());
                let row = row.text("D-FIN").subject(&subject).text("bar_procurement");
                row.bytes(no.bytes()).day(day).empty().day(day).end();
            }
        }
    }
}
