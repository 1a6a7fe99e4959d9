//! Dreams as a table of their own that says of itself what it is.

use crate::data::{Original, OriginalValue};

/// What the first column of every row says.
pub const DREAMED: &str = "dreamed by a model, not a firm";

/// Dreams, each one value for each indicator, as CSV with a header.
///
/// Its columns are `synthetic`, `dreamed as`, then the indicators. `class` is the class they are dreams of, as written in the table. A cell that is likelier missing than not is left empty, and so
/// is one that the inputs do not tell. Numbers have six significant digits.
///
/// # Errors
/// Never on memory: the error is that of the csv writer.
pub fn dreams_csv(dreams: &[Vec<OriginalValue>], class: &str) -> Result<Vec<u8>, csv::Error> {
    let mut out = csv::Writer::from_writer(Vec::new());
    let names = dreams.first().into_iter().flatten().map(|value| value.indicator.as_str());
    out.write_record(["synthetic", "dreamed as"].into_iter().chain(names))?;
    for dream in dreams {
        out.write_record([DREAMED.to_owned(), class.to_owned()].into_iter().chain(dream.iter().map(cell)))?;
    }
    out.into_inner().map_err(|e| e.into_error().into())
}

fn cell(value: &OriginalValue) -> String {
    match &value.value {
        _ if value.is_missing() => String::new(),
        Original::Number(x) => format!("{x:.5e}").parse::<f64>().unwrap_or(*x).to_string(),
        Original::Level { text, .. } => text.clone(),
        Original::Unknown => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_says_that_it_is_no_firm() {
        let value = |indicator: &str, value, missing| OriginalValue { indicator: indicator.to_owned(), value, missing };
        let level = Original::Level { text: "a, b".to_owned(), share: Some(0.5) };
        let dreams = [
            vec![value("x", Original::Number(0.1234567), None), value("c", level.clone(), Some(0.2))],
            vec![value("x", Original::Number(-1.5e9), Some(0.9)), value("c", Original::Unknown, None)],
            vec![value("x", Original::Number(2.0), Some(0.5)), value("c", level, Some(0.6))],
        ];
        let text = String::from_utf8(dreams_csv(&dreams, "default").unwrap()).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "synthetic,dreamed as,x,c");
        assert_eq!(lines[1], "\"dreamed by a model, not a firm\",default,0.123457,\"a, b\"");
        assert_eq!(lines[2], "\"dreamed by a model, not a firm\",default,,");
        assert_eq!(lines[3], "\"dreamed by a model, not a firm\",default,2,");
        assert_eq!(dreams_csv(&[], "free").unwrap(), b"synthetic,dreamed as\n");
    }
}
