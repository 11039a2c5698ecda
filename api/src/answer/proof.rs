//! The whole proof of a restriction, lead, gap or receipt, by its id.

use graph::id::EntityId;
use graph::store::Store;
use queries::control::prove;
use queries::penetration::{Ground, case_records};
use queries::sweep::Sweep;
use queries::world::Cited;
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    Explanation, gap_answer, lead_answer, lead_id, restriction_answer, restriction_id, source_row,
};
use crate::Error;
use crate::gapflow::of_sweep as of_sweep_on;
use crate::receipt::{self, Fault, KeyRing};
use crate::session::Session;

/// What an id stands for, and what proves it.
struct Proof {
    answer: Value,
    /// The place of the case, if it rests on one.
    case: Option<usize>,
    records: Vec<Cited>,
    measures: Vec<String>,
}

impl Proof {
    /// Of a restriction or a lead.
    fn of_grounds(
        answer: impl Serialize,
        case: usize,
        measure: &str,
        records: Vec<Cited>,
    ) -> Result<Self, Error> {
        Ok(Self {
            answer: serde_json::to_value(answer)?,
            case: Some(case),
            records,
            measures: vec![measure.to_owned()],
        })
    }

    fn find(session: &Session, sweep: &Sweep<'_>, id: &str) -> Result<Option<Self>, Error> {
        let (world, day) = (sweep.world(), session.as_of);
        if id.starts_with("restriction-") {
            for found in sweep.restrictions() {
                if restriction_id(session, world, found)? == id {
                    let answer = restriction_answer(session, sweep, found, day)?;
                    let rows = records(sweep, found.subject, &found.grounds);
                    return Self::of_grounds(answer, found.case, &found.measure, rows).map(Some);
                }
            }
        }
        if id.starts_with("lead-") {
            for found in sweep.leads() {
                if lead_id(session, world, found)? == id {
                    let answer = lead_answer(session, sweep, found, day)?;
                    let rows = records(sweep, found.subject, &found.grounds);
                    return Self::of_grounds(answer, found.case, &found.measure, rows).map(Some);
                }
            }
        }
        if !id.starts_with("gap-") {
            return Ok(None);
        }
        let gaps = of_sweep_on(session, sweep, day)?;
        let Some(found) = gaps.iter().find(|gap| gap.id == id) else {
            return Ok(None);
        };
        let answer = gap_answer(session, world, found, "open".into())?;
        Ok(Some(Self {
            answer: serde_json::to_value(answer)?,
            case: found.evidence.case,
            records: [&*found.evidence.duty, &*found.evidence.done].concat(),
            measures: found.measure.iter().cloned().collect(),
        }))
    }
}

/// The proof of a restriction, lead or gap of a sweep, by its id.
pub(crate) fn of_sweep(
    session: &Session,
    sweep: &Sweep<'_>,
    id: &str,
) -> Result<Option<Explanation>, Error> {
    let world = sweep.world();
    let Some(proof) = Proof::find(session, sweep, id)? else {
        return Ok(None);
    };
    let Proof {
        answer,
        case,
        records: mut ids,
        measures,
    } = proof;
    if let Some(case) = case.and_then(|place| world.cases.get(place)) {
        ids.splice(0..0, case_records(case));
    }
    ids.dedup();
    let snapshot = session.store.snapshot()?;
    let mut rows = Vec::new();
    for record in ids {
        let row = source_row(session, &*snapshot, world, record)?;
        rows.extend(row.filter(|row| !rows.contains(row)));
    }
    let law = law(sweep, &answer, &measures);
    let text = words(&answer);
    Ok(Some(Explanation {
        id: id.to_owned(),
        answer,
        text,
        law,
        rows,
    }))
}

/// The records that the grounds name, then the holdings and agreements of the chains
/// of computed controllers.
fn records(sweep: &Sweep<'_>, subject: EntityId, grounds: &[Ground]) -> Vec<Cited> {
    let (world, control) = (sweep.world(), sweep.penetration.control);
    let named = grounds
        .iter()
        .flat_map(|ground| ground.records.iter().copied());
    let reached = grounds
        .iter()
        .filter_map(|ground| ground.controlled_on.zip(ground.org));
    let chains = reached.flat_map(|(day, org)| prove(world, control, org, subject, day).1);
    named.chain(chains.map(|link| link.record)).collect()
}

