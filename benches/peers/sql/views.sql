-- What several questions stand on. The lives of cases are worked out once, while loading: a
-- favour to the peers, ours are worked out in each question.

-- Cases withdrawn as wrong: they never were.
CREATE VIEW wrong AS
SELECT id FROM listing WHERE removal_reason = 'revoked'
UNION SELECT id FROM penalty WHERE status <> 'effective'
UNION SELECT case_id FROM repair WHERE kind = 'revocation';

-- When a case lives, under the simple rules: a listing until the earliest of its ends,
-- a licence revoked or a business closed for 36 months whatever is repaired.
CREATE TABLE life AS
SELECT l.id, l.subject, l.list, l.listed_on AS from_on, least(
    CASE WHEN l.removal_reason IS DISTINCT FROM 'revoked' THEN coalesce(l.removed_on, DATE '9999-12-31') ELSE DATE '9999-12-31' END,
    coalesce(l.expires_on, CASE WHEN l.list IN ('wage_arrears', 'work_safety') THEN CAST(l.listed_on + INTERVAL '36 months' AS DATE) END, DATE '9999-12-31'),
    coalesce((SELECT min(r.repaired_on) FROM repair r WHERE r.case_id = l.id AND r.kind <> 'revocation'), DATE '9999-12-31'),
    coalesce((SELECT min(o.decided_on) FROM objection o WHERE o.case_id = l.id AND o.outcome = 'upheld'), DATE '9999-12-31')
) AS to_on
FROM listing l WHERE NOT EXISTS (SELECT 1 FROM wrong w WHERE w.id = l.id)
UNION ALL
SELECT p.id, p.subject, 'licence', p.decision_on, least(
    CAST(p.decision_on + INTERVAL '36 months' AS DATE),
    coalesce((SELECT min(o.decided_on) FROM objection o WHERE o.case_id = p.id AND o.outcome = 'upheld'), DATE '9999-12-31'))
FROM penalty p
WHERE p.closed_or_revoked AND p.decision_on >= DATE '2014-03-01'
  AND NOT EXISTS (SELECT 1 FROM wrong w WHERE w.id = p.id);

-- Which list, from when on, restricts its own subject in what.
CREATE VIEW direct_rule AS
SELECT * FROM (VALUES
    ('court_defaulter', DATE '2015-07-22', 'limit_consumption'),
    ('court_consumption_limit', DATE '2015-07-22', 'limit_consumption'),
    ('wage_arrears', DATE '2020-05-01', 'bar_fiscal_funds')) AS v (list, since, measure);

-- Persons whom a determination, the last one, rejects for a case.
CREATE VIEW rejected AS
SELECT case_id, person FROM determination d
WHERE outcome = 'rejected' AND NOT EXISTS (
    SELECT 1 FROM determination l WHERE l.case_id = d.case_id AND l.person = d.person AND l.seq > d.seq);
