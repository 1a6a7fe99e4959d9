//! A model with everything that scoring needs.

use ndarray::{Array2, ArrayView2, Axis, concatenate};
use serde::{Deserialize, Serialize};

use super::{ColumnReference, DataRecord, Novelty, Record};
use crate::data::{Dataset, IndicatorInputs, MissingTokens, Preparation, ReadOptions};
use crate::evaluation::{MasterScale, shift_base_rate};
use crate::model::kernels::each;
use crate::model::{Classifier, FittedKind, FittedModel};
use crate::random::{Purpose, Stream, stream};
use crate::training::{ModelDone, ModelKind, PreparedFold, RbmFilling, RunSettings, RunSpec, Scored};

/// Training rows that stand for all when a prediction is taken apart.
const BACKGROUND: usize = 100;
/// Probabilities that are kept to hold those of new rows against.
const REFERENCE: usize = 10_000;
/// Rows that are answered for together.
pub(super) const BLOCK: usize = 1024;

/// A model that scores firms, and what it rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RiskModel {
    /// Which kind.
    pub kind: ModelKind,
    /// From cells to inputs.
    pub preparation: Preparation,
    /// What fills missing numbers after it, where an RBM does.
    pub filling: Option<RbmFilling>,
    /// From inputs to probabilities.
    pub fitted: FittedModel,
    /// Share of bad rows among the labelled training rows.
    pub bad_rate: f64,
    /// The share in the population that the probabilities are moved to; `None`: that of the training rows.
    pub population_bad_rate: Option<f64>,
    /// A firm with at least this PD is called bad.
    pub threshold: f64,
    /// The grades; `None` where the run had no rows to find them on.
    pub grades: Option<MasterScale>,
    /// The indicators over the training rows, in the order of the table.
    pub columns: Vec<ColumnReference>,
    /// PDs that it gave the held-out rows, ascending, at most 10,000: what the PDs of new rows are held against.
    pub pd_reference: Vec<f64>,
    /// Finds firms unlike anything in training; of a pre-trained net only.
    pub novelty: Option<Novelty>,
    /// At most 100 labelled training rows, prepared, `(n, n_inputs)`, drawn by the seed: against them a prediction is taken
    /// apart.
    pub background: Array2<f32>,
    /// How it was made and how it did.
    pub record: Record,
}

/// Why a model cannot be kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RiskModelError {
    /// It is put together from several machines.
    #[error("a {0} of more than two classes cannot be kept")]
    NotPlain(&'static str),
    /// Its numbers ran away.
    #[error("the {model} cannot be kept: {why}")]
    Unusable {
        /// The model.
        model: &'static str,
        /// What is wrong with it.
        why: String,
    },
}

/// What a model is made from: a finished fit of a run.
pub struct Making<'a> {
    /// The rows of the run.
    pub fold: &'a PreparedFold,
    /// The table they are from.
    pub data: &'a Dataset,
    /// What is known of it.
    pub record: DataRecord,
    /// The settings of the run.
    pub spec: &'a RunSpec,
    /// Its answers.
    pub classifier: &'a dyn Classifier,
    /// How it did on the held-out rows, what it says about itself and what was done to it.
    pub done: &'a ModelDone,
    /// Now, RFC 3339.
    pub made: String,
}

