-- Penalties reported after the seventh working day, or not at all, that day being past.
SELECT p.id AS case_id, CASE WHEN p.reported_on <= {day} THEN 'late' ELSE 'absent' END AS reason
FROM penalty p JOIN deadline d ON d.decision_on = p.decision_on
WHERE d.report_by < {day} AND (p.reported_on IS NULL OR p.reported_on > d.report_by)
