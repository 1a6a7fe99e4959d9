//! The one line plot of the window: a card whose title says the finding, lines that bear their names at their ends,
//! phases as bands and edits as flags on the axis.
//!
//! `egui_plot` gives pan, zoom and linked axes; what is seen is painted in `plot_paint`, in the same frame and from the
//! same bounds, so that ticks, bands and names never lag behind. The view follows the data until the user drags or zooms
//! it (Ctrl with the wheel, pinch, or a box with the right button; the plain wheel scrolls the page); a double click or
//! the button "Follow" lets it follow again. Bounds are cut back to the neighbourhood of the data after every frame, so
//! no zoom can lose the data or leave the range of numbers.

use std::ops::RangeInclusive;

use egui::{Align, Id, Layout, Rect, Role, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};
use egui_plot::{Plot, PlotBounds, PlotMemory, PlotTransform};

use super::button::ActionButton;
use super::plot_paint;
use super::plot_series::{Band, Flag, Reference, Series};
use super::take::Taking;
use super::thin::View;
use super::{card, scale};

/// A line plot to be shown.
#[must_use = "call show"]
pub(crate) struct LinePlot<'a> {
    pub(super) id: &'a str,
    title: &'a str,
    subtitle: &'a str,
    pub(super) x_name: &'a str,
    height: Option<f32>,
    x_range: Option<RangeInclusive<f64>>,
    include_y: Option<RangeInclusive<f64>>,
    link: Option<Id>,
    empty: (&'a str, &'a str),
    pub(super) whole_x: bool,
    pub(super) log_y: bool,
    pub(super) series: &'a [Series<'a>],
    pub(super) bands: &'a [Band<'a>],
    pub(super) flags: &'a [Flag<'a>],
    pub(super) references: &'a [Reference<'a>],
}

