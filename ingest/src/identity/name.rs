//! Names: one form for comparing, the original kept elsewhere for display.

use crate::value::fold;

/// NFKC, trimmed, inner runs of white space folded, brackets unified. Case is kept: it is part of
/// a Latin name.
#[must_use]
pub fn normalise_name(name: &str) -> String {
    fold(name).chars().map(unify_bracket).collect()
}

/// The ways of writing round and square brackets, after NFKC.
fn unify_bracket(letter: char) -> char {
    match letter {
        '〔' | '【' | '〖' | '⟦' | '〘' | '〚' => '[',
        '〕' | '】' | '〗' | '⟧' | '〙' | '〛' => ']',
        '❨' | '❪' | '⸨' => '(',
        '❩' | '❫' | '⸩' => ')',
        '·' | '•' | '・' | '‧' | '∙' => '·',
        other => other,
    }
}

/// Endings that no person's name has.
const ORGANISATION_ENDINGS: [&str; 30] = [
    "公司",
    "企业",
    "集团",
    "中心",
    "合伙)",
    "合作社",
    "委员会",
    "银行",
    "基金",
    "基金会",
    "协会",
    "学校",
    "大学",
    "学院",
    "医院",
    "研究院",
    "研究所",
    "事务所",
    "工厂",
    "商店",
    "超市",
    "商行",
    "政府",
    "管理局",
    "财政局",
    "办公室",
    "计划",
    "信托",
    "经营部",
    "工作室",
];

/// Whether a name given without any identifier is plainly that of an organisation.
#[must_use]
pub fn looks_like_organisation(name: &str) -> bool {
    let name = normalise_name(name);
    let lower = name.to_lowercase();
    ORGANISATION_ENDINGS
        .iter()
        .any(|ending| name.ends_with(ending))
        || [
            "ltd", "ltd.", "limited", "inc", "inc.", "llc", "gmbh", "co.", "corp.",
        ]
        .iter()
        .any(|ending| lower.split(' ').next_back() == Some(ending))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_have_one_form() {
        for (name, expected) in [
            ("六安市某某（集团）有限公司", "六安市某某(集团)有限公司"),
            (" 张　　三 ", "张 三"),
            ("某某【筹】公司", "某某[筹]公司"),
            ("某某〔筹〕公司", "某某[筹]公司"),
            ("阿卜杜拉•买买提", "阿卜杜拉·买买提"),
            ("ＡＢＣ公司", "ABC公司"),
            ("Smith  John", "Smith John"),
        ] {
            assert_eq!(normalise_name(name), expected);
        }
    }

    #[test]
    fn organisations_are_told_by_their_endings() {
        for name in [
            "六安某某有限公司",
            "某某投资中心（有限合伙）",
            "ACME Holdings Ltd",
        ] {
            assert!(looks_like_organisation(name), "{name}");
        }
        for name in ["张三", "欧阳某某", "John Smith", ""] {
            assert!(!looks_like_organisation(name), "{name}");
        }
    }

    proptest! {
        #[test]
        fn normalising_twice_is_once(name in "\\PC{0,16}") {
            let once = normalise_name(&name);
            prop_assert_eq!(normalise_name(&once), once);
        }
    }
}
