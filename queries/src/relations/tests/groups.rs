//! Everything under one ultimate controller.

use graph::id::EntityId;
use graph::record::Record;

use crate::control::{Solution, Votes};
use crate::relations::{Group, group};
use crate::signals::hand_made::{agreement, d, holding, org, person, world};

fn grouped(records: Vec<Record>, subject: EntityId) -> Group {
    let votes = Votes::whole(&world(records), d("2024-01-01"));
    group(&votes, &Solution::of(&votes), subject)
}

fn under(group: &Group) -> Vec<(Option<EntityId>, Vec<EntityId>)> {
    group
        .under
        .iter()
        .map(|under| (under.controller, under.organisations.clone()))
        .collect()
}

#[test]
fn a_group_is_all_that_the_ultimate_controller_controls() {
    let records = vec![
        holding(org(1), person(1), 60, "2020-01-01.."),
        holding(org(2), org(1), 60, "2020-01-01.."),
        holding(org(3), person(1), 60, "2020-01-01.."),
        holding(org(4), org(1), 30, "2020-01-01.."),
    ];
    let all = vec![(Some(person(1)), vec![org(1), org(2), org(3)])];
    for subject in [org(1), org(2), org(3), person(1)] {
        assert_eq!(under(&grouped(records.clone(), subject)), all, "{subject}");
    }
    let alone = vec![(Some(org(4)), vec![])];
    assert_eq!(under(&grouped(records.clone(), org(4))), alone);
    assert_eq!(grouped(records, org(9)).members(), [org(9)]);
}

#[test]
fn every_ultimate_controller_has_its_own_group_persons_first() {
    let records = vec![
        holding(org(1), person(1), 60, "2020-01-01.."),
        agreement(org(1), org(5), "2020-01-01.."),
        holding(org(6), org(5), 80, "2020-01-01.."),
    ];
    let group = grouped(records, org(1));
    let expected = vec![
        (Some(person(1)), vec![org(1)]),
        (Some(org(5)), vec![org(1), org(6)]),
    ];
    assert_eq!(under(&group), expected);
    assert!(!group.is_circular());
    assert_eq!(group.members(), [org(1), org(5), org(6), person(1)]);
}

#[test]
fn a_closed_circle_stands_for_its_controller() {
    let records = vec![
        holding(org(1), org(2), 60, "2020-01-01.."),
        holding(org(2), org(1), 60, "2020-01-01.."),
        holding(org(3), org(2), 100, "2020-01-01.."),
    ];
    for subject in [org(1), org(3)] {
        let group = grouped(records.clone(), subject);
        assert_eq!(under(&group), [(None, vec![org(1), org(2), org(3)])]);
        assert!(group.is_circular());
    }
    // What somebody outside controls as well has an ultimate controller.
    let mut besides = records;
    besides.push(agreement(org(3), person(1), "2020-01-01.."));
    let group = grouped(besides, org(3));
    assert_eq!(under(&group), [(Some(person(1)), vec![org(3)])]);
}
