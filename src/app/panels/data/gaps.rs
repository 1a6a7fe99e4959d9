//! Where cells are missing: by column, by row, and which columns are missing together.

use egui::{Align, Align2, Label, Layout, Mesh, Rect, ScrollArea, Sense, Shape, Ui, pos2, vec2};

use super::percent;
use crate::app::panels::{count, thousands};
use crate::app::theme::{self, Palette, Tone};
use crate::app::widgets::{Column, Taking, card, columns, data_table, matrix_table, remark, take_table};
use crate::app::workspace::{OpenTable, Workspace};
use crate::data::Missingness;
use crate::report::{Cell, ColumnKind, ReportTable};

/// Height of a column's strip in the picture, at least and at most, in points.
const STRIP: (f32, f32) = (9.0, 20.0);
/// Room for names, at most, in points.
const NAMES: f32 = 170.0;

pub(super) fn gaps_ui(ui: &mut Ui, workspace: &Workspace, table: &OpenTable, selected: &mut Option<usize>) {
    let height = ui.available_height();
    let Some(gaps) = &workspace.insights.missingness else {
        card(ui, |ui| ui.label(theme::weak("Looking for gaps…")));
        return;
    };
    if gaps.columns.is_empty() {
        card(ui, |ui| remark(ui, Tone::Ok, "No cell is missing in the columns that are used."));
        return;
    }
    columns(ui, 2, height, |ui, i| {
        card(ui, |ui| {
            ui.set_min_height((height - 24.0).max(0.0));
            if i == 0 { picture_ui(ui, table, gaps, selected) } else { lists_ui(ui, table, gaps, selected) }
        });
    });
}

/// The rows from left to right in their order, a strip for each column with gaps.
fn picture_ui(ui: &mut Ui, table: &OpenTable, gaps: &Missingness, selected: &mut Option<usize>) {
    let palette = Palette::of(ui);
    let names = table.source.table.names();
    let taking = Taking::begin(ui, "gaps");
    Taking::titles(
        ui,
        "Where cells are missing",
        "rows from left to right as in the file, columns with gaps from most to least",
    );
    let (n_bins, n_strips) = gaps.picture.dim();
    let strip = (ui.available_height() / n_strips.max(1) as f32).floor().clamp(STRIP.0, STRIP.1);
    ScrollArea::vertical().id_salt("gaps").auto_shrink(false).show(ui, |ui| {
        let size = vec2(ui.available_width() - 8.0, strip * n_strips as f32);
        let (area, response) = ui.allocate_exact_size(size, Sense::click());
        response.widget_info(|| {
            egui::WidgetInfo::labeled(egui::Role::Image, true, format!("Missing cells of {n_strips} columns"))
        });
        let mut font = theme::tick_font(ui);
        font.size = font.size.min(strip);
        let name = |i: usize| names[gaps.columns[i].column].clone();
        let galleys: Vec<_> =
            (0..n_strips).map(|i| ui.painter().layout_no_wrap(name(i), font.clone(), palette.text)).collect();
        let widest = galleys.iter().map(|galley| galley.size().x).fold(0.0, f32::max).min(NAMES);
        let frame = area.with_min_x((area.left() + widest + 10.0).round());
        ui.painter().rect_filled(frame, 0.0, palette.plot);
        let names_painter = ui.painter().with_clip_rect(area.with_max_x(frame.left() - 6.0).intersect(ui.clip_rect()));
        let bin = frame.width() / n_bins.max(1) as f32;
        let mut mesh = Mesh::default();
        for (i, galley) in galleys.into_iter().enumerate() {
            let top = area.top() + strip * i as f32;
            let middle = pos2(area.left(), top + strip / 2.0);
            names_painter.galley(Align2::LEFT_CENTER.anchor_size(middle, galley.size()).min, galley, palette.text);
            for j in 0..n_bins {
                let share = gaps.picture[[j, i]];
                if share > 0.0 {
                    let at = pos2(frame.left() + bin * j as f32, top);
                    let rect = Rect::from_min_size(at, vec2(bin, strip - 1.0));
                    mesh.add_colored_rect(rect, palette.plot.lerp_to_gamma(palette.accent, 0.25 + 0.75 * share));
                }
            }
        }
        ui.painter().add(Shape::mesh(mesh));
        if let Some(at) = response.hover_pos() {
            let i = (((at.y - area.top()) / strip) as usize).min(n_strips - 1);
            let gap = &gaps.columns[i];
            if response.clicked() {
                *selected = Some(gap.column);
            }
            let rows = table.source.table.n_rows();
            let text = format!("{}\n{} missing", names[gap.column], percent(gap.missing, rows));
            response.on_hover_text_at_pointer(text);
        }
    });
    taking.end(ui, "Where cells are missing", || {
        let rows = table.source.table.n_rows();
        let bins: Vec<String> = (0..n_bins).map(|bin| format!("row {} on", bin * rows / n_bins + 1)).collect();
        let columns = (0..n_strips).map(|i| names[gaps.columns[i].column].clone());
        let caption = "Share of cells that are missing, by rows as in the file.";
        matrix_table("gaps", caption, ("Rows", &bins), columns, |bin, i| gaps.picture[[bin, i]])
    });
}

