"""PostgreSQL 15: a server of its own on a Unix socket, filled as the chapter "Populating a
Database" says (COPY into tables made in the same transaction, keys and indexes afterwards, ANALYZE).

Two connections load side by side, since the machine has two cores. Control, which recursive
queries cannot sum up, is a loop in PL/pgSQL.
"""

import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor

import psycopg

from peer import DAY, TABLES, Peer, sql

BIN = "/usr/lib/postgresql/15/bin"
SETTINGS = {
    "listen_addresses": "", "shared_buffers": "4GB", "work_mem": "256MB",
    "maintenance_work_mem": "1GB", "effective_cache_size": "12GB", "random_page_cost": "1.1",
    "wal_level": "minimal", "max_wal_senders": "0", "max_wal_size": "16GB",
    "checkpoint_timeout": "30min", "max_parallel_workers_per_gather": "2",
}
KEYS = [
    "entity(id)", "role(org, role, person, from_on)", "holding(org, holder, from_on)",
    "agreement(org, controller, from_on)", "tie(lower, kind)", "listing(id)", "penalty(id)",
    "matter(id)", "checks(id)", "enforcement(id)", "item(code, from_on)",
    "item_subject(code, from_on, subject)", "deadline(decision_on)",
]
INDEXES = [
    "checks(subject, department, checked_on) WHERE matter IS NULL", "checks(matter)", "role(person)", "holding(holder)",
    "listing(subject)", "penalty(subject)", "repair(case_id)", "objection(case_id)",
    "naming(case_id)", "determination(case_id, person)", "matter(applicant)",
    "enforcement(subject)",
]
DERIVED_INDEXES = ["life(subject)", "link(a) INCLUDE (b, from_on, to_on)", "hub(id)"]

CONTROL = """
CREATE FUNCTION control() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DROP TABLE IF EXISTS votes, tally, won, gained, pairs, controllers;
    CREATE TEMP TABLE votes AS {votes};
    CREATE INDEX ON votes (holder) INCLUDE (org, votes);
    CREATE TEMP TABLE tally (x BIGINT, y BIGINT, votes BIGINT, PRIMARY KEY (x, y));
    INSERT INTO tally SELECT holder, org, votes FROM votes;
    CREATE TEMP TABLE won AS SELECT x, y FROM tally WHERE votes > 50000000;
    ANALYZE votes; ANALYZE tally; ANALYZE won;
    LOOP
        EXIT WHEN NOT EXISTS (SELECT 1 FROM won);
        CREATE TEMP TABLE gained AS
            WITH more AS (
                SELECT w.x, v.org AS y, sum(v.votes) AS votes FROM won w JOIN votes v ON v.holder = w.y
                WHERE v.org <> w.x GROUP BY w.x, v.org
            ) SELECT * FROM more;
        TRUNCATE won;
        WITH summed AS (
            INSERT INTO tally SELECT x, y, votes FROM gained
            ON CONFLICT (x, y) DO UPDATE SET votes = tally.votes + EXCLUDED.votes
            RETURNING x, y, votes
        ) INSERT INTO won SELECT s.x, s.y FROM summed s JOIN gained g ON g.x = s.x AND g.y = s.y
            WHERE s.votes > 50000000 AND s.votes - g.votes <= 50000000;
        DROP TABLE gained;
    END LOOP;
    CREATE TEMP TABLE pairs AS SELECT x, y FROM tally WHERE votes > 50000000;
    CREATE INDEX ON pairs (y);
    ANALYZE pairs;
END $$
"""

# In steps with their own statistics, without which the planner takes loops within loops. Instead
# of an as-of join, which it has not, the nearest check before and after is sought in the index.
GAP_STEPS = [
    "DROP TABLE IF EXISTS sought, own",
    "CREATE TEMP TABLE sought AS WITH {concerned} SELECT * FROM concerned",
    "CREATE INDEX ON sought (id)",
    "ANALYZE sought",
    """CREATE TEMP TABLE own AS SELECT n.id, n.subject,
        bool_or(c.checked_on BETWEEN n.accepted_on - n.valid_days AND n.decided_on) AS done,
        bool_or(c.checked_on > n.decided_on AND c.checked_on <= least(n.decided_on + 365, {day})) AS late,
        bool_or(c.checked_on >= n.accepted_on - 365 AND c.checked_on < n.accepted_on - n.valid_days) AS stale
    FROM sought n JOIN checks c ON c.matter = n.id AND c.subject = n.subject AND c.department = n.department
    GROUP BY n.id, n.subject""",
    "ANALYZE own",
]
GAPS = """
WITH open AS (
    SELECT n.*, coalesce(o.late, false) AS late, coalesce(o.stale, false) AS stale
    FROM sought n LEFT JOIN own o ON o.id = n.id AND o.subject = n.subject
    WHERE NOT coalesce(o.done, false)
)
SELECT o.id, o.subject, CASE
    WHEN o.late OR a.checked_on <= least(o.decided_on + 365, {day}) THEN 'late'
    WHEN o.stale OR b.checked_on >= o.accepted_on - 365 THEN 'stale' ELSE 'none' END
FROM open o
LEFT JOIN LATERAL (SELECT checked_on FROM checks f WHERE f.matter IS NULL AND f.subject = o.subject
    AND f.department = o.department AND f.checked_on <= o.decided_on ORDER BY checked_on DESC LIMIT 1) b ON true
LEFT JOIN LATERAL (SELECT checked_on FROM checks f WHERE f.matter IS NULL AND f.subject = o.subject
    AND f.department = o.department AND f.checked_on > o.decided_on ORDER BY checked_on LIMIT 1) a ON true
WHERE b.checked_on IS NULL OR b.checked_on < o.accepted_on - o.valid_days
"""


