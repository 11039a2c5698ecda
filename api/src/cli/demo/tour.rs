//! The tour's stations: each asks a question of the product and tells its answer.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use graph::id::EntityId;
use graph::time::Date;
use queries::control::ControlOverTime;
use queries::gaps::{self, GapKind};
use queries::offenders::{self, OffenderState};
use queries::sweep::Sweep;
use queries::world::{Texts, World};
use queries::{indicators, ownership};
use serde_json::Value;

use super::{Failed, end_of, text};
use crate::Error;
use crate::answer::{ControllersAnswer, IndicatorAnswer, OffenderAnswer};
use crate::session::Session;
use graph::store::Store;

/// The tour over a loaded city.
pub(super) struct Tour<'a> {
    session: &'a Session,
    planted: &'a Value,
    world: World,
    /// What was known after the first delivery.
    before: World,
}

impl<'a> Tour<'a> {
    pub(super) fn new(session: &'a Session, planted: &'a Value) -> Result<Self, Error> {
        let snapshot = session.store.snapshot()?;
        let first = end_of(text(planted, "/batches/0/recorded_at"));
        let before = World::whole(&*snapshot, session.store.keys(), first)?;
        Ok(Self {
            session,
            planted,
            world: session.world()?,
            before,
        })
    }

    pub(super) fn tell(&self, out: &mut dyn Write) -> Result<(), Failed> {
        let control = ControlOverTime::new(&self.world);
        let sweep = Sweep::new(&self.world, &self.session.catalogue, &control);
        self.hidden_controller(out, &sweep)?;
        self.swapped_representative(out, &sweep)?;
        self.offenders(out, &sweep)?;
        self.gaps(out, &sweep)?;
        self.lifted(out, &sweep)?;
        self.indicators(out, &sweep)
    }

    fn day(&self) -> Date {
        self.session.as_of
    }

    fn planted_subject(&self, path: &str) -> Result<EntityId, Error> {
        self.session.subject(text(self.planted, path))
    }

    fn name(&self, id: EntityId) -> Result<String, Error> {
        Ok(self.session.describe(&self.world, id)?.name)
    }

    fn hidden_controller(&self, out: &mut dyn Write, sweep: &Sweep<'_>) -> Result<(), Failed> {
        writeln!(out, "\n二、隐名控制人 / A controller without any office")?;
        let debtor = self.planted_subject("/hidden_controller/debtor/uscc")?;
        let control = sweep.penetration.control;
        let answer = ControllersAnswer::of(self.session, &self.world, control, debtor, self.day())?;
        for controller in &answer.controllers {
            writeln!(
                out,
                "   {} 由 {} 控制：",
                self.name(debtor)?,
                controller.subject.name
            )?;
            for link in &controller.chain {
                let name = |key: &str| match EntityId::parse_key(key) {
                    Some(id) => self.name(id),
                    None => Ok(key.to_owned()),
                };
                let ratio = link.ratio.as_deref().unwrap_or("协议");
                writeln!(
                    out,
                    "     {} ─{ratio}%→ {}",
                    name(&link.from_key)?,
                    name(&link.to_key)?
                )?;
            }
        }
        let person = self.planted_subject("/hidden_controller/person/id")?;
        let owners = ownership::owners(&self.world, debtor, self.day());
        if let Some(owner) = owners.owners.iter().find(|owner| owner.person == person) {
            let share = owner
                .share
                .map_or_else(|| "—".into(), |share| share.to_string());
            writeln!(
                out,
                "   其受益份额只有 {share}%，也不任任何职务 / a share of {share} %, and no office"
            )?;
        }
        for found in sweep.on(person).filter(|r| r.days.holds(self.day())) {
            let case = self
                .world
                .cases
                .get(found.case)
                .map(queries::world::Case::number);
            writeln!(
                out,
                "   措施 {}，依据案件 {}，已认定：{} / restricted, with proof",
                found.measure,
                case.unwrap_or_default(),
                if found.confirmed { "是" } else { "否" }
            )?;
        }
        Ok(())
    }

    fn swapped_representative(&self, out: &mut dyn Write, sweep: &Sweep<'_>) -> Result<(), Failed> {
        writeln!(
            out,
            "\n三、列入前换了法定代表人 / The representative was swapped before the case"
        )?;
        let (old, new) = (
            self.planted_subject("/swapped_representative/old/id")?,
            self.planted_subject("/swapped_representative/new/id")?,
        );
        let case = text(self.planted, "/swapped_representative/case");
        let changed = text(self.planted, "/swapped_representative/changed_on");
        writeln!(
            out,
            "   {changed}：{} → {}；案件 {case}",
            self.name(old)?,
            self.name(new)?
        )?;
        for (who, label) in [(old, "前任 old"), (new, "后任 new")] {
            let mut measures: Vec<&str> = sweep
                .on(who)
                .filter(|r| r.days.holds(self.day()))
                .filter(|r| {
                    self.world
                        .cases
                        .get(r.case)
                        .is_some_and(|c| c.number() == case)
                })
                .map(|r| &*r.measure)
                .collect();
            measures.sort_unstable();
            let told = if measures.is_empty() {
                "无 / none".into()
            } else {
                measures.join("、")
            };
            writeln!(out, "   {label} {}：{told}", self.name(who)?)?;
        }
        writeln!(
            out,
            "   规则看违法行为发生时的任职 / the rule looks at who held the office then"
        )?;
        Ok(())
    }

