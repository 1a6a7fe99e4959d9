//! Columns that a person matches to the indicators of a model.

use serde::{Deserialize, Serialize};

use super::{Matched, Matching};

/// The column of outcomes, as a person has chosen it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum OutcomeColumn {
    /// Nobody was asked: that which has the name of the model's own.
    #[default]
    AsFound,
    /// None: nothing is tested.
    None,
    /// The column of this name.
    Named(String),
}

/// Columns that a person has matched, all by name: so they can be found in the table when it is read again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandMatching {
    /// Indicators with the columns that hold them; `None`: missing.
    pub indicators: Vec<(String, Option<String>)>,
    /// The column of enterprise ids.
    pub enterprise: Option<String>,
    /// The column of periods.
    pub period: Option<String>,
    /// The column of exposures.
    pub exposure: Option<String>,
    /// The column of outcomes.
    #[serde(default)]
    pub outcome: OutcomeColumn,
}

impl HandMatching {
    /// Whether a person has said that there is no column for an indicator.
    pub fn is_missing(&self, indicator: &str) -> bool {
        self.indicators.iter().any(|(name, column)| name == indicator && column.is_none())
    }

    /// What was matched, by name.
    pub fn of(matching: &Matching) -> Self {
        let name = |column: Option<usize>| matching.names().get(column?).cloned();
        let indicator = |matched: &Matched| (matched.indicator.clone(), name(matched.column));
        Self {
            indicators: matching.indicators().iter().map(indicator).collect(),
            enterprise: name(matching.enterprise),
            period: name(matching.period),
            exposure: name(matching.exposure),
            outcome: name(matching.label).map_or(OutcomeColumn::None, OutcomeColumn::Named),
        }
    }

    /// Lets it hold for another table, as far as that has the columns; what it has not stays as it was found.
    pub fn apply(&self, matching: &mut Matching) {
        let place = |matching: &Matching, name: &Option<String>| matching.column(name.as_ref()?).ok();
        for (indicator, name) in &self.indicators {
            let index = matching.indicators().iter().position(|matched| matched.indicator == *indicator);
            let column = place(matching, name);
            // What was found by its name stays found by its name.
            let other = |index: &usize| matching.indicators()[*index].column != column;
            if let Some(index) = index.filter(other).filter(|_| column.is_some() || name.is_none()) {
                matching.set(index, column);
            }
        }
        let kept = |found: Option<usize>, name: &Option<String>| {
            let column = place(matching, name);
            if name.is_some() { column.or(found) } else { None }
        };
        let (enterprise, period) = (kept(matching.enterprise, &self.enterprise), kept(matching.period, &self.period));
        let exposure = kept(matching.exposure, &self.exposure);
        (matching.enterprise, matching.period, matching.exposure) = (enterprise, period, exposure);
        match &self.outcome {
            OutcomeColumn::AsFound => {}
            OutcomeColumn::None => matching.label = None,
            OutcomeColumn::Named(name) => matching.label = matching.column(name).ok().or(matching.label),
        }
    }
}
