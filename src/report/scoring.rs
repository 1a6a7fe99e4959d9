//! A scoring as text for a terminal, as JSON, and its early warnings as CSV and as a table.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use super::compare_json::value;
use super::text::line;
use super::{Cell, ColumnKind, ReportTable, SCHEMA};
use crate::evaluation::Drift;
use crate::scoring::{RiskModel, Standing, Summary, Warning};

/// A scoring with all that it rests on.
pub struct Scored<'a> {
    /// The table.
    pub path: &'a Path,
    /// The model.
    pub model: &'a RiskModel,
    /// What came of it.
    pub summary: &'a Summary,
    /// Firms to look at first; `None` where there is no earlier scoring.
    pub warnings: Option<Warnings<'a>>,
    /// What a person should know, one sentence each.
    pub notes: &'a [String],
}

/// Firms that fell against an earlier scoring.
#[derive(Clone, Copy)]
pub struct Warnings<'a> {
    /// The earlier scoring.
    pub against: &'a Path,
    /// Enterprises that both have.
    pub compared: usize,
    /// Those that fell, the largest exposure first.
    pub warnings: &'a [Warning],
}

/// Early warnings that are printed.
const SHOWN_WARNINGS: usize = 20;

/// The scoring: counts, grades, flags, drift, back-test, early warnings, notes.
pub fn scoring_text(scored: &Scored<'_>) -> String {
    let Scored { path, model, summary, warnings, notes } = scored;
    let Summary { rows, rejected, called_bad, mean_pd, grades, novel, back_test, .. } = *summary;
    let mut text = String::new();
    let (kind, files) = (model.kind.title(), model.record.data.files.join(" + "));
    line(&mut text, &format!("{} scored by the {kind} of {files} ({})", path.display(), model.record.made));
    let mean = mean_pd.map_or_else(|| "undefined".to_owned(), |pd| format!("{pd:.4}"));
    line(
        &mut text,
        &format!(
            "{rows} rows scored, {rejected} rejected; {called_bad} called bad (PD from {:.4} on); mean PD {mean}",
            model.threshold
        ),
    );
    if !grades.is_empty() {
        let counts: Vec<String> = grades.iter().map(|(grade, firms)| format!("{grade} {firms}")).collect();
        line(&mut text, &format!("Grades: {}", counts.join("  ")));
    }
    if let Some(novel) = novel {
        line(&mut text, &format!("Unlike anything in training (free energy above its 99th percentile there): {novel}"));
    }
    flags(&mut text, summary);
    drift(&mut text, summary);
    if let Some(tested) = back_test {
        let figure = |x: Option<f64>| x.map_or_else(|| "undefined".to_owned(), |x| format!("{x:.3}"));
        let metrics = &tested.metrics;
        let rested = match tested.every {
            1 => String::new(),
            every => format!(", figures from one row in {every}"),
        };
        line(
            &mut text,
            &format!(
                "\nBack-test on {} rows with an outcome, {} bad{rested}: AUC {}, KS {}, accuracy {}, recall of the bad {}, \
                 Brier score {}",
                tested.labelled,
                tested.bad,
                figure(metrics.auc),
                figure(metrics.ks),
                figure(metrics.accuracy),
                figure(metrics.recall),
                figure(metrics.brier)
            ),
        );
        if tested.on_training_table {
            let record = &model.record;
            line(
                &mut text,
                &format!(
                    "The model has learned from this table: these figures say too much. On the {} rows held out its AUC was \
                     {}, its recall of the bad {}",
                    record.held_out,
                    figure(record.metrics.auc),
                    figure(record.metrics.recall)
                ),
            );
        }
    }
    if let Some(warnings) = warnings {
        early_warnings(&mut text, *warnings);
    }
    for note in *notes {
        _ = write!(text, "\nNote: {note}");
    }
    text.trim_end().to_owned() + "\n"
}

