//! The row that is looked at and what the machines make of it on the way up and down, indicator by indicator.

use egui::{CornerRadius, Label, Rect, Sense, TextStyle, Ui, vec2};

use super::super::Scene;
use super::super::layers::row_name;
use super::super::looking::{Guide, guide_ui};
use super::work::{Back, BackShown};
use crate::app::panels::count;
use crate::app::panels::network::value_text;
use crate::app::theme::{self, CARD_GAP, Palette, Tone};
use crate::app::widgets::{Column, card_titled, data_table, precise, remark};

/// Width of a column of figures, in heights of a line.
const FIGURES: f32 = 7.0;
/// Rows of the table in view at most.
const ROWS: usize = 12;
/// An error that fills its bar: that of a standardised number which is answered by its mean.
const FULL: f64 = 1.0;

const GUIDE: Guide = Guide {
    step: 4,
    look_for: "Values that come back near what they were, and errors well below 1 where indicators hang together. A \
               reconstruction need not be perfect: it is not what contrastive divergence minimises.",
    fault: "Every row comes back as the same average firm: the hidden units carry nothing, look at the hidden picture. One \
            indicator that never comes back: it hangs together with no other, or its scale is unlike theirs.",
};

/// Draws the guide and the card.
pub(super) fn ui(ui: &mut Ui, scene: &Scene<'_>, shown: Option<&BackShown>) {
    guide_ui(ui, &GUIDE);
    ui.add_space(CARD_GAP);
    let back = match shown {
        Some(BackShown::Row(back)) => back,
        Some(BackShown::NoMachines) => {
            return said(ui, "This net was not pre-trained: it has no RBMs that could reconstruct a row.");
        }
        Some(BackShown::NoRow) => {
            return said(ui, "The row looked at takes no part in this fold: click one in the picture above.");
        }
        None => return said(ui, "The reconstruction is being worked out."),
    };
    let through = match back.n_machines {
        1 => "through RBM 1".to_owned(),
        n => format!("up through {n} RBMs"),
    };
    // The answer may be one behind the row that is asked for.
    let name = if back.key.row < scene.data.n_rows() { row_name(scene.data, back.key.row) } else { String::new() };
    let title = format!("{name}, {through} and down again");
    let subtitle = "by means on every way; error: mean (v − v′)² in prepared inputs, for a standardised number 1 is as bad as its mean";
    card_titled(ui, &title, subtitle, |ui| {
        if scene.state.network().is_some() {
            remark(ui, Tone::Info, "By the RBMs as pre-training left them: fine-tuning does not change them.");
        }
        table_ui(ui, back);
    });
}

fn said(ui: &mut Ui, words: &str) {
    card_titled(ui, "Reconstruction", "", |ui| {
        ui.add(Label::new(theme::weak(words)).wrap());
    });
}

fn table_ui(ui: &mut Ui, back: &Back) {
    let line = ui.text_style_height(&TextStyle::Body);
    let n = back.before.len();
    ui.label(theme::weak(count(n, "indicator")));
    let columns = [
        Column::text("Indicator"),
        Column::numeric("The row", FIGURES * line).tooltip("In the units of the table"),
        Column::numeric("Comes back as", FIGURES * line).tooltip("The reconstruction in the units of the table"),
        Column::numeric("Error", FIGURES * line).tooltip("(v − v′)² of the row, in prepared inputs"),
        Column::numeric("Usual error", FIGURES * line).tooltip("Its mean over a sample of training rows"),
    ];
    ui.scope(|ui| {
        ui.set_max_height((line + 12.0) * (n.min(ROWS) as f32 + 1.5));
        data_table(ui, "reconstruction", &columns, n, None, |ui, i, column| {
            let text = match column {
                0 => back.before[i].indicator.clone(),
                1 => value_text(&back.before[i]),
                2 => back.after.get(i).map_or_else(String::new, value_text),
                3 => return error_cell(ui, back.errors.get(i).copied().flatten()),
                _ => return error_cell(ui, back.usual.get(i).copied().flatten()),
            };
            ui.add(Label::new(text).truncate());
        });
    });
}

/// The figure and, before it, a bar that is full at 1.
fn error_cell(ui: &mut Ui, error: Option<f64>) {
    let palette = Palette::of(ui);
    let Some(error) = error else {
        ui.label("undefined");
        return;
    };
    ui.label(precise((error * 1e4).round() / 1e4));
    let line = ui.text_style_height(&TextStyle::Body);
    let (area, _) = ui.allocate_exact_size(vec2(2.0 * line, 0.4 * line), Sense::hover());
    ui.painter().rect_filled(area, CornerRadius::same(2), palette.line);
    let width = area.width() * (error / FULL).clamp(0.0, 1.0) as f32;
    let bar = Rect::from_min_max(area.min, area.max).with_max_x(area.left() + width);
    ui.painter().rect_filled(bar, CornerRadius::same(2), if error > FULL { palette.warn } else { palette.accent });
}
