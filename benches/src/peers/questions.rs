//! Whom the point questions are about: the same for everybody, drawn by a fixed seed.

use std::path::Path;

use graph::id::EntityId;
use queries::relations::{Relations, When};
use queries::sweep::Sweep;
use queries::world::World;

use super::numbers::Numbers;
use super::rows::Rows;

/// How many subjects are verified.
const VERIFIED: usize = 3000;
/// How many pairs are connected, half of them drawn by walking from one to the other.
const PAIRS: usize = 200;
/// How many neighbourhoods are shown.
const NETWORKS: usize = 200;

/// The point questions of a world.
#[derive(Debug)]
pub struct Questions {
    /// To be verified.
    pub subjects: Vec<EntityId>,
    /// To be connected.
    pub pairs: Vec<(EntityId, EntityId)>,
    /// To be shown with their neighbourhoods.
    pub starts: Vec<EntityId>,
}

/// A small generator, the same on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let bound = u64::try_from(bound.max(1)).unwrap_or(1);
        usize::try_from((z ^ (z >> 31)) % bound).unwrap_or_default()
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        all.get(self.below(all.len())).copied()
    }
}

impl Questions {
    /// Draws them: of the subjects half are restricted on some day, the others anybody.
    pub fn draw(
        world: &World,
        numbers: &Numbers,
        sweep: &Sweep<'_>,
        relations: &Relations<'_>,
    ) -> Self {
        let mut random = Random(1);
        let everybody = &numbers.entities;
        let mut restricted: Vec<EntityId> = sweep.subjects().collect();
        restricted.sort_unstable_by_key(|id| numbers.entity(*id));
        let mut subjects = Vec::new();
        while subjects.len() < VERIFIED {
            subjects.extend(random.one_of(everybody));
            subjects.extend(random.one_of(&restricted));
        }
        let when = When::On(super::day());
        let organisations: Vec<_> = world.organisations.homes().collect();
        let (mut pairs, mut starts) = (Vec::new(), Vec::new());
        while pairs.len() < PAIRS {
            let (Some(one), Some(other)) = (random.one_of(everybody), random.one_of(everybody))
            else {
                break;
            };
            pairs.push((one, other));
            let Some(start) = random.one_of(&organisations) else {
                break;
            };
            let mut end = start;
            for _ in 0..6 {
                end = random
                    .one_of(&relations.neighbours(end, when))
                    .unwrap_or(end);
            }
            pairs.push((start, end));
        }
        while starts.len() < NETWORKS && !everybody.is_empty() {
            starts.extend(random.one_of(everybody));
            starts.extend(random.one_of(&organisations));
        }
        pairs.retain(|(one, other)| one != other);
        pairs.dedup();
        Self {
            subjects,
            pairs,
            starts,
        }
    }

    /// Writes them beside the rows.
    pub fn write(&self, numbers: &Numbers, folder: &Path) -> anyhow::Result<()> {
        let one = |name: &str, all: &[EntityId]| {
            let mut rows = Rows::new(folder, name, &["id"])?;
            for id in all {
                rows.push(&[&numbers.entity(*id)])?;
            }
            rows.end()
        };
        one("ask_verify", &self.subjects)?;
        one("ask_network", &self.starts)?;
        let mut rows = Rows::new(folder, "ask_path", &["a", "b"])?;
        for (a, b) in &self.pairs {
            rows.push(&[&numbers.entity(*a), &numbers.entity(*b)])?;
        }
        rows.end()
    }
}
