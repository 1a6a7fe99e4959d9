use super::*;

fn table(text: &str) -> (Table, Reading) {
    read(text.as_bytes()).unwrap()
}

fn rows(table: &Table) -> Vec<Vec<&str>> {
    (0..table.n_rows()).map(|r| (0..table.n_columns()).map(|c| table.cell(r, c)).collect()).collect()
}

/// The numbers of a column, NaN where missing.
fn numbers(table: &Table, column: usize) -> Vec<f64> {
    table.numbers(column).unwrap().to_vec()
}

#[test]
fn a_plain_file() {
    let (table, reading) = table("a,b\n1,x\n2,\n");
    assert_eq!(table.names(), ["a", "b"]);
    assert_eq!(rows(&table), [["1", "x"], ["2", ""]]);
    assert_eq!((table.line(0), table.line(1)), (2, 3));
    assert_eq!(
        (reading.format, reading.encoding, reading.delimiter, reading.decimal),
        ("csv", "UTF-8", Some(','), '.')
    );
    assert!(reading.header && reading.rejected.is_empty() && reading.notes.is_empty());
    assert_eq!(reading.rows_read, 2);
}

#[test]
fn the_fingerprint_is_that_of_all_bytes() {
    // From `printf 'a,b\n1,2\n' | sha256sum`.
    let (_, reading) = table("a,b\n1,2\n");
    assert_eq!(reading.sha256, "492d5ea496056f1a6a6592241032fab764c321596317930b4fa0e1e8bc3b7470");
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_first_name() {
    let (table, reading) = table("\u{feff}\"Default\";x\r\n0;1\r\n");
    assert_eq!(table.names(), ["Default", "x"]);
    assert_eq!((reading.encoding, reading.delimiter), ("UTF-8 with a byte-order mark", Some(';')));
}

#[test]
fn rows_of_the_wrong_length_are_rejected_with_their_lines() {
    let (table, reading) = table("a,b\n1,2\n3\n\n4,5,6\n,\n7,8\n");
    assert_eq!(rows(&table), [["1", "2"], ["7", "8"]]);
    let rejected: Vec<_> = reading.rejected.iter().map(|r| (r.line, r.reason.as_str())).collect();
    assert_eq!(
        rejected,
        [(3, "has 1 cell, the header has 2"), (5, "has 3 cells, the header has 2"), (6, "has only empty cells"),]
    );
    assert_eq!((table.line(0), table.line(1)), (2, 7));
}

#[test]
fn an_unbalanced_quote_swallows_nothing() {
    let (table, reading) = table("firm,x,y\nA,1,2\n\"B,3,4\nC,5,6\n\"D, Ltd\",7,8\nE,9,10\n");
    assert_eq!(rows(&table), [["A", "1", "2"], ["C", "5", "6"], ["D, Ltd", "7", "8"], ["E", "9", "10"]]);
    assert_eq!(reading.rejected, [Rejected { line: 3, reason: "opens a quote that is not closed".to_owned() }]);
}

#[test]
fn a_record_over_lines_that_does_not_fit_is_taken_apart() {
    let (table, reading) = table("firm,x\n\"A,1\nB\",2,3\nC,4\n");
    assert_eq!(rows(&table), [["C", "4"]]);
    assert_eq!(reading.rejected.iter().map(|r| r.line).collect::<Vec<_>>(), [2, 3]);
}

#[test]
fn rows_over_several_lines_are_told() {
    let (table, reading) = table("a,b\n\"x\ny\",1\n2,3\n\"p\nq\nr\",4\n");
    assert_eq!((table.n_rows(), table.line(1), table.line(2)), (3, 4, 5));
    assert_eq!(reading.notes, ["2 rows have line breaks inside quotes, the first on lines 2 to 3."]);
}

#[test]
fn remarks_before_the_header_are_kept_as_notes() {
    let (table, reading) = table("# synthetic, not real\n#seed 7\n\na,b\n1,2\n# 3,4\n");
    assert_eq!(table.names(), ["a", "b"]);
    assert_eq!(rows(&table), [["1", "2"], ["# 3", "4"]], "below the header a # is a value");
    assert_eq!(reading.notes, ["File note: synthetic, not real", "File note: seed 7"]);
    assert_eq!(table.line(0), 5);
}

#[test]
fn a_header_behind_a_mark_is_still_the_header() {
    let (numbered, reading) = table("#,firm,x\n1,A,0.5\n2,B,0.7\n");
    assert_eq!(numbered.names(), ["#", "firm", "x"]);
    assert_eq!((numbered.n_rows(), numbered.line(0)), (2, 2));
    assert!(reading.notes.is_empty());
    let (saved, reading) = table("# made by hand\n# a b,c\n1,2\n");
    assert_eq!(saved.names(), ["a b", "c"]);
    assert_eq!(reading.notes, ["File note: made by hand"]);
    let (remarked, _) = table("# one, two\na,b\n1,2\n");
    assert_eq!(remarked.names(), ["a", "b"], "a remark with as many commas is none above names");
}

#[test]
fn names_become_unique_and_are_never_empty() {
    let (table, reading) = table(",x, x ,x (2),,\"two\nlines\"\n1,2,3,4,5,6\n");
    assert_eq!(table.names(), ["column 1", "x", "x (3)", "x (2)", "column 5", "two lines"]);
    assert_eq!(reading.notes.len(), 3);
    assert_eq!(reading.notes[1], "Column 3 repeats the name \"x\": it is called \"x (3)\".");
}

#[test]
fn a_missing_header_is_found_and_told() {
    let text = "b,30.8,?,u\na,58.6,4,u\n";
    let (without, reading) = table(text);
    assert_eq!((without.names()[0].as_str(), without.n_rows(), without.line(0)), ("column 1", 2, 1));
    assert!(!reading.header && reading.notes.len() == 1);
    let forced = |header| read_with(text.as_bytes(), &ReadOptions { header: Some(header), ..ReadOptions::default() });
    let (with, reading) = forced(true).unwrap();
    assert_eq!((with.names()[1].as_str(), with.n_rows(), reading.notes.len()), ("30.8", 1, 0));
    assert_eq!(forced(false).unwrap().1.notes.len(), 0);
    assert!(table("firm,2019,2020\na,1,2\n").1.notes.is_empty());
}

#[test]
fn a_decimal_comma_is_found_with_the_delimiter() {
    let (semicolons, reading) = table("\"\";\"V1\";\"V2\"\n\"1\";0,5;NA\n\"2\";1,25;1.234,5\n");
    assert_eq!(rows(&semicolons), [["1", "0,5", "NA"], ["2", "1,25", "1.234,5"]]);
    assert_eq!(numbers(&semicolons, 1), [0.5, 1.25]);
    assert!(semicolons.is_missing(0, 2) && numbers(&semicolons, 2)[1] == 1234.5);
    assert_eq!((reading.delimiter, reading.decimal, reading.header), (Some(';'), ',', true));
    let (quoted, reading) = table("a,b\n\"0,5\",x\n\"1,25\",y\n");
    assert_eq!(numbers(&quoted, 0), [0.5, 1.25]);
    assert_eq!((reading.delimiter, reading.decimal), (Some(','), ','));
}

#[test]
fn every_reading_can_be_forced() {
    let with = |text: &str, options: ReadOptions| read_with(text.as_bytes(), &options).unwrap();
    let (table, reading) = with("a;b\n1,234;2,345\n", ReadOptions { decimal: Some('.'), ..ReadOptions::default() });
    assert_eq!((numbers(&table, 0), numbers(&table, 1), reading.decimal), (vec![1234.0], vec![2345.0], '.'));
    let (table, reading) = with("a;b,c\n1;2,3\n", ReadOptions { delimiter: Some(','), ..ReadOptions::default() });
    assert_eq!((table.names().len(), reading.delimiter), (2, Some(',')));
    for options in [
        ReadOptions { delimiter: Some('"'), ..ReadOptions::default() },
        ReadOptions { delimiter: Some('，'), ..ReadOptions::default() },
        ReadOptions { decimal: Some(';'), ..ReadOptions::default() },
        ReadOptions { encoding: Some("x".to_owned()), ..ReadOptions::default() },
    ] {
        assert!(matches!(read_with(b"a,b\n1,2\n", &options), Err(ReadError::Option { .. })));
    }
    let options = ReadOptions { delimiter: Some('|'), ..ReadOptions::default() };
    let error = read_with(b"a,b\n1,2\n", &options).unwrap_err();
    assert!(matches!(error, ReadError::NotSeparated { line: 1, .. } | ReadError::OneColumn { line: 1 }), "{error}");
}

#[test]
fn errors_say_what_where_and_what_to_do() {
    let message = |bytes: &[u8]| read(bytes).unwrap_err().to_string();
    assert_eq!(read(b"").unwrap_err(), ReadError::Empty);
    assert_eq!(read(b"\xEF\xBB\xBF \r\n# only a remark\n").unwrap_err(), ReadError::Empty);
    assert!(message(b"%PDF-1.7\n,,").contains("a PDF document"));
    assert_eq!(read(b"a\n1\n2\n").unwrap_err(), ReadError::OneColumn { line: 1 });
    assert!(message(b"a\n1\n2\n").contains("comma, semicolon, tab and vertical bar"));
    assert_eq!(read(b"a,b\n\n").unwrap_err(), ReadError::NoRows { line: 1, columns: 2 });
    assert_eq!(read(b"\"a,b\n1,2\n3,4\n").unwrap_err(), ReadError::HeaderQuote { line: 1 });
    assert_eq!(read(b"Report of 2020\n5,2\n1,7\n").unwrap_err(), ReadError::TitleLine { line: 1 });
    assert_eq!(
        message(b"a,b,c\n1,2\n3,4\n"),
        "None of the 2 rows fits the header on line 1: line 2 has 2 cells, the header has 3. Make the first line name \
         every column."
    );
}

#[test]
fn blanks_between_thousands_are_told() {
    let (_, reading) = table("a,b\n1 444.83,x\n-2 000,1 000 000\n");
    assert_eq!(
        reading.notes,
        ["2 numbers have blanks between the thousands, which are left out; the first is \"1 444.83\" on line 2."]
    );
}

#[test]
fn a_packed_table_is_read_as_what_is_inside() {
    let packed = gzip::tests::packed(b"a;b\n0,5;x\n1,5;y\n");
    let (table, reading) = read(&packed).unwrap();
    assert_eq!(rows(&table), [["0,5", "x"], ["1,5", "y"]]);
    assert_eq!((reading.format, reading.delimiter, reading.decimal), ("csv", Some(';'), ','));
    let (_, reading) = read(&gzip::tests::packed(b"@relation r\n@attribute a real\n@data\n1\n")).unwrap();
    assert_eq!((reading.format, reading.rows_read), ("arff", 1));
}

#[test]
fn the_number_of_threads_changes_nothing() {
    use crate::random::{Purpose, stream};
    use rand::RngExt as _;
    let mut random = stream(51, Purpose::Sample, 0);
    let mut text = "a,b,c,d\n".to_owned();
    while text.len() < 5 << 20 {
        let x: f64 = random.random::<f64>() - 0.5;
        let firm = match random.random_range(0..20) {
            0 => "\"two\nlines\"",
            1 => "one,more",
            _ => "firm",
        };
        let line = format!("{x},{firm},{:.2},\"1,5\"\n", x * 1e4);
        text.push_str(&line);
    }
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let (table, reading) = read(text.as_bytes()).unwrap();
            let profiles = crate::data::profile(&table);
            (table, reading, profiles)
        })
    };
    let one = with(1);
    assert!(one.1.rows_read > 1000 && one.1.rejected.len() > 1000, "{} rows", one.1.rows_read);
    assert!(one.0.numbers(0).is_some() && one.0.numbers(3).is_some());
    for threads in [2, 5] {
        assert!(with(threads) == one, "{threads} threads");
    }
}

