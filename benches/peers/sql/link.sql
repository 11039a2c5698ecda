-- Every link from both of its ends: roles, holdings, superiors and branches, and persons
-- named in a case of somebody else.
SELECT a, b, from_on, to_on FROM (
    SELECT person AS a, org AS b, from_on, to_on FROM role
    UNION ALL SELECT org, person, from_on, to_on FROM role
    UNION ALL SELECT holder, org, from_on, to_on FROM holding
    UNION ALL SELECT org, holder, from_on, to_on FROM holding
    UNION ALL SELECT upper, lower, DATE '0001-01-01', DATE '9999-12-31' FROM tie
    UNION ALL SELECT lower, upper, DATE '0001-01-01', DATE '9999-12-31' FROM tie
    UNION ALL SELECT n.person, n.subject, n.active_from, n.active_to FROM ({named}) n
    UNION ALL SELECT n.subject, n.person, n.active_from, n.active_to FROM ({named}) n
) l WHERE a <> b
