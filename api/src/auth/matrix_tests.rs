//! Every role, every action, one's own department and another's: against a table
//! written by hand, and not from the policies.

use std::collections::BTreeSet;

use super::*;

/// For each action, who may do it on a thing of the own department, and on one of
/// another: D department, C credit office, A analyst, U auditor, O operator.
const TABLE: [(Action, &str, &str); 31] = [
    (Action::Verify, "D", ""),
    (Action::VerifyBatch, "D", ""),
    (Action::ReadReceipt, "DU", "U"),
    (Action::ReadPublicKeys, "DCAUO", "DCAUO"),
    (Action::FindEntities, "A", "A"),
    (Action::ReadEntity, "A", "A"),
    (Action::ReadTimeline, "A", "A"),
    (Action::ReadControl, "A", "A"),
    (Action::ReadNetwork, "A", "A"),
    (Action::ReadPaths, "A", "A"),
    (Action::ReadGroup, "A", "A"),
    (Action::ReadSignals, "A", "A"),
    (Action::ReadRestrictions, "C", "C"),
    (Action::ReadOffenders, "C", "C"),
    (Action::ReadReferrals, "C", "C"),
    (Action::ReadGaps, "DC", "C"),
    (Action::AnswerGap, "D", ""),
    (Action::DismissGap, "C", "C"),
    (Action::ReadNotification, "DC", "C"),
    (Action::Notify, "C", "C"),
    (Action::ManageWebhooks, "DC", "C"),
    (Action::ReadIndicators, "C", "C"),
    (Action::Ingest, "O", "O"),
    (Action::ReadBatches, "CO", "CO"),
    (Action::ReadQuarantine, "O", "O"),
    (Action::ExportQuarantine, "O", "O"),
    (Action::ReadCatalogue, "O", "O"),
    (Action::Backup, "O", "O"),
    (Action::ReadPersonRecord, "", ""),
    (Action::ReadAudit, "U", "U"),
    (Action::ManageKeys, "O", "O"),
];

fn letter(role: Role) -> char {
    match role {
        Role::Department => 'D',
        Role::CreditOffice => 'C',
        Role::Analyst => 'A',
        Role::Auditor => 'U',
        Role::Operator => 'O',
    }
}

fn caller(roles: &[Role]) -> Caller {
    Caller {
        client: "window-1".into(),
        roles: roles.iter().copied().collect(),
        department: Some("D1".into()),
        acr: None,
        purpose: None,
    }
}

fn request(action: Action, department: Option<&str>) -> Request<'_> {
    Request {
        action,
        department,
        about: About::Organisation,
        item: Some("I1"),
        purpose: None,
        matter_no: None,
    }
}

fn allows(policy: &Policy, caller: &Caller, request: &Request<'_>) -> bool {
    policy.decide(caller, request) == Decision::Allowed
}

#[test]
fn the_table_holds_for_every_role_action_and_department() {
    let policy = Policy::shipped().unwrap();
    let named: BTreeSet<Action> = TABLE.iter().map(|row| row.0).collect();
    assert_eq!(named, Action::ALL.into_iter().collect());
    let mut allowed = 0;
    for (action, own, other) in TABLE {
        for role in Role::ALL {
            for (department, who) in [("D1", own), ("D2", other)] {
                let expected = who.contains(letter(role));
                let found = allows(
                    &policy,
                    &caller(&[role]),
                    &request(action, Some(department)),
                );
                assert_eq!(found, expected, "{role:?} {action:?} {department}");
                allowed += usize::from(found);
            }
        }
        // With no role nothing is allowed, with all of them what any one may do.
        assert!(!allows(&policy, &caller(&[]), &request(action, Some("D1"))));
        let all = allows(&policy, &caller(&Role::ALL), &request(action, Some("D1")));
        assert_eq!(all, !own.is_empty(), "{action:?}");
    }
    assert_eq!(allowed, 71);
}

