//! The data, what was left out of it, and how good it is.

use super::super::table::ColumnKind::{Numbers, Words};
use super::super::{Cell, Compared, Light, ReportTable};
use super::{Block, ModelDocument, model};
use crate::checks::Finding;
use crate::data::{
    ColumnProfile, Reading, Role, Roles, Source, SplitHolding, TokenCount, ValidationKind, split_summary, splits,
};
use crate::training::RunSettings;

/// Rejected records and columns set aside that are listed.
const LISTED: usize = 30;

pub(super) const NO_COMPARISON: &str = "No comparison is known, and so no more of the data than a model keeps: run Compare on the table and write the document again.";

pub(super) fn section(of: &ModelDocument<'_>) -> Vec<Block> {
    let Some(compared) = of.compared else {
        let known = of.model.map(|model| Block::Facts(model::data(model)));
        return known.into_iter().chain([Block::missing(NO_COMPARISON)]).collect();
    };
    let mut blocks = vec![Block::Table(files(compared)), Block::Facts(sample(compared))];
    if compared.source.is_synthetic() {
        blocks.push(Block::Remark(
            "The table is synthetic: it was made up by the program and is no evidence.".to_owned(),
        ));
    }
    blocks.push(Block::Subheading("Exclusions".to_owned()));
    blocks.extend(exclusions(compared));
    blocks.push(Block::Subheading("Rows held out".to_owned()));
    blocks.push(Block::paragraph(held_out(&compared.spec.settings, compared.comparison.n_splits)));
    match splits(compared.data, &compared.spec.settings.validation, compared.spec.settings.seed) {
        Ok(splits) => blocks.push(Block::Table(splits_table(&split_summary(compared.data, &splits)))),
        Err(why) => blocks.push(Block::missing(format!("The rows cannot be held out: {why}."))),
    }
    blocks.push(Block::blank("Where the data come from, and why they stand for the firms the model is used on", 3));
    blocks.push(Block::blank(
        "Firms left out before the file was made (refused applicants, closed accounts), and why",
        2,
    ));
    blocks
}

/// The files with their fingerprints.
fn files(compared: &Compared<'_>) -> ReportTable {
    let columns = [
        ("File", Words),
        ("Format", Words),
        ("Encoding", Words),
        ("Rows read", Numbers),
        ("Rows rejected", Numbers),
        ("SHA-256", Words),
    ];
    let mut table = ReportTable::new("files", "Files read, with the fingerprint of their bytes.", columns);
    let line = |name: String, reading: &Reading| {
        vec![
            name.into(),
            reading.format.into(),
            reading.encoding.into(),
            reading.rows_read.into(),
            reading.rejected.len().into(),
            reading.sha256.clone().into(),
        ]
    };
    let source = compared.source;
    table.rows = match &source.files[..] {
        [] => vec![line(source.path.to_string_lossy().into_owned(), &source.reading)],
        files => files.iter().map(|f| line(f.path.to_string_lossy().into_owned(), &f.reading)).collect(),
    };
    table
}

fn sample(compared: &Compared<'_>) -> ReportTable {
    let Compared { source, roles, data, .. } = compared;
    let (n, labelled, bad) = (data.n_rows(), data.n_labelled(), data.n_bad());
    let share = Cell::Share((labelled > 0).then(|| bad as f64 / labelled as f64)).shown();
    let with_role = |role: Role| {
        let names = source.table.names().iter().zip(&roles.roles);
        names.filter(|(_, r)| **r == role).map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
    };
    let or_none = |text: String| if text.is_empty() { "none".to_owned() } else { text };
    let outcome = if labelled == n {
        "all".to_owned()
    } else {
        format!("{labelled}; the others are learned from without one, by the DBN's pre-training alone")
    };
    let indicators: Vec<&str> = data.indicators.iter().map(|indicator| indicator.name.as_str()).collect();
    let mut facts = vec![
        ("Rows used", n.to_string()),
        ("Rows with an outcome", outcome),
        ("Bad rows", format!("{bad} ({share} of those with an outcome)")),
        ("Label", data.label_name.clone()),
        ("Bad value", data.bad_value.clone()),
        ("Enterprise id", or_none(with_role(Role::EnterpriseId))),
        ("Period", or_none(periods(compared))),
        ("Exposure", or_none(with_role(Role::Exposure))),
        ("Indicators", format!("{}: {}", indicators.len(), indicators.join(", "))),
    ];
    if data.enterprise.is_some() {
        facts.insert(1, ("Enterprises", data.enterprise_names.len().to_string()));
    }
    ReportTable::facts("sample", "The rows that models learn from and are tested on.", facts)
}

/// "year: 2013 to 2017".
fn periods(compared: &Compared<'_>) -> String {
    let Some(column) = compared.roles.position(Role::Period) else { return String::new() };
    let name = &compared.source.table.names()[column];
    let ends = crate::data::latest_period(compared.data).ok().map(|found| (found.before[0].clone(), found.name));
    ends.map_or_else(|| name.clone(), |(first, last)| format!("{name}: {first} to {last}"))
}

