//! Small files put together, each result written out by hand.

use rand::RngExt as _;

use super::*;
use crate::data::{ReadOptions, read, read_with};
use crate::random::{Purpose, stream};

/// Reads texts as files of these names and puts them together.
fn together(files: &[(&str, &str)], combination: &Combination) -> Result<Combined, CombineError> {
    together_with(files, combination, &ReadOptions::default(), &RoleRequest::default())
}

fn together_with(
    files: &[(&str, &str)],
    combination: &Combination,
    options: &ReadOptions,
    request: &RoleRequest,
) -> Result<Combined, CombineError> {
    let read: Vec<(Table, Reading)> =
        files.iter().map(|(_, text)| read_with(text.as_bytes(), options).unwrap()).collect();
    let paths: Vec<&Path> = files.iter().map(|(path, _)| Path::new(*path)).collect();
    let (names, stems) = file_labels(&paths);
    let pieces: Vec<Piece<'_>> = read
        .iter()
        .zip(names.into_iter().zip(stems))
        .map(|((table, reading), (file, stem))| Piece { file, stem, table, header: reading.header })
        .collect();
    combine(&pieces, combination, request)
}

/// Every row of the table, its cells separated by bars.
fn rows(table: &Table) -> Vec<String> {
    let row = |row| (0..table.n_columns()).map(|column| table.cell(row, column)).collect::<Vec<_>>().join("|");
    (0..table.n_rows()).map(row).collect()
}

fn numbers(table: &Table, column: &str) -> Vec<String> {
    let column = table.position(column).unwrap();
    table.numbers(column).unwrap().iter().map(f64::to_string).collect()
}

fn on(columns: &[&str]) -> Combination {
    Combination::Join { on: columns.iter().map(|&column| column.to_owned()).collect() }
}

#[test]
fn columns_in_another_order_are_stacked_and_a_missing_one_is_told() {
    let files = [("x/good.csv", "firm,roa,debt,grade\nA,1,2,a\nB,3,4,b\n"), ("bad.csv", "debt,firm,roa\n5,C,6\n")];
    let Combined { table, notes, source_column } = together(&files, &Combination::Auto).unwrap();
    assert_eq!(table.names(), ["source", "firm", "roa", "debt", "grade"]);
    assert_eq!(rows(&table), ["good|A|1|2|a", "good|B|3|4|b", "bad|C|6|5|"]);
    assert_eq!(
        notes,
        [
            "The files share 3 of 4 columns, so they are stacked.",
            "Stacked: 2 rows of good.csv and 1 row of bad.csv; the column \"source\" says which.",
            "bad.csv lacks 1 column, missing in all its rows: \"grade\".",
        ]
    );
    assert_eq!(source_column, Some(0));
    assert_eq!(
        ["line 3 of good.csv", "line 2 of bad.csv"],
        [table.place(1), table.place(2)].each_ref().map(|p| &p[..])
    );
    assert_eq!((table.files(), table.file(2)), (&["good.csv".to_owned(), "bad.csv".to_owned()][..], 1));
    assert!(table.is_missing(2, 4));
}

#[test]
fn each_file_keeps_its_own_decimal_mark() {
    let files = [("a.csv", "x;y\n1,5;0,25\n-;1.000,5\n"), ("b.csv", "x,y\n2.5,NA\n\"1,000\",3\n")];
    let table = together(&files, &Combination::Stack).unwrap().table;
    assert_eq!(numbers(&table, "x"), ["1.5", "NaN", "2.5", "1000"]);
    assert_eq!(numbers(&table, "y"), ["0.25", "1000.5", "NaN", "3"]);
    assert_eq!((table.cell(0, 1), table.cell(2, 1)), ("1,5", "2.5"), "cells stay as they are written");
}

