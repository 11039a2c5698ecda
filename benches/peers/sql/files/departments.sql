-- The departments that check and enforce.
--- read
SELECT *, file_index AS file, CASE WHEN department IS NULL THEN 'missing_field department' END AS fault
FROM read_csv({files}, columns = {
    'department': 'VARCHAR', 'name': 'VARCHAR', 'region': 'VARCHAR', 'superior': 'VARCHAR',
    'contact': 'VARCHAR'}, {options})
--- key
department
--- keep
CREATE TABLE department AS
SELECT r.department, r.name, r.region, r.superior, r.contact, r.place FROM {kept} r
