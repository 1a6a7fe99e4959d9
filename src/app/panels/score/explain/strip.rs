//! Where a firm's PD stands under each model: was, is, and the cut-off as a bold line.

use egui::{Align2, Color32, FontId, Pos2, Rect, Role, Sense, Shape, Stroke, TextStyle, Ui, WidgetInfo, pos2, vec2};

use crate::app::panels::cutoff::{Axis, percent};
use crate::app::theme::{self, Palette, model_style};
use crate::app::widgets::hatch;
use crate::report::{Cell, ColumnKind, ReportTable};
use crate::training::ModelKind;

/// One model's line.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ModelPd {
    pub(super) kind: ModelKind,
    pub(super) name: &'static str,
    /// PD of the firm as it is, and with its values as they are set; `None` while that is worked out or is undefined.
    pub(super) was: Option<f64>,
    pub(super) now: Option<f64>,
    /// Bad from here on.
    pub(super) threshold: f64,
    /// The grade of `now`.
    pub(super) grade: Option<char>,
}

impl ModelPd {
    fn call(&self, pd: f64) -> &'static str {
        if pd >= self.threshold { "bad" } else { "good" }
    }

    /// "12.3 %, bad, grade E", with the PD it had before where that differs.
    pub(super) fn in_words(&self) -> String {
        let Some(now) = self.now else { return "undefined".to_owned() };
        let grade = self.grade.map_or_else(String::new, |grade| format!(" · grade {grade}"));
        let call = self.call(now);
        match self.was.filter(|was| percent(*was) != percent(now)) {
            Some(was) => format!("{} → {} · {call}{grade}", percent(was), percent(now)),
            None => format!("{} · {call}{grade}", percent(now)),
        }
    }

    /// What a change of class is told as.
    pub(super) fn crossing(&self) -> Option<String> {
        let (was, now) = (self.was?, self.now?);
        let (before, after) = (self.call(was), self.call(now));
        (before != after).then(|| format!("The {} would call it {after}, and not {before}.", self.name))
    }
}

/// The lines as a table.
pub(super) fn table(standings: &[ModelPd], caption: &str) -> ReportTable {
    let heads = [
        ("Model", ColumnKind::Words),
        ("PD as it is", ColumnKind::Numbers),
        ("PD as it is set", ColumnKind::Numbers),
        ("Bad from", ColumnKind::Numbers),
        ("Grade", ColumnKind::Words),
    ];
    let mut table = ReportTable::new("what_if", caption, heads);
    let row = |standing: &ModelPd| {
        let pds = [standing.was, standing.now, Some(standing.threshold)].map(Cell::Share);
        let grade = standing.grade.map_or_else(String::new, String::from);
        std::iter::once(Cell::from(standing.name)).chain(pds).chain([Cell::from(grade)]).collect()
    };
    table.rows = standings.iter().map(row).collect();
    table
}

/// Draws the lines over one axis of probabilities, `range` from end to end.
pub(super) fn ui(ui: &mut Ui, standings: &[ModelPd], range: [f64; 2]) {
    let font = TextStyle::Body.resolve(ui.style());
    let small = theme::tick_font(ui);
    let width = |text: &str| text_width(ui, text, &font);
    let pitch = (ui.text_style_height(&TextStyle::Body) + 12.0).round();
    let words: Vec<String> = standings.iter().map(ModelPd::in_words).collect();
    let names = standings.iter().map(|s| width(s.name)).fold(0.0, f32::max) + 12.0;
    // Room for the longest words there can be, so that the axis keeps still while a slider is dragged.
    let figures = width("100.00 % → 100.00 % · good · grade A") + 12.0;
    let room = ui.available_width();
    let below = room < names + figures + 12.0 * font.size;
    let each = if below { 2.0 * pitch } else { pitch };
    let height = each * standings.len() as f32 + small.size + 10.0;
    let (area, response) = ui.allocate_exact_size(vec2(room, height), Sense::hover());
    let spoken: Vec<String> = standings.iter().zip(&words).map(|(s, words)| format!("{} {words}", s.name)).collect();
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("PD: {}", spoken.join("; "))));
    if !ui.is_rect_visible(area) {
        return;
    }
    let right = if below { area.right() - 4.0 } else { area.right() - figures };
    let bars = Rect::from_min_max(pos2(area.left() + names, area.top()), pos2(right, area.bottom()));
    let axis = Axis::new(range, bars);
    let palette = Palette::of(ui);
    for (i, standing) in standings.iter().enumerate() {
        let top = area.top() + each * i as f32;
        let row = Rect::from_min_max(pos2(area.left(), top), pos2(area.right(), top + pitch));
        ui.painter().text(row.left_center(), Align2::LEFT_CENTER, standing.name, font.clone(), palette.text);
        let place = if below { pos2(bars.left(), top + 1.5 * pitch) } else { pos2(right + 12.0, row.center().y) };
        ui.painter().text(place, Align2::LEFT_CENTER, &words[i], font.clone(), palette.text);
        line(ui, standing, &axis, bars.with_min_y(row.top() + 3.0).with_max_y(row.bottom() - 3.0));
    }
    for (p, x) in axis.ticks(3.2 * small.size) {
        let at = pos2(x, area.bottom() - small.size - 4.0);
        ui.painter().text(at, Align2::CENTER_TOP, percent(p), small.clone(), palette.weak);
    }
}