impl<'a> LinePlot<'a> {
    /// A plot of these lines. `id` tells plots on one screen apart; `title` says what is found in it.
    pub(crate) fn new(id: &'a str, title: &'a str, series: &'a [Series<'a>]) -> Self {
        Self {
            id,
            title,
            subtitle: "",
            x_name: "x",
            height: None,
            x_range: None,
            include_y: None,
            link: None,
            empty: ("Nothing to draw yet", ""),
            whole_x: false,
            log_y: false,
            series,
            bands: &[],
            flags: &[],
            references: &[],
        }
    }

    /// The second line: what is drawn.
    pub(crate) fn subtitle(mut self, subtitle: &'a str) -> Self {
        self.subtitle = subtitle;
        self
    }

    /// What x is, for the pointer's label ("epoch"). Default: "x".
    pub(crate) fn x_name(mut self, x_name: &'a str) -> Self {
        self.x_name = x_name;
        self
    }

    /// x counts something: no ticks between whole numbers.
    pub(crate) fn whole_x(mut self) -> Self {
        self.whole_x = true;
        self
    }

    /// Phases along x.
    pub(crate) fn bands(mut self, bands: &'a [Band<'a>]) -> Self {
        self.bands = bands;
        self
    }

    /// Edits and events along x.
    pub(crate) fn flags(mut self, flags: &'a [Flag<'a>]) -> Self {
        self.flags = flags;
        self
    }

    /// Levels to compare with.
    pub(crate) fn references(mut self, references: &'a [Reference<'a>]) -> Self {
        self.references = references;
        self
    }

    /// A logarithmic y axis. Values that are not above 0 are treated as not finite.
    pub(crate) fn log_y(mut self) -> Self {
        self.log_y = true;
        self
    }

    /// What the x axis shows while following. Default: the data and the bands.
    pub(crate) fn x_range(mut self, range: RangeInclusive<f64>) -> Self {
        self.x_range = Some(range);
        self
    }

    /// y values that are always in view while following.
    pub(crate) fn include_y(mut self, range: RangeInclusive<f64>) -> Self {
        self.include_y = Some(range);
        self
    }

    /// Pans and zooms along x together with the other plots of this group.
    pub(crate) fn link_x(mut self, group: Id) -> Self {
        self.link = Some(group);
        self
    }

    /// The height of it all, in points. Default: the room there is.
    pub(crate) fn height(mut self, height: f32) -> Self {
        self.height = Some(height);
        self
    }

    /// What to say while there are no points, and what to do for some.
    pub(crate) fn empty(mut self, title: &'a str, hint: &'a str) -> Self {
        self.empty = (title, hint);
        self
    }

    /// Draws it in a card. Returns whether the view follows the data, that is: the user has not moved it.
    pub(crate) fn show(self, ui: &mut Ui) -> bool {
        let bottom = ui.cursor().top() + self.height.unwrap_or_else(|| ui.available_height());
        card::card(ui, |ui| self.contents(ui, bottom - 11.0))
    }

    fn contents(&self, ui: &mut Ui, bottom: f32) -> bool {
        let id = ui.make_persistent_id(("line plot", self.id));
        let memory = PlotMemory::load(ui.ctx(), id);
        let taking = Taking::begin(ui, self.id);
        let follow = self.header(ui, memory.as_ref().is_some_and(|memory| !memory.auto_bounds.all()));
        let memory = memory.filter(|_| !follow);
        let top = ui.cursor().top();
        let area = Rect::from_min_max(
            pos2(ui.cursor().left(), top),
            pos2(ui.cursor().left() + ui.available_width(), bottom.max(top + 60.0)),
        );
        let home = self.home(memory.as_ref(), plot_paint::most_y_ticks(area.height()));
        let bounds = memory.as_ref().map_or(home, |memory| {
            let mut bounds = *memory.bounds();
            if memory.auto_bounds.x {
                bounds.set_x(&home);
            }
            if memory.auto_bounds.y {
                bounds.set_y(&home);
            }
            bounds
        });
        let layout = plot_paint::layout(ui, self, area, &bounds);
        let mut plot = Plot::new(self.id)
            .id(id)
            .width(layout.frame.width())
            .height(layout.frame.height())
            // Not focusable: there is nothing to do in it by keyboard but what the button "Follow" does.
            .sense(Sense::CLICK | Sense::DRAG)
            .show_axes(false)
            .show_grid(false)
            .x_grid_spacer(|_| Vec::new())
            .y_grid_spacer(|_| Vec::new())
            .show_background(false)
            .show_x(false)
            .show_y(false)
            .allow_scroll(false)
            .default_x_bounds(home.min()[0], home.max()[0])
            .default_y_bounds(home.min()[1], home.max()[1]);
        if let Some(group) = self.link {
            plot = plot.link_axis(group, [true, false]);
        }
        let mut child = ui.new_child(UiBuilder::new().id_salt(self.id).max_rect(layout.frame));
        let shown = plot.show(&mut child, |plot| {
            if memory.is_none() {
                plot.set_auto_bounds(true);
            }
        });
        ui.advance_cursor_after_rect(area);
        let following = Self::hold_bounds(ui, id, &home);
        let view = view(&shown.transform);
        let texts = plot_paint::paint(ui, self, &layout, &view);
        // What is under the pointer is no part of the picture.
        taking.end(ui, self.title, || self.table());
        if self.has_data() {
            plot_paint::hover(ui, self, &view, &shown.response, self.x_name);
        } else {
            let mut child = ui.new_child(UiBuilder::new().id_salt("empty").max_rect(layout.frame));
            super::empty_state(&mut child, self.empty.0, self.empty.1);
        }
        shown.response.widget_info(|| WidgetInfo::labeled(Role::Image, true, self.in_words(&texts)));
        following
    }

    /// Title lines; beside them "Follow", once the user has moved the view. Returns whether it was pressed.
    fn header(&self, ui: &mut Ui, moved: bool) -> bool {
        let right = ui.cursor().left() + ui.available_width() - Taking::room(ui);
        let top_right = pos2(right, ui.cursor().top());
        ui.scope(|ui| {
            if moved {
                ui.set_max_width(ui.available_width() - 76.0);
            }
            Taking::titles(ui, self.title, self.subtitle);
        });
        ui.add_space(2.0);
        if !moved {
            return false;
        }
        let place = Rect::from_min_max(top_right - vec2(76.0, 0.0), top_right + vec2(0.0, 24.0));
        let place = UiBuilder::new().id_salt("follow").max_rect(place).layout(Layout::right_to_left(Align::TOP));
        let mut corner = ui.new_child(place);
        corner.spacing_mut().button_padding = vec2(8.0, 2.0);
        corner.spacing_mut().interact_size.y = 24.0;
        let tooltip = "Follow the data again (or double click in the plot)";
        ActionButton::new("Follow").tooltip(tooltip).show(&mut corner).clicked()
    }

    /// Title and second line.
    pub(super) fn words(&self) -> [&str; 2] {
        [self.title, self.subtitle]
    }

    /// A value as a place on the y axis.
    pub(super) fn y_place(&self, y: f64) -> f64 {
        if !self.log_y {
            y
        } else if y > 0.0 {
            y.log10()
        } else {
            f64::NAN
        }
    }

    /// Whether there is anything to draw.
    pub(super) fn has_data(&self) -> bool {
        self.series.iter().any(|series| self.drawable(series).next().is_some())
    }

    /// The points of a series that can be drawn.
    fn drawable(&self, series: &Series<'a>) -> impl Iterator<Item = [f64; 2]> {
        let points = series.points.iter().map(|&[x, y]| [x, self.y_place(y)]);
        points.filter(|[x, y]| x.is_finite() && y.is_finite())
    }

    /// Values of a series that are not above this are not finite on the y axis.
    pub(super) fn floor(&self) -> f64 {
        if self.log_y { 0.0 } else { f64::NEG_INFINITY }
    }

    /// The ends of a series along x.
    fn extent_x(&self, series: &Series<'a>) -> impl Iterator<Item = f64> {
        let ends = match series.stretch {
            // In order of x.
            Some(stretch) => [stretch.points().first(), stretch.points().last()].map(|end| end.map(|point| point[0])),
            None => scale::extent(self.drawable(series).map(|[x, _]| x))
                .map_or([None; 2], |range| [Some(*range.start()), Some(*range.end())]),
        };
        ends.into_iter().flatten()
    }

    /// The extremes of a series within `seen`, as places on the y axis.
    fn extent_y(&self, series: &Series<'a>, seen: &RangeInclusive<f64>) -> impl Iterator<Item = f64> {
        let ends = if let Some(stretch) = series.stretch {
            stretch.within(seen).extremes(self.floor()).map(|ends| ends.map(|[_, y]| self.y_place(y)))
        } else {
            let inside = self.drawable(series).filter(|[x, _]| seen.contains(x));
            scale::extent(inside.map(|[_, y]| y)).map(|range| [*range.start(), *range.end()])
        };
        ends.into_iter().flatten()
    }

    /// The bounds while following: all x that were asked for, and all y that are in view along x, up to whole steps of
    /// an axis with `most` ticks.
    fn home(&self, memory: Option<&PlotMemory>, most: usize) -> PlotBounds {
        let data_x = || {
            let points = self.series.iter().flat_map(|series| self.extent_x(series));
            scale::extent(points.chain(self.bands.iter().flat_map(|band| [band.from, band.to])))
        };
        let x = self.x_range.clone().or_else(data_x).unwrap_or(0.0..=1.0);
        let x = scale::usable(*x.start(), *x.end());
        let seen = match memory.filter(|memory| !memory.auto_bounds.x) {
            Some(memory) => memory.bounds().range_x(),
            None => x[0]..=x[1],
        };
        let data = self.series.iter().flat_map(|series| self.extent_y(series, &seen));
        let levels = self.references.iter().map(|reference| reference.y);
        let wanted = self.include_y.iter().flat_map(|range| [*range.start(), *range.end()]);
        let all = scale::extent(data.chain(levels.chain(wanted).map(|y| self.y_place(y)))).unwrap_or(0.0..=1.0);
        let y = if self.log_y {
            scale::nice_log_range(*all.start(), *all.end())
        } else {
            scale::nice_range(*all.start(), *all.end(), most)
        };
        PlotBounds::from_min_max([x[0], y[0]], [x[1], y[1]])
    }

    /// Cuts bounds that the user has moved far away back to the neighbourhood of the data. Returns whether the view
    /// follows the data.
    fn hold_bounds(ui: &Ui, id: Id, home: &PlotBounds) -> bool {
        let Some(mut memory) = PlotMemory::load(ui.ctx(), id) else { return true };
        let following = memory.auto_bounds.all();
        let bounds = *memory.bounds();
        let held = |axis: usize| hold([bounds.min()[axis], bounds.max()[axis]], [home.min()[axis], home.max()[axis]]);
        let [x, y] = [held(0), held(1)];
        let held = PlotBounds::from_min_max([x[0], y[0]], [x[1], y[1]]);
        if held != bounds {
            memory.set_bounds(held);
            memory.store(ui.ctx(), id);
        }
        following
    }

    /// The plot for those who do not see it: title, what is drawn, and where each line stands now.
    fn in_words(&self, phases: &str) -> String {
        let mut words = format!("Plot: {}", self.title);
        for part in [self.subtitle, phases].into_iter().filter(|part| !part.is_empty()) {
            words.push_str(". ");
            words.push_str(part);
        }
        for series in self.series.iter().filter(|series| !series.backdrop) {
            if let Some([x, y]) = series.points.iter().rev().find(|[_, y]| y.is_finite()) {
                let (x, y) = (scale::precise(*x), scale::precise(*y));
                words += &[". ", series.name, ": ", &y, " at ", self.x_name, " ", &x].concat();
            }
        }
        words
    }
}

