-- Objections to a case.
--- read
SELECT *, file_index AS file, CASE
    WHEN objection_no IS NULL THEN 'missing_field objection_no'
END AS fault
FROM read_csv({files}, columns = {
    'objection_no': 'VARCHAR', 'target_no': 'VARCHAR', 'filed_on': 'DATE', 'decided_on': 'DATE',
    'outcome': 'objection_outcome'}, {options})
--- key
objection_no
--- judge
SELECT rowid, 'ambiguous_reference target_no' FROM {raw} SEMI JOIN several s ON s.case_no = raw.target_no
--- keep
CREATE TABLE objection AS
SELECT m.case_id, r.filed_on, r.decided_on, coalesce(r.outcome::TEXT, 'pending') AS outcome, r.objection_no,
    CASE WHEN m.case_id IS NULL THEN r.target_no END AS unknown_case_no, r.place
FROM {kept} r LEFT JOIN meant m ON m.case_no = r.target_no
