-- Everybody within so many links in force on the day, hubs shown but not walked through.
WITH RECURSIVE reach (node, depth) AS (
    SELECT CAST({a} AS BIGINT), 0
    UNION
    SELECT l.b, r.depth + 1 FROM reach r JOIN link l ON l.a = r.node
    WHERE r.depth < {hops} AND l.from_on <= {day} AND {day} < l.to_on
      AND (r.depth = 0 OR NOT EXISTS (SELECT 1 FROM hub h WHERE h.id = r.node))
)
SELECT node, min(depth) FROM reach GROUP BY node
