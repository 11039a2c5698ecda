-- Who holds which office. Whoever has no number is known by name at this organisation only.
--- read
SELECT *, file_index AS file, CASE
    WHEN uscc IS NULL THEN 'missing_field uscc'
    WHEN role IS NULL THEN 'missing_field role'
    WHEN id_number IS NULL AND person_name IS NULL THEN 'missing_field id_number'
    WHEN "to" < "from" THEN 'interval_reversed to'
END AS fault
FROM read_csv({files}, columns = {
    'uscc': 'VARCHAR', 'role': 'role_kind', 'id_number': 'VARCHAR', 'person_name': 'VARCHAR',
    'from': 'DATE', 'to': 'DATE'}, {options})
--- key
uscc, role, id_number, CASE WHEN id_number IS NULL THEN person_name END, "from"
--- names
uscc, id_number
--- judge
SELECT rowid, 'bad_uscc uscc' FROM {raw} SEMI JOIN bad_code b ON b.code = raw.uscc
UNION ALL SELECT rowid, 'bad_id_number id_number' FROM {raw} SEMI JOIN bad_number b ON b.number = raw.id_number
--- keep
CREATE TABLE role AS
SELECT o.id AS org, coalesce(p.id, n.id) AS person, r.role::TEXT AS role,
    coalesce(r."from", DATE '0001-01-01') AS from_on, coalesce(r."to", DATE '9999-12-31') AS to_on,
    r.person_name, r.place
FROM {kept} r JOIN code o ON o.code = r.uscc
LEFT JOIN number p ON p.number = r.id_number
LEFT JOIN provisional n ON n.uscc = r.uscc AND n.name = CASE WHEN r.id_number IS NULL THEN r.person_name END
