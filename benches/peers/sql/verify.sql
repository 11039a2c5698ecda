-- The restrictions of one subject on the day from the records, without those through control.
SELECT a.subject, d.measure, a.id AS case_id FROM life a
JOIN direct_rule d ON d.list = a.list AND a.from_on >= d.since
WHERE a.subject = {subject} AND a.from_on <= {day} AND {day} < a.to_on
UNION
SELECT r.person, CASE a.list WHEN 'licence' THEN 'legal_representative_bar' ELSE 'limit_consumption' END, a.id
FROM role r JOIN life a ON a.subject = r.org
WHERE r.person = {subject} AND r.role IN ('legal_representative', 'principal')
  AND a.from_on <= {day} AND {day} < a.to_on
  AND (a.list = 'court_consumption_limit' AND a.from_on >= DATE '2015-07-22'
        AND r.from_on <= {day} AND {day} < r.to_on
    OR a.list = 'licence' AND r.from_on <= a.from_on AND a.from_on < r.to_on)
  AND NOT EXISTS (SELECT 1 FROM rejected x WHERE x.case_id = a.id AND x.person = r.person)
