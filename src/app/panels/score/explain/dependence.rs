//! Partial dependence: how the PD of both models goes with one indicator, with the curves of single firms under the first.

use std::sync::Arc;

use egui::{Label, TextStyle, Ui};
use egui_plot::{LineStyle, MarkerShape};

use super::GlobalScene;
use crate::app::latest::Latest;
use crate::app::panels::capital;
use crate::app::panels::compare::words::short_name;
use crate::app::panels::cutoff::percent;
use crate::app::theme::{self, Palette, Tone, model_style};
use crate::app::widgets::{
    Column, LinePlot, Series, card_titled, data_table, empty_state, file_stem, remark, table_card,
};
use crate::explanation::{Dependence, Value, dependence};
use crate::report::{Cell, ColumnKind, ReportTable};
use crate::scoring::{ColumnValues, RiskModel};

/// Height of the plot, in heights of a line.
const HEIGHT: f32 = 20.0;

/// An indicator under both models.
#[derive(Clone)]
struct Asked {
    models: [Option<Arc<RiskModel>>; 2],
    indicator: String,
}

impl PartialEq for Asked {
    fn eq(&self, other: &Self) -> bool {
        let same = |(a, b): (&Option<Arc<RiskModel>>, &Option<Arc<RiskModel>>)| match (a, b) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (a, b) => a.is_none() && b.is_none(),
        };
        self.indicator == other.indicator && self.models.iter().zip(&other.models).all(same)
    }
}

/// The curves of each model that has some.
type Curves = Result<Vec<(Arc<RiskModel>, Dependence)>, String>;

/// The card.
#[derive(Default)]
pub(super) struct DependenceCard {
    latest: Latest<Asked, Curves>,
}

impl DependenceCard {
    /// Draws the card of `indicator`; without one it says what to do.
    pub(super) fn ui(&mut self, ui: &mut Ui, scene: &GlobalScene<'_>, indicator: Option<&str>) {
        let line = ui.text_style_height(&TextStyle::Body);
        let Some(indicator) = indicator else {
            return card_titled(ui, "How the PD goes with an indicator", "", |ui| {
                ui.set_min_height(4.0 * line);
                empty_state(ui, "Choose an indicator", "Click its bar, or take it from the list.");
            });
        };
        let models = [Some(Arc::clone(scene.model)), scene.other.cloned()];
        let asked = Asked { models, indicator: indicator.to_owned() };
        let of = asked.clone();
        let found = self.latest.get(ui.ctx(), asked.clone(), "dependence", move |_| curves(&of)).cloned();
        match found.filter(|_| self.latest.is_current(&asked)) {
            None => {
                card_titled(ui, &format!("How the PD goes with {indicator}"), "on its way", |ui| drop(ui.spinner()));
            }
            Some(Err(error)) => {
                card_titled(ui, &format!("How the PD goes with {indicator} is not known"), "", |ui| {
                    remark(ui, Tone::Warn, error);
                });
            }
            Some(Ok(curves)) => shown_ui(ui, scene, indicator, &curves, HEIGHT * line),
        }
    }
}

fn curves(asked: &Asked) -> Curves {
    let mut found = Vec::new();
    for model in asked.models.iter().flatten() {
        let curve = dependence(model, &model.background, &asked.indicator);
        if let Some(curve) = curve.map_err(|error| format!("{}.", capital(&error.to_string())))? {
            found.push((Arc::clone(model), curve));
        }
    }
    Ok(found)
}

fn shown_ui(
    ui: &mut Ui,
    scene: &GlobalScene<'_>,
    indicator: &str,
    curves: &[(Arc<RiskModel>, Dependence)],
    height: f32,
) {
    let Some((_, first)) = curves.first() else {
        let title = format!("{indicator} moves no PD: the preparation set it aside");
        return card_titled(ui, &title, "", |_| {});
    };
    let title = finding(indicator, curves);
    let note = "Made by giving every one of these firms each value in turn: where indicators go together, some of them are \
                like no firm there is.";
    if first.grid.iter().all(|value| matches!(value, Value::Number(_))) {
        plot_ui(ui, scene, indicator, curves, &title, height);
    } else {
        let subtitle = subtitle(first, "mean PD by level");
        let name = format!("dependence on {indicator}");
        table_card(
            ui,
            &name,
            [&title, &subtitle],
            || table(&name, &title, indicator, curves),
            |ui| {
                levels_ui(ui, indicator, curves);
            },
        );
    }
    ui.add(Label::new(theme::weak(note)).wrap());
}

fn subtitle(first: &Dependence, what: &str) -> String {
    format!("{what}, over {} training firms drawn at random", first.rows)
}

/// "The PD rises with debt: DBN from 4 % to 23 %".
fn finding(indicator: &str, curves: &[(Arc<RiskModel>, Dependence)]) -> String {
    let ends = |curve: &Dependence| Some((*curve.mean.first()?, *curve.mean.last()?));
    let Some(((model, first), (from, to))) = curves.first().and_then(|of| Some((of, ends(&of.1)?))) else {
        return format!("How the PD goes with {indicator}");
    };
    let low = first.mean.iter().copied().fold(f64::INFINITY, f64::min);
    let high = first.mean.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let name = short_name(model.kind);
    let is_number = matches!(first.grid.first(), Some(Value::Number(_)));
    let range = format!("{name} between {} and {}", percent(low), percent(high));
    // Most of the way lies between the ends: it rises, or falls, by and large.
    match (to - from) / (high - low) {
        share if is_number && share > 0.7 => format!("The PD rises with {indicator}: {range}"),
        share if is_number && share < -0.7 => format!("The PD falls with {indicator}: {range}"),
        _ => format!("The PD goes with {indicator}: {range}"),
    }
}

