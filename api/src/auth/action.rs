//! Everything that a caller may ask for, named once.

/// What is asked. The names are those of the policies and the audit log.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Action {
    /// Is this subject restricted.
    Verify,
    /// The same for many subjects.
    VerifyBatch,
    /// A receipt.
    ReadReceipt,
    /// The public keys of receipts and seals.
    ReadPublicKeys,
    /// Organisations by name or code.
    FindEntities,
    /// One entity.
    ReadEntity,
    /// What happened to an entity.
    ReadTimeline,
    /// Who controls, who owns.
    ReadControl,
    /// Its surroundings.
    ReadNetwork,
    /// What links two entities.
    ReadPaths,
    /// Everything under one controller.
    ReadGroup,
    /// Signals for analysts.
    ReadSignals,
    /// Restrictions and leads, as a list or one whole.
    ReadRestrictions,
    /// High-frequency offenders.
    ReadOffenders,
    /// Referrals to superiors, audit and discipline.
    ReadReferrals,
    /// Gaps, their proof, and the feed of their changes.
    ReadGaps,
    /// A department's word on a gap.
    AnswerGap,
    /// The credit office finds that a gap is none.
    DismissGap,
    /// The notification of a department.
    ReadNotification,
    /// Telling a department of its gaps.
    Notify,
    /// Subscriptions to changes.
    ManageWebhooks,
    /// The policy's indicators.
    ReadIndicators,
    /// Loading files.
    Ingest,
    /// What was loaded.
    ReadBatches,
    /// Rows that could not be understood, without their cells.
    ReadQuarantine,
    /// The same with what the source held.
    ExportQuarantine,
    /// Lists, measures, rules and items.
    ReadCatalogue,
    /// Copies of the data.
    Backup,
    /// A person's own record, whole, for that person.
    ReadPersonRecord,
    /// Who looked at whom.
    ReadAudit,
    /// Keys of clients.
    ManageKeys,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 31] = [
        Self::Verify,
        Self::VerifyBatch,
        Self::ReadReceipt,
        Self::ReadPublicKeys,
        Self::FindEntities,
        Self::ReadEntity,
        Self::ReadTimeline,
        Self::ReadControl,
        Self::ReadNetwork,
        Self::ReadPaths,
        Self::ReadGroup,
        Self::ReadSignals,
        Self::ReadRestrictions,
        Self::ReadOffenders,
        Self::ReadReferrals,
        Self::ReadGaps,
        Self::AnswerGap,
        Self::DismissGap,
        Self::ReadNotification,
        Self::Notify,
        Self::ManageWebhooks,
        Self::ReadIndicators,
        Self::Ingest,
        Self::ReadBatches,
        Self::ReadQuarantine,
        Self::ExportQuarantine,
        Self::ReadCatalogue,
        Self::Backup,
        Self::ReadPersonRecord,
        Self::ReadAudit,
        Self::ManageKeys,
    ];

    /// The name in policies and in the audit log.
    pub fn code(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::VerifyBatch => "verify_batch",
            Self::ReadReceipt => "read_receipt",
            Self::ReadPublicKeys => "read_public_keys",
            Self::FindEntities => "find_entities",
            Self::ReadEntity => "read_entity",
            Self::ReadTimeline => "read_timeline",
            Self::ReadControl => "read_control",
            Self::ReadNetwork => "read_network",
            Self::ReadPaths => "read_paths",
            Self::ReadGroup => "read_group",
            Self::ReadSignals => "read_signals",
            Self::ReadRestrictions => "read_restrictions",
            Self::ReadOffenders => "read_offenders",
            Self::ReadReferrals => "read_referrals",
            Self::ReadGaps => "read_gaps",
            Self::AnswerGap => "answer_gap",
            Self::DismissGap => "dismiss_gap",
            Self::ReadNotification => "read_notification",
            Self::Notify => "notify",
            Self::ManageWebhooks => "manage_webhooks",
            Self::ReadIndicators => "read_indicators",
            Self::Ingest => "ingest",
            Self::ReadBatches => "read_batches",
            Self::ReadQuarantine => "read_quarantine",
            Self::ExportQuarantine => "export_quarantine",
            Self::ReadCatalogue => "read_catalogue",
            Self::Backup => "backup",
            Self::ReadPersonRecord => "read_person_record",
            Self::ReadAudit => "read_audit",
            Self::ManageKeys => "manage_keys",
        }
    }
}