#[test]
fn reading_can_be_stopped_and_is_watched() {
    let text = "a,b\n".to_owned() + &"1,2\n".repeat(100_000);
    let read = |progress: &Progress| read_owned(text.clone().into_bytes(), None, &ReadOptions::default(), progress);
    let progress = Progress::new();
    assert_eq!(read(&progress).unwrap().1.rows_read, 100_000);
    // Half is for fetching the bytes and describing the columns.
    assert!((progress.share() - 0.5).abs() < 0.01, "{}", progress.share());
    progress.cancel();
    assert_eq!(read(&progress).unwrap_err(), ReadError::Cancelled);
    assert_eq!(
        read_owned(gzip::tests::packed(text.as_bytes()), None, &ReadOptions::default(), &progress).unwrap_err(),
        ReadError::Cancelled
    );
}

#[test]
fn a_table_has_no_million_columns_and_no_endless_line() {
    let wide = "1,".repeat(1_000_000);
    let error = read(format!("{wide}\n{wide}\n").as_bytes()).unwrap_err();
    assert_eq!(error, ReadError::TooManyColumns { line: 1, delimiter: ',', most: 100_000 });
    let long = format!("a,b\r\n1,2\r\n3,{}\r\n", "x".repeat(MAX_LINE));
    assert_eq!(read(long.as_bytes()).unwrap_err(), ReadError::LongLine { line: 3, most: MAX_LINE });
}
