//! The reasons page: the waterfall of the firm's PD, and beside it every indicator with its value, its place among peers and
//! what it adds.

use std::cmp::Ordering;
use std::sync::Arc;

use egui::{Label, TextStyle, Ui};

use super::waterfall::{self, MOST};
use super::{FirmKey, FirmScene, no_causes_ui};
use crate::app::latest::Latest;
use crate::app::panels::capital;
use crate::app::panels::compare::words::short_name;
use crate::app::panels::cutoff::percent;
use crate::app::theme::{self, Palette, Tone};
use crate::app::widgets::{
    ActionButton, Column, Sort, Taking, card, card_titled, data_table, remark, segmented, table_card,
};
use crate::explanation::{Explainer, Explanation, Firm, ShapleySettings, Standing, Value, inputs, standing};
use crate::report::{Cell, ColumnKind, ReportTable, Waterfall, WaterfallStep, points};
use crate::scoring::RiskModel;

/// The two cards stand side by side from this width on, in heights of a line.
const WIDE: f32 = 62.0;
/// Height of the table where it stands below the picture, in heights of a line.
const TABLE: f32 = 18.0;

const INDICATOR: usize = 0;
const VALUE: usize = 1;
const PEERS: usize = 2;
const CONTRIBUTION: usize = 3;

/// A firm's PD taken apart.
struct Explained {
    explanation: Explanation,
    /// Training firms that it is held against.
    background: usize,
    waterfall: Waterfall,
    /// In the order of the explanation.
    rows: Vec<Row>,
}

/// An indicator in the table.
struct Row {
    indicator: String,
    value: Value,
    place: Standing,
    contribution: f64,
    error: Option<f64>,
}

/// The page.
pub(super) struct ReasonsPage {
    /// Of which of the models.
    second: bool,
    /// All steps, however small.
    all: bool,
    sort: Sort,
    latest: Latest<FirmKey, Result<Arc<Explained>, String>>,
}

impl Default for ReasonsPage {
    fn default() -> Self {
        let sort = Sort { column: CONTRIBUTION, descending: true };
        Self { second: false, all: false, sort, latest: Latest::default() }
    }
}

impl ReasonsPage {
    /// Draws the page.
    pub(super) fn ui(&mut self, ui: &mut Ui, scene: &FirmScene<'_>, firm: &Firm) {
        self.second &= scene.other.is_some();
        if let Some(other) = scene.other {
            let names = [(false, short_name(scene.model.kind)), (true, short_name(other.kind))];
            ui.horizontal(|ui| {
                ui.label(theme::weak("Reasons of"));
                segmented(ui, "Reasons of", &mut self.second, &names);
            });
        }
        let model = scene.other.filter(|_| self.second).unwrap_or(scene.model);
        let key = FirmKey::of(scene, model);
        let firm = if self.second { super::answers::for_model(model, scene.model, firm) } else { firm.clone() };
        let of = Arc::clone(model);
        let work = move |_: &_| explained(&of, &firm).map(Arc::new);
        let found = self.latest.get(ui.ctx(), key.clone(), "reasons", work).cloned();
        let explained = match found.filter(|_| self.latest.is_current(&key)) {
            None => {
                return card_titled(ui, "The PD is being taken apart", "", |ui| {
                    // As high as what comes, so that the page keeps still.
                    ui.set_min_height(TABLE * ui.text_style_height(&TextStyle::Body));
                    ui.spinner();
                });
            }
            Some(Err(error)) => {
                return card_titled(ui, "There are no reasons to show", "", |ui| remark(ui, Tone::Warn, error));
            }
            Some(Ok(explained)) => explained,
        };
        let line = ui.text_style_height(&TextStyle::Body);
        if ui.available_width() < WIDE * line {
            self.waterfall_ui(ui, scene, &explained);
            self.table_ui(ui, &explained, TABLE * line);
            return;
        }
        ui.columns_const(|[left, right]| {
            self.waterfall_ui(left, scene, &explained);
            // As high as the picture beside it, less its titles.
            let height = left.min_rect().height() - 4.0 * line;
            self.table_ui(right, &explained, height.max(TABLE * line));
        });
    }

    fn most(&self) -> usize {
        if self.all { usize::MAX } else { MOST }
    }

