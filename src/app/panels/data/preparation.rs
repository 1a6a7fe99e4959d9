//! The preparation chain: one card a step, in the order in which they are carried out, each with what goes into it and
//! what comes out for the column that is looked at.

use egui::{Align, ComboBox, Label, Layout, Role as Access, ScrollArea, Ui, WidgetInfo, vec2};

use super::pieces::{badge, chevron};
use crate::app::actions::Intent;
use crate::app::insights::Pictured;
use crate::app::panels::thousands;
use crate::app::theme::{self, Tone};
use crate::app::widgets::{Field, card, histogram, remark};
use crate::app::workspace::{OpenTable, Workspace};
use crate::data::{
    CategoryMethod, DropSettings, Fill, Histogram, Kind, MissingSettings, OutlierMethod, PreparationSettings, Role,
    ScaleMethod,
};

const FILLS: [(Fill, &str); 5] = [
    (Fill::Median, "Median"),
    (Fill::Mean, "Mean"),
    (Fill::MostFrequent, "Most frequent value"),
    (Fill::Knn, "Nearest rows"),
    (Fill::Rbm, "Filled by an RBM"),
];
const OUTLIERS: [(OutlierMethod, &str); 3] = [
    (OutlierMethod::None, "Left as they are"),
    (OutlierMethod::Winsorise, "Drawn in"),
    (OutlierMethod::SignedLog, "Signed logarithm"),
];
const SCALES: [(ScaleMethod, &str); 5] = [
    (ScaleMethod::NormalScores, "Ranks to normal"),
    (ScaleMethod::Standardise, "Standardise (eq. 1)"),
    (ScaleMethod::Robust, "Robust"),
    (ScaleMethod::ZeroToOne, "0 to 1"),
    (ScaleMethod::QuantileBins, "Quantile bins"),
];
const CATEGORIES: [(CategoryMethod, &str); 2] =
    [(CategoryMethod::OneHot, "One input a level"), (CategoryMethod::Ordered, "Ordered by its numbers")];

/// Height of a before or after picture, in points.
const PICTURE: f32 = 62.0;

pub(super) fn preparation_ui(
    ui: &mut Ui,
    workspace: &Workspace,
    selected: &mut Option<usize>,
    intents: &mut Vec<Intent>,
) {
    let mut preparation = workspace.settings.preparation.clone();
    ScrollArea::vertical().id_salt("preparation").auto_shrink(false).show(ui, |ui| {
        ui.set_max_width(ui.available_width() - 8.0);
        head_ui(ui, workspace, selected);
        let stages = workspace.insights.prepared.as_ref().and_then(|prepared| prepared.as_ref().ok());
        if let Some(Err(sentence)) = &workspace.insights.prepared {
            remark(ui, Tone::Info, sentence.as_str());
        }
        let steps = preparation.steps();
        for (i, step) in steps.iter().enumerate() {
            card(ui, |ui| {
                let pictures = stages.filter(|_| ui.available_width() > 520.0);
                let width = ui.available_width();
                ui.horizontal_top(|ui| {
                    let controls = if width > 520.0 { (width * 0.42).clamp(240.0, 340.0) } else { width };
                    ui.allocate_ui_with_layout(vec2(controls, 0.0), Layout::top_down(Align::Min), |ui| {
                        ui.set_width(controls);
                        ui.spacing_mut().item_spacing.y = 2.0;
                        ui.label(theme::semibold(format!("{}  {}", i + 1, step.name)));
                        ui.add(Label::new(theme::weak(&step.text)).wrap());
                        ui.spacing_mut().item_spacing.y = 5.0;
                        ui.add_space(4.0);
                        ui.push_id(step.name, |ui| step_ui(ui, i, &mut preparation, workspace));
                    });
                    if let Some(stages) = pictures {
                        ui.add_space(16.0);
                        ui.vertical(|ui| pictures_ui(ui, i, stages));
                    }
                });
            });
        }
    });
    if preparation != workspace.settings.preparation {
        let settings = crate::training::RunSettings { preparation, ..workspace.settings.clone() };
        intents.push(Intent::SetSettings(Box::new(settings)));
    }
}

