-- Who exists. A code with a wrong check character is accepted here, and a wrong one of a superior.
--- read
SELECT *, file_index AS file, CASE
    WHEN uscc IS NULL THEN 'missing_field uscc'
    WHEN name IS NULL THEN 'missing_field name'
END AS fault
FROM read_csv({files}, columns = {
    'uscc': 'VARCHAR', 'name': 'VARCHAR', 'kind': 'organisation_kind', 'status': 'organisation_status',
    'region': 'VARCHAR', 'industry': 'VARCHAR', 'established_on': 'DATE', 'dissolved_on': 'DATE',
    'state_owned': 'BOOLEAN', 'superior_uscc': 'VARCHAR', 'parent_uscc': 'VARCHAR'}, {options})
--- key
uscc
--- names
uscc, superior_uscc, parent_uscc
--- judge
SELECT rowid, 'bad_uscc uscc' FROM {raw} SEMI JOIN misshapen b ON b.code = raw.uscc
UNION ALL SELECT rowid, 'bad_uscc superior_uscc' FROM {raw} SEMI JOIN misshapen b ON b.code = raw.superior_uscc
UNION ALL SELECT rowid, 'bad_uscc parent_uscc' FROM {raw} SEMI JOIN misshapen b ON b.code = raw.parent_uscc
--- keep
CREATE TABLE organisation AS
SELECT o.id, r.name, r.kind, r.status, r.region, r.industry, r.established_on, r.dissolved_on,
    coalesce(r.state_owned, false) AS state_owned, s.id AS superior, p.id AS parent, r.place
FROM {kept} r JOIN code o ON o.code = r.uscc
LEFT JOIN code s ON s.code = r.superior_uscc LEFT JOIN code p ON p.code = r.parent_uscc;
CREATE TABLE tie AS
SELECT superior AS upper, id AS lower, 'superior' AS kind FROM organisation WHERE superior IS NOT NULL
UNION ALL SELECT parent, id, 'branch' FROM organisation WHERE parent IS NOT NULL
