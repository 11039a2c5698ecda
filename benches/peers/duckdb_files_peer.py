"""DuckDB from the departments' files: what our loader does, as set-wise SQL.

It begins with the same files as we and ends with the tables and indexes that it has when it is
given clean rows, with every accepted row in them whole, and with a quarantine. Its documentation's
advice for loading is followed: types told and nothing sniffed, errors gathered by the reader,
one statement a set, temporary tables for what is read, no index before the rows.

Entities, cases and matters have numbers of its own. After the time is taken its rows are compared
with those that our exporter writes, over natural keys, and every question is asked once.
"""

import json
import pathlib
import re
import time
import tomllib

from duckdb_peer import DuckDB
from peer import PATIENCE_SECONDS, POINT, TABLES, WHOLE, Cannot, sql

READ = ["organizations", "roles", "holdings", "control_agreements", "listings", "penalties", "repairs", "objections",
        "responsible_persons", "determinations", "departments", "matters", "checks", "enforcements"]
LAW = ["item", "item_subject", "deadline"]
KINDS = ["warning", "criticism", "fine", "confiscation", "licence_suspended", "grade_lowered", "licence_revoked",
         "business_restricted", "production_halted", "closed", "practice_barred", "detention", "other"]
OPTIONS = ("auto_detect = false, header = true, delim = ',', quote = '\"', escape = '\"', nullstr = '', "
           "store_rejects = true")
LISTS = pathlib.Path(__file__).parents[2] / "queries" / "catalogue" / "lists.toml"
# A secret of the store; here any will do.
SECRET = "chuantou"

# What a number in a column stands for: of the tables, and of the answers by their columns.
ENTITIES = {"entity": ["id"], "role": ["org", "person"], "holding": ["org", "holder"], "agreement": ["org", "controller"],
            "tie": ["upper", "lower"], "listing": ["subject"], "penalty": ["subject"], "naming": ["person"],
            "determination": ["person"], "matter": ["applicant"], "checks": ["subject"], "enforcement": ["subject"]}
CASES = {"listing": ["id"], "penalty": ["id"], "repair": ["case_id"], "objection": ["case_id"], "naming": ["case_id"],
         "determination": ["case_id"]}
MATTERS = {"matter": ["id"], "checks": ["matter"]}
# Numbers that stand for nothing but an order of rows.
ORDER = {"checks": ["id"], "enforcement": ["id"], "determination": ["seq"]}
ANSWERS = {"control": "ee", "restrictions": "e-c", "offenders": "e", "missed_check": "me", "late_publication": "c",
           "verify_prepared": "e-c", "verify": "e-c", "path": "ee", "network_2": "ee", "network_3": "ee"}


def parts(name, **words):
    """The parts of a file of `sql/files/`, each under a line `--- part`."""
    lines = (pathlib.Path(__file__).parent / "sql" / "files" / f"{name}.sql").read_text().splitlines()
    found, part = {}, ""
    for line in lines:
        if line.startswith("--- "):
            part = line[4:]
        elif not line.lstrip().startswith("--"):
            found[part] = found.get(part, "") + line + "\n"
    for word, value in words.items():
        found = {part: text.replace("{" + word + "}", value) for part, text in found.items()}
    return found


