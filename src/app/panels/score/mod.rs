//! The Score screen: firms scored with a model, listed and added up, one of them explained, and whether they look like those
//! that the model learned from.

mod bar;
mod drift;
mod explain;
mod list;
mod matching;
mod order;
mod reasons;
mod summary;
mod warnings;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use egui::{CentralPanel, Frame, Label, Margin, Panel, ScrollArea, Ui};

use self::drift::DriftView;
use self::explain::{ExplainPanel, FirmScene, GlobalPanel, GlobalScene};
use self::list::List;
use self::matching::MatchingDialog;
use crate::app::actions::Intent;
use crate::app::panels::compare::words::short_name;
use crate::app::panels::{count, thousands};
use crate::app::scoring::ScoredTable;
use crate::app::theme::{self, CARD_GAP, Palette};
use crate::app::widgets::{ActionButton, Icon, card_titled, empty_state, tab, table_card};
use crate::app::workspace::Workspace;
use crate::report::ReportTable;
use crate::storage::Control;

/// What is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Tab {
    #[default]
    Firms,
    Firm,
    Model,
    Drift,
}

impl Tab {
    const ALL: [Self; 4] = [Self::Firms, Self::Firm, Self::Model, Self::Drift];

    fn name(self) -> &'static str {
        match self {
            Self::Firms => "Firms",
            Self::Firm => "One firm",
            Self::Model => "What drives the model",
            Self::Drift => "Drift",
        }
    }
}

/// The screen's own state.
#[derive(Default)]
pub(in crate::app) struct ScorePanel {
    tab: Tab,
    list: List,
    drift: DriftView,
    matching: MatchingDialog,
    explain: ExplainPanel,
    global: GlobalPanel,
    /// The firm looked at.
    firm: Option<Chosen>,
}

/// A firm by its place in a scored table.
#[derive(Clone)]
struct Chosen {
    table: Arc<ScoredTable>,
    place: usize,
}

/// Width of the cards beside the list, in points.
const SIDE: f32 = 300.0;
/// The list needs this much beside them; where it is not there, the cards stand below it.
const LEAST_LIST: f32 = 620.0;
/// Height of the list where the cards stand below it, in points.
const LIST_HEIGHT: f32 = 420.0;

impl ScorePanel {
    /// Draws the screen.
    pub(in crate::app) fn ui(&mut self, ui: &mut Ui, workspace: &Workspace, intents: &mut Vec<Intent>) {
        let palette = Palette::of(ui);
        let scoring = &workspace.scoring;
        self.matching.ui(ui, scoring.unmatched.as_deref(), intents);
        let ground =
            Frame::new().fill(palette.background).inner_margin(Margin { left: 12, right: 4, top: 10, bottom: 0 });
        let Some(model) = scoring.model() else {
            CentralPanel::default().frame(ground).show(ui, |ui| bar::no_model_ui(ui, workspace, intents));
            return;
        };
        let top = Frame::new().fill(palette.panel).inner_margin(Margin::symmetric(12, 8));
        Panel::top("score bar").resizable(false).frame(top).show(ui, |ui| {
            bar::ui(ui, model, workspace, intents);
            if let Some(scored) = &scoring.scored {
                ui.add_space(2.0);
                self.tabs_ui(ui, scored);
            }
        });
        let Some(scored) = &scoring.scored else {
            CentralPanel::default().frame(ground).show(ui, |ui| {
                let hint =
                    "Open a file of firms, or score the open table: columns are found by name, no outcome is needed";
                match &scoring.running {
                    Some(_) => empty_state(ui, "The firms are being scored", ""),
                    None => empty_state(ui, "No firms are scored yet", hint),
                }
            });
            return;
        };
        self.follow(scored);
        if self.tab == Tab::Firms {
            return self.firms_ui(ui, scored, workspace, ground);
        }
        CentralPanel::default().frame(ground).show(ui, |ui| match self.tab {
            Tab::Firms => {}
            Tab::Firm => self.firm_ui(ui, scored, workspace, intents),
            Tab::Model => self.model_ui(ui, scored, workspace),
            Tab::Drift => scrolled(ui, "drift page", |ui| self.drift.ui(ui, scored)),
        });
    }

