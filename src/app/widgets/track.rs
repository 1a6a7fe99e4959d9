//! The slim track under a number: drag it, or give it the focus and use the arrow keys, Home and End.
//!
//! egui's own slider paints its rail and its handle in one colour and ties the handle's size to that of text; this one
//! differs in looks and in the meaning of a key press: one step of a whole number, a hundredth of the track otherwise.

use std::ops::RangeInclusive;

use egui::accesskit::{Action, ActionData};
use egui::emath::smart_aim::best_in_range_f64;
use egui::{CornerRadius, EventFilter, Key, Rect, Response, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::app::theme::Palette;

/// How values are spread along a track. All values are finite and `low <= high`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Spread {
    low: f64,
    high: f64,
    whole: bool,
    /// For logarithmic tracks the least value that is not 0.
    least: Option<f64>,
}

/// The part of a logarithmic track that stands for 0 where its range begins there.
const ZERO_PART: f64 = 0.04;

impl Spread {
    /// Each value the same room. `whole`: whole numbers only.
    pub(super) fn linear(range: &RangeInclusive<f64>, whole: bool) -> Self {
        let (low, high) = (range.start().clamp(-1e300, 1e300), range.end().clamp(-1e300, 1e300));
        Self { low, high: high.max(low), whole, least: None }
    }

    /// Each power of ten the same room, after 0 where the range begins there; a range below 0 stays linear.
    pub(super) fn logarithmic(range: &RangeInclusive<f64>, whole: bool) -> Self {
        let linear = Self::linear(range, whole);
        let least = match linear.low {
            low if low > 0.0 => low,
            _ if whole => 1.0,
            _ => 1e-6,
        };
        Self { least: (linear.low >= 0.0 && least < linear.high).then_some(least), ..linear }
    }

    /// Where the value stands, from 0 (left) to 1.
    fn position(&self, value: f64) -> f64 {
        let value = if value.is_finite() { value.clamp(self.low, self.high) } else { self.low };
        match self.least {
            None if self.high <= self.low => 0.0,
            None => (value - self.low) / (self.high - self.low),
            Some(least) if value < least => 0.0,
            Some(least) => {
                let zero_part = if self.low < least { ZERO_PART } else { 0.0 };
                zero_part + (1.0 - zero_part) * (value / least).ln() / (self.high / least).ln()
            }
        }
    }

    /// The value at a position; beyond the ends the ends.
    fn value(&self, position: f64) -> f64 {
        let position = position.clamp(0.0, 1.0);
        let value = match self.least {
            None => self.low + position * (self.high - self.low),
            Some(least) => {
                let zero_part = if self.low < least { ZERO_PART } else { 0.0 };
                if position < zero_part / 2.0 {
                    self.low
                } else {
                    let part = ((position - zero_part) / (1.0 - zero_part)).max(0.0);
                    least * (self.high / least).powf(part)
                }
            }
        };
        let value = if self.whole { value.round() } else { value };
        value.clamp(self.low, self.high)
    }

    /// The roundest value within half of `width` (a part of the track) around a position.
    fn round_value(&self, position: f64, width: f64) -> f64 {
        if position <= 0.0 || position >= 1.0 || self.whole {
            return self.value(position);
        }
        let (from, to) = (self.value(position - width / 2.0), self.value(position + width / 2.0));
        if from <= self.low { self.value(position) } else { best_in_range_f64(from, to).clamp(self.low, self.high) }
    }

    /// The value `steps` key presses away.
    fn stepped(&self, value: f64, steps: f64) -> f64 {
        if self.whole {
            let along = self.value(self.position(value) + 0.01 * steps);
            // On a long logarithmic track one step moves by a hundredth of it, but always by one at least.
            let by_one = value + steps;
            let farther = if steps > 0.0 { along.max(by_one) } else { along.min(by_one) };
            return if self.least.is_some() { farther } else { by_one }.clamp(self.low, self.high);
        }
        self.round_value(self.position(value) + 0.01 * steps, 0.0099)
    }
}

/// A value that is marked on a track.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum TrackMark {
    /// Where it was: a hollow ring.
    Origin(f64),
    /// Where something turns: a bold line across.
    Turn(f64),
}

