//! What the cut-off does: the rows it was chosen on beside those it is reported on.

use egui::{Align, Label, Layout, RichText, Ui};

use super::axis::percent;
use crate::app::panels::thousands;
use crate::app::theme::{self, Palette, Tone};
use crate::app::widgets::{card, remark};
use crate::evaluation::{Losses, Metric};
use crate::training::{Cutoff, ModelKind, ModelResult, MoneySettings, Outcome, Rows, RunSettings};

/// Width of a column of figures, in points.
const FIGURES: f32 = 68.0;

/// Draws the figures of a model at a cut-off.
pub(super) fn ui(ui: &mut Ui, model: &ModelResult, cutoff: Cutoff, settings: &RunSettings) {
    let money = &settings.money;
    let of = |rows| model.outcome(cutoff, money, rows);
    let outcomes = [of(Rows::Validation), of(Rows::Test)];
    ui.label(theme::section("At this cut-off"));
    card(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 4.0;
        threshold_ui(ui, outcomes[1].or(outcomes[0]).as_ref());
        head_ui(ui);
        for (name, hint, figures) in lines(money, &outcomes) {
            line_ui(ui, name, hint, &figures);
        }
    });
    ui.add_space(4.0);
    notes_ui(ui, model, cutoff, settings, &outcomes);
}

/// The threshold: one number, or from the least to the greatest over the folds.
fn threshold_ui(ui: &mut Ui, outcome: Option<&Outcome>) {
    let text = outcome.map_or_else(|| "–".to_owned(), |outcome| thresholds_in_words(outcome.thresholds));
    ui.add(Label::new(theme::title(format!("Bad from {text}"))).wrap());
}

/// "5.2 %", "4.8 to 6.1 %".
pub(super) fn thresholds_in_words([low, high]: [f64; 2]) -> String {
    let [low, high] = [low, high].map(percent);
    if low == high { low } else { format!("{} to {high}", low.trim_end_matches(" %")) }
}

fn head_ui(ui: &mut Ui) {
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            for (name, hint) in [
                ("test", "Held-out rows: what is reported. No cut-off was chosen on them"),
                ("chosen on", "Training rows scored by fits that had not seen them: what rules choose on"),
            ] {
                ui.allocate_ui_with_layout(
                    egui::vec2(FIGURES, ui.text_style_height(&egui::TextStyle::Small)),
                    Layout::right_to_left(Align::Center),
                    |ui| ui.label(theme::weak(name)).on_hover_text(hint),
                );
            }
        });
    });
}

fn line_ui(ui: &mut Ui, name: &str, hint: &str, figures: &[String; 2]) {
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let size = egui::vec2(FIGURES, ui.text_style_height(&egui::TextStyle::Body));
            let figure = |ui: &mut Ui, text: RichText| {
                ui.allocate_ui_with_layout(size, Layout::right_to_left(Align::Center), |ui| ui.label(text));
            };
            figure(ui, theme::semibold(&figures[1]));
            figure(ui, RichText::new(&figures[0]).color(Palette::of(ui).weak));
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.add(Label::new(name).truncate()).on_hover_text(hint);
            });
        });
    });
}

