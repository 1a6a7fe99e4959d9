//! Every colour, face and size of the window, for the dark and the light theme.
//!
//! Nothing here draws: the widgets ask [`Palette::of`] and [`model_style`] what to draw with. Colours are named by what
//! they mean, and no colour is made anywhere else (held by a clippy ban), so that one look at this file settles contrast.
//! Model hues are those of Okabe & Ito, "Color Universal Design" (2008), darkened for the light theme; a model also has
//! a dash and a marker, so that colour is never the only key.

use std::sync::Arc;

use egui::style::{HandleShape, ScrollStyle, Selection, WidgetVisuals, Widgets};
use egui::{
    Color32, Context, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, Margin, RichText, Shadow, Stroke,
    Style, TextStyle, Theme, Ui, Visuals, vec2,
};
use egui_plot::{LineStyle, MarkerShape};

/// Corners of cards, notices and windows, in points.
pub(crate) const CARD_RADIUS: u8 = 8;
/// Corners of buttons and fields, in points.
pub(crate) const BUTTON_RADIUS: u8 = 6;
/// Space between two cards, in points.
pub(crate) const CARD_GAP: f32 = 10.0;
/// Usual width of data lines in plots, in points; what they are drawn with says [`line_width`].
pub(crate) const LINE_WIDTH: f32 = 2.0;
/// Least width of a data line before a class, in pixels of the screen.
const LECTURE_LINE: f32 = 3.0;

/// Usual size of text, in points.
const BODY: f32 = 13.5;

const SEMIBOLD: &str = "semibold";
const TITLE: &str = "title";
const TICK: &str = "tick";
const STRONG: &str = "strong";
const CAPTION: &str = "caption";

/// The colours of one theme, by meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Palette {
    /// Behind everything.
    pub background: Color32,
    /// Side, top and bottom panels.
    pub panel: Color32,
    /// Cards, buttons, menus.
    pub card: Color32,
    /// The ground inside plots and text fields.
    pub plot: Color32,
    /// Hairlines; the empty part of tracks and bars.
    pub line: Color32,
    /// Text.
    pub text: Color32,
    /// Second lines, figures on axes.
    pub weak: Color32,
    /// The main action, tracks, focus.
    pub accent: Color32,
    /// Text on the accent.
    pub on_accent: Color32,
    /// Behind the chosen tab.
    pub selected: Color32,
    /// The deep belief network.
    pub dbn: Color32,
    /// The support vector machine.
    pub svm: Color32,
    /// The net without pre-training.
    pub unpretrained: Color32,
    /// Gradient-boosted trees.
    pub trees: Color32,
    /// Logistic regression.
    pub logistic: Color32,
    /// The majority baseline.
    pub majority: Color32,
    /// Worth a look.
    pub warn: Color32,
    /// As it should be.
    pub ok: Color32,
    /// Wrong.
    pub bad: Color32,
    layers: [Color32; 5],
    /// For a class that looks at it from afar.
    lecture: bool,
}

const DARK: Palette = Palette {
    background: rgb(0x15171c),
    panel: rgb(0x1b1e25),
    card: rgb(0x22262f),
    plot: rgb(0x181b21),
    line: rgb(0x2e3440),
    text: rgb(0xd9dde5),
    weak: rgb(0x8c94a3),
    accent: rgb(0x5aa9ff),
    on_accent: rgb(0x0b1626),
    selected: rgb(0x26354a),
    dbn: rgb(0xe69f00),
    svm: rgb(0x56b4e9),
    unpretrained: rgb(0x00b386),
    trees: rgb(0xd55e00),
    logistic: rgb(0xcc79a7),
    majority: rgb(0x8c94a3),
    warn: rgb(0xe6b450),
    ok: rgb(0x4bc38a),
    bad: rgb(0xf2777a),
    layers: [rgb(0xe69f00), rgb(0xf0d871), rgb(0xa8d06a), rgb(0x6cc9cf), rgb(0xb79cf2)],
    lecture: false,
};

/// The dark theme before a class: darker grounds, lighter text, lines that can be seen.
const DARK_LECTURE: Palette = Palette {
    background: rgb(0x0b0c0f),
    panel: rgb(0x101216),
    card: rgb(0x14171c),
    plot: rgb(0x0b0c0f),
    line: rgb(0x4d5666),
    text: rgb(0xffffff),
    weak: rgb(0xb9c0cc),
    accent: rgb(0x7abaff),
    selected: rgb(0x1d3a5f),
    dbn: rgb(0xffb219),
    svm: rgb(0x6cc5f5),
    unpretrained: rgb(0x1fcf9f),
    trees: rgb(0xf07a2a),
    logistic: rgb(0xe08fbd),
    majority: rgb(0xa9b1be),
    warn: rgb(0xf2c56b),
    ok: rgb(0x62d69c),
    bad: rgb(0xff8f91),
    lecture: true,
    ..DARK
};

