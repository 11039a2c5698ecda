//! What the city is like: every share and every period, in one place.
//!
//! Shares are per million unless the name says otherwise. They are chosen so that the mixture of
//! record sets is that of a prefecture-level city of some 70 million records: 4 % organisations,
//! a third matters, more than a third checks; and so that every question has something to find,
//! which makes faults commoner than one would hope for.

/// 2016-07-01: the first day on which shares or offices change hands.
pub(crate) const HISTORY_FROM: i32 = 16_983;
/// 2022-07-01: the first day of matters, checks and the listings that bind.
pub(crate) const MATTERS_FROM: i32 = 19_174;
/// 2023-07-01: the first day of three years before [`AS_OF`].
pub(crate) const WINDOW_FROM: i32 = 19_539;
/// 2026-06-30: the day to ask on; nothing is dated later.
pub(crate) const AS_OF: i32 = 20_634;

/// Organisations in a block: what one thread makes at a time and keeps in memory.
pub(crate) const BLOCK: u64 = 8_192;
/// Rows that an organisation has on average, in thousandths, a little more than measured: what is
/// left of the size is filled with matters of residents.
pub(crate) const ROWS_PER_THOUSAND_ORGANISATIONS: u64 = 23_700;
/// Persons in a block: five for three organisations.
pub(crate) const PERSONS_IN_BLOCK: u64 = BLOCK * 5 / 3;
/// A record set is cut into files of about so many rows.
pub(crate) const ROWS_PER_FILE: u64 = 2_000_000;

/// Invented resident numbers: the first six digits, and the birthdays of 1900 to 1909.
pub(crate) const REGIONS: [&str; 12] = [
    "341502", "341503", "341504", "341521", "341522", "341523", "341524", "341525", "341501",
    "341500", "341526", "341527",
];
pub(crate) const BIRTH_DAYS: u64 = 3_652;

/// Authorities that punish and list: the first organisations.
pub(crate) const AUTHORITIES: u64 = 24;
/// Organisations kept for planted stories.
pub(crate) const FIRST_ORGANISATION: u64 = 512;
/// Persons kept: hubs, then those of planted stories.
pub(crate) const FIRST_PLANTED_PERSON: u64 = 1_000;
pub(crate) const FIRST_PERSON: u64 = 2_000;
/// One hub person (an agent with hundreds of companies) for so many organisations.
pub(crate) const ORGANISATIONS_PER_HUB: u64 = 20_000;
/// A part is played by a hub.
pub(crate) const BY_HUB: u64 = 8_000;
/// A part is played by somebody who plays others too.
pub(crate) const BY_OFTEN_SEEN: u64 = 180_000;

/// Organisations in groups: so many of a hundred in a block.
pub(crate) const GROUPED_PERCENT: u64 = 30;
/// The smallest group; a group has at least `x` members with probability `3 / x`.
pub(crate) const GROUP_LEAST: u64 = 3;
/// A group is one chain from top to bottom.
pub(crate) const GROUP_IS_CHAIN: u64 = 30_000;
/// A holding chain has at most so many links.
pub(crate) const DEEPEST: u64 = 15;
/// A group's head is held by one of its members: a closed circle.
pub(crate) const GROUP_IS_CIRCLE: u64 = 20_000;
/// A member holds a part of another member.
pub(crate) const CROSS_HOLDING: u64 = 50_000;
/// A member is controlled by agreement instead of shares.
pub(crate) const BY_AGREEMENT: u64 = 30_000;
/// Holders of a company act in concert.
pub(crate) const IN_CONCERT: u64 = 30_000;
/// A company has many holders; most have one to three.
pub(crate) const MANY_HOLDERS: u64 = 10_000;
/// Shares changed hands.
pub(crate) const SHARES_MOVED: u64 = 150_000;
/// Votes differ from capital.
pub(crate) const VOTES_DIFFER: u64 = 20_000;

/// A code with a wrong check character: 0.2 per 10 000.
pub(crate) const WRONG_CODE: u64 = 20;
/// An organisation is not operating any more.
pub(crate) const ENDED: u64 = 180_000;

