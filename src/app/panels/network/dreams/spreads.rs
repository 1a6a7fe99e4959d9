//! How dreams are spread beside real firms, one small picture for each indicator.

use egui::{Label, Mesh, Rect, Role, Sense, Shape, Stroke, TextStyle, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use super::beside::Beside;
use crate::app::panels::{count, thousands};
use crate::app::theme::{self, Palette};
use crate::app::widgets::{picture_card, precise};
use crate::inspection::dreams::{IndicatorSpread, Spread};
use crate::report::{Cell, ColumnKind, ReportTable};

/// Width of a picture at least, and its height, in heights of a line.
const CELL: (f32, f32) = (12.0, 4.0);

/// Draws the card.
pub(super) fn ui(ui: &mut Ui, beside: &Beside) {
    let Beside { spreads, asked, dreams, n_real, kind, .. } = beside;
    let compared = spreads.iter().filter(|spread| spread.distance.is_some()).count();
    let alike = spreads.iter().filter(|spread| spread.distance.is_some() && !spread.beyond_chance).count();
    let title = format!("{alike} of {} are dreamed as they are, but for chance", count(compared, "indicator"));
    let means = if asked.drawn { "" } else { " (means, which are less spread than firms)" };
    let subtitle = format!(
        "outline: {}{means}; filled: {} {kind} training rows, whatever is held. D: the largest gap between the cumulative \
         shares, of levels the share that would have to move",
        count(dreams.len(), "dream"),
        thousands(*n_real)
    );
    picture_card(
        ui,
        "dreams beside firms",
        [&title, &subtitle],
        || table(beside, &title),
        |ui| {
            let line = ui.text_style_height(&TextStyle::Body);
            let gap = 12.0;
            let room = ui.available_width();
            let across = ((room + gap) / (CELL.0 * line + gap)).floor().max(1.0);
            let width = ((room + gap) / across).floor() - gap;
            let small = ui.text_style_height(&TextStyle::Small);
            let height = CELL.1 * line + 3.0 * small + 10.0;
            for row in spreads.chunks(across as usize) {
                let (area, _) = ui.allocate_exact_size(vec2(room, height), Sense::hover());
                if !ui.is_rect_visible(area) {
                    continue;
                }
                for (i, spread) in row.iter().enumerate() {
                    let left = area.left() + i as f32 * (width + gap);
                    let cell = Rect::from_min_size(pos2(left.round(), area.top()), vec2(width, height));
                    let mut cell = ui.new_child(UiBuilder::new().id_salt(&spread.indicator).max_rect(cell));
                    spread_ui(&mut cell, spread, CELL.1 * line);
                }
            }
        },
    );
}

/// The bins of every indicator, one below the other.
fn table(beside: &Beside, caption: &str) -> ReportTable {
    let heads = [
        ("Indicator", ColumnKind::Words),
        ("Level", ColumnKind::Words),
        ("From", ColumnKind::Numbers),
        ("Up to", ColumnKind::Numbers),
        ("Share of real firms", ColumnKind::Numbers),
        ("Share of dreams", ColumnKind::Numbers),
        ("D", ColumnKind::Numbers),
    ];
    let mut table = ReportTable::new("dreams_beside_firms", caption, heads);
    for spread in &beside.spreads {
        let bins = spread.real.len();
        for (bin, (real, dreamed)) in spread.real.iter().zip(&spread.dreamed).enumerate() {
            let (level, ends) = match &spread.spread {
                Spread::Levels(levels) => (levels.get(bin).map_or("", String::as_str), [None; 2]),
                Spread::Numbers { low, high } => {
                    ("", [bin, bin + 1].map(|edge| Some(low + (high - low) * edge as f64 / bins as f64)))
                }
            };
            let mut row = vec![Cell::from(spread.indicator.as_str()), Cell::from(level)];
            row.extend(ends.map(|end| Cell::Number(end, 4)));
            row.extend([Cell::Share(Some(*real)), Cell::Share(Some(*dreamed)), Cell::Number(spread.distance, 3)]);
            table.rows.push(row);
        }
    }
    table
}

fn spread_ui(ui: &mut Ui, spread: &IndicatorSpread, height: f32) {
    ui.spacing_mut().item_spacing.y = 1.0;
    let palette = Palette::of(ui);
    ui.add(Label::new(theme::semibold(&spread.indicator).small()).truncate());
    let distance = spread.distance.map_or_else(String::new, |distance| format!("D {distance:.2}: "));
    ui.add(Label::new(theme::weak(format!("{distance}{}", spread.words()))).truncate());
    let (area, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    response.widget_info(|| {
        let text = format!("Dreams beside real firms, {}: {distance}{}", spread.indicator, spread.words());
        WidgetInfo::labeled(Role::Image, true, text)
    });
    ui.painter().rect_filled(area, 2.0, palette.plot);
    let most = spread.real.iter().chain(&spread.dreamed).fold(1e-9_f64, |most, share| most.max(*share));
    let bins = spread.real.len().max(1) as f32;
    let x = |bin: usize| area.left() + area.width() * bin as f32 / bins;
    let y = |share: f64| area.bottom() - (area.height() - 2.0) * (share / most) as f32;
    let mut filled = Mesh::default();
    for (bin, &share) in spread.real.iter().enumerate() {
        let rect = Rect::from_min_max(pos2(x(bin), y(share)), pos2(x(bin + 1) - 0.5, area.bottom()));
        filled.add_colored_rect(rect, palette.line.lerp_to_gamma(palette.weak, 0.4));
    }
    ui.painter().add(Shape::mesh(filled));
    let steps = spread.dreamed.iter().enumerate();
    let outline = steps.flat_map(|(bin, &share)| [pos2(x(bin), y(share)), pos2(x(bin + 1), y(share))]).collect();
    ui.painter().add(Shape::line(outline, Stroke::new(theme::line_width(ui), palette.accent)));
    let bin = response.hover_pos().map(|at| ((at.x - area.left()) / area.width() * bins) as usize);
    ends_ui(ui, spread);
    if let Some(bin) = bin.filter(|&bin| bin < spread.real.len()) {
        let shares = format!("dreamed {:.1} %, real {:.1} %", spread.dreamed[bin] * 100.0, spread.real[bin] * 100.0);
        response.on_hover_text(format!("{}: {shares}", bin_in_words(spread, bin)));
    }
}

/// The ends of the axis; of levels their names, as far as there is room.
fn ends_ui(ui: &mut Ui, spread: &IndicatorSpread) {
    let text = match &spread.spread {
        Spread::Numbers { low, high } => format!("{} to {}", precise(*low), precise(*high)),
        Spread::Levels(levels) => levels.join(" · "),
    };
    ui.add(Label::new(theme::weak(text)).truncate());
}

fn bin_in_words(spread: &IndicatorSpread, bin: usize) -> String {
    match &spread.spread {
        Spread::Levels(levels) => levels[bin].clone(),
        Spread::Numbers { low, high } => {
            let n = spread.real.len();
            let edge = |bin: usize| precise(low * (1.0 - bin as f64 / n as f64) + high * (bin as f64 / n as f64));
            match bin {
                0 => format!("up to {}", edge(1)),
                _ if bin + 1 == n => format!("from {}", edge(bin)),
                _ => format!("{} to {}", edge(bin), edge(bin + 1)),
            }
        }
    }
}
