//! How a model's probabilities stand: grades with their back-test, calibration, stability.

use egui::{ComboBox, Label, RichText, Ui};

use super::axis::percent;
use crate::app::actions::{Command, Intent};
use crate::app::comparing::CompareResult;
use crate::app::panels::compare::words::{figure, short_name};
use crate::app::panels::{count, thousands};
use crate::app::standing::{Beside, StandAsk};
use crate::app::theme::{self, Palette, Tone};
use crate::app::widgets::{
    ActionButton, Column, Field, Icon, card_titled, data_table, remark, segmented, status_dot, table_card,
};
use crate::app::workspace::Workspace;
use crate::evaluation::{
    BrierParts, CalibrationLine, Drift, Estimate, GRADES, Grade, HosmerLemeshow, Light, Stability,
};
use crate::report::{calibration_table, drift_table, grades_table};
use crate::training::{GradeMethod, GradeSettings, ModelResult, RunSettings, StabilityReport, Standing};

/// Draws the three cards, and asks for what they show.
pub(super) fn ui(
    ui: &mut Ui,
    beside: &mut Beside,
    (result, model): (&CompareResult, &ModelResult),
    workspace: &Workspace,
    intents: &mut Vec<Intent>,
) {
    // What rests on a comparison under way would be worked out again with every fit.
    if workspace.compare.is_running() {
        return;
    }
    let grades = workspace.settings.grades.clone();
    let ask = StandAsk {
        serial: result.serial,
        model: model.kind,
        grades,
        beside: *beside,
        second: workspace.standing.second_serial,
    };
    let (standing, fresh) = workspace.standing.newest(&ask);
    if !fresh {
        intents.push(Intent::Stand(ask));
    }
    grades_ui(ui, standing, workspace, intents);
    calibration_ui(ui, model, standing);
    stability_ui(ui, beside, standing, workspace, intents);
}

fn grades_ui(ui: &mut Ui, standing: Option<&Standing>, workspace: &Workspace, intents: &mut Vec<Intent>) {
    let title = standing.map_or_else(|| "Grades".to_owned(), grades_finding);
    let subtitle = "scale chosen on validation rows, N and D counted on the test rows; Jeffreys back-test of the PD";
    let contents = |ui: &mut Ui| {
        scale_ui(ui, workspace, intents);
        let Some(standing) = standing else {
            ui.label(theme::weak("Being worked out…"));
            return;
        };
        let scale = match &standing.scale {
            Ok(scale) => scale,
            Err(why) => return remark(ui, Tone::Warn, why),
        };
        let columns = [
            Column::words("Grade", 56.0),
            Column::words("PD from", 76.0),
            Column::words("to", 72.0),
            Column::numeric("N", 62.0).tooltip("Rows in the grade"),
            Column::numeric("D", 52.0).tooltip("Bad rows among them"),
            Column::numeric("Mean PD", 76.0),
            Column::numeric("Observed", 78.0).tooltip("D / N"),
            Column::numeric("p", 58.0).tooltip("Jeffreys p-value of \"the PD is not too low\": P(rate ≤ PD | D of N)"),
            Column::text("Back-test"),
        ];
        data_table(ui, "grades", &columns, standing.grades.len(), None, |ui, row, column| {
            grade_cell(ui, &standing.grades[row], column);
        });
        let settings = &workspace.settings.grades;
        let asked = if settings.method == GradeMethod::Drawn { settings.bounds.len() + 1 } else { settings.number };
        if scale.n_grades() < asked {
            let text = format!(
                "{} of {asked}: neighbours whose observed rates did not rise, or whose firms share one PD, are one grade.",
                count(scale.n_grades(), "grade"),
            );
            ui.add(Label::new(theme::weak(text)).wrap());
        }
    };
    match standing.filter(|standing| standing.scale.is_ok()) {
        Some(standing) => {
            let numbers = || grades_table("grades", title.as_str(), &standing.grades);
            table_card(ui, "grades", [&title, subtitle], numbers, contents);
        }
        None => card_titled(ui, &title, subtitle, contents),
    }
}

