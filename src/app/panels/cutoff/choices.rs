//! The rules that find a cut-off, each with what it would do before it is taken; and what errors and losses are worth.

use egui::{Label, RichText, TextEdit, Ui};

use super::axis::percent;
use super::numbers::thresholds_in_words;
use crate::app::actions::Intent;
use crate::app::comparing::CompareResult;
use crate::app::cutoffs::{Ask, Tried};
use crate::app::panels::capital;
use crate::app::theme::{self, Palette};
use crate::app::widgets::{ActionButton, Field, Icon, card, table_title};
use crate::app::workspace::Workspace;
use crate::model::calibration::CalibrationMethod;
use crate::report::{ReportTable, cutoff_table};
use crate::training::{Cutoff, CutoffRule, ModelResult, MoneySettings, Outcome, RunSettings};

/// The numbers that go with rules.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::app) struct Wanted {
    /// Share of bad rows among the approved, at most.
    bad_rate: f64,
    /// Share of rows approved.
    approval: f64,
    /// Firms that can be reviewed.
    capacity: usize,
}

impl Wanted {
    /// What a table with so many labelled and bad rows suggests: half the bad there are, four of five approved, and as many
    /// reviewed as are bad.
    fn suggested(n_labelled: usize, n_bad: usize, cutoff: Cutoff) -> Self {
        let rate = n_bad as f64 / n_labelled.max(1) as f64;
        let two_digits = |x: f64| format!("{x:.1e}").parse().unwrap_or(x);
        let mut wanted =
            Self { bad_rate: two_digits((rate / 2.0).clamp(0.001, 0.5)), approval: 0.8, capacity: n_bad.max(1) };
        match cutoff {
            Cutoff::Rule(CutoffRule::TargetBadRate(rate)) => wanted.bad_rate = rate,
            Cutoff::Rule(CutoffRule::ApprovalRate(share)) => wanted.approval = share,
            Cutoff::Rule(CutoffRule::Capacity(n)) => wanted.capacity = n,
            _ => {}
        }
        wanted
    }

    fn rules(self) -> [CutoffRule; 6] {
        [
            CutoffRule::LeastCost,
            CutoffRule::KsPoint,
            CutoffRule::BadRate,
            CutoffRule::TargetBadRate(self.bad_rate),
            CutoffRule::ApprovalRate(self.approval),
            CutoffRule::Capacity(self.capacity),
        ]
    }
}

/// Draws the rules and the costs.
pub(super) fn ui(
    ui: &mut Ui,
    kept: &mut Option<Wanted>,
    (result, model): (&CompareResult, &ModelResult),
    workspace: &Workspace,
    intents: &mut Vec<Intent>,
) {
    let mut settings = workspace.settings.clone();
    let n_labelled = model.folds.first().map_or(1, |fold| fold.scored.answers.n_labelled);
    let suggested = || Wanted::suggested(n_labelled, result.data.n_bad(), settings.cutoff);
    let mut wanted = *kept.get_or_insert_with(suggested);
    let before = wanted;
    let ask =
        Ask { serial: result.serial, model: model.kind, money: settings.money.clone(), rules: wanted.rules().to_vec() };
    let tried = workspace.cutoffs.tried(&ask);
    if tried.is_none() {
        intents.push(Intent::TryCutoffs(ask));
    }
    let title = theme::section("Find the cut-off");
    match tried {
        Some(tried) => table_title(ui, "rules", title, || rules_table(tried)),
        None => drop(ui.label(title)),
    }
    card(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 3.0;
        for (i, rule) in wanted.rules().into_iter().enumerate() {
            if i > 0 {
                ui.separator();
            }
            number_ui(ui, &mut wanted, rule, n_labelled);
            let preview = tried.map_or_else(|| "…".to_owned(), |tried| preview(tried, i, &settings.money));
            if rule_ui(ui, rule, &settings, &preview) {
                settings.cutoff = Cutoff::Rule(rule);
            }
        }
    });
    if wanted != before {
        *kept = Some(wanted);
        // A rule that holds follows its number.
        let same_kind = |rule: &CutoffRule| matches!(settings.cutoff, Cutoff::Rule(now) if std::mem::discriminant(&now) == std::mem::discriminant(rule));
        if let Some(rule) = wanted.rules().into_iter().find(same_kind) {
            settings.cutoff = Cutoff::Rule(rule);
        }
    }
    ui.add_space(6.0);
    ui.label(theme::section("What errors and losses are worth"));
    card(ui, |ui| money_ui(ui, &mut settings.money, workspace));
    if settings != workspace.settings {
        intents.push(Intent::SetSettings(Box::new(settings)));
    }
}

/// What each rule would do to the test rows.
fn rules_table(tried: &Tried) -> ReportTable {
    let row = |(&rule, &outcome): (&CutoffRule, &Option<Outcome>)| {
        let fell_back = outcome.is_some_and(|outcome| outcome.fell_back);
        let remark = if fell_back { " (not reachable on every fold)" } else { "" };
        (format!("{}{remark}", capital(&Cutoff::Rule(rule).in_words())), outcome)
    };
    let caption = format!("What rules for the cut-off of the {} do to the test rows.", tried.ask.model.title());
    let rows = tried.ask.rules.iter().zip(&tried.outcomes).map(row);
    cutoff_table("rules", &caption, "Rule", rows, &tried.ask.money)
}

