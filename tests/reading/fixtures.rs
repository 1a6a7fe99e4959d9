//! Small files written by us, one for each way of reading, and what each holds.

use std::io::Write as _;

use beliefscope::data::{ReadOptions, RoleRequest, Source, read_with};

use super::workbooks::{self, Cell, Sheet, text, texts};
use super::{kinds, missing};

/// What a file holds. What is left out is as in an ordinary CSV file that leaves nothing to be told.
struct Expected {
    file: &'static str,
    format: &'static str,
    encoding: &'static str,
    delimiter: Option<char>,
    decimal: char,
    header: bool,
    sheet: Option<&'static str>,
    rows: usize,
    names: &'static [&'static str],
    /// One letter a column: number, text, empty.
    kinds: &'static str,
    /// What the missing cells say, and how many say so.
    missing: &'static str,
    rejected: &'static [(u64, &'static str)],
    /// Row, column, and the cell as it is written.
    cells: &'static [(usize, usize, &'static str)],
    /// Row, column, and the number.
    numbers: &'static [(usize, usize, f64)],
    /// Parts of the notes, in order.
    notes: &'static [&'static str],
}

const CSV: Expected = Expected {
    file: "",
    format: "csv",
    encoding: "UTF-8",
    delimiter: Some(','),
    decimal: '.',
    header: true,
    sheet: None,
    rows: 0,
    names: &[],
    kinds: "",
    missing: "",
    rejected: &[],
    cells: &[],
    numbers: &[],
    notes: &[],
};

const SEMICOLONS: Expected = Expected { delimiter: Some(';'), ..CSV };

