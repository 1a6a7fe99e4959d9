//! What is worked out about the open table beside its numbers: each piece arrives when it is ready, and belongs to one
//! table under its roles and settings.

use std::sync::Arc;

use crate::checks::{Finding, Subject, checks};
use crate::data::{
    Association, Dataset, Histogram, Missingness, Preparation, PreparationSettings, Role, Roles, Source, SplitHolding,
    Stages, ValidationSettings, associate, missingness, split_summary, splits,
};

/// What the pieces are worked out from.
#[derive(Clone)]
pub(super) struct Inspected {
    pub(super) source: Arc<Source>,
    pub(super) roles: Roles,
    /// The numbers, where the table can be learned from.
    pub(super) data: Option<Arc<Dataset>>,
    pub(super) validation: ValidationSettings,
    pub(super) preparation: PreparationSettings,
    pub(super) seed: u64,
    /// The indicator whose preparation is looked at.
    pub(super) indicator: Option<String>,
}

/// A piece.
#[derive(Clone, Debug)]
pub(super) enum Insight {
    Findings(Arc<[Finding]>),
    Splits(Result<Arc<[SplitHolding]>, String>),
    Prepared(Result<Arc<Pictured>, String>),
    Missingness(Arc<Missingness>),
    Association(Arc<Association>),
}

/// The pieces that are there.
#[derive(Clone, Debug, Default)]
pub(super) struct Insights {
    pub(super) findings: Option<Arc<[Finding]>>,
    pub(super) splits: Option<Result<Arc<[SplitHolding]>, String>>,
    pub(super) prepared: Option<Result<Arc<Pictured>, String>>,
    pub(super) missingness: Option<Arc<Missingness>>,
    pub(super) association: Option<Arc<Association>>,
}

impl Insights {
    /// Whether every piece has arrived.
    pub(super) fn is_complete(&self) -> bool {
        let Self { findings, splits, prepared, missingness, association } = self;
        findings.is_some() && splits.is_some() && prepared.is_some() && missingness.is_some() && association.is_some()
    }

    pub(super) fn take(&mut self, insight: Insight) {
        match insight {
            Insight::Findings(findings) => self.findings = Some(findings),
            Insight::Splits(splits) => self.splits = Some(splits),
            Insight::Prepared(prepared) => self.prepared = Some(prepared),
            Insight::Missingness(missingness) => self.missingness = Some(missingness),
            Insight::Association(association) => self.association = Some(association),
        }
    }
}

/// Which pieces are asked for, from few to all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Asked {
    /// Only the preparation, or the indicator looked at, has changed.
    Preparation,
    /// Only how rows are held out has changed.
    Splits,
    /// The table or its roles are new.
    Everything,
}

impl Inspected {
    /// Works the pieces out, the quick ones first, and hands each over. Stops when `outdated` says so.
    pub(super) fn work(&self, asked: Asked, hand_over: &dyn Fn(Insight), outdated: &dyn Fn() -> bool) {
        let held = std::cell::OnceCell::new();
        let held = || held.get_or_init(|| self.splits());
        let splits = || Insight::Splits(held().clone());
        let findings = || {
            let Source { table, profiles, .. } = &*self.source;
            let data = self.data.as_deref();
            let splits = held().as_ref().map_or(&[][..], |splits| splits);
            let subject = Subject { table, profiles, roles: &self.roles, data, validation: &self.validation, splits };
            Insight::Findings(checks(&subject).into())
        };
        let prepared = || Insight::Prepared(self.prepared());
        let (table, bad) = (&self.source.table, self.data.as_ref().map_or(&[][..], |data| &data.bad));
        let with = |wanted: &dyn Fn(Role) -> bool| -> Vec<usize> {
            (0..self.roles.roles.len()).filter(|&column| wanted(self.roles.roles[column])).collect()
        };
        let gaps = || {
            let columns = with(&|role| !matches!(role, Role::SetAside | Role::Label));
            Insight::Missingness(Arc::new(missingness(table, &columns, bad)))
        };
        let association = || {
            let columns = with(&|role| role == Role::Indicator);
            Insight::Association(Arc::new(associate(table, &columns, bad)))
        };
        let pieces: &[&dyn Fn() -> Insight] = match asked {
            Asked::Everything => &[&splits, &findings, &prepared, &gaps, &association],
            Asked::Splits => &[&splits, &findings, &prepared],
            Asked::Preparation => &[&prepared],
        };
        for piece in pieces {
            if outdated() {
                return;
            }
            hand_over(piece());
        }
    }

    fn splits(&self) -> Result<Arc<[SplitHolding]>, String> {
        let data = self.data.as_ref().ok_or(NOT_READY)?;
        // A hundred repeats of a hundred folds of a large table would fill the memory: the first repeats show what all
        // hold.
        let rows = data.n_labelled().saturating_mul(self.validation.folds).max(1);
        let repeats = (MOST_ROWS / rows).clamp(1, self.validation.repeats.max(1));
        let validation = ValidationSettings { repeats, ..self.validation.clone() };
        let splits = splits(data, &validation, self.seed).map_err(|e| e.to_string())?;
        Ok(split_summary(data, &splits).into())
    }

    /// The way of one indicator's training values through the chain, in the first split.
    fn prepared(&self) -> Result<Arc<Pictured>, String> {
        let data = self.data.as_ref().ok_or(NOT_READY)?;
        let validation = ValidationSettings { repeats: 1, ..self.validation.clone() };
        let splits = splits(data, &validation, self.seed).map_err(|e| e.to_string())?;
        let rows = &splits.first().ok_or(NOT_READY)?.fitted_rows();
        let prepared = Preparation::fit(data, rows, &self.preparation).map_err(|e| e.to_string())?;
        let indicator = self.indicator.clone().ok_or(NOT_READY)?;
        let stages = prepared.stages(data, rows, &indicator);
        let Stages { missing, raw, filled, drawn_in, inputs } = stages
            .ok_or_else(|| format!("\"{indicator}\" is no number, or is left out: there are no pictures of it."))?;
        let spread = |values: Vec<f64>| Histogram::of(values);
        let [raw, filled, drawn_in, inputs] = [raw, filled, drawn_in, inputs].map(spread);
        Ok(Arc::new(Pictured { indicator, missing, raw, filled, drawn_in, inputs }))
    }
}

/// How the values of one indicator are spread after each step; `None` without any.
#[derive(Clone, Debug)]
pub(super) struct Pictured {
    pub(super) indicator: String,
    /// Cells missing before anything is done.
    pub(super) missing: usize,
    pub(super) raw: Option<Histogram>,
    pub(super) filled: Option<Histogram>,
    pub(super) drawn_in: Option<Histogram>,
    pub(super) inputs: Option<Histogram>,
}

/// Rows in all splits that are summarised, at most.
const MOST_ROWS: usize = 20_000_000;
const NOT_READY: &str = "The table cannot be learned from yet: see the outcome on the right.";