fn text_width(ui: &Ui, text: &str, font: &FontId) -> f32 {
    ui.painter().layout_no_wrap(text.to_owned(), font.clone(), Color32::PLACEHOLDER).size().x
}

fn line(ui: &Ui, standing: &ModelPd, axis: &Axis, rect: Rect) {
    let palette = Palette::of(ui);
    let painter = ui.painter();
    painter.rect_filled(rect, 2.0, palette.plot);
    let cut = axis.x(standing.threshold);
    let refused = rect.with_min_x(cut);
    painter.rect_filled(refused, 0.0, palette.bad.gamma_multiply(0.10));
    hatch(ui, refused, palette.bad.gamma_multiply(0.18));
    painter.vline(cut, rect.expand(3.0).y_range(), Stroke::new(3.0, palette.text));
    let at = |pd: f64| pos2(axis.x(pd), rect.center().y);
    let color = model_style(palette, standing.kind.key()).color;
    if let (Some(was), Some(now)) = (standing.was, standing.now) {
        painter.line_segment([at(was), at(now)], Stroke::new(theme::line_width(ui), color));
    }
    if let Some(was) = standing.was {
        painter.circle(at(was), 4.5, palette.plot, Stroke::new(1.5, color));
    }
    if let Some(now) = standing.now {
        marker(ui, standing.kind, at(now), color);
    }
}

/// The shape says which model, as in other plots.
fn marker(ui: &Ui, kind: ModelKind, at: Pos2, color: Color32) {
    let r = 5.5;
    if kind == ModelKind::Svm {
        ui.painter().rect_filled(Rect::from_center_size(at, vec2(2.0 * r, 2.0 * r)), 1.0, color);
    } else if kind == ModelKind::Dbn {
        ui.painter().circle_filled(at, r, color);
    } else {
        let corners = [vec2(0.0, -1.2), vec2(1.2, 0.0), vec2(0.0, 1.2), vec2(-1.2, 0.0)].map(|corner| at + corner * r);
        ui.painter().add(Shape::convex_polygon(corners.to_vec(), color, Stroke::NONE));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(was: f64, now: f64) -> ModelPd {
        let grade = Some('D');
        ModelPd { kind: ModelKind::Dbn, name: "DBN", was: Some(was), now: Some(now), threshold: 0.2, grade }
    }

    #[test]
    fn a_change_is_told_and_a_change_of_class_in_a_sentence() {
        assert_eq!(standing(0.1, 0.1).in_words(), "10 % · good · grade D");
        assert_eq!(standing(0.1, 0.25).in_words(), "10 % → 25 % · bad · grade D");
        let told = standing(0.1, 0.2).crossing();
        assert_eq!(told.as_deref(), Some("The DBN would call it bad, and not good."), "bad from the threshold on");
        assert_eq!(standing(0.1, 0.15).crossing(), None);
        assert_eq!(ModelPd { now: None, ..standing(0.1, 0.2) }.in_words(), "undefined");
    }
}
