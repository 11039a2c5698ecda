//! The solution against the words of the definition, on random days.

use std::collections::{BTreeMap, BTreeSet};

use graph::change::{Change, Draft, Source};
use graph::id::{EntityId, USCC_ALPHABET, Uscc};
use graph::memory::MemoryStore;
use graph::ratio::Percent;
use graph::record::{AgreementKind, ControlAgreement, Holding, IdType, Record};
use graph::seal::Keys;
use graph::store::Store;
use graph::time::{Date, Interval, Moment};
use proptest::prelude::*;

use super::{ControlOverTime, Controllers, Solution, Votes, controllers};
use crate::world::World;

const SECRET: [u8; 32] = [3; 32];

fn org(n: usize) -> EntityId {
    let mut code = [b'0'; 18];
    code[16] = USCC_ALPHABET[n / 31];
    code[17] = USCC_ALPHABET[n % 31];
    EntityId::organisation(Uscc::parse(std::str::from_utf8(&code).unwrap()).unwrap())
}

fn person(n: usize) -> EntityId {
    Keys::new(&SECRET).person(IdType::Passport, &n.to_string())
}

/// Holders 0.. are organisations, 100.. are persons.
fn entity(n: usize) -> EntityId {
    if n < 100 { org(n) } else { person(n - 100) }
}

/// `(holder, company, percent)` and `(controller, company)`.
type Graph = (Vec<(usize, usize, i64)>, Vec<(usize, usize)>);

fn world((stakes, agreements): &Graph) -> World {
    let put = |record| Change::Put {
        record,
        detail: graph::record::Detail::new(),
        source: Source::default(),
    };
    let mut sums: BTreeMap<(usize, usize), i64> = BTreeMap::new();
    for (holder, company, percent) in stakes {
        *sums.entry((*holder, *company)).or_default() += percent;
    }
    let holdings = sums.iter().map(|((holder, company), percent)| {
        put(Record::Holding(Holding {
            org: org(*company),
            holder: entity(*holder),
            interval: Interval::ALWAYS,
            ratio: Some(Percent(percent * 1_000_000)),
            voting_ratio: None,
            concert_group: None,
        }))
    });
    let agreements = agreements.iter().map(|(controller, company)| {
        put(Record::ControlAgreement(ControlAgreement {
            org: org(*company),
            controller: entity(*controller),
            interval: Interval::ALWAYS,
            kind: AgreementKind::Agreement,
            document: "d".into(),
        }))
    });
    let store = MemoryStore::new(&SECRET);
    store
        .commit(Draft {
            recorded_at: Moment(0),
            files: vec![],
            changes: holdings.chain(agreements).collect(),
            quarantine: vec![],
            resolved: vec![],
            report: String::new(),
            entries: vec![],
        })
        .unwrap();
    World::whole(&*store.snapshot().unwrap(), store.keys(), Moment::MAX).unwrap()
}

/// For each source alone, the least set closed under "more than 50 %".
fn naive((stakes, agreements): &Graph, orgs: usize) -> BTreeMap<usize, BTreeSet<usize>> {
    let sources: BTreeSet<usize> = stakes
        .iter()
        .map(|stake| stake.0)
        .chain(agreements.iter().map(|agreement| agreement.0))
        .collect();
    let mut controlled: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for source in sources {
        let mut set = BTreeSet::from([source]);
        loop {
            let before = set.len();
            for company in 0..orgs {
                let votes: i64 = stakes
                    .iter()
                    .filter(|(holder, of, _)| {
                        *of == company && holder != of && set.contains(holder)
                    })
                    .map(|stake| stake.2)
                    .sum();
                let agreed = agreements
                    .iter()
                    .any(|(by, of)| *of == company && by != of && set.contains(by));
                if company != source && (votes > 50 || agreed) {
                    set.insert(company);
                }
            }
            if set.len() == before {
                break;
            }
        }
        set.remove(&source);
        controlled.insert(source, set);
    }
    controlled
}

