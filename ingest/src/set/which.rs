//! Which record set a file is: by name, by the stem of its file name, or by its header row.

use graph::id::Set;

use super::column::{Columns, normalise_header};
use super::{SPECS, Spec};
use crate::source::Layout;

/// The set with this canonical or Chinese name.
#[must_use]
pub fn set_named(name: &str) -> Option<Set> {
    let name = normalise_header(name);
    SPECS
        .into_iter()
        .find(|spec| names(spec).any(|own| own == name))
        .map(|spec| spec.set)
}

/// The set that a file's stem begins with, followed by the end, `-`, `_`, `.` or a digit. Of
/// several names the longest counts.
#[must_use]
pub fn set_of_stem(stem: &str) -> Option<Set> {
    let stem = normalise_header(stem);
    let fits = |name: &str| {
        let rest = stem.strip_prefix(name);
        rest.is_some_and(|rest| {
            let next = rest.chars().next();
            next.is_none_or(|next| matches!(next, '-' | '_' | '.') || next.is_ascii_digit())
        })
    };
    let all = SPECS
        .into_iter()
        .flat_map(|spec| names(spec).map(move |name| (name, spec.set)));
    all.filter(|(name, _)| fits(name))
        .max_by_key(|(name, _)| name.len())
        .map(|(_, set)| set)
}

/// The one set whose telling columns the header row has. A set is left aside when another one
/// that fits knows all of its headers and more.
#[must_use]
pub fn set_of_headers(layout: &Layout) -> Option<Set> {
    let fitting: Vec<(Set, Vec<usize>)> = SPECS
        .into_iter()
        .filter_map(|spec| {
            let columns = Columns::find(spec.columns, &layout.headers);
            let told = spec
                .telling
                .iter()
                .all(|group| group.iter().any(|name| columns.has(name)));
            let mut known: Vec<usize> = columns.known_places().collect();
            known.sort_unstable();
            told.then_some((spec.set, known))
        })
        .collect();
    let explained = |known: &[usize]| {
        fitting.iter().any(|(_, other)| {
            other.len() > known.len() && known.iter().all(|place| other.contains(place))
        })
    };
    let mut left = fitting.iter().filter(|(_, known)| !explained(known));
    match (left.next(), left.next()) {
        (Some((set, _)), None) => Some(*set),
        _ => None,
    }
}

/// The names of all sets, for messages.
#[must_use]
pub(crate) fn all_names() -> String {
    SPECS.map(|spec| spec.set.name()).join(", ")
}

fn names(spec: &'static Spec) -> impl Iterator<Item = &'static str> {
    std::iter::once(spec.set.name()).chain(spec.stems.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_stem(stem: &str, expected: Option<Set>) {
        assert_eq!(set_of_stem(stem), expected, "{stem}");
    }

    #[test]
    fn a_stem_tells_the_set() {
        check_stem("penalties", Some(Set::Penalties));
        check_stem("Penalties-2024-03", Some(Set::Penalties));
        check_stem("penalties_2024", Some(Set::Penalties));
        check_stem("penalties2024", Some(Set::Penalties));
        check_stem("penalties.part1", Some(Set::Penalties));
        check_stem("行政处罚", Some(Set::Penalties));
        check_stem("行政处罚2024", Some(Set::Penalties));
        check_stem("失信被执行人-六安", Some(Set::Listings));
        check_stem("企业基本信息", Some(Set::Organisations));
        check_stem("部门目录", Some(Set::Departments));
        check_stem("责任认定", Some(Set::Determinations));
        check_stem("penaltiesx", None);
        check_stem("my-penalties", None);
        check_stem("roles", Some(Set::Roles));
        check_stem("", None);
    }

    fn check_headers(headers: &str, expected: Option<Set>) {
        let headers = headers.split(',').map(str::to_owned).collect();
        assert_eq!(set_of_headers(&Layout { headers }), expected);
    }

    #[test]
    fn headers_tell_the_set_when_exactly_one_fits() {
        check_headers("uscc,name,kind", Some(Set::Organisations));
        check_headers("uscc,role,id_number,person_name,from,to", Some(Set::Roles));
        check_headers("统一社会信用代码,股东名称,持股比例", Some(Set::Holdings));
        check_headers(
            "uscc,holder_uscc,kind,document,from",
            Some(Set::ControlAgreements),
        );
        check_headers(
            "decision_no,authority,uscc,decision_on",
            Some(Set::Penalties),
        );
        check_headers(
            "CF_WSH,CF_XDR_MC,CF_XDR_SHXYM,CF_JDRQ",
            Some(Set::Penalties),
        );
        check_headers(
            "列入文号,名单类型,统一社会信用代码,列入日期",
            Some(Set::Listings),
        );
        check_headers(
            "case_no,id_number,responsibility",
            Some(Set::ResponsiblePersons),
        );
        check_headers(
            "case_no,id_number,decided_on,outcome",
            Some(Set::Determinations),
        );
        check_headers("target_no,repaired_on,kind", Some(Set::Repairs));
        check_headers("objection_no,target_no,filed_on", Some(Set::Objections));
        check_headers("department,name,region", Some(Set::Departments));
        check_headers("办件编号,部门编码,事项编码,受理日期", Some(Set::Matters));
        check_headers(
            "check_no,department,checked_at,matter_no",
            Some(Set::Checks),
        );
        check_headers(
            "enforcement_no,department,measure,case_no,from",
            Some(Set::Enforcements),
        );
        check_headers("a,b,c", None);
        check_headers("uscc", None);
    }

    #[test]
    fn every_name_of_a_set_names_it() {
        for spec in SPECS {
            for name in names(spec) {
                assert_eq!(set_named(name), Some(spec.set), "{name}");
                assert_eq!(set_of_stem(name), Some(spec.set), "{name}");
                assert_eq!(normalise_header(name), name);
            }
        }
    }

    /// No header stands for two columns of one set, and every header is normalised already.
    #[test]
    fn headers_are_unambiguous() {
        for spec in SPECS {
            let mut all: Vec<&str> = Vec::new();
            for column in spec.columns {
                all.push(column.name);
                all.extend(column.headers);
                all.extend(column.ten_thousand);
            }
            for (place, header) in all.iter().enumerate() {
                assert_eq!(&normalise_header(header), header, "{}", spec.set.name());
                assert!(
                    !all.iter().skip(place + 1).any(|other| other == header),
                    "{header}"
                );
            }
        }
    }
}
