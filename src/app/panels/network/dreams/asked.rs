//! What a person asks of the dreams: of which class, and which indicators are held at what.

use std::collections::BTreeMap;

use egui::{Align, Checkbox, ComboBox, DragValue, Layout, ScrollArea, TextStyle, TextWrapMode, Ui};

use super::super::Scene;
use super::beside::real_value;
use crate::app::theme;
use crate::app::widgets::{ActionButton, card_titled, precise};
use crate::data::{Dataset, Original, Preparation};
use crate::inspection::dreams::DreamOptions;

/// Dreams at once, unless asked otherwise: enough for their spread, and a sweep of them takes a millisecond.
const CHAINS: usize = 200;
/// Height of the list of indicators, in heights of a line.
const LIST: f32 = 18.0;

/// What the dreams are of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Subject {
    #[default]
    Bad,
    Good,
    Free,
}

/// What a person asked for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Asked {
    pub(super) subject: Subject,
    /// Whether units are drawn on the way down, and not their means taken.
    pub(super) drawn: bool,
    pub(super) chains: usize,
    /// Indicators that are held, in the units of the table.
    pub(super) held: BTreeMap<String, Original>,
}

impl Default for Asked {
    fn default() -> Self {
        Self { subject: Subject::default(), drawn: true, chains: CHAINS, held: BTreeMap::new() }
    }
}

impl Subject {
    pub(super) const ALL: [Self; 3] = [Self::Bad, Self::Good, Self::Free];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Bad => "Bad",
            Self::Good => "Good",
            Self::Free => "Free",
        }
    }

    /// Its class; `None` where the label is free.
    pub(super) fn is_bad(self) -> Option<bool> {
        match self {
            Self::Bad => Some(true),
            Self::Good => Some(false),
            Self::Free => None,
        }
    }
}

impl Asked {
    /// The same for the chains. Held indicators that have no inputs are left out.
    pub(super) fn options(&self, preparation: &Preparation) -> DreamOptions {
        let held = self.held.iter().filter_map(|(name, value)| {
            let first = preparation.inputs_of(name)?.values.start;
            Some((first..).zip(preparation.inputs_of_value(name, value)?))
        });
        DreamOptions {
            class: self.subject.is_bad().map(usize::from),
            held: held.flatten().collect(),
            chains: self.chains,
            drawn: self.drawn,
        }
    }
}

/// The card of the indicators that are held.
pub(super) fn held_ui(ui: &mut Ui, asked: &mut Asked, scene: &Scene<'_>) {
    let preparation = &scene.fold.preparation;
    let n = asked.held.len();
    let title = if n == 0 { "Nothing is held".to_owned() } else { format!("Held: {n}") };
    card_titled(ui, &title, "Tick an indicator to hold it at a value; the rest fills in", |ui| {
        let height = LIST * ui.text_style_height(&TextStyle::Body);
        ScrollArea::vertical().id_salt("held indicators").max_height(height).show(ui, |ui| {
            for name in preparation.indicators() {
                indicator_ui(ui, asked, name, scene);
            }
        });
        ui.add_space(4.0);
        if ActionButton::new("Let all go").enabled(n > 0).show(ui).clicked() {
            asked.held.clear();
        }
    });
}

fn indicator_ui(ui: &mut Ui, asked: &mut Asked, name: &str, scene: &Scene<'_>) {
    let preparation = &scene.fold.preparation;
    if preparation.inputs_of(name).is_none_or(|inputs| inputs.values.is_empty()) {
        return; // Only a flag is left of it.
    }
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let mut is_held = asked.held.contains_key(name);
            let value = asked.held.get_mut(name).map(|value| value_ui(ui, name, value, preparation, scene.data));
            let room = Layout::left_to_right(Align::Center);
            let tick = ui.with_layout(room, |ui| {
                ui.style_mut().wrap_mode = Some(TextWrapMode::Truncate);
                ui.add(Checkbox::new(&mut is_held, name))
            });
            let tick = tick.inner;
            if let Some(value) = value {
                value.labelled_by(tick.id);
            }
            if tick.changed() {
                asked.held.remove(name);
                asked.held.extend(is_held.then(|| (name.to_owned(), first_value(name, scene))));
            }
        });
    });
}

/// The value at which an indicator is held.
fn value_ui(
    ui: &mut Ui,
    name: &str,
    value: &mut Original,
    preparation: &Preparation,
    data: &Dataset,
) -> egui::Response {
    match value {
        Original::Number(x) => {
            let speed = (x.abs() * 0.02).max(1e-3);
            let number = DragValue::new(x).speed(speed).range(f64::MIN..=f64::MAX).update_while_editing(false);
            ui.add(number.custom_formatter(|x, _| precise(x))).on_hover_text("In the units of the table")
        }
        Original::Level { text, .. } => {
            let width = 6.0 * ui.text_style_height(&TextStyle::Body);
            ComboBox::from_id_salt(("level", name))
                .selected_text(text.as_str())
                .width(width)
                .truncate()
                .show_ui(ui, |ui| {
                    for level in preparation.levels_of(name) {
                        ui.selectable_value(text, level.clone(), level);
                    }
                })
                .response
        }
        Original::Unknown => ui.label(theme::weak(format!("no value in {}", data.label_name))),
    }
}

/// Where an indicator is held at first: at the value of the row that is looked at, or where that is missing at any other.
fn first_value(name: &str, scene: &Scene<'_>) -> Original {
    let of = |row: usize| scene.fold.preparation.inputs_of_value(name, &real_value(scene.data, name, row)).is_some();
    let rows = std::iter::once(scene.row).chain(scene.fold.train_rows.iter().copied());
    let row = rows.filter(|&row| row < scene.data.n_rows()).find(|&row| of(row));
    row.map_or(Original::Unknown, |row| real_value(scene.data, name, row))
}
