//! What the cut-off does: the rows it was chosen on beside those it is reported on.

use egui::{Align, Label, Layout, Rect, RichText, Ui, UiBuilder, pos2, vec2};

use super::axis::percent;
use crate::app::panels::{count, thousands};
use crate::app::theme::{self, Palette, Tone};
use crate::app::widgets::{card, remark, table_title};
use crate::evaluation::{Losses, Metric};
use crate::report::cutoff_table;
use crate::training::{Cutoff, ModelKind, ModelResult, MoneySettings, Outcome, Rows, RunSettings};

/// Width of a column of figures, in points.
const FIGURES: f32 = 60.0;
/// Between two columns.
const GAP: f32 = 6.0;

/// Draws the figures of a model at a cut-off.
pub(super) fn ui(ui: &mut Ui, model: &ModelResult, cutoff: Cutoff, settings: &RunSettings) {
    let money = &settings.money;
    let of = |rows| model.outcome(cutoff, money, rows);
    let outcomes = [of(Rows::Validation), of(Rows::Test)];
    let numbers = || {
        let names = ["chosen on", "test"].map(str::to_owned);
        let caption = format!("What the cut-off does to the {}.", model.kind.title());
        cutoff_table("at_this_cutoff", &caption, "Rows that are", names.into_iter().zip(outcomes), money)
    };
    table_title(ui, "at this cut-off", theme::section("At this cut-off"), numbers);
    card(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 4.0;
        threshold_ui(ui, outcomes[1].or(outcomes[0]).as_ref());
        head_ui(ui);
        for (name, hint, figures) in lines(money, &outcomes) {
            let [chosen_on, test] = figures;
            let chosen_on = RichText::new(chosen_on).color(Palette::of(ui).weak);
            line_ui(ui, RichText::new(name), hint, [chosen_on, theme::semibold(test)]);
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
    let weak = |text: &str| theme::weak(text);
    let hint = "On the left training rows scored by fits that had not seen them, which rules choose on; on the right the rows \
                held out, which are reported";
    line_ui(ui, weak(""), hint, [weak("chosen on"), weak("test")]);
}

/// A name, and its figures in columns on the right.
fn line_ui(ui: &mut Ui, name: RichText, hint: &str, figures: [RichText; 2]) {
    let height = ui.text_style_height(&egui::TextStyle::Body);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), egui::Sense::hover());
    let columns = [rect.right() - 2.0 * FIGURES - GAP, rect.right() - FIGURES];
    for (left, text) in columns.into_iter().zip(figures) {
        let place = Rect::from_min_size(pos2(left, rect.top()), vec2(FIGURES, height));
        let right = Layout::right_to_left(Align::Center);
        ui.scope_builder(UiBuilder::new().max_rect(place).layout(right), |ui| ui.label(text));
    }
    let place = rect.with_max_x(columns[0] - GAP);
    let left = Layout::left_to_right(Align::Center);
    ui.scope_builder(UiBuilder::new().max_rect(place).layout(left), |ui| ui.add(Label::new(name).truncate()));
    response.on_hover_text(hint);
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
        ("Bad of approved", "FN / (TN + FN)", both(&|o| share(o.bad_rate_approved()))),
        ("Bad let through", "FN: bad rows called good", both(&|o| Some(thousands(o.confusion.false_good)))),
        ("Good refused", "FP: good rows called bad", both(&|o| Some(thousands(o.confusion.false_bad)))),
        ("Recall", Metric::Recall.formula(), both(&|o| share(o.confusion.recall()))),
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
    let unpriced = outcomes[1].filter(|outcome| outcome.losses.is_some()).map_or(0, |outcome| outcome.unpriced);
    if unpriced > 0 {
        let text = format!("{} without a known exposure take no part in the losses.", count(unpriced, "firm"));
        remark(ui, Tone::Warn, text);
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