/// Each figure with its name and its formula, on both kinds of rows.
fn lines(money: &MoneySettings, outcomes: &[Option<Outcome>; 2]) -> Vec<(&'static str, &'static str, [String; 2])> {
    let both = |figure: &dyn Fn(&Outcome) -> Option<String>| {
        [0, 1].map(|i| outcomes[i].as_ref().and_then(figure).unwrap_or_else(|| "–".to_owned()))
    };
    let share = |share: Option<f64>| share.map(percent);
    let costs = money.costs();
    let loss = |pick: fn(&Losses) -> f64| both(&|o: &Outcome| Some(amount(&money.currency, pick(&o.losses?))));
    let mut lines = vec![
        ("Firms", "All rows counted", both(&|o| Some(thousands(o.confusion.rows())))),
        ("Approved", "Rows called good: PD below the cut-off", both(&|o| Some(thousands(o.approved())))),
        ("Approval rate", "Approved / all", both(&|o| share(o.approval_rate()))),
        ("Bad among approved", "FN / (TN + FN)", both(&|o| share(o.bad_rate_approved()))),
        ("Bad let through", "FN: bad rows called good", both(&|o| Some(thousands(o.confusion.false_good)))),
        ("Good refused", "FP: good rows called bad", both(&|o| Some(thousands(o.confusion.false_bad)))),
        ("Recall of the bad", Metric::Recall.formula(), both(&|o| share(o.confusion.recall()))),
        ("Precision", Metric::Precision.formula(), both(&|o| share(o.confusion.precision()))),
        (
            "Cost per firm",
            "(c_FN·FN + c_FP·FP) / all rows",
            both(&|o| o.cost_per_row(costs).map(|cost| format!("{cost:.3}"))),
        ),
    ];
    if outcomes.iter().flatten().any(|outcome| outcome.losses.is_some()) {
        lines.push(("Expected loss", "Σ PD·LGD·EAD over the approved", loss(|l| l.expected_approved)));
        lines.push(("Loss that came", "Σ LGD·EAD over the approved that turned bad", loss(|l| l.realised_approved)));
        lines.push(("Loss, all approved", "Σ PD·LGD·EAD if everyone were approved", loss(|l| l.expected_all)));
    }
    lines
}

/// An amount of money, short: "€ 1.2 M".
pub(super) fn amount(currency: &str, value: f64) -> String {
    let number = match value.abs() {
        v if v >= 1e9 => format!("{:.2} bn", value / 1e9),
        v if v >= 1e6 => format!("{:.2} M", value / 1e6),
        v if v >= 1e4 => thousands(value.round().abs() as usize),
        _ => format!("{value:.2}"),
    };
    if currency.is_empty() { number } else { format!("{currency} {number}") }
}

/// What must be known of these figures.
fn notes_ui(ui: &mut Ui, model: &ModelResult, cutoff: Cutoff, settings: &RunSettings, outcomes: &[Option<Outcome>; 2]) {
    let few = crate::evaluation::FEWEST_BAD_ROWS;
    if outcomes[0].is_none() {
        remark(ui, Tone::Warn, "Nothing was calibrated, so there are no scores to choose a cut-off on but the test's.");
    }
    if outcomes[0].or(outcomes[1]).is_some_and(|outcome| outcome.fell_back) {
        remark(
            ui,
            Tone::Warn,
            "On a fold no cut-off does what is asked; the bad rate of its training rows is used there.",
        );
    }
    if let Some(bad) = outcomes[1].map(|outcome| outcome.confusion.bad_rows()).filter(|&bad| bad < few) {
        remark(ui, Tone::Warn, format!("Only {bad} bad rows are tested: each of these shares is very uncertain."));
    }
    if matches!(cutoff, Cutoff::Value(_)) && model.kind != ModelKind::Majority {
        ui.add(Label::new(theme::weak("The same threshold on every fold.")).wrap());
    } else if matches!(cutoff, Cutoff::Rule(_)) {
        let text = "Found on each fold's own training rows, by scores of fits that had not seen them, and reported on the \
                    rows held out.";
        ui.add(Label::new(theme::weak(text)).wrap());
    }
    if let Some(rate) = settings.calibration.population_bad_rate {
        let text = format!("Probabilities are those of a population with {} bad.", percent(rate));
        ui.add(Label::new(theme::weak(text)).wrap());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_and_thresholds_are_short() {
        assert_eq!(
            [1.5, 12_345.6, 2_340_000.0, 7.2e9].map(|v| amount("€", v)),
            ["€ 1.50", "€ 12,346", "€ 2.34 M", "€ 7.20 bn"]
        );
        assert_eq!(amount("", 3.0), "3.00");
        assert_eq!(thresholds_in_words([0.052, 0.052]), "5.2 %");
        assert_eq!(thresholds_in_words([0.048, 0.061]), "4.8 to 6.1 %");
    }
}
