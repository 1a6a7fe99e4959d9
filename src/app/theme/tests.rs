//! Contrast, type and glyphs.

use super::*;

/// Contrast of two colours by WCAG 2.2, from 1 to 21.
fn contrast(a: Color32, b: Color32) -> f32 {
    let luminance = |c: Color32| {
        let [r, g, b, _] = egui::Rgba::from(c).to_array();
        0.2126 * r + 0.7152 * g + 0.0722 * b
    };
    let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
    a.max(b) / a.min(b)
}

#[test]
fn text_can_be_read_and_lines_can_be_seen() {
    for p in [&DARK, &LIGHT, &DARK_LECTURE, &LIGHT_LECTURE] {
        for ground in [p.background, p.panel, p.card] {
            assert!(contrast(p.text, ground) > 7.0);
            assert!(contrast(p.weak, ground) > 4.5, "{:?} on {ground:?}: {}", p.weak, contrast(p.weak, ground));
            for color in [p.warn, p.ok, p.bad] {
                assert!(contrast(color, ground) > 4.5);
            }
            let models = [p.dbn, p.svm, p.unpretrained, p.trees, p.logistic, p.majority];
            for color in models.into_iter().chain(p.layers) {
                assert!(contrast(color, ground) > 3.0, "{color:?}");
            }
        }
        assert!(contrast(p.on_accent, p.accent) > 4.5);
        if p.lecture {
            assert!(contrast(p.text, p.card) > 15.0 && contrast(p.weak, p.card) > 7.0);
            assert!(contrast(p.line, p.card) > 2.0, "{}", contrast(p.line, p.card));
        }
        assert!(contrast(p.text, p.selected) > 7.0);
    }
}

#[test]
fn a_class_gets_large_type_wide_lines_and_its_own_colours() {
    let ctx = Context::default();
    for (lecture, theme) in [(false, Theme::Dark), (true, Theme::Dark), (true, Theme::Light), (false, Theme::Light)] {
        install_styles(&ctx, lecture);
        ctx.set_theme(theme);
        let output = ctx.run_ui(egui::RawInput::default(), |ui| {
            let palette = Palette::of(ui);
            assert_eq!((palette.lecture, ui.visuals().dark_mode), (lecture, theme == Theme::Dark));
            let body = TextStyle::Body.resolve(ui.style()).size;
            let heading = TextStyle::Heading.resolve(ui.style()).size;
            assert_eq!((body >= 15.0, heading >= 17.5), (lecture, lecture));
            assert_eq!(line_width(ui), if lecture { 3.0 } else { 2.0 });
        });
        output.drop_without_applying_deltas();
    }
}

#[test]
fn no_two_models_look_alike() {
    let keys = ["dbn", "svm", "mlp", "gbt", "logistic", "majority"];
    for (i, a) in keys.iter().enumerate() {
        for b in &keys[i + 1..] {
            let (a, b) = (model_style(&DARK, a), model_style(&DARK, b));
            assert!(a.color != b.color && a.dash != b.dash && a.marker != b.marker);
        }
    }
}

#[test]
fn every_symbol_that_the_window_uses_has_a_glyph() {
    let ctx = Context::default();
    install(&ctx);
    let output = ctx.run_ui(egui::RawInput::default(), |_| ());
    output.drop_without_applying_deltas();
    for family in [FontFamily::Proportional, FontFamily::Name(SEMIBOLD.into())] {
        let font = FontId::new(13.0, family);
        let missing: String = "−–—·×±→←≤≥≈σΣΔγε′√∑₀₁₅₉⅛¼½◀▶“”’…éüł"
            .chars()
            .filter(|c| !ctx.fonts_mut(|fonts| fonts.has_glyph(&font, *c)))
            .collect();
        assert_eq!(missing, "");
    }
}
