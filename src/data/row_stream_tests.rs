use super::*;
use crate::random::{Purpose, Stream, stream};
use flate2::Compression;
use flate2::write::GzEncoder;
use rand::RngExt as _;
use std::fmt::Write as _;
use std::io::Write as _;

/// Line, cells and numbers of every row, and the lines that are none.
type Read = (Vec<(u64, Vec<String>, Vec<Option<u64>>)>, Vec<Rejected>);

fn rows(parts: impl Iterator<Item = RowPart>) -> Read {
    let (mut rows, mut rejected) = (Vec::new(), Vec::new());
    for part in parts {
        let table = &part.table;
        for row in 0..table.n_rows() {
            let number = |column| table.numbers(column).map(|numbers| numbers[row].to_bits());
            let numbers = (0..table.n_columns()).map(number).collect();
            rows.push((table.line(row), table.row(row).map(str::to_owned).collect(), numbers));
        }
        rejected.extend(part.rejected);
    }
    (rows, rejected)
}

fn in_parts(bytes: &[u8], sizes: Sizes) -> Result<Read, OpenError> {
    let reader = io::Cursor::new(bytes.to_vec());
    let progress = Progress::new();
    let mut stream = RowStream::of_reader(Path::new("x.csv"), reader, &ReadOptions::default(), sizes, &progress)?;
    let mut parts = Vec::new();
    while let Some(part) = stream.next_part(&progress)? {
        assert!(part.table.n_rows() + part.rejected.len() > 0);
        parts.push(part);
    }
    Ok(rows(parts.into_iter()))
}

fn at_once(bytes: &[u8]) -> Read {
    let source = Source::from_bytes(Path::new("x.csv"), bytes, &RoleRequest::default()).unwrap();
    let mut stream = RowStream::of_source(source);
    rows(std::iter::from_fn(|| stream.next_part(&Progress::new()).unwrap()))
}

fn without_numbers((rows, rejected): &Read) -> (Vec<(u64, Vec<String>)>, Vec<Rejected>) {
    (rows.iter().map(|(line, cells, _)| (*line, cells.clone())).collect(), rejected.clone())
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A table whose first lines are plain, so that any first part settles the same, and whose rest is not.
fn some_table(random: &mut Stream, line_end: &str) -> String {
    let mut text = format!("id,note,x{line_end}");
    for row in 0..60 {
        _ = write!(text, "F{row},plain,{}.5{line_end}", row % 7);
    }
    let notes = ["plain", "\"a,b\"", "\"two\nlines\"", "\"say \"\"no\"\"\"", "é", "\"", "\"open", "企业", ""];
    for row in 0..random.random_range(0..300) {
        let note = match random.random_range(0..4) {
            0 => notes[random.random_range(0..notes.len())],
            _ => notes[random.random_range(0..4)],
        };
        let x = ["1.25", "-3", "7e2", "", "?", "x"][random.random_range(0..6)];
        match random.random_range(0..40) {
            0 => text.push_str(line_end),
            1 => text.extend(["short", line_end]),
            _ => _ = write!(text, "G{row},{note},{x}{line_end}"),
        }
    }
    if random.random_bool(0.5) {
        text.push_str("last,row,9");
    }
    text
}

#[test]
fn parts_of_any_size_give_what_the_whole_gives() {
    let mut random = stream(31, Purpose::Sample, 0);
    let (mut n_rows, mut n_rejected) = (0, 0);
    for round in 0..120 {
        let text = some_table(&mut random, ["\n", "\r\n", "\r"][round % 3]);
        let whole = without_numbers(&at_once(text.as_bytes()));
        let numbers = in_parts(text.as_bytes(), Sizes { head: 1 << 20, part: 1 << 20 }).unwrap();
        assert_eq!(without_numbers(&numbers), whole);
        for (head, part) in [(700, 97), (1000, 1000), (1500, 5000), (900, 13)] {
            let found = in_parts(text.as_bytes(), Sizes { head, part }).unwrap();
            assert_eq!(without_numbers(&found), whole, "{head} {part} {text:?}");
        }
        let found = in_parts(&packed(text.as_bytes()), Sizes { head: 800, part: 333 }).unwrap();
        assert_eq!(without_numbers(&found), whole);
        n_rows += whole.0.len();
        n_rejected += whole.1.len();
    }
    assert!(n_rows > 10_000 && n_rejected > 500, "{n_rows} {n_rejected}");
}

#[test]
fn numbers_and_encodings_are_those_of_the_whole() {
    let mut text = "firma;podiel;suma\n".to_owned();
    for row in 0..400 {
        _ = writeln!(text, "Železničná {row};{},{};{}.000", row % 10, row % 9, row + 1);
    }
    let (windows, _, _) = encoding_rs::WINDOWS_1250.encode(&text);
    let utf16: Vec<u8> = "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    for bytes in [text.as_bytes(), &windows, &utf16] {
        let stream = |head, part| {
            let reader = io::Cursor::new(bytes.to_vec());
            let sizes = Sizes { head, part };
            RowStream::of_reader(Path::new("x"), reader, &ReadOptions::default(), sizes, &Progress::new()).unwrap()
        };
        assert_eq!(stream(2000, 100).decimals(), [Decimal::Comma; 3]);
        assert_eq!(stream(2000, 100).names(), ["firma", "podiel", "suma"]);
        let whole = without_numbers(&at_once(bytes));
        assert_eq!(whole.0.len(), 400);
        assert_eq!(without_numbers(&in_parts(bytes, Sizes { head: 2000, part: 101 }).unwrap()), whole);
    }
}

