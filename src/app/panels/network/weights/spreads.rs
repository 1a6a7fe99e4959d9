//! Histograms of the weights and biases of a layer, and of what the last update added to them.

use std::sync::Arc;

use egui::{Label, TextStyle, Ui};

use super::super::Scene;
use super::super::looking::{Guide, guide_ui, layer_name, weight_layers};
use super::LayerKey;
use crate::app::latest::Latest;
use crate::app::panels::{thousands, train::update_tone};
use crate::app::theme::{self, CARD_GAP, Tone};
use crate::app::widgets::{
    card_titled, columns, empty_state, histogram_of, histogram_table, picture_card, precise, remark, stat,
};
use crate::inspection::spread::{NumberSpread, SOUND_RATIO, UpdateSize, ratio_in_words, update_ratio};
use crate::model::dbn::NetState;

/// Height of a histogram, in heights of a line.
const HEIGHT: f32 = 6.0;

const GUIDE: Guide = Guide {
    step: 2,
    look_for: "Weights around 0 that grow slowly out of their narrow beginning, some of them clearly larger than the rest; \
               biases that move less than the weights. Updates about a thousandth of the weights (H10 §7).",
    fault: "All weights still at ±0.01: the rate is too small, or nothing arrives from below. Two heaps far from 0, or a few \
            weights far from all others: the rate is too large, or an input is not standardised. Hidden biases far below 0: \
            units that never switch on.",
};

/// The spreads of one layer.
struct Spreads {
    key: LayerKey,
    name: String,
    /// W, b, c: what they are, and of what; b is there for a machine alone.
    numbers: Vec<(&'static str, NumberSpread)>,
    /// ΔW, Δb, Δc of the machine in training; empty for other layers.
    updates: Vec<(&'static str, NumberSpread)>,
    /// Mean |ΔW| over mean |W|.
    ratio: Option<f64>,
}

impl Spreads {
    fn of(state: &NetState, key: LayerKey) -> Option<Self> {
        let layers = weight_layers(state);
        let layer = layers.get(key.layer)?;
        let mut numbers = vec![("weights W", NumberSpread::new(layer.w.iter()))];
        numbers.extend(layer.b.map(|b| ("visible biases b", NumberSpread::new(b.iter()))));
        numbers.push((if layer.b.is_some() { "hidden biases c" } else { "biases" }, NumberSpread::new(layer.c.iter())));
        let last = state.last_update().filter(|_| state.network().is_none() && state.in_training() == Some(key.layer));
        let updates = last.map_or_else(Vec::new, |last| {
            vec![
                ("updates ΔW", NumberSpread::new(last.w.iter())),
                ("updates Δb", NumberSpread::new(last.b.iter())),
                ("updates Δc", NumberSpread::new(last.c.iter())),
            ]
        });
        // Before the first update all of it is 0.
        let ratio = updates.first().and_then(|(_, w)| update_ratio(w, &numbers[0].1)).filter(|ratio| *ratio > 0.0);
        Some(Self { key, name: layer_name(state, key.layer), numbers, updates, ratio })
    }
}

/// What the view remembers.
#[derive(Default)]
pub(super) struct SpreadsView {
    latest: Latest<LayerKey, Option<Spreads>>,
}

impl SpreadsView {
    pub(super) fn ui(&mut self, ui: &mut Ui, scene: &Scene<'_>, layer: usize) {
        guide_ui(ui, &GUIDE);
        ui.add_space(CARD_GAP);
        let key = LayerKey { state: scene.key(), layer };
        let state = Arc::clone(scene.state);
        let spreads = self.latest.get(ui.ctx(), key, "histograms", move |_| Spreads::of(&state, key));
        let Some(spreads) = spreads.and_then(Option::as_ref).filter(|spreads| spreads.key.layer == layer) else {
            return empty_state(ui, "The numbers are being counted", "");
        };
        let line = ui.text_style_height(&TextStyle::Body);
        card_titled(
            ui,
            &ratio_title(spreads),
            "mean |ΔW| of the last update over mean |W|; about 1e-3 is sound (H10 §7)",
            |ui| {
                let verdict = spreads.ratio.map(UpdateSize::of).map(|size| (update_tone(size), size.name()));
                let figure = spreads.ratio.map_or_else(|| "undefined".to_owned(), |ratio| format!("{ratio:.1e}"));
                stat(ui, "|ΔW| / |W|", &figure, verdict);
                let band = format!("{:.0e} to {:.0e}", SOUND_RATIO.start(), SOUND_RATIO.end());
                stat(ui, "Sound band", &band, None);
            },
        );
        for of in [&spreads.numbers, &spreads.updates] {
            if of.is_empty() {
                continue;
            }
            ui.add_space(CARD_GAP);
            // The card's margins, its two lines of title, the histogram and one line of remark.
            let height = (HEIGHT + 3.0) * line + 40.0;
            columns(ui, of.len(), height, |ui, column| one_ui(ui, &spreads.name, &of[column], HEIGHT * line));
        }
    }
}

fn ratio_title(spreads: &Spreads) -> String {
    if spreads.updates.is_empty() {
        format!("{} is not in training by contrastive divergence: there is no update to show", spreads.name)
    } else {
        ratio_in_words(spreads.ratio)
    }
}

fn one_ui(ui: &mut Ui, layer: &str, (what, spread): &(&str, NumberSpread), height: f32) {
    let mean = spread.mean_size.map_or_else(|| "undefined".to_owned(), precise);
    let title = format!("{layer}, {what}");
    let subtitle = format!("{} numbers, mean size {mean}", thousands(spread.n));
    let numbers = || histogram_table(&title, "Numbers", spread.histogram.as_ref());
    picture_card(ui, &title, [&title, &subtitle], numbers, |ui| {
        match &spread.histogram {
            Some(found) => {
                histogram_of(ui, "number", &title, found, &[(0.0, "zero at")], height);
            }
            None => {
                ui.add(Label::new(theme::weak("Undefined: there is no finite number.")).wrap());
            }
        }
        if spread.ran_away > 0 {
            remark(ui, Tone::Bad, format!("{} are not finite: they ran away.", thousands(spread.ran_away)));
        }
    });
}
