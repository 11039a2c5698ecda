SELECT DISTINCT n.case_id, n.person, n.active_from, n.active_to, c.subject
FROM naming n JOIN (SELECT id, subject FROM listing UNION ALL SELECT id, subject FROM penalty) c ON c.id = n.case_id
WHERE n.responsibility <> 'other'
