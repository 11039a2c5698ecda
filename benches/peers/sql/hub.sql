-- Who has more than 1 000 links on the day.
SELECT a AS id FROM link WHERE from_on <= {day} AND {day} < to_on GROUP BY a HAVING count(*) > 1000
