//! What must hold however rows are ordered and distributed over files.

use graph::change::BatchNo;
use graph::id::Set;
use graph::memory::MemoryStore;
use graph::store::Store;
use proptest::prelude::*;

use super::World;

/// What a store says, without where each record stands.
fn said(store: &MemoryStore) -> Vec<String> {
    let snapshot = store.snapshot().unwrap();
    let mut all = Vec::new();
    for set in Set::ALL {
        let keys = store.keys();
        let mut each = |version: graph::store::Version| {
            all.push(format!("{:?} {:?}", version.record, version.detail(keys)?));
            Ok(())
        };
        snapshot.scan(set, BatchNo::MAX, &mut each).unwrap();
    }
    let mut pending: Vec<String> = snapshot
        .quarantine()
        .unwrap()
        .iter()
        .map(|entry| format!("{:?} {:?}", entry.row.id, entry.row.reason))
        .collect();
    pending.sort();
    all.extend(pending);
    all
}

const ROWS: [&str; 16] = [
    "organizations|uscc,name|ORG,甲",
    "organizations|uscc,name|WRONG,乙",
    "organizations|uscc,name|OTHER,丙",
    "organizations|uscc,name|OTHER,丁",
    "roles|uscc,role,id_number,person_name|WRONG,董事,IDNO,张三",
    "roles|uscc,role,id_number,person_name|ORG,监事,IDNO,张叁",
    "roles|uscc,role,id_number,person_name|914403001922038218,董事,IDNO,张三",
    "roles|uscc,role,id_number,person_name|ORG,董事,,张三",
    "penalties|decision_no,authority,uscc,decision_on|罚1,甲局,ORG,2024-01-01",
    "penalties|decision_no,authority,uscc,decision_on|罚1,乙局,OTHER,2024-01-01",
    "penalties|decision_no,authority,uscc,decision_on|罚2,乙局,OTHER,昨天",
    "repairs|target_no,repaired_on|罚1,2024-02-01",
    "repairs|target_no,repaired_on|罚2,2024-02-01",
    "responsible_persons|case_no,person_name,responsibility|罚1,李四,direct",
    "responsible_persons|case_no,person_name,responsibility|罚2,李四,direct",
    "holdings|uscc,holder_uscc,ratio|ORG,OTHER,50",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn neither_the_order_of_rows_nor_their_files_matter(
        order in Just((0..ROWS.len()).collect::<Vec<_>>()).prop_shuffle(), take in 1..=ROWS.len(),
    ) {
        let chosen = &order[..take];
        let load = |rows: &[usize], together: bool| {
            let mut files: Vec<(String, String)> = Vec::new();
            for (number, row) in rows.iter().enumerate() {
                let mut parts = ROWS[*row].split('|');
                let (set, header, cells) =
                    (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
                let name = if together { format!("{set}.csv") } else { format!("{set}-{number}.csv") };
                match files.iter_mut().find(|(own, _)| *own == name) {
                    Some((_, text)) => *text += &(cells.to_owned() + "\n"),
                    None => files.push((name, format!("{header}\n{cells}\n"))),
                }
            }
            let files: Vec<(&str, &str)> =
                files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
            let mut world = World::new();
            world.load(&files);
            said(&world.store)
        };
        let mut sorted = chosen.to_vec();
        sorted.sort_unstable();
        let expected = load(&sorted, true);
        prop_assert_eq!(&load(chosen, true), &expected);
        prop_assert_eq!(&load(chosen, false), &expected);
    }
}