#[test]
fn a_column_of_numbers_in_one_file_and_text_in_the_other_is_text() {
    let files = [("a.csv", "x,y\n1,-\n-,2\n"), ("b.csv", "x,y\n3,-\nlow,7\n")];
    let Combined { table, notes, .. } = together(&files, &Combination::Stack).unwrap();
    assert!(table.numbers(1).is_none());
    assert_eq!(rows(&table), ["a|1|-", "a||2", "b|3|-", "b|low|7"], "a dash among numbers stays missing");
    assert_eq!(numbers(&table, "y"), ["NaN", "2", "NaN", "7"]);
    assert_eq!(
        notes[1],
        "\"x\" holds numbers in a.csv and text in b.csv, there \"low\" on line 3: it is read as text in all files."
    );
}

#[test]
fn a_column_that_is_empty_in_one_file_has_the_numbers_of_the_other() {
    let files = [("a.csv", "x,y\n1;5,NA\n"), ("b.csv", "x,y\n2,2.5\n")];
    let table = together(&files, &Combination::Stack).unwrap().table;
    assert_eq!(numbers(&table, "y"), ["NaN", "2.5"]);
}

#[test]
fn text_declared_in_one_file_is_text_in_all() {
    let arff = "@relation t\n@attribute x {1,2}\n@attribute y numeric\n@data\n1,5\n2,6\n";
    let Combined { table, notes, .. } =
        together(&[("a.csv", "x,y\n1,3\n1,4\n"), ("b.arff", arff)], &Combination::Auto).unwrap();
    assert!(table.is_declared_text(1) && table.numbers(1).is_none());
    assert!(notes.last().unwrap().contains("where it is declared to be text"), "{notes:?}");
    assert_eq!(numbers(&table, "y"), ["3", "4", "5", "6"]);
}

#[test]
fn a_source_column_of_its_own_name_and_of_years_stays_text() {
    let files = [("2019.csv", "source,x\na,1\n"), ("2020.csv.gz", "source,x\nb,2\n")];
    let table = together(&files, &Combination::Auto).unwrap().table;
    assert_eq!(table.names(), ["source (2)", "source", "x"]);
    assert_eq!(rows(&table), ["2019|a|1", "2020|b|2"]);
    assert!(table.numbers(0).is_none());
}

#[test]
fn a_file_without_names_takes_those_of_the_other() {
    let files = [("1.csv", "0.5,7,1\n0.25,8,2\n"), ("2.csv", "x,y,z\n1,2,3\n")];
    let Combined { table, notes, .. } = together(&files, &Combination::Auto).unwrap();
    assert_eq!(table.names(), ["source", "x", "y", "z"]);
    assert!(
        notes.contains(&"1.csv has no names of columns and takes those of the other file, in its order.".to_owned())
    );
    let error = together(&[files[0], ("2.csv", "x,y\n1,2\n")], &Combination::Stack).err().unwrap();
    assert_eq!(
        error.to_string(),
        "1.csv has no names of columns and 3 columns, where 2.csv has 2: write the names in its first line."
    );
}

#[test]
fn values_declared_missing_hold_in_the_whole() {
    let missing = serde_json::json!({ "missing": { "codes": [{ "column": "y", "value": "99" }] } });
    let options: ReadOptions = serde_json::from_value(missing).unwrap();
    let request = RoleRequest::default();
    let stacked = [("1.csv", "0.5,99,1\n0.25,8,2\n"), ("2.csv", "x,y,z\n1,99,1\n2,3,1\n")];
    let table = together_with(&stacked, &Combination::Stack, &options, &request).unwrap().table;
    assert_eq!(numbers(&table, "y"), ["NaN", "8", "NaN", "3"]);
    let joined = [("a.csv", "id,y\nu,1\nv,99\n"), ("b.csv", "id,y\nu,99\nv,low\n")];
    let table = together_with(&joined, &on(&["id"]), &options, &request).unwrap().table;
    assert_eq!(table.names(), ["id", "y", "y (b)"]);
    assert_eq!([(0, 1), (1, 1), (0, 2), (1, 2)].map(|(row, c)| table.is_missing(row, c)), [false, true, true, false]);
}

