//! Input that is no table, or hardly one: one sentence each that says what, where and what to do.

use std::path::Path;

use beliefscope::data::{ReadError, ReadOptions, RoleRequest, Source, read, read_with};

use super::workbooks::{self, Sheet, texts};

/// The sentence for bytes that are no table.
fn message(bytes: &[u8]) -> String {
    let error = read(bytes).expect_err(&String::from_utf8_lossy(&bytes[..bytes.len().min(60)]));
    let message = error.to_string();
    let internal = ["Error", "error:", "Zip", "Xml", "Os {", "panicked", "None(", "unwrap", "{\"", "::"];
    assert!(!internal.iter().any(|word| message.contains(word)), "{message}");
    assert!(message.ends_with('.') && !message.contains('\n'), "{message}");
    message
}

#[test]
fn each_says_what_and_where_and_what_to_do() {
    for (bytes, parts) in [
        (&b""[..], &["is empty"][..]),
        (b"\xEF\xBB\xBF \r\n# only a remark\n", &["is empty"]),
        (b"a,b\n\n", &["a header with 2 columns on line 1", "no row"]),
        (b"a\n1\n2\n", &["line 1", "comma, semicolon, tab"]),
        ("企业，x\n甲，1\n乙，2\n".as_bytes(), &["line 1", "comma, semicolon, tab"]),
        (b"%PDF-1.7\n,,", &["a PDF document", "save the table as CSV"]),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", &["a picture"]),
        (b"PAR1\x15\x04", &["a Parquet file"]),
        (b"<html><table>", &["HTML"]),
        (b"[{\"a\": 1}]", &["JSON"]),
        (b"\x01\x02\x03\xFF\x00\x01\x02,\n\x05\x06", &["a binary file"]),
        (b"a,b\n1,2\n3,\0\0\n", &["Line 3", "NUL", "character 3"]),
        (b"\"a,b\n1,2\n3,4\n", &["header on line 1", "quote"]),
        (b"Report of 2020\n5,2\n1,7\n", &["Line 1 has one cell", "remove it"]),
        (
            b"a,b,c\n1,2\n3,4\n",
            &["None of the 2 rows fits", "line 2 has 2 cells", "Make the first line name every column"],
        ),
        (b"@relation r\n@attribute a real\n", &["@data"]),
        (b"@relation r\n@attribute a relational\n@data\n1\n", &["Line 2", "@attribute"]),
        (b"@relation r\n@attribute a real\n@data\n1,2\n", &["None of the 1 rows"]),
    ] {
        let message = message(bytes);
        for part in parts {
            assert!(message.contains(part), "{part}: {message}");
        }
    }
}

#[test]
fn damaged_and_locked_workbooks() {
    let sheet = || [Sheet::new("S", vec![texts(&["a", "b"]), texts(&["1", "2"])])];
    for book in
        [workbooks::xlsx(&sheet()), workbooks::xlsb(&sheet()), workbooks::xls(&sheet()), workbooks::ods(&sheet())]
    {
        for part in 1..10 {
            let cut = message(&book[..book.len() * part / 10]);
            assert!(cut.contains("breaks off or is damaged"), "{cut}");
        }
    }
    for locked in [workbooks::encrypted_xlsx(), workbooks::encrypted_xls()] {
        assert_eq!(message(&locked), "The workbook is protected by a password: save it without one.");
    }
    assert_eq!(read(&workbooks::xlsx(&[Sheet::new("S", vec![])])).unwrap_err(), ReadError::Empty);
    let header_only = message(&workbooks::xlsx(&[Sheet::new("S", vec![texts(&["a", "b"])])]));
    assert!(header_only.contains("2 columns on line 1"), "{header_only}");
    assert!(message(&workbooks::zip(&[("a.csv", b"a,b")])).contains("a zip archive that is no workbook"));
    assert!(message(&workbooks::compound(&[("WordDocument", b"x")])).contains("a Word document"));
}

#[test]
fn cells_where_no_cell_can_be_are_refused() {
    let sheet = Sheet { start: (20_000, 25_000), ..Sheet::new("S", vec![texts(&["a", "b"]), texts(&["1", "2"])]) };
    assert!(message(&workbooks::xls(&[sheet])).contains("damaged"));
}

#[test]
fn a_chain_that_runs_in_a_circle_ends() {
    let mut book = workbooks::xls(&[Sheet::new("S", vec![texts(&["a", "b"]), texts(&["1", "2"])])]);
    // The directory, sector 1, is said to be followed by itself.
    book[512 + 4..512 + 8].copy_from_slice(&1u32.to_le_bytes());
    assert!(message(&book).contains("damaged"));
}

