//! Networks and paths: hubs, caps, bounds, links side by side.

use graph::id::EntityId;
use graph::record::{Record, RoleKind};

use super::{on, over};
use crate::relations::{PathsQuestion, When};
use crate::signals::hand_made::{holding, org, person, role};

/// Person 1 – org 1 – org 2 – org 3, each by a holding of the one before.
fn chain() -> Vec<Record> {
    vec![
        holding(org(1), person(1), 10, "2020-01-01.."),
        holding(org(2), org(1), 10, "2020-01-01.."),
        holding(org(3), org(2), 10, "2020-01-01.."),
    ]
}

#[test]
fn a_hub_is_shown_and_reported_but_not_walked_through() {
    let mut records = chain();
    let staff = [10, 11, 12].map(|n| role(org(1), RoleKind::Director, person(n), "2020-01-01.."));
    records.extend(staff);
    let ask = |start, hub, hops| {
        over(records.clone(), hub, |relations| {
            let network = relations.network(start, hops, on("2024-01-01"), 100);
            let shown: Vec<EntityId> = network.nodes.iter().map(|node| node.entity).collect();
            (shown, network.links.len(), network.hubs)
        })
    };
    let (shown, links, hubs) = ask(person(1), 4, 2);
    assert_eq!(
        (shown, links, hubs),
        (vec![person(1), org(1)], 1, vec![org(1)])
    );
    // Exactly as many links as allowed is no hub.
    let (shown, links, hubs) = ask(person(1), 5, 2);
    assert_eq!((shown.len(), links, hubs), (6, 5, vec![]));
    // The start is walked whatever it is.
    let (shown, links, hubs) = ask(org(1), 4, 1);
    assert_eq!((shown.len(), links, hubs), (6, 5, vec![org(1)]));
}

#[test]
fn the_cap_keeps_the_nearest_and_is_reported() {
    let ask = |cap| {
        over(chain(), 100, |relations| {
            let network = relations.network(person(1), 3, on("2024-01-01"), cap);
            (network.nodes.len(), network.links.len(), network.capped)
        })
    };
    assert_eq!(ask(4), (4, 3, false));
    assert_eq!(ask(3), (3, 2, true));
    assert_eq!(ask(0), (1, 0, true));
}

fn lengths(records: Vec<Record>, hub: usize, question: PathsQuestion) -> Vec<usize> {
    over(records, hub, |relations| {
        relations
            .paths(question)
            .paths
            .iter()
            .map(|path| path.steps.len())
            .collect()
    })
}

#[test]
fn links_side_by_side_are_one_path_whose_step_tells_them_all() {
    let mut records = chain();
    records.push(role(
        org(1),
        RoleKind::Supervisor,
        person(1),
        "2021-01-01..",
    ));
    let paths = over(records, 100, |relations| {
        relations
            .paths(PathsQuestion::new(org(3), person(1), on("2024-01-01")))
            .paths
    });
    assert_eq!(paths.len(), 1);
    let last = &paths[0].steps[2];
    assert_eq!((last.from, last.to), (org(1), person(1)));
    let kinds: Vec<String> = last
        .links
        .iter()
        .map(|link| link.kind.to_string())
        .collect();
    assert_eq!(kinds, ["role:supervisor", "holding"]);
    assert_eq!(last.links[1].ratio.unwrap().to_string(), "10");
}

#[test]
fn paths_respect_the_bound_the_time_and_the_ends() {
    let question = PathsQuestion::new(person(1), org(3), on("2024-01-01"));
    assert_eq!(lengths(chain(), 100, question), [3]);
    assert_eq!(
        lengths(
            chain(),
            100,
            PathsQuestion {
                max_hops: 2,
                ..question
            }
        ),
        []
    );
    assert_eq!(
        lengths(chain(), 100, PathsQuestion { k: 0, ..question }),
        []
    );
    let early = PathsQuestion {
        when: on("2019-01-01"),
        ..question
    };
    assert_eq!(lengths(chain(), 100, early), []);
    assert_eq!(
        lengths(
            chain(),
            100,
            PathsQuestion {
                when: When::AnyTime,
                ..early
            }
        ),
        [3]
    );
    assert_eq!(
        lengths(
            chain(),
            100,
            PathsQuestion {
                to: person(1),
                ..question
            }
        ),
        []
    );
    assert_eq!(
        lengths(
            chain(),
            100,
            PathsQuestion {
                to: org(99),
                ..question
            }
        ),
        []
    );
}

#[test]
fn a_hub_blocks_a_path_in_the_middle_but_not_at_an_end() {
    let mut records = chain();
    let staff = [10, 11, 12].map(|n| role(org(1), RoleKind::Director, person(n), "2020-01-01.."));
    records.extend(staff);
    let through = PathsQuestion::new(person(1), org(2), on("2024-01-01"));
    let ends = PathsQuestion::new(org(1), org(3), on("2024-01-01"));
    assert_eq!(lengths(records.clone(), 4, through), []);
    assert_eq!(lengths(records.clone(), 5, through), [2]);
    assert_eq!(lengths(records.clone(), 4, ends), [2]);
    let hubs = over(records, 4, |relations| relations.paths(through).hubs);
    assert_eq!(hubs, [org(1)]);
}