const FILES: &[Expected] = &[
    Expected {
        file: "comma.csv",
        rows: 3,
        names: &["firm", "year", "x", "failed"],
        kinds: "tnnn",
        missing: ":1",
        numbers: &[(1, 2, -1250.0)],
        cells: &[(1, 2, "-1.25e3")],
        ..CSV
    },
    Expected {
        file: "semicolon.csv",
        decimal: ',',
        rows: 3,
        names: &["column 1", "V1", "V2"],
        kinds: "nnn",
        missing: "na:1",
        cells: &[(0, 1, "0,5"), (1, 2, "1.234,5")],
        numbers: &[(0, 1, 0.5), (1, 2, 1234.5), (2, 2, 0.125)],
        notes: &["Column 1 has no name", "1 number has points between the thousands"],
        ..SEMICOLONS
    },
    Expected {
        file: "tab.tsv",
        delimiter: Some('\t'),
        rows: 2,
        names: &["firm", "x", "note"],
        kinds: "tnt",
        cells: &[(0, 2, "one, two")],
        ..CSV
    },
    Expected { file: "bar.txt", delimiter: Some('|'), rows: 2, names: &["firm", "x"], kinds: "tn", ..CSV },
    Expected {
        file: "utf8_mark.csv",
        encoding: "UTF-8 with a byte-order mark",
        rows: 2,
        names: &["firm", "größe"],
        kinds: "tn",
        ..CSV
    },
    Expected {
        file: "utf16_little.csv",
        encoding: "UTF-16LE",
        decimal: ',',
        rows: 2,
        names: &["firm", "größe", "企业"],
        kinds: "tnt",
        cells: &[(1, 2, "乙")],
        ..SEMICOLONS
    },
    Expected {
        file: "utf16_big_unmarked.csv",
        encoding: "UTF-16BE",
        rows: 2,
        names: &["firm", "size"],
        kinds: "tn",
        cells: &[(1, 0, "Ä")],
        ..CSV
    },
    Expected {
        file: "gb18030.csv",
        encoding: "GB18030",
        rows: 3,
        names: &["企业名称", "资产负债率", "净利润", "是否违约"],
        kinds: "tnnt",
        notes: &["The text is no UTF-8 (line 1)"],
        ..CSV
    },
    Expected {
        file: "gbk_short.csv",
        encoding: "GB18030",
        rows: 3,
        names: &["id", "sex"],
        kinds: "nt",
        cells: &[(0, 1, "男"), (1, 1, "女")],
        notes: &["The text is no UTF-8 (line 2)"],
        ..CSV
    },
    Expected {
        file: "windows1250.csv",
        encoding: "windows-1250",
        decimal: ',',
        rows: 2,
        names: &["podnik", "tržby", "úpadok"],
        kinds: "tnt",
        cells: &[(0, 0, "Železničná"), (1, 0, "Červený kameň")],
        notes: &["The text is no UTF-8"],
        ..SEMICOLONS
    },
    Expected {
        file: "windows1251.csv",
        encoding: "windows-1251",
        decimal: ',',
        rows: 2,
        names: &["предприятие", "выручка", "банкрот"],
        kinds: "tnt",
        cells: &[(1, 0, "ООО Ромашка")],
        notes: &["The text is no UTF-8"],
        ..SEMICOLONS
    },
    Expected {
        file: "windows1251_short.csv",
        encoding: "windows-1251",
        rows: 2,
        names: &["id", "ok"],
        kinds: "nt",
        cells: &[(0, 1, "да"), (1, 1, "нет")],
        notes: &["The text is no UTF-8"],
        ..CSV
    },
    Expected {
        file: "windows1252.csv",
        encoding: "windows-1252",
        rows: 2,
        names: &["société", "à risque", "x"],
        kinds: "ttn",
        cells: &[(0, 0, "Café"), (1, 0, "Élan")],
        notes: &["The text is no UTF-8"],
        ..CSV
    },
    Expected { file: "line_ends.csv", rows: 3, names: &["a", "b"], kinds: "nt", cells: &[(2, 1, "z")], ..CSV },
    Expected { file: "blanks_around.csv", rows: 2, names: &["firm", "x"], kinds: "tn", cells: &[(0, 0, "A")], ..CSV },
    Expected {
        file: "names.csv",
        rows: 2,
        names: &["column 1", "x", "x (3)", "x (2)", "column 5", "two lines"],
        kinds: "nnnnnn",
        notes: &["Column 1 has no name", "Column 3 repeats the name \"x\"", "Column 5 has no name"],
        ..CSV
    },
    Expected {
        file: "no_header.csv",
        header: false,
        rows: 3,
        names: &["column 1", "column 2", "column 3", "column 4", "column 5"],
        kinds: "tnntt",
        missing: "?:1",
        cells: &[(0, 1, "30.8"), (1, 4, "-")],
        notes: &["The first line looks like a row"],
        ..CSV
    },
    Expected {
        file: "no_header_words.csv",
        header: false,
        rows: 4,
        names: &["column 1", "column 2", "column 3"],
        kinds: "ttt",
        cells: &[(0, 0, "vhigh")],
        notes: &["The first line looks like a row"],
        ..CSV
    },
    Expected { file: "words.csv", rows: 4, names: &["rating", "size", "outcome"], kinds: "ttt", ..CSV },
    Expected {
        file: "words_in_doubt.csv",
        rows: 2,
        names: &["firm", "city"],
        kinds: "tt",
        notes: &["Nothing tells whether line 1 holds names"],
        ..CSV
    },
    Expected {
        file: "row_names.csv",
        rows: 3,
        names: &["column 1", "x", "y"],
        kinds: "nnt",
        cells: &[(2, 1, "0.9")],
        notes: &["Every row has one cell more than the header", "Column 1 has no name"],
        ..CSV
    },
    Expected {
        file: "header_longer.csv",
        rows: 2,
        names: &["x", "y"],
        kinds: "nt",
        notes: &["The header ends in 2 empty names"],
        ..CSV
    },
    Expected {
        file: "trailing_delimiter.csv",
        rows: 3,
        names: &["x", "y", "column 3"],
        kinds: "nte",
        missing: ":3",
        notes: &["Every row ends in a delimiter", "Column 3 has no name"],
        ..CSV
    },
    Expected {
        file: "ragged.csv",
        rows: 2,
        names: &["a", "b"],
        kinds: "nn",
        rejected: &[
            (3, "has 1 cell, the header has 2"),
            (5, "has 3 cells, the header has 2"),
            (6, "has only empty cells"),
        ],
        ..CSV
    },
    Expected {
        file: "marks.csv",
        rows: 3,
        names: &["firm", "amount", "share", "loss", "paid"],
        kinds: "tnnnn",
        cells: &[(0, 1, "$1,234.50")],
        numbers: &[(0, 1, 1234.5), (2, 1, 1e6), (0, 2, 12.5), (0, 3, -1000.0), (2, 3, -5.0), (0, 4, -5.0)],
        notes: &["commas between the thousands", "currency sign", "percent sign", "brackets", "minus behind"],
        ..SEMICOLONS
    },
    Expected {
        file: "decimal_comma_marks.csv",
        decimal: ',',
        rows: 2,
        names: &["firm", "amount", "share"],
        kinds: "tnn",
        numbers: &[(0, 1, 1234.5), (0, 2, 12.5)],
        notes: &["points between the thousands", "currency sign", "percent sign"],
        ..SEMICOLONS
    },
    Expected {
        file: "indian.csv",
        rows: 3,
        names: &["firm", "amount"],
        kinds: "tn",
        numbers: &[(0, 1, 1_234_567.0), (1, 1, 123_456.0), (2, 1, 99_000.0)],
        notes: &["commas between the thousands"],
        ..CSV
    },
    Expected {
        file: "chinese_units.csv",
        rows: 3,
        names: &["企业", "净利润"],
        kinds: "tn",
        numbers: &[(0, 1, 35_000.0), (1, 1, 1.2e8), (2, 1, -800.0)],
        notes: &["a unit such as 万"],
        ..CSV
    },
    Expected {
        file: "exponents.csv",
        decimal: ',',
        rows: 2,
        names: &["firm", "x", "y"],
        kinds: "tnn",
        numbers: &[(0, 1, -36.56), (1, 1, 0.01234)],
        ..SEMICOLONS
    },
    Expected {
        file: "ids.csv",
        rows: 3,
        names: &["id", "account", "x"],
        kinds: "ttn",
        cells: &[(0, 0, "007"), (0, 1, "1234567890123456789")],
        notes: &["2 columns are kept as text, the first of them \"id\", because a number would lose leading zeros"],
        ..CSV
    },
    Expected {
        file: "codes.csv",
        rows: 3,
        names: &["nace", "siren", "period", "version"],
        kinds: "tttn",
        cells: &[(0, 0, "01.11"), (0, 1, "732 829 320"), (0, 2, "01.2021")],
        notes: &["3 columns are kept as text"],
        ..SEMICOLONS
    },
    Expected { file: "dates.csv", rows: 2, names: &["firm", "date", "year", "x"], kinds: "ttnn", ..CSV },
    Expected { file: "booleans.csv", rows: 3, names: &["x", "flag", "late", "Default"], kinds: "nttt", ..CSV },
    Expected {
        file: "booleans_chinese.csv", rows: 3, names: &["资产", "有无担保", "是否违约"], kinds: "ntt", ..CSV
    },
    Expected {
        file: "missing.csv",
        rows: 5,
        names: &["firm", "a", "b", "c"],
        kinds: "tnnt",
        missing: ":1 #div/0!:1 -:1 .:1 ?:1 n.a.:1 na:1 null:1",
        cells: &[(1, 3, "none"), (2, 3, "-")],
        ..CSV
    },
    Expected {
        file: "infinite.csv",
        rows: 3,
        names: &["firm", "a", "b"],
        kinds: "tnn",
        missing: "-infinity:1 1e999:1 inf:1",
        notes: &["3 cells are no finite numbers and count as missing; the first is \"inf\" in \"a\" on line 3"],
        ..CSV
    },
    Expected {
        file: "separator_line.csv",
        decimal: ',',
        rows: 2,
        names: &["firm", "x"],
        kinds: "tn",
        numbers: &[(0, 1, 1.5)],
        ..SEMICOLONS
    },
    Expected {
        file: "titles.csv",
        rows: 2,
        names: &["firm", "x", "y", "z"],
        kinds: "tnnn",
        notes: &[
            "2 lines above the header are taken as titles and left out, the first is line 1: \"Report of the branch\"",
        ],
        ..CSV
    },
    Expected {
        file: "title_short.csv",
        decimal: ',',
        rows: 2,
        names: &["firm", "year", "x", "failed"],
        kinds: "tnnn",
        notes: &["Line 1 is taken as a title and left out: \"Firms, 2020\""],
        ..SEMICOLONS
    },
    Expected {
        file: "totals.csv",
        rows: 3,
        names: &["firm", "x"],
        kinds: "tn",
        notes: &["The row on line 4 may hold sums of the others, as it starts with \"Total\""],
        ..CSV
    },
    Expected {
        file: "comma_names_blank_rows.txt",
        delimiter: Some(' '),
        rows: 2,
        names: &["net income", "total assets", "failed"],
        kinds: "nnn",
        notes: &["The names on line 1 are separated by commas, the rows below by tabs or blanks"],
        ..CSV
    },
    Expected {
        file: "comma_names_tab_rows.txt",
        delimiter: Some('\t'),
        rows: 2,
        names: &["a", "b", "c"],
        kinds: "nnt",
        notes: &["The names on line 1 are separated by commas, the rows below by tabs or blanks"],
        ..CSV
    },
    Expected {
        file: "r_table.txt",
        delimiter: Some(' '),
        rows: 2,
        names: &["column 1", "x", "y z"],
        kinds: "nnt",
        cells: &[(0, 2, "A B")],
        notes: &["Every row has one cell more", "Column 1 has no name"],
        ..CSV
    },
    Expected {
        file: "aligned.txt",
        delimiter: Some(' '),
        rows: 2,
        names: &["firm", "x", "y"],
        kinds: "tnn",
        numbers: &[(1, 1, 22.5)],
        ..CSV
    },
    Expected {
        file: "stray_quotes.csv",
        rows: 5,
        names: &["firm", "year", "x", "y", "failed"],
        kinds: "tnnnn",
        rejected: &[(3, "opens a quote that would take in the rows to line 6")],
        cells: &[(1, 0, "C"), (3, 0, "E\"")],
        ..CSV
    },
    Expected {
        file: "open_quote.csv",
        rows: 4,
        names: &["firm", "x", "y"],
        kinds: "tnn",
        rejected: &[(3, "opens a quote that is not closed")],
        cells: &[(2, 0, "D, Ltd")],
        ..CSV
    },
    Expected {
        file: "lines_in_quotes.csv",
        rows: 2,
        names: &["firm", "address", "x"],
        kinds: "ttn",
        cells: &[(0, 1, "Main street 5\nBonn")],
        notes: &["2 rows have line breaks inside quotes, the first on lines 2 to 3"],
        ..CSV
    },
    Expected {
        file: "remarks.csv",
        rows: 2,
        names: &["firm", "x"],
        kinds: "tn",
        notes: &["File note: made by hand", "File note: seed 7"],
        ..CSV
    },
    Expected { file: "hidden_header.csv", rows: 2, names: &["firm", "x"], kinds: "tn", ..CSV },
    Expected {
        file: "dense.arff",
        format: "arff",
        rows: 3,
        names: &["x", "the 'name'", "class"],
        kinds: "nnt",
        missing: "?:2",
        cells: &[(1, 2, "0")],
        numbers: &[(2, 0, 1000.0)],
        ..CSV
    },
    Expected {
        file: "sparse.arff",
        format: "arff",
        rows: 3,
        names: &["a", "b"],
        kinds: "nt",
        missing: "?:1",
        cells: &[(0, 0, "0"), (0, 1, "no"), (1, 1, "yes")],
        ..CSV
    },
    Expected {
        file: "sparse_columns.csv",
        rows: 6,
        names: &["firm", "a", "b"],
        kinds: "tnn",
        missing: ":7",
        numbers: &[(2, 2, 0.5)],
        ..CSV
    },
    Expected {
        file: "quoted_numbers.csv",
        decimal: ',',
        rows: 2,
        names: &["a", "b"],
        kinds: "nt",
        numbers: &[(1, 0, 1.25)],
        ..CSV
    },
];

