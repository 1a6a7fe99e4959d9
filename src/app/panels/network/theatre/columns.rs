//! The four columns v → h → v′ → h′: visible units as signed bars, hidden units as discs, lines for the strongest weights of
//! the unit that is looked at.

use egui::{
    Align2, Color32, FontId, Painter, Pos2, Rect, Response, Role, Sense, Shape, Stroke, StrokeKind, TextStyle, Ui,
    Vec2, WidgetInfo, pos2, vec2,
};

use super::work::Shown;
use crate::app::theme::{self, Palette};
use crate::app::widgets::diverging;
use crate::inspection::theatre::{SubStep, Unit, UnitKind, number, subscript};
use crate::model::rbm::{Hidden, Rbm};
use crate::report::{Cell, ColumnKind, ReportTable};

/// Height of a unit and of the heads, in lines of text.
const ROW: f32 = 1.75;
const HEAD: f32 = 1.7;
/// Lines drawn for one unit at most.
const LINES: usize = 12;
/// What is left of colours that are not reached yet.
const DIM: f32 = 0.3;
/// Lengths of the dashes of negative weights, and of the gaps.
const DASH: (f32, f32) = (5.0, 4.0);

/// The units that are shown, ascending, the one that is looked at, and how far the step has come.
pub(super) struct Cast<'a> {
    pub(super) visible: &'a [usize],
    pub(super) hidden: &'a [usize],
    pub(super) unit: Unit,
    pub(super) step: SubStep,
    /// A question is open: what is not reached could be its answer, and is not there at all.
    pub(super) held: bool,
}

/// The numbers of the step: a row for each visible unit, then one for each hidden one.
pub(super) fn table(shown: &Shown) -> ReportTable {
    let heads = [
        ("Unit", ColumnKind::Words),
        ("v, or p(h|v)", ColumnKind::Numbers),
        ("h", ColumnKind::Numbers),
        ("v′, or p(h|v′)", ColumnKind::Numbers),
        ("in the table", ColumnKind::Words),
        ("v′ in its units", ColumnKind::Words),
    ];
    let mut table = ReportTable::new("contrastive_divergence", "One step of contrastive divergence.", heads);
    let trace = &shown.trace;
    let number = |x: Option<&f32>| Cell::Number(x.map(|x| f64::from(*x)), 4);
    let words = |text: &Option<String>| Cell::Words(text.clone().unwrap_or_default());
    let visible = shown.visible.iter().enumerate().map(|(i, unit)| {
        let [v, recon] = [&trace.v, &trace.v_recon].map(|values| number(values.get(i)));
        vec![Cell::from(unit.name.clone()), v, Cell::Number(None, 4), recon, words(&unit.cell), words(&unit.recon)]
    });
    let hidden = (0..trace.h.len()).map(|j| {
        let [mean, h, again] = [&trace.h_mean, &trace.h, &trace.h_recon].map(|values| number(values.get(j)));
        vec![Cell::from(format!("hidden unit {}", j + 1)), mean, h, again, Cell::from(""), Cell::from("")]
    });
    table.rows = visible.chain(hidden).collect();
    table
}

/// Units that fit under each other.
pub(super) fn fit(ui: &Ui, height: f32) -> usize {
    let line = ui.text_style_height(&TextStyle::Body);
    (((height - HEAD * line) / (ROW * line)) as usize).max(2)
}

/// Where the columns stand, in points from the left.
struct Lanes {
    name: [f32; 2],
    v: [f32; 2],
    mean: [f32; 2],
    h: [f32; 2],
    recon: [f32; 2],
    original: [f32; 2],
    again: [f32; 2],
}

impl Lanes {
    /// Shares of the width: names and cells, bars, room for lines, and the numbers beside the discs.
    fn of(rect: Rect, with_cells: bool) -> Self {
        let widths = if with_cells {
            [0.21, 0.125, 0.075, 0.085, 0.085, 0.075, 0.125, 0.085, 0.05, 0.085]
        } else {
            [0.19, 0.14, 0.085, 0.095, 0.095, 0.085, 0.14, 0.0, 0.075, 0.095]
        };
        let mut edges = [rect.left(); 11];
        for (k, width) in widths.into_iter().enumerate() {
            edges[k + 1] = edges[k] + width * rect.width();
        }
        let lane = |k: usize| [edges[k], edges[k + 1] - 4.0];
        Self { name: lane(0), v: lane(1), mean: lane(3), h: lane(4), recon: lane(6), original: lane(7), again: lane(9) }
    }
}

