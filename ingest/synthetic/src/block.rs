//! One block of organisations, from their registration to the checks of their matters.

use crate::dice::{Dice, Purpose};
use crate::flaws;
use crate::groups::Groups;
use crate::organisation::Organisation;
use crate::page::{Page, Written};
use crate::plan::Plan;
use crate::shape::BAD_ROW;
use crate::{listings, matters, penalties};

/// The block number of documents of residents; no block of organisations has it.
const RESIDENTS: u64 = 999_998;

/// Makes a block.
pub(crate) fn make(plan: &Plan, block: u64) -> Written {
    let mut page = Page::new(plan, block);
    let groups = Groups::of(plan, block);
    page.written.tally.largest_group = groups.largest;
    page.written.tally.deepest_chain = groups.deepest;
    for place in 0..plan.in_block(block) {
        let mut org = Organisation::found(&mut page, &groups, place);
        penalties::write(&mut page, &mut org);
        let barred = listings::write(&mut page, &mut org);
        matters::write(&mut page, &mut org, &barred);
        if org.dice.chance(BAD_ROW) {
            let kind = org.dice.below(flaws::KINDS);
            let person = Plan::first_person(block) + place;
            flaws::write(&mut page, &mut org.dice, kind, (&org.code, person));
        }
    }
    page.written
}

/// Makes `rows` rows of residents' matters and checks; `part` tells one call from another.
pub(crate) fn residents(plan: &Plan, part: u64, rows: u64) -> Written {
    let mut page = Page::new(plan, RESIDENTS - part);
    let mut dice = Dice::of(plan.seed, Purpose::Residents, part);
    matters::residents(&mut page, &mut dice, rows);
    page.written
}
