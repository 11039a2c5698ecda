//! Against sorting in memory, whatever the buffer holds.

use super::*;
use proptest::prelude::*;

fn all<const K: usize>(pile: &Pile<K>) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut sorted = pile.sorted().unwrap();
    let mut entries = Vec::new();
    while let Some((key, payload)) = sorted.next_entry().unwrap() {
        entries.push((key.to_vec(), payload.to_vec()));
    }
    entries
}

proptest! {
    #[test]
    fn what_goes_on_comes_off_by_key(
        entries in proptest::collection::vec(
            (proptest::array::uniform20(prop_oneof![0..3u8, Just(0x7f), Just(0xff)]), proptest::collection::vec(any::<u8>(), 0..40)),
            0..200,
        ),
        most in 1..4000usize,
        heaped: bool,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let ground = Arc::new(Ground::new(folder.path(), [7; 32]));
        let pile = Pile::<20>::new(&ground, most);
        prop_assert!(pile.is_empty());
        let mut heap = Heap::default();
        for (key, payload) in &entries {
            if heaped {
                heap.push(key, payload).unwrap();
                if heap.bytes() > 300 {
                    pile.append(&mut heap).unwrap();
                }
            } else {
                pile.push(key, payload).unwrap();
            }
        }
        pile.append(&mut heap).unwrap();
        prop_assert_eq!(pile.is_empty(), entries.is_empty());
        let mut expected: Vec<(Vec<u8>, Vec<u8>)> =
            entries.into_iter().map(|(key, payload)| (key.to_vec(), payload)).collect();
        let mut found = all(&pile);
        prop_assert!(found.is_sorted_by_key(|(key, _)| key.clone()));
        expected.sort();
        found.sort();
        prop_assert_eq!(found, expected);
    }
}

#[test]
fn a_run_is_enciphered_and_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let ground = Ground::new(folder.path(), [7; 32]);
    let mut buffer = Buffer::<2>::default();
    buffer.push(b"ab", b"341502190001010018").unwrap();
    let run = Run::write(&ground, buffer.sorted(head)).unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let mut reader = run.read(&ground).unwrap();
    assert_eq!(
        reader.next_entry::<2>().unwrap().unwrap(),
        b"ab\0\0\0\x12341502190001010018"
    );
    assert!(reader.next_entry::<2>().unwrap().is_none());
    let other = Ground::new(folder.path(), [8; 32]);
    let mut buffer = Buffer::<2>::default();
    buffer.push(b"ab", b"341502190001010018").unwrap();
    let mut reader = Run::write(&ground, buffer.sorted(head))
        .unwrap()
        .read(&other)
        .unwrap();
    let read = reader.next_entry::<2>();
    assert!(!matches!(read, Ok(Some(entry)) if entry.starts_with(b"ab\0\0\0\x12")));
}

#[test]
fn a_folder_that_is_not_there_is_an_error() {
    let ground = Arc::new(Ground::new(Path::new("/nowhere/at/all"), [0; 32]));
    let pile = Pile::<1>::new(&ground, 1);
    assert!(pile.push(b"a", b"").is_err());
}