/// Everything that the painting of one step needs.
struct Stage<'a> {
    shown: &'a Shown,
    rbm: &'a Rbm,
    cast: &'a Cast<'a>,
    lanes: Lanes,
    top: f32,
    row: f32,
    /// Half the size of a disc.
    radius: f32,
    /// What fills a bar to its end, and a disc that is no probability.
    full: [f32; 2],
    font: FontId,
    /// Of the heads.
    strong: FontId,
    palette: &'static Palette,
    painter: Painter,
}

/// Draws the columns in the room there is, `height` points high. Returns the unit that was clicked.
pub(super) fn columns_ui(ui: &mut Ui, shown: &Shown, cast: &Cast<'_>, height: f32) -> Option<Unit> {
    let rbm = shown.rbm()?;
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    let line = ui.text_style_height(&TextStyle::Body);
    let largest = |values: &[&ndarray::Array1<f32>]| {
        values.iter().flat_map(|x| x.iter()).filter(|x| x.is_finite()).fold(1.0_f32, |m, x| m.max(x.abs()))
    };
    let trace = &shown.trace;
    let stage = Stage {
        shown,
        rbm,
        cast,
        lanes: Lanes::of(rect, shown.visible.iter().any(|unit| unit.cell.is_some())),
        top: rect.top() + HEAD * line,
        row: ROW * line,
        radius: 0.62 * line,
        full: [largest(&[&trace.v, &trace.v_recon]), largest(&[&trace.h_mean, &trace.h, &trace.h_recon])],
        font: TextStyle::Body.resolve(ui.style()),
        strong: FontId::new(TextStyle::Body.resolve(ui.style()).size, theme::label_font(ui).family),
        palette: Palette::of(ui),
        painter: ui.painter().with_clip_rect(rect.expand(4.0).intersect(ui.clip_rect())),
    };
    stage.heads(rect.top());
    stage.lines(theme::line_width(ui));
    let mut clicked = None;
    for (place, &i) in cast.visible.iter().enumerate() {
        clicked = clicked.or(stage.visible_ui(ui, place, i));
    }
    for (place, &j) in cast.hidden.iter().enumerate() {
        clicked = clicked.or(stage.hidden_ui(ui, place, j));
    }
    clicked
}