#[test]
fn a_repeated_cell_takes_no_room() {
    let cell = "<table:table-cell table:number-columns-repeated=\"16000\"><text:p>x</text:p></table:table-cell>";
    let row = format!("<table:table-row>{cell}</table:table-row>").repeat(10_000);
    let content = format!("<x><table:table table:name=\"S\">{row}</table:table></x>");
    let bytes = workbooks::zip(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", b"<m/>"),
        ("content.xml", content.as_bytes()),
    ]);
    assert!(bytes.len() < 20_000);
    assert!(message(&bytes).contains("more than 100000000 cells"));
}

#[test]
fn files_that_cannot_be_opened() {
    let folder = tempfile::tempdir().unwrap();
    let open = |path: &Path| Source::open(path, &RoleRequest::default()).map(drop).unwrap_err().to_string();
    let absent = open(&folder.path().join("absent.csv"));
    assert!(absent.contains("absent.csv") && absent.contains("cannot be read"), "{absent}");
    let directory = open(folder.path());
    assert!(directory.ends_with("cannot be read: it is a folder; choose a file in it."), "{directory}");
    let empty = folder.path().join("empty.csv");
    std::fs::write(&empty, "").unwrap();
    assert!(open(&empty).contains("empty.csv cannot be used"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let locked = folder.path().join("locked.csv");
        std::fs::write(&locked, "a,b\n1,2\n").unwrap();
        std::fs::set_permissions(&locked, std::fs::Permissions::from_mode(0o0)).unwrap();
        if std::fs::read(&locked).is_ok() {
            eprintln!("skipped: nothing is forbidden to this user");
        } else {
            assert!(open(&locked).contains("locked.csv cannot be read"));
        }
    }
}

#[test]
fn a_very_long_line_is_refused_or_read() {
    for line in [b"x".repeat(64 << 20), b"1,".repeat(1 << 20), b"\"".repeat(64 << 20), b" ".repeat(64 << 20)] {
        let outcome = read(&line);
        assert!(outcome.is_err_and(|error| !error.to_string().is_empty()));
        let mut below = b"a,b\n1,2\n".to_vec();
        below.extend(&line);
        if let Ok((table, _)) = read(&below) {
            assert_eq!(table.n_rows(), 1);
        }
    }
}

#[test]
fn labels_that_cannot_be_learned_from() {
    let open = |text: &str, label: &str| {
        let request = RoleRequest { label: Some(label.to_owned()), ..RoleRequest::default() };
        Source::from_bytes("t.csv".as_ref(), text.as_bytes(), &request).map(drop).unwrap_err().to_string()
    };
    let one_class = open("x,failed\n1,0\n2,0\n3,0\n", "failed");
    assert!(one_class.contains("all its rows say \"0\""), "{one_class}");
    let missing = open("x,failed\n1,\n2,NA\n3,?\n", "failed");
    assert!(missing.contains("all its cells are missing"), "{missing}");
}

#[test]
fn a_hundred_thousand_categories_are_read() {
    let text: String =
        (0..100_000).fold("firm,x,failed\n".to_owned(), |text, i| text + &format!("firm {i},{i},{}\n", i % 2));
    let source = Source::from_bytes("t.csv".as_ref(), text.as_bytes(), &RoleRequest::default()).unwrap();
    assert_eq!((source.table.n_rows(), source.profiles[0].distinct), (100_000, 100_000));
}

#[test]
fn what_is_chosen_and_has_no_effect_is_told() {
    let options = |sheet: Option<&str>| ReadOptions {
        delimiter: Some(';'),
        decimal: Some(','),
        sheet: sheet.map(str::to_owned),
        ..ReadOptions::default()
    };
    let arff = b"@relation r\n@attribute a real\n@data\n1\n";
    let (_, reading) = read_with(arff, &options(Some("S"))).unwrap();
    assert_eq!(reading.notes, ["What was chosen has no effect on an ARFF file: delimiter, decimal mark, sheet."]);
    let book = workbooks::xlsx(&[Sheet::new("S", vec![texts(&["a", "b"]), texts(&["1", "2"])])]);
    let (_, reading) = read_with(&book, &options(None)).unwrap();
    assert_eq!(reading.notes, ["What was chosen has no effect on a workbook: delimiter."]);
}
