//! What is to be watched when the model is in use: proposed lights, worked out from what is known; who watches and what follows
//! is for a person to say.

use super::super::table::ColumnKind::Words;
use super::super::{Cell, Compared, ReportTable, sentence_case};
use super::data::NO_COMPARISON;
use super::{Block, ModelDocument};
use crate::evaluation::{FEWEST_BAD_ROWS, Light, Metric};
use crate::training::{ModelResult, Standing};

pub(super) fn section(of: &ModelDocument<'_>) -> Vec<Block> {
    let Some(compared) = of.compared else { return vec![Block::missing(NO_COMPARISON)] };
    let Some(first) = compared.comparison.models.first() else { return vec![Block::missing(NO_COMPARISON)] };
    let standing = of.standing.iter().find(|standing| standing.model == first.kind);
    let mut blocks = vec![
        Block::paragraph(format!(
            "The lights below are proposals for {}, worked out from the figures of this document. What needs no outcome is \
             looked at with every scoring; what needs outcomes, as soon as they are known. A period proposed: {}.",
            sentence_case(first.kind.title()),
            period(compared)
        )),
        Block::Table(plan(compared, first, standing)),
    ];
    if let Some(rate) = bad_rate(compared) {
        let firms = (FEWEST_BAD_ROWS as f64 / rate).ceil() as usize;
        blocks.push(Block::paragraph(format!(
            "With {} bad, about {firms} firms with a known outcome are needed before {FEWEST_BAD_ROWS} of them are bad; with \
             fewer nothing is concluded about discrimination or calibration.",
            Cell::Share(Some(rate)).shown()
        )));
    }
    for (what, lines) in [
        ("Who looks at the lights, and how often", 2),
        ("Who is told when a light is amber or red, and what is then done", 3),
        ("Date of the next review, and what brings it forward", 1),
    ] {
        blocks.push(Block::blank(what, lines));
    }
    blocks
}

fn bad_rate(compared: &Compared<'_>) -> Option<f64> {
    let (bad, labelled) = (compared.data.n_bad(), compared.data.n_labelled());
    (bad > 0 && labelled > 0).then(|| bad as f64 / labelled as f64)
}