impl Stage<'_> {
    /// How strong what belongs to a sub-step is drawn.
    fn strength(&self, of: SubStep) -> f32 {
        if self.cast.step.index() >= of.index() { 1.0 } else { DIM }
    }

    /// Whether what belongs to a sub-step can be seen.
    fn shows(&self, of: SubStep) -> bool {
        !self.cast.held || self.cast.step.index() >= of.index()
    }

    fn middle(&self, place: usize) -> f32 {
        self.top + self.row * (place as f32 + 0.5)
    }

    fn heads(&self, top: f32) {
        let Self { lanes, rbm, cast, .. } = self;
        let [mean, again] =
            if rbm.hidden == Hidden::Bernoulli { ["p(h|v)", "p(h|v′)"] } else { ["E[h|v]", "E[h|v′]"] };
        let [v, h, recon] =
            if self.shown.trace.rows > 1 { ["mean v", "mean h", "mean v′"] } else { ["v", "h", "v′"] };
        let heads = [
            (v, lanes.v, None),
            (mean, lanes.mean, Some(SubStep::Hidden)),
            (h, lanes.h, Some(SubStep::Coin)),
            (recon, lanes.recon, Some(SubStep::Visible)),
            (again, lanes.again, Some(SubStep::HiddenAgain)),
        ];
        for (text, [left, right], step) in heads {
            let at = pos2(f32::midpoint(left, right), top + 2.0);
            let color = if step == Some(cast.step) { self.palette.accent } else { self.palette.text };
            let color = color.gamma_multiply(step.map_or(1.0, |step| self.strength(step)));
            self.painter.text(at, Align2::CENTER_TOP, text, self.strong.clone(), color);
        }
    }

    /// Text within a lane, cut short where it is too long.
    fn text(&self, [left, right]: [f32; 2], align: Align2, middle: f32, text: &str, color: Color32) {
        let mut job = egui::text::LayoutJob::simple_singleline(text.to_owned(), self.font.clone(), color);
        job.wrap = egui::text::TextWrapping::truncate_at_width((right - left).max(1.0));
        let galley = self.painter.layout_job(job);
        let x = if align == Align2::RIGHT_CENTER { right } else { left };
        let at = align.anchor_size(pos2(x, middle), galley.size()).min;
        self.painter.galley(at, galley, color);
    }

    /// The row of a visible unit on both sides.
    fn visible_ui(&self, ui: &Ui, place: usize, i: usize) -> Option<Unit> {
        let (trace, unit) = (&self.shown.trace, self.shown.visible.get(i)?);
        let (v, recon) = (*trace.v.get(i)?, *trace.v_recon.get(i)?);
        let middle = self.middle(place);
        let (text, weak) = (self.palette.text, self.palette.weak);
        let at = self.lanes.name;
        let name = match &unit.cell {
            // The name to the left, and the cell where the bar begins.
            Some(cell) => {
                let split = at[0] + 0.62 * (at[1] - at[0]);
                self.text([split + 4.0, at[1]], Align2::RIGHT_CENTER, middle, cell, weak);
                [at[0], split]
            }
            None => at,
        };
        self.text(name, Align2::RIGHT_CENTER, middle, &unit.name, text);
        let chosen = self.cast.unit.visible == i;
        let box_of = |[left, right]: [f32; 2]| {
            Rect::from_min_max(pos2(left, middle - 0.42 * self.row), pos2(right, middle + 0.42 * self.row))
        };
        self.bar(box_of(self.lanes.v), i, v, 1.0, chosen);
        let mut sides = vec![("v", self.lanes.v, v, &unit.cell)];
        if self.shows(SubStep::Visible) {
            let strength = self.strength(SubStep::Visible);
            self.bar(box_of(self.lanes.recon), i, recon, strength, chosen);
            if let Some(original) = &unit.recon {
                self.text(self.lanes.original, Align2::LEFT_CENTER, middle, original, weak.gamma_multiply(strength));
            }
            sides.push(("v′", self.lanes.recon, recon, &unit.recon));
        }
        let mut clicked = false;
        for (side, lane, value, cell) in sides {
            let rect = box_of(lane);
            let in_units = cell.as_ref().map_or_else(String::new, |cell| format!(", {cell} in the table's units"));
            let spoken = format!("{side} of {}: {}{in_units}", unit.name, number(value));
            let response = target(ui, rect, (side, i), chosen, &spoken, self.palette);
            clicked |= response.clicked();
        }
        clicked.then_some(Unit { visible: i, ..self.cast.unit })
    }

    /// A signed bar from the middle of its half of the box, and the number in the other half.
    fn bar(&self, rect: Rect, i: usize, value: f32, strength: f32, chosen: bool) {
        let edge = if chosen { Stroke::new(1.5, self.palette.accent) } else { Stroke::new(1.0, self.palette.line) };
        let edge = Stroke::new(edge.width, edge.color.gamma_multiply(strength));
        self.painter.rect(rect, 4.0, self.palette.plot, edge, StrokeKind::Inside);
        let bars =
            Rect::from_min_max(rect.min + vec2(3.0, 3.0), pos2(rect.left() + 0.52 * rect.width(), rect.bottom() - 3.0));
        let numbers = [rect.left() + 0.52 * rect.width(), rect.right() - 4.0];
        if value.is_finite() {
            // A probability grows from the left, a signed number from the middle.
            let signed = UnitKind::of(self.rbm, i) == UnitKind::Gaussian;
            let (zero, length) =
                if signed { (bars.center().x, bars.width() / 2.0) } else { (bars.left(), bars.width()) };
            let share = if signed { (value / self.full[0]).clamp(-1.0, 1.0) } else { value.clamp(0.0, 1.0) };
            let end = zero + length * share;
            let bar = Rect::from_x_y_ranges(zero.min(end)..=zero.max(end), bars.y_range());
            let color = if value < 0.0 { self.palette.warn } else { self.palette.accent };
            self.painter.rect_filled(bar, 1.0, color.gamma_multiply(strength));
            self.painter.vline(
                zero,
                bars.y_range(),
                Stroke::new(1.0, self.palette.weak.gamma_multiply(0.6 * strength)),
            );
        }
        let color = self.palette.text.gamma_multiply(strength);
        self.text(numbers, Align2::RIGHT_CENTER, rect.center().y, &number(value), color);
    }

    /// The row of a hidden unit: its mean, its state, and its mean given v′.
    fn hidden_ui(&self, ui: &Ui, place: usize, j: usize) -> Option<Unit> {
        let trace = &self.shown.trace;
        let values = [*trace.h_mean.get(j)?, *trace.h.get(j)?, *trace.h_recon.get(j)?];
        let middle = self.middle(place);
        let chosen = self.cast.unit.hidden == j;
        let lanes = [self.lanes.mean, self.lanes.h, self.lanes.again];
        let names = ["mean", "state", "mean given v′"];
        let steps = [SubStep::Hidden, SubStep::Coin, SubStep::HiddenAgain];
        let mut clicked = false;
        for k in (0..3).filter(|&k| self.shows(steps[k])) {
            let strength = self.strength(steps[k]);
            let at = self.disc(lanes[k], middle);
            let value = values[k];
            let fill = if self.rbm.hidden == Hidden::Bernoulli {
                self.palette
                    .plot
                    .lerp_to_gamma(self.palette.accent, if value.is_finite() { value.clamp(0.0, 1.0) } else { 0.0 })
            } else {
                diverging(self.palette, if value.is_finite() { value / self.full[1] } else { 0.0 })
            };
            let ring = if chosen { self.palette.text } else { self.palette.accent };
            let ring = Stroke::new(if chosen { 2.0 } else { 1.2 }, ring.gamma_multiply(strength));
            self.painter.circle(at, self.radius, fill.gamma_multiply(strength), ring);
            let exact = self.rbm.hidden == Hidden::Bernoulli && k == 1 && trace.rows == 1;
            // Probabilities stand below each other with as many digits.
            let written = match value {
                _ if exact => format!("{value:.0}"),
                0.0..=1.0 => format!("{value:.2}"),
                _ => number(value),
            };
            let words = [at.x + self.radius + 4.0, lanes[k][1]];
            let color = self.palette.text.gamma_multiply(strength);
            self.text(words, Align2::LEFT_CENTER, middle, &written, color);
            let rect = Rect::from_min_max(
                pos2(lanes[k][0], middle - 0.46 * self.row),
                pos2(lanes[k][1], middle + 0.46 * self.row),
            );
            let spoken = format!("Hidden unit {}, {}: {written}", j + 1, names[k]);
            let response = target(ui, rect, (names[k], j), chosen, &spoken, self.palette);
            clicked |= response.on_hover_text(format!("h{}: {}", subscript(j + 1), names[k])).clicked();
        }
        clicked.then_some(Unit { hidden: j, ..self.cast.unit })
    }

    fn disc(&self, lane: [f32; 2], middle: f32) -> Pos2 {
        pos2(lane[0] + self.radius + 2.0, middle)
    }

    /// The strongest weights of the unit that the sub-step is about; of the pair, where it is about one weight.
    fn lines(&self, thickest: f32) {
        let Cast { visible, hidden, unit, step, held: _ } = *self.cast;
        let from_v = [self.lanes.v[1] + 2.0, self.disc(self.lanes.mean, 0.0).x - self.radius - 2.0];
        let from_h = [self.lanes.h[1], self.lanes.recon[0] - 2.0];
        let right =
            if self.lanes.original[1] > self.lanes.original[0] { self.lanes.original[1] } else { self.lanes.recon[1] };
        let from_recon = [right + 2.0, self.disc(self.lanes.again, 0.0).x - self.radius - 2.0];
        let up: Vec<Unit> = visible.iter().map(|&visible| Unit { visible, ..unit }).collect();
        let down: Vec<Unit> = hidden.iter().map(|&hidden| Unit { hidden, ..unit }).collect();
        let drawn: &[([f32; 2], Vec<Unit>, bool)] = &match step {
            SubStep::Hidden | SubStep::Coin => vec![(from_v, up, true)],
            SubStep::Visible => vec![(from_h, down, false)],
            SubStep::HiddenAgain => vec![(from_recon, up, true)],
            SubStep::Products | SubStep::Update => vec![(from_v, vec![unit], true), (from_recon, vec![unit], true)],
        };
        for ([left, right], units, upwards) in drawn {
            for (unit, share) in strongest(self.rbm, units) {
                let places = [(visible, unit.visible), (hidden, unit.hidden)];
                let [Some(v), Some(h)] = places.map(|(all, one)| all.iter().position(|&u| u == one)) else { continue };
                let (from, to) = if *upwards { (v, h) } else { (h, v) };
                let ends = [pos2(*left, self.middle(from)), pos2(*right, self.middle(to))];
                let color = self.palette.text.gamma_multiply(0.35 + 0.5 * share);
                let stroke = Stroke::new(0.8 + (thickest + 1.0) * share, color);
                if self.rbm.w[[unit.visible, unit.hidden]] < 0.0 {
                    self.painter.extend(Shape::dashed_line(&ends, stroke, DASH.0, DASH.1));
                } else {
                    self.painter.line_segment(ends, stroke);
                }
            }
        }
    }
}

