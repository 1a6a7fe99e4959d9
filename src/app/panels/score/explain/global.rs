//! What drives the model: how much worse it is without each indicator, and how its PD goes with one of them.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use egui::{ComboBox, Frame, Label, Margin, ScrollArea, TextStyle, Ui};

use super::dependence::DependenceCard;
use super::importance::{self, Bar, Measure, bars};
use crate::app::latest::Latest;
use crate::app::panels::compare::words::{figure, short_name};
use crate::app::panels::{capital, thousands};
use crate::app::theme::{self, CARD_GAP, Palette, Tone};
use crate::app::widgets::{ActionButton, Taking, card, card_titled, meter, remark, segmented};
use crate::app::workspace::Workspace;
use crate::data::Dataset;
use crate::explanation::{Importance, ImportanceSettings, importance};
use crate::report::{Cell, ColumnKind, ReportTable};
use crate::scoring::RiskModel;

/// Bars that are shown at first.
const MOST: usize = 15;
/// How often progress is looked at.
const SOON: Duration = Duration::from_millis(150);
/// The two cards stand side by side from this width on, in heights of a line.
const WIDE: f32 = 66.0;

/// A model over all firms of a table.
#[derive(Clone, Copy)]
pub(in crate::app::panels::score) struct GlobalScene<'a> {
    /// The model.
    pub(in crate::app::panels::score) model: &'a Arc<RiskModel>,
    /// A second one beside it.
    pub(in crate::app::panels::score) other: Option<&'a Arc<RiskModel>>,
    /// The table that was scored; its indicators bear the names of the model.
    pub(in crate::app::panels::score) data: &'a Arc<Dataset>,
}

/// The rows that importance is judged on.
#[derive(Clone)]
struct Rows {
    data: Arc<Dataset>,
    places: Arc<[usize]>,
    /// Held out when the model was trained in this window.
    held_out: bool,
}

/// A model on some rows.
#[derive(Clone)]
struct Asked {
    model: Arc<RiskModel>,
    of: Rows,
}

impl PartialEq for Asked {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.model, &other.model)
            && Arc::ptr_eq(&self.of.data, &other.of.data)
            && self.of.places == other.of.places
    }
}

/// Shuffles done, and how many there are to do.
#[derive(Default)]
struct Shuffles {
    done: AtomicUsize,
    all: AtomicUsize,
}

/// The page.
#[derive(Default)]
pub(in crate::app::panels::score) struct GlobalPanel {
    measure: Measure,
    /// Every bar, however short.
    all: bool,
    open: BTreeSet<String>,
    /// The indicator whose dependence is shown; `None`: the most important.
    chosen: Option<String>,
    /// The rows, of the model and the table they were found for.
    rows: Option<(Arc<RiskModel>, Arc<Dataset>, Rows)>,
    latest: Latest<Asked, Result<Option<Arc<Importance>>, String>>,
    shuffles: Arc<Shuffles>,
    dependence: DependenceCard,
}

