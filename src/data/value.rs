//! One cell of an indicator, as a person reads it.

use std::fmt;

use super::dataset::{Indicator, Values};

/// The value of an indicator as it stands in a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A finite number in the unit of the file.
    Number(f64),
    /// A level of a category, as written.
    Level(String),
    /// Nothing.
    Missing,
}

/// Up to four digits, with a true minus; "missing".
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(x) => f.write_str(&digits(*x)),
            Self::Level(level) => f.write_str(level),
            Self::Missing => f.write_str("missing"),
        }
    }
}

/// Four digits without zeros at the end; whole numbers whole, below a million of millions.
fn digits(x: f64) -> String {
    let size = x.abs();
    let text = if x == 0.0 {
        "0".to_owned()
    } else if !(1e-4..1e12).contains(&size) {
        format!("{x:.2e}")
    } else {
        let decimals = (3 - size.log10().floor() as i32).max(0) as usize;
        let text = format!("{x:.decimals$}");
        if decimals > 0 { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
    };
    text.replace('-', "−")
}

impl Indicator {
    /// What stands in `row`; missing beyond its rows.
    pub fn value(&self, row: usize) -> Value {
        match &self.values {
            Values::Numeric(numbers) => match numbers.get(row) {
                Some(x) if x.is_finite() => Value::Number(*x),
                _ => Value::Missing,
            },
            Values::Category { codes, levels } => {
                let level = codes.get(row).copied().flatten().and_then(|code| levels.get(code as usize));
                level.map_or(Value::Missing, |level| Value::Level(level.clone()))
            }
        }
    }
}
