//! Figures of a comparison as SVG: for the report, for exports and for papers. White ground, black text, no title (a caption
//! says more); every model has a colour, a dash and a marker of its own, as in the window.

mod bars;
mod calls;
mod explained;
mod findings;
mod folds;
mod plot;
mod ranking;
mod svg;
mod waterfall;

pub use self::waterfall::{PlacedRow, Waterfall, WaterfallRow, WaterfallStep, points};

use self::bars::Bars;
pub(super) use self::explained::{dependence, importance};
pub(super) use self::findings::{drift, grades, study};
use self::plot::{Look, Plot};
use self::svg::Marker;
use super::sentence_case;
use crate::training::{Analysis, Comparison, Curve, ModelKind, RunSettings};

/// A figure of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// Accuracy of DBN and SVM in every fold, Figure 2 of the paper; of the first two models where one of them was not
    /// compared.
    AccuracyByFold,
    /// A curve of every model's ranking: the mean over the folds, with a band of one standard deviation around the first two.
    Curve(Curve),
    /// Predicted against observed, with intervals for the first two models.
    Reliability,
    /// Probabilities of good and of bad rows under one model, with its cut-off.
    Scores(ModelKind),
    /// Mean cost of a row against the threshold, with the cut-off of each model marked.
    Cost,
}

impl Figure {
    /// Every figure of these models, in the order of the report.
    pub fn all(models: &[ModelKind]) -> Vec<Self> {
        let curves = Curve::ALL.map(Self::Curve);
        let scores = models.iter().copied().filter(|kind| *kind != ModelKind::Majority).map(Self::Scores);
        std::iter::once(Self::AccuracyByFold)
            .chain(curves)
            .chain([Self::Reliability])
            .chain(scores)
            .chain([Self::Cost])
            .collect()
    }

    /// The name of a file for it, without its ending.
    pub fn file_stem(self) -> String {
        match self {
            Self::AccuracyByFold => "accuracy_by_fold".to_owned(),
            Self::Curve(curve) => match curve {
                Curve::Roc => "roc".to_owned(),
                Curve::PrecisionRecall => "precision_recall".to_owned(),
                Curve::Gains => "gains".to_owned(),
                Curve::Lift => "lift".to_owned(),
                Curve::Ks => "ks".to_owned(),
            },
            Self::Reliability => "reliability".to_owned(),
            Self::Scores(kind) => format!("scores_{}", kind.key()),
            Self::Cost => "cost".to_owned(),
        }
    }

    /// What stands below it: what is shown, of which rows.
    pub fn caption(self) -> String {
        let mean = "mean over the folds, with ± one standard deviation for the first two models";
        match self {
            Self::AccuracyByFold => "Accuracy by fold.".to_owned(),
            Self::Curve(Curve::Roc) => format!("ROC curves: {mean}."),
            Self::Curve(Curve::PrecisionRecall) => {
                format!("Precision and recall of the bad class: {mean}. The dashed line is the share of bad rows.")
            }
            Self::Curve(Curve::Gains) => format!("Gains: bad rows found among the riskiest; {mean}."),
            Self::Curve(Curve::Lift) => {
                format!("Lift: how many times the average share of bad rows is among the riskiest; {mean}.")
            }
            Self::Curve(Curve::Ks) => {
                format!("Kolmogorov–Smirnov: bad rows found less good rows refused; {mean}.")
            }
            Self::Reliability => {
                "Reliability: mean probability and observed share of bad rows, in bins of about as many held-out rows each, \
                 with 95 % Jeffreys intervals for the first two models. On the dashed line what is said comes true."
                    .to_owned()
            }
            Self::Scores(kind) => format!(
                "{}: probabilities of the bad outcome given to good and to bad held-out rows, as shares of each class, with \
                 the cut-off.",
                sentence_case(kind.title())
            ),
            Self::Cost => {
                "Mean cost of a held-out row against the threshold; the marker is the cut-off of each model.".to_owned()
            }
        }
    }
}

/// A figure that has all it shows, and as yet no size.
#[derive(Clone, Debug)]
pub struct Picture {
    /// The name of a file for it, without its ending.
    pub name: String,
    /// What stands below it: what is shown, of which rows.
    pub caption: String,
    drawing: Drawing,
}

#[derive(Clone, Debug)]
enum Drawing {
    Plot(Plot),
    Bars(Bars),
}

impl Picture {
    /// A figure of a comparison. `analysis` is needed for [`Figure::Reliability`] alone. A figure with nothing to show says so.
    pub fn of(figure: Figure, comparison: &Comparison, analysis: Option<&Analysis>, settings: &RunSettings) -> Self {
        let plot = match figure {
            Figure::AccuracyByFold => folds::accuracy(comparison),
            Figure::Curve(curve) => ranking::curve(comparison, curve),
            Figure::Reliability => ranking::reliability(comparison, analysis),
            Figure::Scores(kind) => calls::scores(comparison, kind, settings),
            Figure::Cost => calls::cost(comparison, settings),
        };
        Self { name: figure.file_stem(), caption: figure.caption(), drawing: Drawing::Plot(plot) }
    }

    /// As an SVG document of `size` pixels (width, height; from 200 × 150 it can be read).
    pub fn svg(&self, size: [u32; 2]) -> String {
        let size = size.map(|side| side.clamp(50, 20_000));
        match &self.drawing {
            Drawing::Plot(plot) => plot.draw(size),
            Drawing::Bars(bars) => bars.draw(size),
        }
    }
}

/// [`Picture::of`] as an SVG document of `size` pixels.
pub fn figure_svg(
    figure: Figure,
    comparison: &Comparison,
    analysis: Option<&Analysis>,
    settings: &RunSettings,
    size: [u32; 2],
) -> String {
    Picture::of(figure, comparison, analysis, settings).svg(size)
}

/// How a model looks, as in the light theme of the window: hues of Okabe & Ito, darkened for a white ground.
fn look(kind: ModelKind) -> Look {
    let (color, dash, marker) = match kind {
        ModelKind::Dbn => ("#b87400", None, Marker::Circle),
        ModelKind::Svm => ("#1f7fb8", Some([8.0, 4.0]), Marker::Square),
        ModelKind::Mlp => ("#00805f", Some([4.5, 3.0]), Marker::Diamond),
        ModelKind::Gbt => ("#b34e00", Some([13.0, 4.0]), Marker::Up),
        ModelKind::Logistic => ("#a34d7f", Some([1.8, 2.7]), Marker::Plus),
        ModelKind::Majority => ("#777f8c", Some([1.8, 4.7]), Marker::Cross),
    };
    Look { color, width: 1.8, dash, marker }
}

#[cfg(test)]
mod tests;
