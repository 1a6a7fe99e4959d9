//! Small parts that only this screen is made of.

use egui::style::WidgetVisuals;
use egui::{
    Align2, Color32, Rect, Response, RichText, Role as Access, Sense, Stroke, StrokeKind, TextStyle, TextWrapMode, Ui,
    WidgetInfo, WidgetText, vec2,
};

use crate::app::theme::{self, BUTTON_RADIUS, Palette};
use crate::app::widgets::Icon;

/// A fact in a thin frame, with what it means under the pointer.
pub(super) fn chip(ui: &mut Ui, text: &str, tooltip: &str) -> Response {
    let palette = Palette::of(ui);
    framed(ui, theme::weak(text).color(palette.text), palette.card, palette.line).on_hover_text(tooltip)
}

/// A fact that can be changed: opens what it could be instead. Framed in the accent where a person settled it.
pub(super) fn chip_button(ui: &mut Ui, text: &str, by_hand: bool, tooltip: &str) -> Response {
    const CHEVRON: f32 = 14.0;
    let palette = Palette::of(ui);
    let words = theme::weak(text).color(palette.text);
    let galley = WidgetText::from(words).into_galley(ui, Some(TextWrapMode::Extend), f32::INFINITY, TextStyle::Small);
    let (rect, response) = ui.allocate_exact_size(galley.size() + vec2(16.0 + CHEVRON, 8.0), Sense::click());
    let visuals = ui.style().interact(&response);
    let line = match (by_hand, response.has_focus()) {
        (_, true) => visuals.bg_stroke,
        (true, false) => Stroke::new(1.0, palette.accent),
        (false, false) => Stroke::new(1.0, palette.line),
    };
    ui.painter().rect(rect, BUTTON_RADIUS, visuals.weak_bg_fill, line, StrokeKind::Inside);
    let inside = rect.shrink2(vec2(8.0, 4.0));
    ui.painter().galley(inside.min, galley, palette.text);
    let mark = Rect::from_center_size(inside.right_center() - vec2(4.0, 0.0), vec2(7.0, 7.0));
    Icon::ChevronDown.paint(ui.painter(), mark, palette.weak);
    response.on_hover_text(tooltip)
}

/// A fact that must not be missed, in the colour of the accent.
pub(super) fn badge(ui: &mut Ui, text: &str, tooltip: &str) -> Response {
    let palette = Palette::of(ui);
    let text = theme::weak(text).color(palette.accent);
    framed(ui, text, palette.selected, palette.selected).on_hover_text(tooltip)
}

/// Measured before it is placed, so that a row of them wraps.
fn framed(ui: &mut Ui, text: RichText, fill: Color32, line: Color32) -> Response {
    let words = text.text().to_owned();
    let galley = WidgetText::from(text).into_galley(ui, Some(TextWrapMode::Extend), f32::INFINITY, TextStyle::Small);
    let (rect, response) = ui.allocate_exact_size(galley.size() + vec2(16.0, 8.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Access::Label, true, &words));
    ui.painter().rect(rect, BUTTON_RADIUS, fill, Stroke::new(1.0, line), StrokeKind::Inside);
    let at = Align2::CENTER_CENTER.align_size_within_rect(galley.size(), rect).min;
    ui.painter().galley(at, galley, Palette::of(ui).text);
    response
}

/// Drop-down buttons without a frame until the pointer or the focus comes to them: a column of them stays quiet.
pub(super) fn flat_buttons(ui: &mut Ui) {
    let widgets = &mut ui.visuals_mut().widgets;
    (widgets.inactive.weak_bg_fill, widgets.inactive.bg_stroke) = (Color32::TRANSPARENT, Stroke::NONE);
    // The frame grows outwards, so that the words stay in line with those above and below.
    for shown in [&mut widgets.hovered, &mut widgets.active, &mut widgets.open] {
        shown.expansion = 3.0;
    }
    ui.spacing_mut().button_padding = vec2(0.0, 2.0);
}

/// The mark of a drop-down button.
pub(super) fn chevron(ui: &Ui, rect: Rect, _: &WidgetVisuals, _: bool) {
    let square = Rect::from_center_size(rect.center(), vec2(8.0, 8.0));
    Icon::ChevronDown.paint(ui.painter(), square, Palette::of(ui).weak);
}
