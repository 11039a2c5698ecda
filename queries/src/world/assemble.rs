//! Attaching to each case what refers to it by number.

use std::collections::BTreeSet;
use std::sync::Arc;

use graph::change::BatchNo;
use graph::id::{EntityId, Home, RecordId, Set};
use graph::record::Record;
use graph::store::{Snapshot, StoreError, Version};
use graph::time::{Date, Interval};
use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::by_text::{by_text, digest};
use super::cases::Gathered;

use super::record::{Determination, Naming, Objection, Repair};
use super::symbol::Words;
use super::{Case, Table, World, meant, take};

/// What is said about the cases of a number (and authority).
#[derive(Debug)]
pub(super) struct Reference<T> {
    pub(super) id: RecordId,
    pub(super) number: Box<str>,
    pub(super) authority: Option<Arc<str>>,
    pub(super) said: T,
}

/// Everything about cases before it is attached to them.
#[derive(Debug, Default)]
pub(super) struct CaseParts {
    pub(super) penalties: Gathered,
    pub(super) listings: Gathered,
    pub(super) repairs: Vec<Reference<Repair>>,
    pub(super) objections: Vec<Reference<Objection>>,
    pub(super) named: Vec<Reference<Naming>>,
    pub(super) determinations: Vec<Reference<Determination>>,
}

impl CaseParts {
    /// Cases with all that is said of these numbers.
    pub(super) fn of(
        (snapshot, known): (&dyn Snapshot, BatchNo),
        cases: impl Iterator<Item = Version>,
        numbers: &BTreeSet<String>,
        words: &mut Words<'_>,
    ) -> Result<Self, StoreError> {
        let (mut listings, mut penalties) = (Vec::new(), Vec::new());
        for version in cases {
            match version.record {
                Record::Listing(_) => listings.extend(take::listing(version, words)),
                _ => penalties.extend(take::penalty(version, words)),
            }
        }
        let mut parts = Self {
            listings: Gathered::of(listings),
            penalties: Gathered::of(penalties),
            ..Self::default()
        };
        let homes: BTreeSet<Home> = numbers.iter().map(|number| Home::number(number)).collect();
        let homes: Vec<Home> = homes.into_iter().collect();
        snapshot.filed_at(Set::Repairs, &homes, known, &mut |version| {
            parts.repairs.extend(take::repair(version, words));
            Ok(())
        })?;
        snapshot.filed_at(Set::Objections, &homes, known, &mut |version| {
            parts.objections.extend(take::objection(version, words));
            Ok(())
        })?;
        snapshot.filed_at(Set::ResponsiblePersons, &homes, known, &mut |version| {
            parts.named.extend(take::naming(version, words));
            Ok(())
        })?;
        snapshot.filed_at(Set::Determinations, &homes, known, &mut |version| {
            let said = take::determination(version, words);
            parts.determinations.extend(said);
            Ok(())
        })?;
        Ok(parts)
    }
}

/// The violation days that a record itself states; its own date closes an open range.
pub(super) fn stated(from: Option<Date>, on: Option<Date>, own: Date) -> Option<Interval> {
    match (from, on) {
        (Some(from), Some(on)) => Some(Interval::closed(from, on)),
        (None, Some(on)) => Some(Interval::closed(on, on)),
        (Some(from), None) => Some(Interval::closed(from, own)),
        (None, None) => None,
    }
}

/// Makes the cases and attaches to each what refers to it.
pub(super) fn assemble(world: &mut World, parts: CaseParts) {
    for case in Gathered::in_order(parts.listings, parts.penalties) {
        world.cases.push(case);
    }
    index(world);
    let based = world.cases.all().filter(|(_, case)| case.basis().is_some());
    let based: Vec<usize> = based.map(|(place, _)| place).collect();
    attach_repairs(world, parts.repairs);
    attach(world, parts.objections, |case, objection| {
        case.said_mut().objections.push(objection);
    });
    attach(world, parts.determinations, |case, determination| {
        case.said_mut().determinations.push(determination);
    });
    attach_named(world, parts.named, &based);
    link_basis(world, &based);
}

/// By which subjects and numbers cases are found.
fn index(world: &mut World) {
    let all = || world.cases.side_by_side();
    let mut of: Vec<(EntityId, usize)> =
        all().map(|(place, case)| (case.subject(), place)).collect();
    of.par_sort_unstable();

    let numbers = all().map(|(place, case)| (digest(case.number()), place));
    let bases = all().filter_map(|(place, case)| Some((digest(case.basis()?), place)));
    // Several of one number in an order that is the same in every store, as ids of persons
    // are not.
    let order = |place: &usize| world.cases.get(*place).map(|case| (case.kind(), case.id));
    let (numbers, bases) = (
        by_text(numbers.collect(), order),
        by_text(bases.collect(), order),
    );
    world.cases_of = Table::of_sorted(of);
    (world.by_number, world.by_basis) = (numbers, bases);
}

