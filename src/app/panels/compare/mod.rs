//! The Compare screen: the verdict, the table of models, their curves and their errors; on the right what is compared,
//! how far it is, and everything the reader must know.

mod confusion;
mod disagreements;
mod plots;
mod side;
mod significance;
mod studies;
mod table;
mod verdict;
pub(super) mod words;

#[cfg(test)]
pub(super) mod tests;

use egui::{CentralPanel, Frame, Label, Margin, Panel, ScrollArea, Ui};

use crate::app::actions::{Command, Intent};
use crate::app::comparing::{CompareResult, CompareState};
use crate::app::theme::{self, CARD_GAP, Palette, model_style};
use crate::app::widgets::{self, ActionButton, Icon, empty_state, meter_row};
use crate::app::workspace::{DataState, Workspace};
use crate::storage::Control;
use crate::training::{CellState, ModelKind};
use disagreements::Listing;
use plots::PlotKind;
use studies::StudyView;
use table::TableView;
use words::{list, name};

use crate::app::panels::{capital, count, folds};

/// The screen's own state.
pub(in crate::app) struct ComparePanel {
    /// What the table of models shows.
    table: TableView,
    /// Whom the verdict holds against the first model; `None`: the second.
    opponent: Option<ModelKind>,
    /// The curves that are shown.
    plot: PlotKind,
    /// The study that is looked at.
    study: StudyView,
    /// How the rows that two models disagree on are sorted.
    disagreements: Listing,
}

impl Default for ComparePanel {
    fn default() -> Self {
        Self {
            table: TableView::default(),
            opponent: None,
            plot: PlotKind::Roc,
            study: StudyView::default(),
            disagreements: Listing::default(),
        }
    }
}

/// Width of the panel on the right, in points.
const SIDE: f32 = 284.0;
/// A page narrower than this, as with large type, has one thing below the other, in points.
const NARROW: f32 = 640.0;
/// Heights of a row of plots, in points: at least, at most.
const PLOT_HEIGHTS: [f32; 2] = [250.0, 400.0];

impl ComparePanel {
    pub(in crate::app) fn ui(&mut self, ui: &mut Ui, workspace: &Workspace, intents: &mut Vec<Intent>) {
        let palette = Palette::of(ui);
        let side = Frame::new().fill(palette.panel).inner_margin(Margin { left: 14, right: 4, top: 10, bottom: 4 });
        if workspace.stage.shows(Control::SidePanels) {
            Panel::right("compare side").exact_size(theme::width_for_text(ui, SIDE)).resizable(false).frame(side).show(
                ui,
                |ui| {
                    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                        Frame::new().inner_margin(Margin { right: 10, bottom: 8, ..Margin::ZERO }).show(ui, |ui| {
                            side::ui(ui, workspace, intents);
                        });
                    });
                },
            );
        }
        let ground =
            Frame::new().fill(palette.background).inner_margin(Margin { left: 12, right: 4, top: 12, bottom: 0 });
        CentralPanel::default().frame(ground).show(ui, |ui| {
            let compare = &workspace.compare;
            let height = ui.available_height();
            let page = |ui: &mut Ui, contents: &mut dyn FnMut(&mut Ui)| {
                // An id of its own, or it would stand where another screen was scrolled to.
                ScrollArea::vertical().id_salt("compare page").auto_shrink(false).show(ui, |ui| {
                    // Room for the scroll bar beside the cards.
                    Frame::new().inner_margin(Margin { right: 8, bottom: 12, ..Margin::ZERO }).show(ui, |ui| {
                        ui.spacing_mut().item_spacing.y = CARD_GAP;
                        contents(ui);
                    });
                });
            };
            match &compare.result {
                Some(result) => page(ui, &mut |ui| self.result_ui(ui, result, workspace, height, intents)),
                None if compare.is_running() => page(ui, &mut |ui| running_ui(ui, compare)),
                None => empty_ui(ui, workspace, intents),
            }
        });
    }
}

/// Cards have their own spacing inside.
fn in_card(ui: &mut Ui, add_contents: impl FnOnce(&mut Ui)) {
    widgets::card(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 5.0;
        add_contents(ui);
    });
}

