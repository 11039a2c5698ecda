-- Organisations with at least 5 (warning: 4) effective penalties decided in the three years
-- up to the day, how many are still published, and since when without a break there were 5.
WITH counting AS (
    SELECT p.* FROM penalty p JOIN entity e ON e.id = p.subject AND e.kind = 'org'
    WHERE NOT EXISTS (SELECT 1 FROM wrong w WHERE w.id = p.id)
), inside AS (
    SELECT c.subject, count(*) AS n, min(c.decision_on) AS first_on, max(c.decision_on) AS last_on,
        count(*) FILTER (WHERE c.published_from <= {day} AND {day} < c.published_until
            AND NOT EXISTS (SELECT 1 FROM repair r WHERE r.case_id = c.id AND r.kind = 'repair' AND r.repaired_on <= {day})
            AND NOT EXISTS (SELECT 1 FROM objection o WHERE o.case_id = c.id AND o.outcome = 'upheld' AND o.decided_on <= {day})
        ) AS published
    FROM counting c
    WHERE c.decision_on > CAST({day} - INTERVAL '3 years' AS DATE) AND c.decision_on <= {day}
    GROUP BY c.subject HAVING count(*) >= 4
), turns AS (
    -- A decision counts from its day until the first day whose window has left it behind.
    SELECT c.subject, c.decision_on AS d, 1 AS delta FROM counting c
    WHERE c.subject IN (SELECT subject FROM inside WHERE n >= 5)
    UNION ALL
    SELECT c.subject, CASE WHEN extract(month FROM c.decision_on) = 2 AND extract(day FROM c.decision_on) = 29
        THEN CAST(c.decision_on + INTERVAL '1 day' + INTERVAL '3 years' AS DATE)
        ELSE CAST(c.decision_on + INTERVAL '3 years' AS DATE) END, -1
    FROM counting c WHERE c.subject IN (SELECT subject FROM inside WHERE n >= 5)
), counts AS (
    SELECT subject, d, sum(sum(delta)) OVER (PARTITION BY subject ORDER BY d) AS n
    FROM turns WHERE d <= {day} GROUP BY subject, d
), broken AS (
    SELECT subject, max(d) FILTER (WHERE n < 5) AS last_short FROM counts GROUP BY subject
), reached AS (
    SELECT c.subject, min(c.d) AS first_reached_on FROM counts c JOIN broken b ON b.subject = c.subject
    WHERE c.d > coalesce(b.last_short, DATE '0001-01-01') GROUP BY c.subject
)
SELECT i.subject, i.n AS count, i.published,
    CASE WHEN i.n < 5 THEN 'warning' WHEN i.published >= 1 THEN 'to_clear' ELSE 'cleared' END AS state,
    i.first_on, i.last_on, r.first_reached_on
FROM inside i LEFT JOIN reached r ON r.subject = i.subject
