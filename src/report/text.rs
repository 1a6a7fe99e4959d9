//! Results as text for a terminal.

use std::fmt::Write as _;

use super::split_text::split_text;
use super::verdict_text::beneath_verdict;
use super::{Compared, Description};
use crate::data::Role;
use crate::evaluation::{Metric, Summary};

/// The comparison: what was compared, a table, the verdict, the warnings.
pub fn comparison_text(compared: &Compared<'_>) -> String {
    let Compared { source, data, spec, comparison, .. } = compared;
    let labelled = data.labelled_rows().len();
    let mut text = String::new();
    let synthetic = if source.is_synthetic() { " (synthetic)" } else { "" };
    line(&mut text, &format!("{}{synthetic}", source.path.display()));
    line(
        &mut text,
        &format!(
            "{} rows, {} labelled, {} bad ({} = {}), {} indicators; {} splits; seed {}",
            data.n_rows(),
            labelled,
            data.n_bad(),
            data.label_name,
            data.bad_value,
            data.indicators.len(),
            comparison.n_splits,
            spec.settings.seed
        ),
    );
    text.push('\n');
    let width = comparison.models.iter().map(|m| m.kind.title().len()).max().unwrap_or(0).max("Model".len());
    let mut header = format!("{:width$}", "Model");
    for metric in Metric::TABLE {
        _ = write!(header, "  {:>13}", metric.short_label());
    }
    _ = write!(header, "  {:>8}", "Fit");
    line(&mut text, &header);
    for model in &comparison.models {
        let mut row = format!("{:width$}", model.kind.title());
        for metric in Metric::TABLE {
            _ = write!(row, "  {:>13}", plus_minus(model.summary(metric)));
        }
        let fit = model.fit_seconds().mean.map_or("–".to_owned(), |s| format!("{s:.2} s"));
        _ = write!(row, "  {fit:>8}");
        line(&mut text, &row);
    }
    if let Some(verdict) = &comparison.verdict {
        text.push('\n');
        line(&mut text, &verdict.sentence());
    }
    for beneath in beneath_verdict(compared) {
        line(&mut text, &beneath);
    }
    let warnings = compared.warnings();
    if !warnings.is_empty() {
        text.push('\n');
        for warning in warnings {
            line(&mut text, &format!("Note: {warning}"));
        }
    }
    text
}

/// How the table is read and held out.
pub fn description_text(description: &Description<'_>) -> String {
    let source = description.source;
    let reading = &source.reading;
    let roles = &source.guess.roles;
    let mut text = String::new();
    line(&mut text, &format!("{}{}", source.path.display(), if source.is_synthetic() { " (synthetic)" } else { "" }));
    let sheet = reading.sheet.as_ref().map_or_else(String::new, |sheet| format!("sheet \"{sheet}\", "));
    let delimiter = match reading.delimiter {
        Some('\t') => "delimiter tab, ".to_owned(),
        Some(other) => format!("delimiter \"{other}\", "),
        None => String::new(),
    };
    line(
        &mut text,
        &format!(
            "{}, {}, {sheet}{delimiter}decimal \"{}\"; {} rows read, {} rejected, {} columns",
            reading.format,
            reading.encoding,
            reading.decimal,
            reading.rows_read,
            reading.rejected.len(),
            source.table.n_columns()
        ),
    );
    if let Some(label) = roles.position(Role::Label) {
        let bad = roles.bad.as_deref().unwrap_or("not chosen");
        let counts = match &description.data {
            Ok(data) => format!("{} bad of {} labelled rows", data.n_bad(), data.n_labelled()),
            Err(why) => why.clone(),
        };
        line(&mut text, &format!("Label {}, bad value {bad}: {counts}", source.table.names()[label]));
    } else {
        line(&mut text, "No label: name one with --label");
    }
    let missing = reading.missing.iter().map(|count| {
        let token = if count.token.is_empty() { "empty".to_owned() } else { format!("\"{}\"", count.token) };
        let columns = if count.columns.len() == 1 { "column" } else { "columns" };
        format!("{token} {} in {} {columns}", count.cells, count.columns.len())
    });
    let missing: Vec<String> = missing.collect();
    if !missing.is_empty() {
        line(&mut text, &format!("Missing cells: {}", missing.join(", ")));
    }
    text.push('\n');
    let width = source.profiles.iter().map(|p| p.name.chars().count()).max().unwrap_or(0).clamp(6, 40);
    line(
        &mut text,
        &format!(
            "{:width$}  {:6}  {:13}  {:>7}  {:>8}  {:>11}  {:>11}  {:>11}  {:>11}",
            "Column", "Kind", "Role", "Missing", "Distinct", "Mean", "Sd", "Min", "Max"
        ),
    );
    for (p, role) in source.profiles.iter().zip(&roles.roles) {
        let name: String = p.name.chars().take(width).collect();
        let [mean, sd, min, max] = [p.mean, p.sd, p.min, p.max].map(|v| v.map_or("–".to_owned(), significant));
        line(
            &mut text,
            &format!(
                "{name:width$}  {:6}  {:13}  {:>7}  {:>8}  {mean:>11}  {sd:>11}  {min:>11}  {max:>11}",
                p.kind.to_string(),
                role.to_string(),
                p.missing,
                p.distinct
            ),
        );
    }
    text.push_str("\nPreparation, fitted inside each split\n");
    for (i, step) in description.preparation.iter().enumerate() {
        line(&mut text, &format!("{} {:11}{}", i + 1, step.name, step.text));
    }
    if let Ok(splits) = &description.splits
        && !splits.is_empty()
    {
        text.push('\n');
        split_text(&mut text, splits);
    }
    for warning in description.warnings() {
        _ = write!(text, "\nNote: {warning}");
    }
    text.trim_end().to_owned() + "\n"
}

pub(super) fn line(text: &mut String, line: &str) {
    text.push_str(line.trim_end());
    text.push('\n');
}

/// "0.912 ± 0.021", without a deviation where there is none.
pub(super) fn plus_minus(summary: Summary) -> String {
    match (summary.mean, summary.sd) {
        (Some(mean), Some(sd)) => format!("{mean:.3} ± {sd:.3}"),
        (Some(mean), None) => format!("{mean:.3}"),
        (None, _) => "–".to_owned(),
    }
}

/// Four significant digits.
fn significant(x: f64) -> String {
    if x == 0.0 {
        return "0".to_owned();
    }
    let magnitude = x.abs().log10().floor();
    if (-4.0..7.0).contains(&magnitude) {
        format!("{x:.*}", (3.0 - magnitude).max(0.0) as usize)
    } else {
        format!("{x:.3e}")
    }
}
