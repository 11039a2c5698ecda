-- Who looked at whom, and for which matter: 0 is one that is not there. The id is the place, from 1.
--- read
SELECT *, file_index AS file, CASE
    WHEN check_no IS NULL THEN 'missing_field check_no'
    WHEN uscc IS NULL AND id_number IS NULL THEN 'missing_field uscc'
    WHEN checked_at IS NULL THEN 'missing_field checked_at'
END AS fault
FROM read_csv({files}, columns = {
    'check_no': 'VARCHAR', 'department': 'VARCHAR', 'uscc': 'VARCHAR', 'id_number': 'VARCHAR',
    'checked_at': 'DATE', 'matter_no': 'VARCHAR'}, {options})
--- key
check_no
--- names
uscc, id_number
--- judge
SELECT rowid, 'bad_uscc uscc' FROM {raw} SEMI JOIN bad_code b ON b.code = raw.uscc
UNION ALL SELECT rowid, 'bad_id_number id_number' FROM {raw} SEMI JOIN bad_number b ON b.number = raw.id_number
    WHERE uscc IS NULL
--- keep
CREATE TABLE checks AS
SELECT r.place + 1 AS id, coalesce(o.id, p.id) AS subject, r.department, r.checked_at AS checked_on,
    CASE WHEN r.matter_no IS NOT NULL THEN coalesce(m.place + 1, 0) END AS matter,
    r.check_no, CASE WHEN m.place IS NULL THEN r.matter_no END AS unknown_matter_no
FROM {kept} r LEFT JOIN code o ON o.code = r.uscc LEFT JOIN number p ON p.number = r.id_number
LEFT JOIN {kept_matters} m ON m.matter_no = r.matter_no