impl GlobalPanel {
    /// Draws it in the room there is.
    pub(in crate::app::panels::score) fn ui(&mut self, ui: &mut Ui, scene: &GlobalScene<'_>, workspace: &Workspace) {
        let of = self.rows_of(scene, workspace);
        let asked = Asked { model: Arc::clone(scene.model), of };
        let found = self.found(ui, &asked);
        let found_bars = match &found {
            Some(Ok(Some(importance))) => bars(importance, self.measure),
            _ => Vec::new(),
        };
        let most_important = || found_bars.first().and_then(|bar| bar.names.first().cloned());
        let indicators: Vec<&str> = scene.model.preparation.indicators().collect();
        let chosen = self.chosen.clone().filter(|name| indicators.contains(&name.as_str()));
        let chosen = chosen.or_else(most_important);
        ScrollArea::vertical().id_salt("what drives the model").auto_shrink(false).show(ui, |ui| {
            Frame::new().inner_margin(Margin { right: 10, bottom: 12, ..Margin::ZERO }).show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = CARD_GAP;
                let line = ui.text_style_height(&TextStyle::Body);
                if ui.available_width() < WIDE * line {
                    self.importance_ui(ui, &asked, found.as_ref(), &found_bars, chosen.as_deref());
                    self.dependence_ui(ui, scene, &indicators, chosen.as_deref());
                } else {
                    ui.columns_const(|[left, right]| {
                        self.importance_ui(left, &asked, found.as_ref(), &found_bars, chosen.as_deref());
                        self.dependence_ui(right, scene, &indicators, chosen.as_deref());
                    });
                }
            });
        });
    }

    /// The rows that the model was trained without where that is known, else the labelled ones of the table.
    fn rows_of(&mut self, scene: &GlobalScene<'_>, workspace: &Workspace) -> Rows {
        if let Some((model, data, rows)) = &self.rows
            && Arc::ptr_eq(model, scene.model)
            && Arc::ptr_eq(data, scene.data)
        {
            return rows.clone();
        }
        let run = &workspace.run;
        // The same preparation was fitted on the same training rows.
        let held_out =
            run.data.as_ref().zip(run.fold()).filter(|(_, fold)| fold.preparation == scene.model.preparation);
        let rows = match held_out {
            Some((data, fold)) => {
                Rows { data: Arc::clone(data), places: fold.test_rows.to_vec().into(), held_out: true }
            }
            None => Rows { data: Arc::clone(scene.data), places: scene.data.labelled_rows().into(), held_out: false },
        };
        self.rows = Some((Arc::clone(scene.model), Arc::clone(scene.data), rows.clone()));
        rows
    }

    fn found(&mut self, ui: &Ui, asked: &Asked) -> Option<Result<Option<Arc<Importance>>, String>> {
        let (of, shuffles) = (asked.clone(), Arc::clone(&self.shuffles));
        let work = move |stop: &AtomicBool| worked_out(&of, &shuffles, stop);
        let found = self.latest.get(ui.ctx(), asked.clone(), "importance", work).cloned();
        found.filter(|_| self.latest.is_current(asked))
    }

    fn importance_ui(
        &mut self,
        ui: &mut Ui,
        asked: &Asked,
        found: Option<&Result<Option<Arc<Importance>>, String>>,
        found_bars: &[Bar],
        chosen: Option<&str>,
    ) {
        let importance = match found {
            None | Some(Ok(None)) => {
                return card_titled(ui, "Indicators are shuffled, one after the other", "", |ui| self.progress_ui(ui));
            }
            Some(Err(error)) => {
                return card_titled(ui, "What drives the model cannot be told from this table", "", |ui| {
                    remark(ui, Tone::Info, error.as_str());
                });
            }
            Some(Ok(Some(importance))) => importance,
        };
        let name = short_name(asked.model.kind);
        let strongest = found_bars.first().and_then(|bar| bar.names.first());
        let title = strongest.map_or_else(
            || format!("Nothing drives the {name}"),
            |first| format!("{first} matters most to the {name}"),
        );
        let subtitle = rows_in_words(asked, importance, self.measure);
        card(ui, |ui| {
            let taking = Taking::begin(ui, "importance");
            Taking::titles(ui, &title, &subtitle);
            ui.horizontal_wrapped(|ui| {
                ui.label(theme::weak("Judged by"));
                segmented(ui, "Judged by", &mut self.measure, &Measure::ALL);
            });
            if !asked.of.held_out {
                let text = "Judged on the labelled rows of the scored table: where the model was trained on the same rows, \
                            that flatters it.";
                remark(ui, Tone::Info, text);
            }
            let most = if self.all { usize::MAX } else { MOST };
            if let Some(indicator) = importance::ui(ui, found_bars, most, &mut self.open, chosen) {
                self.chosen = Some(indicator);
            }
            let note = "Line on a bar: 95 % interval over shuffles and rows. An indicator that goes together with another seems \
                        unimportant alone, since the other still tells: such ones are shuffled together.";
            ui.add(Label::new(theme::weak(note)).wrap());
            super::no_causes_ui(ui);
            taking.end(ui, &title, || table(found_bars, self.measure, &subtitle));
            if found_bars.len() > MOST {
                let text = if self.all { "Show the first ones" } else { "Show every indicator" };
                ui.horizontal(|ui| self.all ^= ActionButton::new(text).show(ui).clicked());
            }
        });
    }

    fn progress_ui(&self, ui: &mut Ui) {
        let [done, all] = [&self.shuffles.done, &self.shuffles.all].map(|n| n.load(Ordering::Relaxed));
        let color = Palette::of(ui).accent;
        meter(ui, "Shuffles done", done as f64 / all.max(1) as f64, color);
        let text = format!("{} of {} shuffles", thousands(done.min(all)), thousands(all));
        ui.label(theme::weak(text));
        ui.ctx().request_repaint_after(SOON);
    }

    fn dependence_ui(&mut self, ui: &mut Ui, scene: &GlobalScene<'_>, indicators: &[&str], chosen: Option<&str>) {
        ui.horizontal(|ui| {
            let label = ui.label(theme::weak("Indicator"));
            let combo = ComboBox::from_id_salt("dependence on").selected_text(chosen.unwrap_or("none"));
            let combo = combo.width(theme::width_for_text(ui, 200.0)).truncate().show_ui(ui, |ui| {
                for &name in indicators {
                    if ui.selectable_label(chosen == Some(name), name).clicked() {
                        self.chosen = Some(name.to_owned());
                    }
                }
            });
            combo.response.labelled_by(label.id);
        });
        self.dependence.ui(ui, scene, chosen);
    }
}

