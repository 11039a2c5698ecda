-- Everybody whom an accepted row names. Persons are known by a keyed digest of type and number.
CREATE TABLE entity AS
SELECT id, 'org' AS kind, code AS identifier, NULL::UHUGEINT AS digest, NULL::TEXT AS name FROM code
UNION ALL SELECT id, 'person', number, md5_number('{secret}resident_id' || number), NULL FROM number
UNION ALL SELECT n.id, 'provisional', n.uscc, md5_number('{secret}' || n.uscc || n.name), n.name FROM provisional n;

-- Whoever stands in rows set aside and nowhere else is not known.
CREATE TEMP TABLE doubted AS
SELECT c.id FROM code c SEMI JOIN suspect s ON s.identifier = c.code
UNION SELECT n.id FROM number n SEMI JOIN suspect s ON s.identifier = n.number
UNION SELECT n.id FROM provisional n SEMI JOIN suspect s ON s.identifier = n.uscc;
DELETE FROM entity WHERE id IN (
    SELECT id FROM doubted EXCEPT SELECT n.id FROM (
        SELECT id FROM organisation UNION ALL SELECT superior FROM organisation UNION ALL SELECT parent FROM organisation
        UNION ALL SELECT org FROM role UNION ALL SELECT person FROM role
        UNION ALL SELECT org FROM holding UNION ALL SELECT holder FROM holding
        UNION ALL SELECT org FROM agreement UNION ALL SELECT controller FROM agreement
        UNION ALL SELECT subject FROM penalty UNION ALL SELECT subject FROM listing
        UNION ALL SELECT person FROM naming UNION ALL SELECT person FROM determination
        UNION ALL SELECT applicant FROM matter UNION ALL SELECT subject FROM checks UNION ALL SELECT subject FROM enforcement
    ) n SEMI JOIN doubted d ON d.id = n.id)