/// The indicator whose pictures are shown: the column that is looked at, or the first one of numbers.
pub(super) fn pictured(table: &OpenTable, selected: Option<usize>) -> Option<usize> {
    let is_indicator = |column: &usize| table.roles.roles.get(*column) == Some(&Role::Indicator);
    let is_number = |column: &usize| table.source.profiles[*column].kind == Kind::Numeric;
    let indicators = || (0..table.source.profiles.len()).filter(is_indicator);
    selected.filter(is_indicator).or_else(|| indicators().find(is_number)).or_else(|| indicators().next())
}

/// Whose pictures are shown, and the lock.
fn head_ui(ui: &mut Ui, workspace: &Workspace, selected: &mut Option<usize>) {
    let Some(table) = &workspace.table else { return };
    let indicators: Vec<usize> =
        (0..table.roles.roles.len()).filter(|&c| table.roles.roles[c] == Role::Indicator).collect();
    ui.horizontal(|ui| {
        let shown = pictured(table, *selected);
        let name = |column: usize| table.source.table.names()[column].as_str();
        let label = ui.label("Pictures of");
        let combo = ComboBox::from_id_salt("pictured")
            .selected_text(shown.map_or("no indicator", name))
            .width(230.0)
            .icon(chevron)
            .truncate();
        let combo = combo.show_ui(ui, |ui| {
            for &column in &indicators {
                if ui.selectable_label(shown == Some(column), name(column)).clicked() {
                    *selected = Some(column);
                }
            }
        });
        combo.response.labelled_by(label.id);
        let locked = "Every step is fitted on the training rows of each fold and then applied to the held-out ones: \
            nothing of a tested row is used. The pictures show the training rows of the first split.";
        badge(ui, "fitted inside each fold", locked);
    });
}

fn step_ui(ui: &mut Ui, step: usize, preparation: &mut PreparationSettings, workspace: &Workspace) {
    let problem = |key: &str| workspace.problem(&format!("preparation.{key}"));
    match step {
        0 => drop_ui(ui, &mut preparation.drop, workspace),
        1 => {
            let MissingSettings { fill, flags, neighbours, gibbs_burn_in, gibbs_samples } = &mut preparation.missing;
            choice(ui, "Missing cells take", fill, &FILLS);
            match fill {
                Fill::Knn => {
                    Field::new("Neighbours k", neighbours, 1..=100)
                        .log()
                        .tooltip("Rows of the training part that are nearest in what both have")
                        .error(problem("missing.neighbours"))
                        .show(ui);
                }
                Fill::Rbm => {
                    Field::new("Sweeps not counted", gibbs_burn_in, 0..=1000)
                        .log()
                        .error(problem("missing.gibbs_burn_in"))
                        .show(ui);
                    Field::new("Sweeps averaged", gibbs_samples, 1..=1000)
                        .log()
                        .error(problem("missing.gibbs_samples"))
                        .show(ui);
                }
                Fill::Median | Fill::Mean | Fill::MostFrequent => {}
            }
            ui.checkbox(flags, "An input that says where cells are missing");
        }
        2 => {
            let outliers = &mut preparation.outliers;
            choice(ui, "Values far out are", &mut outliers.method, &OUTLIERS);
            if outliers.method == OutlierMethod::Winsorise {
                Field::new("Lower quantile", &mut outliers.low, 0.0..=0.25)
                    .percent()
                    .tooltip("Values below this quantile of the training rows take its value")
                    .error(problem("outliers.low"))
                    .show(ui);
                Field::new("Upper quantile", &mut outliers.high, 0.75..=1.0)
                    .percent()
                    .tooltip("Values above this quantile of the training rows take its value")
                    .error(problem("outliers.high"))
                    .show(ui);
            }
        }
        3 => {
            choice(ui, "Numbers are scaled by", &mut preparation.scale.method, &SCALES);
            if preparation.scale.method == ScaleMethod::QuantileBins {
                Field::new("Bins", &mut preparation.scale.bins, 2..=100)
                    .log()
                    .tooltip("Inputs that each number becomes: how far it lies in each quantile bin, 0 to 1")
                    .error(problem("scale.bins"))
                    .show(ui);
            }
        }
        _ => {
            let categories = &mut preparation.categories;
            choice(ui, "Categories become", &mut categories.method, &CATEGORIES);
            Field::new("Rare below", &mut categories.min_share, 0.0..=0.5)
                .percent()
                .tooltip("Levels with a smaller share of the training cells share one input")
                .error(problem("categories.min_share"))
                .show(ui);
            Field::new("Levels at most", &mut categories.max_levels, 1..=1000)
                .log()
                .tooltip("Further levels, the rarest, share one input")
                .error(problem("categories.max_levels"))
                .show(ui);
        }
    }
}

