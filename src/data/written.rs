//! Numbers as people write them: `1.234,50 €`, `(1,234)`, `12 %`, `5-`. One cell is taken apart here under a given
//! decimal mark; which mark a table has, and whether a column agrees with itself, is settled by the reader.

use super::decimal;

/// Blanks that stand between thousands: the plain one and the no-break ones that spreadsheets write.
const BLANKS: [char; 4] = [' ', '\u{a0}', '\u{2009}', '\u{202f}'];

/// Signs and codes of currencies, before or after the number.
const CURRENCIES: [&str; 14] = ["$", "€", "£", "¥", "￥", "₹", "元", "CNY", "RMB", "USD", "EUR", "GBP", "JPY", "HKD"];

/// Chinese units behind a number, the longer first, as powers of ten.
const UNITS: [(&str, &str); 6] =
    [("万亿", "e12"), ("百万", "e6"), ("千万", "e7"), ("亿", "e8"), ("万", "e4"), ("千", "e3")];

/// What separates the whole part of a number from its fraction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Decimal {
    /// `1.5`.
    #[default]
    Point,
    /// `1,5`.
    Comma,
}

impl Decimal {
    /// The one whose mark this is.
    pub fn of_mark(mark: char) -> Option<Self> {
        [Self::Point, Self::Comma].into_iter().find(|decimal| decimal.mark() == mark)
    }

    /// The mark itself.
    pub fn mark(self) -> char {
        match self {
            Self::Point => '.',
            Self::Comma => ',',
        }
    }

    /// The other one, which may then stand between thousands.
    pub(super) fn other(self) -> Self {
        match self {
            Self::Point => Self::Comma,
            Self::Comma => Self::Point,
        }
    }
}

/// What stands between thousands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Thousands {
    Blank,
    Apostrophe,
    /// A comma beside a decimal point, a point beside a decimal comma.
    OtherMark,
}

/// A number in a cell, and what was around its digits.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Written {
    /// Sign, digits, decimal point, exponent: as Rust parses it.
    pub(super) plain: String,
    /// Has a fraction, so that the decimal mark was used.
    pub(super) fraction: bool,
    pub(super) thousands: Option<Thousands>,
    /// Groups of two digits before the last three, as in India: `12,34,567`; `None` where the cell cannot tell.
    pub(super) lakhs: Option<bool>,
    /// A Chinese unit such as 万 behind the digits, by which `plain` is multiplied.
    pub(super) unit: bool,
    pub(super) currency: Option<&'static str>,
    pub(super) percent: bool,
    /// Negative by brackets, as accountants write.
    pub(super) brackets: bool,
    /// Negative by a minus after the digits.
    pub(super) minus_after: bool,
}

/// The number in a cell, blanks around it trimmed before; `None` when the cell is anything else.
///
/// Decimal point, optional sign and exponent, nothing more; what other columns hold is in [`super::Table::numbers`]. `inf`, `nan` and numbers beyond ±1.8e308 are none.
pub fn number(cell: &str) -> Option<f64> {
    decimal::short(cell).or_else(|| cell.parse().ok().filter(|x: &f64| x.is_finite()))
}

/// Whether two cells hold the same value: the same text, or the same number written differently (`1` and `1.0`).
pub fn same_value(a: &str, b: &str) -> bool {
    a == b || number(a).is_some_and(|x| number(b) == Some(x))
}

/// Whether some reading makes the cell a number.
pub(super) fn looks_numeric(cell: &str) -> bool {
    // Neither letters without digits nor long texts are taken apart.
    number(cell).is_some()
        || (cell.bytes().any(|b| b.is_ascii_digit())
            && (written(cell, Decimal::Point).is_some() || written(cell, Decimal::Comma).is_some()))
}

