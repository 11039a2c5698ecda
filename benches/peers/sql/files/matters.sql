-- What was applied for and how it ended. The id is the place, from 1.
--- read
SELECT *, file_index AS file, CASE
    WHEN matter_no IS NULL THEN 'missing_field matter_no'
    WHEN uscc IS NULL AND id_number IS NULL THEN 'missing_field uscc'
    WHEN decided_on < accepted_on THEN 'interval_reversed decided_on'
    WHEN accepted_on IS NULL THEN 'missing_field accepted_on'
END AS fault
FROM read_csv({files}, columns = {
    'matter_no': 'VARCHAR', 'department': 'VARCHAR', 'item': 'VARCHAR', 'uscc': 'VARCHAR', 'id_number': 'VARCHAR',
    'accepted_on': 'DATE', 'decided_on': 'DATE', 'outcome': 'matter_outcome', 'refused_for': 'VARCHAR',
    'exemption': 'VARCHAR'}, {options})
--- key
matter_no
--- names
uscc, id_number
--- judge
SELECT rowid, 'bad_uscc uscc' FROM {raw} SEMI JOIN bad_code b ON b.code = raw.uscc
UNION ALL SELECT rowid, 'bad_id_number id_number' FROM {raw} SEMI JOIN bad_number b ON b.number = raw.id_number
    WHERE uscc IS NULL
--- keep
CREATE TABLE matter AS
SELECT r.place + 1 AS id, coalesce(o.id, p.id) AS applicant, r.department, r.item, r.accepted_on, r.decided_on,
    coalesce(r.outcome::TEXT, 'pending') AS outcome, r.exemption IS NOT NULL AS exempt,
    r.matter_no, r.refused_for, r.exemption
FROM {kept} r LEFT JOIN code o ON o.code = r.uscc LEFT JOIN number p ON p.number = r.id_number
