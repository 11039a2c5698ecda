//! One resource a file. A handler reads the request, asks for permission, leaves
//! its trace, and hands the question to the service.

pub(crate) mod audit;
pub(crate) mod backups;
pub(crate) mod batches;
pub(crate) mod catalogue;
pub(crate) mod entities;
pub(crate) mod gaps;
pub(crate) mod health;
pub(crate) mod indicators;
pub(crate) mod notifications;
pub(crate) mod offenders;
pub(crate) mod receipts;
pub(crate) mod relations;
pub(crate) mod restrictions;
pub(crate) mod subjects;
pub(crate) mod verifications;
pub(crate) mod webhooks;