#[test]
fn rows_of_the_same_key_are_joined_and_the_rest_is_counted() {
    let files = [
        ("ratios.csv", "firm,roa,size\nA,0.1,1\nB,0.2,2\nC,0.3,3\n?,0.4,4\n"),
        ("outcome.csv", "size;firm;bad\n1,5;C;1\n2,5;A;0\n3,5;Z;0\n"),
    ];
    let Combined { table, notes, source_column } = together(&files, &on(&["firm"])).unwrap();
    assert_eq!(table.names(), ["firm", "roa", "size", "size (outcome)", "bad"]);
    assert_eq!(rows(&table), ["A|0.1|1|2,5|0", "B|0.2|2||", "C|0.3|3|1,5|1", "?|0.4|4||"]);
    assert_eq!(numbers(&table, "size (outcome)"), ["2.5", "NaN", "1.5", "NaN"]);
    assert_eq!(
        notes,
        [
            "outcome.csv is joined to ratios.csv on \"firm\": 2 of 4 rows have a partner, 2 rows of outcome.csv in use.",
            "1 row of ratios.csv has no partner in outcome.csv and nothing in its columns: firm \"B\" on line 3.",
            "1 row of outcome.csv has no partner in ratios.csv and is left out: firm \"Z\" on line 4.",
            "1 row of ratios.csv has no key and so nothing in the columns of the other file.",
            "1 column of outcome.csv had the name of another and now its file's name behind its own: \"size (outcome)\".",
        ]
    );
    assert_eq!((source_column, table.place(2)), (None, "line 4 of ratios.csv".to_owned()));
}

#[test]
fn many_rows_may_share_a_partner_whatever_the_order_of_files() {
    let (panel, firms) = (("panel.csv", "firm,roa\nA,1\nA,2\nB,3\n"), ("firms.csv", "firm,sector\nB,steel\nA,food\n"));
    for files in [[panel, firms], [firms, panel]] {
        let table = together(&files, &on(&["firm"])).unwrap().table;
        assert_eq!(rows(&table), ["A|1|food", "A|2|food", "B|3|steel"]);
    }
    let error = together(&[panel, ("again.csv", "firm,x\nA,1\nB,2\nB,3\n")], &on(&["firm"])).err().unwrap();
    assert_eq!(
        error.to_string(),
        "Keys repeat in more than one file, so rows have no one partner: firm \"A\" on lines 2 and 3 in panel.csv, \
         firm \"B\" on lines 3 and 4 in again.csv. Name a second column to join on as well, such as the period, or leave \
         one row for each key."
    );
}

#[test]
fn without_being_asked_files_are_joined_on_firm_and_period() {
    let ratios = "company,year,roa,debt\nA,2019,1,2\nA,2020,3,4\nB,2019,5,6\nC,2019,7,8\n";
    let ratings = "year,company,rating,sector\n2020,A,bb,x\n2019,A,aa,x\n2019,B,cc,y\n2019,C,cc,y\n";
    let Combined { table, notes, .. } =
        together(&[("ratios.csv", ratios), ("ratings.csv", ratings)], &Combination::Auto).unwrap();
    assert_eq!(rows(&table), ["A|2019|1|2|aa|x", "A|2020|3|4|bb|x", "B|2019|5|6|cc|y", "C|2019|7|8|cc|y"]);
    assert_eq!(
        notes,
        [
            "The files share 2 of 6 columns only, so they are joined.",
            "ratings.csv is joined to ratios.csv on \"company\" and \"year\": 4 of 4 rows have a partner, 4 rows of \
         ratings.csv in use.",
        ]
    );
    // A column that no guess finds can be named.
    let (a, b) = (("a.csv", "z,x,y,v\n7,1,2,3\n"), ("b.csv", "z,u,w\n7,4,5\n"));
    let error = together(&[a, b], &Combination::Auto).err().unwrap();
    assert!(error.to_string().starts_with("a.csv and b.csv share 1 of 6 columns and no enterprise id"), "{error}");
    let request = RoleRequest { id: Some("z".to_owned()), ..RoleRequest::default() };
    let joined = together_with(&[a, b], &Combination::Auto, &ReadOptions::default(), &request).unwrap();
    assert_eq!(rows(&joined.table), ["7|1|2|3|4|5"]);
}

