//! Presets: settings of the net and of the preparation that belong together, each for one purpose.

use super::RunSettings;
use crate::data::{Fill, MissingSettings, OutlierSettings, ScaleMethod, ScaleSettings};
use crate::model::dbn::{DbnSettings, EarlyStopping, SkipInput};
use crate::model::network::{Optimizer, RateSchedule};

/// Settings that belong together.
///
/// A preset holds all of [`DbnSettings`] and how numbers are filled and scaled; what is left
/// out of the table, orders of categories, the folds, the seed and the other models stay as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// The method as published.
    Paper,
    /// One small layer.
    Small,
    /// Four layers.
    Deep,
    /// What predicts best over the tables that were tried.
    Best,
}

impl Preset {
    /// Every preset, in the order of the screen.
    pub const ALL: [Self; 4] = [Self::Paper, Self::Small, Self::Deep, Self::Best];

    /// Name on the command line, as in `--set preset=paper`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Paper => "paper",
            Self::Small => "small",
            Self::Deep => "deep",
            Self::Best => "best",
        }
    }

    /// Name on screen.
    pub fn title(self) -> &'static str {
        match self {
            Self::Paper => "Paper",
            Self::Small => "Small",
            Self::Deep => "Deep",
            Self::Best => "Best",
        }
    }

    /// What it is for, in one line.
    pub fn purpose(self) -> &'static str {
        match self {
            Self::Paper => "The method as published: standardised, plain CD-1, SGD. To follow it, not to win.",
            Self::Small => "One layer of 16 units: for a few dozen firms, and to watch every weight.",
            Self::Deep => "Four layers: to show how a deep stack learns. Slower, seldom better.",
            Self::Best => "What predicted best on five real tables. For comparing.",
        }
    }

    /// The preset of this key.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|preset| preset.key() == key)
    }

    /// Puts it into `settings`.
    pub fn apply(self, settings: &mut RunSettings) {
        let preparation = &mut settings.preparation;
        preparation.missing = MissingSettings::default();
        preparation.outliers = OutlierSettings::default();
        preparation.scale = ScaleSettings::default();
        settings.dbn = DbnSettings::default();
        match self {
            Self::Best => {}
            Self::Small => settings.dbn.layers = vec![16],
            Self::Deep => settings.dbn.layers = vec![128, 64, 32, 16],
            Self::Paper => {
                preparation.missing.fill = Fill::Mean;
                preparation.missing.flags = false;
                preparation.scale.method = ScaleMethod::Standardise;
                settings.dbn = paper();
            }
        }
    }

    /// The preset that `settings` agree with, if any.
    pub fn of(settings: &RunSettings) -> Option<Self> {
        Self::ALL.into_iter().find(|preset| {
            let mut applied = settings.clone();
            preset.apply(&mut applied);
            applied == *settings
        })
    }
}

/// The published method: one net of two layers of logistic units, CD-1 with one momentum and one rate, then
/// back-propagation by stochastic gradient descent at a constant rate on all labelled rows, the last epoch kept.
fn paper() -> DbnSettings {
    let mut dbn = DbnSettings { layers: vec![64, 64], nets: 1, ..DbnSettings::default() };
    dbn.pre_training.gaussian_rate = 0.01;
    dbn.pre_training.bernoulli_rate = 0.1;
    dbn.pre_training.final_rate = 1.0;
    let fine = &mut dbn.fine_tuning;
    fine.optimizer = Optimizer::Sgd;
    fine.rate = 0.1;
    fine.schedule = RateSchedule::Constant;
    fine.weight_decay = 0.0;
    fine.dropout = 0.0;
    fine.skip = SkipInput::None;
    fine.early_stopping = EarlyStopping::Off;
    dbn
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_preset_is_valid_and_known_again() {
        assert_eq!(Preset::of(&RunSettings::default()), Some(Preset::Best), "best is the default");
        for preset in Preset::ALL {
            let mut settings = RunSettings { seed: 7, ..RunSettings::default() };
            settings.preparation.drop.columns = vec!["name".to_owned()];
            settings.svm.c = 3.0;
            preset.apply(&mut settings);
            assert!(settings.check().is_ok(), "{preset:?}");
            assert_eq!(Preset::of(&settings), Some(preset));
            assert_eq!(Preset::from_key(preset.key()), Some(preset));
            assert_eq!((settings.seed, settings.svm.c, settings.preparation.drop.columns.len()), (7, 3.0, 1));
            settings.dbn.layers = vec![5];
            assert_eq!(Preset::of(&settings), None);
        }
    }
}