    fn waterfall_ui(&mut self, ui: &mut Ui, scene: &FirmScene<'_>, explained: &Explained) {
        let Explained { explanation, background, waterfall, .. } = explained;
        let subtitle = "striped, to the right: raises the PD; plain, to the left: lowers it; pp: percentage points";
        let title = finding(&scene.name(), explanation);
        card(ui, |ui| {
            let taking = Taking::begin(ui, "waterfall");
            Taking::titles(ui, &title, subtitle);
            waterfall::ui(ui, waterfall, self.most());
            let base = format!("Base: the mean PD of {background} training firms drawn at random.");
            let how = if explanation.exact {
                "Shapley values over all coalitions of indicators."
            } else {
                "Shapley values from orders drawn at random: ± is one standard error."
            };
            ui.add(Label::new(theme::weak(format!("{base} {how}"))).wrap());
            no_causes_ui(ui);
            taking.end(ui, &title, || table(&order(&explained.rows, self.sort)));
            if explanation.contributions.len() > MOST {
                let text = if self.all { "Put small ones together" } else { "Show every indicator" };
                ui.horizontal(|ui| self.all ^= ActionButton::new(text).show(ui).clicked());
            }
        });
    }

    fn table_ui(&mut self, ui: &mut Ui, explained: &Explained, height: f32) {
        let place = "Where the value stands among the training rows: above so many of them, or shared with so many";
        let rows = order(&explained.rows, self.sort);
        let titles = ["Every indicator", "in the units of the table, beside its peers"];
        table_card(
            ui,
            "reasons",
            titles,
            || table(&rows),
            |ui| {
                let line = ui.text_style_height(&TextStyle::Body);
                let contribution = if explained.explanation.exact { 7.0 } else { 10.0 };
                let heads = [
                    Column::text("Indicator"),
                    Column::numeric("Value", 6.0 * line),
                    Column::numeric("Among peers", 7.5 * line).tooltip(place),
                    Column::numeric("Adds", contribution * line)
                        .tooltip("What it adds to the PD, in percentage points"),
                ];
                let decimals = explained.waterfall.decimals();
                ui.scope(|ui| {
                    ui.set_max_height(height);
                    data_table(ui, "reasons", &heads, rows.len(), Some(&mut self.sort), |ui, row, column| {
                        cell(ui, rows[row], column, decimals);
                    });
                });
            },
        );
    }
}

/// Takes the PD of a firm apart.
fn explained(model: &RiskModel, firm: &Firm) -> Result<Explained, String> {
    let told = |error: crate::explanation::ExplanationError| format!("{}.", capital(&error.to_string()));
    let x = inputs(model, std::slice::from_ref(firm));
    let explanation =
        Explainer::new(model, ShapleySettings::of(model)).map_err(told)?.explain(&x.row(0)).map_err(told)?;
    let rows: Vec<Row> = explanation
        .contributions
        .iter()
        .enumerate()
        .map(|(i, (indicator, contribution))| {
            let column = model.columns.iter().position(|column| column.name == *indicator);
            let value = column.and_then(|column| firm.values.get(column).cloned()).unwrap_or(Value::Missing);
            let place = column.map_or(Standing::Unknown, |column| standing(&model.columns[column], &value));
            let error = explanation.standard_errors.as_ref().and_then(|errors| errors.get(i).copied());
            Row { indicator: indicator.clone(), value, place, contribution: *contribution, error }
        })
        .collect();
    let step = |row: &Row| WaterfallStep {
        indicator: row.indicator.clone(),
        value: row.value.to_string(),
        contribution: row.contribution,
        standard_error: row.error,
    };
    let waterfall = Waterfall { base: explanation.base, pd: explanation.pd, steps: rows.iter().map(step).collect() };
    Ok(Explained { explanation, background: model.background.nrows(), waterfall, rows })
}

/// "E041 · 2022: debt raises the PD most, from a base of 8.1 % to 23 %".
fn finding(name: &str, explanation: &Explanation) -> String {
    let strongest = explanation.contributions.iter().max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()));
    let [base, pd] = [explanation.base, explanation.pd].map(percent);
    match strongest.filter(|(_, contribution)| *contribution != 0.0) {
        Some((indicator, contribution)) => {
            let verb = if *contribution > 0.0 { "raises" } else { "lowers" };
            format!("{indicator} {verb} the PD of {name} most: {base} base, {pd} PD")
        }
        None => format!("Nothing moves the PD of {name} from the base of {base}"),
    }
}

/// The rows in the order to show; contributions by their size, with the side told by the sign.
fn order(rows: &[Row], sort: Sort) -> Vec<&Row> {
    let number = |row: &Row| match row.place {
        Standing::Percentile(percent) => percent,
        Standing::Share(share) => 100.0 * share,
        Standing::Unknown => -1.0,
    };
    let mut order: Vec<&Row> = rows.iter().collect();
    order.sort_by(|a, b| {
        let by_column = match sort.column {
            INDICATOR => a.indicator.cmp(&b.indicator),
            VALUE => by_value(&a.value, &b.value),
            PEERS => number(a).total_cmp(&number(b)),
            _ => a.contribution.abs().total_cmp(&b.contribution.abs()),
        };
        if sort.descending { by_column.reverse() } else { by_column }
    });
    order
}