const LIGHT: Palette = Palette {
    background: rgb(0xffffff),
    panel: rgb(0xf5f6f8),
    card: rgb(0xffffff),
    plot: rgb(0xfbfcfd),
    line: rgb(0xd9dde3),
    text: rgb(0x1c2430),
    weak: rgb(0x667080),
    accent: rgb(0x0f6fd6),
    on_accent: rgb(0xffffff),
    selected: rgb(0xdcebfb),
    dbn: rgb(0xb87400),
    svm: rgb(0x1f7fb8),
    unpretrained: rgb(0x00805f),
    trees: rgb(0xb34e00),
    logistic: rgb(0xa34d7f),
    majority: rgb(0x777f8c),
    warn: rgb(0x8a6100),
    ok: rgb(0x1c7f50),
    bad: rgb(0xc0362c),
    layers: [rgb(0xb87400), rgb(0x857a00), rgb(0x4c861f), rgb(0x0b7f86), rgb(0x6b4fc4)],
    lecture: false,
};

/// The light theme before a class: black on white.
const LIGHT_LECTURE: Palette = Palette {
    panel: rgb(0xf5f6f8),
    plot: rgb(0xffffff),
    line: rgb(0x9aa2ae),
    text: rgb(0x000000),
    weak: rgb(0x48505c),
    accent: rgb(0x0a5bb5),
    selected: rgb(0xcfe3fa),
    dbn: rgb(0x945c00),
    svm: rgb(0x0f6496),
    unpretrained: rgb(0x006b4f),
    trees: rgb(0x983f00),
    logistic: rgb(0x8a3a69),
    majority: rgb(0x5c6470),
    warn: rgb(0x704e00),
    ok: rgb(0x0f6b40),
    bad: rgb(0xa82820),
    layers: [rgb(0x945c00), rgb(0x6a6100), rgb(0x3c6e16), rgb(0x06686e), rgb(0x583db0)],
    lecture: true,
    ..LIGHT
};

#[expect(clippy::disallowed_methods, reason = "the one place where colours are made")]
const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

impl Palette {
    /// The colours of the theme that `ui` is drawn in.
    pub(crate) fn of(ui: &Ui) -> &'static Self {
        let visuals = ui.visuals();
        let [usual, lecture] = if visuals.dark_mode { [&DARK, &DARK_LECTURE] } else { [&LIGHT, &LIGHT_LECTURE] };
        // Each style bears the colour of its weak text, which nothing else sets.
        if visuals.weak_text_color == Some(lecture.weak) { lecture } else { usual }
    }

    /// The colour of RBM `layer`, counted from 0; starts again after the fifth. Only the first is a model's colour (the
    /// DBN's own): the rest are kept apart from all models, since layers and models can stand side by side.
    pub(crate) fn layer(&self, layer: usize) -> Color32 {
        self.layers[layer % self.layers.len()]
    }

    /// The colour of good, doubtful, bad and neutral news.
    pub(crate) fn tone(&self, tone: Tone) -> Color32 {
        match tone {
            Tone::Ok => self.ok,
            Tone::Warn => self.warn,
            Tone::Bad => self.bad,
            Tone::Info => self.accent,
        }
    }
}

/// What kind of news a verdict or notice brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// As it should be.
    Ok,
    /// Worth a look.
    Warn,
    /// Wrong; something has to be done.
    Bad,
    /// Neither good nor bad.
    Info,
}

/// How a model looks in every plot and table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ModelStyle {
    /// Its colour in the present theme.
    pub color: Color32,
    /// Its dash where models are compared by lines.
    pub dash: LineStyle,
    /// Its marker where models are compared by points.
    pub marker: MarkerShape,
}

