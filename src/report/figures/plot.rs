//! Two axes, lines with their bands and markers, and a legend where it hides least.

use super::svg::{Anchor, Marker, Place, Stroke, Svg};

const INK: &str = "#000000";
const GRID: &str = "#e6e6e6";

/// What a series is drawn with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    pub(super) color: &'static str,
    pub(super) width: f64,
    pub(super) dash: Option<[f64; 2]>,
    pub(super) marker: Marker,
}

/// The diagonal of chance and other lines that are no model's.
pub(super) const REFERENCE: Look =
    Look { color: "#8a8a8a", width: 1.0, dash: Some([3.0, 3.0]), marker: Marker::Circle };

/// Points with all that may be drawn of them.
#[derive(Clone, Debug)]
pub(super) struct Series {
    /// Its line in the legend; none without.
    pub(super) name: Option<String>,
    pub(super) look: Look,
    /// In the order in which they are joined.
    pub(super) points: Vec<[f64; 2]>,
    /// Whether the points are joined, and whether each has its marker.
    pub(super) line: bool,
    pub(super) marks: bool,
    /// Opacity of the area down to zero.
    pub(super) fill: Option<f64>,
    /// (x, low, high) of an area around it.
    pub(super) band: Vec<[f64; 3]>,
    /// (x, low, high) of an upright line at single points.
    pub(super) whiskers: Vec<[f64; 3]>,
}

impl Series {
    /// A plain line.
    pub(super) fn line(name: Option<String>, look: Look, points: Vec<[f64; 2]>) -> Self {
        Self { name, look, points, line: true, marks: false, fill: None, band: Vec::new(), whiskers: Vec::new() }
    }
}

/// One axis.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    pub(super) title: String,
    pub(super) range: [f64; 2],
    /// Ticks at whole numbers only.
    pub(super) whole: bool,
    /// Where there are any, what stands at 1, 2, … in the place of numbers.
    pub(super) names: Vec<String>,
}

impl Axis {
    pub(super) fn new(title: &str, range: [f64; 2]) -> Self {
        Self { title: title.to_owned(), range, whole: false, names: Vec::new() }
    }
}

/// A figure before it has a size.
#[derive(Clone, Debug)]
pub(super) struct Plot {
    /// What is on it, in a few words.
    pub(super) label: String,
    pub(super) x: Axis,
    pub(super) y: Axis,
    pub(super) series: Vec<Series>,
}

/// Where the axes lie in the picture.
struct Frame<'a> {
    plot: &'a Plot,
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

impl Frame<'_> {
    fn x(&self, x: f64) -> f64 {
        let [low, high] = self.plot.x.range;
        self.left + (self.right - self.left) * ((x - low) / (high - low)).clamp(0.0, 1.0)
    }

    fn y(&self, y: f64) -> f64 {
        let [low, high] = self.plot.y.range;
        self.bottom - (self.bottom - self.top) * ((y - low) / (high - low)).clamp(0.0, 1.0)
    }

    fn place(&self, [x, y]: [f64; 2]) -> Place {
        [self.x(x), self.y(y)]
    }
}

impl Plot {
    /// The figure as an SVG document of `size` pixels.
    pub(super) fn draw(&self, size: [u32; 2]) -> String {
        let mut svg = Svg::new(size, &self.label);
        let [width, height] = size.map(f64::from);
        let font = svg.font();
        if self.series.iter().all(|series| series.points.is_empty() && series.band.is_empty()) {
            svg.text([width / 2.0, height / 2.0], Anchor::Middle, false, "Undefined: there is nothing to draw");
            return svg.finish();
        }
        let (y_ticks, y_decimals) = ticks(&self.y, height / (3.0 * font));
        let (x_ticks, x_decimals) = ticks(&self.x, width / (6.0 * font));
        let y_labels: Vec<String> = y_ticks.iter().map(|&y| written(y, y_decimals)).collect();
        let widest = y_labels.iter().map(|label| svg.width_of(label)).fold(0.0, f64::max);
        let frame = Frame {
            plot: self,
            left: 2.4 * font + widest,
            right: width - 1.4 * font,
            top: 0.9 * font,
            bottom: height - 3.6 * font,
        };
        let hair = |color| Stroke { color, width: 0.8, dash: None };
        for (&y, label) in y_ticks.iter().zip(&y_labels) {
            let y = frame.y(y);
            svg.line(&[[frame.left, y], [frame.right, y]], hair(GRID));
            svg.line(&[[frame.left - 0.35 * font, y], [frame.left, y]], hair(INK));
            svg.text([frame.left - 0.55 * font, y], Anchor::End, false, label);
        }
        for &x in &x_ticks {
            let at = frame.x(x);
            svg.line(&[[at, frame.bottom], [at, frame.bottom + 0.35 * font]], hair(INK));
            let name = (x >= 1.0).then(|| self.x.names.get(x as usize - 1)).flatten();
            let label = name.cloned().unwrap_or_else(|| written(x, x_decimals));
            svg.text([at, frame.bottom + 1.1 * font], Anchor::Middle, false, &label);
        }
        for series in &self.series {
            areas(&mut svg, &frame, series);
        }
        for series in &self.series {
            lines(&mut svg, &frame, series);
        }
        svg.line(&[[frame.left, frame.top], [frame.left, frame.bottom], [frame.right, frame.bottom]], hair(INK));
        let middle = [f64::midpoint(frame.left, frame.right), f64::midpoint(frame.top, frame.bottom)];
        svg.text([middle[0], height - 1.1 * font], Anchor::Middle, false, &self.x.title);
        svg.text([1.0 * font, middle[1]], Anchor::Middle, true, &self.y.title);
        legend(&mut svg, &frame);
        svg.finish()
    }
}

