-- Rows of one key. Those that say the same are one; of others nobody knows which is right, so all
-- are set aside.
--- find
SELECT {key} FROM {raw} WHERE fault IS NULL GROUP BY ALL HAVING count(*) > 1
--- tell
CREATE OR REPLACE TEMP TABLE alike AS
SELECT place, k, said, count(DISTINCT said) OVER (PARTITION BY k) AS sayings FROM (
    SELECT rowid AS place, row({key}) AS k, {line} AS said FROM {raw} WHERE fault IS NULL
) r WHERE k IN (SELECT twin FROM twin);
INSERT INTO fault SELECT '{set}', place, 'duplicate_key_conflict ' || '{first}' FROM alike WHERE sayings > 1;
INSERT INTO again SELECT '{set}', place FROM alike WHERE sayings = 1
QUALIFY row_number() OVER (PARTITION BY k ORDER BY place) > 1
