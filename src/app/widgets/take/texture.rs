//! Pictures made of pixels, kept beside the graphics card's copy so that they can be taken out of the window.

use std::collections::HashMap;
use std::sync::Arc;

use egui::{Color32, ColorImage, Context, Id, TextureFilter, TextureHandle, TextureId, TextureOptions};
use resvg::tiny_skia::{IntSize, Pixmap};

/// The pixels of a texture.
#[derive(Debug)]
pub(super) struct Pixels {
    image: Arc<ColorImage>,
    /// Whether colours run into each other where it is enlarged.
    pub(super) is_smooth: bool,
}

/// Pixels by texture.
type Kept = HashMap<TextureId, Arc<Pixels>>;

/// A texture of these pixels: the one that there is, with new ones, or a new one. What is drawn with it can be exported.
pub(crate) fn texture(
    ctx: &Context,
    handle: Option<TextureHandle>,
    name: &str,
    image: impl Into<Arc<ColorImage>>,
    options: TextureOptions,
) -> TextureHandle {
    let image = image.into();
    let handle = match handle {
        Some(mut handle) => {
            handle.set(Arc::clone(&image), options);
            handle
        }
        None => ctx.load_texture(name, Arc::clone(&image), options),
    };
    let textures = ctx.tex_manager();
    ctx.data_mut(|data| {
        let kept: &mut Kept = data.get_temp_mut_or_default(memory());
        // Textures that nobody shows any more are gone, and their numbers are not given again.
        kept.retain(|id, _| textures.read().meta(*id).is_some());
        kept.insert(handle.id(), Arc::new(Pixels::new(image, options)));
    });
    handle
}

/// The pixels of a texture that was made by [`texture`].
pub(super) fn pixels(ctx: &Context, id: TextureId) -> Option<Arc<Pixels>> {
    ctx.data(|data| data.get_temp::<Kept>(memory())?.get(&id).cloned())
}

fn memory() -> Id {
    Id::unique("pixels of textures")
}

impl Pixels {
    pub(super) fn new(image: Arc<ColorImage>, options: TextureOptions) -> Self {
        Self { image, is_smooth: options.magnification == TextureFilter::Linear }
    }

    /// As the bytes of a PNG; `None` for a picture without pixels.
    pub(super) fn png(&self) -> Option<Vec<u8>> {
        let [width, height] = self.image.size;
        let size = IntSize::from_wh(u32::try_from(width).ok()?, u32::try_from(height).ok()?)?;
        // Both hold colours multiplied by their opacity.
        let bytes = self.image.pixels.iter().flat_map(Color32::to_array).collect();
        Pixmap::from_vec(bytes, size)?.encode_png().ok()
    }
}