#[test]
fn keys_are_compared_as_numbers_where_all_files_have_numbers() {
    let files = [("a.csv", "id,x\n1.0,5\n-0,6\n"), ("b.csv", "id,y\n0,7\n1,8\n")];
    assert_eq!(rows(&together(&files, &on(&["id"])).unwrap().table), ["1.0|5|8", "-0|6|7"]);
    let files = [("a.csv", "id,x\nF1,5\nF2,6\n"), ("b.csv", "id,y\n1,7\n2,8\n")];
    let error = together(&files, &on(&["id"])).err().unwrap();
    assert_eq!(
        error.to_string(),
        "No row of a.csv has a partner in b.csv: the keys begin with id \"F1\" on line 2 here and id \"1\" on line 2 \
         there. Name another column to join on, or write the keys alike."
    );
}

#[test]
fn what_cannot_be_done_is_told() {
    let (a, b) = (("a.csv", "firm,x\nA,1\n"), ("b.csv", "firms,y\nA,1\n"));
    let error = |combination: &Combination| together(&[a, b], combination).err().unwrap().to_string();
    assert_eq!(error(&on(&["firm"])), "There is no column \"firm\" to join on in b.csv; did you mean \"firms\"?");
    assert_eq!(error(&on(&[])), "No column to join on is named: name the one with the enterprise id.");
    assert!(error(&Combination::Stack).contains("no column in common"));
}

#[test]
fn three_files_go_together_both_ways() {
    let stacked = [("a.csv", "x,y\n1,2\n"), ("b.csv", "y,x\n3,4\n"), ("c.csv", "x,y\n5,6\n")];
    assert_eq!(rows(&together(&stacked, &Combination::Auto).unwrap().table), ["a|1|2", "b|4|3", "c|5|6"]);
    let joined = [("a.csv", "id,x\n1,2\n2,3\n"), ("b.csv", "x,id\n4,2\n"), ("c.csv", "id,x\n1,5\n2,6\n")];
    let table = together(&joined, &on(&["id"])).unwrap().table;
    assert_eq!(table.names(), ["id", "x", "x (b)", "x (c)"]);
    assert_eq!(rows(&table), ["1|2||5", "2|3|4|6"]);
}

#[test]
fn files_of_one_name_are_told_apart() {
    let labels = |paths: &[&str]| file_labels(&paths.iter().map(Path::new).collect::<Vec<_>>());
    let owned = |texts: [&str; 2]| texts.map(str::to_owned).to_vec();
    assert_eq!(labels(&["a/x.csv", "y.data.gz"]), (owned(["x.csv", "y.data.gz"]), owned(["x", "y"])));
    assert_eq!(labels(&["x.csv", "x.tsv"]), (owned(["x.csv", "x.tsv"]), owned(["x.csv", "x.tsv"])));
    assert_eq!(
        labels(&["2019/x.csv", "2020/x.csv"]),
        (owned(["2019/x.csv", "2020/x.csv"]), owned(["2019/x", "2020/x"]))
    );
    assert_eq!(labels(&["x.csv", "x.csv"]).0, owned(["file 1", "file 2"]));
}

