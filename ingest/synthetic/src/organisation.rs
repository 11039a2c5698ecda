//! An organisation of the mass: its registration, its people over the years, its holders.

use crate::dice::{Dice, Purpose};
use crate::groups::{Groups, Member};
use crate::identity::Code;
use crate::page::Page;
use crate::plan::{Kind, Plan};
use crate::rows::{Held, Holding};
use crate::shape::{
    AS_OF, AUTHORITIES, BY_HUB, BY_OFTEN_SEEN, ENDED, HISTORY_FROM, IN_CONCERT, MANY_HOLDERS,
    SHARES_MOVED, UNNUMBERED, VOTES_DIFFER,
};
use crate::sheet::{Day, Number, Person, Subject};

/// An organisation while its rows are being written.
#[derive(Debug)]
pub(crate) struct Organisation {
    pub(crate) place: u64,
    pub(crate) index: u64,
    pub(crate) code: Code,
    pub(crate) kind: Kind,
    pub(crate) from: Day,
    pub(crate) ended: Option<Day>,
    pub(crate) offices: Vec<Held>,
    pub(crate) dice: Dice,
    /// Persons who play a part already.
    seen: Vec<u64>,
    slot: u64,
}

impl Organisation {
    /// Registers the organisation at a place of the block, with its people and holders.
    pub(crate) fn found(page: &mut Page<'_>, groups: &Groups, place: u64) -> Self {
        let index = Plan::index(page.block, place);
        let mut dice = Dice::of(page.plan.seed, Purpose::Organisation, index);
        let member = groups.member(place).copied();
        let from = dice.day(HISTORY_FROM - 4_000, AS_OF - 60);
        let ended = dice
            .chance(ENDED)
            .then(|| dice.day(from.max(HISTORY_FROM) + 30, AS_OF));
        let (kind, wrong_code) = page.plan.kind(index);
        page.written.tally.wrong_codes += u64::from(wrong_code);
        let mut org = Self {
            place,
            index,
            code: page.plan.code(index),
            // A member of a group is a company, whatever its code begins with.
            kind: if member.is_some() {
                Kind::Enterprise
            } else {
                kind
            },
            from,
            ended: ended.filter(|day| *day <= AS_OF && member.is_none()),
            offices: Vec::new(),
            dice,
            seen: Vec::new(),
            slot: 0,
        };
        org.register(page);
        org.appoint(page);
        org.share_out(page, member.as_ref());
        org
    }

    fn register(&mut self, page: &mut Page<'_>) {
        let plan = page.plan;
        let status = match self.ended {
            Some(_) if self.dice.chance(150_000) => "revoked",
            Some(_) => "deregistered",
            None if self.dice.chance(20_000) => "abnormal",
            None if self.dice.chance(5_000) => "suspended",
            None => "operating",
        };
        let state_owned = self.kind == Kind::Institution || self.dice.chance(5_000);
        let superior = state_owned.then(|| plan.code(self.dice.below(AUTHORITIES)));
        let parent =
            (self.kind == Kind::Branch && self.place > 0).then(|| plan.code(self.index - 1));
        let industry = self.dice.pick(&INDUSTRIES, ("F5299", "商贸"));
        let suffix = match self.kind {
            Kind::IndividualBusiness => "经营部",
            Kind::FarmersCooperative => "农民专业合作社",
            Kind::Institution => "服务中心",
            Kind::SocialOrganization => "协会",
            Kind::Branch => "有限公司云溪分公司",
            Kind::Enterprise | Kind::Government => "有限公司",
        };
        let region = self.dice.pick(&crate::shape::REGIONS, "341502");
        let row = page
            .written
            .sheets
            .organisations
            .row()
            .bytes(&self.code)
            .cell(|text| {
                text.extend_from_slice("云溪市".as_bytes());
                plan.people.brand(self.index, text);
                text.extend_from_slice(industry.1.as_bytes());
                text.extend_from_slice(suffix.as_bytes());
            });
        row.text(self.kind.code())
            .text(status)
            .text(region)
            .text(industry.0)
            .day(self.from)
            .maybe_day(self.ended)
            .text(if state_owned { "true" } else { "" })
            .bytes(superior.as_ref().map_or(&[], <[u8; 18]>::as_slice))
            .bytes(parent.as_ref().map_or(&[], <[u8; 18]>::as_slice))
            .end();
    }

