-- Control that shares do not show: it needs a document, and of a person the number.
--- read
SELECT *, file_index AS file, CASE
    WHEN uscc IS NULL THEN 'missing_field uscc'
    WHEN controller_uscc IS NULL AND controller_id_number IS NULL THEN 'missing_field id_number'
    WHEN "to" < "from" THEN 'interval_reversed to'
    WHEN document IS NULL THEN 'missing_field document'
END AS fault
FROM read_csv({files}, columns = {
    'uscc': 'VARCHAR', 'controller_uscc': 'VARCHAR', 'controller_id_number': 'VARCHAR',
    'controller_name': 'VARCHAR', 'from': 'DATE', 'to': 'DATE', 'kind': 'agreement_kind',
    'document': 'VARCHAR'}, {options})
--- key
uscc, coalesce(controller_uscc, controller_id_number), "from"
--- names
uscc, controller_uscc, controller_id_number
--- judge
SELECT rowid, 'bad_uscc uscc' FROM {raw} SEMI JOIN bad_code b ON b.code = raw.uscc
UNION ALL SELECT rowid, 'bad_uscc holder_uscc' FROM {raw} SEMI JOIN bad_code b ON b.code = raw.controller_uscc
UNION ALL SELECT rowid, 'bad_id_number id_number' FROM {raw} SEMI JOIN bad_number b ON b.number = raw.controller_id_number
    WHERE controller_uscc IS NULL
--- keep
CREATE TABLE agreement AS
SELECT o.id AS org, coalesce(h.id, p.id) AS controller,
    coalesce(r."from", DATE '0001-01-01') AS from_on, coalesce(r."to", DATE '9999-12-31') AS to_on,
    r.controller_name, coalesce(r.kind, 'other') AS kind, r.document, r.place
FROM {kept} r JOIN code o ON o.code = r.uscc
LEFT JOIN code h ON h.code = r.controller_uscc LEFT JOIN number p ON p.number = r.controller_id_number
