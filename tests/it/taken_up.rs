//! A world that was given away in pieces and taken up again: pieces whose bytes are whole, as
//! their sums would tell, and yet wrong.

use crate::around::everybody;
use crate::product::Product;
use crate::standing::{Dice, pieces_of, records, taken};
use graph::store::Store;
use graph::time::Moment;
use graph_rocks::RocksStore;
use naive::{Knobs, generate};
use queries::world::World;

/// How many bytes are told wrong, in each of so many worlds.
const BYTES: usize = 1500;
const WORLDS: u64 = 4;

/// A store with a random world in it.
fn store(seed: u64) -> (Product, RocksStore) {
    let knobs = Knobs {
        organisations: Some(12),
        ..Knobs::default()
    };
    let product = Product::of(&generate(seed, &knobs));
    let store = RocksStore::open_read_only(&product.data()).unwrap();
    (product, store)
}

#[test]
fn a_wrong_byte_is_passed_over_or_says_what_could_be_said() {
    let mut passed_over = 0;
    for seed in 0..WORLDS {
        let (_product, store) = store(seed);
        let snapshot = store.snapshot().unwrap();
        let of = (&*snapshot, store.keys());
        let world = World::whole(of.0, of.1, Moment::MAX).unwrap();
        let all = everybody(of.0);
        let (pieces, mut dice) = (pieces_of(&world, of.1), Dice::new(seed));
        for _ in 0..BYTES {
            let mut wrong = pieces.clone();
            // The head, cases and their texts are sealed: all of it would be passed over.
            let number = 1 + dice.below(pieces.len() - 1);
            let place = dice.below(pieces[number].len());
            wrong[number][place] ^= u8::try_from(1 + dice.below(255)).unwrap();
            // Whoever is taken up may be asked whatever one asks.
            match taken(&wrong, of) {
                Ok(world) => drop(records(&world, &all)),
                Err(_) => passed_over += 1,
            }
        }
    }
    assert!(passed_over > BYTES, "{passed_over}");
}

#[test]
fn pieces_that_do_not_fit_together_are_passed_over() {
    let (_product, store) = store(5);
    let snapshot = store.snapshot().unwrap();
    let of = (&*snapshot, store.keys());
    let world = World::whole(of.0, of.1, Moment::MAX).unwrap();
    let pieces = pieces_of(&world, of.1);
    assert!(taken(&pieces, of).is_ok());
    for number in 0..pieces.len() {
        let mut fewer = pieces.clone();
        fewer.remove(number);
        assert!(taken(&fewer, of).is_err(), "without piece {number}");
        let mut short = pieces.clone();
        let length = short[number].len();
        short[number].truncate(length - 8);
        assert!(taken(&short, of).is_err(), "piece {number} cut short");
        let mut long = pieces.clone();
        long[number].extend([0; 8]);
        assert!(
            taken(&long, of).is_err(),
            "piece {number} with more behind it"
        );
        let mut twice = pieces.clone();
        twice.push(pieces[number].clone());
        assert!(taken(&twice, of).is_err(), "piece {number} twice");
    }
}