fn areas(svg: &mut Svg, frame: &Frame<'_>, series: &Series) {
    let color = series.look.color;
    if series.band.len() > 1 {
        let upper = series.band.iter().map(|&[x, _, high]| frame.place([x, high]));
        let lower = series.band.iter().rev().map(|&[x, low, _]| frame.place([x, low]));
        svg.area(&upper.chain(lower).collect::<Vec<_>>(), color, 0.16);
    }
    if let (Some(opacity), Some(first), Some(last)) = (series.fill, series.points.first(), series.points.last()) {
        let mut area: Vec<Place> = series.points.iter().map(|&point| frame.place(point)).collect();
        area.extend([frame.place([last[0], 0.0]), frame.place([first[0], 0.0])]);
        svg.area(&area, color, opacity);
    }
}

fn lines(svg: &mut Svg, frame: &Frame<'_>, series: &Series) {
    let Look { color, width, dash, marker } = series.look;
    let points: Vec<Place> = series.points.iter().map(|&point| frame.place(point)).collect();
    if series.line {
        svg.line(&points, Stroke { color, width, dash });
    }
    for &[x, low, high] in &series.whiskers {
        let (x, low, high) = (frame.x(x), frame.y(low), frame.y(high));
        let (stroke, half) = (Stroke { color, width: 1.0, dash: None }, 0.25 * svg.font());
        svg.line(&[[x, low], [x, high]], stroke);
        svg.line(&[[x - half, low], [x + half, low]], stroke);
        svg.line(&[[x - half, high], [x + half, high]], stroke);
    }
    if series.marks {
        for place in points {
            svg.marker(marker, place, color);
        }
    }
}

/// Names beside a piece of their line, in the corner or at the middle of the edge with the least under it.
fn legend(svg: &mut Svg, frame: &Frame<'_>) {
    let named: Vec<(&String, &Series)> =
        frame.plot.series.iter().filter_map(|series| Some((series.name.as_ref()?, series))).collect();
    if named.is_empty() {
        return;
    }
    let font = svg.font();
    let widest = named.iter().map(|(name, _)| svg.width_of(name)).fold(0.0, f64::max);
    let size = [widest + 4.2 * font, (1.35 * named.len() as f64 + 0.5) * font];
    let gap = 0.5 * font;
    let (left, right) = (frame.left + gap, frame.right - gap - size[0]);
    let (top, bottom) = (frame.top + gap, frame.bottom - gap - size[1]);
    let hidden = |corner: &[f64; 2]| {
        drawn(frame)
            .filter(|place| (0..2).all(|i| (corner[i] - gap..=corner[i] + size[i] + gap).contains(&place[i])))
            .count()
    };
    let centre = f64::midpoint(left, right);
    let corners = [[right, bottom], [right, top], [left, top], [left, bottom], [centre, bottom], [centre, top]];
    let Some([x, y]) = corners.into_iter().min_by_key(hidden) else { return };
    svg.plate([x, y], size);
    for (i, (name, series)) in named.into_iter().enumerate() {
        let y = y + (0.9 + 1.35 * i as f64) * font;
        let (from, to) = (x + 0.5 * font, x + 3.1 * font);
        let Look { color, width, dash, marker } = series.look;
        if let Some(opacity) = series.fill {
            let (low, high) = (y - 0.4 * font, y + 0.4 * font);
            svg.area(&[[from, low], [to, low], [to, high], [from, high]], color, opacity);
        }
        if series.line {
            svg.line(&[[from, y], [to, y]], Stroke { color, width, dash });
        }
        if series.marks {
            svg.marker(marker, [f64::midpoint(from, to), y], color);
        }
        svg.text([to + 0.5 * font, y], Anchor::Start, false, name);
    }
}

/// Places all along the lines of the named series.
fn drawn(frame: &Frame<'_>) -> impl Iterator<Item = Place> {
    const BETWEEN: usize = 8;
    let named = frame.plot.series.iter().filter(|series| series.name.is_some());
    named.flat_map(move |series| {
        let steps = series.points.windows(2).flat_map(|ends| {
            (0..=BETWEEN).map(move |i| {
                let share = i as f64 / BETWEEN as f64;
                [0, 1].map(|axis| ends[0][axis] + share * (ends[1][axis] - ends[0][axis]))
            })
        });
        steps.map(|point| frame.place(point))
    })
}

/// With a minus as long as a plus is wide.
pub(super) fn written(tick: f64, decimals: usize) -> String {
    format!("{tick:.decimals$}").replace('-', "−")
}

/// Ticks at multiples of 1, 2 or 5 times a power of ten, about `most` of them, and the decimals they need.
pub(super) fn ticks(axis: &Axis, most: f64) -> (Vec<f64>, usize) {
    let [low, high] = axis.range;
    let span = high - low;
    let rough = span / most.max(2.0);
    if !(rough.is_finite() && rough > 0.0) {
        return (Vec::new(), 0);
    }
    let power = 10_f64.powf(rough.log10().floor());
    let factors = [1.0, 2.0, 5.0, 10.0];
    let mut step = factors.into_iter().map(|f| f * power).find(|step| *step >= rough).unwrap_or(10.0 * power);
    if axis.whole {
        step = step.max(1.0).round();
    }
    let decimals = (-(step * 1.000_001).log10().floor()).clamp(0.0, 12.0) as usize;
    let (first, last) = ((low / step - 1e-9).ceil() as i64, (high / step + 1e-9).floor() as i64);
    ((first..=last).map(|i| i as f64 * step).collect(), decimals)
}
