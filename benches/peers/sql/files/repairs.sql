-- How a case ended.
--- read
SELECT *, file_index AS file, CASE
    WHEN target_no IS NULL THEN 'missing_field target_no'
    WHEN repaired_on IS NULL THEN 'missing_field repaired_on'
END AS fault
FROM read_csv({files}, columns = {
    'target_no': 'VARCHAR', 'repaired_on': 'DATE', 'kind': 'repair_kind', 'authority': 'VARCHAR'}, {options})
--- key
target_no, repaired_on
--- judge
SELECT rowid, 'ambiguous_reference target_no' FROM {raw} SEMI JOIN several s ON s.case_no = raw.target_no
--- keep
CREATE TABLE repair AS
SELECT m.case_id, coalesce(r.kind::TEXT, 'repair') AS kind, r.repaired_on, r.authority,
    CASE WHEN m.case_id IS NULL THEN r.target_no END AS unknown_case_no, r.place
FROM {kept} r LEFT JOIN meant m ON m.case_no = r.target_no