/// Takes a cell apart. A percent sign changes no value: `12%` is 12.
pub(super) fn written(cell: &str, decimal: Decimal) -> Option<Written> {
    let mut rest = cell.trim();
    let inside = rest.strip_prefix('(').and_then(|inside| inside.strip_suffix(')'));
    let brackets = inside.is_some();
    rest = inside.unwrap_or(rest).trim();

    let (mut negative, mut currency, mut percent, mut minus_after, mut unit) = (None, None, false, false, None);
    loop {
        if let Some(after) = rest.strip_prefix(['-', '−', '+']).filter(|_| negative.is_none()) {
            negative = Some(!rest.starts_with('+'));
            rest = after.trim_start();
        } else if let Some(sign) = CURRENCIES.iter().find(|sign| currency.is_none() && rest.starts_with(**sign)) {
            currency = Some(*sign);
            rest = rest[sign.len()..].trim_start();
        } else {
            break;
        }
    }
    loop {
        if let Some(before) = rest.strip_suffix(['%', '％']).filter(|_| !percent) {
            percent = true;
            rest = before.trim_end();
        } else if let Some(before) = rest.strip_suffix(['-', '−']).filter(|_| negative.is_none()) {
            (negative, minus_after) = (Some(true), true);
            rest = before.trim_end();
        } else if let Some(sign) = CURRENCIES.iter().find(|sign| currency.is_none() && rest.ends_with(**sign)) {
            currency = Some(*sign);
            rest = rest[..rest.len() - sign.len()].trim_end();
        } else if let Some((name, power)) = UNITS.iter().find(|(name, _)| unit.is_none() && rest.ends_with(name)) {
            unit = Some(*power);
            rest = rest[..rest.len() - name.len()].trim_end();
        } else {
            break;
        }
    }
    if brackets && negative.is_some() {
        return None;
    }

    let (mantissa, exponent) = rest.split_at(rest.find(['e', 'E']).unwrap_or(rest.len()));
    let (whole, fraction) = mantissa.split_once(decimal.mark()).map_or((mantissa, None), |(w, f)| (w, Some(f)));
    let all_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if !all_digits(fraction.unwrap_or("")) || (whole.is_empty() && fraction.is_none_or(str::is_empty)) {
        return None;
    }
    let groups = if all_digits(whole) { None } else { Some(grouped(whole, decimal)?) };
    // Nobody groups the digits of 3,656E+01, so that its comma is a decimal one; nor are there percents of 万.
    if !exponent.is_empty() && (groups.is_some() || unit.is_some()) || (percent && unit.is_some()) {
        return None;
    }
    let mut plain = if brackets || negative == Some(true) { "-".to_owned() } else { String::new() };
    plain.extend(whole.chars().filter(char::is_ascii_digit));
    if let Some(fraction) = fraction {
        plain.push('.');
        plain.push_str(fraction);
    }
    // What follows the e, if anything, is checked by the parser.
    plain.push_str(unit.unwrap_or(exponent));
    number(&plain)?;
    let fraction = fraction.is_some();
    let (thousands, lakhs) = groups.map_or((None, None), |(thousands, lakhs)| (Some(thousands), lakhs));
    Some(Written { plain, fraction, thousands, lakhs, unit: unit.is_some(), currency, percent, brackets, minus_after })
}