fn grade_cell(ui: &mut Ui, grade: &Grade, column: usize) {
    let share = |share: Option<f64>| share.map_or_else(|| "–".to_owned(), percent);
    let text = match column {
        0 => return drop(ui.label(theme::semibold(grade.name.to_string()))),
        1 => percent(grade.from),
        2 => percent(grade.to),
        3 => thousands(grade.rows),
        4 => thousands(grade.bad),
        5 => share(grade.mean_pd),
        6 => share(grade.bad_rate),
        7 => grade.backtest.p_value.map_or_else(|| "–".to_owned(), figure),
        _ => return light_ui(ui, grade.backtest.light),
    };
    ui.add(Label::new(text).truncate());
}

/// A light that is told without its colour too: an icon and a word.
pub(in crate::app::panels) fn light_ui(ui: &mut Ui, light: Light) {
    let palette = Palette::of(ui);
    let (icon, color) = match light {
        Light::Consistent => (Some(Icon::Check), palette.ok),
        Light::PdTooLow => (Some(Icon::ChevronUp), palette.bad),
        Light::PdTooHigh => (Some(Icon::ChevronDown), palette.warn),
        Light::TooFew => (None, palette.weak),
    };
    icon_and_word(ui, icon, light.word(), color);
}

fn icon_and_word(ui: &mut Ui, icon: Option<Icon>, word: &str, color: egui::Color32) {
    ui.spacing_mut().item_spacing.x = 5.0;
    match icon {
        Some(icon) => {
            let (rect, _) = ui.allocate_exact_size(egui::vec2(10.0, 10.0), egui::Sense::hover());
            icon.paint(ui.painter(), rect, color);
            ui.label(RichText::new(word).color(color));
        }
        None => drop(status_dot(ui, color, word)),
    }
}

/// "7 grades, 6 consistent, 1 PD too low".
fn grades_finding(standing: &Standing) -> String {
    if standing.scale.is_err() {
        return "No grades".to_owned();
    }
    let of = |light: Light| standing.grades.iter().filter(|grade| grade.backtest.light == light).count();
    let lights = [Light::Consistent, Light::PdTooLow, Light::PdTooHigh, Light::TooFew];
    let found = lights.into_iter().map(|light| (light, of(light))).filter(|(_, n)| *n > 0);
    let parts: Vec<String> = found.map(|(light, n)| format!("{n} {}", light.word())).collect();
    format!("{}: {}", count(standing.grades.len(), "grade"), parts.join(", "))
}

/// How the scale is made.
fn scale_ui(ui: &mut Ui, workspace: &Workspace, intents: &mut Vec<Intent>) {
    let mut grades = workspace.settings.grades.clone();
    ui.horizontal_wrapped(|ui| {
        let methods = [
            (GradeMethod::EqualFrequency, "equal numbers"),
            (GradeMethod::Bands, "PD bands"),
            (GradeMethod::Drawn, "own bounds"),
        ];
        if segmented(ui, "Scale", &mut grades.method, &methods).changed() && grades.method == GradeMethod::Drawn {
            grades.bounds = own_bounds(workspace, &grades);
        }
        ui.add_space(6.0);
        if grades.method != GradeMethod::Drawn {
            ui.allocate_ui(egui::vec2(110.0, 24.0), |ui| {
                Field::new("Grades", &mut grades.number, GRADES)
                    .without_track()
                    .error(workspace.problem("grades.number"))
                    .show(ui);
            });
        }
        ui.checkbox(&mut grades.monotone, "Rising").on_hover_text(
            "Neighbouring grades are pooled until the observed rates rise from grade to grade on the validation rows",
        );
    });
    if grades.method == GradeMethod::Bands {
        ui.horizontal(|ui| {
            for (name, key, value) in [
                ("Best below", "grades.lowest", &mut grades.lowest),
                ("Worst from", "grades.highest", &mut grades.highest),
            ] {
                ui.allocate_ui(egui::vec2(150.0, 24.0), |ui| {
                    Field::new(name, value, 0.0001..=0.9)
                        .without_track()
                        .log()
                        .format(&|pd| percent(pd))
                        .error(workspace.problem(key))
                        .show(ui);
                });
                ui.add_space(12.0);
            }
        });
    }
    if grades.method == GradeMethod::Drawn {
        bounds_ui(ui, &mut grades, workspace);
    }
    if grades != workspace.settings.grades {
        intents.push(Intent::SetSettings(Box::new(RunSettings { grades, ..workspace.settings.clone() })));
    }
}

