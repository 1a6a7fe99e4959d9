//! One date, month, quarter, half-year or year as a day: `2019`, `FY2019`, `2019H2`, `2019Q4`, `Q4 2019`, `2019-12`,
//! `201912`, `Dec 2019`, `2019-12-31`, `20191231`, `31.12.2019`, `2019-12-31T23:59:59`, `2019年12月31日`, `2019年第4季度`,
//! `2019年下半年`.

use crate::data::written::number;

/// What comes first in dates such as `02/01/2019`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// 2 January, as in most countries.
    DayFirst,
    /// 1 February, as in the United States.
    MonthFirst,
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// The first day of the period, in days since 1970, with the time of day as a fraction; `None` when it is no date of the
/// years 1900 to 2100. Points always stand between day, month and year, in this order.
pub(super) fn date(text: &str, order: Order) -> Option<f64> {
    let text = text.trim().to_lowercase();
    // Years of a numeric column may be written 2019.0.
    if let Some(whole) = number(&text).filter(|x| x.fract() == 0.0 && (1900.0..1e8).contains(x)) {
        return compact(whole as u32);
    }
    let (day, time) = split_time(&text)?;
    Some(f64::from(calendar_day(day, order)?) + time)
}

/// `2019`, `201912` or `20191231`.
fn compact(digits: u32) -> Option<f64> {
    let (year, month, day) = match digits {
        1900..=2100 => (digits, 1, 1),
        190_001..=210_012 => (digits / 100, digits % 100, 1),
        19_000_101..=21_001_231 => (digits / 10_000, digits / 100 % 100, digits % 100),
        _ => return None,
    };
    days(year, month, day).map(f64::from)
}

/// The date and the time of day in days: `2019-12-31 18:00` is `2019-12-31` and 0.75. Zones are not looked at.
fn split_time(text: &str) -> Option<(&str, f64)> {
    let Some(colon) = text.find(':') else { return Some((text, 0.0)) };
    let start = text[..colon].rfind([' ', 't'])?;
    let clock = text[start + 1..].split(['+', 'z']).next()?;
    let mut seconds = 0.0;
    for (part, (unit, limit)) in clock.split(':').zip([(3600.0, 24.0), (60.0, 60.0), (1.0, 61.0)]) {
        seconds += unit * number(part.trim()).filter(|x| (0.0..limit).contains(x))?;
    }
    Some((text[..start].trim_end(), seconds / 86_400.0))
}

/// Runs of digits, runs of letters, and single other characters.
fn tokens(text: &str) -> Vec<&str> {
    let class = |c: char| (c.is_ascii_digit(), c.is_ascii_alphabetic());
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let run = rest.find(|c| class(c) != class(first)).unwrap_or(rest.len());
        let end = if class(first) == (false, false) { first.len_utf8() } else { run };
        tokens.push(&rest[..end]);
        rest = &rest[end..];
    }
    tokens
}

/// What part of a year the numbers beside the year count.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Quarter,
    Half,
}

fn calendar_day(text: &str, order: Order) -> Option<i32> {
    let (mut numbers, mut part, mut month, mut points) = (Vec::new(), None, None, false);
    // 上 and 下 are the first and the second half of a year.
    let mut half = None;
    for token in tokens(text) {
        match token {
            _ if token.starts_with(|c: char| c.is_ascii_digit()) && token.len() <= 4 => numbers.push(token),
            "." => points = true,
            "fy" | "-" | "/" | " " | "," | "年" | "月" | "日" | "第" | "度" => {}
            "q" | "季" => part = Some(Part::Quarter),
            "h" | "半" => part = Some(Part::Half),
            "上" => half = Some("1"),
            "下" => half = Some("2"),
            "一" => numbers.push("1"),
            "二" => numbers.push("2"),
            "三" => numbers.push("3"),
            "四" => numbers.push("4"),
            _ if token.len() >= 3 && month.is_none() => {
                month = Some(MONTHS.iter().position(|name| name.starts_with(token))? as u32 + 1);
            }
            _ => return None,
        }
    }
    numbers.extend(half);
    // A year has four digits; it stands first or last.
    let at = numbers.iter().position(|digits| digits.len() == 4)?;
    let year = numbers.remove(at).parse().ok()?;
    let rest: Vec<u32> = numbers.iter().map(|digits| digits.parse().ok()).collect::<Option<_>>()?;
    match (part, month, rest.as_slice()) {
        (None, None, []) => days(year, 1, 1),
        (None, None, &[month]) | (None, Some(month), &[]) => days(year, month, 1),
        (None, None, &[month, day]) if at == 0 => days(year, month, day),
        (None, None, &[first, second]) if at == 2 => match order {
            Order::MonthFirst if !points => days(year, first, second),
            _ => days(year, second, first),
        },
        (None, Some(month), &[day]) => days(year, month, day),
        (Some(Part::Quarter), None, &[quarter @ 1..=4]) => days(year, 3 * quarter - 2, 1),
        (Some(Part::Half), None, &[half @ 1..=2]) => days(year, 6 * half - 5, 1),
        _ => None,
    }
}