/// Draws the track as wide as the room there is; `value` is given a new value where the user asks for one.
pub(super) fn track(ui: &mut Ui, spread: &Spread, value: &mut f64, refused: bool, marks: &[TrackMark]) -> Response {
    let (rect, mut response) = ui.allocate_exact_size(vec2(ui.available_width(), 14.0), Sense::drag());
    let before = *value;
    let handle_radius = 5.5;
    let rail = rect.x_range().shrink(handle_radius);
    if let Some(pointer) = response.interact_pointer_pos() {
        let position = f64::from((pointer.x - rail.min) / rail.span().max(1.0));
        *value = spread.round_value(position, 1.0 / f64::from(rail.span().max(1.0)));
    }
    if response.has_focus() {
        let filter = EventFilter { horizontal_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
        let (steps, home, end) = ui.input(|input| {
            let steps = input.num_presses(Key::ArrowRight) as f64 - input.num_presses(Key::ArrowLeft) as f64;
            (steps, input.key_pressed(Key::Home), input.key_pressed(Key::End))
        });
        if steps != 0.0 {
            *value = spread.stepped(*value, steps);
        }
        if home || end {
            *value = if home { spread.low } else { spread.high };
        }
    }
    *value = requested_by_screen_reader(ui, &response, spread, *value);
    if *value != before {
        response.mark_changed();
    }
    let (now, enabled) = (*value, ui.is_enabled());
    response.widget_info(|| WidgetInfo::slider(enabled, now, ""));
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_min_numeric_value(spread.low);
        node.set_max_numeric_value(spread.high);
        for action in [Action::SetValue, Action::Increment, Action::Decrement] {
            node.add_action(action);
        }
    });

    if ui.is_rect_visible(rect) {
        let palette = Palette::of(ui);
        let centre = pos2(rail.min + rail.span() * spread.position(now) as f32, rect.center().y);
        let line = Rect::from_center_size(rect.center(), vec2(rect.width(), 4.0));
        let radius = CornerRadius::same(2);
        let accent = if refused { palette.bad } else { palette.accent };
        let painter = ui.painter();
        painter.rect_filled(line, radius, palette.line);
        painter.rect_filled(line.with_max_x(centre.x), radius, accent);
        for mark in marks {
            let at = |value| rail.min + rail.span() * spread.position(value) as f32;
            match *mark {
                TrackMark::Origin(value) => {
                    painter.circle(pos2(at(value), rect.center().y), 4.0, palette.card, Stroke::new(1.5, palette.weak));
                }
                TrackMark::Turn(value) => {
                    painter.vline(at(value), rect.y_range(), Stroke::new(3.0, palette.bad));
                }
            }
        }
        let touched = response.hovered() || response.dragged();
        painter.circle_filled(centre, handle_radius + if touched { 1.0 } else { 0.0 }, palette.text);
        if response.has_focus() {
            painter.circle_stroke(centre, handle_radius + 2.5, Stroke::new(1.5, palette.accent));
        }
    }
    response
}

fn requested_by_screen_reader(ui: &Ui, response: &Response, spread: &Spread, value: f64) -> f64 {
    ui.input(|input| {
        let count = |action| input.num_accesskit_action_requests(response.id, action) as f64;
        let steps = count(Action::Increment) - count(Action::Decrement);
        let value = if steps == 0.0 { value } else { spread.stepped(value, steps) };
        let set = input.accesskit_action_requests(response.id, Action::SetValue).last().and_then(|request| {
            let Some(ActionData::NumericValue(wanted)) = request.data else { return None };
            wanted.is_finite().then(|| wanted.clamp(spread.low, spread.high))
        });
        set.map_or(value, |wanted| if spread.whole { wanted.round() } else { wanted })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_linear_track_is_linear() {
        let spread = Spread::linear(&(0.0..=0.9), false);
        assert_eq!(spread.position(0.45), 0.5);
        assert_eq!(spread.value(0.5), 0.45);
        assert_eq!((spread.value(-3.0), spread.value(7.0)), (0.0, 0.9));
        assert_eq!(spread.position(f64::NAN), 0.0);
        assert_eq!(Spread::linear(&(3.0..=3.0), true).position(3.0), 0.0);
    }

    #[test]
    fn a_logarithmic_track_gives_each_power_of_ten_the_same_room() {
        let spread = Spread::logarithmic(&(1e-4..=1.0), false);
        for (position, value) in [(0.0, 1e-4), (0.25, 1e-3), (0.5, 1e-2), (1.0, 1.0)] {
            assert!((spread.position(value) - position).abs() < 1e-12);
            assert!((spread.value(position) / value - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn a_logarithmic_track_from_0_keeps_0() {
        let spread = Spread::logarithmic(&(0.0..=0.1), false);
        assert_eq!(spread.value(0.0), 0.0);
        assert_eq!(spread.position(0.0), 0.0);
        assert!((spread.value(ZERO_PART) - 1e-6).abs() < 1e-15);
        assert!((spread.position(0.1) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn whole_numbers_move_by_one_and_stop_at_the_ends() {
        let linear = Spread::linear(&(1.0..=500.0), true);
        assert_eq!(linear.stepped(50.0, 1.0), 51.0);
        assert_eq!(linear.stepped(500.0, 1.0), 500.0);
        let logarithmic = Spread::logarithmic(&(1.0..=4096.0), true);
        assert_eq!(logarithmic.stepped(2.0, 1.0), 3.0);
        assert!(logarithmic.stepped(1000.0, 1.0) > 1050.0);
        assert_eq!(logarithmic.stepped(1.0, -1.0), 1.0);
    }

    #[test]
    fn steps_of_other_numbers_are_round_and_always_move() {
        for spread in [Spread::logarithmic(&(1e-4..=1.0), false), Spread::linear(&(0.0..=1.0), false)] {
            let mut value = 0.01;
            while value < 1.0 {
                let next = spread.stepped(value, 1.0);
                assert!(next > value && next < value * 1.3 + 0.02, "{value} {next}");
                assert!(format!("{next}").len() <= 7, "{next}");
                value = next;
            }
        }
    }
}
