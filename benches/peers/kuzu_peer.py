"""Kuzu 0.11.3: node and relationship tables filled with COPY, questions in Cypher.

Its recursive patterns find paths but sum nothing up, so control is iterated by the client: each
round adds the pairs that the votes of the pairs before decide.
"""

import csv
import datetime

import kuzu

from peer import Peer

D = "date('2026-06-30')"
OPEN = "date('9999-12-31')"
NODES = {
    "Entity": "id INT64, kind STRING, hub BOOL DEFAULT false, PRIMARY KEY (id)",
    "Listing": "id INT64, list STRING, listed_on DATE, expires_on DATE, removed_on DATE, removal_reason STRING, to_on DATE, wrong BOOL DEFAULT false, PRIMARY KEY (id)",
    "Penalty": "id INT64, decision_on DATE, closed_or_revoked BOOL, published_from DATE, published_until DATE, reported_on DATE, status STRING, repaired_on DATE, upheld_on DATE, wrong BOOL DEFAULT false, PRIMARY KEY (id)",
    "Matter": "id INT64, department STRING, item STRING, accepted_on DATE, decided_on DATE, outcome STRING, exempt BOOL, PRIMARY KEY (id)",
    "Check": "id INT64, department STRING, checked_on DATE, matter INT64, PRIMARY KEY (id)",
    "Enforcement": "id INT64, department STRING, measure STRING, case_no STRING, from_on DATE, to_on DATE, reported_on DATE, PRIMARY KEY (id)",
    "Item": "code STRING, from_on DATE, to_on DATE, check_required BOOL, valid_days INT64, key STRING, PRIMARY KEY (key)",
    "ItemSubject": "key SERIAL, code STRING, from_on DATE, subject STRING, PRIMARY KEY (key)",
    "Deadline": "decision_on DATE, report_by DATE, PRIMARY KEY (decision_on)",
}
RELATIONS = {
    "Role": "FROM Entity TO Entity, role STRING, from_on DATE, to_on DATE",
    "Holding": "FROM Entity TO Entity, from_on DATE, to_on DATE, votes INT64, concert STRING",
    "Agreement": "FROM Entity TO Entity, from_on DATE, to_on DATE",
    "Link": "FROM Entity TO Entity, from_on DATE, to_on DATE",
    "Listed": "FROM Entity TO Listing",
    "Fined": "FROM Entity TO Penalty",
    "Applied": "FROM Entity TO Matter",
    "Checked": "FROM Entity TO Check",
    "Enforced": "FROM Entity TO Enforcement",
    "Rejected": "FROM Entity TO Entity, case_id INT64",
}
WORKED_OUT = {
    "Counted": "FROM Entity TO Entity, votes INT64",
    "Votes": "FROM Entity TO Entity, votes INT64",
    "Controls": "FROM Entity TO Entity, round INT64",
    "Controller": "FROM Entity TO Entity",
}
# Table, file, what of its rows.
COPIES = [
    ("Entity", "entity", "id, kind, false"),
    ("Role", "role", "person, org, role, from_on, to_on"),
    ("Holding", "holding", "holder, org, from_on, to_on, votes, concert"),
    ("Agreement", "agreement", "controller, org, from_on, to_on"),
    ("Link", "role", "person, org, from_on, to_on"),
    ("Link", "holding", "holder, org, from_on, to_on"),
    ("Link", "tie", f"upper, lower, date('0001-01-01'), {OPEN}"),
    ("Listing", "listing", f"id, list, listed_on, expires_on, removed_on, removal_reason, {OPEN}, removal_reason IS NOT NULL AND removal_reason = 'revoked'"),
    ("Listed", "listing", "subject, id"),
    ("Penalty", "penalty", f"id, decision_on, closed_or_revoked, published_from, published_until, reported_on, status, {OPEN} AS repaired_on, {OPEN} AS upheld_on, status <> 'effective'"),
    ("Fined", "penalty", "subject, id"),
    ("Matter", "matter", "id, department, item, accepted_on, decided_on, outcome, exempt"),
    ("Applied", "matter", "applicant, id"),
    ("Check", "checks", "id, department, checked_on, matter"),
    ("Checked", "checks", "subject, id"),
    ("Enforcement", "enforcement", "id, department, measure, case_no, from_on, to_on, reported_on"),
    ("Enforced", "enforcement", "subject, id"),
    ("Item", "item", "code, from_on, to_on, check_required, valid_days, concat(code, string(from_on))"),
    ("ItemSubject", "item_subject", "code, from_on, subject"),
    ("Deadline", "deadline", "decision_on, report_by"),
]

