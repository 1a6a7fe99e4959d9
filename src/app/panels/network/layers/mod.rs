//! What the layers do: a map of the rows before and after each hidden layer, and how well a straight line tells the classes
//! apart there.
//!
//! The maps are linked: a row has its place in all of them, rows that are brushed in one stand out in all, and in the table
//! below.

mod brush;
mod map;
mod table;
#[cfg(test)]
mod tests;
mod work;

use std::collections::BTreeSet;
use std::sync::Arc;

use egui::{Label, RichText, ScrollArea, TextStyle, Ui};

use self::brush::{Stroked, Tool};
use self::work::Shown;
use super::{Scene, StateKey};
use crate::app::actions::Intent;
use crate::app::latest::Latest;
use crate::app::panels::{count, thousands};
use crate::app::theme;
use crate::app::widgets::{ActionButton, Mark, Taking, card, empty_state, marks_legend, segmented};
use crate::app::workspace::Workspace;
use crate::data::Dataset;
use crate::evaluation::percent;

/// Width of a map at least, and its height at least, in lines of text.
const MAP: (f32, f32) = (15.0, 12.0);
/// Height of the table of brushed rows, in lines of text.
const TABLE: f32 = 9.0;

/// The Layers tab.
#[derive(Default)]
pub(super) struct LayersPanel {
    latest: Latest<Key, Shown>,
    tool: Tool,
    stroked: Option<Stroked>,
    /// The last row looked at that would not have been drawn.
    also: Option<usize>,
    /// Rows of the dataset that were brushed, and of which dataset.
    brushed: BTreeSet<usize>,
    brushed_of: Option<Arc<Dataset>>,
}

/// What the maps depend on.
#[derive(Clone, Copy, PartialEq)]
struct Key {
    state: StateKey,
    seed: u64,
    /// A row that is drawn beside those drawn by lot.
    also: Option<usize>,
}

impl LayersPanel {
    pub(super) fn ui(&mut self, ui: &mut Ui, scene: &Scene<'_>, _workspace: &Workspace, intents: &mut Vec<Intent>) {
        let Self { latest, tool, stroked, also, brushed, brushed_of } = self;
        if !brushed_of.as_ref().is_some_and(|of| Arc::ptr_eq(of, scene.data)) {
            brushed.clear();
            *brushed_of = Some(Arc::clone(scene.data));
            (*stroked, *also) = (None, None);
        }
        let settles = |shown: &Shown| Arc::ptr_eq(&shown.data, scene.data) && shown.settles(scene.row);
        // A row that is not drawn has to be put in, which takes all to be worked out anew; one that is changes nothing.
        if scene.data.n_rows() > work::DRAWN && !latest.newest().is_some_and(settles) {
            *also = Some(scene.row);
        }
        let key = Key { state: scene.key(), seed: scene.seed, also: *also };
        let (state, fold, data) = (Arc::clone(scene.state), Arc::clone(scene.fold), Arc::clone(scene.data));
        let work = move |stop: &_| Shown::of(&state, &fold, &data, key.also, key.seed, stop);
        let shown = latest.get(ui.ctx(), key, "layers", work);
        let Some(shown) = shown.filter(|shown| Arc::ptr_eq(&shown.data, scene.data)) else {
            empty_state(ui, "The maps are being drawn", "They need the activations of every layer.");
            return;
        };
        line_ui(ui, shown);
        tools_ui(ui, shown, tool, brushed);
        let line = ui.text_style_height(&TextStyle::Body);
        let table_height = if brushed.is_empty() { 2.0 * line } else { TABLE * line };
        let room = (ui.available_height() - table_height).max(MAP.1 * line);
        ScrollArea::vertical().id_salt("maps").max_height(room).auto_shrink(false).show(ui, |ui| {
            let asked = map::maps_ui(ui, shown, *tool, stroked, brushed, scene.row, MAP.0 * line, room);
            intents.extend(asked.map(Intent::LookAtRow));
        });
        if brushed.is_empty() {
            let look =
                if shown.draws(scene.row) { "" } else { " The row that is looked at takes no part in this fold." };
            let words = format!(
                "Drag across points to see their rows here; click one to look at its row, or go from row to row by the arrow keys while a map has the focus.{look}"
            );
            ui.add(Label::new(theme::weak(words)).wrap());
        } else {
            intents.extend(table::table_ui(ui, scene.data, brushed, scene.row).map(Intent::LookAtRow));
        }
    }
}

/// "E041 · 2022 · default = 1"; the place in the table where there are no ids.
pub(super) fn row_name(data: &Dataset, row: usize) -> String {
    let place =
        || data.source_rows.get(row).map_or_else(String::new, |place| format!("row {}", thousands(*place as usize)));
    let mut parts = vec![data.enterprise_name(row).map_or_else(place, str::to_owned)];
    parts.extend(
        data.period
            .as_ref()
            .map(|periods| periods.get(row).cloned().unwrap_or_default())
            .filter(|period| !period.is_empty()),
    );
    parts.push(
        data.label_text(row).map_or_else(|| "no label".to_owned(), |label| format!("{} = {label}", data.label_name)),
    );
    parts.join(" · ")
}

/// The AUC of a straight line, layer by layer, and what it comes to.
fn line_ui(ui: &mut Ui, shown: &Shown) {
    card(ui, |ui| {
        let taking = Taking::begin(ui, "straight line");
        ui.scope(|ui| {
            ui.set_max_width(ui.available_width() - Taking::room(ui));
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing.x = 6.0;
                ui.label(theme::semibold("AUC of a straight line on held-out rows:"));
                for (layer, line) in shown.lines.iter().enumerate() {
                    if layer > 0 {
                        ui.label(RichText::new("→").weak());
                    }
                    let auc = line.as_ref().map_or_else(|| "undefined".to_owned(), |line| format!("{:.3}", line.auc));
                    let response = ui.label(format!("{} {auc}", map::name(layer)));
                    if let Some(line) = line {
                        let range = line.interval.map_or(String::new(), |[low, high]| {
                            format!("95 % interval {low:.3} to {high:.3}; ")
                        });
                        response.on_hover_text(format!(
                            "{range}{} of the rows are on the right side. A logistic regression, fitted to the rows that the \
                             net learns from and judged on the test rows.",
                            percent(line.accuracy)
                        ));
                    }
                }
            });
        });
        ui.add(Label::new(theme::weak(shown.words.as_str())).wrap());
        taking.end_table(ui, || table::lines_table(shown));
    });
}

/// Legend, how much is drawn, the brush.
fn tools_ui(ui: &mut Ui, shown: &Shown, tool: &mut Tool, brushed: &mut BTreeSet<usize>) {
    ui.horizontal_wrapped(|ui| {
        let marks: Vec<Mark> = Mark::ALL.into_iter().filter(|mark| shown.bad.contains(&mark.0)).collect();
        marks_legend(ui, &marks);
        let drawn = shown.rows.len();
        if drawn < shown.n_rows() {
            let words = format!("{} of {} rows, drawn by lot", thousands(drawn), thousands(shown.n_rows()));
            ui.label(theme::weak(words));
        } else {
            ui.label(theme::weak(count(drawn, "row")));
        }
        segmented(ui, "Brush", tool, &[(Tool::Rectangle, "Rectangle"), (Tool::Lasso, "Lasso")]);
        let clear = ActionButton::new("Clear brush").enabled(!brushed.is_empty());
        if clear.tooltip("Forget the brushed rows").show(ui).clicked() {
            brushed.clear();
        }
    });
}