/// The register names a supervisor without a number.
pub(crate) const UNNUMBERED: u64 = 20_000;

/// One of an organisation's people has been punished.
pub(crate) const PERSON_PUNISHED: u64 = 60_000;
/// An organisation has been punished at all.
pub(crate) const PUNISHED: u64 = 135_000;
/// The most penalties of one organisation; at least `x` with probability `1 / x`.
pub(crate) const PENALTIES_MOST: u64 = 60;
/// All penalties of a punished organisation fall into the last three years.
pub(crate) const PUNISHED_LATELY: u64 = 600_000;
/// What became of a penalty.
pub(crate) const PENALTY_REVOKED: u64 = 10_000;
pub(crate) const PENALTY_ANNULLED: u64 = 3_000;
pub(crate) const PENALTY_REPAIRED: u64 = 250_000;
pub(crate) const PENALTY_WITHDRAWN: u64 = 5_000;
pub(crate) const OBJECTED: u64 = 10_000;
/// Reported late, or never, of those old enough.
pub(crate) const REPORTED_LATE: u64 = 40_000;
pub(crate) const NEVER_REPORTED: u64 = 20_000;

/// An organisation has been listed; a listed one again.
pub(crate) const LISTED: u64 = 30_000;
/// One of its people has been listed.
pub(crate) const PERSON_LISTED: u64 = 25_000;
/// What became of a listing.
pub(crate) const LISTING_ENDED: u64 = 550_000;
pub(crate) const LISTING_REVOKED: u64 = 15_000;
/// A listing names a person directly responsible; a department decided on one.
pub(crate) const NAMED: u64 = 200_000;
pub(crate) const DETERMINED: u64 = 250_000;
/// How departments report what they did about a restriction.
pub(crate) const ENFORCED_LATE: u64 = 60_000;
pub(crate) const NOT_ENFORCED: u64 = 80_000;
pub(crate) const NOT_LIFTED: u64 = 60_000;
pub(crate) const OVERREACHED: u64 = 10_000;

/// The fewest matters of an organisation; at least `x` with probability `2 / x`.
pub(crate) const MATTERS_LEAST: u64 = 2;
pub(crate) const MATTERS_MOST: u64 = 60;
/// A matter at a service counter.
pub(crate) const AT_COUNTER: u64 = 400_000;
/// What became of a matter whose applicant is not restricted.
pub(crate) const REFUSED: u64 = 40_000;
pub(crate) const WRONGLY_REFUSED: u64 = 600;
pub(crate) const WITHDRAWN: u64 = 30_000;
/// A restricted applicant: refused as the law says, or exempted; else granted.
pub(crate) const RIGHTLY_REFUSED: u64 = 800_000;
pub(crate) const EXEMPTED: u64 = 50_000;
/// A check was not made, was made too late, or was too old.
pub(crate) const NOT_CHECKED: u64 = 25_000;
pub(crate) const CHECKED_LATE: u64 = 15_000;
pub(crate) const CHECK_STALE: u64 = 15_000;

/// An organisation brings a bad row along: one row in 5 000.
pub(crate) const BAD_ROW: u64 = 4_670;

#[cfg(test)]
mod tests {
    use super::*;
    use graph::time::Date;

    #[test]
    fn days_are_the_days_meant() {
        for (day, text) in [
            (HISTORY_FROM, "2016-07-01"),
            (MATTERS_FROM, "2022-07-01"),
            (WINDOW_FROM, "2023-07-01"),
            (AS_OF, "2026-06-30"),
        ] {
            assert_eq!(Date::from_days(day).to_string(), text);
        }
    }

    #[test]
    fn every_birthday_is_in_its_decade() {
        let first = Date::from_ymd(1900, 1, 1).unwrap().days();
        let last = first + i32::try_from(BIRTH_DAYS).unwrap() - 1;
        assert_eq!(Date::from_days(last).to_string(), "1909-12-31");
    }
}