/// Missing values first, then numbers, then levels.
fn by_value(a: &Value, b: &Value) -> Ordering {
    let kind = |value: &Value| match value {
        Value::Missing => 0,
        Value::Number(_) => 1,
        Value::Level(_) => 2,
    };
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.total_cmp(b),
        (Value::Level(a), Value::Level(b)) => a.cmp(b),
        _ => kind(a).cmp(&kind(b)),
    }
}

fn cell(ui: &mut Ui, row: &Row, column: usize, decimals: usize) {
    let palette = Palette::of(ui);
    let text = match column {
        INDICATOR => egui::RichText::new(&row.indicator),
        VALUE => egui::RichText::new(row.value.to_string()),
        PEERS => egui::RichText::new(place_in_words(row.place)),
        _ => {
            let error = row.error.map_or_else(String::new, |e| format!(" ± {:.decimals$}", 100.0 * e));
            let color = if row.contribution > 0.0 { palette.bad } else { palette.accent };
            egui::RichText::new(points(row.contribution, decimals) + &error).color(color)
        }
    };
    ui.add(Label::new(text).truncate());
}

/// "above 93 %", "shared by 12 %".
fn place_in_words(place: Standing) -> String {
    match place {
        Standing::Percentile(percent) => format!("above {percent:.0} %"),
        Standing::Share(share) => format!("shared by {:.0} %", 100.0 * share),
        Standing::Unknown => "–".to_owned(),
    }
}

/// The same for a file, unrounded.
fn table(rows: &[&Row]) -> ReportTable {
    let heads = [
        ("Indicator", ColumnKind::Words),
        ("Value", ColumnKind::Words),
        ("Percentile among training rows", ColumnKind::Numbers),
        ("Share of training rows with this level", ColumnKind::Numbers),
        ("Adds to the PD", ColumnKind::Numbers),
        ("Standard error", ColumnKind::Numbers),
    ];
    let caption = format!("What each indicator adds to the PD of one firm. {}", crate::explanation::NOT_CAUSES);
    let mut table = ReportTable::new("reasons", caption, heads);
    table.rows = rows
        .iter()
        .map(|row| {
            let (percentile, share) = match row.place {
                Standing::Percentile(percent) => (Some(percent), None),
                Standing::Share(share) => (None, Some(share)),
                Standing::Unknown => (None, None),
            };
            vec![
                row.indicator.as_str().into(),
                value_cell(&row.value),
                Cell::Number(percentile, 1),
                Cell::Share(share),
                Cell::Number(Some(row.contribution), 5),
                Cell::Number(row.error, 5),
            ]
        })
        .collect();
    table
}

/// A value unrounded; nothing where it is missing.
fn value_cell(value: &Value) -> Cell {
    match value {
        Value::Number(x) => x.to_string().into(),
        Value::Level(level) => level.as_str().into(),
        Value::Missing => "".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(indicator: &str, contribution: f64, place: Standing) -> Row {
        Row { indicator: indicator.to_owned(), value: Value::Number(1.5), place, contribution, error: None }
    }

    #[test]
    fn rows_are_ordered_by_the_size_of_what_they_add() {
        let rows = [
            row("a", 0.01, Standing::Percentile(5.0)),
            row("b", -0.2, Standing::Unknown),
            row("c", 0.1, Standing::Share(0.5)),
        ];
        let names = |column, descending| -> String {
            order(&rows, Sort { column, descending }).iter().map(|row| row.indicator.as_str()).collect()
        };
        assert_eq!(names(CONTRIBUTION, true), "bca");
        assert_eq!(names(INDICATOR, false), "abc");
        assert_eq!(names(PEERS, true), "cab", "what is not known comes last");
    }

    #[test]
    fn a_finding_names_the_strongest_and_says_where_nothing_moves() {
        let explained = |contributions: &[(&str, f64)]| {
            let contributions: Vec<_> = contributions.iter().map(|(name, c)| ((*name).to_owned(), *c)).collect();
            Explanation { base: 0.08, pd: 0.2, contributions, standard_errors: None, exact: true }
        };
        let found = finding("E041", &explained(&[("profit", -0.01), ("debt", 0.13)]));
        assert_eq!(found, "debt raises the PD of E041 most: 8 % base, 20 % PD");
        assert_eq!(finding("E041", &explained(&[("debt", 0.0)])), "Nothing moves the PD of E041 from the base of 8 %");
        let places = [Standing::Percentile(93.4), Standing::Share(0.12), Standing::Unknown].map(place_in_words);
        assert_eq!(places, ["above 93 %", "shared by 12 %", "–"]);
    }
}
