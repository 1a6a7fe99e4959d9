//! What stands beside dreams: the real rows nearest to the one that is shown, and how all of them are spread.

use std::sync::atomic::{AtomicBool, Ordering};

use super::asked::Asked;
use super::chain::{Chain, ChainKey};
use crate::data::{Dataset, Original, OriginalValue, Values};
use crate::inspection::dreams::{IndicatorSpread, compare_spreads, nearest};
use crate::training::PreparedFold;

/// Nearest real rows that are shown.
const NEAREST: usize = 3;
/// Real rows at most that dreams are held against: more would not change a picture.
const SPREAD_OVER: usize = 2000;

/// Dreams in the units of the table, and what is real beside them.
pub(super) struct Beside {
    pub(super) key: ChainKey,
    /// What was asked for when these were dreamed, and of what class they are, as a file says it.
    pub(super) asked: Asked,
    pub(super) class: String,
    /// One value for each indicator, dream by dream.
    pub(super) dreams: Vec<Vec<OriginalValue>>,
    /// The nearest real rows, the nearest first.
    pub(super) real: Vec<RealRow>,
    /// Of the indicators that are not held.
    pub(super) spreads: Vec<IndicatorSpread>,
    /// Real rows that the spreads are over, and what kind they are of.
    pub(super) n_real: usize,
    pub(super) kind: &'static str,
}

/// A real row beside the dream that is shown.
pub(super) struct RealRow {
    /// Its number in the dataset.
    pub(super) row: usize,
    /// The enterprise and the period, or its place in the file.
    pub(super) name: String,
    pub(super) outcome: &'static str,
    /// Euclidean, in prepared inputs.
    pub(super) distance: f64,
    /// One for each indicator.
    pub(super) cells: Vec<(Original, Apart)>,
}

/// How a real cell differs from the dreamed one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Apart {
    /// By so much, in prepared inputs; above 0 where the real one is larger.
    By(f32),
    /// Both are the same level.
    Same,
    /// Another level.
    Other,
    /// One of them is missing.
    Unknown,
}

impl Beside {
    /// Works it out; `None` when it was stopped.
    pub(super) fn of(chain: &Chain, stop: &AtomicBool) -> Option<Self> {
        let Chain { key, fold, data, dreams, asked, .. } = chain;
        let inputs = dreams.inputs();
        let originals: Vec<_> = inputs.rows().into_iter().map(|row| fold.preparation.original(&row)).collect();
        let shown = key.shown.min(inputs.nrows().saturating_sub(1));
        let parts = [fold.training.x.view(), fold.training.x_unlabelled.view()];
        let found = nearest(&parts, &inputs.row(shown), NEAREST, stop)?;
        let n_labelled = fold.training.x.nrows();
        let real = found.iter().filter_map(|neighbour| {
            let (row, x) = match neighbour.row.checked_sub(n_labelled) {
                None => (*fold.train_rows.get(neighbour.row)?, fold.training.x.row(neighbour.row)),
                Some(at) => (*fold.unlabelled_rows.get(at)?, fold.training.x_unlabelled.row(at)),
            };
            let cells = originals[shown].iter().map(|dreamed| {
                let real = real_value(data, &dreamed.indicator, row);
                let inputs = fold.preparation.inputs_of(&dreamed.indicator).map(|inputs| inputs.values);
                let sum = |x: &ndarray::ArrayRef1<f32>| inputs.clone().unwrap_or_default().map(|i| x[i]).sum::<f32>();
                let apart = match (&real, &dreamed.value) {
                    (Original::Unknown, _) | (_, Original::Unknown) => Apart::Unknown,
                    _ if dreamed.is_missing() => Apart::Unknown,
                    (Original::Level { text: a, .. }, Original::Level { text: b, .. }) if a == b => Apart::Same,
                    (Original::Level { .. }, _) => Apart::Other,
                    _ => Apart::By(sum(&x) - sum(&dreams.inputs().row(shown))),
                };
                (real, apart)
            });
            let outcome = match data.bad[row] {
                Some(true) => "bad",
                Some(false) => "good",
                None => "no label",
            };
            Some(RealRow {
                row,
                name: row_name(data, row),
                outcome,
                distance: neighbour.distance,
                cells: cells.collect(),
            })
        });
        let real = real.collect();
        if stop.load(Ordering::Relaxed) {
            return None;
        }
        let (rows, kind) = real_rows(asked, fold, data);
        let mut spreads = compare_spreads(&fold.preparation, data, &rows, &originals);
        spreads.retain(|spread| !asked.held.contains_key(&spread.indicator));
        let (asked, class) = (asked.clone(), class_in_words(chain));
        Some(Self { key: *key, asked, class, dreams: originals, real, spreads, n_real: rows.len(), kind })
    }

    /// The dream that is shown.
    pub(super) fn shown(&self) -> &[OriginalValue] {
        self.dreams.get(self.key.shown).map(Vec::as_slice).unwrap_or_default()
    }
}

/// Training rows of the class that is dreamed of, evenly chosen where there are many, and their kind in words.
fn real_rows(asked: &Asked, fold: &PreparedFold, data: &Dataset) -> (Vec<usize>, &'static str) {
    let labelled = fold.train_rows.iter().copied();
    let (rows, kind): (Vec<usize>, _) = match asked.subject.is_bad() {
        Some(bad) => {
            let kind = if bad { "real bad" } else { "real good" };
            (labelled.filter(|&row| data.bad[row] == Some(bad)).collect(), kind)
        }
        None => (labelled.chain(fold.unlabelled_rows.iter().copied()).collect(), "real"),
    };
    let n = rows.len().min(SPREAD_OVER);
    ((0..n).map(|i| rows[i * rows.len() / n]).collect(), kind)
}

/// The cell of an indicator in a row; unknown where it is missing.
pub(in crate::app::panels::network) fn real_value(data: &Dataset, indicator: &str, row: usize) -> Original {
    let found = data.indicators.iter().find(|found| found.name == indicator);
    match found.map(|found| &found.values) {
        Some(Values::Numeric(cells)) if cells[row].is_finite() => Original::Number(cells[row]),
        Some(Values::Category { codes, levels }) => codes[row]
            .map_or(Original::Unknown, |code| Original::Level { text: levels[code as usize].clone(), share: None }),
        Some(Values::Numeric(_)) | None => Original::Unknown,
    }
}

fn row_name(data: &Dataset, row: usize) -> String {
    let who = data.enterprise_name(row).map_or_else(|| format!("row {}", data.source_rows[row]), str::to_owned);
    match data.period.as_ref().map(|periods| periods[row].as_str()).filter(|period| !period.is_empty()) {
        Some(period) => format!("{who} · {period}"),
        None => who,
    }
}

/// What dreams are of, as a file says it: the class by its name in the table, or that they are free.
fn class_in_words(chain: &Chain) -> String {
    let data = &chain.data;
    let class = match chain.asked.subject.is_bad() {
        None => return "free".to_owned(),
        Some(true) => data.bad_value.clone(),
        Some(false) => match &data.label_levels[..] {
            [a, b] => if *a == data.bad_value { b } else { a }.clone(),
            _ => format!("not {}", data.bad_value),
        },
    };
    if chain.units[1] > 0 { class } else { format!("begun at rows of {class}") }
}
