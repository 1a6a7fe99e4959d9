//! Triangles and textures as elements of an SVG.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use egui::{Color32, CornerRadius, Mesh, Pos2, Rect, TextureId};

use super::svg::{Writer, paint};

/// Triangles that hang together and have one colour: drawn one by one, their seams would show.
struct Part {
    color: Color32,
    triangles: Vec<[u32; 3]>,
}

impl Writer<'_> {
    /// Triangles in one colour each, the mean of their corners', and textures shown whole.
    pub(super) fn mesh(&mut self, mesh: &Mesh) {
        if !mesh.is_valid() {
            return;
        }
        let triangles = mesh.indices.as_chunks::<3>().0;
        if mesh.texture_id != TextureId::default() {
            for quad in triangles.chunks(2) {
                let vertices = quad.iter().flatten().map(|&i| mesh.vertices[i as usize]);
                let mut rect = Rect::NOTHING;
                vertices.clone().for_each(|vertex| rect.extend_with(vertex.pos));
                let tint = vertices.clone().next().map_or(Color32::WHITE, |vertex| vertex.color);
                self.image(mesh.texture_id, rect, tint);
            }
            return;
        }
        let mut part = Part { color: Color32::TRANSPARENT, triangles: Vec::new() };
        for triangle in triangles {
            let color = mean(triangle.map(|i| mesh.vertices[i as usize].color));
            let hangs = part.triangles.last().is_some_and(|last| last.iter().any(|i| triangle.contains(i)));
            if color != part.color || !hangs {
                self.part(mesh, &part);
                part = Part { color, triangles: Vec::new() };
            }
            part.triangles.push(*triangle);
        }
        self.part(mesh, &part);
    }

    fn part(&mut self, mesh: &Mesh, part: &Part) {
        if part.triangles.is_empty() || part.color == Color32::TRANSPARENT {
            return;
        }
        let corners = |triangle: &[u32; 3]| triangle.map(|i| mesh.vertices[i as usize].pos);
        if let [one, other] = &part.triangles[..]
            && let Some(rect) = rectangle([corners(one), corners(other)].as_flattened())
        {
            // Cells side by side: soft edges would let the ground through.
            let paint = paint("fill", part.color) + " shape-rendering=\"crispEdges\"";
            self.rect(rect, CornerRadius::ZERO, &paint);
            return;
        }
        self.out.push_str("<path d=\"");
        for [a, b, c] in part.triangles.iter().map(corners) {
            _ = write!(self.out, "M{:.2},{:.2} {:.2},{:.2} {:.2},{:.2}Z", a.x, a.y, b.x, b.y, c.x, c.y);
        }
        _ = writeln!(self.out, "\"{}/>", paint("fill", part.color));
    }

    /// A texture shown whole; nothing where its pixels were not kept.
    pub(super) fn image(&mut self, texture: TextureId, rect: Rect, tint: Color32) {
        let Some(image) = self.images.iter().find(|(id, _)| *id == texture).map(|(_, image)| image) else { return };
        let Some(png) = image.png() else { return };
        let (x, y, width, height) = (rect.left(), rect.top(), rect.width(), rect.height());
        let style = if image.is_smooth { "" } else { " style=\"image-rendering:pixelated\"" };
        let opacity = f32::from(tint.a()) / 255.0;
        let bytes = STANDARD.encode(png);
        _ = writeln!(
            self.out,
            "<image x=\"{x:.2}\" y=\"{y:.2}\" width=\"{width:.2}\" height=\"{height:.2}\" preserveAspectRatio=\"none\" \
             opacity=\"{opacity:.3}\"{style} href=\"data:image/png;base64,{bytes}\"/>"
        );
    }
}

/// The rectangle that two triangles make up, when they do.
fn rectangle(places: &[Pos2]) -> Option<Rect> {
    let rect = Rect::from_points(places);
    let corners = [rect.left_top(), rect.right_top(), rect.left_bottom(), rect.right_bottom()];
    let all = corners.iter().all(|corner| places.contains(corner)) && places.iter().all(|at| corners.contains(at));
    all.then_some(rect)
}

fn mean(colors: [Color32; 3]) -> Color32 {
    let [a, b, c] = colors;
    if a == b && b == c { a } else { a.lerp_to_gamma(b, 0.5).lerp_to_gamma(c, 1.0 / 3.0) }
}
