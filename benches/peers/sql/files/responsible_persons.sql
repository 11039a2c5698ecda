-- Who is named in a case, and on which days the naming links the person with the case's subject:
-- while the listing is active, or from the decision until an objection is upheld.
--- read
SELECT *, file_index AS file, CASE
    WHEN case_no IS NULL THEN 'missing_field case_no'
    WHEN responsibility IS NULL THEN 'missing_field responsibility'
    WHEN id_number IS NULL THEN 'missing_field id_number'
END AS fault
FROM read_csv({files}, columns = {
    'case_no': 'VARCHAR', 'id_number': 'VARCHAR', 'person_name': 'VARCHAR',
    'responsibility': 'responsibility'}, {options})
--- key
case_no, id_number, responsibility
--- names
id_number
--- judge
SELECT rowid, 'bad_id_number id_number' FROM {raw} SEMI JOIN bad_number b ON b.number = raw.id_number
UNION ALL SELECT rowid, 'ambiguous_reference case_no' FROM {raw} SEMI JOIN several s ON s.case_no = raw.case_no
--- keep
CREATE TABLE naming AS
WITH named AS (
    SELECT m.case_id, r.* FROM {kept} r LEFT JOIN meant m ON m.case_no = r.case_no
    UNION
    -- A listing takes over who is named in the decision that it is based on.
    SELECT l.id, r.* FROM {kept} r JOIN listing l ON l.basis_decision_no = r.case_no
    LEFT JOIN penalty d ON d.decision_no = r.case_no WHERE d.id IS NULL OR d.subject = l.subject
), ends AS (
    SELECT case_id, min(on_day) AS on_day, bool_or(revocation) AS revocation FROM (
        SELECT r.case_id, CASE WHEN r.kind <> 'revocation' THEN r.repaired_on END AS on_day, r.kind = 'revocation' AS revocation
        FROM repair r SEMI JOIN listing l ON l.id = r.case_id
        UNION ALL SELECT r.case_id, NULL, r.kind = 'revocation' FROM repair r SEMI JOIN penalty p ON p.id = r.case_id
        UNION ALL SELECT case_id, decided_on, false FROM objection WHERE outcome = 'upheld'
    ) e GROUP BY case_id
)
SELECT n.case_id, p.id AS person, n.responsibility::TEXT AS responsibility, CASE
        WHEN l.id IS NULL THEN d.decision_on
        WHEN l.removal_reason = 'revoked' OR e.revocation THEN DATE '9999-12-31'
        ELSE l.listed_on END AS active_from, CASE
        WHEN l.id IS NULL AND (d.status <> 'effective' OR e.revocation) THEN d.decision_on
        WHEN l.id IS NULL THEN coalesce(e.on_day, DATE '9999-12-31')
        WHEN l.removal_reason = 'revoked' OR e.revocation THEN DATE '9999-12-31'
        ELSE least(coalesce(l.removed_on, DATE '9999-12-31'), coalesce(e.on_day, DATE '9999-12-31'),
            coalesce(l.expires_on, CAST(l.listed_on + to_months(t.months) AS DATE), DATE '9999-12-31')) END AS active_to,
    n.person_name, CASE WHEN n.case_id IS NULL THEN n.case_no END AS unknown_case_no, n.place
FROM named n JOIN number p ON p.number = n.id_number
LEFT JOIN listing l ON l.id = n.case_id LEFT JOIN penalty d ON d.id = n.case_id
LEFT JOIN ends e ON e.case_id = n.case_id LEFT JOIN (VALUES {months}) t (list, months) ON t.list = l.list