impl ComparePanel {
    fn result_ui(
        &mut self,
        ui: &mut Ui,
        result: &CompareResult,
        workspace: &Workspace,
        height: f32,
        intents: &mut Vec<Intent>,
    ) {
        let top = ui.cursor().top();
        let (comparison, analysis) = (&result.comparison, result.analysis.as_ref());
        verdict::ui(ui, &mut self.opponent, result, workspace, intents);
        table::ui(ui, &mut self.table, comparison, analysis);
        let room = height - (ui.cursor().top() - top) - confusion::height(ui) - CARD_GAP - 12.0;
        let plot_height = room.clamp(PLOT_HEIGHTS[0], PLOT_HEIGHTS[1]).round();
        let narrow = ui.available_width() < NARROW;
        self.plot.choice_ui(ui);
        let plot = |ui: &mut Ui, i: usize| {
            if i == 0 {
                plots::curves_ui(ui, self.plot, comparison, analysis, plot_height);
            } else {
                plots::accuracy(ui, result, plot_height);
            }
        };
        if narrow {
            (0..2).for_each(|i| plot(ui, i));
        } else {
            widgets::columns(ui, 2, plot_height, plot);
        }
        confusion::ui(ui, comparison);
        significance::ui(ui, comparison, analysis);
        studies::ui(ui, &mut self.study, workspace, intents);
        disagreements::ui(ui, &mut self.disagreements, result);
    }
}

/// How far the models are, while there is nothing else to show.
fn running_ui(ui: &mut Ui, compare: &CompareState) {
    let palette = Palette::of(ui);
    in_card(ui, |ui| {
        let names: Vec<String> = compare.models.iter().map(|kind| format!("the {}", kind.title())).collect();
        ui.add(Label::new(theme::title(format!("Comparing {}", list(&names)))).wrap());
        let progress = side::progress_in_words(compare, compare.cells.len());
        let hint =
            "Each model is fitted on every fold and judged on its held-out rows; the verdict comes when all are done.";
        ui.label(format!("{progress}."));
        ui.add(Label::new(theme::weak(hint)).wrap());
        ui.add_space(6.0);
        for (i, &kind) in compare.models.iter().enumerate() {
            let states: Vec<CellState> = compare.cells.iter().skip(i).step_by(compare.models.len()).copied().collect();
            let done = states.iter().filter(|&&state| state == CellState::Done).count();
            let figure = if states.is_empty() {
                "starting".to_owned()
            } else {
                format!("{done} of {}", count(states.len(), "fold"))
            };
            let color = model_style(palette, kind.key()).color;
            meter_row(ui, color, &name(kind), &figure, side::share_done(&states), "");
            ui.add_space(4.0);
        }
    });
}

/// What can be done before there is a result: one button, or what is in its way.
fn empty_ui(ui: &mut Ui, workspace: &Workspace, intents: &mut Vec<Intent>) {
    let models: Vec<String> = workspace.settings.models.iter().map(|kind| format!("the {}", kind.title())).collect();
    let (title, hint) = match (workspace.table.as_ref().map(|table| &table.data), workspace.problems.first()) {
        (None, _) => ("No table is open".to_owned(), "Open a table, or the bundled sample, first.".to_owned()),
        (Some(DataState::Building), _) => ("Reading the table…".to_owned(), String::new()),
        (Some(DataState::Unusable(why)), _) => ("This table cannot be learned from yet".to_owned(), why.clone()),
        (_, Some(problem)) => ("A setting is out of its range".to_owned(), problem.to_string()),
        (Some(DataState::Ready(_)), None) => {
            let title = match &models[..] {
                [first, second, ..] => format!("Is {first} better than {second} on this table?"),
                [only] => format!("How good is {only} on this table?"),
                [] => String::new(),
            };
            let splits = folds::planned_splits(&workspace.settings.validation);
            (
                title,
                format!(
                    "{} on the same {}, judged on rows they have not seen.",
                    capital(&list(&models)),
                    count(splits, "split")
                ),
            )
        }
    };
    empty_state(ui, &title, &hint);
    ui.add_space(8.0);
    ui.vertical_centered(|ui| compare_button(ui, "Compare", true, workspace, intents));
}

/// The button that starts the comparison; disabled while it cannot start.
fn compare_button(ui: &mut Ui, text: &str, primary: bool, workspace: &Workspace, intents: &mut Vec<Intent>) {
    let ready = workspace.data().is_some() && workspace.problems.is_empty() && !workspace.compare.is_running();
    let mut button = ActionButton::new(text).with_icon(Icon::Play).tooltip(Command::Compare.tooltip()).enabled(ready);
    if let Some(key) = Command::Compare.shortcut() {
        button = button.shortcut(key);
    }
    if primary {
        button = button.primary();
    }
    if button.show(ui).clicked() {
        intents.push(Intent::Do(Command::Compare));
    }
}
