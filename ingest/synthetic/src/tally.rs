//! What the generator knows exactly because it wrote it: the totals of the truth.

/// Totals over a part of the city.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Organisations with a wrong check character.
    pub(crate) wrong_codes: u64,
    /// High-frequency offenders to clear, cleared, and those one short.
    pub(crate) to_clear: u64,
    pub(crate) cleared: u64,
    pub(crate) warning: u64,
    /// Penalties reported late, or never.
    pub(crate) published_late: u64,
    pub(crate) never_published: u64,
    /// The longest holding chain, and the largest group.
    pub(crate) deepest_chain: u64,
    pub(crate) largest_group: u64,
}

impl Tally {
    pub(crate) fn add(&mut self, other: &Self) {
        self.wrong_codes += other.wrong_codes;
        self.to_clear += other.to_clear;
        self.cleared += other.cleared;
        self.warning += other.warning;
        self.published_late += other.published_late;
        self.never_published += other.never_published;
        self.deepest_chain = self.deepest_chain.max(other.deepest_chain);
        self.largest_group = self.largest_group.max(other.largest_group);
    }

    /// Counts an offender by its effective penalties of three years and those still published.
    pub(crate) fn offender(&mut self, count: u64, published: u64) {
        match (count, published) {
            (5.., 1..) => self.to_clear += 1,
            (5.., 0) => self.cleared += 1,
            (4, _) => self.warning += 1,
            _ => {}
        }
    }
}
