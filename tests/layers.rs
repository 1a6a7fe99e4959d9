//! Holds the folders of `src` to their order: each uses only folders before it. Also: egui is named under `src/app`
//! only, and threads start only in the training worker and the window's loader.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::{Path, PathBuf};

/// From the lowest up. `random` is a file of its own, used by all.
const ORDER: [&str; 14] = [
    "random",
    "data",
    "model",
    "evaluation",
    "checks",
    "training",
    "inspection",
    "scoring",
    "explanation",
    "storage",
    "exchange",
    "report",
    "cli",
    "app",
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

fn all() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    sources(&root, &mut found);
    assert!(found.len() > 40, "only {} files found", found.len());
    found
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            (path.strip_prefix(&root).unwrap().to_owned(), text)
        })
        .collect()
}

/// The part of a path that ORDER speaks of; `None` for `lib.rs` and `main.rs`, which see everything.
fn room(path: &Path) -> Option<String> {
    let first = path.components().next()?.as_os_str().to_str()?.trim_end_matches(".rs").to_owned();
    (first != "lib" && first != "main").then_some(first)
}

/// Rooms named after `crate::`; of `use crate::{a::…, b::…}` too, over as many lines as it takes.
fn used(code: &str) -> Vec<String> {
    let mut rooms = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let name = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
        match rest.strip_prefix('{') {
            None => rooms.push(name(rest)),
            Some(list) => {
                let mut depth = 0;
                for part in list.split_inclusive([',', '{', '}']) {
                    let word = part.trim();
                    if depth == 0 && word.starts_with(char::is_alphabetic) {
                        rooms.push(name(word));
                    }
                    if depth == 0 && part.contains('}') && !part.contains('{') {
                        break;
                    }
                    depth = (depth + part.matches('{').count()).saturating_sub(part.matches('}').count());
                }
            }
        }
    }
    rooms
}

#[test]
fn folders_use_only_folders_before_them() {
    let place = |room: &str| ORDER.iter().position(|o| *o == room);
    let mut wrong = Vec::new();
    for (path, text) in all() {
        let Some(own) = room(&path) else { continue };
        let here = place(&own).unwrap_or_else(|| panic!("{} is in no known folder", path.display()));
        let code: Vec<&str> = text.lines().map(|l| if l.trim_start().starts_with("//") { "" } else { l }).collect();
        for used in used(&code.join(" ")) {
            match place(&used) {
                Some(there) if there <= here => {}
                _ => wrong.push(format!("{}: {own} uses {used}", path.display())),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_reader_of_use_lines_sees_both_forms() {
    assert_eq!(used("use crate::data::{Table, read};"), ["data"]);
    assert_eq!(used("use crate::{data::Table, model::{Rbm, svm}, report};"), ["data", "model", "report"]);
    assert_eq!(used("use crate::{\n    data::{\n A,\n B},\n    model,\n}; let app = 1;"), ["data", "model"]);
    assert_eq!(used("    let x: crate::app::App = crate::random::stream();"), ["app", "random"]);
}

#[test]
fn egui_is_named_in_the_window_only() {
    for (path, text) in all() {
        if room(&path).as_deref() == Some("app") {
            continue;
        }
        let named = text.lines().any(|l| l.contains("egui") && !l.trim_start().starts_with("//"));
        assert!(!named, "{} names egui", path.display());
    }
}

#[test]
fn threads_start_in_the_worker_and_the_loader_only() {
    let allowed = |name: &str| name.starts_with("training/worker/") || name == "app/loader.rs";
    for (path, text) in all() {
        let name = path.to_string_lossy().replace('\\', "/");
        let is_test = name.ends_with("tests.rs");
        // Tests at the end of a file may start threads to play the other side.
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let starts = ["thread::scope", "Builder::new().name(", "thread::spawn"].iter().any(|s| code.contains(s));
        assert!(!starts || is_test || allowed(&name), "{name} starts a thread");
    }
}