class DuckDBFiles(DuckDB):
    def __init__(self, rows, data, city):
        super().__init__(rows, data)
        self.city = pathlib.Path(city)

    def run_all(self, text):
        for statement in text.split(";\n"):
            if statement.strip():
                self.db.execute(statement)

    def words(self, name):
        """What stands for the braces of a set's SQL."""
        paths = ", ".join(f"'{path}'" for path in sorted(self.city.glob(f"{name}-*.csv")))
        kept = (f"(SELECT r.*, r.rowid AS place FROM raw_{{}} r ANTI JOIN (SELECT place FROM fault WHERE of = '{{}}' "
                f"UNION ALL SELECT place FROM again WHERE of = '{{}}') f ON f.place = r.rowid)")
        with open(LISTS, "rb") as file:
            lists = tomllib.load(file)["list"]
        months = ", ".join(f"('{one['code']}', {one['max_months']})" for one in lists if "max_months" in one)
        return {"files": f"[{paths}]", "options": OPTIONS, "set": name, "raw": f"raw_{name} AS raw", "secret": SECRET,
                "kept": kept.replace("{}", name), "kept_matters": kept.replace("{}", "matters"), "months": months,
                "kinds": "|".join(KINDS), "lists": ", ".join(f"'{one['code']}'" for one in lists)}

    def fill(self):
        """From the files to the tables."""
        run = self.db.execute
        self.run_all(parts("words", **self.words(""))[""])
        sets = {name: parts(name, **self.words(name)) for name in READ}
        for name in READ:
            for number, path in enumerate(sorted(self.city.glob(f"{name}-*.csv"))):
                run("INSERT INTO file VALUES (?, ?, ?, ?)", [name, number, path.name, str(path)])
            run(f"CREATE TEMP TABLE raw_{name} AS {sets[name]['read']}")
        self.run_all(parts("identifiers")[""])
        # From here on a row carries its place: the order of insertion need not be kept.
        run("SET preserve_insertion_order = false")
        for name in READ:
            if name == "repairs":
                self.run_all(parts("cases")[""])
            self.judge(name, sets[name])
            self.run_all(sets[name]["keep"])
            if name != "matters":
                run(f"DROP TABLE raw_{name}")
        self.run_all(parts("entities", secret=SECRET)[""])
        self.run_all(parts("places")[""])
        for table in LAW:
            create = next(c for c in sql("schema").split(";") if f"TABLE {table} (" in c)
            run(create)
            run(f"COPY {table} FROM '{self.file(table)}' (HEADER, DELIMITER ',')")
        run("DROP TABLE raw_matters")

    def judge(self, name, told):
        """Sets aside what cannot be understood."""
        run = self.db.execute
        columns = [column[0] for column in run(f"SELECT * EXCLUDE (file, fault) FROM raw_{name} LIMIT 0").description]
        line = "concat_ws(',', " + ", ".join(f"coalesce(\"{column}\"::TEXT, '')" for column in columns) + ")"
        run(f"INSERT INTO begun SELECT '{name}', file, min(rowid) FROM raw_{name} GROUP BY file")
        run(f"INSERT INTO fault SELECT '{name}', rowid, fault FROM raw_{name} WHERE fault IS NOT NULL")
        if "judge" in told:
            run(f"INSERT INTO fault SELECT '{name}', * FROM ({told['judge']})")
        key = told["key"].strip()
        twins = parts("twins", key=key, line=line, first=re.match(r"\w+", key)[0], **self.words(name))
        if run(f"CREATE OR REPLACE TEMP TABLE twin AS {twins['find']}").fetchone()[0]:
            self.run_all(twins["tell"])
        run(f"INSERT INTO aside SELECT '{name}', rowid, f.why, {line} FROM raw_{name} JOIN (SELECT place AS at, "
            f"first(reason) AS why FROM fault WHERE of = '{name}' GROUP BY place) f ON f.at = raw_{name}.rowid")
        if "names" in told:
            run(f"INSERT INTO suspect SELECT unnest([{told['names']}]) FROM raw_{name} "
                f"JOIN aside a ON a.of = '{name}' AND a.place = raw_{name}.rowid")

    def ask_all(self, out):
        """Loads, compares the rows, asks every question once."""
        start, before = time.perf_counter(), self.cpu()
        self.load()
        times = {"load_files": {"p50": time.perf_counter() - start, "cpu": self.cpu() - before, "count": 1}}
        print(f"  load_files: {times['load_files']}", flush=True)
        self.relate()
        times["tables"] = {table: self.differs(table) for table in TABLES}
        times["quarantine"] = [list(row) for row in self.all("SELECT of, file, line, reason, field FROM quarantine ORDER BY ALL")]
        for question in WHOLE + POINT:
            ask = getattr(self, question)
            try:
                times[question] = self.whole(question, ask, out) if question in WHOLE else self.point(question, ask, out)
            except Cannot as reason:
                times[question] = {"cannot": str(reason)}
            print(f"  {question}", flush=True)
        (out / "times.json").write_text(json.dumps(times, indent=1))

    def relate(self):
        """Which number of the exporter is which of ours, over natural keys."""
        run = self.db.execute
        def read(table):
            return f"read_csv('{self.file(table)}', header = true, all_varchar = true, nullstr = '')"
        run(f"""CREATE TABLE entity_map AS SELECT e.id AS own, k.id::BIGINT AS theirs FROM entity e
            JOIN {read('entity')} x ON x.kind = e.kind JOIN {read('entity_key')} k
            ON k.id = x.id AND k.identifier = e.identifier AND k.name IS NOT DISTINCT FROM e.name""")
        run(f"""CREATE TABLE case_map AS SELECT c.id AS own, k.id::BIGINT AS theirs FROM (
                SELECT id, subject, listing_no AS case_no, list AS told FROM listing
                UNION ALL SELECT id, subject, decision_no, authority FROM penalty) c
            JOIN entity_map e ON e.own = c.subject JOIN {read('case_key')} k ON k.case_no = c.case_no JOIN (
                SELECT id, subject, list AS told FROM {read('listing')}
                UNION ALL SELECT id, subject, authority FROM {read('penalty')}) t
            ON t.id = k.id AND t.subject::BIGINT = e.theirs AND t.told = c.told""")
        run(f"""CREATE TABLE matter_map AS SELECT m.id AS own, k.id::BIGINT AS theirs
            FROM matter m JOIN {read('matter_key')} k ON k.matter_no = m.matter_no UNION ALL SELECT 0, 0""")
        self.own = {kind: dict(self.all(f"SELECT theirs, own FROM {table}_map")) for kind, table in
                    (("e", "entity"), ("c", "case"), ("m", "matter"))}
        self.theirs = {kind: {own: theirs for theirs, own in known.items()} for kind, known in self.own.items()}

    def differs(self, table):
        """Rows, and how many are not among the exporter's, or missing, once the numbers are its."""
        shape = self.all(f"SELECT column_name, column_type FROM (DESCRIBE {table})")
        header = open(self.file(table)).readline().strip().split(",")
        types = {column: kind for column, kind in shape}
        columns = [column for column in header if column not in ORDER.get(table, [])]
        joins, told = "", []
        for number, column in enumerate(columns):
            known = [name for name, of in (("entity", ENTITIES), ("case", CASES), ("matter", MATTERS)) if column in of.get(table, [])]
            if known:
                joins += f" LEFT JOIN {known[0]}_map m{number} ON m{number}.own = t.{column}"
                told.append(f"m{number}.theirs AS {column}")
            else:
                told.append(f"t.{column}")
        # What is said of no known case is kept here, and not exported there.
        attached = " WHERE t.case_id IS NOT NULL" if "case_id" in columns else ""
        ours = f"SELECT {', '.join(told)} FROM {table} t{joins}{attached}"
        theirs = f"SELECT {', '.join(columns)} FROM read_csv('{self.file(table)}', header = true, auto_detect = false, " \
                 f"delim = ',', quote = '\"', nullstr = '', columns = {{{', '.join(repr(c) + ': ' + repr(types[c]) for c in header)}}})"
        def count(query):
            return self.all(f"SELECT count(*) FROM ({query})")[0][0]
        return {"rows": count(ours), "expected": count(theirs),
                "missing": count(f"({theirs}) EXCEPT ALL ({ours})"), "surplus": count(f"({ours}) EXCEPT ALL ({theirs})")}

    def asked(self, name):
        return [tuple(self.own["e"][cell] for cell in row) for row in super().asked(name)]

    def whole(self, question, ask, out):
        answers = ask()
        for name, rows in (answers if isinstance(answers, dict) else {question: answers}).items():
            self.write(out, name, rows)
        return {"p50": 0}

    def point(self, question, ask, out):
        subjects = self.asked(question.split("_")[0])
        start, asked, found = time.perf_counter(), 0, []
        for subject in subjects:
            found.extend(ask(*subject))
            asked += 1
            if time.perf_counter() - start > PATIENCE_SECONDS:
                break
        self.write(out, question, found)
        return {"p50": 0, "asked": asked, "of": len(subjects)}

    def write(self, out, name, rows):
        kinds = ANSWERS[name]
        def theirs(row):
            return tuple(self.theirs[kind].get(cell, f"unknown {cell}") if kind in self.theirs else cell
                         for kind, cell in zip(kinds.ljust(len(row), "-"), row))
        super().write(out, name, [theirs(row) for row in rows])


PEER = DuckDBFiles