#[test]
fn what_is_wrong_is_said_in_the_middle_too() {
    let good = format!("a,b\n{}", "1,2\n".repeat(500));
    let sizes = Sizes { head: 500, part: 100 };
    let sentence = |bytes: &[u8]| in_parts(bytes, sizes).unwrap_err().to_string();
    assert!(sentence(&[good.as_bytes(), b"3,\0\n"].concat()).contains("Line 502 holds a NUL byte at character 3"));
    let mut cut = packed(some_table(&mut stream(1, Purpose::Sample, 0), "\n").repeat(50).as_bytes());
    cut.truncate(cut.len() / 2);
    assert!(sentence(&cut).contains("The packed file breaks off"), "{}", sentence(&cut));
    assert!(sentence(b"").contains("The file is empty"));
    assert!(sentence(b"a,b\n").contains("no row below it"));
    // Damage below the first part is a letter that is none, and is told.
    let reader = io::Cursor::new([good.as_bytes(), b"3,\xFF\n4,\xFF\xFF\n"].concat());
    let mut stream =
        RowStream::of_reader(Path::new("x"), reader, &ReadOptions::default(), sizes, &Progress::new()).unwrap();
    while stream.next_part(&Progress::new()).unwrap().is_some() {}
    assert!(
        stream.notes().iter().any(|note| note.contains("3 places are not valid UTF-8") && note.contains("line 502"))
    );
}

#[test]
fn a_file_is_watched_while_it_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    let mut file = File::create(&path).unwrap();
    file.write_all(b"a,b\n1,2\n3,4\n").unwrap();
    let progress = Progress::new();
    let mut stream = RowStream::open(&path, &ReadOptions::default(), &progress).unwrap();
    assert_eq!(stream.next_part(&progress).unwrap().unwrap().table.n_rows(), 2);
    file.write_all(b"5,6\n").unwrap();
    assert!(matches!(stream.next_part(&progress), Err(OpenError::Changed { .. })));
    progress.cancel();
    assert!(matches!(stream.next_part(&progress), Err(OpenError::Cancelled { .. })));
    assert!(RowStream::open(folder.path(), &ReadOptions::default(), &Progress::new()).is_err());
    // What can only be read as a whole is one part.
    let path = folder.path().join("a.arff");
    std::fs::write(&path, "@relation r\n@attribute a numeric\n@attribute b numeric\n@data\n1,2\n3,4\n").unwrap();
    let mut stream = RowStream::open(&path, &ReadOptions::default(), &Progress::new()).unwrap();
    assert_eq!(stream.next_part(&Progress::new()).unwrap().unwrap().table.n_rows(), 2);
    assert!(stream.next_part(&Progress::new()).unwrap().is_none());
}

#[test]
fn any_bytes_are_rows_or_a_sentence() {
    let mut random = stream(32, Purpose::Sample, 0);
    let table = some_table(&mut random, "\n").into_bytes();
    for round in 0..400 {
        let mut bytes = if round % 3 == 0 { packed(&table) } else { table.clone() };
        for _ in 0..random.random_range(1..20) {
            let at = random.random_range(0..bytes.len());
            bytes[at] = random.random();
        }
        bytes.truncate(random.random_range(0..=bytes.len()));
        let sizes = Sizes { head: random.random_range(1..2000), part: random.random_range(1..500) };
        if let Err(error) = in_parts(&bytes, sizes) {
            assert!(error.to_string().len() > 20, "{error}");
        }
    }
}
