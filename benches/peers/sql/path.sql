-- How far apart two entities are by at most six links in force on the day, met in the middle;
-- an entity with more than 1 000 links is no way through.
WITH RECURSIVE
one (node, depth) AS (
    SELECT CAST({a} AS BIGINT), 0
    UNION
    SELECT l.b, o.depth + 1 FROM one o JOIN link l ON l.a = o.node
    WHERE o.depth < 3 AND l.from_on <= {day} AND {day} < l.to_on
      AND (o.depth = 0 OR NOT EXISTS (SELECT 1 FROM hub h WHERE h.id = o.node))
), other (node, depth) AS (
    SELECT CAST({b} AS BIGINT), 0
    UNION
    SELECT l.b, o.depth + 1 FROM other o JOIN link l ON l.a = o.node
    WHERE o.depth < 3 AND l.from_on <= {day} AND {day} < l.to_on
      AND (o.depth = 0 OR NOT EXISTS (SELECT 1 FROM hub h WHERE h.id = o.node))
)
SELECT coalesce(min(one.depth + other.depth), 0) FROM one JOIN other ON other.node = one.node
WHERE one.depth = 0 OR other.depth = 0 OR NOT EXISTS (SELECT 1 FROM hub h WHERE h.id = one.node)