/// The field of a rule's number, where it has one.
fn number_ui(ui: &mut Ui, wanted: &mut Wanted, rule: CutoffRule, n_labelled: usize) {
    match rule {
        CutoffRule::TargetBadRate(_) => {
            Field::new("Bad of approved, at most", &mut wanted.bad_rate, 0.0001..=0.9)
                .without_track()
                .log()
                .format(&|rate| percent(rate))
                .tooltip("The share of firms that turn bad among those approved")
                .show(ui);
        }
        CutoffRule::ApprovalRate(_) => {
            Field::new("Approved", &mut wanted.approval, 0.01..=0.99)
                .without_track()
                .format(&|share| percent(share))
                .show(ui);
        }
        CutoffRule::Capacity(_) => {
            Field::new("Firms to review", &mut wanted.capacity, 1..=n_labelled.max(1))
                .without_track()
                .log()
                .tooltip("As many firms as can be looked at by hand, of as many as the table has with a label")
                .show(ui);
        }
        _ => {}
    }
}

/// A button with what it would do. Returns whether it was pressed.
fn rule_ui(ui: &mut Ui, rule: CutoffRule, settings: &RunSettings, preview: &str) -> bool {
    let taken = settings.cutoff == Cutoff::Rule(rule);
    let can_choose = settings.calibration.method != CalibrationMethod::None;
    let enabled = can_choose || !Cutoff::Rule(rule).needs_validation();
    let (name, hint) = match rule {
        CutoffRule::LeastCost => ("Least cost", "Where the wrong calls cost least on the training rows held out"),
        CutoffRule::KsPoint => ("KS point", "Where the shares of bad and good rows called bad are furthest apart"),
        CutoffRule::BadRate => ("Bad rate", "Whoever is riskier than the average firm is called bad"),
        CutoffRule::TargetBadRate(_) => ("Target bad rate", "As many approved as that allows"),
        CutoffRule::ApprovalRate(_) => ("Target approval rate", "The safest firms, as many as asked"),
        CutoffRule::Capacity(_) => ("Review capacity", "The riskiest firms, as many as can be reviewed"),
    };
    let hint = if enabled { hint } else { "It looks at scores that calibration makes, and calibration is off" };
    let mut button = ActionButton::new(name).tooltip(hint).enabled(enabled);
    if taken {
        button = button.with_icon(Icon::Check);
    }
    let pressed = button.show_wide(ui).clicked();
    let text = RichText::new(preview).small();
    let text = if taken { text } else { text.color(Palette::of(ui).weak) };
    ui.add(Label::new(text).wrap());
    pressed
}

/// "Bad from 5.2 %: on the test rows 83 % approved, 2.1 % of them bad, cost 0.31 a firm".
fn preview(tried: &Tried, rule: usize, money: &MoneySettings) -> String {
    let Some(outcome) = tried.outcomes.get(rule).copied().flatten() else { return "no scores to choose on".to_owned() };
    let share = |share: Option<f64>| share.map_or_else(|| "–".to_owned(), percent);
    let cost = outcome.cost_per_row(money.costs()).map_or_else(|| "–".to_owned(), |cost| format!("{cost:.2}"));
    let fell_back = if outcome.fell_back { " (not reachable on every fold)" } else { "" };
    format!(
        "Bad from {}: on the test rows {} approved, {} of them bad, cost {cost} a firm{fell_back}",
        thresholds_in_words(outcome.thresholds),
        share(outcome.approval_rate()),
        share(outcome.bad_rate_approved()),
    )
}

fn money_ui(ui: &mut Ui, money: &mut MoneySettings, workspace: &Workspace) {
    Field::new("A bad firm let through costs", &mut money.cost_false_good, 0.0..=1e9)
        .without_track()
        .log()
        .tooltip("c_FN, in any unit: only its ratio to the other decides the cut-off")
        .error(workspace.problem("money.cost_false_good"))
        .show(ui);
    Field::new("A good firm refused costs", &mut money.cost_false_bad, 0.0..=1e9)
        .without_track()
        .log()
        .tooltip("c_FP, in the same unit")
        .error(workspace.problem("money.cost_false_bad"))
        .show(ui);
    Field::new("Lost given default", &mut money.loss_given_default, 0.0..=1.0)
        .without_track()
        .percent()
        .tooltip("LGD: the share of the exposure that is lost when a firm defaults")
        .error(workspace.problem("money.loss_given_default"))
        .show(ui);
    let has_column = workspace.data().is_some_and(|data| data.exposure.is_some());
    if has_column {
        ui.add(Label::new(theme::weak("Exposure of each firm: the table's own column.")).wrap());
    } else {
        let mut known = money.exposure.is_some();
        ui.checkbox(&mut known, "Exposure of every firm")
            .on_hover_text("EAD where the table has no column of it: without it there is no loss in money");
        let mut exposure = money.exposure.unwrap_or(100_000.0);
        if known {
            Field::new("Exposure", &mut exposure, 1.0..=1e12)
                .without_track()
                .log()
                .error(workspace.problem("money.exposure"))
                .show(ui);
        }
        money.exposure = known.then_some(exposure);
    }
    ui.horizontal(|ui| {
        let label = ui.label("Currency");
        let field =
            TextEdit::singleline(&mut money.currency).hint_text("€, ¥, USD").desired_width(ui.available_width());
        ui.add(field).labelled_by(label.id);
    });
}
