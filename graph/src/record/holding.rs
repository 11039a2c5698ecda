//! A share in a company (股东及出资信息).

use serde::{Deserialize, Serialize};

use crate::id::EntityId;
use crate::ratio::Percent;
use crate::time::Interval;

/// One version of a holding. Key: company, holder, beginning.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Holding {
    /// The company held.
    pub org: EntityId,
    /// Who holds it.
    pub holder: EntityId,
    /// When.
    pub interval: Interval,
    /// Share of the capital.
    pub ratio: Option<Percent>,
    /// Share of the votes; none given: as the capital.
    pub voting_ratio: Option<Percent>,
    /// 一致行动人组, normalised.
    pub concert_group: Option<String>,
}

impl Holding {
    /// The votes: the voting ratio, else the share of the capital.
    pub fn votes(&self) -> Percent {
        self.voting_ratio.or(self.ratio).unwrap_or_default()
    }

    /// A company's holding in itself counts in no calculation.
    pub fn is_self_holding(&self) -> bool {
        self.org == self.holder
    }
}
