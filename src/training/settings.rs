//! Everything a run depends on beside the table: one plain struct, saved by the window, given to the command line with
//! `--settings`, changed with `--set key=value`, and part of every record.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Cutoff, GradeSettings, ModelKind, MoneySettings, Preset};
use crate::data::{Fill, PreparationSettings, ValidationSettings};
use crate::evaluation::Metric;
use crate::model::calibration::{CalibrationMethod, CalibrationSettings};
use crate::model::dbn::{DbnParameters, DbnSettings};
use crate::model::logistic::{LogisticParameters, LogisticSettings};
use crate::model::svm::{SvmParameters, SvmSettings};
use crate::model::trees::{TreesParameters, TreesSettings};

/// The settings of a run. Every field has a default; nothing is trusted before [`Self::check`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RunSettings {
    /// The one seed (MATH §7). Default 42.
    pub seed: u64,
    /// Models to compare, in the order of the table; the verdict is on the first against the second. Default all.
    pub models: Vec<ModelKind>,
    /// The figure that the verdict is about. Default AUC.
    pub verdict_metric: Metric,
    /// When a row is called bad. Default 0.5.
    pub cutoff: Cutoff,
    /// What wrong calls and losses are worth.
    pub money: MoneySettings,
    /// Into which grades probabilities are put.
    pub grades: GradeSettings,
    /// How the table becomes numbers.
    pub preparation: PreparationSettings,
    /// Which rows are held out.
    pub validation: ValidationSettings,
    /// How the scores of every model become probabilities.
    pub calibration: CalibrationSettings,
    /// The deep belief network.
    pub dbn: DbnSettings,
    /// The support vector machine.
    pub svm: SvmSettings,
    /// The logistic regression.
    pub logistic: LogisticSettings,
    /// The gradient-boosted trees.
    pub gbt: TreesSettings,
}

impl Default for RunSettings {
    fn default() -> Self {
        Self {
            seed: 42,
            models: ModelKind::ALL.to_vec(),
            verdict_metric: Metric::Auc,
            cutoff: Cutoff::Value(0.5),
            money: MoneySettings::default(),
            grades: GradeSettings::default(),
            preparation: PreparationSettings::default(),
            validation: ValidationSettings::default(),
            calibration: CalibrationSettings::default(),
            dbn: DbnSettings::default(),
            svm: SvmSettings::default(),
            logistic: LogisticSettings::default(),
            gbt: TreesSettings::default(),
        }
    }
}

/// A setting that is out of its range.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {message}")]
pub struct Problem {
    /// Its key, as in `dbn.pre_training.gaussian_rate`.
    pub key: String,
    /// What it must be.
    pub message: String,
}

/// Why `key=value` could not be set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// No setting of that name.
    #[error("there is no setting {key}; the settings there are: {known}")]
    Unknown {
        /// What was asked for.
        key: String,
        /// The names at that place.
        known: String,
    },
    /// The value is of the wrong kind.
    #[error("{key} cannot be {value}: {why}")]
    Value {
        /// The setting.
        key: String,
        /// The value given.
        value: String,
        /// What is wrong with it.
        why: String,
    },
}

/// Settings that have been checked, with their checked parameters. Only these can run.
#[derive(Clone, Debug, PartialEq)]
pub struct RunSpec {
    /// The settings, as given.
    pub settings: RunSettings,
    pub(super) dbn: DbnParameters,
    pub(super) svm: SvmParameters,
    pub(super) logistic: LogisticParameters,
    pub(super) gbt: TreesParameters,
}

impl RunSpec {
    /// Whether a model of this kind is fitted just as under `other`, on the same rows of one table: cut-offs, costs and the
    /// other models may differ.
    pub fn fits_as(&self, other: &Self, kind: ModelKind) -> bool {
        let (a, b) = (&self.settings, &other.settings);
        let own = match kind {
            ModelKind::Dbn | ModelKind::Mlp => a.dbn == b.dbn,
            ModelKind::Svm => a.svm == b.svm,
            ModelKind::Logistic => a.logistic == b.logistic,
            ModelKind::Gbt => a.gbt == b.gbt,
            ModelKind::Majority => true,
        };
        // The RBM that fills missing cells has the settings of the DBN's lowest layer.
        let filling = a.preparation.missing.fill != Fill::Rbm || a.dbn == b.dbn;
        let rows = (a.seed, &a.preparation, &a.validation, &a.calibration)
            == (b.seed, &b.preparation, &b.validation, &b.calibration);
        own && filling && rows
    }
}

impl RunSettings {
    /// The net whose states are recorded and looked at: the first among the models. Of several one is enough.
    pub fn watched(&self) -> Option<ModelKind> {
        self.models.iter().copied().find(|model| matches!(model, ModelKind::Dbn | ModelKind::Mlp))
    }

