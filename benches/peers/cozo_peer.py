"""CozoDB on its RocksDB storage: files read by its CsvReader, questions in Datalog.

It has no dates, so days are texts, which sort rightly; what needs days to be counted cannot be
stated. Recursion allows only aggregates such as min and max, not sums, so control is iterated by
the client, each round over the pairs that the round before added.
"""

from importlib.metadata import version
from pycozo.client import Client

from peer import Peer

D, D3 = "'2026-06-30'", "'2023-06-30'"
HALF = 50_000_000
# Relation: keys and values with their types.
RELATIONS = {
    "entity": ("id: Int", "kind: String"),
    "role": ("org: Int, person: Int, role: String, from_on: String", "to_on: String"),
    "holding": ("org: Int, holder: Int, from_on: String", "to_on: String, votes: Int, concert: String?"),
    "agreement": ("org: Int, controller: Int, from_on: String", "to_on: String"),
    "tie": ("upper: Int, lower: Int, kind: String", ""),
    "listing": ("id: Int", "subject: Int, list: String, listed_on: String, expires_on: String?, removed_on: String?, removal_reason: String?"),
    "penalty": ("id: Int", "subject: Int, authority: String, decision_no: String, decision_on: String, violation_type: String?, closed_or_revoked: String, published_from: String, published_until: String, reported_on: String?, status: String"),
    "repair": ("case_id: Int, kind: String, repaired_on: String", ""),
    "objection": ("case_id: Int, filed_on: String, decided_on: String?, outcome: String", ""),
    "naming": ("case_id: Int, person: Int, responsibility: String", "active_from: String, active_to: String"),
    "determination": ("case_id: Int, person: Int, decided_on: String, outcome: String, seq: Int", ""),
    "matter": ("id: Int", "applicant: Int, department: String, item: String, accepted_on: String, decided_on: String?, outcome: String, exempt: String"),
    "checks": ("id: Int", "subject: Int, department: String, checked_on: String, matter: Int?"),
    "enforcement": ("id: Int", "subject: Int, department: String, measure: String, case_no: String, from_on: String, to_on: String, reported_on: String?"),
    "item": ("code: String, from_on: String", "to_on: String, check_required: String, valid_days: Int"),
    "item_subject": ("code: String, from_on: String, subject: String", ""),
    "deadline": ("decision_on: String", "report_by: String"),
}
INDEXES = ["role:person {person, org, role}", "listing:subject {subject, id}", "penalty:subject {subject, id}",
           "checks:subject {subject, department}", "matter:applicant {applicant}"]
