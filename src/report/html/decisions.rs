//! What the cut-off does to firms and money, and the rows on which the first two models disagree.

use super::super::verdict_text::chosen;
use super::super::{Compared, sentence_case};
use super::page::{Markup, Page, money, number, percent};
use crate::training::{Disagreement, Outcome, Rows};

/// Rows that are listed.
const LISTED: usize = 30;

/// The cut-off: how it was chosen, and what it comes to.
pub(super) fn cutoff(page: &mut Page, compared: &Compared<'_>) {
    let Compared { spec, comparison, .. } = compared;
    let settings = &spec.settings;
    page.heading(&format!("Cut-off: {}", settings.cutoff.in_words()));
    let worth = &settings.money;
    let exposure = match (compared.data.exposure.is_some(), worth.exposure) {
        (true, _) => "the exposures of the table".to_owned(),
        (false, Some(exposure)) => format!("an exposure of {} each", money(Some(exposure), &worth.currency)),
        (false, None) => "no exposures, and so no losses".to_owned(),
    };
    page.paragraph(&format!(
        "It is {}, and reported on the held-out rows of the first repeat, each once. A bad firm called good costs {}, a good \
         one called bad {}; {} of the exposure is lost on default, with {exposure}.",
        chosen(settings.cutoff),
        worth.cost_false_good,
        worth.cost_false_bad,
        percent(Some(worth.loss_given_default)),
    ));
    let head: Vec<String> = [
        "Model",
        "Threshold",
        "Rows",
        "Approved",
        "Bad among them",
        "Recall",
        "Precision",
        "Cost of a row",
        "Expected loss, approved",
        "Realised loss, approved",
    ]
    .map(str::to_owned)
    .to_vec();
    let of_model = |kind: &str, outcome: &Outcome| {
        let [from, to] = outcome.thresholds.map(|threshold| number(Some(threshold), 3));
        let loss = |loss: Option<f64>| money(loss, &worth.currency);
        [
            sentence_case(kind),
            if from == to { from } else { format!("{from} to {to}") },
            outcome.confusion.rows().to_string(),
            percent(outcome.approval_rate()),
            percent(outcome.bad_rate_approved()),
            percent(outcome.confusion.recall()),
            percent(outcome.confusion.precision()),
            number(outcome.cost_per_row(worth.costs()), 3),
            loss(outcome.losses.map(|losses| losses.expected_approved)),
            loss(outcome.losses.map(|losses| losses.realised_approved)),
        ]
        .iter()
        .map(|cell| Markup::text(cell))
        .collect::<Vec<_>>()
    };
    for (rows, words) in [
        (Rows::Test, "On the test rows, which are reported:"),
        (
            Rows::Validation,
            "On the validation rows, which rules choose on (training rows, by fits that had not seen them; each stands once \
             for every fold that it trains):",
        ),
    ] {
        let outcome = |model: &crate::training::ModelResult| model.outcome(settings.cutoff, worth, rows);
        let found: Vec<Vec<Markup>> =
            comparison.models.iter().filter_map(|model| Some(of_model(model.kind.title(), &outcome(model)?))).collect();
        if !found.is_empty() {
            page.paragraph(words);
            page.table(&head, &found);
        }
    }
    confusion(page, compared);
}

/// Calls against outcomes, over all folds.
fn confusion(page: &mut Page, compared: &Compared<'_>) {
    page.paragraph("Calls at the cut-off against outcomes, all folds and repeats together:");
    let head =
        ["Model", "Bad, called bad", "Bad, called good", "Good, called good", "Good, called bad"].map(str::to_owned);
    let rows: Vec<Vec<Markup>> = compared
        .comparison
        .models
        .iter()
        .map(|model| {
            let counts = model.confusion();
            let counts = [counts.true_bad, counts.false_good, counts.true_good, counts.false_bad];
            std::iter::once(Markup::text(&sentence_case(model.kind.title())))
                .chain(counts.map(|count| Markup::text(&count.to_string())))
                .collect()
        })
        .collect();
    page.table(&head, &rows);
}

/// The rows with the largest exposures that the first two models call differently; the widest gaps where none is known.
pub(super) fn disagreements(page: &mut Page, compared: &Compared<'_>) {
    let (Some(analysis), [first, second, ..]) = (compared.analysis, &compared.comparison.models[..]) else { return };
    let data = compared.data;
    let [a, b] = [first, second].map(|model| sentence_case(model.kind.title()));
    page.heading(&format!("Rows on which {a} and {b} disagree"));
    let n = analysis.disagreements.len();
    let a_right = analysis.disagreements.iter().filter(|row| row.bad == row.first_calls_bad).count();
    page.paragraph(&format!(
        "{n} held-out rows are called bad by one and good by the other: {a} is right on {a_right}, {b} on {}.",
        n - a_right
    ));
    if n == 0 {
        return;
    }
    let weight = |row: &Disagreement| match &data.exposure {
        // Rows of unknown exposure come last.
        Some(exposure) => Some(exposure[row.row]).filter(|e| e.is_finite()).unwrap_or(-1.0),
        None => (row.pd[0] - row.pd[1]).abs(),
    };
    let mut listed: Vec<&Disagreement> = analysis.disagreements.iter().collect();
    listed.sort_by(|x, y| weight(y).total_cmp(&weight(x)).then(x.row.cmp(&y.row)));
    listed.truncate(LISTED);
    if n > LISTED {
        let which = if data.exposure.is_some() { "largest exposure" } else { "widest gap" };
        page.paragraph(&format!("Those {LISTED} with the {which}:"));
    }
    let mut head = vec!["Row of the table".to_owned()];
    head.extend(data.enterprise.as_ref().map(|_| "Enterprise".to_owned()));
    head.extend(data.period.as_ref().map(|_| "Period".to_owned()));
    head.extend(["Outcome".to_owned(), format!("Probability, {a}"), format!("Probability, {b}")]);
    head.extend(["Called bad by".to_owned(), "Right".to_owned()]);
    head.extend(data.exposure.as_ref().map(|_| "Exposure".to_owned()));
    let rows: Vec<Vec<Markup>> = listed
        .iter()
        .map(|row| {
            let mut cells = vec![data.source_rows[row.row].to_string()];
            let enterprise = data.enterprise.as_ref().map(|codes| codes[row.row] as usize);
            cells.extend(enterprise.map(|code| data.enterprise_names.get(code).cloned().unwrap_or_default()));
            cells.extend(data.period.as_ref().map(|period| period[row.row].clone()));
            let (caller, other) = if row.first_calls_bad { (&a, &b) } else { (&b, &a) };
            cells.push(if row.bad { "bad" } else { "good" }.to_owned());
            cells.extend(row.pd.map(|pd| number(Some(pd), 3)));
            cells.extend([caller.clone(), if row.bad { caller } else { other }.clone()]);
            let exposure = data.exposure.as_ref().map(|exposure| Some(exposure[row.row]).filter(|e| e.is_finite()));
            cells.extend(exposure.map(|exposure| money(exposure, &compared.spec.settings.money.currency)));
            cells.iter().map(|cell| Markup::text(cell)).collect()
        })
        .collect();
    page.table(&head, &rows);
}
