//! Tables in every form, by hand and read back.

use std::io::Cursor;

use calamine::{Data, Reader as _, Xlsx};

use super::*;

fn table() -> ReportTable {
    let columns = [
        ("What", ColumnKind::Words),
        ("AUC", ColumnKind::Estimates),
        ("Threshold", ColumnKind::Ranges),
        ("Bad", ColumnKind::Numbers),
        ("Loss", ColumnKind::Numbers),
    ];
    let mut table = ReportTable::new("models", "Models by hand.", columns);
    table.rows = vec![
        vec![
            "=1+1\t\"a\",\nb".into(),
            Cell::Estimate {
                mean: Some(0.91249),
                sd: Some(0.02),
                interval: Some([0.9, 0.93]),
                decimals: 3,
                best: true,
            },
            Cell::Range(Some([0.25, 0.5]), 2),
            Cell::Share(Some(0.105)),
            Cell::Money(Some(-1_234_567.4), "€".to_owned()),
        ],
        vec![
            "<b>".into(),
            Cell::Estimate { mean: None, sd: None, interval: None, decimals: 3, best: false },
            Cell::Range(None, 2),
            Cell::Count(None),
            Cell::P(Some(0.0001)),
        ],
    ];
    table
}

#[test]
fn cells_are_read_by_people() {
    let shown: Vec<Vec<String>> = table().rows.iter().map(|row| row.iter().map(Cell::shown).collect()).collect();
    assert_eq!(shown[0][1..], ["0.912 ± 0.020", "0.25 to 0.50", "10.5 %", "€ −1,234,567"]);
    assert_eq!(shown[1][1..], ["–", "–", "–", "< 0.001"]);
    assert_eq!(table().rows[0][1].shown_interval().as_deref(), Some("0.900 to 0.930"));
    assert_eq!(Cell::Range(Some([0.5, 0.5001]), 2).shown(), "0.50");
    assert_eq!(Cell::Count(Some(1_234_567)).shown(), "1,234,567");
    assert_eq!((number(Some(-0.0001), 3), number(Some(-0.25), 2)), ("0.000".to_owned(), "−0.25".to_owned()));
    assert_eq!((number(Some(f64::NAN), 3), money(Some(-0.2), "")), ("–".to_owned(), "0".to_owned()));
}

#[test]
fn csv_and_clipboard_have_a_column_for_each_number() {
    let csv = table().csv().unwrap();
    let mut reader = csv::Reader::from_reader(csv.as_slice());
    let head = "What|AUC, mean|AUC, sd|AUC, low|AUC, high|Threshold, lowest|Threshold, highest|Bad|Loss";
    assert_eq!(reader.headers().unwrap().iter().collect::<Vec<_>>().join("|"), head);
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let first = "=1+1\t\"a\",\nb|0.91249|0.02|0.9|0.93|0.25|0.5|0.105|-1234567.4";
    assert_eq!(rows[0].iter().collect::<Vec<_>>().join("|"), first);
    assert_eq!(rows[1].iter().collect::<Vec<_>>().join("|"), "<b>||||||||0.0001");
    let tsv = table().tsv();
    let lines: Vec<&str> = tsv.lines().collect();
    assert_eq!((lines.len(), lines[0].replace('\t', "|")), (3, head.to_owned()));
    assert!(lines[1].starts_with("=1+1 \"a\", b\t0.91249\t"));
}

#[test]
fn a_workbook_is_read_back_with_numbers_as_numbers_and_text_as_text() {
    let (table, long) = (table(), ReportTable { name: "a/very: long name of a table, twice".to_owned(), ..table() });
    let bytes = workbook(&[&table, &long, &long]).unwrap();
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes.clone())).unwrap();
    let names = book.sheet_names();
    assert_eq!(names[..3], ["Contents", "models", "avery long name of a table, twi"]);
    assert_eq!(names[3], "avery long name of a table, t_2");
    let sheet = book.worksheet_range("models").unwrap();
    assert_eq!(sheet.get((0, 1)), Some(&Data::String("AUC, mean".to_owned())));
    assert_eq!(sheet.get((1, 0)), Some(&Data::String("=1+1\t\"a\",\nb".to_owned())), "a text, not a formula");
    assert_eq!((sheet.get((1, 1)), sheet.get((1, 7))), (Some(&Data::Float(0.91249)), Some(&Data::Float(0.105))));
    assert_eq!(sheet.get((2, 1)), Some(&Data::Empty), "undefined is empty");
    let contents = book.worksheet_range("Contents").unwrap();
    assert_eq!(contents.get((1, 1)), Some(&Data::String("Models by hand.".to_owned())));
    assert_eq!(bytes, workbook(&[&table, &long, &long]).unwrap(), "the same tables, the same bytes");
}
