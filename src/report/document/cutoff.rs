//! When a firm is called bad, what that does to firms and money, and the grades.

use super::super::figures;
use super::super::table::ColumnKind::{Numbers, Ranges, Words};
use super::super::verdict_text::chosen;
use super::super::{Cell, Compared, Figure, Light, Picture, ReportTable, sentence_case};
use super::data::NO_COMPARISON;
use super::{Block, ModelDocument, model};
use crate::evaluation::{self, Grade, Losses};
use crate::training::{ModelResult, MoneySettings, Outcome, Rows, Standing};

pub(super) fn section(of: &ModelDocument<'_>) -> Vec<Block> {
    let own = of.model.map(model::decision).unwrap_or_default();
    let Some(compared) = of.compared else {
        return own.into_iter().chain([Block::missing(NO_COMPARISON)]).collect();
    };
    let Compared { spec, comparison, analysis, .. } = compared;
    let settings = &spec.settings;
    let worth = &settings.money;
    let exposure = match (compared.data.exposure.is_some(), worth.exposure) {
        (true, _) => "the exposures of the table".to_owned(),
        (false, Some(exposure)) => {
            format!("an exposure of {} each", Cell::Money(Some(exposure), worth.currency.clone()).shown())
        }
        (false, None) => "no exposures, and so no losses".to_owned(),
    };
    let mut blocks = vec![Block::paragraph(format!(
        "The cut-off is {}: {}, and reported on the held-out rows of the first repeat, each once. A bad firm called good costs \
         {}, a good one called bad {}; {} of the exposure is lost on default, with {exposure}.",
        settings.cutoff.in_words(),
        chosen(settings.cutoff),
        worth.cost_false_good,
        worth.cost_false_bad,
        Cell::Share(Some(worth.loss_given_default)).shown(),
    ))];
    let of_rows = [
        ("cutoff_test", Rows::Test, "What the cut-off comes to on the test rows, which are reported."),
        (
            "cutoff_validation",
            Rows::Validation,
            "On the validation rows, which rules choose on: training rows, by fits that had not seen them; each stands once for \
             every fold that it trains.",
        ),
    ];
    blocks.extend(of_rows.into_iter().filter_map(|(name, rows, caption)| outcomes(compared, name, caption, rows)));
    blocks.push(Block::Table(confusion(compared)));
    let figure = Picture::of(Figure::Cost, comparison, *analysis, settings);
    blocks.push(Block::Pictures(vec![figure]));
    blocks.extend(own);
    blocks.push(Block::blank("Why these costs and this cut-off, and who decided on them", 2));
    blocks.push(Block::Subheading("Grades".to_owned()));
    if of.standing.is_empty() {
        blocks.push(Block::missing(
            "Grades are not worked out: write the document from the window or with beliefscope compare --report.",
        ));
    }
    for standing in of.standing {
        blocks.extend(grades(standing));
    }
    blocks.push(Block::blank("What each grade means for terms, limits and approval", 2));
    blocks
}

fn outcomes(compared: &Compared<'_>, name: &str, caption: &str, rows: Rows) -> Option<Block> {
    let settings = &compared.spec.settings;
    let models = compared.comparison.models.iter().filter_map(|model| {
        let outcome = model.outcome(settings.cutoff, &settings.money, rows)?;
        Some((sentence_case(model.kind.title()), Some(outcome)))
    });
    let table = cutoff_table(name, caption, "Model", models, &settings.money);
    (!table.rows.is_empty()).then_some(Block::Table(table))
}

