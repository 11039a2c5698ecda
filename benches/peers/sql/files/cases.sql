-- Which case a number means. One that means several is a fault of whoever names it, except an
-- enforcement of which the subject tells.
CREATE TEMP TABLE numbered AS
SELECT listing_no AS case_no, id AS case_id, subject, authority FROM listing
UNION ALL SELECT decision_no, id, subject, authority FROM penalty;
CREATE TEMP TABLE meant AS SELECT case_no, min(case_id) AS case_id FROM numbered GROUP BY case_no HAVING count(*) = 1;
CREATE TEMP TABLE several AS
SELECT case_no, count(DISTINCT authority) = 1 AND count(authority) = count(*) AS one_document
FROM numbered GROUP BY case_no HAVING count(*) > 1
