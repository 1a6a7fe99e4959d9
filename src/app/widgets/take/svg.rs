//! What was painted, as an SVG: the shapes of a frame as vectors, in points of the screen.
//!
//! Letters stay letters (`letters`), triangles and textures are in `mesh`. What only a graphics card can draw (callbacks,
//! the blur of a shadow) is left out.

use std::fmt::Write as _;
use std::sync::Arc;

use egui::epaint::{
    BandShape, CircleShape, ClippedShape, ColorMode, CornerRadius, CubicBezierShape, EllipseShape, PathShape,
    PathStroke, QuadraticBezierShape, RectShape,
};
use egui::{Color32, Pos2, Rect, Shape, Stroke, StrokeKind, TextureId, pos2, vec2};

use super::texture::Pixels;
use crate::report::escaped;

/// Faces without serifs that one desktop or another has, after the window's own.
const FACES: &str = "'IBM Plex Sans', Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif";

/// A part of a frame as it was painted.
#[derive(Debug)]
pub(super) struct Painted {
    /// What it is, for those who do not see it.
    pub(super) title: String,
    /// Where it was, in points of the screen; nothing outside is drawn.
    pub(super) rect: Rect,
    /// What was behind it.
    pub(super) ground: Color32,
    /// The shapes, from the back to the front.
    pub(super) shapes: Vec<ClippedShape>,
    /// The pixels of the textures among them.
    pub(super) images: Vec<(TextureId, Arc<Pixels>)>,
}

/// An SVG document of one unit for each point of the screen. Shapes without a finite place are left out.
pub(super) fn svg(painted: &Painted) -> String {
    let Painted { title, rect, ground, shapes, images } = painted;
    let (left, top, width, height) = (rect.left(), rect.top(), rect.width(), rect.height());
    let mut svg = Writer { out: String::new(), images, clip: None, clips: 0 };
    // White space is kept: texts are placed letter by letter.
    _ = writeln!(
        svg.out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.2}\" height=\"{height:.2}\" \
         viewBox=\"{left:.2} {top:.2} {width:.2} {height:.2}\" role=\"img\" aria-label=\"{}\" font-family=\"{FACES}\" \
         xml:space=\"preserve\">\n<rect x=\"{left:.2}\" y=\"{top:.2}\" width=\"{width:.2}\" height=\"{height:.2}\"{}/>",
        escaped(title),
        paint("fill", *ground),
    );
    for ClippedShape { clip_rect, shape, .. } in shapes {
        let (bounds, clip) = (shape.visual_bounding_rect(), clip_rect.intersect(*rect));
        if !is_finite(shape) || !bounds.is_finite() || !clip.is_positive() || !clip.intersects(bounds) {
            continue;
        }
        svg.clip_to((!clip.expand(0.5).contains_rect(bounds)).then_some(clip));
        svg.shape(shape);
    }
    svg.clip_to(None);
    svg.out.push_str("</svg>\n");
    svg.out
}

/// A document in the making.
pub(super) struct Writer<'a> {
    pub(super) out: String,
    pub(super) images: &'a [(TextureId, Arc<Pixels>)],
    /// What the shapes to come are cut to, in an element that is still open.
    clip: Option<Rect>,
    /// How many elements of that kind there were.
    clips: usize,
}

