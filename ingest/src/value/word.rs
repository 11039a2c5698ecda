//! Words of a fixed list: canonical codes and the names that files use for them.

use graph::record::{
    AgreementKind, DeterminationOutcome, IdType, MatterOutcome, ObjectionOutcome, OrganisationKind,
    OrganisationStatus, PenaltyKind, PenaltyStatus, RemovalReason, RepairKind, Responsibility,
    RoleKind,
};

use super::fold;

/// A list of words that a cell may hold: each by its code or by one of its other names.
pub trait Word: Copy + 'static {
    /// The value with this canonical code.
    fn from_code(code: &str) -> Option<Self>;

    /// The other names, folded and in lower case.
    fn names() -> &'static [(&'static str, Self)];

    /// The value that `text` names, however it is written.
    #[must_use]
    fn parse(text: &str) -> Option<Self> {
        // Codes are in lower case and folded: most cells hold one as it is.
        if let Some(value) = Self::from_code(text) {
            return Some(value);
        }
        let folded = fold(text).to_lowercase();
        let named = Self::names()
            .iter()
            .find(|(name, _)| *name == folded)
            .map(|(_, value)| *value);
        Self::from_code(&folded).or(named)
    }
}

/// Gives a graph enumeration its Chinese names.
macro_rules! words {
    ($name:ident { $($variant:ident: $($text:literal)|+;)+ }) => {
        impl Word for $name {
            fn from_code(code: &str) -> Option<Self> {
                $name::from_code(code)
            }
            fn names() -> &'static [(&'static str, Self)] {
                &[$($(($text, $name::$variant)),+),+]
            }
        }
    };
}

words! { OrganisationKind {
    Enterprise: "企业" | "法人及非法人组织" | "企业法人" | "法人" | "公司" | "非法人组织" | "法人企业" | "农村集体经济组织";
    IndividualBusiness: "个体工商户" | "个体";
    Institution: "事业单位" | "事业单位法人";
    Government: "机关" | "行政机关" | "政府机关" | "机关法人" | "党政机关" | "政府部门";
    SocialOrganization: "社会组织" | "社会团体" | "民办非企业单位" | "基金会" | "社会服务机构";
    FarmersCooperative: "农民专业合作社" | "合作社";
    Branch: "分支机构" | "分公司";
    Other: "其他" | "其他组织";
} }

words! { OrganisationStatus {
    Operating: "在营" | "存续" | "开业" | "在业" | "正常" | "在营(开业)企业" | "存续(在营、开业、在册)" | "在册" | "迁入";
    Abnormal: "经营异常" | "异常";
    Suspended: "停业" | "歇业";
    Revoked: "吊销" | "吊销未注销" | "吊销,未注销" | "已吊销" | "吊销企业";
    Deregistered: "注销" | "已注销" | "吊销后注销" | "吊销,已注销" | "注销企业";
} }

words! { RoleKind {
    LegalRepresentative: "法定代表人" | "法人代表" | "法人" | "法定代表人(负责人)";
    Principal: "主要负责人" | "负责人" | "首席代表" | "经营者";
    ActualController: "实际控制人";
    Director: "董事" | "董事长" | "执行董事" | "副董事长" | "独立董事";
    Supervisor: "监事" | "监事会主席" | "监事长";
    Executive: "经理" | "高级管理人员" | "总经理" | "副总经理" | "副经理" | "高管" | "董事会秘书" | "厂长";
    FinanceHead: "财务负责人" | "财务总监";
    Liquidator: "清算人" | "清算组成员" | "清算组负责人";
    Partner: "执行事务合伙人" | "执行合伙人";
} }

words! { AgreementKind {
    GeneralPartner: "执行事务合伙人" | "普通合伙人";
    Agreement: "协议控制" | "协议";
    Nominee: "代持" | "股权代持";
    Appointment: "任免权" | "任免";
    Other: "其他";
} }

words! { PenaltyKind {
    Warning: "警告";
    Criticism: "通报批评";
    Fine: "罚款";
    Confiscation: "没收" | "没收违法所得" | "没收非法财物" | "没收违法所得和非法财物";
    LicenceSuspended: "暂扣许可证件" | "暂扣许可证" | "暂扣执照" | "暂扣营业执照" | "暂扣";
    GradeLowered: "降低资质等级" | "降低资质";
    LicenceRevoked: "吊销许可证件" | "吊销许可证" | "吊销执照" | "吊销营业执照" | "吊销";
    BusinessRestricted: "限制开展生产经营活动" | "限制生产经营" | "限制开展生产经营";
    ProductionHalted: "责令停产停业" | "停产停业" | "责令停产" | "责令停业";
    Closed: "责令关闭" | "关闭";
    PracticeBarred: "限制从业" | "禁止从业" | "终身限制从业" | "市场禁入";
    Detention: "行政拘留" | "拘留";
    Other: "其他" | "其它";
} }

