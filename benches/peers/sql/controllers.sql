-- Of all pairs (x controls y): the persons, and the organisations that nobody controls.
SELECT c.y AS org, c.x AS controller FROM {pairs} c JOIN entity e ON e.id = c.x
WHERE e.kind <> 'org' OR NOT EXISTS (SELECT 1 FROM {pairs} d WHERE d.y = c.x)
