//! The timeline under plots and pictures: phases, changes and the moment shown, to be dragged, stepped and played.

use egui::{Align, Align2, EventFilter, FontId, Key, Layout, Rect, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::app::actions::{Intent, TimelineAsk, Unit};
use crate::app::theme::{self, Palette};
use crate::app::widgets::{ActionButton, Icon, segmented};
use crate::app::workspace::Workspace;
use crate::model::dbn::Moment;
use crate::training::ModelKind;

/// Speeds there are, and their names.
const SPEEDS: [(f64, &str); 8] = [
    (0.125, "⅛×"),
    (0.25, "¼×"),
    (0.5, "½×"),
    (1.0, "1×"),
    (2.0, "2×"),
    (4.0, "4×"),
    (8.0, "8×"),
    (f64::INFINITY, "As fast as it goes"),
];

/// The bar; nothing before a run has recorded anything.
pub(super) fn ui(ui: &mut Ui, workspace: &Workspace, intents: &mut Vec<Intent>) {
    let timeline = &workspace.timeline;
    let Some(end) = timeline.end() else { return };
    let mut ask = |ask| intents.push(Intent::Timeline(ask));
    let width = ui.available_width();
    if let Some(wish) = strip(ui, workspace, end, width) {
        ask(wish);
    }
    ui.horizontal(|ui| {
        let playing = timeline.direction();
        let play_back = ActionButton::icon(Icon::PlayBack, "Play backwards");
        if play_back.enabled(playing != Some(-1)).show(ui).clicked() {
            ask(TimelineAsk::PlayBack);
        }
        if ActionButton::icon(Icon::StepBack, "One step back")
            .tooltip("One step back, bit for bit as it was")
            .show(ui)
            .clicked()
        {
            ask(TimelineAsk::Step(timeline.unit, -1));
        }
        let (icon, name) = if playing.is_some() { (Icon::Pause, "Hold") } else { (Icon::Play, "Play") };
        if ActionButton::icon(icon, name).tooltip("Play the recording from here, or hold it").show(ui).clicked() {
            ask(if playing.is_some() { TimelineAsk::Hold } else { TimelineAsk::Play });
        }
        if ActionButton::icon(Icon::Step, "One step on").show(ui).clicked() {
            ask(TimelineAsk::Step(timeline.unit, 1));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let live = ActionButton::new("Live").tooltip("Show the present state of the training again");
            if live.enabled(timeline.is_back()).show(ui).clicked() {
                ask(TimelineAsk::Live);
            }
            let mut speed = timeline.speed;
            // A lesson may play at a speed of its own.
            let known = SPEEDS.iter().find(|(s, _)| *s == speed);
            let name = known.map_or_else(|| format!("{speed}×"), |(_, name)| (*name).to_owned());
            let menu = egui::ComboBox::from_id_salt("timeline speed").selected_text(name).width(60.0);
            let shown = menu.show_ui(ui, |ui| {
                for (value, name) in SPEEDS {
                    ui.selectable_value(&mut speed, value, name);
                }
            });
            let label = ui.label(theme::weak("speed"));
            shown.response.labelled_by(label.id);
            if speed != timeline.speed {
                ask(TimelineAsk::Speed(speed));
            }
            let mut unit = timeline.unit;
            segmented(ui, "Play by", &mut unit, &[(Unit::Update, "Mini-batch"), (Unit::Epoch, "Epoch")]);
            if unit != timeline.unit {
                ask(TimelineAsk::Unit(unit));
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.add(egui::Label::new(theme::semibold(place(workspace, end))).truncate());
            });
        });
    });
}

/// Where the moment shown is, in words: "RBM 1, epoch 12 of 50 recorded". A run that is held can be stepped on in; what it
/// then comes to is not recorded before it goes on itself.
fn place(workspace: &Workspace, end: Moment) -> String {
    let timeline = &workspace.timeline;
    let Some(state) = timeline.state() else { return String::new() };
    let moment = state.moment();
    let update = if moment.updates > 0 { format!(", update {}", moment.updates) } else { String::new() };
    if moment > end {
        return format!("{}, epoch {}{update}: ahead of what is recorded", state.phase(), moment.epochs);
    }
    format!("{}, epoch {} of {} recorded{update}", state.phase(), moment.epochs, end.epochs)
}

