//! Cards: flat, one shade off the ground, with a hairline and round corners.

use egui::{Frame, Label, Margin, Rect, Ui, UiBuilder, pos2};

use crate::app::theme::{self, CARD_GAP, CARD_RADIUS, Palette};

/// A card as wide as the room there is, as high as its contents.
pub(crate) fn card<R>(ui: &mut Ui, add_contents: impl FnOnce(&mut Ui) -> R) -> R {
    let palette = Palette::of(ui);
    let frame = Frame::new()
        .fill(palette.card)
        .stroke(theme::hairline(ui))
        .corner_radius(CARD_RADIUS)
        .inner_margin(Margin::symmetric(12, 10));
    frame
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            add_contents(ui)
        })
        .inner
}

/// A card under a title line that says the finding and a weak second line that says what is shown.
///
/// Lines that are too long are cut short, and shown whole under the pointer. An empty second line takes no room.
pub(crate) fn card_titled<R>(ui: &mut Ui, title: &str, subtitle: &str, add_contents: impl FnOnce(&mut Ui) -> R) -> R {
    card(ui, |ui| {
        titles(ui, title, subtitle);
        add_contents(ui)
    })
}

/// A finding, and in a weak second line what is shown.
pub(crate) fn titles(ui: &mut Ui, title: &str, subtitle: &str) {
    titles_beside(ui, title, subtitle, 0.0);
}

/// The same, with so many points left free at the right of the first line.
pub(super) fn titles_beside(ui: &mut Ui, title: &str, subtitle: &str, room: f32) {
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 1.0;
        ui.scope(|ui| {
            ui.set_max_width(ui.available_width() - room);
            ui.add(Label::new(theme::semibold(title)).truncate());
        });
        if !subtitle.is_empty() {
            ui.add(Label::new(theme::weak(subtitle)).truncate());
        }
    });
}

/// `count` columns of equal width and this height, a card's gap apart. The closure is called for each, from the left.
pub(crate) fn columns(ui: &mut Ui, count: usize, height: f32, mut add_column: impl FnMut(&mut Ui, usize)) {
    let count = count.max(1);
    let area = Rect::from_min_size(ui.cursor().min, egui::vec2(ui.available_width(), height));
    let width = (area.width() - CARD_GAP * (count - 1) as f32) / count as f32;
    for i in 0..count {
        // Whole points, so that hairlines stay sharp.
        let left = (area.left() + i as f32 * (width + CARD_GAP)).round();
        let right = (area.left() + i as f32 * (width + CARD_GAP) + width).round();
        let cell = Rect::from_min_max(pos2(left, area.top()), pos2(right, area.bottom()));
        let mut column = ui.new_child(UiBuilder::new().id_salt(("column", i)).max_rect(cell));
        add_column(&mut column, i);
    }
    ui.advance_cursor_after_rect(area);
}