HELD = f"r.from_on <= {D} AND {D} < r.to_on"
ALIVE = f"NOT l.wrong AND l.listed_on <= {D} AND {D} < l.to_on"
PERSONAL = "r.role IN ['legal_representative', 'principal']"
# What ends a listing, and what is said of a penalty: set once, while loading.
SAID = [
    "MATCH (l:Listing) WHERE l.removed_on IS NOT NULL AND NOT l.wrong SET l.to_on = l.removed_on",
    "MATCH (l:Listing) WHERE l.expires_on IS NOT NULL AND l.expires_on < l.to_on SET l.to_on = l.expires_on",
    "MATCH (l:Listing) WHERE l.expires_on IS NULL AND l.list IN ['wage_arrears', 'work_safety'] "
    "AND l.listed_on + interval('36 months') < l.to_on SET l.to_on = cast(l.listed_on + interval('36 months'), 'DATE')",
    "LOAD FROM '{repair}' (header=true) WITH case_id, kind, repaired_on WHERE kind <> 'revocation' "
    "WITH case_id, min(repaired_on) AS on_day MATCH (l:Listing) WHERE l.id = case_id AND on_day < l.to_on SET l.to_on = on_day",
    "LOAD FROM '{objection}' (header=true) WITH case_id, outcome, decided_on WHERE outcome = 'upheld' "
    "WITH case_id, min(decided_on) AS on_day MATCH (l:Listing) WHERE l.id = case_id AND on_day < l.to_on SET l.to_on = on_day",
    "LOAD FROM '{repair}' (header=true) WITH case_id, kind WHERE kind = 'revocation' "
    "MATCH (l:Listing) WHERE l.id = case_id SET l.wrong = true",
    "LOAD FROM '{repair}' (header=true) WITH case_id, kind WHERE kind = 'revocation' "
    "MATCH (p:Penalty) WHERE p.id = case_id SET p.wrong = true",
    "LOAD FROM '{repair}' (header=true) WITH case_id, kind, repaired_on WHERE kind = 'repair' "
    "WITH case_id, min(repaired_on) AS on_day MATCH (p:Penalty) WHERE p.id = case_id SET p.repaired_on = on_day",
    "LOAD FROM '{objection}' (header=true) WITH case_id, outcome, decided_on WHERE outcome = 'upheld' "
    "WITH case_id, min(decided_on) AS on_day MATCH (p:Penalty) WHERE p.id = case_id SET p.upheld_on = on_day",
    f"MATCH (a:Entity)-[r:Link]-(b:Entity) WHERE {HELD} AND a.id <> b.id "
    "WITH a, count(*) AS links WHERE links > 1000 SET a.hub = true",
]
COUNTED = [
    f"MATCH (h:Entity)-[r:Holding]->(o:Entity) WHERE {HELD} AND h.id <> o.id AND r.concert IS NULL RETURN h.id, o.id, r.votes",
    # The leading member: the most votes, then the smaller number, in one number to be maximised.
    f"MATCH (h:Entity)-[r:Holding]->(o:Entity) WHERE {HELD} AND h.id <> o.id AND r.concert IS NOT NULL "
    "WITH o, r.concert AS together, h, sum(r.votes) AS votes "
    "WITH o, together, cast(sum(votes), 'INT64') AS total, max(cast(votes, 'INT64') * 100000000 + 99999999 - h.id) AS most "
    "RETURN 99999999 - most % 100000000, o.id, total",
    f"MATCH (h:Entity)-[r:Agreement]->(o:Entity) WHERE {HELD} AND h.id <> o.id RETURN h.id, o.id, 1000000000000",
]
RESTRICTED = [
    f"MATCH (e:Entity)-[:Listed]->(l:Listing) WHERE {{who}} {ALIVE} AND l.listed_on >= date('2015-07-22') "
    "AND l.list IN ['court_defaulter', 'court_consumption_limit'] RETURN e.id AS subject, 'limit_consumption' AS measure, l.id AS case_id",
    f"MATCH (e:Entity)-[:Listed]->(l:Listing) WHERE {{who}} {ALIVE} AND l.listed_on >= date('2020-05-01') "
    "AND l.list = 'wage_arrears' RETURN e.id AS subject, 'bar_fiscal_funds' AS measure, l.id AS case_id",
    f"MATCH (e:Entity)-[r:Role]->(o:Entity)-[:Listed]->(l:Listing) WHERE {{who}} {HELD} AND {PERSONAL} AND {ALIVE} "
    "AND l.list = 'court_consumption_limit' AND l.listed_on >= date('2015-07-22') "
    "AND NOT EXISTS { MATCH (e)-[x:Rejected]->(o) WHERE x.case_id = l.id } "
    "RETURN e.id AS subject, 'limit_consumption' AS measure, l.id AS case_id",
    f"MATCH (e:Entity)-[r:Role]->(o:Entity)-[:Fined]->(p:Penalty) WHERE {{who}} {PERSONAL} AND NOT p.wrong "
    "AND p.closed_or_revoked AND p.decision_on >= date('2014-03-01') "
    "AND r.from_on <= p.decision_on AND p.decision_on < r.to_on "
    f"AND p.decision_on <= {D} AND {D} < p.decision_on + interval('36 months') AND {D} < p.upheld_on "
    "AND NOT EXISTS { MATCH (e)-[x:Rejected]->(o) WHERE x.case_id = p.id } "
    "RETURN e.id AS subject, 'legal_representative_bar' AS measure, p.id AS case_id",
]
THROUGH_CONTROL = (
    f"MATCH (e:Entity)-[:Controller]->(o:Entity)-[:Listed]->(l:Listing) WHERE e.kind <> 'org' AND {ALIVE} "
    "AND NOT EXISTS { MATCH (e)-[x:Rejected]->(o) WHERE x.case_id = l.id } "
    "AND (l.list = 'court_consumption_limit' AND l.listed_on >= date('2015-07-22') OR l.list = 'wage_arrears' AND l.listed_on >= date('2020-05-01')) "
    "RETURN e.id AS subject, CASE WHEN l.list = 'wage_arrears' THEN 'bar_fiscal_funds' ELSE 'limit_consumption' END AS measure, l.id AS case_id"
)
OFFENDERS = f"""
MATCH (e:Entity)-[:Fined]->(p:Penalty) WHERE e.kind = 'org' AND NOT p.wrong
    AND p.decision_on > date('2023-06-30') AND p.decision_on <= {D}
WITH e.id AS subject, count(*) AS n, min(p.decision_on) AS first_on, max(p.decision_on) AS last_on,
    sum(CASE WHEN p.published_from <= {D} AND {D} < p.published_until AND p.repaired_on > {D} AND p.upheld_on > {D} THEN 1 ELSE 0 END) AS published
WHERE n >= 4
RETURN subject, n, published, CASE WHEN n < 5 THEN 'warning' WHEN published >= 1 THEN 'to_clear' ELSE 'cleared' END, first_on, last_on
"""
CONCERNED = {
    "applicant": "MATCH (s:Entity)-[:Applied]->(m:Matter), (i:Item), (j:ItemSubject) WHERE j.subject = 'applicant' AND s.kind <> 'provisional'",
    "holders": "MATCH (s:Entity)-[r:Role]->(o:Entity)-[:Applied]->(m:Matter), (i:Item), (j:ItemSubject) "
    "WHERE j.subject = r.role AND r.from_on <= m.accepted_on AND m.accepted_on < r.to_on AND s.kind <> 'provisional'",
}
MISSED = f"""
{{concerned}} AND i.code = m.item AND i.from_on <= m.accepted_on AND m.accepted_on < i.to_on AND i.check_required
    AND j.code = i.code AND j.from_on = i.from_on
    AND m.outcome IN ['granted', 'refused'] AND m.decided_on <= {D}
WITH DISTINCT s, m, i.valid_days AS valid
OPTIONAL MATCH (s)-[:Checked]->(c:Check) WHERE c.department = m.department AND (c.matter IS NULL OR c.matter = m.id)
    AND c.checked_on >= m.accepted_on - 365 AND c.checked_on <= m.decided_on + 365 AND c.checked_on <= {D}
WITH m.id AS matter, s.id AS subject,
    sum(CASE WHEN c.checked_on >= m.accepted_on - cast(valid, 'INT32') AND c.checked_on <= m.decided_on THEN 1 ELSE 0 END) AS done,
    sum(CASE WHEN c.checked_on > m.decided_on THEN 1 ELSE 0 END) AS late,
    sum(CASE WHEN c.checked_on < m.accepted_on - cast(valid, 'INT32') THEN 1 ELSE 0 END) AS stale
WHERE done = 0
RETURN matter, subject, CASE WHEN late > 0 THEN 'late' WHEN stale > 0 THEN 'stale' ELSE 'none' END
"""
LATE = (
    "MATCH (p:Penalty), (d:Deadline) WHERE d.decision_on = p.decision_on "
    f"AND d.report_by < {D} AND (p.reported_on IS NULL OR p.reported_on > d.report_by) "
    f"RETURN p.id, CASE WHEN p.reported_on IS NOT NULL AND p.reported_on <= {D} THEN 'late' ELSE 'absent' END"
)
WALK = f"(r, n | WHERE {HELD} AND NOT n.hub)"