fn flags(text: &mut String, summary: &Summary) {
    if summary.flagged == 0 {
        return line(text, "No firm has a flag: nothing is missing, unseen or outside the range of training");
    }
    let flagged: Vec<_> = summary
        .flags
        .iter()
        .filter(|counts| counts.missing + counts.not_numbers + counts.unseen + counts.outside > 0)
        .collect();
    let width = width(flagged.iter().map(|counts| counts.indicator.as_str()));
    line(text, &format!("\n{} firms have a flag", summary.flagged));
    line(
        text,
        &format!(
            "{:width$}  {:>9}  {:>12}  {:>9}  {:>13}",
            "Indicator", "Missing", "Not a number", "Unseen", "Outside range"
        ),
    );
    for counts in flagged {
        let name = cut(&counts.indicator, width);
        line(
            text,
            &format!(
                "{name:width$}  {:>9}  {:>12}  {:>9}  {:>13}",
                counts.missing, counts.not_numbers, counts.unseen, counts.outside
            ),
        );
    }
}

fn drift(text: &mut String, summary: &Summary) {
    let indicators = summary.drift.indicators.iter().map(|(name, drift)| (name.as_str(), drift.as_ref()));
    let all: Vec<_> = std::iter::once(("PD", summary.drift.pd.as_ref())).chain(indicators).collect();
    let width = width(all.iter().map(|(name, _)| *name));
    line(
        text,
        "\nDrift of the indicators against the rows learned from, of the PD against the rows held out (PSI; stable below 0.1, \
         large shift above 0.25)",
    );
    line(
        text,
        &format!("{:width$}  {:>7}  {:>7}  {:>9}  {:>9}  {:11}", "", "PSI", "Chance", "N before", "N now", "Light"),
    );
    for (name, drift) in all {
        let name = cut(name, width);
        let Some(drift) = drift else {
            line(text, &format!("{name:width$}  {:>7}", "–"));
            continue;
        };
        let [before, now] = counted(drift);
        let chance = drift.critical.map_or_else(|| "–".to_owned(), |critical| format!("{critical:.3}"));
        let word = drift.stability.word();
        line(text, &format!("{name:width$}  {:>7.3}  {chance:>7}  {before:>9}  {now:>9}  {word:11}", drift.psi));
    }
}

fn early_warnings(text: &mut String, Warnings { against, compared, warnings }: Warnings<'_>) {
    let against = against.display();
    if warnings.is_empty() {
        return line(text, &format!("\nNo grade of {compared} enterprises fell by two or more against {against}"));
    }
    line(text, &format!("\n{} of {compared} enterprises fell by two grades or more against {against}", warnings.len()));
    let shown = &warnings[..warnings.len().min(SHOWN_WARNINGS)];
    let width = width(shown.iter().map(|warning| warning.enterprise.as_str()));
    line(text, &format!("{:width$}  {:>6}  {:>8}  {:>14}", "Enterprise", "Grade", "PD", "Exposure"));
    for Warning { enterprise, before, after } in shown {
        let exposure = after.exposure.map_or_else(|| "–".to_owned(), |exposure| format!("{exposure:.0}"));
        let (name, grades) = (cut(enterprise, width), format!("{} → {}", before.grade, after.grade));
        line(text, &format!("{name:width$}  {grades:>6}  {:>8.4}  {exposure:>14}", after.pd));
    }
    if warnings.len() > shown.len() {
        line(text, &format!("and {} more", warnings.len() - shown.len()));
    }
}

/// Rows of the reference and of the other sample.
fn counted(drift: &Drift) -> [usize; 2] {
    drift.bins.iter().fold([0, 0], |[a, b], bin| [a + bin.reference, b + bin.other])
}

/// Letters for a column of names.
fn width<'a>(names: impl Iterator<Item = &'a str>) -> usize {
    names.map(|name| name.chars().count()).max().unwrap_or(0).clamp(10, 40)
}

fn cut(name: &str, width: usize) -> String {
    name.chars().take(width).collect()
}

