//! Work that was left behind is found, offered once, and whole at whatever moment its program was killed.

use super::*;
use crate::random::{Purpose, stream};
use rand::RngExt as _;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// One of these tests at a time: a program that is being started holds the locks of the one that starts it, for a moment.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn named(title: &str) -> SavedWorkspace {
    SavedWorkspace { title: title.to_owned(), ..Default::default() }
}

fn titles(orphans: &[Orphan]) -> Vec<&str> {
    orphans.iter().map(|orphan| &*orphan.summary.as_ref().unwrap().title).collect()
}

#[test]
fn work_is_offered_when_its_program_is_gone_and_to_one_at_a_time() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let all = folder.path().join("autosave");
    assert!(orphaned_autosaves(&all).unwrap().is_empty(), "before the first start");
    let (first, second, third) =
        (Autosave::begin(&all).unwrap(), Autosave::begin(&all).unwrap(), Autosave::begin(&all).unwrap());
    first.save(&named("first")).unwrap();
    second.save(&named("second")).unwrap();
    third.save(&named("third")).unwrap();
    assert!(orphaned_autosaves(&all).unwrap().is_empty(), "all are running");
    drop(first);
    third.discard().unwrap();
    let offered = orphaned_autosaves(&all).unwrap();
    assert_eq!(titles(&offered), ["first"]);
    assert!(orphaned_autosaves(&all).unwrap().is_empty(), "another program is not offered it too");
    drop(offered);
    let mut again = orphaned_autosaves(&all).unwrap();
    assert_eq!(again[0].load().unwrap(), named("first"));
    let adopted = again.remove(0).adopt();
    adopted.save(&named("gone on with")).unwrap();
    assert!(orphaned_autosaves(&all).unwrap().is_empty());
    drop((adopted, second));
    let left = orphaned_autosaves(&all).unwrap();
    assert_eq!(left.len(), 2);
    for orphan in left {
        orphan.discard().unwrap();
    }
    let names: Vec<_> = fs::read_dir(&all).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, [LOCK], "nothing else is left");
}

#[test]
fn half_written_files_and_empty_places_are_removed_and_damaged_work_is_told() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let all = folder.path();
    let (empty, half) = (Autosave::begin(all).unwrap(), Autosave::begin(all).unwrap());
    half.save(&named("half")).unwrap();
    let temporary = half.folder.join(".beliefscope-abc");
    fs::write(&temporary, b"beliefscope workspace 1 ").unwrap();
    let work = half.path();
    drop((empty, half));
    let offered = orphaned_autosaves(all).unwrap();
    assert_eq!((titles(&offered), temporary.exists()), (vec!["half"], false));
    assert_eq!(fs::read_dir(all).unwrap().count(), 2, "the lock and one place");
    drop(offered);
    let bytes = fs::read(&work).unwrap();
    fs::write(&work, &bytes[..bytes.len() - 1]).unwrap();
    let offered = orphaned_autosaves(all).unwrap();
    assert!(matches!(offered[0].summary, Err(StoredError::Length { .. })));
}

/// The variable that tells a program started by these tests where to save.
const FOLDER: &str = "BELIEFSCOPE_CRASH_TEST";

/// Work of which so many differ from each other in every byte.
const DIFFERENT: u64 = 3;

/// As much of it as takes the disk a while.
fn bulk(version: u64) -> String {
    let mut random = stream(88, Purpose::Sample, version % DIFFERENT);
    (0..300_000).map(|_| char::from(random.random_range(b' '..b'~'))).collect()
}

/// What is killed: saves one version after the other, and tells of each when it is saved.
#[test]
#[ignore = "run by the tests below"]
fn saves_until_it_is_killed() {
    let Some(all) = std::env::var_os(FOLDER) else { return };
    let autosave = Autosave::begin(Path::new(&all)).unwrap();
    let mut works: Vec<SavedWorkspace> =
        (0..DIFFERENT).map(|version| SavedWorkspace { program: bulk(version), ..Default::default() }).collect();
    for number in 0_u64.. {
        let work = &mut works[(number % DIFFERENT) as usize];
        work.title = number.to_string();
        autosave.save(work).unwrap();
        println!("\nsaved {number}");
    }
}

/// What was found after `rounds` kills.
#[derive(Debug, Default)]
struct Found {
    /// A file was being written, and its beginning lay about.
    half_written: usize,
    /// The work was whole, and the last that was told of or the next one.
    last: usize,
    next: usize,
    /// Killed before the first save was done.
    nothing_yet: usize,
}

fn kill(rounds: u64) -> Found {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let mut found = Found::default();
    for round in 0..rounds {
        let mut random = stream(89, Purpose::Sample, round);
        let all = folder.path().join(round.to_string());
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "--nocapture", "storage::autosave::tests::saves_until_it_is_killed"])
            .env(FOLDER, &all)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let told = BufReader::new(child.stdout.take().unwrap());
        let mut told = told.lines().filter_map(|line| line.unwrap().strip_prefix("saved ").map(str::to_owned));
        // Now and then before the first is done.
        let mut last: Option<u64> = (round % 20 > 0).then(|| told.next().unwrap().parse().unwrap());
        std::thread::sleep(Duration::from_micros(random.random_range(0..60_000)));
        // SIGKILL: nothing of it runs any more.
        child.kill().unwrap();
        child.wait().unwrap();
        last = told.last().map(|number| number.parse().unwrap()).or(last);

        let temporaries = temporaries(&all);
        assert!(temporaries <= 1, "round {round}: {temporaries} temporary files");
        found.half_written += temporaries;
        let mut orphans = orphaned_autosaves(&all).unwrap();
        assert_eq!(self::temporaries(&all), 0, "round {round}");
        let Some(orphan) = orphans.pop() else {
            assert_eq!(last, None, "round {round} lost what was saved");
            found.nothing_yet += 1;
            continue;
        };
        let work = orphan.load().unwrap();
        let number: u64 = work.title.parse().unwrap();
        assert!(work.program == bulk(number), "round {round}: not all of one version");
        match last {
            Some(last) if number == last => found.last += 1,
            // It was saved, and there was no time to tell.
            _ if number == last.map_or(0, |last| last + 1) => found.next += 1,
            _ => panic!("round {round}: version {number} was found after {last:?}"),
        }
        orphan.discard().unwrap();
        assert!(orphans.is_empty() && orphaned_autosaves(&all).unwrap().is_empty());
    }
    found
}

/// Files that were being written, in all places of `all`.
fn temporaries(all: &Path) -> usize {
    let in_folder = |folder: &Path| fs::read_dir(folder).map(|entries| entries.flatten().collect()).unwrap_or_default();
    let places: Vec<fs::DirEntry> = in_folder(all);
    let files = places.iter().flat_map(|place| -> Vec<fs::DirEntry> { in_folder(&place.path()) });
    files.filter(|file| file.file_name().to_string_lossy().starts_with(crate::storage::atomic::TEMPORARY)).count()
}

#[test]
fn killed_at_twenty_moments_a_program_leaves_whole_work() {
    let found = kill(20);
    assert!(found.last + found.next >= 15, "{found:?}");
}

#[test]
#[ignore = "takes a minute"]
fn killed_at_two_hundred_moments_a_program_leaves_whole_work() {
    let found = kill(200);
    println!("200 kills: {found:?}");
    assert!(found.half_written > 0 && found.last + found.next >= 180, "{found:?}");
}
