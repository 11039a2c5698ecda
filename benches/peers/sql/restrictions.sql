-- Every restriction in force on the day under the simple rules; {controllers} holds who
-- controls which company on that day.
WITH alive AS (SELECT * FROM life WHERE from_on <= {day} AND {day} < to_on),
found AS (
    SELECT a.subject, a.list, a.from_on, a.id, r.person FROM alive a
    JOIN role r ON r.org = a.subject AND r.role IN ('legal_representative', 'principal')
    WHERE a.list = 'court_consumption_limit' AND a.from_on >= DATE '2015-07-22'
      AND r.from_on <= {day} AND {day} < r.to_on
    UNION
    SELECT a.subject, a.list, a.from_on, a.id, r.person FROM alive a
    JOIN role r ON r.org = a.subject AND r.role IN ('legal_representative', 'principal')
    WHERE a.list = 'licence' AND r.from_on <= a.from_on AND a.from_on < r.to_on
    UNION
    SELECT a.subject, a.list, a.from_on, a.id, c.controller FROM alive a
    JOIN {controllers} c ON c.org = a.subject
    JOIN entity e ON e.id = c.controller AND e.kind <> 'org'
    JOIN direct_rule d ON d.list = a.list AND a.from_on >= d.since
    WHERE a.list IN ('court_consumption_limit', 'wage_arrears')
)
SELECT a.subject, d.measure, a.id AS case_id FROM alive a
JOIN direct_rule d ON d.list = a.list AND a.from_on >= d.since
UNION
SELECT f.person, CASE f.list WHEN 'licence' THEN 'legal_representative_bar'
    WHEN 'wage_arrears' THEN 'bar_fiscal_funds' ELSE 'limit_consumption' END, f.id
FROM found f
WHERE NOT EXISTS (SELECT 1 FROM rejected x WHERE x.case_id = f.id AND x.person = f.person)
