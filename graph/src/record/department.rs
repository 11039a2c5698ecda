//! A department (部门目录).

use serde::{Deserialize, Serialize};

/// One version of a department's entry. Key: its code.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Department {
    /// A code of the city's own, or the credit code.
    pub code: String,
    /// 部门名称
    pub name: Option<String>,
    /// GB/T 2260 code.
    pub region: Option<String>,
    /// The department above.
    pub superior: Option<String>,
}
