//! Small ways to say how things stand: dots, bars, figures with a verdict, notices, and what to say when there is nothing.

use egui::{Align, Color32, CornerRadius, Frame, Label, Layout, Margin, Rect, Response, Role, Sense, Stroke, Ui, vec2};

use super::button::ActionButton;
use super::icon::Icon;
use crate::app::theme::{self, CARD_RADIUS, Palette, Tone};

/// A dot of a model's or a state's colour before its name.
pub(crate) fn status_dot(ui: &mut Ui, color: Color32, text: &str) -> Response {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 7.0;
        dot(ui, color);
        ui.add(Label::new(text).truncate())
    })
    .inner
}

fn dot(ui: &mut Ui, color: Color32) {
    let height = ui.text_style_height(&egui::TextStyle::Body);
    let (rect, _) = ui.allocate_exact_size(vec2(9.0, height), Sense::hover());
    ui.painter().circle_filled(rect.center(), 4.5, color);
}

/// A bar filled from the left by `fraction` (0 to 1, cut to that range), as wide as the room there is. Read out as
/// `name` and a percentage.
pub(crate) fn meter(ui: &mut Ui, name: &str, fraction: f64, color: Color32) -> Response {
    let fraction = if fraction.is_finite() { fraction.clamp(0.0, 1.0) } else { 0.0 };
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 6.0), Sense::hover());
    response.widget_info(|| {
        let mut info = egui::WidgetInfo::labeled(Role::ProgressIndicator, true, name);
        info.value = Some((fraction * 100.0).round());
        info
    });
    let radius = CornerRadius::same(3);
    ui.painter().rect_filled(rect, radius, Palette::of(ui).line);
    if fraction > 0.0 {
        let width = (rect.width() * fraction as f32).max(rect.height());
        ui.painter().rect_filled(Rect::from_min_size(rect.min, vec2(width, rect.height())), radius, color);
    }
    response
}

/// A model's line in a score card: dot, name and figure, a bar under them, and a weak remark under that.
pub(crate) fn meter_row(ui: &mut Ui, color: Color32, name: &str, figure: &str, fraction: f64, remark: &str) {
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 3.0;
        let row = vec2(ui.available_width(), ui.text_style_height(&egui::TextStyle::Body));
        ui.allocate_ui_with_layout(row, Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().interact_size.y = row.y;
            ui.label(theme::semibold(figure));
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| status_dot(ui, color, name));
        });
        meter(ui, name, fraction, color);
        if !remark.is_empty() {
            ui.add(Label::new(theme::weak(remark)).truncate());
        }
    });
}

/// A line of a health card: what it is, its figure, and a verdict with its symbol in the colour of the news.
pub(crate) fn stat(ui: &mut Ui, name: &str, figure: &str, verdict: Option<(Tone, &str)>) {
    let row = vec2(ui.available_width(), ui.text_style_height(&egui::TextStyle::Body));
    ui.allocate_ui_with_layout(row, Layout::right_to_left(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        if let Some((tone, words)) = verdict {
            ui.label(egui::RichText::new(words).color(Palette::of(ui).tone(tone)));
            symbol(ui, tone, 11.0);
            ui.add_space(6.0);
        }
        ui.label(figure);
        ui.add_space(4.0);
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| ui.add(Label::new(name).truncate()));
    });
}

/// A sentence in small type with the symbol of its news before it, wrapped in the room there is.
pub(crate) fn remark(ui: &mut Ui, tone: Tone, text: impl Into<egui::RichText>) {
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 7.0;
        let height = ui.text_style_height(&egui::TextStyle::Small);
        let (rect, _) = ui.allocate_exact_size(vec2(12.0, height), Sense::hover());
        icon(tone).paint(ui.painter(), rect, Palette::of(ui).tone(tone));
        ui.add(Label::new(text.into().small()).wrap());
    });
}

fn icon(tone: Tone) -> Icon {
    match tone {
        Tone::Ok => Icon::Check,
        Tone::Warn => Icon::Warning,
        Tone::Bad => Icon::Error,
        Tone::Info => Icon::Info,
    }
}

fn symbol(ui: &mut Ui, tone: Tone, side: f32) {
    let height = ui.text_style_height(&egui::TextStyle::Body);
    let (rect, _) = ui.allocate_exact_size(vec2(side, height), Sense::hover());
    icon(tone).paint(ui.painter(), rect, Palette::of(ui).tone(tone));
}

/// A message across the room there is: symbol, words, and a cross to dismiss it. Returns whether it was dismissed.
pub(crate) fn notice(ui: &mut Ui, tone: Tone, text: &str) -> bool {
    let palette = Palette::of(ui);
    let color = palette.tone(tone);
    Frame::new()
        .fill(palette.card.lerp_to_gamma(color, 0.10))
        .stroke(Stroke::new(1.0, palette.line.lerp_to_gamma(color, 0.55)))
        .corner_radius(CARD_RADIUS)
        .inner_margin(Margin::symmetric(12, 6))
        .show(ui, |ui| {
            let room = ui.available_width();
            ui.horizontal(|ui| {
                symbol(ui, tone, 14.0);
                let words = room - 14.0 - 24.0 - 2.0 * ui.spacing().item_spacing.x;
                ui.scope(|ui| {
                    ui.set_width(words.max(40.0));
                    ui.add(Label::new(text).wrap());
                });
                dismiss_button(ui)
            })
            .inner
        })
        .inner
}

/// A cross with no frame of its own until the pointer or the focus comes to it.
fn dismiss_button(ui: &mut Ui) -> bool {
    ui.scope(|ui| {
        ui.spacing_mut().interact_size = vec2(24.0, 22.0);
        ui.spacing_mut().button_padding = vec2(7.0, 4.0);
        let inactive = &mut ui.visuals_mut().widgets.inactive;
        (inactive.weak_bg_fill, inactive.bg_stroke) = (Color32::TRANSPARENT, Stroke::NONE);
        ActionButton::icon(Icon::Close, "Dismiss").show(ui).clicked()
    })
    .inner
}

/// What stands where there is nothing yet: what it will be, and what to do for it. Centred in the room there is.
pub(crate) fn empty_state(ui: &mut Ui, title: &str, hint: &str) {
    let room = ui.available_rect_before_wrap();
    let line = ui.text_style_height(&egui::TextStyle::Body);
    ui.vertical_centered(|ui| {
        if room.height().is_finite() {
            ui.add_space((room.height() / 2.0 - 1.5 * line).max(0.0));
        }
        ui.label(theme::semibold(title));
        if !hint.is_empty() {
            ui.label(theme::weak(hint));
        }
    });
}
