//! Whether a preparation that comes from a file can be applied: no index out of range, no division by nothing, no input that is
//! not a number.

use super::Preparation;
use super::bins::QuantileBins;
use super::categories::Categories;
use super::column::{Column, Encoding, Number};
use super::linear::Linear;
use super::missing::Gap;
use super::normal_scores::NormalScores;
use super::outliers::Outliers;
use super::scale::Scale;

impl Preparation {
    /// Whether its parts go together.
    ///
    /// # Errors
    /// What is wrong, in a few words.
    pub(crate) fn check(&self) -> Result<(), String> {
        if let Some(column) = self.columns.iter().find(|column| !column.is_sound()) {
            return Err(format!("the preparation of \"{}\" does not hold together", column.source.indicator));
        }
        if self.neighbours.as_ref().is_some_and(|neighbours| !neighbours.is_sound()) {
            return Err("the rows that missing cells are filled from do not hold together".to_owned());
        }
        let made: usize =
            self.placed().map(|(_, inputs)| inputs.values.len() + usize::from(inputs.flag.is_some())).sum();
        if made == self.input_names.len() {
            Ok(())
        } else {
            Err(format!("the preparation makes {made} inputs and names {}", self.input_names.len()))
        }
    }
}

impl Column {
    fn is_sound(&self) -> bool {
        let encoding = match &self.encoding {
            Encoding::Number(number) => number.is_sound(),
            Encoding::Categories(categories) => categories.is_sound(),
            Encoding::Nothing => true,
        };
        encoding && self.flag.is_none_or(f32::is_finite)
    }
}

impl Number {
    fn is_sound(&self) -> bool {
        let outliers = match self.outliers {
            Outliers::Kept | Outliers::SignedLog => true,
            Outliers::DrawnIn { low, high } => low <= high,
        };
        let scale = match &self.scale {
            Scale::Linear(linear) => linear.is_sound(),
            Scale::NormalScores(scores) => scores.is_sound(),
            Scale::QuantileBins(bins) => bins.is_sound(),
        };
        // Only ranks know the middle one.
        let gap = self.gap != Gap::Middle || matches!(self.scale, Scale::NormalScores(_));
        outliers && scale && gap
    }
}

impl Categories {
    fn is_sound(&self) -> bool {
        self.width() > 0
    }
}

impl Linear {
    fn is_sound(&self) -> bool {
        let Self { unit, offset, centre, spread, low, high } = *self;
        let finite = [unit, offset, centre, spread, low, high].iter().all(|x| x.is_finite());
        // The largest input is the square root of a single's largest number at most.
        finite && unit > 0.0 && spread > 0.0 && low <= high && low.abs().max(high.abs()) < 1e18
    }
}

impl NormalScores {
    fn is_sound(&self) -> bool {
        let Self { values, at, between, middle } = self;
        let lengths = values.len() >= 2 && at.len() == values.len() && between.len() == values.len() + 1;
        lengths && ascending(values) && at.iter().chain(between).chain([middle]).all(|z| z.is_finite())
    }
}

impl QuantileBins {
    fn is_sound(&self) -> bool {
        self.unit > 0.0 && self.edges.len() >= 2 && ascending(&self.edges)
    }
}

fn ascending(values: &[f64]) -> bool {
    values.iter().all(|x| x.is_finite()) && values.is_sorted_by(|a, b| a < b)
}