LINKS = """
all[a, b, f, t] := *role{person: a, org: b, from_on: f, to_on: t}
all[a, b, f, t] := *holding{holder: a, org: b, from_on: f, to_on: t}
all[a, b, f, t] := *tie{upper: a, lower: b}, f = '0001-01-01', t = '9999-12-31'
all[a, b, f, t] := *naming{case_id: c, person: a, responsibility: r, active_from: f, active_to: t}, r != 'other', case[c, b]
case[c, s] := *listing{id: c, subject: s}
case[c, s] := *penalty{id: c, subject: s}
# Two ends may be linked several times from one day on: the count tells how often.
both[a, b, f, t, count(a)] := all[a, b, f, t], a != b
?[a, b, f, t, n] := both[a, b, f, t, n]
?[a, b, f, t, n] := both[b, a, f, t, n]
:create link {a: Int, b: Int, f: String, t: String, n: Int}
"""
HUBS = f"""
links[a, sum(n)] := *link{{a, f, t, n}}, f <= {D}, t > {D}
?[id] := links[id, n], n > 1000
:create hub {{id: Int}}
"""
WRONG = """
wrong[c] := *listing{id: c, removal_reason: 'revoked'}
wrong[c] := *penalty{id: c, status: s}, s != 'effective'
wrong[c] := *repair{case_id: c, kind: 'revocation'}
"""
LIFE = WRONG + f"""
ended[c] := *listing{{id: c, removed_on: on, removal_reason: why}}, !is_null(on), on <= {D}, why != 'revoked'
ended[c] := *listing{{id: c, expires_on: on}}, !is_null(on), on <= {D}
ended[c] := *listing{{id: c, list, listed_on: on, expires_on: null}}, list in ['wage_arrears', 'work_safety'], on <= {D3}
ended[c] := *repair{{case_id: c, kind, repaired_on: on}}, *listing{{id: c}}, kind != 'revocation', on <= {D}
ended[c] := *objection{{case_id: c, outcome: 'upheld', decided_on: on}}, !is_null(on), on <= {D}
?[id, subject, list, since] := *listing{{id, subject, list, listed_on: since}}, since <= {D}, not wrong[id], not ended[id]
?[id, subject, list, since] := *penalty{{id, subject, decision_on: since, closed_or_revoked: 'true'}}, list = 'licence',
    since >= '2014-03-01', since <= {D}, since > {D3}, not wrong[id], not ended[id]
:create life {{subject: Int, id: Int => list: String, since: String}}
"""
REJECTED = """
last[c, p, max(seq)] := *determination{case_id: c, person: p, seq}
?[case_id, person] := last[case_id, person, seq], *determination{case_id, person, seq, outcome: 'rejected'}
:create rejected {case_id: Int, person: Int}
"""
VOTES = f"""
held[org, concert, holder, sum(votes)] := *holding{{org, holder, from_on, to_on, votes, concert}}, holder != org, from_on <= {D}, to_on > {D}
# The leading member: the most votes, then the smaller number, in one number to be maximised.
lead[org, concert, max(most), sum(v)] := held[org, concert, holder, v], !is_null(concert), most = to_int(v) * 100000000 + 99999999 - holder
counted[holder, org, v, k] := held[org, null, holder, v], k = 0
counted[holder, org, v, k] := lead[org, k, most, v], holder = 99999999 - mod(to_int(most), 100000000)
counted[holder, org, v, k] := *agreement{{controller: holder, org, from_on, to_on}}, holder != org, from_on <= {D}, to_on > {D}, v = 1000000000000, k = 1
summed[holder, org, sum(v)] := counted[holder, org, v, k]
?[holder, org, v] := summed[holder, org, w], v = to_int(w)
:replace votes {{holder: Int, org: Int => v: Int}}
"""
FIRST = f"?[x, y, turn] := *votes{{holder: x, org: y, v}}, v > {HALF}, turn = 0 :replace controls {{x: Int, y: Int => turn: Int}}"
NEXT = f"""
gained[x] := *controls{{x, turn: $turn}}
tally[x, y, sum(v), z] := gained[x], *controls{{x, y: z}}, *votes{{holder: z, org: y, v}}, y != x
tally[x, y, sum(v), z] := gained[x], z = x, *votes{{holder: x, org: y, v}}, y != x
total[x, y, sum(v)] := tally[x, y, v, z]
?[x, y, turn] := total[x, y, v], v > {HALF}, not *controls{{x, y}}, turn = $turn + 1
:put controls {{x, y => turn}}
"""
CONTROLLERS = """
controlled[y] := *controls{y}
?[org, controller] := *controls{x: controller, y: org}, *entity{id: controller, kind}, kind != 'org'
?[org, controller] := *controls{x: controller, y: org}, *entity{id: controller, kind: 'org'}, not controlled[controller]
"""
DIRECT = """
rule[list, since, measure] <- [['court_defaulter', '2015-07-22', 'limit_consumption'],
    ['court_consumption_limit', '2015-07-22', 'limit_consumption'], ['wage_arrears', '2020-05-01', 'bar_fiscal_funds']]
"""
THROUGH_ROLES = f"""
?[s, m, c] := {{who}}*life{{subject: s, id: c, list, since: own}}, rule[list, since, m], own >= since
?[s, m, c] := {{who}}*role:person{{person: s, org, role, from_on: f}}, role in ['legal_representative', 'principal'],
    f <= {D}, *role{{org, person: s, role, from_on: f, to_on: t}}, t > {D},
    *life{{subject: org, id: c, list: 'court_consumption_limit', since: own}}, own >= '2015-07-22',
    m = 'limit_consumption', not *rejected{{case_id: c, person: s}}
?[s, m, c] := {{who}}*role:person{{person: s, org, role, from_on: f}}, role in ['legal_representative', 'principal'],
    *life{{subject: org, id: c, list: 'licence', since: own}}, f <= own,
    *role{{org, person: s, role, from_on: f, to_on: t}}, own < t,
    m = 'legal_representative_bar', not *rejected{{case_id: c, person: s}}
"""
THROUGH_CONTROL = """
?[s, m, c] := *life{subject: org, id: c, list, since: own}, list in ['court_consumption_limit', 'wage_arrears'],
    rule[list, since, m], own >= since, *controller{org, controller: s}, *entity{id: s, kind}, kind != 'org',
    not *rejected{case_id: c, person: s}
"""
OFFENDERS = WRONG + f"""
inside[s, c, on] := *penalty{{id: c, subject: s, decision_on: on}}, on > {D3}, on <= {D}, *entity{{id: s, kind: 'org'}}, not wrong[c]
hidden[c] := *repair{{case_id: c, kind: 'repair', repaired_on: on}}, on <= {D}
hidden[c] := *objection{{case_id: c, outcome: 'upheld', decided_on: on}}, on <= {D}
shown[c] := inside[s, c, on], *penalty{{id: c, published_from: f, published_until: t}}, f <= {D}, t > {D}, not hidden[c]
told[s, c, on, p] := inside[s, c, on], shown[c], p = 1
told[s, c, on, p] := inside[s, c, on], not shown[c], p = 0
all[s, count(c), sum(p), min(day), max(day)] := told[s, c, on, p], day = to_int(regex_replace_all(on, '-', ''))
?[s, n, shown, state, first, last] := all[s, n, p, first, last], n >= 4, shown = to_int(p),
    state = cond(n < 5, 'warning', p >= 1, 'to_clear', true, 'cleared')
"""
LATE = f"""
?[c, why] := *penalty{{id: c, decision_on: on, reported_on: r}}, *deadline{{decision_on: on, report_by: by}}, by < {D},
    is_null(r) || r > by, why = if(!is_null(r) && r <= {D}, 'late', 'absent')
"""

