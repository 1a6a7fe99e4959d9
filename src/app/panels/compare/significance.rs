//! The tests behind the verdict: the first model against each other, fold by fold and row by row, with how many comparisons
//! there are.

use egui::{Label, Ui};

use super::verdict::signed;
use super::words::{name, short_name};
use crate::app::panels::{capital, count};
use crate::app::theme::{self, Tone};
use crate::app::widgets::{Column, data_table, remark, table_card};
use crate::evaluation::{DeLong, Mcnemar};
use crate::report::tests_table;
use crate::training::{Analysis, Comparison, ModelKind, PairTests};

/// A probability in a table.
fn p_value(p: Option<f64>) -> String {
    match p {
        None => "–".to_owned(),
        Some(p) if p < 0.001 => "< .001".to_owned(),
        Some(p) => super::words::figure(p),
    }
}

/// One line of the table: a model against the first.
struct Line {
    kind: ModelKind,
    difference: Option<f64>,
    corrected: Option<f64>,
    holm: Option<f64>,
    mcnemar: Option<Mcnemar>,
    delong: Option<DeLong>,
}

/// Draws the card.
pub(super) fn ui(ui: &mut Ui, comparison: &Comparison, analysis: Option<&Analysis>) {
    let Some(first) = comparison.models.first().map(|model| model.kind) else { return };
    let lines: Vec<Line> = comparison.comparisons.iter().filter_map(|c| line(c, analysis)).collect();
    if lines.is_empty() {
        return;
    }
    let metric = comparison.metric();
    // Where nothing can be concluded of a pair, no title concludes.
    let conclusive =
        |line: &Line| comparison.against(first, line.kind, metric).is_some_and(|(_, verdict)| verdict.p.is_some());
    let concluded: Vec<&Line> = lines.iter().filter(|line| conclusive(line)).collect();
    let title = finding(first, &concluded);
    let subtitle = format!(
        "{} against each other on {}, and on the calls of the rows held out in the first repeat",
        short_name(first),
        metric.in_sentence()
    );
    let numbers = || tests_table(comparison, analysis).unwrap_or_default();
    table_card(ui, "tests of difference", [&title, &subtitle], numbers, |ui| {
        let columns = [
            Column::words("Against", 190.0),
            Column::numeric("Difference", 96.0).tooltip("Mean of the first model's figure less the other's, over the folds"),
            Column::numeric("Corrected t, p", 116.0)
                .tooltip("Corrected resampled t-test: training parts overlap, so the plain t-test would be too sure [NB03]"),
            Column::numeric("Holm, p", 84.0)
                .tooltip("The same, adjusted for the number of comparisons: of several some would look significant by chance"),
            Column::numeric("McNemar, p", 100.0)
                .tooltip("Are both wrong equally often? On the same rows, each once; other training rows are not covered"),
            Column::text("Right alone"),
            Column::numeric("DeLong, p", 96.0)
                .tooltip("DeLong's test of two AUCs on the same rows: for one hold-out, as scores of several fits are on no common scale"),
        ];
        data_table(ui, "tests", &columns, lines.len(), None, |ui, row, column| {
            let line = &lines[row];
            let text = match column {
                0 => name(line.kind),
                1 => line.difference.map_or_else(|| "–".to_owned(), signed),
                2 => p_value(line.corrected),
                3 => p_value(line.holm),
                4 => p_value(line.mcnemar.map(|test| test.p)),
                5 => line.mcnemar.map_or_else(String::new, |test| {
                    let [first, other] = [first, line.kind].map(short_name);
                    format!("{first} on {}, {other} on {}", test.only_a_right, test.only_b_right)
                }),
                _ => p_value(line.delong.as_ref().and_then(|test| test.p)),
            };
            ui.add(Label::new(text).truncate());
        });
        ui.add_space(2.0);
        notes_ui(ui, comparison, analysis, lines.len());
    });
}

