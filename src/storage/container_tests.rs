//! What is written is read again; what is not as it was written is refused in one sentence.

use std::path::PathBuf;

use super::*;
use crate::random::{Purpose, stream};
use rand::RngExt as _;

fn path() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.bscope");
    (folder, path)
}

fn refused(path: &Path) -> String {
    read::<Vec<u32>>(path, FileKind::Workspace, 3).unwrap_err().to_string()
}

#[test]
fn a_value_comes_back_with_its_format() {
    let (_folder, path) = path();
    let value = vec![1_u32, 2, 3];
    for format in 1..=3 {
        write(&path, FileKind::Workspace, format, &value).unwrap();
        assert_eq!(read(&path, FileKind::Workspace, 3).unwrap(), (format, value.clone()));
    }
}

#[test]
fn single_precision_comes_back_to_the_bit() {
    let (_folder, path) = path();
    let mut random = stream(83, Purpose::Sample, 0);
    let bits = (0..300_000).map(|_| f32::from_bits(random.random()));
    let value: Vec<f32> = bits.filter(|x| x.is_finite()).chain([-0.0, f32::MIN_POSITIVE, 1e-45]).collect();
    write(&path, FileKind::Model, 1, &value).unwrap();
    let (_, found): (_, Vec<f32>) = read(&path, FileKind::Model, 1).unwrap();
    assert!(found.iter().zip(&value).all(|(a, b)| a.to_bits() == b.to_bits()) && found.len() == value.len());
}

#[test]
fn newer_other_and_foreign_files_say_what_they_are() {
    let (folder, path) = path();
    write(&path, FileKind::Workspace, 7, &[1]).unwrap();
    assert!(refused(&path).ends_with(
        "a.bscope was made by a newer version (format 7, this program knows up to 3): use a newer program."
    ));
    write(&path, FileKind::Model, 1, &[1]).unwrap();
    assert!(refused(&path).ends_with("a.bscope is a model file, and a workspace file is needed."));
    for bytes in ["", "beliefscope", "beliefscope workspace 1\n", "margin;debt\n1;2\n"] {
        std::fs::write(&path, bytes).unwrap();
        assert!(refused(&path).ends_with("is no workspace file of this program, or its first line is damaged."));
    }
    write(&path, FileKind::Workspace, 1, &"no list").unwrap();
    assert!(refused(&path).contains("a.bscope cannot be understood: invalid type: string"), "{}", refused(&path));
    assert!(refused(folder.path()).ends_with("it is a folder; choose a file in it."));
    assert!(refused(&folder.path().join("none")).contains("there is no such file"));
}

#[test]
fn a_first_line_has_one_spelling() {
    let header = Header { kind: FileKind::Model, format: 12, sha256: fingerprint(b"x"), length: 40 };
    let line = header.line();
    assert_eq!(Header::read(line.as_bytes()), Some((header, line.len())));
    assert!((line.len() as u64) < LONGEST_LINE - 30, "with the longest numbers too");
    for other in [
        line.replace("12", "+12"),
        line.replace("12", "012"),
        line.replace("12", "0"),
        line.replace(' ', "  "),
        line.replace('\n', "\r\n"),
        line.replace("beliefscope", "Beliefscope"),
        line.replace("model", "Model"),
        line.replace("40\n", "40 \n"),
        line.replace("12", "99999999999"),
    ] {
        assert_eq!(Header::read(other.as_bytes()), None, "{other}");
    }
}

#[test]
fn what_unpacks_to_more_than_there_can_be_is_not_unpacked() {
    let (_folder, path) = path();
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    let piece = vec![b' '; 1 << 20];
    for _ in 0..100 {
        packer.write_all(&piece).unwrap();
    }
    let rest = packer.finish().unwrap();
    let header = Header { kind: FileKind::Workspace, format: 1, sha256: fingerprint(&rest), length: rest.len() as u64 };
    std::fs::write(&path, [header.line().as_bytes(), &rest].concat()).unwrap();
    assert!(refused(&path).contains("bytes once unpacked, which no workspace file does."), "{}", refused(&path));
    assert_eq!(unpack(&rest, 1000), Err(Unpacking::TooLarge(1000)));
    assert_eq!(unpack(&rest[..rest.len() - 3], MOST_BYTES), Err(Unpacking::Broken));
    assert_eq!(unpack(&[&rest[..], b"more"].concat(), MOST_BYTES), Err(Unpacking::Broken));
    assert_eq!(unpack(b"plain", 1000), Err(Unpacking::Broken));
}

#[test]
fn any_bytes_are_refused_without_a_panic() {
    let (_folder, path) = path();
    write(&path, FileKind::Workspace, 1, &[1]).unwrap();
    let whole = std::fs::read(&path).unwrap();
    for index in 0..500 {
        let mut random = stream(84, Purpose::Sample, index);
        let n = random.random_range(0..400);
        // As often as not behind a first line that is right.
        let keep = if random.random_bool(0.5) { whole.len().min(100) } else { 0 };
        let bytes: Vec<u8> = whole[..keep].iter().copied().chain((0..n).map(|_| random.random())).collect();
        std::fs::write(&path, bytes).unwrap();
        assert!(refused(&path).ends_with('.'));
    }
}