    fn offenders(&self, out: &mut dyn Write, sweep: &Sweep<'_>) -> Result<(), Failed> {
        writeln!(out, "\n四、高频失信 / High-frequency offenders")?;
        for offender in offenders::organisations(sweep, self.day()) {
            if offender.state == OffenderState::ToClear {
                let answer = OffenderAnswer::of(self.session, sweep, &offender)?;
                writeln!(
                    out,
                    "   应动态清零 {}：三年 {} 次处罚，{} 次仍在公示 / to be cleared",
                    answer.subject.name, answer.count, answer.published_count
                )?;
            }
        }
        for offender in offenders::persons(sweep, self.day()) {
            let answer = OffenderAnswer::of(self.session, sweep, &offender)?;
            writeln!(
                out,
                "   多家企业背后：{}，{} 家企业 {} 次处罚 / behind several shells",
                answer.subject.name,
                offender.organisations.len(),
                answer.count
            )?;
        }
        Ok(())
    }

    fn gaps(&self, out: &mut dyn Write, sweep: &Sweep<'_>) -> Result<(), Failed> {
        writeln!(out, "\n五、缺口：该做没做的，和不该做的 / Gaps")?;
        let snapshot = self.session.store.snapshot().map_err(Error::from)?;
        let texts = Texts::of(&self.world, &*snapshot, self.session.store.keys());
        let found = gaps::gaps(sweep, &texts, self.day()).map_err(Error::from)?;
        for kind in GapKind::ALL {
            let of: Vec<_> = found.iter().filter(|gap| gap.kind == kind).collect();
            if let Some(first) = of.first() {
                let number = first.number(&texts).map_err(Error::from)?;
                let number = number
                    .or_else(|| first.case_no.clone())
                    .or_else(|| first.decision_no.clone())
                    .unwrap_or_default();
                writeln!(
                    out,
                    "   {}（{}）{} 条；例：{} {}，{}，{}",
                    kind.name(),
                    kind.code(),
                    of.len(),
                    first.on,
                    self.name(first.subject)?,
                    number,
                    first.id
                )?;
            }
        }
        Ok(())
    }

    /// Restrictions that the second delivery ended.
    fn lifted(&self, out: &mut dyn Write, sweep: &Sweep<'_>) -> Result<(), Failed> {
        writeln!(out, "\n六、及时解除 / Lifted as fast as imposed")?;
        let control = ControlOverTime::new(&self.before);
        let before = Sweep::new(&self.before, &self.session.catalogue, &control);
        let mut lifted: BTreeMap<(EntityId, String), Vec<String>> = BTreeMap::new();
        for old in before
            .restrictions()
            .filter(|r| r.direct && r.days.holds(self.day()))
        {
            let Some(case) = self.before.cases.get(old.case) else {
                continue;
            };
            let number = case.number();
            let of_case = |place: usize| {
                self.world
                    .cases
                    .get(place)
                    .is_some_and(|case| case.number() == number)
            };
            let mut now = sweep.on(old.subject).filter(|r| r.days.holds(self.day()));
            if !now.any(|r| r.measure == old.measure && of_case(r.case)) {
                let measures = lifted.entry((old.subject, number.to_owned())).or_default();
                measures.push(old.measure.to_string());
            }
        }
        for ((subject, number), measures) in lifted {
            writeln!(
                out,
                "   {}（{number}）：按五月所知受限，按六月所知已解除 / restricted as known in May, \
                 free as known in June\n     {}",
                self.name(subject)?,
                measures.join("、")
            )?;
        }
        Ok(())
    }

    fn indicators(&self, out: &mut dyn Write, sweep: &Sweep<'_>) -> Result<(), Failed> {
        writeln!(out, "\n七、指标 / Indicators")?;
        for indicator in indicators::indicators(sweep, self.day()) {
            let answer = IndicatorAnswer::from(&indicator);
            let of = answer
                .denominator
                .map(|all| format!(" / {all}"))
                .unwrap_or_default();
            let points = answer
                .points
                .map(|p| format!("，得分 {p}"))
                .unwrap_or_default();
            writeln!(
                out,
                "   {:<22} {}{of}{points}",
                answer.code, answer.numerator
            )?;
        }
        Ok(())
    }
}

/// What a newcomer may try next.
pub(super) fn next_steps(out: &mut dyn Write, dir: &Path, planted: &Value) -> Result<(), Failed> {
    let data = dir.join("data");
    let data = data.display();
    let (day, debtor) = (
        text(planted, "/as_of"),
        text(planted, "/hidden_controller/debtor/uscc"),
    );
    writeln!(
        out,
        "\n接下来试试 / What to try next（chuantou 在 release 目录里 / in the release folder）"
    )?;
    writeln!(out, "   export CHUANTOU_DATA={data}")?;
    for (line, what) in [
        (
            format!("chuantou verify {debtor} --item GP-01 --department D-FIN"),
            "柜台核查，得到签名回执",
        ),
        (
            format!("chuantou controllers {debtor} --as-of {day}"),
            "谁控制它，链条为证",
        ),
        (
            format!("chuantou gaps --department D-APV --as-of {day}"),
            "一个部门的缺口",
        ),
        ("chuantou explain <编号 id>".into(), "完整依据，直到来源行"),
        (
            format!("chuantou restrictions --known-at 2026-05-31 --as-of {day}"),
            "按五月所知再看一遍",
        ),
        (
            "chuantou quarantine list".into(),
            "不合格的行，可更正后重新装入",
        ),
    ] {
        writeln!(out, "   {line}    # {what}")?;
    }
    writeln!(
        out,
        "   城市的原始文件在 / the city's files are in {}",
        dir.join("city").display()
    )?;
    Ok(())
}