fn check(name: &str, bytes: &[u8], expected: &Expected) {
    let (table, reading) = read_with(bytes, &ReadOptions::default()).unwrap_or_else(|error| panic!("{name}: {error}"));
    let found = (reading.format, reading.encoding, reading.delimiter, reading.decimal, reading.header);
    let wanted = (expected.format, expected.encoding, expected.delimiter, expected.decimal, expected.header);
    assert_eq!(found, wanted, "{name}");
    assert_eq!(reading.sheet.as_deref(), expected.sheet, "{name}");
    assert_eq!(table.names(), expected.names, "{name}");
    assert_eq!((table.n_rows(), reading.rows_read), (expected.rows, expected.rows), "{name}");
    assert_eq!(kinds(&table), expected.kinds, "{name}: {:?}", reading.notes);
    assert_eq!(missing(&reading), expected.missing, "{name}");
    let rejected: Vec<(u64, &str)> = reading.rejected.iter().map(|r| (r.line, r.reason.as_str())).collect();
    assert_eq!(rejected, expected.rejected, "{name}");
    for &(row, column, cell) in expected.cells {
        assert_eq!(table.cell(row, column), cell, "{name}, row {row}, column {column}");
    }
    for &(row, column, number) in expected.numbers {
        let found = table.numbers(column).map(|numbers| numbers[row]);
        assert!(
            found.is_some_and(|x| (x - number).abs() <= 1e-12 * number.abs()),
            "{name}, {row}, {column}: {found:?}"
        );
    }
    let told = |(note, part): (&String, &&str)| note.contains(*part);
    let all_told = reading.notes.iter().zip(expected.notes).all(told);
    assert!(all_told && reading.notes.len() == expected.notes.len(), "{name}: {:#?}", reading.notes);
}