/// A repair that names its subject leaves the others of a joint decision alone.
fn attach_repairs(world: &mut World, repairs: Vec<Reference<Repair>>) {
    let subject_of = |place: usize| world.cases.get(place).map(Case::subject);
    let names_one = |repair: &Reference<Repair>| {
        let meant = world.cases_meant(&repair.number, repair.authority.as_deref());
        let subject = repair.said.subject;
        subject.is_some() && meant.into_iter().any(|case| subject_of(case) == subject)
    };
    let (of_one, of_all): (Vec<_>, Vec<_>) = repairs.into_iter().partition(names_one);
    attach(world, of_all, |case, repair| {
        case.said_mut().repairs.push(repair);
    });
    attach(world, of_one, |case, repair| {
        if repair.subject == Some(case.subject()) {
            case.said_mut().repairs.push(repair);
        }
    });
}

/// Gives what was said to the cases that its number (and authority) means.
fn attach<T: Clone>(
    world: &mut World,
    mut references: Vec<Reference<T>>,
    mut give: impl FnMut(&mut Case, T),
) {
    references.sort_by_key(|reference| reference.id);
    for reference in references {
        for place in world.cases_meant(&reference.number, reference.authority.as_deref()) {
            if let Some(case) = world.cases.get_mut(place) {
                give(case, reference.said.clone());
            }
        }
    }
}

/// Named persons belong to the case of the number and, through a listing's basis
/// decision, to the listing when that decision is on the same subject or not loaded.
fn attach_named(world: &mut World, mut named: Vec<Reference<Naming>>, based: &[usize]) {
    named.sort_by_key(|naming| naming.id);
    let mut by_number: FxHashMap<&str, Vec<&Reference<Naming>>> = FxHashMap::default();
    for naming in &named {
        by_number.entry(&naming.number).or_default().push(naming);
    }
    let through_basis: Vec<(usize, Vec<Naming>)> = based
        .iter()
        .filter_map(|place| {
            let listing = world.cases.get(*place)?;
            let fitting = by_number.get(listing.basis()?)?.iter();
            let fitting = fitting.filter(|naming| basis_fits(world, listing, naming));
            Some((*place, fitting.map(|naming| naming.said.clone()).collect()))
        })
        .collect();
    attach(world, named, |case, naming| {
        case.said_mut().named.push(naming);
    });
    for (place, namings) in through_basis {
        let Some(case) = world.cases.get_mut(place) else {
            continue;
        };
        for naming in namings {
            if case.named().iter().all(|there| there.id != naming.id) {
                case.said_mut().named.push(naming);
            }
        }
    }
}

/// The penalties, of these cases of one number, that a reference with this authority
/// means.
pub(super) fn meant_penalties(cases: &[Version], authority: Option<&str>) -> Vec<usize> {
    let penalty = |place: usize| match cases.get(place).map(|version| &version.record) {
        Some(Record::Penalty(penalty)) => Some(penalty.authority.as_str()),
        _ => None,
    };
    let places: Vec<usize> = (0..cases.len())
        .filter(|place| penalty(*place).is_some())
        .collect();
    meant(&places, authority, penalty)
}

fn basis_fits(world: &World, listing: &Case, naming: &Reference<Naming>) -> bool {
    let penalties: Vec<usize> = world
        .cases_numbered(&naming.number)
        .filter(|place| {
            world
                .cases
                .get(*place)
                .is_some_and(|c| c.penalty().is_some())
        })
        .collect();
    let authority_of = |place: usize| world.cases.get(place).and_then(Case::authority);
    let decisions = meant(&penalties, naming.authority.as_deref(), authority_of);
    let same = |place: &usize| {
        let decision = world.cases.get(*place);
        decision.is_some_and(|decision| decision.subject() == listing.subject())
    };
    decisions.is_empty() || decisions.iter().any(same)
}

/// A listing that states no violation days takes those of its basis decision,
/// if that is on the same subject.
fn link_basis(world: &mut World, based: &[usize]) {
    let found: Vec<(usize, Interval)> = based
        .iter()
        .filter_map(|place| {
            let listing = world.cases.get(*place)?;
            if listing.violation.is_some() {
                return None;
            }
            let mut decisions: Vec<&Case> = world
                .cases_numbered(listing.basis()?)
                .filter_map(|place| world.cases.get(place))
                .filter(|case| case.penalty().is_some() && case.subject() == listing.subject())
                .collect();
            // Of several authorities' decisions, the listing's own authority's first.
            decisions
                .sort_by_key(|case| (case.authority() != listing.authority(), case.authority()));
            Some((*place, decisions.iter().find_map(|case| case.violation)?))
        })
        .collect();
    for (place, days) in found {
        if let Some(case) = world.cases.get_mut(place) {
            case.violation = Some(days);
        }
    }
}
