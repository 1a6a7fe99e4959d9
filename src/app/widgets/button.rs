//! Buttons: actions with a symbol, tabs, and the switch between a few values.

use std::sync::Arc;

use egui::{
    Align, Align2, Atom, Atoms, Button, CornerRadius, Galley, KeyboardShortcut, Layout, Response, RichText, Role,
    Sense, Stroke, StrokeKind, TextStyle, TextWrapMode, Ui, UiBuilder, WidgetInfo, WidgetText, vec2,
};

use super::icon::Icon;
use crate::app::theme::{self, BUTTON_RADIUS, Palette};

/// A button for one action: text, a symbol, or both. Named to screen readers and tests by its text, or by
/// [`Self::name`] where it has none.
#[must_use = "call show"]
pub(crate) struct ActionButton<'a> {
    icon: Option<Icon>,
    text: &'a str,
    name: &'a str,
    shortcut: Option<KeyboardShortcut>,
    primary: bool,
    enabled: bool,
    tooltip: &'a str,
}

impl<'a> ActionButton<'a> {
    /// A button with this text.
    pub(crate) fn new(text: &'a str) -> Self {
        Self { icon: None, text, name: text, shortcut: None, primary: false, enabled: true, tooltip: "" }
    }

    /// A button with a symbol only; its name is shown under the pointer.
    pub(crate) fn icon(icon: Icon, name: &'a str) -> Self {
        Self { icon: Some(icon), name, tooltip: name, ..Self::new("") }
    }

    /// Puts a symbol before the text.
    pub(crate) fn with_icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }

    /// The one main action of a screen: filled with the accent.
    pub(crate) fn primary(mut self) -> Self {
        self.primary = true;
        self
    }

    /// A second line of explanation under the pointer; also shown while the button is disabled.
    pub(crate) fn tooltip(mut self, tooltip: &'a str) -> Self {
        self.tooltip = tooltip;
        self
    }

    /// Shows the key that does the same under the pointer. Handling it is the caller's part.
    pub(crate) fn shortcut(mut self, shortcut: KeyboardShortcut) -> Self {
        self.shortcut = Some(shortcut);
        self
    }

    /// Whether it can be pressed now. Default: yes.
    pub(crate) fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = enabled;
        self
    }

    /// Draws it, as wide as it has to be.
    pub(crate) fn show(self, ui: &mut Ui) -> Response {
        self.show_sized(ui, 0.0)
    }

    /// Draws it, as wide as the room there is.
    pub(crate) fn show_wide(self, ui: &mut Ui) -> Response {
        let width = ui.available_width();
        self.show_sized(ui, width)
    }

    fn show_sized(self, ui: &mut Ui, width: f32) -> Response {
        let Self { icon, text, name, shortcut, primary, enabled, tooltip } = self;
        let palette = Palette::of(ui);
        let mut atoms = Atoms::default();
        if width > 0.0 {
            atoms.push_right(Atom::grow());
        }
        if let Some(icon) = icon {
            let side = ui.text_style_height(&TextStyle::Body) * 0.66;
            atoms.push_right(Atom::paint(vec2(side, side), move |ui, args| {
                icon.paint(ui.painter(), args.rect, args.fallback_text_color);
            }));
        }
        if !text.is_empty() {
            let text = if primary { theme::semibold(text) } else { RichText::new(text) };
            atoms.push_right(text);
        }
        if width > 0.0 {
            atoms.push_right(Atom::grow());
        }
        let response = ui
            .scope(|ui| {
                if primary {
                    make_primary(ui, palette);
                }
                let button = Button::new(atoms).min_size(vec2(width.max(ui.spacing().interact_size.x), 0.0));
                ui.add_enabled(enabled, button)
            })
            .inner;
        response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, name));
        let key = shortcut.map(|key| ui.ctx().format_shortcut(&key));
        match (tooltip, key) {
            ("", None) => response,
            ("", Some(key)) => response.on_hover_text(key),
            (tooltip, None) => response.on_hover_text(tooltip).on_disabled_hover_text(tooltip),
            (tooltip, Some(key)) => {
                let text = format!("{tooltip} ({key})");
                response.on_hover_text(&text).on_disabled_hover_text(text)
            }
        }
    }
}

