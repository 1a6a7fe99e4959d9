//! A number with its name: the name on the left, the number on the right, and a slim track under both.
//!
//! The number can be dragged, or clicked and typed; the track can be dragged or moved with the arrow keys. Both carry
//! the name for screen readers. A number that is refused shows why in a line below. Values can be marked on the track.

use std::ops::RangeInclusive;

use egui::emath::Numeric;
use egui::{Align, Color32, DragValue, Label, Layout, Response, Stroke, TextStyle, Ui};

use super::scale;
use super::track::{Spread, TrackMark, track};
use crate::app::theme::{self, Palette};

/// A field for one number.
#[must_use = "call show"]
pub(crate) struct Field<'a, T> {
    name: &'a str,
    value: &'a mut T,
    range: RangeInclusive<T>,
    logarithmic: bool,
    track: bool,
    typed: Option<RangeInclusive<T>>,
    marks: &'a [TrackMark],
    format: Option<&'a dyn Fn(f64) -> String>,
    percent: bool,
    tooltip: &'a str,
    error: Option<&'a str>,
}

impl<'a, T: Numeric> Field<'a, T> {
    /// A field for `value`, held to `range`, with a linear track.
    pub(crate) fn new(name: &'a str, value: &'a mut T, range: RangeInclusive<T>) -> Self {
        Self {
            name,
            value,
            range,
            logarithmic: false,
            track: true,
            typed: None,
            marks: &[],
            format: None,
            percent: false,
            tooltip: "",
            error: None,
        }
    }

    /// Gives each power of ten the same room on the track. A range that begins with 0 keeps 0 as its left end, followed
    /// by 1e-6 (by 1 for whole numbers).
    pub(crate) fn log(mut self) -> Self {
        self.logarithmic = true;
        self
    }

    /// Leaves out the track.
    pub(crate) fn without_track(mut self) -> Self {
        self.track = false;
        self
    }

    /// Lets numbers be typed within this wider range; the track keeps to its own.
    pub(crate) fn typed(mut self, range: RangeInclusive<T>) -> Self {
        self.typed = Some(range);
        self
    }

    /// Marks values on the track.
    pub(crate) fn marks(mut self, marks: &'a [TrackMark]) -> Self {
        self.marks = marks;
        self
    }

    /// How the number is written. Words may follow it ("0.003 → live"): what is typed is read up to its first word.
    pub(crate) fn format(mut self, format: &'a dyn Fn(f64) -> String) -> Self {
        self.format = Some(format);
        self
    }

    /// Written and typed in hundredths: 0.05 is "5.0 %".
    pub(crate) fn percent(mut self) -> Self {
        self.percent = true;
        self
    }

    /// What the number does, shown under the pointer.
    pub(crate) fn tooltip(mut self, tooltip: &'a str) -> Self {
        self.tooltip = tooltip;
        self
    }

    /// Why the number cannot be used, shown below.
    pub(crate) fn error(mut self, error: Option<&'a str>) -> Self {
        self.error = error;
        self
    }

    /// Draws the field as wide as the room there is. The response is changed when the number is.
    pub(crate) fn show(self, ui: &mut Ui) -> Response {
        let Self { name, value, range, logarithmic, track: has_track, typed, marks, format, percent, tooltip, error } =
            self;
        let palette = Palette::of(ui);
        ui.scope(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            ui.spacing_mut().interact_size.y = ui.text_style_height(&TextStyle::Body) + 2.0;
            let row = ui.horizontal(|ui| {
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    let speed = drag_speed(value, &range, logarithmic);
                    let range = typed.unwrap_or_else(|| range.clone());
                    let number = number_ui(ui, value, range, speed, if percent { 100.0 } else { 1.0 }, format);
                    let room = Layout::left_to_right(Align::Center);
                    let label = ui.with_layout(room, |ui| ui.add(Label::new(name).truncate())).inner;
                    let number = number.labelled_by(label.id);
                    (if tooltip.is_empty() { number } else { number.on_hover_text(tooltip) }, label)
                })
            });
            let (mut response, label) = row.inner.inner;
            if !tooltip.is_empty() {
                label.clone().on_hover_text(tooltip);
            }
            if has_track {
                let ends = range.start().to_f64()..=range.end().to_f64();
                let spread = if logarithmic { Spread::logarithmic } else { Spread::linear }(&ends, T::INTEGRAL);
                let mut number = value.to_f64();
                let handle = track(ui, &spread, &mut number, error.is_some(), marks).labelled_by(label.id);
                if handle.changed() {
                    // Three significant digits: a track is no finer, and 0.9999999 would be read as a choice.
                    let exact = if T::INTEGRAL { number } else { three_digits(number) };
                    *value = T::from_f64(exact);
                }
                response = response.union(handle);
            }
            if let Some(error) = error {
                ui.add(Label::new(theme::weak(error).color(palette.bad)).wrap());
            }
            ui.add_space(2.0);
            response
        })
        .inner
    }
}

fn three_digits(x: f64) -> f64 {
    format!("{x:.2e}").parse().unwrap_or(x)
}

/// By how much a number changes for each point that it is dragged.
fn drag_speed<T: Numeric>(value: &T, range: &RangeInclusive<T>, logarithmic: bool) -> f64 {
    let (low, high, now) = (range.start().to_f64(), range.end().to_f64(), value.to_f64());
    if logarithmic { now.abs().max(1e-6) * 0.02 } else { (high - low).abs() / 300.0 }
}

/// The number: plain text until the pointer or the focus comes to it. It is shown and typed `unit` times as large.
fn number_ui<T: Numeric>(
    ui: &mut Ui,
    value: &mut T,
    range: RangeInclusive<T>,
    speed: f64,
    unit: f64,
    format: Option<&dyn Fn(f64) -> String>,
) -> Response {
    ui.scope(|ui| {
        ui.spacing_mut().button_padding = egui::vec2(0.0, 1.0);
        ui.spacing_mut().interact_size.x = 0.0; // flush right, however short
        let widgets = &mut ui.visuals_mut().widgets;
        widgets.inactive.weak_bg_fill = Color32::TRANSPARENT;
        widgets.inactive.bg_stroke = Stroke::NONE;
        // The frame grows outwards, so that the figures stay in line with the end of the track.
        widgets.hovered.expansion = 3.0;
        widgets.active.expansion = 3.0;
        let mut number = DragValue::new(value).range(range).speed(speed).update_while_editing(false);
        // What is there is shown as it is, also outside the range: only the person changes a setting.
        number = number.clamp_existing_to_range(false);
        if T::INTEGRAL {
            number = number.speed(speed.clamp(0.05, 1e6));
        }
        // What is typed is in the unit that is shown.
        number = number.custom_parser(move |text| scale::leading_number(text).map(|number| number / unit));
        if unit == 100.0 {
            number = number.custom_formatter(|value, _| format!("{:.1} %", value * 100.0));
        }
        if let Some(format) = format {
            number = number.custom_formatter(move |value, _| format(value));
        }
        ui.add(number)
    })
    .inner
}
