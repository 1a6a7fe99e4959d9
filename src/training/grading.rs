//! Into which grades probabilities are put: the settings of the master scale.

use serde::{Deserialize, Serialize};

use crate::evaluation::{BANDS, Cuts, GRADES, MasterScale, ScaleError};

/// Where one grade ends and the next begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GradeMethod {
    /// As many rows in each grade, as far as rows of one probability can be kept together.
    #[default]
    EqualFrequency,
    /// Bands of probability, each as many times as wide as the one before.
    Bands,
    /// At bounds drawn by hand.
    Drawn,
}

/// The grades of a master scale.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GradeSettings {
    /// Where grades end.
    pub method: GradeMethod,
    /// Grades to begin with, in [`GRADES`]; drawn bounds bring their own number. Default 7.
    pub number: usize,
    /// Bands: where the best grade ends, above 0. Default 0.25 %.
    pub lowest: f64,
    /// Bands: where the worst grade begins, above `lowest` and below 1. Default 16 %.
    pub highest: f64,
    /// Drawn: bounds between grades, rising, in (0, 1), one fewer than there are grades. Default none.
    pub bounds: Vec<f64>,
    /// Neighbouring grades are pooled until the share of bad rows rises from each to the next, on rows of the training part
    /// that a fit has not seen. Default true.
    pub monotone: bool,
}

impl Default for GradeSettings {
    fn default() -> Self {
        let [lowest, highest] = BANDS;
        Self { method: GradeMethod::default(), number: 7, lowest, highest, bounds: Vec::new(), monotone: true }
    }
}

/// Why there is no scale.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum GradingError {
    /// The settings are out of their range.
    #[error(transparent)]
    Scale(#[from] ScaleError),
    /// The grades depend on rows that there are none of.
    #[error(
        "These grades are found on rows that a fit has not seen, which calibration makes, and there are none: take bands or \
         drawn bounds, and pool no grades."
    )]
    NothingUnseen,
}

impl GradeSettings {
    /// What is out of its range: the field and what it must be.
    pub(super) fn problems(&self) -> Vec<(&'static str, String)> {
        // Of ends and bounds that the method does not use nothing is said.
        let (field, found) = match self.method {
            _ if !GRADES.contains(&self.number) => {
                let (least, most) = (GRADES.start(), GRADES.end());
                return vec![("number", format!("must be from {least} to {most}, not {}", self.number))];
            }
            GradeMethod::EqualFrequency => return Vec::new(),
            GradeMethod::Bands => ("lowest", self.bands()),
            GradeMethod::Drawn => ("bounds", self.drawn()),
        };
        found.err().map(|error| (field, error.to_string())).into_iter().collect()
    }

    /// The scale. `unseen` are rows of the training part with probabilities by fits that have not seen them: grades of equally
    /// many rows and the pooling of grades look at them.
    ///
    /// # Errors
    /// Without such rows where they are looked at, and when the settings are out of their range.
    pub fn scale(&self, unseen: Option<&Cuts>) -> Result<MasterScale, GradingError> {
        let unseen = || unseen.ok_or(GradingError::NothingUnseen);
        let scale = match self.method {
            GradeMethod::EqualFrequency => MasterScale::equal_frequency(unseen()?, self.number),
            GradeMethod::Bands => self.bands(),
            GradeMethod::Drawn => self.drawn(),
        }?;
        Ok(if self.monotone { scale.made_monotone(unseen()?) } else { scale })
    }

    fn bands(&self) -> Result<MasterScale, ScaleError> {
        MasterScale::bands(self.lowest, self.highest, self.number)
    }

    fn drawn(&self) -> Result<MasterScale, ScaleError> {
        MasterScale::drawn(self.bounds.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_out_of_range_is_named_and_what_is_not_used_is_not() {
        let field = |settings: GradeSettings| settings.problems().first().map(|problem| problem.0);
        let default = GradeSettings::default;
        assert_eq!(field(default()), None);
        assert_eq!(field(GradeSettings { number: 4, ..default() }), Some("number"));
        assert_eq!(field(GradeSettings { lowest: 0.5, ..default() }), None);
        assert_eq!(field(GradeSettings { lowest: 0.5, method: GradeMethod::Bands, ..default() }), Some("lowest"));
        let drawn = |bounds: &[f64]| GradeSettings { method: GradeMethod::Drawn, bounds: bounds.to_vec(), ..default() };
        assert_eq!(field(drawn(&[0.1, 0.2, 0.3, 0.4])), None);
        for wrong in [&[][..], &[0.1, 0.3, 0.2, 0.4], &[0.1, 0.2, 0.2, 0.4], &[0.1, 0.2, 0.3, f64::NAN]] {
            assert_eq!(field(drawn(wrong)), Some("bounds"), "{wrong:?}");
        }
        let problem = &drawn(&[0.1, 0.3, 0.2, 0.4]).problems()[0].1;
        assert!(problem.starts_with("A grade cannot begin at a PD of 0.2"), "{problem}");
    }

    #[test]
    fn scales_by_the_settings() {
        let pd: Vec<f64> = (0..100).map(|i| f64::from(i) / 100.0).collect();
        let bad: Vec<bool> = (0..100).map(|i| i >= 50).collect();
        let rows = Cuts::new(&bad, &pd, None).unwrap();
        let settings = GradeSettings { monotone: false, ..GradeSettings::default() };
        assert_eq!(settings.scale(Some(&rows)).unwrap().n_grades(), 7);
        // Pooled: three grades without a bad row, one with some, three with nothing else.
        let pooled = GradeSettings::default().scale(Some(&rows)).unwrap();
        assert_eq!(pooled.n_grades(), 3);
        assert_eq!(GradeSettings::default().scale(None), Err(GradingError::NothingUnseen));

        let bands = GradeSettings { method: GradeMethod::Bands, number: 8, ..settings };
        assert_eq!(bands.scale(None).unwrap().n_grades(), 8);
        let bounds = vec![0.1, 0.2, 0.3, 0.4];
        let drawn = GradeSettings { method: GradeMethod::Drawn, bounds: bounds.clone(), ..bands };
        assert_eq!(drawn.scale(None).unwrap().bounds(), bounds);
        assert_eq!(GradeSettings { monotone: true, ..drawn }.scale(None), Err(GradingError::NothingUnseen));
    }
}
