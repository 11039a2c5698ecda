//! Networks and paths of random graphs against plain enumeration.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use graph::id::EntityId;
use graph::record::Record;
use proptest::prelude::*;

use super::over;
use crate::relations::{LinkGraph, PathsQuestion, When};
use crate::signals::hand_made::{holding, org, person};
use petgraph::algo::{connected_components, dijkstra};
use petgraph::visit::{EdgeCount, IntoEdgeReferences, NodeCount};

/// Some holdings among few organisations and persons.
fn graphs() -> impl Strategy<Value = Vec<(u64, u64)>> {
    proptest::collection::vec((0..10u64, 0..14u64), 0..26)
}

fn entity(n: u64) -> EntityId {
    if n < 10 {
        org(n + 1)
    } else {
        person(u8::try_from(n).unwrap())
    }
}

fn records(edges: &[(u64, u64)]) -> Vec<Record> {
    let edges: BTreeSet<(u64, u64)> = edges.iter().copied().collect();
    edges
        .iter()
        .map(|(org, by)| holding(entity(*org), entity(*by), 1, "2020-01-01.."))
        .collect()
}

type Adjacency = BTreeMap<EntityId, BTreeSet<EntityId>>;

/// Neighbours and number of links of each entity, self-holdings left out.
fn plain(edges: &[(u64, u64)]) -> (Adjacency, BTreeMap<EntityId, usize>) {
    let edges: BTreeSet<(u64, u64)> = edges.iter().copied().filter(|(a, b)| a != b).collect();
    let (mut beside, mut degree) = (Adjacency::new(), BTreeMap::new());
    for (one, other) in edges.iter().flat_map(|(a, b)| [(*a, *b), (*b, *a)]) {
        beside.entry(entity(one)).or_default().insert(entity(other));
        *degree.entry(entity(one)).or_default() += 1;
    }
    (beside, degree)
}

/// Every simple path, whole, by plain recursion.
fn every_path(
    (beside, hubs): (&Adjacency, &BTreeSet<EntityId>),
    path: &mut Vec<EntityId>,
    to: EntityId,
    longest: usize,
    found: &mut Vec<Vec<EntityId>>,
) {
    let at = *path.last().unwrap();
    if at == to {
        found.push(path.clone());
    } else if path.len() <= longest && (path.len() == 1 || !hubs.contains(&at)) {
        for next in beside.get(&at).into_iter().flatten() {
            if !path.contains(next) {
                path.push(*next);
                every_path((beside, hubs), path, to, longest, found);
                path.pop();
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn paths_are_the_first_of_all_simple_paths(
        edges in graphs(),
        ends in (0..14u64, 0..14u64),
        k in 1..8usize,
        max_hops in 1..8usize,
        hub in 2..9usize,
    ) {
        let (from, to) = (entity(ends.0), entity(ends.1));
        prop_assume!(from != to);
        let (beside, degree) = plain(&edges);
        let hubs = degree.iter().filter(|(_, n)| **n > hub).map(|(id, _)| *id).collect();
        let mut expected = Vec::new();
        every_path((&beside, &hubs), &mut vec![from], to, max_hops, &mut expected);
        expected.sort_by_key(|path| (path.len(), path.clone()));
        expected.truncate(k);
        let question = PathsQuestion { from, to, k, max_hops, when: When::AnyTime };
        let found = over(records(&edges), hub, |relations| relations.paths(question));
        let entities: Vec<Vec<EntityId>> = found.paths.iter().map(|path| {
            path.steps.iter().map(|step| step.from).chain([to]).collect()
        }).collect();
        prop_assert_eq!(entities, expected);
        for step in found.paths.iter().flat_map(|path| &path.steps) {
            prop_assert!(!step.links.is_empty());
            prop_assert!(step.links.iter().all(|link| link.other(step.from) == step.to));
        }
        prop_assert!(found.hubs.iter().all(|met| hubs.contains(met)));
    }

    #[test]
    fn the_whole_graph_has_the_distances_and_components_of_the_plain_one(
        edges in graphs(),
        start in 0..14u64,
    ) {
        let start = entity(start);
        let (beside, _) = plain(&edges);
        let graph = over(records(&edges), 99, |relations| LinkGraph::of(relations, When::AnyTime));
        // Steps from the start, by plain breadth first.
        let mut far = BTreeMap::new();
        let mut open = VecDeque::from([(start, 0)]);
        while let Some((at, steps)) = open.pop_front() {
            if let std::collections::btree_map::Entry::Vacant(new) = far.entry(at) {
                new.insert(steps);
                open.extend(beside.get(&at).into_iter().flatten().map(|next| (*next, steps + 1)));
            }
        }
        let ends: BTreeSet<EntityId> = beside.keys().copied().collect();
        prop_assert_eq!(graph.node_count(), ends.len());
        prop_assert_eq!(graph.edge_count(), beside.values().map(BTreeSet::len).sum::<usize>() / 2);
        prop_assert_eq!((&graph).edge_references().count(), graph.edge_count());
        prop_assert_eq!(graph.number(start).is_some(), ends.contains(&start));
        if let Some(number) = graph.number(start) {
            let found = dijkstra(&graph, number, None, |_| 1);
            let found: BTreeMap<EntityId, i32> =
                found.into_iter().map(|(number, steps)| (graph.entity(number).unwrap(), steps)).collect();
            prop_assert_eq!(found, far);
        }
        let mut left = ends;
        let mut components = 0;
        while let Some(first) = left.pop_first() {
            components += 1;
            let mut open = vec![first];
            while let Some(at) = open.pop() {
                open.extend(beside[&at].iter().filter(|next| left.remove(next)));
            }
        }
        prop_assert_eq!(connected_components(&graph), components);
    }

    #[test]
    fn a_network_is_all_within_reach_and_all_links_among_them(
        edges in graphs(),
        start in 0..14u64,
        hops in 0..6u32,
        hub in 1..9usize,
    ) {
        let start = entity(start);
        let (beside, degree) = plain(&edges);
        let is_hub = |id: &EntityId| degree.get(id).is_some_and(|n| *n > hub);
        let mut far = BTreeMap::from([(start, 0)]);
        let mut open = VecDeque::from([start]);
        while let Some(at) = open.pop_front() {
            if far[&at] == hops || (at != start && is_hub(&at)) {
                continue;
            }
            for next in beside.get(&at).into_iter().flatten() {
                if !far.contains_key(next) {
                    far.insert(*next, far[&at] + 1);
                    open.push_back(*next);
                }
            }
        }
        let found =
            over(records(&edges), hub, |relations| relations.network(start, hops, When::AnyTime, 99));
        let nodes: BTreeMap<EntityId, u32> =
            found.nodes.iter().map(|node| (node.entity, node.hops)).collect();
        prop_assert_eq!(&nodes, &far);
        let expected: BTreeSet<(EntityId, EntityId)> = edges
            .iter()
            .map(|(org, by)| (entity(*by), entity(*org)))
            .filter(|(by, org)| by != org && far.contains_key(by) && far.contains_key(org))
            .collect();
        let links: Vec<(EntityId, EntityId)> =
            found.links.iter().map(|link| (link.from, link.to)).collect();
        prop_assert_eq!(links, expected.into_iter().collect::<Vec<_>>());
        let hubs: Vec<EntityId> = far.keys().copied().filter(is_hub).collect();
        prop_assert_eq!(found.hubs, hubs);
        prop_assert!(!found.capped);
    }
}
