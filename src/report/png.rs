//! A figure as a PNG: its SVG drawn by resvg with the program's own face, so that it is the same on every machine.
//!
//! Letters that the face lacks (Chinese names of indicators) are taken from the faces that desktops keep in their usual
//! folders; where none has them either they are left out, and the SVG shows them.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

/// The face of the window: Latin, Greek, Cyrillic.
const FACE: &[u8] = include_bytes!("../../assets/fonts/IBMPlexSans-Regular.ttf");
/// The same in semibold, for titles and names.
const SEMIBOLD: &[u8] = include_bytes!("../../assets/fonts/IBMPlexSans-SemiBold.ttf");
const FACE_NAME: &str = "IBM Plex Sans";
/// Longest side of a picture, in pixels.
const MOST_PIXELS: u32 = 16_384;

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum PngError {
    /// No memory holds it, or nothing is in it.
    #[error("a picture of {0} × {1} pixels cannot be made: give a width and a height from 1 to {MOST_PIXELS}")]
    Size(u32, u32),
    /// The text is no SVG.
    #[error("the figure cannot be drawn: {0}")]
    Svg(String),
    /// The bytes cannot be put together.
    #[error("the picture cannot be written: {0}")]
    Encoding(String),
}

/// Draws an SVG document of the program on `size` pixels (width, height), stretched to them where it has another size.
///
/// # Errors
/// When a side is 0 or longer than 16,384, or the text is no SVG.
pub fn png(svg: &str, size: [u32; 2]) -> Result<Vec<u8>, PngError> {
    let [width, height] = size;
    if size.iter().any(|side| !(1..=MOST_PIXELS).contains(side)) {
        return Err(PngError::Size(width, height));
    }
    let options = Options {
        font_family: FACE_NAME.to_owned(),
        fontdb: if svg.chars().all(is_in_face) { own_faces() } else { all_faces() },
        ..Options::default()
    };
    let tree = Tree::from_str(svg, &options).map_err(|e| PngError::Svg(e.to_string()))?;
    let mut pixels = Pixmap::new(width, height).ok_or(PngError::Size(width, height))?;
    let scale = Transform::from_scale(width as f32 / tree.size().width(), height as f32 / tree.size().height());
    resvg::render(&tree, scale, &mut pixels.as_mut());
    pixels.encode_png().map_err(|e| PngError::Encoding(e.to_string()))
}

/// Whether the letter belongs to a script of the program's own face.
fn is_in_face(letter: char) -> bool {
    (letter as u32) < 0x2e80
}

fn own_faces() -> Arc<fontdb::Database> {
    static FACES: OnceLock<Arc<fontdb::Database>> = OnceLock::new();
    Arc::clone(FACES.get_or_init(|| Arc::new(with_own_face())))
}

fn with_own_face() -> fontdb::Database {
    let mut faces = fontdb::Database::new();
    faces.load_font_data(FACE.to_vec());
    faces.load_font_data(SEMIBOLD.to_vec());
    // Whatever face a figure asks for, this is the one there is.
    faces.set_serif_family(FACE_NAME);
    faces.set_sans_serif_family(FACE_NAME);
    faces
}

/// The own face, and those for Chinese that this machine has.
fn all_faces() -> Arc<fontdb::Database> {
    static FACES: OnceLock<Arc<fontdb::Database>> = OnceLock::new();
    Arc::clone(FACES.get_or_init(|| {
        let mut faces = with_own_face();
        if let Some(bytes) = chinese_faces().into_iter().find_map(|path| std::fs::read(path).ok()) {
            faces.load_font_data(bytes);
        }
        Arc::new(faces)
    }))
}

/// Files of the usual faces for Chinese in the usual folders of desktops.
fn chinese_faces() -> Vec<PathBuf> {
    const NAMES: [&str; 8] =
        ["notosanscjk", "notosanssc", "sourcehansans", "droidsansfallback", "wqy", "msyh", "simsun", "pingfang"];
    const FOLDERS: [&str; 4] =
        ["/usr/share/fonts", "/usr/local/share/fonts", "/System/Library/Fonts", "C:\\Windows\\Fonts"];
    /// Folders within folders that are looked into.
    const DEPTH: usize = 3;
    let mut found = Vec::new();
    let mut folders: Vec<(PathBuf, usize)> = FOLDERS.iter().map(|folder| (PathBuf::from(folder), 0)).collect();
    while let Some((folder, depth)) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(folder) else { continue };
        for path in entries.flatten().map(|entry| entry.path()) {
            let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
            let is_face = [".ttf", ".ttc", ".otf"].iter().any(|ending| name.ends_with(ending));
            if path.is_dir() && depth < DEPTH {
                folders.push((path, depth + 1));
            } else if is_face && NAMES.iter().any(|face| name.replace(['-', '_'], "").starts_with(face)) {
                found.push(path);
            }
        }
    }
    // The order of a folder is the system's: the same face is taken every time.
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pixels(png: &[u8]) -> Pixmap {
        Pixmap::decode_png(png).unwrap()
    }

    #[test]
    fn a_picture_has_its_size_and_its_text_is_drawn() {
        let svg = |text: &str| {
            format!(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"100\" height=\"50\" font-family=\"Helvetica, sans-serif\">\
                 <rect width=\"100\" height=\"50\" fill=\"#ffffff\"/><text x=\"5\" y=\"30\" font-size=\"20\">{text}</text></svg>"
            )
        };
        let dark = |png: &[u8]| pixels(png).pixels().iter().filter(|pixel| pixel.red() < 128).count();
        let empty = png(&svg(""), [200, 100]).unwrap();
        assert_eq!((pixels(&empty).width(), pixels(&empty).height(), dark(&empty)), (200, 100, 0));
        assert!(dark(&png(&svg("Größe −σ²"), [200, 100]).unwrap()) > 100, "Helvetica is not here, the own face is");
        assert_eq!(png(&svg("a"), [200, 100]).unwrap(), png(&svg("a"), [200, 100]).unwrap());
        // Whether or not this machine has a face for it.
        png(&svg("企业风险"), [200, 100]).unwrap();
    }

    #[test]
    fn what_cannot_be_drawn_is_told() {
        assert!(matches!(png("<svg", [10, 10]), Err(PngError::Svg(_))));
        for size in [[0, 10], [10, 100_000]] {
            assert!(png("", size).unwrap_err().to_string().contains("from 1 to 16384"));
        }
    }
}
