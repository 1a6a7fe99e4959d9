//! Opening the window, and saying in one sentence why it cannot be opened.

use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::window::App;
use crate::storage::{SettingsError, SettingsFile, Theme, load_settings, settings_path};

/// Why there is no window: one sentence that names the variable or the package.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NoWindow(pub String);

const X11_PACKAGES: &str = "libx11-6 libx11-xcb1 libxcursor1 libxi6 libxkbcommon-x11-0";
const GL_PACKAGES: &str = "libgl1 libegl1 libgl1-mesa-dri";

/// Opens the window on these files as one table, or on the bundled sample without any, and returns when it is closed.
///
/// # Errors
/// [`NoWindow`] where no window can be opened. A missing X library panics in the windowing layer; that is caught.
pub fn open_window(files: Vec<PathBuf>) -> Result<(), NoWindow> {
    let path = settings_path();
    let (settings, complaint) = match path.as_deref().map(load_settings) {
        Some(Ok(Some(settings))) => (settings, None),
        Some(Err(error)) => (SettingsFile::default(), Some(unusable(&error, path.as_deref()))),
        Some(Ok(None)) | None => (SettingsFile::default(), None),
    };
    let started = Arc::new(Mutex::new(false));
    let flag = Arc::clone(&started);
    let options = options(&settings);
    let run = AssertUnwindSafe(move || {
        eframe::run_native(
            "beliefscope",
            options,
            Box::new(move |cc| {
                *flag.lock().unwrap_or_else(PoisonError::into_inner) = true;
                let mut app = App::new(&cc.egui_ctx, settings, path);
                if let Some(complaint) = complaint {
                    app.complain(complaint);
                }
                app.open_first(files);
                Ok(Box::new(app))
            }),
        )
    });
    // Until the window is there a panic is one sentence of ours, not a trace.
    let panic_text = Arc::new(Mutex::new(String::new()));
    let (heard, opened) = (Arc::clone(&panic_text), Arc::clone(&started));
    let usual = Arc::new(take_hook());
    let forward = Arc::clone(&usual);
    set_hook(Box::new(move |info| {
        if *opened.lock().unwrap_or_else(PoisonError::into_inner) {
            forward(info);
        } else {
            *heard.lock().unwrap_or_else(PoisonError::into_inner) = info.to_string();
        }
    }));
    let outcome = catch_unwind(run);
    set_hook(Box::new(move |info| usual(info)));
    match outcome {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(NoWindow(reason(&error))),
        Err(payload) => {
            if *started.lock().unwrap_or_else(PoisonError::into_inner) {
                std::panic::resume_unwind(payload);
            }
            let text = panic_text.lock().unwrap_or_else(PoisonError::into_inner).clone();
            Err(NoWindow(missing_library(&text)))
        }
    }
}

/// Puts a settings file that cannot be used out of the way of the next save, and says where it is.
fn unusable(error: &SettingsError, path: Option<&Path>) -> String {
    let kept = path.map(|path| (path, path.with_extension("json.unreadable")));
    match kept {
        Some((path, kept)) if std::fs::rename(path, &kept).is_ok() => {
            format!("The defaults are used: {error}. It is kept as {}.", kept.display())
        }
        _ => format!("The defaults are used: {error}."),
    }
}

fn options(settings: &SettingsFile) -> eframe::NativeOptions {
    let window = &settings.window;
    eframe::NativeOptions {
        viewport: egui::ViewportBuilder::default()
            .with_title("Beliefscope")
            .with_app_id("beliefscope")
            .with_inner_size(window.size)
            .with_min_inner_size([800.0, 500.0])
            .with_maximized(window.maximized)
            .with_icon(icon()),
        renderer: eframe::Renderer::Glow,
        centered: true,
        ..Default::default()
    }
}