words! { PenaltyStatus {
    Effective: "有效" | "正常" | "生效" | "已生效";
    Revoked: "撤销" | "已撤销";
    AnnulledOnReview: "复议撤销" | "诉讼撤销" | "经复议撤销" | "经诉讼撤销" | "行政复议撤销" | "行政诉讼撤销";
} }

words! { RemovalReason {
    Expired: "到期" | "期满" | "届满" | "公示期满" | "期限届满";
    Repaired: "信用修复" | "修复" | "已修复";
    Fulfilled: "履行完毕" | "已履行" | "全部履行" | "已履行完毕";
    Revoked: "撤销" | "列入错误" | "撤销列入";
    Other: "其他" | "其它";
} }

words! { Responsibility {
    Direct: "直接责任人" | "直接负责的主管人员" | "直接责任人员" | "其他直接责任人员" | "直接责任";
    Principal: "主要负责人" | "主要责任人" | "主要责任";
    Other: "其他" | "其它";
} }

words! { DeterminationOutcome {
    Confirmed: "认定" | "确认" | "予以认定";
    Rejected: "不予认定" | "不认定" | "否定";
} }

words! { RepairKind {
    Repair: "信用修复" | "修复";
    Revocation: "撤销";
    Fulfilment: "履行完毕" | "fulfillment";
} }

words! { ObjectionOutcome {
    Pending: "处理中" | "待处理" | "受理中" | "未办结";
    Upheld: "成立" | "异议成立";
    Rejected: "不成立" | "异议不成立";
} }

words! { MatterOutcome {
    Granted: "准予" | "准予许可" | "通过" | "同意" | "予以许可";
    Refused: "不予" | "不予许可" | "不通过" | "不同意" | "驳回";
    Withdrawn: "撤回" | "申请人撤回" | "撤销申请";
    Pending: "办理中" | "在办" | "待办" | "未办结";
} }

words! { IdType {
    ResidentId: "身份证" | "居民身份证" | "公民身份证" | "公民身份号码" | "身份证号" | "居民身份证号码" | "10" | "1" | "111";
    Passport: "护照" | "护照号" | "普通护照" | "414";
    HkMacauPermit: "港澳居民来往内地通行证" | "港澳通行证" | "回乡证" | "港澳居民通行证" | "516";
    TaiwanPermit: "台湾居民来往大陆通行证" | "台胞证" | "台湾居民通行证" | "511";
    ForeignPermanentResident: "外国人永久居留身份证" | "外国人永久居留证" | "永久居留身份证" | "553";
    Other: "其他" | "其它" | "其他证件";
} }

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use super::*;

    fn check<W: Word + PartialEq + Debug>(text: &str, expected: Option<W>) {
        assert_eq!(W::parse(text), expected, "{text}");
    }

    #[test]
    fn words_are_found_by_code_and_by_name() {
        check("legal_representative", Some(RoleKind::LegalRepresentative));
        check(
            " Legal_Representative ",
            Some(RoleKind::LegalRepresentative),
        );
        check("法定代表人", Some(RoleKind::LegalRepresentative));
        check(
            "存续（在营、开业、在册）",
            Some(OrganisationStatus::Operating),
        );
        check("个体工商户", Some(OrganisationKind::IndividualBusiness));
        check("居民身份证", Some(IdType::ResidentId));
        check("不予认定", Some(DeterminationOutcome::Rejected));
        check("履行完毕", Some(RepairKind::Fulfilment));
        check("吊销许可证件", Some(PenaltyKind::LicenceRevoked));
        check::<PenaltyKind>("口头教育", None);
        check::<RoleKind>("", None);
    }

    /// No name stands for two values of one list, and every name is folded already.
    fn tidy<W: Word + PartialEq + Debug>() {
        for (place, (name, value)) in W::names().iter().enumerate() {
            assert_eq!(&fold(name).to_lowercase(), name);
            assert_eq!(W::parse(name), Some(*value), "{name}");
            assert!(
                W::names()
                    .iter()
                    .skip(place + 1)
                    .all(|(other, _)| other != name),
                "{name}"
            );
        }
    }

    #[test]
    fn names_are_unambiguous() {
        tidy::<OrganisationKind>();
        tidy::<OrganisationStatus>();
        tidy::<RoleKind>();
        tidy::<AgreementKind>();
        tidy::<PenaltyKind>();
        tidy::<PenaltyStatus>();
        tidy::<RemovalReason>();
        tidy::<Responsibility>();
        tidy::<DeterminationOutcome>();
        tidy::<RepairKind>();
        tidy::<ObjectionOutcome>();
        tidy::<MatterOutcome>();
        tidy::<IdType>();
    }
}