    /// The tabs, and beside them what is scored.
    fn tabs_ui(&mut self, ui: &mut Ui, scored: &ScoredTable) {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            for which in Tab::ALL {
                if tab(ui, self.tab == which, which.name()).clicked() {
                    self.tab = which;
                }
            }
            ui.add_space(10.0);
            let title = format!(
                "{} of {}, scored with the {}: {} called bad",
                count(scored.firms.len(), "firm"),
                scored.name,
                short_name(scored.model.kind),
                thousands(scored.summary.called_bad as usize)
            );
            ui.add(Label::new(theme::semibold(title)).truncate());
        });
    }

    /// The firm looked at stays the one looked at when it is scored again.
    fn follow(&mut self, scored: &Arc<ScoredTable>) {
        let Some(chosen) = self.firm.take() else { return };
        let place = if chosen.table.serial == scored.serial {
            Some(chosen.place)
        } else {
            scored.place_of(&chosen.table, chosen.place)
        };
        self.firm = place.map(|place| Chosen { table: Arc::clone(scored), place });
    }

    /// One firm explained; before one is chosen the first of the list.
    fn firm_ui(&mut self, ui: &mut Ui, scored: &Arc<ScoredTable>, workspace: &Workspace, intents: &mut Vec<Intent>) {
        let order = self.list.firms(ui, scored).unwrap_or_default();
        let chosen = self.firm.as_ref().map(|chosen| chosen.place).or_else(|| order.first().copied());
        let Some((place, score)) = chosen.and_then(|place| Some((place, scored.firms.get(place)?))) else {
            return empty_state(ui, "No firm is chosen", "Choose one in the list of firms");
        };
        let at = order.iter().position(|&other| other == place);
        let beside = |step: isize| at.and_then(|at| order.get(at.checked_add_signed(step)?).copied());
        let (before, after) = (beside(-1), beside(1));
        let mut next = place;
        ui.horizontal(|ui| {
            for (icon, name, to) in [(Icon::ChevronUp, "Firm before", before), (Icon::ChevronDown, "Next firm", after)]
            {
                if ActionButton::icon(icon, name).enabled(to.is_some()).show(ui).clicked() {
                    next = to.unwrap_or(next);
                }
            }
            list::chips_ui(ui, score, &scored.matching);
        });
        self.firm = Some(Chosen { table: Arc::clone(scored), place: next });
        let other = workspace.scoring.beside(&scored.model);
        let (model, data, matching) = (&scored.model, &scored.data, &scored.matching);
        let scene = FirmScene { model, other, source: scored.source(), data, row: place, score, matching };
        self.explain.ui(ui, &scene, workspace, intents);
    }

    fn model_ui(&mut self, ui: &mut Ui, scored: &ScoredTable, workspace: &Workspace) {
        let other = workspace.scoring.beside(&scored.model);
        let scene = GlobalScene { model: &scored.model, other, data: &scored.data };
        self.global.ui(ui, &scene, workspace);
    }

    fn firms_ui(&mut self, ui: &mut Ui, scored: &Arc<ScoredTable>, workspace: &Workspace, ground: Frame) {
        let side = theme::width_for_text(ui, SIDE);
        let wide = ui.available_width() >= side + theme::width_for_text(ui, LEAST_LIST);
        let (mut clicked, mut all_drift) = (None, false);
        if wide && workspace.stage.shows(Control::SidePanels) {
            let frame = Frame::new().fill(Palette::of(ui).panel).inner_margin(Margin {
                left: 12,
                right: 4,
                top: 10,
                bottom: 4,
            });
            Panel::right("score side").exact_size(side).resizable(false).frame(frame).show(ui, |ui| {
                scrolled(ui, "score side", |ui| cards_ui(ui, scored, &mut clicked, &mut all_drift));
            });
        }
        CentralPanel::default().frame(ground).show(ui, |ui| {
            if wide {
                Frame::new().inner_margin(Margin { right: 8, bottom: 4, ..Margin::ZERO }).show(ui, |ui| {
                    clicked = self.list.ui(ui, scored).or(clicked);
                });
                return;
            }
            scrolled(ui, "score page", |ui| {
                ui.scope(|ui| {
                    ui.set_max_height(LIST_HEIGHT);
                    clicked = self.list.ui(ui, scored);
                });
                cards_ui(ui, scored, &mut clicked, &mut all_drift);
            });
        });
        if let Some(place) = clicked {
            self.firm = Some(Chosen { table: Arc::clone(scored), place });
            self.tab = Tab::Firm;
        }
        if all_drift {
            self.tab = Tab::Drift;
        }
    }
}

/// What the firms add up to. Sets the place of a firm that was clicked, and whether all of the drift is wanted.
fn cards_ui(ui: &mut Ui, scored: &ScoredTable, clicked: &mut Option<usize>, all_drift: &mut bool) {
    summary::called_bad_ui(ui, scored);
    if let Some(warnings) = &scored.warnings {
        *clicked = clicked.or(warnings::ui(ui, warnings));
    }
    summary::ui(ui, scored);
    *all_drift |= drift::card_ui(ui, scored);
}

/// A card with a finding, and its own spacing inside.
fn card<R>(ui: &mut Ui, title: &str, subtitle: &str, add_contents: impl FnOnce(&mut Ui) -> R) -> R {
    card_titled(ui, title, subtitle, |ui| {
        ui.spacing_mut().item_spacing.y = 5.0;
        add_contents(ui)
    })
}

/// The same with a table, which can be taken out of the window by this name.
fn numbers_card<R>(
    ui: &mut Ui,
    name: &str,
    titles: [&str; 2],
    table: impl FnOnce() -> ReportTable,
    add_contents: impl FnOnce(&mut Ui) -> R,
) -> R {
    table_card(ui, name, titles, table, |ui| {
        ui.spacing_mut().item_spacing.y = 5.0;
        add_contents(ui)
    })
}

/// A page that scrolls, with room for the scroll bar beside the cards.
fn scrolled(ui: &mut Ui, id: &str, add_contents: impl FnOnce(&mut Ui)) {
    ScrollArea::vertical().id_salt(id).auto_shrink(false).show(ui, |ui| {
        Frame::new().inner_margin(Margin { right: 8, bottom: 12, ..Margin::ZERO }).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = CARD_GAP;
            add_contents(ui);
        });
    });
}
