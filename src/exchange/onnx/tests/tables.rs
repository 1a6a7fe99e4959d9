//! Tables that try every way through a preparation.

use std::fmt::Write as _;

use super::interpreter::Tensor;
use crate::data::{Dataset, RoleRequest, Source, Values};

/// Gaps everywhere, ties, far values, tiny values, a level of few rows, an ordered category.
pub(super) fn table(rows: usize, seed: usize) -> Dataset {
    opened(rows, seed).1
}

/// The same with the file it stands in.
pub(super) fn opened(rows: usize, seed: usize) -> (Source, Dataset) {
    let mut csv = "ratio,tiny,tied,far,industry,age,bad\n".to_owned();
    for row in 0..rows {
        let i = row * 7919 + seed * 31;
        let cell = |missing: usize, text: String| if i % missing == 1 { String::new() } else { text };
        let x = ((i % 1009) as f64 * 0.618).sin();
        let industry = ["mining", "retail", "retail", "farming", "post"][if i % 97 == 3 { 4 } else { i % 4 }];
        let cells = [
            cell(11, format!("{x}")),
            cell(13, format!("{:e}", x * 1e-9)),
            cell(7, format!("{}", i % 3)),
            cell(17, format!("{:e}", x.powi(3) * 10_f64.powi(i32::try_from(i % 40).unwrap()))),
            cell(5, industry.to_owned()),
            cell(9, format!("{} years", [1, 2, 5, 10][i % 4])),
        ];
        let bad = x + ((i % 613) as f64 * 1.7).sin() > 0.6 || industry == "mining" && i.is_multiple_of(3);
        writeln!(csv, "{},{}", cells.join(","), u8::from(bad)).unwrap();
    }
    let request = RoleRequest { label: Some("bad".to_owned()), bad: Some("1".to_owned()), ..RoleRequest::default() };
    let source = Source::from_bytes("test.csv".as_ref(), csv.as_bytes(), &request).unwrap();
    let data = source.dataset(&source.guess.roles).unwrap();
    (source, data)
}

/// Another table: values of the first, values between and far beyond them, infinite ones, levels never seen.
pub(super) fn other(data: &Dataset) -> Dataset {
    let mut other = data.clone();
    for indicator in &mut other.indicators {
        match &mut indicator.values {
            Values::Numeric(values) => {
                let ends = [f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN, 0.0, -0.0, 5e-324, f64::NAN];
                let moved = values.iter().enumerate().map(|(row, &x)| match row % 5 {
                    0 => ends[row / 5 % ends.len()],
                    1 => x * 1.001,
                    2 => -x,
                    _ => x,
                });
                *values = moved.collect();
            }
            Values::Category { codes, levels } => {
                levels.push("never seen".to_owned());
                let last = levels.len() as u32 - 1;
                codes.iter_mut().step_by(6).for_each(|code| *code = Some(last));
            }
        }
    }
    other
}

/// The cells of an indicator as an input of the graph.
pub(super) fn input(data: &Dataset, indicator: &str) -> Tensor {
    match &data.indicators.iter().find(|i| i.name == indicator).unwrap().values {
        Values::Numeric(values) => Tensor::numbers(values),
        Values::Category { codes, levels } => {
            let text = |code: &Option<u32>| code.map_or_else(String::new, |code| levels[code as usize].clone());
            Tensor::texts(codes.iter().map(text).collect())
        }
    }
}
