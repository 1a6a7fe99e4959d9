//! The what-if page: every indicator as a lever, and the PD of both models moving as it is dragged.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use egui::{Frame, Label, Margin, Rect, ScrollArea, TextEdit, TextStyle, Ui, UiBuilder, pos2, vec2};

use super::answers::{Answers, Pds};
use super::levers::{Lever, reset_all_ui};
use super::{FirmScene, header, strip};
use crate::app::latest::Latest;
use crate::app::panels::count;
use crate::app::theme::{self, Tone};
use crate::app::widgets::{card, picture_card, remark};
use crate::explanation::{Firm, Value, inputs};
use crate::scoring::RiskModel;

/// Width of a lever at least, in heights of a line.
const CELL: f32 = 13.0;
/// The levers are at least so high, in heights of a line.
const LEAST: f32 = 12.0;
/// Space between two levers, in points.
const GAP: f32 = 18.0;
/// Levers from which on one can be searched for.
const MANY: usize = 12;
/// Places along a track that are looked at for a change of class, and how often one is then halved.
const PLACES: usize = 33;
const HALVINGS: usize = 5;

/// The page.
#[derive(Default)]
pub(super) struct WhatIfPage {
    levers: Vec<Lever>,
    /// Indicators that the model does not look at.
    set_aside: Vec<String>,
    /// Only levers with this in their name are shown.
    search: String,
    answers: Answers,
    turns: Latest<TurnsKey, Turns>,
}

/// Where the class by a model changes along each lever.
struct Turns {
    model: Arc<RiskModel>,
    places: Vec<Vec<f64>>,
}

/// A firm under a model.
#[derive(Clone)]
struct TurnsKey {
    model: Arc<RiskModel>,
    firm: Firm,
}

impl PartialEq for TurnsKey {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.model, &other.model) && self.firm == other.firm
    }
}

impl WhatIfPage {
    /// Levers for the indicators that `model` answers by, at the values of `firm`.
    pub(super) fn begin(&mut self, model: &RiskModel, firm: &Firm) {
        let used: Vec<&str> = model.preparation.indicators().collect();
        let columns = model.columns.iter().zip(&firm.values).enumerate();
        let (used, unused): (Vec<_>, Vec<_>) =
            columns.partition(|(_, (reference, _))| used.contains(&reference.name.as_str()));
        self.levers = used.into_iter().map(|(i, (reference, value))| Lever::new(i, reference, value.clone())).collect();
        self.set_aside = unused.into_iter().map(|(_, (reference, _))| reference.name.clone()).collect();
    }

    /// Sets these levers and leaves the others at the firm's own values.
    pub(super) fn apply(&mut self, changes: &[(String, Value)]) {
        for lever in &mut self.levers {
            lever.reset();
            if let Some((_, value)) = changes.iter().find(|(name, _)| *name == lever.name) {
                lever.now = value.clone();
            }
        }
        self.search.clear();
    }

    /// The indicators that can be changed.
    #[cfg(test)]
    pub(super) fn levers(&self) -> &[Lever] {
        &self.levers
    }

    /// The PDs that are shown.
    #[cfg(test)]
    pub(super) fn shown(&self) -> Pds {
        self.answers.shown()
    }

    /// The firm with the values as they are set.
    fn changed(&self, firm: &Firm) -> Firm {
        self.levers.iter().fold(firm.clone(), |firm, lever| firm.with(lever.column, lever.now.clone()))
    }

    /// Draws the page. `was`: the PDs of the firm as it is; `room`: the height that is seen of all pages.
    pub(super) fn ui(&mut self, ui: &mut Ui, scene: &FirmScene<'_>, firm: &Firm, was: Pds, room: f32) {
        let set = self.changed(firm);
        let now = self.answers.of(ui.ctx(), scene, &set);
        let lines = header::standings(scene, was, now);
        let changed = self.levers.iter().filter(|lever| lever.is_changed()).count();
        let title = match changed {
            0 => "The firm as it is: drag an indicator to see what the models would say".to_owned(),
            n => format!("{} changed", count(n, "indicator")),
        };
        let titles = [title.as_str(), "ring: PD of the firm as it is; bold line: cut-off, bad on its right"];
        picture_card(
            ui,
            "what if",
            titles,
            || strip::table(&lines, &title),
            |ui| {
                strip::ui(ui, &lines, header::range(scene));
                for text in lines.iter().filter_map(strip::ModelPd::crossing) {
                    remark(ui, Tone::Warn, text);
                }
                remark(
                    ui,
                    Tone::Info,
                    "What the models would answer for such a firm, not what would become of this one. Indicators that go together \
                 in life are moved here one at a time.",
                );
            },
        );
        let turns = self.turns_of(ui, scene, &set);
        let line = ui.text_style_height(&TextStyle::Body);
        let used = ui.cursor().top() - ui.min_rect().top();
        // The buttons and the card around them.
        let height = (room - used - 2.0 * line - 46.0).max(LEAST * line);
        card(ui, |ui| self.levers_ui(ui, &turns, height));
    }