/// What cut-offs come to, a row for each of `rows`: of a model, a rule or a kind of rows, as `head` says.
///
/// Undefined figures without an outcome; losses where exposures are known, in the currency of `money`.
pub fn cutoff_table(
    name: &str,
    caption: &str,
    head: &str,
    rows: impl IntoIterator<Item = (String, Option<Outcome>)>,
    money: &MoneySettings,
) -> ReportTable {
    let columns = [
        (head, Words),
        ("Threshold", Ranges),
        ("Rows", Numbers),
        ("Approved", Numbers),
        ("Bad among them", Numbers),
        ("Bad let through", Numbers),
        ("Good refused", Numbers),
        ("Recall", Numbers),
        ("Precision", Numbers),
        ("Cost of a row", Numbers),
        ("Expected loss, approved", Numbers),
        ("Realised loss, approved", Numbers),
        ("Expected loss, everyone approved", Numbers),
    ];
    let mut table = ReportTable::new(name, caption, columns);
    let row = |(name, outcome): (String, Option<Outcome>)| {
        let share = |figure: fn(&Outcome) -> Option<f64>| Cell::Share(outcome.as_ref().and_then(figure));
        let count = |figure: fn(&Outcome) -> usize| Cell::Count(outcome.as_ref().map(figure));
        let loss = |figure: fn(&Losses) -> f64| {
            let losses = outcome.as_ref().and_then(|outcome| outcome.losses.as_ref());
            Cell::Money(losses.map(figure), money.currency.clone())
        };
        vec![
            name.into(),
            Cell::Range(outcome.map(|outcome| outcome.thresholds), 3),
            count(|outcome| outcome.confusion.rows()),
            share(Outcome::approval_rate),
            share(Outcome::bad_rate_approved),
            count(|outcome| outcome.confusion.false_good),
            count(|outcome| outcome.confusion.false_bad),
            share(|outcome| outcome.confusion.recall()),
            share(|outcome| outcome.confusion.precision()),
            Cell::Number(outcome.and_then(|outcome| outcome.cost_per_row(money.costs())), 3),
            loss(|losses| losses.expected_approved),
            loss(|losses| losses.realised_approved),
            loss(|losses| losses.expected_all),
        ]
    };
    table.rows = rows.into_iter().map(row).collect();
    table
}

/// Calls against outcomes, over all folds.
fn confusion(compared: &Compared<'_>) -> ReportTable {
    let columns = [
        ("Model", Words),
        ("Bad, called bad", Numbers),
        ("Bad, called good", Numbers),
        ("Good, called good", Numbers),
        ("Good, called bad", Numbers),
    ];
    let caption = "Calls at the cut-off against outcomes, all folds and repeats together.";
    let mut table = ReportTable::new("confusion", caption, columns);
    let row = |model: &ModelResult| {
        let counts = model.confusion();
        let counts = [counts.true_bad, counts.false_good, counts.true_good, counts.false_bad];
        std::iter::once(sentence_case(model.kind.title()).into()).chain(counts.map(Cell::from)).collect()
    };
    table.rows = compared.comparison.models.iter().map(row).collect();
    table
}

/// The light of a back-test.
pub(super) fn light(found: evaluation::Light) -> Light {
    match found {
        evaluation::Light::Consistent => Light::Green,
        evaluation::Light::PdTooLow => Light::Red,
        evaluation::Light::PdTooHigh => Light::Amber,
        evaluation::Light::TooFew => Light::Grey,
    }
}

fn grades(standing: &Standing) -> Vec<Block> {
    let title = sentence_case(standing.model.title());
    if let Err(why) = &standing.scale {
        return vec![Block::missing(format!("{title} has no grades. {why}"))];
    }
    if standing.grades.is_empty() {
        return vec![Block::missing(format!(
            "{title} has grades but no held-out rows of the first repeat to test them on: let the comparison come to its end."
        ))];
    }
    let caption = format!(
        "Master scale of {title} with its back-test: grades chosen on rows that a fit had not seen, tested on held-out rows of \
         the first repeat."
    );
    let name = format!("grades_{}", standing.model.key());
    vec![
        Block::Table(grades_table(&name, caption, &standing.grades)),
        Block::Remark(
            "Jeffreys test: below 5 % with more bad firms than the PD says it is too low, above 95 % with fewer too high. Of \
             right PDs about one in ten is called so by chance, either way together."
                .to_owned(),
        ),
        Block::Pictures(vec![figures::grades(standing)]),
    ]
}

/// Grades with their back-test, a grade a row, the best first.
pub fn grades_table(name: &str, caption: impl Into<String>, grades: &[Grade]) -> ReportTable {
    let columns = [
        ("Grade", Words),
        ("PD from", Numbers),
        ("PD below", Numbers),
        ("Firms, N", Numbers),
        ("Bad, D", Numbers),
        ("Mean PD", Numbers),
        ("Observed, D/N", Numbers),
        ("p, Jeffreys", Numbers),
        ("Back-test", Words),
    ];
    let mut table = ReportTable::new(name, caption, columns);
    let row = |grade: &Grade| {
        vec![
            Cell::Words(grade.name.to_string()),
            Cell::Number(Some(grade.from), 4),
            Cell::Number(Some(grade.to), 4),
            grade.rows.into(),
            grade.bad.into(),
            Cell::Number(grade.mean_pd, 4),
            Cell::Number(grade.bad_rate, 4),
            Cell::P(grade.backtest.p_value),
            Cell::Finding(light(grade.backtest.light), grade.backtest.light.word().to_owned()),
        ]
    };
    table.rows = grades.iter().map(row).collect();
    table
}
