//! What leaves these pages as files: tables as CSV or workbook, pictures as SVG or PNG.

use std::path::Path;

use crate::app::export::{Document, ends_with};
use crate::report::{Waterfall, png, waterfall_svg};

/// Size of an exported picture, in pixels of its drawing.
const WIDTH: u32 = 900;
/// Height of a row of it.
const ROW: u32 = 26;
/// Pixels of a PNG for each of the drawing: sharp in print.
const FINE: u32 = 3;

/// A waterfall: PNG where the file is called so, else SVG.
#[derive(Debug)]
pub(super) struct WaterfallFile {
    pub(super) waterfall: Waterfall,
    /// Steps at most.
    pub(super) most: usize,
}

impl Document for WaterfallFile {
    fn file_name(&self) -> String {
        "waterfall.svg".to_owned()
    }

    fn contents(&self, path: &Path) -> Result<Vec<u8>, String> {
        let rows = self.waterfall.rows(self.most).len() as u32;
        let size = [WIDTH, (rows + 3) * ROW];
        let svg = waterfall_svg(&self.waterfall, self.most, size);
        if ends_with(path, "png") {
            return png(&svg, size.map(|side| FINE * side))
                .map_err(|error| format!("The picture could not be made: {error}."));
        }
        Ok(svg.into_bytes())
    }
}
