//! Bars of permutation importance with their intervals; indicators that go together are one bar that unfolds.

use std::collections::BTreeSet;

use egui::{Align, Label, Layout, UiBuilder};
use egui::{
    Align2, Color32, CornerRadius, Rect, Role, Sense, Stroke, StrokeKind, TextStyle, Ui, WidgetInfo, pos2, vec2,
};

use crate::app::theme::{self, Palette};
use crate::app::widgets::{Icon, scale};
use crate::explanation::{Importance, Loss, Shuffled};

/// By what a model is judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Measure {
    /// Area under the ROC curve.
    #[default]
    Auc,
    /// Brier score.
    Brier,
}

impl Measure {
    pub(super) const ALL: [(Self, &'static str); 2] = [(Self::Auc, "AUC"), (Self::Brier, "Brier score")];

    fn of(self, shuffled: &Shuffled) -> Loss {
        match self {
            Self::Auc => shuffled.auc,
            Self::Brier => shuffled.brier,
        }
    }
}

/// One bar.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Bar {
    /// The indicators, by their names: one, or all of a group.
    pub(super) names: Vec<String>,
    pub(super) mean: f64,
    pub(super) interval: [f64; 2],
    /// Of a group, each by itself.
    pub(super) alone: Vec<Self>,
}

impl Bar {
    /// "profit", "profit and 2 that go with it".
    fn title(&self) -> String {
        match &self.names[..] {
            [] => String::new(),
            [only] => only.clone(),
            [first, rest @ ..] => format!("{first} and {} that go with it", rest.len()),
        }
    }

    /// "0.043 (0.031 to 0.055)".
    fn figure(&self) -> String {
        let number = |x: f64| {
            let text = format!("{:.3}", x.abs());
            if x < 0.0 && text != "0.000" { format!("−{text}") } else { text }
        };
        format!("{} ({} to {})", number(self.mean), number(self.interval[0]), number(self.interval[1]))
    }
}

/// The bars from the longest; members of a group stand under it only.
pub(super) fn bars(importance: &Importance, measure: Measure) -> Vec<Bar> {
    let bar = |shuffled: &Shuffled| {
        let Loss { mean, interval } = measure.of(shuffled);
        let name = |&place: &usize| importance.indicators.get(place).cloned();
        Bar { names: shuffled.indicators.iter().filter_map(name).collect(), mean, interval, alone: Vec::new() }
    };
    let alone = |place: usize| importance.alone.get(place).map(bar);
    let grouped: BTreeSet<usize> = importance.together.iter().flat_map(|group| group.indicators.clone()).collect();
    let group = |shuffled: &Shuffled| {
        let mut members: Vec<Bar> = shuffled.indicators.iter().filter_map(|&place| alone(place)).collect();
        sort(&mut members);
        // The strongest of them names the group.
        let names = members.iter().flat_map(|member| member.names.clone()).collect();
        Bar { names, alone: members, ..bar(shuffled) }
    };
    let single = (0..importance.alone.len()).filter(|place| !grouped.contains(place)).filter_map(alone);
    let mut bars: Vec<Bar> = importance.together.iter().map(group).chain(single).collect();
    sort(&mut bars);
    bars
}

fn sort(bars: &mut [Bar]) {
    bars.sort_by(|a, b| b.mean.total_cmp(&a.mean));
}

/// Draws the bars. `open` are the groups that are unfolded, by the name of their first indicator. Returns the indicator that
/// was clicked.
pub(super) fn ui(
    ui: &mut Ui,
    bars: &[Bar],
    most: usize,
    open: &mut BTreeSet<String>,
    chosen: Option<&str>,
) -> Option<String> {
    let mut lines: Vec<(&Bar, usize)> = Vec::new();
    for bar in bars.iter().take(most) {
        lines.push((bar, 0));
        if bar.names.first().is_some_and(|first| open.contains(first)) {
            lines.extend(bar.alone.iter().map(|member| (member, 1)));
        }
    }
    let ends = lines.iter().flat_map(|(bar, _)| [bar.mean, bar.interval[0], bar.interval[1], 0.0]);
    let ends =
        ends.filter(|end| end.is_finite()).fold([0.0_f64, 1e-6], |[low, high], end| [low.min(end), high.max(end)]);
    let font = TextStyle::Body.resolve(ui.style());
    let width = |text: String| ui.painter().layout_no_wrap(text, font.clone(), Color32::PLACEHOLDER).size().x;
    let figures = lines.iter().map(|(bar, _)| width(bar.figure())).fold(0.0, f32::max) + 10.0;
    let indent = font.size;
    let named = lines.iter().map(|(bar, depth)| width(bar.title()) + (*depth as f32 + 1.5) * indent);
    let names = named.fold(0.0, f32::max).min(0.4 * ui.available_width()) + 8.0;
    let mut clicked = None;
    for (bar, depth) in lines {
        let is_chosen = bar.alone.is_empty() && bar.names.first().map(String::as_str) == chosen;
        if line_ui(ui, bar, depth as f32 * indent, [names, figures], ends, is_chosen, open) {
            clicked = bar.names.first().cloned();
        }
    }
    axis_ui(ui, [names, figures], ends);
    clicked
}

/// One line. A click unfolds a group; of an indicator it is returned.
fn line_ui(
    ui: &mut Ui,
    bar: &Bar,
    indent: f32,
    [names, figures]: [f32; 2],
    ends: [f64; 2],
    is_chosen: bool,
    open: &mut BTreeSet<String>,
) -> bool {
    let palette = Palette::of(ui);
    let height = (ui.text_style_height(&TextStyle::Body) + 7.0).round();
    let (area, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::click());
    let is_group = !bar.alone.is_empty();
    let first = bar.names.first().cloned().unwrap_or_default();
    let is_open = is_group && open.contains(&first);
    let spoken = format!("{}: {}", bar.title(), bar.figure());
    let lit = if is_group { is_open } else { is_chosen };
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, lit, &spoken));
    if response.clicked() && is_group && !open.remove(&first) {
        open.insert(first);
    }
    if ui.is_rect_visible(area) {
        if is_chosen || response.hovered() {
            let fill = if is_chosen { palette.selected } else { palette.plot };
            ui.painter().rect_filled(area, CornerRadius::same(3), fill);
        }
        if response.has_focus() {
            ui.painter().rect_stroke(area, 3.0, Stroke::new(1.5, palette.accent), StrokeKind::Inside);
        }
        let room = area.with_min_x(area.left() + indent).with_max_x(area.left() + names - 8.0);
        let (arrow, text) = room.split_left_right_at_x(room.left() + if is_group { height * 0.6 } else { 2.0 });
        if is_group {
            let icon = if is_open { Icon::ChevronUp } else { Icon::ChevronDown };
            icon.paint(ui.painter(), Rect::from_center_size(arrow.center(), vec2(8.0, 8.0)), palette.weak);
        }
        let mut child = ui.new_child(UiBuilder::new().max_rect(text).layout(Layout::left_to_right(Align::Center)));
        child.add(Label::new(bar.title()).truncate().selectable(false));
        let plot = area.with_min_x(area.left() + names).with_max_x(area.right() - figures);
        let x = |value: f64| place(plot, ends, value);
        let body = plot.shrink2(vec2(0.0, 5.0));
        let color = palette.accent.gamma_multiply(if indent > 0.0 { 0.45 } else { 0.75 });
        let (from, to) = (x(0.0).min(x(bar.mean)), x(0.0).max(x(bar.mean)));
        ui.painter().rect_filled(body.with_min_x(from).with_max_x(to), 1.0, color);
        let middle = body.center().y;
        let [low, high] = bar.interval.map(x);
        let stroke = Stroke::new(1.5, palette.text);
        ui.painter().hline(low..=high, middle, stroke);
        for end in [low, high] {
            ui.painter().vline(end, middle - 3.0..=middle + 3.0, stroke);
        }
        ui.painter().vline(x(0.0), plot.y_range(), Stroke::new(1.0, palette.line));
        let font = TextStyle::Body.resolve(ui.style());
        ui.painter().text(area.right_center(), Align2::RIGHT_CENTER, bar.figure(), font, palette.text);
    }
    let clicked = response.clicked() && !is_group;
    let hint = if is_group {
        format!("Shuffled together, since they go together: {}", bar.names.join(", "))
    } else {
        "Show how the PD goes with it".to_owned()
    };
    response.on_hover_text(hint);
    clicked
}