fn fixture(file: &str) -> Vec<u8> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(file);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn every_file_holds_what_is_expected() {
    for expected in FILES {
        check(expected.file, &fixture(expected.file), expected);
    }
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(FILES.iter().any(|expected| expected.file == name), "{name} is not in the list");
    }
}

#[test]
fn packed_files_are_read_as_what_is_inside() {
    for expected in FILES {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(&fixture(expected.file)).unwrap();
        check(&format!("{}.gz", expected.file), &encoder.finish().unwrap(), expected);
    }
}

/// A workbook with a title, blank rows and columns, a date, an error, texts that are numbers, and two more sheets.
fn book() -> [Sheet; 3] {
    let date = |day: f64| Cell::Date(day);
    let rows = vec![
        vec![text("Firms of the branch")],
        vec![],
        texts(&["firm", "x", "", "until", "ratio", "failed", "code"]),
        vec![text("A"), text("1 234.5"), Cell::Blank, date(43830.0), Cell::Number(2.25), Cell::Bool(true), text("007")],
        vec![],
        vec![
            text("B"),
            Cell::Number(0.1),
            Cell::Blank,
            Cell::NotAvailable,
            text("2,5"),
            Cell::Bool(false),
            text("012"),
        ],
        vec![text("C"), Cell::Number(-3.0), Cell::Blank, date(44196.0), text("0,75"), Cell::Bool(false), text("100")],
    ];
    let notes = vec![texts(&["only a remark"])];
    [
        Sheet { hidden: true, ..Sheet::new("Secret", vec![texts(&["a", "b"]), texts(&["1", "2"])]) },
        Sheet::new("Notes", notes),
        Sheet { start: (1, 1), ..Sheet::new("Firms", rows) },
    ]
}

