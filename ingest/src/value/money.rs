//! Money in yuan, exact: plain numbers, `元`, `万元`, `亿元`, and headers that name a unit.

use graph::ratio::Money;

use super::decimal::millionths;
use super::fold;

/// What one unit of a column is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unit {
    /// 元
    #[default]
    Yuan,
    /// 万元
    TenThousandYuan,
}

/// Reads an amount of money that is not negative. A unit in the cell goes before the column's.
#[must_use]
pub fn parse_money(text: &str, column: Unit) -> Option<Money> {
    let folded = fold(text);
    let text = folded
        .strip_prefix("人民币")
        .unwrap_or(&folded)
        .trim_start();
    let text = text.strip_prefix(['¥', '￥']).unwrap_or(text).trim_start();
    let text = text.strip_suffix('整').unwrap_or(text);
    let (number, shift) = match text.strip_suffix(['元', '圆']) {
        Some(rest) => scaled(rest).unwrap_or((rest, 0)),
        None => scaled(text).unwrap_or((text, column.shift())),
    };
    let value = millionths(number.trim_end(), shift)?;
    (value >= 0).then_some(Money(value))
}

impl Unit {
    /// The power of ten of one unit, in yuan.
    fn shift(self) -> u32 {
        match self {
            Self::Yuan => 0,
            Self::TenThousandYuan => 4,
        }
    }
}

fn scaled(text: &str) -> Option<(&str, u32)> {
    let ten_thousand = text.strip_suffix('万').map(|rest| (rest, 4));
    ten_thousand.or_else(|| text.strip_suffix('亿').map(|rest| (rest, 8)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, unit: Unit, expected: Option<&str>) {
        let found = parse_money(text, unit).map(|money| money.to_string());
        assert_eq!(found.as_deref(), expected, "{text}");
    }

    #[test]
    fn amounts_are_exact() {
        let (yuan, wan) = (Unit::Yuan, Unit::TenThousandYuan);
        check("24151", yuan, Some("24151"));
        check("24,151.50", yuan, Some("24151.5"));
        check("2.4151", wan, Some("24151"));
        check("0.000001", wan, Some("0.01"));
        check("5万元", yuan, Some("50000"));
        check("5万元", wan, Some("50000"));
        check("5万", wan, Some("50000"));
        check("50000元", wan, Some("50000"));
        check("￥50000元整", yuan, Some("50000"));
        check("人民币 1.2 亿元", yuan, Some("120000000"));
        check("0", yuan, Some("0"));
        check("-1", yuan, None);
        check("", yuan, None);
        check("元", yuan, None);
        check("五万元", yuan, None);
        check("1e3", yuan, None);
        check("99999999999999999999", wan, None);
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(value in 0i64..=i64::MAX) {
            let money = Money(value);
            prop_assert_eq!(parse_money(&money.to_string(), Unit::Yuan), Some(money));
            prop_assert_eq!(parse_money(&format!("{money}元"), Unit::TenThousandYuan), Some(money));
        }
    }
}
