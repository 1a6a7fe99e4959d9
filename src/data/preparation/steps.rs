//! The chain in words, for the cards of the window and for the report.

use super::settings::{CategoryMethod, Fill, OutlierMethod, PreparationSettings, ScaleMethod};

/// One step of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreparationStep {
    /// Its name, as on its card.
    pub name: &'static str,
    /// What it does, in a sentence or a few.
    pub text: String,
}

impl PreparationSettings {
    /// The steps in the order in which they are carried out.
    pub fn steps(&self) -> Vec<PreparationStep> {
        let step = |name, text| PreparationStep { name, text };
        vec![
            step("Drop", self.drop_words()),
            step("Missing", self.missing_words()),
            step("Outliers", self.outlier_words()),
            step("Scale", self.scale_words()),
            step("Categories", self.category_words()),
        ]
    }

    fn drop_words(&self) -> String {
        let names = self.drop.columns.join(", ");
        let missing = self
            .drop
            .missing_above
            .map(|most| format!("indicators with more than {} of the training cells missing", percent(most)));
        match (names.is_empty(), missing) {
            (true, None) => "Every indicator is used.".to_owned(),
            (false, None) => format!("Left out: {names}."),
            (true, Some(missing)) => format!("Left out: {missing}."),
            (false, Some(missing)) => format!("Left out: {names}; {missing}."),
        }
    }

    fn missing_words(&self) -> String {
        let missing = &self.missing;
        let taken = match missing.fill {
            Fill::Median if self.scale.method == ScaleMethod::NormalScores => {
                "take the middle rank of the training rows".to_owned()
            }
            Fill::Median => "take the median of the training rows".to_owned(),
            Fill::Mean => "take the mean of the training rows".to_owned(),
            Fill::MostFrequent => "take the commonest value of the training rows".to_owned(),
            Fill::Knn => format!("take the mean of the {} nearest training rows", missing.neighbours),
            Fill::Rbm => format!(
                "take what an RBM of the training rows expects given the rest of the row ({} sweeps of clamped Gibbs \
                 sampling, the first {} not counted)",
                missing.gibbs_burn_in + missing.gibbs_samples,
                missing.gibbs_burn_in
            ),
        };
        let flags = if missing.flags { ", and a flag says where they are" } else { "" };
        format!("Missing cells {taken}{flags}.")
    }

    fn outlier_words(&self) -> String {
        match self.outliers.method {
            OutlierMethod::None => "Values far out stay as they are.".to_owned(),
            OutlierMethod::Winsorise => format!(
                "Values outside the {} and {} quantiles of the training rows are drawn in to them.",
                percent(self.outliers.low),
                percent(self.outliers.high)
            ),
            OutlierMethod::SignedLog => "Every number x becomes sign(x)·ln(1 + |x|).".to_owned(),
        }
    }

    fn scale_words(&self) -> String {
        match self.scale.method {
            ScaleMethod::Standardise => {
                "Numbers become (x − mean) / standard deviation of the training rows.".to_owned()
            }
            ScaleMethod::Robust => "Numbers become (x − median) / interquartile range of the training rows.".to_owned(),
            ScaleMethod::ZeroToOne => {
                "Numbers become 0 at the minimum of the training rows and 1 at their maximum.".to_owned()
            }
            ScaleMethod::NormalScores => {
                "Numbers become ranks among the training rows, and ranks normal quantiles.".to_owned()
            }
            ScaleMethod::QuantileBins => format!(
                "Each number becomes {} inputs, one per quantile bin of the training rows, filled from 0 to 1 from the \
                 left.",
                self.scale.bins
            ),
        }
    }

    fn category_words(&self) -> String {
        let categories = &self.categories;
        let most = categories.max_levels;
        let rare = if categories.min_share > 0.0 {
            format!(" with at least {} of the training cells", percent(categories.min_share))
        } else {
            String::new()
        };
        let mut sentences = vec![format!(
            "Each of the {most} commonest levels of a category{rare} becomes an input; the others share one."
        )];
        if categories.method == CategoryMethod::Ordered {
            let text = "Levels that all contain numbers become one number, their place in that order.";
            sentences.push(text.to_owned());
        }
        if !categories.orders.is_empty() {
            let names: Vec<&str> = categories.orders.keys().map(String::as_str).collect();
            sentences.push(format!("By the order given, levels become one number: {}.", names.join(", ")));
        }
        sentences.join(" ")
    }
}

/// A share as a person writes it: "2.5 %".
fn percent(share: f64) -> String {
    let rounded = (share * 1e4).round() / 1e2;
    format!("{rounded} %")
}