const NOTES_OF_THE_BOOK: [&str; 7] = [
    "1 cell holds an error of the workbook and no value: empty here; the first is #N/A in row 7.",
    "Line 2 is taken as a title and left out: \"Firms of the branch\"",
    "3 cells hold numbers kept as text beside true ones",
    "\"Firms\" is read; the workbook has other sheets with data: \"Secret\" (hidden, 2 × 2), \"Notes\" (",
    "\"code\" is kept as text",
    "1 column has a decimal comma where the rest of the table has points",
    "1 number has blanks between the thousands",
];

#[test]
fn workbooks_of_every_kind_hold_the_same() {
    for (format, bytes) in [
        ("xlsx", workbooks::xlsx(&book())),
        ("xlsb", workbooks::xlsb(&book())),
        ("xls", workbooks::xls(&book())),
        ("ods", workbooks::ods(&book())),
    ] {
        let expected = Expected {
            format,
            encoding: if matches!(format, "xls" | "xlsb") { "UTF-16LE" } else { "UTF-8" },
            delimiter: None,
            sheet: Some("Firms"),
            rows: 3,
            names: &["firm", "x", "until", "ratio", "failed", "code"],
            kinds: "tntntt",
            // OpenDocument writes an error as a text.
            missing: if format == "ods" { "#n/a:1" } else { ":1" },
            cells: &[(0, 2, "2019-12-31"), (0, 3, "2,25"), (1, 3, "2,5"), (0, 4, "true"), (0, 5, "007")],
            numbers: &[(0, 1, 1234.5), (1, 1, 0.1), (0, 3, 2.25), (2, 3, 0.75)],
            notes: if format == "ods" { &NOTES_OF_THE_BOOK[1..] } else { &NOTES_OF_THE_BOOK },
            ..CSV
        };
        check(format, &bytes, &expected);
    }
}
#[test]
fn a_sheet_can_be_chosen_and_hidden_ones_are_told() {
    let bytes = workbooks::xlsx(&book());
    let read =
        |sheet: &str| read_with(&bytes, &ReadOptions { sheet: Some(sheet.to_owned()), ..ReadOptions::default() });
    let (table, reading) = read("Secret").unwrap();
    assert_eq!(
        (table.n_rows(), reading.sheets.as_slice()),
        (1, ["Secret", "Notes", "Firms"].map(str::to_owned).as_slice())
    );
    assert!(reading.notes.iter().any(|note| note == "The sheet \"Secret\" is a hidden one."), "{:?}", reading.notes);
    let message = |sheet: &str| read(sheet).unwrap_err().to_string();
    assert_eq!(message("Other"), "There is no sheet \"Other\": the workbook has Secret, Notes, Firms.");
    assert!(message("Notes").starts_with("The sheet \"Notes\" is no table"), "{}", message("Notes"));
}