#[test]
fn the_reading_of_the_whole_names_its_files() {
    let parts = ["# made by hand\nx;y\n1,5;2\n1\n", "x;y\n1.000,5;3\n"].map(|text| read(text.as_bytes()).unwrap());
    let [(_, a), (table, b)] = &parts;
    let whole = whole_reading(&[("a.csv", a), ("b.csv", b)], table, vec!["Stacked.".to_owned()]);
    assert_eq!((whole.format, whole.encoding, whole.delimiter, whole.decimal), ("several", "UTF-8", Some(';'), ','));
    assert_eq!(whole.rejected[0].reason, "in a.csv, has 1 cell, the header has 2");
    assert_eq!(whole.notes[..2], ["Stacked.", "File note: a.csv: made by hand"]);
    assert!(whole.notes[2].starts_with("b.csv: 1 number has points between the thousands"), "{:?}", whole.notes);
    // From `printf '%s%s' …`, the digests of the two texts, `| sha256sum`.
    assert_eq!(whole.sha256, "f60063d30a209cd49e4537609ec99a2a8dd872882b315908bea3abae3cdb2c3b");
    let twice = whole_reading(&[("a.csv", b), ("b.csv", b)], table, Vec::new());
    assert!(twice.notes.len() == 1 && twice.notes[0].starts_with("All files: 1 number"), "{:?}", twice.notes);
}

/// A table cut into files by rows, its columns shuffled in each, is the same table again when stacked; cut by columns
/// and its rows shuffled, when joined.
#[test]
fn a_table_cut_in_pieces_comes_back() {
    let mut random = stream(5, Purpose::Sample, 0);
    for _ in 0..60 {
        let (n, p) = (random.random_range(4..30_usize), random.random_range(2..6_usize));
        let cells: Vec<Vec<String>> = (0..n)
            .map(|row| {
                let number = |_| match random.random_range(0..5) {
                    0 => "NA".to_owned(),
                    _ => format!("{:.2}", random.random_range(-50.0..50.0)),
                };
                std::iter::once(format!("firm {row}")).chain((0..p).map(number)).collect()
            })
            .collect();
        let text = |rows: &[usize], columns: &[usize]| {
            let line = |cell: &dyn Fn(usize) -> String| columns.iter().map(|&c| cell(c)).collect::<Vec<_>>().join(",");
            let header = line(&|c| if c == 0 { "firm".to_owned() } else { format!("x{c}") });
            rows.iter().map(|&row| line(&|c| cells[row][c].clone())).fold(header, |text, row| text + "\n" + &row) + "\n"
        };
        let mut shuffled = |mut items: Vec<usize>| {
            for i in (1..items.len()).rev() {
                items.swap(i, random.random_range(0..=i));
            }
            items
        };
        let (rows, columns): (Vec<usize>, Vec<usize>) = ((0..n).collect(), (0..=p).collect());
        let (whole, _) = read(text(&rows, &columns).as_bytes()).unwrap();
        let same = |table: &Table| {
            assert_eq!(table.n_rows(), n);
            for (c, name) in whole.names().iter().enumerate() {
                let at = table.position(name).unwrap();
                assert!(whole.column(c).eq(table.column(at)));
                let bits = |numbers: &[f64]| numbers.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
                assert_eq!(whole.numbers(c).map(|x| bits(x)), table.numbers(at).map(|x| bits(x)), "{name}");
            }
        };
        let cut = n / 2;
        let halves = [text(&rows[..cut], &columns), text(&rows[cut..], &shuffled(columns.clone()))];
        same(&together(&[("a.csv", &halves[0]), ("b.csv", &halves[1])], &Combination::Auto).unwrap().table);
        let cut = p / 2;
        let right: Vec<usize> = std::iter::once(0).chain(cut + 1..=p).collect();
        let sides = [text(&rows, &columns[..=cut]), text(&shuffled(rows.clone()), &right)];
        // One column is no table; a firm's name alone is joined to nothing.
        if cut >= 1 {
            same(&together(&[("a.csv", &sides[0]), ("b.csv", &sides[1])], &on(&["firm"])).unwrap().table);
        }
    }
}