/// As often as new firms come.
fn period(compared: &Compared<'_>) -> &'static str {
    if compared.data.period.is_some() {
        "each period of the table, as its rows come in"
    } else {
        "a quarter, since the table does not tell how often rows come in"
    }
}

fn plan(compared: &Compared<'_>, first: &ModelResult, standing: Option<&Standing>) -> ReportTable {
    let columns = ["What", "Now", "Green", "Amber", "Red", "When"].map(|head| (head, Words));
    let caption = "Lights proposed. Now: the figure in this document, on rows held out.";
    let mut table = ReportTable::new("monitoring", caption, columns);
    let mut add = |cells: [String; 6]| table.rows.push(cells.map(Cell::from).into());
    let (scoring, outcomes) = ("every scoring".to_owned(), "when outcomes are known".to_owned());
    let unknown = || "not known".to_owned();
    let number = |value: f64| Cell::Number(Some(value), 3).shown();
    let drift = standing.and_then(|standing| standing.stability.as_ref().ok());
    let bands = ["below 0.10", "0.10 to 0.25", "above 0.25, beyond chance"].map(str::to_owned);
    let psi = drift.and_then(|drift| drift.scores.as_ref()).map_or_else(unknown, |drift| number(drift.psi));
    let [green, amber, red] = bands.clone();
    add(["PSI of the probabilities".to_owned(), psi, green, amber, red, scoring.clone()]);
    let csi =
        drift.and_then(|drift| drift.indicators.first()).and_then(|(name, drift)| Some((name, drift.as_ref()?.psi)));
    let csi = csi.map_or_else(unknown, |(name, psi)| format!("at most {} ({name})", number(psi)));
    let [green, amber, red] = bands;
    add(["CSI of each indicator".to_owned(), csi, green, amber, red, scoring.clone()]);
    add(gaps(compared, scoring.clone()));
    add([
        "Levels of categories never seen".to_owned(),
        "none".to_owned(),
        "none".to_owned(),
        "in up to 1 % of firms".to_owned(),
        "in more".to_owned(),
        scoring.clone(),
    ]);
    add([
        "Firms unlike those learned from (free energy above the 99th percentile; DBN)".to_owned(),
        "1.0 %".to_owned(),
        "up to 2 %".to_owned(),
        "2 to 5 %".to_owned(),
        "above 5 %".to_owned(),
        scoring,
    ]);
    add(discrimination(compared, first, outcomes.clone()));
    add([
        "Calibration in the large: bad firms against the sum of probabilities (Jeffreys test)".to_owned(),
        standing.and_then(|s| s.line.as_ref()).map_or_else(unknown, |line| {
            format!("{} ± {} log-odds", Cell::Number(Some(line.in_the_large.value), 2).shown(), {
                Cell::Number(Some(line.in_the_large.standard_error), 2).shown()
            })
        }),
        "p from 5 %".to_owned(),
        "p from 1 to 5 %".to_owned(),
        "p below 1 %, more bad than foretold".to_owned(),
        outcomes.clone(),
    ]);
    add(grades(standing, outcomes));
    add([
        "Overrides".to_owned(),
        "see Overrides".to_owned(),
        "up to 5 % of decisions".to_owned(),
        "5 to 10 %".to_owned(),
        "above 10 %, or one reason in most".to_owned(),
        "every period".to_owned(),
    ]);
    table
}

/// Missing cells among those of the indicators.
fn gaps(compared: &Compared<'_>, when: String) -> [String; 6] {
    let source = compared.source;
    let names: Vec<&str> = compared.data.indicators.iter().map(|indicator| indicator.name.as_str()).collect();
    let missing: usize = source.profiles.iter().filter(|p| names.contains(&p.name.as_str())).map(|p| p.missing).sum();
    let cells = names.len() * source.table.n_rows();
    let share = if cells == 0 { 0.0 } else { missing as f64 / cells as f64 };
    let text = |share: f64| Cell::Share(Some(share)).shown();
    // Half as much again is a change of how the table is made; small shares have a floor of a point.
    let (watch, act) = ((1.5 * share).max(share + 0.01), (2.0 * share).max(share + 0.05));
    [
        "Missing cells of the indicators".to_owned(),
        text(share),
        format!("up to {}", text(watch)),
        format!("{} to {}", text(watch), text(act)),
        format!("above {}", text(act)),
        when,
    ]
}

/// The interval of the metric of the verdict: inside it is what was promised.
fn discrimination(compared: &Compared<'_>, first: &ModelResult, when: String) -> [String; 6] {
    let metric = Metric::Auc;
    let mean = first.summary(metric).mean;
    let intervals = compared.analysis.and_then(|analysis| analysis.model(first.kind)?.intervals.as_ref());
    let number = |value: f64| Cell::Number(Some(value), 3).shown();
    let what = "Discrimination (AUC)".to_owned();
    let (Some(mean), Some([low, _])) = (mean, intervals.and_then(|intervals| intervals.get(metric))) else {
        let open = || "to be decided".to_owned();
        return [what, Cell::Number(mean, 3).shown(), open(), open(), open(), when];
    };
    // Twice as far below the mean as its interval reaches.
    let floor = (2.0 * low - mean).max(0.5);
    [
        what,
        number(mean),
        format!("from {} (the lower end of its interval)", number(low)),
        format!("{} to {}", number(floor), number(low)),
        format!("below {}", number(floor)),
        when,
    ]
}

fn grades(standing: Option<&Standing>, when: String) -> [String; 6] {
    let what = "Grades whose PD is too low (Jeffreys test, 5 %)".to_owned();
    let grades = standing.map_or(&[][..], |standing| &standing.grades);
    let now = match grades {
        [] => "not known".to_owned(),
        all => {
            let low = all.iter().filter(|grade| grade.backtest.light == Light::PdTooLow).count();
            format!("{low} of {}", all.len())
        }
    };
    let [green, amber, red] = ["none", "1", "2 or more, or the worst grade"].map(str::to_owned);
    [what, now, green, amber, red, when]
}
