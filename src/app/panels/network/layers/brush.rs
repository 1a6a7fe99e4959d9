//! A region drawn on a map with the pointer: a rectangle or a lasso.

use egui::{Painter, Pos2, Rect, Shape, Stroke};

use crate::app::theme::Palette;

/// Points apart that two corners of a lasso are at least.
const APART: f32 = 3.0;
/// Corners of a lasso at most.
const CORNERS: usize = 200;

/// What the pointer draws.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tool {
    #[default]
    Rectangle,
    Lasso,
}

/// A region that is being drawn, in points of the screen.
#[derive(Clone, Debug)]
pub(super) struct Stroked {
    /// On which map.
    pub(super) map: usize,
    tool: Tool,
    /// A rectangle has two: where it began, and where it is.
    corners: Vec<Pos2>,
}

impl Stroked {
    pub(super) fn new(map: usize, tool: Tool, at: Pos2) -> Self {
        Self { map, tool, corners: vec![at] }
    }

    /// The pointer has come here.
    pub(super) fn go_to(&mut self, at: Pos2) {
        match self.tool {
            Tool::Rectangle => {
                self.corners.truncate(1);
                self.corners.push(at);
            }
            Tool::Lasso => {
                let far = self.corners.last().is_none_or(|last| last.distance(at) >= APART);
                if far && self.corners.len() < CORNERS {
                    self.corners.push(at);
                }
            }
        }
    }

    /// Whether a point lies inside.
    pub(super) fn holds(&self, at: Pos2) -> bool {
        match (self.tool, &self.corners[..]) {
            (Tool::Rectangle, [from, to]) => Rect::from_two_pos(*from, *to).contains(at),
            (Tool::Lasso, corners) if corners.len() > 2 => is_inside(corners, at),
            _ => false,
        }
    }

    pub(super) fn paint(&self, painter: &Painter, palette: &Palette) {
        let stroke = Stroke::new(1.5, palette.text);
        let mut line = match (self.tool, &self.corners[..]) {
            (Tool::Rectangle, [from, to]) => {
                let rect = Rect::from_two_pos(*from, *to);
                vec![rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom()]
            }
            (_, corners) => corners.to_vec(),
        };
        line.extend(line.first().copied());
        painter.extend(Shape::dashed_line(&line, stroke, 5.0, 4.0));
    }
}

/// Whether a ray to the right crosses the outline an odd number of times.
fn is_inside(corners: &[Pos2], at: Pos2) -> bool {
    let mut inside = false;
    let before = corners.iter().cycle().skip(corners.len() - 1);
    for (a, b) in corners.iter().zip(before) {
        if (a.y > at.y) != (b.y > at.y) && at.x < a.x + (b.x - a.x) * (at.y - a.y) / (b.y - a.y) {
            inside = !inside;
        }
    }
    inside
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::pos2;

    #[test]
    fn a_rectangle_holds_what_is_between_its_corners() {
        let mut brush = Stroked::new(0, Tool::Rectangle, pos2(10.0, 10.0));
        assert!(!brush.holds(pos2(10.0, 10.0)), "nothing is drawn yet");
        brush.go_to(pos2(50.0, 50.0));
        brush.go_to(pos2(0.0, 20.0));
        assert!(brush.holds(pos2(5.0, 15.0)) && !brush.holds(pos2(30.0, 30.0)));
    }

    #[test]
    fn a_lasso_holds_what_it_goes_round() {
        let mut brush = Stroked::new(0, Tool::Lasso, pos2(0.0, 0.0));
        // An L: the notch at the upper right is outside.
        for corner in [(20.0, 0.0), (20.0, 40.0), (60.0, 40.0), (60.0, 60.0), (0.0, 60.0), (1.0, 59.0)] {
            brush.go_to(pos2(corner.0, corner.1));
        }
        assert_eq!(brush.corners.len(), 6, "the last is too near to count");
        assert!(brush.holds(pos2(10.0, 10.0)) && brush.holds(pos2(50.0, 50.0)));
        assert!(!brush.holds(pos2(40.0, 20.0)) && !brush.holds(pos2(-1.0, 30.0)) && !brush.holds(pos2(61.0, 50.0)));
    }
}
