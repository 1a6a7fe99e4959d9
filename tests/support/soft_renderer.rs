//! Draws egui's triangles on the processor, so that tests can take pictures with no GPU, no display and no Mesa, and get
//! the same bytes on every machine.
//!
//! It does what egui's own shaders do: colours are premultiplied sRGB, texture × vertex colour and the blend over what
//! is there are all computed on the stored (gamma) values, "the only way to get text to look right" (`egui_glow`,
//! `fragment.glsl`). Edges need no antialiasing here: egui feathers its own.

use std::collections::HashMap;
use std::path::Path;

use egui::epaint::textures::{TextureFilter, TexturesDelta};
use egui::epaint::{ImageData, Primitive, Vertex};
use egui::{ColorImage, TextureId};
use egui_kittest::TestRenderer;

/// Premultiplied red, green, blue, alpha on the stored scale, 0 to 255.
type Rgba = [f32; 4];

/// Writes a picture that `Harness::render` returned; the folder is made where it is missing.
pub(crate) fn save_png(picture: &image::RgbaImage, path: &Path) -> image::ImageResult<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    picture.save(path)
}

/// A renderer for `HarnessBuilder::renderer`.
#[derive(Default)]
pub(crate) struct SoftRenderer {
    textures: HashMap<TextureId, Texture>,
}

impl TestRenderer for SoftRenderer {
    #[expect(clippy::iter_over_hash_type, reason = "each entry stands for a texture of its own")]
    fn handle_delta(&mut self, delta: &mut TexturesDelta) {
        for (id, patches) in delta.set.drain() {
            for patch in patches {
                let ImageData::Color(image) = &patch.image;
                if let Some(corner) = patch.pos {
                    if let Some(texture) = self.textures.get_mut(&id) {
                        texture.patch(corner, image);
                    }
                } else {
                    let filter = patch.options.magnification;
                    self.textures.insert(id, Texture { image: ColorImage::clone(image), filter });
                }
            }
        }
        for id in delta.free.drain() {
            self.textures.remove(&id);
        }
    }

    fn render(&mut self, ctx: &egui::Context, output: &egui::FullOutput) -> Result<image::RgbaImage, String> {
        let scale = ctx.pixels_per_point();
        let size = ctx.content_rect().size() * scale;
        let mut canvas = Canvas::new(size.x.round() as usize, size.y.round() as usize);
        for clipped in ctx.tessellate(output.shapes.clone(), scale) {
            let Primitive::Mesh(mesh) = &clipped.primitive else { continue };
            let Some(texture) = self.textures.get(&mesh.texture_id) else { continue };
            let clip = canvas.clip(clipped.clip_rect * scale);
            for corners in mesh.indices.chunks_exact(3) {
                let corners =
                    [corners[0], corners[1], corners[2]].map(|i| Corner::new(&mesh.vertices[i as usize], scale));
                canvas.triangle(corners, clip, texture);
            }
        }
        canvas.into_image().ok_or_else(|| "the picture's size does not fit its pixels".to_owned())
    }
}

struct Texture {
    image: ColorImage,
    filter: TextureFilter,
}

impl Texture {
    /// Replaces the rectangle whose upper left texel is `corner`.
    fn patch(&mut self, [left, top]: [usize; 2], patch: &ColorImage) {
        let (width, patch_width) = (self.image.width(), patch.width());
        for (row, texels) in patch.pixels.chunks_exact(patch_width).enumerate() {
            let start = (top + row) * width + left;
            self.image.pixels[start..start + patch_width].copy_from_slice(texels);
        }
    }

    /// The texel at column `x`, row `y`; the edge goes on for ever.
    fn texel(&self, x: i32, y: i32) -> Rgba {
        let [width, height] = self.image.size;
        let (x, y) = ((x.max(0) as usize).min(width - 1), (y.max(0) as usize).min(height - 1));
        self.image.pixels[y * width + x].to_array().map(f32::from)
    }

    /// The colour at texture coordinates, each from 0 to 1.
    fn sample(&self, [u, v]: [f32; 2]) -> Rgba {
        let (x, y) = (u * self.image.width() as f32, v * self.image.height() as f32);
        if self.filter == TextureFilter::Nearest {
            return self.texel(x.floor() as i32, y.floor() as i32);
        }
        let (x, y) = (x - 0.5, y - 0.5);
        let (left, top) = (x.floor() as i32, y.floor() as i32);
        let (right_part, lower_part) = (x - x.floor(), y - y.floor());
        let upper = mix(self.texel(left, top), self.texel(left + 1, top), right_part);
        let lower = mix(self.texel(left, top + 1), self.texel(left + 1, top + 1), right_part);
        mix(upper, lower, lower_part)
    }
}

