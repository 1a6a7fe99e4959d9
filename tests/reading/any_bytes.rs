//! Any bytes: an answer or an error in bounded time, never a panic, and what comes out is sound. The seed and the number of
//! files are taken from `READING_SEED` and `READING_FILES`, so that the same test runs for seconds in CI and for hours by
//! hand: `READING_SEED=7 READING_FILES=1000000 cargo test --release --test reading any_bytes`. `READING_ONLY=123` then reads
//! that file alone, and leaves it in `target/tmp`.

use std::io::Read as _;
use std::sync::mpsc;
use std::time::Duration;

use beliefscope::data::{ReadOptions, profile, read_with};
use rand::{Rng, RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::workbooks::{self, Cell, Sheet, text, texts};

/// Files of each kind by default.
const FILES: u64 = 1_500;

/// How long one small file may take, on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(20);

fn from_environment(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |value| value.parse().unwrap_or_else(|_| panic!("{name} is no number")))
}

/// An archive with one part changed: what is changed in the archive itself mostly fails at its check sums.
fn mutate_part(archive: &mut Vec<u8>, random: &mut impl Rng) {
    let mut parts = Vec::new();
    let mut whole = zip::ZipArchive::new(std::io::Cursor::new(&*archive)).unwrap();
    for i in 0..whole.len() {
        let mut part = whole.by_index(i).unwrap();
        let mut content = Vec::new();
        part.read_to_end(&mut content).unwrap();
        parts.push((part.name().unwrap().into_owned(), content));
    }
    let changed = random.random_range(0..parts.len());
    mutate(&mut parts[changed].1, random);
    let parts: Vec<(&str, &[u8])> = parts.iter().map(|(name, content)| (name.as_str(), content.as_slice())).collect();
    *archive = workbooks::zip(&parts);
}

/// The files of `tests/fixtures` and a workbook of each kind, with their names.
fn originals() -> Vec<(String, Vec<u8>)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut files: Vec<(String, Vec<u8>)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap()))
        .collect();
    files.sort();
    let rows = vec![
        texts(&["firm", "x", "when", "failed"]),
        vec![text("A"), Cell::Number(1.5), Cell::Date(43830.0), Cell::Bool(true)],
        vec![text("B"), text("2,5"), Cell::NotAvailable, Cell::Bool(false)],
    ];
    let book = [Sheet::new("Notes", vec![texts(&["a remark"])]), Sheet { start: (2, 1), ..Sheet::new("Firms", rows) }];
    for (name, bytes) in [
        ("xlsx", workbooks::xlsx(&book)),
        ("xlsb", workbooks::xlsb(&book)),
        ("xls", workbooks::xls(&book)),
        ("ods", workbooks::ods(&book)),
        ("encrypted", workbooks::encrypted_xlsx()),
    ] {
        files.push((name.to_owned(), bytes));
    }
    files
}

