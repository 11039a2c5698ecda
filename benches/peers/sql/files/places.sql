-- Where every row stands: a row's place counts the rows of its set that could be read, so that the
-- line follows from the place and from the lines before it that could not. Nothing is stored by row.
CREATE TEMP TABLE unread AS
SELECT f.of, f.file, e.line, any_value(e.csv_line ORDER BY e.error_type = 'CAST', e.column_idx) AS text,
    any_value(CASE
        WHEN e.error_type <> 'CAST' THEN 'unreadable '
        WHEN regexp_matches(e.error_message, 'to ''DATE''$') THEN 'bad_date ' || e.column_name
        WHEN regexp_matches(e.error_message, 'to ''DECIMAL[^'']*''$') THEN 'bad_number ' || e.column_name
        ELSE 'bad_enum ' || e.column_name END ORDER BY e.error_type = 'CAST', e.column_idx) AS reason
FROM reject_errors e JOIN reject_scans s USING (scan_id, file_id) JOIN file f ON f.path = s.file_path
GROUP BY f.of, f.file, e.line;
CREATE TABLE run AS
SELECT of, file, first_place, max(line) AS line FROM (
    SELECT of, file, first_place, 2 AS line FROM begun
    UNION ALL
    SELECT u.of, u.file, b.first_place + u.line - 1 - row_number() OVER (PARTITION BY u.of, u.file ORDER BY u.line), u.line + 1
    FROM unread u JOIN begun b ON b.of = u.of AND b.file = u.file
) r GROUP BY of, file, first_place;
-- The file and line of a row: FROM origin('matters', place).
CREATE MACRO origin(set_name, row_place) AS TABLE
SELECT f.name, r.line + row_place - r.first_place AS line FROM run r JOIN file f ON f.of = r.of AND f.file = r.file
WHERE r.of = set_name AND r.first_place <= row_place ORDER BY r.first_place DESC, r.line DESC LIMIT 1;

-- Rows that nobody understands, whole, with the reason and the column.
CREATE TABLE quarantine AS
SELECT u.of, f.name AS file, u.line, split_part(u.reason, ' ', 1) AS reason, split_part(u.reason, ' ', 2) AS field, u.text
FROM unread u JOIN file f ON f.of = u.of AND f.file = u.file
UNION ALL
SELECT a.of, f.name, r.line + a.place - r.first_place, split_part(a.reason, ' ', 1), split_part(a.reason, ' ', 2), a.text
FROM aside a ASOF JOIN run r ON r.of = a.of AND r.first_place <= a.place JOIN file f ON f.of = r.of AND f.file = r.file
