-- What was decided on a person whom a rule found. The last decision counts.
--- read
SELECT *, file_index AS file, CASE
    WHEN case_no IS NULL THEN 'missing_field case_no'
    WHEN id_number IS NULL THEN 'missing_field id_number'
    WHEN decided_on IS NULL THEN 'missing_field decided_on'
    WHEN outcome IS NULL THEN 'missing_field outcome'
    WHEN outcome = 'rejected' AND reason IS NULL THEN 'missing_field reason'
END AS fault
FROM read_csv({files}, columns = {
    'case_no': 'VARCHAR', 'id_number': 'VARCHAR', 'person_name': 'VARCHAR', 'decided_on': 'DATE',
    'outcome': 'determination_outcome', 'authority': 'VARCHAR', 'officer': 'VARCHAR', 'reason': 'VARCHAR'}, {options})
--- key
case_no, id_number, decided_on
--- names
id_number
--- judge
SELECT rowid, 'bad_id_number id_number' FROM {raw} SEMI JOIN bad_number b ON b.number = raw.id_number
UNION ALL SELECT rowid, 'ambiguous_reference case_no' FROM {raw} SEMI JOIN several s ON s.case_no = raw.case_no
--- keep
CREATE TABLE determination AS
SELECT m.case_id, p.id AS person, r.decided_on, r.outcome::TEXT AS outcome,
    row_number() OVER (PARTITION BY m.case_id ORDER BY r.decided_on, r.place) AS seq,
    r.person_name, r.authority, r.officer, r.reason, CASE WHEN m.case_id IS NULL THEN r.case_no END AS unknown_case_no, r.place
FROM {kept} r JOIN number p ON p.number = r.id_number LEFT JOIN meant m ON m.case_no = r.case_no