impl RiskModel {
    /// The model of a finished fit.
    ///
    /// # Errors
    /// When it cannot be written down as plain finite numbers.
    pub fn new(making: Making<'_>) -> Result<Self, RiskModelError> {
        let Making { fold, data, record, spec, classifier, done, made } = making;
        let ModelDone { model: kind, scored, facts, notices, stop_reason, changes } = done;
        let model = kind.title();
        let fitted = classifier.fitted().ok_or(RiskModelError::NotPlain(model))?;
        let seed = spec.settings.seed;
        let training = &fold.training;
        let seen = concatenate(Axis(0), &[training.x.view(), training.x_unlabelled.view()]);
        let novelty = match &fitted.answers {
            FittedKind::Dbn(dbn) => seen.ok().and_then(|seen| Novelty::new(dbn, &seen)),
            _ => None,
        };
        let mut rows: Vec<usize> = fold.train_rows.iter().chain(&*fold.unlabelled_rows).copied().collect();
        rows.sort_unstable();
        let background = drawn(training.x.nrows(), BACKGROUND, &mut stream(seed, Purpose::Background, 0));
        let answers = &scored.answers;
        // Not those of validation rows: other fits have given them, whose probabilities spread otherwise.
        let kept = drawn(answers.pd.len(), REFERENCE, &mut stream(seed, Purpose::Background, 1));
        let mut pd_reference: Vec<f64> = kept.into_iter().map(|row| answers.pd[row]).collect();
        pd_reference.sort_unstable_by(f64::total_cmp);
        let made = Self {
            kind: *kind,
            preparation: fold.preparation.clone(),
            filling: fold.filling.clone(),
            fitted,
            bad_rate: fold.bad_rate,
            population_bad_rate: spec.settings.calibration.population_bad_rate,
            threshold: scored.metrics.threshold.unwrap_or(fold.bad_rate),
            grades: spec.settings.grades.scale(answers.validation.as_ref()).ok(),
            columns: data.indicators.iter().map(|indicator| ColumnReference::new(indicator, &rows)).collect(),
            pd_reference,
            novelty,
            background: training.x.select(Axis(0), &background),
            record: Record {
                program: env!("CARGO_PKG_VERSION").to_owned(),
                made,
                settings: spec.settings.clone(),
                data: record,
                changes: changes.clone(),
                metrics: scored.metrics,
                held_out: answers.pd.len(),
                held_out_bad: answers.bad.iter().filter(|&&bad| bad).count(),
                facts: facts.clone(),
                notices: fold.notices().into_iter().chain(notices.iter().map(|text| format!("{text}."))).collect(),
                stop_reason: stop_reason.clone(),
            },
        };
        made.check().map_err(|why| RiskModelError::Unusable { model, why })?;
        Ok(made)
    }

    /// Whether its parts fit together and every number is one: asked of every model that comes from a file.
    ///
    /// # Errors
    /// What is wrong, in a few words.
    pub fn check(&self) -> Result<(), String> {
        let n_inputs = self.n_inputs();
        self.preparation.check()?;
        self.fitted.check(n_inputs)?;
        self.columns.iter().try_for_each(ColumnReference::check)?;
        self.novelty.as_ref().map_or(Ok(()), |novelty| novelty.check(n_inputs))?;
        self.filling.as_ref().map_or(Ok(()), |filling| filling.check(n_inputs))?;
        self.grades.as_ref().map_or(Ok(()), MasterScale::check)?;
        if self.background.ncols() != n_inputs || !self.background.iter().all(|x| x.is_finite()) {
            return Err("the background rows do not fit the inputs".to_owned());
        }
        let shares = [Some(self.bad_rate), Some(self.threshold), self.population_bad_rate];
        let in_range = |p: &f64| (0.0..=1.0).contains(p);
        if shares.iter().flatten().chain(&self.pd_reference).all(in_range) {
            Ok(())
        } else {
            Err("a probability lies outside 0 to 1".to_owned())
        }
    }

    /// Whether its cut-off, costs and grades are those of `settings`.
    pub fn is_cut_as(&self, settings: &RunSettings) -> bool {
        let then = &self.record.settings;
        (then.cutoff, &then.money, &then.grades) == (settings.cutoff, &settings.money, &settings.grades)
    }

    /// The same model at another cut-off, other costs or other grades: `scored` are its answers there. Nothing is fitted.
    #[must_use]
    pub fn recut(&self, scored: &Scored, settings: &RunSettings) -> Self {
        let mut cut = self.clone();
        cut.threshold = scored.metrics.threshold.unwrap_or(self.bad_rate);
        cut.grades = settings.grades.scale(scored.answers.validation.as_ref()).ok();
        cut.record.metrics = scored.metrics;
        let then = &mut cut.record.settings;
        (then.cutoff, then.money, then.grades) = (settings.cutoff, settings.money.clone(), settings.grades.clone());
        cut
    }