#[test]
fn formulas_without_results_are_told() {
    let sheet = Sheet::new(
        "S",
        vec![
            texts(&["firm", "x", "y"]),
            vec![text("A"), Cell::Number(1.0), Cell::Formula("B2*2")],
            vec![text("B"), Cell::Number(2.0), Cell::Formula("B3*2")],
        ],
    );
    let (table, reading) = read_with(&workbooks::xlsx(&[sheet]), &ReadOptions::default()).unwrap();
    assert!(
        reading.notes.iter().any(|note| note.starts_with("2 formulas have no result in the file")),
        "{:?}",
        reading.notes
    );
    assert_eq!(table.names(), ["firm", "x", "y"]);
}

#[test]
fn a_cell_in_the_far_corner_takes_no_room() {
    let rows = vec![texts(&["a", "b"]), texts(&["x", "1"])];
    let mut bytes = workbooks::xlsx(&[
        Sheet::new("S", rows.clone()),
        Sheet { start: (1_048_575, 16_383), ..Sheet::new("T", vec![texts(&["z"])]) },
    ]);
    assert!(read_with(&bytes, &ReadOptions::default()).is_ok());
    let far =
        Sheet::new("S", [rows, vec![vec![]; 60_000], vec![[vec![Cell::Blank; 200], texts(&["z"])].concat()]].concat());
    for (format, book) in
        [("xlsx", workbooks::xlsx as fn(&[Sheet]) -> Vec<u8>), ("xlsb", workbooks::xlsb), ("ods", workbooks::ods)]
    {
        bytes = book(std::slice::from_ref(&far));
        let (table, _) = read_with(&bytes, &ReadOptions::default()).unwrap_or_else(|error| panic!("{format}: {error}"));
        assert_eq!((table.n_rows(), table.n_columns(), table.cell(1, 2)), (2, 3, "z"), "{format}");
    }
}

#[test]
fn true_and_false_in_every_language_are_labels() {
    for (file, label, bad) in [("booleans.csv", "Default", "yes"), ("booleans_chinese.csv", "是否违约", "是")] {
        let source = Source::from_bytes(file.as_ref(), &fixture(file), &RoleRequest::default()).unwrap();
        let position = source.table.position(label).unwrap();
        let roles = &source.guess.roles;
        assert_eq!(roles.position(beliefscope::data::Role::Label), Some(position), "{file}");
        assert_eq!(roles.bad.as_deref(), Some(bad), "{file}");
    }
}