    /// Checks every field.
    ///
    /// # Errors
    /// Every problem found, each under its key.
    pub fn check(&self) -> Result<RunSpec, Vec<Problem>> {
        let mut problems = Vec::new();
        if self.models.is_empty() {
            problems.push(Problem { key: "models".to_owned(), message: "needs at least one model".to_owned() });
        }
        if let Some(twice) = self.models.iter().enumerate().find(|(i, m)| self.models[..*i].contains(m)) {
            let message = format!("{} is named twice", twice.1.key());
            problems.push(Problem { key: "models".to_owned(), message });
        }
        let uncalibrated = self.calibration.method == CalibrationMethod::None && self.cutoff.needs_validation();
        let message = uncalibrated.then(|| {
            "this rule looks at scores of rows that a fit has not seen, which calibration makes: choose a method of \
             calibration, or another cut-off"
                .to_owned()
        });
        if let Some(message) = self.cutoff.problem().or(message) {
            problems.push(Problem { key: "cutoff".to_owned(), message });
        }
        let mut add = |section: &str, found: Vec<(&'static str, String)>| {
            problems.extend(found.into_iter().map(|(f, message)| Problem { key: format!("{section}.{f}"), message }));
        };
        add("money", self.money.problems());
        add("grades", self.grades.problems());
        add("preparation", self.preparation.problems());
        add("validation", self.validation.problems());
        let calibration = self.calibration.problems();
        add("calibration", calibration.into_iter().map(|p| (p.field, p.message)).collect());
        let dbn = self.dbn.check();
        let svm = self.svm.check();
        let logistic = self.logistic.check();
        let gbt = self.gbt.check();
        let found = [
            ("dbn", dbn.as_ref().err()),
            ("svm", svm.as_ref().err()),
            ("logistic", logistic.as_ref().err()),
            ("gbt", gbt.as_ref().err()),
        ];
        for (section, found) in found {
            let found = found.into_iter().flatten();
            add(section, found.map(|p| (p.field, p.message.clone())).collect());
        }
        match (dbn, svm, logistic, gbt) {
            (Ok(dbn), Ok(svm), Ok(logistic), Ok(gbt)) if problems.is_empty() => {
                Ok(RunSpec { settings: self.clone(), dbn, svm, logistic, gbt })
            }
            _ => Err(problems),
        }
    }

    /// Puts a model in or leaves it out. The order of those that stay is kept; a new one goes before the first that follows
    /// it in the usual order.
    pub fn include(&mut self, kind: ModelKind, included: bool) {
        let models = &mut self.models;
        match (included, models.contains(&kind)) {
            (true, false) => {
                let rank = |kind: ModelKind| ModelKind::ALL.iter().position(|&other| other == kind);
                let at = models.iter().position(|&other| rank(other) > rank(kind)).unwrap_or(models.len());
                models.insert(at, kind);
            }
            (false, true) => models.retain(|&other| other != kind),
            _ => {}
        }
    }

