"""DuckDB: files read with COPY, recursive queries with USING KEY, as-of joins.

Its documentation advises against indexes for loading and scans (zone maps serve them), and
for an ART index where single rows are sought; so only what point questions seek has one.
"""

import duckdb

from peer import DAY, TABLES, Peer, sql

HALF = 50_000_000
INDEXES = ["role(person)", "role(org)", "life(subject)", "link(a)", "hub(id)"]

CONTROL = f"""
WITH RECURSIVE tally (x, y, votes, passed) USING KEY (x, y) AS (
    SELECT holder, org, votes, votes > {HALF} FROM votes
    UNION
    SELECT more.x, more.y, more.votes + coalesce(old.votes, 0),
        coalesce(old.votes, 0) <= {HALF} AND more.votes + coalesce(old.votes, 0) > {HALF}
    FROM (
        SELECT won.x, v.org AS y, CAST(sum(v.votes) AS BIGINT) AS votes
        FROM tally won JOIN votes v ON v.holder = won.y
        WHERE won.passed AND v.org <> won.x GROUP BY won.x, v.org
    ) more LEFT JOIN recurring.tally old ON old.x = more.x AND old.y = more.y
)
SELECT x, y FROM tally WHERE votes > {HALF}
"""

GAPS = """
WITH {concerned},
own AS (
    SELECT n.id, n.subject,
        bool_or(c.checked_on BETWEEN n.accepted_on - n.valid_days AND n.decided_on) AS done,
        bool_or(c.checked_on > n.decided_on AND c.checked_on <= least(n.decided_on + 365, {day})) AS late,
        bool_or(c.checked_on >= n.accepted_on - 365 AND c.checked_on < n.accepted_on - n.valid_days) AS stale
    FROM concerned n JOIN checks c ON c.matter = n.id AND c.subject = n.subject AND c.department = n.department
    GROUP BY n.id, n.subject
), open AS (
    SELECT n.*, coalesce(o.late, false) AS late, coalesce(o.stale, false) AS stale
    FROM concerned n LEFT JOIN own o ON o.id = n.id AND o.subject = n.subject
    WHERE NOT coalesce(o.done, false)
), free AS (SELECT subject, department, checked_on FROM checks WHERE matter IS NULL),
before AS (
    SELECT o.*, f.checked_on AS last_before FROM open o ASOF LEFT JOIN free f
    ON f.subject = o.subject AND f.department = o.department AND f.checked_on <= o.decided_on
), after AS (
    SELECT b.*, f.checked_on AS first_after FROM
    (SELECT * FROM before WHERE last_before IS NULL OR last_before < accepted_on - valid_days) b
    ASOF LEFT JOIN free f
    ON f.subject = b.subject AND f.department = b.department AND f.checked_on > b.decided_on
)
SELECT id, subject, CASE
    WHEN late OR first_after <= least(decided_on + 365, {day}) THEN 'late'
    WHEN stale OR last_before >= accepted_on - 365 THEN 'stale' ELSE 'none' END
FROM after
"""


class DuckDB(Peer):
    name = "DuckDB"
    note = {"control": "one query, WITH RECURSIVE … USING KEY"}

    def version(self):
        return duckdb.__version__

    def prepare(self):
        self.db = duckdb.connect(str(self.data / "duck.db"))

    def load(self):
        self.fill()
        self.derive()

    def fill(self):
        """From clean rows to the tables."""
        run = self.db.execute
        for statement in sql("schema").split(";"):
            if statement.strip():
                run(statement)
        for table in TABLES:
            run(f"COPY {table} FROM '{self.file(table)}' (HEADER, DELIMITER ',')")

    def derive(self):
        """What the questions stand on, and the indexes."""
        run = self.db.execute
        for statement in sql("views").split(";"):
            if statement.strip():
                run(statement)
        run(f"CREATE TABLE link AS {sql('link', named=sql('named'))}")
        run(f"CREATE TABLE hub AS {sql('hub')}")
        for index in INDEXES:
            table = index.split("(")[0]
            run(f"CREATE INDEX {index.translate(str.maketrans('()', '__'))} ON {index}")
        run("ANALYZE")
        run("CHECKPOINT")

    def all(self, query, *words):
        return self.db.execute(query, words or None).fetchall()

    def pairs(self):
        run = self.db.execute
        run(f"CREATE OR REPLACE TEMP TABLE votes AS {sql('votes')}")
        run(f"CREATE OR REPLACE TEMP TABLE pairs AS {CONTROL}")

    def control(self):
        self.pairs()
        return self.all(sql("controllers", pairs="pairs"))

    def restrictions(self):
        self.pairs()
        self.db.execute(f"CREATE OR REPLACE TEMP TABLE controllers AS {sql('controllers', pairs='pairs')}")
        return self.all(sql("restrictions", controllers="controllers"))

    def offenders(self):
        return self.all(sql("offenders"))

    def gaps(self):
        missed = GAPS.replace("{concerned}", sql("concerned")).replace("{day}", DAY)
        return {"missed_check": self.all(missed), "late_publication": self.all(sql("late_publication"))}

    def verify_prepared(self, subject):
        if not hasattr(self, "prepared"):
            self.db.execute(f"CREATE TABLE restricted AS {sql('restrictions', controllers='controllers')}")
            self.db.execute("CREATE INDEX restricted_subject ON restricted(subject)")
            self.prepared = True
        return self.all("SELECT subject, measure, case_id FROM restricted WHERE subject = ?", subject)

    def verify(self, subject):
        return self.all(sql("verify", subject=subject))

    def path(self, a, b):
        return [(a, b, self.all(sql("path", a=a, b=b))[0][0])]

    def network(self, start, hops):
        return [(start, *row) for row in self.all(sql("network", a=start, hops=hops))]

    def network_2(self, start):
        return self.network(start, 2)

    def network_3(self, start):
        return self.network(start, 3)

    def close(self):
        self.db.close()


PEER = DuckDB
