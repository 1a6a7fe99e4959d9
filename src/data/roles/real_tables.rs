//! The real tables, against what is known of them. Skipped where they are not at hand.

use std::path::PathBuf;

use super::*;
use crate::data::{ColumnProfile, Kind, Reading, Table, almost_numeric, profile, read};

struct Read {
    table: Table,
    reading: Reading,
    profiles: Vec<ColumnProfile>,
    guess: Guess,
}

impl Read {
    fn missing(&self) -> usize {
        self.profiles.iter().map(|profile| profile.missing).sum()
    }

    fn name_with(&self, role: Role) -> Option<&str> {
        self.guess.roles.position(role).map(|column| self.table.names()[column].as_str())
    }

    fn count(&self, role: Role) -> usize {
        self.guess.roles.roles.iter().filter(|&&r| r == role).count()
    }

    fn bad_rows(&self) -> usize {
        let label = self.guess.roles.position(Role::Label).unwrap();
        self.table.column(label).filter(|&cell| Some(cell) == self.guess.roles.bad.as_deref()).count()
    }
}

fn open(name: &str) -> Option<Read> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(name);
    let Ok(bytes) = std::fs::read(&path) else {
        eprintln!("skipped: {name} is not at hand");
        return None;
    };
    let start = std::time::Instant::now();
    let (table, reading) = read(&bytes).unwrap();
    let (read_in, start) = (start.elapsed(), std::time::Instant::now());
    let profiles = profile(&table);
    let guess = guess(&table, &profiles, &RoleRequest::default()).unwrap();
    eprintln!("{name}: read in {read_in:?}, profile and roles in {:?}", start.elapsed());
    assert!(reading.rejected.is_empty(), "{:?}", reading.rejected);
    Some(Read { table, reading, profiles, guess })
}

#[test]
fn polish_3year() {
    let Some(read) = open("polish_3year.csv") else { return };
    assert!(read.reading.notes.is_empty());
    assert_eq!((read.table.n_rows(), read.table.n_columns()), (10_503, 65));
    assert_eq!(read.missing(), 9_888);
    assert!(read.profiles.iter().all(|profile| profile.kind == Kind::Numeric));
    assert_eq!((read.name_with(Role::Label), read.guess.roles.bad.as_deref()), (Some("class"), Some("1")));
    assert_eq!((read.bad_rows(), read.count(Role::Indicator)), (495, 64));
}

#[test]
fn taiwan() {
    let Some(read) = open("taiwan.csv") else { return };
    assert!(read.reading.notes.is_empty());
    assert_eq!((read.table.n_rows(), read.table.n_columns()), (6_819, 96));
    assert_eq!(read.missing(), 0);
    assert!(read.table.names().iter().all(|name| name.trim() == name));
    assert_eq!((read.name_with(Role::Label), read.guess.roles.bad.as_deref()), (Some("Bankrupt?"), Some("1")));
    assert_eq!((read.bad_rows(), read.count(Role::Indicator), read.count(Role::SetAside)), (220, 94, 1));
    assert_eq!(read.name_with(Role::SetAside), Some("Net Income Flag"));
}

#[test]
fn kazakh() {
    let Some(read) = open("kazakh.csv") else { return };
    assert_eq!((read.table.n_rows(), read.table.n_columns()), (400, 30));
    assert_eq!(read.reading.encoding, "UTF-8 with a byte-order mark");
    assert!(read.profiles.iter().all(|profile| profile.kind == Kind::Numeric), "59 cells such as 1 444.83");
    assert_eq!(read.reading.notes.len(), 1);
    assert!(read.reading.notes[0].starts_with("59 numbers"), "{:?}", read.reading.notes);
    assert_eq!((read.name_with(Role::Label), read.guess.roles.bad.as_deref()), (Some("Default"), Some("1")));
    assert_eq!((read.bad_rows(), read.count(Role::Indicator)), (200, 29));
}

#[test]
fn german() {
    let Some(read) = open("german.csv") else { return };
    assert!(read.reading.notes.is_empty());
    assert_eq!((read.table.n_rows(), read.table.n_columns()), (1_000, 21));
    assert_eq!((read.name_with(Role::Label), read.guess.roles.bad.as_deref()), (Some("creditability"), Some("bad")));
    assert_eq!((read.bad_rows(), read.count(Role::Indicator)), (300, 20));
    let telephone = read.table.position("telephone").unwrap();
    assert!(read.table.column(telephone).any(|cell| cell == "yes, registered under the customers name"));
}

#[test]
fn american() {
    let Some(read) = open("american.csv") else { return };
    assert!(read.reading.notes.is_empty());
    assert_eq!((read.table.n_rows(), read.table.n_columns()), (77_332, 21));
    assert_eq!(read.missing(), 0);
    assert_eq!((read.name_with(Role::Label), read.guess.roles.bad.as_deref()), (Some("status_label"), Some("failed")));
    assert_eq!(read.name_with(Role::EnterpriseId), Some("company_name"));
    assert_eq!(read.name_with(Role::Period), Some("year"));
    assert_eq!((read.bad_rows(), read.count(Role::Indicator)), (5_115, 18));
    assert_eq!(read.profiles[0].distinct, 8_956);
    assert_eq!((read.profiles[2].min, read.profiles[2].max), (Some(1999.0), Some(2018.0)));
}

#[test]
fn slovak_with_decimal_commas() {
    for (name, rows) in [("slovak_bankrupt_manufacture_13.csv", 30), ("slovak_nonbankrupt_manufacture_13.csv", 4_077)] {
        let Some(read) = open(name) else { return };
        assert_eq!((read.table.n_rows(), read.table.n_columns()), (rows, 64));
        assert_eq!((read.reading.delimiter, read.reading.decimal, read.reading.header), (Some(';'), ',', true));
        assert_eq!(read.reading.notes, ["Column 1 has no name: it is called \"column 1\"."]);
        assert!(read.profiles.iter().all(|profile| profile.kind == Kind::Numeric));
        assert!(almost_numeric(&read.table, &read.profiles).is_empty());
    }
}

#[test]
fn japanese_without_a_header() {
    let Some(read) = open("japanese_crx.data") else { return };
    assert_eq!((read.table.n_rows(), read.table.n_columns()), (691, 16));
    // Both are written with leading zeros, as ids are; that they are none only a person can know.
    assert!(!read.reading.header && read.reading.notes.len() == 2, "{:?}", read.reading.notes);
    assert!(read.reading.notes[1].starts_with("2 columns are kept as text, the first of them \"column 11\""));
    assert_eq!((read.table.names()[15].as_str(), read.table.cell(0, 1)), ("column 16", "30.83"));
    assert_eq!(read.name_with(Role::Label), Some("column 16"));
    let levels: Vec<&str> = read.profiles[15].levels.iter().map(|(level, _)| level.as_str()).collect();
    assert_eq!(levels, ["-", "+"]);
}

#[test]
fn polish_1year_in_arff() {
    let Some(read) = open("polish_1year.arff") else { return };
    assert!(read.reading.notes.is_empty());
    assert_eq!((read.reading.format, read.reading.decimal, read.reading.header), ("arff", '.', true));
    assert_eq!((read.table.n_rows(), read.table.n_columns()), (7_027, 65));
    assert_eq!(read.missing(), 5_835);
    assert!(read.profiles[..64].iter().all(|profile| profile.kind == Kind::Numeric));
    assert_eq!((read.profiles[64].kind, read.name_with(Role::Label)), (Kind::Text, Some("class")));
    assert_eq!((read.guess.roles.bad.as_deref(), read.bad_rows()), (Some("1"), 271));
}
