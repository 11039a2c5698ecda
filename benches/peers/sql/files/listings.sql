-- Entries on the lists of the catalogue. The id is the place.
--- read
SELECT *, file_index AS file, CASE
    WHEN listing_no IS NULL THEN 'missing_field listing_no'
    WHEN list IS NULL THEN 'missing_field list'
    WHEN uscc IS NULL AND id_number IS NULL THEN 'missing_field uscc'
    WHEN violation_on < violation_from THEN 'interval_reversed violation_on'
    WHEN listed_on IS NULL THEN 'missing_field listed_on'
END AS fault
FROM read_csv({files}, columns = {
    'listing_no': 'VARCHAR', 'list': 'list_code', 'authority': 'VARCHAR', 'uscc': 'VARCHAR',
    'id_number': 'VARCHAR', 'subject_name': 'VARCHAR', 'violation_from': 'DATE', 'violation_on': 'DATE',
    'listed_on': 'DATE', 'expires_on': 'DATE', 'removed_on': 'DATE', 'removal_reason': 'removal_reason',
    'basis_decision_no': 'VARCHAR'}, {options})
--- key
listing_no, list, coalesce(uscc, id_number)
--- names
uscc, id_number
--- judge
SELECT rowid, 'bad_uscc authority' FROM {raw} SEMI JOIN bad_authority b ON b.code = raw.authority
UNION ALL SELECT rowid, 'bad_uscc uscc' FROM {raw} SEMI JOIN bad_code b ON b.code = raw.uscc
UNION ALL SELECT rowid, 'bad_id_number id_number' FROM {raw} SEMI JOIN bad_number b ON b.number = raw.id_number
    WHERE uscc IS NULL
--- keep
CREATE TABLE listing AS
SELECT r.place AS id, coalesce(o.id, p.id) AS subject, r.list::TEXT AS list, r.listed_on, r.expires_on, r.removed_on,
    r.removal_reason::TEXT AS removal_reason,
    r.listing_no, r.authority, r.subject_name, r.violation_from, r.violation_on, r.basis_decision_no
FROM {kept} r LEFT JOIN code o ON o.code = r.uscc LEFT JOIN number p ON p.number = r.id_number
