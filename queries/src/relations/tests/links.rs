//! Which records link whom, and when.

use graph::id::EntityId;
use graph::record::{
    OrganisationKind, PenaltyKind, Record, RemovalReason, Responsibility, ResponsiblePerson,
    RoleKind,
};
use petgraph::visit::{IntoNeighbors, IntoNodeIdentifiers};

use super::{on, over};
use crate::relations::{LinkGraph, Relations, When};
use crate::signals::hand_made::{
    LEGAL, agreement, catalogue, d, enterprise, holding, listing, named, org, penalty, person,
    role, world,
};

/// Like `over`, with agreements.
fn over_all<T>(records: Vec<Record>, ask: impl FnOnce(&Relations<'_>) -> T) -> T {
    let (world, catalogue) = (world(records), catalogue(""));
    ask(&Relations::new(&world, &catalogue).with_agreements())
}

/// The codes of the links between two entities.
fn codes(records: Vec<Record>, one: EntityId, other: EntityId, when: When) -> Vec<String> {
    over_all(records, |relations| {
        let (there, back) = (
            relations.between(one, other, when),
            relations.between(other, one, when),
        );
        assert_eq!(there, back);
        there.iter().map(|link| link.kind.to_string()).collect()
    })
}

#[test]
fn every_kind_of_link_is_seen_from_both_ends() {
    let mut body = enterprise(org(1), "2000-01-01");
    body.kind = Some(OrganisationKind::Institution);
    (body.superior, body.parent) = (Some(org(2)), Some(org(3)));
    let records = vec![
        Record::Organisation(body),
        role(org(1), LEGAL, person(1), "2020-01-01.."),
        role(org(1), RoleKind::Director, person(1), "2020-01-01.."),
        holding(org(1), org(2), 30, "2020-01-01.."),
        agreement(org(1), org(2), "2020-01-01.."),
        Record::Listing(listing("l", org(1), None, "2024-01-01")),
        named("l", person(1)),
        holding(org(1), org(1), 10, "2020-01-01.."),
    ];
    let day = on("2024-06-01");
    let persons = codes(records.clone(), person(1), org(1), day);
    assert_eq!(
        persons,
        [
            "role:legal_representative",
            "role:director",
            "case:responsible"
        ]
    );
    let above = codes(records.clone(), org(2), org(1), day);
    assert_eq!(above, ["holding", "control_agreement", "superior"]);
    assert_eq!(codes(records.clone(), org(3), org(1), day), ["branch"]);
    let count = over_all(records.clone(), |relations| {
        relations.links(org(1), day).count()
    });
    assert_eq!(count, 7);
    // The graph of all links has each entity's neighbours, on the day and without agreements.
    for (agreements, day) in [(true, day), (false, day), (false, on("2019-12-31"))] {
        let (alone, together) = over(records.clone(), 1000, |relations| {
            let relations = Relations {
                agreements,
                ..Relations::new(relations.world, relations.catalogue)
            };
            let graph = LinkGraph::of(&relations, day);
            let together = graph.node_identifiers().map(|number| {
                let beside = graph
                    .neighbors(number)
                    .filter_map(|other| graph.entity(other));
                beside.collect::<Vec<_>>()
            });
            let alone = graph
                .node_identifiers()
                .filter_map(|number| graph.entity(number));
            let alone = alone.map(|entity| relations.neighbours(entity, day));
            (alone.collect::<Vec<_>>(), together.collect::<Vec<_>>())
        });
        assert_eq!(together, alone);
        assert!(!alone.is_empty());
    }
    let usual = over(records, 1000, |relations| {
        relations.links(org(1), day).count()
    });
    assert_eq!(usual, 6, "no agreement unless asked");
}

#[test]
fn links_hold_on_their_own_days_or_at_any_time() {
    let mut listed = listing("l", org(1), None, "2024-01-01");
    listed.expires_on = Some(d("2025-01-01"));
    let records = || {
        vec![
            Record::Listing(listed.clone()),
            named("l", person(1)),
            role(org(1), LEGAL, person(1), "2020-01-01..2020-01-01"),
            holding(org(1), person(1), 5, "2020-01-01..2021-01-01"),
        ]
    };
    let at = |when| codes(records(), org(1), person(1), when);
    assert_eq!(at(on("2020-01-01")), ["holding"]);
    assert_eq!(at(on("2021-01-01")), Vec::<String>::new());
    assert_eq!(at(on("2024-12-31")), ["case:responsible"]);
    assert_eq!(at(on("2025-01-01")), Vec::<String>::new());
    assert_eq!(at(When::AnyTime), ["holding", "case:responsible"]);
}

#[test]
fn a_penalty_links_from_its_decision_on_and_a_withdrawn_case_never() {
    let fine = penalty("p", org(1), PenaltyKind::Fine, "2024-01-01");
    let mut wrong = listing("l", org(1), None, "2024-01-01");
    wrong.removal_reason = Some(RemovalReason::Revoked);
    let records = vec![
        Record::Penalty(fine),
        Record::Listing(wrong),
        named("p", person(1)),
        named("l", person(2)),
        Record::ResponsiblePerson(ResponsiblePerson {
            case_no: "p".into(),
            case_authority: None,
            person: person(3),
            responsibility: Responsibility::Other,
        }),
    ];
    let at = |who, when| codes(records.clone(), who, org(1), when);
    assert_eq!(at(person(1), on("2023-12-31")), Vec::<String>::new());
    assert_eq!(at(person(1), on("2034-12-31")), ["case:responsible"]);
    assert_eq!(at(person(2), When::AnyTime), Vec::<String>::new());
    assert_eq!(at(person(3), When::AnyTime), Vec::<String>::new());
}

#[test]
fn a_person_named_twice_for_one_case_is_one_link_and_a_hub_the_later() {
    let again = Record::ResponsiblePerson(ResponsiblePerson {
        case_no: "l".into(),
        case_authority: None,
        person: person(1),
        responsibility: Responsibility::Principal,
    });
    let records = || {
        vec![
            Record::Listing(listing("l", org(1), None, "2024-01-01")),
            Record::Listing(listing("m", org(1), None, "2024-01-01")),
            named("l", person(1)),
            again.clone(),
            named("m", person(1)),
        ]
    };
    let day = on("2024-06-01");
    let codes = codes(records(), person(1), org(1), day);
    assert_eq!(codes, ["case:responsible"; 2], "one a case");
    for end in [person(1), org(1)] {
        assert!(!over(records(), 2, |relations| relations.is_hub(end, day)));
        assert!(over(records(), 1, |relations| relations.is_hub(end, day)));
    }
}
