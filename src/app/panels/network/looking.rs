//! What the Weights and the Hidden units tab share: the layers of a net as it is at the moment, a fixed sample of rows, and
//! cards that say in which order to look and what a fault looks like (Yosinski & Lipson 2012).

use ndarray::{Array1, Array2, s};

use egui::{CollapsingHeader, Label, Ui};

use super::Scene;
use crate::app::theme;
use crate::app::widgets::{card, segmented};
use crate::data::Dataset;
use crate::inspection::map::rows_to_draw;
use crate::model::dbn::NetState;
use crate::model::network::{Activation, Layer};
use crate::model::rbm::{Hidden, Rbm};
use crate::training::PreparedFold;

/// One layer of weights as it stands.
#[derive(Clone, Copy)]
pub(super) struct WeightLayer<'a> {
    /// `(n_in, n_units)`; of a joint machine the last `n_classes` rows are of its label units.
    pub(super) w: &'a Array2<f32>,
    /// Visible biases, `n_in`, where it is a machine.
    pub(super) b: Option<&'a Array1<f32>>,
    /// Biases of its units, `n_units`.
    pub(super) c: &'a Array1<f32>,
    /// Label units among the rows.
    pub(super) n_classes: usize,
    /// Whether its units are the classes.
    pub(super) is_output: bool,
}

impl WeightLayer<'_> {
    /// Rows before the label units.
    pub(super) fn n_features(&self) -> usize {
        self.w.nrows().saturating_sub(self.n_classes)
    }

    /// Weights without those of label units.
    pub(super) fn features(&self) -> Array2<f32> {
        self.w.slice(s![..self.n_features(), ..]).to_owned()
    }
}

/// The layers from the lowest: of the feed-forward net once it is there, else the machines.
pub(super) fn weight_layers(state: &NetState) -> Vec<WeightLayer<'_>> {
    let Some(network) = state.network() else {
        let machines = state.machines().iter();
        return machines
            .map(|Rbm { w, b, c, n_classes, .. }| {
                let b = Some(b);
                WeightLayer { w, b, c, n_classes: *n_classes, is_output: false }
            })
            .collect();
    };
    let last = network.layers.len().saturating_sub(1);
    let layers = network.layers.iter().enumerate();
    layers.map(|(l, Layer { w, b })| WeightLayer { w, b: None, c: b, n_classes: 0, is_output: l == last }).collect()
}

/// What kind the hidden units of a layer are.
pub(super) fn hidden_kind(state: &NetState, layer: usize) -> Hidden {
    match state.network() {
        Some(network) => match network.activation {
            Activation::Logistic => Hidden::Bernoulli,
            Activation::Identity => Hidden::Gaussian,
            Activation::Rectified => Hidden::Rectified,
        },
        None => state.machines().get(layer).map_or(Hidden::Bernoulli, |rbm| rbm.hidden),
    }
}

/// What pictures of weights leave out of a net with a skip input; `None` where there is nothing.
pub(super) fn skip_in_words(state: &NetState) -> Option<&'static str> {
    state.network()?.skip.as_ref()?;
    Some("The skip input, which leads from the inputs to the output past the hidden layers, is not drawn.")
}

/// "RBM 1" before fine-tuning, "Layer 1" and "Output" from then on.
pub(super) fn layer_name(state: &NetState, layer: usize) -> String {
    match state.network() {
        Some(network) if layer + 1 == network.layers.len() => "Output".to_owned(),
        Some(_) => format!("Layer {}", layer + 1),
        None => format!("RBM {}", layer + 1),
    }
}

/// The name of unit `unit` on the lower side of layer `layer`: an input, a hidden unit of the layer below, or a label unit.
pub(super) fn lower_name(scene: &Scene<'_>, layer: usize, of: &WeightLayer<'_>, unit: usize) -> String {
    if unit >= of.n_features() {
        return format!("label: {}", class_name(scene.data, unit - of.n_features()));
    }
    if layer > 0 {
        return format!("unit {}", unit + 1);
    }
    scene.fold.preparation.input_names().get(unit).map_or_else(|| format!("input {}", unit + 1), Clone::clone)
}

/// The name of a unit of layer `of`.
pub(super) fn upper_name(scene: &Scene<'_>, of: &WeightLayer<'_>, unit: usize) -> String {
    if of.is_output { class_name(scene.data, unit) } else { format!("unit {}", unit + 1) }
}

/// Learners know two classes: the bad one is 1.
fn class_name(data: &Dataset, class: usize) -> String {
    if class == 1 { format!("bad ({} = {})", data.label_name, data.bad_value) } else { "good".to_owned() }
}

/// A choice between the first `n` layers, nothing where there is only one; the layer to be shown.
pub(super) fn layer_choice(ui: &mut Ui, state: &NetState, n: usize, layer: &mut usize) -> usize {
    // A moment with fewer layers does not change what was chosen.
    let before = (*layer).min(n.saturating_sub(1));
    if n < 2 {
        return before;
    }
    let mut shown = before;
    let names: Vec<String> = (0..n).map(|l| layer_name(state, l)).collect();
    let options: Vec<(usize, &str)> = names.iter().enumerate().map(|(l, name)| (l, name.as_str())).collect();
    segmented(ui, "Layer", &mut shown, &options);
    if shown != before {
        *layer = shown;
    }
    shown
}

/// A fixed sample of the rows that pre-training sees: places among them, those with a label first, ascending. The same
/// seed gives the same rows at every moment.
pub(super) fn sampled(fold: &PreparedFold, most: usize, seed: u64) -> Vec<usize> {
    let (labelled, all) = (fold.train_rows.len(), fold.train_rows.len() + fold.unlabelled_rows.len());
    let (labelled, unlabelled): (Vec<usize>, Vec<usize>) = ((0..labelled).collect(), (labelled..all).collect());
    rows_to_draw(&labelled, &unlabelled, most, seed)
}

/// The rows of the dataset at places among those that pre-training sees.
pub(super) fn dataset_rows(fold: &PreparedFold, places: &[usize]) -> Vec<usize> {
    let n = fold.train_rows.len();
    let row = |place: usize| if place < n { fold.train_rows.get(place) } else { fold.unlabelled_rows.get(place - n) };
    places.iter().filter_map(|&place| row(place).copied()).collect()
}

/// One step of the order of looking.
#[derive(Clone, Copy)]
pub(super) struct Guide {
    /// Its place: hidden picture, histograms, weights, reconstructions.
    pub(super) step: usize,
    /// What a sound net shows.
    pub(super) look_for: &'static str,
    /// What a fault looks like, and what to do.
    pub(super) fault: &'static str,
}

const STEPS: [&str; 4] = ["hidden picture", "histograms", "weights", "reconstructions"];

/// A card that unfolds: what to look for, and what a fault looks like.
pub(super) fn guide_ui(ui: &mut Ui, guide: &Guide) {
    card(ui, |ui| {
        let title = format!("What to look for ({} of {})", guide.step, STEPS.len());
        CollapsingHeader::new(theme::semibold(title)).id_salt(("guide", guide.step)).show(ui, |ui| {
            ui.add(Label::new(guide.look_for).wrap());
            ui.label(theme::semibold("What a fault looks like"));
            ui.add(Label::new(guide.fault).wrap());
            let order = format!(
                "The order of looking: {}. Fix the first plot that looks wrong: those after it follow from it (Yosinski & \
                 Lipson 2012).",
                STEPS.join(", ")
            );
            ui.add(Label::new(theme::weak(order)).wrap());
        });
    });
}
