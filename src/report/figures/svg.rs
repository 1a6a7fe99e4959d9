//! A small writer of SVG: lines, areas, markers and text on white, to a hundredth of a pixel, readable without fonts of
//! its own.
//!
//! The crate `plotters` places everything on whole pixels and draws dashes as separate pieces; in print that shows.

use std::fmt::Write as _;

use super::super::escape::escaped;

/// A place in pixels, from the upper left.
pub(super) type Place = [f64; 2];

/// Faces without serifs that one desktop or another has.
const FACES: &str = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif";

/// What stands at a point of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Marker {
    Circle,
    Square,
    Diamond,
    Up,
    Plus,
    Cross,
}

/// Colour, width and dashes of a line, in units of [`Svg::unit`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Stroke {
    pub(super) color: &'static str,
    pub(super) width: f64,
    /// Lengths of dash and gap; none for a solid line.
    pub(super) dash: Option<[f64; 2]>,
}

/// Where a text stands beside its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// A picture in the making.
pub(super) struct Svg {
    text: String,
    /// Pixels of a line of width 1; texts are [`Svg::font`] high.
    unit: f64,
}

impl Svg {
    /// A white ground of `size` pixels; `label` says to those who do not see it what is on it.
    pub(super) fn new(size: [u32; 2], label: &str) -> Self {
        let [width, height] = size;
        // Between a figure in a column of a paper and a slide.
        let unit = (f64::from(width.min(height)) / 400.0).clamp(0.5, 4.0);
        let text = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{label}\" font-family=\"{FACES}\" \
             font-size=\"{:.2}\">\n<rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n",
            unit * 12.0,
            label = escaped(label),
        );
        Self { text, unit }
    }

    /// Height of the texts, in pixels.
    pub(super) fn font(&self) -> f64 {
        12.0 * self.unit
    }

    /// About as wide is this text, in pixels.
    pub(super) fn width_of(&self, text: &str) -> f64 {
        // Chinese characters and their like are as wide as they are high.
        let of = |letter: char| if letter as u32 >= 0x2e80 { 1.0 } else { 0.55 };
        self.font() * text.chars().map(of).sum::<f64>()
    }

    pub(super) fn line(&mut self, points: &[Place], stroke: Stroke) {
        if points.len() < 2 {
            return;
        }
        let points = path(points);
        let (color, width) = (stroke.color, stroke.width * self.unit);
        _ = write!(
            self.text,
            "<polyline points=\"{points}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"{width:.2}\""
        );
        if let Some([dash, gap]) = stroke.dash.map(|dash| dash.map(|length| length * self.unit)) {
            _ = write!(self.text, " stroke-dasharray=\"{dash:.2} {gap:.2}\"");
        }
        self.text.push_str(" stroke-linejoin=\"round\"/>\n");
    }

    pub(super) fn area(&mut self, points: &[Place], color: &str, opacity: f64) {
        let points = path(points);
        _ = writeln!(self.text, "<polygon points=\"{points}\" fill=\"{color}\" fill-opacity=\"{opacity}\"/>");
    }

    /// The ground of a legend.
    pub(super) fn plate(&mut self, [x, y]: Place, [width, height]: [f64; 2]) {
        _ = writeln!(
            self.text,
            "<rect x=\"{x:.2}\" y=\"{y:.2}\" width=\"{width:.2}\" height=\"{height:.2}\" fill=\"#ffffff\" \
             fill-opacity=\"0.85\" stroke=\"#b0b0b0\" stroke-width=\"{:.2}\"/>",
            0.6 * self.unit
        );
    }

    pub(super) fn marker(&mut self, marker: Marker, [x, y]: Place, color: &'static str) {
        let r = 3.4 * self.unit;
        match marker {
            Marker::Circle => {
                _ = writeln!(self.text, "<circle cx=\"{x:.2}\" cy=\"{y:.2}\" r=\"{r:.2}\" fill=\"{color}\"/>");
            }
            Marker::Square => {
                let r = 0.9 * r;
                self.area(&[[x - r, y - r], [x + r, y - r], [x + r, y + r], [x - r, y + r]], color, 1.0);
            }
            Marker::Diamond => {
                let r = 1.25 * r;
                self.area(&[[x - r, y], [x, y - r], [x + r, y], [x, y + r]], color, 1.0);
            }
            Marker::Up => self.area(&[[x - r, y + r], [x, y - 1.1 * r], [x + r, y + r]], color, 1.0),
            Marker::Plus | Marker::Cross => {
                let stroke = Stroke { color, width: 1.8, dash: None };
                let (straight, slanting) = if marker == Marker::Plus { (1.2 * r, 0.0) } else { (r, r) };
                self.line(&[[x - straight, y - slanting], [x + straight, y + slanting]], stroke);
                self.line(&[[x - slanting, y + straight], [x + slanting, y - straight]], stroke);
            }
        }
    }

    /// A line of text whose middle is at the height of `place`; `upwards` turns it by a quarter.
    pub(super) fn text(&mut self, [x, y]: Place, anchor: Anchor, upwards: bool, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        // Capitals are about seven tenths as high as the font: not all readers know of `dominant-baseline`.
        let drop = 0.35 * self.font();
        let turned = if upwards { format!(" transform=\"rotate(-90 {x:.2} {y:.2})\"") } else { String::new() };
        _ = writeln!(
            self.text,
            "<text x=\"{x:.2}\" y=\"{:.2}\" text-anchor=\"{anchor}\" fill=\"#000000\"{turned}>{}</text>",
            y + drop,
            escaped(text)
        );
    }

    pub(super) fn finish(mut self) -> String {
        self.text.push_str("</svg>\n");
        self.text
    }
}

fn path(points: &[Place]) -> String {
    let mut path = String::with_capacity(points.len() * 14);
    for [x, y] in points {
        _ = write!(path, "{x:.2},{y:.2} ");
    }
    path.truncate(path.trim_end().len());
    path
}