/// Days from 1 January 1970 to a day of the years 1900 to 2100; `None` when there is no such day.
fn days(year: u32, month: u32, day: u32) -> Option<i32> {
    const BEFORE_MONTH: [u32; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let leap = |year: u32| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let length = match month {
        2 => 28 + u32::from(leap(year)),
        4 | 6 | 9 | 11 => 30,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => return None,
    };
    if !(1900..=2100).contains(&year) || !(1..=length).contains(&day) {
        return None;
    }
    let leaps_before = |year: u32| (year - 1) / 4 - (year - 1) / 100 + (year - 1) / 400;
    let from_year_one = |year: u32| 365 * (year - 1) + leaps_before(year);
    let in_year = BEFORE_MONTH[month as usize - 1] + u32::from(month > 2 && leap(year)) + day - 1;
    Some((from_year_one(year) + in_year).cast_signed() - from_year_one(1970).cast_signed())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<f64> {
        date(text, Order::DayFirst)
    }

    #[test]
    fn days_by_hand_and_in_a_row() {
        assert_eq!(days(1970, 1, 1), Some(0));
        assert_eq!(days(1969, 12, 31), Some(-1));
        // 30 years with seven leap days: 1972, 76, 80, 84, 88, 92, 96.
        assert_eq!(days(2000, 1, 1), Some(30 * 365 + 7));
        for (year, month, day) in
            [(2019, 2, 29), (1900, 2, 29), (2019, 13, 1), (2019, 0, 1), (2019, 1, 0), (2101, 1, 1)]
        {
            assert_eq!(days(year, month, day), None);
        }
        let mut last = days(1900, 1, 1).unwrap() - 1;
        for year in 1900..=2100 {
            for month in 1..=12 {
                for day in (1..=31).filter_map(|day| days(year, month, day)) {
                    assert_eq!(day, last + 1);
                    last = day;
                }
            }
        }
    }

    #[test]
    fn every_way_to_write_a_period() {
        let day = |year, month, day| days(year, month, day).map(f64::from);
        for text in [
            "2019-12-31",
            "20191231",
            "31.12.2019",
            "31/12/2019",
            "2019/12/31",
            "2019年12月31日",
            "31 Dec 2019",
            "December 31, 2019",
            "2019-12-31 00:00:00",
            "2019-12-31T00:00:00Z",
            "31-dec-2019",
            "2019-12-31T00:00:00.000+08:00",
        ] {
            assert_eq!(read(text), day(2019, 12, 31), "{text}");
        }
        for text in
            ["2019", "2019.0", "FY2019", "2019年", "2019年度", "2019H1", "2019Q1", "2019-01", "201901", "Jan 2019"]
        {
            assert_eq!(read(text), day(2019, 1, 1), "{text}");
        }
        for text in [
            "2019Q4",
            "2019-Q4",
            "Q4 2019",
            "4Q2019",
            "Q4/2019",
            "2019年第4季度",
            "2019年四季度",
            "10/2019",
            "2019年10月",
        ] {
            assert_eq!(read(text), day(2019, 10, 1), "{text}");
        }
        for text in ["2019H2", "H2 2019", "2019年下半年", "2019-07"] {
            assert_eq!(read(text), day(2019, 7, 1), "{text}");
        }
        assert_eq!(read("2019-12-31 18:00"), day(2019, 12, 31).map(|day| day + 0.75));
        assert_eq!(date("02/01/2019", Order::MonthFirst), day(2019, 2, 1));
        assert_eq!(date("02.01.2019", Order::MonthFirst), day(2019, 1, 2), "points mean days first");
    }

    #[test]
    fn what_is_no_period() {
        for text in [
            "",
            "x",
            "19",
            "2019Q5",
            "2019H3",
            "2019-13",
            "201913",
            "30.02.2019",
            "2019-2020",
            "1.5",
            "1899",
            "2101",
            "31.12.19",
            "2019 spring",
            "Q4",
            "year 2019",
            "2019-12-31 25:00",
            ":",
            "t1:2",
            "2019Q",
            "99999999999",
            "ma 2019",
            "Jan Feb 2019",
            "12:00",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