fn plot_ui(
    ui: &mut Ui,
    scene: &GlobalScene<'_>,
    indicator: &str,
    curves: &[(Arc<RiskModel>, Dependence)],
    title: &str,
    height: f32,
) {
    let palette = Palette::of(ui);
    let number = |value: &Value| if let Value::Number(x) = value { *x } else { f64::NAN };
    let points = |grid: &[Value], pds: &mut dyn Iterator<Item = f64>| -> Vec<[f64; 2]> {
        grid.iter().map(number).zip(pds).map(|(x, pd)| [x, 100.0 * pd]).collect()
    };
    let single: Vec<Vec<[f64; 2]>> = curves.first().map_or_else(Vec::new, |(_, first)| {
        first.curves.rows().into_iter().map(|row| points(&first.grid, &mut row.iter().copied())).collect()
    });
    let means: Vec<Vec<[f64; 2]>> =
        curves.iter().map(|(_, curve)| points(&curve.grid, &mut curve.mean.iter().copied())).collect();
    let deciles = deciles(scene.model, indicator);
    let mut series: Vec<Series<'_>> = Vec::with_capacity(single.len() + means.len() + 1);
    let faint = curves.first().map_or(palette.weak, |(model, _)| model_style(palette, model.kind.key()).color);
    series.extend(
        single.iter().map(|points| Series::new("one firm", points, faint.gamma_multiply(0.22)).width(1.0).backdrop()),
    );
    series.push(Series::new("deciles", &deciles, palette.weak).width(0.0).marker(MarkerShape::Plus).backdrop());
    for ((model, _), points) in curves.iter().zip(&means) {
        let style = model_style(palette, model.kind.key());
        let dash = if curves.len() > 1 { style.dash } else { LineStyle::Solid };
        series.push(Series::new(short_name(model.kind), points, style.color).dash(dash).width(theme::line_width(ui)));
    }
    let first = short_name(scene.model.kind);
    let what = format!("mean PD in %; thin: single firms under the {first}; crosses: deciles of the training rows");
    let subtitle = curves.first().map_or_else(String::new, |(_, curve)| subtitle(curve, &what));
    LinePlot::new(&format!("dependence on {indicator}"), title, &series)
        .subtitle(&subtitle)
        .x_name(indicator)
        .include_y(0.0..=0.0)
        .height(height)
        .show(ui);
}

/// Places of the deciles on the foot of the plot.
fn deciles(model: &RiskModel, indicator: &str) -> Vec<[f64; 2]> {
    let Some(ColumnValues::Number { quantiles, .. }) = model.column(indicator).map(|column| &column.values) else {
        return Vec::new();
    };
    let last = quantiles.len().saturating_sub(1);
    let mut deciles: Vec<f64> = (1..10).filter_map(|i| quantiles.get(i * last / 10).copied()).collect();
    deciles.dedup();
    deciles.into_iter().map(|x| [x, 0.0]).collect()
}

/// The PD of every model by level.
fn table(name: &str, caption: &str, indicator: &str, curves: &[(Arc<RiskModel>, Dependence)]) -> ReportTable {
    let models = curves.iter().map(|(model, _)| (format!("{} PD", short_name(model.kind)), ColumnKind::Numbers));
    let heads = std::iter::once((indicator.to_owned(), ColumnKind::Words)).chain(models);
    let mut table = ReportTable::new(&file_stem(name), caption, heads);
    let levels = curves.first().map_or(&[][..], |(_, first)| &first.grid);
    table.rows = levels
        .iter()
        .map(|level| {
            let pds = curves.iter().map(|(_, curve)| Cell::Share(pd_at(curve, level)));
            std::iter::once(Cell::from(level.to_string())).chain(pds).collect()
        })
        .collect();
    table
}

/// The mean PD at a level; `None` where the model does not know it.
fn pd_at(curve: &Dependence, level: &Value) -> Option<f64> {
    curve.grid.iter().position(|other| other == level).and_then(|place| curve.mean.get(place).copied())
}

/// Levels have no order: a line each, with the PD of every model.
fn levels_ui(ui: &mut Ui, indicator: &str, curves: &[(Arc<RiskModel>, Dependence)]) {
    let line = ui.text_style_height(&TextStyle::Body);
    let Some((_, first)) = curves.first() else { return };
    let names: Vec<String> = curves.iter().map(|(model, _)| format!("{} PD", short_name(model.kind))).collect();
    let mut heads = vec![Column::text(indicator)];
    heads.extend(names.iter().map(|name| Column::numeric(name, 6.5 * line)));
    ui.scope(|ui| {
        ui.set_max_height(HEIGHT * line);
        data_table(ui, "dependence", &heads, first.grid.len(), None, |ui, row, column| {
            let level = &first.grid[row];
            let text = match column.checked_sub(1).and_then(|model| curves.get(model)) {
                None => level.to_string(),
                Some((_, curve)) => pd_at(curve, level).map_or_else(|| "–".to_owned(), percent),
            };
            ui.add(Label::new(text).truncate());
        });
    });
}
