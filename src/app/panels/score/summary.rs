//! What the scored firms add up to: how many are called bad, how the grades are filled, what is doubtful, and the back-test
//! where outcomes are known.

use egui::{Label, Ui};

use super::{card, numbers_card};
use crate::app::panels::compare::words::figure;
use crate::app::panels::cutoff::{light_ui, percent};
use crate::app::panels::{count, thousands};
use crate::app::scoring::{Concern, ScoredTable};
use crate::app::theme::{self, Palette, Tone};
use crate::app::widgets::{Column, data_table, meter_row, picture_card, precise, remark};
use crate::evaluation::Grade;
use crate::report::{Cell, ColumnKind, ReportTable, grades_table};
use crate::scoring::{BackTested, RiskModel};

/// Draws the cards beside that of the firms called bad.
pub(super) fn ui(ui: &mut Ui, scored: &ScoredTable) {
    if !scored.summary.grades.is_empty() {
        grades_ui(ui, scored);
    }
    concerns_ui(ui, scored);
    if let Some(tested) = &scored.summary.back_test {
        back_test_ui(ui, tested, &scored.overview.tested, &scored.model);
    }
}

/// Draws the card of the firms called bad.
pub(super) fn called_bad_ui(ui: &mut Ui, scored: &ScoredTable) {
    let (n, called_bad) = (scored.firms.len(), scored.summary.called_bad as usize);
    let title = format!("{} called bad", thousands(called_bad));
    let subtitle = format!("a PD of {} or more", percent(scored.model.threshold));
    numbers_card(
        ui,
        "called bad",
        [&title, &subtitle],
        || called_bad_table(scored),
        |ui| {
            let palette = Palette::of(ui);
            let figure = format!("{} of {}", thousands(called_bad), thousands(n));
            meter_row(ui, palette.bad, "Firms", &figure, share(called_bad, n), "");
            if let Some([bad, all]) = scored.overview.exposure {
                let part = if all > 0.0 { bad / all } else { 0.0 };
                meter_row(ui, palette.bad, "Exposure", &format!("{} of {}", precise(bad), precise(all)), part, "");
            }
            if let Some(mean) = scored.summary.mean_pd {
                let model = &scored.model;
                let trained = match model.population_bad_rate {
                    Some(rate) => format!("of the population {}", percent(rate)),
                    None => format!("of training {}", percent(model.bad_rate)),
                };
                ui.add(Label::new(theme::weak(format!("Mean PD {}; bad rate {trained}", percent(mean)))).wrap());
            }
            let rejected = scored.summary.rejected as usize;
            if let (Some(first), true) = (scored.summary.first_rejected.first(), rejected > 0) {
                let text = format!(
                    "{} not scored, the first on line {}: {}.",
                    count(rejected, "row"),
                    first.line,
                    first.reason
                );
                remark(ui, Tone::Warn, text);
            }
        },
    );
}

fn called_bad_table(scored: &ScoredTable) -> ReportTable {
    let heads = [("What", ColumnKind::Words), ("Value", ColumnKind::Numbers)];
    let mut table = ReportTable::new("called_bad", format!("{}, scored.", scored.name), heads);
    let [bad, all] = scored.overview.exposure.map_or([None; 2], |sums| sums.map(Some));
    let figures = [
        ("Firms", Cell::from(scored.firms.len())),
        ("Firms called bad", Cell::from(scored.summary.called_bad as usize)),
        ("Exposure", Cell::Number(all, 2)),
        ("Exposure of those called bad", Cell::Number(bad, 2)),
        ("Called bad from a PD of", Cell::Number(Some(scored.model.threshold), 4)),
        ("Mean PD", Cell::Number(scored.summary.mean_pd, 4)),
        ("Rows not scored", Cell::from(scored.summary.rejected as usize)),
    ];
    table.rows = figures.into_iter().map(|(what, value)| vec![what.into(), value]).collect();
    table
}

fn share(part: usize, of: usize) -> f64 {
    part as f64 / of.max(1) as f64
}

fn grades_ui(ui: &mut Ui, scored: &ScoredTable) {
    let grades = &scored.summary.grades;
    // Of equally full ones the better.
    let most = grades.iter().rev().max_by_key(|(_, firms)| *firms);
    let title = most.map_or_else(String::new, |(name, _)| format!("Most firms are in grade {name}"));
    let numbers = || firms_table(scored, &title);
    picture_card(ui, "firms by grade", [&title, "firms in each grade, A the best"], numbers, |ui| {
        ui.spacing_mut().item_spacing.y = 5.0;
        let palette = Palette::of(ui);
        let fullest = most.map_or(0, |(_, firms)| *firms);
        for (i, (name, firms)) in grades.iter().enumerate() {
            let exposure = scored.overview.grade_exposures.get(i).filter(|_| scored.overview.exposure.is_some());
            let remark = exposure.filter(|_| *firms > 0).map(|sum| format!("exposure {}", precise(*sum)));
            let (name, n) = (format!("Grade {name}"), thousands(*firms as usize));
            let part = share(*firms as usize, fullest as usize);
            meter_row(ui, palette.accent, &name, &n, part, remark.as_deref().unwrap_or_default());
        }
    });
}