def walk(name, start, hops):
    """Who is how far from the start; hubs are not walked through."""
    step = f"*link{{a: n, b, f, t}}, f <= {D}, t > {D}, d = e + 1"
    return f"""
    {name}[n, min(d)] := n = {start}, d = 0
    {name}[b, min(d)] := n = {start}, e = 0, {step}
    {name}[b, min(d)] := {name}[n, e], e > 0, e < {hops}, not *hub{{id: n}}, {step}
    """


class Cozo(Peer):
    name = "CozoDB"
    note = {
        "control": "iterated by the client",
        "offenders": "without first_reached_on: no window functions",
    }
    cannot = {"gaps": "no as-of join, and no dates to count days with"}

    def version(self):
        return version("cozo-embedded")

    def prepare(self):
        self.db = Client("rocksdb", str(self.data / "cozo"), dataframe=False)

    def all(self, query, **words):
        return self.db.run(query, words)["rows"]

    def load(self):
        for table, (keys, values) in RELATIONS.items():
            columns = [column.split(": ") for column in f"{keys}, {values}".strip(", ").split(", ")]
            names = ", ".join(name for name, _ in columns)
            kinds = ", ".join(f"'{kind}'" for _, kind in columns)
            # An empty cell is read as an empty text.
            texts = [name for name, kind in columns if kind == "String?"]
            read = ", ".join(f"{name}_text" if name in texts else name for name, _ in columns)
            empty = "".join(f", {name} = if({name}_text == '', null, {name}_text)" for name in texts)
            self.all(f"""read[{names}] <~ CsvReader(types: [{kinds}], url: 'file://{self.file(table)}', has_headers: true)
                ?[{names}] := read[{read}]{empty}
                :create {table} {{{keys}{' => ' + values if values else ''}}}""")
        for index in INDEXES:
            self.all(f"::index create {index}")
        for made in (LINKS, HUBS, LIFE, REJECTED):
            self.all(made)

    def work_out_control(self):
        self.all(VOTES)
        self.all(FIRST)
        turn = 0
        while self.all("?[count(x)] := *controls{x, turn: $turn}", turn=turn)[0][0]:
            self.all(NEXT, turn=turn)
            turn += 1
        self.all(CONTROLLERS + ":replace controller {org: Int, controller: Int}")

    def control(self):
        self.work_out_control()
        return self.all("?[org, controller] := *controller{org, controller}")

    def restrictions(self):
        self.work_out_control()
        return self.all(DIRECT + THROUGH_ROLES.replace("{who}", "") + THROUGH_CONTROL)

    def offenders(self):
        # Whole numbers such as 20260630: its min and max take no texts.
        def day(number):
            return f"{number // 10000:04}-{number // 100 % 100:02}-{number % 100:02}"
        return [(*row[:4], day(int(row[4])), day(int(row[5]))) for row in self.all(OFFENDERS)]

    def verify_prepared(self, subject):
        if not hasattr(self, "prepared"):
            self.all(DIRECT + THROUGH_ROLES.replace("{who}", "") + THROUGH_CONTROL
                     + ":create restricted {s: Int, m: String, c: Int}")
            self.prepared = True
        return self.all("?[s, m, c] := s = $s, *restricted{s, m, c}", s=subject)

    def verify(self, subject):
        return self.all(DIRECT + THROUGH_ROLES.replace("{who}", "s = $s, "), s=subject)

    def path(self, a, b):
        found = self.all(walk("one", "$a", 3) + walk("other", "$b", 3) + """
            met[d] := one[n, e], other[n, g], e == 0 || g == 0, d = e + g
            met[d] := one[n, e], other[n, g], e > 0, g > 0, not *hub{id: n}, d = e + g
            ?[min(d)] := met[d]""", a=a, b=b)
        return [(a, b, found[0][0] if found and found[0][0] is not None else 0)]

    def network(self, start, hops):
        return [(start, *row) for row in self.all(walk("reach", "$a", hops) + "?[n, d] := reach[n, d]", a=start)]

    def network_2(self, start):
        return self.network(start, 2)

    def network_3(self, start):
        return self.network(start, 3)

    def close(self):
        self.db.close()


PEER = Cozo