/// The look of the model with this key: `dbn`, `svm`, `mlp` (the net without pre-training), `gbt`, `logistic`,
/// `majority`. Any other key gets the look of the majority baseline.
pub(crate) fn model_style(palette: &Palette, key: &str) -> ModelStyle {
    let (color, dash, marker) = match key {
        "dbn" => (palette.dbn, LineStyle::Solid, MarkerShape::Circle),
        "svm" => (palette.svm, LineStyle::Dashed { length: 8.0 }, MarkerShape::Square),
        "mlp" => (palette.unpretrained, LineStyle::Dashed { length: 4.5 }, MarkerShape::Diamond),
        "gbt" => (palette.trees, LineStyle::Dashed { length: 13.0 }, MarkerShape::Up),
        "logistic" => (palette.logistic, LineStyle::Dotted { spacing: 4.5 }, MarkerShape::Plus),
        _ => (palette.majority, LineStyle::Dotted { spacing: 6.5 }, MarkerShape::Cross),
    };
    ModelStyle { color, dash, marker }
}

/// Ground and foreground of the program's icon.
pub(crate) fn icon_colors() -> [Color32; 2] {
    [DARK.background, DARK.dbn]
}

/// Gives a context its faces and both styles. Call once, before the first frame.
pub(crate) fn install(ctx: &Context) {
    ctx.set_fonts(fonts());
    install_styles(ctx, false);
}

/// Gives a context both styles: those of every day, or those for a class, of larger type and higher contrast.
pub(crate) fn install_styles(ctx: &Context, lecture: bool) {
    let [dark, light] = if lecture { [&DARK_LECTURE, &LIGHT_LECTURE] } else { [&DARK, &LIGHT] };
    ctx.set_style_of(Theme::Dark, style(dark, &Visuals::dark()));
    ctx.set_style_of(Theme::Light, style(light, &Visuals::light()));
}

/// IBM Plex Sans (its figures are all of one width) before egui's own faces, which stay as fall-backs for symbols.
fn fonts() -> FontDefinitions {
    const REGULAR_TTF: &[u8] = include_bytes!("../../assets/fonts/IBMPlexSans-Regular.ttf");
    const SEMIBOLD_TTF: &[u8] = include_bytes!("../../assets/fonts/IBMPlexSans-SemiBold.ttf");
    let mut fonts = FontDefinitions::default();
    let fall_backs = fonts.families.get(&FontFamily::Proportional).cloned().unwrap_or_default();
    let families = [
        (FontFamily::Proportional, "plex", REGULAR_TTF),
        (FontFamily::Name(SEMIBOLD.into()), "plex-semibold", SEMIBOLD_TTF),
    ];
    for (family, name, bytes) in families {
        fonts.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
        let faces = std::iter::once(name.to_owned()).chain(fall_backs.iter().cloned()).collect();
        fonts.families.insert(family, faces);
    }
    fonts
}

fn style(palette: &Palette, visuals: &Visuals) -> Style {
    let mut style = Style { visuals: self::visuals(palette, visuals), ..Style::default() };
    let regular = |size| FontId::new(size, FontFamily::Proportional);
    let semibold = |size| FontId::new(size, FontFamily::Name(SEMIBOLD.into()));
    // Before a class headings are 28 pixels and text is 24 on a screen of 1920 × 1080, which it is drawn 1.6 times as large on.
    let [small, body, heading, title, tick] =
        if palette.lecture { [13.75, 15.25, 17.5, 20.0, 13.0] } else { [12.0, BODY, 15.0, 18.0, 11.0] };
    style.text_styles = [
        (TextStyle::Small, regular(small)),
        (TextStyle::Body, regular(body)),
        (TextStyle::Button, regular(body)),
        (TextStyle::Monospace, FontId::new(body - 0.5, FontFamily::Monospace)),
        (TextStyle::Heading, semibold(heading)),
        (TextStyle::Name(STRONG.into()), semibold(body)),
        (TextStyle::Name(TITLE.into()), semibold(title)),
        (TextStyle::Name(CAPTION.into()), regular(heading)),
        (TextStyle::Name(TICK.into()), regular(tick)),
    ]
    .into();
    style.drag_value_text_style = TextStyle::Body;

    let spacing = &mut style.spacing;
    spacing.item_spacing = vec2(8.0, 5.0);
    spacing.button_padding = vec2(10.0, 4.0);
    spacing.interact_size = if palette.lecture { vec2(30.0, 29.0) } else { vec2(28.0, 26.0) };
    spacing.window_margin = Margin::same(14);
    spacing.menu_margin = Margin::same(6);
    spacing.slider_rail_height = 4.0;
    spacing.icon_spacing = 6.0;
    spacing.tooltip_width = 320.0;
    spacing.scroll = ScrollStyle { bar_width: 8.0, floating_width: 4.0, ..ScrollStyle::floating() };
    style
}