fn place(plot: Rect, [low, high]: [f64; 2], value: f64) -> f32 {
    let share = ((value - low) / (high - low)).clamp(0.0, 1.0);
    plot.left() + plot.width() * if share.is_nan() { 0.0 } else { share as f32 }
}

fn axis_ui(ui: &mut Ui, [names, figures]: [f32; 2], ends: [f64; 2]) {
    let palette = Palette::of(ui);
    let font = theme::tick_font(ui);
    let size = vec2(ui.available_width(), font.size + 4.0);
    let (area, _) = ui.allocate_exact_size(size, Sense::hover());
    let plot = area.with_min_x(area.left() + names).with_max_x(area.right() - figures);
    let most = (plot.width() / 60.0).clamp(2.0, 8.0) as usize;
    for tick in scale::ticks(ends[0], ends[1], most, false) {
        let at = pos2(place(plot, ends, tick.at), area.top());
        ui.painter().text(at, Align2::CENTER_TOP, tick.label, font.clone(), palette.weak);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shuffled(indicators: &[usize], auc: f64) -> Shuffled {
        let loss = |mean: f64| Loss { mean, interval: [mean - 0.01, mean + 0.01] };
        Shuffled { indicators: indicators.to_vec(), auc: loss(auc), brier: loss(-auc) }
    }

    #[test]
    fn groups_hold_their_members_and_the_longest_comes_first() {
        let importance = Importance {
            indicators: ["a", "b", "c", "d"].map(str::to_owned).to_vec(),
            rows: 100,
            bad: 20,
            auc: 0.9,
            brier: 0.1,
            alone: vec![shuffled(&[0], 0.01), shuffled(&[1], 0.05), shuffled(&[2], 0.03), shuffled(&[3], 0.2)],
            together: vec![shuffled(&[0, 2], 0.1)],
        };
        let found = bars(&importance, Measure::Auc);
        let titles: Vec<String> = found.iter().map(Bar::title).collect();
        assert_eq!(titles, ["d", "c and 1 that go with it", "b"]);
        assert_eq!(found[1].alone.len(), 2);
        assert_eq!(found[1].figure(), "0.100 (0.090 to 0.110)");
        assert_eq!(bars(&importance, Measure::Brier)[2].names, ["d"], "another measure, another order");
        let odd = Bar { names: Vec::new(), mean: -0.0001, interval: [-0.01, 0.01], alone: Vec::new() };
        assert_eq!(odd.figure(), "0.000 (−0.010 to 0.010)");
    }
}