    /// Somebody who plays no part here yet.
    pub(crate) fn somebody(&mut self, page: &Page<'_>) -> Person {
        let plan = page.plan;
        let first = Plan::first_person(page.block);
        let count = plan.in_block(page.block) * 5 / 3 + 8;
        let mut index = if self.dice.chance(BY_HUB) {
            let high = self.dice.below(plan.hubs()) + 1;
            self.dice.below(high)
        } else if self.dice.chance(BY_OFTEN_SEEN) {
            let high = self.dice.below(count) + 1;
            let high = self.dice.below(high) + 1;
            first + self.dice.below(high)
        } else {
            self.slot += 1;
            first + (self.place * 5 / 3 + self.slot) % count
        };
        while self.seen.contains(&index) {
            self.slot += 1;
            index = first + (self.place * 5 / 3 + self.slot) % count;
        }
        self.seen.push(index);
        plan.person(index)
    }

    /// Fills one office, perhaps with several persons one after another.
    fn fill(&mut self, page: &Page<'_>, office: &'static str, first: Person) {
        let mut person = first;
        let unnumbered = office == "supervisor" && self.dice.chance(UNNUMBERED);
        let mut from = self.from;
        let last = self.ended.unwrap_or(AS_OF);
        let mut moves = 3;
        while moves > 0 && self.dice.chance(250_000) {
            moves -= 1;
            let day = self.dice.day(from.max(HISTORY_FROM) + 90, last - 30);
            if day >= last - 30 || day <= from {
                break;
            }
            self.offices.push(Held {
                office,
                person,
                from,
                to: Some(day),
                unnumbered,
            });
            person = self.somebody(page);
            from = day;
        }
        self.offices.push(Held {
            office,
            person,
            from,
            to: self.ended,
            unnumbered,
        });
    }

    fn appoint(&mut self, page: &mut Page<'_>) {
        let head = self.somebody(page);
        if self.kind == Kind::IndividualBusiness {
            self.fill(page, "principal", head);
        } else {
            self.fill(page, "legal_representative", head);
            for (office, share) in OFFICES {
                if self.dice.chance(share) {
                    let person = self.somebody(page);
                    self.fill(page, office, person);
                }
            }
            if self.dice.chance(150_000) {
                self.offices.push(Held {
                    office: "executive",
                    person: head,
                    from: self.from,
                    to: self.ended,
                    unnumbered: false,
                });
            }
            if let Some(ended) = self.ended.filter(|_| self.dice.chance(200_000)) {
                let person = self.somebody(page);
                self.offices.push(Held {
                    office: "liquidator",
                    person,
                    from: ended - 20,
                    to: Some(ended),
                    unnumbered: false,
                });
            }
        }
        let sheet = &mut page.written.sheets.roles;
        for held in &self.offices {
            held.write(sheet, &page.plan.people, &self.code);
        }
    }