    /// How a table to be scored is read, where `asked` was said about it: what counts as missing is what did in the model's own
    /// table, unless something else was asked for.
    #[must_use]
    pub fn read_options(&self, asked: ReadOptions) -> ReadOptions {
        if asked.missing == MissingTokens::default() {
            ReadOptions { missing: self.record.data.read_as.options.missing.clone(), ..asked }
        } else {
            asked
        }
    }

    /// Whether it has learned from a file of this SHA-256 in hexadecimal; of several, one after the other, whether from any.
    pub fn has_learned_from(&self, sha256: &str) -> bool {
        /// Digits of one.
        const DIGITS: usize = 64;
        let own = self.record.data.sha256.as_bytes().chunks_exact(DIGITS);
        sha256.as_bytes().chunks_exact(DIGITS).any(|file| own.clone().any(|learned| learned == file))
    }

    /// Number of inputs.
    pub fn n_inputs(&self) -> usize {
        self.preparation.input_names().len()
    }

    /// The inputs of `rows` of `data`, whose indicators are found by name: `(rows.len(), n_inputs)`, finite. `numbers` are
    /// the rows' places in their table, which decide the random numbers that an RBM fills gaps by.
    pub fn inputs(&self, data: &Dataset, rows: &[usize], numbers: &[usize]) -> Array2<f32> {
        let mut x = self.preparation.apply(data, rows);
        if let Some(filling) = &self.filling {
            filling.fill(&mut x, numbers, &self.preparation.missing_inputs(data, rows));
        }
        x
    }

    /// Probability of the bad outcome of prepared rows `x` `(n_rows, n_inputs)`, calibrated and, where the settings ask for
    /// it, moved to the base rate of the population. In a block of another size that of a row may differ by the rounding of a
    /// product in single precision, about 1e-7.
    #[expect(clippy::needless_pass_by_value, reason = "a view is a reference")]
    pub fn pd(&self, x: ArrayView2<'_, f32>) -> Vec<f64> {
        let mut blocks: Vec<_> = x.axis_chunks_iter(Axis(0), BLOCK).map(|block| (block, Vec::new())).collect();
        each(&mut blocks, |(block, pd)| {
            let (_, probabilities) = self.fitted.answers(block.view());
            pd.extend(probabilities.column(1).iter().map(|&pd| self.of_population(pd)));
        });
        blocks.into_iter().flat_map(|(_, pd)| pd).collect()
    }

    fn of_population(&self, pd: f64) -> f64 {
        let Some(rate) = self.population_bad_rate else { return pd };
        shift_base_rate(pd, self.bad_rate, rate).unwrap_or(pd)
    }

    /// Whether a firm of this PD is called bad.
    pub fn is_called_bad(&self, pd: f64) -> bool {
        pd >= self.threshold
    }

    /// The grade of a PD, A the best; `None` without grades and for NaN.
    pub fn grade(&self, pd: f64) -> Option<char> {
        self.grades.as_ref()?.grade(pd).map(MasterScale::name)
    }

    /// The indicators that it answers by, with their inputs; those set aside are not among them.
    pub fn indicator_inputs(&self) -> Vec<(&str, IndicatorInputs)> {
        let of = |name| Some((name, self.preparation.inputs_of(name)?));
        self.preparation.indicators().filter_map(of).collect()
    }

    /// What the training rows held of an indicator.
    pub fn column(&self, indicator: &str) -> Option<&ColumnReference> {
        self.columns.iter().find(|column| column.name == indicator)
    }
}

/// At most `most` of `n` places, ascending.
fn drawn(n: usize, most: usize, random: &mut Stream) -> Vec<usize> {
    let mut places = rand::seq::index::sample(random, n, most.min(n)).into_vec();
    places.sort_unstable();
    places
}