/// Bounds to begin with: those of the scale that is shown.
fn own_bounds(workspace: &Workspace, grades: &GradeSettings) -> Vec<f64> {
    let shown = workspace.standing.last().and_then(|standing| standing.scale.as_ref().ok());
    match shown.map(|scale| scale.bounds().to_vec()).filter(|bounds| GRADES.contains(&(bounds.len() + 1))) {
        Some(bounds) => bounds.iter().map(|bound| (bound * 1e4).round() / 1e4).collect(),
        None if grades.bounds.is_empty() => vec![0.01, 0.05, 0.1, 0.2],
        None => grades.bounds.clone(),
    }
}

/// A field for each bound, and buttons to have one more or fewer.
fn bounds_ui(ui: &mut Ui, grades: &mut GradeSettings, workspace: &Workspace) {
    ui.horizontal_wrapped(|ui| {
        for (i, bound) in grades.bounds.iter_mut().enumerate() {
            let name = format!("{} from", crate::evaluation::MasterScale::name(i + 1));
            ui.allocate_ui(egui::vec2(112.0, 24.0), |ui| {
                Field::new(&name, bound, 0.0001..=0.999).without_track().log().format(&|pd| percent(pd)).show(ui);
            });
            ui.add_space(8.0);
        }
        let n = grades.bounds.len() + 1;
        if ActionButton::new("One more").enabled(n < *GRADES.end()).show(ui).clicked() {
            let last = grades.bounds.last().copied().unwrap_or(0.01);
            grades.bounds.push(((last * 2.0).min(0.5 + last / 2.0) * 1e4).round() / 1e4);
        }
        if ActionButton::new("One fewer").enabled(n > *GRADES.start()).show(ui).clicked() {
            grades.bounds.pop();
        }
    });
    if let Some(problem) = workspace.problem("grades.bounds") {
        remark(ui, Tone::Bad, problem);
    }
}

fn calibration_ui(ui: &mut Ui, model: &ModelResult, standing: Option<&Standing>) {
    let line = standing.and_then(|standing| standing.line.as_ref());
    let title = line.map_or_else(|| "Calibration".to_owned(), |line| calibration_finding(short_name(model.kind), line));
    let subtitle = "test rows of the first repeat: do probabilities say what happens?";
    let Some(standing) = standing else {
        return card_titled(ui, &title, subtitle, |ui| drop(ui.label(theme::weak("Being worked out…"))));
    };
    let numbers = || calibration_table(std::slice::from_ref(standing));
    table_card(ui, "calibration", [&title, subtitle], numbers, |ui| {
        let mut lines: Vec<(&str, String, &str)> = Vec::new();
        if let Some(CalibrationLine { in_the_large, slope, intercept }) = &standing.line {
            let estimate = |e: &Estimate| format!("{:.2} ± {:.2}", e.value, e.standard_error);
            lines.push((
                "Calibration in the large",
                estimate(in_the_large),
                "Intercept with slope 1: 0 is right, above 0 more firms turn bad than the probabilities say",
            ));
            if let Some(slope) = slope {
                lines.push(("Slope", estimate(slope), "1 is right; below 1 the probabilities are too bold [Cox]"));
            }
            if let Some(intercept) = intercept {
                lines.push(("Intercept", estimate(intercept), "Beside that slope"));
            }
        }
        if let Some(BrierParts { brier, reliability, resolution, uncertainty, within_bins: within, .. }) =
            &standing.brier
        {
            lines.push((
                "Brier score",
                figure4(*brier),
                "Reliability − resolution + uncertainty + what is within bins",
            ));
            lines.push(("  reliability", figure4(*reliability), "Distance of predicted from observed: 0 is best"));
            lines.push(("  resolution", figure4(*resolution), "How far the bins' rates differ: more is better"));
            lines.push(("  uncertainty", figure4(*uncertainty), "p (1 − p) of the table: the same for every model"));
            lines.push(("  within bins", figure4(*within), "What rows of one bin differ by"));
        }
        if let Some(HosmerLemeshow { statistic, degrees_of_freedom, p_value: p, .. }) = &standing.hosmer_lemeshow {
            lines.push((
                "Hosmer–Lemeshow",
                format!("χ² {statistic:.1}, {degrees_of_freedom} df, p {}", p_text(*p)),
                "Depends on how the bins are cut; on many rows it refuses any model, on few it refuses none",
            ));
        }
        if lines.is_empty() {
            ui.label(theme::weak("Undefined on these rows: one class, or probabilities of 0 or 1."));
        }
        let half = lines.len().div_ceil(2);
        ui.spacing_mut().interact_size.y = 0.0; // lines as high as their text
        ui.columns(2, |columns| {
            for (i, (name, value, hint)) in lines.iter().enumerate() {
                let ui = &mut columns[usize::from(i >= half)];
                ui.horizontal(|ui| {
                    ui.label(*name).on_hover_text(*hint);
                    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                        ui.label(theme::semibold(value.as_str())).on_hover_text(*hint);
                    });
                });
            }
        });
        let caveat =
            "Hosmer–Lemeshow depends on the bins, and with many rows refuses every model: read slope and picture.";
        ui.add(Label::new(theme::weak(caveat)).wrap());
    });
}

