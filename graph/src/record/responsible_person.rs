//! A person named as responsible in a case (直接责任人).

use serde::{Deserialize, Serialize};

use super::code::coded;
use crate::id::EntityId;

coded! {
    /// 责任类型
    Responsibility {
        /// 直接责任人
        Direct = "direct",
        /// 主要负责人
        Principal = "principal",
        /// 其他
        Other = "other",
    }
}

/// One version of a naming. Key: case number (and authority if given),
/// person, responsibility.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ResponsiblePerson {
    /// A listing's or a decision's number.
    pub case_no: String,
    /// Which authority's, where two use one number.
    pub case_authority: Option<String>,
    /// Who is named.
    pub person: EntityId,
    /// For what.
    pub responsibility: Responsibility,
}