    fn levers_ui(&mut self, ui: &mut Ui, turns: &[Vec<f64>], height: f32) {
        ui.horizontal_wrapped(|ui| {
            reset_all_ui(ui, &mut self.levers);
            ui.label(theme::weak("ring on a track: the firm's own value; bold line: another class from there on"));
            if self.levers.len() > MANY {
                let label = ui.label(theme::weak("Find"));
                let width = theme::width_for_text(ui, 160.0);
                ui.add(TextEdit::singleline(&mut self.search).desired_width(width).hint_text("an indicator"))
                    .labelled_by(label.id);
            }
        });
        // They scroll by themselves, so that the PDs above them stay in view while one is dragged.
        ScrollArea::vertical().id_salt("levers").max_height(height).auto_shrink([false, true]).show(ui, |ui| {
            Frame::new().inner_margin(Margin { right: 10, ..Margin::ZERO }).show(ui, |ui| self.grid_ui(ui, turns));
        });
    }

    fn grid_ui(&mut self, ui: &mut Ui, turns: &[Vec<f64>]) {
        let wanted = self.search.trim().to_lowercase();
        let shown: Vec<(usize, &mut Lever)> = self
            .levers
            .iter_mut()
            .enumerate()
            .filter(|(_, lever)| wanted.is_empty() || lever.name.to_lowercase().contains(&wanted))
            .collect();
        if shown.is_empty() {
            ui.label(theme::weak("No indicator has that in its name."));
        }
        let line = ui.text_style_height(&TextStyle::Body);
        let room = ui.available_width();
        let across = ((room + GAP) / (CELL * line + GAP)).floor().max(1.0);
        let width = ((room + GAP) / across).floor() - GAP;
        let mut shown = shown.into_iter();
        loop {
            let row: Vec<(usize, &mut Lever)> = shown.by_ref().take(across as usize).collect();
            if row.is_empty() {
                break;
            }
            let top = ui.cursor().min;
            let mut bottom = top.y;
            for (i, (place, lever)) in row.into_iter().enumerate() {
                let left = (top.x + i as f32 * (width + GAP)).round();
                // As high as it needs to be: the highest of a row makes room for all.
                let cell = Rect::from_min_size(pos2(left, top.y), vec2(width, 4.0 * line));
                let mut cell = ui.new_child(UiBuilder::new().id_salt(("lever", place)).max_rect(cell));
                lever.ui(&mut cell, turns.get(place).map_or(&[], Vec::as_slice));
                bottom = bottom.max(cell.min_rect().bottom());
            }
            ui.advance_cursor_after_rect(Rect::from_min_max(top, pos2(top.x + room, bottom)));
        }
        if !self.set_aside.is_empty() {
            let n = count(self.set_aside.len(), "indicator");
            let text = format!("{n} that the preparation set aside changes no PD: {}.", self.set_aside.join(", "));
            ui.add(Label::new(theme::weak(text)).wrap());
        }
    }

    /// Where the class by the scoring model changes along each lever, for the newest values that is known of.
    fn turns_of(&mut self, ui: &Ui, scene: &FirmScene<'_>, set: &Firm) -> Vec<Vec<f64>> {
        let key = TurnsKey { model: Arc::clone(scene.model), firm: set.clone() };
        let tracks: Vec<Option<(usize, [f64; 2])>> = self
            .levers
            .iter()
            .map(|lever| lever.range().map(|range| (lever.column, [*range.start(), *range.end()])))
            .collect();
        let asked = key.clone();
        let work = move |stop: &AtomicBool| {
            let along = |track: &Option<_>| track.map_or_else(Vec::new, |track| turns(&asked, track, stop));
            Turns { places: tracks.iter().map(along).collect(), model: asked.model }
        };
        let found = self.turns.get(ui.ctx(), key, "turns", work);
        // Those of another model would stand at the wrong places.
        found
            .filter(|turns| Arc::ptr_eq(&turns.model, scene.model))
            .map(|turns| turns.places.clone())
            .unwrap_or_default()
    }
}

/// The values along one track at which the class changes while all other values stay.
fn turns(asked: &TurnsKey, (column, [low, high]): (usize, [f64; 2]), stop: &AtomicBool) -> Vec<f64> {
    if stop.load(Ordering::Relaxed) || low >= high {
        return Vec::new();
    }
    let TurnsKey { model, firm } = asked;
    let called_bad = |values: &[f64]| -> Vec<bool> {
        let firms: Vec<Firm> = values.iter().map(|&x| firm.with(column, Value::Number(x))).collect();
        model.pd(inputs(model, &firms).view()).into_iter().map(|pd| model.is_called_bad(pd)).collect()
    };
    let places: Vec<f64> = (0..PLACES).map(|i| low + (high - low) * i as f64 / (PLACES - 1) as f64).collect();
    let calls = called_bad(&places);
    let crossed = |i: &usize| calls[*i] != calls[i + 1];
    (0..calls.len().saturating_sub(1))
        .filter(crossed)
        .map(|i| {
            let (mut from, mut to) = (places[i], places[i + 1]);
            for _ in 0..HALVINGS {
                let middle = f64::midpoint(from, to);
                if called_bad(&[middle]).first() == Some(&calls[i]) {
                    from = middle;
                } else {
                    to = middle;
                }
            }
            f64::midpoint(from, to)
        })
        .collect()
}