/// The rules, measures and lists behind an answer, each with its law.
fn law(sweep: &Sweep<'_>, answer: &Value, measures: &[String]) -> Vec<Value> {
    let catalogue = sweep.catalogue();
    let mut law = Vec::new();
    if let Some(list) = answer.get("list").and_then(Value::as_str)
        && let Some(list) = catalogue.lists.get(list)
    {
        law.push(json!({"list": list.code, "name": list.name, "basis": list.basis}));
    }
    let grounds = answer
        .get("grounds")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    for ground in grounds {
        let rule = json!({"rule": ground.get("rule"), "basis": ground.get("basis")});
        if !law.contains(&rule) {
            law.push(rule);
        }
    }
    for measure in measures
        .iter()
        .filter_map(|code| catalogue.measures.get(code))
        .flatten()
    {
        law.push(json!({
            "measure": measure.code, "name": measure.name, "basis": measure.basis,
            "binding": measure.binding,
        }));
    }
    law
}

/// The answer in a few sentences, Chinese first.
fn words(answer: &Value) -> Vec<String> {
    let text = |path: &str| {
        answer
            .pointer(path)
            .and_then(Value::as_str)
            .unwrap_or("—")
            .to_owned()
    };
    let mut words = Vec::new();
    if answer.get("kind_name").is_some() {
        words.push(format!(
            "{}：{}，{}，部门 {} / {}: {}, on {}, department {}",
            text("/kind_name"),
            text("/subject/name"),
            text("/on"),
            text("/department"),
            text("/kind"),
            text("/subject/name"),
            text("/on"),
            text("/department"),
        ));
        return words;
    }
    words.push(format!(
        "{} 因案件 {} 适用措施 {} / {} is under {} because of case {}",
        text("/subject/name"),
        text("/case_no"),
        text("/measure"),
        text("/subject/name"),
        text("/measure"),
        text("/case_no"),
    ));
    let grounds = answer
        .get("grounds")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    for ground in grounds {
        let of = |name: &str| {
            ground
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or("—")
                .to_owned()
        };
        words.push(format!(
            "依据规则 {}（{}），身份 {}，时点 {}，单位 {} / by rule {}, role {}, moment {}, at {}",
            of("rule"),
            of("basis"),
            of("role"),
            of("moment"),
            of("org"),
            of("rule"),
            of("role"),
            of("moment"),
            of("org"),
        ));
    }
    words
}

/// A kept receipt, as it was signed.
pub(crate) fn kept_receipt(session: &Session, id: &str) -> Result<Option<Value>, Error> {
    let snapshot = session.store.snapshot()?;
    receipt::restored(&*snapshot, session.store.keys(), id)
}

/// A receipt: its signature, and whether today's knowledge answers otherwise.
pub(crate) fn of_receipt(
    session: &Session,
    sweep: &Sweep<'_>,
    receipt: &Value,
) -> Result<Value, Error> {
    let ring = KeyRing::existing(session.store.dir())?;
    let keys = ring.map(|ring| ring.public_keys()).unwrap_or_default();
    let checked = receipt::verify_object(receipt, &keys);
    let subject = receipt
        .pointer("/subject/key")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let day = receipt
        .get("as_of")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let subject = session.subject(subject)?;
    let day = graph::time::Date::parse(day).unwrap_or(session.as_of);
    let world = sweep.world();
    let mut now: Vec<String> = sweep
        .on(subject)
        .filter(|restriction| restriction.days.holds(day))
        .map(|restriction| restriction_id(session, world, restriction))
        .collect::<Result<_, _>>()?;
    let told = receipt
        .get("restrictions")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let mut then: Vec<String> = told
        .filter_map(|r| r.get("id")?.as_str().map(str::to_owned))
        .collect();
    now.sort_unstable();
    then.sort_unstable();
    let added: Vec<&String> = now.iter().filter(|id| !then.contains(id)).collect();
    let gone: Vec<&String> = then.iter().filter(|id| !now.contains(id)).collect();
    Ok(json!({
        "id": receipt.get("receipt"),
        "answer": receipt,
        "signature_valid": checked.is_ok(),
        "signature_fault": checked.err().map(|fault| fault.to_string()),
        "text": signature_words(receipt, checked),
        "same_today": added.is_empty() && gone.is_empty(),
        "added_since": added,
        "gone_since": gone,
        "known_at": session.known_at.to_string(),
    }))
}

/// Whether a receipt is genuine, in a sentence.
fn signature_words(receipt: &Value, checked: Result<(), Fault>) -> String {
    let of = |path: &str| {
        let found = receipt.pointer(path).and_then(Value::as_str);
        found.unwrap_or("—").to_owned()
    };
    match checked {
        Ok(()) => format!(
            "签名有效：公钥 {0}，{1} 签署 / the signature is valid: key {0}, signed {1}",
            of("/proof/key"),
            of("/proof/signed_at"),
        ),
        Err(fault) => format!("签名无效，不得采信 / not genuine, do not rely on it: {fault}"),
    }
}
