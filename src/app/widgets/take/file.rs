//! A picture as a file: SVG, or PNG of a chosen width.

use std::path::Path;

use egui::Vec2;

use super::svg::{Painted, svg};
use crate::app::export::{Document, ends_with};
use crate::report::png;

/// Pixels of a picture at most: more than a poster needs, and 256 MB while it is made.
const MOST_PIXELS: f32 = 64e6;
/// Longest side of a picture, in pixels.
const LONGEST: f32 = 16_384.0;

/// Which kind of file is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Svg,
    Png,
}

/// What was painted, to be written as a file.
#[derive(Debug)]
pub(super) struct PictureFile {
    /// Of the file, without an ending.
    pub(super) stem: String,
    pub(super) painted: Painted,
    /// What it is where the file's name does not say.
    pub(super) kind: Kind,
    /// Wanted width of a PNG, in pixels.
    pub(super) width: u32,
}

impl Document for PictureFile {
    fn file_name(&self) -> String {
        let ending = match self.kind {
            Kind::Svg => "svg",
            Kind::Png => "png",
        };
        format!("{}.{ending}", self.stem)
    }

    fn contents(&self, path: &Path) -> Result<Vec<u8>, String> {
        let drawing = svg(&self.painted);
        let is_png = ends_with(path, "png") || (self.kind == Kind::Png && !ends_with(path, "svg"));
        if is_png {
            let size = pixel_size(self.painted.rect.size(), self.width);
            return png(&drawing, size).map_err(|error| format!("The picture could not be made: {error}."));
        }
        Ok(drawing.into_bytes())
    }
}

/// Width and height, in pixels, of a picture of `size` points that shall be `width` pixels wide: narrower where it would be too
/// high to be made.
pub(super) fn pixel_size(size: Vec2, width: u32) -> [u32; 2] {
    let (points, steepness) = (size.max(Vec2::splat(1.0)), size.y.max(1.0) / size.x.max(1.0));
    let width = (width as f32).min(LONGEST).min(LONGEST / steepness).min((MOST_PIXELS / steepness).sqrt());
    let height = width * points.y / points.x;
    [width, height].map(|side| side.round().max(1.0) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::vec2;

    #[test]
    fn a_picture_keeps_its_shape_and_can_be_made() {
        assert_eq!(pixel_size(vec2(640.0, 360.0), 1920), [1920, 1080]);
        assert_eq!(pixel_size(vec2(100.0, 1.0), 50), [50, 1]);
        for (size, width) in [(vec2(10.0, 10_000.0), 8000), (vec2(1.0, 1.0), u32::MAX), (vec2(0.0, 0.0), 3840)] {
            let [wide, high] = pixel_size(size, width);
            assert!((1..=16_384).contains(&wide) && (1..=16_384).contains(&high) && wide * high <= 64_100_000);
        }
    }
}