fn line(against: &crate::evaluation::Comparison, analysis: Option<&Analysis>) -> Option<Line> {
    let kind = ModelKind::from_key(&against.b)?;
    let tests: Option<&PairTests> = analysis.and_then(|analysis| analysis.against(kind));
    Some(Line {
        kind,
        difference: against.mean_difference,
        corrected: against.corrected_t_p,
        holm: tests.and_then(|tests| tests.corrected_t_holm),
        mcnemar: tests.and_then(|tests| tests.mcnemar),
        delong: tests.and_then(|tests| tests.delong),
    })
}

/// What the adjusted tests come to.
fn finding(first: ModelKind, lines: &[&Line]) -> String {
    let differs: Vec<String> = lines
        .iter()
        .filter(|line| line.holm.is_some_and(|p| p < 0.05))
        .map(|line| format!("the {}", line.kind.title()))
        .collect();
    if lines.iter().all(|line| line.holm.is_none()) {
        return "Tests of difference".to_owned();
    }
    if differs.is_empty() {
        format!("{} differs significantly from none of the others", capital(&format!("the {}", first.title())))
    } else {
        let differs = super::words::list(&differs);
        format!("{} differs significantly from {differs}", capital(&format!("the {}", first.title())))
    }
}

fn notes_ui(ui: &mut Ui, comparison: &Comparison, analysis: Option<&Analysis>, n_lines: usize) {
    let mut notes = Vec::new();
    let tested = analysis.and_then(|a| a.pairs.first()).map_or(n_lines, |pair| pair.comparisons);
    if tested > 1 {
        notes.push(format!(
            "{}: Holm's adjustment holds the chance of any false alarm at 5 %.",
            count(tested, "comparison")
        ));
    }
    if comparison.n_splits > 1 {
        notes.push("DeLong's test needs one hold-out: hold rows out by one share to have it.".to_owned());
    }
    for of in analysis.iter().flat_map(|analysis| &analysis.models).take(2) {
        if let Some([low, high]) = of.auc_interval.as_ref().and_then(|auc| auc.interval) {
            let [low, high] = [low, high].map(super::words::figure);
            notes.push(format!("AUC of {}: {low} to {high} with 95 % (DeLong).", short_name(of.kind)));
        }
    }
    if let Some(analysis) = analysis {
        let units = if analysis.by_enterprise { "enterprises" } else { "rows" };
        notes.push(format!("Intervals: {} resamples of the tested {units}.", analysis.resamples));
    } else {
        notes.push("Tests on the rows and intervals come when every fit is done.".to_owned());
    }
    ui.add(Label::new(theme::weak(notes.join(" "))).wrap());
    let bad: usize = comparison
        .models
        .first()
        .map_or(0, |model| model.folds.iter().filter(|f| f.fit.repeat == 0).map(|f| f.scored.metrics.positives).sum());
    if bad < crate::evaluation::FEWEST_BAD_ROWS {
        let text = format!("{} in the test parts: nothing can be concluded.", count(bad, "bad row"));
        remark(ui, Tone::Warn, text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_speak_of_adjusted_tests_only() {
        let line =
            |kind, corrected, holm| Line { kind, difference: None, corrected, holm, mcnemar: None, delong: None };
        let lines = [line(ModelKind::Svm, Some(0.03), Some(0.12)), line(ModelKind::Gbt, Some(0.2), Some(0.2))];
        let refs: Vec<&Line> = lines.iter().collect();
        assert_eq!(finding(ModelKind::Dbn, &refs), "The DBN differs significantly from none of the others");
        let lines = [line(ModelKind::Svm, Some(0.003), Some(0.006)), line(ModelKind::Gbt, Some(0.2), Some(0.2))];
        let refs: Vec<&Line> = lines.iter().collect();
        assert_eq!(finding(ModelKind::Dbn, &refs), "The DBN differs significantly from the SVM");
        assert_eq!(finding(ModelKind::Dbn, &[&line(ModelKind::Svm, None, None)]), "Tests of difference");
    }

    #[test]
    fn p_values_are_written_as_in_papers() {
        assert_eq!([None, Some(0.0001), Some(0.032), Some(1.0)].map(p_value), ["–", "< .001", ".032", "1.000"]);
    }
}