impl Writer<'_> {
    /// Shapes to come are cut to this.
    fn clip_to(&mut self, clip: Option<Rect>) {
        if self.clip == clip {
            return;
        }
        if self.clip.is_some() {
            self.out.push_str("</g>\n");
        }
        if let Some(rect) = clip {
            let number = self.clips;
            _ = write!(self.out, "<clipPath id=\"c{number}\">");
            self.rect(rect, CornerRadius::ZERO, "");
            _ = writeln!(self.out, "</clipPath><g clip-path=\"url(#c{number})\">");
            self.clips += 1;
        }
        self.clip = clip;
    }

    fn shape(&mut self, shape: &Shape) {
        if !is_finite(shape) {
            return;
        }
        match shape {
            Shape::Noop | Shape::Callback(_) => {}
            Shape::Vec(shapes) => shapes.iter().for_each(|shape| self.shape(shape)),
            Shape::Circle(CircleShape { center: Pos2 { x, y }, radius, fill, stroke }) => {
                let paint = both(*fill, *stroke);
                _ = writeln!(self.out, "<circle cx=\"{x:.2}\" cy=\"{y:.2}\" r=\"{radius:.2}\"{paint}/>");
            }
            Shape::Ellipse(EllipseShape { center, radius, fill, stroke, angle }) => {
                let (Pos2 { x, y }, paint, turned) = (*center, both(*fill, *stroke), turned(*angle, *center));
                let (rx, ry) = (radius.x, radius.y);
                _ = writeln!(
                    self.out,
                    "<ellipse cx=\"{x:.2}\" cy=\"{y:.2}\" rx=\"{rx:.2}\" ry=\"{ry:.2}\"{paint}{turned}/>"
                );
            }
            Shape::LineSegment { points: [from, to], stroke } => {
                if !stroke.is_empty() {
                    let (Pos2 { x: x1, y: y1 }, Pos2 { x: x2, y: y2 }) = (from, to);
                    let stroke = outline(*stroke);
                    _ = writeln!(
                        self.out,
                        "<line x1=\"{x1:.2}\" y1=\"{y1:.2}\" x2=\"{x2:.2}\" y2=\"{y2:.2}\"{stroke}/>"
                    );
                }
            }
            Shape::Path(PathShape { points, closed, fill, stroke }) => {
                let stroke = solid(stroke, points);
                let (element, places) = (if *closed { "polygon" } else { "polyline" }, places(points));
                let paint = both(*fill, stroke);
                _ = writeln!(self.out, "<{element} points=\"{places}\"{paint} stroke-linejoin=\"round\"/>");
            }
            Shape::Band(BandShape { points, fill, stroke, angle, .. }) => {
                let top = points.iter().map(|point| pos2(point.x, point.y.min));
                let bottom = points.iter().rev().map(|point| pos2(point.x, point.y.max));
                let places = places(&top.chain(bottom).collect::<Vec<_>>());
                let (paint, turned) = (both(*fill, *stroke), turned(*angle, Pos2::ZERO));
                _ = writeln!(self.out, "<polygon points=\"{places}\"{paint}{turned}/>");
            }
            Shape::Rect(rect) => self.rect_shape(rect),
            Shape::Text(text) => self.text(text),
            Shape::Mesh(mesh) => self.mesh(mesh),
            Shape::QuadraticBezier(QuadraticBezierShape { points, closed, fill, stroke }) => {
                let (stroke, [a, b, c]) = (solid(stroke, points), points.map(place));
                self.curve(&format!("M{a} Q{b} {c}"), *closed, *fill, stroke);
            }
            Shape::CubicBezier(CubicBezierShape { points, closed, fill, stroke }) => {
                let (stroke, [a, b, c, d]) = (solid(stroke, points), points.map(place));
                self.curve(&format!("M{a} C{b} {c} {d}"), *closed, *fill, stroke);
            }
        }
    }

    fn curve(&mut self, path: &str, closed: bool, fill: Color32, stroke: Stroke) {
        let (end, paint) = (if closed { "Z" } else { "" }, both(fill, stroke));
        _ = writeln!(self.out, "<path d=\"{path}{end}\"{paint}/>");
    }

    fn rect_shape(&mut self, shape: &RectShape) {
        let RectShape { rect, corner_radius, fill, stroke, stroke_kind, brush, angle, .. } = shape;
        let turned = turned(*angle, rect.center());
        match brush {
            Some(brush) if brush.uv.is_positive() => self.image(brush.fill_texture_id, *rect, *fill),
            _ if *fill != Color32::TRANSPARENT => self.rect(*rect, *corner_radius, &(paint("fill", *fill) + &turned)),
            _ => {}
        }
        if stroke.is_empty() {
            return;
        }
        // The line runs on the edge, within it or around it.
        let out = match stroke_kind {
            StrokeKind::Inside => -stroke.width / 2.0,
            StrokeKind::Middle => 0.0,
            StrokeKind::Outside => stroke.width / 2.0,
        };
        let wider = |radius: u8| if radius == 0 { 0 } else { (f32::from(radius) + out).round().max(0.0) as u8 };
        let CornerRadius { nw, ne, sw, se } = *corner_radius;
        let radius = CornerRadius { nw: wider(nw), ne: wider(ne), sw: wider(sw), se: wider(se) };
        self.rect(rect.expand(out), radius, &(both(Color32::TRANSPARENT, *stroke) + &turned));
    }

    /// A rectangle with round corners; `paint` are its other attributes.
    pub(super) fn rect(&mut self, rect: Rect, radius: CornerRadius, paint: &str) {
        let (x, y, size) = (rect.left(), rect.top(), rect.size().max(vec2(0.0, 0.0)));
        let (width, height) = (size.x, size.y);
        let most = width.min(height) / 2.0;
        let [nw, ne, se, sw] = [radius.nw, radius.ne, radius.se, radius.sw].map(|r| f32::from(r).min(most));
        if radius.is_same() {
            let round = if nw > 0.0 { format!(" rx=\"{nw:.2}\"") } else { String::new() };
            _ = writeln!(
                self.out,
                "<rect x=\"{x:.2}\" y=\"{y:.2}\" width=\"{width:.2}\" height=\"{height:.2}\"{round}{paint}/>"
            );
            return;
        }
        // Along each side, then round its corner; an arc without a radius is a straight line to the same place.
        let (right, bottom) = (x + width, y + height);
        _ = writeln!(
            self.out,
            "<path d=\"M{:.2},{y:.2} H{:.2} A{ne:.2},{ne:.2} 0 0 1 {right:.2},{:.2} V{:.2} A{se:.2},{se:.2} 0 0 1 \
             {:.2},{bottom:.2} H{:.2} A{sw:.2},{sw:.2} 0 0 1 {x:.2},{:.2} V{:.2} A{nw:.2},{nw:.2} 0 0 1 {:.2},{y:.2} \
             Z\"{paint}/>",
            x + nw,
            right - ne,
            y + ne,
            bottom - se,
            right - se,
            x + sw,
            bottom - sw,
            y + nw,
            x + nw,
        );
    }
}