/// Phases as bands with their names, changes as ticks, the moment shown as a handle. What was asked for by dragging it, or by
/// the arrows.
fn strip(ui: &mut Ui, workspace: &Workspace, end: Moment, width: f32) -> Option<TimelineAsk> {
    let palette = Palette::of(ui);
    let height = ui.text_style_height(&egui::TextStyle::Small) + 12.0;
    let (area, mut response) = ui.allocate_exact_size(vec2(width.max(60.0), height), Sense::click_and_drag());
    let shown = workspace.timeline.shown();
    let epochs = end.epochs.max(shown.epochs).max(1) as f64;
    response.widget_info(|| WidgetInfo::slider(true, shown.epochs as f64, "Timeline, in epochs"));
    let inside = area.shrink2(vec2(6.0, 0.0));
    let at = |x: f64| inside.left() + inside.width() * (x / epochs).clamp(0.0, 1.0) as f32;
    let font = FontId::proportional(ui.text_style_height(&egui::TextStyle::Small) * 0.8);
    let track = Rect::from_min_max(pos2(inside.left(), area.bottom() - 9.0), pos2(inside.right(), area.bottom() - 4.0));
    let painter = ui.painter_at(area);
    painter.rect_filled(track, 2.0, palette.line);
    let history = &workspace.run.history;
    let watched = |model: ModelKind| matches!(model, ModelKind::Dbn | ModelKind::Mlp);
    let first = history.phases.iter().find(|mark| watched(mark.model)).map(|mark| mark.model);
    let marks: Vec<_> = history.phases.iter().filter(|mark| Some(mark.model) == first).collect();
    for (i, mark) in marks.iter().enumerate() {
        let to = marks.get(i + 1).map_or(epochs, |next| next.x);
        let (left, right) = (at(mark.x), at(to));
        if right - left < 1.0 {
            continue;
        }
        let band = Rect::from_x_y_ranges(left..=right, track.y_range());
        let color = if i % 2 == 0 { palette.layer(0) } else { palette.layer(3) };
        painter.rect_filled(band, 2.0, color.gamma_multiply(0.55));
        let text = mark.phase.to_string();
        let galley = painter.layout_no_wrap(text, font.clone(), palette.weak);
        if galley.size().x < right - left - 4.0 {
            painter.galley(pos2(left + 2.0, area.top()), galley, palette.weak);
        }
    }
    for flag in history.flags.iter().filter(|flag| Some(flag.model) == first) {
        let x = at(flag.x);
        painter.vline(x, area.y_range(), (1.5, palette.warn));
    }
    let x = at(shown.epochs as f64);
    painter.vline(x, area.y_range(), (2.0, palette.text));
    painter.circle_filled(pos2(x, track.center().y), 6.0, palette.accent);
    if response.has_focus() {
        painter.rect_stroke(area.shrink(1.0), 3.0, (1.0, palette.accent), egui::StrokeKind::Inside);
        painter.text(area.right_top(), Align2::RIGHT_TOP, "← →", font, palette.weak);
    }
    if let Some(pointer) = response.hover_pos() {
        let near = history
            .flags
            .iter()
            .filter(|flag| Some(flag.model) == first)
            .find(|flag| (at(flag.x) - pointer.x).abs() < 5.0);
        let epoch = (f64::from((pointer.x - inside.left()) / inside.width().max(1.0)) * epochs).round().max(0.0);
        let text =
            near.map_or_else(|| format!("Epoch {epoch:.0}"), |flag| format!("Epoch {:.0}: {}", flag.x, flag.text));
        response = response.on_hover_text_at_pointer(text);
    }
    // Keys move it by the unit, when it has the focus.
    if response.has_focus() {
        let arrows = EventFilter { horizontal_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|m| m.set_focus_lock_filter(response.id, arrows));
        let moved = ui.input_mut(|i| {
            i64::from(i.consume_key(egui::Modifiers::NONE, Key::ArrowRight))
                - i64::from(i.consume_key(egui::Modifiers::NONE, Key::ArrowLeft))
        });
        if moved != 0 {
            return Some(TimelineAsk::Step(workspace.timeline.unit, moved));
        }
    }
    let pointer = response.interact_pointer_pos().filter(|_| response.dragged() || response.clicked())?;
    let share = f64::from((pointer.x - inside.left()) / inside.width().max(1.0)).clamp(0.0, 1.0);
    let moment = Moment { epochs: (share * epochs).round() as u64, updates: 0 };
    (moment != shown).then_some(TimelineAsk::Scrub(moment))
}