class Kuzu(Peer):
    name = "Kuzu"
    note = {
        "control": "iterated by the client",
        "offenders": "without first_reached_on: Cypher has no window functions",
        "gaps": "no as-of join: a join by ranges of days",
    }

    def version(self):
        return kuzu.__version__

    def prepare(self):
        self.db = kuzu.Database(str(self.data / "kuzu"))
        self.connection = kuzu.Connection(self.db)
        self.plans = {}

    def all(self, query, **words):
        if not words:
            return self.connection.execute(query).get_all()
        if query not in self.plans:
            self.plans[query] = self.connection.prepare(query)
        return self.connection.execute(self.plans[query], words).get_all()

    def copy(self, table, query):
        self.all(f"COPY `{table}` FROM ({query})")

    def load(self):
        for table, columns in NODES.items():
            self.all(f"CREATE NODE TABLE `{table}`({columns})")
        for table, columns in {**RELATIONS, **WORKED_OUT}.items():
            self.all(f"CREATE REL TABLE `{table}`({columns})")
        for table, file, columns in COPIES:
            self.copy(table, f"LOAD FROM '{self.file(file)}' (header=true) RETURN {columns}")
        for statement in SAID:
            for file in ("repair", "objection"):
                statement = statement.replace("{" + file + "}", self.file(file))
            self.all(statement)
        self.name_persons()

    def name_persons(self):
        """Persons named in cases, and those whom the last determination rejects."""
        of_case = "MATCH (p:Entity {id: $person}), (o:Entity)-[:%s]->(c:%s {id: $number}) WHERE p.id <> o.id "
        seen, last = set(), {}
        for row in csv.DictReader(open(self.file("naming"))):
            key = (row["case_id"], row["person"])
            if row["responsibility"] != "other" and key not in seen:
                seen.add(key)
                for link, case in (("Listed", "Listing"), ("Fined", "Penalty")):
                    self.all(of_case % (link, case) + "CREATE (p)-[:Link {from_on: $since, to_on: $until}]->(o)",
                             person=int(key[1]), number=int(key[0]),
                             since=datetime.date.fromisoformat(row["active_from"]),
                             until=datetime.date.fromisoformat(row["active_to"]))
        for row in csv.DictReader(open(self.file("determination"))):
            last[row["case_id"], row["person"]] = row["outcome"]
        for (case, person), outcome in last.items():
            if outcome == "rejected":
                for link, kind in (("Listed", "Listing"), ("Fined", "Penalty")):
                    self.all(of_case % (link, kind) + "CREATE (p)-[:Rejected {case_id: $number}]->(o)",
                             person=int(person), number=int(case))

    def work_out_control(self):
        for table, columns in WORKED_OUT.items():
            self.all(f"DROP TABLE `{table}`")
            self.all(f"CREATE REL TABLE `{table}`({columns})")
        for query in COUNTED:
            self.copy("Counted", query)
        self.copy("Votes", "MATCH (h:Entity)-[r:Counted]->(o:Entity) RETURN h.id, o.id, cast(sum(r.votes), 'INT64')")
        # Everybody who votes has his own votes: a round before the first.
        self.copy("Controls", "MATCH (h:Entity)-[:Votes]->(:Entity) WITH DISTINCT h RETURN h.id, h.id AS same, -1")
        self.copy("Controls", "MATCH (h:Entity)-[v:Votes]->(o:Entity) WHERE v.votes > 50000000 RETURN h.id, o.id, 0")
        turn = 0
        while self.all(f"MATCH (:Entity)-[c:Controls {{round: {turn}}}]->(:Entity) RETURN count(*)")[0][0]:
            self.copy("Controls", f"MATCH (x:Entity)-[c:Controls {{round: {turn}}}]->(:Entity) WITH DISTINCT x "
                      "MATCH (x)-[:Controls]->(:Entity)-[v:Votes]->(y:Entity) WHERE x.id <> y.id "
                      "WITH x, y, sum(v.votes) AS votes WHERE votes > 50000000 "
                      f"AND NOT EXISTS {{ MATCH (x)-[:Controls]->(y) }} RETURN x.id, y.id, {turn + 1}")
            turn += 1
        self.copy("Controller", "MATCH (x:Entity)-[c:Controls]->(y:Entity) WHERE c.round >= 0 AND (x.kind <> 'org' "
                  "OR NOT EXISTS { MATCH (:Entity)-[d:Controls]->(x) WHERE d.round >= 0 }) RETURN x.id, y.id")

    def control(self):
        self.work_out_control()
        return self.all("MATCH (x:Entity)-[:Controller]->(y:Entity) RETURN y.id, x.id")

    def restrictions(self):
        self.work_out_control()
        queries = [query.replace("{who}", "") for query in RESTRICTED] + [THROUGH_CONTROL]
        self.worked_out = {tuple(row) for query in queries for row in self.all(query)}
        return self.worked_out

    def offenders(self):
        return self.all(OFFENDERS)

    def gaps(self):
        missed = [row for part in CONCERNED.values() for row in self.all(MISSED.replace("{concerned}", part))]
        return {"missed_check": missed, "late_publication": self.all(LATE)}

    def verify_prepared(self, subject):
        if not hasattr(self, "prepared"):
            self.all("CREATE NODE TABLE Restricted(subject INT64, what STRING[], cases INT64[], PRIMARY KEY (subject))")
            by_subject = {}
            for of, measure, case in self.worked_out:
                by_subject.setdefault(of, []).append((measure, case))
            for of, found in by_subject.items():
                self.all("CREATE (:Restricted {subject: $of, what: $what, cases: $cases})", of=of,
                         what=[measure for measure, _ in found], cases=[case for _, case in found])
            self.prepared = True
        found = self.all("MATCH (r:Restricted {subject: $of}) RETURN r.what, r.cases", of=subject)
        return [(subject, *pair) for what, cases in found for pair in zip(what, cases)]

    def verify(self, subject):
        query = " UNION ".join(query.replace("{who}", "e.id = $subject AND ") for query in RESTRICTED)
        return self.all(query, subject=subject)

    def path(self, a, b):
        found = self.all(f"MATCH (a:Entity {{id: $a}})-[e:Link* SHORTEST 1..6 {WALK}]-(b:Entity {{id: $b}}) RETURN length(e)", a=a, b=b)
        return [(a, b, found[0][0] if found else 0)]

    def network(self, start, hops):
        found = self.all(f"MATCH (a:Entity {{id: $a}})-[e:Link* SHORTEST 1..{hops} {WALK}]-(b:Entity) WHERE b.id <> $a RETURN b.id, length(e)", a=start)
        return [(start, start, 0)] + [(start, *row) for row in found]

    def network_2(self, start):
        return self.network(start, 2)

    def network_3(self, start):
        return self.network(start, 3)

    def close(self):
        self.connection.close()
        self.db.close()


PEER = Kuzu