class Postgres(Peer):
    name = "PostgreSQL"
    note = {
        "control": "a loop in PL/pgSQL: recursive queries cannot sum up",
        "gaps": "no as-of join: the nearest check is sought in the index (LATERAL … LIMIT 1), in steps with temporary tables",
    }

    def version(self):
        return self.value("SHOW server_version").split()[0]

    def start(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="chuantou-peers-"))
        user = pwd.getpwnam("postgres")
        os.chown(self.folder, user.pw_uid, user.pw_gid)
        self.cluster = self.folder / "data"
        self.as_postgres(f"{BIN}/initdb", "-D", self.cluster, "-A", "trust", "-E", "UTF8", "--locale=C")
        with open(self.cluster / "postgresql.conf", "a") as conf:
            conf.writelines(f"{name} = '{value}'\n" for name, value in SETTINGS.items())
            conf.write(f"unix_socket_directories = '{self.folder}'\n")
        self.as_postgres(f"{BIN}/pg_ctl", "-D", self.cluster, "-l", self.folder / "log", "-w", "start")

    def as_postgres(self, *command):
        subprocess.run(["runuser", "-u", "postgres", "--", *map(str, command)], check=True,
                       stdout=subprocess.DEVNULL, cwd=self.folder)

    def connect(self):
        # Every question is planned once: prepared from its second run on.
        return psycopg.connect(host=str(self.folder), user="postgres", dbname="postgres",
                               autocommit=True, prepare_threshold=1)

    def cpu(self):
        """Of the server with all of its processes, and of this client."""
        server = int((self.cluster / "postmaster.pid").read_text().split()[0])
        ticks = 0
        for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(stat.parent.name) == server:
                # With those of its processes that have ended.
                ticks += sum(map(int, fields[11:15]))
            elif int(fields[1]) == server:
                ticks += sum(map(int, fields[11:13]))
        return ticks / os.sysconf("SC_CLK_TCK") + super().cpu()

    def value(self, query):
        return self.db.execute(query).fetchone()[0]

    def prepare(self):
        self.start()
        self.db = self.connect()

    def load(self):
        creates = {c.split("(")[0].split()[2]: c for c in sql("schema").split(";") if c.strip()}
        def fill(table):
            with self.connect() as db, db.transaction():
                db.execute(creates[table])
                with db.cursor().copy(f"COPY {table} FROM STDIN (FORMAT csv, HEADER, FREEZE)") as copy:
                    with open(self.file(table), "rb") as rows:
                        while block := rows.read(1 << 20):
                            copy.write(block)
        def add(statement):
            with self.connect() as db:
                db.execute(statement)
        large_first = sorted(TABLES, key=lambda table: -os.path.getsize(self.file(table)))
        keys = [f"ALTER TABLE {key.split('(')[0]} ADD PRIMARY KEY ({key.split('(', 1)[1]}" for key in KEYS]
        with ThreadPoolExecutor(2) as two:
            list(two.map(fill, large_first))
            list(two.map(add, keys + [f"CREATE INDEX ON {index}" for index in INDEXES]))
        for statement in sql("views").split(";"):
            if statement.strip():
                self.db.execute(statement)
        self.db.execute(f"CREATE TABLE link AS {sql('link', named=sql('named'))}")
        self.db.execute(f"CREATE TABLE hub AS {sql('hub')}")
        for index in DERIVED_INDEXES:
            self.db.execute(f"CREATE INDEX ON {index}")
        self.db.execute(CONTROL.replace("{votes}", sql("votes")))
        self.db.execute("VACUUM ANALYZE")

    def all(self, query, words=None):
        return self.db.execute(query, words).fetchall()

    def control(self):
        self.db.execute("SELECT control()")
        return self.all(sql("controllers", pairs="pairs"))

    def restrictions(self):
        self.db.execute("SELECT control()")
        self.db.execute(f"CREATE TEMP TABLE controllers AS {sql('controllers', pairs='pairs')}")
        return self.all(sql("restrictions", controllers="controllers"))

    def offenders(self):
        return self.all(sql("offenders"))

    def gaps(self):
        for step in GAP_STEPS:
            self.db.execute(step.replace("{concerned}", sql("concerned")).replace("{day}", DAY))
        return {"missed_check": self.all(GAPS.replace("{day}", DAY)), "late_publication": self.all(sql("late_publication"))}

    def verify_prepared(self, subject):
        if not hasattr(self, "prepared"):
            self.db.execute(f"CREATE TABLE restricted AS {sql('restrictions', controllers='controllers')}")
            self.db.execute("CREATE INDEX ON restricted (subject) INCLUDE (measure, case_id)")
            self.db.execute("VACUUM ANALYZE restricted")
            self.prepared = "SELECT subject, measure, case_id FROM restricted WHERE subject = %s"
        return self.all(self.prepared, (subject,))

    def verify(self, subject):
        return self.all(VERIFY, {"subject": subject})

    def path(self, a, b):
        return [(a, b, self.all(PATH, {"a": a, "b": b})[0][0])]

    def network_2(self, start):
        return [(start, *row) for row in self.all(NETWORK[2], {"a": start})]

    def network_3(self, start):
        return [(start, *row) for row in self.all(NETWORK[3], {"a": start})]

    def close(self):
        self.db.close()
        self.as_postgres(f"{BIN}/pg_ctl", "-D", self.cluster, "-m", "fast", "-w", "stop")
        shutil.rmtree(self.folder)


VERIFY = sql("verify", subject="%(subject)s")
PATH = sql("path", a="%(a)s", b="%(b)s")
NETWORK = {hops: sql("network", a="%(a)s", hops=hops) for hops in (2, 3)}
PEER = Postgres
