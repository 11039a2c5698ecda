-- Who holds how much. Votes are millionths of a percent.
--- read
SELECT *, file_index AS file, CASE
    WHEN uscc IS NULL THEN 'missing_field uscc'
    WHEN holder_uscc IS NULL AND id_number IS NULL AND (holder_name IS NULL
        OR regexp_matches(holder_name, '(公司|企业|集团|中心|合作社|银行|基金|协会|Ltd)$')) THEN 'missing_field holder_uscc'
    WHEN "to" < "from" THEN 'interval_reversed to'
    WHEN ratio NOT BETWEEN 0 AND 100 THEN 'ratio_out_of_range ratio'
    WHEN voting_ratio NOT BETWEEN 0 AND 100 THEN 'ratio_out_of_range voting_ratio'
END AS fault
FROM read_csv({files}, columns = {
    'uscc': 'VARCHAR', 'holder_uscc': 'VARCHAR', 'id_number': 'VARCHAR', 'holder_name': 'VARCHAR',
    'from': 'DATE', 'to': 'DATE', 'ratio': 'DECIMAL(9, 6)', 'voting_ratio': 'DECIMAL(9, 6)',
    'concert_group': 'VARCHAR'}, {options})
--- key
uscc, coalesce(holder_uscc, id_number, holder_name), "from"
--- names
uscc, holder_uscc, id_number
--- judge
SELECT rowid, 'bad_uscc uscc' FROM {raw} SEMI JOIN bad_code b ON b.code = raw.uscc
UNION ALL SELECT rowid, 'bad_uscc holder_uscc' FROM {raw} SEMI JOIN bad_code b ON b.code = raw.holder_uscc
UNION ALL SELECT rowid, 'bad_id_number id_number' FROM {raw} SEMI JOIN bad_number b ON b.number = raw.id_number
    WHERE holder_uscc IS NULL
--- keep
CREATE TABLE holding AS
SELECT o.id AS org, coalesce(h.id, p.id, n.id) AS holder,
    coalesce(r."from", DATE '0001-01-01') AS from_on, coalesce(r."to", DATE '9999-12-31') AS to_on,
    CAST(coalesce(r.voting_ratio, r.ratio, 0) * 1000000 AS BIGINT) AS votes, r.concert_group AS concert,
    r.holder_name, r.ratio, r.voting_ratio, r.place
FROM {kept} r JOIN code o ON o.code = r.uscc
LEFT JOIN code h ON h.code = r.holder_uscc LEFT JOIN number p ON p.number = r.id_number
LEFT JOIN provisional n ON n.uscc = r.uscc
    AND n.name = CASE WHEN r.holder_uscc IS NULL AND r.id_number IS NULL THEN r.holder_name END
