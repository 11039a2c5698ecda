-- Who has how many votes in which company on the day. The votes of a concert group count
-- for the member with the most (then the smaller number); an agreement is more than all votes.
WITH held AS (
    SELECT org, holder, concert, sum(votes) AS v FROM holding
    WHERE from_on <= {day} AND {day} < to_on AND holder <> org
    GROUP BY org, holder, concert
), grouped AS (
    SELECT org, holder,
        row_number() OVER (PARTITION BY org, concert ORDER BY v DESC, holder) AS place,
        sum(v) OVER (PARTITION BY org, concert) AS total
    FROM held WHERE concert IS NOT NULL
), counted AS (
    SELECT org, holder, v FROM held WHERE concert IS NULL
    UNION ALL SELECT org, holder, total FROM grouped WHERE place = 1
    UNION ALL SELECT org, controller, 1000000000000 FROM agreement
        WHERE from_on <= {day} AND {day} < to_on AND controller <> org
)
SELECT holder, org, CAST(sum(v) AS BIGINT) AS votes FROM counted GROUP BY holder, org