    /// Whoever holds an office on a day.
    pub(crate) fn holders<'a>(
        &'a self,
        office: &'a str,
        day: Day,
    ) -> impl Iterator<Item = &'a Held> {
        self.offices
            .iter()
            .filter(move |held| held.office == office && held.holds(day))
    }

    /// The head on a day: legal representative, or principal where there is none.
    pub(crate) fn head(&self, day: Day) -> Option<Person> {
        let mut heads = self.offices.iter().filter(|held| {
            held.holds(day) && ["legal_representative", "principal"].contains(&held.office)
        });
        heads.next().map(|held| held.person)
    }

    fn share_out(&mut self, page: &mut Page<'_>, member: Option<&Member>) {
        if ![Kind::Enterprise, Kind::FarmersCooperative].contains(&self.kind) {
            return;
        }
        let mut left = 100;
        if let Some(member) = member {
            left = self.within_group(page, member);
        }
        let concert = self
            .dice
            .chance(IN_CONCERT)
            .then(|| Number::new("一致行动".as_bytes(), page.block, self.place));
        let mut holders = match self.dice.below(100) {
            _ if self.dice.chance(MANY_HOLDERS) => self.dice.tail(4, 40),
            0..45 => 1,
            45..80 => 2,
            _ => 3,
        };
        if concert.is_some() {
            holders = holders.max(3);
        }
        while left > 0 && holders > 0 {
            let ratio = if holders == 1 || left < 4 {
                left
            } else {
                1 + self.dice.below(left * 2 / holders).min(left - 1)
            };
            left -= ratio;
            holders -= 1;
            self.hold(page, ratio, concert.filter(|_| ratio < 40));
        }
    }

    /// What the group holds; gives what is left for others.
    fn within_group(&mut self, page: &mut Page<'_>, member: &Member) -> u64 {
        let plan = page.plan;
        let by = |place| Subject::Organisation(plan.code(Plan::index(page.block, place)));
        let mut left = 100;
        let mut rows = Vec::new();
        if let Some(holder) = member.parent.or(member.held_by) {
            let ratio = if member.by_agreement {
                20
            } else {
                51 + self.dice.below(50)
            };
            left -= ratio;
            rows.push((by(holder), ratio));
        } else {
            let ratio = 51 + self.dice.below(50);
            left -= ratio;
            rows.push((Subject::Person(self.somebody(page)), ratio));
        }
        if let Some(other) = member.cross.filter(|_| left > 10) {
            left -= 5;
            rows.push((by(other), 5));
        }
        for (holder, ratio) in rows {
            let holding = Holding {
                holder,
                from: self.from,
                to: None,
                ratio,
                votes: None,
                concert: None,
            };
            holding.write(&mut page.written.sheets.holdings, &plan.people, &self.code);
        }
        if let Some(parent) = member.parent.filter(|_| member.by_agreement) {
            let row = page.written.sheets.agreements.row().bytes(&self.code);
            let row = row.subject(&by(parent)).empty().day(self.from).empty();
            row.text("agreement").text("控制协议备案").end();
        }
        left
    }

    /// One holder's share, perhaps sold to another meanwhile.
    fn hold(&mut self, page: &mut Page<'_>, ratio: u64, concert: Option<Number>) {
        let last = self.ended.unwrap_or(AS_OF);
        let sold = self
            .dice
            .chance(SHARES_MOVED)
            .then(|| self.dice.day(self.from.max(HISTORY_FROM) + 30, last));
        let sold = sold.filter(|day| *day < last && *day > self.from);
        let votes = self.dice.chance(VOTES_DIFFER).then(|| self.dice.below(100));
        let holder = Subject::Person(self.somebody(page));
        let mut holding = Holding {
            holder,
            from: self.from,
            to: sold.or(self.ended),
            ratio,
            votes,
            concert,
        };
        holding.write(
            &mut page.written.sheets.holdings,
            &page.plan.people,
            &self.code,
        );
        if let Some(day) = sold {
            holding.holder = Subject::Person(self.somebody(page));
            holding.from = day;
            holding.to = self.ended;
            holding.write(
                &mut page.written.sheets.holdings,
                &page.plan.people,
                &self.code,
            );
        }
    }
}

/// Offices beside that of the legal representative, and how many organisations fill them.
const OFFICES: [(&str, u64); 7] = [
    ("supervisor", 450_000),
    ("executive", 250_000),
    ("director", 250_000),
    ("principal", 80_000),
    ("finance_head", 100_000),
    ("actual_controller", 30_000),
    ("partner", 10_000),
];

/// Industries by code, and the word that a name has for them.
const INDUSTRIES: [(&str, &str); 12] = [
    ("F5299", "商贸"),
    ("F5111", "农产品"),
    ("H6210", "餐饮"),
    ("E4710", "建设"),
    ("C1311", "粮油"),
    ("C3311", "机械"),
    ("I6510", "软件"),
    ("L7212", "企业管理"),
    ("G5430", "运输"),
    ("K7010", "置业"),
    ("R9011", "文化传媒"),
    ("Q8423", "健康"),
];