/// Changes up to five places: a letter that means something to the reader, any byte, one bit, a piece that goes, comes
/// twice or is exchanged, or an end cut off.
fn mutate(bytes: &mut Vec<u8>, random: &mut impl Rng) {
    const TELLING: &[u8] = b",;|\t \"'\n\r#%-?0199.eE$()<>/={}@\0\x80\xFF\xFE";
    for _ in 0..random.random_range(1..6) {
        if bytes.is_empty() {
            return;
        }
        let at = random.random_range(0..bytes.len());
        let end = (at + random.random_range(1..40)).min(bytes.len());
        match random.random_range(0..8) {
            0 | 1 => bytes[at] = TELLING[random.random_range(0..TELLING.len())],
            2 => bytes[at] = random.random(),
            3 => bytes[at] ^= 1 << random.random_range(0..8),
            4 => bytes.insert(at, TELLING[random.random_range(0..TELLING.len())]),
            5 => drop(bytes.drain(at..end)),
            6 => {
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
            _ if random.random_bool(0.2) => bytes.truncate(at),
            _ => bytes[at..end].reverse(),
        }
    }
}

fn any_options(random: &mut impl Rng) -> ReadOptions {
    fn one<T: Clone>(of: &[T], random: &mut impl Rng) -> Option<T> {
        random.random_bool(0.15).then(|| of[random.random_range(0..of.len())].clone())
    }
    ReadOptions {
        encoding: one(&["gb18030", "windows-1251", "utf-16le", "utf-8", "big5"].map(str::to_owned), random),
        delimiter: one(&[',', ';', '\t', '|', ' ', '1', '"', '，'], random),
        decimal: one(&['.', ',', ';'], random),
        header: one(&[true, false], random),
        sheet: one(&["Firms", "Notes", "x"].map(str::to_owned), random),
        ..ReadOptions::default()
    }
}

/// Reads and checks what must hold of any result; whether there was one.
fn is_read(bytes: &[u8], options: &ReadOptions) -> bool {
    let (table, reading) = match read_with(bytes, options) {
        Ok(read) => read,
        Err(error) => {
            let message = error.to_string();
            assert!(message.ends_with('.'), "{message}");
            return false;
        }
    };
    assert_eq!(reading.rows_read, table.n_rows());
    assert!(table.n_rows() > 0 && table.n_columns() >= if reading.format == "arff" { 1 } else { 2 });
    assert!(reading.rejected.is_sorted_by(|a, b| a.line < b.line));
    assert!((1..table.n_rows()).all(|row| table.line(row - 1) < table.line(row)));
    let mut names = table.names().to_vec();
    names.sort_unstable();
    names.dedup();
    assert!(names.len() == table.n_columns() && !names.contains(&String::new()));
    let profiles = profile(&table);
    for (column, profile) in profiles.iter().enumerate() {
        if let Some(numbers) = table.numbers(column) {
            assert!(numbers.iter().all(|x| x.is_nan() || x.is_finite()));
            assert_eq!(profile.missing, numbers.iter().filter(|x| x.is_nan()).count());
        }
    }
    for count in &reading.missing {
        assert_eq!(count.cells, count.columns.iter().map(|(_, cells)| cells).sum::<usize>());
    }
    true
}

#[test]
fn mutations_of_every_fixture() {
    let (seed, files) = (from_environment("READING_SEED", 1), from_environment("READING_FILES", FILES));
    let (tell, told) = mpsc::sync_channel(16);
    let worker = std::thread::Builder::new()
        .name("mutations".to_owned())
        .spawn(move || read_mutations(seed, files, &tell))
        .unwrap();
    // A parser that never comes back is not waited for.
    let mut last = String::new();
    while let Some(next) = told.recv_timeout(PATIENCE).map_or_else(
        |gone| {
            assert_eq!(gone, mpsc::RecvTimeoutError::Disconnected, "seed {seed}: no answer in {PATIENCE:?} to {last}");
            None
        },
        Some,
    ) {
        last = next;
    }
    let read_anyhow = worker.join().unwrap();
    let alone = std::env::var("READING_ONLY").is_ok();
    assert!(
        alone || 3 * read_anyhow > files,
        "{read_anyhow} of {files} were read: the others must not all fail at the door"
    );
}

/// Reads mutated files, telling of each before; how many were read.
fn read_mutations(seed: u64, files: u64, tell: &mpsc::SyncSender<String>) -> u64 {
    let originals = originals();
    let only = std::env::var("READING_ONLY").ok().map(|_| from_environment("READING_ONLY", 0));
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut read_anyhow = 0;
    for file in 0..files {
        let (name, original) = &originals[random.random_range(0..originals.len())];
        let mut bytes = original.clone();
        if bytes.starts_with(b"PK") && random.random_bool(0.8) {
            mutate_part(&mut bytes, &mut random);
        } else {
            mutate(&mut bytes, &mut random);
        }
        let options = any_options(&mut random);
        if only.is_some_and(|only| only != file) {
            continue;
        }
        if only.is_some() {
            std::fs::write(std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{file}-{name}")), &bytes)
                .unwrap();
        }
        tell.send(format!("file {file} from {name}")).unwrap();
        let outcome = std::panic::catch_unwind(|| is_read(&bytes, &options));
        let Ok(read) = outcome else {
            panic!("seed {seed}, file {file} from {name} with {options:?}: {:?}", bytes.escape_ascii().to_string())
        };
        read_anyhow += u64::from(read);
    }
    read_anyhow
}

#[test]
fn bytes_at_random() {
    let (seed, files) = (from_environment("READING_SEED", 1), from_environment("READING_FILES", FILES));
    let mut random = ChaCha8Rng::seed_from_u64(!seed);
    let starts: [&[u8]; 8] = [
        b"",
        b"PK\x03\x04",
        b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1",
        b"\x1F\x8B\x08",
        b"\xFF\xFE",
        b"@relation r\n",
        b"sep=;\n",
        b"\xEF\xBB\xBF",
    ];
    for _ in 0..files {
        let mut bytes = starts[random.random_range(0..starts.len())].to_vec();
        let letters: Vec<u8> = (0..random.random_range(1..256)).map(|_| random.random()).collect();
        bytes.extend((0..random.random_range(0..600)).map(|_| letters[random.random_range(0..letters.len())]));
        is_read(&bytes, &any_options(&mut random));
    }
}
