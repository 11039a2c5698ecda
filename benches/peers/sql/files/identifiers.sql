-- Everybody whom a row names, once: judged, and numbered in the order in which ties of votes are
-- broken. To judge each code and number once instead of in every row is what a set-wise load gains.

-- GB 32100: weights are the powers of 3 modulo 31.
CREATE TEMP MACRO value_of(code, place) AS strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', code[place]) - 1;
CREATE TEMP MACRO code_holds(code) AS value_of(code, 18) = (31 - (
    value_of(code, 1) + value_of(code, 2) * 3 + value_of(code, 3) * 9 + value_of(code, 4) * 27 + value_of(code, 5) * 19
    + value_of(code, 6) * 26 + value_of(code, 7) * 16 + value_of(code, 8) * 17 + value_of(code, 9) * 20
    + value_of(code, 10) * 29 + value_of(code, 11) * 25 + value_of(code, 12) * 13 + value_of(code, 13) * 8
    + value_of(code, 14) * 24 + value_of(code, 15) * 10 + value_of(code, 16) * 30 + value_of(code, 17) * 28) % 31) % 31;
CREATE TEMP MACRO code_is_shaped(code) AS regexp_full_match(code, '[0-9A-HJ-NPQRTUWXY]{18}');

-- GB 11643: digits as one number, weights from the last to the first.
CREATE TEMP MACRO digit(body, place) AS body // CAST(10 ** place AS BIGINT) % 10;
CREATE TEMP MACRO number_holds(number, body) AS number[18] = substr('10X98765432', CAST(1 + (
    digit(body, 0) * 2 + digit(body, 1) * 4 + digit(body, 2) * 8 + digit(body, 3) * 5 + digit(body, 4) * 10
    + digit(body, 5) * 9 + digit(body, 6) * 7 + digit(body, 7) * 3 + digit(body, 8) * 6 + digit(body, 9)
    + digit(body, 10) * 2 + digit(body, 11) * 4 + digit(body, 12) * 8 + digit(body, 13) * 5 + digit(body, 14) * 10
    + digit(body, 15) * 9 + digit(body, 16) * 7) % 11 AS BIGINT), 1);

-- A code with a wrong check character stands where the organisation is registered.
CREATE TEMP TABLE code AS
WITH named AS (
    SELECT uscc AS code FROM raw_organizations WHERE fault IS NULL
    UNION ALL SELECT superior_uscc FROM raw_organizations WHERE fault IS NULL
    UNION ALL SELECT parent_uscc FROM raw_organizations WHERE fault IS NULL
    UNION ALL SELECT uscc FROM raw_roles WHERE fault IS NULL
    UNION ALL SELECT uscc FROM raw_holdings WHERE fault IS NULL
    UNION ALL SELECT holder_uscc FROM raw_holdings WHERE fault IS NULL
    UNION ALL SELECT uscc FROM raw_control_agreements WHERE fault IS NULL
    UNION ALL SELECT controller_uscc FROM raw_control_agreements WHERE fault IS NULL
    UNION ALL SELECT uscc FROM raw_penalties WHERE fault IS NULL
    UNION ALL SELECT uscc FROM raw_listings WHERE fault IS NULL
    UNION ALL SELECT uscc FROM raw_matters WHERE fault IS NULL
    UNION ALL SELECT uscc FROM raw_checks WHERE fault IS NULL
    UNION ALL SELECT uscc FROM raw_enforcements WHERE fault IS NULL
), once AS (
    SELECT code, code_is_shaped(code) AS shaped, code_holds(code) AS holds
    FROM (SELECT code FROM named WHERE code IS NOT NULL GROUP BY code) c ORDER BY code
)
SELECT row_number() OVER () AS id, code, shaped,
    shaped AND (holds OR code IN (SELECT uscc FROM raw_organizations WHERE fault IS NULL)) AS stands
FROM once;
CREATE TEMP TABLE misshapen AS SELECT code FROM code WHERE NOT shaped;
CREATE TEMP TABLE bad_code AS SELECT code FROM code WHERE NOT stands;
-- Authorities are texts; one written as a code has to stand too.
CREATE TEMP TABLE bad_authority AS
SELECT authority AS code FROM (
    SELECT authority FROM raw_penalties GROUP BY authority UNION SELECT authority FROM raw_listings GROUP BY authority
) a WHERE code_is_shaped(authority) AND NOT code_holds(authority)
    AND authority NOT IN (SELECT uscc FROM raw_organizations WHERE fault IS NULL);

CREATE TEMP TABLE number AS
WITH named AS (
    SELECT id_number AS number FROM raw_roles WHERE fault IS NULL
    UNION ALL SELECT id_number FROM raw_holdings WHERE fault IS NULL AND holder_uscc IS NULL
    UNION ALL SELECT controller_id_number FROM raw_control_agreements WHERE fault IS NULL AND controller_uscc IS NULL
    UNION ALL SELECT id_number FROM raw_penalties WHERE fault IS NULL AND uscc IS NULL
    UNION ALL SELECT id_number FROM raw_listings WHERE fault IS NULL AND uscc IS NULL
    UNION ALL SELECT id_number FROM raw_responsible_persons WHERE fault IS NULL
    UNION ALL SELECT id_number FROM raw_determinations WHERE fault IS NULL
    UNION ALL SELECT id_number FROM raw_matters WHERE fault IS NULL AND uscc IS NULL
    UNION ALL SELECT id_number FROM raw_checks WHERE fault IS NULL AND uscc IS NULL
    UNION ALL SELECT id_number FROM raw_enforcements WHERE fault IS NULL AND uscc IS NULL
), once AS (
    SELECT number, TRY_CAST(number[:17] AS BIGINT) AS body
    FROM (SELECT number FROM named WHERE number IS NOT NULL GROUP BY number) n
), judged AS (
    SELECT number, regexp_full_match(number, '[0-9]{17}[0-9X]') AS shaped,
        try_strptime(number[7:14], '%Y%m%d') IS NOT NULL AS born, number_holds(number, body) AS holds
    FROM once ORDER BY number
)
SELECT (SELECT coalesce(max(id), 0) FROM code) + row_number() OVER () AS id, number,
    shaped AND born AND coalesce(holds, false) AS stands
FROM judged;
CREATE TEMP TABLE bad_number AS SELECT number FROM number WHERE NOT stands;

-- Persons without a number: one at each organisation and name.
CREATE TEMP TABLE provisional AS
WITH named AS (
    SELECT uscc, person_name AS name FROM raw_roles WHERE fault IS NULL AND id_number IS NULL
    UNION SELECT uscc, holder_name FROM raw_holdings WHERE fault IS NULL AND holder_uscc IS NULL AND id_number IS NULL
)
SELECT (SELECT max(id) FROM (SELECT id FROM code UNION ALL SELECT id FROM number) i) + row_number() OVER () AS id, uscc, name FROM named
