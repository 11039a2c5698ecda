//! Listings of organisations and of their people, and what departments made of them.

use crate::dice::Dice;
use crate::law::{DEPARTMENTS, List, Measure, ORGANISATION_LISTS, PERSON_LISTS};
use crate::organisation::Organisation;
use crate::page::Page;
use crate::rows::{Enforcement, Listing};
use crate::shape::{
    AS_OF, AUTHORITIES, DETERMINED, ENFORCED_LATE, LISTED, LISTING_ENDED, LISTING_REVOKED,
    MATTERS_FROM, NAMED, NOT_ENFORCED, NOT_LIFTED, OBJECTED, OVERREACHED, PERSON_LISTED,
};
use crate::sheet::{Day, Subject};
use graph::time::Date;

/// The days on which an organisation is restricted, and from what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Barred {
    pub(crate) from: Day,
    /// The first day on which it is not any more.
    pub(crate) to: Day,
    pub(crate) measures: &'static [Measure],
}

impl Barred {
    /// The measure that blocks a category on a day.
    pub(crate) fn by(&self, category: &str, day: Day) -> Option<&'static str> {
        let found = self
            .measures
            .iter()
            .find(|measure| measure.blocks == category);
        let within = self.from <= day && day < self.to;
        found.filter(|_| within).map(|measure| measure.code)
    }
}

/// Writes the listings of an organisation and its people; gives what bars the organisation.
pub(crate) fn write(page: &mut Page<'_>, org: &mut Organisation) -> Vec<Barred> {
    let mut barred = Vec::new();
    let until = org.ended.unwrap_or(AS_OF) - 2;
    let first = MATTERS_FROM.max(org.from + 60);
    if first >= until {
        return barred;
    }
    let mut share = LISTED;
    while org.dice.chance(share) {
        // Whoever was listed once is listed again more easily.
        share = 250_000;
        let Some(chosen) = org.dice.weighted(&ORGANISATION_LISTS, |list| list.weight) else {
            break;
        };
        let listed_on = org.dice.day(first, until);
        let subject = Subject::Organisation(org.code);
        barred.extend(enter(page, org, chosen, (subject, listed_on)));
    }
    if org.dice.chance(PERSON_LISTED)
        && let Some(chosen) = org.dice.weighted(&PERSON_LISTS, |list| list.weight)
    {
        let listed_on = org.dice.day(first, until);
        if let Some(person) = org.head(listed_on) {
            enter(page, org, chosen, (Subject::Person(person), listed_on));
        }
    }
    barred
}

/// Writes one listing with everything that follows.
fn enter(
    page: &mut Page<'_>,
    org: &mut Organisation,
    list: &'static List,
    who: (Subject, Day),
) -> Option<Barred> {
    let (subject, listed_on) = who;
    let no = page.next(b"LR");
    let authority = page.plan.code(org.dice.below(AUTHORITIES));
    let dice = &mut org.dice;
    let violation_on = listed_on - dice.day(30, 300);
    let removed_on = listed_on + dice.day(60, 900);
    let ended = dice.chance(LISTING_ENDED) && removed_on <= AS_OF;
    let way = dice.below(100);
    let mut listing = Listing {
        no,
        list: list.code,
        authority,
        subject,
        violation_from: None,
        violation_on: dice.chance(700_000).then_some(violation_on),
        listed_on,
        expires_on: dice.chance(200_000).then(|| months_later(listed_on, 36)),
        removed_on: None,
        removal_reason: "",
    };
    let revoked = dice.chance(LISTING_REVOKED) && removed_on <= AS_OF;
    if revoked {
        (listing.removed_on, listing.removal_reason) = (Some(removed_on), "revoked");
    } else if ended && way < 70 {
        let reason = ["repaired", "fulfilled", "other"];
        (listing.removed_on, listing.removal_reason) =
            (Some(removed_on), dice.pick(&reason, "other"));
    }
    listing.write(&mut page.written.sheets.listings, &page.plan.people);
    if ended && way >= 70 && !revoked {
        let kind = if way < 95 { "repair" } else { "fulfilment" };
        page.repair(&no, removed_on, kind);
    }
    say_more(page, org, &listing, list);
    if revoked {
        return None;
    }
    let natural = listing
        .expires_on
        .or((list.max_months > 0).then(|| months_later(listed_on, list.max_months)));
    let end = natural
        .into_iter()
        .chain(ended.then_some(removed_on))
        .min()
        .unwrap_or(Day::MAX);
    enforce(page, &mut org.dice, &listing, (list, end));
    Some(Barred {
        from: listed_on,
        to: end,
        measures: list.measures,
    })
}

/// Some months later, to the day.
pub(crate) fn months_later(day: Day, months: u32) -> Day {
    Date::from_days(day).plus_months(months).days()
}

/// Objections, named persons, determinations.
fn say_more(page: &mut Page<'_>, org: &mut Organisation, listing: &Listing, list: &List) {
    if org.dice.chance(OBJECTED) {
        let filed = (listing.listed_on + org.dice.day(1, 30)).min(AS_OF);
        // An objection upheld would end the listing; what the generator knows of it would be wrong.
        let decided = filed + org.dice.day(10, 40);
        page.objection(
            &listing.no,
            filed,
            (decided <= AS_OF).then_some((decided, "rejected")),
        );
    }
    if !matches!(listing.subject, Subject::Organisation(_)) || !list.reaches_people {
        return;
    }
    if org.dice.chance(NAMED) {
        let person = Subject::Person(org.somebody(page));
        let how = org
            .dice
            .pick(&["direct", "direct", "principal", "other"], "direct");
        page.responsible(&listing.no, &person, how);
    }
    if org.dice.chance(DETERMINED)
        && let Some(person) = org.head(listing.listed_on)
    {
        let on = (listing.listed_on + org.dice.day(5, 90)).min(AS_OF);
        let confirmed = org.dice.chance(800_000);
        page.determination(&listing.no, &Subject::Person(person), on, confirmed);
    }
}

/// What the departments report.
fn enforce(page: &mut Page<'_>, dice: &mut Dice, listing: &Listing, (list, end): (&List, Day)) {
    for measure in list
        .measures
        .iter()
        .filter(|measure| !measure.enforcer.is_empty())
    {
        let (delay, made) = match dice.below(1_000_000) {
            ..NOT_ENFORCED => (0, false),
            NOT_ENFORCED..=ENFORCED_LATE_BELOW => (dice.day(30, 90), true),
            _ => (dice.day(0, 4), true),
        };
        let from = listing.listed_on + delay;
        if !made || from > AS_OF || from >= end {
            continue;
        }
        let lifted = (end <= AS_OF && !dice.chance(NOT_LIFTED)).then_some(end);
        let enforcement = Enforcement {
            no: page.next(b"SS"),
            department: measure.enforcer,
            subject: listing.subject,
            measure: measure.code,
            case_no: listing.no,
            from,
            to: lifted,
            reported_on: Some(from),
        };
        enforcement.write(&mut page.written.sheets.enforcements);
    }
    if dice.chance(OVERREACHED) {
        let department = dice.pick(&DEPARTMENTS, ("D-APV", ""));
        let enforcement = Enforcement {
            no: page.next(b"SS"),
            department: department.0,
            subject: listing.subject,
            measure: "suspend_project_approval",
            case_no: listing.no,
            from: listing.listed_on,
            to: None,
            reported_on: Some(listing.listed_on),
        };
        enforcement.write(&mut page.written.sheets.enforcements);
    }
}

const ENFORCED_LATE_BELOW: u64 = NOT_ENFORCED + ENFORCED_LATE - 1;