/// Whether a shape has a place: a bounding box passes over points that are not numbers.
fn is_finite(shape: &Shape) -> bool {
    let all = |points: &[Pos2]| points.iter().all(|at| at.is_finite());
    match shape {
        Shape::Vec(_) => true,
        Shape::LineSegment { points, .. } => all(points),
        Shape::Path(path) => all(&path.points),
        Shape::Mesh(mesh) => mesh.vertices.iter().all(|vertex| vertex.pos.is_finite()),
        Shape::Band(band) => band.points.iter().all(|point| point.is_finite()),
        Shape::QuadraticBezier(curve) => all(&curve.points),
        Shape::CubicBezier(curve) => all(&curve.points),
        _ => shape.visual_bounding_rect().is_finite(),
    }
}

/// A colour as an attribute, with its opacity where light passes through it.
pub(super) fn paint(attribute: &str, color: Color32) -> String {
    let [r, g, b, opacity] = color.to_srgba_unmultiplied();
    match opacity {
        0 => format!(" {attribute}=\"none\""),
        255 => format!(" {attribute}=\"#{r:02x}{g:02x}{b:02x}\""),
        _ => {
            let share = f32::from(opacity) / 255.0;
            format!(" {attribute}=\"#{r:02x}{g:02x}{b:02x}\" {attribute}-opacity=\"{share:.3}\"")
        }
    }
}

fn outline(stroke: Stroke) -> String {
    if stroke.is_empty() {
        return String::new();
    }
    format!("{} stroke-width=\"{:.2}\"", paint("stroke", stroke.color), stroke.width)
}

fn both(fill: Color32, stroke: Stroke) -> String {
    paint("fill", fill) + &outline(stroke)
}

/// A stroke in one colour: one that changes along the line has that of its beginning.
fn solid(stroke: &PathStroke, points: &[Pos2]) -> Stroke {
    let color = match &stroke.color {
        ColorMode::Solid(color) => *color,
        ColorMode::UV(color) => {
            points.first().map_or(Color32::TRANSPARENT, |first| color(Rect::from_points(points), *first))
        }
    };
    Stroke::new(stroke.width, color)
}

/// Clockwise by `angle` radians about a place.
pub(super) fn turned(angle: f32, about: Pos2) -> String {
    if angle == 0.0 {
        return String::new();
    }
    format!(" transform=\"rotate({:.3} {:.2} {:.2})\"", angle.to_degrees(), about.x, about.y)
}

fn place(at: Pos2) -> String {
    format!("{:.2},{:.2}", at.x, at.y)
}

fn places(points: &[Pos2]) -> String {
    let mut text = String::with_capacity(points.len() * 14);
    for at in points {
        _ = write!(text, "{:.2},{:.2} ", at.x, at.y);
    }
    text.truncate(text.trim_end().len());
    text
}
