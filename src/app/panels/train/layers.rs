//! The net as bars, one for each layer, higher for more units; hidden layers can be dragged, typed, added and removed.

use egui::{Align, Align2, CornerRadius, CursorIcon, Layout, Rect, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use crate::app::theme::{self, Palette};
use crate::app::widgets::{ActionButton, Field, Icon, card};
use crate::model::dbn::{MAX_LAYERS, MAX_UNITS};

const PICTURE: f32 = 92.0;

/// Shows and edits the hidden layers. Returns the changed list.
pub(super) fn ui(ui: &mut Ui, layers: &[usize], n_inputs: Option<usize>, error: Option<&str>) -> Option<Vec<usize>> {
    let mut edited = layers.to_vec();
    card(ui, |ui| {
        picture(ui, &mut edited, n_inputs);
        ui.add_space(4.0);
        let mut remove = None;
        let removable = edited.len() > 1;
        for (l, units) in edited.iter_mut().enumerate() {
            let height = ui.spacing().interact_size.y;
            let (row, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
            let (mut field, button) = row.split_left_right_at_x(row.right() - 36.0);
            // On the button's line of text.
            field.min.y += 4.0;
            ui.scope_builder(UiBuilder::new().max_rect(field), |ui| {
                let name = format!("RBM {} units", l + 1);
                Field::new(&name, units, 1..=MAX_UNITS)
                    .without_track()
                    .tooltip("Hidden units of this layer; drag the bar above or type")
                    .show(ui);
            });
            let corner = UiBuilder::new().max_rect(button).layout(Layout::right_to_left(Align::Center));
            ui.scope_builder(corner, |ui| {
                let name = format!("Remove RBM {}", l + 1);
                if ActionButton::icon(Icon::Close, &name).enabled(removable).show(ui).clicked() {
                    remove = Some(l);
                }
            });
        }
        if let Some(l) = remove {
            edited.remove(l);
        }
        if let Some(error) = error {
            let color = Palette::of(ui).bad;
            ui.label(theme::weak(error).color(color));
        }
        let room = edited.len() < MAX_LAYERS;
        let add = ActionButton::new("Add a layer").enabled(room).tooltip("One more RBM on top, half as wide");
        if add.show_wide(ui).clicked() {
            let above = edited.last().map_or(32, |n| (n / 2).max(2));
            edited.push(above);
        }
    });
    (edited != layers).then_some(edited)
}

/// Height of a bar for this many units, of `most` in the widest layer: the same step for every doubling.
fn bar_height(units: usize, most: usize) -> f32 {
    let steps = |n: usize| (n.max(1) as f32).log2() + 1.0;
    (PICTURE - 22.0) * steps(units) / steps(most)
}

fn picture(ui: &mut Ui, layers: &mut [usize], n_inputs: Option<usize>) {
    let palette = Palette::of(ui);
    let (area, _) = ui.allocate_exact_size(vec2(ui.available_width(), PICTURE), Sense::hover());
    let columns = layers.len() + 2;
    let step = area.width() / columns as f32;
    let middle = area.top() + (PICTURE - 18.0) / 2.0;
    let most = layers.iter().copied().chain(n_inputs).fold(32, usize::max);
    let bar_at = |i: usize, units: usize| {
        let size = vec2((step * 0.6).min(26.0), bar_height(units, most).max(16.0));
        Rect::from_center_size(pos2(area.left() + (i as f32 + 0.5) * step, middle), size)
    };
    let font = theme::tick_font(ui);
    let draw = |ui: &Ui, rect: Rect, fill: egui::Color32, text: egui::Color32, units: String, name: &str| {
        ui.painter().rect_filled(rect, CornerRadius::same(3), fill);
        ui.painter().text(rect.center(), Align2::CENTER_CENTER, units, font.clone(), text);
        let below = pos2(rect.center().x, area.bottom());
        ui.painter().text(below, Align2::CENTER_BOTTOM, name, font.clone(), palette.weak);
    };
    let inputs = n_inputs.map_or("?".to_owned(), |n| n.to_string());
    draw(ui, bar_at(0, n_inputs.unwrap_or(8)), palette.line, palette.text, inputs, "inputs");
    draw(ui, bar_at(columns - 1, 2), palette.line, palette.text, "2".to_owned(), "classes");
    for (l, units) in layers.iter_mut().enumerate() {
        let rect = bar_at(l + 1, *units);
        let grip = Rect::from_center_size(rect.center(), vec2(rect.width(), PICTURE - 20.0));
        let id = ui.scope_id().with(("layer bar", l));
        let response = ui.interact(grip, id, Sense::drag()).on_hover_cursor(CursorIcon::ResizeVertical);
        response.widget_info(|| WidgetInfo::slider(true, *units as f64, format!("RBM {} bar", l + 1)));
        if response.dragged() {
            // One doubling for each ninth of the picture; up is more. The part of a unit that is left over is kept.
            let exact = ui.data(|d| d.get_temp::<f32>(id)).unwrap_or(*units as f32);
            let exact = (exact * 2f32.powf(-response.drag_delta().y / 9.0)).clamp(1.0, MAX_UNITS as f32);
            ui.data_mut(|d| d.insert_temp(id, exact));
            *units = exact.round() as usize;
        } else {
            ui.data_mut(|d| d.remove::<f32>(id));
        }
        let name = format!("RBM {}", l + 1);
        draw(ui, bar_at(l + 1, *units), palette.layer(l), palette.plot, units.to_string(), &name);
        response.on_hover_text(format!("{name}: {units} hidden units. Drag up or down."));
    }
}