/// What stands between the thousands of the digits before the decimal mark, and whether the groups are those of India;
/// `None` when they are not groups of three after a first of one to three that does not start with zero, all set apart
/// alike. Before the last three digits, commas may also set groups of two apart.
fn grouped(whole: &str, decimal: Decimal) -> Option<(Thousands, Option<bool>)> {
    let kind = |c: char| match c {
        '\'' | '’' => Some(Thousands::Apostrophe),
        c if BLANKS.contains(&c) => Some(Thousands::Blank),
        c if c == decimal.other().mark() => Some(Thousands::OtherMark),
        _ => None,
    };
    let thousands = kind(whole.chars().find(|c| !c.is_ascii_digit())?)?;
    let mut groups: Vec<&str> = whole.split(|c| kind(c) == Some(thousands)).collect();
    if whole.starts_with('0')
        || groups.iter().any(|group| group.is_empty() || !group.bytes().all(|b| b.is_ascii_digit()))
    {
        return None;
    }
    let first = groups.remove(0).len();
    let last = groups.pop()?.len();
    let all_of = |length: usize| groups.iter().all(|group| group.len() == length);
    let lakhs = match (first, last) {
        (1..=2, 3) if groups.is_empty() => None,
        (1..=3, 3) if all_of(3) => Some(false),
        (1..=2, 3) if all_of(2) && thousands == Thousands::OtherMark && decimal == Decimal::Point => Some(true),
        _ => return None,
    };
    Some((thousands, lakhs))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(cell: &str, decimal: Decimal) -> Option<f64> {
        written(cell, decimal).map(|w| w.plain.parse().unwrap())
    }

    #[test]
    fn numbers_have_a_point_and_are_finite() {
        assert_eq!(number("-1.5e3"), Some(-1500.0));
        assert_eq!(number("+.5"), Some(0.5));
        assert_eq!(number("7."), Some(7.0));
        for cell in ["", "inf", "-Infinity", "nan", "1e999", "1,5", "0x10", "1_000", "12%", ".", "1 000"] {
            assert_eq!(number(cell), None, "{cell}");
        }
    }

    #[test]
    fn the_same_value_written_differently() {
        assert!(same_value("1", "1.0") && same_value("a", "a") && !same_value("1", "2") && !same_value("a", "A"));
    }

    #[test]
    fn every_way_to_write_a_number_with_a_point() {
        for (cell, expected) in [
            ("1 444.83", 1444.83),
            ("-27 945.25", -27945.25),
            ("1\u{a0}234\u{202f}567", 1234567.0),
            ("1,234,567.5", 1234567.5),
            ("1'234.5", 1234.5),
            ("(1,234)", -1234.0),
            ("5-", -5.0),
            ("−5", -5.0),
            ("12.5 %", 12.5),
            ("$1,000", 1000.0),
            ("-$5", -5.0),
            ("$-5", -5.0),
            ("($5.50)", -5.5),
            ("100 元", 100.0),
            ("USD 7", 7.0),
            ("7 EUR", 7.0),
            ("1.5E-3", 0.0015),
            ("12,34,567.00", 1234567.0),
            ("₹1,23,456", 123456.0),
            ("3.5万", 35000.0),
            ("1,234.5万元", 12345000.0),
            ("-2 亿", -2e8),
            ("1.2万亿", 1.2e12),
        ] {
            assert_eq!(value(cell, Decimal::Point), Some(expected), "{cell}");
        }
    }

    #[test]
    fn a_decimal_comma_moves_the_point_between_thousands() {
        for (cell, expected) in [
            ("0,01", 0.01),
            ("1.234.567,5", 1234567.5),
            ("1.234", 1234.0),
            ("1 234,5 €", 1234.5),
            ("-,5", -0.5),
            ("12,5%", 12.5),
            ("1,5e3", 1500.0),
        ] {
            assert_eq!(value(cell, Decimal::Comma), Some(expected), "{cell}");
        }
        for cell in ["1.5", "1,2,3", "0.123", "1234.567"] {
            assert_eq!(value(cell, Decimal::Comma), None, "{cell}");
        }
    }

    #[test]
    fn what_only_resembles_a_number_is_none() {
        for cell in [
            "",
            "-",
            "$",
            "%",
            "()",
            "1  000",
            "1 00",
            "1000 000",
            "12 3456",
            "1 000.5 6",
            "2019 12 31",
            "--1 000",
            "1,000 000",
            "1'000,000",
            "0,123",
            "(-5)",
            "-5-",
            "5%%",
            "$5$",
            "31.12.2019",
            "2019-12-31",
            "1e",
            "e5",
            "1.5.2",
            "5 kg",
            "1e999",
            "-3,656E+01",
            "1,23,45,67",
            "123,45,678",
            "0,12,345",
            "万",
            "1e3万",
            "5万%",
            "5万亿万",
        ] {
            assert_eq!(value(cell, Decimal::Point), None, "{cell}");
        }
    }
}