    /// Sets one field by its key, as in `dbn.layers=[64,32]` or `svm.c=10`. The value is JSON; a bare word is text. The
    /// key `preset` sets all that a [`Preset`] holds; `svm.c` and `svm.gamma` also end the search for them.
    ///
    /// # Errors
    /// When there is no such key, or the value is of the wrong kind. Ranges are judged by [`Self::check`].
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), SettingError> {
        let wrong = |why: String| SettingError::Value { key: key.to_owned(), value: value.to_owned(), why };
        if key == "preset" {
            let known = Preset::ALL.map(Preset::key).join(", ");
            Preset::from_key(value).ok_or_else(|| wrong(format!("the presets are {known}")))?.apply(self);
            return Ok(());
        }
        let mut tree = serde_json::to_value(&*self).map_err(|e| wrong(e.to_string()))?;
        let mut place = &mut tree;
        for part in key.split('.') {
            let known = match &*place {
                Value::Object(fields) => fields.keys().cloned().collect::<Vec<_>>().join(", "),
                _ => String::new(),
            };
            place = place
                .as_object_mut()
                .and_then(|fields| fields.get_mut(part))
                .ok_or_else(|| SettingError::Unknown { key: key.to_owned(), known })?;
        }
        *place = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
        *self = serde_json::from_value(tree).map_err(|e| wrong(e.to_string()))?;
        if matches!(key, "svm.c" | "svm.gamma") {
            // Given by hand, it is meant to be used.
            self.svm.tuning.on = false;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{CutoffRule, GradeMethod};
    use super::*;
    use crate::data::Fill;
    use crate::model::ClassWeight;

    #[test]
    fn one_setting_is_set_by_its_key() {
        let mut s = RunSettings::default();
        s.set("dbn.layers", "[16, 8, 4]").unwrap();
        s.set("svm.c", "10").unwrap();
        s.set("svm.gamma", "0.5").unwrap();
        s.set("logistic.class_weight", "balanced").unwrap();
        s.set("gbt.trees", "100").unwrap();
        s.set("dbn.fine_tuning.optimizer", "sgd").unwrap();
        s.set("cutoff", "bad_rate").unwrap();
        s.set("models", r#"["dbn","mlp"]"#).unwrap();
        s.set("grades.method", "drawn").unwrap();
        s.set("grades.bounds", "[0.01, 0.05, 0.1, 0.3]").unwrap();
        s.set("preparation.missing.fill", "knn").unwrap();
        s.set("preparation.drop.columns", r#"["name"]"#).unwrap();
        s.set("preparation.drop.missing_above", "0.5").unwrap();
        s.set("preparation.categories.orders", r#"{"size": ["small", "large"]}"#).unwrap();
        assert_eq!(s.dbn.layers, [16, 8, 4]);
        assert_eq!((s.svm.c, s.svm.gamma), (10.0, Some(0.5)));
        assert_eq!((s.logistic.class_weight, s.gbt.trees), (ClassWeight::Balanced, 100));
        assert_eq!(s.cutoff, Cutoff::Rule(CutoffRule::BadRate));
        assert_eq!(s.models, [ModelKind::Dbn, ModelKind::Mlp]);
        assert_eq!((s.grades.method, s.grades.bounds.len()), (GradeMethod::Drawn, 4));
        assert_eq!(s.preparation.missing.fill, Fill::Knn);
        assert_eq!((s.preparation.drop.columns.len(), s.preparation.drop.missing_above), (1, Some(0.5)));
        assert_eq!(s.preparation.categories.orders["size"], ["small", "large"]);
        let before = s.clone();
        let unknown = s.set("dbn.depth", "3").unwrap_err();
        assert!(unknown.to_string().contains("pre_training"), "{unknown}");
        assert!(matches!(s.set("svm.c", "much"), Err(SettingError::Value { .. })));
        assert!(matches!(s.set("dbn.layers.size", "3"), Err(SettingError::Unknown { .. })));
        assert!(s.set("preset", "worst").unwrap_err().to_string().contains("paper"));
        assert_eq!(s, before, "a refused value changes nothing");
        s.set("preset", "paper").unwrap();
        assert_eq!(Preset::of(&s), Some(Preset::Paper));
    }

    #[test]
    fn problems_carry_their_keys() {
        let mut s = RunSettings { models: vec![], cutoff: Cutoff::Value(1.0), ..RunSettings::default() };
        s.dbn.pre_training.momentum = 2.0;
        s.svm.c = -1.0;
        s.logistic.c = 0.0;
        s.gbt.depth = 0;
        s.validation.folds = 1;
        s.money.loss_given_default = 1.5;
        s.money.exposure = Some(f64::NAN);
        s.grades.number = 11;
        s.preparation.scale.bins = 1;
        let keys: Vec<String> = s.check().unwrap_err().into_iter().map(|p| p.key).collect();
        assert_eq!(
            keys,
            [
                "models",
                "cutoff",
                "money.loss_given_default",
                "money.exposure",
                "grades.number",
                "preparation.scale.bins",
                "validation.folds",
                "dbn.pre_training.momentum",
                "svm.c",
                "logistic.c",
                "gbt.depth",
            ]
        );
    }

    #[test]
    fn settings_survive_a_round_trip_and_a_missing_field_is_its_default() {
        let s = RunSettings { seed: u64::MAX, ..RunSettings::default() };
        let text = serde_json::to_string(&s).unwrap();
        assert_eq!(serde_json::from_str::<RunSettings>(&text).unwrap(), s);
        assert_eq!(serde_json::from_str::<RunSettings>("{}").unwrap(), RunSettings::default());
        assert!(serde_json::from_str::<RunSettings>(r#"{"sed":1}"#).is_err());
    }

    #[test]
    fn the_first_net_is_watched() {
        use ModelKind::{Dbn, Mlp, Svm};
        let watched =
            |models: &[ModelKind]| RunSettings { models: models.to_vec(), ..RunSettings::default() }.watched();
        assert_eq!([watched(&[Svm, Mlp, Dbn]), watched(&[Dbn, Mlp]), watched(&[Svm])], [Some(Mlp), Some(Dbn), None]);
    }

    #[test]
    fn models_keep_their_order_and_new_ones_find_their_place() {
        use ModelKind::{Dbn, Majority, Mlp, Svm};
        let mut settings = RunSettings { models: vec![Dbn, Majority], ..RunSettings::default() };
        settings.include(Mlp, true);
        assert_eq!(settings.models, [Dbn, Mlp, Majority]);
        settings.include(Mlp, true);
        settings.include(Dbn, false);
        settings.include(Svm, false);
        assert_eq!(settings.models, [Mlp, Majority]);
        let mut own_order = RunSettings { models: vec![Svm, Dbn], ..RunSettings::default() };
        own_order.include(Majority, true);
        assert_eq!(own_order.models, [Svm, Dbn, Majority]);
    }
}
