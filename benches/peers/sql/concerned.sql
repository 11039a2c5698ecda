-- Whom each decided matter concerned that required a check: the applicant or the holders of
-- offices there on the day of acceptance, each once; persons without a number are left out.
due AS (
    SELECT m.id, m.applicant, m.department, m.accepted_on, m.decided_on, i.code, i.from_on, i.valid_days
    FROM matter m JOIN item i ON i.code = m.item AND i.from_on <= m.accepted_on AND m.accepted_on < i.to_on
    WHERE i.check_required AND m.outcome IN ('granted', 'refused') AND m.decided_on <= {day}
), concerned AS (
    SELECT d.id, d.applicant AS subject, d.department, d.accepted_on, d.decided_on, d.valid_days
    FROM due d JOIN item_subject s ON s.code = d.code AND s.from_on = d.from_on AND s.subject = 'applicant'
    UNION
    SELECT d.id, r.person, d.department, d.accepted_on, d.decided_on, d.valid_days
    FROM due d JOIN item_subject s ON s.code = d.code AND s.from_on = d.from_on
    JOIN role r ON r.org = d.applicant AND r.role = s.subject
        AND r.from_on <= d.accepted_on AND d.accepted_on < r.to_on
    JOIN entity e ON e.id = r.person AND e.kind <> 'provisional'
)
