//! The whole document of a small run: its tables and figures as files, and the page to look at.

use std::collections::HashSet;
use std::fs;
use std::sync::atomic::AtomicBool;

use super::super::tests::compared;
use super::super::{Cell, png, workbook};
use super::*;
use crate::data::{Holding, SplitHolding};
use crate::evaluation::{Confusion, Losses, Metric};
use crate::training::{MoneySettings, Outcome, StudyKind, StudySettings, stand_first, study};

/// The document with everything that a run holds.
fn whole(check: impl FnOnce(&ModelDocument<'_>)) {
    compared(|c| {
        let stop = AtomicBool::new(false);
        let standing = stand_first(c.data, c.spec, c.comparison, 2, &stop).unwrap().unwrap();
        let levels = Some(vec![0.0, 0.5]);
        let noise = StudySettings { levels, draws: Some(1), ..StudySettings::of(StudyKind::Noise) }.check().unwrap();
        let noise = study(c.data, c.spec, &noise, 2, &|_| (), &stop).unwrap();
        check(&ModelDocument {
            written: "2026-11-23T13:20:00Z",
            compared: Some(c),
            command: Some("beliefscope compare"),
            standing: &standing,
            studies: &[&noise],
            ..ModelDocument::default()
        });
    });
}

#[test]
fn every_table_and_figure_is_a_file_of_its_own() {
    whole(|of| {
        let document = Document::new(of);
        let (tables, pictures) = (document.tables(), document.pictures());
        let mut names = HashSet::new();
        for table in &tables {
            assert!(names.insert(&table.name) && !table.caption.is_empty(), "{}", table.name);
            assert!(table.name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'), "{}", table.name);
            assert!(table.rows.iter().all(|row| row.len() == table.columns.len()), "{}", table.name);
            let csv = table.csv().unwrap();
            let mut reader = csv::Reader::from_reader(csv.as_slice());
            assert_eq!(reader.records().map(Result::unwrap).count(), table.rows.len(), "{}", table.name);
        }
        for name in
            ["models", "tests", "calibration", "grades_dbn", "psi", "csi", "study_noise_auc", "monitoring", "splits"]
        {
            assert!(tables.iter().any(|table| table.name == name), "{name}");
        }
        assert!(workbook(&tables).unwrap().starts_with(b"PK"));
        let mut names = HashSet::new();
        for picture in &pictures {
            assert!(names.insert(&picture.name) && !picture.caption.is_empty(), "{}", picture.name);
            let svg = picture.svg([320, 240]);
            assert!(!svg.contains("NaN") && !svg.contains("inf") && !svg.contains("Undefined"), "{}", picture.name);
        }
        assert!(png(&pictures[0].svg([320, 240]), [320, 240]).unwrap().starts_with(b"\x89PNG"));
        for name in ["grades_dbn", "drift_dbn", "study_noise_recall", "cost"] {
            assert!(pictures.iter().any(|picture| picture.name == name), "{name}");
        }
        // To look at: DOCUMENT_FOLDER=… cargo test every_table.
        if let Some(folder) = std::env::var_os("DOCUMENT_FOLDER").map(std::path::PathBuf::from) {
            fs::write(folder.join("document.html"), document.html()).unwrap();
            fs::write(folder.join("tables.xlsx"), workbook(&tables).unwrap()).unwrap();
            for picture in pictures {
                let size = [720, 480];
                fs::write(folder.join(&picture.name).with_extension("png"), png(&picture.svg(size), size).unwrap())
                    .unwrap();
            }
        }
    });
}

#[test]
fn the_order_is_that_of_the_guidance_and_every_section_says_something() {
    let document = Document::new(&ModelDocument::default());
    let titles: Vec<&str> = document.sections.iter().map(|section| section.title).collect();
    assert_eq!(titles[..3], ["Purpose and scope", "Data and exclusions", "Data quality"]);
    assert_eq!(titles[13..], ["Change log", "Overrides"]);
    assert!(document.sections.iter().all(|section| !section.blocks.is_empty()));
}

#[test]
fn a_table_alone_is_that_of_the_document() {
    whole(|of| {
        let (document, compared) = (Document::new(of), of.compared.unwrap());
        let tables = document.tables();
        let named = |name: &str| *tables.iter().find(|table| table.name == name).unwrap();
        assert_eq!(named("columns"), &columns_table(compared.source, compared.roles));
        assert_eq!(named("calibration"), &calibration_table(of.standing));
        let disagreements = &compared.analysis.unwrap().disagreements;
        let all = disagreements_table(compared.comparison, compared.data, disagreements, "€", None).unwrap();
        let listed = named("disagreements");
        assert_eq!((all.rows.len(), &all.columns), (disagreements.len(), &listed.columns));
        assert_eq!(all.rows[..listed.rows.len()], listed.rows[..], "the document has the first of them");
        let [auc, recall] = ["study_noise_auc", "study_noise_recall"].map(named);
        let both = study_table(of.studies[0]);
        assert_eq!((both.name.as_str(), both.columns.len()), ("study_noise", auc.columns.len() + 1));
        let parts = auc.rows.iter().chain(&recall.rows);
        assert!(both.rows.iter().map(|row| &row[1..]).eq(parts.map(|row| &row[..])));
        assert_eq!(
            [&both.rows[0][0], &both.rows[auc.rows.len()][0]],
            [Metric::Auc, Metric::Recall].map(|m| Cell::from(m.label())).each_ref()
        );
    });
}

#[test]
fn a_cutoff_is_told_by_its_counts_and_a_rule_that_finds_none_is_undefined() {
    let outcome = Outcome {
        thresholds: [0.25, 0.5],
        confusion: Confusion { true_bad: 3, false_bad: 2, true_good: 4, false_good: 1 },
        losses: Some(Losses { expected_approved: 10.0, expected_all: 40.0, realised_approved: 20.0 }),
        unpriced: 0,
        fell_back: false,
    };
    let money = MoneySettings { cost_false_good: 5.0, cost_false_bad: 1.0, ..MoneySettings::default() };
    let rows = [("found".to_owned(), Some(outcome)), ("none".to_owned(), None)];
    let table = cutoff_table("rules", "Rules.", "Rule", rows, &money);
    let lines = String::from_utf8(table.csv().unwrap()).unwrap();
    let lines: Vec<&str> = lines.lines().skip(1).collect();
    // 5 of 10 approved, 1 of them bad; 3 of 4 bad ones found, 3 of 5 calls right; (5 · 1 + 1 · 2) / 10.
    assert_eq!(lines, ["found,0.25,0.5,10,0.5,0.2,1,2,0.75,0.6,0.7,10,20,40", "none,,,,,,,,,,,,,"]);
}

#[test]
fn splits_say_what_is_marked_for_validation_and_whose_rows_they_are() {
    let part = |rows: usize, bad: usize| Holding {
        rows,
        bad,
        bad_share: Some(bad as f64 / rows as f64),
        enterprises: Some(rows / 2),
        first_period: None,
        last_period: None,
    };
    let split = |fold, validation| SplitHolding {
        fold,
        repeat: 1,
        train: part(20, 5),
        validation,
        test: part(10, 1),
        withheld: 0,
        left_out: 0,
        enterprises_on_both_sides: Some(0),
        duplicates_on_both_sides: 3,
    };
    let table = splits_table(&[split(1, Some(part(4, 1))), split(2, None)]);
    let lines = String::from_utf8(table.csv().unwrap()).unwrap();
    let lines: Vec<&str> = lines.lines().skip(1).collect();
    assert_eq!(lines, ["1,20,0.25,10,0.1,3,4,0.25,10,5,0", "2,20,0.25,10,0.1,3,,,10,5,0"]);
}