fn expected(graph: &Graph, orgs: usize, company: usize) -> Controllers {
    let controlled = naive(graph, orgs);
    let by: Vec<usize> = controlled
        .iter()
        .filter(|(_, set)| set.contains(&company))
        .map(|(source, _)| *source)
        .collect();
    let free = |source: &usize| controlled.values().all(|set| !set.contains(source));
    let mut persons: Vec<EntityId> = by
        .iter()
        .filter(|source| **source >= 100)
        .map(|source| entity(*source))
        .collect();
    persons.sort_unstable();
    let mut organisations: Vec<EntityId> = by
        .iter()
        .filter(|source| **source < 100 && free(source))
        .map(|source| entity(*source))
        .collect();
    organisations.sort_unstable();
    let circular = !by.is_empty() && persons.is_empty() && organisations.is_empty();
    Controllers {
        persons,
        organisations,
        circular,
    }
}

fn check(graph: &Graph, orgs: usize) -> Result<(), TestCaseError> {
    let world = world(graph);
    let day = Date::parse("2024-01-01").unwrap();
    let votes = Votes::whole(&world, day);
    let solution = Solution::of(&votes);
    let over_time = ControlOverTime::new(&world);
    let all = over_time.all(day);
    let each: BTreeMap<EntityId, Controllers> = all.iter().cloned().collect();
    prop_assert_eq!(all.len(), each.len(), "each once");
    let (stakes, agreements) = graph;
    let named = stakes.iter().map(|stake| stake.1);
    let named: BTreeSet<usize> = named.chain(agreements.iter().map(|of| of.1)).collect();
    prop_assert_eq!(each.len(), named.len());
    for company in 0..orgs {
        let wanted = expected(graph, orgs, company);
        let found = controllers(&votes, &solution, org(company));
        prop_assert_eq!(&found, &wanted, "company {} of {:?}", company, graph);
        prop_assert_eq!(&over_time.on(org(company), day), &wanted);
        let told = named.contains(&company).then_some(&wanted);
        prop_assert_eq!(each.get(&org(company)), told);
    }
    Ok(())
}

fn holder(orgs: usize) -> impl Strategy<Value = usize> {
    prop_oneof![3 => 0..orgs, 1 => 100..103usize]
}

/// Sums above 100 % and agreements are as likely as clean capital.
fn graphs(orgs: usize) -> impl Strategy<Value = Graph> {
    let percent = prop_oneof![
        Just(50i64),
        Just(51),
        Just(25),
        Just(26),
        Just(100),
        1..60i64
    ];
    (
        proptest::collection::vec((holder(orgs), 0..orgs, percent), 0..3 * orgs),
        proptest::collection::vec((holder(orgs), 0..orgs), 0..3),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]
    #[test]
    fn is_the_least_fixpoint(graph in graphs(6)) {
        check(&graph, 6)?;
    }

    #[test]
    fn is_the_least_fixpoint_in_larger_lumps(graph in graphs(14)) {
        check(&graph, 14)?;
    }
}

#[test]
fn a_coalition_may_hold_its_own_head_without_controlling_it() {
    // 0 holds 60 % of 1 and of 2; each of them holds 30 % of 0.
    check(
        &(vec![(0, 1, 60), (0, 2, 60), (1, 0, 30), (2, 0, 30)], vec![]),
        3,
    )
    .unwrap();
}

#[test]
fn exactly_half_is_no_control_and_a_circle_has_no_controller() {
    check(&(vec![(0, 1, 50), (100, 1, 50)], vec![]), 2).unwrap();
    check(&(vec![(0, 1, 60), (1, 0, 60), (1, 2, 100)], vec![]), 3).unwrap();
    check(
        &(vec![(0, 1, 60), (1, 0, 60), (100, 0, 40)], vec![(101, 1)]),
        2,
    )
    .unwrap();
}