fn firms_table(scored: &ScoredTable, caption: &str) -> ReportTable {
    let heads = [("Grade", ColumnKind::Words), ("Firms", ColumnKind::Numbers), ("Exposure", ColumnKind::Numbers)];
    let mut table = ReportTable::new("firms_by_grade", caption, heads);
    let exposures = &scored.overview.grade_exposures;
    let rows = scored.summary.grades.iter().enumerate().map(|(i, (name, firms))| {
        let exposure = exposures.get(i).filter(|_| scored.overview.exposure.is_some()).copied();
        vec![Cell::from(name.to_string()), Cell::Count(Some(*firms as usize)), Cell::Number(exposure, 2)]
    });
    table.rows = rows.collect();
    table
}

fn concerns_ui(ui: &mut Ui, scored: &ScoredTable) {
    let (overview, n) = (&scored.overview, scored.firms.len());
    let title = match overview.flagged {
        0 => "No firm is flagged".to_owned(),
        flagged => format!("{} of {} flagged", thousands(flagged), count(n, "firm")),
    };
    let subtitle = "firms with each; what it means is under the pointer";
    numbers_card(
        ui,
        "flags",
        [&title, subtitle],
        || concerns_table(scored, &title),
        |ui| {
            let palette = Palette::of(ui);
            for (concern, &firms) in Concern::ALL.iter().zip(&overview.concerns).filter(|(_, firms)| **firms > 0) {
                let color = if *concern == Concern::Missing { palette.weak } else { palette.warn };
                let line = ui.scope(|ui| {
                    meter_row(ui, color, concern.name(), &thousands(firms), share(firms, n), "");
                });
                line.response.on_hover_text(concern.meaning());
            }
            if scored.model.novelty.is_none() {
                ui.add(Label::new(theme::weak("Novel firms are told by a pre-trained net only.")).wrap());
            }
            if let Some(text) = scored.matching.told_lacking() {
                remark(ui, Tone::Warn, text);
            }
        },
    );
}

fn concerns_table(scored: &ScoredTable, caption: &str) -> ReportTable {
    let heads = [
        ("Flag", ColumnKind::Words),
        ("Firms", ColumnKind::Numbers),
        ("Share", ColumnKind::Numbers),
        ("Meaning", ColumnKind::Words),
    ];
    let mut table = ReportTable::new("flags", caption, heads);
    let n = scored.firms.len();
    let row = |(concern, &firms): (&Concern, &usize)| {
        let part = (n > 0).then(|| share(firms, n));
        vec![concern.name().into(), firms.into(), Cell::Share(part), concern.meaning().into()]
    };
    table.rows = Concern::ALL.iter().zip(&scored.overview.concerns).map(row).collect();
    table
}

fn back_test_ui(ui: &mut Ui, tested: &BackTested, grades: &[Grade], model: &RiskModel) {
    let metrics = &tested.metrics;
    let or_undefined = |value: Option<f64>| value.map_or_else(|| "undefined".to_owned(), figure);
    let auc = or_undefined(metrics.auc);
    let title = if tested.on_training_table {
        format!("AUC {auc}, rows learned from among them")
    } else {
        format!("Back-test: AUC {auc}")
    };
    let subtitle = format!(
        "{} with a known outcome, {} bad",
        count(tested.labelled as usize, "firm"),
        thousands(tested.bad as usize)
    );
    let contents = |ui: &mut Ui| {
        if tested.on_training_table {
            let (rows, auc) = (model.record.held_out, or_undefined(model.record.metrics.auc));
            let text = format!(
                "The model has learned from this table: these figures say too much. On the {} held out its AUC was {auc}.",
                count(rows, "row")
            );
            remark(ui, Tone::Warn, text);
        }
        let figures = format!(
            "Recall {}, precision {}, Brier {}",
            or_undefined(metrics.recall),
            or_undefined(metrics.precision),
            or_undefined(metrics.brier)
        );
        ui.add(Label::new(figures).wrap());
        if tested.every > 1 {
            ui.add(Label::new(theme::weak(format!("Figures from every {}th of them.", tested.every))).wrap());
        }
        if grades.is_empty() {
            return;
        }
        let wide = |width| theme::width_for_text(ui, width);
        let columns = [
            Column::words("", wide(26.0)),
            Column::numeric("N", wide(48.0)).tooltip("Firms of the grade whose outcome is known"),
            Column::numeric("D", wide(40.0)).tooltip("Bad ones among them"),
            Column::numeric("PD", wide(58.0)).tooltip("Mean PD"),
            Column::text("Jeffreys").tooltip("Does D of N contradict the mean PD?"),
        ];
        data_table(ui, "back-test", &columns, grades.len(), None, |ui, row, column| {
            grade_cell(ui, &grades[row], column);
        });
    };
    if grades.is_empty() {
        card(ui, &title, &subtitle, contents);
    } else {
        numbers_card(
            ui,
            "back-test",
            [&title, &subtitle],
            || grades_table("back_test", title.as_str(), grades),
            contents,
        );
    }
}

fn grade_cell(ui: &mut Ui, grade: &Grade, column: usize) {
    let text = match column {
        0 => theme::semibold(grade.name),
        1 => thousands(grade.rows).into(),
        2 => thousands(grade.bad).into(),
        3 => grade.mean_pd.map_or_else(|| "–".to_owned(), percent).into(),
        _ => return light_ui(ui, grade.backtest.light),
    };
    ui.add(Label::new(text).truncate());
}
