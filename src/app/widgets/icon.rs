//! The few symbols of the window, painted as shapes: they need no font, and look the same everywhere.

use egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, pos2, vec2};

/// A symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Icon {
    /// Go on: a triangle.
    Play,
    /// Go back: a triangle to the left.
    PlayBack,
    /// Hold: two bars.
    Pause,
    /// One step: a triangle and a bar.
    Step,
    /// One step back: a bar and a triangle to the left.
    StepBack,
    /// Back to the start: a bar and a triangle to the left.
    Rewind,
    /// End: a square.
    Stop,
    /// Dismiss: a cross.
    Close,
    /// Right: a tick.
    Check,
    /// An i in a ring.
    Info,
    /// An exclamation mark in a triangle.
    Warning,
    /// A cross in a ring.
    Error,
    /// A half-filled disc: dark or light.
    Theme,
    /// More can be done: three dots.
    More,
    /// Open, or opens a menu; from the largest down.
    ChevronDown,
    /// From the smallest up.
    ChevronUp,
}

impl Icon {
    /// Paints the symbol as large as fits into `rect`.
    pub(crate) fn paint(self, painter: &Painter, rect: Rect, color: Color32) {
        let side = rect.width().min(rect.height());
        let square = Rect::from_center_size(rect.center(), vec2(side, side));
        // From the unit square to the screen.
        let at = |x: f32, y: f32| square.min + vec2(x, y) * side;
        let stroke = Stroke::new((side * 0.12).max(1.2), color);
        let polygon = |points: Vec<Pos2>| painter.add(Shape::convex_polygon(points, color, Stroke::NONE));
        let line = |points: Vec<Pos2>| painter.add(Shape::line(points, stroke));
        let bar = |left: f32, right: f32, radius: f32| {
            painter.rect_filled(Rect::from_min_max(at(left, 0.1), at(right, 0.9)), radius, color)
        };
        let cross = |inset: f32| {
            line(vec![at(inset, inset), at(1.0 - inset, 1.0 - inset)]);
            line(vec![at(inset, 1.0 - inset), at(1.0 - inset, inset)]);
        };
        let ring = || painter.circle_stroke(square.center(), side * 0.46, stroke);
        match self {
            Self::Play => {
                polygon(vec![at(0.18, 0.06), at(0.94, 0.5), at(0.18, 0.94)]);
            }
            Self::PlayBack => {
                polygon(vec![at(0.82, 0.94), at(0.06, 0.5), at(0.82, 0.06)]);
            }
            Self::StepBack | Self::Rewind => {
                polygon(vec![at(0.92, 0.9), at(0.32, 0.5), at(0.92, 0.1)]);
                bar(0.08, 0.26, 1.0);
            }
            Self::Pause => {
                bar(0.14, 0.4, 1.0);
                bar(0.6, 0.86, 1.0);
            }
            Self::Step => {
                polygon(vec![at(0.08, 0.1), at(0.68, 0.5), at(0.08, 0.9)]);
                bar(0.74, 0.92, 1.0);
            }
            Self::Stop => {
                painter.rect_filled(Rect::from_min_max(at(0.14, 0.14), at(0.86, 0.86)), 1.5, color);
            }
            Self::Close => cross(0.2),
            Self::Check => {
                line(vec![at(0.12, 0.54), at(0.4, 0.82), at(0.9, 0.22)]);
            }
            Self::Info => {
                ring();
                painter.circle_filled(at(0.5, 0.28), side * 0.075, color);
                line(vec![at(0.5, 0.45), at(0.5, 0.76)]);
            }
            Self::Warning => {
                painter.add(Shape::closed_line(vec![at(0.5, 0.08), at(0.98, 0.92), at(0.02, 0.92)], stroke));
                line(vec![at(0.5, 0.38), at(0.5, 0.62)]);
                painter.circle_filled(at(0.5, 0.77), side * 0.075, color);
            }
            Self::Error => {
                ring();
                cross(0.33);
            }
            Self::Theme => {
                ring();
                let half = (0..=16).map(|i| {
                    let (sin, cos) = (std::f32::consts::PI * (i as f32 / 16.0 - 0.5)).sin_cos();
                    pos2(square.center().x + cos * side * 0.46, square.center().y + sin * side * 0.46)
                });
                polygon(half.collect());
            }
            Self::More => {
                for x in [0.1, 0.5, 0.9] {
                    painter.circle_filled(at(x, 0.5), side * 0.11, color);
                }
            }
            Self::ChevronDown => {
                line(vec![at(0.2, 0.36), at(0.5, 0.66), at(0.8, 0.36)]);
            }
            Self::ChevronUp => {
                line(vec![at(0.2, 0.64), at(0.5, 0.34), at(0.8, 0.64)]);
            }
        }
    }
}