/// The scoring as JSON; undefined values are null.
pub fn scoring_json(scored: &Scored<'_>) -> Value {
    let Scored { path, model, summary, warnings, notes } = scored;
    let drift = |drift: Option<&Drift>| {
        drift.map(|drift| {
            let [before, now] = counted(drift);
            json!({
                "psi": drift.psi,
                "critical": drift.critical,
                "stability": value(&drift.stability),
                "reference_rows": before,
                "rows": now,
                "bins": value(&drift.bins),
            })
        })
    };
    let indicators: Vec<Value> = summary
        .drift
        .indicators
        .iter()
        .map(|(indicator, of)| json!({ "indicator": indicator, "drift": drift(of.as_ref()) }))
        .collect();
    let flags: Vec<Value> = summary
        .flags
        .iter()
        .map(|counts| {
            json!({
                "indicator": counts.indicator,
                "missing": counts.missing,
                "not_numbers": counts.not_numbers,
                "unseen": counts.unseen,
                "outside": counts.outside,
            })
        })
        .collect();
    let grades: Vec<Value> =
        summary.grades.iter().map(|(grade, firms)| json!({ "grade": grade, "firms": firms })).collect();
    let back_test = summary.back_test.as_ref().map(|tested| {
        json!({
            "labelled": tested.labelled,
            "bad": tested.bad,
            "every": tested.every,
            "on_training_table": tested.on_training_table,
            "metrics": value(&tested.metrics),
        })
    });
    let early_warnings = warnings.map(|Warnings { against, compared, warnings }| {
        let warning = |Warning { enterprise, before, after }: &Warning| {
            json!({
                "enterprise": enterprise,
                "period_before": before.period,
                "grade_before": before.grade,
                "pd_before": before.pd,
                "period": after.period,
                "grade": after.grade,
                "pd": after.pd,
                "exposure": after.exposure,
            })
        };
        json!({
            "against": against.to_string_lossy(),
            "enterprises_compared": compared,
            "warnings": warnings.iter().map(warning).collect::<Vec<_>>(),
        })
    });
    json!({
        "schema": SCHEMA,
        "path": path.to_string_lossy(),
        "model": {
            "kind": model.kind.key(),
            "made": model.record.made,
            "program": model.record.program,
            "data": model.record.data.files,
            "threshold": model.threshold,
        },
        "rows": summary.rows,
        "rejected": summary.rejected,
        "rejected_rows": value(&summary.first_rejected),
        "called_bad": summary.called_bad,
        "mean_pd": summary.mean_pd,
        "grades": grades,
        "flags": flags,
        "flagged": summary.flagged,
        "novel": summary.novel,
        "drift": { "pd": drift(summary.drift.pd.as_ref()), "indicators": indicators },
        "back_test": back_test,
        "early_warnings": early_warnings,
        "warnings": notes,
    })
}

/// Early warnings as CSV with a header: `enterprise, period_before, grade_before, pd_before, period, grade, pd, exposure`, the
/// largest exposure first.
///
/// # Errors
/// Never on memory: the error is that of the csv writer.
pub fn warnings_csv(warnings: &[Warning]) -> Result<Vec<u8>, csv::Error> {
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record([
        "enterprise",
        "period_before",
        "grade_before",
        "pd_before",
        "period",
        "grade",
        "pd",
        "exposure",
    ])?;
    for Warning { enterprise, before, after } in warnings {
        out.write_record([
            enterprise.clone(),
            before.period.clone().unwrap_or_default(),
            before.grade.to_string(),
            before.pd.to_string(),
            after.period.clone().unwrap_or_default(),
            after.grade.to_string(),
            after.pd.to_string(),
            after.exposure.map_or_else(String::new, |exposure| exposure.to_string()),
        ])?;
    }
    out.into_inner().map_err(|e| e.into_error().into())
}

/// Early warnings with the earlier scoring beside the later one, in the order given.
pub fn warnings_table<'a>(caption: impl Into<String>, warnings: impl IntoIterator<Item = &'a Warning>) -> ReportTable {
    let columns = [
        ("Enterprise", ColumnKind::Words),
        ("Period then", ColumnKind::Words),
        ("Grade then", ColumnKind::Words),
        ("PD then", ColumnKind::Numbers),
        ("Period now", ColumnKind::Words),
        ("Grade now", ColumnKind::Words),
        ("PD now", ColumnKind::Numbers),
        ("Exposure", ColumnKind::Numbers),
    ];
    let mut table = ReportTable::new("early_warnings", caption, columns);
    let standing = |of: &Standing| {
        let period = of.period.clone().unwrap_or_default();
        [period.into(), of.grade.to_string().into(), Cell::Number(Some(of.pd), 4)]
    };
    let row = |Warning { enterprise, before, after }: &Warning| {
        let name = std::iter::once(Cell::from(enterprise.as_str()));
        let standings = standing(before).into_iter().chain(standing(after));
        name.chain(standings).chain([Cell::Number(after.exposure, 0)]).collect()
    };
    table.rows = warnings.into_iter().map(row).collect();
    table
}
