-- Decisions, one row a subject. Their ids follow those of the listings.
--- read
SELECT *, file_index AS file, CASE
    WHEN decision_no IS NULL THEN 'missing_field decision_no'
    WHEN authority IS NULL THEN 'missing_field authority'
    WHEN uscc IS NULL AND id_number IS NULL THEN 'missing_field uscc'
    WHEN violation_on < violation_from THEN 'interval_reversed violation_on'
    WHEN decision_on IS NULL THEN 'missing_field decision_on'
    WHEN NOT regexp_full_match(kinds, '(({kinds})(;|$))*') THEN 'bad_enum kinds'
END AS fault
FROM read_csv({files}, columns = {
    'decision_no': 'VARCHAR', 'authority': 'VARCHAR', 'uscc': 'VARCHAR', 'id_number': 'VARCHAR',
    'subject_name': 'VARCHAR', 'violation_from': 'DATE', 'violation_on': 'DATE', 'decision_on': 'DATE',
    'violation_type': 'VARCHAR', 'kinds': 'VARCHAR', 'fine_yuan': 'DECIMAL(18, 2)', 'published_from': 'DATE',
    'published_until': 'DATE', 'reported_on': 'DATE', 'status': 'penalty_status'}, {options})
--- key
decision_no, authority, coalesce(uscc, id_number)
--- names
uscc, id_number
--- judge
SELECT rowid, 'bad_uscc authority' FROM {raw} SEMI JOIN bad_authority b ON b.code = raw.authority
UNION ALL SELECT rowid, 'bad_uscc uscc' FROM {raw} SEMI JOIN bad_code b ON b.code = raw.uscc
UNION ALL SELECT rowid, 'bad_id_number id_number' FROM {raw} SEMI JOIN bad_number b ON b.number = raw.id_number
    WHERE uscc IS NULL
--- keep
CREATE TABLE penalty AS
SELECT r.place + (SELECT coalesce(max(id), 0) + 1 FROM listing) AS id, coalesce(o.id, p.id) AS subject, r.authority,
    r.decision_no, r.decision_on, r.violation_type,
    coalesce(contains(r.kinds, 'closed') OR contains(r.kinds, 'licence_revoked'), false) AS closed_or_revoked,
    coalesce(r.published_from, r.decision_on) AS published_from,
    coalesce(r.published_until, DATE '9999-12-31') AS published_until, r.reported_on,
    coalesce(r.status::TEXT, 'effective') AS status,
    r.subject_name, r.violation_from, r.violation_on, r.kinds, r.fine_yuan, r.place
FROM {kept} r LEFT JOIN code o ON o.code = r.uscc LEFT JOIN number p ON p.number = r.id_number
