//! Which indicators go together: rank correlations, those that are alike side by side.

use egui::{Align, Label, Layout, RichText, ScrollArea, Ui, vec2};

use crate::app::theme::{self, Palette, Tone};
use crate::app::widgets::{Column, Taking, data_table, diverging, heat_map, matrix_table, remark};
use crate::app::workspace::{OpenTable, Workspace};
use crate::data::Association;

/// Room beside the map that is enough for the list, in points.
const LIST: f32 = 250.0;
/// Pairs in the list.
const LISTED: usize = 40;

pub(super) fn relations_ui(ui: &mut Ui, workspace: &Workspace, table: &OpenTable, selected: &mut Option<usize>) {
    match &workspace.insights.association {
        None => {
            ui.label(theme::weak("Ranking the columns…"));
        }
        Some(found) if found.columns.len() < 2 => {
            remark(ui, Tone::Info, "Fewer than two indicators hold numbers: there is nothing to compare.");
        }
        Some(association) => map_ui(ui, table, association, selected),
    }
}

fn map_ui(ui: &mut Ui, table: &OpenTable, association: &Association, selected: &mut Option<usize>) {
    let names = table.source.table.names();
    let ordered: Vec<usize> = association.order.iter().map(|&place| association.columns[place]).collect();
    let shown: Vec<&str> = ordered.iter().map(|&column| names[column].as_str()).collect();
    let rho = |i: usize, j: usize| association.rho[[association.order[i], association.order[j]]];
    let taking = Taking::begin(ui, "correlations");
    Taking::titles(
        ui,
        "Which indicators go together",
        "Spearman's rank correlation; columns that are alike stand side by side",
    );
    association.notices().iter().for_each(|notice| {
        ui.add(Label::new(theme::weak(notice)).wrap());
    });
    key_ui(ui);
    let room = ui.available_size();
    let list = if room.x > 640.0 { LIST } else { 0.0 };
    ui.horizontal_top(|ui| {
        ui.allocate_ui_with_layout(vec2((room.x - list - 12.0).max(0.0), room.y), Layout::top_down(Align::Min), |ui| {
            ScrollArea::both().id_salt("relations").auto_shrink(false).show(ui, |ui| {
                let wanted = room.y.min(room.x - list - 120.0) - 8.0;
                let (response, pair) = heat_map(ui, "Correlation map", &shown, wanted, rho);
                if let Some((i, j)) = pair {
                    if response.clicked() {
                        *selected = Some(ordered[i]);
                    }
                    let with_bad = association.with_bad.get(association.order[i]).filter(|rho| !rho.is_nan());
                    let with_bad =
                        with_bad.map_or_else(String::new, |&rho| format!("\n{} with bad: {}", shown[i], signed(rho)));
                    let text = format!("{}\n{}\nρ = {}{with_bad}", shown[i], shown[j], signed(rho(i, j)));
                    response.on_hover_text_at_pointer(text);
                }
            });
        });
        if list > 0.0 {
            ui.allocate_ui_with_layout(vec2(list, room.y), Layout::top_down(Align::Min), |ui| {
                ui.set_width(list);
                strongest_ui(ui, &shown, rho, |i| *selected = Some(ordered[i]));
            });
        }
    });
    taking.end(ui, "Which indicators go together", || {
        let names: Vec<String> = shown.iter().map(|&name| name.to_owned()).collect();
        let caption = "Spearman's rank correlation of every two columns.";
        matrix_table("correlations", caption, ("Column", &names), names.clone(), rho)
    });
}

/// The pairs that go together most.
fn strongest_ui(ui: &mut Ui, names: &[&str], rho: impl Fn(usize, usize) -> f32, mut look: impl FnMut(usize)) {
    let mut pairs: Vec<(f32, usize, usize)> = (0..names.len())
        .flat_map(|i| (0..i).map(move |j| (i, j)))
        .map(|(i, j)| (rho(i, j), i, j))
        .filter(|(rho, ..)| !rho.is_nan())
        .collect();
    pairs.sort_by(|a, b| b.0.abs().total_cmp(&a.0.abs()));
    pairs.truncate(LISTED);
    let columns = [Column::text("Strongest"), Column::numeric("ρ", 52.0)];
    let clicked = data_table(ui, "strongest", &columns, pairs.len(), None, |ui, row, part| {
        let (rho, i, j) = pairs[row];
        if part == 0 {
            let text = format!("{} · {}", names[i], names[j]);
            ui.add(Label::new(RichText::new(&text).small()).truncate()).on_hover_text(text);
        } else {
            ui.label(RichText::new(signed(rho)).small());
        }
    });
    if let Some(row) = clicked {
        look(pairs[row].1);
    }
}

/// +0.12, −0.34; a word where it is undefined.
fn signed(rho: f32) -> String {
    // What is rounded to nothing has no sign.
    match format!("{rho:+.2}").replace('-', "−") {
        _ if rho.is_nan() => "undefined".to_owned(),
        text if text == "−0.00" || text == "+0.00" => "0.00".to_owned(),
        text => text,
    }
}

/// What the colours mean.
fn key_ui(ui: &mut Ui) {
    let palette = Palette::of(ui);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        ui.spacing_mut().interact_size.y = 0.0;
        ui.label(theme::weak("−1 against each other"));
        let (bar, _) = ui.allocate_exact_size(vec2(120.0, 8.0), egui::Sense::hover());
        let steps = 40;
        for i in 0..steps {
            let width = bar.width() / steps as f32;
            let left = bar.left() + width * i as f32;
            let part = egui::Rect::from_min_size(egui::pos2(left, bar.top()), vec2(width, bar.height()));
            let value = (i as f32 + 0.5) / steps as f32 * 2.0 - 1.0;
            ui.painter().rect_filled(part, 0.0, diverging(palette, value));
        }
        ui.label(theme::weak("together 1"));
        ui.label(theme::weak("· click a row for its column"));
    });
}