fn exclusions(compared: &Compared<'_>) -> Vec<Block> {
    let source = compared.source;
    let mut blocks = Vec::new();
    let readings: Vec<(String, &Reading)> = match &source.files[..] {
        [] => vec![(source.name(), &source.reading)],
        files => files.iter().map(|file| (file.name.clone(), &file.reading)).collect(),
    };
    let rejected: usize = readings.iter().map(|(_, reading)| reading.rejected.len()).sum();
    if rejected == 0 {
        blocks.push(Block::paragraph("No record of a file was rejected."));
    } else {
        let caption = if rejected > LISTED {
            format!("Records rejected on reading, the first {LISTED} of {rejected}.")
        } else {
            "Records rejected on reading.".to_owned()
        };
        let mut table = ReportTable::new("rejected", caption, [("File", Words), ("Line", Numbers), ("Why", Words)]);
        let of_file = |(name, reading): &(String, &Reading)| -> Vec<Vec<Cell>> {
            let line = |r: &crate::data::Rejected| {
                vec![name.clone().into(), (r.line as usize).into(), r.reason.clone().into()]
            };
            reading.rejected.iter().take(LISTED).map(line).collect()
        };
        table.rows = readings.iter().flat_map(of_file).take(LISTED).collect();
        blocks.push(Block::Table(table));
    }
    let names = source.table.names();
    let roles = compared.roles.roles.iter().enumerate();
    let aside: Vec<usize> = roles.filter(|(_, role)| **role == Role::SetAside).map(|(column, _)| column).collect();
    if aside.is_empty() {
        blocks.push(Block::paragraph("No column is set aside."));
    } else {
        let mut table = ReportTable::new("set_aside", "Columns set aside.", [("Column", Words), ("Why", Words)]);
        let why = |column: usize| {
            let found = source.guess.set_aside.iter().find(|(other, _)| *other == column);
            found.map_or_else(|| "by hand".to_owned(), |(_, why)| why.clone())
        };
        table.rows = aside.into_iter().map(|c| vec![names[c].clone().into(), why(c).into()]).collect();
        blocks.push(Block::Table(table));
    }
    blocks
}

/// How rows are held out, in a sentence.
pub(super) fn held_out(settings: &RunSettings, n_splits: usize) -> String {
    let validation = &settings.validation;
    let how = match validation.kind {
        ValidationKind::Holdout => {
            format!("{} of the labelled rows are held out, by class", Cell::Share(Some(validation.test_share)).shown())
        }
        ValidationKind::Kfold => format!("Rows are held out in {} folds, by class", validation.folds),
        ValidationKind::Grouped => {
            format!("Rows are held out in {} folds, all rows of an enterprise on one side", validation.folds)
        }
        ValidationKind::OutOfTime => "The latest periods are held out, after all that is learned from".to_owned(),
        ValidationKind::Column => "Rows are held out as a column of the table says".to_owned(),
    };
    let repeats = if validation.kind.repeats() && validation.repeats > 1 {
        format!(", drawn {} times", validation.repeats)
    } else {
        String::new()
    };
    let splits = if n_splits == 1 { "1 split".to_owned() } else { format!("{n_splits} splits") };
    format!(
        "{how}{repeats}: {splits}. Every step of the preparation is fitted inside the split, on its training rows alone; the \
         rows held out are only passed through."
    )
}

/// What each split holds, in labelled rows: a split a row.
pub fn splits_table(held: &[SplitHolding]) -> ReportTable {
    let validation = held.iter().any(|split| split.validation.is_some());
    let (firms, periods) = held
        .first()
        .map_or((false, false), |split| (split.enterprises_on_both_sides.is_some(), split.test.first_period.is_some()));
    let mut columns = vec![
        ("Split", Words),
        ("Learned from", Numbers),
        ("Bad among them", Numbers),
        ("Tested on", Numbers),
        ("Bad among them, tested", Numbers),
        ("Exact copies on both sides", Numbers),
    ];
    if validation {
        columns.extend([("Marked for validation", Numbers), ("Bad among them, validation", Numbers)]);
    }
    if firms {
        let heads = ["Enterprises learned from", "Enterprises tested on", "Enterprises on both sides"];
        columns.extend(heads.map(|head| (head, Numbers)));
    }
    columns.extend(periods.then_some(("Periods tested", Words)));
    let mut table = ReportTable::new("splits", "What each split holds, in labelled rows.", columns);
    let repeated = held.iter().any(|split| split.repeat > 1);
    table.rows = held
        .iter()
        .map(|split| {
            let name = if repeated { format!("{}.{}", split.repeat, split.fold) } else { split.fold.to_string() };
            let mut cells: Vec<Cell> = vec![
                name.into(),
                split.train.rows.into(),
                Cell::Share(split.train.bad_share),
                split.test.rows.into(),
                Cell::Share(split.test.bad_share),
                split.duplicates_on_both_sides.into(),
            ];
            if validation {
                let part = split.validation.as_ref();
                let bad = Cell::Share(part.and_then(|part| part.bad_share));
                cells.extend([Cell::Count(part.map(|part| part.rows)), bad]);
            }
            if firms {
                let counts = [split.train.enterprises, split.test.enterprises, split.enterprises_on_both_sides];
                cells.extend(counts.map(Cell::Count));
            }
            let period = || match (&split.test.first_period, &split.test.last_period) {
                (Some(first), Some(last)) if first == last => first.clone(),
                (Some(first), Some(last)) => format!("{first} to {last}"),
                _ => "–".to_owned(),
            };
            cells.extend(periods.then(|| period().into()));
            cells
        })
        .collect();
    table
}

