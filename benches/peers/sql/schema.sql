-- The tables, filled from files of rows of the same names and columns.
-- People, companies, cases and matters are whole numbers. Intervals are half-open;
-- 0001-01-01 is since ever, 9999-12-31 is open. Votes are millionths of a percent.
CREATE TABLE entity (id BIGINT, kind TEXT);
CREATE TABLE role (org BIGINT, person BIGINT, role TEXT, from_on DATE, to_on DATE);
CREATE TABLE holding (org BIGINT, holder BIGINT, from_on DATE, to_on DATE, votes BIGINT, concert TEXT);
CREATE TABLE agreement (org BIGINT, controller BIGINT, from_on DATE, to_on DATE);
CREATE TABLE tie (upper BIGINT, lower BIGINT, kind TEXT);
CREATE TABLE listing (id BIGINT, subject BIGINT, list TEXT, listed_on DATE, expires_on DATE, removed_on DATE, removal_reason TEXT);
CREATE TABLE penalty (id BIGINT, subject BIGINT, authority TEXT, decision_no TEXT, decision_on DATE, violation_type TEXT, closed_or_revoked BOOLEAN, published_from DATE, published_until DATE, reported_on DATE, status TEXT);
CREATE TABLE repair (case_id BIGINT, kind TEXT, repaired_on DATE);
CREATE TABLE objection (case_id BIGINT, filed_on DATE, decided_on DATE, outcome TEXT);
CREATE TABLE naming (case_id BIGINT, person BIGINT, responsibility TEXT, active_from DATE, active_to DATE);
CREATE TABLE determination (case_id BIGINT, person BIGINT, decided_on DATE, outcome TEXT, seq BIGINT);
CREATE TABLE matter (id BIGINT, applicant BIGINT, department TEXT, item TEXT, accepted_on DATE, decided_on DATE, outcome TEXT, exempt BOOLEAN);
CREATE TABLE checks (id BIGINT, subject BIGINT, department TEXT, checked_on DATE, matter BIGINT);
CREATE TABLE enforcement (id BIGINT, subject BIGINT, department TEXT, measure TEXT, case_no TEXT, from_on DATE, to_on DATE, reported_on DATE);
CREATE TABLE item (code TEXT, from_on DATE, to_on DATE, check_required BOOLEAN, valid_days INTEGER);
CREATE TABLE item_subject (code TEXT, from_on DATE, subject TEXT);
CREATE TABLE deadline (decision_on DATE, report_by DATE);
