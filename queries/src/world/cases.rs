//! The cases of a world, each at a place that it keeps when the world is brought up to
//! date: what was drawn from the others need not be drawn again.

use std::sync::Arc;

use rayon::prelude::*;

use super::Case;

/// How many cases are shared, or copied, together.
pub(super) const CHUNK: usize = 64;

/// Cases by place. A place that lost its case stays empty.
#[derive(Clone, Default, Debug)]
pub struct Cases {
    /// All but the last are full.
    chunks: Vec<Arc<Vec<Option<Case>>>>,
}

impl Cases {
    /// The case at a place.
    pub fn get(&self, place: usize) -> Option<&Case> {
        let chunk = self.chunks.get(place / CHUNK)?;
        chunk.get(place % CHUNK)?.as_ref()
    }

    /// All cases with their places, by place.
    pub fn all(&self) -> impl Iterator<Item = (usize, &Case)> {
        let chunks = self.chunks.iter().enumerate();
        chunks.flat_map(|(chunk, cases)| numbered(chunk, cases))
    }

    /// The same, to be walked side by side.
    pub fn side_by_side(&self) -> impl ParallelIterator<Item = (usize, &Case)> {
        let chunks = self.chunks.par_iter().enumerate();
        chunks.flat_map_iter(|(chunk, cases)| numbered(chunk, cases))
    }

    /// How many cases there are.
    pub fn len(&self) -> usize {
        self.all().count()
    }

    /// There is none.
    pub fn is_empty(&self) -> bool {
        self.all().next().is_none()
    }

    pub(super) fn get_mut(&mut self, place: usize) -> Option<&mut Case> {
        self.slot(place)?.as_mut()
    }

    fn slot(&mut self, place: usize) -> Option<&mut Option<Case>> {
        let chunk = self.chunks.get_mut(place / CHUNK)?;
        Arc::make_mut(chunk).get_mut(place % CHUNK)
    }

    /// Puts another case at a place, or none.
    pub(super) fn put(&mut self, place: usize, case: Option<Case>) {
        if let Some(slot) = self.slot(place) {
            *slot = case;
        }
    }

    /// Adds the cases of another, which come after chunks that are all full.
    pub(super) fn append(&mut self, mut other: Self) {
        self.chunks.append(&mut other.chunks);
    }

    /// Adds a case; its place.
    pub(super) fn push(&mut self, case: Case) -> usize {
        if self.chunks.last().is_none_or(|chunk| chunk.len() == CHUNK) {
            self.chunks.push(Arc::new(Vec::with_capacity(CHUNK)));
        }
        let before = (self.chunks.len() - 1) * CHUNK;
        let Some(chunk) = self.chunks.last_mut() else {
            return before;
        };
        let chunk = Arc::make_mut(chunk);
        chunk.push(Some(case));
        before + chunk.len() - 1
    }
}

/// Cases of one kind on their way into a world: parts that follow each other, by subject, then
/// by id. The room of a part is free again before the next is looked at.
#[derive(Default, Debug)]
pub(super) struct Gathered(pub(super) Vec<Vec<Case>>);

impl Gathered {
    /// Of cases that come in whatever order.
    pub(super) fn of(mut cases: Vec<Case>) -> Self {
        cases.sort_unstable_by_key(|case| (case.subject, case.id));
        Self(vec![cases])
    }

    /// All cases by subject, so that who walks over subjects walks over memory: of each its
    /// listings before its penalties, by id.
    pub(super) fn in_order(listings: Self, penalties: Self) -> impl Iterator<Item = Case> {
        let [mut listings, mut penalties] =
            [listings, penalties].map(|all| all.0.into_iter().flatten().peekable());
        std::iter::from_fn(move || {
            let next = penalties.peek().map(|penalty| penalty.subject);
            let listing = listings.next_if(|one| next.is_none_or(|next| one.subject <= next));
            listing.or_else(|| penalties.next())
        })
    }
}

fn numbered(chunk: usize, cases: &[Option<Case>]) -> impl Iterator<Item = (usize, &Case)> {
    let places = chunk * CHUNK..;
    let cases = places.zip(cases);
    cases.filter_map(|(place, case)| Some((place, case.as_ref()?)))
}
