//! Who asks, and what they may do: default deny.

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use serde::Deserialize;

use super::App;
use super::problem::{Code, Problem};

/// What somebody is to the service.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Role {
    /// Verifies; sees and answers its own gaps.
    Department,
    /// All gaps, offenders, indicators, notifications.
    CreditOffice,
    /// Relations; persons masked.
    Analyst,
    /// The audit log, receipts.
    Auditor,
    /// Loads, catalogue, backup, a person's own record.
    Operator,
}

impl Role {
    pub(crate) const ALL: [Self; 5] = [
        Self::Department,
        Self::CreditOffice,
        Self::Analyst,
        Self::Auditor,
        Self::Operator,
    ];

    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Department => "department",
            Self::CreditOffice => "credit_office",
            Self::Analyst => "analyst",
            Self::Auditor => "auditor",
            Self::Operator => "operator",
        }
    }
}

/// Who asks.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// The program or person.
    pub(crate) client: String,
    /// What they are.
    pub(crate) roles: Vec<Role>,
    /// The department that they act for; they see nobody else's gaps.
    pub(crate) department: Option<String>,
}

/// What is to be done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Action {
    /// Verify a subject.
    Verify,
    /// Look at a receipt.
    SeeReceipt,
    /// Find an entity, see restrictions on one.
    SeeSubject,
    /// List all restrictions.
    ListRestrictions,
    /// Networks, paths, groups, signals.
    SeeRelations,
    /// High-frequency offenders.
    SeeOffenders,
    /// Gaps of a department.
    SeeGaps,
    /// Answer a gap.
    AnswerGap,
    /// Dismiss a gap.
    DismissGap,
    /// The policy's figures.
    SeeIndicators,
    /// A department's notification.
    Notify,
    /// Load files, see batches and quarantine.
    Load,
    /// The rules.
    SeeCatalogue,
    /// The audit log.
    SeeAudit,
    /// What is held on a person, for the person.
    SeeRecord,
}

impl Action {
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::SeeReceipt => "see_receipt",
            Self::SeeSubject => "see_subject",
            Self::ListRestrictions => "list_restrictions",
            Self::SeeRelations => "see_relations",
            Self::SeeOffenders => "see_offenders",
            Self::SeeGaps => "see_gaps",
            Self::AnswerGap => "answer_gap",
            Self::DismissGap => "dismiss_gap",
            Self::SeeIndicators => "see_indicators",
            Self::Notify => "notify",
            Self::Load => "load",
            Self::SeeCatalogue => "see_catalogue",
            Self::SeeAudit => "see_audit",
            Self::SeeRecord => "see_record",
        }
    }

    fn roles(self) -> &'static [Role] {
        use Role as R;
        match self {
            Self::Verify => &[R::Department, R::CreditOffice],
            Self::SeeReceipt => &[R::Department, R::CreditOffice, R::Auditor],
            Self::SeeSubject => &[R::Department, R::CreditOffice, R::Analyst],
            Self::ListRestrictions | Self::SeeOffenders => &[R::CreditOffice, R::Analyst],
            Self::SeeRelations => &[R::Analyst],
            Self::SeeGaps | Self::AnswerGap => &[R::Department, R::CreditOffice],
            Self::DismissGap | Self::SeeIndicators => &[R::CreditOffice],
            Self::Notify => &[R::Department, R::CreditOffice],
            Self::Load | Self::SeeRecord => &[R::Operator],
            Self::SeeCatalogue => &R::ALL,
            Self::SeeAudit => &[R::Auditor],
        }
    }
}

/// Lets an action pass, or says why not.
pub(crate) fn permit(
    caller: &Caller,
    action: Action,
    department: Option<&str>,
) -> Result<(), Problem> {
    let allowed = action.roles();
    let wide = caller
        .roles
        .iter()
        .any(|role| *role != Role::Department && allowed.contains(role));
    // A department acts for itself alone.
    let own = department.is_none() || department == caller.department.as_deref();
    let narrow = caller.roles.contains(&Role::Department)
        && allowed.contains(&Role::Department)
        && caller.department.is_some()
        && own;
    if wide || narrow {
        return Ok(());
    }
    let codes: Vec<&str> = allowed.iter().map(|role| role.code()).collect();
    Err(Problem::new(
        Code::Forbidden,
        format!(
            "`{}` is for {} (a department: for itself alone) / 无此权限",
            action.code(),
            codes.join(", ")
        ),
    ))
}

/// The only department whose gaps the caller may see; none: all.
pub(crate) fn confined(caller: &Caller) -> Option<&str> {
    let wide = [Role::CreditOffice];
    if caller.roles.iter().any(|role| wide.contains(role)) {
        return None;
    }
    caller.department.as_deref()
}

/// Finds out who asks, before anything else is done.
pub(crate) async fn resolve(
    State(app): State<App>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let caller = app.caller(request.headers())?;
    request.extensions_mut().insert(caller);
    Ok(next.run(request).await)
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let caller = parts.extensions.get::<Self>().cloned();
        caller.ok_or_else(|| Problem::new(Code::Unauthenticated, "nobody was named"))
    }
}