/// The pairs with the largest weights, at most [`LINES`], and their size as a share of the largest.
fn strongest(rbm: &Rbm, units: &[Unit]) -> Vec<(Unit, f32)> {
    let size = |unit: Unit| rbm.w.get([unit.visible, unit.hidden]).filter(|w| w.is_finite()).map(|w| w.abs());
    let mut pairs: Vec<(Unit, f32)> = units.iter().filter_map(|&unit| Some((unit, size(unit)?))).collect();
    pairs.sort_by(|a, b| b.1.total_cmp(&a.1));
    pairs.truncate(LINES);
    let largest = pairs.first().map_or(1.0, |pair| pair.1.max(1e-12));
    pairs.into_iter().map(|(unit, size)| (unit, size / largest)).collect()
}

/// A part of the picture that can be chosen by pointer and keyboard.
fn target(ui: &Ui, rect: Rect, salt: (&str, usize), chosen: bool, spoken: &str, palette: &Palette) -> Response {
    let response = ui.interact(rect, ui.scope_id().with(("theatre", salt)), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, chosen, spoken));
    if response.has_focus() {
        let ring = Stroke::new(1.5, palette.accent);
        ui.painter().rect_stroke(rect.expand2(Vec2::splat(1.0)), 4.0, ring, StrokeKind::Outside);
    }
    response
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, Array2, array};

    use super::*;
    use crate::model::rbm::Visible;

    #[test]
    fn the_strongest_weights_come_first_and_no_more_than_can_be_read() {
        let w: Array2<f32> = array![[0.5], [-2.0], [f32::NAN], [1.0]];
        let rbm = Rbm {
            visible: Visible::Gaussian,
            hidden: Hidden::Bernoulli,
            b: Array1::zeros(4),
            c: Array1::zeros(1),
            w,
            log_variance: None,
            n_classes: 0,
        };
        let units: Vec<Unit> = (0..5).map(|visible| Unit { visible, hidden: 0 }).collect();
        let found: Vec<(usize, f32)> = strongest(&rbm, &units).iter().map(|(u, s)| (u.visible, *s)).collect();
        assert_eq!(found, [(1, 1.0), (3, 0.5), (0, 0.25)]);
        assert!(strongest(&rbm, &[]).is_empty());
    }
}