/// Bounds of one axis, held to between a millionth of and ten times the home range, and within ten such ranges of it.
fn hold(bounds: [f64; 2], home: [f64; 2]) -> [f64; 2] {
    let width = home[1] - home[0];
    let (low, high) = (home[0] - 10.0 * width, home[1] + 10.0 * width);
    let span = bounds[1] - bounds[0];
    if !(span.is_finite() && bounds[0].is_finite() && span > 0.0) {
        return home;
    }
    let wanted = span.clamp(1e-6 * width, high - low);
    let centre = if wanted == span { bounds[0] + span / 2.0 } else { bounds[0].midpoint(bounds[1]) };
    if wanted == span && bounds[0] >= low && bounds[1] <= high {
        return bounds;
    }
    let start = (centre - wanted / 2.0).clamp(low, high - wanted);
    [start, start + wanted]
}

fn view(transform: &PlotTransform) -> View {
    let bounds = transform.bounds();
    View { x: [bounds.min()[0], bounds.max()[0]], y: [bounds.min()[1], bounds.max()[1]], rect: *transform.frame() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_near_the_data_are_left_alone() {
        assert_eq!(hold([2.0, 5.0], [0.0, 10.0]), [2.0, 5.0]);
        assert_eq!(hold([-90.0, 20.0], [0.0, 10.0]), [-90.0, 20.0]);
    }

    #[test]
    fn bounds_far_off_come_back() {
        assert_eq!(hold([-1e300, 1e300], [0.0, 10.0]), [-100.0, 110.0]);
        assert_eq!(hold([1e9, 1e9 + 10.0], [0.0, 10.0]), [100.0, 110.0]);
        let close = hold([5.0, 5.0 + 1e-12], [0.0, 10.0]);
        assert!((close[1] - close[0] - 1e-5).abs() < 1e-12 && (close[0] - 5.0).abs() < 1e-5);
        for odd in [[f64::NAN, 1.0], [0.0, f64::INFINITY], [3.0, 3.0], [4.0, 3.0]] {
            assert_eq!(hold(odd, [0.0, 10.0]), [0.0, 10.0]);
        }
    }
}
