//! The Hinton diagram of one layer: rows named, units in an order that one chooses, biases in the margins.

use std::sync::Arc;

use egui::{Label, ScrollArea, TextStyle, Ui};
use ndarray::Array1;

use super::super::Scene;
use super::super::looking::{
    Guide, WeightLayer, dataset_rows, guide_ui, layer_name, lower_name, sampled, skip_in_words, upper_name,
    weight_layers,
};
use super::LayerKey;
use crate::app::latest::Latest;
use crate::app::panels::{count, thousands};
use crate::app::theme::{self, CARD_GAP};
use crate::app::widgets::{Biases, Hinton, Pointed, empty_state, matrix_table, picture_card, precise, segmented};
use crate::data::Dataset;
use crate::inspection::hidden::training_rows;
use crate::inspection::weights::{UnitFacts, UnitOrder};
use crate::model::dbn::NetState;
use crate::training::PreparedFold;

/// Rows over which usage and association are taken.
const SAMPLE: usize = 1000;
/// Side of a cell at least, and at most, in heights of a line.
const CELL: (f32, f32) = (0.75, 1.7);

const GUIDE: Guide = Guide {
    step: 3,
    look_for: "Units that differ from each other: each a pattern of a few large weights, filled and hollow. Sorted by the \
               association with bad rows, the units at the two ends tell what the layer holds for and against a firm.",
    fault: "Columns that all look alike: units that learn the same, try a smaller rate or a sparsity target. Columns without \
            any square: units that have not learned. A row that is large in every column: an indicator on a scale of its own, \
            or with extreme values.",
};

/// A layer with what is known of its units.
struct Known {
    key: LayerKey,
    /// What it is of: drawn together, so that an older answer is right in itself.
    state: Arc<NetState>,
    facts: UnitFacts,
    /// The largest size of a weight, and of a bias.
    largest: [f32; 2],
    /// Rows over which usage and association are taken.
    n_rows: usize,
}

impl Known {
    fn of(state: &Arc<NetState>, fold: &PreparedFold, data: &Dataset, key: LayerKey, seed: u64) -> Option<Self> {
        let layers = weight_layers(state);
        let layer = layers.get(key.layer)?;
        let places = sampled(fold, SAMPLE, seed);
        let x = training_rows(&fold.training, &places);
        let bad: Vec<Option<bool>> = dataset_rows(fold, &places).into_iter().map(|row| data.bad[row]).collect();
        let h = if layer.is_output {
            // What the classes are given: probabilities.
            Some(state.classifier().probabilities(x.view()).mapv(|p| p as f32))
        } else {
            state.hidden(&x, key.layer)
        };
        let facts = UnitFacts::new(layer.w, &h?, &bad);
        let size = |most: f32, x: &f32| most.max(x.abs());
        let largest_bias = layer.b.into_iter().flatten().chain(layer.c).fold(1e-6, size);
        let largest = [layer.w.iter().fold(1e-6, size), largest_bias];
        Some(Self { key, facts, largest, n_rows: places.len(), state: Arc::clone(state) })
    }
}

/// What the view remembers.
#[derive(Default)]
pub(super) struct HintonView {
    order: UnitOrder,
    latest: Latest<LayerKey, Option<Known>>,
}

impl HintonView {
    pub(super) fn ui(&mut self, ui: &mut Ui, scene: &Scene<'_>, layer: usize) {
        guide_ui(ui, &GUIDE);
        ui.add_space(CARD_GAP / 2.0);
        let orders = [
            (UnitOrder::AsTheyAre, "as they are"),
            (UnitOrder::Strength, "strength"),
            (UnitOrder::Usage, "usage"),
            (UnitOrder::Association, "association with bad"),
        ];
        ui.horizontal_wrapped(|ui| {
            ui.label("Units by");
            segmented(ui, "Units by", &mut self.order, &orders).on_hover_text(
                "Strength: length of the unit's weights. Usage: mean activation over rows. Association: correlation of the \
                 activation with the bad outcome, from what speaks for bad to what speaks against it.",
            );
        });
        let key = LayerKey { state: scene.key(), layer };
        let (state, fold, data) = (Arc::clone(scene.state), Arc::clone(scene.fold), Arc::clone(scene.data));
        let seed = scene.seed;
        let known = self.latest.get(ui.ctx(), key, "units", move |_| Known::of(&state, &fold, &data, key, seed));
        let Some(known) = known.and_then(Option::as_ref).filter(|known| known.key.layer == layer) else {
            return empty_state(ui, "The units are being looked at", "");
        };
        let layers = weight_layers(&known.state);
        let Some(shown) = layers.get(layer) else { return };
        diagram_ui(ui, scene, known, shown, self.order);
    }
}

