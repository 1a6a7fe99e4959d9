//! Who was called what: one matrix of counts for each model that learns, side by side. Rows are what happened, columns
//! what was called.

use egui::{Align2, Color32, Rect, RichText, Role, Sense, TextStyle, Ui, WidgetInfo, pos2, vec2};

use super::words::{over_folds, short_name};
use crate::app::theme::{self, Palette, model_style};
use crate::app::widgets::{columns, file_stem, picture_card};
use crate::evaluation::{Confusion, percent};
use crate::report::{Cell, ColumnKind, ReportTable};
use crate::training::{Comparison, ModelKind, ModelResult};

/// Least width of a card, in points.
const LEAST_CARD: f32 = 230.0;
/// Height of one cell, in points.
const CELL: f32 = 40.0;
/// Height of the names of the columns.
const HEAD: f32 = 20.0;
/// Between two cells.
const GAP: f32 = 3.0;

/// Height of the row of matrices, in points.
pub(super) fn height(ui: &Ui) -> f32 {
    let titles = ui.text_style_height(&TextStyle::Body) + ui.text_style_height(&TextStyle::Small);
    (titles + HEAD + 2.0 * CELL + GAP + 20.0 + 16.0).ceil()
}

/// Draws the matrices side by side, in several rows where they would be too narrow to be read.
pub(super) fn ui(ui: &mut Ui, comparison: &Comparison) {
    let models: Vec<&ModelResult> = comparison.models.iter().filter(|m| m.kind != ModelKind::Majority).collect();
    let most = (ui.available_width() / LEAST_CARD).floor().max(1.0) as usize;
    let height = height(ui);
    for (i, row) in models.chunks(most).enumerate() {
        ui.push_id(("matrices", i), |ui| {
            columns(ui, most.min(models.len()), height, |ui, column| {
                if let Some(model) = row.get(column) {
                    matrix_card(ui, model);
                }
            });
        });
    }
}

fn matrix_card(ui: &mut Ui, model: &ModelResult) {
    let counts = model.confusion();
    let (title, subtitle) = titles(model.kind, counts, model.folds.len());
    let name = format!("calls of {}", short_name(model.kind));
    picture_card(
        ui,
        &name,
        [&title, &subtitle],
        || table(&name, &title, counts),
        |ui| {
            ui.add_space(2.0);
            matrix(ui, model.kind, counts);
        },
    );
}

fn table(name: &str, caption: &str, counts: Confusion) -> ReportTable {
    let heads = [
        ("What happened", ColumnKind::Words),
        ("Called bad", ColumnKind::Numbers),
        ("Called good", ColumnKind::Numbers),
    ];
    let mut table = ReportTable::new(&file_stem(name), caption, heads);
    let row = |what: &str, cells: [usize; 2]| {
        std::iter::once(Cell::from(what)).chain(cells.map(|n| Cell::Count(Some(n)))).collect()
    };
    table.rows =
        vec![row("bad", [counts.true_bad, counts.false_good]), row("good", [counts.false_bad, counts.true_good])];
    table
}

/// What the model found, and what it cost, over all folds together.
fn titles(kind: ModelKind, counts: Confusion, folds: usize) -> (String, String) {
    let name = short_name(kind);
    if counts.rows() == 0 {
        return (format!("{name}: nothing called"), "no fold has a cut-off".to_owned());
    }
    (
        format!("{name} caught {} of {} bad", counts.true_bad, counts.bad_rows()),
        format!("and called {} of {} good bad, {}", counts.false_bad, counts.good_rows(), over_folds(folds)),
    )
}

fn matrix(ui: &mut Ui, kind: ModelKind, counts: Confusion) {
    let palette = Palette::of(ui);
    let width = ui.available_width();
    let (area, _) = ui.allocate_exact_size(vec2(width, HEAD + 2.0 * CELL + GAP), Sense::hover());
    let names = 62.0_f32.min(width / 4.0);
    let cell_width = (width - names - GAP) / 2.0;
    let font = theme::tick_font(ui);
    for (column, text) in ["called bad", "called good"].into_iter().enumerate() {
        let centre = area.left() + names + (column as f32 + 0.5) * cell_width + column as f32 * GAP;
        ui.painter().text(
            pos2(centre, area.top() + HEAD / 2.0),
            Align2::CENTER_CENTER,
            text,
            font.clone(),
            palette.weak,
        );
    }
    let color = model_style(palette, kind.key()).color;
    let rows = [("bad", [counts.true_bad, counts.false_good]), ("good", [counts.false_bad, counts.true_good])];
    for (row, (actual, cells)) in rows.into_iter().enumerate() {
        let top = area.top() + HEAD + row as f32 * (CELL + GAP);
        let at = pos2(area.left(), top + CELL / 2.0);
        ui.painter().text(at, Align2::LEFT_CENTER, format!("was {actual}"), font.clone(), palette.weak);
        let all: usize = cells.iter().sum();
        for (column, n) in cells.into_iter().enumerate() {
            let left = area.left() + names + column as f32 * (cell_width + GAP);
            let rect = Rect::from_min_size(pos2(left, top), vec2(cell_width, CELL));
            let share = (all > 0).then(|| n as f64 / all as f64);
            // Right calls in the model's colour, wrong ones in grey; the deeper, the larger the share of its row.
            let ink = if row == column { color } else { palette.weak };
            let spoken = format!("{}: was {actual}, called {}", short_name(kind), ["bad", "good"][column]);
            cell(ui, rect, n, share, ink, &spoken);
        }
    }
}

fn cell(ui: &Ui, rect: Rect, n: usize, share: Option<f64>, ink: Color32, spoken: &str) {
    let palette = Palette::of(ui);
    let share_text = share.map_or_else(|| "–".to_owned(), percent);
    let response = ui.interact(rect, ui.scope_id().with(spoken), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{spoken}: {n}, {share_text}")));
    ui.painter().rect_filled(rect, 4.0, palette.card.lerp_to_gamma(ink, 0.06 + 0.3 * share.unwrap_or(0.0) as f32));
    let text = |text: RichText| egui::WidgetText::from(text).into_galley(ui, None, rect.width(), TextStyle::Body);
    let number = text(theme::semibold(n.to_string()));
    let share = text(RichText::new(share_text).small());
    let gap = 7.0;
    let left = rect.center().x - (number.size().x + gap + share.size().x) / 2.0;
    let right = left + number.size().x + gap;
    ui.painter().galley(pos2(left, rect.center().y - number.size().y / 2.0), number, palette.text);
    ui.painter().galley(pos2(right, rect.center().y - share.size().y / 2.0), share, palette.text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_say_what_was_caught_and_what_it_cost() {
        let counts = Confusion { true_bad: 45, false_bad: 12, true_good: 212, false_good: 31 };
        assert_eq!(
            titles(ModelKind::Dbn, counts, 1),
            ("DBN caught 45 of 76 bad".to_owned(), "and called 12 of 224 good bad, on one split".to_owned())
        );
        assert_eq!(titles(ModelKind::Svm, Confusion::default(), 5).0, "SVM: nothing called");
    }
}
