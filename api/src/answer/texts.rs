//! The sealed texts of a record, for whoever may see them.

use graph::record::{Detail, Record};
use graph::store::{Snapshot, Store, Version};
use serde_json::Value;

use crate::Error;
use crate::receipt;
use crate::session::Session;

const PURPOSE: &str = "purpose";

/// The texts of a version. Why somebody verified a subject stands in the receipt alone, so
/// it is read there.
pub(crate) fn texts(
    session: &Session,
    snapshot: &dyn Snapshot,
    version: &Version,
) -> Result<Detail, Error> {
    let keys = session.store.keys();
    let mut detail = version.detail(keys)?;
    let Record::Check(check) = &version.record else {
        return Ok(detail);
    };
    if detail.contains_key(PURPOSE) || !check.check_no.starts_with(receipt::BEGINS) {
        return Ok(detail);
    }
    if let Some(stated) = receipt::stated(snapshot, keys, &check.check_no)? {
        let purpose = stated.get(PURPOSE).and_then(Value::as_str);
        detail.extend(purpose.map(|purpose| (PURPOSE.to_owned(), purpose.to_owned())));
    }
    Ok(detail)
}