/// Indicators left out by name, each to be taken back, and by their gaps.
fn drop_ui(ui: &mut Ui, drop: &mut DropSettings, workspace: &Workspace) {
    let mut back = None;
    let dropped = |ui: &mut Ui| {
        for (i, name) in drop.columns.iter().enumerate() {
            let button = ui.small_button(format!("{name} ×"));
            button.widget_info(|| WidgetInfo::labeled(Access::Button, true, format!("Use {name} again")));
            if button.on_hover_text("Left out here: click to use it again").clicked() {
                back = Some(i);
            }
        }
    };
    if !drop.columns.is_empty() {
        ui.horizontal_wrapped(dropped);
    }
    if let Some(i) = back {
        drop.columns.remove(i);
    }
    let indicators = workspace.data().map_or(&[][..], |data| &data.indicators);
    let combo = ComboBox::from_id_salt("drop").selected_text("Leave out an indicator…").width(ui.available_width());
    let combo = combo.icon(chevron).truncate().show_ui(ui, |ui| {
        for indicator in indicators {
            let offered = !drop.columns.contains(&indicator.name);
            if offered && ui.selectable_label(false, &indicator.name).clicked() {
                drop.columns.push(indicator.name.clone());
            }
        }
    });
    combo.response.widget_info(|| WidgetInfo::labeled(Access::ComboBox, true, "Leave out an indicator"));
    let mut most = drop.missing_above.unwrap_or(1.0);
    let field = Field::new("Missing at most", &mut most, 0.0..=1.0)
        .percent()
        .tooltip("Indicators with a larger share of missing training cells are left out; at 100 % none is")
        .error(workspace.problem("preparation.drop.missing_above"))
        .show(ui);
    if field.changed() {
        drop.missing_above = (most < 1.0).then_some(most);
    }
}

/// A name and a list of what it can be.
fn choice<V: PartialEq + Copy>(ui: &mut Ui, name: &str, value: &mut V, options: &[(V, &str)]) {
    let text = |value: &V| options.iter().find(|(option, _)| option == value).map_or("", |(_, text)| *text);
    ui.horizontal(|ui| {
        let label = ui.label(name);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let combo = ComboBox::from_id_salt(name).selected_text(text(value)).width(150.0).icon(chevron);
            let combo = combo.show_ui(ui, |ui| {
                for (option, text) in options {
                    ui.selectable_value(value, *option, *text);
                }
            });
            combo.response.labelled_by(label.id);
        });
    });
}

/// What goes into a step and what comes out of it.
fn pictures_ui(ui: &mut Ui, step: usize, stages: &Pictured) {
    let (before, after) = match step {
        1 => (&stages.raw, &stages.filled),
        2 => (&stages.filled, &stages.drawn_in),
        3 => (&stages.drawn_in, &stages.inputs),
        // Dropping and categories change no number: what comes in goes out.
        _ => return,
    };
    let half = ((ui.available_width() - 14.0) / 2.0).floor();
    ui.horizontal_top(|ui| {
        for (name, spread) in [("before", before), ("after", after)] {
            ui.allocate_ui_with_layout(vec2(half, 0.0), Layout::top_down(Align::Min), |ui| {
                ui.set_width(half);
                let gaps = if step == 1 && name == "before" && stages.missing > 0 {
                    format!("{name} · {} missing", thousands(stages.missing))
                } else {
                    name.to_owned()
                };
                ui.label(theme::weak(gaps));
                spread_ui(ui, &format!("{} {name} step {}", stages.indicator, step + 1), spread.as_ref());
            });
        }
    });
}

fn spread_ui(ui: &mut Ui, name: &str, spread: Option<&Histogram>) {
    match spread {
        Some(found) => {
            histogram(ui, name, found, &[], PICTURE);
        }
        None => {
            ui.label(theme::weak("nothing to show"));
        }
    }
}