#[test]
fn a_verification_states_an_item_or_a_purpose() {
    let policy = Policy::shipped().unwrap();
    let check = |item: Option<&str>, purpose: Option<&str>, matter_no: Option<&str>| {
        let who = caller(&[Role::Department]);
        let asked = Request {
            item,
            purpose,
            matter_no,
            ..request(Action::Verify, Some("D1"))
        };
        allows(&policy, &who, &asked)
    };
    assert!(check(Some("I1"), None, None));
    assert!(check(None, Some("许可"), Some("M1")));
    assert!(check(None, Some("许可"), None));
    assert!(!check(None, None, Some("M1")));
    assert!(!check(None, None, None));
    assert!(!check(Some(" "), Some(" "), Some("M1")));
}

#[test]
fn who_has_no_department_owns_nothing() {
    let policy = Policy::shipped().unwrap();
    for own in [None, Some(String::new())] {
        let who = Caller {
            department: own,
            ..caller(&[Role::Department])
        };
        for department in [None, Some(""), Some("D1")] {
            for action in Action::ALL
                .into_iter()
                .filter(|one| *one != Action::ReadPublicKeys)
            {
                assert!(
                    !allows(&policy, &who, &request(action, department)),
                    "{action:?}"
                );
            }
        }
    }
    // A list over all departments is not a department's.
    let who = caller(&[Role::Department]);
    assert!(!allows(&policy, &who, &request(Action::ReadGaps, None)));
    let office = caller(&[Role::CreditOffice]);
    assert!(allows(&policy, &office, &request(Action::ReadGaps, None)));
}

#[test]
fn persons_are_never_searched_and_seen_whole_only_on_their_own_request() {
    let policy = Policy::shipped().unwrap();
    let about = |action, about| Request {
        about,
        purpose: Some("本人申请"),
        ..request(action, Some("D1"))
    };
    let all = caller(&Role::ALL);
    assert!(!allows(
        &policy,
        &all,
        &about(Action::FindEntities, About::Person)
    ));
    assert!(allows(
        &policy,
        &all,
        &about(Action::FindEntities, About::Organisation)
    ));
    let record = about(Action::ReadPersonRecord, About::Person);
    for role in Role::ALL {
        let who = caller(&[role]);
        assert_eq!(
            allows(&policy, &who, &record),
            role == Role::Operator,
            "{role:?}"
        );
        let silent = Request {
            purpose: None,
            ..record.clone()
        };
        assert!(
            !allows(&policy, &who, &silent),
            "{role:?} without a purpose"
        );
    }
}

#[test]
fn persons_are_masked_by_role() {
    let shown = |roles: &[Role]| {
        let mask = masking(&caller(roles));
        (mask.name("王明"), mask.number("341502190001010018"))
    };
    let masked = ("王*".to_owned(), "341502********0018".to_owned());
    let none: &[Role] = &[];
    for roles in [
        none,
        &[Role::Department],
        &[Role::Analyst],
        &[Role::Auditor],
        &[Role::Operator, Role::Analyst],
        &Role::ALL,
    ] {
        assert_eq!(shown(roles), masked, "{roles:?}");
    }
    assert_eq!(shown(&[Role::CreditOffice]), ("王明".into(), masked.1));
    assert_eq!(shown(&[Role::Operator]).1, "341502190001010018");
}

#[test]
fn a_folder_takes_the_place_of_the_shipped_files() {
    let dir = tempfile::tempdir().unwrap();
    let refusal = |dir: &std::path::Path| Policy::from_folder(dir).unwrap_err().to_string();
    assert!(refusal(dir.path()).contains(".cedar"));
    let file = dir.path().join("ours.cedar");
    let text = "permit(principal, action == Action::\"backup\", resource)\
                when { principal.roles.contains(\"auditor\") };";
    std::fs::write(&file, text).unwrap();
    let policy = Policy::from_folder(dir.path()).unwrap();
    for action in Action::ALL {
        let found = allows(&policy, &caller(&[Role::Auditor]), &request(action, None));
        assert_eq!(found, action == Action::Backup, "{action:?}");
        assert!(!allows(
            &policy,
            &caller(&[Role::Operator]),
            &request(action, None)
        ));
    }
    // A slip of the pen is found when the file is read.
    for slip in [
        "permit(principal",
        "permit(principal, action == Action::\"bakcup\", resource);",
    ] {
        std::fs::write(&file, slip).unwrap();
        assert!(refusal(dir.path()).contains("ours.cedar"), "{slip}");
    }
}
