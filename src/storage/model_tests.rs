//! Model files: whole they give the model back, damaged in any byte they give a sentence.

use super::*;
use crate::random::{Purpose, stream};
use crate::storage::small;
use std::panic::{AssertUnwindSafe, catch_unwind};

fn saved() -> (tempfile::TempDir, std::path::PathBuf, RiskModel) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("small.bscope-model");
    let model = small::model();
    save_model(&path, &model).unwrap();
    (folder, path, model)
}

#[test]
fn a_model_comes_back_and_answers_to_the_bit() {
    let (_folder, path, model) = saved();
    let read = load_model(&path).unwrap();
    assert_eq!(read, model);
    assert_eq!(read.pd(read.background.view()), model.pd(model.background.view()));
}

#[test]
fn a_model_that_could_not_be_read_is_not_written() {
    let (_folder, path, mut model) = saved();
    model.bad_rate = f64::NAN;
    assert!(save_model(&path, &model).unwrap_err().to_string().contains("outside 0 to 1"));
    load_model(&path).unwrap();
}

#[test]
fn every_byte_changed_and_every_truncation_give_a_sentence() {
    let (_folder, path, _) = saved();
    let whole = std::fs::read(&path).unwrap();
    assert!(whole.len() < 30_000, "{}", whole.len());
    let name = Path::new("damaged.bscope-model");
    let check = |bytes: &[u8], what: &str| {
        // As a file and as a pipe, whose length is not known.
        let size = bytes.len().is_multiple_of(2).then_some(bytes.len() as u64);
        let read: Result<(u32, RiskModel), _> = container::read_from(bytes, size, name, FileKind::Model, MODEL_FORMAT);
        let sentence = read.err().unwrap_or_else(|| panic!("{what} went unnoticed")).to_string();
        let single = sentence.ends_with('.') && sentence.lines().count() == 1;
        assert!(single && sentence.contains("damaged.bscope-model"), "{sentence}");
    };
    for at in 0..whole.len() {
        for flip in [1 << (at % 8), 0xFF] {
            let mut bytes = whole.clone();
            bytes[at] ^= flip;
            check(&bytes, &format!("byte {at} changed by {flip}"));
        }
        check(&whole[..at], &format!("a cut after {at} bytes"));
    }
    check(&[&whole[..], b"\0"].concat(), "a byte more");
}

/// Damage that a checksum does not see, since it was made with the file.
#[test]
fn a_model_put_together_wrongly_is_refused_or_answers() {
    let (_folder, path, model) = saved();
    let text = serde_json::to_string(&model).unwrap();
    let mut answered = 0;
    for index in 0..600 {
        let spoilt = small::spoilt(&text, &mut stream(85, Purpose::Sample, index));
        container::write_json(&path, FileKind::Model, MODEL_FORMAT, spoilt.as_bytes()).unwrap();
        let used = catch_unwind(AssertUnwindSafe(|| {
            let Ok(read) = load_model(&path) else { return 0 };
            let pd = read.pd(read.background.view());
            assert!(pd.iter().all(|pd| (0.0..=1.0).contains(pd)), "{pd:?}");
            let (_, data) = small::source();
            let rows: Vec<usize> = (0..data.n_rows()).collect();
            let pd = read.pd(read.inputs(&data, &rows, &rows).view());
            drop(pd.iter().map(|&pd| read.grade(pd)).collect::<Vec<_>>());
            1
        }));
        answered += used.unwrap_or_else(|_| panic!("case {index} panicked"));
    }
    assert!(answered > 100, "{answered}");
}