fn mix(a: Rgba, b: Rgba, part: f32) -> Rgba {
    std::array::from_fn(|k| a[k] + (b[k] - a[k]) * part)
}

/// A corner of a triangle, in pixels.
#[derive(Clone, Copy)]
struct Corner {
    at: [f32; 2],
    uv: [f32; 2],
    color: Rgba,
}

impl Corner {
    fn new(vertex: &Vertex, scale: f32) -> Self {
        Self {
            at: [vertex.pos.x * scale, vertex.pos.y * scale],
            uv: [vertex.uv.x, vertex.uv.y],
            color: vertex.color.to_array().map(f32::from),
        }
    }
}

/// Twice the signed area of the triangle `a`, `b`, `p`: positive where `p` lies to the inner side of the edge `a` → `b`.
fn edge(a: [f32; 2], b: [f32; 2], p: [f32; 2]) -> f32 {
    (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])
}

struct Canvas {
    width: usize,
    height: usize,
    pixels: Vec<Rgba>,
}

impl Canvas {
    fn new(width: usize, height: usize) -> Self {
        Self { width, height, pixels: vec![[0.0; 4]; width * height] }
    }

    /// A rectangle in pixels as columns `[0]..[2]` and rows `[1]..[3]` of this canvas.
    fn clip(&self, rect: egui::Rect) -> [i32; 4] {
        let column = |x: f32| x.round().clamp(0.0, self.width as f32) as i32;
        let row = |y: f32| y.round().clamp(0.0, self.height as f32) as i32;
        [column(rect.min.x), row(rect.min.y), column(rect.max.x), row(rect.max.y)]
    }

    fn triangle(&mut self, mut corners: [Corner; 3], clip: [i32; 4], texture: &Texture) {
        let mut area = edge(corners[0].at, corners[1].at, corners[2].at);
        if area == 0.0 || !area.is_finite() {
            return;
        }
        if area < 0.0 {
            corners.swap(1, 2);
            area = -area;
        }
        let at = corners.map(|corner| corner.at);
        let least = |axis: usize| at[0][axis].min(at[1][axis]).min(at[2][axis]);
        let most = |axis: usize| at[0][axis].max(at[1][axis]).max(at[2][axis]);
        let columns = clip[0].max((least(0) - 0.5).floor() as i32)..clip[2].min((most(0) + 0.5).ceil() as i32);
        let rows = clip[1].max((least(1) - 0.5).floor() as i32)..clip[3].min((most(1) + 0.5).ceil() as i32);

        // A pixel whose centre lies right on an edge that two triangles share belongs to one of them only: that for
        // which the edge is a top or a left one.
        let sides = [(at[1], at[2]), (at[2], at[0]), (at[0], at[1])];
        let owns = sides.map(|(a, b)| (a[1] == b[1] && b[0] > a[0]) || b[1] < a[1]);
        let weighted = |value: fn(&Corner) -> Rgba, w: [f32; 3]| -> Rgba {
            let values = [value(&corners[0]), value(&corners[1]), value(&corners[2])];
            std::array::from_fn(|k| w[0] * values[0][k] + w[1] * values[1][k] + w[2] * values[2][k])
        };
        let flat_texel = corners.iter().all(|c| c.uv == corners[0].uv).then(|| texture.sample(corners[0].uv));
        let flat_color = corners.iter().all(|c| c.color == corners[0].color).then_some(corners[0].color);

        for y in rows {
            let row = y as usize * self.width;
            for x in columns.clone() {
                let centre = [x as f32 + 0.5, y as f32 + 0.5];
                let inside = sides.map(|(a, b)| edge(a, b, centre));
                if (0..3).any(|k| inside[k] < 0.0 || (inside[k] == 0.0 && !owns[k])) {
                    continue;
                }
                let weights = inside.map(|part| part / area);
                let texel = flat_texel.unwrap_or_else(|| {
                    let [u, v, ..] = weighted(|c| [c.uv[0], c.uv[1], 0.0, 0.0], weights);
                    texture.sample([u, v])
                });
                let color = flat_color.unwrap_or_else(|| weighted(|c| c.color, weights));
                let pixel = &mut self.pixels[row + x as usize];
                let alpha = color[3] * texel[3] / 255.0;
                for k in 0..4 {
                    pixel[k] = color[k] * texel[k] / 255.0 + pixel[k] * (1.0 - alpha / 255.0);
                }
            }
        }
    }

    fn into_image(self) -> Option<image::RgbaImage> {
        let bytes = self.pixels.iter().flatten().map(|value| (value + 0.5).clamp(0.0, 255.0) as u8).collect();
        image::RgbaImage::from_raw(self.width as u32, self.height as u32, bytes)
    }
}
