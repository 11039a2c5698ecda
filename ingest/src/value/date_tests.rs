//! Every form of date that files carry, and what is none.

use graph::time::{Date, Moment};
use proptest::prelude::*;

use super::{parse_date, parse_moment};

/// `expected` is a date, `open`, or `bad`.
fn check(text: &str, expected: &str) {
    let found = match parse_date(text) {
        Ok(Some(date)) => date.to_string(),
        Ok(None) => "open".to_owned(),
        Err(_) => "bad".to_owned(),
    };
    assert_eq!(found, expected, "{text:?}");
}

#[test]
fn all_forms_of_a_day() {
    for text in [
        "2024-03-01",
        "2024/03/01",
        "2024.03.01",
        "2024/3/1",
        "2024-3-1",
        "20240301",
        "2024年3月1日",
        "2024年03月01日",
        "2024 年 3 月 1 日".replace("2024 ", "2024").as_str(),
        "２０２４－０３－０１",
        " 2024-03-01 ",
        "45352",
        "45352.5",
        "45352.999",
    ] {
        check(text, "2024-03-01");
    }
    check("36526", "2000-01-01");
    check("2024-02-29", "2024-02-29");
    check("1949-10-01", "1949-10-01");
}

#[test]
fn a_time_of_day_may_follow() {
    for text in [
        "2024-03-01 10:30",
        "2024-03-01 10:30:59",
        "2024-03-01 23:59:59.999",
        "2024-03-01T00:00:00",
        "2024/3/1 9:05",
        "20240301103000",
        "20240301 103000",
        "20240301T103000",
        "2024年3月1日 10时30分",
        "2024年3月1日10时30分05秒",
        "2024年3月1日10时",
        "2024-03-01T10:30:00+08:00",
        "2024-03-01T10:30:00 +0800",
        "2024-03-01T10:30:00+08",
        "2024-03-01T15:59:59Z",
        "2024-02-29T16:00:00Z",
        "2024-02-29T16:00:00.5z",
        "2024-02-29T11:00:00-05:00",
        "2024-03-01T00:30:00+08:00",
    ] {
        check(text, "2024-03-01");
    }
    check("2024-03-01T16:00:00Z", "2024-03-02");
    check("2024-03-01T00:30:00+09:00", "2024-02-29");
}

#[test]
fn open_ends() {
    for text in [
        "",
        "   ",
        "长期",
        "长期有效",
        "2099-12-31",
        "9999-12-31",
        "2099/12/31",
        "20991231",
        "2099年12月31日",
        "9999-12-31 23:59:59",
        "9999-09-09",
    ] {
        check(text, "open");
    }
    check("2099-12-30", "2099-12-30");
}

#[test]
fn what_is_no_date() {
    for text in [
        "2023-02-29",
        "2024-13-01",
        "2024-00-01",
        "2024-01-32",
        "2024-01",
        "2024",
        "24-03-01",
        "2024-03/01",
        "2024-03-01 25:00",
        "2024-03-01 10:60",
        "2024-03-01 10",
        "2024-03-01x",
        "2024-03-01T10:30:00+99:00",
        "2024-03-01T10:30:00+8",
        "20241301",
        "202403",
        "2024030",
        "4535",
        "45352.",
        "45352x",
        "453520",
        "昨天",
        "不详",
        "/",
        "-",
        "2024年3月",
        "2024--03-01",
        "2024-003-01",
        "-2024-03-01",
        "2024-03-01 10:30:00.+08:00",
    ] {
        check(text, "bad");
    }
}

#[test]
fn a_moment_keeps_its_time() {
    let moment = |text: &str| parse_moment(text).unwrap().unwrap();
    assert_eq!(
        moment("2025-01-06"),
        Moment::start_of(Date::parse("2025-01-06").unwrap())
    );
    for (text, expected) in [
        ("2025-01-06", "2025-01-06T00:00:00.000+08:00"),
        ("2025-01-06 12:30:01.25", "2025-01-06T12:30:01.250+08:00"),
        ("2025-01-05T16:00:00Z", "2025-01-06T00:00:00.000+08:00"),
        ("2025-01-06T01:00:00+09:00", "2025-01-06T00:00:00.000+08:00"),
    ] {
        assert_eq!(moment(text).to_string(), expected);
    }
    assert_eq!(parse_moment(""), Ok(None));
    assert!(parse_moment("soon").is_err());
}

proptest! {
    #[test]
    fn every_form_of_every_day_reads_back(days in -25_000i32..40_000) {
        let date = Date::from_days(days);
        let (year, month, day) = date.ymd().unwrap();
        for text in [
            date.to_string(),
            format!("{year:04}/{month}/{day}"),
            format!("{year:04}.{month:02}.{day:02}"),
            format!("{year:04}{month:02}{day:02}"),
            format!("{year:04}年{month}月{day}日"),
            format!("{date}T23:59:59"),
            format!("{date} 00:00:00+08:00"),
        ] {
            prop_assert_eq!(parse_date(&text), Ok(Some(date)), "{}", text);
        }
        let serial = days + 25_569;
        if (10_000..100_000).contains(&serial) {
            prop_assert_eq!(parse_date(&serial.to_string()), Ok(Some(date)));
        }
    }

    #[test]
    fn no_text_panics(text in "[0-9年月日时分秒:./+ TZ-]{0,24}", any in "\\PC{0,16}") {
        let _ = parse_date(&text);
        let _ = parse_moment(&any);
    }
}