pub(super) fn quality(of: &ModelDocument<'_>) -> Vec<Block> {
    let Some(compared) = of.compared else {
        let known = of.model.map(|model| Block::Table(model::columns(model)));
        return known.into_iter().chain([Block::missing(NO_COMPARISON)]).collect();
    };
    let mut blocks = Vec::new();
    if compared.findings.is_empty() {
        blocks.push(Block::paragraph(
            "The checks of the table (copies of the label, gaps that tell the outcome, copied rows and columns, ids among the \
             indicators, mixed units, codes for missing values, empty and constant columns) have found nothing.",
        ));
    } else {
        blocks.push(Block::Table(findings_table(compared.findings)));
    }
    blocks.push(Block::Table(columns_table(compared.source, compared.roles)));
    blocks.push(if compared.source.reading.missing.is_empty() {
        Block::paragraph("No cell of the table is missing.")
    } else {
        Block::Table(missing_table(&compared.source.reading.missing))
    });
    let mut steps = ReportTable::new(
        "preparation",
        "Preparation, in this order; every step is fitted inside each split.",
        [("Step", Words), ("What it does", Words)],
    );
    let found = compared.spec.settings.preparation.steps();
    steps.rows = found.into_iter().map(|step| vec![step.name.into(), step.text.into()]).collect();
    blocks.push(Block::Table(steps));
    blocks.push(Block::blank("What was done about each finding, and judgement on the quality of the data", 4));
    blocks
}

/// What the checks of the table have found, a finding a row.
pub fn findings_table(findings: &[Finding]) -> ReportTable {
    let columns = [("Concerns", Words), ("Finding", Words)];
    let mut table = ReportTable::new("findings", "What the checks of the table have found.", columns);
    let line = |finding: &Finding| {
        let light = if finding.check.concerns_figures() {
            Cell::Finding(Light::Red, "the figures".to_owned())
        } else {
            Cell::Finding(Light::Amber, "the data".to_owned())
        };
        vec![light, finding.text.clone().into()]
    };
    table.rows = findings.iter().map(line).collect();
    table
}

/// Every column with its role and figures, in the order of the table.
pub fn columns_table(source: &Source, roles: &Roles) -> ReportTable {
    let heads = [
        ("Column", Words),
        ("Role", Words),
        ("Kind", Words),
        ("Missing", Numbers),
        ("Distinct", Numbers),
        ("Mean", Numbers),
        ("Sd", Numbers),
        ("Minimum", Numbers),
        ("Median", Numbers),
        ("Maximum", Numbers),
        ("Far out", Numbers),
    ];
    let caption =
        "Every column of the table. Far out: numbers more than three interquartile ranges outside the quartiles.";
    let mut table = ReportTable::new("columns", caption, heads);
    let rows = source.table.n_rows();
    let line = |(profile, role): (&ColumnProfile, &Role)| {
        let figure = |value: Option<f64>| Cell::Number(value, decimals(value));
        vec![
            profile.name.clone().into(),
            role.to_string().into(),
            profile.kind.to_string().into(),
            Cell::Share((rows > 0).then(|| profile.missing as f64 / rows as f64)),
            profile.distinct.into(),
            figure(profile.mean),
            figure(profile.sd),
            figure(profile.min),
            figure(profile.quantiles.map(|quantiles| quantiles[3])),
            figure(profile.max),
            Cell::Count(profile.outliers),
        ]
    };
    table.rows = source.profiles.iter().zip(&roles.roles).map(line).collect();
    table
}

/// Decimals that leave about four digits.
pub(super) fn decimals(value: Option<f64>) -> usize {
    match value.map(f64::abs) {
        Some(size) if size >= 1000.0 => 0,
        Some(size) if size >= 100.0 => 1,
        Some(size) if size >= 10.0 => 2,
        _ => 3,
    }
}

/// What missing cells say, a token a row.
pub fn missing_table(found: &[TokenCount]) -> ReportTable {
    let columns = [("The cell says", Words), ("Cells", Numbers), ("Columns", Numbers)];
    let mut table = ReportTable::new("missing", "What missing cells say.", columns);
    let line = |count: &TokenCount| {
        let token = if count.token.is_empty() { "nothing".to_owned() } else { format!("\"{}\"", count.token) };
        vec![token.into(), count.cells.into(), count.columns.len().into()]
    };
    table.rows = found.iter().map(line).collect();
    table
}
