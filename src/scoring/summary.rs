//! What there is to say of all scored firms, counted while they go by.

use super::firm::{FirmScore, FlagKind};
use super::{Matching, RiskModel, TableDrift};
use crate::data::Rejected;
use crate::evaluation::{Costs, Metrics, metrics};

/// Rejected lines that are kept to be shown.
const SHOWN_REJECTED: usize = 5;

/// Labelled rows that the figures of a back-test are worked out from, at most.
const MOST_TESTED: usize = 1 << 20;

/// All scored firms together.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// Firms scored.
    pub rows: u64,
    /// Lines of the file that did not become rows.
    pub rejected: u64,
    /// The first of them.
    pub first_rejected: Vec<Rejected>,
    /// Firms with a PD at or above the threshold.
    pub called_bad: u64,
    /// Mean PD; `None` without rows.
    pub mean_pd: Option<f64>,
    /// Each grade of the model from the best on, with its firms; empty where it has none.
    pub grades: Vec<(char, u64)>,
    /// What is unusual about each indicator, in the order of the matching.
    pub flags: Vec<FlagCounts>,
    /// Firms with at least one flag.
    pub flagged: u64,
    /// Firms unlike anything in training; `None` where the model cannot tell.
    pub novel: Option<u64>,
    /// Drift against training.
    pub drift: TableDrift,
    /// How the PDs compare with what happened; `None` where the table does not say.
    pub back_test: Option<BackTested>,
}

/// Firms with a flag of each kind for one indicator.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FlagCounts {
    /// The indicator.
    pub indicator: String,
    /// Missing cells.
    pub missing: u64,
    /// Texts where numbers were learned.
    pub not_numbers: u64,
    /// Levels that training did not have.
    pub unseen: u64,
    /// Numbers beyond those of training.
    pub outside: u64,
}

/// Figures of the scoring on the rows that have a label.
#[derive(Clone, Debug, PartialEq)]
pub struct BackTested {
    /// Rows with a label.
    pub labelled: u64,
    /// Bad ones among them.
    pub bad: u64,
    /// The figures rest on every so many-th of them, 1 for all.
    pub every: u64,
    /// Whether the model has learned from rows of this very table: then the figures say too much.
    pub on_training_table: bool,
    /// The figures; the PD is the score.
    pub metrics: Metrics,
}

impl Summary {
    /// Takes note of which files were scored, by their SHA-256 in hexadecimal, one after the other.
    pub fn set_files(&mut self, model: &RiskModel, sha256: &str) {
        if let Some(tested) = &mut self.back_test {
            tested.on_training_table = model.has_learned_from(sha256);
        }
    }
}

/// A summary in the making.
pub(super) struct Tally {
    summary: Summary,
    sum_pd: f64,
    known_pd: u64,
    threshold: f64,
    costs: Costs,
    tested: Tested,
}

/// PDs and outcomes, thinned out evenly when there are too many.
#[derive(Default)]
struct Tested {
    pd: Vec<f64>,
    bad: Vec<bool>,
    every: u64,
    labelled: u64,
    n_bad: u64,
}

impl Tested {
    fn add(&mut self, pd: f64, bad: bool) {
        let every = self.every.max(1);
        if self.labelled.is_multiple_of(every) {
            self.pd.push(pd);
            self.bad.push(bad);
        }
        self.labelled += 1;
        self.n_bad += u64::from(bad);
        if self.pd.len() > MOST_TESTED {
            halve(&mut self.pd);
            halve(&mut self.bad);
            self.every = 2 * every;
        }
    }
}

/// Keeps the first of each two.
fn halve<T>(values: &mut Vec<T>) {
    let mut place = 0;
    values.retain(|_| {
        place += 1;
        place % 2 == 1
    });
}

impl Tally {
    pub(super) fn new(model: &RiskModel, matching: &Matching) -> Self {
        let counts = |indicator: &str| FlagCounts { indicator: indicator.to_owned(), ..FlagCounts::default() };
        let n_grades = model.grades.as_ref().map_or(0, crate::evaluation::MasterScale::n_grades);
        let summary = Summary {
            rows: 0,
            rejected: 0,
            first_rejected: Vec::new(),
            called_bad: 0,
            mean_pd: None,
            grades: (0..n_grades).map(|grade| (crate::evaluation::MasterScale::name(grade), 0)).collect(),
            flags: matching.indicators().iter().map(|matched| counts(&matched.indicator)).collect(),
            flagged: 0,
            novel: model.novelty.is_some().then_some(0),
            drift: TableDrift { indicators: Vec::new(), pd: None },
            back_test: None,
        };
        Self {
            summary,
            sum_pd: 0.0,
            known_pd: 0,
            threshold: model.threshold,
            costs: model.record.settings.money.costs(),
            tested: Tested::default(),
        }
    }

    pub(super) fn reject(&mut self, rejected: &[Rejected]) {
        self.summary.rejected += rejected.len() as u64;
        let shown = &mut self.summary.first_rejected;
        shown.extend(rejected.iter().take(SHOWN_REJECTED - shown.len()).cloned());
    }

    pub(super) fn add(&mut self, firm: &FirmScore) {
        let Self { summary, .. } = self;
        summary.called_bad += u64::from(firm.called_bad);
        summary.flagged += u64::from(!firm.flags.is_empty());
        for flag in &firm.flags {
            let counts = &mut summary.flags[flag.indicator];
            *match flag.kind {
                FlagKind::Missing => &mut counts.missing,
                FlagKind::NotANumber { .. } => &mut counts.not_numbers,
                FlagKind::Unseen { .. } => &mut counts.unseen,
                FlagKind::Below { .. } | FlagKind::Above { .. } => &mut counts.outside,
            } += 1;
        }
        if let Some(novel) = &mut summary.novel {
            *novel += u64::from(firm.novel);
        }
        if let Some((_, firms)) = summary.grades.iter_mut().find(|(grade, _)| Some(*grade) == firm.grade) {
            *firms += 1;
        }
        if !firm.pd.is_nan() {
            self.sum_pd += firm.pd;
            self.known_pd += 1;
        }
        if let Some(bad) = firm.bad {
            self.tested.add(firm.pd, bad);
        }
    }

    pub(super) fn summary(self, rows: u64, drift: TableDrift) -> Summary {
        let Self { summary, sum_pd, known_pd, threshold, costs, tested } = self;
        let back_test = (tested.labelled > 0).then(|| BackTested {
            labelled: tested.labelled,
            bad: tested.n_bad,
            every: tested.every.max(1),
            on_training_table: false,
            metrics: metrics(&tested.bad, &tested.pd, &tested.pd, threshold, costs),
        });
        let mean_pd = (known_pd > 0).then(|| sum_pd / known_pd as f64);
        Summary { rows, mean_pd, drift, back_test, ..summary }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_labelled_rows_are_thinned_out_evenly() {
        let mut tested = Tested::default();
        for row in 0..5 * MOST_TESTED {
            tested.add(row as f64, row % 2 == 0);
        }
        assert_eq!((tested.labelled, tested.every), (5 * MOST_TESTED as u64, 8));
        assert!(tested.pd.iter().enumerate().all(|(i, pd)| *pd == (8 * i) as f64));
        assert_eq!(tested.pd.len(), (5 * MOST_TESTED).div_ceil(8));
    }
}