fn worked_out(asked: &Asked, shuffles: &Shuffles, stop: &AtomicBool) -> Result<Option<Arc<Importance>>, String> {
    let Asked { model, of } = asked;
    let settings = ImportanceSettings { seed: model.record.settings.seed, ..ImportanceSettings::default() };
    shuffles.done.store(0, Ordering::Relaxed);
    shuffles.all.store(model.preparation.indicators().count() * settings.repeats, Ordering::Relaxed);
    // It is asked before each shuffle. Groups come on top of the indicators, few of them.
    let stopped = || {
        shuffles.done.fetch_add(1, Ordering::Relaxed);
        stop.load(Ordering::Relaxed)
    };
    let found = importance(model, &of.data, &of.places, &settings, &stopped);
    found.map(|found| found.map(Arc::new)).map_err(|error| format!("{}.", capital(&error.to_string())))
}

/// "how much the AUC of .912 falls when … · 300 held-out rows, 24 bad".
fn rows_in_words(asked: &Asked, importance: &Importance, measure: Measure) -> String {
    let figure_of = match measure {
        Measure::Auc => format!("by how much the AUC of {} falls", figure(importance.auc)),
        Measure::Brier => format!("by how much the Brier score of {} rises", figure(importance.brier)),
    };
    let kind = if asked.of.held_out { "held-out" } else { "labelled" };
    let (rows, bad) = (thousands(importance.rows), thousands(importance.bad));
    format!("{figure_of} when its values are shuffled among {rows} {kind} rows, {bad} of them bad")
}

/// The bars for a file, members of groups after their group.
fn table(bars: &[Bar], measure: Measure, caption: &str) -> ReportTable {
    let of = Measure::ALL.iter().find(|(of, _)| *of == measure).map_or("", |(_, name)| name);
    let worse = format!("{of}, worse by");
    let heads = [
        ("Indicators", ColumnKind::Words),
        ("Shuffled", ColumnKind::Words),
        (worse.as_str(), ColumnKind::Numbers),
        ("Low (95 %)", ColumnKind::Numbers),
        ("High (95 %)", ColumnKind::Numbers),
    ];
    let mut table = ReportTable::new("importance", capital(caption) + ".", heads);
    let line = |bar: &Bar, how: &str| {
        let [low, high] = bar.interval;
        let mut line = vec![Cell::from(bar.names.join(", ")), Cell::from(how)];
        line.extend([bar.mean, low, high].map(|x| Cell::Number(Some(x), 5)));
        line
    };
    for bar in bars {
        table.rows.push(line(bar, if bar.alone.is_empty() { "alone" } else { "together" }));
        table.rows.extend(bar.alone.iter().map(|member| line(member, "alone, of a group")));
    }
    table
}
