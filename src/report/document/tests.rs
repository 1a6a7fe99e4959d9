//! The whole document of a small run: its tables and figures as files, and the page to look at.

use std::collections::HashSet;
use std::fs;
use std::sync::atomic::AtomicBool;

use super::super::tests::compared;
use super::super::{png, workbook};
use super::*;
use crate::training::{StudyKind, StudySettings, stand_first, study};

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
