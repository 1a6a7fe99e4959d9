//! Histograms of the weights and biases of a layer, and of what the last update added to them.

use std::sync::Arc;

use egui::{Align2, Label, Rect, Role, Sense, Stroke, TextStyle, Ui, WidgetInfo, pos2, vec2};

use super::super::Scene;
use super::super::looking::{Guide, guide_ui, layer_name, weight_layers};
use super::LayerKey;
use crate::app::latest::Latest;
use crate::app::panels::{thousands, train::update_tone};
use crate::app::theme::{self, CARD_GAP, Palette, Tone};
use crate::app::widgets::{
    card_titled, columns, empty_state, histogram_of, histogram_table, picture_card, precise, remark, stat,
};
use crate::inspection::spread::{NumberSpread, SOUND_RATIO, UpdateSize, place_of, ratio_in_words, update_ratio};
use crate::model::Phase;
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
    /// ΔW, Δb, Δc of the machine in training; empty for other layers, and in fine-tuning, which does not keep them.
    updates: Vec<(&'static str, NumberSpread)>,
    /// Mean |ΔW| over mean |W| of the last update.
    ratio: Option<f64>,
    trained: Trained,
}

/// What is done to a layer at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trained {
    ByContrastiveDivergence,
    ByFineTuning,
    /// Nothing: another machine is in training, or the net is done.
    NotNow,
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
        let (trained, ratio) = match updates.first() {
            Some((_, w)) => (Trained::ByContrastiveDivergence, update_ratio(w, &numbers[0].1)),
            None if matches!(state.phase(), Phase::FineTuning { .. }) => {
                (Trained::ByFineTuning, state.update_ratios().get(key.layer).copied().flatten())
            }
            None => (Trained::NotNow, None),
        };
        // Before the first update all of it is 0.
        let ratio = ratio.filter(|ratio| *ratio > 0.0);
        Some(Self { key, name: layer_name(state, key.layer), numbers, updates, ratio, trained })
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
        card_titled(ui, &ratio_title(spreads), ratio_subtitle(spreads.trained), |ui| ratio_ui(ui, spreads.ratio));
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
    match spreads.trained {
        Trained::NotNow => format!("{} is not in training now: there is no update to show", spreads.name),
        Trained::ByContrastiveDivergence | Trained::ByFineTuning => ratio_in_words(spreads.ratio),
    }
}

fn ratio_subtitle(trained: Trained) -> &'static str {
    match trained {
        Trained::ByFineTuning => {
            "mean |ΔW| over mean |W| of the last update of the last epoch that was looked at; about 1e-3 is sound (H10 §7)"
        }
        Trained::ByContrastiveDivergence | Trained::NotNow => {
            "mean |ΔW| of the last update over mean |W|; about 1e-3 is sound (H10 §7)"
        }
    }
}

/// The figure, and where it stands beside the sound band on a logarithmic scale.
fn ratio_ui(ui: &mut Ui, ratio: Option<f64>) {
    let verdict = ratio.map(UpdateSize::of).map(|size| (update_tone(size), size.name()));
    let figure = ratio.map_or_else(|| "undefined".to_owned(), |ratio| format!("{ratio:.1e}"));
    stat(ui, "|ΔW| / |W|", &figure, verdict);
    let palette = Palette::of(ui);
    let font = theme::tick_font(ui);
    let line = ui.text_style_height(&TextStyle::Small);
    let (area, response) = ui.allocate_exact_size(vec2(ui.available_width(), 2.4 * line), Sense::hover());
    response.widget_info(|| {
        let [low, high] = [SOUND_RATIO.start(), SOUND_RATIO.end()].map(|end| format!("{end:.0e}"));
        let text = format!("Scale of |ΔW| / |W| from 1e-6 to 1: {figure}, the sound band is {low} to {high}");
        WidgetInfo::labeled(Role::Image, true, text)
    });
    let scale = area.with_max_y(area.bottom() - font.size - 3.0);
    let at = |share: f32| scale.left() + scale.width() * share;
    ui.painter().rect_filled(scale, 2.0, palette.plot);
    if let (Some(from), Some(to)) = (place_of(*SOUND_RATIO.start()), place_of(*SOUND_RATIO.end())) {
        let band = Rect::from_x_y_ranges(at(from)..=at(to), scale.y_range());
        ui.painter().rect_filled(band, 0.0, palette.ok.gamma_multiply(0.35));
        let words = format!("sound: {:.0e} to {:.0e}", SOUND_RATIO.start(), SOUND_RATIO.end());
        let below = pos2(band.center().x, area.bottom());
        ui.painter().text(below, Align2::CENTER_BOTTOM, words, font.clone(), palette.weak);
    }
    for (name, x, anchor) in [("1e-6", 0.0, Align2::LEFT_BOTTOM), ("1", 1.0, Align2::RIGHT_BOTTOM)] {
        ui.painter().text(pos2(at(x), area.bottom()), anchor, name, font.clone(), palette.weak);
    }
    if let Some(share) = ratio.and_then(place_of) {
        ui.painter().vline(at(share), scale.y_range(), Stroke::new(theme::line_width(ui), palette.text));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::panels::compare::tests::quick;
    use crate::app::panels::network::StateKey;
    use crate::app::panels::network::tests::Made;
    use crate::training::{ModelKind, learner};

    #[test]
    fn in_fine_tuning_the_size_of_updates_is_known_for_every_layer() {
        let made = Made::of("moons");
        let mut dbn = learner(ModelKind::Dbn, &made.fold.training, &quick().check().unwrap(), 42).unwrap();
        let state = (0..10_000).find_map(|_| {
            dbn.advance(&mut |_| ());
            dbn.state().filter(|state| !state.update_ratios().is_empty())
        });
        let state = state.expect("fine-tuning was looked at");
        for layer in 0..weight_layers(&state).len() {
            let found = Spreads::of(&state, LayerKey { state: StateKey(1), layer }).unwrap();
            assert!(found.ratio.is_some_and(|ratio| ratio > 0.0), "layer {layer}");
            assert_eq!(found.trained, Trained::ByFineTuning);
            assert!(ratio_title(&found).starts_with("The last update was "), "{}", ratio_title(&found));
        }
        let done = Spreads::of(&made.state, LayerKey { state: StateKey(1), layer: 0 }).unwrap();
        assert_eq!((done.trained, done.ratio), (Trained::NotNow, None));
    }
}