fn figure4(value: f64) -> String {
    format!("{value:.4}")
}

fn p_text(p: f64) -> String {
    if p < 0.001 { "< .001".to_owned() } else { figure(p) }
}

/// What slope and intercept say, where they are more than two standard errors from what is right.
fn calibration_finding(model: &str, line: &CalibrationLine) -> String {
    let off = |e: &Estimate, right: f64| (e.value - right).abs() > 2.0 * e.standard_error;
    let large = &line.in_the_large;
    let level = match (off(large, 0.0), large.value > 0.0) {
        (true, true) => Some("too low on average"),
        (true, false) => Some("too high on average"),
        (false, _) => None,
    };
    let spread = line.slope.as_ref().filter(|slope| off(slope, 1.0));
    let spread = spread.map(|slope| if slope.value < 1.0 { "too bold" } else { "too timid" });
    match (level, spread) {
        (None, None) => format!("{model}'s probabilities say what happens, within chance"),
        (Some(a), Some(b)) => format!("{model}'s probabilities are {a} and {b}"),
        (Some(a), None) | (None, Some(a)) => format!("{model}'s probabilities are {a}"),
    }
}

fn stability_ui(
    ui: &mut Ui,
    beside: &mut Beside,
    standing: Option<&Standing>,
    workspace: &Workspace,
    intents: &mut Vec<Intent>,
) {
    let report = standing.map(|standing| &standing.stability);
    let title = match report {
        Some(Ok(report)) => stability_finding(report),
        _ => "Stability".to_owned(),
    };
    let subtitle = match report {
        Some(Ok(report)) => format!(
            "{} ({}) against {} ({}): PSI of the scores, CSI of each indicator",
            report.reference,
            count(report.n[0], "row"),
            report.other,
            count(report.n[1], "row")
        ),
        _ => "PSI of the scores, CSI of each indicator".to_owned(),
    };
    let contents = |ui: &mut Ui| {
        beside_ui(ui, beside, workspace, intents);
        let report = match report {
            None => {
                ui.label(theme::weak("Being worked out…"));
                return;
            }
            Some(Err(why)) => return remark(ui, Tone::Warn, why),
            Some(Ok(report)) => report,
        };
        let lines: Vec<(&str, Option<&Drift>)> = drift_lines(report).collect();
        let columns = [
            Column::text("What"),
            Column::numeric("PSI", 84.0)
                .tooltip("Σ (share − reference share) · ln(share / reference share) over the bins"),
            Column::numeric("Chance, 95 %", 110.0)
                .tooltip("What two samples of one population stay below in 95 of 100 cases: χ²₀.₉₅(B − 1)·(1/N + 1/M)"),
            Column::words("Finding", 150.0),
        ];
        ui.scope(|ui| {
            ui.set_max_height(260.0);
            data_table(ui, "stability", &columns, lines.len(), None, |ui, row, column| {
                let (name, drift) = lines[row];
                drift_cell(ui, name, drift, row == 0, column);
            });
        });
        for note in &report.notes {
            ui.add(Label::new(theme::weak(note)).wrap());
        }
        let bands =
            "Below 0.1 stable, 0.1 to 0.25 some shift, above 0.25 large; with few rows chance alone reaches them.";
        ui.add(Label::new(theme::weak(bands)).wrap());
    };
    match report {
        Some(Ok(report)) => {
            let numbers = || drift_table("stability", &subtitle, "What", drift_lines(report));
            table_card(ui, "stability", [&title, &subtitle], numbers, contents);
        }
        _ => card_titled(ui, &title, &subtitle, contents),
    }
}

