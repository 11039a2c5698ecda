-- Which measure a department carried out, on whom, for which case. Of several cases under one
-- document that on its own subject is meant. The id is the place, from 1.
--- read
SELECT *, file_index AS file, CASE
    WHEN enforcement_no IS NULL THEN 'missing_field enforcement_no'
    WHEN uscc IS NULL AND id_number IS NULL THEN 'missing_field uscc'
    WHEN "from" IS NULL THEN 'missing_field from'
    WHEN "to" < "from" THEN 'interval_reversed to'
END AS fault
FROM read_csv({files}, columns = {
    'enforcement_no': 'VARCHAR', 'department': 'VARCHAR', 'uscc': 'VARCHAR', 'id_number': 'VARCHAR',
    'measure': 'VARCHAR', 'case_no': 'VARCHAR', 'from': 'DATE', 'to': 'DATE', 'reported_on': 'DATE'}, {options})
--- key
enforcement_no
--- names
uscc, id_number
--- judge
SELECT rowid, 'bad_uscc uscc' FROM {raw} SEMI JOIN bad_code b ON b.code = raw.uscc
UNION ALL SELECT rowid, 'bad_id_number id_number' FROM {raw} SEMI JOIN bad_number b ON b.number = raw.id_number
    WHERE uscc IS NULL
UNION ALL SELECT raw.rowid, 'ambiguous_reference case_no' FROM {raw} JOIN several s ON s.case_no = raw.case_no
    LEFT JOIN code o ON o.code = raw.uscc LEFT JOIN number p ON p.number = raw.id_number
    LEFT JOIN numbered n ON n.case_no = raw.case_no AND n.subject = coalesce(o.id, p.id)
    GROUP BY raw.rowid HAVING NOT any_value(s.one_document) OR count(n.case_id) <> 1
--- keep
CREATE TABLE enforcement AS
SELECT r.place + 1 AS id, coalesce(o.id, p.id) AS subject, r.department, r.measure, r.case_no,
    r."from" AS from_on, coalesce(r."to", DATE '9999-12-31') AS to_on, r.reported_on, r.enforcement_no
FROM {kept} r LEFT JOIN code o ON o.code = r.uscc LEFT JOIN number p ON p.number = r.id_number
