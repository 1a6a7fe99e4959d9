//! Bars that lie below each other, each with its name: the indicators of a table by one figure, the largest first.

use super::plot::{Axis, ticks, written};
use super::svg::{Anchor, Stroke, Svg};

const BAR: &str = "#4a6fa5";
const INK: &str = "#000000";
const GRID: &str = "#e6e6e6";
/// Letters of a name that are shown.
const LONGEST_NAME: usize = 26;

/// A bar from 0 to its value.
#[derive(Clone, Debug)]
pub(super) struct Bar {
    pub(super) name: String,
    /// Undefined is shown as undefined.
    pub(super) value: Option<f64>,
    pub(super) interval: Option<[f64; 2]>,
}

/// A figure before it has a size.
#[derive(Clone, Debug)]
pub(super) struct Bars {
    /// What is on it, in a few words.
    pub(super) label: String,
    pub(super) x: Axis,
    /// From the top down.
    pub(super) all: Vec<Bar>,
    /// Upright lines with what they mean.
    pub(super) bounds: Vec<(f64, &'static str)>,
}

impl Bars {
    /// The axis reaches over every value, interval and bound, and over 0.
    pub(super) fn new(label: &str, title: &str, bars: Vec<Bar>, bounds: Vec<(f64, &'static str)>) -> Self {
        let ends = bars.iter().flat_map(|bar| bar.value.into_iter().chain(bar.interval.into_iter().flatten()));
        let ends = ends.chain(bounds.iter().map(|bound| bound.0)).filter(|x| x.is_finite());
        let [low, high] = ends.fold([0.0, 0.0], |[low, high]: [f64; 2], x| [low.min(x), high.max(x)]);
        let span = (high - low).max(1e-9);
        let low = if low < 0.0 { low - 0.04 * span } else { 0.0 };
        Self { label: label.to_owned(), x: Axis::new(title, [low, high + 0.08 * span]), all: bars, bounds }
    }

    /// The figure as an SVG document of `size` pixels.
    pub(super) fn draw(&self, size: [u32; 2]) -> String {
        let mut svg = Svg::new(size, &self.label);
        let [width, height] = size.map(f64::from);
        let font = svg.font();
        if self.all.is_empty() {
            svg.text([width / 2.0, height / 2.0], Anchor::Middle, false, "Undefined: there is nothing to draw");
            return svg.finish();
        }
        let names: Vec<String> = self.all.iter().map(|bar| shortened(&bar.name)).collect();
        let widest = names.iter().map(|name| svg.width_of(name)).fold(0.0, f64::max).min(0.4 * width);
        let (left, right) = (widest + 1.6 * font, width - 1.4 * font);
        let (top, bottom) = (if self.bounds.is_empty() { 0.9 } else { 1.9 } * font, height - 3.6 * font);
        let [low, high] = self.x.range;
        let x = |value: f64| left + (right - left) * ((value - low) / (high - low)).clamp(0.0, 1.0);
        let hair = |color| Stroke { color, width: 0.8, dash: None };
        let (x_ticks, decimals) = ticks(&self.x, (right - left) / (6.0 * font));
        for &tick in &x_ticks {
            svg.line(&[[x(tick), top], [x(tick), bottom]], hair(GRID));
            svg.text([x(tick), bottom + 1.1 * font], Anchor::Middle, false, &written(tick, decimals));
        }
        let pitch = (bottom - top) / self.all.len() as f64;
        let half = (0.36 * pitch).min(0.8 * font);
        for (i, (bar, name)) in self.all.iter().zip(&names).enumerate() {
            let y = top + (i as f64 + 0.5) * pitch;
            svg.text([left - 0.55 * font, y], Anchor::End, false, name);
            let Some(value) = bar.value.filter(|value| value.is_finite()) else {
                svg.text([x(0.0) + 0.5 * font, y], Anchor::Start, false, "undefined");
                continue;
            };
            let [from, to] = [x(0.0), x(value)];
            svg.area(&[[from, y - half], [to, y - half], [to, y + half], [from, y + half]], BAR, 0.85);
            if let Some([from, to]) = bar.interval.map(|ends| ends.map(x)) {
                svg.line(&[[from, y], [to, y]], Stroke { color: INK, width: 1.0, dash: None });
                for end in [from, to] {
                    svg.line(&[[end, y - 0.6 * half], [end, y + 0.6 * half]], hair(INK));
                }
            }
        }
        for (bound, meaning) in &self.bounds {
            svg.line(&[[x(*bound), top], [x(*bound), bottom]], Stroke { dash: Some([3.0, 3.0]), ..hair(INK) });
            svg.text([x(*bound), top - 0.8 * font], Anchor::Middle, false, meaning);
        }
        svg.line(&[[x(0.0), top], [x(0.0), bottom]], hair(INK));
        svg.line(&[[left, bottom], [right, bottom]], hair(INK));
        svg.text([f64::midpoint(left, right), height - 1.1 * font], Anchor::Middle, false, &self.x.title);
        svg.finish()
    }
}

fn shortened(name: &str) -> String {
    if name.chars().count() <= LONGEST_NAME {
        return name.to_owned();
    }
    name.chars().take(LONGEST_NAME - 1).chain(['…']).collect()
}