/// The scores, then each indicator.
fn drift_lines(report: &StabilityReport) -> impl Iterator<Item = (&str, Option<&Drift>)> {
    let indicators = report.indicators.iter().map(|(name, drift)| (name.as_str(), drift.as_ref()));
    std::iter::once(("Scores", report.scores.as_ref())).chain(indicators)
}

/// A cell of a table of drift: name, PSI, what chance alone reaches, finding.
pub(in crate::app::panels) fn drift_cell(ui: &mut Ui, name: &str, drift: Option<&Drift>, scores: bool, column: usize) {
    let palette = Palette::of(ui);
    let number = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.3}"));
    let text = match column {
        0 if scores => theme::semibold(name),
        0 => RichText::new(name),
        1 => RichText::new(number(drift.map(|drift| drift.psi))),
        2 => RichText::new(number(drift.and_then(|drift| drift.critical))).color(palette.weak),
        _ => {
            let Some(drift) = drift else { return drop(ui.label(theme::weak("cannot be compared"))) };
            let (icon, color) = match drift.stability {
                Stability::Stable => (Some(Icon::Check), palette.ok),
                Stability::SomeShift => (Some(Icon::ChevronUp), palette.warn),
                Stability::LargeShift => (Some(Icon::ChevronUp), palette.bad),
                Stability::TooFew => (None, palette.weak),
            };
            let chance = drift.stability != Stability::TooFew && drift.stability != Stability::Stable;
            let word = drift.stability.word();
            let word =
                if chance && !drift.beyond_chance() { format!("{word}, may be chance") } else { word.to_owned() };
            return icon_and_word(ui, icon, &word, color);
        }
    };
    ui.add(Label::new(text).truncate());
}

/// "Scores are stable; 2 of 64 indicators shift".
fn stability_finding(report: &StabilityReport) -> String {
    let scores = report.scores.as_ref().map_or("not comparable", |drift| match drift.stability {
        Stability::Stable => "stable",
        Stability::SomeShift => "somewhat shifted",
        Stability::LargeShift => "shifted far",
        Stability::TooFew => "too few to tell",
    });
    let shifted = |(_, drift): &&(String, Option<Drift>)| {
        drift
            .as_ref()
            .is_some_and(|d| matches!(d.stability, Stability::SomeShift | Stability::LargeShift) && d.beyond_chance())
    };
    let n = report.indicators.iter().filter(shifted).count();
    format!("Scores: {scores}; {n} of {} shifted beyond chance", count(report.indicators.len(), "indicator"))
}

/// What is held beside the training rows.
fn beside_ui(ui: &mut Ui, beside: &mut Beside, workspace: &Workspace, intents: &mut Vec<Intent>) {
    ui.horizontal(|ui| {
        let label = ui.label(theme::weak("Compared with"));
        let second = workspace.standing.second_name();
        let name = |choice: Beside| match choice {
            Beside::Test => "the test rows".to_owned(),
            Beside::LatestPeriod => "the latest period".to_owned(),
            Beside::SecondFile => second.clone().unwrap_or_else(|| "a second file".to_owned()),
        };
        let combo = ComboBox::from_id_salt("beside").selected_text(name(*beside)).width(220.0).show_ui(ui, |ui| {
            ui.selectable_value(beside, Beside::Test, name(Beside::Test));
            if workspace.data().is_some_and(|data| data.period.is_some()) {
                ui.selectable_value(beside, Beside::LatestPeriod, name(Beside::LatestPeriod));
            }
            if second.is_some() {
                ui.selectable_value(beside, Beside::SecondFile, name(Beside::SecondFile));
            }
        });
        combo.response.labelled_by(label.id);
        let open = ActionButton::new("Second file…").tooltip(Command::OpenSecond.tooltip());
        if open.show(ui).clicked() {
            intents.push(Intent::Do(Command::OpenSecond));
        }
    });
}