fn columns_table(table: &OpenTable, gaps: &Missingness) -> ReportTable {
    let heads = [
        ("Column", ColumnKind::Words),
        ("Missing", ColumnKind::Numbers),
        ("Among bad", ColumnKind::Numbers),
        ("Among good", ColumnKind::Numbers),
    ];
    let mut gone = ReportTable::new("columns_with_gaps", "Missing cells by column.", heads);
    let names = table.source.table.names();
    let rows = gaps.columns.iter().map(|gap| {
        let shares = [gap.share_of_bad, gap.share_of_good].map(Cell::Share);
        let count = Cell::Count(Some(gap.missing));
        std::iter::once(Cell::from(names[gap.column].as_str())).chain([count]).chain(shares).collect()
    });
    gone.rows = rows.collect();
    gone
}

/// The columns that are missing in the same rows, and in how many.
fn patterns_table(names: &[String], gaps: &Missingness) -> ReportTable {
    let heads = [("Columns missing", ColumnKind::Words), ("Rows", ColumnKind::Numbers)];
    let mut together = ReportTable::new("missing_together", "Sets of columns that are missing together.", heads);
    let rows = gaps.patterns.iter().map(|pattern| {
        let columns: Vec<&str> = pattern.columns.iter().map(|&column| names[column].as_str()).collect();
        vec![columns.join(", ").into(), pattern.rows.into()]
    });
    together.rows = rows.collect();
    together
}

/// Shares by column and outcome, and the patterns.
fn lists_ui(ui: &mut Ui, table: &OpenTable, gaps: &Missingness, selected: &mut Option<usize>) {
    let names = table.source.table.names();
    let rows = table.source.table.n_rows();
    let half = (ui.available_height() / 2.0 - 30.0).max(120.0);
    ui.horizontal(|ui| {
        ui.label(theme::semibold(format!("{} with gaps", count(gaps.columns.len(), "column"))));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            take_table(ui, "columns with gaps", || columns_table(table, gaps));
        });
    });
    let list = [
        Column::text("Column"),
        Column::numeric("Missing", 76.0),
        Column::numeric("Among bad", 84.0).tooltip("Share of the bad rows in which it is missing"),
        Column::numeric("Among good", 88.0).tooltip("Share of the good rows in which it is missing"),
    ];
    ui.allocate_ui(vec2(ui.available_width(), half), |ui| {
        ui.set_max_height(half);
        let clicked = data_table(ui, "gap columns", &list, gaps.columns.len(), None, |ui, row, part| {
            let gap = &gaps.columns[row];
            let share = |share: Option<f64>| share.map_or_else(|| "–".to_owned(), |s| format!("{:.1} %", s * 100.0));
            let text = match part {
                0 => names[gap.column].clone(),
                1 => percent(gap.missing, rows),
                2 => share(gap.share_of_bad),
                _ => share(gap.share_of_good),
            };
            ui.add(Label::new(text).truncate());
        });
        if let Some(row) = clicked {
            *selected = Some(gaps.columns[row].column);
        }
    });
    ui.add_space(8.0);
    let complete = format!(
        "{} complete; {} of columns in the others",
        count(gaps.complete_rows, "row"),
        count(gaps.n_patterns, "set")
    );
    let taking = Taking::begin(ui, "missing together");
    Taking::titles(ui, "Missing together", &complete);
    taking.end_table(ui, || patterns_table(names, gaps));
    let list = [Column::numeric("Rows", 70.0), Column::text("Columns missing in them")];
    data_table(ui, "patterns", &list, gaps.patterns.len(), None, |ui, row, part| {
        let pattern = &gaps.patterns[row];
        if part == 0 {
            ui.label(thousands(pattern.rows));
        } else {
            let text = pattern.columns.iter().map(|&column| names[column].as_str()).collect::<Vec<_>>().join(", ");
            let label = ui.add(Label::new(&text).truncate());
            label.on_hover_text(text);
        }
    });
}