fn visuals(p: &Palette, base: &Visuals) -> Visuals {
    let hairline = hairline_of(p);
    let focus_ring = Stroke::new(1.5, p.accent);
    let state = |fill: Color32, border: Stroke, text: Color32| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: border,
        corner_radius: CornerRadius::same(BUTTON_RADIUS),
        fg_stroke: Stroke::new(1.0, text),
        expansion: 0.0,
    };
    let hover = p.card.lerp_to_gamma(p.line, 0.55);
    let shadow = Shadow {
        offset: [0, 4],
        blur: 16,
        spread: 0,
        color: p.text.lerp_to_gamma(Color32::BLACK, 0.9).gamma_multiply(if base.dark_mode { 0.45 } else { 0.14 }),
    };
    Visuals {
        weak_text_color: Some(p.weak),
        widgets: Widgets {
            noninteractive: state(p.panel, hairline, p.text),
            inactive: state(p.card, hairline, p.text),
            hovered: state(hover, Stroke::new(hairline.width, p.line.lerp_to_gamma(p.weak, 0.6)), p.text),
            // egui draws a widget that has the keyboard's focus as active: this is the focus ring.
            active: state(hover, focus_ring, p.text),
            open: state(hover, hairline, p.text),
        },
        selection: Selection { bg_fill: p.selected, stroke: focus_ring },
        hyperlink_color: p.accent,
        faint_bg_color: p.panel.lerp_to_gamma(p.line, 0.25),
        extreme_bg_color: p.plot,
        code_bg_color: p.plot,
        warn_fg_color: p.warn,
        error_fg_color: p.bad,
        window_corner_radius: CornerRadius::same(CARD_RADIUS),
        window_shadow: shadow,
        window_fill: p.card,
        window_stroke: hairline,
        menu_corner_radius: CornerRadius::same(CARD_RADIUS),
        panel_fill: p.panel,
        popup_shadow: shadow,
        text_cursor: egui::style::TextCursorStyle { stroke: Stroke::new(2.0, p.accent), ..base.text_cursor.clone() },
        indent_has_left_vline: false,
        slider_trailing_fill: true,
        handle_shape: HandleShape::Circle,
        ..base.clone()
    }
}

/// Semibold at body size: names, figures that matter.
pub(crate) fn semibold(text: impl Into<String>) -> RichText {
    RichText::new(text).text_style(TextStyle::Name(STRONG.into()))
}

/// Semibold and weak: the name of a group of fields.
pub(crate) fn section(text: impl Into<String>) -> RichText {
    semibold(text).weak()
}

/// Weak at small size: second lines, hints.
pub(crate) fn weak(text: impl Into<String>) -> RichText {
    RichText::new(text).small().weak()
}

/// A heading over one screen or card: 15 points, semibold.
pub(crate) fn heading(text: impl Into<String>) -> RichText {
    RichText::new(text).text_style(TextStyle::Heading)
}

/// What a lesson says to the class: as large as a heading, regular.
pub(crate) fn caption(text: impl Into<String>) -> RichText {
    RichText::new(text).text_style(TextStyle::Name(CAPTION.into()))
}

/// Width of data lines, in points: 2, and before a class at least 3 pixels of the screen.
pub(crate) fn line_width(ui: &Ui) -> f32 {
    let least = if Palette::of(ui).lecture { LECTURE_LINE / ui.pixels_per_point() } else { 0.0 };
    LINE_WIDTH.max(least)
}

/// A width made for text of the usual size, in points, as wide as the present size of text needs it.
pub(crate) fn width_for_text(ui: &Ui, width: f32) -> f32 {
    (width * TextStyle::Body.resolve(ui.style()).size / BODY).round()
}

/// The line around cards and fields; before a class it is wide enough to be seen from afar.
pub(crate) fn hairline(ui: &Ui) -> Stroke {
    hairline_of(Palette::of(ui))
}

fn hairline_of(palette: &Palette) -> Stroke {
    Stroke::new(if palette.lecture { 1.5 } else { 1.0 }, palette.line)
}

/// The largest sentence on a screen, its verdict: 18 points, semibold.
pub(crate) fn title(text: impl Into<String>) -> RichText {
    RichText::new(text).text_style(TextStyle::Name(TITLE.into()))
}

/// The face of figures and names on plots.
pub(crate) fn tick_font(ui: &Ui) -> FontId {
    TextStyle::Name(TICK.into()).resolve(ui.style())
}

/// The face of names on plots that belong to a line.
pub(crate) fn label_font(ui: &Ui) -> FontId {
    FontId::new(tick_font(ui).size + 0.5, FontFamily::Name(SEMIBOLD.into()))
}

#[cfg(test)]
mod tests;
