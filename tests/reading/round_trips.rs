//! Any table, written in any way that we read, comes back as it was.

use std::io::Write as _;

use beliefscope::data::{ReadOptions, read, read_with};
use encoding_rs::{Encoding, GB18030, UTF_8, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252};
use rand::{Rng, RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::workbooks::{self, Cell, Sheet, text};

/// A table of texts and numbers.
#[derive(Debug)]
struct Plain {
    names: Vec<String>,
    /// Whether each column holds numbers.
    numeric: Vec<bool>,
    /// Numbers with a decimal point, or texts; empty where missing.
    rows: Vec<Vec<String>>,
}

/// Words that an encoding can write.
fn words(encoding: &'static Encoding) -> &'static [&'static str] {
    if encoding == GB18030 || encoding == UTF_8 {
        &["企业名称", "资产负债率", "净利润", "公司", "北京", "high, low", "two words", "say \"so\"", "a;b", "x|y"]
    } else if encoding == WINDOWS_1251 {
        &["Завод", "выручка", "банкрот", "общество", "Москва", "high, low", "say \"so\"", "a;b", "прибыль"]
    } else if encoding == WINDOWS_1250 {
        &["podnik", "tržby", "úpadok", "Železničná", "Červený kameň", "high, low", "say \"so\"", "a;b", "společnost"]
    } else {
        &["société", "résultat", "größe", "Öffentlich", "high, low", "say \"so\"", "a;b", "entreprise", "année"]
    }
}

fn any_table(random: &mut impl Rng, encoding: &'static Encoding) -> Plain {
    let words = words(encoding);
    let columns = random.random_range(2..7);
    // The first column is text and the last numbers, so that names stand out above them.
    let mut numeric: Vec<bool> = (0..columns).map(|_| random.random_bool(0.6)).collect();
    (numeric[0], numeric[columns - 1]) = (false, true);
    let names = (0..columns).map(|c| format!("{} {c}", words[random.random_range(0..words.len())])).collect();
    let number = |random: &mut dyn FnMut() -> f64| {
        let digits = (random() * 6.0) as usize;
        format!("{:.digits$}", (random() - 0.5) * 10f64.powf(random() * 8.0))
    };
    let rows = (0..random.random_range(3..12))
        .map(|row| {
            (0..columns)
                .map(|c| match (numeric[c], c) {
                    (true, _) if row > 1 && random.random_bool(0.1) => String::new(),
                    // The first rows tell the decimal mark: no thousands look like this.
                    (true, _) if row < 2 => format!("{}.{}5", random.random_range(0..9), random.random_range(0..9)),
                    (true, _) => number(&mut || random.random::<f64>()),
                    (false, 0) => format!("{} {row}", words[random.random_range(0..words.len())]),
                    (false, _) => words[random.random_range(0..words.len())].to_owned(),
                })
                .collect()
        })
        .collect();
    Plain { names, numeric, rows }
}

/// How a table is written.
#[derive(Debug)]
struct Way {
    delimiter: char,
    comma: bool,
    encoding: &'static Encoding,
    mark: bool,
    utf16: Option<bool>,
    header: bool,
    line_end: &'static str,
    quote_all: bool,
    gzip: bool,
}

fn any_way(random: &mut impl Rng) -> Way {
    let encoding = [UTF_8, UTF_8, GB18030, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252][random.random_range(0..6)];
    Way {
        delimiter: [',', ';', '\t', '|'][random.random_range(0..4)],
        comma: random.random_bool(0.4),
        encoding,
        mark: random.random_bool(0.3),
        utf16: (encoding == UTF_8 && random.random_bool(0.3)).then(|| random.random_bool(0.5)),
        header: random.random_bool(0.7),
        line_end: ["\n", "\r\n", "\r"][random.random_range(0..3)],
        quote_all: random.random_bool(0.3),
        gzip: random.random_bool(0.2),
    }
}

fn written(table: &Plain, way: &Way) -> Vec<u8> {
    let cell = |cell: &str| {
        let needs = cell.contains(['"', '\n', way.delimiter]);
        if way.quote_all || needs { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
    };
    let line = |cells: Vec<String>| cells.join(&way.delimiter.to_string()) + way.line_end;
    let mut out = String::new();
    if way.header {
        out += &line(table.names.iter().map(|name| cell(name)).collect());
    }
    for row in &table.rows {
        let marked = |(c, value): (usize, &String)| {
            cell(&if table.numeric[c] && way.comma { value.replace('.', ",") } else { value.clone() })
        };
        out += &line(row.iter().enumerate().map(marked).collect());
    }
    if way.mark && way.encoding == UTF_8 {
        out.insert(0, '\u{feff}');
    }
    let bytes = match way.utf16 {
        Some(big) => out.encode_utf16().flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect(),
        None => way.encoding.encode(&out).0.into_owned(),
    };
    if !way.gzip {
        return bytes;
    }
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(&bytes).unwrap();
    encoder.finish().unwrap()
}

/// The cells of a table that was read must be those of the one that was written.
fn assert_same(plain: &Plain, table: &beliefscope::data::Table, header: bool, what: &dyn std::fmt::Debug) {
    if header {
        assert_eq!(table.names(), plain.names, "{what:?}");
    }
    assert_eq!(table.n_rows(), plain.rows.len(), "{what:?}\n{plain:?}");
    for (c, &numeric) in plain.numeric.iter().enumerate() {
        let numbers = table.numbers(c);
        assert_eq!(numbers.is_some(), numeric, "{what:?}, column {c}\n{plain:?}");
        for (r, row) in plain.rows.iter().enumerate() {
            match numbers {
                Some(numbers) if row[c].is_empty() => assert!(numbers[r].is_nan(), "{what:?}"),
                Some(numbers) => assert_eq!(numbers[r], row[c].parse::<f64>().unwrap(), "{what:?}"),
                None => assert_eq!(table.cell(r, c), row[c], "{what:?}"),
            }
        }
    }
}

#[test]
fn delimited_text() {
    let mut random = ChaCha8Rng::seed_from_u64(3);
    for _ in 0..3_000 {
        let way = any_way(&mut random);
        let plain = any_table(&mut random, way.encoding);
        let bytes = written(&plain, &way);
        let forced = ReadOptions {
            // Encodings are found by the letters; a few words do not always tell one of Windows' from another.
            encoding: (way.encoding != UTF_8 && way.encoding != GB18030).then(|| way.encoding.name().to_owned()),
            ..ReadOptions::default()
        };
        let (table, reading) = read_with(&bytes, &forced).unwrap_or_else(|error| panic!("{way:?}: {error}\n{plain:?}"));
        assert_eq!((reading.delimiter, reading.header), (Some(way.delimiter), way.header), "{way:?}\n{plain:?}");
        assert_same(&plain, &table, way.header, &way);
    }
}

#[test]
fn everything_forced() {
    let mut random = ChaCha8Rng::seed_from_u64(4);
    for _ in 0..1_000 {
        let way = any_way(&mut random);
        let plain = any_table(&mut random, way.encoding);
        let encoding = match way.utf16 {
            Some(true) => "utf-16be",
            Some(false) => "utf-16le",
            None => way.encoding.name(),
        };
        let options = ReadOptions {
            encoding: Some(encoding.to_owned()),
            delimiter: Some(way.delimiter),
            decimal: Some(if way.comma { ',' } else { '.' }),
            header: Some(way.header),
            ..ReadOptions::default()
        };
        let (table, reading) = read_with(&written(&plain, &way), &options).unwrap();
        assert_eq!(reading.decimal, if way.comma { ',' } else { '.' });
        assert_same(&plain, &table, way.header, &way);
    }
}

#[test]
fn workbooks_of_every_kind() {
    let mut random = ChaCha8Rng::seed_from_u64(5);
    let write = [workbooks::xlsx, workbooks::xlsb, workbooks::xls, workbooks::ods];
    for round in 0..200 {
        let plain = any_table(&mut random, UTF_8);
        let cell = |(c, value): (usize, &String)| match (value.is_empty(), plain.numeric[c]) {
            (true, _) => Cell::Blank,
            (_, true) => Cell::Number(value.parse().unwrap()),
            _ => text(value),
        };
        let mut rows = vec![plain.names.iter().map(|name| text(name)).collect::<Vec<_>>()];
        rows.extend(plain.rows.iter().map(|row| row.iter().enumerate().map(cell).collect()));
        let start = (random.random_range(0..5), random.random_range(0..30));
        let bytes = write[round % 4](&[Sheet { start, ..Sheet::new("S", rows) }]);
        let (table, _) = read(&bytes).unwrap_or_else(|error| panic!("{error}: {plain:?}"));
        assert_same(&plain, &table, true, &round);
    }
}