fn diagram_ui(ui: &mut Ui, scene: &Scene<'_>, known: &Known, layer: &WeightLayer<'_>, order: UnitOrder) {
    let (rows, columns) = layer.w.dim();
    let units = known.facts.ordered(order);
    let l = known.key.layer;
    let name = layer_name(&known.state, l);
    let title = format!("{name}: {} × {}", count(rows, "input"), count(columns, "unit"));
    let subtitle =
        "area is size, filled is positive, hollow is negative; biases in the margins, on a scale of their own";
    let line = ui.text_style_height(&TextStyle::Body);
    let names: Vec<String> = (0..rows).map(|row| lower_name(scene, l, layer, row)).collect();
    let numbers = || {
        let units_named = units.iter().map(|&unit| upper_name(scene, layer, unit));
        let caption = format!("{title}: weights.");
        matrix_table(&name, &caption, ("Input", &names), units_named, |i, place| layer.w[[i, units[place]]])
    };
    picture_card(ui, &format!("weights of {name}"), [&title, subtitle], numbers, |ui| {
        if let Some(words) = skip_in_words(&known.state).filter(|_| layer.is_output) {
            ui.add(Label::new(theme::weak(words)).wrap());
        }
        let room = ui.available_size();
        let fitting =
            ((room.x - 12.0 * line) / (columns as f32 + 2.0)).min((room.y - 2.5 * line) / (rows as f32 + 2.0));
        let cell = fitting.clamp(CELL.0 * line, CELL.1 * line).floor();
        let column = |bias: &Array1<f32>, unit: usize| bias.get(unit).copied().unwrap_or(f32::NAN);
        let of_row = |row: usize| layer.b.map_or(f32::NAN, |b| column(b, row));
        let of_column = |place: usize| column(layer.c, units[place]);
        let hinton = Hinton {
            name: &format!("Weights of {name}"),
            shape: (rows, units.len()),
            weight: &|i, place| layer.w[[i, units[place]]],
            largest: known.largest[0],
            cell,
            names: &names,
            biases: Some(Biases {
                rows: layer.b.is_some().then_some(&of_row),
                columns: &of_column,
                largest: known.largest[1],
            }),
        };
        let height = (room.y - 2.5 * line).max(10.0 * line);
        let scrolled = ScrollArea::both().id_salt("hinton").max_height(height).show(ui, |ui| hinton.show(ui));
        let (response, pointed) = scrolled.inner;
        let view = scrolled.inner_rect.size();
        let fits = |all: f32, seen: f32| all <= seen + 1.0;
        if !fits(scrolled.content_size.x, view.x) || !fits(scrolled.content_size.y, view.y) {
            let seen = |room: f32, n: usize| ((room / cell) as usize).min(n);
            let words = format!(
                "About {} of {} inputs and {} of {} units are in view: scroll to see the others.",
                thousands(seen(view.y, rows)),
                thousands(rows),
                thousands(seen(view.x - 8.0 * line, columns)),
                thousands(columns),
            );
            ui.add(Label::new(theme::weak(words)).wrap());
        }
        if let Some(pointed) = pointed {
            let unit = |place: usize| upper_name(scene, layer, units[place]);
            let text = match pointed {
                Pointed::Weight(i, place) => {
                    let weight = signed(layer.w[[i, units[place]]]);
                    format!("{} → {}: {weight}\n{}", names[i], unit(place), facts_in_words(known, units[place]))
                }
                Pointed::RowBias(i) => format!("bias of {}: {}", names[i], signed(of_row(i))),
                Pointed::ColumnBias(place) => {
                    let bias = signed(of_column(place));
                    format!("bias of {}: {bias}\n{}", unit(place), facts_in_words(known, units[place]))
                }
            };
            response.on_hover_text_at_pointer(text);
        }
    });
}

/// "+0.42", with a true minus; "not a number" as it is.
pub(super) fn signed(weight: f32) -> String {
    let sign = if weight > 0.0 { "+" } else { "" };
    format!("{sign}{}", precise(f64::from(weight)))
}

fn facts_in_words(known: &Known, unit: usize) -> String {
    let of = |facts: &[Option<f64>]| match facts.get(unit).copied().flatten() {
        Some(x) => format!("{x:.2}").replace('-', "−"),
        None => "undefined".to_owned(),
    };
    let UnitFacts { strength, usage, association } = &known.facts;
    format!(
        "strength {}, usage {}, association with bad {}, over {}",
        of(strength),
        of(usage),
        of(association),
        count(known.n_rows, "training row")
    )
}
