//! Mutual TLS: the face passes in the subject of a certificate that it has
//! checked, and the configuration says who that is. An unknown subject is nobody.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{AuthError, Caller, Grant};

/// Which subject is which client.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertificateMap {
    /// Subject, as RFC 4514 writes it (`CN=window-1,OU=…,O=…,C=CN`), to what it may be.
    pub subjects: BTreeMap<String, Grant>,
}

impl CertificateMap {
    /// The caller with this certificate. The whole subject counts, letter by letter:
    /// a common name alone can be had from another authority.
    pub fn caller(&self, subject: &str) -> Result<Caller, AuthError> {
        let grant = self.subjects.get(subject);
        let grant = grant.ok_or(AuthError::Unknown("the certificate's subject"))?;
        Ok(grant.caller(grant.client.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Role;

    #[test]
    fn the_whole_subject_counts() {
        let text = r#"{"subjects": {"CN=window-1,O=D1,C=CN":
            {"client": "window-1", "roles": ["department"], "department": "D1"}}}"#;
        let map: CertificateMap = serde_json::from_str(text).unwrap();
        let caller = map.caller("CN=window-1,O=D1,C=CN").unwrap();
        assert_eq!(&*caller.client, "window-1");
        assert_eq!(
            caller.roles.into_iter().collect::<Vec<_>>(),
            [Role::Department]
        );
        assert_eq!(caller.department.as_deref(), Some("D1"));
        for other in [
            "CN=window-1",
            "CN=window-1,O=D2,C=CN",
            "cn=window-1,O=D1,C=CN",
            "",
        ] {
            assert!(map.caller(other).is_err(), "{other}");
        }
    }
}