/// Fills buttons with the accent; pressed and focused they get a ring in the colour of text, since the accent's own
/// could not be seen.
fn make_primary(ui: &mut Ui, palette: &Palette) {
    let widgets = &mut ui.visuals_mut().widgets;
    let lighter = palette.accent.lerp_to_gamma(palette.on_accent, 0.12);
    let states = [
        (&mut widgets.inactive, palette.accent, palette.accent),
        (&mut widgets.hovered, lighter, lighter),
        (&mut widgets.active, lighter, palette.text),
    ];
    for (visuals, fill, border) in states {
        visuals.weak_bg_fill = fill;
        visuals.bg_stroke = Stroke::new(1.5, border);
        visuals.fg_stroke.color = palette.on_accent;
    }
}

/// One of the tabs along the top: weak and flat, or marked when it is the chosen one.
pub(crate) fn tab(ui: &mut Ui, chosen: bool, text: &str) -> Response {
    let height = ui.spacing().interact_size.y;
    choice(ui, chosen, text, height, CornerRadius::same(BUTTON_RADIUS))
}

/// A switch between a few values, side by side in one frame. `name` is read out before each value's text.
pub(crate) fn segmented<V: PartialEq + Copy>(
    ui: &mut Ui,
    name: &str,
    value: &mut V,
    options: &[(V, &str)],
) -> Response {
    let palette = Palette::of(ui);
    let height = ui.spacing().interact_size.y;
    let width = options.iter().map(|(_, text)| choice_width(ui, text)).sum();
    let (rect, mut response) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
    let frame = (theme::hairline(ui), StrokeKind::Inside);
    ui.painter().rect(rect, BUTTON_RADIUS, palette.card, frame.0, frame.1);
    // From the left also where the row around it runs from the right.
    let mut row = ui.new_child(UiBuilder::new().max_rect(rect).layout(Layout::left_to_right(Align::Center)));
    row.spacing_mut().item_spacing.x = 0.0;
    for (i, (option, text)) in options.iter().enumerate() {
        let left = if i == 0 { BUTTON_RADIUS } else { 0 };
        let right = if i + 1 == options.len() { BUTTON_RADIUS } else { 0 };
        let corners = CornerRadius { nw: left, sw: left, ne: right, se: right };
        let chosen = *value == *option;
        let part = choice(&mut row, chosen, text, height, corners);
        let enabled = row.is_enabled();
        part.widget_info(|| WidgetInfo::selected(Role::RadioButton, enabled, chosen, format!("{name}: {text}")));
        if part.clicked() && !chosen {
            *value = *option;
            response.mark_changed();
        }
    }
    response
}

fn choice_galley(ui: &Ui, text: &str, chosen: bool) -> Arc<Galley> {
    let text = if chosen { theme::semibold(text) } else { RichText::new(text) };
    WidgetText::from(text).into_galley(ui, Some(TextWrapMode::Extend), f32::INFINITY, TextStyle::Body)
}

/// As wide as it is when chosen, that is semibold: the row keeps still when the choice moves.
fn choice_width(ui: &Ui, text: &str) -> f32 {
    choice_galley(ui, text, true).size().x.ceil() + 22.0
}

fn choice(ui: &mut Ui, chosen: bool, text: &str, height: f32, corners: CornerRadius) -> Response {
    let palette = Palette::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(choice_width(ui, text), height), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Tab, ui.is_enabled(), chosen, text));
    if ui.is_rect_visible(rect) {
        let visuals = ui.style().interact(&response);
        if chosen || response.hovered() {
            let fill = if chosen { palette.selected } else { visuals.weak_bg_fill };
            ui.painter().rect_filled(rect.shrink(1.0), corners, fill);
        }
        if response.has_focus() {
            ui.painter().rect_stroke(rect, corners, visuals.bg_stroke, StrokeKind::Inside);
        }
        let galley = choice_galley(ui, text, chosen);
        let color = if chosen || response.hovered() { palette.text } else { palette.weak };
        let at = Align2::CENTER_CENTER.align_size_within_rect(galley.size(), rect).min;
        ui.painter().galley(at, galley, color);
    }
    response
}