/// Three layers of a net on a dark ground, drawn here so that no file is needed.
fn icon() -> egui::IconData {
    const SIDE: usize = 64;
    let palette = super::theme::icon_colors();
    let mut rgba = Vec::with_capacity(SIDE * SIDE * 4);
    let units: [(f32, &[f32]); 3] =
        [(14.0, &[12.0, 25.0, 39.0, 52.0]), (32.0, &[19.0, 32.0, 45.0]), (50.0, &[25.0, 39.0])];
    for y in 0..SIDE {
        for x in 0..SIDE {
            let (px, py) = (x as f32 + 0.5, y as f32 + 0.5);
            let distance = units
                .iter()
                .flat_map(|(ux, uys)| uys.iter().map(move |uy| (px - ux).hypot(py - uy)))
                .fold(f32::INFINITY, f32::min);
            let corner = (px - 32.0).abs().max((py - 32.0).abs()) > 31.0;
            let color = if distance < 5.5 { palette[1] } else { palette[0] };
            rgba.extend_from_slice(&[color.r(), color.g(), color.b(), if corner { 0 } else { 255 }]);
        }
    }
    egui::IconData { rgba, width: SIDE as u32, height: SIDE as u32 }
}

fn reason(error: &eframe::Error) -> String {
    match error {
        eframe::Error::Winit(_) | eframe::Error::WinitEventLoop(_) => no_display(),
        eframe::Error::NoGlutinConfigs(..) | eframe::Error::Glutin(_) | eframe::Error::OpenGL(_) => {
            format!("no OpenGL was found (on Debian: apt-get install {GL_PACKAGES})")
        }
        eframe::Error::AppCreation(error) => error.to_string(),
    }
}

fn no_display() -> String {
    let set = |name: &str| std::env::var_os(name).is_some_and(|v| !v.is_empty());
    if set("DISPLAY") || set("WAYLAND_DISPLAY") {
        format!(
            "the display that DISPLAY or WAYLAND_DISPLAY names cannot be used (on Debian the libraries are: apt-get \
             install {X11_PACKAGES})"
        )
    } else {
        "there is no display: neither DISPLAY nor WAYLAND_DISPLAY is set".to_owned()
    }
}

/// The windowing layer panics with the name of the library that it could not load.
fn missing_library(panic: &str) -> String {
    let library = panic
        .split(|c: char| c.is_whitespace() || "\"'`,:()".contains(c))
        .find(|word| word.starts_with("lib") && word.contains(".so"));
    let package = match library {
        Some(name) if name.starts_with("libxkbcommon-x11") => "libxkbcommon-x11-0",
        Some(name) if name.starts_with("libxkbcommon") => "libxkbcommon0",
        Some(name) if name.starts_with("libXcursor") => "libxcursor1",
        Some(name) if name.starts_with("libXi") => "libxi6",
        Some(name) if name.starts_with("libX11-xcb") => "libx11-xcb1",
        Some(name) if name.starts_with("libX11") => "libx11-6",
        _ => X11_PACKAGES,
    };
    let what = library.map_or("a library of the desktop is".to_owned(), |name| format!("the library {name} is"));
    format!("{what} missing (on Debian: apt-get install {package})")
}

/// egui's name for the person's choice.
pub(super) fn theme_preference(theme: Theme) -> egui::ThemePreference {
    match theme {
        Theme::System => egui::ThemePreference::System,
        Theme::Light => egui::ThemePreference::Light,
        Theme::Dark => egui::ThemePreference::Dark,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_cannot_be_used_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.json");
        std::fs::write(&path, "{ \"format\": 99 }").unwrap();
        let told = unusable(&load_settings(&path).unwrap_err(), Some(&path));
        assert!(told.contains("settings.json.unreadable"), "{told}");
        assert!(!path.exists());
        assert_eq!(
            std::fs::read_to_string(folder.path().join("settings.json.unreadable")).unwrap(),
            "{ \"format\": 99 }"
        );
    }

    #[test]
    fn a_missing_library_is_named_with_its_package() {
        let text = missing_library("panicked at x: Library libxkbcommon-x11.so could not be loaded.");
        assert_eq!(text, "the library libxkbcommon-x11.so is missing (on Debian: apt-get install libxkbcommon-x11-0)");
        assert!(missing_library("something else").contains("libxcursor1"));
    }
}
